"""What the journal has of one account beyond what is kept in memory. Read on the caller's thread."""

import threading
import time
from bisect import insort
from dataclasses import dataclass, field

from tradesim.desk.ports import Journal
from tradesim.model.events import (
    EVENT_KINDS,
    AccountReset,
    BarsKept,
    CashMoved,
    DeskEvent,
    EquityMarked,
    OrderFilled,
    PositionSplit,
    TripAnnotated,
)
from tradesim.model.orders import Fill, Order
from tradesim.trading.state import TradingState

MOVED_KINDS = (AccountReset, CashMoved, PositionSplit)
TRADED_KINDS = tuple(set(EVENT_KINDS.values()) - {BarsKept, EquityMarked, TripAnnotated})
COURTESY, COURTESY_S = 250, 0.0005
"""So many events at a time, so that the market thread is never kept waiting."""

Move = CashMoved | PositionSplit


@dataclass(slots=True)
class Moved:
    """As far as the journal has been read; `moves` are by time."""

    seq: int = 0
    moves: list[Move] = field(default_factory=list)
    told: tuple[Move, ...] | None = None

    def take(self, seq: int, event: DeskEvent) -> None:
        self.seq, self.told = seq, None
        if isinstance(event, AccountReset):
            self.moves.clear()
        elif isinstance(event, CashMoved | PositionSplit):
            insort(self.moves, event, key=lambda each: each.ts_event)

    def shown(self) -> tuple[Move, ...]:
        """Made anew only when something moved."""
        if self.told is None:
            self.told = tuple(self.moves)
        return self.told


class Archive:
    """Safe to ask from any thread."""

    def __init__(self, journal: Journal) -> None:
        self._journal = journal
        self._turn = threading.Lock()
        self._moved: dict[str, Moved] = {}

    def moved(self, account_id: str) -> tuple[Move, ...]:
        """Money and shares that no fill moved, by time, since the account was opened or reset.

        Only what was written since it was last asked is read. A read that fails leaves the rest for the next one.
        """
        with self._turn:
            known, last = self._moved.setdefault(account_id, Moved()), self._journal.last_seq
            if known.seq < last:
                for number, (seq, event) in enumerate(self._journal.history(account_id, MOVED_KINDS, known.seq), 1):
                    known.take(seq, event)
                    give_way(number)
                known.seq = max(known.seq, last)
            return known.shown()

    def traded(self, account_id: str) -> tuple[tuple[Order, ...], tuple[Fill, ...]]:
        """Every order as it is now and every fill, in the order in which they were made, since the same moment."""
        state, orders, fills = TradingState(), dict[str, Order](), list[Fill]()
        for number, (_, event) in enumerate(self._journal.history(account_id, TRADED_KINDS), 1):
            state.apply(event)
            if isinstance(event, AccountReset):
                orders.clear()
                fills.clear()
            if isinstance(event, OrderFilled):
                fills.append(event.fill)
            order = state.order_of(event)
            if order is not None:
                orders[order.id] = order
            give_way(number)
        return tuple(orders.values()), tuple(fills)


def give_way(number: int) -> None:
    if not number % COURTESY:
        time.sleep(COURTESY_S)
