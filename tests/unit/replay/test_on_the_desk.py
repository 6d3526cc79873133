"""A recorded day on the desk: it plays, orders match beside it, and going back is a fresh beginning."""

from decimal import Decimal
from pathlib import Path

from tests.stage import Stage
from tests.unit.replay.samples import BARS, HALT_DAY, random_bars, random_day
from tradesim.model.commands import (
    ClosePosition,
    Flatten,
    Play,
    ReplaceOrder,
    SeekMarket,
    SetSpeed,
    StepMarket,
    SubmitOrder,
)
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


def bars_on_the_desk(tmp_path: Path, text: str) -> tuple[Stage, ReplaySource, str]:
    path = tmp_path / "ACME.csv"
    path.write_text(text)
    stage, source = on_the_desk(path)
    stage.ask(SetSpeed(1))
    return stage, source, stage.desk.status().account_id


def to_the_next_print(stage: Stage, source: ReplaySource) -> None:
    due = source.next_due()
    assert due is not None
    stage.pass_ms((due - stage.desk.status().now) // 1_000_000 + 1)


def held(stage: Stage) -> dict[str, Decimal]:
    return {each.position.symbol: each.position.qty for each in stage.desk.account().positions}


def test_bars_are_traded_by_market_orders_that_fill_at_the_next_print(tmp_path: Path):
    stage, source, account = bars_on_the_desk(tmp_path, random_bars(5))
    order = stage.ask(SubmitOrder(account, "ACME", Side.BUY, notional=Decimal(950)))
    assert (order.status, order.qty // 1) == (OrderStatus.PENDING_NEW, Decimal(9))
    to_the_next_print(stage, source)
    view, (*_, fill) = stage.desk.market("ACME"), stage.desk.account().fills
    assert view is not None
    assert (fill.price, fill.ts_event) == (Decimal(view.last or 0) / 100, view.last_at)
    while stage.desk.account().orders[-1].status is not OrderStatus.FILLED:
        to_the_next_print(stage, source)
    assert held(stage) == {"ACME": order.qty}


def test_bars_are_closed_and_flattened_and_closing_twice_does_not_turn_the_position(tmp_path: Path):
    stage, source, account = bars_on_the_desk(tmp_path, random_bars(5))
    for leave in (
        [ClosePosition(account, "ACME"), ClosePosition(account, "ACME")],
        [Flatten(account), Flatten(account)],
    ):
        stage.ask(SubmitOrder(account, "ACME", Side.BUY, qty=Decimal(2)))
        for _ in range(20):
            to_the_next_print(stage, source)
        assert held(stage) == {"ACME": Decimal(2)}
        for command in leave:
            stage.ask(command)
        for _ in range(20):
            to_the_next_print(stage, source)
        assert held(stage) == {}


def test_a_limit_beyond_the_last_bar_is_changed_while_it_waits(tmp_path: Path):
    stage, _, account = bars_on_the_desk(tmp_path, BARS)
    stage.pass_ms(1)
    last = Decimal(stage.desk.market("ACME").last) / 100
    asked = SubmitOrder(account, "ACME", Side.BUY, OrderType.LIMIT, qty=Decimal(10), limit_price=last + 1)
    order = stage.ask(asked)
    assert order.status is OrderStatus.PENDING_NEW
    stage.ask(ReplaceOrder(account, order.id, Decimal(20), last - 5))
    stage.pass_ms(1)
    (changed,) = stage.desk.account().orders
    assert (changed.status, changed.qty, changed.limit_price) == (OrderStatus.NEW, Decimal(20), last - 5)


def source_second(stage: Stage) -> int:
    return stage.desk.status().start // SECOND


HOURLY = "time,open,high,low,close,volume\n" + "".join(
    f"2024-03-{4 + hour // 24:02} {hour % 24:02}:00:00,10,12,9,11,400\n" for hour in (*range(10), *range(60, 70))
)
HOUR = 3_600 * SECOND


def hours_on_the_desk(tmp_path: Path, name: str = "ACME.csv", rows: str = HOURLY) -> tuple[Stage, ReplaySource]:
    path = tmp_path / name
    path.write_text(rows)
    return on_the_desk(path)


def reach(stage: Stage, moment: int) -> None:
    """A turn goes as far as its time allows: as many as it takes."""
    while stage.desk.status().now < moment:
        stage.desk.turn()


def test_a_recording_of_bars_begins_with_a_bar_a_second_and_may_go_as_fast_as_an_eye_follows(tmp_path: Path):
    stage, _ = hours_on_the_desk(tmp_path)
    assert (stage.desk.status().bar_ns, stage.desk.status().speed) == (HOUR, 3_600)
    assert stage.ask(SetSpeed(72_000)) is None
    assert stage.ask(SetSpeed(72_001)).message == "speed must be from 0.1 to 72000, was 72001"
    assert Stage().desk.status().bar_ns is None


def test_a_step_of_bars_ends_where_they_are_whole(tmp_path: Path):
    stage, source = hours_on_the_desk(tmp_path)
    first = source.start - source.start % HOUR
    assert stage.ask(StepMarket(bars=1)) == first + HOUR - 1_000_000
    reach(stage, first + HOUR - 1_000_000)
    *_, last = zip(*(column.tolist() for column in stage.desk.bars("ACME", Timeframe.H1).columns()), strict=True)
    assert last == (first, 1000, 1200, 900, 1100, 400)
    assert stage.ask(StepMarket(bars=2)) == first + 3 * HOUR - 1_000_000
    reach(stage, first + 3 * HOUR - 1_000_000)
    assert stage.ask(StepMarket(bars=1_000)) == source.end
    assert Stage().ask(StepMarket(bars=1)).message == (
        "only a replay of bars goes on by bars: this market has no bar of its own"
    )


def test_nobody_waits_for_a_weekend_to_be_over(tmp_path: Path):
    stage, source = hours_on_the_desk(tmp_path, "BTCUSD.csv")
    friday = source.bar_end(6)
    stage.ask(StepMarket(bars=6))
    reach(stage, friday)
    stage.ask(Play())
    stage.pass_ms(1)
    reach(stage, friday + 40 * HOUR)
    assert stage.desk.status().now < friday + 52 * HOUR


def test_the_count_of_a_forex_file_is_no_size(tmp_path: Path):
    stage, _ = hours_on_the_desk(tmp_path, "EURUSD.csv")
    stage.ask(SetSpeed(1))
    account = stage.desk.status().account_id
    order = stage.ask(SubmitOrder(account, "EUR/USD", Side.BUY, qty=Decimal(5_000)))
    reach(stage, stage.ask(StepMarket(bars=1)))
    assert stage.desk.order(order.id).status is OrderStatus.FILLED
    assert len(stage.desk.account().fills) == 1


def test_a_jump_in_bars_arrives_however_fast_they_play(tmp_path: Path):
    stage, source = hours_on_the_desk(tmp_path, "BTCUSD.csv")
    stage.ask(SetSpeed(72_000))
    to = source.end - HOUR
    stage.ask(SeekMarket(to))
    reach(stage, to)
    assert stage.desk.status().speed == 72_000
