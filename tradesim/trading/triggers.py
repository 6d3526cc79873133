"""Stops that wait for a trade, by symbol, sorted: what a print reaches and which trails it moves costs no search.

Prices are ticks here. A key is a price seen from its own side, so that "reached" is the same question for both.
"""

from bisect import bisect_left, insort
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from typing import NamedTuple

from tradesim.model.instrument import Instrument
from tradesim.model.market import Side
from tradesim.model.orders import Order, OrderType

HUNDRED = Decimal(100)


class Entry(NamedTuple):
    """Sorts by key, then by age."""

    key: int
    created_at: int
    order_id: str


class Watch:
    """The waiting stops of one symbol. `stops` are reached from the front, `trails` moved from the front."""

    __slots__ = ("stops", "trails")

    def __init__(self) -> None:
        self.stops: dict[Side, list[Entry]] = {side: [] for side in Side}
        self.trails: dict[Side, list[Entry]] = {side: [] for side in Side}

    @property
    def is_empty(self) -> bool:
        return not any((*self.stops.values(), *self.trails.values()))


class Kept(NamedTuple):
    """It waits since `since` (UTC ns) on its present terms."""

    symbol: str
    side: Side
    stop: Entry | None
    trail: Entry | None
    since: int


class Triggers:
    """Which orders wait for which price. `watched` are the symbols in which anything waits."""

    def __init__(self) -> None:
        self.watched: dict[str, Watch] = {}
        self._kept: dict[str, Kept] = {}

    def __contains__(self, order_id: str) -> bool:
        return order_id in self._kept

    def trail(self, order: Order, instrument: Instrument) -> None:
        """Its stop has followed the price: it waits as it did."""
        self.keep(order, instrument, self._kept[order.id].since)

    def keep(self, order: Order, instrument: Instrument, since: int = 0) -> None:
        """Watch for it from `since` (UTC ns) on, or at its new stop."""
        self.drop(order.id)
        sign = order.side.sign
        stop = trail = None
        watch = self.watched.setdefault(order.symbol, Watch())
        if order.stop_price is not None:
            stop = Entry(instrument.ticks(order.stop_price) * sign, order.created_at, order.id)
            insort(watch.stops[order.side], stop)
        if order.type is OrderType.TRAILING_STOP:
            trail = Entry(water_key(order, instrument), order.created_at, order.id)
            insort(watch.trails[order.side], trail)
        self._kept[order.id] = Kept(order.symbol, order.side, stop, trail, since)

    def drop(self, order_id: str) -> None:
        """Watch for it no more; does nothing when nobody did."""
        kept = self._kept.pop(order_id, None)
        if kept is None:
            return
        watch = self.watched[kept.symbol]
        for entry, entries in ((kept.stop, watch.stops[kept.side]), (kept.trail, watch.trails[kept.side])):
            if entry is not None:
                del entries[bisect_left(entries, entry)]
        if watch.is_empty:
            del self.watched[kept.symbol]

    def clear(self) -> None:
        self.watched.clear()
        self._kept.clear()

    def reached(self, symbol: str, price: int, by: int | None = None, is_between: bool = False) -> list[str]:
        """Ids of the orders whose stop a trade at `price` reaches: a buy at or below it, a sale at or above it.

        Of those that waited `by` then; None: of all. One that `is_between` was at more than `price`, below the next.
        """
        watch = self.watched.get(symbol)
        if watch is None:
            return []
        at = {Side.BUY: price, Side.SELL: price + is_between}
        found = [each for side in Side for each in front(watch.stops[side], at[side] * side.sign, is_included=True)]
        return self._waiting(found, by)

    def moved(self, symbol: str, price: int, by: int | None = None, is_between: bool = False) -> list[str]:
        """Ids of the trailing stops for which a trade at `price` is better than any since they began; else as above."""
        watch = self.watched.get(symbol)
        if watch is None:
            return []
        at = {Side.BUY: price + is_between, Side.SELL: price}
        found = [each for side in Side for each in front(watch.trails[side], -at[side] * side.sign, is_included=False)]
        return self._waiting(found, by)

    def _waiting(self, order_ids: list[str], by: int | None) -> list[str]:
        return order_ids if by is None else [each for each in order_ids if self._kept[each].since <= by]


NO_WATER = -(1 << 62)
"""Below every price: a trail that has seen no trade yet is moved by the first."""


def water_key(order: Order, instrument: Instrument) -> int:
    return NO_WATER if order.high_water is None else -instrument.ticks(order.high_water) * order.side.sign


def front(entries: list[Entry], key: int, is_included: bool) -> list[str]:
    found = []
    for entry in entries:
        if entry.key > key or (entry.key == key and not is_included):
            break
        found.append(entry.order_id)
    return found


def trail_stop(order: Order, high_water: Decimal, instrument: Instrument) -> Decimal:
    """Where the stop of a trailing order stands when `high_water` is the best price seen, on the tick away from it."""
    distance = order.trail_price
    if distance is None:
        distance = high_water * (order.trail_percent or Decimal(0)) / HUNDRED
    exact = high_water + order.side.sign * distance
    rounding = ROUND_CEILING if order.side is Side.BUY else ROUND_FLOOR
    ticks = int((exact / instrument.tick_size).to_integral_value(rounding))
    return instrument.price(max(ticks, 1))
