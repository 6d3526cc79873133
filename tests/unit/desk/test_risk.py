"""Risk on the desk: the gate before an order, the watch after it, the kill switch, and all of it after a restart."""

from decimal import Decimal

import pytest
from msgspec.structs import replace

from tests.stage import Stage, a_bracket
from tradesim.desk import riskviews
from tradesim.model.accounts import AccountRules
from tradesim.model.commands import (
    ArchiveAccount,
    CancelOrder,
    ClosePosition,
    ConfigureAccount,
    Kill,
    MoveCash,
    OpenAccount,
    Reactivate,
    ReplaceOrder,
    ResetAccount,
    SetRiskLimits,
    SubmitOrder,
)
from tradesim.model.events import OrderAccepted, RiskLimitsSet, RiskStateChanged
from tradesim.model.market import Side
from tradesim.model.orders import (
    ExitLeg,
    OrderClass,
    OrderStatus,
    OrderType,
    Rejection,
    Throttled,
    TimeInForce,
)
from tradesim.model.risk import KillMode, RiskLimits, RiskState

BUY = SubmitOrder("paper", "AAPL", Side.BUY, qty=Decimal(100))
SELL = replace(BUY, side=Side.SELL)
REST = replace(BUY, type=OrderType.LIMIT, limit_price=Decimal("229.50"))


def staged(**limits) -> Stage:
    stage = Stage()
    stage.ask(SetRiskLimits("paper", RiskLimits(**limits)))
    return stage


def crash(stage: Stage, to: int = 22_000) -> None:
    """Everybody sells: the touch falls to `to`, and a second passes."""
    venue = stage.desk._opening.market.source.venue
    venue.agent_limit("AAPL", "~crash", Side.SELL, to, 3_000, stage.clock.now())
    venue.agent_limit("AAPL", "~floor", Side.BUY, to - 100, 3_000, stage.clock.now())
    stage.pass_ms(1_100)


def changes(stage: Stage) -> list[RiskStateChanged]:
    return [event for event in stage.events if isinstance(event, RiskStateChanged)]


def test_limits_are_set_shown_and_kept() -> None:
    stage = Stage()
    limits = RiskLimits(max_day_loss=Decimal(500), restricted=("GME",))
    view = stage.ask(SetRiskLimits("paper", limits))
    assert (view.limits, view.state) == (limits, RiskState.ACTIVE)
    assert stage.desk.risk("paper").limits == limits
    assert stage.desk.risk().account_id == ""
    assert RiskLimitsSet("paper", limits, "person", stage.events[-1].ts_event) in stage.events
    assert Stage(stage.journal).desk.risk("paper").limits == limits


def test_only_a_person_may_raise_limits() -> None:
    stage = staged(max_day_loss=Decimal(500))
    lower = stage.ask(SetRiskLimits("paper", RiskLimits(max_day_loss=Decimal(400)), by="bot"))
    assert lower.limits.max_day_loss == 400
    no = stage.ask(SetRiskLimits("paper", RiskLimits(max_day_loss=Decimal(401)), by="bot"))
    assert (no.code, no.message) == (
        "person_needed",
        "only a person may raise a limit: max_day_loss would be wider",
    )
    assert stage.ask(SetRiskLimits("", RiskLimits(max_open_orders=1), by="bot")).code == "person_needed"
    assert stage.desk.risk("paper").limits.max_day_loss == 400
    assert stage.ask(SetRiskLimits("paper", RiskLimits())).limits.max_day_loss is None


def test_a_limit_that_is_none_is_refused_in_a_sentence() -> None:
    no = Stage().ask(SetRiskLimits("paper", RiskLimits(max_drawdown=Decimal(10))))
    assert no.message == "max_drawdown must be a fraction below 1 (0.05 is 5 %), was 10"
    assert Stage().ask(SetRiskLimits("nobody", RiskLimits())).code == "unknown_account"


@pytest.mark.parametrize(
    ("limits", "order", "code"),
    [
        ({"max_order_qty": Decimal(99)}, BUY, "too_large"),
        ({"max_position_value": Decimal(10_000)}, BUY, "position_size"),
        ({"price_collar": Decimal("0.0001")}, replace(BUY, qty=Decimal(500)), "price_collar"),
        ({"restricted": ("AAPL",)}, BUY, "restricted"),
        ({"allowed": ("MSFT",)}, BUY, "restricted"),
        ({"max_orders_per_minute": 0}, BUY, "order_rate"),
    ],
    ids=lambda each: each if isinstance(each, str) else "",
)
def test_the_checks_stand_before_the_order(limits, order, code) -> None:
    stage = staged(**limits)
    no = stage.ask(order)
    assert isinstance(no, Rejection)
    assert no.code == code
    assert stage.desk.estimate(order).refusal == no.message
    assert not [event for event in stage.events if isinstance(event, OrderAccepted)]


def test_the_desks_limits_hold_for_every_account() -> None:
    stage = Stage()
    stage.ask(SetRiskLimits("", RiskLimits(restricted=("AAPL",))))
    assert stage.ask(BUY).code == "restricted"
    assert stage.desk.risk("paper").limits.restricted == ("AAPL",)


def test_orders_per_minute_and_duplicates() -> None:
    stage = staged(max_orders_per_minute=2, duplicate_window_ms=1_000)
    first = stage.ask(REST)
    no = stage.ask(REST)
    assert (no.code, first.id in no.message) == ("duplicate", True)
    stage.pass_ms(1_001)
    assert stage.ask(REST).status is OrderStatus.NEW
    no = stage.ask(REST)
    assert isinstance(no, Throttled)
    assert 55 <= no.retry_after_s <= 60
    stage.pass_ms(61_000)
    assert stage.ask(REST).status is OrderStatus.NEW


def test_own_orders_do_not_meet_where_wash_trades_are_not_allowed() -> None:
    stage = staged(wash_trades_allowed=False)
    resting = stage.ask(REST)
    no = stage.ask(replace(SELL, type=OrderType.LIMIT, limit_price=Decimal("229.50")))
    assert (no.code, no.existing_order_id) == ("wash_trade", resting.id)


def test_a_day_loss_leaves_only_the_way_out() -> None:
    stage = staged(max_day_loss=Decimal(500))
    stage.ask(BUY)
    adding = stage.ask(replace(REST, limit_price=Decimal("210.00")))
    closing = stage.ask(replace(SELL, type=OrderType.LIMIT, limit_price=Decimal(240), qty=Decimal(40)))
    crash(stage)
    (change,) = changes(stage)
    assert (change.state, change.cause, change.by) == (RiskState.REDUCING, "max_day_loss", "limit")
    assert change.message.endswith("the limit is 500.00")
    assert stage.desk.risk("paper").state is RiskState.REDUCING
    stage.pass_ms(1)
    assert not stage.desk.order(adding.id).is_open
    assert stage.desk.order(closing.id).status is OrderStatus.NEW
    assert stage.ask(BUY).code == "risk_reducing"
    assert stage.ask(replace(SELL, qty=Decimal(61))).code == "risk_reducing"
    assert stage.ask(replace(SELL, qty=Decimal(60))).status is OrderStatus.FILLED


def test_a_drawdown_halts_and_cancels() -> None:
    stage = staged(max_drawdown=Decimal("0.005"))
    stage.ask(BUY)
    resting = stage.ask(replace(REST, limit_price=Decimal("200.00")))
    crash(stage)
    assert changes(stage)[0].state is RiskState.HALTED
    stage.pass_ms(1)
    ended = stage.desk.order(resting.id)
    assert ended.status is OrderStatus.CANCELED
    assert ended.reason.startswith("Cancelled by a risk limit: ") and "below its high" in ended.reason
    no = stage.ask(SELL)
    assert no.code == "risk_halted"
    assert "below its high" in no.message
    assert stage.ask(ClosePosition("paper", "AAPL")).code == "risk_halted"


def test_a_halted_account_may_still_cancel() -> None:
    stage = Stage()
    resting = stage.ask(REST)
    stage.ask(Kill("paper", KillMode.FREEZE))
    assert stage.ask(ReplaceOrder("paper", resting.id, qty=Decimal(50))).code == "risk_halted"
    assert stage.ask(CancelOrder("paper", resting.id)).status is OrderStatus.CANCELED


def test_the_drawdown_is_measured_from_the_highest_equity() -> None:
    stage = staged(max_drawdown=Decimal("0.02"))
    stage.ask(replace(BUY, qty=Decimal(200)))
    venue = stage.desk._opening.market.source.venue
    venue.agent_limit("AAPL", "~rally", Side.BUY, 24_000, 2_000, stage.clock.now())
    stage.pass_ms(61_000)
    high = stage.desk._orders.state.risk.standing("paper").high
    assert high == Decimal("101997.00")
    again = Stage(stage.journal)
    assert again.desk._orders.state.risk.standing("paper").high == high


def test_a_loss_before_the_first_mark_is_below_the_cash_it_began_with() -> None:
    stage = Stage()
    stage.ask(BUY)
    crash(stage)
    account = stage.desk.account()
    assert drawdown(stage, "paper") == 1 - account.equity / Decimal(100_000)


def lift(stage: Stage, to: int) -> None:
    """Everybody buys: the touch rises to `to`, and a minute passes."""
    venue = stage.desk._opening.market.source.venue
    venue.agent_market("AAPL", "~lift", Side.BUY, 5_000, stage.clock.now())
    venue.agent_limit("AAPL", "~floor", Side.BUY, to, 3_000, stage.clock.now())
    venue.agent_limit("AAPL", "~roof", Side.SELL, to + 10, 3_000, stage.clock.now())
    stage.pass_ms(61_000)


def drawdown(stage: Stage, account_id: str) -> Decimal:
    view = stage.desk._orders.gate._views.one(account_id, stage.desk._opening.market)
    return next(use.used for use in view.uses if use.name == "max_drawdown")


def test_the_desks_drawdown_is_that_of_the_sum_not_of_the_accounts_highs() -> None:
    """One account is long, the other as short: whatever the price does, together they lose nothing."""
    stage = Stage()
    stage.ask(OpenAccount("Other", Decimal(100_000), AccountRules(shorting_enabled=True, multiplier=Decimal(2))))
    stage.ask(SetRiskLimits("", RiskLimits(max_drawdown=Decimal("0.01"))))
    stage.ask(BUY)
    stage.ask(replace(SELL, account_id="paper-other"))
    for price in (23_100, 22_500, 23_400, 22_300):
        (lift if price > 23_000 else crash)(stage, price)
        stage.pass_ms(61_000)
    assert min(drawdown(stage, each) for each in ("paper", "paper-other")) > Decimal("0.004")
    assert drawdown(stage, "") < Decimal("0.0025")
    assert stage.desk.risk("").state is RiskState.ACTIVE


def test_the_desks_high_knows_money_that_was_neither_won_nor_lost_also_after_a_restart() -> None:
    stage = Stage()
    stage.ask(SetRiskLimits("", RiskLimits(max_drawdown=Decimal("0.05"))))
    stage.ask(BUY)
    stage.pass_ms(61_000)
    before = desk_high(stage)
    stage.ask(OpenAccount("Other", Decimal(50_000), AccountRules()))
    stage.ask(MoveCash("paper", Decimal(-20_000)))
    assert desk_high(stage) == before + 30_000
    stage.ask(ArchiveAccount("paper-other"))
    assert desk_high(stage) == before - 20_000
    crash(stage)
    below = desk_high(stage) - worth(stage)
    assert below > 500
    stage.ask(ResetAccount("paper", Decimal(10_000)))
    assert desk_high(stage) - 10_000 == below
    assert desk_high(Stage(stage.journal)) == desk_high(stage)
    stage.ask(Reactivate(""))
    stage.pass_ms(61_000)
    assert desk_high(stage) == 10_000


def worth(stage: Stage, account_id: str = "paper") -> Decimal:
    return stage.desk._orders.gate._worths.of(account_id, stage.desk._opening.market).equity


def desk_high(stage: Stage) -> Decimal:
    high = stage.desk._orders.state.risk.desk_high("paper")
    assert high is not None
    return high


def test_losses_in_a_row_leave_only_the_way_out_and_a_person_ends_it() -> None:
    stage = staged(max_consecutive_losses=2)
    for _ in range(2):
        stage.ask(replace(BUY, qty=Decimal(10)))
        stage.ask(replace(SELL, qty=Decimal(10)))
    assert stage.desk.risk("paper").state is RiskState.REDUCING
    assert changes(stage)[0].message == "2 round trips in a row were lost, the limit is 2"
    assert stage.ask(Reactivate("paper", by="bot")).code == "person_needed"
    assert stage.ask(Reactivate("paper")).state is RiskState.ACTIVE
    assert stage.ask(BUY).status is OrderStatus.FILLED


def test_a_program_does_not_have_its_losses_counted_anew_by_setting_what_is_set() -> None:
    stage = staged(max_consecutive_losses=3)
    for _ in range(2):
        stage.ask(replace(BUY, qty=Decimal(10)))
        stage.ask(replace(SELL, qty=Decimal(10)))
    seen = len([event for event in stage.events if isinstance(event, RiskLimitsSet)])
    own = stage.desk.risk("paper").own_limits
    stage.ask(SetRiskLimits("paper", own, by="bot"))
    assert len([event for event in stage.events if isinstance(event, RiskLimitsSet)]) == seen
    stage.ask(SetRiskLimits("paper", replace(own, max_open_orders=900), by="bot"))
    stage.ask(replace(BUY, qty=Decimal(10)))
    stage.ask(replace(SELL, qty=Decimal(10)))
    assert stage.desk.risk("paper").state is RiskState.REDUCING


def test_a_bracket_is_one_order_of_the_minute() -> None:
    stage = staged(max_orders_per_minute=2)
    assert stage.ask(a_bracket("240", "220")).status is not OrderStatus.REJECTED
    assert stage.ask(REST).status is OrderStatus.NEW
    assert isinstance(stage.ask(REST), Throttled)


def test_what_is_still_passed_must_be_put_right_before_trading_goes_on() -> None:
    stage = staged(max_exposure=Decimal("0.1"))
    stage.ask(BUY)
    assert stage.desk.risk("paper").state is RiskState.REDUCING
    no = stage.ask(Reactivate("paper"))
    assert (no.code, no.field) == ("still_passed", "max_exposure")
    passed = stage.desk.risk("paper").still_passed
    assert no.message == f"{passed}: raise the limit first, or put it right"
    stage.ask(SELL)
    assert stage.ask(Reactivate("paper")).state is RiskState.ACTIVE
    assert stage.desk.risk("paper").still_passed == ""


def test_concentration_is_looked_at_after_a_fill() -> None:
    stage = staged(max_concentration=Decimal("0.2"))
    stage.ask(BUY)
    assert changes(stage)[0].cause == "max_concentration"


def test_the_kill_switch_cancels_and_halts() -> None:
    stage = Stage()
    resting = stage.ask(REST)
    view = stage.ask(Kill("paper", reason="lunch"))
    assert (view.state, view.cause, view.message) == (RiskState.HALTED, "kill_switch", "lunch")
    stage.pass_ms(1)
    ended = stage.desk.order(resting.id)
    assert (ended.status, ended.reason) == (OrderStatus.CANCELED, "Cancelled by the kill switch.")
    assert stage.ask(BUY).message.startswith("trading is halted: lunch")


def test_what_is_on_its_way_when_the_kill_switch_is_pulled_does_not_trade() -> None:
    stage = Stage(latency_ms=50)
    order = stage.ask(BUY)
    stage.ask(Kill("paper", KillMode.CANCEL))
    assert stage.desk.order(order.id).status is OrderStatus.CANCELED
    stage.pass_ms(200)
    assert stage.desk.account().positions == ()


def test_what_is_on_its_way_when_a_limit_halts_the_account_does_not_trade() -> None:
    stage = Stage(latency_ms=50)
    stage.ask(SetRiskLimits("paper", RiskLimits(max_drawdown=Decimal("0.005"))))
    stage.ask(BUY)
    stage.pass_ms(100)
    venue = stage.desk._opening.market.source.venue
    venue.agent_limit("AAPL", "~crash", Side.SELL, 22_000, 3_000, stage.clock.now())
    venue.agent_limit("AAPL", "~floor", Side.BUY, 21_900, 3_000, stage.clock.now())
    stage.pass_ms(880)
    order = stage.ask(BUY)
    stage.pass_ms(30)
    assert stage.desk.risk("paper").state is RiskState.HALTED
    assert stage.desk.order(order.id).status is OrderStatus.CANCELED


def test_the_kill_switch_flattens_also_what_filled_on_the_way() -> None:
    stage = Stage(latency_ms=50)
    stage.ask(BUY)
    stage.pass_ms(100)
    stage.ask(replace(BUY, qty=Decimal(30)))
    stage.ask(Kill("paper", KillMode.FLATTEN))
    for _ in range(50):
        stage.pass_ms(100)
    assert stage.desk.account().positions == ()
    assert stage.desk.risk("paper").state is RiskState.HALTED


@pytest.mark.parametrize("account", ["paper", ""])
def test_the_kill_switch_goes_on_flattening_after_a_restart(account) -> None:
    stage = Stage(latency_ms=50)
    stage.ask(BUY)
    stage.pass_ms(100)
    stage.ask(Kill(account, KillMode.FLATTEN))
    again = Stage(stage.journal, latency_ms=50, clock=stage.clock)
    assert again.desk.account().positions[0].position.qty == 100
    assert not [order for order in again.desk.account().orders if order.is_open], "the closing order was lost"
    again.pass_ms(1_100)
    again.pass_ms(100)
    assert again.desk.account().positions == ()
    assert again.ask(Reactivate(account)).state is RiskState.ACTIVE
    assert again.ask(BUY).status is OrderStatus.PENDING_NEW
    again.pass_ms(2_000)
    assert again.desk.account().positions[0].position.qty == 100


def test_the_kill_switch_freezes_and_leaves_orders_alone() -> None:
    stage = Stage()
    resting = stage.ask(REST)
    stage.ask(Kill("paper", KillMode.FREEZE))
    stage.pass_ms(1)
    assert stage.desk.order(resting.id).status is OrderStatus.NEW


def test_the_kill_switch_of_the_desk_stops_every_account_and_only_a_person_pulls_it() -> None:
    stage = Stage()
    assert stage.ask(Kill(by="bot")).code == "person_needed"
    assert stage.ask(Kill("paper", by="bot")).state is RiskState.HALTED
    assert stage.ask(Reactivate("paper")).state is RiskState.ACTIVE
    view = stage.ask(Kill())
    assert (view.account_id, view.state) == ("", RiskState.HALTED)
    assert stage.desk.risk("paper").state is RiskState.HALTED
    assert stage.ask(BUY).code == "risk_halted"
    assert stage.ask(Reactivate()).state is RiskState.ACTIVE
    assert stage.ask(BUY).status is OrderStatus.FILLED


def test_what_was_halted_is_halted_after_a_restart() -> None:
    stage = staged(max_consecutive_losses=3)
    for _ in range(2):
        stage.ask(replace(BUY, qty=Decimal(10)))
        stage.ask(replace(SELL, qty=Decimal(10)))
    stage.ask(Kill("paper", KillMode.FREEZE, "enough", "person"))
    again = Stage(stage.journal)
    assert again.desk._orders.state.risk.dump() == stage.desk._orders.state.risk.dump()
    assert again.desk.risk("paper") == stage.desk.risk("paper")
    assert again.ask(BUY).message.startswith("trading is halted: enough")
    again.desk.stop()
    after_snapshot = Stage(stage.journal)
    assert after_snapshot.desk.risk("paper").message == "enough"


def test_a_looping_program_is_slowed_then_halted_and_told_why() -> None:
    stage = Stage()
    tiny = replace(BUY, qty=Decimal(1), source="bot")
    answers = [stage.ask(replace(tiny, type=OrderType.LIMIT, limit_price=Decimal("200"))) for _ in range(400)]
    codes = [answer.code if isinstance(answer, Rejection) else "taken" for answer in answers]
    assert codes.count("taken") <= 200
    assert codes[codes.count("taken")] == "throttled"
    assert codes[-1] == "risk_halted"
    (change,) = changes(stage)
    assert (change.cause, change.by) == ("runaway_repeats", "guard")
    assert change.message == (
        "the runaway guard stopped it: bot sent the same orders again 100 times in 10 s, "
        "and went on although it was refused 100 times"
    )
    stage.pass_ms(1)
    assert not [order for order in stage.desk.account().orders if order.is_open]
    assert stage.ask(Reactivate("paper")).state is RiskState.ACTIVE
    assert stage.ask(tiny).status is OrderStatus.FILLED


def test_closing_orders_of_the_kill_switch_pass_the_gate() -> None:
    stage = staged(max_drawdown=Decimal("0.005"))
    stage.ask(BUY)
    crash(stage)
    assert stage.desk.risk("paper").state is RiskState.HALTED
    stage.ask(Kill("paper", KillMode.FLATTEN))
    assert stage.desk.account().positions == ()


def test_views_that_did_not_change_are_the_same_object(monkeypatch) -> None:
    monkeypatch.setattr(riskviews, "SHOWN_S", 0.0)
    stage = Stage()
    before = stage.desk.risk("paper")
    stage.ask(REST)
    after = stage.desk.risk("paper")
    assert before is not after
    stage.pass_ms(1)
    assert stage.desk.risk("paper") is after


def test_an_exit_can_be_moved_where_only_reducing_is_allowed() -> None:
    stage = staged(max_concentration=Decimal("0.2"))
    entry = replace(
        BUY,
        order_class=OrderClass.BRACKET,
        time_in_force=TimeInForce.GTC,
        take_profit=ExitLeg(limit_price=Decimal(240)),
        stop_loss=ExitLeg(stop_price=Decimal(220)),
    )
    legs = stage.ask(entry).legs
    stage.pass_ms(10)
    assert stage.desk.risk("paper").state is RiskState.REDUCING
    profit, loss = (stage.desk.order(leg) for leg in legs)
    assert (profit.is_open, loss.is_open) == (True, True)
    assert not isinstance(stage.ask(ReplaceOrder("paper", profit.id, limit_price=Decimal(238))), Rejection)
    assert not isinstance(stage.ask(ReplaceOrder("paper", loss.id, stop_price=Decimal(225))), Rejection)


def test_a_halt_cancels_a_bracket_whole() -> None:
    stage = Stage()
    entry = replace(
        REST,
        order_class=OrderClass.BRACKET,
        time_in_force=TimeInForce.GTC,
        take_profit=ExitLeg(limit_price=Decimal(240)),
        stop_loss=ExitLeg(stop_price=Decimal(220)),
    )
    stage.ask(entry)
    stage.ask(Kill("paper"))
    stage.pass_ms(10)
    assert not [order for order in stage.desk.account().orders if order.is_open]


def test_a_margin_call_passes_the_gate_of_a_halted_account() -> None:
    stage = Stage()
    stage.ask(ConfigureAccount("paper", AccountRules(multiplier=Decimal(4))))
    for _ in range(14):
        stage.ask(BUY)
        stage.agent(Side.SELL, 23_001, 100)
    assert stage.desk.account().positions[0].position.qty == 1_400
    stage.ask(Kill("paper", KillMode.FREEZE))
    crash(stage, 19_000)
    stage.pass_ms(61_000)
    assert stage.desk.account().orders[0].source == "margin_call"
    assert stage.desk.account().orders[0].filled_qty > 0


def test_changes_of_states_are_kept_over_a_restart_and_a_snapshot() -> None:
    stage = Stage()
    stage.ask(Kill("paper", reason="enough"))
    stage.ask(Reactivate("paper"))
    said = [(each.state, each.message, each.by) for each in stage.desk.risk_changes()]
    assert said == [(RiskState.ACTIVE, "reactivated", "person"), (RiskState.HALTED, "enough", "person")]
    assert Stage(stage.journal).desk.risk_changes() == stage.desk.risk_changes()
    book = stage.desk._orders.state.risk
    assert type(book).load(book.dump()).changes == book.changes


def test_a_view_says_by_whom_and_whether_the_state_is_the_desks() -> None:
    stage = Stage()
    stage.ask(Kill("", by="person"))
    view = stage.desk.risk("paper")
    assert (view.state, view.by, view.is_desks) == (RiskState.HALTED, "person", True)
    assert not stage.desk.risk().is_desks
    stage.ask(Kill("paper", by="bot"))
    assert (stage.desk.risk("paper").by, stage.desk.risk("paper").is_desks) == ("bot", False)


def test_the_guards_sources_are_told_by_the_market_thread() -> None:
    stage = Stage()
    stage.ask(replace(BUY, source="key: bot"))
    assert [each.source for each in stage.desk.risk_sources()] == ["", "key: bot"]
    assert stage.desk.risk_sources("nobody") == ()


def test_changes_of_an_order_that_waits_at_the_desk_are_counted() -> None:
    stage = staged(max_orders_per_minute=5)
    stop = stage.ask(replace(SELL, type=OrderType.STOP, stop_price=Decimal(200), qty=Decimal(1)))
    answers = [stage.ask(ReplaceOrder("paper", stop.id, stop_price=Decimal(201 + n))) for n in range(6)]
    assert [getattr(each, "code", "taken") for each in answers] == ["taken"] * 4 + ["order_rate"] * 2
    assert stage.desk.risk_sources("paper")[0].paces[0].count == 5
