"""What moved money and shares besides fills, of every account: read from the journal once, then heard as it happens."""

import threading
from bisect import insort
from collections import defaultdict, deque
from collections.abc import Sequence

from tradesim.desk.archive import Move
from tradesim.desk.desk import Desk
from tradesim.model.events import AccountReset, CashMoved, DeskEvent, PositionSplit


class Moves:
    """Safe to ask from any thread; `_on_events` is called on the market thread and only notes."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._turn = threading.Lock()
        self._heard: defaultdict[str, deque[Move | AccountReset]] = defaultdict(deque)
        self._known: dict[str, list[Move]] = {}
        self._ids: dict[str, set[str]] = {}
        desk.subscribe(self._on_events)

    def of(self, account_id: str) -> Sequence[Move]:
        """Since the account was opened or reset, by time; not to be changed."""
        with self._turn:
            if account_id not in self._known:
                self._known[account_id], self._ids[account_id] = [], set()
                for move in self._desk.moves(account_id):
                    self._keep(account_id, move)
            heard = self._heard[account_id]
            while heard:
                self._take(account_id, heard.popleft())
            return self._known[account_id]

    def _take(self, account_id: str, event: Move | AccountReset) -> None:
        """What was read from the journal may be heard again; after a reset comes again all that followed it."""
        if isinstance(event, AccountReset):
            self._known[account_id], self._ids[account_id] = [], set()
        else:
            self._keep(account_id, event)

    def _keep(self, account_id: str, move: Move) -> None:
        if move.id in self._ids[account_id]:
            return
        self._ids[account_id].add(move.id)
        known = self._known[account_id]
        if known and known[-1].ts_event > move.ts_event:
            self._known[account_id] = known = list(known)
        insort(known, move, key=lambda each: each.ts_event)

    def _on_events(self, events: Sequence[DeskEvent]) -> None:
        for event in events:
            if isinstance(event, CashMoved | PositionSplit | AccountReset):
                self._heard[event.account_id].append(event)
