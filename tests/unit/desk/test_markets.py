"""Opening another market: its account, its clock, and what becomes of orders."""

from decimal import Decimal

import pytest

from tests.stage import START, Stage
from tradesim.kernel.clock import NS_PER_SECOND, moment_text
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
from tradesim.model.orders import OrderStatus, OrderType, TimeInForce

BUY = SubmitOrder("paper", "AAPL", Side.BUY, qty=Decimal(100))
REST = SubmitOrder(
    "paper", "AAPL", Side.BUY, OrderType.LIMIT, TimeInForce.GTC, Decimal(50), limit_price=Decimal("229.90")
)


def replaying() -> Stage:
    stage = Stage()
    stage.ask(OpenReplay(("day",)))
    stage.desk.turn()
    return stage


def in_replay(stage: Stage, command: SubmitOrder) -> SubmitOrder:
    from msgspec.structs import replace

    return replace(command, account_id=stage.desk.status().account_id)


def test_a_replay_has_an_account_of_its_own() -> None:
    stage = Stage()
    stage.ask(BUY)
    stage.ask(OpenReplay(("day",)))
    status = stage.desk.status()
    assert status.source is SourceKind.REPLAY
    assert status.account_id.startswith("replay-")
    assert stage.desk.account().account.cash == 100_000
    assert stage.desk.account("paper").positions[0].position.qty == 100


def test_orders_wait_for_their_market_to_come_back() -> None:
    stage = Stage()
    order = stage.ask(REST)
    stage.ask(OpenReplay(("day",)))
    assert stage.desk.order(order.id) is None
    stage.ask(OpenSimulated())
    stage.desk.turn()
    assert stage.desk.order(order.id).status is OrderStatus.NEW
    assert order.id in stage.desk.account().queue


def test_a_recording_that_cannot_be_read_leaves_everything_as_it_was() -> None:
    stage = Stage()
    answer = stage.ask(OpenReplay(("bad",)))
    assert answer.message == "bad: wanted a recording, found nothing of the kind"
    assert stage.desk.status().source is SourceKind.SIMULATED


def test_a_replay_plays_pauses_and_speeds_up() -> None:
    stage = replaying()
    stage.ask(SetSpeed(10))
    stage.pass_ms(1_000)
    assert stage.desk.status().now - START == 10 * NS_PER_SECOND
    stage.ask(Pause())
    stage.pass_ms(1_000)
    assert stage.desk.status().now - START == 10 * NS_PER_SECOND
    assert not stage.desk.status().is_playing
    stage.ask(Play())
    stage.pass_ms(100)
    assert stage.desk.status().now - START == 11 * NS_PER_SECOND


def test_a_step_moves_a_paused_replay() -> None:
    stage = replaying()
    assert stage.ask(StepMarket(by_ns=NS_PER_SECOND)) == START + NS_PER_SECOND
    stage.desk.turn()
    assert stage.desk.status().now == START + NS_PER_SECOND


@pytest.mark.parametrize("speed", [0.05, 1_001.0])
def test_a_speed_beyond_the_range_is_refused(speed: float) -> None:
    assert f"speed must be from 0.1 to 1000, was {speed:g}" in replaying().ask(SetSpeed(speed)).message


def test_the_simulated_market_cannot_jump() -> None:
    assert "only a replay can jump" in Stage().ask(SeekMarket(START + 1)).message


def test_going_back_in_time_is_a_fresh_account() -> None:
    stage = replaying()
    stage.pass_ms(5_000)
    stage.ask(in_replay(stage, BUY))
    first = stage.desk.status()
    stage.ask(SeekMarket(START + NS_PER_SECOND))
    second = stage.desk.status()
    assert second.account_id != first.account_id
    assert second.session_id != first.session_id
    assert stage.desk.account().account.cash == 100_000
    assert second.now == START + NS_PER_SECOND


def test_going_forward_keeps_the_account() -> None:
    stage = replaying()
    account_id = stage.desk.status().account_id
    stage.ask(SeekMarket(START + 60 * NS_PER_SECOND))
    stage.pass_ms(0)
    assert stage.desk.status().account_id == account_id
    assert stage.desk.status().now == START + 60 * NS_PER_SECOND


def test_a_moment_outside_the_recording_is_refused() -> None:
    for to, found in ((START - NS_PER_SECOND, moment_text(START - NS_PER_SECOND)), (10**30, f"{10**30} ns")):
        said = replaying().ask(SeekMarket(to)).message
        assert said.startswith(f"the moment must lie inside the recording, from {moment_text(START)} to ")
        assert said.endswith(f", was {found}")


def test_a_replay_ends_with_its_recording() -> None:
    stage = replaying()
    stage.pass_ms(3_700_000)
    status = stage.desk.status()
    assert status.is_ended
    assert status.now == status.end


def test_accounts_of_replays_left_long_ago_are_closed() -> None:
    stage = Stage()
    for _ in range(12):
        stage.ask(OpenReplay(("day",)))
        stage.ask(in_replay(stage, BUY))
    assert list(stage.desk.accounts()) == [stage.desk.status().account_id]
    assert len(stage.desk._orders.state.portfolios) <= 7
    assert stage.desk.account("paper").account.name == "Paper"
    again = Stage(journal=stage.journal)
    assert again.desk.account("paper").account == stage.desk.account("paper").account
