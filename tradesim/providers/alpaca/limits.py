"""Alpaca's documented quotas on the free (Basic) plan, kept a little below; one socket a key and endpoint."""

from tradesim.providers.budget import Quota
from tradesim.providers.line import Policy

BASE_URL = "https://data.alpaca.markets"
PAPER_URL, TRADING_URL = "https://paper-api.alpaca.markets", "https://api.alpaca.markets"
LIVE_KEY = "AK"
"""What the key id of an account with real money begins with: the paper side does not know it."""
STREAM_URL = "wss://stream.data.alpaca.markets/v2"
COIN_STREAM_URL = "wss://stream.data.alpaca.markets/v1beta3/crypto/us"
QUOTAS = (Quota("minute", 180, 60.0),)
CHANNELS = 30
POLICY = Policy(symbol_limit=CHANNELS)
PAGE, MOST_PAGES = 10_000, 50
SIP_DELAY_S = 16 * 60
CROWDED_STEP_S, CROWDED_MOST_S = 0.5, 7.5
