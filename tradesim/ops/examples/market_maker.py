"""A market maker: a bid and an offer near the touch, and never more than it may hold.

It bids first, then offers what it got; it never sells short, because Alpaca takes no short sale beside an open bid. The
more it holds the lower it bids (the inventory skew of Ho and Stoll, 1981). It earns the spread when both sides trade,
and loses when the price falls from what it holds, which it does: a bot to learn from, not to get rich by. Start it from
the page, or with

    tradesim run market_maker.py [SYMBOL] [SHARES]

It speaks alpaca-py where that is installed and plain HTTP where it is not; both ask the same of Alpaca's API.
"""

import json
import os
import signal
import sys
import time
from contextlib import suppress
from decimal import Decimal
from types import FrameType
from typing import Any, Protocol

URL = os.environ["APCA_API_BASE_URL"]
KEY, SECRET = os.environ["APCA_API_KEY_ID"], os.environ["APCA_API_SECRET_KEY"]
EVERY_S = 1.0
MOST_LOTS = 5
"""It holds at most this many times SHARES."""
TICK = Decimal("0.01")
WORDS = {"buy": ("bids for", "bought"), "sell": ("offers", "sold")}


class Refused(Exception):
    """The desk said no, and why."""


class Broker(Protocol):
    name: str

    def touch(self, symbol: str) -> tuple[Decimal, Decimal]:
        """Best bid and best offer."""

    def held(self, symbol: str) -> int:
        """Shares that no order is about to sell."""

    def working(self, symbol: str) -> dict[str, Decimal]:
        """Limit price of each open order, by its id."""

    def send(self, symbol: str, side: str, qty: int, price: Decimal) -> str:
        """The id of the new limit order."""

    def cancel(self, order_id: str) -> None: ...

    def filled(self, order_id: str) -> tuple[int, Decimal]:
        """Shares, and their average price; of an order that has none, zeros."""


class OverHttp:
    """Alpaca's API with requests alone."""

    name = "requests"

    def __init__(self) -> None:
        import requests

        self.session = requests.Session()
        self.session.headers.update({"APCA-API-KEY-ID": KEY, "APCA-API-SECRET-KEY": SECRET})

    def ask(self, method: str, path: str, **more: Any) -> Any:
        reply = self.session.request(method, URL + path, timeout=10, **more)
        if not reply.ok:
            raise Refused(sentence(reply.json()))
        return reply.json() if reply.content else None

    def touch(self, symbol: str) -> tuple[Decimal, Decimal]:
        quote = self.ask("GET", f"/v2/stocks/{symbol}/quotes/latest")["quote"]
        return dollars(quote["bp"]), dollars(quote["ap"])

    def held(self, symbol: str) -> int:
        held = self.ask("GET", "/v2/positions")
        return sum(int(Decimal(each["qty_available"])) for each in held if each["symbol"] == symbol)

    def working(self, symbol: str) -> dict[str, Decimal]:
        found = self.ask("GET", "/v2/orders", params={"status": "open", "symbols": symbol})
        return {each["id"]: Decimal(each["limit_price"]) for each in found if each["limit_price"]}

    def send(self, symbol: str, side: str, qty: int, price: Decimal) -> str:
        order = {"symbol": symbol, "side": side, "qty": str(qty), "type": "limit", "limit_price": str(price)}
        return str(self.ask("POST", "/v2/orders", json={**order, "time_in_force": "day"})["id"])

    def cancel(self, order_id: str) -> None:
        self.ask("DELETE", f"/v2/orders/{order_id}")

    def filled(self, order_id: str) -> tuple[int, Decimal]:
        order = self.ask("GET", f"/v2/orders/{order_id}")
        return int(Decimal(order["filled_qty"])), dollars(order["filled_avg_price"] or 0)


class OverAlpacaPy:
    """The same with Alpaca's own client."""

    name = "alpaca-py"

    def __init__(self) -> None:
        from alpaca.data.historical.stock import StockHistoricalDataClient
        from alpaca.trading.client import TradingClient

        self.trading = TradingClient(KEY, SECRET, url_override=URL)
        self.data = StockHistoricalDataClient(KEY, SECRET, url_override=URL)

    def touch(self, symbol: str) -> tuple[Decimal, Decimal]:
        from alpaca.data.requests import StockLatestQuoteRequest

        quote = self.data.get_stock_latest_quote(StockLatestQuoteRequest(symbol_or_symbols=symbol))[symbol]
        return dollars(quote.bid_price), dollars(quote.ask_price)

    def held(self, symbol: str) -> int:
        held = self.trading.get_all_positions()
        return sum(int(Decimal(each.qty_available)) for each in held if each.symbol == symbol)

    def working(self, symbol: str) -> dict[str, Decimal]:
        from alpaca.trading.requests import GetOrdersRequest

        found = self.trading.get_orders(GetOrdersRequest(status="open", symbols=[symbol]))
        return {str(each.id): Decimal(each.limit_price) for each in found if each.limit_price}

    def send(self, symbol: str, side: str, qty: int, price: Decimal) -> str:
        from alpaca.common.exceptions import APIError
        from alpaca.trading.requests import LimitOrderRequest

        order = LimitOrderRequest(symbol=symbol, side=side, qty=qty, limit_price=float(price), time_in_force="day")
        try:
            return str(self.trading.submit_order(order).id)
        except APIError as error:
            raise Refused(sentence(json.loads(str(error)))) from None

    def cancel(self, order_id: str) -> None:
        from alpaca.common.exceptions import APIError

        try:
            self.trading.cancel_order_by_id(order_id)
        except APIError as error:
            raise Refused(sentence(json.loads(str(error)))) from None

    def filled(self, order_id: str) -> tuple[int, Decimal]:
        order = self.trading.get_order_by_id(order_id)
        return int(Decimal(order.filled_qty or 0)), dollars(order.filled_avg_price or 0)


def sentence(body: dict[str, Any]) -> str:
    """The desk says more than Alpaca does, where it knows more: which order stands in the way."""
    return str(body.get("detail") or body["message"])


def dollars(price: float) -> Decimal:
    return Decimal(str(price)).quantize(Decimal("0.01"))


def broker() -> Broker:
    try:
        return OverAlpacaPy()
    except ImportError:
        return OverHttp()


class MarketMaker:
    """Knows its own orders, so that it leaves those of a person, or of another bot, alone."""

    def __init__(self, broker: Broker, symbol: str, shares: int) -> None:
        self.broker, self.symbol, self.shares = broker, symbol, shares
        self.own: dict[str, str] = {}

    def step(self) -> None:
        """Once a second: an order that is not where it should be is cancelled, and sent again at the next step."""
        bid, ask = self.broker.touch(self.symbol)
        working = self.broker.working(self.symbol)
        for side in [side for side, order_id in self.own.items() if order_id not in working]:
            self.tell_fill(side, self.own.pop(side))
        free = self.broker.held(self.symbol)
        self.keep("buy", bid - TICK * (free // self.shares), min(self.shares, MOST_LOTS * self.shares - free), working)
        self.keep("sell", ask, min(self.shares, free), working)

    def keep(self, side: str, price: Decimal, qty: int, working: dict[str, Decimal]) -> None:
        """One order on this side, at `price`; a new one is for `qty`."""
        mine = self.own.get(side)
        if mine is not None:
            if working[mine] != price:
                self.leave(side)
        elif qty > 0:
            self.own[side] = self.broker.send(self.symbol, side, qty, price)
            print(f"{WORDS[side][0]} {qty} {self.symbol} at {price}", flush=True)

    def leave(self, side: str) -> None:
        """What it filled until then is told; it may be over before the cancel comes."""
        order_id = self.own.pop(side)
        with suppress(Refused):
            self.broker.cancel(order_id)
        self.tell_fill(side, order_id)

    def tell_fill(self, side: str, order_id: str) -> None:
        shares, price = self.broker.filled(order_id)
        if shares:
            print(f"{WORDS[side][1]} {shares} {self.symbol} at {price}", flush=True)

    def close(self) -> None:
        """What is still working is cancelled; what is held stays."""
        for side in list(self.own):
            self.leave(side)
        print(f"ended, keeps {self.broker.held(self.symbol)} {self.symbol}", flush=True)


def on_stop(_number: int, _frame: FrameType | None) -> None:
    raise SystemExit(0)


def main(symbol: str = "AAPL", shares: str = "100") -> None:
    if "/" in symbol or not shares.isdigit():
        raise SystemExit(f"wanted a share and how many, such as AAPL 100, was {symbol} {shares}")
    signal.signal(signal.SIGTERM, on_stop)
    maker = MarketMaker(broker(), symbol, int(shares))
    print(f"makes a market in {symbol}: {shares} a side, sent with {maker.broker.name}", flush=True)
    try:
        while True:
            try:
                maker.step()
            except Refused as refused:
                print(f"refused: {refused}", flush=True)
            time.sleep(EVERY_S)
    finally:
        try:
            maker.close()
        except OSError:
            print("ended: the desk is gone", flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:3])
