"""Polygon's (Massive's) documented quota on the free plan; both names of the hosts work."""

from tradesim.providers.budget import Quota
from tradesim.providers.line import Policy

BASE_URL, OLD_BASE_URL = "https://api.massive.com", "https://api.polygon.io"
STREAM_URL, DELAYED_URL = "wss://socket.massive.com/stocks", "wss://delayed.massive.com/stocks"
QUOTAS = (Quota("minute", 5, 60.0),)
PAGE, MOST_PAGES = 50_000, 20
POLICY = Policy(symbol_limit=1_000)
CONNECTIONS_S = 30.0
