"""Asking Alpaca: keys in headers, and always the feed by name, as the plan's default is one that it refuses.

The free plan has all exchanges (SIP) once they are fifteen minutes old, and IEX alone until then.
"""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from tradesim.kernel.clock import NS_PER_SECOND
from tradesim.kernel.errors import BadPayload, NoData, NotEntitled, NotOffered, UnknownSymbol
from tradesim.model.corporate import Basis
from tradesim.model.feed import Capability, Feed, FeedBar, FeedBook, FeedQuote, FeedTrade, Listing
from tradesim.model.market import Timeframe
from tradesim.providers.alpaca import parse
from tradesim.providers.alpaca.assets import Assets
from tradesim.providers.alpaca.limits import (
    BASE_URL,
    COIN_STREAM_URL,
    LIVE_KEY,
    MOST_PAGES,
    PAGE,
    PAPER_URL,
    POLICY,
    QUOTAS,
    SIP_DELAY_S,
    STREAM_URL,
    TRADING_URL,
)
from tradesim.providers.alpaca.stream import AlpacaCoinTalk, AlpacaTalk
from tradesim.providers.budget import Budgets
from tradesim.providers.contract import YES
from tradesim.providers.http import HttpClient, Params
from tradesim.providers.judging import by_reason
from tradesim.providers.vendor import Vendor, Wiring, judge_of, within

SHARES, COINS = "/v2/stocks", "/v1beta3/crypto/us"
IS_OWN = by_reason("message")
OFFERED = {
    Capability.QUOTE: YES,
    Capability.TRADES: YES,
    Capability.BARS_INTRADAY: YES,
    Capability.BARS_DAILY: YES,
    Capability.STREAM: YES,
    Capability.BOOK: "Alpaca has no order book of shares; coins are under Alpaca crypto",
    Capability.SEARCH: "Alpaca's market data cannot be searched",
}


class Alpaca(Vendor):
    """Of shares. `feed` is what the plan has live: IEX on the free one, SIP on the paid."""

    id = "alpaca"
    title = "Alpaca"
    account = "alpaca"

    def __init__(
        self,
        key: str,
        secret: str,
        wiring: Wiring,
        feed: Feed = Feed.IEX,
        base_url: str = BASE_URL,
        stream_url: str = STREAM_URL,
    ) -> None:
        headers = {"APCA-API-KEY-ID": key, "APCA-API-SECRET-KEY": secret}
        secrets = (key, secret) if key and secret else ()
        judge = judge_of(parse.judge, IS_OWN)
        super().__init__(wiring, base_url, QUOTAS, self.offered(), judge, secrets, headers)
        budgets = wiring.budgets or Budgets(wiring.clock, wiring.store)
        self._trading = HttpClient(
            self.id,
            trading_url(base_url, key),
            wiring.clock,
            budgets.of(f"{self.account}_trading", QUOTAS, "/".join(secrets)),
            secrets,
            headers,
            wiring.timeouts,
            judge=judge,
            hooks=wiring.hooks,
        )
        self._assets = Assets(self._trading, wiring.clock, wiring.store)
        self._live = feed
        if secrets:
            self._connect(self._talk(stream_url, key, secret), POLICY)

    def _talk(self, stream_url: str, key: str, secret: str) -> AlpacaTalk:
        source, address = parse.Source(self.id, self._live), f"{stream_url}/{self._live}"
        return AlpacaTalk(address, key, secret, source, self._no_stream, self._wiring.holidays)

    def offered(self) -> dict[Capability, str]:
        return OFFERED

    def asset(self, symbol: str) -> Listing | None:
        return self._assets.of(symbol, self.id)

    def close(self) -> None:
        super().close()
        self._trading.close()

    def quote(self, symbol: str) -> FeedQuote:
        with self._standing.ask(Capability.QUOTE):
            found, received = self._ask(f"{self._root(symbol)}/snapshots", self._names(symbol, self._live))
            told = parse.snapshots(found, self._source(symbol, self._live), received)
            if not told and symbol in parse.unknown_symbols(found):
                raise UnknownSymbol(f"{self.title} knows no {symbol}")
            if not told:
                raise NoData(f"{self.title} has neither quote nor trade of {symbol}")
            return told[0]

    def book(self, symbol: str) -> FeedBook:
        with self._standing.ask(Capability.BOOK):
            found, received = self._ask(f"{COINS}/latest/orderbooks", {"symbols": symbol})
            told = parse.books(found, self._source(symbol, self._live), received)
            if not told:
                raise NoData(f"{self.title} has no order book of {symbol} now")
            return told[0]

    def bars(self, symbol: str, timeframe: Timeframe, start: int, end: int) -> list[FeedBar]:
        """Split-adjusted. Of all exchanges where they are old enough; each bar's origin says which it is."""
        if timeframe not in parse.TIMEFRAMES:
            raise NotOffered(f"{self.title} has bars of 1m, 5m, 15m, 1h, 4h and 1D, not of {timeframe}")
        return self._on_basis(Basis.SPLIT, symbol, timeframe, start, end)

    def adjusted_days(self, symbol: str, basis: Basis, start: int, end: int) -> list[FeedBar]:
        return self._on_basis(basis, symbol, Timeframe.D1, start, end)

    def trades(self, symbol: str, start: int, end: int) -> list[FeedTrade]:
        """Prints in [start, end) of the live feed, oldest first."""
        made: list[FeedTrade] = []
        names = {**self._names(symbol, self._live), **_span(start, end), "limit": PAGE, "sort": "asc"}
        with self._standing.ask(Capability.TRADES):
            for found, received in self._pages(f"{self._root(symbol)}/trades", names):
                made += parse.trades(found, self._source(symbol, self._live), received)
        return made

    def _parts(self, symbol: str, timeframe: Timeframe, start: int, end: int) -> list[tuple[Feed, int, int]]:
        """Which feed tells which part of [start, end)."""
        if "/" in symbol or self._live is not Feed.IEX:
            return [(self._live, start, end)]
        old = (self._clock.now() - SIP_DELAY_S * NS_PER_SECOND) // timeframe.ns * timeframe.ns
        parts = [(Feed.SIP, start, min(end, old)), (Feed.IEX, max(start, old), end)]
        return [part for part in parts if part[1] < part[2]]

    def _on_basis(self, basis: Basis, symbol: str, timeframe: Timeframe, start: int, end: int) -> list[FeedBar]:
        made: list[FeedBar] = []
        for feed, first, last in self._parts(symbol, timeframe, start, end):
            made += self._bars_of(feed, basis, symbol, timeframe, first, last)
        return within(made, start, end)

    def _bars_of(
        self, feed: Feed, basis: Basis, symbol: str, timeframe: Timeframe, start: int, end: int
    ) -> list[FeedBar]:
        """The live feed's bars where the plan does not have SIP's."""
        capability = Capability.BARS_DAILY if timeframe is Timeframe.D1 else Capability.BARS_INTRADAY
        try:
            with self._standing.ask(capability, feed):
                return list(self._bars(feed, basis, symbol, timeframe, start, end))
        except NotEntitled:
            if feed is self._live or self.capabilities()[capability] != YES:
                raise
        return self._bars_of(self._live, basis, symbol, timeframe, start, end)

    def _bars(
        self, feed: Feed, basis: Basis, symbol: str, timeframe: Timeframe, start: int, end: int
    ) -> Iterator[FeedBar]:
        names = {**self._names(symbol, feed), **_span(start, end)}
        names |= {"timeframe": parse.TIMEFRAMES[timeframe], "limit": PAGE, "sort": "asc"}
        if "/" not in symbol:
            names["adjustment"] = basis.value
        for found, received in self._pages(f"{self._root(symbol)}/bars", names):
            yield from parse.bars(found, timeframe, self._source(symbol, feed), received)

    def _pages(self, path: str, names: Params) -> Iterator[tuple[Any, int]]:
        """Raises BadPayload when the pages do not end."""
        token: str | None = ""
        for _ in range(MOST_PAGES):
            found, received = self._ask(path, {**names, "page_token": token} if token else names)
            yield found, received
            token = parse.next_page(found)
            if token is None:
                return
        raise BadPayload(f"Alpaca's pages must end, did not after {MOST_PAGES}")

    def _names(self, symbol: str, feed: Feed) -> dict[str, str | int]:
        return {"symbols": symbol} if "/" in symbol else {"symbols": symbol, "feed": feed.value}

    def _root(self, symbol: str) -> str:
        return COINS if "/" in symbol else SHARES

    def _source(self, symbol: str, feed: Feed) -> parse.Source:
        return parse.Source(self.id, Feed.CRYPTO if "/" in symbol else feed)

    def _no_stream(self, sentence: str) -> None:
        self._standing.refuse(Capability.STREAM, sentence)


class IexViaAlpaca(Alpaca):
    """The exchange IEX alone, which is all that its name promises: no bar of other exchanges is mixed in."""

    id = "iex_alpaca"
    title = "IEX via Alpaca, about 2-3 % of volume"

    def __init__(
        self, key: str, secret: str, wiring: Wiring, base_url: str = BASE_URL, stream_url: str = STREAM_URL
    ) -> None:
        super().__init__(key, secret, wiring, Feed.IEX, base_url, stream_url)

    def offered(self) -> dict[Capability, str]:
        return {**OFFERED, Capability.BOOK: "the free IEX feed has quotes and no order book; HIST captures have one"}

    def book(self, symbol: str) -> FeedBook:
        raise NotOffered(f"{self.title}: {self.offered()[Capability.BOOK]}")

    def _parts(self, symbol: str, timeframe: Timeframe, start: int, end: int) -> list[tuple[Feed, int, int]]:
        return [(Feed.IEX, start, end)]


class AlpacaCrypto(Alpaca):
    """Coins: real order books with a free key, on an endpoint of their own."""

    id = "alpaca_crypto"
    title = "Alpaca crypto"

    def __init__(
        self, key: str, secret: str, wiring: Wiring, base_url: str = BASE_URL, stream_url: str = COIN_STREAM_URL
    ) -> None:
        super().__init__(key, secret, wiring, Feed.CRYPTO, base_url, stream_url)

    def offered(self) -> dict[Capability, str]:
        return {**OFFERED, Capability.BOOK: YES}

    def _talk(self, stream_url: str, key: str, secret: str) -> AlpacaTalk:
        source = parse.Source(self.id, Feed.CRYPTO)
        return AlpacaCoinTalk(stream_url, key, secret, source, self._no_stream, self._wiring.holidays)


def trading_url(base_url: str, key: str) -> str:
    """Of the account that the key is of. Where market data is asked of another host, that has both."""
    if base_url != BASE_URL:
        return base_url
    return TRADING_URL if key.startswith(LIVE_KEY) else PAPER_URL


def _span(start: int, end: int) -> dict[str, str | int]:
    """Both ends are inclusive with the vendor."""
    return {"start": stamp(start), "end": stamp(end - 1)}


def stamp(moment: int) -> str:
    second, rest = divmod(moment, NS_PER_SECOND)
    return f"{datetime.fromtimestamp(second, UTC):%Y-%m-%dT%H:%M:%S}.{rest:09d}Z"
