"""Asking Alpha Vantage: one function a question. Long histories are premium, so the short form is asked first."""

from collections.abc import Iterator
from datetime import date, datetime

from tradesim.kernel.clock import NS_PER_SECOND
from tradesim.kernel.errors import NotEntitled, NotOffered
from tradesim.model.feed import Capability, FeedBar, FeedQuote, Listing
from tradesim.model.market import Timeframe
from tradesim.providers.alphavantage import parse
from tradesim.providers.alphavantage.limits import BASE_URL, COMPACT_ROWS, LONGEST_MONTHS, QUOTAS
from tradesim.providers.contract import YES
from tradesim.providers.fields import NEW_YORK
from tradesim.providers.http import Params
from tradesim.providers.judging import by_reason
from tradesim.providers.vendor import Vendor, Wiring, judge_of, within

INTERVALS = {Timeframe.M1: "1min", Timeframe.M5: "5min", Timeframe.M15: "15min", Timeframe.H1: "60min"}
DAYS_PER_TRADING_DAY = 7 / 5
IS_OWN = by_reason(*parse.NOTICES)
OFFERED = {
    Capability.QUOTE: YES,
    Capability.BARS_INTRADAY: YES,
    Capability.BARS_DAILY: YES,
    Capability.SEARCH: YES,
    Capability.TRADES: "Alpha Vantage has no trades",
    Capability.BOOK: "Alpha Vantage has no order book",
    Capability.STREAM: "Alpha Vantage has no stream",
}


class AlphaVantage(Vendor):
    """The key goes in the address, as the vendor takes it nowhere else; it is cut out of everything that is shown."""

    id = parse.PROVIDER
    title = "Alpha Vantage"
    raw_bars = frozenset({Timeframe.D1})

    def __init__(self, key: str, wiring: Wiring, base_url: str = BASE_URL) -> None:
        self._key = key
        super().__init__(wiring, base_url, QUOTAS, OFFERED, judge_of(parse.judge, IS_OWN, is_of_bodies=True), (key,))

    def quote(self, symbol: str) -> FeedQuote:
        """Without bid and ask, and without a time of day but for currencies."""
        base, slash, quoted = symbol.partition("/")
        with self._standing.ask(Capability.QUOTE, "pair" if slash else "share"):
            if slash:
                names = {"from_currency": base, "to_currency": quoted}
                return parse.rate(*self._function("CURRENCY_EXCHANGE_RATE", names))
            return parse.quote(*self._function("GLOBAL_QUOTE", {"symbol": symbol}))

    def bars(self, symbol: str, timeframe: Timeframe, start: int, end: int) -> list[FeedBar]:
        if "/" in symbol:
            raise NotOffered(f"Alpha Vantage is not asked for bars of pairs like {symbol}")
        if timeframe is Timeframe.D1:
            return within(self._daily(symbol, start), start, end)
        if timeframe not in INTERVALS:
            raise NotOffered(f"Alpha Vantage has bars of 1m, 5m, 15m, 1h and 1D, not of {timeframe}")
        return within(list(self._intraday(symbol, timeframe, start, end)), start, end)

    def search(self, text: str) -> list[Listing]:
        """Of the United States alone: the desk has no other exchanges."""
        with self._standing.ask(Capability.SEARCH):
            found, _ = self._function("SYMBOL_SEARCH", {"keywords": text})
            return [each for each in parse.listings(found) if each.exchange == "United States"]

    def _daily(self, symbol: str, start: int) -> list[FeedBar]:
        covered_s = COMPACT_ROWS * DAYS_PER_TRADING_DAY * 86_400
        names = {"symbol": symbol}
        return self._series(
            Capability.BARS_DAILY, "TIME_SERIES_DAILY", names, symbol, Timeframe.D1, self._is_before(start, covered_s)
        )

    def _intraday(self, symbol: str, timeframe: Timeframe, start: int, end: int) -> Iterator[FeedBar]:
        names = {"symbol": symbol, "interval": INTERVALS[timeframe]}
        recent_s = COMPACT_ROWS * timeframe.seconds
        if not self._is_before(start, 30 * 86_400):
            yield from self._series(
                Capability.BARS_INTRADAY,
                "TIME_SERIES_INTRADAY",
                names,
                symbol,
                timeframe,
                self._is_before(start, recent_s),
            )
            return
        months = months_of(start, min(end, self._clock.now()))
        if len(months) > LONGEST_MONTHS:
            raise NotOffered(
                f"Alpha Vantage is asked for {LONGEST_MONTHS} months of minutes at most, not {len(months)}"
            )
        for month in months:
            named = {**names, "month": month}
            yield from self._series(
                Capability.BARS_INTRADAY, "TIME_SERIES_INTRADAY", named, symbol, timeframe, is_long=True
            )

    def _series(
        self,
        capability: Capability,
        function: str,
        names: Params,
        symbol: str,
        timeframe: Timeframe,
        is_long: bool,
    ) -> list[FeedBar]:
        """The long form where it is needed; the short one when the plan does not have it."""
        if is_long:
            try:
                with self._standing.ask(capability, "outputsize=full"):
                    return self._bars(function, {**names, "outputsize": "full"}, symbol, timeframe)
            except NotEntitled:
                if self.capabilities()[capability] != YES:
                    raise
        with self._standing.ask(capability):
            return self._bars(function, {**names, "outputsize": "compact"}, symbol, timeframe)

    def _bars(self, function: str, names: Params, symbol: str, timeframe: Timeframe) -> list[FeedBar]:
        found, received = self._function(function, names)
        return parse.bars(found, symbol, timeframe, received)

    def _function(self, function: str, names: Params) -> tuple[parse.Found, int]:
        found, received = self._ask("/query", {"function": function, **names, "apikey": self._key})
        return parse.body(found), received

    def _is_before(self, start: int, seconds: float) -> bool:
        return start < self._clock.now() - int(seconds * NS_PER_SECOND)


def months_of(start: int, end: int) -> list[str]:
    """`YYYY-MM` of each month of New York that [start, end) touches."""
    first, last = (datetime.fromtimestamp(moment // NS_PER_SECOND, NEW_YORK).date() for moment in (start, end - 1))
    months: list[str] = []
    each = date(first.year, first.month, 1)
    while each <= last:
        months.append(f"{each:%Y-%m}")
        each = date(each.year + each.month // 12, each.month % 12 + 1, 1)
    return months
