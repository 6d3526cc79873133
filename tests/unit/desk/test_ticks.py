"""Prints, touches and minutes as they are kept for those who ask later."""

import pytest

from tests.stage import Stage
from tradesim.desk.ticks import NS_PER_MINUTE, ROWS_OF_BLOCK, Ring, SymbolTicks
from tradesim.model.market import BookTop, Level, Side, Trade


def a_print(ts: int, price: int = 100, qty: int = 2, trade_id: int = 1, side: Side | None = Side.BUY) -> Trade:
    return Trade("AAPL", trade_id, price, qty, side, ts)


@pytest.mark.parametrize("rows", [0, 1, ROWS_OF_BLOCK, 3 * ROWS_OF_BLOCK + 7, 9 * ROWS_OF_BLOCK])
def test_a_ring_gives_every_row_from_a_number_on_as_far_as_it_is_kept(rows: int) -> None:
    ring = Ring(4 * ROWS_OF_BLOCK)
    for n in range(rows):
        ring.append((n, n, n, n, n))
    assert ring.end == 0
    ring.publish()
    assert ring.end == rows
    for number in (0, 1, rows // 2, max(0, rows - 1), rows, rows + 5):
        first, found = ring.since(number)
        assert first >= number
        assert found[:, 0].tolist() == list(range(first, rows))
    assert rows == 0 or len(ring.since(0)[1]) >= min(rows, 4 * ROWS_OF_BLOCK)


def test_a_touch_is_remembered_only_when_it_changed() -> None:
    ticks, top = SymbolTicks(), BookTop((Level(99, 5),), (Level(101, 7),))
    for now in (1, 2, 3):
        ticks.show(top, now)
    ticks.show(BookTop((), (Level(101, 7),)), 4)
    assert ticks.quotes.since(0)[1].tolist() == [[1, 99, 5, 101, 7], [4, 0, 0, 101, 7]]
    assert ticks.since == 1


def test_minutes_count_their_trades_and_a_late_print_finds_its_own() -> None:
    ticks = SymbolTicks()
    for ts in (5, NS_PER_MINUTE + 1, 3 * NS_PER_MINUTE, NS_PER_MINUTE + 9, 2 * NS_PER_MINUTE):
        ticks.print(a_print(ts))
    minutes = ticks.minutes()
    assert (minutes.start // NS_PER_MINUTE).tolist() == [0, 1, 2, 3]
    assert minutes.trades.tolist() == [1, 2, 1, 1]
    assert minutes.value.tolist() == [200.0, 400.0, 200.0, 200.0]


def test_the_desk_keeps_what_is_printed_and_shown() -> None:
    stage = Stage()
    before = stage.desk.ticks("AAPL")
    assert before is not None
    stage.agent(Side.BUY, 23_001, 40)
    assert before.trades.since(0)[1][:, 1:3].tolist() == [[23_001, 40]]
    assert before.quotes.last().tolist()[1:] == [22_999, 100, 23_001, 60]
    assert stage.desk.ticks("NONE") is None


def test_the_last_trade_is_none_that_never_was() -> None:
    ticks, top = SymbolTicks(), BookTop((), ())
    first, second, third = (a_print(ts, price=100 + ts, trade_id=ts) for ts in (1, 2, 3))
    for each in (first, second, third):
        ticks.print(each)
    ticks.show(top, 3)
    ticks.void(third, [])
    assert ticks.last_trade(9).tolist()[:3] == [2, 102, 2]
    ticks.void(second, [a_print(2, price=90, qty=5, trade_id=2)])
    assert ticks.last_trade(9).tolist()[:3] == [2, 90, 5]
    assert ticks.last_trade(1).tolist()[:2] == [1, 101]
    ticks.void(second, [])
    ticks.void(first, [])
    assert ticks.last_trade(9) is None
