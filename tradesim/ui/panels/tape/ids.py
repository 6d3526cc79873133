"""The tape's ids, written once; assets/tape.js uses the same."""

from enum import StrEnum


class Tape(StrEnum):
    PANEL = "tape"
    RATE = "tape-rate"
    MINIMUM = "tape-minimum"
    TABLE = "tape-table"
    ROWS = "tape-rows"
    PAUSED = "tape-paused"
    CONDITION = "tape-condition"
    FALLBACK = "tape-fallback"
    FALLBACK_TIMER = "tape-fallback-timer"
