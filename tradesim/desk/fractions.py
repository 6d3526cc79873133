"""Less than a lot: no venue deals it, so the desk does, as the other side, at the price that the market makes.

The whole lots of an order go to the venue. When the last of them has traded, the fraction is dealt at that price. An
order that has no whole lot is dealt at the touch, as soon as the touch reaches its limit; where a market shows only
prints, at the last one. The ledger holds fractions exactly.
"""

from collections import defaultdict
from collections.abc import Iterable
from decimal import Decimal

from tradesim.desk.market import Market
from tradesim.desk.records import Records
from tradesim.desk.sessions import may_trade
from tradesim.model.events import OrderCanceled, OrderFilled, OrderHeld, OrderReplaced
from tradesim.model.instrument import Instrument
from tradesim.model.orders import (
    Fill,
    FillReason,
    Liquidity,
    Order,
    OrderStatus,
    OrderType,
    TimeInForce,
)
from tradesim.model.venue import CancelCause

MODEL = "desk as principal"
NOBODY = "There was no price at which the desk could deal a fraction."
CLOSED = "The position that it was to reduce was closed."
AT_ONCE = frozenset({TimeInForce.IOC, TimeInForce.FOK})


class Fractions:
    """`waiting` are the orders of less than a lot that wait for the touch, by symbol."""

    def __init__(self, records: Records) -> None:
        self._records = records
        self.waiting: defaultdict[str, dict[str, None]] = defaultdict(dict)

    def clear(self) -> None:
        self.waiting.clear()

    def drop(self, order: Order) -> bool:
        """Whether it waited here, and does no more."""
        waiting = self.waiting.get(order.symbol, {})
        if order.id not in waiting:
            return False
        del waiting[order.id]
        if not waiting:
            del self.waiting[order.symbol]
        return True

    def deal(self, order: Order, instrument: Instrument, market: Market, now: int) -> None:
        """An order of less than a lot has arrived: it is filled, waits, or is over."""
        price = price_for(order, market)
        if price is not None:
            self._fill(order, instrument, price, now, FillReason(MODEL))
        elif order.type is not OrderType.LIMIT and order.type is not OrderType.STOP_LIMIT:
            self._cancel(order, CancelCause.MARKET_NO_LIQUIDITY, now)
        elif order.time_in_force in AT_ONCE:
            self._cancel(order, CancelCause.IOC, now)
        else:
            self._wait(order, now)

    def look(self, symbols: Iterable[str], market: Market) -> None:
        """The touch of `symbols` may have moved."""
        for symbol in sorted(self.waiting.keys() & set(symbols)):
            instrument = market.instrument(symbol)
            for order_id in list(self.waiting[symbol]):
                order = self._records.state.order(order_id)
                price = price_for(order, market) if order and order.is_open and may_trade(order, market) else None
                if order is not None and instrument is not None and price is not None:
                    self.drop(order)
                    self._fill(order, instrument, price, market.reached, FillReason(MODEL))

    def after_fill(self, fill: Fill, instrument: Instrument) -> None:
        """The last whole lot of an order has traded: its fraction follows."""
        order = self._records.state.order(fill.order_id)
        if order is not None and order.is_open and order.remaining < instrument.lot_size:
            reason = FillReason(MODEL, before=fill.reason.before, after=fill.reason.after)
            self._fill(order, instrument, fill.price, fill.ts_event, reason)

    def _wait(self, order: Order, now: int) -> None:
        self.waiting[order.symbol][order.id] = None
        if order.status is OrderStatus.PENDING_NEW:
            self._records.record(OrderHeld(order.account_id, order.id, OrderStatus.NEW, now))

    def _cancel(self, order: Order, cause: CancelCause, now: int, why: str = NOBODY) -> None:
        self._records.record(OrderCanceled(order.account_id, order.id, cause.value, why, now))

    def _allowed(self, order: Order) -> Decimal:
        """What of it may be dealt: one that only closes no more than is held."""
        if not order.only_closes:
            return order.remaining
        held = self._records.state.position(order.account_id, order.symbol).qty
        return min(max(-held * order.side.sign, Decimal(0)), order.remaining)

    def _fill(self, order: Order, instrument: Instrument, price: Decimal, now: int, reason: FillReason) -> None:
        qty = self._allowed(order)
        if not qty:
            self._cancel(order, CancelCause.REDUCE_ONLY, now, CLOSED)
            return
        if qty < order.remaining:
            self._records.record(OrderReplaced(order.account_id, order.id, order.filled_qty + qty, None, True, now))
        seen = FillReason(reason.model, before=reason.before, after=reason.after)
        fill = self._records.fill(order, instrument, price, qty, Liquidity.TAKER, seen, now)
        self._records.record(OrderFilled(fill, now))


def price_for(order: Order, market: Market) -> Decimal | None:
    """The touch, where it can be trusted and reaches the order's limit."""
    if not market.may_match(order.symbol):
        return None
    touch = market.touches((order.symbol,))[order.symbol]
    price = touch.to_trade(order.side)
    if price is None and touch.bid is None and touch.ask is None:
        price = touch.last
    if price is None or order.limit_price is None:
        return price
    return price if (order.limit_price - price) * order.side.sign >= 0 else None
