"""A journal that forgets: for scripted sessions, which can be repeated instead, and for tests."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from tradesim.desk.ports import Snapshot
from tradesim.kernel.errors import JournalUnavailable
from tradesim.model.accounts import LedgerEntry
from tradesim.model.events import DeskEvent
from tradesim.storage.rows import account_of


@dataclass
class MemoryJournal:
    """Remembers as long as the process lasts. Set `fault` to a sentence to have every write refused with it."""

    events: list[DeskEvent] = field(default_factory=list)
    kept_entries: list[LedgerEntry] = field(default_factory=list)
    kept_snapshot: Snapshot | None = None
    fault: str | None = None
    appends: int = 0

    @property
    def last_seq(self) -> int:
        return len(self.events)

    def append(self, events: Sequence[DeskEvent], entries: Sequence[LedgerEntry]) -> int:
        self._require_health()
        self.events.extend(events)
        self.kept_entries.extend(entries)
        self.appends += 1
        return self.last_seq

    def replay(self, after: int = 0) -> Iterator[tuple[int, DeskEvent]]:
        yield from list(enumerate(self.events, 1))[after:]

    def history(self, account_id: str, kinds: Sequence[type], after: int = 0) -> Iterator[tuple[int, DeskEvent]]:
        for seq, event in self.replay(after):
            if isinstance(event, tuple(kinds)) and account_of(event) == account_id:
                yield seq, event

    def last_moment(self, world: str) -> int:
        return max((event.ts_event for event in self.events if account_of(event).startswith(world)), default=0)

    def entries(self, after: int = 0) -> Iterator[LedgerEntry]:
        yield from [entry for entry in self.kept_entries if entry.seq > after]

    def snapshot(self) -> Snapshot | None:
        return self.kept_snapshot

    def save_snapshot(self, snapshot: Snapshot) -> None:
        self._require_health()
        self.kept_snapshot = snapshot

    def health(self) -> str:
        return self.fault or "ok"

    def close(self) -> None:
        pass

    def _require_health(self) -> None:
        if self.fault is not None:
            raise JournalUnavailable(self.fault)
