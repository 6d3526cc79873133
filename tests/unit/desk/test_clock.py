"""The clock of the simulated market: it can be stopped, stepped and sped up, and never goes back."""

from decimal import Decimal

import msgspec
from msgspec.structs import replace

from tests.fakes import ManualClock, MemoryJournal
from tests.stage import START, Stage, StillMarket, StillMarkets, no_fee
from tradesim.bootstrap import Markets
from tradesim.desk.desk import Desk
from tradesim.desk.orders import TradingRules
from tradesim.kernel.clock import NS_PER_MS, NS_PER_SECOND
from tradesim.model.commands import (
    OpenReplay,
    OpenSimulated,
    Pause,
    Play,
    SeekMarket,
    SetSpeed,
    StepMarket,
    SubmitOrder,
)
from tradesim.model.market import Side, SourceKind
from tradesim.model.orders import OrderStatus, OrderType, Rejection
from tradesim.settings import Settings

BUY = SubmitOrder("paper", "AAPL", Side.BUY, qty=Decimal(10))
LIMIT = replace(BUY, type=OrderType.LIMIT, limit_price=Decimal(229))
HOUR_MS = 3_600_000


def step(stage, by_ms):
    stage.ask(StepMarket(by_ms * NS_PER_MS))
    while stage.desk.is_behind:
        stage.desk.turn()


class Forgetful(StillMarkets):
    """A new simulated market begins when it is told to."""

    def simulated(self, now, seed=None):
        return StillMarket(now)


def test_while_it_stands_nothing_arrives_and_a_step_lets_so_much_happen():
    stage = Stage(latency_ms=5)
    assert stage.ask(Pause()) is None
    stage.pass_ms(60_000)
    order = stage.ask(BUY)
    assert (order.status, stage.desk.status().now, stage.desk.status().is_playing) == (
        OrderStatus.PENDING_NEW,
        START,
        False,
    )
    assert stage.ask(StepMarket(4 * NS_PER_MS)) == START + 4 * NS_PER_MS
    stage.desk.turn()
    assert stage.book(order.id).status is OrderStatus.PENDING_NEW
    stage.ask(StepMarket(NS_PER_MS))
    stage.desk.turn()
    assert stage.book(order.id).status is OrderStatus.FILLED
    assert stage.book(order.id).updated_at == START + 5 * NS_PER_MS
    stage.ask(Play())
    stage.pass_ms(1_000)
    assert stage.desk.status().now == START + 1_005 * NS_PER_MS


def test_orders_and_nights_go_by_its_time_however_fast_it_is():
    stage = Stage()
    stage.ask(SubmitOrder("paper", "AAPL", Side.SELL, qty=Decimal(100)))
    order = stage.ask(LIMIT)
    stage.ask(SetSpeed(60))
    for _ in range(60):
        stage.pass_ms(100)
    assert stage.desk.status().now == START + HOUR_MS // 10 * NS_PER_MS
    assert stage.book(order.id).is_open
    step(stage, 14 * HOUR_MS)
    assert stage.book(order.id).status is OrderStatus.EXPIRED
    assert next(entry.kind for entry in stage.desk.ledger()) == "borrow"


def test_it_cannot_jump_and_a_live_one_cannot_be_moved():
    stage = Stage()
    assert stage.ask(SeekMarket(START + 5)).code == "not_replay"
    stage.market.kind = SourceKind.LIVE
    for command in (Pause(), Play(), SetSpeed(2), StepMarket(5)):
        assert stage.ask(command).code == "live"


def test_it_goes_on_where_it_was_and_never_back():
    stage = Stage(markets=Forgetful())
    step(stage, HOUR_MS)
    ahead = stage.desk.status().now
    assert ahead == START + HOUR_MS * NS_PER_MS
    stage.ask(OpenReplay(("good",)))
    stage.ask(OpenSimulated())
    assert stage.desk.status().now == ahead and stage.desk.status().speed == 1
    stage.ask(OpenSimulated(seed=3))
    assert stage.desk.status().now == ahead


def simulated(clock):
    markets = Markets(Settings(seed=5))
    given = TradingRules(latency_ns=lambda: 3 * NS_PER_MS, fee=no_fee)
    return Desk(markets, MemoryJournal(), given, clock, 5, markets.simulated(clock.now()))


def session(speed: float, beat_ms: int):
    """Six seconds of market time with an order every half of one; what the desk wrote down."""
    clock, facts = ManualClock(START), []
    desk = simulated(clock)
    desk.subscribe(facts.extend)
    reply = desk.post(SetSpeed(speed) if speed else Pause())
    desk.turn()
    assert reply.result(0) is None
    for n in range(12):
        moment = START + n * 500 * NS_PER_MS
        while desk.status().now < moment:
            if speed:
                clock.advance(int(min(beat_ms * NS_PER_MS, moment - desk.status().now) / speed))
            else:
                desk.post(StepMarket(min(beat_ms * NS_PER_MS, moment - desk.status().now)))
            desk.turn()
            while desk.is_behind:
                desk.turn()
        order = replace(BUY, side=(Side.BUY, Side.SELL)[n % 2], symbol=("AAPL", "F")[n % 3 == 0])
        desk.post(order)
        desk.turn()
    return [msgspec.json.encode([type(fact).__name__, fact], order="sorted") for fact in facts]


def test_the_same_orders_at_the_same_times_have_the_same_outcome_at_every_speed():
    at_its_pace = session(1, 100)
    assert session(4, 100) == at_its_pace and session(0, 125) == at_its_pace
    assert sum(b"OrderFilled" in fact for fact in at_its_pace) > 8


def test_a_market_that_cannot_keep_the_pace_takes_orders_and_goes_as_fast_as_it_can():
    clock = ManualClock(START)
    desk = simulated(clock)
    desk.post(SetSpeed(1_000))
    desk.turn()
    latest = START
    for _ in range(5):
        clock.advance(NS_PER_SECOND)
        desk.turn()
        reply = desk.post(LIMIT)
        desk.turn()
        assert not isinstance(reply.result(0), Rejection)
        assert desk.status().now >= latest
        latest = desk.status().now
    assert latest > START
