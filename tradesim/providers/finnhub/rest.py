"""Asking Finnhub: the key in a header. Bars, bid and ask are of paid plans; the first refusal is remembered."""

from datetime import date

from tradesim.kernel.clock import NS_PER_SECOND
from tradesim.kernel.errors import NotOffered
from tradesim.model.corporate import Dividend, Split
from tradesim.model.feed import Capability, FeedBar, FeedQuote, Listing
from tradesim.model.market import Timeframe
from tradesim.providers.contract import YES
from tradesim.providers.finnhub import parse
from tradesim.providers.finnhub.limits import BASE_URL, LONGEST_INTRADAY_S, POLICY, QUOTAS, STREAM_URL
from tradesim.providers.finnhub.stream import FinnhubTalk
from tradesim.providers.judging import by_reason
from tradesim.providers.vendor import Vendor, Wiring, judge_of, within

API = "/api/v1"
IS_OWN = by_reason("error", plainly="api key|access to this resource")
OFFERED = {
    Capability.QUOTE: YES,
    Capability.TRADES: YES,
    Capability.BARS_INTRADAY: YES,
    Capability.BARS_DAILY: YES,
    Capability.SEARCH: YES,
    Capability.STREAM: YES,
    Capability.BOOK: "Finnhub has no order book",
}


class Finnhub(Vendor):
    """Quotes have a last price and no bid and ask; live trades come by the stream."""

    id = parse.PROVIDER
    title = "Finnhub"
    raw_bars = frozenset(parse.RESOLUTIONS) - {Timeframe.D1}

    def __init__(self, key: str, wiring: Wiring, base_url: str = BASE_URL, stream_url: str = STREAM_URL) -> None:
        headers = {"X-Finnhub-Token": key}
        super().__init__(wiring, base_url, QUOTAS, OFFERED, judge_of(parse.judge, IS_OWN), (key,), headers)
        if key:
            self._connect(FinnhubTalk(stream_url, key, wiring.holidays), POLICY)

    def quote(self, symbol: str) -> FeedQuote:
        with self._standing.ask(Capability.QUOTE):
            found, received = self._ask(f"{API}/quote", {"symbol": parse.spelled(symbol)})
            return parse.quote(found, symbol, received)

    def bars(self, symbol: str, timeframe: Timeframe, start: int, end: int) -> list[FeedBar]:
        """At most a month of minutes a call, so longer ranges are several."""
        if timeframe not in parse.RESOLUTIONS:
            raise NotOffered(f"Finnhub has bars of 1m, 5m, 15m, 1h and 1D, not of {timeframe}")
        is_daily = timeframe is Timeframe.D1
        capability = Capability.BARS_DAILY if is_daily else Capability.BARS_INTRADAY
        step = (end - start) if is_daily else LONGEST_INTRADAY_S * NS_PER_SECOND
        made: list[FeedBar] = []
        with self._standing.ask(capability):
            for first in range(start, end, max(1, step)):
                made += self._candles(symbol, timeframe, first, min(end, first + step))
        return within(made, start, end)

    def search(self, text: str) -> list[Listing]:
        """Of the United States alone: the desk has no other exchanges."""
        with self._standing.ask(Capability.SEARCH):
            found, _ = self._ask(f"{API}/search", {"q": text, "exchange": "US"})
            return [each for each in parse.listings(found) if is_american(each)]

    def market_status(self) -> parse.MarketStatus:
        found, _ = self._ask(f"{API}/stock/market-status", {"exchange": "US"})
        return parse.market_status(found)

    def holidays(self) -> list[parse.Holiday]:
        found, _ = self._ask(f"{API}/stock/market-holiday", {"exchange": "US"})
        return parse.holidays(found)

    def corporate_actions(self, symbol: str, first: date, last: date) -> list[Dividend | Split]:
        """Of paid plans."""
        names = {"symbol": parse.spelled(symbol), "from": first.isoformat(), "to": last.isoformat()}
        splits, _ = self._ask(f"{API}/stock/split", names)
        dividends, _ = self._ask(f"{API}/stock/dividend", names)
        return [*parse.splits(splits), *parse.dividends(dividends)]

    def _candles(self, symbol: str, timeframe: Timeframe, start: int, end: int) -> list[FeedBar]:
        kind = "stock" if "/" not in symbol else "forex" if parse.spelled(symbol).startswith("OANDA") else "crypto"
        names: dict[str, str | int] = {
            "symbol": parse.spelled(symbol),
            "resolution": parse.RESOLUTIONS[timeframe],
            "from": start // NS_PER_SECOND,
            "to": (end - 1) // NS_PER_SECOND,
        }
        found, received = self._ask(f"{API}/{kind}/candle", names)
        return parse.bars(found, symbol, timeframe, received)


def is_american(listing: Listing) -> bool:
    """Listings elsewhere end in the exchange's letters (`AAPL.SW`); share classes are one letter (`BRK.B`)."""
    return len(listing.symbol.partition(".")[2]) < 2
