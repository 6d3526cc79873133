"""Trades coins under the Python of ccxt, at the desk that it is given: prints JSON."""

import json
import os
import sys
import time

import ccxt

SYMBOL = "BTC/USD"
url = sys.argv[1]


def exchange(**keys):
    made = ccxt.alpaca(keys)
    made.urls["api"] = dict.fromkeys(("broker", "trader", "market"), url)
    return made


def in_time(fact):
    for _ in range(6_000):
        if fact():
            return True
        time.sleep(0.01)
    return False


def refused(act):
    try:
        act()
    except ccxt.BaseError as error:
        return type(error).__name__
    return None


known = exchange(apiKey=os.environ["APCA_API_KEY_ID"], secret=os.environ["APCA_API_SECRET_KEY"])
known.load_markets()
keyless = exchange()
keyless.markets, keyless.markets_by_id = known.markets, known.markets_by_id
keyless.symbols, keyless.currencies = known.symbols, known.currencies
book = keyless.fetch_order_book(SYMBOL)
seen = {"touch": [book["bids"][0][0], book["asks"][0][0]]}
bought = known.create_order(SYMBOL, "market", "buy", 0.25)
seen["bought"] = in_time(lambda: known.fetch_order(bought["id"])["status"] == "closed")
seen["average"] = known.fetch_order(bought["id"])["average"]
resting = known.create_order(SYMBOL, "limit", "buy", 0.1, 90_000)
seen["open"] = [order["id"] == resting["id"] for order in known.fetch_open_orders(SYMBOL)]
changed = known.edit_order(resting["id"], SYMBOL, "limit", "buy", 0.2, 91_000)
seen["changed"] = [changed["amount"], changed["price"]]
known.cancel_order(changed["id"])
seen["cancelled"] = in_time(lambda: not known.fetch_open_orders(SYMBOL))
seen["cash"] = known.fetch_balance()["USD"]["total"]
seen["traded"] = known.fetch_my_trades(SYMBOL)[0]["amount"]
seen["too_much"] = refused(lambda: known.create_order(SYMBOL, "limit", "buy", 50, 97_000))
seen["unknown"] = refused(lambda: known.fetch_order("00000000-0000-0000-0000-000000000000"))
print(json.dumps(seen))
