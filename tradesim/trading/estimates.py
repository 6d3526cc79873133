"""What an order would do if it met the present book, level by level. Nothing here changes anything."""

from collections.abc import Callable, Sequence
from decimal import ROUND_HALF_EVEN, Decimal

from msgspec import Struct
from msgspec.structs import replace

from tradesim.model.commands import SubmitOrder
from tradesim.model.instrument import Instrument
from tradesim.model.market import BookTop, Level, Side
from tradesim.model.orders import Liquidity, OrderType, TimeInForce
from tradesim.model.venue import Beyond

FeeOf = Callable[[Side, Decimal, Decimal, Liquidity], Decimal]
"""Fee in USD of (side, quantity, price, liquidity); negative for a rebate."""


class Walk(Struct, frozen=True):
    """Lots taken from a book and what they came to: `ticks` is the sum of price x lots.

    `is_to_come`: nothing is taken before the next print.
    """

    lots: int
    ticks: int
    rule: str | None = None
    is_to_come: bool = False


BeyondOf = Callable[[int, int | None], Beyond | None]
"""What is behind the displayed market for (lots, limit in ticks)."""


def nothing_beyond(_lots: int, _limit: int | None) -> Beyond | None:
    """All that there is, is shown."""
    return None


class OrderEstimate(Struct, frozen=True):
    """As desk.views.Estimate has it. `value` is of the whole order: what fills now, and the rest at its limit.

    `rule` says by which rule what is beyond the displayed market was counted; None where nothing is. `waits` are the
    lots that trade at the next print: their price, value and fee are reckoned at the last one.
    """

    value: Decimal | None
    fee: Decimal | None
    avg_price: Decimal | None
    fills_now: int
    rests: int
    slippage_ticks: Decimal | None
    queue_ahead: int | None
    buying_power_after: Decimal | None
    rule: str | None = None
    waits: int = 0


UNKNOWN = OrderEstimate(None, None, None, 0, 0, None, None, None)


def unmet(found: OrderEstimate) -> OrderEstimate:
    """The same of an order that waits: its money is reckoned, and nothing of it meets the present book."""
    return replace(
        found, avg_price=None, fills_now=0, rests=0, slippage_ticks=None, queue_ahead=None, rule=None, waits=0
    )


def estimate(
    order: SubmitOrder,
    instrument: Instrument,
    top: BookTop,
    fee_of: FeeOf,
    buying_power: Decimal,
    closable: Decimal = Decimal(0),
    beyond_of: BeyondOf = nothing_beyond,
) -> OrderEstimate:
    """`buying_power` is what this order may use; `closable` the quantity it would close, which costs none."""
    if order.type.waits_for_trigger:
        return estimate_of_stop(order, instrument, top, fee_of, buying_power, closable, beyond_of)
    limit = None if order.limit_price is None else instrument.ticks(order.limit_price)
    lots = lots_wanted(order, instrument, top, beyond_of)
    if lots is None:
        return UNKNOWN
    taken, touch = taken_now(order, lots, limit, top, beyond_of)
    if limit is None and touch is None:
        return UNKNOWN
    rests = lots - taken.lots if is_resting(order) else 0
    value = value_of(instrument, taken.ticks + rests * (limit or 0))
    fee = fee_for(order.side, instrument, taken, rests, limit, fee_of)
    return OrderEstimate(
        value=value,
        fee=fee,
        avg_price=instrument.tick_size * taken.ticks / taken.lots if taken.lots else None,
        fills_now=0 if taken.is_to_come else taken.lots,
        rests=rests,
        slippage_ticks=None if taken.is_to_come else slippage(order.side, taken, touch),
        queue_ahead=queue_ahead(order.side, limit, top) if rests and limit is not None else None,
        buying_power_after=buying_power - fee - opening_value(value, taken.lots + rests, instrument, closable),
        rule=taken.rule,
        waits=taken.lots if taken.is_to_come else 0,
    )


def estimate_of_stop(
    order: SubmitOrder,
    instrument: Instrument,
    top: BookTop,
    fee_of: FeeOf,
    buying_power: Decimal,
    closable: Decimal,
    beyond_of: BeyondOf = nothing_beyond,
) -> OrderEstimate:
    """Nothing trades and nothing rests before the stop is reached; then all of it, at its limit or about its stop."""
    price = stop_value_price(order, instrument, top, beyond_of)
    if price is None or order.qty is None:
        return UNKNOWN
    value = price * order.qty
    fee = fee_of(order.side, order.qty, price, Liquidity.TAKER)
    opening = value * max(order.qty - closable, Decimal(0)) / order.qty if order.qty else Decimal(0)
    return OrderEstimate(value, fee, None, 0, 0, None, None, buying_power - fee - opening)


def stop_value_price(
    order: SubmitOrder, instrument: Instrument, top: BookTop, beyond_of: BeyondOf = nothing_beyond
) -> Decimal | None:
    """A trail begins at the market."""
    if order.limit_price is not None:
        return order.limit_price
    return order.stop_price if order.stop_price is not None else market_price(order.side, instrument, top, beyond_of)


def lots_wanted(
    order: SubmitOrder, instrument: Instrument, top: BookTop, beyond_of: BeyondOf = nothing_beyond
) -> int | None:
    """Whole lots of the order; a notional is divided by its limit, else by the touch. None where not known."""
    if order.qty is not None:
        return instrument.lots(order.qty)
    price = price_wanted(order, instrument, top) or market_price(order.side, instrument, top, beyond_of)
    if order.notional is None or not price:
        return None
    return instrument.lots(order.notional / price)


def price_wanted(order: SubmitOrder, instrument: Instrument, top: BookTop) -> Decimal | None:
    """What a notional is divided by: the limit, the stop, else the touch. None where there is none above zero."""
    for price in (order.limit_price, order.stop_price, touch_price(order.side, instrument, top)):
        if price is not None:
            return price if price > 0 else None
    return None


def market_price(side: Side, instrument: Instrument, top: BookTop, beyond_of: BeyondOf) -> Decimal | None:
    """The touch, or where none is shown the price that one lot is reckoned at."""
    beyond = None if opposite_levels(side, top) else beyond_of(1, None)
    return touch_price(side, instrument, top) if beyond is None else instrument.price(beyond.touch)


def touch_price(side: Side, instrument: Instrument, top: BookTop) -> Decimal | None:
    levels = opposite_levels(side, top)
    return instrument.price(levels[0].price) if levels else None


def walk(levels: Sequence[Level], side: Side, lots: int, limit: int | None) -> Walk:
    """Take up to `lots` from `levels`, best first, no further than `limit`."""
    taken = ticks = 0
    for level in levels:
        if taken == lots or (limit is not None and (level.price - limit) * side.sign > 0):
            break
        here = min(level.qty, lots - taken)
        taken += here
        ticks += here * level.price
    return Walk(taken, ticks)


def market_value(instrument: Instrument, side: Side, lots: int, top: BookTop) -> Decimal | None:
    """What `lots` would cost from the book now, what is beyond its shown end at the last price; None without one."""
    levels = opposite_levels(side, top)
    if not levels:
        return None
    taken = walk(levels, side, lots, None)
    return value_of(instrument, taken.ticks + (lots - taken.lots) * levels[-1].price)


def value_of(instrument: Instrument, ticks: int) -> Decimal:
    """Money of `ticks`, a sum of price x lots."""
    return instrument.tick_size * instrument.lot_size * ticks


def taken_now(
    order: SubmitOrder, lots: int, limit: int | None, top: BookTop, beyond_of: BeyondOf
) -> tuple[Walk, int | None]:
    """And the price that the first of it would trade at, in ticks, where there is one.

    A fill-or-kill takes all or nothing; a post-only order takes nothing.
    """
    levels = opposite_levels(order.side, top)
    touch = levels[0].price if levels else None
    if order.post_only:
        return Walk(0, 0), touch
    taken = walk(levels, order.side, lots, limit)
    beyond = beyond_of(lots - taken.lots, limit) if taken.lots < lots else None
    if beyond is not None:
        touch = beyond.touch if touch is None else touch
        more = walk(beyond.levels, order.side, lots - taken.lots, limit)
        rule = beyond.rule if more.lots else None
        taken = Walk(taken.lots + more.lots, taken.ticks + more.ticks, rule, beyond.is_to_come)
    kills = order.time_in_force is TimeInForce.FOK and taken.lots < lots
    return Walk(0, 0) if kills else taken, touch


def is_resting(order: SubmitOrder) -> bool:
    return order.type is OrderType.LIMIT and order.time_in_force in (TimeInForce.DAY, TimeInForce.GTC)


def fee_for(side: Side, instrument: Instrument, taken: Walk, rests: int, limit: int | None, fee_of: FeeOf) -> Decimal:
    fee = Decimal(0)
    if taken.lots:
        avg_price = instrument.tick_size * taken.ticks / taken.lots
        fee += fee_of(side, instrument.qty(taken.lots), avg_price, Liquidity.TAKER)
    if rests and limit is not None:
        fee += fee_of(side, instrument.qty(rests), instrument.price(limit), Liquidity.MAKER)
    return fee


def slippage(side: Side, taken: Walk, touch: int | None) -> Decimal | None:
    """Volume-weighted ticks away from the touch; never negative. None when nothing fills now."""
    if not taken.lots or touch is None:
        return None
    away = (taken.ticks - taken.lots * touch) * side.sign
    return (Decimal(away) / taken.lots).quantize(Decimal("0.01"), ROUND_HALF_EVEN)


def queue_ahead(side: Side, limit: int, top: BookTop) -> int | None:
    """Lots already at the price on our side; None when the price lies beyond the levels shown."""
    own = top.bids if side is Side.BUY else top.asks
    for level in own:
        if level.price == limit:
            return level.qty
        if (limit - level.price) * side.sign > 0:
            return 0
    return None if own else 0


def opening_value(value: Decimal, lots: int, instrument: Instrument, closable: Decimal) -> Decimal:
    """The share of `value` that does not close a position."""
    if not lots:
        return Decimal(0)
    opening = max(instrument.qty(lots) - closable, Decimal(0))
    return value * opening / instrument.qty(lots)


def opposite_levels(side: Side, top: BookTop) -> tuple[Level, ...]:
    return top.asks if side is Side.BUY else top.bids
