"""Pages of activities: only what is shown is rendered, and a page follows from the last one's end."""

from decimal import Decimal

import pytest
import requests

from tests.conformance.house import still_house
from tradesim.api.alpaca import activities
from tradesim.model.commands import MoveCash, ResetAccount, SubmitOrder
from tradesim.model.market import Side
from tradesim.model.orders import Order


@pytest.fixture
def house():
    with still_house(fee=lambda *_: Decimal("0.01")) as served:
        account = served.desk.account().account.id
        for qty in range(1, 16):
            served.pass_ms(1)
            for side in (Side.BUY, Side.SELL):
                order = SubmitOrder(account, "AAPL", side, qty=Decimal(qty))
                assert isinstance(served.desk.submit(order), Order)
        yield served


def page(house, **query):
    answer = requests.get(f"{house.url}/v2/account/activities", query, auth=(house.api_key, house.secret), timeout=60)
    return answer.json() if answer.status_code == 200 else answer.status_code


def test_a_page_renders_no_more_than_it_shows(house, monkeypatch):
    rendered, fee_name = [], activities.fee_name
    monkeypatch.setattr(activities, "fee_name", lambda fill: rendered.append(fill) or fee_name(fill))
    first = page(house, page_size=6)
    assert len(first) == 6 and len(rendered) == sum(each["activity_type"] == "FEE" for each in first)


@pytest.mark.parametrize("direction", ["asc", "desc"])
def test_a_page_looks_at_no_more_than_it_shows_wherever_it_begins(house, monkeypatch, direction):
    looked_at, fill_activity = [], activities.fill_activity
    monkeypatch.setattr(activities, "fill_activity", lambda each: looked_at.append(each) or fill_activity(each))
    token = {}
    for _ in range(5):
        looked_at.clear()
        token = {"page_token": page(house, direction=direction, page_size=4, **token)[-1]["id"]}
        assert len(looked_at) <= 4 + 2, "two fills share a millisecond with the token"


def test_what_moved_without_a_fill_stands_between_the_fills_and_is_gone_after_a_reset(house):
    account = house.desk.account().account.id
    assert [each["activity_type"] for each in page(house, activity_types="CSD,CSW")] == []
    for amount in (500, -200):
        house.pass_ms(1)
        house.desk.submit(MoveCash(account, Decimal(amount)))
    house.pass_ms(1)
    house.desk.submit(SubmitOrder(account, "AAPL", Side.BUY, qty=Decimal(1)))
    newest = [each["activity_type"] for each in page(house, page_size=4)]
    assert newest == ["FEE", "FILL", "CSW", "CSD"]
    assert [each["activity_type"] for each in page(house, direction="asc")][-4:] == newest[::-1]
    house.pass_ms(1)
    house.desk.submit(ResetAccount(account, Decimal(1_000)))
    house.pass_ms(1)
    house.desk.submit(MoveCash(account, Decimal(7)))
    assert [each["net_amount"] for each in page(house)] == ["7"]


@pytest.mark.parametrize("direction", ["asc", "desc"])
def test_pages_are_the_whole(house, direction):
    whole, paged, token = page(house, direction=direction), [], {}
    while found := page(house, direction=direction, page_size=7, **token):
        paged, token = paged + found, {"page_token": found[-1]["id"]}
    assert paged == whole and len({each["id"] for each in whole}) == len(whole)


@pytest.mark.parametrize(
    "token", ["x", "::", "20260105150000000::x", "99999999999999999::x", "２０２６0105150000000::x"]
)
def test_a_page_of_nothing_is_refused(house, token):
    assert page(house, page_token=token) == 422
