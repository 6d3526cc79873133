"""What Kraken allows without a key: docs.kraken.com, and public reports where the documents are silent."""

from tradesim.providers.budget import Quota

QUOTAS = (Quota("second", 1, 1.0),)
MESSAGES_PER_SECOND = 10.0
"""Over-fast messages are answered `Exceeded msg rate`; the exact figure is not published."""

SYMBOLS = 40
DEPTHS = (10, 25, 100, 500, 1000)
DEPTH = 25
TRADE_ROWS = 1000
DEPTH_ROWS = 100

QUIET_BOOK_S = 60.0
"""Pairs without interest are silent for many seconds; after this long a fresh snapshot is asked for."""
HEARTBEAT_WITHIN_S = 10.0
"""Heartbeats come every second while nothing else does."""
