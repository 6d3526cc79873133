"""Splits and dividends in Alpaca's words, bars adjusted for them, and auctions while they are called."""

from datetime import date
from decimal import Decimal

import numpy as np
import pytest

from tests.alpaca_stage import HEADERS, Floor, served
from tests.stage import START, StillMarket
from tradesim.api.alpaca.data.pump import Pump
from tradesim.kernel.clock import NS_PER_SECOND
from tradesim.model.corporate import Dividend, Split
from tradesim.model.market import Auction, Side
from tradesim.model.series import Bars, History

DAY_NS = 86_400 * NS_PER_SECOND
MIDNIGHT = START - 10 * 3_600 * NS_PER_SECOND
CALENDAR = (
    Dividend("AAPL", date(2025, 12, 31), Decimal("2.30")),
    Split("AAPL", date(2026, 1, 3), Decimal(1), Decimal(4)),
    Dividend("AAPL", date(2026, 2, 2), Decimal("2.30")),
)


class Companies(StillMarket):
    """Eight days of a share at 230.00, and what its company did."""

    def history(self, symbol):
        if symbol != "AAPL":
            return super().history(symbol)
        starts = np.array([MIDNIGHT - back * DAY_NS for back in range(8, 0, -1)], np.int64)
        flat, volume = np.full(8, 23_000, np.int64), np.full(8, 1_000, np.int64)
        return History(Bars.empty(), Bars.empty(), Bars(starts, flat, flat, flat, flat, volume))

    split_adjusted_until = None

    def corporate_actions(self, after, until):
        return [each for each in CALENDAR if after < each.day <= until]


@pytest.fixture
def ask():
    client = served(Floor(source=Companies(START))).test_client()

    def asked(path):
        answer = client.get(path, headers=HEADERS)
        return answer.status_code, answer.get_json()

    return asked


def test_what_companies_did_is_listed_by_kind_and_page(ask):
    span = "symbols=AAPL&start=2025-12-01&end=2026-12-31"
    found = ask(f"/v1/corporate-actions?{span}")[1]
    assert found["next_page_token"] is None
    dividends, splits = (found["corporate_actions"][name] for name in ("cash_dividends", "forward_splits"))
    assert [(row["ex_date"], row["rate"]) for row in dividends] == [("2025-12-31", 2.3), ("2026-02-02", 2.3)]
    assert [(row["old_rate"], row["new_rate"], row["symbol"]) for row in splits] == [(1, 4, "AAPL")]
    first = ask(f"/v1/corporate-actions?{span}&limit=2&sort=desc")[1]
    assert [len(rows) for rows in first["corporate_actions"].values()] == [1, 1]
    rest = ask(f"/v1/corporate-actions?{span}&limit=2&sort=desc&page_token={first['next_page_token']}")[1]
    assert rest["corporate_actions"]["cash_dividends"][0]["ex_date"] == "2025-12-31"
    assert ask(f"/v1/corporate-actions?{span}&types=reverse_split")[1]["corporate_actions"] == {}
    assert ask("/v1/corporate-actions?symbols=AAPL")[1]["corporate_actions"] == {}


@pytest.mark.parametrize("wrong", ["types=gift", "limit=0", "page_token=x", "start=2026-02-01&end=2026-01-01"])
def test_what_cannot_be_asked_is_refused(ask, wrong):
    assert ask(f"/v1/corporate-actions?{wrong}")[0] == 400


def test_past_bars_are_adjusted_for_what_is_asked(ask):
    def closes(adjustment):
        path = f"/v2/stocks/AAPL/bars?timeframe=1Day&start=2025-12-20&adjustment={adjustment}"
        rows = ask(path)[1]["bars"]
        return [(row["t"][:10], row["c"], row["v"]) for row in rows]

    assert {row[1:] for row in closes("raw")} == {(230, 1_000)}
    by_day = {day: (close, volume) for day, close, volume in closes("split")}
    assert (by_day["2026-01-02"], by_day["2026-01-03"]) == ((57.5, 4_000), (230, 1_000))
    by_day = {day: close for day, close, _ in closes("dividend")}
    assert (by_day["2025-12-30"], by_day["2025-12-31"]) == (227.7, 230)
    by_day = {day: close for day, close, _ in closes("all")}
    assert (by_day["2025-12-30"], by_day["2026-01-02"], by_day["2026-01-04"]) == (56.925, 57.5, 230)
    assert closes("spin-off") == closes("raw") and closes("split,dividend") == closes("all")


def test_the_price_of_a_called_auction_is_told_as_it_changes():
    floor = Floor()
    pump = Pump(floor.desk, as_coins=False)
    pump.follow([{"imbalances": frozenset({"AAPL"})}])
    venue = floor.market.venue
    venue.call_auction("AAPL", Auction.CLOSE, floor.clock.now())
    told = []
    for price in (23_000, 23_010):
        for side in (Side.BUY, Side.SELL):
            venue.agent_auction("AAPL", "~n", side, price, 3_000, floor.clock.now())
        floor.pass_ms(6_000)
        told += pump.collect()
    assert [type(each.body).__name__ for each in told] == ["ImbalanceSaid"] * len(told)
    assert told and {each.symbol for each in told} == {"AAPL"} and told[0].body.p > 229
