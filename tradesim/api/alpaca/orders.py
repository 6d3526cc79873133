"""`/v2/orders`: place, look at, replace and cancel."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from decimal import Decimal

from flask import Blueprint, Response, request
from msgspec import Struct

from tradesim.api.alpaca import rules, statuses
from tradesim.api.alpaca.directory import Directory
from tradesim.api.alpaca.door import account_id, answer, nothing, source
from tradesim.api.alpaca.errors import Denied, forbidden, order_not_found, unprocessable, wrong_input
from tradesim.api.alpaca.forms import asset_class, number
from tradesim.api.alpaca.reading import Query, body_of
from tradesim.api.alpaca.records import Entry, Face, Records, face_of
from tradesim.api.alpaca.refusals import Asked, refusal_of
from tradesim.api.alpaca.shapes import OrderShape, order_shape
from tradesim.api.alpaca.situation import Holding, holding_of, open_orders
from tradesim.api.alpaca.updates import Updates
from tradesim.api.alpaca.wanted import Wanted, change_of, wanted_of
from tradesim.desk.desk import Desk
from tradesim.model.commands import CancelAllOrders, CancelOrder, CountRefusal, ReplaceOrder
from tradesim.model.instrument import Instrument
from tradesim.model.market import Side
from tradesim.model.orders import Order, OrderClass, OrderType, Rejection

MOST_ORDERS = 500
MOST_TOLD = 20
STOP_ROOM = Decimal("1.001")
NOT_YET_THERE = frozenset({"accepted", "pending_new", "pending_cancel", "pending_replace", "held"})


class OrderDoor(Struct, frozen=True):
    """What the routes share."""

    desk: Desk
    updates: Updates
    directory: Directory

    def place(self, wanted: Wanted) -> OrderShape:
        account = account_id(self.desk)
        with self.counted():
            instrument = self.directory.find(wanted.symbol)
            if instrument is None:
                raise unprocessable(f'asset "{wanted.symbol}" not found', detail=self._what_trades())
            rules.require_form(wanted, instrument)
            rules.require_exits_apart(wanted, self._last(instrument))
            self._require_position(wanted, instrument, account)
            self._require_room_for_stop(wanted, instrument)
            wanted = rules.capped(wanted, instrument)
        done = self.desk.submit(wanted.command(account, instrument.symbol, source()))
        if isinstance(done, Rejection):
            asked = Asked(instrument, wanted.side, wanted.qty, wanted.notional, wanted.limit_price)
            raise self.refused(done, asked, account)
        return self.shape(self._records(account).current(done.id) or lone_face(done), is_nested=True)

    def _what_trades(self) -> str:
        symbols = sorted(self.desk.instruments)
        more = f" and {len(symbols) - MOST_TOLD} more" if len(symbols) > MOST_TOLD else ""
        return f"the market that is open, {self.desk.status().title}, trades {', '.join(symbols[:MOST_TOLD])}{more}"

    @contextmanager
    def counted(self) -> Iterator[None]:
        """What is refused here, before the desk is asked, is a refusal for the runaway guard too."""
        try:
            yield
        except Denied:
            self.desk.post(CountRefusal(account_id(self.desk), source()))
            raise

    def replace(self, face: Face, change: ReplaceOrder) -> OrderShape:
        order, instrument = face.entry.order, self.directory.find(face.entry.order.symbol)
        with self.counted():
            if face.status in NOT_YET_THERE and face.status != "held":
                raise unprocessable("unable to replace order, order isn't sent to exchange yet")
            if face.status not in statuses.OPEN:
                raise unprocessable(f'order is already in "{face.status}" state')
            if instrument is not None:
                rules.require_change(change, order, instrument)
                change = rules.with_its_cap(change, order, instrument)
        done = self.desk.submit(change)
        if isinstance(done, Rejection):
            raise self._not_replaced(done, face, change, instrument)
        records = self._records(order.account_id)
        wished = done.requested.revision_id if done.requested else None
        found = records.face(wished or done.revision_id or done.id)
        return self.shape(found or lone_face(done), is_nested=True)

    def cancel(self, face: Face) -> None:
        if face.status not in statuses.OPEN:
            raise already(face.status)
        done = self.desk.submit(CancelOrder(face.entry.order.account_id, face.entry.order.id))
        if isinstance(done, Rejection):
            now = self._records(face.entry.order.account_id).current(face.entry.order.id)
            if done.code == "not_open" and now is not None:
                raise already(now.status)
            raise unprocessable(done.message)

    def refused(self, rejection: Rejection, asked: Asked, account: str) -> Denied:
        view, market = self.desk.account(account), self.desk.market(asked.instrument.symbol)
        return Denied(refusal_of(rejection, asked, view, market))

    def shape(self, face: Face, is_nested: bool = False) -> OrderShape:
        records = self._records(face.entry.order.account_id) if is_nested and face.entry.order.legs else None
        return order_shape(face, self.desk.instruments, records.current if records else None)

    def find(self, id_: str) -> Face:
        """Raises Denied."""
        face = self._records(account_id(self.desk)).face(id_)
        if face is None:
            raise order_not_found(id_)
        return face

    def _records(self, account: str) -> Records:
        return self.updates.records(account)

    def _not_replaced(
        self, rejection: Rejection, face: Face, change: ReplaceOrder, instrument: Instrument | None
    ) -> Denied:
        order = face.entry.order
        if rejection.code == "not_open":
            now = self._records(order.account_id).current(order.id)
            return already(now.status if now else face.status)
        if instrument is None:
            return unprocessable(rejection.message)
        asked = Asked(
            instrument, order.side, change.qty or order.remaining, None, change.limit_price or order.limit_price
        )
        return self.refused(rejection, asked, order.account_id)

    def _require_position(self, wanted: Wanted, instrument: Instrument, account: str) -> None:
        """One order may close a position or open the other side, not both; and nothing is promised twice."""
        view = self.desk.account(account)
        holding = holding_of(view, instrument.symbol)
        require_intent(wanted, holding)
        asked = Asked(instrument, wanted.side, wanted.qty, wanted.notional, wanted.limit_price)
        if not holding.held:
            self._require_one_direction(wanted, instrument, account)
            return
        if wanted.side is not holding.closing_side or wanted.order_class is OrderClass.OCO:
            return
        if wanted.qty is not None and wanted.qty > holding.available:
            raise self.refused(Rejection("insufficient_qty", ""), asked, account)

    def _require_one_direction(self, wanted: Wanted, instrument: Instrument, account: str) -> None:
        if rules.is_crypto(instrument) or wanted.order_class is not OrderClass.SIMPLE:
            return
        for order in open_orders(self.desk.account(account), instrument.symbol):
            if order.order_class is OrderClass.SIMPLE and order.side is not wanted.side and not meets(wanted, order):
                raise opposite(wanted.side)

    def _require_room_for_stop(self, wanted: Wanted, instrument: Instrument) -> None:
        """A stop must not be where the market is already."""
        base = self._last(instrument)
        if wanted.type not in (OrderType.STOP, OrderType.STOP_LIMIT) or wanted.stop_price is None or base is None:
            return
        extras = {"base_price": number(base), "stop_price": number(wanted.stop_price)}
        if wanted.side is Side.SELL and wanted.stop_price > base / STOP_ROOM:
            raise unprocessable("stop price must not be greater than base price / 1.001", **extras)
        if wanted.side is Side.BUY and wanted.stop_price < base * STOP_ROOM:
            raise unprocessable("stop price must not be less than base price * 1.001", **extras)

    def _last(self, instrument: Instrument) -> Decimal | None:
        view = self.desk.market(instrument.symbol)
        return None if view is None or view.last is None else instrument.price(view.last)


def require_intent(wanted: Wanted, holding: Holding) -> None:
    """What the order says that it does to the position is what it does. Raises Denied."""
    closes = holding.held * wanted.side.sign < 0 or wanted.order_class is OrderClass.OCO
    inferred = f"{wanted.side.value}_to_{'close' if closes else 'open'}"
    if wanted.intent is not None and wanted.intent.value != inferred:
        raise unprocessable(f"position intent mismatch, inferred: {inferred}, specified: {wanted.intent.value}")


def meets(wanted: Wanted, order: Order) -> bool:
    """Whether the two could trade with each other, which is a wash trade and not a change of direction."""
    if wanted.limit_price is None or order.limit_price is None:
        return True
    return (wanted.limit_price - order.limit_price) * wanted.side.sign >= 0


def opposite(side: Side) -> Denied:
    if side is Side.BUY:
        return forbidden("cannot open a long buy while a short sell order is open")
    return forbidden("cannot open a short sell while a long buy order is open")


def already(status: str) -> Denied:
    return unprocessable(f'order is already in "{status}" state')


def lone_face(order: Order) -> Face:
    face = face_of(Entry(order), order.revision_id or order.id)
    assert face is not None
    return face


class Filter(Struct, frozen=True):
    """Which of the orders that were looked through are wanted; times are exclusive, UTC ns."""

    status: str
    symbols: frozenset[str]
    side: str
    classes: frozenset[str]
    after: int | None
    until: int | None
    is_nested: bool

    def admits(self, face: Face, instrument: Instrument | None) -> bool:
        order = face.entry.order
        return (
            (self.status != "closed" or face.status not in statuses.OPEN)
            and not (self.is_nested and order.parent_id is not None)
            and (not self.symbols or order.symbol in self.symbols)
            and (not self.side or order.side.value == self.side)
            and (not self.classes or asset_class(instrument, order.symbol) in self.classes)
            and (self.after is None or face.submitted_at > self.after)
            and (self.until is None or face.submitted_at < self.until)
        )


def filter_of(query: Query, directory: Directory) -> Filter:
    return Filter(
        query.one_of("status", ("open", "closed", "all"), "open"),
        directory.symbols(query.words("symbols")),
        query.one_of("side", ("buy", "sell", ""), ""),
        query.words("asset_class") - {"all"},
        query.moment("after"),
        query.moment("until"),
        query.flag("nested"),
    )


def listed(door: OrderDoor, query: Query) -> list[OrderShape]:
    wanted = filter_of(query, door.directory)
    is_oldest_first = query.one_of("direction", ("asc", "desc"), "desc") == "asc"
    limit = query.count("limit", 50, MOST_ORDERS)
    records = door.updates.records(account_id(door.desk))
    faces = looked_through(records, wanted, is_oldest_first)
    before, after = query.word("before_order_id"), query.word("after_order_id")
    if before or after:
        faces = beyond(faces, records, before, after)
    instruments, found = door.desk.instruments, []
    for face in faces:
        if wanted.admits(face, instruments.get(face.entry.order.symbol)):
            found.append(door.shape(face, wanted.is_nested))
            if len(found) == limit:
                break
    return found


def looked_through(records: Records, wanted: Filter, is_oldest_first: bool) -> Iterable[Face]:
    """A parent whose exits work is among the open ones where they are shown inside it, filled as it is."""
    if wanted.status != "open":
        return records.faces(is_oldest_first)
    return records.open_families(is_oldest_first) if wanted.is_nested else records.open_faces(is_oldest_first)


def beyond(faces: Iterable[Face], records: Records, before: str, after: str) -> Iterator[Face]:
    """Those submitted before one order, or after another. Raises Denied for an order that is not there."""
    for name in (before, after):
        if name and records.face(name) is None:
            raise order_not_found(name)
    place = {face.id: index for index, face in enumerate(records.faces(is_oldest_first=True))}
    for face in faces:
        index = place.get(face.id, 0)
        if (not before or index < place[before]) and (not after or index > place[after]):
            yield face


def register(api: Blueprint, door: OrderDoor) -> None:
    @api.post("/v2/orders")
    def on_new_order() -> Response:
        with door.counted():
            wanted = wanted_of(body_of(request.get_data(cache=False)))
        return answer(door.place(wanted))

    @api.get("/v2/orders")
    def on_orders() -> Response:
        return answer(listed(door, Query(request.args)))

    @api.delete("/v2/orders")
    def on_cancel_all() -> Response:
        account = account_id(door.desk)
        asked = door.desk.submit(CancelAllOrders(account))
        if isinstance(asked, Rejection):
            raise unprocessable(asked.message)
        records = door.updates.records(account)
        faces = [records.current(order.id) or lone_face(order) for order in asked]
        return answer([{"id": face.id, "status": 200, "body": door.shape(face)} for face in faces], 207)

    @api.get("/v2/orders:by_client_order_id")
    def on_by_client_order_id() -> Response:
        query = Query(request.args)
        given = query.word("client_order_id")
        if not given:
            raise wrong_input("client_order_id is required")
        face = door.updates.records(account_id(door.desk)).by_client_order_id(given)
        if face is None:
            raise order_not_found(given)
        return answer(door.shape(face, query.flag("nested")))

    @api.get("/v2/orders/<order_id>")
    def on_order(order_id: str) -> Response:
        return answer(door.shape(door.find(order_id), Query(request.args).flag("nested")))

    @api.patch("/v2/orders/<order_id>")
    def on_replace(order_id: str) -> Response:
        body = body_of(request.get_data(cache=False))
        face = door.find(order_id)
        order = face.entry.order
        with door.counted():
            change = change_of(body, order.account_id, order.id)
        return answer(door.replace(face, change))

    @api.delete("/v2/orders/<order_id>")
    def on_cancel(order_id: str) -> Response:
        door.cancel(door.find(order_id))
        return nothing()
