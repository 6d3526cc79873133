"""May this account send this order? What its rules, its margin, its lots and its day trades say, in sentences.

Beside `trading.checks`, which ask about the order itself; the desk asks both.
"""

from collections.abc import Callable, Mapping
from decimal import Decimal

from msgspec import Struct

from tradesim.model.accounts import Account, DayTradeRule
from tradesim.model.commands import SubmitOrder
from tradesim.model.instrument import AssetClass, Instrument
from tradesim.model.market import Side
from tradesim.model.orders import Rejection
from tradesim.trading.lots import missing
from tradesim.trading.margin import maintenance_margin
from tradesim.trading.money import money_text, number_text
from tradesim.trading.portfolio import Portfolio
from tradesim.trading.requirements import LEAST_EQUITY, is_levered, leverage, maintenance, weight
from tradesim.trading.valuation import AccountValue, Touch, reserved_price, stop_now, value_account

PATTERN_EQUITY = Decimal(25_000)
MOST_DAY_TRADES = 3
ZERO = Decimal(0)


def account_refusal(account: Account, world: str, is_closing: bool = False) -> Rejection | None:
    """Why nothing may be ordered for the account in the market of `world`; closing is allowed while suspended."""
    if account.is_archived:
        return Rejection("archived", f"account {account.name} is archived: nobody trades in it any more", "account_id")
    if account.home != world:
        why = f"account {account.name} trades in the {account.home} market, which is not open now"
        return Rejection("other_world", why, "account_id")
    if account.rules.is_suspended and not is_closing:
        return Rejection("suspended", f"trading is suspended in account {account.name} by its owner", "account_id")
    return None


class Terms(Struct, frozen=True):
    """What the checks must know. `qty` is what is asked, `opening` the part of it that closes nothing.

    `touches` is asked by those few checks only that must value the whole account.
    """

    portfolio: Portfolio
    instruments: Mapping[str, Instrument]
    touches: Callable[[], Mapping[str, Touch]]
    touch: Touch
    instrument: Instrument
    qty: Decimal
    opening: Decimal
    now: int
    without: str | None = None

    def value(self) -> AccountValue:
        return value_account(self.portfolio, self.touches(), self.instruments, self.without)

    def price(self, order: SubmitOrder) -> Decimal | None:
        """What a unit of the order may be worth when it fills; a trailing stop is taken where it stands now."""
        return reserved_price(order.side, order.limit_price, self.touch, stop_now(order, self.touch))

    def opening_value(self, order: SubmitOrder) -> Decimal:
        return self.opening * (self.price(order) or ZERO)


Check = Callable[[SubmitOrder, Terms], Rejection | None]


def refusal(order: SubmitOrder, terms: Terms) -> Rejection | None:
    """The first reason not to send the order, or None. One that may only reduce is asked about its lots alone."""
    checks = (named_lots_are_held, named_lots_are_enough) if order.reduce_only else CHECKS
    return next((no for check in checks if (no := check(order, terms))), None)


def named_lots_are_held(order: SubmitOrder, terms: Terms) -> Rejection | None:
    if not order.lots:
        return None
    unknown = next(missing(order.lots, terms.portfolio.open_lots(order.symbol)), None)
    if unknown is None:
        return None
    return Rejection("lots", f"there is no open lot {unknown} of {order.symbol} to close", "lots")


def named_lots_are_enough(order: SubmitOrder, terms: Terms) -> Rejection | None:
    """What may only reduce and names its lots closes no others."""
    if not order.lots:
        return None
    held = sum((abs(lot.qty) for lot in terms.portfolio.open_lots(order.symbol) if lot.id in order.lots), ZERO)
    if terms.qty <= held:
        return None
    found = f"the named lots hold {number_text(held)} {order.symbol}, {number_text(terms.qty)} was asked"
    return Rejection("lots", f"{found}: what may only reduce closes no other lots", "lots")


def fractions_are_allowed(order: SubmitOrder, terms: Terms) -> Rejection | None:
    if terms.portfolio.account.rules.fractional_enabled or terms.instrument.is_on_lot(terms.qty):
        return None
    found = number_text(terms.qty)
    return Rejection("fractional", f"this account trades whole lots only, {found} was asked", "qty")


def may_be_borrowed(order: SubmitOrder, terms: Terms) -> Rejection | None:
    if not is_opening_short(order, terms):
        return None
    asked = f"{number_text(terms.opening)} {order.symbol} was to be sold short"
    if not terms.instrument.easy_to_borrow:
        return Rejection("short", f"{order.symbol} cannot be borrowed now: {asked}", "qty")
    rules, equity = terms.portfolio.account.rules, terms.value().equity
    if rules.multiplier == 1:
        return Rejection("short", f"a cash account cannot sell short: {asked}", "qty")
    if leverage(rules, equity) == 1:
        least, found = money_text(LEAST_EQUITY), money_text(equity)
        return Rejection("short", f"selling short needs an equity of {least}, was {found}: {asked}", "qty")
    return None


def buying_power_weighs(order: SubmitOrder, terms: Terms) -> Rejection | None:
    """What takes more buying power than it is worth: a short sale (3 % above the ask), and what is lent little on."""
    rules, price = terms.portfolio.account.rules, terms.price(order)
    if not terms.opening or not price or not is_levered(terms.instrument):
        return None
    is_plain = order.side is Side.BUY and weight(rules.multiplier, terms.instrument, rules, True, price) == 1
    if is_plain:
        return None
    value = terms.value()
    factor = weight(leverage(rules, value.equity), terms.instrument, rules, order.side is Side.BUY, price)
    need = terms.opening_value(order) * factor
    if need <= value.buying_power:
        return None
    have = money_text(value.buying_power)
    return Rejection("buying_power", f"buying power {have} is less than {money_text(need)}", "qty")


def day_trades_are_left(order: SubmitOrder, terms: Terms) -> Rejection | None:
    """The old pattern day trader rule: below 25,000 the fourth day trade in five business days is refused."""
    portfolio, day = terms.portfolio, terms.portfolio.day
    rules = portfolio.account.rules
    if rules.day_trade_rule is not DayTradeRule.LEGACY_PDT or rules.multiplier == 1 or is_pair(terms.instrument):
        return None
    if day.equity >= PATTERN_EQUITY or portfolio.day_trades.count(terms.now) < MOST_DAY_TRADES:
        return None
    if not would_be_day_trade(order, terms):
        return None
    found = f"{portfolio.day_trades.count(terms.now)} day trades in five days"
    why = f"with {found} and an equity of {money_text(day.equity)} at the day's beginning"
    return Rejection("day_trade", f"a fourth day trade needs {money_text(PATTERN_EQUITY)}: refused {why}", "qty")


def would_be_day_trade(order: SubmitOrder, terms: Terms) -> bool:
    """It closes what was opened today, or opens what an exit of its own, or an order that waits, would close again."""
    portfolio, held = terms.portfolio, terms.portfolio.position(order.symbol).qty
    if held * order.side.sign < 0:
        return portfolio.day_trades.was_opened_today(order.symbol, terms.now)
    has_exits = order.take_profit is not None or order.stop_loss is not None
    return has_exits or any(
        each.symbol == order.symbol and each.side is not order.side and each.id != terms.without
        for each in portfolio.open.values()
    )


def margin_suffices_now(order: SubmitOrder, terms: Terms) -> Rejection | None:
    """Intraday margin: at every moment the equity must cover what all positions, and this one, need."""
    portfolio = terms.portfolio
    rules = portfolio.account.rules
    if rules.day_trade_rule is not DayTradeRule.INTRADAY_MARGIN or not terms.opening:
        return None
    price = terms.price(order) or ZERO
    more = terms.opening * price * maintenance(terms.instrument, rules, order.side is Side.BUY, price)
    value = terms.value()
    needed = maintenance_margin(portfolio, value.positions, terms.instruments) + more
    if needed <= value.equity:
        return None
    have = money_text(value.equity)
    return Rejection("intraday_margin", f"equity {have} is less than the margin {money_text(needed)} needed", "qty")


def is_opening_short(order: SubmitOrder, terms: Terms) -> bool:
    return order.side is Side.SELL and terms.opening > 0


def is_pair(instrument: Instrument) -> bool:
    return instrument.asset_class is not AssetClass.US_EQUITY


CHECKS: tuple[Check, ...] = (
    named_lots_are_held,
    fractions_are_allowed,
    may_be_borrowed,
    buying_power_weighs,
    day_trades_are_left,
    margin_suffices_now,
)
