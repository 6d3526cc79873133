"""Asking Kraken: pairs, prices, depth, bars, past trades. One request a second."""

from tradesim.kernel.clock import NS_PER_SECOND, Clock
from tradesim.model.feed import FeedBar, FeedBook, FeedQuote, FeedTrade, Listing
from tradesim.model.market import Timeframe
from tradesim.providers.budget import Budgets
from tradesim.providers.hooks import NO_HOOKS, Hooks
from tradesim.providers.http import HttpClient
from tradesim.providers.judging import Answer, by_reason, must_be_own
from tradesim.providers.keyless import wire_timeframe
from tradesim.providers.kraken import parse
from tradesim.providers.kraken.limits import DEPTH_ROWS, QUOTAS, TRADE_ROWS
from tradesim.providers.kraken.naming import rest_name
from tradesim.providers.kraken.parse import PROVIDER

URL = "https://api.kraken.com"
IS_OWN = by_reason("error")


class KrakenRest:
    """Raises the errors of kernel.errors, Kraken's own in 200 bodies included."""

    def __init__(self, clock: Clock, url: str = URL, budgets: Budgets | None = None, hooks: Hooks = NO_HOOKS) -> None:
        self._clock = clock
        budget = (budgets or Budgets(clock)).of(PROVIDER, QUOTAS)
        self.http = HttpClient(PROVIDER, url, clock, budget, judge=judge, hooks=hooks)

    def status(self) -> parse.Status:
        return parse.system_status(self._get("SystemStatus").body)

    def listings(self) -> list[Listing]:
        return parse.listings(self._get("AssetPairs").body)

    def quote(self, symbol: str) -> FeedQuote:
        answer = self._get("Ticker", pair=rest_name(symbol))
        return parse.rest_quote(answer.body, symbol, answer.received)

    def book(self, symbol: str) -> FeedBook:
        answer = self._get("Depth", pair=rest_name(symbol), count=DEPTH_ROWS)
        return parse.rest_book(answer.body, symbol, answer.received)

    def trades(self, symbol: str, since: int) -> list[FeedTrade]:
        """Up to 1,000 prints after `since` (UTC ns), oldest first."""
        answer = self._get("Trades", pair=rest_name(symbol), since=since, count=TRADE_ROWS)
        return parse.rest_trades(answer.body, symbol, answer.received)

    def bars(self, symbol: str, timeframe: Timeframe, start: int, end: int) -> list[FeedBar]:
        """At most the latest 720, whatever `start` is."""
        interval = wire_timeframe(parse.MINUTES, timeframe, "Kraken")
        since = max(0, start // NS_PER_SECOND - 1)
        answer = self._get("OHLC", pair=rest_name(symbol), interval=interval, since=since)
        bars = parse.rest_bars(answer.body, symbol, timeframe, answer.received)
        return [bar for bar in bars if start <= bar.start < end]

    def _get(self, what: str, **params: str | int) -> Answer:
        return self.http.get(f"0/public/{what}", params)


def judge(answer: Answer) -> None:
    """The error in a 200 body; the body must be Kraken's."""
    must_be_own(answer, IS_OWN)
    if answer.status == 200:
        parse.result_of(answer.body)
