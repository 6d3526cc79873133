"""Those who cross the spread: noise in bursts, trend followers, the informed, and large orders sliced small."""

import math

from tradesim.kernel.clock import NS_PER_SECOND
from tradesim.simulator.floor import Floor, Resting

GAP_S, GAP_SIGMA = 0.03, 1.8
SWEEP_SHARE = 0.04
"""Aggressive orders that may go on to the next price."""


class Aggressor:
    """Sends market orders sized by what the touch shows."""

    def __init__(self, floor: Floor, name: str) -> None:
        self.name = name
        self._floor = floor

    def strike(self, now: int, burst: tuple[int, int]) -> None:
        """The next of `burst` = (sign, orders left)."""
        floor = self._floor
        if not floor.is_open:
            return
        sign, left = burst
        qty = self._size(sign)
        if qty:
            floor.take(self.name, sign, qty, now)
        if left > 1:
            floor.schedule(now + self._gap(), self.strike, (sign, left - 1))

    def _size(self, sign: int) -> int:
        profile, rng = self._floor.profile, self._floor.rng
        touch = self._floor.ask() if sign > 0 else self._floor.bid()
        if touch is None:
            return 0
        chance = rng.random()
        if chance < profile.whole_touch and touch[1] <= profile.touch_cap:
            return touch[1]
        drawn = profile.trade_lots[int(rng.random() * len(profile.trade_lots))]
        return drawn if chance > 1 - SWEEP_SHARE else min(drawn, touch[1])

    def _gap(self) -> int:
        return 1 + int(GAP_S * math.exp(GAP_SIGMA * self._floor.rng.gauss(0.0, 1.0)) * NS_PER_SECOND)


class NoiseTaker(Aggressor):
    """Bursts of aggressive orders, a little drawn to the side that is thin."""

    MEAN_BURST = 2.3
    SHARE = 0.6
    THIN = 0.22
    HABIT = 0.1

    def __init__(self, floor: Floor) -> None:
        super().__init__(floor, "~noise")
        self._last_sign = 1
        self._rate = self.SHARE * floor.profile.trade_rate / self.MEAN_BURST

    def open(self, now: int) -> None:
        self._floor.schedule(now + self._floor.after(self._rate), self.arrive, None)

    def arrive(self, now: int, _: None) -> None:
        floor = self._floor
        if not floor.is_open:
            return
        chance = 0.5 + self.THIN * floor.imbalance(1) + self.HABIT * self._last_sign
        self._last_sign = 1 if floor.rng.random() < chance else -1
        self.strike(now, (self._last_sign, burst_length(floor, self.MEAN_BURST)))
        floor.schedule(now + floor.after(self._rate), self.arrive, None)


class TrendFollower(Aggressor):
    """Buys what has risen and sells what has fallen, against its own slow average of the mid."""

    RATE = 0.08
    MEMORY_S = 40.0
    MEAN_BURST = 1.8

    def __init__(self, floor: Floor) -> None:
        super().__init__(floor, "~trend")
        self._average = 0.0
        self._seen_at = 0

    def open(self, now: int) -> None:
        self._average = self._floor.belief
        self._seen_at = now
        self._floor.schedule(now + self._floor.after(self.RATE), self.look, None)

    def look(self, now: int, _: None) -> None:
        floor = self._floor
        if not floor.is_open:
            return
        mid = floor.mid()
        trend = mid - self._average
        self._average += trend * -math.expm1((self._seen_at - now) / (self.MEMORY_S * NS_PER_SECOND))
        self._seen_at = now
        usual = max(0.5, floor.second_vol * floor.volatility * math.sqrt(self.MEMORY_S))
        if abs(trend) > 1.3 * usual:
            self.strike(now, (1 if trend > 0 else -1, burst_length(floor, self.MEAN_BURST)))
        floor.schedule(now + floor.after(self.RATE), self.look, None)


class Informed(Aggressor):
    """Knows the value; trades while a price is on the wrong side of it by more than it costs."""

    RATE = 0.15
    LATENCY_S = 0.12
    MARGIN = 0.35
    MOST_IN_A_ROW = 6
    EAGER = 0.6

    def __init__(self, floor: Floor) -> None:
        super().__init__(floor, "~informed")
        self._is_looking = False
        floor.on_move.append(self.on_news)

    def open(self, now: int) -> None:
        self._is_looking = False
        self._floor.schedule(now + self._floor.after(self.RATE), self.patrol, None)

    def on_news(self, now: int) -> None:
        if not self._is_looking:
            self._is_looking = True
            self._again(now, self.MOST_IN_A_ROW)

    def patrol(self, now: int, _: None) -> None:
        if self._floor.is_open:
            self.on_news(now)
            self._floor.schedule(now + self._floor.after(self.RATE), self.patrol, None)

    def look(self, now: int, left: int) -> None:
        floor = self._floor
        sign = self._mispriced() if floor.is_open and left else 0
        if not sign:
            self._is_looking = False
            return
        floor.take(self.name, sign, self._size(sign), now)
        self._again(now, left - 1)

    def _mispriced(self) -> int:
        """1 when the ask is too cheap, -1 when the bid is too dear, else 0."""
        floor = self._floor
        bid, ask = floor.bid(), floor.ask()
        margin = self.MARGIN * floor.spread
        if ask and floor.value > ask[0] + margin:
            return 1
        return -1 if bid and floor.value < bid[0] - margin else 0

    def _size(self, sign: int) -> int:
        drawn = super()._size(sign)
        return max(drawn, super()._size(sign)) if self._floor.rng.random() < self.EAGER else drawn

    def _again(self, now: int, left: int) -> None:
        delay = int(self._floor.rng.expovariate(1.0 / self.LATENCY_S) * NS_PER_SECOND)
        self._floor.schedule(now + 1_000_000 + delay, self.look, left)


class Slicer(Aggressor):
    """Works one large order after another in small pieces, some resting at the best first: the tape's long memory."""

    IDLE_S = 25.0
    TAIL, FEWEST, MOST = 1.25, 5, 300
    PASSIVE_SHARE, PASSIVE_S = 0.35, 3.0

    def __init__(self, floor: Floor) -> None:
        super().__init__(floor, "~slicer")
        self._rate = floor.profile.sliced * floor.profile.trade_rate

    def open(self, now: int) -> None:
        self._rest(now)

    def begin(self, now: int, _: None) -> None:
        rng = self._floor.rng
        slices = min(self.MOST, int(self.FEWEST * (1.0 - rng.random()) ** (-1.0 / self.TAIL)))
        self.slice(now, (1 if rng.random() < 0.5 else -1, slices))

    def slice(self, now: int, parent: tuple[int, int]) -> None:
        """The next child of `parent` = (sign, slices left)."""
        floor = self._floor
        if not floor.is_open:
            return
        sign, left = parent
        if not left:
            self._rest(now)
            return
        if floor.rng.random() < self.PASSIVE_SHARE:
            self._stand(sign, now)
        else:
            self.strike(now, (sign, 1))
        floor.schedule(now + floor.after(self._rate), self.slice, (sign, left - 1))

    def on_filled(self, order_id: int, order: Resting) -> None:
        return

    def give_up(self, now: int, order_id: int) -> None:
        """A resting slice was not filled in time: take instead."""
        floor = self._floor
        order = floor.orders.get(order_id)
        if order is not None:
            floor.pull(order_id, now)
            self.strike(now, (order.sign, 1))

    def _stand(self, sign: int, now: int) -> None:
        floor = self._floor
        own = floor.bid() if sign > 0 else floor.ask()
        lots = floor.profile.trade_lots
        qty = lots[int(floor.rng.random() * len(lots))]
        order_id = floor.rest(self, sign, own[0], qty, now) if own else 0
        if order_id:
            delay = int(floor.rng.expovariate(1.0 / self.PASSIVE_S) * NS_PER_SECOND)
            floor.schedule(now + delay, self.give_up, order_id)

    def _rest(self, now: int) -> None:
        floor = self._floor
        floor.schedule(now + floor.after(1.0 / self.IDLE_S), self.begin, None)


def burst_length(floor: Floor, mean: float) -> int:
    """One or more, `mean` on average, falling by a constant ratio."""
    length, going_on = 1, 1.0 - 1.0 / mean
    while length < 30 and floor.rng.random() < going_on:
        length += 1
    return length
