"""Asking Coinbase Exchange: products, prices, books, candles, past trades."""

from datetime import UTC, datetime

from tradesim.kernel.clock import NS_PER_SECOND, Clock
from tradesim.model.feed import FeedBar, FeedBook, FeedQuote, FeedTrade, Listing
from tradesim.model.market import Timeframe
from tradesim.providers.budget import Budgets
from tradesim.providers.coinbase import parse
from tradesim.providers.coinbase.limits import CANDLE_ROWS, MOST_PAGES, QUOTAS, TRADE_ROWS
from tradesim.providers.coinbase.naming import product_of
from tradesim.providers.coinbase.parse import PROVIDER
from tradesim.providers.hooks import NO_HOOKS, Hooks
from tradesim.providers.http import HttpClient
from tradesim.providers.judging import Answer, by_reason, must_be_own
from tradesim.providers.keyless import wire_timeframe

URL = "https://api.exchange.coinbase.com"
MAX_BYTES = 32 * 2**20
IS_OWN = by_reason("message")


class CoinbaseRest:
    """Raises the errors of kernel.errors."""

    def __init__(self, clock: Clock, url: str = URL, budgets: Budgets | None = None, hooks: Hooks = NO_HOOKS) -> None:
        budget = (budgets or Budgets(clock)).of(PROVIDER, QUOTAS)
        self.http = HttpClient(PROVIDER, url, clock, budget, max_bytes=MAX_BYTES, judge=judge, hooks=hooks)

    def listings(self) -> list[Listing]:
        return parse.listings(self.http.get("products").body)

    def quote(self, symbol: str) -> FeedQuote:
        answer = self._of(symbol, "ticker")
        return parse.rest_quote(answer.body, symbol, answer.received)

    def book(self, symbol: str) -> FeedBook:
        answer = self._of(symbol, "book", level=2)
        return parse.rest_book(answer.body, symbol, answer.received)

    def trades(self, symbol: str, before: int) -> list[FeedTrade]:
        """Up to 1,000 prints numbered below `before`, oldest first."""
        answer = self._of(symbol, "trades", limit=TRADE_ROWS, after=before)
        return parse.rest_trades(answer.body, symbol, answer.received)

    def bars(self, symbol: str, timeframe: Timeframe, start: int, end: int) -> list[FeedBar]:
        """The newest 6,000 of the span at most; windows where nothing traded are absent."""
        granularity = wire_timeframe(parse.GRANULARITIES, timeframe, "Coinbase")
        page = CANDLE_ROWS * timeframe.ns
        begin = max(start - start % timeframe.ns, end - MOST_PAGES * page)
        found: dict[int, FeedBar] = {}
        for at in range(begin, end, page):
            until = min(at + page, end) - timeframe.ns
            window = {"start": _iso(at), "end": _iso(max(at, until)), "granularity": granularity}
            answer = self._of(symbol, "candles", **window)
            found.update((bar.start, bar) for bar in parse.rest_bars(answer.body, symbol, timeframe, answer.received))
        return [found[at] for at in sorted(found) if start <= at < end]

    def _of(self, symbol: str, what: str, **params: str | int) -> Answer:
        return self.http.get(f"products/{product_of(symbol)}/{what}", params)


def _iso(moment: int) -> str:
    return datetime.fromtimestamp(moment // NS_PER_SECOND, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def judge(answer: Answer) -> None:
    must_be_own(answer, IS_OWN)
    if answer.status >= 400:
        raise parse.error_of(answer.status, answer.body)
