"""Runs under the Python of the old SDK, which reads its addresses from the environment: prints what it saw as JSON."""

import json
import logging
import os
import threading

from alpaca_trade_api.rest import REST, TimeFrame
from alpaca_trade_api.stream import Stream

logging.disable(logging.CRITICAL)
KEY, SECRET = os.environ["APCA_API_KEY_ID"], os.environ["APCA_API_SECRET_KEY"]


def rest():
    api = REST()
    bars = api.get_bars("AAPL", TimeFrame.Minute, "2026-01-05", "2026-01-06")
    return {
        "clock": api.get_clock().is_open,
        "asset": api.get_asset("AAPL").exchange,
        "calendar": [str(day.date.date()) for day in api.get_calendar("2026-01-05", "2026-01-06")],
        "bars": len(bars),
        "trade": api.get_latest_trade("AAPL").p,
        "quote": api.get_latest_quote("AAPL").bp,
        "snapshot": api.get_snapshot("AAPL").latest_trade.p,
    }


def stream():
    heard, is_enough = [], threading.Event()
    stream = Stream(data_feed="iex", raw_data=True)

    async def on_trade(trade):
        heard.append(trade["p"])
        is_enough.set()

    stream.subscribe_trades(on_trade, "AAPL")
    threading.Thread(target=stream.run, daemon=True).start()
    print("listening", flush=True)
    is_enough.wait(60)
    return heard[:1]


seen = rest()
print(json.dumps({**seen, "stream": stream()}), flush=True)
os._exit(0)
