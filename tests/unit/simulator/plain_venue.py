"""A small price-time venue for agents, so that the simulated market can be tried without the real one."""

from bisect import insort

from tradesim.model.market import BookTop, Level, Side, Trade


class PlainVenue:
    def __init__(self):
        self.on_agent_fill = None
        self.trades = []
        self._books = {}
        self._orders = {}
        self._ids = 0

    def agent_limit(self, symbol, owner, side, price, qty, now):
        self._ids += 1
        order_id = self._ids
        left = self._match(symbol, side, price, qty, now)
        if left <= 0:
            return 0
        prices, levels = self._book(symbol)[side]
        key = -price * side.sign
        if key not in levels:
            levels[key] = [0, {}]
            insort(prices, key)
        levels[key][0] += left
        levels[key][1][order_id] = [left, owner]
        self._orders[order_id] = (symbol, side, key)
        return order_id

    def agent_market(self, symbol, owner, side, qty, now):
        return qty - self._match(symbol, side, None, qty, now)

    def agent_cancel(self, symbol, order_id, now):
        place = self._orders.pop(order_id, None)
        if place is None:
            return False
        _, side, key = place
        prices, levels = self._book(symbol)[side]
        level = levels[key]
        level[0] -= level[1].pop(order_id)[0]
        if not level[1]:
            del levels[key]
            prices.remove(key)
        return True

    def call_auction(self, symbol, kind, now):
        """Agents alone are tried here: their auctions are tried with the real venue."""

    def agent_auction(self, symbol, owner, side, price, qty, now):
        return False

    def uncross(self, symbol, now):
        pass

    def indicative(self, symbol, now):
        return None

    def best_bid(self, symbol):
        prices, levels = self._book(symbol)[Side.BUY]
        return (-prices[0], levels[prices[0]][0]) if prices else None

    def best_ask(self, symbol):
        prices, levels = self._book(symbol)[Side.SELL]
        return (prices[0], levels[prices[0]][0]) if prices else None

    def top(self, symbol, levels):
        def side_of(side):
            prices, held = self._book(symbol)[side]
            return tuple(Level(-side.sign * key, held[key][0], len(held[key][1])) for key in prices[:levels])

        return BookTop(side_of(Side.BUY), side_of(Side.SELL))

    def _book(self, symbol):
        if symbol not in self._books:
            self._books[symbol] = {Side.BUY: ([], {}), Side.SELL: ([], {})}
        return self._books[symbol]

    def _match(self, symbol, side, limit, qty, now):
        other = side.opposite
        prices, levels = self._book(symbol)[other]
        while qty > 0 and prices:
            key = prices[0]
            price = -other.sign * key
            if limit is not None and side.sign * price > side.sign * limit:
                break
            level = levels[key]
            order_id = next(iter(level[1]))
            order = level[1][order_id]
            filled = min(qty, order[0])
            qty -= filled
            order[0] -= filled
            level[0] -= filled
            if not order[0]:
                del level[1][order_id]
                del self._orders[order_id]
                if not level[1]:
                    del levels[key]
                    prices.pop(0)
            self.trades.append(Trade(symbol, len(self.trades) + 1, price, filled, side, now))
            if order[1].startswith("~") and self.on_agent_fill:
                self.on_agent_fill(symbol, order[1], order_id, other, price, filled)
        return qty
