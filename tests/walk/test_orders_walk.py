"""Long days of orders of every kind, seeded: the rules of the flow hold after every step, and a day repeats exactly."""

import random
from decimal import Decimal

import msgspec
import pytest

from tests.walk.test_order_flow_machine import Flow
from tradesim.model.market import SessionState, Side
from tradesim.model.orders import OrderClass, OrderType, TimeInForce

STEPS = 220
NEAR = 6


class Day:
    """Calls the rules of the flow by chance, the ones that lead somewhere more often."""

    def __init__(self, seed: int) -> None:
        self.rng = random.Random(seed)
        self.flow = Flow()
        self.flow.begin(
            latency_ms=self.rng.choice((0, 5)), session=self.rng.choice(list(SESSIONS)), may_short=seed % 2 == 0
        )
        self.moves = [
            (6, self.group),
            (4, self.order),
            (1, self.fraction),
            (1, self.special),
            (12, self.stranger),
            (8, self.print),
            (2, self.change),
            (
                1,
                lambda: (
                    self.flow.cancel(which=self.rng.randrange(10_000), alone=self.rng.random() < 0.5)
                    if self.flow.asked
                    else None
                ),
            ),
            (1, lambda: self.flow.close(symbol=self.symbol(), qty=self.rng.choice((None, 5)))),
            (6, lambda: self.flow.time_passes(ms=self.rng.choice((1, 6, 20)))),
            (1, lambda: self.flow.the_desk_stops_and_starts(restart=True)),
        ]

    def step(self) -> None:
        weights, moves = zip(*self.moves, strict=True)
        self.rng.choices(moves, weights)[0]()
        self.flow.everything_adds_up()
        self.flow.exits_never_fill_beyond_their_entry()
        self.flow.the_venue_holds_what_the_desk_thinks()
        self.flow.what_is_kept_up_is_what_all_orders_add_up_to()

    def group(self) -> None:
        self.flow.send_a_group(
            symbol=self.symbol(),
            side=self.rng.choice(list(Side)),
            qty=self.rng.randint(1, 80),
            class_=self.rng.choice((OrderClass.BRACKET, OrderClass.BRACKET, OrderClass.OCO, OrderClass.OTO)),
            entry=self.rng.choice((None, self.rng.randint(-3, 3))),
            profit=self.rng.randint(1, NEAR),
            loss=self.rng.randint(1, NEAR),
            kind=self.rng.choice(("stop", "stop_limit", "trail")),
        )

    def order(self) -> None:
        self.flow.send(
            symbol=self.symbol(),
            side=self.rng.choice(list(Side)),
            type_=self.rng.choice(list(OrderType)),
            tif=self.rng.choice(list(TimeInForce)),
            qty=self.rng.randint(1, 80),
            away=self.rng.randint(-NEAR, NEAR),
            far=self.rng.randint(-NEAR, NEAR),
        )

    def fraction(self) -> None:
        self.flow.send_a_fraction(
            side=self.rng.choice(list(Side)),
            type_=self.rng.choice(list(OrderType)),
            thousandths=self.rng.randint(1, 5_000),
            away=self.rng.randint(-NEAR, NEAR),
            far=self.rng.randint(-NEAR, NEAR),
        )

    def special(self) -> None:
        self.flow.send_a_special_one(
            symbol=self.symbol(),
            side=self.rng.choice(list(Side)),
            qty=self.rng.randint(1, 80),
            shown=self.rng.randint(1, 80),
            away=self.rng.randint(-NEAR, NEAR),
            flags=(self.rng.random() < 0.5, self.rng.random() < 0.5),
        )

    def stranger(self) -> None:
        self.flow.stranger(
            symbol=self.symbol(),
            side=self.rng.choice(list(Side)),
            away=self.rng.randint(-NEAR, NEAR),
            qty=self.rng.choice((3, 20, 90)),
        )

    def print(self) -> None:
        self.flow.strangers_print(symbol=self.symbol(), away=self.rng.randint(-NEAR, NEAR))

    def change(self) -> None:
        if self.flow.asked:
            self.flow.change(
                which=self.rng.randrange(10_000),
                qty=self.rng.choice((None, self.rng.randint(1, 80))),
                away=self.rng.choice((None, self.rng.randint(-NEAR, NEAR))),
                is_revision=self.rng.random() < 0.5,
            )

    def symbol(self) -> str:
        return "AAPL" if self.rng.random() < 0.8 else "F"


SESSIONS = (SessionState.ALWAYS, SessionState.REGULAR)


def journal_of(seed: int, steps: int) -> bytes:
    day = Day(seed)
    for _ in range(steps):
        day.step()
    return msgspec.json.encode([event for _, event in day.flow.stage.journal.replay()])


@pytest.mark.parametrize("seed", range(10))
def test_a_day_of_orders_adds_up_after_every_step(seed: int) -> None:
    day = Day(seed)
    for _ in range(STEPS):
        day.step()
    assert day.flow.stage.desk._orders.state.fills_total > 10
    assert day.flow.stage.desk._orders.state.portfolio("paper").account.cash != Decimal(100_000)


@pytest.mark.parametrize("seed", range(3))
def test_the_same_day_again_is_the_same_to_the_byte(seed: int) -> None:
    assert journal_of(seed, 80) == journal_of(seed, 80)
