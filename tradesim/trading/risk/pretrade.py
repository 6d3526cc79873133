"""May this order be sent, as far as risk goes? One function a question; each answers with the sentence for the trader.

What closes a position is never refused for being large, or for the symbol: only what opens is.
"""

from collections.abc import Callable, Sequence
from decimal import Decimal

from msgspec import Struct

from tradesim.kernel.counting import counted
from tradesim.model.commands import SubmitOrder
from tradesim.model.instrument import Instrument
from tradesim.model.market import BookTop, Side
from tradesim.model.orders import LegRole, Order, OrderClass, OrderType, Rejection, Throttled, WashTrade
from tradesim.model.risk import RiskLimits, RiskState
from tradesim.trading.money import money_text, number_text
from tradesim.trading.origins import origin
from tradesim.trading.valuation import Touch

STOPS = frozenset({OrderType.STOP, OrderType.STOP_LIMIT})
SHORT_ID = 8
"""As much of an order's id as the page shows."""


class RiskContext(Struct, frozen=True):
    """What the checks must know. `price` is what a unit of the order may come to.

    `closable` is what of the position no other order closes yet; `working` the account's other open orders in the
    symbol, `recent` its orders of the duplicate window, `sent` how many it sent in the last minute.
    """

    instrument: Instrument
    limits: RiskLimits
    touch: Touch
    top: BookTop
    qty: Decimal
    price: Decimal
    held: Decimal = Decimal(0)
    closable: Decimal = Decimal(0)
    working: Sequence[Order] = ()
    recent: Sequence[Order] = ()
    sent: int = 0
    wait_s: int = 1
    state: RiskState = RiskState.ACTIVE
    why: str = ""

    @property
    def opens(self) -> Decimal:
        return max(self.qty - self.closable, Decimal(0))


Check = Callable[[SubmitOrder, RiskContext], Rejection | None]


def refusal(order: SubmitOrder, context: RiskContext) -> Rejection | None:
    """The first reason not to send a new order, or None."""
    return next((no for check in CHECKS if (no := check(order, context))), None)


def replace_refusal(order: SubmitOrder, context: RiskContext) -> Rejection | None:
    """The first reason not to replace; `order` is what would be open after."""
    return next((no for check in REPLACE_CHECKS if (no := check(order, context))), None)


def halted(state: RiskState, why: str) -> Rejection | None:
    """Asked before all else: nothing but cancels is taken of who is halted."""
    if state is not RiskState.HALTED:
        return None
    return Rejection("risk_halted", f"trading is halted: {why}; cancels are taken, and a person can reactivate it")


def it_may_open(order: SubmitOrder, context: RiskContext) -> Rejection | None:
    if context.state is not RiskState.REDUCING or order.reduce_only or not context.opens:
        return None
    closes, asked = number_text(context.closable), number_text(context.qty)
    found = f"{closes} {order.symbol} can be closed, {asked} was asked"
    return Rejection("risk_reducing", f"only what reduces a position is taken: {context.why}; {found}", "qty")


def orders_per_minute(order: SubmitOrder, context: RiskContext) -> Rejection | None:
    most = context.limits.max_orders_per_minute
    if most is None or context.sent < most:
        return None
    sentence = f"at most {counted(most, 'order')} a minute may be sent, {context.sent:,} were: wait {context.wait_s} s"
    return Throttled("order_rate", sentence, retry_after_s=context.wait_s)


def symbol_is_allowed(order: SubmitOrder, context: RiskContext) -> Rejection | None:
    limits = context.limits
    if order.reduce_only or not context.opens:
        return None
    if order.symbol in limits.restricted:
        return Rejection("restricted", f"{order.symbol} is on the restricted list: it can only be closed", "symbol")
    if limits.allowed and order.symbol not in limits.allowed:
        shown = ", ".join(limits.allowed[:10]) + (", …" if len(limits.allowed) > 10 else "")
        return Rejection("restricted", f"only {shown} may be traded here, was {order.symbol}", "symbol")
    return None


def it_is_no_duplicate(order: SubmitOrder, context: RiskContext) -> Rejection | None:
    wanted = terms_of(order, context.qty)
    for former in context.recent:
        if terms_of(former, former.qty) == wanted:
            window = f"{context.limits.duplicate_window_ms:,} ms"
            sentence = f"the same order was sent within {window} as {former.id}: send it again later if it is meant"
            return Rejection("duplicate", sentence)
    return None


def terms_of(order: SubmitOrder | Order, qty: Decimal) -> tuple[object, ...]:
    """What makes two orders the same. Where a trailing stop stands is the market's doing."""
    stop = None if order.type is OrderType.TRAILING_STOP else order.stop_price
    return order.side, order.type, qty, order.limit_price, stop, order.trail_price, order.trail_percent


def position_size(order: SubmitOrder, context: RiskContext) -> Rejection | None:
    """What would be held if this order and all that work on its side were filled."""
    most = context.limits.max_position_value
    if most is None or order.reduce_only or not context.opens:
        return None
    on_the_way = sum((each.remaining for each in context.working if adds(each, order.side)), Decimal(0))
    after = abs(context.held + order.side.sign * (context.qty + on_the_way)) * context.price
    if after <= most:
        return None
    found = f"would be {money_text(after)} with all open orders"
    return Rejection("position_size", f"a position in {order.symbol} may be worth {money_text(most)}, {found}", "qty")


def adds(order: Order, side: Side) -> bool:
    return order.side is side and order.role is LegRole.NONE


def price_collar(order: SubmitOrder, context: RiskContext) -> Rejection | None:
    """How far an order may reach through the touch: its limit, or the worst price that a market order would meet."""
    collar, touch = context.limits.price_collar, context.touch.to_trade(order.side)
    if collar is None or touch is None or order.type.waits_for_trigger:
        return None
    reach = order.limit_price if order.limit_price is not None else worst_price(order.side, context)
    edge = touch * (1 + order.side.sign * collar)
    if reach is None or (reach - edge) * order.side.sign <= 0:
        return None
    decimals = context.instrument.price_decimals
    bound = "at most" if order.side is Side.BUY else "at least"
    percent, limit = number_text(collar * 100), number_text(round(edge, decimals), decimals)
    wanted = f"may reach {bound} {limit}, {percent} % through the touch"
    found = number_text(reach, decimals)
    if order.limit_price is None:
        sentence = f"a market order {wanted}; {number_text(context.qty)} {order.symbol} would trade as far as {found}"
        return Rejection("price_collar", sentence, "qty")
    return Rejection("price_collar", f"the limit price {wanted}, was {found}", "limit_price")


def worst_price(side: Side, context: RiskContext) -> Decimal | None:
    """The last level of the book that a market order of this quantity would reach now."""
    levels = context.top.asks if side is Side.BUY else context.top.bids
    left, worst = context.instrument.lots(context.qty), None
    for level in levels:
        worst = level.price
        left -= level.qty
        if left <= 0:
            break
    return None if worst is None else context.instrument.price(worst)


def wash_trade(order: SubmitOrder, context: RiskContext) -> Rejection | None:
    """Only simple orders: exits of a bracket, OCO and OTO, and trailing stops stand against each other by design."""
    if context.limits.wash_trades_allowed and not order.is_strict:
        return None
    if order.order_class is not OrderClass.SIMPLE or order.type is OrderType.TRAILING_STOP:
        return None
    for other in context.working:
        if other.side is not order.side and is_simple(other) and could_meet(order, other):
            sentence = f"your own order {named(other, context.instrument)}, would trade with it: cancel that first"
            return WashTrade("wash_trade", sentence, None, other.id, other.type.value)
    return None


def named(order: Order, instrument: Instrument) -> str:
    """`3f2a9c01… from the ticket, sell limit 10 @ 188.20`: which order it is, and who sent it."""
    short = order.id if len(order.id) <= SHORT_ID else f"{order.id[:SHORT_ID]}…"
    decimals = instrument.price_decimals
    prices = ((" on a trigger at ", order.stop_price), (" @ ", order.limit_price))
    terms = "".join(f"{word}{number_text(price, decimals)}" for word, price in prices if price is not None)
    kind = order.type.value.replace("_", " ")
    return f"{short}{origin(order.source)}, {order.side} {kind} {number_text(order.remaining)}{terms}"


def is_simple(order: Order) -> bool:
    return order.order_class is OrderClass.SIMPLE and order.type is not OrderType.TRAILING_STOP


def could_meet(order: SubmitOrder, other: Order) -> bool:
    """A market order or a stop may meet whatever stands opposite, two limits only where they cross."""
    if OrderType.MARKET in (order.type, other.type) or order.type in STOPS or other.type in STOPS:
        return True
    if order.limit_price is None or other.limit_price is None:
        return True
    return (order.limit_price - other.limit_price) * order.side.sign >= 0


CHECKS: tuple[Check, ...] = (
    it_may_open,
    orders_per_minute,
    symbol_is_allowed,
    position_size,
    it_is_no_duplicate,
    price_collar,
    wash_trade,
)
REPLACE_CHECKS: tuple[Check, ...] = (
    it_may_open,
    orders_per_minute,
    symbol_is_allowed,
    position_size,
    price_collar,
    wash_trade,
)
