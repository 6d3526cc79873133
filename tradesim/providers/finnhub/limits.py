"""Finnhub's documented quotas on the free plan, kept a little below."""

from tradesim.providers.budget import Quota
from tradesim.providers.line import Policy

BASE_URL = "https://finnhub.io"
STREAM_URL = "wss://ws.finnhub.io"
QUOTAS = (Quota("second", 20, 1.0), Quota("minute", 50, 60.0))
SYMBOLS_TOLD, SYMBOLS = 50, 45
POLICY = Policy(symbol_limit=SYMBOLS)
LONGEST_INTRADAY_S = 30 * 86_400
