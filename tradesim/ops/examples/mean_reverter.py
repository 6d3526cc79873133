"""A mean reverter: buys what fell below its average of the last minutes, sells when it is back.

It wins often and a little, and loses seldom and much: when a price falls on, it holds. A bot to learn from, not to
get rich by. Long only, one position at a time. Start it from the page, or with

    tradesim run mean_reverter.py [SYMBOL] [QUANTITY] [SECONDS OF AVERAGE] [DEVIATIONS]

such as `BTC/USD 0.05 120 2`. It needs nothing but requests.
"""

import os
import signal
import statistics
import sys
import time
from collections import deque
from decimal import Decimal
from types import FrameType
from typing import Any

import requests

URL = os.environ["APCA_API_BASE_URL"]
SESSION = requests.Session()
SESSION.headers["APCA-API-KEY-ID"] = os.environ["APCA_API_KEY_ID"]
SESSION.headers["APCA-API-SECRET-KEY"] = os.environ["APCA_API_SECRET_KEY"]
EVERY_S = 1.0
FEWEST = 10
"""Prices before it has an opinion."""
TELL_EVERY = 15
OVER = ("filled", "canceled", "expired", "rejected")


class Refused(Exception):
    """The desk said no, and why."""


def ask(method: str, path: str, **more: Any) -> Any:
    reply = SESSION.request(method, URL + path, timeout=10, **more)
    if not reply.ok:
        body = reply.json()
        raise Refused(body.get("detail") or body["message"])
    return reply.json() if reply.content else None


def middle(symbol: str) -> float:
    """Between the best bid and the best offer."""
    if "/" in symbol:
        quote = ask("GET", "/v1beta3/crypto/us/latest/quotes", params={"symbols": symbol})["quotes"][symbol]
    else:
        quote = ask("GET", f"/v2/stocks/{symbol}/quotes/latest")["quote"]
    return float((quote["bp"] + quote["ap"]) / 2)


def trade(symbol: str, side: str, qty: Decimal) -> Decimal:
    """At the market, and whatever finds nobody is cancelled; how much was filled."""
    wish = {"symbol": symbol, "side": side, "qty": str(qty), "type": "market", "time_in_force": "ioc"}
    order = ask("POST", "/v2/orders", json=wish)
    while order["status"] not in OVER:
        time.sleep(0.1)
        order = ask("GET", f"/v2/orders/{order['id']}")
    print(f"{side} {order['filled_qty']} {symbol} at {order['filled_avg_price']}", flush=True)
    return Decimal(order["filled_qty"])


def deviation(prices: deque[float]) -> float:
    """How many standard deviations the last price is from the average."""
    spread = statistics.pstdev(prices)
    return (prices[-1] - statistics.fmean(prices)) / spread if spread else 0.0


def on_stop(_number: int, _frame: FrameType | None) -> None:
    raise SystemExit(0)


def main(symbol: str = "AAPL", qty: str = "100", seconds: str = "60", deviations: str = "1.5") -> None:
    signal.signal(signal.SIGTERM, on_stop)
    prices: deque[float] = deque(maxlen=max(FEWEST, int(seconds)))
    held = Decimal(0)
    print(f"watches {symbol}: buys {qty} at {deviations} deviations under the average of {seconds} s", flush=True)
    for turn in range(sys.maxsize):
        time.sleep(EVERY_S)
        try:
            prices.append(middle(symbol))
            if len(prices) < FEWEST:
                continue
            far = deviation(prices)
            if turn % TELL_EVERY == 0:
                print(f"{prices[-1]:.2f} is {far:+.1f} deviations from the average, holds {held}", flush=True)
            if not held and far < -float(deviations):
                held = trade(symbol, "buy", Decimal(qty))
            elif held and far >= 0:
                held -= trade(symbol, "sell", held)
        except Refused as refused:
            print(f"refused: {refused}", flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:5])
