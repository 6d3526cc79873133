"""Market makers: bids and asks around what they believe, leaning against their inventory and with the book's weight."""

import math

from tradesim.kernel.clock import NS_PER_SECOND
from tradesim.simulator.floor import Floor, Resting

SKEW = 0.6
"""Shift of the quotes, in half spreads, when the inventory is at its limit."""
LEAN = 0.9
"""Shift of the quotes, in half spreads, when all of the book is on one side."""
INVENTORY_MEMORY_S = 240.0
NEWS_LATENCY_S, FLOW_LATENCY_S = 0.015, 0.12


class Maker:
    """Quotes `levels` prices a side; `width` in half spreads of the floor, `grid` ticks apart behind the first.

    Looks at the market `tempo` times a second and moves only when its view has moved by `patience` half spreads.
    """

    def __init__(
        self, floor: Floor, name: str, levels: int, width: float, grid: int, lots: int, tempo: float, patience: float
    ) -> None:
        self.name = name
        self._floor = floor
        self._levels = levels
        self._width = width
        self._grid = grid
        self._lots = lots
        self._tempo = tempo
        self._patience = patience
        self._limit = 12.0 * lots
        self._mine: dict[int, dict[int, tuple[int, int]]] = {1: {}, -1: {}}
        self._inventory = 0.0
        self._anchor = 0.0
        self._due = 0
        self._seen_at = 0
        floor.on_move.append(self.on_news)
        if tempo > 0.2:
            floor.on_flow.append(self.on_flow)

    def open(self, now: int) -> None:
        self._mine = {1: {}, -1: {}}
        self._anchor = self._floor.belief
        self._seen_at = now
        self._due = now
        self.look(now, now)

    def on_news(self, now: int) -> None:
        self._hurry(now, NEWS_LATENCY_S)

    def on_flow(self, now: int) -> None:
        self._hurry(now, FLOW_LATENCY_S)

    def on_filled(self, order_id: int, order: Resting) -> None:
        _, qty = self._mine[order.sign].pop(order.price, (0, 0))
        self._inventory += order.sign * qty

    def look(self, now: int, due: int) -> None:
        """`due` names the look that this is; one that was brought forward has lapsed."""
        floor = self._floor
        if due != self._due or not floor.is_open:
            return
        self._quote(now)
        self._due = now + floor.after(self._tempo)
        floor.schedule(self._due, self.look, self._due)

    def _hurry(self, now: int, latency_s: float) -> None:
        due = now + int(latency_s * math.exp(self._floor.rng.gauss(0.0, 0.9)) * NS_PER_SECOND)
        if due < self._due:
            self._due = due
            self._floor.schedule(due, self.look, due)

    def _quote(self, now: int) -> None:
        floor = self._floor
        floor.learn(now)
        half = max(0.5, self._width * floor.spread / 2)
        view = floor.belief + half * (self._weight_of_book() - self._skew(now))
        if abs(view - self._anchor) > self._patience * half:
            self._anchor = view
        inner = 0.0 if floor.profile.is_large_tick else half
        wanted = {sign: self._prices(sign, inner) for sign in (1, -1)}
        for sign, prices in wanted.items():
            self._leave(sign, prices, now)
        for sign, prices in wanted.items():
            self._join(sign, prices, now)

    def _weight_of_book(self) -> float:
        weight = self._floor.imbalance(3)
        return LEAN * weight * abs(weight)

    def _skew(self, now: int) -> float:
        self._inventory *= math.exp((self._seen_at - now) / (INVENTORY_MEMORY_S * NS_PER_SECOND))
        self._seen_at = now
        return SKEW * max(-1.0, min(1.0, self._inventory / self._limit))

    def _prices(self, sign: int, half: float) -> list[int]:
        """Best first. Seen from the bids' side (`sign` times price): never at or above the other side's best."""
        floor, grid = self._floor, self._grid
        best = math.floor(sign * self._anchor - half)
        if floor.profile.is_large_tick and best == sign * self._anchor and sign < 0:
            best -= 1
        other = floor.ask() if sign > 0 else floor.bid()
        if other is not None:
            best = min(best, sign * other[0] - 1)
        second = (best - 1) // grid * grid
        behind = [second - grid * n for n in range(self._levels - 1)]
        return [price for each in (best, *behind) if (price := sign * each) > 0]

    def _leave(self, sign: int, wanted: list[int], now: int) -> None:
        mine = self._mine[sign]
        for price in [price for price in mine if price not in wanted]:
            self._floor.pull(mine.pop(price)[0], now)

    def _join(self, sign: int, wanted: list[int], now: int) -> None:
        mine, floor = self._mine[sign], self._floor
        for rank, price in enumerate(wanted):
            if price in mine or self._would_cross(sign, price):
                continue
            qty = self._size(rank)
            order_id = floor.rest(self, sign, price, qty, now)
            if order_id:
                mine[price] = (order_id, qty)

    def _would_cross(self, sign: int, price: int) -> bool:
        other = self._floor.ask() if sign > 0 else self._floor.bid()
        return other is not None and sign * price >= sign * other[0]

    def _size(self, rank: int) -> int:
        lot = self._floor.profile.round_lot
        drawn = self._lots * (1.0 + 0.25 * min(rank, 6)) * math.exp(self._floor.rng.gauss(0.0, 0.5))
        return max(lot, round(drawn / lot) * lot)
