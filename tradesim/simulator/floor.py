"""The trading floor of one instrument: what its agents share. Prices in ticks, sizes in lots, times in UTC ns.

`value` is what the instrument is truly worth, known to the informed only. `belief` is what makers think it is
worth, learnt from public news, from the order flow and, slowly, from elsewhere. Every aggressive order, also a
client's, moves the belief by as much as it surprises, and a part of that stays in the value.
"""

import math
import random
from collections.abc import Callable
from typing import Any, Protocol

from tradesim.kernel.clock import NS_PER_SECOND, Clock
from tradesim.model.market import Auction, Indicative, Side
from tradesim.simulator.curves import MINUTES_A_DAY
from tradesim.simulator.door import AgentVenue
from tradesim.simulator.hours import NS_PER_MINUTE, Session
from tradesim.simulator.universe import Profile

Act = Callable[[int, Any], None]

LEARNING_S = 20.0
LASTING = 0.5
"""The share of an order's impact on belief that stays in the value."""
FLOW_MEMORY_S = 8.0
FLOW_WEIGHT = 0.7
FORESIGHT = 0.94
"""How much of the next order's sign makers expect from the flow so far."""
CONCAVITY = 0.16
DEEP, DEEP_WEIGHT = 12.0, 2.0
"""Orders beyond this many typical ones move the belief with the square root of their size, and this much more."""
BREATH_S = 5.0
MOODS = ((60.0, 0.25), (600.0, 0.27), (7200.0, 0.20))
"""How restlessness wanders: memory in seconds, standard deviation of its logarithm."""
MOOD_VARIANCE = sum(sd * sd for _, sd in MOODS)
THIN, WIDE = 0.12, 2.5
"""How much less is done, and how much wider the quotes are, before and after the regular session of an exchange."""
BUSY, CAUTIOUS = 0.45, 0.15
"""How far activity and spreads follow restlessness, as powers of it."""


class Resident(Protocol):
    """An agent that leaves orders in the book."""

    name: str

    def on_filled(self, order_id: int, order: "Resting") -> None:
        """All of a resting order was filled; it is no longer on the floor."""
        ...


class Resting:
    """A resting order of an agent: `sign` is 1 for a bid, -1 for an ask."""

    __slots__ = ("agent", "left", "price", "sign")

    def __init__(self, sign: int, price: int, left: int, agent: Resident) -> None:
        self.sign = sign
        self.price = price
        self.left = left
        self.agent = agent


class Floor:
    """Shared state of the agents of one instrument, and their way to the venue and to the future."""

    def __init__(
        self,
        profile: Profile,
        venue: AgentVenue,
        rng: random.Random,
        second_vol: float,
        clock: Clock,
        schedule: Callable[[int, Act, Any], None],
    ) -> None:
        self.clock = clock
        self.profile = profile
        self.symbol = profile.symbol
        self.rng = rng
        self.schedule = schedule
        self.is_open = False
        self.value = float(profile.price)
        self.belief = float(profile.price)
        self.second_vol = second_vol
        self.activity = 1.0
        self.volatility = 1.0
        self.spread = profile.spread
        self.orders: dict[int, Resting] = {}
        self.core: Session | None = None
        """The regular session of a day that also trades before and after it, thinly."""
        self.on_move: list[Callable[[int], None]] = []
        self.on_flow: list[Callable[[int], None]] = []
        self._venue = venue
        self._is_crossing = False
        self._day = 0
        self._moods = [0.0] * len(MOODS)
        self._learnt_at = 0
        self._flow = 0.0
        self._flow_at = 0
        self._flow_sign = 0
        self._flow_qty = 0
        self._typical = max(1.0, sum(profile.trade_lots) / len(profile.trade_lots))

    def open(self, now: int, session: Session) -> None:
        self.is_open = True
        self._day = session.day
        self._learnt_at = self._flow_at = now
        self._flow = 0.0
        self._moods = [self.rng.gauss(0.0, sd) for _, sd in MOODS]
        self._shape(now)
        self.schedule(now + int(BREATH_S * NS_PER_SECOND), self.breathe, None)

    def close(self, now: int) -> None:
        """Every agent's order leaves the book."""
        self.is_open = False
        for order_id in list(self.orders):
            self.pull(order_id, now)

    def new_day(self, session: Session) -> None:
        self._day = session.day

    def breathe(self, now: int, _: None) -> None:
        """Restlessness and busyness wander around the shape of the day."""
        if not self.is_open:
            return
        gauss = self.rng.gauss
        for n, (memory_s, sd) in enumerate(MOODS):
            kept = math.exp(-BREATH_S / memory_s)
            self._moods[n] = kept * self._moods[n] + sd * math.sqrt(1 - kept * kept) * gauss(0.0, 1.0)
        self._shape(now)
        self.schedule(now + int(BREATH_S * NS_PER_SECOND), self.breathe, None)

    def after(self, rate: float) -> int:
        """Nanoseconds until the next of what happens `rate` times a second at an ordinary moment."""
        return int(self.rng.expovariate(rate * self.activity) * NS_PER_SECOND)

    def bid(self) -> tuple[int, int] | None:
        return self._venue.best_bid(self.symbol)

    def ask(self) -> tuple[int, int] | None:
        return self._venue.best_ask(self.symbol)

    def mid(self) -> float:
        """Half way between the best prices; the belief when a side is empty."""
        bid, ask = self.bid(), self.ask()
        return (bid[0] + ask[0]) / 2 if bid and ask else self.belief

    def imbalance(self, levels: int) -> float:
        """-1 (only asks) to 1 (only bids) over the best `levels` of each side."""
        bids, asks = self._venue.top(self.symbol, levels)
        bid_lots = sum(level[1] for level in bids)
        ask_lots = sum(level[1] for level in asks)
        return (bid_lots - ask_lots) / (bid_lots + ask_lots) if bid_lots + ask_lots else 0.0

    def rest(self, agent: Resident, sign: int, price: int, qty: int, now: int) -> int:
        """Send a limit order; its id, or 0 when nothing of it rests."""
        order_id = self._venue.agent_limit(self.symbol, agent.name, SIDES[sign], price, qty, now)
        if order_id:
            self.orders[order_id] = Resting(sign, price, qty, agent)
        return order_id

    def pull(self, order_id: int, now: int) -> None:
        """Cancel an agent's order; does nothing when it is already gone."""
        if self.orders.pop(order_id, None) is not None:
            self._venue.agent_cancel(self.symbol, order_id, now)

    def take(self, name: str, sign: int, qty: int, now: int) -> int:
        """Send a market order; the lots that were filled."""
        return self._venue.agent_market(self.symbol, name, SIDES[sign], qty, now)

    def call_auction(self, kind: Auction, now: int) -> None:
        self._venue.call_auction(self.symbol, kind, now)

    def wish(self, name: str, sign: int, price: int | None, qty: int, now: int) -> None:
        """Send an order for the auction that is being called."""
        self._venue.agent_auction(self.symbol, name, SIDES[sign], price, qty, now)

    def indicative(self, now: int) -> Indicative | None:
        return self._venue.indicative(self.symbol, now)

    def uncross(self, now: int) -> None:
        """Hold the auction. In it nobody crosses a spread, so nobody's belief moves by who was filled."""
        self._is_crossing = True
        self._venue.uncross(self.symbol, now)
        self._is_crossing = False
        self.belief = self.mid()
        self._shape(now)

    def on_fill(self, order_id: int, qty: int) -> None:
        """The venue filled `qty` lots of a resting agent's order, now."""
        order = self.orders.get(order_id)
        if order is None:
            return
        if not self._is_crossing:
            self.feel(-order.sign, qty)
        order.left -= qty
        if order.left <= 0:
            del self.orders[order_id]
            order.agent.on_filled(order_id, order)

    def feel(self, sign: int, qty: int) -> None:
        """Somebody crossed the spread for `qty` lots; fills of one aggressor at one moment count as one order."""
        now = self.clock.now()
        if now == self._flow_at and sign == self._flow_sign:
            before, self._flow_qty = self._flow_qty, self._flow_qty + qty
            surprise = self._weight(self._flow_qty) - self._weight(before)
        else:
            self._flow *= math.exp((self._flow_at - now) / (FLOW_MEMORY_S * NS_PER_SECOND))
            surprise = self._weight(qty) - FORESIGHT * self._flow * sign
            self._flow += FLOW_WEIGHT * (sign - self._flow)
            self._flow_at, self._flow_sign, self._flow_qty = now, sign, qty
            for tell in self.on_flow:
                tell(now)
        step = self.profile.impact * self.volatility * sign * surprise
        self.belief += step
        self.value += LASTING * step

    def learn(self, now: int) -> None:
        """Makers find out from elsewhere, little by little."""
        gone = now - self._learnt_at
        if gone > 0:
            self.belief += (self.value - self.belief) * -math.expm1(-gone / (LEARNING_S * NS_PER_SECOND))
            self._learnt_at = now

    def hear(self, move: float, is_public: bool, now: int) -> None:
        """News worth `move` ticks: everybody's, or for the informed only."""
        self.value = max(10.0, self.value + move)
        if is_public:
            self.belief = max(10.0, self.belief + move)
        for tell in self.on_move:
            tell(now)

    def restart_at(self, price: float) -> None:
        self.value = self.belief = price

    def _weight(self, qty: int) -> float:
        size = qty / self._typical
        if size <= DEEP:
            return float(size**CONCAVITY)
        return float(DEEP**CONCAVITY + DEEP_WEIGHT * (math.sqrt(size) - math.sqrt(DEEP)))

    def _shape(self, now: int) -> None:
        shape = self.profile.day
        minute = min(MINUTES_A_DAY - 1, max(0, (now - self._day) // NS_PER_MINUTE))
        mood = sum(self._moods)
        self.activity = float(shape.activity[minute]) * math.exp(BUSY * (mood - BUSY * MOOD_VARIANCE / 2))
        self.volatility = float(shape.volatility[minute]) * math.exp(mood - MOOD_VARIANCE)
        self.spread = self.profile.spread * float(shape.spread[minute]) * math.exp(CAUTIOUS * mood)
        if self.core is not None and not self.core.open <= now < self.core.close:
            self.activity *= THIN
            self.spread *= WIDE


SIDES = {1: Side.BUY, -1: Side.SELL}
