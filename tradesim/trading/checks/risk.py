"""May this account send the order now: is it known, is there room, is it worth no more than what is allowed?"""

from decimal import Decimal

from tradesim.kernel.counting import counted
from tradesim.model.commands import SubmitOrder
from tradesim.model.instrument import AssetClass, Instrument
from tradesim.model.market import SessionState, Side
from tradesim.model.orders import Liquidity, OrderClass, OrderType, Rejection, Shortfall
from tradesim.model.venue import halt_sentence
from tradesim.trading.checks.context import Check, Context, field_of, print_price, quantity_of, value_asked
from tradesim.trading.money import money_text, number_text
from tradesim.trading.valuation import reserved_price

LONGEST_CLIENT_ORDER_ID = 128


def client_order_id_is_new(order: SubmitOrder, context: Context, instrument: Instrument) -> Rejection | None:
    given = order.client_order_id
    if given is not None and not 0 < len(given) <= LONGEST_CLIENT_ORDER_ID:
        wanted = f"client_order_id must have 1 to {LONGEST_CLIENT_ORDER_ID} characters"
        return Rejection("client_order_id", f"{wanted}, had {len(given)}", "client_order_id")
    if context.has_client_order_id:
        return Rejection(
            "client_order_id", f"client_order_id must be unique, {given} was used before", "client_order_id"
        )
    return None


def room_for_another(order: SubmitOrder, context: Context, instrument: Instrument) -> Rejection | None:
    most, found, more = context.limits.max_open_orders, context.open_orders, orders_in(order)
    if found + more <= most:
        return None
    sentence = f"at most {counted(most, 'order')} may be open, {found:,} {'is' if found == 1 else 'are'}"
    return Rejection("too_many_orders", sentence if more == 1 else f"{sentence} and this would be {more} more")


def orders_in(order: SubmitOrder) -> int:
    """The order and its exits; of two exits that cancel each other the first is the order itself."""
    exits = sum(leg is not None for leg in (order.take_profit, order.stop_loss))
    return exits if order.order_class is OrderClass.OCO else 1 + exits


def trading_goes_on(order: SubmitOrder, context: Context, instrument: Instrument) -> Rejection | None:
    by = context.halted_by
    return Rejection("halted", halt_sentence(order.symbol, by), "symbol") if by else None


def has_a_quote(order: SubmitOrder, context: Context, instrument: Instrument) -> Rejection | None:
    """A market that shows no quotes at all is traded by its prints: there a last one will do.

    So it will where the order waits for its session.
    """
    if order.type is not OrderType.MARKET or context.touch.to_trade(order.side) is not None:
        return None
    waits = context.session not in (SessionState.ALWAYS, SessionState.REGULAR) and context.touch.last is not None
    if waits or print_price(context.touch) is not None:
        return None
    missing = "asks" if order.side is Side.BUY else "bids"
    return Rejection("no_quote", f"a market order needs a quote: {order.symbol} has no {missing} now", "type")


def notional_buys_a_lot(order: SubmitOrder, context: Context, instrument: Instrument) -> Rejection | None:
    if order.notional is None or quantity_of(order, context, instrument) > 0:
        return None
    lot = number_text(instrument.lot_size)
    price = reserved_price(order.side, order.limit_price, context.touch)
    if price is None:
        return Rejection("no_quote", f"a notional needs a quote or a limit price: {order.symbol} has none", "notional")
    least, found = money_text(price * instrument.lot_size), money_text(order.notional)
    return Rejection("notional", f"notional must buy at least {lot} {order.symbol} ({least}), was {found}", "notional")


def price_is_inside_band(order: SubmitOrder, context: Context, instrument: Instrument) -> Rejection | None:
    """As the venue measures it; a stop-limit from its stop: there the market will be when its limit counts."""
    reference = order.stop_price or context.band_reference or context.touch.reference
    if order.limit_price is None or reference is None:
        return None
    low, high = reference * (1 - instrument.band), reference * (1 + instrument.band)
    if low <= order.limit_price <= high:
        return None
    decimals = instrument.price_decimals
    low_text, middle, high_text = (f"{price:,.{decimals}f}" for price in (low, reference, high))
    percent = number_text(instrument.band * 100)
    sentence = (
        f"limit price must be within {percent} % of {middle} "
        f"({low_text} to {high_text}), was {number_text(order.limit_price, decimals)}"
    )
    return Rejection("price_band", sentence, "limit_price")


def order_is_not_too_large(order: SubmitOrder, context: Context, instrument: Instrument) -> Rejection | None:
    """What closes a position is never too large."""
    limits = context.limits
    qty = max(quantity_of(order, context, instrument) - context.free_to_close, Decimal(0))
    if qty > limits.max_order_qty:
        most, found = number_text(limits.max_order_qty), number_text(qty)
        return Rejection(
            "too_large", f"an order may be for at most {most} {order.symbol}, was {found}", field_of(order)
        )
    value = value_asked(order, qty, context, instrument)
    if value > limits.max_order_value:
        most, found = money_text(limits.max_order_value), money_text(value)
        return Rejection("too_large", f"an order may be worth at most {most}, was {found}", field_of(order))
    return None


def may_be_short(order: SubmitOrder, context: Context, instrument: Instrument) -> Rejection | None:
    qty = quantity_of(order, context, instrument)
    if order.side is Side.BUY or qty <= context.free_to_close:
        return None
    why = never_short(qty, context, instrument)
    if why is None:
        return None
    free, asked = number_text(context.free_to_close), number_text(qty)
    sentence = f"{why}: {free} {order.symbol} is free to sell, {asked} was asked"
    return Shortfall("short", sentence, field_of(order), qty, context.free_to_close)


def never_short(qty: Decimal, context: Context, instrument: Instrument) -> str | None:
    if qty % instrument.lot_size:
        return "a fraction cannot be sold short"
    if instrument.asset_class is AssetClass.CRYPTO or not instrument.shortable:
        return f"{instrument.symbol} cannot be sold short"
    return None if context.account.shorting_enabled else "this account may not sell short"


def may_only_close(order: SubmitOrder, context: Context, instrument: Instrument) -> bool:
    """Whether a sale that was taken must never open a short, whatever else sells on its way."""
    if order.side is Side.BUY:
        return False
    cannot_borrow = context.account.rules.multiplier == 1 or not instrument.easy_to_borrow
    return cannot_borrow or never_short(quantity_of(order, context, instrument), context, instrument) is not None


def opened_by(order: SubmitOrder, context: Context, instrument: Instrument) -> Decimal:
    """What of the order may open a position or add to one: no part of one is free for it to close."""
    if order.reduce_only or may_only_close(order, context, instrument):
        return Decimal(0)
    return max(quantity_of(order, context, instrument) - context.free_to_close, Decimal(0))


def buying_power_suffices(order: SubmitOrder, context: Context, instrument: Instrument) -> Rejection | None:
    qty = quantity_of(order, context, instrument)
    opening = max(qty - context.free_to_close, Decimal(0))
    value = value_asked(order, opening, context, instrument)
    if opening and order.side is Side.BUY:
        value += context.fee_of(instrument, value / opening, opening, Liquidity.TAKER)
    if value <= context.buying_power:
        return None
    have, need = money_text(context.buying_power), money_text(value)
    sentence = f"buying power {have} is less than {need}"
    return Shortfall("buying_power", sentence, field_of(order), value, context.buying_power)


def it_closes(order: SubmitOrder, context: Context, instrument: Instrument) -> Rejection | None:
    """A reduce-only order may be for no more than the position that it closes; it costs no buying power."""
    qty, closes = quantity_of(order, context, instrument), -context.held * order.side.sign
    if 0 < qty <= closes:
        return None
    found, asked = number_text(max(closes, Decimal(0))), number_text(qty)
    return Rejection("reduce_only", f"at most {found} {order.symbol} can be closed, {asked} was asked", field_of(order))


NEW_ORDER_CHECKS: tuple[Check, ...] = (client_order_id_is_new, room_for_another, trading_goes_on)
CLOSING_CHECKS: tuple[Check, ...] = (has_a_quote, it_closes)
RISK_CHECKS: tuple[Check, ...] = (
    has_a_quote,
    notional_buys_a_lot,
    price_is_inside_band,
    order_is_not_too_large,
    may_be_short,
    buying_power_suffices,
)
