"""May this order be sent? One function a question; each answers with the sentence that the trader reads.

An order may cross from long to short, or from short to long, only as far as opening the other side is
allowed: a sale beyond what is free to sell needs an account and an instrument that may be short.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal

from tradesim.model.accounts import Account
from tradesim.model.commands import ReplaceOrder, SubmitOrder
from tradesim.model.instrument import AssetClass, Instrument
from tradesim.model.market import EMPTY_BOOK, BookTop, Side
from tradesim.model.orders import Liquidity, Order, OrderType, Rejection, TimeInForce
from tradesim.model.risk import STANDARD_LIMITS, RiskLimits
from tradesim.trading.estimates import lots_wanted, market_value
from tradesim.trading.money import money_text, number_text
from tradesim.trading.portfolio import Portfolio
from tradesim.trading.valuation import (
    NO_TOUCH,
    FeeOf,
    Touch,
    closable,
    is_levered,
    no_fee,
    reserved_price,
    value_account,
)

LARGEST_NUMBER = Decimal(10) ** 12
"""No quantity, price or notional beyond it is taken seriously, whatever the limits say."""
LONGEST_CLIENT_ORDER_ID = 128
LONGEST_SOURCE = 32


@dataclass(frozen=True, slots=True)
class Context:
    """What the checks must know. `free_to_close` costs no buying power; `buying_power` is for this instrument."""

    account: Account
    instrument: Instrument | None
    touch: Touch = NO_TOUCH
    top: BookTop = EMPTY_BOOK
    limits: RiskLimits = STANDARD_LIMITS
    buying_power: Decimal = Decimal(0)
    held: Decimal = Decimal(0)
    free_to_close: Decimal = Decimal(0)
    open_orders: int = 0
    has_client_order_id: bool = False
    is_halted: bool = False
    fee_of: FeeOf = no_fee


def context_for(
    order: SubmitOrder,
    portfolio: Portfolio,
    instruments: Mapping[str, Instrument],
    touch_by_symbol: Mapping[str, Touch],
    top: BookTop = EMPTY_BOOK,
    limits: RiskLimits | None = None,
    is_halted: bool = False,
    without: str | None = None,
    fee_of: FeeOf = no_fee,
) -> Context:
    """`without` is the order that this one is to replace: what it reserves is free again."""
    instrument = instruments.get(order.symbol)
    value = value_account(portfolio, touch_by_symbol, instruments, without, fee_of)
    client_order_id = order.client_order_id
    return Context(
        account=portfolio.account,
        instrument=instrument,
        touch=touch_by_symbol.get(order.symbol, NO_TOUCH),
        top=top,
        limits=limits or STANDARD_LIMITS,
        buying_power=value.buying_power if is_levered(instrument) else value.cash_power,
        held=portfolio.position(order.symbol).qty,
        free_to_close=closable(portfolio, order.symbol, order.side, without),
        open_orders=len(portfolio.open),
        has_client_order_id=client_order_id is not None and portfolio.by_client_order_id(client_order_id) is not None,
        is_halted=is_halted,
        fee_of=fee_of,
    )


Check = Callable[[SubmitOrder, Context, Instrument], Rejection | None]


def refusal(order: SubmitOrder, context: Context) -> Rejection | None:
    """The first reason not to send the order, or None."""
    risk = CLOSING_CHECKS if order.reduce_only else RISK_CHECKS
    return first_refusal(order, context, (*FORM_CHECKS, *NEW_ORDER_CHECKS, *risk))


def replace_refusal(command: ReplaceOrder, order: Order | None, context: Context) -> Rejection | None:
    """The first reason not to replace; `context` is made for `replacement(command, order)` and `without` the order."""
    no = order_is_open(command.order_id, order)
    if no or order is None:
        return no
    asked = replacement(command, order)
    return (
        something_changes(asked, order)
        or first_refusal(asked, context, FORM_CHECKS)
        or more_than_filled(asked, order)
        or first_refusal(open_part(asked, order), context, RISK_CHECKS)
    )


def cancel_refusal(order_id: str, order: Order | None) -> Rejection | None:
    return order_is_open(order_id, order)


def replacement(command: ReplaceOrder, order: Order) -> SubmitOrder:
    """The order as it would be after, with its new total quantity."""
    return SubmitOrder(
        order.account_id,
        order.symbol,
        order.side,
        order.type,
        order.time_in_force,
        qty=order.qty if command.qty is None else command.qty,
        limit_price=order.limit_price if command.limit_price is None else command.limit_price,
        post_only=order.post_only,
        source=order.source,
    )


def open_part(asked: SubmitOrder, order: Order) -> SubmitOrder:
    """What of a replacement would still be open."""
    return replace(asked, qty=(asked.qty or Decimal(0)) - order.filled_qty)


def first_refusal(order: SubmitOrder, context: Context, checks: Iterable[Check]) -> Rejection | None:
    instrument = context.instrument
    if instrument is None:
        return Rejection("unknown_symbol", f"{order.symbol} is not traded here", "symbol")
    return next((no for check in checks if (no := check(order, context, instrument))), None)


def quantity_of(order: SubmitOrder, context: Context, instrument: Instrument) -> Decimal:
    """What would be ordered: `qty`, or the whole lots that `notional` buys (zero where that is not known)."""
    if order.qty is not None:
        return order.qty
    lots, price = lots_wanted(order, instrument, context.top), print_price(context.touch)
    if lots is None and order.notional is not None and price:
        lots = instrument.lots(order.notional / price)
    return instrument.qty(lots or 0)


def one_size_given(order: SubmitOrder, context: Context, instrument: Instrument) -> Rejection | None:
    if (order.qty is None) == (order.notional is None):
        found = "neither was" if order.qty is None else "both were"
        return Rejection("size", f"give either a quantity or a notional: {found} given", "qty")
    return None


def currency_is_the_accounts(order: SubmitOrder, context: Context, instrument: Instrument) -> Rejection | None:
    if instrument.currency == context.account.currency:
        return None
    found = f"{order.symbol} is priced in {instrument.currency}"
    return Rejection("currency", f"this account trades in {context.account.currency}, {found}", "symbol")


def quantity_is_whole_lots(order: SubmitOrder, context: Context, instrument: Instrument) -> Rejection | None:
    if order.qty is None:
        return None
    wrong = not_a_number("quantity", order.qty)
    if wrong is None and not instrument.is_on_lot(order.qty):
        wrong = f"quantity must be a multiple of {number_text(instrument.lot_size)}, was {number_text(order.qty)}"
    return Rejection("qty", wrong, "qty") if wrong else None


def notional_is_money(order: SubmitOrder, context: Context, instrument: Instrument) -> Rejection | None:
    if order.notional is None:
        return None
    wrong = not_a_number("notional", order.notional)
    return Rejection("notional", wrong, "notional") if wrong else None


def limit_price_fits_type(order: SubmitOrder, context: Context, instrument: Instrument) -> Rejection | None:
    if order.type is OrderType.LIMIT and order.limit_price is None:
        return Rejection("limit_price", "a limit order needs a limit price, none was given", "limit_price")
    if order.type is OrderType.MARKET and order.limit_price is not None:
        found = number_text(order.limit_price)
        return Rejection("limit_price", f"a market order has no limit price, was {found}", "limit_price")
    return None


def limit_price_is_on_tick(order: SubmitOrder, context: Context, instrument: Instrument) -> Rejection | None:
    if order.limit_price is None:
        return None
    wrong = not_a_number("limit price", order.limit_price)
    if wrong is None and not instrument.is_on_tick(order.limit_price):
        found = number_text(order.limit_price)
        wrong = f"limit price must be a multiple of {number_text(instrument.tick_size)}, was {found}"
    return Rejection("limit_price", wrong, "limit_price") if wrong else None


def post_only_can_rest(order: SubmitOrder, context: Context, instrument: Instrument) -> Rejection | None:
    if not order.post_only:
        return None
    if order.type is not OrderType.LIMIT:
        return Rejection("post_only", f"a post-only order must be a limit order, was {order.type}", "post_only")
    if order.time_in_force in (TimeInForce.IOC, TimeInForce.FOK):
        found = order.time_in_force
        return Rejection("post_only", f"a post-only order must be day or gtc, was {found}", "post_only")
    return None


def source_is_a_word(order: SubmitOrder, context: Context, instrument: Instrument) -> Rejection | None:
    if len(order.source) <= LONGEST_SOURCE:
        return None
    wanted = f"source must have at most {LONGEST_SOURCE} characters"
    return Rejection("source", f"{wanted}, had {len(order.source):,}", "source")


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
    most = context.limits.max_open_orders
    if context.open_orders >= most:
        return Rejection("too_many_orders", f"at most {most:,} orders may be open, {context.open_orders:,} are")
    return None


def trading_goes_on(order: SubmitOrder, context: Context, instrument: Instrument) -> Rejection | None:
    return Rejection("halted", f"trading in {order.symbol} is halted", "symbol") if context.is_halted else None


def has_a_quote(order: SubmitOrder, context: Context, instrument: Instrument) -> Rejection | None:
    """A market that shows no quotes at all is traded by its prints: there a last one will do."""
    if order.type is not OrderType.MARKET or context.touch.to_trade(order.side) is not None:
        return None
    if print_price(context.touch) is not None:
        return None
    missing = "asks" if order.side is Side.BUY else "bids"
    return Rejection("no_quote", f"a market order needs a quote: {order.symbol} has no {missing} now", "type")


def print_price(touch: Touch) -> Decimal | None:
    """The last trade, where there is nothing else to go by."""
    return touch.last if touch.bid is None and touch.ask is None else None


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
    reference = context.touch.reference
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
    qty, limits = quantity_of(order, context, instrument), context.limits
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
    if instrument.asset_class is AssetClass.CRYPTO or not instrument.shortable:
        why = f"{order.symbol} cannot be sold short"
    elif not context.account.shorting_enabled:
        why = "this account may not sell short"
    else:
        return None
    free, asked = number_text(context.free_to_close), number_text(qty)
    return Rejection("short", f"{why}: {free} {order.symbol} is free to sell, {asked} was asked", field_of(order))


def buying_power_suffices(order: SubmitOrder, context: Context, instrument: Instrument) -> Rejection | None:
    qty = quantity_of(order, context, instrument)
    opening = max(qty - context.free_to_close, Decimal(0))
    value = value_asked(order, opening, context, instrument)
    if opening and order.side is Side.BUY:
        value += context.fee_of(instrument, value / opening, opening, Liquidity.TAKER)
    if value <= context.buying_power:
        return None
    have, need = money_text(context.buying_power), money_text(value)
    return Rejection("buying_power", f"buying power {have} is less than {need}", field_of(order))


def value_asked(order: SubmitOrder, qty: Decimal, context: Context, instrument: Instrument) -> Decimal:
    """USD that `qty` of the order may come to: at its limit, or from the book as it is now."""
    if order.limit_price is None:
        from_book = market_value(instrument, order.side, instrument.lots(qty), context.top)
        if from_book is not None:
            return from_book
    return qty * (reserved_price(order.side, order.limit_price, context.touch) or Decimal(0))


def it_closes(order: SubmitOrder, context: Context, instrument: Instrument) -> Rejection | None:
    """A reduce-only order may be for no more than the position that it closes; it costs no buying power."""
    qty, closes = quantity_of(order, context, instrument), -context.held * order.side.sign
    if 0 < qty <= closes:
        return None
    found, asked = number_text(max(closes, Decimal(0))), number_text(qty)
    return Rejection("reduce_only", f"at most {found} {order.symbol} can be closed, {asked} was asked", field_of(order))


def order_is_open(order_id: str, order: Order | None) -> Rejection | None:
    if order is None:
        return Rejection("unknown_order", f"there is no order {order_id}", "order_id")
    if not order.is_open:
        return Rejection("not_open", f"order {order_id} is already {order.status}", "order_id")
    return None


def something_changes(asked: SubmitOrder, order: Order) -> Rejection | None:
    if (asked.qty, asked.limit_price) == (order.qty, order.limit_price):
        return Rejection("unchanged", "give a new quantity or a new limit price: both are as they were", "qty")
    return None


def more_than_filled(asked: SubmitOrder, order: Order) -> Rejection | None:
    if asked.qty is None or asked.qty > order.filled_qty:
        return None
    filled, found = number_text(order.filled_qty), number_text(asked.qty)
    return Rejection("qty", f"quantity must be above {filled}, which is filled already, was {found}", "qty")


def not_a_number(what: str, number: Decimal) -> str | None:
    """Why a number cannot be used at all."""
    if number.is_finite() and 0 < number <= LARGEST_NUMBER:
        return None
    return f"{what} must be above 0 and at most {LARGEST_NUMBER:,}, was {number_text(number)}"


def field_of(order: SubmitOrder) -> str:
    return "notional" if order.qty is None else "qty"


FORM_CHECKS: tuple[Check, ...] = (
    currency_is_the_accounts,
    one_size_given,
    quantity_is_whole_lots,
    notional_is_money,
    limit_price_fits_type,
    limit_price_is_on_tick,
    post_only_can_rest,
    source_is_a_word,
)
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
