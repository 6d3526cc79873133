"""The crowd's limit orders: placed near the best prices, mostly cancelled soon, some patient."""

import math

from tradesim.kernel.clock import NS_PER_SECOND
from tradesim.simulator.floor import Floor, Resting

LONGEST_S = 600.0
PATIENCE_FAR = 6.0
"""How much longer orders far from the best are left alone."""
RETREAT_SHARE, RETREAT_S = 0.85, 0.12
"""How many of the orders that public belief has overtaken are cancelled, and how soon on average."""
MARGIN = 0.45
"""Distance from public belief, in spreads, under which an order counts as overtaken after news."""
FIRST_ORDERS = 70


class Crowd:
    """Noise traders with limit orders, all of one instrument's."""

    name = "~crowd"

    def __init__(self, floor: Floor) -> None:
        self._floor = floor
        floor.on_move.append(self.on_news)

    def open(self, now: int) -> None:
        for n in range(FIRST_ORDERS):
            self._place(1 if n % 2 else -1, now)
        self._floor.schedule(now + self._floor.after(self._floor.profile.order_rate), self.arrive, None)

    def on_news(self, now: int) -> None:
        floor = self._floor
        margin = 0.0 if floor.profile.is_large_tick else MARGIN * floor.spread
        for sign, best in ((1, floor.bid()), (-1, floor.ask())):
            if best is not None and sign * best[0] > sign * floor.belief - margin:
                self._retreat(sign, sign * floor.belief - margin, now)

    def on_filled(self, order_id: int, order: Resting) -> None:
        return

    def arrive(self, now: int, _: None) -> None:
        floor = self._floor
        if not floor.is_open:
            return
        sign = 1 if floor.rng.random() < 0.5 else -1
        self._place(sign, now)
        floor.schedule(now + floor.after(floor.profile.order_rate), self.arrive, None)

    def lapse(self, now: int, order_id: int) -> None:
        self._floor.pull(order_id, now)

    def _place(self, sign: int, now: int) -> None:
        floor = self._floor
        own, other = (floor.bid(), floor.ask()) if sign > 0 else (floor.ask(), floor.bid())
        fair = math.floor(sign * floor.belief - 0.5)
        best = sign * own[0] if own else fair
        limit = sign * other[0] - 1 if other else fair
        if best > fair + 1:
            self._retreat(sign, sign * floor.belief, now)
            best = fair
        price, patience = self._price(best, min(limit, max(fair, best)))
        if sign * price <= 0:
            return
        lots = floor.profile.order_lots
        qty = lots[int(floor.rng.random() * len(lots))]
        order_id = floor.rest(self, sign, sign * price, qty, now)
        if order_id:
            floor.schedule(now + self._life(patience), self.lapse, order_id)

    def _price(self, best: int, limit: int) -> tuple[int, float]:
        """Seen from the bids' side: where to stand, at most `limit`, and how patiently."""
        where, rng = self._floor.profile.placement, self._floor.rng
        chance = rng.random() - where.inside
        if chance < 0:
            room = limit - best
            return (best + 1 + int(rng.random() * room), 1.0) if room > 0 else (best, 1.0)
        if chance < where.best:
            return best, 1.0
        if chance < where.best + where.behind:
            return best - 1 - int(rng.expovariate(1.0 / where.near)), 2.0
        return best - 1 - int(rng.expovariate(1.0 / where.far)), PATIENCE_FAR

    def _life(self, patience: float) -> int:
        profile = self._floor.profile
        drawn = profile.life_s * patience * math.exp(profile.life_sigma * self._floor.rng.gauss(0.0, 1.0))
        return int(min(LONGEST_S, drawn) * NS_PER_SECOND) + 1

    def _retreat(self, sign: int, limit: float, now: int) -> None:
        floor = self._floor
        for order_id, order in floor.orders.items():
            is_overtaken = order.agent is self and order.sign == sign and sign * order.price > limit
            if is_overtaken and floor.rng.random() < RETREAT_SHARE:
                delay = int(floor.rng.expovariate(1.0 / RETREAT_S) * NS_PER_SECOND)
                floor.schedule(now + delay, self.lapse, order_id)
