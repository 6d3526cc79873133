"""Who was told to wait, and when: the last time of each source."""

from decimal import Decimal

from tests.stage import Stage
from tradesim.model.commands import SubmitOrder
from tradesim.model.market import Side
from tradesim.model.orders import OrderType, Throttled
from tradesim.model.risk import RiskLimits

LIMITS = RiskLimits(usual_orders_per_second=1)


def order(source):
    return SubmitOrder(
        "paper", "AAPL", Side.BUY, OrderType.LIMIT, qty=Decimal(1), limit_price=Decimal(229), source=source
    )


def test_a_source_that_is_slowed_is_shown_with_its_sentence():
    stage = Stage(limits=LIMITS)
    assert stage.desk.throttles() == ()
    answers = [stage.ask(order("alpaca:PK1")) for _ in range(40)]
    assert any(isinstance(answer, Throttled) for answer in answers)
    (seen,) = stage.desk.throttles()
    last = [answer for answer in answers if isinstance(answer, Throttled)][-1]
    assert (seen.account_id, seen.source, seen.message) == ("paper", "alpaca:PK1", last.message)
    assert seen.at == stage.clock.now()


def test_sources_do_not_pile_up():
    stage = Stage(limits=LIMITS)
    gate = stage.desk._orders.gate
    for number in range(300):
        gate._note_throttle(order(f"s{number}"), Throttled("throttled", "wait"), stage.desk._opening.market)
    assert len(stage.desk.throttles()) == 256
    assert stage.desk.throttles()[-1].source == "s299"
