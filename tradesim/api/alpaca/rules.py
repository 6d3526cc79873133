"""What a body must say for each type and class, in Alpaca's words. Whether the order may be sent, the desk decides."""

from collections.abc import Callable
from decimal import ROUND_DOWN, Decimal

from msgspec.structs import replace

from tradesim.api.alpaca.errors import unprocessable, wrong_input
from tradesim.api.alpaca.forms import asset_class, number
from tradesim.api.alpaca.wanted import Wanted
from tradesim.model.commands import ReplaceOrder
from tradesim.model.instrument import Instrument
from tradesim.model.market import Side
from tradesim.model.orders import Order, OrderClass, OrderType, TimeInForce

T, C = OrderType, TimeInForce
CHEAP_STOP, CHEAP_ROOM, STOP_ROOM = Decimal(50), Decimal("1.04"), Decimal("1.025")
"""A bought stop pays at most 4 % more than a stop price below 50 USD, 2.5 % more than another."""
CENT, HUNDREDTH_OF_CENT, FINEST = Decimal("0.01"), Decimal("0.0001"), Decimal("1E-9")
STOP_TIMES = frozenset({C.DAY, C.GTC})
MOST_REVISIONS = 100
"""An order carries what it was before each of its replacements."""
Rule = Callable[[Wanted, Instrument], None]


def capped(wanted: Wanted, instrument: Instrument) -> Wanted:
    """With the limits that Alpaca gives to stops that buy shares; those that sell stay market orders."""
    if is_crypto(instrument):
        return wanted
    if wanted.type is T.STOP and wanted.side is Side.BUY and wanted.stop_price is not None:
        wanted = replace(wanted, type=T.STOP_LIMIT, limit_price=cap_of(wanted.stop_price))
    loss = wanted.stop_loss
    exit_side = wanted.side if wanted.order_class is OrderClass.OCO else wanted.side.opposite
    if loss is not None and exit_side is Side.BUY and loss.stop_price is not None and loss.limit_price is None:
        wanted = replace(wanted, stop_loss=replace(loss, limit_price=cap_of(loss.stop_price)))
    return wanted


def cap_of(stop: Decimal) -> Decimal:
    """The most that a stop at `stop` pays, on the price grid."""
    most = stop * (CHEAP_ROOM if stop < CHEAP_STOP else STOP_ROOM)
    return most.quantize(CENT if most >= 1 else HUNDREDTH_OF_CENT, ROUND_DOWN)


def with_its_cap(change: ReplaceOrder, order: Order, instrument: Instrument) -> ReplaceOrder:
    """A bought stop that we capped keeps its distance when the stop moves."""
    is_capped = (
        order.type is T.STOP_LIMIT
        and order.side is Side.BUY
        and order.stop_price is not None
        and order.limit_price == cap_of(order.stop_price)
        and not is_crypto(instrument)
    )
    if not is_capped or change.stop_price is None or change.limit_price is not None:
        return change
    return replace(change, limit_price=cap_of(change.stop_price))


def require_form(wanted: Wanted, instrument: Instrument) -> None:
    """Raises Denied with the first thing that is wrong."""
    for rule in RULES:
        rule(wanted, instrument)


def is_crypto(instrument: Instrument) -> bool:
    return asset_class(instrument) == "crypto"


def size_is_fine_enough(wanted: Wanted, instrument: Instrument) -> None:
    if wanted.qty is not None and wanted.qty % FINEST:
        raise wrong_input("qty can have at most 9 decimal places")
    if wanted.notional is not None and wanted.notional % CENT and not is_crypto(instrument):
        raise wrong_input("notional can have at most 2 decimal places")


def prices_fit_type(wanted: Wanted, _instrument: Instrument) -> None:
    type_ = wanted.type
    if type_ in (T.LIMIT, T.STOP_LIMIT) and wanted.limit_price is None and wanted.order_class is not OrderClass.OCO:
        raise wrong_input(f"{type_.value.replace('_', ' ')} orders require limit_price")
    if type_ in (T.STOP, T.STOP_LIMIT) and wanted.stop_price is None:
        raise wrong_input(f"{type_.value.replace('_', ' ')} orders require stop_price")
    if type_ in (T.MARKET, T.STOP, T.TRAILING_STOP) and wanted.limit_price is not None:
        raise wrong_input(f"{type_.value.replace('_', ' ')} orders must not have limit_price")
    if type_ in (T.MARKET, T.LIMIT, T.TRAILING_STOP) and wanted.stop_price is not None:
        raise wrong_input(f"{type_.value.replace('_', ' ')} orders must not have stop_price")
    trails = [each for each in (wanted.trail_price, wanted.trail_percent) if each is not None]
    if type_ is T.TRAILING_STOP and len(trails) != 1:
        raise wrong_input("trailing stop orders must specify one of trail_price or trail_percent")
    if type_ is not T.TRAILING_STOP and trails:
        raise wrong_input("trail_price and trail_percent are accepted for trailing stop orders only")


def prices_are_on_the_grid(wanted: Wanted, instrument: Instrument) -> None:
    require_increment("limit_price", wanted.limit_price, instrument)
    require_increment("stop_price", wanted.stop_price, instrument)
    if wanted.take_profit:
        require_increment("take_profit.limit_price", wanted.take_profit.limit_price, instrument)
    if wanted.stop_loss:
        require_increment("stop_loss.stop_price", wanted.stop_loss.stop_price, instrument)
        require_increment("stop_loss.limit_price", wanted.stop_loss.limit_price, instrument)


def require_increment(name: str, price: Decimal | None, instrument: Instrument) -> None:
    """Reg NMS: below a dollar hundredths of a cent, above it whole cents."""
    if price is None:
        return
    if price <= 0:
        raise unprocessable(f"{name} must be > 0")
    if is_crypto(instrument):
        return
    if price % (CENT if price >= 1 else HUNDREDTH_OF_CENT):
        found = number(price)
        raise unprocessable(f"invalid {name} {found}. sub-penny increment does not fulfill minimum pricing criteria")


def stops_can_wait(wanted: Wanted, instrument: Instrument) -> None:
    if wanted.type.waits_for_trigger and wanted.time_in_force not in STOP_TIMES and not is_crypto(instrument):
        raise unprocessable(f"{wanted.type.value.replace('_', ' ')} orders must be DAY or GTC orders")
    if wanted.type is T.TRAILING_STOP and wanted.order_class is not OrderClass.SIMPLE:
        raise unprocessable("trailing stop orders must be simple orders")


def exits_fit_class(wanted: Wanted, _instrument: Instrument) -> None:
    profit, loss, class_ = wanted.take_profit, wanted.stop_loss, wanted.order_class
    if class_ is OrderClass.SIMPLE:
        if profit or loss:
            raise unprocessable("take_profit and stop_loss are accepted for bracket, oco and oto orders only")
        return
    if wanted.time_in_force not in STOP_TIMES:
        raise unprocessable(f"{class_.value} orders must be DAY or GTC orders")
    if profit and profit.limit_price is None:
        raise wrong_input(f"{class_.value} orders require take_profit.limit_price")
    is_trailing = loss is not None and (loss.trail_price is not None or loss.trail_percent is not None)
    if loss and loss.stop_price is None and not is_trailing:
        raise wrong_input(f"{class_.value} orders require stop_loss.stop_price")
    match class_:
        case OrderClass.BRACKET:
            if profit is None:
                raise wrong_input("bracket orders require take_profit.limit_price")
            if loss is None:
                raise wrong_input("bracket orders require stop_loss.stop_price")
        case OrderClass.OTO:
            if (profit is None) == (loss is None):
                raise wrong_input("oto orders require one of take_profit or stop_loss")
        case OrderClass.OCO:
            if wanted.type is not T.LIMIT:
                raise unprocessable("oco orders must be limit orders")
            if profit is None and wanted.limit_price is None:
                raise wrong_input("oco orders require take_profit.limit_price")
            if loss is None:
                raise wrong_input("oco orders require stop_loss.stop_price")


def require_exits_apart(wanted: Wanted, last: Decimal | None) -> None:
    """The profit lies beyond the loss, and both on their side of the entry, which is at `last` without a price of its
    own. Raises Denied.
    """
    profit = wanted.take_profit.limit_price if wanted.take_profit else None
    loss = wanted.stop_loss.stop_price if wanted.stop_loss else None
    if wanted.order_class is OrderClass.OCO:
        profit, entry, is_long = profit or wanted.limit_price, None, wanted.side is Side.SELL
    else:
        entry, is_long = wanted.limit_price or wanted.stop_price or last, wanted.side is Side.BUY
    sign = 1 if is_long else -1
    above, below = (">=", "<=") if is_long else ("<=", ">=")
    plus, minus = ("+", "-") if is_long else ("-", "+")
    if profit is not None and loss is not None and (profit - loss) * sign <= 0:
        raise unprocessable(f"take_profit.limit_price must be {above[0]} stop_loss.stop_price")
    if entry is None:
        return
    base = {"base_price": number(entry)}
    if profit is not None and (profit - entry) * sign < CENT:
        raise unprocessable(f"take_profit.limit_price must be {above} base_price {plus} 0.01", **base)
    if loss is not None and (entry - loss) * sign < CENT:
        raise unprocessable(f"stop_loss.stop_price must be {below} base_price {minus} 0.01", **base)


RULES: tuple[Rule, ...] = (
    size_is_fine_enough,
    exits_fit_class,
    prices_fit_type,
    prices_are_on_the_grid,
    stops_can_wait,
)


def require_change(change: ReplaceOrder, order: Order, instrument: Instrument) -> None:
    """What may be asked of an open order. Raises Denied."""
    require_increment("limit_price", change.limit_price, instrument)
    require_increment("stop_price", change.stop_price, instrument)
    if change.qty is not None and change.qty <= 0:
        raise unprocessable("qty must be > 0")
    if change.qty is not None and not is_crypto(instrument) and change.qty % 1:
        raise wrong_input("qty must be integer")
    if order.notional is not None:
        raise unprocessable("notional orders cannot be replaced")
    if len(order.revisions) >= MOST_REVISIONS:
        raise unprocessable(f"an order can be replaced {MOST_REVISIONS} times; cancel it and send a new one")
    if change.qty is not None and (order.order_class is not OrderClass.SIMPLE):
        raise unprocessable("only limit_price and stop_price of a complex order can be replaced")
    if change.trail is not None and order.type is not T.TRAILING_STOP:
        raise unprocessable("trail is accepted for trailing stop orders only")
