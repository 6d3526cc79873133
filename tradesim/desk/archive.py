"""What the journal has of one account beyond what is kept in memory. Read on the caller's thread."""

import threading
import time
from dataclasses import dataclass, field

from tradesim.desk.ports import Journal
from tradesim.model.events import (
    EVENT_KINDS,
    AccountReset,
    BarsKept,
    CashMoved,
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
    """As far as the journal has been read."""

    seq: int = 0
    moves: list[Move] = field(default_factory=list)


class Archive:
    """Safe to ask from any thread."""

    def __init__(self, journal: Journal) -> None:
        self._journal = journal
        self._turn = threading.Lock()
        self._moved: dict[str, Moved] = {}

    def moved(self, account_id: str) -> tuple[Move, ...]:
        """Money and shares that no fill moved, oldest first, since the account was opened or reset."""
        with self._turn:
            known = self._moved.setdefault(account_id, Moved())
            for number, (seq, event) in enumerate(self._journal.history(account_id, MOVED_KINDS, known.seq), 1):
                known.seq = seq
                if isinstance(event, AccountReset):
                    known.moves.clear()
                elif isinstance(event, CashMoved | PositionSplit):
                    known.moves.append(event)
                give_way(number)
            return tuple(known.moves)

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
