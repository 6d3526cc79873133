"""A bot as somebody would write it with alpaca-py: quotes in, orders of all kinds out."""

import random

from alpaca.common.exceptions import APIError
from alpaca.data.historical import StockHistoricalDataClient
from alpaca.data.requests import StockLatestQuoteRequest
from alpaca.trading.requests import (
    GetOrdersRequest,
    LimitOrderRequest,
    ReplaceOrderRequest,
    StopLossRequest,
    StopOrderRequest,
    TakeProfitRequest,
)

from tests.conformance.orders import BUY, GTC, IOC, SELL, limit, market
from tests.waiting import eventually


class Trader:
    """`trade` acts once; who calls it lets the market's time go on between two calls."""

    def __init__(self, house, symbol, seed=1):
        self.symbol, self.rng, self.count = symbol, random.Random(seed), 0
        self.client = house.trading()
        self.data = StockHistoricalDataClient(house.api_key, house.secret, url_override=house.url)
        self.refused = []

    def trade(self):
        self.count += 1
        quote = self.data.get_stock_latest_quote(StockLatestQuoteRequest(symbol_or_symbols=self.symbol))[self.symbol]
        acts = (
            self.take,
            self.take,
            self.join,
            self.sweep,
            self.bracket,
            self.stop,
            self.change,
            self.drop,
            self.leave,
        )
        try:
            self.rng.choice(acts)(quote.bid_price, quote.ask_price)
        except APIError as error:
            self.refused.append(error.message)

    def named(self):
        return {"symbol": self.symbol, "client_order_id": f"trade-{self.count}"}

    def side_and_qty(self):
        return self.rng.choice((BUY, SELL)), self.rng.randint(1, 60)

    def take(self, _bid, _ask):
        side, qty = self.side_and_qty()
        self.client.submit_order(market(qty, side, **self.named()))

    def join(self, bid, ask):
        side, qty = self.side_and_qty()
        self.client.submit_order(limit(qty, bid if side is BUY else ask, side, time_in_force=GTC, **self.named()))

    def sweep(self, bid, ask):
        side, qty = self.side_and_qty()
        price = round(ask + 0.05, 2) if side is BUY else round(bid - 0.05, 2)
        self.client.submit_order(limit(qty * 10, price, side, time_in_force=IOC, **self.named()))

    def bracket(self, bid, ask):
        order = LimitOrderRequest(
            **self.named(),
            qty=self.rng.randint(1, 40),
            side=BUY,
            time_in_force=GTC,
            limit_price=ask,
            order_class="bracket",
            take_profit=TakeProfitRequest(limit_price=round(ask + 0.08, 2)),
            stop_loss=StopLossRequest(stop_price=round(bid - 0.08, 2)),
        )
        self.client.submit_order(order)

    def stop(self, bid, _ask):
        price = round(bid * 0.9985, 2)
        self.client.submit_order(
            StopOrderRequest(**self.named(), qty=5, side=SELL, time_in_force=GTC, stop_price=price)
        )

    def change(self, bid, ask):
        for order in self.client.get_orders(GetOrdersRequest(limit=3)):
            if order.limit_price and order.order_class.value == "simple":
                price = bid if order.side is BUY else ask
                self.client.replace_order_by_id(order.id, ReplaceOrderRequest(limit_price=price))
                return

    def drop(self, _bid, _ask):
        self.client.cancel_orders()

    def leave(self, _bid, _ask):
        self.client.close_all_positions(cancel_orders=True)

    def stop_trading(self, let_pass):
        """Take back what is open; what it then holds stays."""
        self.client.cancel_orders()
        let_pass()
        eventually(lambda: not self.client.get_orders())
