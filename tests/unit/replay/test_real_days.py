"""Real recorded days: NASDAQ, 2012-06-21, order by order; bars of several vendors."""

import os
import random
from pathlib import Path

import pytest

from tradesim.marketdata.bars import BarStore
from tradesim.model.market import Side, Timeframe, Trade
from tradesim.model.orders import OrderType, TimeInForce
from tradesim.model.venue import Execution, VenueOrder
from tradesim.providers.replay.bars_file import read_bars
from tradesim.providers.replay.command import main
from tradesim.providers.replay.source import ReplaySource

DATA = Path(os.environ.get("TRADESIM_TEST_DATA", Path(__file__).parents[4] / "shared" / "data")) / "market"
ORDERS = DATA / "lobster"
AMZN = ORDERS / "LOBSTER_SampleFile_AMZN_2012-06-21_5.zip"
AAPL = ORDERS / "LOBSTER_SampleFile_AAPL_2012-06-21_1.zip"
DEEP_AAPL = ORDERS / "AAPL_2012-06-21_34200000_37800000_message_50.csv.xz"
SEED_AAPL = ORDERS / "AAPL_first998_orderbook_10.csv.gz"
HOUR = 3_600 * 1_000_000_000

pytestmark = pytest.mark.skipif(
    not (DATA.is_dir() and ORDERS.is_dir()), reason="the market data for tests (TRADESIM_TEST_DATA) is not here"
)


@pytest.mark.parametrize(
    ("arguments", "last"),
    [
        ([AMZN, "--levels", "5"], "matched 155934 of 155934 rows (100.000 %)"),
        ([AAPL, "--levels", "1"], "matched 118496 of 118496 rows (100.000 %)"),
        ([DEEP_AAPL, AAPL, "--messages-only", "--seed-book", SEED_AAPL], "matched 25623 of 25641 rows (99.930 %)"),
        ([ORDERS / "AAPL_first998_message_10.csv.gz", SEED_AAPL], "matched 998 of 998 rows (100.000 %)"),
    ],
    ids=["AMZN 5", "AAPL 1", "AAPL 50 messages only", "AAPL 10"],
)
def test_a_real_book_is_rebuilt(capsys: pytest.CaptureFixture[str], arguments: list[object], last: str):
    assert main(["book", *(str(each) for each in arguments)]) == 0
    assert capsys.readouterr().out.strip().splitlines()[-1] == last


def test_the_amzn_day_plays_as_recorded_and_bars_follow():
    source = ReplaySource([AMZN])
    feed = source._feeds["AMZN"]
    store, rng, trades = BarStore(source.instruments), random.Random(1), 0
    assert source.end is not None
    store.load("AMZN", source.history("AMZN"))
    source.venue.drain()
    moments = sorted(rng.randrange(source.start, source.end) for _ in range(200))
    for moment in [*moments, source.end]:
        source.advance(moment)
        for each in source.venue.drain().items:
            if isinstance(each, Trade):
                store.add(each)
                trades += 1
        top = source.venue.top("AMZN", 5)
        assert ([level[:2] for level in top.bids], [level[:2] for level in top.asks]) == feed._book.row(
            feed.position - 1
        )
    assert trades == 8_974 + 2_445 - 1, "all but the first row, which is the past when the tape begins"
    at_end = source.history("AMZN")
    for timeframe, wanted in ((Timeframe.M1, at_end.minutes), (Timeframe.D1, at_end.days)):
        found = store.bars("AMZN", timeframe)
        assert [column.tolist() for column in found.columns()] == [column.tolist() for column in wanted.columns()]


def test_an_order_of_ours_is_filled_in_the_amzn_day_only_after_its_queue():
    source = ReplaySource([AMZN])
    source.seek(source.start + HOUR)
    best = source.venue.top("AMZN", 1).bids[0]
    order = VenueOrder("1", "me", "AMZN", Side.BUY, OrderType.LIMIT, TimeInForce.DAY, 100, best.price)
    source.venue.submit(order, source.start + HOUR)
    source.venue.drain()
    executions: list[Execution] = []
    while sum(each.qty for each in executions) < 100 and (due := source.next_due()) is not None:
        source.advance(due)
        source.venue.check()
        executions += [each for each in source.venue.drain().items if isinstance(each, Execution)]
    assert sum(each.qty for each in executions) == 100
    assert {each.price for each in executions} == {best.price}
    assert executions[0].reason.ahead_at_entry == best.qty


@pytest.mark.parametrize(
    ("name", "symbol", "tick", "minutes", "rows"),
    [
        ("ETH_BTC-5m.feather", "ETH/BTC", "0.00000001", 5, 5_760),
        ("XRP_ETH-1m.feather", "XRP/ETH", "0.00000001", 1, 2_469),
        ("EURUSD_h1.csv.gz", "EUR/USD", "0.00001", 60, 5_000),
        ("GOOG_daily_2004_2013.csv.gz", "GOOG", "0.01", 1_440, 2_148),
        ("SP500_NOV2019_IDay.csv.gz", "SP500", "0.01", 1, 1_563),
        ("gbpusd-m1-bid-2012.csv.xz", "GBP/USD", "0.00001", 1, 30_117),
    ],
)
def test_bars_of_real_vendors_are_recognised_and_play_to_themselves(
    name: str, symbol: str, tick: str, minutes: int, rows: int
):
    recorded = read_bars(DATA / "bars" / name)
    assert recorded.instrument.symbol == symbol
    assert f"{recorded.instrument.tick_size:f}" == tick
    assert recorded.length == minutes * 60 * 1_000_000_000
    assert len(recorded.bars) == rows
    source = ReplaySource([DATA / "bars" / name])
    assert source.end is not None
    source.seek(source.end)
    timeframe = {1: Timeframe.M1, 5: Timeframe.M5, 60: Timeframe.H1, 1_440: Timeframe.D1}[minutes]
    store = BarStore(source.instruments)
    store.load(symbol, source.history(symbol))
    found = store.bars(symbol, timeframe, limit=rows)
    wanted = recorded.bars[-len(found) :]
    assert [column.tolist() for column in found.columns()] == [column.tolist() for column in wanted.columns()]
    assert len(found) > 400
