"""Alpaca's narrower rules, for orders that come through its facade. The sentences are its own, word for word.

Clients that were written for it look at the words (ccxt does), so these are not our sentences. Source: Alpaca's
documentation of orders, fractional trading, extended hours and crypto, and answers that users have published.
"""

from datetime import datetime, time
from decimal import Decimal
from zoneinfo import ZoneInfo

from tradesim.kernel.clock import NS_PER_SECOND
from tradesim.model.commands import SubmitOrder
from tradesim.model.instrument import AssetClass, Instrument
from tradesim.model.market import Side
from tradesim.model.orders import OrderClass, OrderType, Rejection, TimeInForce
from tradesim.trading.checks.context import Check, Context, wrong_with
from tradesim.trading.checks.form import LASTING
from tradesim.trading.checks.legs import entry_of
from tradesim.trading.money import number_text

NEW_YORK = ZoneInfo("America/New_York")
ONE_USD = Decimal(1)
CENT, FINE = Decimal("0.01"), Decimal("0.0001")
"""Reg NMS: sub-penny quotes only under 1.00 USD."""
REFUSED_UNTIL = time(19)
REFUSED_FROM = {TimeInForce.OPG: time(9, 28), TimeInForce.CLS: time(15, 50)}
COIN_TYPES = frozenset({OrderType.MARKET, OrderType.LIMIT, OrderType.STOP_LIMIT})
COIN_TIMES = frozenset({TimeInForce.GTC, TimeInForce.IOC})
FRACTION_TYPES = frozenset({OrderType.MARKET, OrderType.LIMIT, OrderType.STOP, OrderType.STOP_LIMIT})


def is_coin(instrument: Instrument) -> bool:
    return instrument.asset_class is AssetClass.CRYPTO


def sizes_are_given(order: SubmitOrder, context: Context, instrument: Instrument) -> Rejection | None:
    if order.qty is None and order.notional is None:
        return Rejection("size", "qty or notional is required", "qty")
    if order.qty is not None and order.notional is not None:
        return Rejection("size", "only one of qty or notional is accepted", "notional")
    if order.qty is not None and not order.qty > 0:
        return wrong_with("qty", "qty must be > 0")
    if order.notional is not None and not order.notional >= ONE_USD:
        return wrong_with("notional", "notional must be >= 1.00")
    return None


def price_is_no_sub_penny(order: SubmitOrder, context: Context, instrument: Instrument) -> Rejection | None:
    if is_coin(instrument):
        return None
    legs = (order.take_profit, order.stop_loss)
    limits = [order.limit_price, *(leg.limit_price for leg in legs if leg)]
    stops = [order.stop_price, *(leg.stop_price for leg in legs if leg)]
    for field, prices in (("limit_price", limits), ("stop_price", stops)):
        for price in prices:
            if price is not None and price.is_finite() and price % (CENT if price >= ONE_USD else FINE):
                sentence = "sub-penny increment does not fulfill minimum pricing criteria"
                return wrong_with("sub_penny", f"invalid {field} {number_text(price)}. {sentence}", field)
    return None


def coins_trade_plainly(order: SubmitOrder, context: Context, instrument: Instrument) -> Rejection | None:
    if not is_coin(instrument):
        return None
    if order.time_in_force not in COIN_TIMES:
        return wrong_with("time_in_force", "invalid crypto time_in_force")
    if order.type not in COIN_TYPES or order.order_class is not OrderClass.SIMPLE:
        return wrong_with("type", "invalid order type for crypto order")
    return None


def fractions_are_for_the_day(order: SubmitOrder, context: Context, instrument: Instrument) -> Rejection | None:
    is_whole = order.qty is not None and order.qty.is_finite() and not order.qty % 1
    if is_coin(instrument) or is_whole:
        return None
    if not instrument.fractionable:
        return wrong_with("qty", f'asset "{order.symbol}" is not fractionable')
    if order.time_in_force is not TimeInForce.DAY:
        return wrong_with("time_in_force", "fractional orders must be DAY orders")
    if order.type not in FRACTION_TYPES or order.order_class is not OrderClass.SIMPLE:
        return wrong_with("type", "fractional orders must be simple market, limit, stop or stop limit orders")
    if order.side is Side.SELL and (order.qty is None or order.qty > context.free_to_close) and context.held <= 0:
        return Rejection("short", "fractional orders cannot be sold short", "qty")
    return None


def extended_orders_are_simple_limits(order: SubmitOrder, context: Context, instrument: Instrument) -> Rejection | None:
    if not order.extended_hours:
        return None
    if order.type is not OrderType.LIMIT or order.order_class is not OrderClass.SIMPLE:
        return Rejection("extended_hours", 'only type="limit" is allowed for extended hours orders', "extended_hours")
    if order.time_in_force not in LASTING:
        return wrong_with("extended_hours", "extended hours order must be DAY or GTC limit orders")
    return None


def trails_are_simple(order: SubmitOrder, context: Context, instrument: Instrument) -> Rejection | None:
    leg = order.stop_loss
    if order.type is OrderType.TRAILING_STOP and order.order_class is not OrderClass.SIMPLE:
        return wrong_with("order_class", "trailing stop orders must be simple orders")
    if leg is not None and (leg.trail_price is not None or leg.trail_percent is not None):
        return wrong_with("stop_loss", "trailing stop orders must be simple orders")
    return None


def auctions_have_a_cut_off(order: SubmitOrder, context: Context, instrument: Instrument) -> Rejection | None:
    since = REFUSED_FROM.get(order.time_in_force)
    if since is None or not since <= time_in_new_york(context.now) < REFUSED_UNTIL:
        return None
    name = order.time_in_force.upper()
    return wrong_with("time_in_force", f"{name} orders are not accepted between {since:%H:%M} and 19:00 ET")


def time_in_new_york(now: int) -> time:
    return datetime.fromtimestamp(now // NS_PER_SECOND, NEW_YORK).time()


def groups_are_lasting(order: SubmitOrder, context: Context, instrument: Instrument) -> Rejection | None:
    if order.order_class is OrderClass.SIMPLE:
        return None
    if order.time_in_force not in LASTING:
        return wrong_with("time_in_force", f"{order.order_class} orders must be DAY or GTC orders")
    if order.order_class is OrderClass.BRACKET and (order.take_profit is None or order.stop_loss is None):
        return wrong_with("order_class", "bracket orders require both take_profit and stop_loss")
    if order.order_class is OrderClass.OTO and (order.take_profit is None) == (order.stop_loss is None):
        return wrong_with("order_class", "oto orders require exactly one of take_profit and stop_loss")
    if order.order_class is OrderClass.OCO and order.type is not OrderType.LIMIT:
        return wrong_with("type", "oco orders must be limit orders")
    return None


def stop_is_off_the_base(order: SubmitOrder, context: Context, instrument: Instrument) -> Rejection | None:
    """The base price is the take-profit's limit of an OCO, the entry's stop or limit, or the market."""
    stop = order.stop_loss.stop_price if order.stop_loss else None
    base = entry_of(order) or order.limit_price or context.touch.reference
    if stop is None or base is None or order.order_class is OrderClass.SIMPLE:
        return None
    exit_side = order.side if order.order_class is OrderClass.OCO else order.side.opposite
    if exit_side is Side.SELL and stop > base - CENT:
        return wrong_with("stop_loss", f"stop price must not be greater than base price {number_text(base)} - 0.01")
    if exit_side is Side.BUY and stop < base + CENT:
        return wrong_with("stop_loss", f"stop price must not be less than base price {number_text(base)} + 0.01")
    return None


STRICT_CHECKS: tuple[Check, ...] = (
    sizes_are_given,
    coins_trade_plainly,
    price_is_no_sub_penny,
    fractions_are_for_the_day,
    extended_orders_are_simple_limits,
    trails_are_simple,
    groups_are_lasting,
    auctions_have_a_cut_off,
    stop_is_off_the_base,
)
