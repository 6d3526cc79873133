"""What Coinbase Exchange allows without a key: docs.cdp.coinbase.com/exchange, rate limits by IP."""

from tradesim.providers.budget import Quota

QUOTAS = (Quota("second", 6, 1.0),)
"""Documented 10 a second."""

MESSAGES_PER_SECOND = 20.0
"""Documented 100; the first subscription must come within 5 s of connecting."""

SYMBOLS = 50
CANDLE_ROWS = 300
TRADE_ROWS = 1000
MOST_PAGES = 20
MESSAGE_BYTES = 32 * 2**20
"""The snapshot of a busy product is megabytes."""

QUIET_BOOK_S = 60.0
HEARTBEAT_WITHIN_S = 10.0
"""Heartbeats come every second for every product."""
DISAGREES_TIMES = 3
DISAGREES_FOR_S = 5.0
"""The ticker may be a step ahead of the batched book; only disagreement that lasts is a fault."""
