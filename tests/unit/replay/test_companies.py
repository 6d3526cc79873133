"""Dividends and splits out of a file of bars: read, judged by the prices, and paid on the desk to the cent."""

from datetime import date, datetime, timedelta
from decimal import Decimal

import pytest

from tests.stage import Stage
from tradesim.kernel.errors import Refused
from tradesim.model.commands import SetSpeed, SubmitOrder
from tradesim.model.corporate import Dividend, Split
from tradesim.model.events import CashMoved, OrderCanceled
from tradesim.model.market import Side
from tradesim.model.orders import OrderType, TimeInForce
from tradesim.providers.replay.bars_file import read_bars
from tradesim.providers.replay.source import ReplaySource

HEADINGS = "timestamp,open,high,low,close,adjusted_close,volume,dividend_amount,split_coefficient"
FIRST = date(2026, 1, 5)
SPLIT_DAY, EX_DAY, DAYS = 6, 8, 10


def close(day):
    return 400 + day if day < SPLIT_DAY else 100 + day


def the_file(tmp_path, headings=HEADINGS, price=close, ratio="4.0"):
    rows = [headings]
    for day in range(DAYS):
        at, split, paid = price(day), ratio if day == SPLIT_DAY else "1.0", "0.25" if day == EX_DAY else "0.0"
        rows.append(f"{FIRST + timedelta(days=day)},{at},{at + 1},{at - 1},{at},{at - 3},100000,{paid},{split}")
    path = tmp_path / "ACME.csv"
    path.write_text("\n".join(rows) + "\n")
    return path


def on(day):
    return FIRST + timedelta(days=day)


SPLIT = Split("ACME", on(SPLIT_DAY), Decimal(1), Decimal(4))
DIVIDEND = Dividend("ACME", on(EX_DAY), Decimal("0.25"))


def test_a_table_with_closes_as_paid_tells_both(tmp_path):
    assert read_bars(the_file(tmp_path)).actions == (SPLIT, DIVIDEND)


def test_a_split_that_the_prices_have_already_is_none(tmp_path):
    assert read_bars(the_file(tmp_path, price=lambda day: 100 + day)).actions == (DIVIDEND,)


@pytest.mark.parametrize(
    ("ratio", "fell_to", "terms"), [("0.1", 4_060, (10, 1)), ("1.5", 270, (2, 3)), ("0.333333", 1_215, (3, 1))]
)
def test_a_ratio_is_told_in_whole_shares(tmp_path, ratio, fell_to, terms):
    split, _ = read_bars(the_file(tmp_path, ratio=ratio, price=lambda day: 405 if day < SPLIT_DAY else fell_to)).actions
    assert (split.of, split.to) == terms


def test_without_adjusted_closes_beside_them_dividends_must_be_named(tmp_path):
    path = the_file(tmp_path, HEADINGS.replace("adjusted_close", "trades"))
    assert read_bars(path).actions == (SPLIT,)
    assert read_bars(path, {"dividends": "dividend_amount"}).actions == (SPLIT, DIVIDEND)


def test_less_than_nothing_is_refused_by_its_line(tmp_path):
    with pytest.raises(Refused, match=r"line 8 of ACME\.csv: wanted 0 or more as split_coefficient, found -4"):
        read_bars(the_file(tmp_path, ratio="-4"))


def reached(stage, day, hour=12):
    moment = datetime.fromisoformat(f"{on(day)}T{hour:02}:00:00-05:00")
    stage.pass_ms(int(moment.timestamp() * 1_000) - stage.desk.status().now // 1_000_000)


def test_who_holds_is_paid_and_has_the_new_shares(tmp_path):
    source = ReplaySource([the_file(tmp_path)])
    stage = Stage(source=source)
    stage.ask(SetSpeed(1))
    account = stage.desk.status().account_id
    stage.ask(SubmitOrder(account, "ACME", Side.BUY, qty=Decimal("10.5")))
    reached(stage, SPLIT_DAY - 1, 18)
    assert source.corporate_actions(on(0), on(DAYS)) == [], "a recording announces nothing"
    low = SubmitOrder(account, "ACME", Side.BUY, OrderType.LIMIT, TimeInForce.GTC, Decimal(1), limit_price=Decimal(380))
    waiting, before = stage.ask(low), stage.desk.account().equity
    reached(stage, SPLIT_DAY, 1)
    view = stage.desk.account()
    assert (view.positions[0].position.qty, view.equity, view.last_equity) == (42, before, before)
    assert view.positions[0].mark == Decimal("101.25")
    assert [each.order_id for each in stage.events if isinstance(each, OrderCanceled)] == [waiting.id]
    reached(stage, SPLIT_DAY, 17)
    view = stage.desk.account()
    assert (view.positions[0].mark, view.equity - before) == (106, 42 * (106 - Decimal("101.25")))
    reached(stage, EX_DAY, 1)
    assert [each.amount for each in stage.events if isinstance(each, CashMoved)] == [Decimal("10.50")]
    assert source.corporate_actions(on(0), on(DAYS)) == [SPLIT, DIVIDEND]
    stage.desk._orders.state.check()
