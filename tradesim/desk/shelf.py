"""The accounts of the open world as readers see them: made anew when something was done in one, or it is looked at.

Where its orders stand in their queues is not looked up for every order that it sends, but like a change of price.
A change of price alone makes a new view of those accounts only that somebody watches, a few times in a blink of the
eye: a hundred idle accounts cost the order path nothing.
"""

import time
from collections.abc import Callable, Mapping

from tradesim.desk.accounts import account_view, symbols_of
from tradesim.desk.market import Market
from tradesim.desk.views import AccountView
from tradesim.model.accounts import Account
from tradesim.model.venue import QueuePosition
from tradesim.trading.state import TradingState
from tradesim.trading.valuation import Touch

REMARK_S = 0.03
WATCHED_S = 10.0
TouchesOf = Callable[[Account], Mapping[str, Touch]]


class AccountShelf:
    """Owned by the market thread; `watch` and `is_exact` may be called from any."""

    def __init__(self, state: TradingState, touches: TouchesOf) -> None:
        self._state, self._touches = state, touches
        self._watched: dict[str, float] = {}
        self._due: set[str] = set()
        self._stale: set[str] = set()
        self._unplaced: set[str] = set()
        self._marked_at, self._marked_in = 0.0, ""

    def watch(self, account_id: str) -> bool:
        """Somebody looks at the account; whether its view is as good as it gets without asking the market thread."""
        now = time.monotonic()
        was_watched = now - self._watched.get(account_id, 0.0) < WATCHED_S
        self._watched[account_id] = now
        return was_watched or account_id not in self._stale

    def is_exact(self, account_id: str) -> bool:
        """Whether its view is that of this very moment, prices and places in the queue too."""
        return account_id not in self._unplaced and account_id not in self._due

    def demand(self, account_id: str) -> None:
        """Value it anew at the end of this turn, when all that was decided in it is durable."""
        self._due.add(account_id)
        self._marked_at = 0.0

    def refresh(
        self, shown: Mapping[str, AccountView], market: Market, changed: frozenset[str]
    ) -> Mapping[str, AccountView]:
        """`shown` itself when nothing is new."""
        now = time.monotonic()
        is_other = self._marked_in != market.session_id
        fresh: dict[str, AccountView] = {}
        here = 0
        if now - self._marked_at >= REMARK_S:
            self._due |= self._unplaced
            self._unplaced.clear()
        for account_id, portfolio in self._state.portfolios.items():
            account = portfolio.account
            if not account.trades_in(market.world):
                continue
            here += 1
            former = None if is_other else shown.get(account_id)
            if former is None:
                fresh[account_id] = self.view(account_id, market)
            elif former.version != portfolio.version:
                fresh[account_id] = self.view(account_id, market, former, former.queue)
                (self._unplaced if self._is_watched(account_id, market, now) else self._stale).add(account_id)
            elif changed and account_id not in self._due and self._moves(account_id, changed):
                (self._due if self._is_watched(account_id, market, now) else self._stale).add(account_id)
        if self._due and now - self._marked_at >= REMARK_S:
            fresh |= {each: self.view(each, market, shown.get(each)) for each in sorted(self._due) if each in shown}
            self._stale -= self._due
            self._unplaced -= self._due
            self._due.clear()
            self._marked_at = now
        self._marked_in = market.session_id
        if is_other:
            return fresh
        if not fresh and here == len(shown):
            return shown
        return {**{each: view for each, view in shown.items() if self._is_here(each, market)}, **fresh}

    def view(
        self,
        account_id: str,
        market: Market,
        former: AccountView | None = None,
        queue: Mapping[str, QueuePosition] | None = None,
    ) -> AccountView:
        """Made now, but for its places in the queue when they are given. Raises KeyError for an unknown account."""
        portfolio = self._state.portfolios[account_id]
        return account_view(portfolio, market, self._touches(portfolio.account), former, queue)

    def _moves(self, account_id: str, changed: frozenset[str]) -> bool:
        return not symbols_of(self._state.portfolios[account_id]).isdisjoint(changed)

    def _is_watched(self, account_id: str, market: Market, now: float) -> bool:
        return account_id == market.account_id or now - self._watched.get(account_id, 0.0) < WATCHED_S

    def _is_here(self, account_id: str, market: Market) -> bool:
        portfolio = self._state.portfolios.get(account_id)
        return portfolio is not None and portfolio.account.trades_in(market.world)
