"""What the checks must know of an account, its market and the moment, and what several of them ask."""

from collections.abc import Callable, Iterable, Mapping
from decimal import ROUND_DOWN, Decimal

from msgspec import Struct

from tradesim.model.accounts import Account
from tradesim.model.commands import SubmitOrder
from tradesim.model.instrument import FRACTION, Instrument
from tradesim.model.market import EMPTY_BOOK, BookTop, SessionState
from tradesim.model.orders import OrderType, Rejection
from tradesim.model.risk import STANDARD_LIMITS, RiskLimits
from tradesim.model.venue import HaltedBy
from tradesim.trading.estimates import lots_wanted, market_value, price_wanted
from tradesim.trading.money import number_text
from tradesim.trading.portfolio import Portfolio
from tradesim.trading.valuation import (
    NO_TOUCH,
    FeeOf,
    Touch,
    closable,
    is_levered,
    no_fee,
    reserved_price,
    stop_now,
    value_account,
)

LARGEST_NUMBER = Decimal(10) ** 12
"""No quantity, price or notional beyond it is taken seriously, whatever the limits say."""


class Context(Struct, frozen=True):
    """What the checks must know. `free_to_close` costs no buying power; `buying_power` is for this instrument.

    `band_reference` is what the venue measures its price band from; None while it takes every price.
    """

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
    halted_by: tuple[HaltedBy, ...] = ()
    fee_of: FeeOf = no_fee
    session: SessionState = SessionState.ALWAYS
    now: int = 0
    band_reference: Decimal | None = None


def context_for(
    order: SubmitOrder,
    portfolio: Portfolio,
    instruments: Mapping[str, Instrument],
    touch_by_symbol: Mapping[str, Touch],
    top: BookTop = EMPTY_BOOK,
    limits: RiskLimits | None = None,
    halted_by: tuple[HaltedBy, ...] = (),
    without: str | None = None,
    fee_of: FeeOf = no_fee,
    session: SessionState = SessionState.ALWAYS,
    now: int = 0,
    band_reference: Decimal | None = None,
) -> Context:
    """`without` is the order that this one is to replace: what it reserves is free again. `now` is UTC ns."""
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
        has_client_order_id=client_order_id is not None and portfolio.has_used(client_order_id),
        halted_by=halted_by,
        fee_of=fee_of,
        session=session,
        now=now,
        band_reference=band_reference,
    )


Check = Callable[[SubmitOrder, Context, Instrument], Rejection | None]


def first_refusal(order: SubmitOrder, context: Context, checks: Iterable[Check]) -> Rejection | None:
    instrument = context.instrument
    if instrument is None:
        return Rejection("unknown_symbol", f"{order.symbol} is not traded here", "symbol")
    for check in checks:
        if no := check(order, context, instrument):
            return no
    return None


def quantity_of(order: SubmitOrder, context: Context, instrument: Instrument) -> Decimal:
    """What would be ordered: `qty`, or what `notional` buys, in nine decimals where fractions are traded.

    Zero where that is not known.
    """
    if order.qty is not None:
        return order.qty
    if order.notional is None:
        return Decimal(0)
    price = price_wanted(order, instrument, context.top) or print_price(context.touch)
    if instrument.fractionable:
        return (order.notional / price).quantize(FRACTION, ROUND_DOWN).normalize() + 0 if price else Decimal(0)
    lots = lots_wanted(order, instrument, context.top)
    if lots is None and price:
        lots = instrument.lots(order.notional / price)
    return instrument.qty(lots or 0)


def print_price(touch: Touch) -> Decimal | None:
    """The last trade, where there is nothing else to go by."""
    return touch.last if touch.bid is None and touch.ask is None else None


def value_asked(order: SubmitOrder, qty: Decimal, context: Context, instrument: Instrument) -> Decimal:
    """USD that `qty` of the order may come to: at its limit or stop, or from the book as it is now."""
    stop = stop_now(order, context.touch)
    price = reserved_price(order.side, order.limit_price, context.touch, stop) or Decimal(0)
    if order.type is OrderType.MARKET:
        lots = instrument.lots(qty)
        from_book = market_value(instrument, order.side, lots, context.top)
        if from_book is not None:
            return from_book + (qty - instrument.qty(lots)) * price
    return qty * price


def not_a_number(what: str, number: Decimal) -> str | None:
    """Why a number cannot be used at all."""
    if number.is_finite() and 0 < number <= LARGEST_NUMBER:
        return None
    return f"{what} must be above 0 and at most {LARGEST_NUMBER:,}, was {number_text(number)}"


def off_tick(what: str, price: Decimal | None, instrument: Instrument, field: str) -> Rejection | None:
    """Why `price` is none of the instrument's, under the field's own name."""
    if price is None:
        return None
    wrong = not_a_number(what, price)
    if wrong is None and not instrument.is_on_tick(price):
        wrong = f"{what} must be a multiple of {number_text(instrument.tick_size)}, was {number_text(price)}"
    return Rejection(field, wrong, field) if wrong else None


def field_of(order: SubmitOrder) -> str:
    return "notional" if order.qty is None else "qty"


def wrong_with(code: str, sentence: str, field: str | None = None) -> Rejection:
    """A refusal whose field is called like its code, unless it is given."""
    return Rejection(code, sentence, field or code)
