import pytest

from tests.fakes import a_fill, an_order, dec
from tradesim.model.accounts import Position
from tradesim.model.market import Side
from tradesim.trading.positions import apply_fill

BUY, SELL = Side.BUY, Side.SELL


def after(*fills):
    position = Position("paper", "AAPL")
    for side, qty, price in fills:
        position = apply_fill(position, a_fill(an_order(side=side), qty, price))
    return position.qty, position.avg_entry_price, position.realized_pl


@pytest.mark.parametrize(
    ("fills", "expected"),
    [
        ([(BUY, 10, 100)], (10, 100, 0)),
        ([(BUY, 10, 100), (BUY, 30, 104)], (40, 103, 0)),
        ([(BUY, 10, 100), (SELL, 4, 105)], (6, 100, 20)),
        ([(BUY, 10, 100), (SELL, 10, 99)], (0, 0, -10)),
        ([(BUY, 10, 100), (SELL, 25, 110)], (-15, 110, 100)),
        ([(SELL, 10, 100)], (-10, 100, 0)),
        ([(SELL, 10, 100), (SELL, 10, 110)], (-20, 105, 0)),
        ([(SELL, 10, 100), (BUY, 4, 90)], (-6, 100, 40)),
        ([(SELL, 10, 100), (BUY, 15, 101)], (5, 101, -10)),
        ([(BUY, "0.0001", "64000.01"), (SELL, "0.0001", "64001.01")], (0, 0, dec("0.0001"))),
    ],
    ids=["long", "add", "reduce", "close", "flip short", "short", "add short", "cover", "flip long", "crypto"],
)
def test_what_fills_do_to_a_position(fills, expected):
    assert after(*fills) == expected
