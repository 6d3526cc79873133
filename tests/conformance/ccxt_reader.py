"""Reads coins under the Python of ccxt, from the desk and the moment (ms) that it is given: prints JSON."""

import json
import os
import sys

import ccxt

url, since = sys.argv[1], int(sys.argv[2])
exchange = ccxt.alpaca({"apiKey": os.environ["APCA_API_KEY_ID"], "secret": os.environ["APCA_API_SECRET_KEY"]})
exchange.urls["api"] = dict.fromkeys(("broker", "trader", "market"), url)
exchange.load_markets()
exchange.apiKey = exchange.secret = None
book = exchange.fetch_order_book("BTC/USD")
seen = {
    "touch": [book["bids"][0][0], book["asks"][0][0]],
    "bars": len(exchange.fetch_ohlcv("BTC/USD", "1m", since=since, limit=5)),
    "trades": len(exchange.fetch_trades("BTC/USD", since=since, limit=5)) > 0,
}
print(json.dumps(seen))
