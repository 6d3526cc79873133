"""A recorded day on the desk: it plays, orders match beside it, and going back is a fresh beginning."""

from decimal import Decimal
from pathlib import Path

from tests.stage import Stage
from tests.unit.replay.samples import HALT_DAY, random_day
from tradesim.model.commands import SeekMarket, SubmitOrder
from tradesim.model.market import Side, SourceKind, Timeframe
from tradesim.model.orders import OrderStatus, OrderType
from tradesim.providers.replay.source import ReplaySource

SECOND = 1_000_000_000


def on_the_desk(path: Path) -> tuple[Stage, ReplaySource]:
    source = ReplaySource([path])
    return Stage(source=source), source


def test_a_recorded_day_plays_on_the_desk_to_its_end(tmp_path: Path):
    stage, source = on_the_desk(random_day(3).write_zip(tmp_path))
    assert stage.desk.status().source is SourceKind.REPLAY
    assert source.end is not None
    stage.pass_ms((source.end - source.start) // 1_000_000 + 1_000)
    assert stage.desk.status().is_ended
    wanted, found = source.history("ACME").minutes, stage.desk.bars("ACME", Timeframe.M1)
    assert [column.tolist() for column in found.columns()] == [column.tolist() for column in wanted.columns()]
    view = stage.desk.market("ACME")
    assert view is not None
    assert view.last == int(wanted.close[-1])
    assert view.volume == int(wanted.volume.sum())


def test_orders_fill_beside_the_recording_and_going_back_forgets_them(tmp_path: Path):
    stage, source = on_the_desk(HALT_DAY.write_zip(tmp_path))
    stage.pass_ms(1_500)
    account_id = stage.desk.status().account_id
    order = stage.ask(SubmitOrder(account_id, "ACME", Side.BUY, qty=Decimal(60)))
    assert (order.status, order.filled_avg_price) == (OrderStatus.FILLED, Decimal("100.00"))
    resting = SubmitOrder(account_id, "ACME", Side.BUY, OrderType.LIMIT, qty=Decimal(10), limit_price=Decimal("99.98"))
    assert stage.ask(resting).status is OrderStatus.NEW
    stage.pass_ms(10_000)
    assert stage.ask(SeekMarket(source.start)) == source.start
    assert stage.desk.status().account_id != account_id
    assert stage.desk.account().positions == ()
    assert len(stage.desk.bars("ACME", Timeframe.S1)) == 0


def test_a_halt_of_the_recording_halts_the_desk(tmp_path: Path):
    stage, _ = on_the_desk(HALT_DAY.write_zip(tmp_path))
    stage.pass_ms(24_000)
    view = stage.desk.market("ACME")
    assert view is not None
    assert view.is_halted
    stage.pass_ms(700_000)
    view = stage.desk.market("ACME")
    assert view is not None
    assert not view.is_halted
    assert view.tape[-1].ts_event // SECOND == source_second(stage) + 3


def source_second(stage: Stage) -> int:
    return stage.desk.status().start // SECOND
