"""Every order of an account, counted as Alpaca counts: a replacement is an order of its own.

The desk keeps one order with one id for its whole life. Here it is an `Entry`, and each of its names has a `Face`:
what it was before each replacement, what it is now, what it was asked to become. Quantities of a face are its own:
what an earlier one filled is not filled again, so the faces of an order add up to it.
"""

import threading
from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal

from msgspec import Struct

from tradesim.desk.messages import end_after
from tradesim.desk.views import OrderUpdate
from tradesim.model.events import OrderFilled
from tradesim.model.orders import Change, Fill, Order, TimeInForce

ZERO = Decimal(0)
KEPT = 50_000
"""Names and fills that are remembered of an account; closed ones are forgotten beyond it, the oldest first."""


class Cut(Struct, frozen=True):
    """What had been filled of the order, and for how much money, when a replacement took hold."""

    qty: Decimal
    notional: Decimal


class Wish(Struct, frozen=True):
    """A replacement that never took hold; `at` is when that was clear."""

    change: Change
    revision_id: str
    asked_at: int
    at: int
    replaces: str


class Entry(Struct, frozen=True):
    """One order of the desk. `asked_at` is when its present `requested` was asked for."""

    order: Order
    cuts: tuple[Cut, ...] = ()
    refused: tuple[Wish, ...] = ()
    asked_at: int = 0

    @property
    def id(self) -> str:
        """What it is called now."""
        return self.order.revision_id or self.order.id

    @property
    def wished_id(self) -> str | None:
        """What it will be called, if a change that is on its way takes hold."""
        asked = self.order.requested
        return asked.revision_id if asked is not None and self.order.is_open else None


class Face(Struct, frozen=True):
    """One of the orders that Alpaca would have. `ended_at` is when it came to its `status`, if that is an end."""

    entry: Entry
    id: str
    client_order_id: str
    status: str
    qty: Decimal
    filled_qty: Decimal
    filled_avg_price: Decimal | None
    limit_price: Decimal | None
    stop_price: Decimal | None
    trail: Decimal | None
    time_in_force: TimeInForce
    expires_at: int | None
    submitted_at: int
    updated_at: int
    ended_at: int | None = None
    replaces: str | None = None
    replaced_by: str | None = None


class Execution(Struct, frozen=True):
    """One fill with what was then filled and open of the face it belongs to."""

    fill: Fill
    order_id: str
    cum_qty: Decimal
    leaves_qty: Decimal

    @property
    def id(self) -> str:
        return self.fill.id


class Records:
    """Of one account. Written by the market thread, read by any."""

    def __init__(self) -> None:
        self._turn = threading.Lock()
        self._entries: dict[str, Entry] = {}
        self._names: dict[str, str] = {}
        self._by_client_id: dict[str, str] = {}
        self._open: dict[str, None] = {}
        self._executions: dict[str, Execution] = {}
        self._timeline: list[Execution] = []

    def seed(self, orders: Iterable[Order], fills: Sequence[Fill]) -> None:
        """Take in the past, oldest first; what is known already is newer and stays."""
        with self._turn:
            newer = (self._entries, self._names, self._by_client_id, self._open, self._executions)
            self._entries, self._names, self._by_client_id, self._open, self._executions = {}, {}, {}, {}, {}
            fills_by_order: dict[str, list[Fill]] = {}
            for fill in fills:
                fills_by_order.setdefault(fill.order_id, []).append(fill)
            for order in orders:
                self._keep(Entry(order, tuple(cuts_of(order, fills_by_order.get(order.id, ())))))
            for order_id, own in fills_by_order.items():
                self._execute_past(order_id, own)
            self._executions = {fill.id: self._executions[fill.id] for fill in fills if fill.id in self._executions}
            self._entries.update(newer[0])
            self._names.update(newer[1])
            self._by_client_id.update(newer[2])
            self._open = {id_: None for id_, entry in self._entries.items() if entry.order.is_open}
            self._executions.update(newer[4])
            self._line_up()

    def take(self, update: OrderUpdate) -> tuple[Entry | None, Entry]:
        """The entry before and after the update."""
        with self._turn:
            former = self._entries.get(update.order.id)
            entry = entry_after(former, update)
            self._keep(entry)
            if isinstance(update.event, OrderFilled):
                fill = update.event.fill
                is_known = fill.id in self._executions
                self._execute(fill, update.order.filled_qty - fill.qty)
                self._join_line(self._executions[fill.id], is_known)
            if len(self._names) > KEPT + KEPT // 10:
                self._forget()
            return former, entry

    def begin_again(self, at: int) -> None:
        """Forget what was made before `at`, when the account was reset."""
        with self._turn:
            old = {id_ for id_, entry in self._entries.items() if entry.order.created_at < at}
            self._entries = {id_: entry for id_, entry in self._entries.items() if id_ not in old}
            self._open = {id_: None for id_ in self._open if id_ not in old}
            self._names = {name: id_ for name, id_ in self._names.items() if id_ not in old}
            self._by_client_id = {mine: name for mine, name in self._by_client_id.items() if name in self._names}
            self._executions = {id_: each for id_, each in self._executions.items() if each.fill.order_id not in old}
            self._line_up()

    def face(self, id_: str) -> Face | None:
        entry = self._entries.get(self._names.get(id_, ""))
        return face_of(entry, id_) if entry else None

    def current(self, order_id: str) -> Face | None:
        """By the desk's id, as it is called now."""
        entry = self._entries.get(order_id)
        return face_of(entry, entry.id) if entry else None

    def by_client_order_id(self, client_order_id: str) -> Face | None:
        return self.face(self._by_client_id.get(client_order_id, ""))

    def faces(self, is_oldest_first: bool) -> Iterator[Face]:
        names = list(self._names)
        for name in names if is_oldest_first else reversed(names):
            face = self.face(name)
            if face is not None:
                yield face

    def open_faces(self, is_oldest_first: bool) -> list[Face]:
        return by_submission(
            (face for order_id in list(self._open) for face in self._faces_of(order_id)), is_oldest_first
        )

    def open_families(self, is_oldest_first: bool) -> list[Face]:
        """As `open_faces`, where a leg that is open stands for its parent, open or not."""
        heads: dict[str, Face] = {}
        for face in self.open_faces(is_oldest_first=True):
            parent = self.current(face.entry.order.parent_id or "")
            head = parent if parent is not None else face
            heads.setdefault(head.id, head)
        return by_submission(heads.values(), is_oldest_first)

    @property
    def executions(self) -> Sequence[Execution]:
        """By time, the oldest first. More may be added to its end; nothing else of it ever changes."""
        return self._timeline

    def _faces_of(self, order_id: str) -> Iterator[Face]:
        entry = self._entries.get(order_id)
        if entry is not None:
            names = (entry.id, entry.wished_id)
            yield from (face for name in names if name and (face := face_of(entry, name)))

    def _keep(self, entry: Entry) -> None:
        order = entry.order
        self._entries[order.id] = entry
        for revision in order.revisions:
            self._names.setdefault(revision.id, order.id)
        self._names.setdefault(entry.id, order.id)
        if entry.wished_id:
            self._names.setdefault(entry.wished_id, order.id)
            if order.requested is not None and order.requested.client_order_id:
                self._by_client_id[order.requested.client_order_id] = entry.wished_id
        self._by_client_id[order.client_order_id] = entry.id
        if order.is_open:
            self._open[order.id] = None
        else:
            self._open.pop(order.id, None)

    def _execute(self, fill: Fill, earlier: Decimal) -> None:
        """`earlier` is what had been filled of the whole order before."""
        entry = self._entries.get(fill.order_id)
        if entry is None:
            return
        before, name, qty = place_of(entry, earlier)
        cum = earlier + fill.qty - before
        self._executions[fill.id] = Execution(fill, name, cum, max(qty - cum, ZERO))

    def _join_line(self, execution: Execution, is_known: bool) -> None:
        """One that was in the past which was read, and is heard again, stands there already."""
        if is_known or (self._timeline and self._timeline[-1].fill.ts_event > execution.fill.ts_event):
            self._line_up()
        else:
            self._timeline.append(execution)

    def _line_up(self) -> None:
        """A new line: whoever reads the old one goes on reading it."""
        self._timeline = sorted(self._executions.values(), key=lambda each: each.fill.ts_event)

    def _execute_past(self, order_id: str, fills: Sequence[Fill]) -> None:
        """Those of one order that are still known, which are its last."""
        entry = self._entries.get(order_id)
        if entry is not None:
            earlier = entry.order.filled_qty - sum((fill.qty for fill in fills), ZERO)
            for fill in fills:
                self._execute(fill, earlier)
                earlier += fill.qty

    def _forget(self) -> None:
        for name, order_id in list(self._names.items()):
            if len(self._names) <= KEPT:
                break
            if order_id in self._open:
                continue
            del self._names[name]
            gone = self._entries.pop(order_id, None)
            if gone is not None and self._by_client_id.get(gone.order.client_order_id) == gone.id:
                del self._by_client_id[gone.order.client_order_id]
        beyond = list(self._executions)[: max(0, len(self._executions) - KEPT)]
        for id_ in beyond:
            del self._executions[id_]
        if beyond:
            self._line_up()


def by_submission(faces: Iterable[Face], is_oldest_first: bool) -> list[Face]:
    return sorted(faces, key=lambda face: face.submitted_at, reverse=not is_oldest_first)


def entry_after(former: Entry | None, update: OrderUpdate) -> Entry:
    order, now = update.order, update.event.ts_event
    if former is None:
        return Entry(order, asked_at=now)
    return Entry(
        order,
        cuts_after(former, order),
        (*former.refused, *refused_after(former, order, now)),
        former.asked_at if order.requested == former.order.requested else now,
    )


def cuts_after(former: Entry, order: Order) -> tuple[Cut, ...]:
    if len(order.revisions) == len(former.cuts):
        return former.cuts
    before = former.order
    return (*former.cuts, Cut(before.filled_qty, before.filled_qty * (before.filled_avg_price or ZERO)))


def refused_after(former: Entry, order: Order, now: int) -> Iterator[Wish]:
    """The wish that came to nothing by this update."""
    asked, id_ = former.order.requested, former.wished_id
    if asked is None or id_ is None:
        return
    has_taken_hold = order.revision_id == id_ or any(revision.id == id_ for revision in order.revisions)
    is_on_its_way = order.is_open and order.requested is not None and order.requested.revision_id == id_
    if not has_taken_hold and not is_on_its_way:
        yield Wish(asked, id_, former.asked_at, now, former.id)


def cuts_of(order: Order, fills: Sequence[Fill]) -> Iterator[Cut]:
    """What each replacement found filled, from the fills that are still known."""
    for revision in order.revisions:
        qty, money = ZERO, ZERO
        for fill in fills:
            if qty >= revision.filled_qty:
                break
            qty, money = qty + fill.qty, money + fill.qty * fill.price
        known = money if qty == revision.filled_qty else revision.filled_qty * (order.filled_avg_price or ZERO)
        yield Cut(revision.filled_qty, known)


def place_of(entry: Entry, filled: Decimal) -> tuple[Decimal, str, Decimal]:
    """Where the next fill belongs when `filled` of the order is: what earlier faces have, the face's name and size."""
    before = ZERO
    for cut, revision in zip(entry.cuts, entry.order.revisions, strict=False):
        if filled < cut.qty:
            return before, revision.id, revision.qty - before
        before = cut.qty
    return before, entry.id, entry.order.qty - before


def face_of(entry: Entry, id_: str) -> Face | None:
    if id_ == entry.id:
        return current_face(entry)
    for index, revision in enumerate(entry.order.revisions):
        if revision.id == id_:
            return former_face(entry, index)
    asked = entry.order.requested
    if asked is not None and id_ == entry.wished_id:
        return wished_face(entry, asked, id_, entry.id, entry.asked_at, None)
    wish = next((each for each in entry.refused if each.revision_id == id_), None)
    return wished_face(entry, wish.change, id_, wish.replaces, wish.asked_at, wish.at) if wish else None


def current_face(entry: Entry) -> Face:
    order = entry.order
    cut = entry.cuts[-1] if entry.cuts else None
    last = order.revisions[-1] if order.revisions else None
    return Face(
        entry,
        entry.id,
        order.client_order_id,
        status_of(order),
        order.qty - cut.qty if cut else order.qty,
        order.filled_qty - cut.qty if cut else order.filled_qty,
        average_since(order, cut) if cut else order.filled_avg_price,
        order.limit_price,
        order.stop_price,
        order.trail_price if order.trail_price is not None else order.trail_percent,
        order.time_in_force,
        order.expires_at,
        last.replaced_at if last else order.created_at,
        order.updated_at,
        None if order.is_open else order.ended_at or order.updated_at,
        last.id if last else None,
    )


def average_since(order: Order, cut: Cut) -> Decimal | None:
    filled = order.filled_qty - cut.qty
    return (order.filled_qty * (order.filled_avg_price or ZERO) - cut.notional) / filled if filled else None


def former_face(entry: Entry, index: int) -> Face:
    order = entry.order
    revision, cut = order.revisions[index], entry.cuts[index]
    before = entry.cuts[index - 1] if index else Cut(ZERO, ZERO)
    filled = cut.qty - before.qty
    return Face(
        entry,
        revision.id,
        revision.client_order_id,
        "replaced",
        revision.qty - before.qty,
        filled,
        (cut.notional - before.notional) / filled if filled else None,
        revision.limit_price,
        revision.stop_price,
        revision.trail,
        revision.time_in_force or order.time_in_force,
        revision.expires_at if revision.time_in_force else order.expires_at,
        order.revisions[index - 1].replaced_at if index else order.created_at,
        revision.replaced_at,
        revision.replaced_at,
        order.revisions[index - 1].id if index else None,
        order.revisions[index + 1].id if index + 1 < len(order.revisions) else entry.id,
    )


def wished_face(entry: Entry, asked: Change, id_: str, replaces: str, at: int, refused_at: int | None) -> Face:
    """A replacement that is on its way, or was refused."""
    order = entry.order
    own_trail = order.trail_price if order.trail_price is not None else order.trail_percent
    return Face(
        entry,
        id_,
        asked.client_order_id or order.client_order_id,
        "pending_new" if refused_at is None else "rejected",
        (order.qty if asked.qty is None else asked.qty) - order.filled_qty,
        ZERO,
        None,
        order.limit_price if asked.limit_price is None else asked.limit_price,
        order.stop_price if asked.stop_price is None else asked.stop_price,
        own_trail if asked.trail is None else asked.trail,
        asked.time_in_force or order.time_in_force,
        end_after(order, asked, at),
        at,
        at if refused_at is None else refused_at,
        refused_at,
        replaces,
    )


def status_of(order: Order) -> str:
    """Alpaca has statuses for what is on its way; the desk has it beside the status."""
    asked = order.requested
    if asked is None or not order.is_open:
        return order.status.value
    if asked.is_cancel:
        return "pending_cancel"
    return "pending_replace" if asked.revision_id else order.status.value
