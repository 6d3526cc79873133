"""What the account was worth follows from all that moved its money and shares, however long ago."""

from decimal import Decimal

import pytest
import requests

from tests.conformance.house import still_house
from tradesim.model.commands import MoveCash, SubmitOrder
from tradesim.model.events import PositionSplit
from tradesim.model.market import Side
from tradesim.model.orders import Order

MINUTE_MS = 60_000
ROUND_TRIPS = 260
"""More fills than the ledger keeps in memory."""


@pytest.fixture
def house():
    with still_house() as served:
        yield served


def history(house, **query):
    answer = requests.get(
        f"{house.url}/v2/account/portfolio/history",
        {"period": "1D", "timeframe": "1Min", "cashflow_types": "ALL", **query},
        auth=(house.api_key, house.secret),
        timeout=60,
    )
    assert answer.status_code == 200, answer.text
    return answer.json()


def trade(house, side, qty):
    account = house.desk.account().account.id
    assert isinstance(house.desk.submit(SubmitOrder(account, "AAPL", side, qty=Decimal(qty))), Order)


def test_a_deposit_of_long_ago_is_no_profit_of_before(house):
    account = house.desk.account().account.id
    house.pass_ms(5.5 * MINUTE_MS)
    house.desk.submit(MoveCash(account, Decimal(1_000)))
    house.pass_ms(MINUTE_MS)
    for number in range(ROUND_TRIPS):
        if number % 50 == 0:
            house.refill()
            house.pass_ms(10_000)
        trade(house, Side.BUY, 1)
        trade(house, Side.SELL, 1)
    house.pass_ms(MINUTE_MS)
    found = history(house)
    assert found["base_value"] == found["equity"][0] == 100_000
    assert found["equity"][5] == 101_000
    lost = round(-0.02 * ROUND_TRIPS, 2)
    assert (found["equity"][-1], found["profit_loss"][-1]) == (101_000 + lost, lost)
    assert found["cashflow"] == {"CSD": [0.0] * 5 + [1_000.0] + [0.0] * (len(found["equity"]) - 6)}


def test_what_came_in_before_the_span_is_not_shown_in_it(house):
    house.desk.submit(MoveCash(house.desk.account().account.id, Decimal(1_000)))
    house.pass_ms(5 * MINUTE_MS)
    start = (house.clock.now() // 10**9) - 120
    assert history(house, start=start, period="")["cashflow"] == {}


def test_shares_that_came_of_a_split_were_not_held_before(house):
    account = house.desk.account().account.id
    house.pass_ms(2 * MINUTE_MS)
    trade(house, Side.BUY, 10)
    house.pass_ms(2 * MINUTE_MS)
    split = PositionSplit("s1", account, "AAPL", Decimal(2), Decimal(20), Decimal("1.5"), house.clock.now())
    house.desk._thread.ask(lambda: house.desk._orders.record(split))
    trade(house, Side.SELL, 5)
    house.pass_ms(2 * MINUTE_MS)
    found = history(house)
    assert found["base_value"] == found["equity"][0] == 100_000
    assert found["equity"][2] == pytest.approx(100_000, abs=1)
    assert sum(found["cashflow"]["SPLIT"]) == 1.5
