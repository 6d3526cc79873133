"""Bars from history and tape, in every length."""

import threading
from datetime import UTC, datetime
from decimal import Decimal

import numpy as np
import pytest

from tradesim.marketdata.bars import MINUTES_KEPT, SECONDS_KEPT, BarStore
from tradesim.marketdata.series import Series
from tradesim.model.instrument import AssetClass, Instrument
from tradesim.model.market import Bar, Timeframe, Trade
from tradesim.model.series import Bars, History

INSTRUMENTS = {
    "ACME": Instrument("ACME", "Acme Corporation"),
    "BTC/USD": Instrument("BTC/USD", "Bitcoin", AssetClass.CRYPTO, Decimal("0.01"), Decimal("0.0001")),
}
SECOND = 1_000_000_000
MINUTE = 60 * SECOND
HOUR = 60 * MINUTE


def at(text: str) -> int:
    moment = datetime.fromisoformat(text)
    return int(moment.replace(tzinfo=moment.tzinfo or UTC).timestamp()) * SECOND


def store_of(*prints: tuple[int, int, int], symbol: str = "ACME") -> BarStore:
    store = BarStore(INSTRUMENTS)
    for time, price, qty in prints:
        store.add(Trade(symbol, 0, price, qty, None, time))
    return store


def rows(bars: Bars) -> list[tuple[int, ...]]:
    return [tuple(int(value) for value in row) for row in zip(*bars.columns(), strict=True)]


def bars_of(*entries: tuple[int, int, int, int, int, int]) -> Bars:
    return Bars(*(np.array(column, np.int64) for column in zip(*entries, strict=True)))


NOON = at("2024-03-05T17:00:00")


def test_one_trade_is_a_bar_of_every_length():
    store = store_of((NOON + 7, 1000, 5))
    for timeframe in Timeframe:
        (bar,) = rows(store.bars("ACME", timeframe))
        assert bar[1:] == (1000, 1000, 1000, 1000, 5)


def test_a_bar_opens_with_its_first_and_closes_with_its_last_trade():
    store = store_of((NOON, 1000, 1), (NOON + 1, 1010, 2), (NOON + 2, 990, 3), (NOON + 3, 1005, 4))
    assert rows(store.bars("ACME", Timeframe.S1)) == [(NOON, 1000, 1010, 990, 1005, 10)]


def test_a_bar_in_which_nothing_traded_does_not_exist():
    store = store_of((NOON, 1000, 1), (NOON + 5 * MINUTE, 1001, 1))
    assert [row[0] for row in rows(store.bars("ACME", Timeframe.M1))] == [NOON, NOON + 5 * MINUTE]


def test_an_unknown_past_is_empty():
    store = store_of()
    assert len(store.bars("ACME", Timeframe.M1)) == 0
    assert store.forming("ACME", Timeframe.M5) is None
    assert store.day("ACME") is None
    assert store.last_close("ACME") is None


def test_a_late_print_goes_to_its_own_bar_and_moves_no_open_or_close():
    store = store_of((NOON, 1000, 1), (NOON + SECOND, 1001, 1), (NOON + 2 * SECOND, 1002, 1))
    store.add(Trade("ACME", 0, 1050, 7, None, NOON + SECOND))
    assert rows(store.bars("ACME", Timeframe.S1))[1] == (NOON + SECOND, 1001, 1050, 1001, 1001, 8)
    assert rows(store.bars("ACME", Timeframe.M1)) == [(NOON, 1000, 1050, 1000, 1002, 10)]
    assert store.last_close("ACME") == 1002


def test_a_late_print_of_an_empty_second_makes_that_second():
    store = store_of((NOON, 1000, 1), (NOON + 9 * SECOND, 1001, 1))
    store.add(Trade("ACME", 0, 900, 2, None, NOON + 4 * SECOND))
    assert [row[:2] for row in rows(store.bars("ACME", Timeframe.S1))] == [
        (NOON, 1000),
        (NOON + 4 * SECOND, 900),
        (NOON + 9 * SECOND, 1001),
    ]


def test_four_hour_bars_are_anchored_on_new_yorks_midnight():
    store = store_of((at("2024-01-10T05:30:00"), 10, 1), (at("2024-01-10T09:00:00"), 11, 1))
    assert [row[0] for row in rows(store.bars("ACME", Timeframe.H4))] == [
        at("2024-01-10T00:00:00-05:00"),
        at("2024-01-10T04:00:00-05:00"),
    ]


@pytest.mark.parametrize(
    ("day", "hours"), [("2024-03-10", 23), ("2024-11-03", 25), ("2024-06-03", 24)], ids=["spring", "autumn", "plain"]
)
def test_a_day_on_which_clocks_change_has_its_own_length(day: str, hours: int):
    offset = {"2024-03-10": "-05:00", "2024-11-03": "-04:00", "2024-06-03": "-04:00"}[day]
    midnight = at(f"{day}T00:00:00{offset}")
    store = store_of(*((midnight + hour * HOUR, 100 + hour, 1) for hour in range(hours + 1)))
    first, second = rows(store.bars("ACME", Timeframe.D1))
    assert first == (midnight, 100, 100 + hours - 1, 100, 100 + hours - 1, hours)
    assert second[0] == midnight + hours * HOUR


def test_four_hour_bars_follow_the_clocks_on_the_day_they_change():
    midnight = at("2024-03-10T00:00:00-05:00")
    store = store_of(*((midnight + hour * HOUR, 100 + hour, 1) for hour in range(23)))
    starts = [row[0] for row in rows(store.bars("ACME", Timeframe.H4))]
    assert starts == [midnight] + [at(f"2024-03-10T{hour:02}:00:00-04:00") for hour in (4, 8, 12, 16, 20)]


def test_a_crypto_day_begins_at_midnight_utc():
    store = store_of((at("2024-01-10T23:59:59"), 10, 1), (at("2024-01-11T00:00:00"), 11, 1), symbol="BTC/USD")
    assert [row[0] for row in rows(store.bars("BTC/USD", Timeframe.D1))] == [at("2024-01-10"), at("2024-01-11")]


def test_before_gives_the_page_of_bars_that_comes_earlier():
    store = store_of(*((NOON + minute * MINUTE, 1000 + minute, 1) for minute in range(60)))
    page = store.bars("ACME", Timeframe.M5, limit=3, before=NOON + 30 * MINUTE)
    assert [row[0] for row in rows(page)] == [NOON + minute * MINUTE for minute in (15, 20, 25)]
    assert all(row[5] == 5 for row in rows(page))


def test_before_inside_a_bar_gives_that_bar_whole():
    store = store_of(*((NOON + minute * MINUTE, 1000, 1) for minute in range(60)))
    last = rows(store.bars("ACME", Timeframe.M5, before=NOON + 32 * MINUTE))[-1]
    assert (last[0], last[5]) == (NOON + 30 * MINUTE, 5)


def test_limit_keeps_the_latest():
    store = store_of(*((NOON + minute * MINUTE, 1000 + minute, 1) for minute in range(60)))
    assert [row[4] for row in rows(store.bars("ACME", Timeframe.M15, limit=2))] == [1044, 1059]


def test_history_and_tape_are_one_series():
    yesterday = at("2024-03-04T00:00:00-05:00")
    history = History(
        seconds=bars_of((NOON - SECOND, 995, 996, 994, 995, 3)),
        minutes=bars_of((NOON - 2 * MINUTE, 990, 999, 985, 991, 50), (NOON - MINUTE, 991, 996, 990, 995, 30)),
        days=bars_of((yesterday, 900, 1000, 880, 980, 1_000)),
    )
    store = BarStore(INSTRUMENTS)
    store.load("ACME", history)
    store.add(Trade("ACME", 1, 1001, 2, None, NOON))
    assert [row[4] for row in rows(store.bars("ACME", Timeframe.M1))] == [991, 995, 1001]
    assert [row[4] for row in rows(store.bars("ACME", Timeframe.S1))] == [995, 1001]
    day = store.day("ACME")
    assert day is not None
    assert (day.open, day.high, day.low, day.close, day.volume, day.prev_close) == (990, 1001, 985, 1001, 82, 980)


def test_seconds_alone_are_enough_of_a_history():
    store = BarStore(INSTRUMENTS)
    store.load("ACME", History(bars_of((NOON, 10, 12, 9, 11, 5)), Bars.empty(), Bars.empty()))
    assert store.forming("ACME", Timeframe.M1) == Bar(NOON, 10, 12, 9, 11, 5)
    assert len(store.bars("ACME", Timeframe.D1)) == 1


def test_loading_again_forgets_what_was_known():
    store = store_of((NOON, 1000, 1))
    store.load("ACME", History(Bars.empty(), Bars.empty(), Bars.empty()))
    assert store.day("ACME") is None


def test_a_new_day_without_a_trade_has_only_a_previous_close():
    store = store_of((NOON, 1000, 1))
    day = store.day("ACME", NOON + 24 * HOUR)
    assert day is not None
    assert (day.start, day.open, day.volume, day.prev_close) == (at("2024-03-06T00:00:00-05:00"), None, 0, 1000)
    same = store.day("ACME", NOON + HOUR)
    assert same is not None
    assert same.open == 1000


@pytest.mark.parametrize("timeframe", list(Timeframe))
def test_the_forming_bar_is_the_last_of_the_bars(timeframe: Timeframe):
    store = store_of(*((NOON + 7 * step * SECOND, 1000 + (step * 37) % 91, step) for step in range(500)))
    assert store.forming("ACME", timeframe) == Bar(*rows(store.bars("ACME", timeframe))[-1])


def test_a_price_beyond_32_bits_is_kept():
    large = 2**40
    store = store_of((NOON, 100, 1), (NOON + SECOND, large, 1), (NOON + 2 * SECOND, 101, 1))
    store.add(Trade("ACME", 0, large + 1, 1, None, NOON))
    assert [row[2] for row in rows(store.bars("ACME", Timeframe.S1))] == [large + 1, large, 101]


def test_what_is_kept_is_bounded_and_cut_at_a_boundary():
    series = Series(Bars.empty(), 100, lambda time: -(-time // 10) * 10)
    for start in range(1_000):
        series.add(start, start, 1)
    kept = rows(series.bars(10_000))
    assert 91 <= len(kept) <= 165
    assert kept[0][0] % 10 == 0
    assert kept[-1][0] == 999


def test_a_print_older_than_what_is_kept_is_let_go():
    series = Series(Bars.empty(), 100, lambda time: time)
    for start in range(1_000):
        series.add(start, start, 1)
    kept = len(series)
    series.add(3, 5, 1)
    assert len(series) == kept


def test_fourteen_symbols_that_never_sleep_weigh_less_than_40_megabytes():
    per_minute = MINUTES_KEPT + MINUTES_KEPT // 16
    per_second = SECONDS_KEPT + SECONDS_KEPT // 16
    series = [Series(bars_of(*((n, 1, 1, 1, 1, 1) for n in range(keep))), keep, lambda time: time) for keep in (500,)]
    columns = series[0].state[0]
    per_bar = (columns.start.nbytes + columns.prices.nbytes + columns.volume.nbytes) / columns.capacity
    assert 14 * (per_minute + per_second + 4_000) * per_bar < 40e6


def test_readers_never_see_a_bar_twice_or_out_of_order_while_one_writes():
    store, faults, done = BarStore(INSTRUMENTS), [], threading.Event()

    def read() -> None:
        while not done.is_set():
            starts = store.bars("ACME", Timeframe.S1, limit=50).start
            if len(starts) > 1 and not (np.diff(starts) > 0).all():
                faults.append(starts)

    readers = [threading.Thread(target=read) for _ in range(2)]
    for reader in readers:
        reader.start()
    for step in range(20_000):
        store.add(Trade("ACME", step, 1000, 1, None, NOON + step * SECOND // 2))
    done.set()
    for reader in readers:
        reader.join(60)
    assert not faults
