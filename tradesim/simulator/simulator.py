"""All floors on one market time: a heap of what each agent will do next, done in order up to the moment asked for."""

import heapq
import math
import random
from collections.abc import Mapping, Sequence
from typing import Any

from tradesim.kernel.clock import ManualClock
from tradesim.model.market import Side
from tradesim.simulator.auctions import Callers, plan
from tradesim.simulator.crowd import Crowd
from tradesim.simulator.curves import MINUTES_A_DAY
from tradesim.simulator.door import AgentVenue
from tradesim.simulator.floor import Act, Floor
from tradesim.simulator.hours import NS_PER_MINUTE, AlwaysOpen, ExchangeHours, Hours, Session
from tradesim.simulator.makers import Maker
from tradesim.simulator.news import OwnNews, Tide
from tradesim.simulator.past import OVERNIGHT_SHARE
from tradesim.simulator.takers import Informed, NoiseTaker, Slicer, TrendFollower
from tradesim.simulator.universe import Profile

Agent = Maker | Crowd | NoiseTaker | TrendFollower | Informed | Slicer | OwnNews


class Simulator:
    """Agents of several instruments trading in `venue`.

    The outcome of `advance` does not depend on how the way there is cut. What happens in one instrument never
    changes the random numbers of another.
    """

    def __init__(
        self,
        venue: AgentVenue,
        profiles: Sequence[Profile],
        hours: Mapping[str, Hours],
        seed: int,
        start: int,
        prices: Mapping[str, float] | None = None,
    ) -> None:
        """`prices` in ticks override the profiles'. Books open at `start` where the session is open."""
        self.events = 0
        self._clock = ManualClock(start)
        self._heap: list[tuple[int, int, Act, Any]] = []
        self._count = 0
        self._hours = hours
        self.floors = {each.symbol: self._floor(each, venue, seed) for each in profiles}
        self._agents = {symbol: crew(floor) for symbol, floor in self.floors.items()}
        self._callers = {symbol: Callers(floor) for symbol, floor in self.floors.items()}
        for symbol, price in (prices or {}).items():
            self.floors[symbol].restart_at(price)
        venue.on_agent_fill = self._on_fill
        self._begin(seed)

    @property
    def now(self) -> int:
        """Market time up to which everything has happened."""
        return self._clock.now()

    def next_due(self) -> int | None:
        return self._heap[0][0] if self._heap else None

    def advance(self, to: int) -> None:
        """Everything due up to and including `to` happens, in order of time."""
        heap, clock = self._heap, self._clock
        while heap and heap[0][0] <= to:
            due, _, act, argument = heapq.heappop(heap)
            clock.set(due)
            self.events += 1
            act(due, argument)
        clock.set(to)

    def print_once(self) -> None:
        """One round lot trades on every open floor, now: the last price is then inside the present spread."""
        for floor in self.floors.values():
            if floor.is_open:
                floor.take("~noise", 1 if floor.rng.random() < 0.5 else -1, floor.profile.round_lot, self.now)

    def schedule(self, due: int, act: Act, argument: Any) -> None:
        self._count += 1
        heapq.heappush(self._heap, (due, self._count, act, argument))

    def _floor(self, profile: Profile, venue: AgentVenue, seed: int) -> Floor:
        hours = self._hours[profile.symbol]
        rng = random.Random(f"{seed}:{profile.symbol}")
        return Floor(profile, venue, rng, second_vol(profile, hours), self._clock, self.schedule)

    def _begin(self, seed: int) -> None:
        for symbol in self.floors:
            session = self._hours[symbol].manned(self.now)
            if session is None:
                self._wait_for(symbol, self._hours[symbol].next_manned(self.now))
            else:
                self._open(self.now, (symbol, session))
        for market in sorted({floor.profile.market for floor in self.floors.values()}):
            floors = [floor for floor in self.floors.values() if floor.profile.market == market]
            Tide(floors, random.Random(f"{seed}:tide:{market}"), self.schedule).start(self.now)

    def _wait_for(self, symbol: str, session: Session) -> None:
        self.schedule(session.open, self._open_after_night, (symbol, session))

    def _open_after_night(self, now: int, opening: tuple[str, Session]) -> None:
        floor = self.floors[opening[0]]
        night = floor.profile.daily_vol * math.sqrt(OVERNIGHT_SHARE) * floor.rng.gauss(0.0, 1.0)
        floor.restart_at(max(10.0, floor.value * math.exp(night)))
        self._open(now, opening)

    def _open(self, now: int, opening: tuple[str, Session]) -> None:
        symbol, session = opening
        hours = self._hours[symbol]
        if isinstance(hours, ExchangeHours):
            self.floors[symbol].core = core = hours.of_day(now)
            plan(self._callers[symbol], core, now)
        self.floors[symbol].open(now, session)
        for agent in self._agents[symbol]:
            agent.open(now)
        self.schedule(session.close, self._close, symbol)

    def _close(self, now: int, symbol: str) -> None:
        following = self._hours[symbol].next_manned(now - 1)
        if following.open == now:
            self.floors[symbol].new_day(following)
            self.schedule(following.close, self._close, symbol)
        else:
            self.floors[symbol].close(now)
            self._wait_for(symbol, following)

    def _on_fill(self, symbol: str, owner: str, order_id: int, side: Side, price: int, qty: int) -> None:
        self.floors[symbol].on_fill(order_id, qty)


def crew(floor: Floor) -> list[Agent]:
    """The agents of one instrument, in the order in which they take the floor."""
    profile = floor.profile
    grid, lots = profile.grid, profile.maker_lots
    return [
        Maker(floor, "~maker-deep", 26, 2.2, 2 * grid if grid > 1 else 1, 2 * lots, 0.08, 1.2),
        Maker(floor, "~maker-wide", 6, 1.4, grid, lots, 0.3, 0.5),
        Maker(floor, "~maker-tight", 3, 1.0, grid, lots, 0.6, 0.3),
        Crowd(floor),
        NoiseTaker(floor),
        TrendFollower(floor),
        Informed(floor),
        Slicer(floor),
        OwnNews(floor),
    ]


def second_vol(profile: Profile, hours: Hours) -> float:
    """Standard deviation of a second's move at volatility 1, ticks, such that a day has the profile's movement."""
    shape = profile.day.volatility
    if isinstance(hours, AlwaysOpen):
        share, weights = 1.0, shape
    else:
        share, weights = 1.0 - OVERNIGHT_SHARE, shape[570:960]
    seconds = float((weights**2).sum()) * NS_PER_MINUTE / 1e9
    assert len(shape) == MINUTES_A_DAY
    return profile.price * profile.daily_vol * math.sqrt(share / seconds)
