"""The fan-out of trade updates: what the desk tells of its orders, to each who follows that account, as it happens.

Called on the market thread, before whoever asked is answered: a listener must be quick, and a question that follows an
answer finds what the answer said. Nothing is rendered unless somebody listens.
"""

import threading
import uuid
from collections import deque
from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import Protocol

from msgspec import Struct

from tradesim.api.alpaca import forms, statuses
from tradesim.api.alpaca.records import Entry, Face, Records, face_of
from tradesim.api.alpaca.shapes import UpdateShape, order_shape
from tradesim.desk.desk import Desk
from tradesim.desk.views import OrderUpdate
from tradesim.kernel.clock import NS_PER_MS
from tradesim.model.events import AccountReset, DeskEvent, OrderFilled
from tradesim.model.orders import Fill

RECENT = 20_000
"""Updates of all accounts that who comes back may still ask for."""
CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


class Said(Struct, frozen=True):
    """One trade update, not yet rendered. `seq` counts all of this run."""

    account_id: str
    event: str
    face: Face
    at: int
    seq: int
    fill: Fill | None = None
    position_qty: Decimal | None = None

    @property
    def event_id(self) -> str:
        """A ULID: its first ten letters are the millisecond, the others our count."""
        return ulid(self.at // NS_PER_MS, self.seq)

    @property
    def execution_id(self) -> str:
        return self.fill.id if self.fill else str(uuid.uuid5(forms.NAMES, f"{self.face.id}:{self.event}:{self.at}"))


class Listener(Protocol):
    def tell(self, said: Said) -> None:
        """On the market thread: must not wait."""
        ...


class Updates:
    """Keeps the records of every account and tells those who listen."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._turn = threading.Lock()
        self._records: dict[str, Records] = {}
        self._seeded: set[str] = set()
        self._listeners: dict[str, tuple[Listener, ...]] = {}
        self._recent: deque[Said] = deque(maxlen=RECENT)
        self._seq = 0
        self._resets: dict[str, int] = {}
        desk.subscribe(self._on_events)
        desk.subscribe_orders(self._on_updates)

    def records(self, account_id: str) -> Records:
        """Of the account, from its beginning as far as it is kept. Raises TimeoutError when the desk is busy."""
        if account_id not in self._seeded:
            orders, fills = self._desk.past(account_id)
            with self._turn:
                if account_id not in self._seeded:
                    self._of(account_id).seed(orders, fills)
                    self._seeded.add(account_id)
        return self._of(account_id)

    def listen(self, account_id: str, listener: Listener) -> Callable[[], None]:
        """Tell `listener` from now on. Returns the way to end it."""
        with self._turn:
            self._listeners[account_id] = (*self._listeners.get(account_id, ()), listener)

        def leave() -> None:
            with self._turn:
                left = tuple(each for each in self._listeners.get(account_id, ()) if each is not listener)
                self._listeners[account_id] = left

        return leave

    def recent(self, account_id: str) -> list[Said]:
        """Oldest first."""
        return [said for said in self._recent.copy() if said.account_id == account_id]

    def shape(self, said: Said) -> UpdateShape:
        records = self._of(said.account_id)
        at = forms.moment(said.at)
        shape = UpdateShape(
            said.event,
            said.execution_id,
            order_shape(said.face, self._desk.instruments, records.current),
            at,
            at,
            said.event_id,
        )
        if said.fill is not None:
            shape.price, shape.qty = forms.number(said.fill.price), forms.number(said.fill.qty)
            shape.position_qty = forms.number(said.position_qty or Decimal(0))
        return shape

    def _on_events(self, events: Sequence[DeskEvent]) -> None:
        """Of one turn, before its updates: an account that was reset has no past."""
        self._resets = {each.account_id: each.ts_event for each in events if isinstance(each, AccountReset)}
        self._forget()

    def _forget(self) -> None:
        for account_id, at in self._resets.items():
            self._of(account_id).begin_again(at)

    def _on_updates(self, updates: Sequence[OrderUpdate]) -> None:
        for update in updates:
            former, entry = self._of(update.order.account_id).take(update)
            for event, name, seen in statuses.told(update, former, entry):
                self._tell(update, event, seen, name)
        self._forget()

    def _tell(self, update: OrderUpdate, event: str, entry: Entry, name: str) -> None:
        face = face_of(entry, name)
        if face is None:
            return
        self._seq += 1
        is_fill = isinstance(update.event, OrderFilled) and event in ("fill", "partial_fill")
        said = Said(
            update.order.account_id,
            event,
            face,
            update.event.ts_event,
            self._seq,
            update.event.fill if is_fill and isinstance(update.event, OrderFilled) else None,
            update.position_qty if is_fill else None,
        )
        self._recent.append(said)
        for listener in self._listeners.get(said.account_id, ()):
            listener.tell(said)

    def _of(self, account_id: str) -> Records:
        return self._records.get(account_id) or self._records.setdefault(account_id, Records())


def ulid(ms: int, count: int) -> str:
    number = (ms & (1 << 48) - 1) << 80 | count
    return "".join(CROCKFORD[number >> shift & 31] for shift in range(125, -1, -5))
