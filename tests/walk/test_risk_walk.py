"""Random traders under random limits: what is halted stays halted, and a restart finds the same standing."""

import random
from decimal import Decimal

import pytest

from tests.fakes import MemoryJournal
from tests.stage import Stage
from tradesim.model.commands import (
    CancelAllOrders,
    ClosePosition,
    Flatten,
    Kill,
    Reactivate,
    ReplaceOrder,
    SetRiskLimits,
    SubmitOrder,
)
from tradesim.model.events import OrderAccepted, RiskStateChanged
from tradesim.model.market import Side
from tradesim.model.orders import OrderType
from tradesim.model.risk import KillMode, RiskLimits, RiskState

STEPS = 250


def wish(rng: random.Random, stage: Stage):
    side = rng.choice(list(Side))
    qty = Decimal(rng.choice((1, 10, 50, 150)))
    orders = [order for order in stage.desk.account().orders if order.is_open]
    kind = rng.random()
    if kind < 0.55:
        return SubmitOrder("paper", "AAPL", side, qty=qty, source=rng.choice(("bot", "ticket")))
    if kind < 0.80:
        price = Decimal(rng.randint(22_900, 23_100)) / 100
        return SubmitOrder("paper", "AAPL", side, OrderType.LIMIT, qty=qty, limit_price=price)
    if kind < 0.84 and orders:
        return ReplaceOrder("paper", rng.choice(orders).id, qty=qty)
    if kind < 0.90:
        return rng.choice((CancelAllOrders("paper"), ClosePosition("paper", "AAPL"), Flatten("paper")))
    if kind < 0.93:
        return Kill(rng.choice(("", "paper")), rng.choice(list(KillMode)))
    if kind < 0.97:
        return Reactivate(rng.choice(("", "paper")), rng.choice(("person", "person", "bot")))
    return SetRiskLimits(rng.choice(("", "paper")), limits(rng), rng.choice(("person", "bot")))


def limits(rng: random.Random) -> RiskLimits:
    def maybe(low: float, high: float) -> Decimal | None:
        return None if rng.random() < 0.5 else Decimal(str(round(rng.uniform(low, high), 4)))

    return RiskLimits(
        max_position_value=maybe(10_000, 200_000),
        price_collar=maybe(0.0001, 0.01),
        wash_trades_allowed=rng.random() < 0.8,
        max_day_loss=maybe(5, 500),
        max_drawdown=maybe(0.0001, 0.01),
        max_exposure=maybe(0.1, 2),
        max_concentration=maybe(0.1, 2),
        max_consecutive_losses=rng.choice((None, 2, 5)),
    )


def refill(rng: random.Random, stage: Stage) -> None:
    """Somebody else quotes around a price that moves."""
    venue, mid = stage.market.venue, rng.randint(22_950, 23_050)
    for step in range(1, 4):
        venue.agent_limit("AAPL", "~maker", Side.BUY, mid - step, 100, stage.clock.now())
        venue.agent_limit("AAPL", "~maker", Side.SELL, mid + step, 100, stage.clock.now())


def require_order(events: list) -> None:
    """No order is taken while its account, or the desk, is halted, save what the kill switch sends to close."""
    states: dict[str, RiskState] = {}
    for event in events:
        if isinstance(event, RiskStateChanged):
            former = states.get(event.account_id, RiskState.ACTIVE)
            is_eased = list(RiskState).index(event.state) < list(RiskState).index(former)
            assert not is_eased or event.by == "person"
            states[event.account_id] = event.state
        if isinstance(event, OrderAccepted) and event.order.source != "kill switch":
            assert RiskState.HALTED not in (states.get(""), states.get("paper"))


def copied(journal: MemoryJournal) -> MemoryJournal:
    return MemoryJournal(list(journal.events), list(journal.kept_entries))


@pytest.mark.parametrize("seed", range(12))
def test_states_hold_and_outlive_a_restart(seed: int) -> None:
    rng = random.Random(seed)
    stage = Stage(latency_ms=rng.choice((0, 20)))
    for step in range(STEPS):
        stage.ask(wish(rng, stage))
        refill(rng, stage)
        stage.pass_ms(rng.choice((1, 50, 700, 5_000)))
        if step % 50 == 49:
            require_order(stage.journal.events)
            known = stage.desk._orders.state
            known.check()
            again = Stage(copied(stage.journal), clock=stage.clock)
            for account_id in ("", "paper"):
                before, after = known.risk.standing(account_id), again.desk._orders.state.risk.standing(account_id)
                assert before == after


def test_the_same_walk_makes_the_same_journal() -> None:
    def journal() -> list:
        rng, stage = random.Random(99), Stage(latency_ms=10)
        for _ in range(120):
            stage.ask(wish(rng, stage))
            refill(rng, stage)
            stage.pass_ms(rng.choice((1, 50, 700)))
        return stage.journal.events

    assert repr(journal()) == repr(journal())
