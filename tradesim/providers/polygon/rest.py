"""Asking Polygon (Massive): the key in a header, on both hosts. The free plan has aggregates of past days alone."""

import logging
import threading
from collections.abc import Iterator
from contextlib import suppress
from datetime import date
from typing import Any

from tradesim.kernel.clock import NS_PER_MS, NS_PER_SECOND
from tradesim.kernel.errors import BadPayload, NoData, ProviderError
from tradesim.model.corporate import Dividend, Split
from tradesim.model.feed import Capability, FeedBar, FeedBook, FeedQuote, FeedTrade, Listing
from tradesim.model.market import Timeframe
from tradesim.providers.connection import Connection
from tradesim.providers.contract import YES
from tradesim.providers.decoding import decoded
from tradesim.providers.fields import NEW_YORK, ns_of_wall
from tradesim.providers.http import Params
from tradesim.providers.judging import by_reason
from tradesim.providers.polygon import conditions, envelope, naming, prices, reference
from tradesim.providers.polygon.limits import BASE_URL, MOST_PAGES, PAGE, POLICY, QUOTAS, STREAM_URL
from tradesim.providers.polygon.stream import PolygonTalk
from tradesim.providers.polygon.tickers import Tickers
from tradesim.providers.standing import NotThisTime
from tradesim.providers.vendor import Vendor, Wiring, judge_of, within

logger = logging.getLogger(__name__)

TRADES_PAGE = 50_000
CONDITIONS_PLACE, CONDITIONS_S = "polygon/1/conditions", 86_400.0
IS_OWN = by_reason("status", "error", "message")
OFFERED = {
    Capability.QUOTE: YES,
    Capability.TRADES: YES,
    Capability.BARS_INTRADAY: YES,
    Capability.BARS_DAILY: YES,
    Capability.SEARCH: YES,
    Capability.STREAM: YES,
    Capability.BOOK: "Polygon has no order book of shares, and its crypto socket is not listened to: no session of it "
    "was ever recorded",
}


class Polygon(Vendor):
    """`base_url` and `stream_url` may be of either name of the vendor, or of the delayed stream."""

    id = naming.PROVIDER
    title = "Polygon (Massive)"

    def __init__(self, key: str, wiring: Wiring, base_url: str = BASE_URL, stream_url: str = STREAM_URL) -> None:
        headers = {"Authorization": f"Bearer {key}"}
        super().__init__(wiring, base_url, QUOTAS, OFFERED, judge_of(envelope.judge, IS_OWN), (key,), headers)
        self._base_url = base_url
        self._conditions = conditions.Conditions()
        self._closed_day = 0
        self._is_learning = False
        self._tickers = Tickers(wiring.store)
        if key:
            talk = PolygonTalk(stream_url, key, lambda: self._conditions, self._no_stream, wiring.holidays)
            self._connect(talk, POLICY)

    def quote(self, symbol: str) -> FeedQuote:
        """The snapshot: bid, ask, last and previous close. Of paid plans."""
        with self._standing.ask(Capability.QUOTE):
            path = f"/v2/snapshot/locale/us/markets/stocks/tickers/{naming.spelled(symbol)}"
            if "/" in symbol:
                path = f"/v2/snapshot/locale/global/markets/crypto/tickers/{naming.spelled(symbol)}"
            found = prices.snapshots(*self._ask(path))
            if not found:
                raise NoData(f"Polygon has no snapshot of {symbol} today")
            return found[0]

    def book(self, symbol: str) -> FeedBook:
        """Of crypto alone, on paid plans."""
        if "/" not in symbol:
            return super().book(symbol)
        path = f"/v2/snapshot/locale/global/markets/crypto/tickers/{naming.spelled(symbol)}/book"
        return prices.crypto_book(*self._ask(path))

    def bars(self, symbol: str, timeframe: Timeframe, start: int, end: int) -> list[FeedBar]:
        """Split-adjusted. Where today is not in the plan before it has ended, what is before today is given."""
        midnight = self._midnight()
        if self._closed_day == midnight:
            end = min(end, midnight)
        if end <= start:
            return []
        try:
            return self._bars(symbol, timeframe, start, end)
        except NotThisTime as refused:
            if "end of day" not in str(refused) or not start < midnight < end:
                raise
            self._closed_day = midnight
            return self._bars(symbol, timeframe, start, midnight)

    def trades(self, symbol: str, start: int, end: int) -> list[FeedTrade]:
        """Prints in [start, end), oldest first. Of paid plans."""
        names: dict[str, str | int] = {
            "timestamp.gte": start,
            "timestamp.lt": end,
            "order": "asc",
            "limit": TRADES_PAGE,
        }
        made: list[FeedTrade] = []
        with self._standing.ask(Capability.TRADES):
            for found, received in self._pages(f"/v3/trades/{naming.spelled(symbol)}", names):
                made += prices.trades(found, symbol, received, self._conditions)
        return made

    def search(self, text: str) -> list[Listing]:
        with self._standing.ask(Capability.SEARCH):
            names: Params = {"search": text, "active": "true", "market": "stocks", "limit": 50}
            found, _ = self._ask("/v3/reference/tickers", names)
            listings = reference.listings(found)
        self._tickers.found(listings)
        return listings

    def asset(self, symbol: str) -> Listing | None:
        return self._tickers.of(symbol)

    def stream(self) -> Connection | None:
        """The vendor's sale conditions are learned beside it; until then the usual ones count."""
        if self._connection is not None and not self._is_learning:
            self._is_learning = True
            threading.Thread(target=self._learn_once, name="polygon-conditions", daemon=True).start()
        return self._connection

    def learn_conditions(self) -> None:
        """What each sale condition changes, by the vendor's own rules: asked for once a day. Raises as any question."""
        store = self._wiring.store
        kept = store.get(CONDITIONS_PLACE) if store is not None else None
        if isinstance(kept, str):
            with suppress(BadPayload):
                self._conditions = conditions.conditions(decoded(kept))
                return
        answer = self._http.get("/v3/reference/conditions", {"asset_class": "stocks", "limit": 1000}, background=True)
        self._conditions = conditions.conditions(answer.json())
        if store is not None:
            store.set(CONDITIONS_PLACE, answer.text, CONDITIONS_S)

    def _learn_once(self) -> None:
        try:
            self.learn_conditions()
        except ProviderError as error:
            logger.warning("the usual sale conditions are used: %s", self._http.redact(error))

    def corporate_actions(self, symbol: str, first: date, last: date) -> list[Dividend | Split]:
        days = {"gte": first.isoformat(), "lte": last.isoformat()}
        names: Params = {"ticker": naming.spelled(symbol), "limit": 1000}
        of_split = {f"execution_date.{bound}": day for bound, day in days.items()}
        of_dividend = {f"ex_dividend_date.{bound}": day for bound, day in days.items()}
        splits, _ = self._ask("/v3/reference/splits", {**names, **of_split})
        dividends, _ = self._ask("/v3/reference/dividends", {**names, **of_dividend})
        return [*reference.splits(splits), *reference.dividends(dividends)]

    def _bars(self, symbol: str, timeframe: Timeframe, start: int, end: int) -> list[FeedBar]:
        capability = Capability.BARS_DAILY if timeframe is Timeframe.D1 else Capability.BARS_INTRADAY
        count, span = prices.SPANS[timeframe]
        first, last = start // NS_PER_MS, (end - 1) // NS_PER_MS
        path = f"/v2/aggs/ticker/{naming.spelled(symbol)}/range/{count}/{span}/{first}/{last}"
        made: list[FeedBar] = []
        with self._standing.ask(capability, f"{timeframe} {self._day(start)} {self._day(end - 1)}"):
            for found, received in self._pages(path, {"adjusted": "true", "sort": "asc", "limit": PAGE}):
                made += prices.bars(found, symbol, timeframe, received)
        return within(made, start, end)

    def _pages(self, path: str, names: Params) -> Iterator[tuple[Any, int]]:
        """Raises BadPayload when a page points to another host, or when they do not end."""
        address: str | None = path
        for _ in range(MOST_PAGES):
            if address is None:
                return
            found, received = self._ask(address, names if address == path else None)
            yield found, received
            address = envelope.next_page(found, self._base_url)
        if address is not None:
            raise BadPayload(f"Polygon's pages must end, did not after {MOST_PAGES}")

    def _midnight(self) -> int:
        return ns_of_wall(self._day(self._clock.now()), NEW_YORK, "today")

    def _day(self, moment: int) -> str:
        return prices.date_in_new_york(max(NS_PER_SECOND, moment)).isoformat()

    def _no_stream(self, sentence: str) -> None:
        self._standing.refuse(Capability.STREAM, sentence)
