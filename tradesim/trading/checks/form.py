"""Does the order make sense, whoever sends it and whatever the market does?"""

from collections.abc import Container
from decimal import Decimal

from tradesim.model.commands import SubmitOrder
from tradesim.model.instrument import FRACTION, AssetClass, Instrument
from tradesim.model.market import SessionState
from tradesim.model.orders import OrderClass, OrderType, Rejection, TimeInForce
from tradesim.trading.checks.context import Check, Context, not_a_number, off_tick, wrong_with
from tradesim.trading.money import number_text

LONGEST_SOURCE = 96
LONGEST_TAG = 64
LIMITED = frozenset({OrderType.LIMIT, OrderType.STOP_LIMIT})
STOPPED = frozenset({OrderType.STOP, OrderType.STOP_LIMIT})
LASTING = frozenset({TimeInForce.DAY, TimeInForce.GTC})
AT_AUCTION = frozenset({TimeInForce.OPG, TimeInForce.CLS})
AT_ONCE = frozenset({TimeInForce.IOC, TimeInForce.FOK})


def currency_is_the_accounts(order: SubmitOrder, context: Context, instrument: Instrument) -> Rejection | None:
    if instrument.currency == context.account.currency:
        return None
    found = f"{order.symbol} is priced in {instrument.currency}"
    return Rejection("currency", f"this account trades in {context.account.currency}, {found}", "symbol")


def one_size_given(order: SubmitOrder, context: Context, instrument: Instrument) -> Rejection | None:
    if (order.qty is None) == (order.notional is None):
        found = "neither was" if order.qty is None else "both were"
        return Rejection("size", f"give either a quantity or a notional: {found} given", "qty")
    return None


def quantity_is_whole_lots(order: SubmitOrder, context: Context, instrument: Instrument) -> Rejection | None:
    """What is held may be closed whole, whatever fraction it has."""
    if order.qty is None:
        return None
    wrong = not_a_number("quantity", order.qty)
    is_all_of_it = order.reduce_only and order.qty == abs(context.held)
    if wrong is None and not is_all_of_it and order.qty % step_of(instrument):
        wrong = f"quantity must be a multiple of {number_text(step_of(instrument))}, was {number_text(order.qty)}"
    return wrong_with("qty", wrong) if wrong else None


def step_of(instrument: Instrument) -> Decimal:
    return FRACTION if instrument.fractionable else instrument.lot_size


def notional_is_money(order: SubmitOrder, context: Context, instrument: Instrument) -> Rejection | None:
    if order.notional is None:
        return None
    wrong = not_a_number("notional", order.notional)
    return wrong_with("notional", wrong) if wrong else None


def fraction_can_be_dealt(order: SubmitOrder, context: Context, instrument: Instrument) -> Rejection | None:
    """A fraction of a lot is dealt by the desk: it cannot rest first in a queue, hide or wait for an auction."""
    if order.qty is None or not order.qty % instrument.lot_size:
        return None
    asks_for_more = {
        "post-only": order.post_only,
        "iceberg": order.display_qty is not None,
        order.time_in_force: order.time_in_force in AT_AUCTION,
    }
    for what, is_asked in asks_for_more.items():
        if is_asked:
            lot, found = number_text(instrument.lot_size), number_text(order.qty)
            return wrong_with("qty", f"the quantity of {what} orders must be a multiple of {lot}, was {found}")
    return None


def limit_price_fits_type(order: SubmitOrder, context: Context, instrument: Instrument) -> Rejection | None:
    return price_fits_type("limit", order.limit_price, order.type, LIMITED)


def limit_price_is_on_tick(order: SubmitOrder, context: Context, instrument: Instrument) -> Rejection | None:
    return off_tick("limit price", order.limit_price, instrument, "limit_price")


def stop_price_fits_type(order: SubmitOrder, context: Context, instrument: Instrument) -> Rejection | None:
    return price_fits_type("stop", order.stop_price, order.type, STOPPED)


def price_fits_type(
    name: str, price: Decimal | None, type_: OrderType, wanted_by: Container[OrderType]
) -> Rejection | None:
    """A `name` price is given exactly where the type wants one."""
    if type_ in wanted_by and price is None:
        return wrong_with(f"{name}_price", f"a {spoken(type_)} order needs a {name} price, none was given")
    if type_ not in wanted_by and price is not None:
        return wrong_with(f"{name}_price", f"a {spoken(type_)} order has no {name} price, was {number_text(price)}")
    return None


def stop_price_is_on_tick(order: SubmitOrder, context: Context, instrument: Instrument) -> Rejection | None:
    return off_tick("stop price", order.stop_price, instrument, "stop_price")


def trail_fits_type(order: SubmitOrder, context: Context, instrument: Instrument) -> Rejection | None:
    return trail_refusal(order.type, order.trail_price, order.trail_percent, instrument)


def trail_refusal(
    type_: OrderType, trail_price: Decimal | None, trail_percent: Decimal | None, instrument: Instrument
) -> Rejection | None:
    if type_ is not OrderType.TRAILING_STOP:
        if trail_price is None and trail_percent is None:
            return None
        field = "trail_percent" if trail_price is None else "trail_price"
        return wrong_with(field, f"only a trailing stop has a trail: the order was {spoken(type_)}")
    if (trail_price is None) == (trail_percent is None):
        found = "neither was" if trail_price is None else "both were"
        return wrong_with("trail_price", f"give either a trail in money or in percent: {found} given")
    if trail_percent is not None and not (trail_percent.is_finite() and 0 < trail_percent < 100):
        found = number_text(trail_percent)
        return wrong_with("trail_percent", f"a trail must be above 0 and below 100 percent, was {found}")
    return off_tick("trail", trail_price, instrument, "trail_price")


def time_in_force_fits_type(order: SubmitOrder, context: Context, instrument: Instrument) -> Rejection | None:
    """A stop-limit of coins may be ioc, as Alpaca has it: it waits for its trigger, and takes what is there then."""
    is_coins = instrument.asset_class is AssetClass.CRYPTO and order.type is OrderType.STOP_LIMIT
    fitting = (*LASTING, TimeInForce.IOC) if is_coins else LASTING
    if order.type.waits_for_trigger and order.time_in_force not in fitting:
        found = order.time_in_force
        return wrong_with("time_in_force", f"a {spoken(order.type)} order must be day or gtc, was {found}")
    return None


def auction_is_held(order: SubmitOrder, context: Context, instrument: Instrument) -> Rejection | None:
    if order.time_in_force not in AT_AUCTION:
        return None
    if context.session is SessionState.ALWAYS:
        sentence = f"{order.symbol} trades around the clock and has no opening or closing auction: it takes no"
        return wrong_with("time_in_force", f"{sentence} {order.time_in_force} orders")
    if order.post_only or order.display_qty is not None:
        found = "post-only" if order.post_only else "iceberg"
        return wrong_with("time_in_force", f"an order for an auction neither rests nor hides, was {found}")
    return None


def post_only_can_rest(order: SubmitOrder, context: Context, instrument: Instrument) -> Rejection | None:
    if not order.post_only:
        return None
    if order.type is not OrderType.LIMIT:
        return wrong_with("post_only", f"a post-only order must be a limit order, was {order.type}")
    if order.time_in_force in AT_ONCE:
        return wrong_with("post_only", f"a post-only order must be day or gtc, was {order.time_in_force}")
    return None


def display_fits(order: SubmitOrder, context: Context, instrument: Instrument) -> Rejection | None:
    shown = order.display_qty
    if shown is None:
        return None
    if order.type not in LIMITED or order.time_in_force not in LASTING:
        found = f"{spoken(order.type)} and {order.time_in_force}"
        return wrong_with("display_qty", f"only a limit order that is day or gtc can hide a part, was {found}")
    wrong = not_a_number("display quantity", shown)
    if wrong is None and not instrument.is_on_lot(shown):
        wrong = f"display quantity must be a multiple of {number_text(instrument.lot_size)}, was {number_text(shown)}"
    if wrong is None and order.qty is not None and shown > order.qty:
        wrong = f"display quantity must be at most the quantity {number_text(order.qty)}, was {number_text(shown)}"
    return wrong_with("display_qty", wrong) if wrong else None


def extended_hours_fit(order: SubmitOrder, context: Context, instrument: Instrument) -> Rejection | None:
    if not order.extended_hours:
        return None
    if order.type is not OrderType.LIMIT or order.time_in_force not in LASTING:
        found = f"{spoken(order.type)} and {order.time_in_force}"
        return wrong_with("extended_hours", f"an order for extended hours must be limit and day or gtc, was {found}")
    return None


def reduces_alone(order: SubmitOrder, context: Context, instrument: Instrument) -> Rejection | None:
    if order.reduce_only and order.order_class in (OrderClass.BRACKET, OrderClass.OTO):
        found = order.order_class
        return wrong_with("reduce_only", f"an entry with exits opens a position and cannot be reduce-only, was {found}")
    return None


def source_is_a_word(order: SubmitOrder, context: Context, instrument: Instrument) -> Rejection | None:
    for name, given, longest in (("source", order.source, LONGEST_SOURCE), ("tag", order.tag, LONGEST_TAG)):
        if len(given) > longest:
            return wrong_with(name, f"{name} must have at most {longest} characters, had {len(given):,}")
    return None


def spoken(type_: OrderType) -> str:
    """`stop_limit` as people say it."""
    return type_.replace("_", " ") if type_ is OrderType.TRAILING_STOP else type_.replace("_", "-")


FORM_CHECKS: tuple[Check, ...] = (
    currency_is_the_accounts,
    one_size_given,
    quantity_is_whole_lots,
    notional_is_money,
    fraction_can_be_dealt,
    limit_price_fits_type,
    limit_price_is_on_tick,
    stop_price_fits_type,
    stop_price_is_on_tick,
    trail_fits_type,
    time_in_force_fits_type,
    auction_is_held,
    post_only_can_rest,
    display_fits,
    extended_hours_fit,
    reduces_alone,
    source_is_a_word,
)
