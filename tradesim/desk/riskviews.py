"""Risk as readers see it: limits, their use and the state of every account that is shown, and of the desk."""

import time
from collections.abc import Callable, Mapping

from msgspec import Struct

from tradesim.desk.market import Market
from tradesim.desk.views import AccountView
from tradesim.desk.worths import Worths
from tradesim.model.risk import RiskLimits, RiskState, RiskView
from tradesim.trading.risk import limits as limiting
from tradesim.trading.risk.limits import Worth
from tradesim.trading.risk.standing import DESK, RiskBook

SHOWN_S = 0.1
LimitsOf = Callable[[str], RiskLimits]


class Seen(Struct, frozen=True):
    """What an account was worth when its view was made."""

    view: AccountView
    version: int
    worth: Worth


class RiskViews:
    """Owned by the market thread. `limits` hold for an account, `own_limits` were set for it alone."""

    def __init__(self, book: RiskBook, worths: Worths, limits: LimitsOf, own_limits: LimitsOf) -> None:
        self._book, self._worths, self._limits, self._own_limits = book, worths, limits, own_limits
        self._seen: dict[str, Seen] = {}
        self._views: dict[str, RiskView] = {}
        self._shown_at, self._shown_version = 0.0, -1

    def of(self, accounts: Mapping[str, AccountView], market: Market) -> Mapping[str, RiskView]:
        """Of every account shown, and of the desk under the empty id; the same object as before where nothing changed.

        Asked after every turn. Limits and states are shown at once, their use a few times in a blink of the eye.
        """
        version, now = self._book.version, time.monotonic()
        is_news = version != self._shown_version or accounts.keys() != self._seen.keys()
        if not is_news and now - self._shown_at < SHOWN_S:
            return self._views
        stale = [
            account_id
            for account_id, view in accounts.items()
            if (seen := self._seen.get(account_id)) is None or seen.view is not view or seen.version != version
        ]
        if not (stale or self._seen.keys() - accounts.keys()):
            return self._views
        former, self._shown_at, self._shown_version = self._seen, now, version
        self._seen = {
            each: Seen(view, version, self._worths.of(each, market)) if each in stale else former[each]
            for each, view in accounts.items()
        }
        fresh = {each: self._drawn(each, self._seen[each].worth) for each in stale}
        fresh[DESK] = self._drawn(DESK, self._worths.together((seen.worth for seen in self._seen.values()), market))
        kept = {each: view for each, view in self._views.items() if each in accounts or each == DESK}
        self._views = {**kept, **{each: same_if_equal(kept.get(each), view) for each, view in fresh.items()}}
        return self._views

    def one(self, account_id: str, market: Market) -> RiskView:
        return self._drawn(account_id, self._worths.seen(account_id, market))

    def _drawn(self, account_id: str, worth: Worth) -> RiskView:
        limits, standing = self._limits(account_id), self._book.gravest(account_id)
        passed = limiting.still_passed(worth, limits) if standing.state is not RiskState.ACTIVE else None
        return RiskView(
            account_id=account_id,
            state=standing.state,
            cause=standing.cause,
            message=standing.message,
            since=standing.since,
            limits=limits,
            uses=limiting.uses(worth, limits),
            own_limits=self._own_limits(account_id),
            by=standing.by,
            is_desks=account_id != DESK and standing.account_id == DESK,
            still_passed=passed.message if passed else "",
        )


def same_if_equal(former: RiskView | None, view: RiskView) -> RiskView:
    return former if former == view and former is not None else view
