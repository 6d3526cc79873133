"""What moves an instrument's value: its own news, and the tide that moves its whole market."""

import math
import random
from collections.abc import Callable, Sequence
from typing import Any

from tradesim.kernel.clock import NS_PER_SECOND
from tradesim.simulator.floor import Act, Floor

EXOGENOUS = 1.1
"""Variance of the news over the variance wanted: above 1, because part of it is out of the price again soon."""
PUBLIC_SHARE = 0.75
TAIL = 0.35
"""Standard deviation of the logarithm of a piece of news's size: fat tails."""
TIDE_RATE = 0.12


def size_of_news(rng: random.Random) -> float:
    """Signed, with unit variance and fat tails."""
    return rng.gauss(0.0, 1.0) * math.exp(TAIL * rng.gauss(0.0, 1.0) - TAIL * TAIL)


class OwnNews:
    """News about one instrument, public or for the informed first."""

    def __init__(self, floor: Floor) -> None:
        self._floor = floor
        share = EXOGENOUS * (1.0 - floor.profile.beta_share)
        self._scale = floor.second_vol * math.sqrt(share / floor.profile.news_rate)

    def open(self, now: int) -> None:
        self._floor.schedule(now + self._floor.after(self._floor.profile.news_rate), self.arrive, None)

    def arrive(self, now: int, _: None) -> None:
        floor = self._floor
        if not floor.is_open:
            return
        move = size_of_news(floor.rng) * self._scale * floor.volatility / math.sqrt(floor.activity)
        floor.hear(move, floor.rng.random() < PUBLIC_SHARE, now)
        floor.schedule(now + floor.after(floor.profile.news_rate), self.arrive, None)


class Tide:
    """Public news about a whole market, felt by each instrument after its own movement."""

    def __init__(self, floors: Sequence[Floor], rng: random.Random, schedule: Callable[[int, Act, Any], None]) -> None:
        self._floors = floors
        self._rng = rng
        self._schedule = schedule

    def start(self, now: int) -> None:
        self._next(now)

    def arrive(self, now: int, _: None) -> None:
        size = size_of_news(self._rng)
        for floor in self._floors:
            if floor.is_open:
                share = EXOGENOUS * floor.profile.beta_share / TIDE_RATE
                floor.hear(size * floor.second_vol * floor.volatility * math.sqrt(share), True, now)
        self._next(now)

    def _next(self, now: int) -> None:
        self._schedule(now + int(self._rng.expovariate(TIDE_RATE) * NS_PER_SECOND), self.arrive, None)
