"""Asking Binance: its list, prices, depth, bars, past trades. Counted by weight."""

from tradesim.kernel.clock import NS_PER_MS, Clock
from tradesim.model.feed import FeedBar, FeedBook, FeedQuote, FeedTrade, Listing
from tradesim.model.market import Timeframe
from tradesim.providers.binance import parse
from tradesim.providers.binance.limits import (
    DEPTH_ROWS,
    KLINE_ROWS,
    KLINE_WEIGHT,
    LISTING_WEIGHT,
    MOST_PAGES,
    PROBE_ROWS,
    QUOTAS,
    QUOTE_WEIGHT,
    TRADE_ROWS,
    TRADES_WEIGHT,
    depth_weight,
)
from tradesim.providers.binance.naming import binance_name
from tradesim.providers.binance.parse import PROVIDER, DepthSnapshot
from tradesim.providers.budget import Budgets
from tradesim.providers.hooks import NO_HOOKS, Hooks
from tradesim.providers.http import HttpClient
from tradesim.providers.judging import Answer, by_reason, must_be_own
from tradesim.providers.keyless import wire_timeframe

URL = "https://data-api.binance.vision"
MAX_BYTES = 32 * 2**20
IS_OWN = by_reason("msg")


class BinanceRest:
    """Raises the errors of kernel.errors."""

    def __init__(self, clock: Clock, url: str = URL, budgets: Budgets | None = None, hooks: Hooks = NO_HOOKS) -> None:
        budget = (budgets or Budgets(clock)).of(PROVIDER, QUOTAS)
        self.http = HttpClient(PROVIDER, url, clock, budget, max_bytes=MAX_BYTES, judge=judge, hooks=hooks)

    def listings(self) -> list[Listing]:
        params = {"permissions": "SPOT", "showPermissionSets": "false"}
        return parse.listings(self.http.get("api/v3/exchangeInfo", params, weight=LISTING_WEIGHT).body)

    def quote(self, symbol: str) -> FeedQuote:
        answer = self._get("ticker/24hr", symbol, QUOTE_WEIGHT)
        return parse.rest_quote(answer.body, symbol, answer.received)

    def book(self, symbol: str) -> FeedBook:
        answer = self._depth(symbol, DEPTH_ROWS)
        return parse.rest_book(answer.body, symbol, answer.received)

    def snapshot(self, symbol: str) -> DepthSnapshot:
        """Where a streamed book begins."""
        return parse.snapshot_of(self._depth(symbol, DEPTH_ROWS).body)

    def probe(self, symbol: str) -> DepthSnapshot:
        """A cheap one: has the book moved?"""
        return parse.snapshot_of(self._depth(symbol, PROBE_ROWS).body)

    def trades(self, symbol: str) -> list[FeedTrade]:
        """The newest 1,000 prints, oldest first."""
        answer = self._get("trades", symbol, TRADES_WEIGHT, limit=TRADE_ROWS)
        return parse.rest_trades(answer.body, symbol, answer.received)

    def bars(self, symbol: str, timeframe: Timeframe, start: int, end: int) -> list[FeedBar]:
        """The newest 20,000 of the span at most."""
        interval = wire_timeframe(parse.INTERVALS, timeframe, "Binance")
        page = KLINE_ROWS * timeframe.ns
        bars: list[FeedBar] = []
        at = max(start, end - MOST_PAGES * page)
        while at < end:
            found = self._page(symbol, timeframe, interval, at, end)
            bars += found
            if len(found) < KLINE_ROWS:
                break
            at = found[-1].start + timeframe.ns
        return [bar for bar in bars if start <= bar.start < end]

    def _page(self, symbol: str, timeframe: Timeframe, interval: str, start: int, end: int) -> list[FeedBar]:
        span = {"startTime": start // NS_PER_MS, "endTime": end // NS_PER_MS - 1, "limit": KLINE_ROWS}
        answer = self._get("klines", symbol, KLINE_WEIGHT, interval=interval, **span)
        return parse.rest_bars(answer.body, symbol, timeframe, answer.received)

    def _depth(self, symbol: str, rows: int) -> Answer:
        return self._get("depth", symbol, depth_weight(rows), limit=rows)

    def _get(self, what: str, symbol: str, weight: int, **params: str | int) -> Answer:
        return self.http.get(f"api/v3/{what}", {"symbol": binance_name(symbol), **params}, weight=weight)


def judge(answer: Answer) -> None:
    must_be_own(answer, IS_OWN)
    if answer.status >= 400:
        raise parse.error_of(answer.status, answer.body, answer.headers)
