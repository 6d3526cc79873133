"""Several accounts on one desk: names and worlds, commands, days, margin calls, curves, and what survives a restart."""

import time
from datetime import date
from decimal import Decimal

import pytest
from msgspec.structs import replace

from tests.stage import START, Stage, StillMarket
from tradesim.desk.days import NS_PER_DAY, NS_PER_MINUTE
from tradesim.desk.shelf import REMARK_S
from tradesim.kernel.clock import NS_PER_SECOND
from tradesim.kernel.errors import Refused
from tradesim.model.accounts import AccountRules, DayTradeRule, LotMethod
from tradesim.model.commands import (
    ArchiveAccount,
    CancelAllOrders,
    ConfigureAccount,
    Kill,
    MoveCash,
    OpenAccount,
    OpenReplay,
    OpenSimulated,
    Reactivate,
    ReplaceOrder,
    ResetAccount,
    SetRiskLimits,
    SetSpeed,
    SubmitOrder,
    UseAccount,
)
from tradesim.model.corporate import Dividend, Split
from tradesim.model.events import AccountClosed, AccountReset, CashMoved, DayOpened, OrderCanceled, PositionSplit
from tradesim.model.market import Side, SourceKind
from tradesim.model.orders import ExitLeg, OrderClass, OrderStatus, OrderType, Rejection, TimeInForce
from tradesim.model.risk import KillMode, RiskLimits, RiskState

BUY = SubmitOrder("paper", "AAPL", Side.BUY, qty=Decimal(100))
REST = SubmitOrder(
    "paper", "AAPL", Side.BUY, OrderType.LIMIT, TimeInForce.GTC, Decimal(50), limit_price=Decimal("229.90")
)
HOURS_TO_MIDNIGHT = 14
"""The stage begins on Monday, 2026-01-05 at 10:00 New York."""


@pytest.fixture
def stage() -> Stage:
    return Stage()


def opened(stage: Stage, name: str = "Bot", cash: int = 50_000, **rules) -> str:
    return stage.ask(OpenAccount(name, Decimal(cash), AccountRules(**rules))).id


def pass_time(stage: Stage, ns: int) -> None:
    stage.pass_ms(ns // 1_000_000)


def restarted(stage: Stage, days: float = 0) -> Stage:
    stage.clock.advance(int(days * NS_PER_DAY))
    return Stage(journal=stage.journal, clock=stage.clock)


# -- names and worlds -------------------------------------------------------------------------------------------------


def test_a_named_account_trades_beside_the_desks_own(stage) -> None:
    bot = opened(stage)
    stage.ask(replace(BUY, account_id=bot))
    assert list(stage.desk.accounts()) == ["paper", bot]
    assert [held.position.qty for held in stage.desk.account(bot).positions] == [100]
    assert stage.desk.account().positions == ()
    assert stage.desk.account_id_of("bot") == stage.desk.account_id_of(" Bot".strip()) == bot == "paper-bot"
    assert stage.desk.account_id_of() == stage.desk.account_id_of("Paper") == "paper"
    assert stage.desk.account_names() == ("Paper", "Bot")


@pytest.mark.parametrize(
    ("command", "code"),
    [
        (OpenAccount("  "), "name"),
        (OpenAccount("x" * 41), "name"),
        (OpenAccount("a\x00b"), "name"),
        (OpenAccount("paper"), "name_taken"),
        (OpenAccount("BOT"), "name_taken"),
        (OpenAccount("New", Decimal("-1")), "cash"),
        (OpenAccount("New", Decimal("NaN")), "cash"),
        (OpenAccount("New", Decimal("0.001")), "cash"),
        (OpenAccount("New", rules=AccountRules(multiplier=Decimal(5))), "rules"),
        (OpenAccount("New", rules=AccountRules(margin_rate=Decimal("-0.1"))), "rules"),
        (ConfigureAccount("paper", AccountRules(maintenance=Decimal(2))), "rules"),
        (ConfigureAccount("nobody", AccountRules()), "unknown_account"),
        (ResetAccount("nobody"), "unknown_account"),
        (CancelAllOrders("nobody"), "unknown_account"),
        (ArchiveAccount("paper"), "default_account"),
        (MoveCash("paper", Decimal("0.001")), "amount"),
        (MoveCash("paper", Decimal(0)), "amount"),
        (MoveCash("paper", Decimal(-100_001)), "amount"),
        (UseAccount("Nobody"), "unknown_account"),
    ],
)
def test_what_cannot_be_is_refused_with_a_sentence(stage, command, code) -> None:
    opened(stage)
    before = len(stage.events)
    answer = stage.ask(command)
    assert isinstance(answer, Rejection) and answer.code == code, answer
    assert answer.message and len(stage.events) == before


def test_two_names_that_are_written_alike_have_ids_of_their_own(stage) -> None:
    assert [opened(stage, name) for name in ("Bot 1", "bot-1", "Ünï", "…")] == [
        "paper-bot-1",
        "paper-bot-1-2",
        "paper-n",
        "paper-account",
    ]


def test_a_name_has_an_account_in_every_world_it_is_used_in(stage) -> None:
    bot = opened(stage, multiplier=Decimal(4))
    stage.ask(replace(BUY, account_id=bot))
    stage.ask(OpenReplay(("day",)))
    there = stage.desk.account_id_of("Bot")
    world = stage.desk.status().account_id
    assert there == f"{world}-bot"
    account = stage.desk.account(there).account
    assert (account.cash, account.rules.multiplier, account.home) == (50_000, 4, world)
    assert list(stage.desk.accounts()) == [world, there]
    refused = stage.ask(replace(BUY, account_id=bot))
    assert refused.code == "other_world"
    assert stage.ask(replace(BUY, account_id=there)).status is OrderStatus.FILLED
    stage.ask(OpenSimulated())
    assert stage.desk.account_id_of("Bot") == bot


def test_limits_and_halts_go_with_the_name_into_another_world(stage) -> None:
    bot, limits = opened(stage), RiskLimits(max_order_qty=Decimal(5), max_day_loss=Decimal(300))
    stage.ask(SetRiskLimits(bot, limits))
    stage.ask(Kill(bot, KillMode.CANCEL, "enough", "my bot"))
    stage.ask(OpenReplay(("day",)))
    there = stage.desk.account_id_of("Bot")
    view = stage.desk.risk(there)
    assert (view.own_limits, view.state, view.message) == (limits, RiskState.HALTED, "enough")
    assert stage.ask(replace(BUY, account_id=there)).code == "risk_halted"
    stage.ask(Reactivate(there))
    assert stage.ask(replace(BUY, account_id=there)).code == "too_large"
    assert stage.desk._orders.state.risk.standing(bot).state is RiskState.HALTED


def test_an_account_opened_during_a_replay_is_there_when_it_is_left(stage) -> None:
    stage.ask(OpenReplay(("day",)))
    bot = opened(stage)
    assert bot.startswith("replay-")
    stage.ask(OpenSimulated())
    assert stage.desk.account_id_of("Bot") == "paper-bot"
    assert stage.desk.account("paper-bot").account.cash == 50_000


def test_an_unknown_name_or_id_is_said_so(stage) -> None:
    with pytest.raises(Refused, match="there is no account called Nobody"):
        stage.desk.account_id_of("Nobody")
    with pytest.raises(KeyError):
        stage.desk.account("nobody")
    with pytest.raises(KeyError):
        stage.desk.orders("nobody")
    assert stage.desk.estimate(replace(BUY, account_id="nobody")).refusal == "there is no account nobody"


# -- commands ---------------------------------------------------------------------------------------------------------


def test_a_reset_ends_the_orders_and_begins_again(stage) -> None:
    stage.ask(BUY)
    order = stage.ask(REST)
    account = stage.ask(ResetAccount("paper", Decimal(25_000)))
    view = stage.desk.account()
    assert (account.cash, view.equity, view.positions, view.fills, view.day_pl) == (25_000, 25_000, (), (), 0)
    assert [type(event) for event in stage.events[-2:]] == [OrderCanceled, AccountReset]
    assert stage.market.venue.queue_position(order.id) is None
    assert stage.ask(BUY).status is OrderStatus.FILLED
    assert restarted(stage).desk.account().account == stage.desk.account().account


def test_an_order_on_its_way_does_not_arrive_after_a_reset() -> None:
    stage = Stage(latency_ms=50)
    stage.ask(BUY)
    stage.ask(ResetAccount("paper"))
    stage.pass_ms(200)
    assert stage.desk.account().positions == ()
    assert stage.desk.account().account.cash == 100_000


def test_an_archived_account_is_read_but_not_traded(stage) -> None:
    bot = opened(stage)
    stage.ask(replace(BUY, account_id=bot))
    assert "still holds 100 AAPL" in stage.ask(ArchiveAccount(bot)).message
    stage.ask(replace(BUY, account_id=bot, side=Side.SELL))
    stage.ask(replace(REST, account_id=bot))
    archived = stage.ask(ArchiveAccount(bot))
    assert archived.is_archived and isinstance(stage.events[-1], AccountClosed)
    assert list(stage.desk.accounts()) == ["paper"]
    assert len(stage.desk.fills(bot)) == 2 and len(stage.desk.orders(bot)) == 3
    assert stage.ask(replace(BUY, account_id=bot)).code == "archived"
    assert stage.ask(ConfigureAccount(bot, AccountRules())).code == "archived"
    assert opened(stage) == "paper-bot-2", "the name is free again, the id is not"
    again = restarted(stage)
    assert again.desk.account(bot).account.is_archived and len(again.desk.fills(bot)) == 2


def test_rules_are_told_and_remembered(stage) -> None:
    rules = AccountRules(multiplier=Decimal(1), shorting_enabled=False, is_suspended=True)
    assert stage.ask(ConfigureAccount("paper", rules)).rules == rules
    assert stage.desk.account().buying_power == 100_000
    assert stage.ask(BUY).code == "suspended"
    assert restarted(stage).desk.account().account.rules == rules


def test_a_suspended_account_may_still_close(stage) -> None:
    stage.ask(BUY)
    stage.ask(ConfigureAccount("paper", AccountRules(is_suspended=True)))
    assert stage.ask(replace(BUY, side=Side.SELL, reduce_only=True)).status is OrderStatus.FILLED


def test_cash_is_paid_in_and_taken_out(stage) -> None:
    stage.ask(MoveCash("paper", Decimal(500)))
    stage.ask(MoveCash("paper", Decimal(-200), "for lunch"))
    view = stage.desk.account()
    assert (view.account.cash, view.day_pl, view.equity) == (100_300, 0, 100_300)
    assert [entry.memo for entry in stage.desk.ledger()][:2] == ["for lunch", "Paid in 500.00"]
    stage.desk._orders.state.check()


def test_what_is_tied_up_cannot_be_taken_out(stage) -> None:
    stage.ask(replace(BUY, qty=Decimal(400)))
    free = stage.desk.account().cash_withdrawable
    assert "is free" in stage.ask(MoveCash("paper", -free - 1)).message
    assert stage.ask(MoveCash("paper", -free)).cash < 100


# -- what an order must pass ------------------------------------------------------------------------------------------


def test_a_fourth_day_trade_is_refused_below_the_pattern_equity(stage) -> None:
    bot = opened(stage, cash=20_000, day_trade_rule=DayTradeRule.LEGACY_PDT)
    buy = replace(BUY, account_id=bot, qty=Decimal(10))
    for _ in range(3):
        stage.ask(buy)
        assert stage.ask(replace(buy, side=Side.SELL)).status is OrderStatus.FILLED
    assert stage.desk.account(bot).daytrade_count == 3
    exits = {"take_profit": ExitLeg(Decimal(240)), "stop_loss": ExitLeg(stop_price=Decimal(220))}
    assert stage.ask(replace(buy, order_class=OrderClass.BRACKET, **exits)).code == "day_trade"
    assert stage.ask(buy).status is OrderStatus.FILLED
    no = stage.ask(replace(buy, side=Side.SELL))
    assert (no.code, no.message) == (
        "day_trade",
        "a fourth day trade needs 25,000.00: refused with 3 day trades in five days and an equity of 20,000.00 "
        "at the day's beginning",
    )
    pass_time(stage, HOURS_TO_MIDNIGHT * 60 * NS_PER_MINUTE)
    assert stage.ask(replace(buy, side=Side.SELL)).status is OrderStatus.FILLED, "held overnight"


def test_intraday_margin_is_measured_at_the_order(stage) -> None:
    bot = opened(stage, cash=20_000, maintenance=Decimal("0.5"), day_trade_rule=DayTradeRule.INTRADAY_MARGIN)
    buy = replace(BUY, account_id=bot, qty=Decimal(170))
    assert stage.ask(buy).status is OrderStatus.FILLED
    no = stage.ask(replace(buy, qty=Decimal(5)))
    assert no.code in ("intraday_margin", "buying_power")


@pytest.mark.parametrize("rule", [DayTradeRule.OFF, DayTradeRule.INTRADAY_MARGIN])
def test_a_trailing_stop_is_weighed_where_it_stands(stage, rule) -> None:
    """60 % are wanted of it, so 20,000 of buying power carry 16,666: 70 at the touch of 230, not at a stop of 270."""
    bot = opened(stage, cash=10_000, maintenance=Decimal("0.6"), day_trade_rule=rule)
    trail = replace(
        BUY,
        account_id=bot,
        qty=Decimal(70),
        type=OrderType.TRAILING_STOP,
        trail_price=Decimal(40),
        time_in_force=TimeInForce.GTC,
    )
    no = stage.ask(trail)
    assert (no.code, no.message) == ("buying_power", "buying power 20,000.00 is less than 22,680.00")
    order = stage.ask(replace(trail, trail_price=Decimal(5)))
    no = stage.ask(ReplaceOrder(bot, order.id, trail=Decimal(40)))
    assert (no.code, no.message) == ("buying_power", "buying power 20,000.00 is less than 22,680.00")
    assert stage.ask(ReplaceOrder(bot, order.id, trail=Decimal(6))).trail_price == 6


def test_a_short_sale_is_weighed_above_the_ask(stage) -> None:
    bot = opened(stage, cash=10_000)
    sell = replace(BUY, account_id=bot, side=Side.SELL)
    no = stage.ask(replace(sell, qty=Decimal(85)))
    assert (no.code, no.message) == ("buying_power", "buying power 20,000.00 is less than 20,137.38")
    assert stage.desk.estimate(replace(sell, qty=Decimal(85))).refusal == no.message
    assert stage.ask(replace(sell, qty=Decimal(84))).status is OrderStatus.FILLED


@pytest.mark.parametrize(
    ("cash", "rules", "sentence"),
    [
        (1_999, {}, "selling short needs an equity of 2,000.00, was 1,999.00: 1 AAPL was to be sold short"),
        (50_000, {"multiplier": Decimal(1)}, "a cash account cannot sell short: 1 AAPL was to be sold short"),
    ],
)
def test_who_may_not_borrow_may_not_sell_short(stage, cash, rules, sentence) -> None:
    bot = opened(stage, cash=cash, **rules)
    assert stage.ask(replace(BUY, account_id=bot, side=Side.SELL, qty=Decimal(1))).message == sentence


def test_a_sale_may_name_its_lots(stage) -> None:
    bot = opened(stage, lot_method=LotMethod.SPECIFIC)
    for _ in range(2):
        stage.ask(replace(BUY, account_id=bot, qty=Decimal(10)))
    first, second = stage.desk.lots(bot, "AAPL")
    sell = replace(BUY, account_id=bot, side=Side.SELL, qty=Decimal(10))
    no = stage.ask(replace(sell, lots=("nothing",)))
    assert (no.code, no.message) == ("lots", "there is no open lot nothing of AAPL to close")
    more = stage.ask(replace(sell, qty=sell.qty + 1, lots=(second.id,), reduce_only=True))
    sentence = "the named lots hold 10 AAPL, 11 was asked: what may only reduce closes no other lots"
    assert (more.code, more.message) == ("lots", sentence)
    stage.ask(replace(sell, lots=(second.id,)))
    assert stage.desk.lots(bot, "AAPL") == (first,)
    assert [each.lot_id for each in stage.desk.closed_lots(bot)] == [second.id]
    assert restarted(stage).desk.lots(bot, "AAPL") == (first,)


# -- days -------------------------------------------------------------------------------------------------------------


def test_every_account_of_the_world_opens_its_day_and_pays_for_its_night(stage) -> None:
    bot = opened(stage, cash=20_000)
    stage.ask(replace(BUY, account_id=bot))
    pass_time(stage, HOURS_TO_MIDNIGHT * 60 * NS_PER_MINUTE)
    assert [event.account_id for event in stage.events if isinstance(event, DayOpened)] == ["paper", bot]
    (moved,) = (event for event in stage.events if isinstance(event, CashMoved))
    assert (moved.kind, moved.amount) == ("interest", Decimal("-0.54")), "3,001 borrowed at 6.5 % for a night"
    assert moved.memo == "Interest on 3,001.00 borrowed at 6.5 % a year, 1 night"
    view = stage.desk.account(bot)
    assert view.last_equity == view.equity and view.day_pl == 0
    assert view.positions[0].last_day_price == Decimal("229.99")
    assert stage.desk.ledger(bot)[0].kind == "interest"


def test_nights_while_the_desk_was_shut_are_charged_once(stage) -> None:
    stage.ask(replace(BUY, qty=Decimal(800)))
    again = restarted(stage, days=3)
    (moved,) = (event for event in again.journal.events if isinstance(event, CashMoved))
    assert moved.memo.endswith("3 nights")
    third = restarted(again)
    assert len([event for event in third.journal.events if isinstance(event, CashMoved)]) == 1


class Companies(StillMarket):
    """A market whose companies do what a test says."""

    actions: tuple = ()
    split_adjusted_until = None

    def corporate_actions(self, after: date, until: date):
        return [each for each in self.actions if after < each.day <= until]


def test_dividends_and_splits_reach_every_holder_once() -> None:
    stage = Stage(source=Companies())
    stage.market.actions = (
        Dividend("AAPL", date(2026, 1, 5), Decimal(9)),
        Dividend("AAPL", date(2026, 1, 6), Decimal("0.25")),
        Split("AAPL", date(2026, 1, 6), Decimal(1), Decimal(4)),
    )
    bot = opened(stage)
    stage.ask(BUY)
    stage.ask(replace(BUY, account_id=bot, side=Side.SELL, qty=Decimal(10)))
    order = stage.ask(REST)
    pass_time(stage, HOURS_TO_MIDNIGHT * 60 * NS_PER_MINUTE)
    paid = {event.account_id: event.amount for event in stage.events if getattr(event, "kind", "") == "dividend"}
    assert paid == {"paper": Decimal("25.00"), bot: Decimal("-2.50")}
    assert [event.qty for event in stage.events if isinstance(event, PositionSplit)] == [400, -40]
    assert stage.desk.order(order.id).reason == "AAPL was split."
    assert stage.market.venue.queue_position(order.id) is None
    pass_time(stage, NS_PER_DAY)
    assert len([event for event in stage.events if isinstance(event, PositionSplit)]) == 2
    stage.desk._orders.state.check()


def test_a_split_makes_nobody_rich_or_poor_until_the_new_shares_trade() -> None:
    stage = Stage(source=Companies())
    stage.market.actions = (Split("AAPL", date(2026, 1, 6), Decimal(1), Decimal(4)),)
    short = opened(stage)
    stage.ask(BUY)
    stage.ask(replace(BUY, account_id=short, side=Side.SELL, qty=Decimal(100)))
    before = {name: stage.desk.account(name).equity for name in ("paper", short)}
    pass_time(stage, HOURS_TO_MIDNIGHT * 60 * NS_PER_MINUTE)
    assert [event.qty for event in stage.events if isinstance(event, PositionSplit)] == [400, -400]
    for _ in range(3):
        pass_time(stage, NS_PER_MINUTE)
    (borrowed,) = (event.amount for event in stage.events if isinstance(event, CashMoved))
    views = {name: stage.desk.account(name) for name in before}
    assert {name: view.equity for name, view in views.items()} == {**before, short: before[short] + borrowed}
    assert all(view.last_equity == view.equity and not view.day_pl for view in views.values())
    assert (views["paper"].positions[0].qty_available, views[short].positions[0].qty_available) == (400, -400)
    assert views["paper"].positions[0].mark == Decimal("57.495")
    stage.agent(Side.BUY, 23_000, 1_000)
    assert stage.desk.account("paper").positions[0].mark == 230, "a price of the new shares is taken as it is"


# -- margin calls -----------------------------------------------------------------------------------------------------


def fallen(stage: Stage, bid: int) -> None:
    """The makers leave, and buyers stand at `bid` ticks."""
    venue = stage.market.venue
    for _ in range(10):
        venue.agent_market("AAPL", "~seller", Side.SELL, 100, stage.clock.now())
    stage.agent(Side.BUY, bid, 100_000)


def test_a_margin_call_cancels_orders_and_closes_what_cannot_be_carried() -> None:
    stage = Stage()
    stage.ask(replace(BUY, qty=Decimal(800)))
    rest = stage.ask(replace(REST, side=Side.SELL, limit_price=Decimal("260.00")))
    stage.ask(ConfigureAccount("paper", AccountRules(maintenance=Decimal("0.50"))))
    fallen(stage, 18_450)
    time.sleep(REMARK_S)
    stage.desk.turn()
    assert stage.desk.account().margin_call.startswith("margin call: equity 63,564.00 is below")
    pass_time(stage, NS_PER_MINUTE)
    pass_time(stage, NS_PER_SECOND)
    view = stage.desk.account()
    assert stage.desk.order(rest.id).status is OrderStatus.CANCELED
    (closing,) = (order for order in view.orders if order.source == "margin_call")
    assert closing.status is OrderStatus.FILLED and closing.side is Side.SELL
    assert view.margin_call is None
    assert view.maintenance_margin * Decimal("1.1") <= view.equity
    pass_time(stage, 3 * NS_PER_MINUTE)
    assert len([order for order in stage.desk.orders() if order.source == "margin_call"]) == 1


# -- views and curves -------------------------------------------------------------------------------------------------


def test_an_account_nobody_looks_at_is_not_valued_until_somebody_does(stage) -> None:
    bot = opened(stage)
    stage.ask(replace(BUY, account_id=bot))
    stage.desk._shelf._watched.clear()
    before = stage.desk._shown.accounts[bot]
    stage.agent(Side.BUY, 23_000, 100)
    assert stage.desk._shown.accounts[bot] is before
    stage.desk.start()
    try:
        assert stage.desk.account(bot).positions[0].mark == Decimal("230.00")
        assert stage.desk._shown.accounts[bot].equity > before.equity
        assert stage.desk.accounts()[bot] is stage.desk.account(bot), "watched from now on"
    finally:
        stage.desk.stop()


def test_what_is_done_in_one_account_leaves_the_view_of_another_as_it_is(stage) -> None:
    bot = opened(stage)
    before = stage.desk.account()
    stage.ask(replace(REST, account_id=bot))
    assert stage.desk.account() is before
    assert len(stage.desk.account(bot).orders) == 1


def test_the_curve_goes_by_minutes_and_ends_now(stage) -> None:
    stage.ask(BUY)
    pass_time(stage, 2 * NS_PER_MINUTE)
    stage.agent(Side.BUY, 23_000, 100)
    pass_time(stage, 3 * NS_PER_MINUTE)
    curve = stage.desk.review.equity_curve()
    assert [(mark.at - START) // NS_PER_MINUTE for mark in curve] == [0, 1, 3, 5]
    assert [mark.equity for mark in curve] == [100_000, 99_998, 99_999, 99_999]
    assert [(mark.at, mark.equity, mark.exposure) for mark in curve] == list(stage.desk.review.performance().equity)
    stage.ask(ResetAccount("paper", Decimal(7)))
    assert [mark.equity for mark in stage.desk.review.equity_curve()] == [7, 7]


def test_the_curve_is_there_after_a_restart(stage) -> None:
    stage.ask(BUY)
    pass_time(stage, HOURS_TO_MIDNIGHT * 60 * NS_PER_MINUTE)
    before = [(mark.at, mark.equity) for mark in stage.desk.review.equity_curve()]
    assert [(mark.at, mark.equity) for mark in restarted(stage).desk.review.equity_curve()][: len(before)] == before


def test_what_is_done_to_an_account_whose_market_was_left_is_not_before_it_was_left() -> None:
    stage = Stage()
    stage.ask(SetSpeed(60.0))
    pass_time(stage, 60 * NS_PER_MINUTE)
    left_at = stage.desk.status().now
    stage.ask(OpenReplay(("recording",)))
    stage.ask(MoveCash("paper", Decimal(5)))
    assert stage.journal.events[-1].ts_event >= left_at
    pass_time(stage, NS_PER_MINUTE)
    later = Stage(stage.journal, clock=stage.clock, source=StillMarket(START, SourceKind.REPLAY, START + NS_PER_DAY))
    later.ask(MoveCash("paper", Decimal(6)))
    assert later.journal.events[-1].ts_event >= left_at


def test_the_estimate_and_the_order_say_the_same_for_every_account(stage) -> None:
    bot = opened(stage, cash=1_000)
    wish = replace(BUY, account_id=bot)
    assert stage.desk.estimate(wish).refusal == stage.ask(wish).message
    assert stage.desk.estimate(BUY).refusal is None
