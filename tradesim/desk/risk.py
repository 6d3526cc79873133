"""The gate before every order, and the watch over every account after it. Owned by the market thread.

The order desk asks `stop` and `refusal` before it takes an order, tells `refused` when it does not, and lets `look`
see what came of it. What the gate decides is recorded as events, through the order desk.
"""

import logging
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from decimal import Decimal
from functools import singledispatchmethod
from typing import Any, Protocol

from msgspec import Struct

from tradesim.desk.charts import bars_due
from tradesim.desk.market import Market
from tradesim.desk.riskviews import RiskViews
from tradesim.desk.views import AccountView, ThrottleView
from tradesim.desk.worths import Worths, accounts_here
from tradesim.kernel.clock import NS_PER_MS, NS_PER_SECOND
from tradesim.model.accounts import Account
from tradesim.model.commands import CountRefusal, Flatten, Kill, Reactivate, SetRiskLimits, SubmitOrder
from tradesim.model.events import DeskEvent, DeskMarked, EquityMarked, RiskLimitsSet, RiskStateChanged
from tradesim.model.orders import Order, Rejection, Throttled
from tradesim.model.risk import KillMode, RiskLimits, RiskState, RiskView, SourceView
from tradesim.model.venue import CancelCause
from tradesim.trading import checks
from tradesim.trading.risk import limits as limiting
from tradesim.trading.risk import pretrade
from tradesim.trading.risk.limits import Worth
from tradesim.trading.risk.runaway import Verdict
from tradesim.trading.risk.standing import DESK, RiskBook, next_multiple
from tradesim.trading.state import TradingState
from tradesim.trading.valuation import Touch, reserved_price, stop_now
from tradesim.trading.working import closes_already, opening_orders, recent_orders, working_orders

logger = logging.getLogger(__name__)

PERSON = "person"
GUARD = "guard"
LIMIT = "limit"
KILL_SWITCH = "kill switch"
"""Where an order came from that closes what was held when the switch was pulled."""
BY_SWITCH = "Cancelled by the kill switch."
BY_LIMIT, BY_GUARD = "Cancelled by a risk limit:", "Cancelled by the runaway guard:"
"""What the trader reads of an order that was cancelled for him; a sentence of the limit or the guard follows."""
ZERO = Decimal(0)
LOOK_NS, MARK_NS = NS_PER_SECOND, 60 * NS_PER_SECOND
KEPT_THROTTLES = 256
HIGHER = Decimal("1.0005")
"""A new high is kept at once where it is so much above the last one, else within a minute."""


class Looked(Struct, frozen=True):
    """What the accounts were last looked at for: a second, or a fill in it."""

    session: str = ""
    minute: int = -1
    second: int = -1
    fills: int = -1

    @classmethod
    def at(cls, market: Market, fills: int) -> "Looked":
        return cls(market.session_id, market.reached // MARK_NS, market.reached // LOOK_NS, fills)


class Rules(Protocol):
    @property
    def limits(self) -> RiskLimits: ...


class Orders(Protocol):
    """The order desk, as far as the gate needs it."""

    state: TradingState

    @property
    def rules(self) -> Rules: ...

    def record(self, event: DeskEvent) -> None: ...

    def handle(self, command: Any, market: Market) -> Any: ...

    def call_back(self, orders: list[Order], market: Market, why: str) -> None: ...

    def drop(self, orders: list[Order], now: int, cause: CancelCause, message: str) -> None: ...


class RiskDesk:
    """`limits` of an account are what was set for it and for the desk, the stricter of each."""

    def __init__(self, orders: Orders) -> None:
        self._orders = orders
        self._is_standing_aside = False
        self._looked = Looked()
        self._limits: dict[str, tuple[RiskLimits, RiskLimits, RiskLimits]] = {}
        self._worths = Worths(orders.state)
        self._views = RiskViews(orders.state.risk, self._worths, self.limits, self._own_limits)
        self._throttles: dict[tuple[str, str], ThrottleView] = {}

    # -- before an order ------------------------------------------------------------------------------------------

    def stop(self, command: SubmitOrder, market: Market) -> Rejection | None:
        """Asked before all else: whether anything is taken from this account and source now. Counts the attempt."""
        if self._is_standing_aside:
            return None
        standing = self._book.gravest(command.account_id)
        halted = pretrade.halted(standing.state, standing.message)
        if halted:
            return halted
        usual = self.limits(command.account_id).usual_orders_per_second
        verdict = self._book.guard.verdict(command.account_id, command.source, market.reached, usual)
        if verdict is None:
            return None
        if verdict.is_halt:
            return self._halt_runaway(command.account_id, verdict, market)
        throttled = Throttled("throttled", verdict.message, retry_after_s=verdict.retry_after_s)
        self._note_throttle(command, throttled, market)
        return throttled

    def refusal(
        self, command: SubmitOrder, context: checks.Context, market: Market, replacing: str | None = None
    ) -> Rejection | None:
        """The first risk reason not to send the order, or not to change the order `replacing` into it."""
        if context.instrument is None or self._is_standing_aside:
            return None
        seen = self._context(command, context, market, replacing)
        return pretrade.replace_refusal(command, seen) if replacing else pretrade.refusal(command, seen)

    def refused(self, command: SubmitOrder, refusal: Rejection, market: Market) -> Rejection:
        """`refusal`, after it was counted: a storm of them is a program that does not listen."""
        if not isinstance(refusal, Throttled) and not self._is_standing_aside and refusal.code != "risk_halted":
            self._book.guard.refused(command.account_id, command.source, market.reached)
        if isinstance(refusal, Throttled):
            self._note_throttle(command, refusal, market)
        return refusal

    def count_refusal(self, command: CountRefusal, market: Market) -> None:
        """As `refused`, of an order that somebody before the desk refused."""
        self._book.guard.refused(command.account_id, command.source, market.reached)

    def limits(self, account_id: str) -> RiskLimits:
        """What holds for the account: of its own limits and the desk's, the stricter each."""
        own, desk = self._own_limits(account_id), self._book.standing(DESK).limits
        if desk is None or account_id == DESK:
            return own
        known = self._limits.get(account_id)
        if known is None or known[0] is not own or known[1] is not desk:
            known = self._limits[account_id] = (own, desk, limiting.strictest(own, desk))
        return known[2]

    # -- commands -------------------------------------------------------------------------------------------------

    @singledispatchmethod
    def handle(self, command: Any, market: Market) -> RiskView | Rejection:
        raise TypeError(f"no such command: {command!r}")

    @handle.register
    def _set_limits(self, command: SetRiskLimits, market: Market) -> RiskView | Rejection:
        no = self._unknown(command.account_id) or limiting.wrong(command.limits)
        if no:
            return no
        if command.account_id == DESK and command.by != PERSON:
            return Rejection("person_needed", "only a person may set the desk's limits; name your own", "account_id")
        wider = limiting.raised(command.limits, self._own_limits(command.account_id))
        if wider and command.by != PERSON:
            names = ", ".join(wider)
            return Rejection("person_needed", f"only a person may raise a limit: {names} would be wider", wider[0])
        if command.by != PERSON and command.limits == self._own_limits(command.account_id):
            return self._views.one(command.account_id, market)
        self._orders.record(RiskLimitsSet(command.account_id, command.limits, command.by, market.reached))
        self._looked = Looked(self._looked.session, self._looked.minute)
        self.look(market)
        return self._views.one(command.account_id, market)

    @handle.register
    def _kill(self, command: Kill, market: Market) -> RiskView | Rejection:
        no = self._unknown(command.account_id)
        if no:
            return no
        if command.account_id == DESK and command.by != PERSON:
            return Rejection("person_needed", "only a person may stop every account; name your own", "account_id")
        affected = [command.account_id] if command.account_id else list(self._orders.state.portfolios)
        said = [each for account_id in affected if (each := self._pull(account_id, command.mode, market))]
        message = "; ".join([command.reason, *said])
        goes_on = command.mode is KillMode.FLATTEN or self._book.standing(command.account_id).is_flattening
        at = market.reached
        self._orders.record(
            RiskStateChanged(
                command.account_id, RiskState.HALTED, "kill_switch", message, command.by, at, is_flattening=goes_on
            )
        )
        return self._views.one(command.account_id, market)

    @handle.register
    def _reactivate(self, command: Reactivate, market: Market) -> RiskView | Rejection:
        """Losses in a row and the highest equity are counted anew; what is still passed must be put right first."""
        no = self._unknown(command.account_id)
        if no:
            return no
        if command.by != PERSON:
            return Rejection("person_needed", f"only a person may let trading go on, this was asked by {command.by}")
        passed = limiting.still_passed(self._worths.seen(command.account_id, market), self.limits(command.account_id))
        if passed:
            return Rejection("still_passed", f"{passed.message}: raise the limit first, or put it right", passed.limit)
        self._change_state(command.account_id, RiskState.ACTIVE, PERSON, "reactivated", command.by, market)
        return self._views.one(command.account_id, market)

    # -- after an order -------------------------------------------------------------------------------------------

    def next_look(self, market: Market) -> int:
        """When to look next, in market time: what is found does not depend on how time is cut into turns."""
        return next_multiple(market.reached, LOOK_NS if self._is_watching(market) else MARK_NS)

    def look(self, market: Market) -> None:
        """After something was filled, and at every whole second: has a limit been passed? Once a minute: the curve."""
        state, at = self._orders.state, Looked.at(market, self._orders.state.fills_total)
        former, self._looked = self._looked, at
        is_minute = at.session == former.session and at.minute != former.minute
        if at == former or not (is_minute or self._is_watching(market)):
            return
        here = accounts_here(state, market)
        watched = self._watched(here)
        worths = {account_id: self._worths.of(account_id, market) for account_id in (here if is_minute else watched)}
        for account_id, worth in worths.items():
            self._mark(account_id, worth, is_minute, market)
            self._keep_bars(account_id, is_minute, market)
        for account_id in watched:
            self._look_at(account_id, worths[account_id], market)
        if len(worths) == len(here):
            whole = self._worths.together(worths.values(), market)
            self._mark_desk(whole, is_minute, market)
            if self._book.standing(DESK).limits is not None:
                self._look_at(DESK, whole, market)

    def mark_before_reset(self, account: Account, market: Market) -> None:
        """What the account is worth now goes from the desk's high when it is reset."""
        if account.home == market.world and self._book.desk_high(market.world) is not None:
            worth = self._worths.of(account.id, market)
            self._orders.record(EquityMarked(account.id, worth.equity, worth.exposure, market.reached))

    # -- views ----------------------------------------------------------------------------------------------------

    def views(self, accounts: Mapping[str, AccountView], market: Market) -> Mapping[str, RiskView]:
        """Of every account shown, and of the desk under the empty id. Asked after every turn."""
        return self._views.of(accounts, market)

    def sources(self, account_id: str, market: Market) -> tuple[SourceView, ...]:
        """What the runaway guard sees of the account's sources now."""
        return self._book.guard.seen(account_id, market.reached, self.limits(account_id).usual_orders_per_second)

    def changes(self) -> tuple[RiskStateChanged, ...]:
        """The latest changes of states, the newest first."""
        return tuple(reversed(self._book.changes))

    def throttles(self) -> tuple[ThrottleView, ...]:
        """Sources of orders that were told to wait since the desk began, the last time of each; from any thread."""
        return tuple(dict(self._throttles).values())

    # -- inside ---------------------------------------------------------------------------------------------------

    @property
    def _book(self) -> RiskBook:
        return self._orders.state.risk

    def _note_throttle(self, command: SubmitOrder, throttled: Throttled, market: Market) -> None:
        name = (command.account_id, command.source)
        self._throttles.pop(name, None)
        self._throttles[name] = ThrottleView(*name, throttled.message, market.reached)
        if len(self._throttles) > KEPT_THROTTLES:
            del self._throttles[next(iter(self._throttles))]

    def _context(
        self, command: SubmitOrder, context: checks.Context, market: Market, replacing: str | None
    ) -> pretrade.RiskContext:
        assert context.instrument is not None
        portfolio = self._orders.state.portfolio(command.account_id)
        limits, standing = context.limits, self._book.gravest(command.account_id)
        most = limits.max_orders_per_minute
        return pretrade.RiskContext(
            instrument=context.instrument,
            limits=limits,
            touch=context.touch,
            top=context.top,
            qty=checks.quantity_of(command, context, context.instrument),
            price=reserved_price(command.side, price_named(command, context.touch), context.touch) or ZERO,
            held=context.held,
            closable=max(context.free_to_close, closes_already(portfolio, replacing)),
            working=working_orders(portfolio, command.symbol, replacing),
            recent=recent_orders(portfolio, command.symbol, market.reached - limits.duplicate_window_ms * NS_PER_MS)
            if limits.duplicate_window_ms
            else (),
            sent=self._book.sent_in_a_minute(command.account_id, market.reached) if most is not None else 0,
            wait_s=self._book.seconds_until_room(command.account_id, most, market.reached) if most is not None else 1,
            state=standing.state,
            why=standing.message,
        )

    def _own_limits(self, account_id: str) -> RiskLimits:
        """What was set for this account, or the desk, alone."""
        return self._book.standing(account_id).limits or self._orders.rules.limits

    def _unknown(self, account_id: str) -> Rejection | None:
        if account_id == DESK or account_id in self._orders.state.portfolios:
            return None
        return Rejection("unknown_account", f"there is no account {account_id}", "account_id")

    def _is_watching(self, market: Market) -> bool:
        """Whether any account has a limit that prices or fills can pass, or is being flattened."""
        if self._book.watched or limiting.is_watched(self._orders.rules.limits):
            return True
        return any(self._book.is_flattening(each) for each in accounts_here(self._orders.state, market))

    def _watched(self, here: list[str]) -> list[str]:
        """All of them where the desk itself has limits."""
        if DESK in self._book.watched or limiting.is_watched(self._orders.rules.limits):
            return here
        return [each for each in here if each in self._book.watched or self._book.is_flattening(each)]

    def _mark(self, account_id: str, worth: Worth, is_minute: bool, market: Market) -> None:
        """A point of the equity curve, or a high that the drawdown must remember after a restart."""
        standing = self._book.standing(account_id)
        is_new = worth.equity != standing.marked
        is_high = standing.high is None or worth.equity > standing.high * HIGHER
        if (is_minute and is_new) or (is_high and self.limits(account_id).max_drawdown is not None):
            self._orders.record(EquityMarked(account_id, worth.equity, worth.exposure, market.reached))

    def _mark_desk(self, whole: Worth, is_minute: bool, market: Market) -> None:
        """As `_mark`, of the desk: only its highs are kept."""
        high = self._book.desk_high(market.world)
        is_kept = is_minute and (high is None or whole.equity > high)
        is_needed = self.limits(DESK).max_drawdown is not None and (high is None or whole.equity > high * HIGHER)
        if is_kept or is_needed:
            self._orders.record(DeskMarked(DESK, market.world, whole.equity, market.reached))

    def _keep_bars(self, account_id: str, is_minute: bool, market: Market) -> None:
        portfolio = self._orders.state.portfolio(account_id)
        for event in bars_due(portfolio, market, self._book.kept) if is_minute else ():
            self._orders.record(event)

    def _look_at(self, account_id: str, worth: Worth, market: Market) -> None:
        self._go_on_flattening(account_id, market)
        standing = self._book.standing(account_id)
        found = limiting.breach(worth, self.limits(account_id))
        if found and limiting.SEVERITY[found.state] > limiting.SEVERITY[standing.state]:
            self._change_state(account_id, found.state, found.limit, found.message, LIMIT, market)
            for each in [account_id] if account_id else accounts_here(self._orders.state, market):
                self._cancel_what_is_not_allowed(each, found.state, market, f"{BY_LIMIT} {found.message}")

    def _halt_runaway(self, account_id: str, verdict: Verdict, market: Market) -> Rejection:
        logger.warning("account %s: %s", account_id, verdict.message)
        self._change_state(account_id, RiskState.HALTED, f"runaway_{verdict.measure}", verdict.message, GUARD, market)
        self._cancel_what_is_not_allowed(account_id, RiskState.HALTED, market, f"{BY_GUARD} {verdict.message}")
        standing = self._book.standing(account_id)
        return pretrade.halted(standing.state, standing.message) or Rejection("risk_halted", verdict.message)

    def _change_state(
        self, account_id: str, state: RiskState, cause: str, message: str, by: str, market: Market
    ) -> None:
        self._orders.record(RiskStateChanged(account_id, state, cause, message, by, market.reached))

    def _cancel_what_is_not_allowed(self, account_id: str, state: RiskState, market: Market, why: str) -> None:
        """HALTED: every order. REDUCING: what would open or add, so that what closes can go on working."""
        portfolio = self._orders.state.portfolio(account_id)
        is_all = state is RiskState.HALTED
        self._orders.call_back(list(portfolio.open.values()) if is_all else opening_orders(portfolio), market, why)

    def _pull(self, account_id: str, mode: KillMode, market: Market) -> str:
        """Do to one account what the kill switch says; the sentence of what could not be done."""
        if mode is KillMode.FREEZE:
            return ""
        if self._orders.state.portfolio(account_id).account.home != market.world:
            dormant = self._orders.state.open_orders(account_id)
            self._orders.drop(dormant, market.reached, CancelCause.CLIENT, BY_SWITCH)
            return ""
        self._orders.call_back(self._orders.state.open_orders(account_id), market, BY_SWITCH)
        if mode is KillMode.CANCEL:
            return ""
        with self.standing_aside():
            return unclosed(self._orders.handle(Flatten(account_id, KILL_SWITCH), market))

    def _go_on_flattening(self, account_id: str, market: Market) -> None:
        """What was on its way when the switch was pulled may have filled since."""
        if account_id == DESK or not self._book.is_flattening(account_id):
            return
        portfolio = self._orders.state.portfolio(account_id)
        if portfolio.open or not any(market.instrument(held.symbol) for held in portfolio.open_positions):
            return
        with self.standing_aside():
            self._orders.handle(Flatten(account_id, KILL_SWITCH), market)

    @contextmanager
    def standing_aside(self) -> Iterator[None]:
        """The desk's own orders, of the gate and of a margin call, pass it."""
        self._is_standing_aside = True
        try:
            yield
        finally:
            self._is_standing_aside = False


def price_named(command: SubmitOrder, touch: Touch) -> Decimal | None:
    """The order's own limit, or where its stop stands."""
    return stop_now(command, touch) if command.limit_price is None else command.limit_price


def unclosed(answers: Iterable[Order | Rejection]) -> str:
    """The sentence of what a flatten could not close."""
    found = [each.message for each in answers if isinstance(each, Rejection)]
    return f"not everything could be closed: {'; '.join(found)}" if found else ""
