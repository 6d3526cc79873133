"""What comes of an order does not depend on how often somebody looks at the market."""

from decimal import Decimal

import pytest

from tests.fakes import ManualClock
from tests.stage import START, Stage
from tradesim.kernel.clock import NS_PER_SECOND
from tradesim.model.commands import SubmitOrder
from tradesim.model.market import Side
from tradesim.model.orders import OrderType, TimeInForce
from tradesim.providers.simulated.source import UNIVERSE, SimulatedSource

SYMBOL = next(name for name, profile in UNIVERSE.items() if profile.instrument.fractionable)


def told(steps: int, reduces: bool) -> list:
    """Everything that the desk recorded of two minutes that were passed in `steps`."""
    source = SimulatedSource(5, START, profiles={SYMBOL: UNIVERSE[SYMBOL]})
    clock = ManualClock(source.start)
    stage = Stage(clock=clock, source=source)
    stage.desk.turn()
    instrument = source.instruments[SYMBOL]
    ask = stage.desk._opening.market.touches({SYMBOL})[SYMBOL].ask
    if reduces:
        stage.ask(SubmitOrder("paper", SYMBOL, Side.BUY, qty=Decimal(100)))
    for away in (3, 4) if reduces else (-2,):
        order = SubmitOrder(
            "paper",
            SYMBOL,
            Side.SELL if reduces else Side.BUY,
            OrderType.LIMIT,
            TimeInForce.GTC,
            qty=Decimal(100) if reduces else Decimal("0.5"),
            limit_price=ask + away * instrument.tick_size,
            reduce_only=reduces,
        )
        stage.ask(order)
    for _ in range(steps):
        stage.pass_ms(120_000 // steps)
    assert source.start + 120 * NS_PER_SECOND == clock.now()
    return [event for event in stage.events if type(event).__name__.startswith("Order")]


@pytest.mark.parametrize("reduces", [False, True])
def test_fractions_and_orders_that_only_close_are_served_at_the_same_moments(reduces) -> None:
    assert told(1, reduces) == told(48, reduces)
