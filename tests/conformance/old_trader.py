"""Trades under the Python of the old SDK, which reads its addresses from the environment: prints JSON."""

import json
import logging
import os
import threading
import time

from alpaca_trade_api.rest import REST, APIError
from alpaca_trade_api.stream import Stream

logging.disable(logging.CRITICAL)
heard, is_over = [], threading.Event()


async def on_update(update):
    order = update.order
    heard.append((update.event, order["client_order_id"], order["filled_qty"]))
    if update.event == "canceled":
        is_over.set()


def listening():
    stream = Stream()
    stream.subscribe_trade_updates(on_update)
    threading.Thread(target=stream.run, daemon=True).start()
    for _ in range(6_000):
        if stream._trading_ws._running:
            return
        time.sleep(0.01)
    raise RuntimeError("the stream does not run")


def refused(act):
    try:
        act()
    except APIError as error:
        return [error.status_code, error.code, str(error)]
    return None


listening()
api = REST()
bought = api.submit_order("AAPL", qty=7, side="buy", type="market", time_in_force="day", client_order_id="one")
resting = api.submit_order("AAPL", 5, "buy", "limit", "gtc", limit_price="229.5", client_order_id="two")
changed = api.replace_order(resting.id, limit_price="229.6", client_order_id="three")
legs = api.submit_order(
    symbol="AAPL",
    qty=2,
    side="buy",
    type="limit",
    limit_price="229",
    time_in_force="gtc",
    order_class="bracket",
    take_profit={"limit_price": "240"},
    stop_loss={"stop_price": "220"},
)
api.cancel_order(changed.id)
is_over.wait(60)
seen = {
    "bought": api.get_order(bought.id).status,
    "by_client_id": api.get_order_by_client_order_id("one").filled_qty,
    "replaces": changed.replaces == resting.id,
    "legs": [leg.status for leg in api.get_order(legs.id, nested=True).legs],
    "position": api.get_position("AAPL").qty,
    "refused": refused(lambda: api.submit_order("AAPL", qty=9_999, side="buy", type="market", time_in_force="day")),
    "unknown": refused(lambda: api.get_position("BTCUSD")),
    "activities": [[each.side, each.qty, each.price] for each in api.get_activities(activity_types="FILL")],
    "history": len(api.get_portfolio_history(period="1D", timeframe="1Min").equity) > 0,
    "cash": api.get_account().cash,
}
api.cancel_all_orders()
seen["open"] = len(api.list_orders())
api.close_all_positions()
seen["left"] = len(api.list_positions())
print(json.dumps({**seen, "heard": heard}), flush=True)
os._exit(0)
