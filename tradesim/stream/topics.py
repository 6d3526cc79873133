"""What can be followed. A topic compares the desk's views with what it last said and tells the difference, in sequence.

Owned by the hub's thread. A snapshot is what the deltas so far add up to, never something newer.
"""

import re
from abc import ABC, abstractmethod
from collections import deque
from collections.abc import Callable, Mapping
from enum import Enum
from itertools import takewhile
from typing import Any, Final

import msgspec

from tradesim.desk.views import BOOK_LEVELS, AccountView, MarketView, StatusView
from tradesim.model.instrument import is_symbol
from tradesim.model.market import EMPTY_BOOK, BookTop, Timeframe, Trade
from tradesim.model.orders import Fill, Order
from tradesim.model.risk import RiskView
from tradesim.stream.checksum import book_checksum
from tradesim.stream.shapes import (
    Fields,
    Row,
    account_fields,
    bar_rows,
    changed_fields,
    changed_levels,
    feed_fields,
    fill_row,
    market_fields,
    ms,
    order_row,
    position_row,
    print_row,
    queue_rows,
    risk_fields,
    status_fields,
)
from tradesim.stream.source import DeskViews

RING = 256
"""Deltas kept for those who come back."""
FEW = 4
"""So many deltas are sent without asking whether a snapshot would be shorter."""
TAPE_SNAPSHOT = 200
BARS_SNAPSHOT = 300
BARS_PER_LOOK = 3
TOKEN_MS = 1_000
"""A time that is all that changed is told when it moved by this much market time."""

HEARD_TIMES, HEARD_MS, LOOK_MS = {"qa", "ta", "qo", "to"}, 500, 200

_encode = msgspec.json.Encoder().encode


class Whole(Enum):
    """Instead of a delta: what was said before does not lead here, say everything."""

    REPLACED = "replaced"


REPLACED: Final = Whole.REPLACED


class Topic(ABC):
    """One stream of messages. `start` is the sequence number before the first."""

    def __init__(self, name: str, desk: DeskViews, start: int = 0) -> None:
        self.name = name
        self.sequence = start
        self._desk = desk
        self._session: str | None = None
        self._ring: deque[bytes] = deque(maxlen=RING)
        self._last_snapshot: tuple[int, bytes] | None = None
        self._head = b'{"t":' + _encode(name) + b',"s":'
        self._forget()

    def advance(self, status: StatusView) -> bytes | None:
        """The next message, if there is anything to say: a delta, or a snapshot after another market was opened."""
        is_other_market = self._session is not None and self._session != status.session_id
        self._session = status.session_id
        if is_other_market:
            self._forget()
        delta = self._delta()
        if is_other_market or delta is REPLACED:
            return self._said(b"s", self._whole())
        return None if delta is None else self._said(b"d", delta)

    def snapshot(self) -> bytes:
        if self._last_snapshot is None or self._last_snapshot[0] != self.sequence:
            self._last_snapshot = (self.sequence, self._message(b"s", self._whole()))
        return self._last_snapshot[1]

    def since(self, known: int | None) -> list[bytes]:
        """What one who has everything up to `known` lacks: the missed deltas, or a snapshot where that is less."""
        missed = -1 if known is None else self.sequence - known
        if missed == 0:
            return []
        if not 0 < missed <= len(self._ring):
            return [self.snapshot()]
        deltas = list(self._ring)[-missed:]
        if missed <= FEW or sum(map(len, deltas)) <= len(self.snapshot()):
            return deltas
        return [self.snapshot()]

    def _said(self, kind: bytes, data: Any) -> bytes:
        self.sequence += 1
        message = self._message(kind, data)
        self._ring.append(message)
        return message

    def _message(self, kind: bytes, data: Any) -> bytes:
        return self._head + b'%d,"k":"%b","d":' % (self.sequence, kind) + _encode(data) + b"}"

    @abstractmethod
    def _delta(self) -> Any | Whole | None:
        """What changed since the last call, which it takes as said; None when nothing did."""

    @abstractmethod
    def _whole(self) -> Any:
        """All that was said so far, added up."""

    @abstractmethod
    def _forget(self) -> None:
        """As if nothing had been said."""


class StatusTopic(Topic):
    """The market's source and clock. `now` runs by itself on the page, so it is told once a second."""

    _sent: Fields

    def _forget(self) -> None:
        self._sent = {}

    def _delta(self) -> Fields | None:
        status = self._desk.status()
        fields = status_fields(status, self._desk.instruments)
        changed = changed_fields(self._sent, fields)
        if not changed or (changed.keys() == {"now"} and self._is_expected(status)):
            return None
        self._sent = fields
        return changed

    def _is_expected(self, status: StatusView) -> bool:
        moved = ms(status.now) - int(self._sent["now"])
        return status.is_playing and 0 <= moved < TOKEN_MS * max(status.speed, 1.0)

    def _whole(self) -> Fields:
        return self._sent


class MarketTopic(Topic):
    """Touch, last and day figures of every instrument."""

    _sent: dict[str, Fields]
    _seen: dict[str, MarketView]

    def _forget(self) -> None:
        self._sent, self._seen = {}, {}

    def _delta(self) -> dict[str, Fields] | None:
        changed = {}
        for symbol in self._desk.instruments:
            view = self._desk.market(symbol)
            if view is None or view is self._seen.get(symbol):
                continue
            self._seen[symbol] = view
            fields = market_fields(view)
            difference = self._worth_telling(self._sent.get(symbol, {}), fields)
            if difference:
                self._sent[symbol] = fields
                changed[symbol] = difference
        return changed or None

    @staticmethod
    def _worth_telling(before: Fields, after: Fields) -> Fields:
        changed = changed_fields(before, after)
        if changed.keys() == {"ts"} and before and 0 <= after["ts"] - before["ts"] < TOKEN_MS:
            return {}
        return changed

    def _whole(self) -> dict[str, Fields]:
        return self._sent


class FeedsTopic(Topic):
    """Who gives each symbol of a live market, and when it was last heard; empty in other markets."""

    _sent: dict[str, Fields]

    def __init__(self, name: str, desk: DeskViews, start: int = 0) -> None:
        self._looked_at: int | None = None
        super().__init__(name, desk, start)

    def advance(self, status: StatusView) -> bytes | None:
        """A few times a second is enough for what a person reads as an age."""
        now = ms(status.now)
        is_early = self._looked_at is not None and 0 <= now - self._looked_at < LOOK_MS
        if is_early and status.session_id == self._session:
            return None
        self._looked_at = now
        return super().advance(status)

    def _forget(self) -> None:
        self._sent = {}

    def _delta(self) -> dict[str, Fields] | None:
        changed = {}
        for symbol, view in self._desk.feeds().items():
            fields = feed_fields(view)
            difference = self._worth_telling(self._sent.get(symbol, {}), fields)
            if difference:
                self._sent[symbol] = fields
                changed[symbol] = difference
        return changed or None

    @staticmethod
    def _worth_telling(before: Fields, after: Fields) -> Fields:
        """A time alone is told when it moved by so much that its age on the page would be wrong."""
        changed = changed_fields(before, after)
        if (
            before
            and changed.keys() <= HEARD_TIMES
            and not any(is_later(before[each], after[each]) for each in changed)
        ):
            return {}
        return changed

    def _whole(self) -> dict[str, Fields]:
        return self._sent


def is_later(before: int | None, after: int | None) -> bool:
    return before is None or after is None or abs(after - before) >= HEARD_MS


class BookTopic(Topic):
    """The best levels of one instrument, with a checksum."""

    _sent: BookTop
    _at: int

    def __init__(self, name: str, symbol: str, desk: DeskViews, start: int = 0) -> None:
        self._symbol = symbol
        super().__init__(name, desk, start)

    def _forget(self) -> None:
        self._sent, self._at = EMPTY_BOOK, 0

    def _delta(self) -> Fields | None:
        view = self._desk.market(self._symbol)
        top = view.top if view else EMPTY_BOOK
        if top is self._sent:
            return None
        shown = BookTop(top.bids[:BOOK_LEVELS], top.asks[:BOOK_LEVELS])
        bids, asks = changed_levels(self._sent.bids, shown.bids), changed_levels(self._sent.asks, shown.asks)
        self._sent = top if len(shown.bids) == len(top.bids) and len(shown.asks) == len(top.asks) else shown
        if not bids and not asks:
            return None
        self._at = ms(view.updated_at) if view else self._at
        return {"b": bids, "a": asks, "crc": book_checksum(shown), "ts": self._at}

    def _whole(self) -> Fields:
        return {"b": self._sent.bids, "a": self._sent.asks, "crc": book_checksum(self._sent), "ts": self._at}


class TapeTopic(Topic):
    """Prints of one instrument."""

    _tape: tuple[Trade, ...]

    def __init__(self, name: str, symbol: str, desk: DeskViews, start: int = 0) -> None:
        self._symbol = symbol
        super().__init__(name, desk, start)

    def _forget(self) -> None:
        self._tape = ()

    def _delta(self) -> list[Row] | Whole | None:
        view = self._desk.market(self._symbol)
        tape = view.tape if view else ()
        if tape is self._tape:
            return None
        said, self._tape = self._tape, tape
        if not said:
            return [print_row(trade) for trade in tape] or None
        later = [print_row(trade) for trade in takewhile(lambda trade: trade != said[-1], reversed(tape))]
        kept = len(tape) - len(later)
        if not kept or tape[:kept] != said[-kept:]:
            return REPLACED
        return later[::-1] or None

    def _whole(self) -> list[Row]:
        return [print_row(trade) for trade in self._tape[-TAPE_SNAPSHOT:]]


class BarsTopic(Topic):
    """Bars of one instrument and timeframe, the last one forming."""

    _rows: deque[Row]
    _seen: MarketView | None
    _revision: int

    def __init__(self, name: str, symbol: str, timeframe: Timeframe, desk: DeskViews, start: int = 0) -> None:
        self._symbol = symbol
        self._timeframe = timeframe
        super().__init__(name, desk, start)

    def _forget(self) -> None:
        self._rows, self._seen, self._revision = deque(maxlen=BARS_SNAPSHOT), None, 0

    def _delta(self) -> list[Row] | Whole | None:
        view = self._desk.market(self._symbol)
        if view is None or view is self._seen:
            return None
        former, self._seen, self._revision = self._revision, view, view.revision
        latest = bar_rows(self._desk.bars(self._symbol, self._timeframe, BARS_PER_LOOK))
        if not latest and not self._rows:
            return None
        if former != view.revision or not self._follows(latest):
            self._rows.clear()
            self._rows.extend(bar_rows(self._desk.bars(self._symbol, self._timeframe, BARS_SNAPSHOT)))
            return REPLACED
        changed = [row for row in latest if row[0] >= self._rows[-1][0] and row != self._rows[-1]]
        for row in changed:
            self._put(row)
        return changed or None

    def _follows(self, latest: list[Row]) -> bool:
        """Whether the last bar told is still there, so that nothing between it and these is missing."""
        return bool(self._rows) and any(row[0] == self._rows[-1][0] for row in latest)

    def _put(self, row: Row) -> None:
        if self._rows and self._rows[-1][0] == row[0]:
            self._rows[-1] = row
        else:
            self._rows.append(row)

    def _whole(self) -> list[Row]:
        return list(self._rows)


class DeskTopic(Topic):
    """An account's affairs: money, positions, orders, fills and places in the queue.

    Of the account called so by its id, or of the open market's own. One that is not there says nothing.
    """

    _view: AccountView | None
    _account: Fields
    _orders: dict[str, Order]
    _shown: tuple[Order, ...]
    _fills: tuple[Fill, ...]

    def __init__(self, name: str, desk: DeskViews, start: int = 0, account_id: str = "") -> None:
        self._account_id = account_id
        super().__init__(name, desk, start)

    def _forget(self) -> None:
        self._view, self._account, self._orders, self._shown, self._fills = None, {}, {}, (), ()

    def _delta(self) -> Fields | Whole | None:
        said, view = self._view, self._looked_at()
        if view is said or view is None:
            return None
        self._view = view
        account = account_fields(view)
        changed_account = changed_fields(self._account, account)
        self._account = account
        orders, fills = self._new_orders(view), self._new_fills(view)
        if fills is None or (said and said.account.id != view.account.id):
            return REPLACED
        delta = {
            "account": changed_account,
            "positions": positions_of(view) if said is None or said.positions != view.positions else None,
            "orders": orders,
            "fills": fills,
            "queue": queue_rows(view.queue) if said is None or (said.queue or {}) != (view.queue or {}) else None,
        }
        told = {part: data for part, data in delta.items() if data or (data is not None and part in WHOLE_PARTS)}
        return told or None

    def _looked_at(self) -> AccountView | None:
        try:
            return self._desk.account(self._account_id)
        except (KeyError, TimeoutError):
            return None

    def _new_orders(self, view: AccountView) -> list[Fields]:
        """An order that did not change is the same object as before."""
        if view.orders is self._shown:
            return []
        said, self._orders, self._shown = self._orders, {order.id: order for order in view.orders}, view.orders
        return [self._order(order) for order in view.orders if said.get(order.id) is not order]

    def _new_fills(self, view: AccountView) -> list[Fields] | None:
        """Oldest first; None when the last one told is no longer among them."""
        said, self._fills = self._fills, view.fills
        if said is view.fills or said == view.fills:
            return []
        later = list(takewhile(lambda fill: not said or fill.id != said[0].id, view.fills))
        if said and len(later) == len(view.fills):
            return None
        return [self._fill(fill) for fill in reversed(later)]

    def _whole(self) -> Fields:
        view = self._view
        return {
            "account": self._account,
            "positions": positions_of(view) if view else [],
            "orders": [self._order(order) for order in self._orders.values()],
            "fills": [self._fill(fill) for fill in reversed(self._fills)],
            "queue": queue_rows(view.queue) if view else {},
        }

    def _order(self, order: Order) -> Fields:
        return order_row(order, self._desk.instruments.get(order.symbol))

    def _fill(self, fill: Fill) -> Fields:
        return fill_row(fill, self._desk.instruments.get(fill.symbol))


class RiskTopic(Topic):
    """Where every account stands with its limits, and the desk under the empty id."""

    _views: Mapping[str, RiskView]
    _sent: dict[str, Fields]

    def _forget(self) -> None:
        self._views, self._sent = {}, {}

    def _delta(self) -> Fields | None:
        """The accounts that changed, whole; null for one that is no longer shown."""
        said, self._views = self._views, self._desk.risks()
        if self._views is said:
            return None
        changed: Fields = {
            account_id: risk_fields(view)
            for account_id, view in self._views.items()
            if said.get(account_id) is not view
        }
        changed |= {account_id: None for account_id in said if account_id not in self._views}
        self._sent = {each: row for each, row in {**self._sent, **changed}.items() if row is not None}
        return changed or None

    def _whole(self) -> dict[str, Fields]:
        return self._sent


WHOLE_PARTS = frozenset({"positions", "queue"})
"""Parts of the desk's delta that are told whole, so that an empty one says something."""


def positions_of(view: AccountView) -> list[Fields]:
    return [position_row(position) for position in view.positions]


NAMES: dict[str, Callable[[str, DeskViews, int], Topic]] = {
    "status": StatusTopic,
    "market": MarketTopic,
    "desk": DeskTopic,
    "feeds": FeedsTopic,
    "risk": RiskTopic,
}
NAMES_OF_SYMBOL: dict[str, Callable[[str, str, DeskViews, int], Topic]] = {"book": BookTopic, "tape": TapeTopic}
TIMEFRAMES = frozenset(Timeframe)
ACCOUNT_ID = re.compile(r"[a-z0-9][a-z0-9-]{0,42}")


def topic_called(name: str, desk: DeskViews, start: int = 0) -> Topic | None:
    """None when there is no such topic. A symbol that the present market does not have makes an empty one."""
    match name.split(":"):
        case [kind] if kind in NAMES:
            return NAMES[kind](name, desk, start)
        case [kind, symbol] if kind in NAMES_OF_SYMBOL and is_symbol(symbol):
            return NAMES_OF_SYMBOL[kind](name, symbol, desk, start)
        case ["desk", account_id] if ACCOUNT_ID.fullmatch(account_id):
            return DeskTopic(name, desk, start, account_id)
        case ["bars", symbol, timeframe] if timeframe in TIMEFRAMES and is_symbol(symbol):
            return BarsTopic(name, symbol, Timeframe(timeframe), desk, start)
        case _:
            return None
