"""The desk's accounts: opened, configured, reset and archived; what each day costs; when positions must be closed.

An account belongs to a world: `paper` (the simulated market), `live`, or one replay session. Every world has an
account of its own that needs no name; a named one is opened in each world where it is first used, with the rules and
the starting cash that it has elsewhere. All accounts of a world trade in its market when that is open.
"""

import logging
import re
from collections.abc import Callable, Iterable
from decimal import Decimal
from functools import singledispatchmethod
from typing import Any

from msgspec.structs import replace

from tradesim.desk.accounts import symbols_of
from tradesim.desk.days import days_between
from tradesim.desk.market import Market
from tradesim.desk.orders import OrderDesk
from tradesim.desk.risk import PERSON
from tradesim.kernel.clock import Clock
from tradesim.kernel.ids import Ids
from tradesim.model.accounts import Account, AccountRules
from tradesim.model.commands import (
    ArchiveAccount,
    CancelAllOrders,
    ConfigureAccount,
    MoveCash,
    OpenAccount,
    ResetAccount,
    SubmitOrder,
    UseAccount,
)
from tradesim.model.corporate import Dividend, Split
from tradesim.model.events import (
    AccountClosed,
    AccountConfigured,
    AccountOpened,
    AccountReset,
    CashMoved,
    DayOpened,
    PositionSplit,
    RiskLimitsSet,
    RiskStateChanged,
)
from tradesim.model.market import SessionState, Side
from tradesim.model.orders import Order, Rejection
from tradesim.model.risk import RiskState
from tradesim.model.venue import CancelCause
from tradesim.trading import accrual, housekeeping, margin
from tradesim.trading.corporate import conversion, dividend_memo, dividend_of
from tradesim.trading.money import cents, money_text, number_text
from tradesim.trading.portfolio import Portfolio
from tradesim.trading.risk.limits import SEVERITY
from tradesim.trading.risk.standing import Standing
from tradesim.trading.valuation import NO_TOUCH, AccountValue, mark_of, value_account

logger = logging.getLogger(__name__)

CorporateAction = Dividend | Split
MARGIN_CALL = "margin_call"
"""Where an order came from that closes what an account cannot carry."""
TO_TRADE_IN = frozenset({SessionState.ALWAYS, SessionState.REGULAR})
PAPER = "paper"
LASTING = (PAPER, "live")
"""Worlds that are there again after they were left, in the order in which a named account is looked up."""
DEFAULT_NAMES = frozenset({"", "paper", "live"})
KEPT_REPLAYS = 5
MOST_ACCOUNTS = 100
LONGEST_NAME = 40
LONGEST_SLUG = 20


class Bookkeeper:
    """Owned by the market thread; decides through the order desk, which alone writes the state."""

    def __init__(self, orders: OrderDesk, ids: Ids, clock: Clock, last_moment: Callable[[str], int]) -> None:
        """`last_moment` is the market time that a world has come to."""
        self._orders, self._ids, self._clock, self._last_moment = orders, ids, clock, last_moment

    # -- what there is --------------------------------------------------------------------------------------------

    def named(self, name: str, worlds: Iterable[str]) -> Account | None:
        """The account in use called `name` in the first of `worlds` that has one."""
        for world in worlds:
            for account in self._orders.state.accounts_of(world):
                if is_called(account, name):
                    return account
        return None

    def incarnations(self, account: Account) -> list[Account]:
        """The account and those of its name in other worlds."""
        accounts = (portfolio.account for portfolio in self._orders.state.portfolios.values())
        return [each for each in accounts if is_called(each, account.name) and not each.is_archived]

    # -- commands -------------------------------------------------------------------------------------------------

    @singledispatchmethod
    def handle(self, command: Any, market: Market) -> Account | Rejection:
        raise TypeError(f"no such command: {command!r}")

    @handle.register
    def _open(self, command: OpenAccount, market: Market) -> Account | Rejection:
        name = " ".join(command.name.split())
        no = name_refusal(name) or cash_refusal(command.cash) or housekeeping.rules_refusal(command.rules)
        if no:
            return no
        if is_default(name) or self.named(name, (*LASTING, market.world)):
            return Rejection("name_taken", f"there is an account called {name} already", "name")
        if command.by_key and self._was_archived(name):
            return Rejection("archived", f"account {name} is archived", "name")
        if len(self._orders.state.accounts_of(PAPER)) >= MOST_ACCOUNTS:
            return Rejection("too_many_accounts", f"at most {MOST_ACCOUNTS} accounts may be open; archive one first")
        template = Account("", name, command.cash, 0, starting_cash=command.cash, rules=command.rules)
        if market.world not in LASTING:
            self._begin(template, PAPER, self._clock.now(), "USD")
        return self._begin(template, market.world, market.reached, self._currency(market))

    @handle.register
    def _use(self, command: UseAccount, market: Market) -> Account | Rejection:
        name = " ".join(command.name.split())
        if is_default(name):
            return self._orders.state.portfolio(market.account_id).account
        here = self.named(name, (market.world,))
        if here:
            return here
        elsewhere = self.named(name, self._worlds())
        if elsewhere is None:
            return Rejection("unknown_account", f"there is no account called {name}", "account")
        halts = [self._orders.state.risk.standing(each.id) for each in self.incarnations(elsewhere)]
        account = self._begin(elsewhere, market.world, market.reached, self._currency(market))
        self._stand_as(account, elsewhere.id, max(halts, key=lambda each: SEVERITY[each.state]))
        return account

    @handle.register
    def _configure(self, command: ConfigureAccount, market: Market) -> Account | Rejection:
        account = self._in_use(command.account_id)
        if isinstance(account, Rejection):
            return account
        no = housekeeping.rules_refusal(command.rules)
        if no:
            return no
        if command.rules != account.rules:
            self._orders.record(AccountConfigured(account.id, command.rules, self._time_of(account, market)))
        return self._orders.state.portfolio(account.id).account

    @handle.register
    def _reset(self, command: ResetAccount, market: Market) -> Account | Rejection:
        account = self._in_use(command.account_id)
        if isinstance(account, Rejection):
            return account
        cash = account.starting_cash if command.cash is None else command.cash
        no = cash_refusal(cash)
        if no:
            return no
        self._drop_orders(self._open_orders(account), market, self._time_of(account, market), "The account was reset.")
        self._orders.gate.mark_before_reset(account, market)
        self._orders.record(AccountReset(account.id, cash, self._time_of(account, market)))
        return self._orders.state.portfolio(account.id).account

    @handle.register
    def _archive(self, command: ArchiveAccount, market: Market) -> Account | Rejection:
        account = self._in_use(command.account_id)
        if isinstance(account, Rejection):
            return account
        if account.id == account.home:
            why = f"the account {account.name} is the desk's own: it can be reset, not archived"
            return Rejection("default_account", why, "account_id")
        incarnations = self.incarnations(account)
        for each in incarnations:
            held = self._orders.state.portfolio(each.id).open_positions
            if held and (each.home in LASTING or each.id == account.id):
                found = f"{number_text(held[0].qty)} {held[0].symbol}"
                why = f"account {each.name} still holds {found} in the {each.home} market: close it or reset it first"
                return Rejection("has_positions", why, "account_id")
        for each in incarnations:
            at = self._time_of(each, market)
            self._drop_orders(self._open_orders(each), market, at, "The account was archived.")
            self._orders.record(AccountClosed(each.id, at, is_archived=True))
        return self._orders.state.portfolio(account.id).account

    @handle.register
    def _move_cash(self, command: MoveCash, market: Market) -> Account | Rejection:
        account = self._in_use(command.account_id)
        if isinstance(account, Rejection):
            return account
        amount, state = command.amount, self._orders.state
        if not amount.is_finite() or not 0 < abs(amount) <= housekeeping.MOST_CASH or amount != cents(amount):
            return Rejection("amount", f"an amount must be money in whole cents, was {number_text(amount)}", "amount")
        if amount < 0:
            portfolio, is_here = state.portfolio(account.id), account.home == market.world
            touches = market.touches(symbols_of(portfolio)) if is_here else {}
            free = value_account(portfolio, touches, market.source.instruments).cash_power
            if -amount > free:
                why = f"{money_text(-amount)} was to be taken out, {money_text(free)} is free"
                return Rejection("amount", why, "amount")
        kind, word = ("deposit", "Paid in") if amount > 0 else ("withdrawal", "Taken out")
        memo = command.memo or f"{word} {money_text(abs(amount))}"
        self._move(account.id, kind, amount, memo, self._time_of(account, market))
        return state.portfolio(account.id).account

    # -- worlds and days ------------------------------------------------------------------------------------------

    def open_world(self, market: Market, name: str, currency: str) -> None:
        """The market's own account, where it is the first time; replays left long ago are closed."""
        if market.account_id in self._orders.state.portfolios:
            return
        rules = self._orders.rules
        account = Account(
            id=market.account_id,
            name=name,
            cash=rules.starting_cash,
            opened_at=market.reached,
            currency=currency,
            starting_cash=rules.starting_cash,
            rules=AccountRules(multiplier=rules.multiplier),
            world=market.world,
        )
        self._orders.record(AccountOpened(account, market.reached))
        for account_id in self._in_old_replays():
            self._orders.record(AccountClosed(account_id, market.reached))

    def open_missed_day(self, market: Market) -> None:
        """Where midnight passed while the market was not open here."""
        for account in self._orders.state.accounts_of(market.world):
            if days_between(self._orders.state.portfolio(account.id).day.opened_at, market.reached) > 0:
                self._open_day(account, market)

    def open_day(self, market: Market) -> None:
        """At midnight: what the day cost is charged, then a new one begins."""
        self._split_shares(market)
        for account in self._orders.state.accounts_of(market.world):
            self._open_day(account, market)

    def pass_minute(self, market: Market) -> None:
        """Once a minute of market time: does each account hold enough margin?"""
        for account in self._orders.state.accounts_of(market.world):
            portfolio = self._orders.state.portfolio(account.id)
            if portfolio.open_positions:
                self._liquidate(portfolio, self._value(portfolio, market), market)

    def _liquidate(self, portfolio: Portfolio, value: AccountValue, market: Market) -> None:
        """Close what the account cannot carry any more: see docs/accounts.md."""
        closings = margin.liquidation(
            portfolio, value, market.source.instruments, lambda symbol: can_close(symbol, market)
        )
        account_id = portfolio.account.id
        if not closings or any(order.source == MARGIN_CALL for order in portfolio.open.values()):
            return
        self._orders.handle(CancelAllOrders(account_id), market)
        for closing in closings:
            order = SubmitOrder(
                account_id,
                closing.symbol,
                Side.SELL if closing.qty > 0 else Side.BUY,
                qty=abs(closing.qty),
                source=MARGIN_CALL,
                reduce_only=True,
            )
            with self._orders.gate.standing_aside():
                answer = self._orders.handle(order, market)
            if isinstance(answer, Rejection):
                logger.warning("a margin call of %s could not close %s: %s", account_id, order, answer.message)

    def _open_day(self, account: Account, market: Market) -> None:
        """Of each night that passed: what it cost, what companies did; then the new day's base."""
        portfolio = self._orders.state.portfolio(account.id)
        since = portfolio.day.opened_at
        nights = days_between(since, market.reached)
        value = self._value(portfolio, market)
        for charge in accrual.charges(portfolio.account.cash, value, account.rules, nights):
            self._move(account.id, charge.kind, charge.amount, charge.memo, market.reached)
        for action in market.corporate_actions(since, market.reached):
            self._take_action(portfolio, action, market)
        value = self._value(portfolio, market)
        marks = tuple((held.position.symbol, held.mark) for held in value.positions if held.mark is not None)
        needed = margin.maintenance_margin(portfolio, value.positions, market.source.instruments)
        self._orders.record(DayOpened(account.id, value.equity, marks, market.reached, needed))

    def _split_shares(self, market: Market) -> None:
        """Prices are still those of old shares, and so are all orders at such prices."""
        for action in market.corporate_actions(market.reached - 1, market.reached):
            if isinstance(action, Split):
                for account in self._orders.state.accounts_of(market.world):
                    self._drop_split(self._orders.state.portfolio(account.id), action, market)
                market.split(action)

    def _drop_split(self, portfolio: Portfolio, split: Split, market: Market) -> None:
        orders = [order for order in portfolio.open.values() if order.symbol == split.symbol]
        self._drop_orders(orders, market, market.reached, f"{split.symbol} was split.")

    def _take_action(self, portfolio: Portfolio, action: CorporateAction, market: Market) -> None:
        held, account_id = portfolio.position(action.symbol), portfolio.account.id
        if isinstance(action, Split):
            self._drop_split(portfolio, action, market)
        if not held.qty:
            return
        if isinstance(action, Dividend):
            amount, memo = dividend_of(held.qty, action), dividend_memo(held.qty, action)
            self._move(account_id, "dividend", amount, memo, market.reached, action.symbol, held.qty, action.amount)
            return
        mark = mark_of(held.qty, market.touches((action.symbol,)).get(action.symbol, NO_TOUCH))
        found = conversion(held, action, mark)
        self._orders.record(
            PositionSplit(
                self._ids.next(),
                account_id,
                action.symbol,
                found.ratio,
                found.qty,
                found.cash_in_lieu,
                market.reached,
            )
        )

    def _move(
        self,
        account_id: str,
        kind: str,
        amount: Decimal,
        memo: str,
        at: int,
        symbol: str | None = None,
        qty: Decimal | None = None,
        per_share: Decimal | None = None,
    ) -> None:
        self._orders.record(CashMoved(self._ids.next(), account_id, kind, amount, memo, at, symbol, qty, per_share))

    @staticmethod
    def _value(portfolio: Portfolio, market: Market) -> AccountValue:
        return value_account(portfolio, market.touches(symbols_of(portfolio)), market.source.instruments)

    # -- inside ---------------------------------------------------------------------------------------------------

    def _begin(self, template: Account, world: str, now: int, currency: str) -> Account:
        account = Account(
            id=self._new_id(template.name, world),
            name=template.name,
            cash=template.starting_cash,
            opened_at=now,
            currency=currency,
            starting_cash=template.starting_cash,
            rules=replace(template.rules, is_suspended=False),
            world=world,
        )
        self._orders.record(AccountOpened(account, now))
        return account

    def _stand_as(self, account: Account, other: str, gravest: Standing) -> None:
        """Limits and halts go with the name: another world is no way around them."""
        limits, at = self._orders.state.risk.standing(other).limits, account.opened_at
        if limits is not None:
            self._orders.record(RiskLimitsSet(account.id, limits, PERSON, at))
        if gravest.state is not RiskState.ACTIVE:
            found = gravest.state, gravest.cause, gravest.message, gravest.by
            self._orders.record(RiskStateChanged(account.id, *found, at, gravest.is_flattening))

    def _new_id(self, name: str, world: str) -> str:
        wanted = f"{world}-{slug(name)}"
        known, n, found = self._orders.state.portfolios, 1, wanted
        while found in known:
            n += 1
            found = f"{wanted}-{n}"
        return found

    def _was_archived(self, name: str) -> bool:
        accounts = self._orders.state.accounts.values()
        return any(account.is_archived and is_called(account, name) for account in accounts)

    def _in_use(self, account_id: str) -> Account | Rejection:
        portfolio = self._orders.state.portfolios.get(account_id)
        if portfolio is None:
            return Rejection("unknown_account", f"there is no account {account_id}", "account_id")
        if portfolio.account.is_archived:
            return Rejection("archived", f"account {portfolio.account.name} is archived", "account_id")
        return portfolio.account

    def _open_orders(self, account: Account) -> list[Order]:
        return self._orders.state.open_orders(account.id)

    def _drop_orders(self, orders: Iterable[Order], market: Market, at: int, message: str) -> None:
        """Whatever is on its way, held, or rests at the venue."""
        for order in orders:
            if is_still_open(self._orders.state.order(order.id)):
                self._orders.drop([order], at, CancelCause.CLIENT, message)
            if market.source.venue.holds(order.id):
                market.source.venue.cancel(order.id, market.reached)

    def _time_of(self, account: Account, market: Market) -> int:
        """The time of the account's own world: a replay's is long ago."""
        if account.home == market.world:
            return market.reached
        return max(self._clock.now(), self._last_moment(account.home))

    def _currency(self, market: Market) -> str:
        return self._orders.state.portfolio(market.account_id).account.currency

    def _worlds(self) -> list[str]:
        """The lasting ones, then the replays, latest first."""
        replays = [each.home for each in self._orders.state.accounts.values() if each.home not in LASTING]
        return [*LASTING, *dict.fromkeys(reversed(replays))]

    def _in_old_replays(self) -> list[str]:
        accounts = [each for each in self._orders.state.accounts.values() if each.home not in LASTING]
        old = list(dict.fromkeys(each.home for each in accounts))[:-KEPT_REPLAYS]
        return [each.id for each in accounts if each.home in old]


def can_close(symbol: str, market: Market) -> bool:
    """Whether a market order would find a market now."""
    source = market.source
    if symbol not in source.instruments or source.venue.is_halted(symbol):
        return False
    return source.session(symbol, market.reached) in TO_TRADE_IN


def is_still_open(order: Order | None) -> bool:
    return order is not None and order.is_open


def is_called(account: Account, name: str) -> bool:
    return account.name.casefold() == name.casefold()


def is_default(name: str) -> bool:
    """Whether `name` means the account that a market has of its own."""
    return name.casefold() in DEFAULT_NAMES


def slug(name: str) -> str:
    """What of a name can stand in an id."""
    plain = re.sub(r"[^a-z0-9]+", "-", name.lower().encode("ascii", "ignore").decode())[:LONGEST_SLUG].strip("-")
    return plain or "account"


def name_refusal(name: str) -> Rejection | None:
    if 0 < len(name) <= LONGEST_NAME and name.isprintable():
        return None
    return Rejection("name", f"a name must have 1 to {LONGEST_NAME} printable characters, had {len(name)}", "name")


def cash_refusal(cash: Decimal) -> Rejection | None:
    if cash.is_finite() and 0 <= cash <= housekeeping.MOST_CASH and cash == cents(cash):
        return None
    wanted = f"cash must be from 0 to {housekeeping.MOST_CASH:,} in whole cents"
    return Rejection("cash", f"{wanted}, was {number_text(cash)}", "cash")
