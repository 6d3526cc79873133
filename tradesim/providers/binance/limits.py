"""What Binance allows without a key: developers.binance.com, spot API, limits by IP."""

from tradesim.providers.budget import Quota

QUOTAS = (Quota("minute", 4_000, 60.0),)
"""Documented 6,000; kept below, because an IP that goes over is banned for minutes to days."""

CLIENT_MESSAGES_PER_SECOND = 4.0
"""Documented 5, pongs included."""

SYMBOLS = 100
"""Three streams each; documented are 1,024 streams a connection."""

CONNECTION_LIFE_S = 24 * 3600.0
DEPTH_ROWS = 1000
"""At 100 the best ask left the window on 406 of 901 ticks of a public measurement; at 1000 never."""

PROBE_ROWS = 5
MOST_PAGES = 20
KLINE_ROWS = 1000
TRADE_ROWS = 1000
DEPTH_WEIGHTS = ((100, 5), (500, 25), (1000, 50), (5000, 250))
QUOTE_WEIGHT = 2
KLINE_WEIGHT = 2
TRADES_WEIGHT = 25
LISTING_WEIGHT = 20

FIRST_BOOK_AFTER_S = 3.0
"""A pair without interest may send no change for ten seconds; its book is fetched without waiting for one."""
QUIET_BOOK_S = 30.0
"""A misspelt or mute stream sends nothing at all: after this long REST is asked whether the book moved."""


def depth_weight(rows: int) -> int:
    return next(weight for most, weight in DEPTH_WEIGHTS if rows <= most)
