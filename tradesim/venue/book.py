"""The limit order book of one symbol: price-time priority in whole ticks and lots.

A side is a dict of levels by price beside a sorted list of their prices, the best last; a level's queue is
a dict in insertion order. So adding, cancelling and meeting the head cost the same at any depth. What is
inside is open to the venue's own hot paths; the methods keep it consistent, `check` proves it.
"""

from bisect import bisect_left, insort
from collections import defaultdict, deque
from collections.abc import Callable, Iterator

from msgspec import Struct

from tradesim.model.market import BookTop, Level, Side
from tradesim.model.venue import VenueOrder
from tradesim.venue.queue import Place, canceled_before, traded_before

BUY = Side.BUY


class RestingOrder(Struct, eq=False):
    """One order in the book. `qty` is what is still open. (A Struct: made in half the time of a class.)"""

    id: int
    owner: str
    qty: int
    level: "PriceLevel"

    @property
    def price(self) -> int:
        return self.level.price

    @property
    def side(self) -> Side:
        return self.level.half.side


class WatchedOrder(RestingOrder, eq=False):
    """One that came through the venue's door as `order`; its `place` in the queue is kept.

    `reserve` is what an iceberg hides: it is not in the queue before the shown part is gone.
    """

    order: VenueOrder
    place: Place
    reserve: int = 0

    @property
    def total(self) -> int:
        return self.qty + self.reserve


class PriceLevel:
    """All orders at one price, oldest first. `places` are the watched ones among them; None when there are none.

    `shown` is the level as it was last looked at: most levels do not change between two looks.
    """

    __slots__ = ("half", "orders", "places", "price", "qty", "shown")

    def __init__(self, price: int, half: "BookSide") -> None:
        self.price = price
        self.half = half
        self.qty = 0
        self.orders: dict[int, RestingOrder] = {}
        self.places: list[Place] | None = None
        self.shown = Level(price, 0, 0)

    def look(self) -> Level:
        shown = self.shown
        if shown[1] != self.qty or shown[2] != len(self.orders):
            shown = self.shown = Level(self.price, self.qty, len(self.orders))
        return shown


class BookSide:
    """Levels of one side. `keys` are prices times `sign`, ascending: the last is the best price."""

    __slots__ = ("keys", "levels", "side", "sign")

    def __init__(self, side: Side) -> None:
        self.side = side
        self.sign = side.sign
        self.keys: list[int] = []
        self.levels: dict[int, PriceLevel] = {}

    def open(self, price: int) -> PriceLevel:
        """A level at `price`, where there was none."""
        level = self.levels[price] = PriceLevel(price, self)
        insort(self.keys, price * self.sign)
        return level

    def close(self, price: int) -> None:
        """The last order left the level."""
        del self.levels[price]
        keys, key = self.keys, price * self.sign
        if keys[-1] == key:
            keys.pop()
        else:
            del keys[bisect_left(keys, key)]

    def top(self, levels: int) -> tuple[Level, ...]:
        """The best `levels` of this side, best first."""
        ours, sign = self.levels, self.sign
        return tuple([ours[key * sign].look() for key in self.keys[: -levels - 1 : -1]])


class OrderBook:
    """Both sides, and every resting order by its id. Ids are given here and rise with time.

    The book trusts its caller: it neither matches nor refuses. `add` is for what does not cross.
    """

    __slots__ = ("asks", "bids", "last_id", "orders")

    def __init__(self) -> None:
        self.bids = BookSide(Side.BUY)
        self.asks = BookSide(Side.SELL)
        self.orders: dict[int, RestingOrder] = {}
        self.last_id = 0

    def add(self, owner: str, side: Side, price: int, qty: int) -> RestingOrder:
        """Rest `qty` at the end of the queue at `price`."""
        half = self.bids if side is BUY else self.asks
        level = half.levels.get(price)
        if level is None:
            level = half.open(price)
        self.last_id = order_id = self.last_id + 1
        order = level.orders[order_id] = self.orders[order_id] = RestingOrder(order_id, owner, qty, level)
        level.qty += qty
        return order

    def add_watched(self, order: VenueOrder, price: int, qty: int, place: Place, reserve: int = 0) -> WatchedOrder:
        """As `add`; `place`, made for the id `last_id + 1`, is kept right from now on."""
        half = self.bids if order.side is BUY else self.asks
        level = half.levels.get(price) or half.open(price)
        self.last_id = place.order_id
        watched = WatchedOrder(place.order_id, order.owner, qty, level, order, place, reserve)
        level.orders[watched.id] = self.orders[watched.id] = watched
        level.places = [*(level.places or ()), place]
        level.qty += qty
        return watched

    def cancel(self, order_id: int) -> RestingOrder | None:
        """Take the order out; None when it does not rest here. The answer keeps the quantity it had."""
        order = self.orders.pop(order_id, None)
        if order is None:
            return None
        level = order.level
        level.qty -= order.qty
        del level.orders[order_id]
        if level.places is not None:
            canceled_before(level.places, order_id, order.qty)
            self._unwatch(order)
        if not level.orders:
            level.half.close(level.price)
        return order

    def reduce(self, order_id: int, by: int) -> int:
        """Withdraw `by` lots, fewer than the order has, without losing its place; what is left."""
        order = self.orders[order_id]
        order.qty -= by
        order.level.qty -= by
        if order.level.places is not None:
            canceled_before(order.level.places, order_id, by)
        return order.qty

    def crosses(self, side: Side, price: int) -> bool:
        """Whether an incoming order on `side` at `price` would meet anybody."""
        half = self.asks if side is BUY else self.bids
        keys = half.keys
        return bool(keys) and keys[-1] >= price * half.sign

    def head(self, side: Side, limit: int) -> RestingOrder | None:
        """The order that an incoming order on `side` would meet first at `limit` or better."""
        half = self.asks if side is BUY else self.bids
        keys = half.keys
        if not keys or keys[-1] < limit * half.sign:
            return None
        return next(iter(half.levels[keys[-1] * half.sign].orders.values()))

    def fill(self, order: RestingOrder, qty: int) -> None:
        """Execute `qty` lots of `order`, which must be the head of its level."""
        level = order.level
        level.qty -= qty
        order.qty -= qty
        if level.places is not None:
            traded_before(level.places, order.id, qty)
        if not order.qty:
            del self.orders[order.id]
            del level.orders[order.id]
            if level.places is not None:
                self._unwatch(order)
            if not level.orders:
                level.half.close(level.price)

    def queued(self, side: Side, price: int) -> int:
        """Lots that rest at `price`."""
        level = (self.bids if side is BUY else self.asks).levels.get(price)
        return 0 if level is None else level.qty

    def touch(self, side: Side) -> tuple[int, int] | None:
        """Best price of `side` and the lots there; None when that side is empty."""
        half = self.bids if side is BUY else self.asks
        if not half.keys:
            return None
        level = half.levels[half.keys[-1] * half.sign]
        return level.price, level.qty

    def top(self, levels: int) -> BookTop:
        return BookTop(self.bids.top(levels), self.asks.top(levels))

    def ahead(self, order_id: int) -> int:
        """Lots before any resting order at its price, by counting them."""
        queue = self.orders[order_id].level.orders
        return sum(order.qty for other_id, order in queue.items() if other_id < order_id)

    def available(
        self, side: Side, qty: int, limit: int, owner: str, stops_at_own: bool, may_trade: Callable[[VenueOrder], int]
    ) -> int:
        """Lots, counted up to `qty`, that `owner` could take on `side` at `limit` or better without meeting itself.

        `may_trade` says how much of an order that only closes may trade now, before anything else of its owner does.
        """
        half = self.asks if side is BUY else self.bids
        found, given = 0, defaultdict[str, int](int)
        for key in reversed(half.keys):
            if key < limit * half.sign:
                break
            for order, lots in turns(half.levels[key * half.sign]):
                if order.owner == owner:
                    if stops_at_own:
                        return found
                    continue
                if isinstance(order, WatchedOrder):
                    if order.order.only_closes:
                        lots = max(min(lots, may_trade(order.order) - given[order.owner]), 0)
                    given[order.owner] += lots
                found += lots
                if found >= qty:
                    return qty
        return found

    def check(self) -> None:
        """Raise AssertionError when anything that must always hold does not."""
        seen: dict[int, RestingOrder] = {}
        for side, half in ((Side.BUY, self.bids), (Side.SELL, self.asks)):
            prices = [key * half.sign for key in half.keys]
            assert half.keys == sorted(half.keys), f"{side} prices are out of order"
            assert set(prices) == set(half.levels), f"{side} prices and levels differ"
            assert len(prices) == len(half.levels), f"{side} has a price twice"
            for price, level in half.levels.items():
                check_level(side, price, level)
                seen.update(level.orders)
        assert seen == self.orders, "index and levels hold different orders"
        bid, ask = self.touch(Side.BUY), self.touch(Side.SELL)
        assert bid is None or ask is None or bid[0] < ask[0], f"book is crossed: {bid} against {ask}"

    @staticmethod
    def _unwatch(order: RestingOrder) -> None:
        level = order.level
        if level.places is not None and isinstance(order, WatchedOrder):
            level.places = [place for place in level.places if place is not order.place] or None


def turns(level: PriceLevel) -> Iterator[tuple[RestingOrder, int]]:
    """The orders of a level with the lots that they show, in the order in which they would trade; icebergs again."""
    for order in level.orders.values():
        yield order, order.qty
    watched = (order for order in level.orders.values() if isinstance(order, WatchedOrder))
    icebergs = deque((order, order.reserve) for order in watched if order.reserve)
    while icebergs:
        iceberg, hidden = icebergs.popleft()
        shown = min(iceberg.order.display or hidden, hidden)
        yield iceberg, shown
        if hidden > shown:
            icebergs.append((iceberg, hidden - shown))


def check_level(side: Side, price: int, level: PriceLevel) -> None:
    assert level.orders, f"{side} level {price} is empty"
    assert (level.half.side, level.price) == (side, price), f"level {level.price} is filed under {side} {price}"
    assert list(level.orders) == sorted(level.orders), f"queue of {side} {price} is out of order"
    ahead, places = 0, []
    for order_id, order in level.orders.items():
        assert order.id == order_id and order.level is level, f"order {order_id} is misfiled"
        assert order.qty > 0, f"order {order_id} has {order.qty} lots"
        if isinstance(order, WatchedOrder):
            order.place.check()
            assert order.place.ahead >= ahead, f"order {order_id}: {order.place.ahead} ahead, queue says {ahead}"
            places.append(order.place)
        ahead += order.qty
    assert level.qty == ahead, f"{side} level {price} says {level.qty} lots, its orders have {ahead}"
    assert (level.places or []) == places, f"watched orders of {side} {price} differ from its queue"
