"""What a market that we do not own shows: displayed lots by price, what we took of them, and its last words."""

from bisect import bisect_left, insort
from collections.abc import Iterator

from tradesim.model.instrument import Instrument
from tradesim.model.market import EMPTY_BOOK, BookTop, Level, Side
from tradesim.model.venue import VenueOrder
from tradesim.venue.door import Listing
from tradesim.venue.impact import DailyScale, Impact


class ShownLevel:
    """`qty` lots are displayed, `taken` of them were ours already; `announced` were printed but are still in `qty`."""

    __slots__ = ("announced", "price", "qty", "taken")

    def __init__(self, price: int) -> None:
        self.price = price
        self.qty = 0
        self.taken = 0
        self.announced = 0

    @property
    def left(self) -> int:
        """Lots that an order of ours could still take."""
        return self.qty - self.taken

    def update(self, qty: int, executed: int) -> None:
        """`qty` is displayed now, after `executed` lots were traded there.

        What we took stays taken until as much has traded there, or less than that is displayed.
        """
        self.taken = min(max(0, self.taken - executed), qty)
        self.qty = qty


class ShownSide:
    """Displayed levels of one side. `keys` are prices times `sign`, ascending: the last is the best.

    `untold` holds what we took at the touch while the source tells its price without a size.
    """

    __slots__ = ("keys", "levels", "sign", "untold")

    def __init__(self, side: Side) -> None:
        self.sign = side.sign
        self.keys: list[int] = []
        self.levels: dict[int, ShownLevel] = {}
        self.untold: dict[int, int] = {}

    def at(self, price: int) -> ShownLevel:
        """The level at `price`, made when it is not there yet."""
        level = self.levels.get(price)
        if level is None:
            level = self.levels[price] = ShownLevel(price)
            level.taken = self.untold.pop(price, 0)
            insort(self.keys, price * self.sign)
        return level

    def taken_at(self, price: int) -> dict[int, int]:
        """What we took at `price`, under that price; empty when nothing."""
        level = self.levels.get(price)
        taken = self.untold.get(price, 0) if level is None else level.taken
        return {price: taken} if taken else {}

    def drop(self, price: int) -> None:
        if self.levels.pop(price, None) is not None:
            del self.keys[bisect_left(self.keys, price * self.sign)]

    def shows(self, price: int) -> bool:
        """True when `price` is inside the window that is displayed, so that no level there means no lots there."""
        return bool(self.keys) and price * self.sign >= self.keys[0]

    def displayed(self, price: int) -> int:
        level = self.levels.get(price)
        return level.qty if level is not None else 0

    def takeable(self, limit: int) -> Iterator[ShownLevel]:
        """Levels with lots left for us at `limit` or better, best first. `limit` is the taker's."""
        for key in reversed(self.keys):
            if key < limit * self.sign:
                return
            level = self.levels[key * self.sign]
            if level.left > 0:
                yield level

    def first(self, limit: int) -> ShownLevel | None:
        return next(self.takeable(limit), None)

    def best(self) -> ShownLevel | None:
        if not self.keys:
            return None
        return next((level for level in map(self._by_key, reversed(self.keys)) if level.left > 0), None)

    def top(self, levels: int) -> tuple[Level, ...]:
        rows: list[Level] = []
        by_price, sign = self.levels, self.sign
        for key in reversed(self.keys):
            if len(rows) == levels:
                break
            level = by_price[key * sign]
            left = level.qty - level.taken
            if left > 0:
                rows.append(Level(level.price, left))
        return tuple(rows)

    def _by_key(self, key: int) -> ShownLevel:
        return self.levels[key * self.sign]


class Mirror(Listing):
    """One symbol of somebody else's market, and our own orders in it (`book`).

    Without displayed sizes (`has_depth` is False) there is at most a touch and a last price to go by.
    `reference` is the last price that the past tells. A market `is_quoted` when it shows a best bid and ask and nothing
    behind them; `beyond` are the lots that we took behind a quote's, while it stands.
    What it shows is word of the moment `shown_of`: orders that came later do not meet it; None: all do.
    `collected` are orders for the market's next auction, whose print is the next one when `is_crossing`.
    """

    __slots__ = (
        "asks",
        "beyond",
        "bids",
        "collected",
        "has_depth",
        "is_crossing",
        "is_quoted",
        "last_price",
        "scale",
        "shown_of",
        "touch",
        "updated_at",
        "waiting",
    )

    def __init__(self, instrument: Instrument, reference: int | None = None) -> None:
        super().__init__(instrument, reference)
        self.bids = ShownSide(Side.BUY)
        self.asks = ShownSide(Side.SELL)
        self.has_depth = False
        self.is_quoted = False
        self.scale: DailyScale | None = None
        self.beyond: dict[Side, int] = {}
        self.touch: dict[Side, int] = {}
        self.last_price = reference
        self.updated_at: int | None = None
        self.shown_of: int | None = None
        self.waiting: dict[str, VenueOrder] = {}
        self.collected: dict[str, VenueOrder] = {}
        self.is_crossing = False

    def has(self, order_id: str) -> bool:
        """Whether the order waits here without resting."""
        return order_id in self.waiting or order_id in self.collected

    def shown(self, side: Side) -> ShownSide:
        return self.bids if side is Side.BUY else self.asks

    def impact(self, side: Side) -> Impact | None:
        """What trades behind the quote of `side`; None where the market shows what stands there."""
        half = self.shown(side)
        if not self.is_quoted or not half.keys:
            return None
        level = half.levels[half.keys[-1] * half.sign]
        return Impact(level.price, level.qty, self.scale)

    def forget_beyond(self) -> None:
        """A quote with lots that we have not taken is a new one: what we took behind the former is made good."""
        for side in [side for side in self.beyond if self.shown(side).best() is not None]:
            del self.beyond[side]

    def age(self, now: int) -> int:
        """Nanoseconds since the market was last heard of."""
        return 0 if self.updated_at is None else max(0, now - self.updated_at)

    def top(self, levels: int) -> BookTop:
        if self.has_depth:
            return BookTop(self.bids.top(levels), self.asks.top(levels))
        if not self.touch or levels < 1:
            return EMPTY_BOOK
        bids, asks = ((Level(self.touch[side], 0),) if side in self.touch else () for side in (Side.BUY, Side.SELL))
        return BookTop(bids, asks)

    def best_price(self, side: Side) -> int | None:
        """The best price of `side` for one who would trade now; the last trade where no touch is known."""
        if self.has_depth:
            level = self.shown(side).best()
            return None if level is None else level.price
        return self.touch.get(side, self.last_price)

    def side_hit(self, price: int) -> Side | None:
        """Which side rested when a trade at `price` was printed: by the touch, else by the middle (Lee and Ready)."""
        bid, ask = self._touch_price(Side.BUY), self._touch_price(Side.SELL)
        if bid is None or ask is None or price * 2 == bid + ask:
            return None
        return Side.BUY if price * 2 < bid + ask else Side.SELL

    def _touch_price(self, side: Side) -> int | None:
        half = self.shown(side)
        return half.keys[-1] * half.sign if half.keys else self.touch.get(side)
