"""Performance and journal on the desk: from the journal's events, also after a restart."""

import json
from decimal import Decimal

import pytest
from msgspec.structs import replace

from tests.stage import START, Stage
from tradesim.desk.performance import begin_of, joined, marks_since
from tradesim.kernel.clock import NS_PER_SECOND
from tradesim.model.commands import MoveCash, ResetAccount, SubmitOrder
from tradesim.model.events import BarsKept, EquityMarked
from tradesim.model.market import Side, Trade
from tradesim.model.orders import Rejection
from tradesim.trading.performance.curve import Mark
from tradesim.trading.performance.excursions import PricedBar
from tradesim.trading.performance.exposure import Held

BUY = SubmitOrder("paper", "AAPL", Side.BUY, qty=Decimal(10), source="ticket")
SELL = replace(BUY, side=Side.SELL, source="ladder")


def fee(_instrument, _price, _qty, _liquidity) -> Decimal:
    return Decimal("0.50")


def minutes(stage: Stage, count: int, price: int = 23_000) -> None:
    """A print at the start of every minute, so that there are bars."""
    for _ in range(count):
        market = stage.desk._opening.market
        market.board.print(Trade("AAPL", 1, price, 100, Side.BUY, market.reached))
        stage.pass_ms(60_000)


def traded() -> Stage:
    stage = Stage(fee=fee)
    minutes(stage, 5)
    stage.ask(BUY)
    minutes(stage, 1)
    minutes(stage, 1, 22_950)
    minutes(stage, 1, 23_080)
    minutes(stage, 2)
    stage.ask(SELL)
    minutes(stage, 20)
    return stage


def test_a_round_trip_from_the_ticket_to_the_journal() -> None:
    stage = traded()
    (view,) = stage.desk.review.round_trips()
    trip = view.trip
    assert (trip.symbol, trip.side, trip.qty, trip.source) == ("AAPL", Side.BUY, 10, "ticket")
    assert (trip.entry_price, trip.exit_price) == (Decimal("230.01"), Decimal("229.99"))
    assert (trip.gross_pl, trip.fees, trip.net_pl) == (Decimal("-0.20"), Decimal(1), Decimal("-1.20"))
    assert trip.hold_ns == 300 * NS_PER_SECOND
    assert view.mae == 10 * (Decimal("229.50") - Decimal("230.01"))
    assert view.mfe == 10 * (Decimal("230.80") - Decimal("230.01"))
    assert view.bars_seen == 5
    assert all(leg.fill.reason.model == "order book" for leg in trip.legs)


def test_of_a_trade_of_seconds_nobody_knows_how_far_it_went() -> None:
    stage = Stage(fee=fee)
    minutes(stage, 5)
    stage.ask(BUY)
    stage.ask(SELL)
    minutes(stage, 1)
    (view,) = stage.desk.review.round_trips()
    assert (view.mae, view.mfe, view.bars_seen) == (None, None, 0)


def test_a_program_is_one_sender_whatever_key_it_was_started_with() -> None:
    stage = Stage(fee=fee)
    minutes(stage, 5)
    for key in ("PKONE", "PKTWO"):
        stage.ask(replace(BUY, source=f"alpaca:{key}/first.py"))
        stage.ask(SELL)
    assert stage.desk.review.performance().by_source["first.py"].trips == 2


def test_notes_and_tags_are_kept() -> None:
    stage = traded()
    (view,) = stage.desk.review.round_trips()
    reply = stage.desk.review.annotate(view.trip.id, "too early", ["setup:fvg", "late"])
    assert (reply.note, reply.tags, reply.setup) == ("too early", ("setup:fvg", "late"), "fvg")
    assert stage.desk.review.annotate(view.trip.id, note="too late").tags == ("setup:fvg", "late")
    again = Stage(stage.journal, clock=stage.clock)
    (view,) = again.desk.review.round_trips()
    assert (view.note, view.tags) == ("too late", ("setup:fvg", "late"))
    found = again.desk.review.performance()
    assert found.by_tag.keys() == {"setup:fvg", "late"}
    assert found.by_setup["fvg"].trips == 1
    no = stage.desk.review.annotate("nothing", "?")
    assert (no.code, no.message) == ("unknown_trip", "there is no round trip nothing in account paper")
    assert stage.desk.review.annotate(view.trip.id, "x" * 5_000).field == "note"


def test_the_bars_around_a_trade_are_kept_and_outlive_the_market() -> None:
    stage = traded()
    kept = [event for event in stage.journal.events if isinstance(event, BarsKept)]
    starts = [row[0] for event in kept for row in event.rows]
    assert starts == sorted(set(starts))
    assert 2 <= len(kept) <= 4
    (view,) = stage.desk.review.round_trips()
    again = Stage(stage.journal, clock=stage.clock)
    chart = again.desk.review.trip_chart(view.trip.id)
    assert chart is not None
    assert chart.view.bars_seen == 5
    assert chart.bars[0].start < view.trip.entry_at < view.trip.exit_at < chart.bars[-1].start
    assert min(bar.low for bar in chart.bars) == Decimal("229.50")
    assert again.desk.review.trip_chart("nothing") is None


def test_the_curve_is_marked_once_a_minute_while_something_changes() -> None:
    stage = traded()
    marks = [event for event in stage.journal.events if isinstance(event, EquityMarked)]
    assert 2 <= len(marks) <= 4
    found = stage.desk.review.performance()
    assert found.equity[0][1] == 100_000.0
    assert found.equity[-1][1] == float(stage.desk.account().equity)
    assert found.figures.trips == 1
    assert found.figures.net_pl == Decimal("-1.20")
    assert found.by_side["long"].losses == 1
    assert found.by_source["ticket"].trips == 1
    lasted = found.end - found.begin
    assert found.time_in_market == 300 * NS_PER_SECOND / lasted
    assert found.mean_exposure == pytest.approx(2_300 / 100_000 * found.time_in_market, rel=0.01)
    assert sum(day.pl for day in found.days) == float(stage.desk.account().equity) - 100_000
    assert found.ratios.total_return < 0


def test_a_trade_of_seconds_is_in_the_market_for_seconds() -> None:
    stage = Stage()
    stage.pass_ms(2_000)
    stage.ask(BUY)
    stage.pass_ms(15_000)
    stage.ask(SELL)
    stage.pass_ms(3_000)
    found = stage.desk.review.performance()
    assert found.time_in_market == 0.75
    assert found.mean_exposure == pytest.approx(0.75 * 2_300 / 100_000, rel=1e-3)


def test_what_was_held_before_a_period_is_none_of_it() -> None:
    held = Held(100.0, 50.0)
    marks = [Mark(0, 1.0), Mark(100, 1.0, held=held)]
    last = Mark(300, 1.0, held=Held(0.0, 0.0))
    assert [mark.held for mark in marks_since(marks, last, 60)] == [Held(), Held(40.0, 20.0), Held()]
    assert [mark.held for mark in marks_since(marks, last, 0)][1] == held
    assert marks_since(marks, last, -5) == [*marks, last]
    assert [mark.at for mark in marks_since(marks, last, 400)] == [400, 300]


def test_periods_begin_where_they_say() -> None:
    stage = traded()
    stage.pass_ms(3 * 86_400_000)
    assert stage.desk.review.performance(period="1D").figures.trips == 0
    assert stage.desk.review.performance(period="1W").figures.trips == 1
    no = stage.desk.review.performance(period="2W")
    assert isinstance(no, Rejection)
    assert no.message == "period must be one of 1D, 1W, 1M, 3M, YTD, 1A, all, was 2W"


def test_the_year_to_date_begins_at_new_year_in_new_york() -> None:
    assert begin_of("YTD", START, 0) == 1_767_243_600 * NS_PER_SECOND
    assert begin_of("YTD", START, START - 5) == START - 5


def test_trips_are_counted_by_hour_and_weekday_of_entry() -> None:
    found = traded().desk.review.performance()
    assert [found.by_hour[name].trips for name in found.by_hour] == [1]
    assert list(found.by_weekday) == ["1"]


def test_what_was_kept_wins_over_another_past_of_the_market() -> None:
    bar = PricedBar(0, *[Decimal(1)] * 5)
    other = PricedBar(0, *[Decimal(2)] * 5)
    assert joined({0: bar}, [other, replace(other, start=60)]) == [bar, replace(other, start=60)]


def test_money_paid_in_is_no_profit() -> None:
    stage = traded()
    stage.ask(MoveCash("paper", Decimal(50_000)))
    minutes(stage, 2)
    found = stage.desk.review.performance()
    assert found.equity[-1][1] > 149_000
    assert abs(found.ratios.total_return) < 0.001


def test_a_reset_begins_a_new_curve_and_keeps_the_journal() -> None:
    stage = traded()
    stage.ask(BUY)
    stage.ask(ResetAccount("paper", Decimal(5_000)))
    minutes(stage, 2)
    found = stage.desk.review.performance()
    assert (found.equity[0][1], found.figures.trips, found.open_trips) == (5_000.0, 0, 0)
    assert len(stage.desk.review.round_trips()) == 1


def test_an_open_trip_is_shown_first() -> None:
    stage = traded()
    stage.ask(SELL)
    shown = stage.desk.review.round_trips()
    assert [view.trip.is_closed for view in shown] == [False, True]
    assert shown[0].trip.side is Side.SELL
    assert len(stage.desk.review.round_trips(limit=1)) == 1


def test_the_journal_is_exported() -> None:
    stage = traded()
    assert json.loads(stage.desk.review.export_trips("json"))[0]["net_pl"] == "-1.20"
    assert stage.desk.review.export_trips("csv").startswith(b"id,account_id,symbol")
    assert stage.desk.review.export_trips("parquet")[:4] == b"PAR1"
    assert stage.desk.review.export_trips("xml").message == "format must be one of json, csv, parquet, was xml"
