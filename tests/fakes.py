"""Stand-ins that keep the same contracts as the real thing, for tests of the floors above."""

from tradesim.kernel.clock import ManualClock
from tradesim.storage.memory import MemoryJournal

__all__ = ["ManualClock", "MemoryJournal"]
