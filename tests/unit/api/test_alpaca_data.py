"""Alpaca's market data over REST: shapes, pages, timeframes and refusals."""

import base64
import random

import pytest

from tests.alpaca_stage import HEADERS, HOLIDAYS, KEY, SECRET, Floor, served
from tests.stage import WITH_FRACTIONS, StillMarket
from tradesim.api.alpaca.data.hours import Hours
from tradesim.api.alpaca.data.plan import Plan
from tradesim.api.alpaca.data.times import frame_of, instant_of, local, moment_of, ns_of, stamp
from tradesim.kernel.clock import NS_PER_SECOND
from tradesim.model.market import SessionState, Side

SPAN = "start=2026-01-05T15:00:00Z&end=2026-01-06T15:00:00Z"
EVERYTHING = ("1Min", "2Min", "7T", "15Min", "1Hour", "4H", "1Day", "1Week", "1Month", "3M", "12Month", "5min")


@pytest.fixture(scope="module")
def floor() -> Floor:
    """Ninety minutes of seeded dealing in a share and a coin."""
    made, rng, price = Floor(source=StillMarket(instruments=WITH_FRACTIONS)), random.Random(5), 23_000
    for _ in range(500):
        price += rng.choice((-1, 0, 1))
        price = min(max(price, 22_995), 23_005)
        made.deal(23_000 if rng.random() < 0.5 else 23_001, rng.randint(1, 40), after_ms=rng.randint(500, 20_000))
        if rng.random() < 0.3:
            made.deal(9_700_050, rng.randint(1, 900), "BTC/USD", after_ms=1, side=Side.SELL)
    return made


@pytest.fixture(scope="module")
def ask(floor):
    client = served(floor).test_client()

    def ask(path, headers=HEADERS):
        answer = client.get(path, headers=headers)
        assert answer.content_type == "application/json"
        return answer.status_code, answer.get_json()

    return ask


def all_pages(ask, path, name):
    """Every row of every page, by symbol, and how many pages it took."""
    rows, token, pages = {}, None, 0
    while pages == 0 or token:
        status, body = ask(path + (f"&page_token={token}" if token else ""))
        assert status == 200, body
        for symbol, found in body[name].items():
            rows.setdefault(symbol, []).extend(found)
        token, pages = body["next_page_token"], pages + 1
    return rows, pages


@pytest.mark.parametrize("name", ["trades", "quotes", "bars"])
@pytest.mark.parametrize("sort", ["asc", "desc"])
def test_pages_of_many_symbols_add_up_to_the_whole(ask, name, sort):
    path = f"/v1beta3/crypto/us/{name}?symbols=BTC/USD,AAPL,NONE&{SPAN}&sort={sort}"
    path += "&timeframe=1Min" if name == "bars" else ""
    whole, single = all_pages(ask, path + "&limit=10000", name)
    paged, pages = all_pages(ask, path + "&limit=7", name)
    assert single == 1 and whole == paged
    rows = sum(map(len, whole.values()))
    assert pages == -(-rows // 7)
    for found in whole.values():
        times = [each["t"] for each in found]
        assert times == sorted(times, reverse=sort == "desc")


def test_a_page_is_never_longer_than_its_limit_in_all(ask):
    for limit in (1, 50, 400):
        _, body = ask(f"/v2/stocks/trades?symbols=AAPL,BTC/USD&{SPAN}&limit={limit}")
        assert sum(map(len, body["trades"].values())) == limit


@pytest.mark.parametrize("frame", EVERYTHING)
def test_every_timeframe_is_joined_from_minutes(ask, frame):
    _, body = ask(f"/v2/stocks/AAPL/bars?timeframe=1Min&{SPAN}&limit=10000")
    minutes = body["bars"]
    _, body = ask(f"/v2/stocks/AAPL/bars?timeframe={frame}&start=2026-01-01&end=2026-01-06&limit=10000")
    bars, whole = body["bars"], frame_of(frame)
    assert sum(bar["v"] for bar in bars) == sum(bar["v"] for bar in minutes)
    assert sum(bar["n"] for bar in bars) == sum(bar["n"] for bar in minutes)
    starts = [bar["t"] for bar in bars]
    for n, bar in enumerate(bars):
        end = starts[n + 1] if n + 1 < len(starts) else "9"
        inside = [each for each in minutes if bar["t"] <= each["t"] < end]
        assert (bar["o"], bar["c"]) == (inside[0]["o"], inside[-1]["c"])
        assert (bar["h"], bar["l"]) == (max(each["h"] for each in inside), min(each["l"] for each in inside))
        value = sum(each["vw"] * each["v"] for each in inside)
        assert bar["vw"] == pytest.approx(value / bar["v"])
        if whole.unit in ("Min", "Hour"):
            begin = local(instant_of(bar["t"]))
            assert (begin.hour * 60 + begin.minute) % whole.minutes == 0
            assert instant_of(inside[-1]["t"]) - instant_of(bar["t"]) < whole.minutes * 60 * NS_PER_SECOND


def test_days_weeks_and_months_begin_where_they_should(ask):
    found = {frame: ask(f"/v2/stocks/AAPL/bars?timeframe={frame}&start=2026-01-01")[1]["bars"] for frame in EVERYTHING}
    assert [found[each][0]["t"] for each in ("1Day", "1Week")] == ["2026-01-05T05:00:00Z"] * 2
    assert [found[each] for each in ("1Month", "3M", "12Month")] == [found["1Month"]] * 3
    _, coin = ask("/v1beta3/crypto/us/bars?symbols=BTC/USD&timeframe=1Day&start=2026-01-01")
    assert coin["bars"]["BTC/USD"][0]["t"] == "2026-01-05T00:00:00Z"


def test_a_minute_that_goes_on_has_no_bar_yet(floor, ask):
    _, body = ask(f"/v2/stocks/AAPL/bars?timeframe=1Min&{SPAN}&sort=desc&limit=1")
    assert instant_of(body["bars"][0]["t"]) + 60 * NS_PER_SECOND <= floor.desk.status().now


def test_start_and_end_are_both_included(ask):
    _, body = ask(f"/v2/stocks/AAPL/trades?{SPAN}&limit=3")
    first, _, third = (each["t"] for each in body["trades"])
    _, body = ask(f"/v2/stocks/AAPL/trades?start={first}&end={third}")
    assert [each["i"] for each in body["trades"]] == [1, 2, 3]


def test_nothing_later_than_the_markets_present_is_shown(floor):
    client = served(floor).test_client()
    now = stamp(floor.desk.status().now)
    for name in ("trades", "quotes", "bars"):
        path = f"/v2/stocks/AAPL/{name}?timeframe=1Min&start=2026-01-05&end=2099-01-01&limit=10000"
        assert all(each["t"] <= now for each in client.get(path, headers=HEADERS).get_json()[name])


def test_the_latest_are_the_last_of_the_past(ask):
    for name in ("trades", "quotes", "bars"):
        timeframe = "&timeframe=1Min" if name == "bars" else ""
        past = ask(f"/v2/stocks/AAPL/{name}?{SPAN}&sort=desc&limit=1{timeframe}")[1][name][0]
        assert ask(f"/v2/stocks/{name}/latest?symbols=AAPL,NONE")[1] == {name: {"AAPL": past}}
        single = ask(f"/v2/stocks/AAPL/{name}/latest")[1]
        assert single == {"symbol": "AAPL", name.removesuffix("s"): past}


def test_snapshots_are_bare_for_shares_and_wrapped_for_coins(ask):
    many = ask("/v2/stocks/snapshots?symbols=AAPL,NONE")[1]
    one = ask("/v2/stocks/AAPL/snapshot")[1]
    assert list(many) == ["AAPL"] and {"symbol": "AAPL", **many["AAPL"]} == one
    assert set(many["AAPL"]) == {"latestTrade", "latestQuote", "minuteBar", "dailyBar", "prevDailyBar"}
    coins = ask("/v1beta3/crypto/us/snapshots?symbols=BTC/USD")[1]
    assert set(coins["snapshots"]["BTC/USD"]["latestQuote"]) == {"t", "bp", "bs", "ap", "as"}


def test_a_symbol_without_data_has_nothing_and_is_no_error(ask):
    assert ask("/v2/stocks/bars?symbols=ZZZ&timeframe=1Min") == (200, {"bars": {}, "next_page_token": None})
    expected = {"bars": [], "symbol": "ZZZ", "next_page_token": None}
    assert ask("/v2/stocks/ZZZ/bars?timeframe=1Min") == (200, expected)


def test_the_order_book_of_a_share_can_be_asked_for(ask):
    status, body = ask("/v1beta3/crypto/us/latest/orderbooks?symbols=AAPL", headers={})
    assert status == 200
    assert body["orderbooks"]["AAPL"]["b"][0]["p"] < body["orderbooks"]["AAPL"]["a"][0]["p"]
    assert len(body["orderbooks"]["AAPL"]["b"]) == 10


def test_sizes_of_quotes_are_round_lots_or_shares(floor):
    client = served(floor, Plan(in_lots=False)).test_client()
    in_shares = client.get("/v2/stocks/AAPL/quotes/latest", headers=HEADERS).get_json()["quote"]
    in_lots = served(floor).test_client().get("/v2/stocks/AAPL/quotes/latest", headers=HEADERS).get_json()["quote"]
    assert in_lots["bs"] == -(-in_shares["bs"] // 100) and in_shares["bs"] > in_lots["bs"]


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("/v2/stocks/bars?timeframe=1Min", "symbols is required"),
        ("/v2/stocks/bars?symbols=AAPL", "timeframe is required"),
        ("/v2/stocks/bars?symbols=AAPL&timeframe=0Min", "invalid timeframe: 0Min"),
        ("/v2/stocks/bars?symbols=AAPL&timeframe=60Min", "invalid timeframe"),
        ("/v2/stocks/bars?symbols=AAPL&timeframe=2Day", "invalid timeframe"),
        ("/v2/stocks/bars?symbols=AAPL&timeframe=5Month", "invalid timeframe"),
        ("/v2/stocks/bars?symbols=AAPL&timeframe=1Min&limit=0", "invalid limit"),
        ("/v2/stocks/bars?symbols=AAPL&timeframe=1Min&limit=10001", "invalid limit"),
        ("/v2/stocks/bars?symbols=AAPL&timeframe=1Min&limit=²", "invalid limit"),
        ("/v2/stocks/bars?symbols=AAPL&timeframe=1Min&sort=up", "invalid sort"),
        ("/v2/stocks/bars?symbols=AAPL&timeframe=1Min&feed=otto", "invalid feed"),
        ("/v2/stocks/bars?symbols=AAPL&timeframe=1Min&adjustment=x", "invalid adjustment"),
        ("/v2/stocks/bars?symbols=AAPL&timeframe=1Min&start=soon", "invalid start"),
        ("/v2/stocks/bars?symbols=AAPL&timeframe=1Min&start=2026-99-01", "invalid start"),
        ("/v2/stocks/bars?symbols=AAPL&timeframe=1Min&start=9999-12-31T23:59:59-12:00", "invalid start"),
        ("/v2/stocks/bars?symbols=AAPL&timeframe=1Min&start=2026-01-06&end=2026-01-05", "end should not"),
        ("/v2/stocks/bars?symbols=AAPL&timeframe=1Min&page_token=%FF", "invalid page_token"),
        ("/v2/stocks/bars?symbols=AA%20PL&timeframe=1Min", "invalid symbol"),
        ("/v1beta3/crypto/moon/latest/quotes?symbols=BTC/USD", "invalid location"),
        ("/v2/stocks/meta/conditions/noise?tape=A", "invalid tick type"),
        ("/v1beta1/screener/bonds/movers", "invalid market type"),
        ("/v2/calendar?start=soon", "invalid start"),
        ("/v3/calendar/MARS", "invalid market"),
        ("/v2/assets?asset_class=art", "invalid asset_class"),
    ],
)  # fmt: skip
def test_what_cannot_be_read_is_named(ask, path, words):
    status, body = ask(path)
    assert status == 400 and set(body) == {"code", "message"} and words in body["message"]


def test_a_token_of_nonsense_is_refused_and_one_of_another_symbol_harmless(ask):
    token = base64.urlsafe_b64encode(b"ZZZ|1|1").decode()
    assert ask(f"/v2/stocks/AAPL/trades?page_token={token}")[1]["trades"] == []
    token = base64.urlsafe_b64encode(b"A|B|C").decode()
    assert ask(f"/v2/stocks/AAPL/trades?page_token={token}")[0] == 400


@pytest.mark.parametrize("headers", [{}, {"APCA-API-KEY-ID": KEY}, {"Authorization": "Bearer no"}])
def test_shares_want_a_key(ask, headers):
    assert ask("/v2/stocks/AAPL/snapshot", headers)[0] == 401
    assert ask("/v2/assets", headers)[1] == {"code": 40110000, "message": "request is not authorized."}


def test_every_way_to_show_a_key_works(ask):
    basic = base64.b64encode(f"{KEY}:{SECRET}".encode()).decode()
    for headers in (HEADERS, {"Authorization": f"Basic {basic}"}, {"Authorization": f"Bearer {SECRET}"}):
        assert ask("/v2/clock", headers)[0] == 200


def test_the_free_plan_does_not_show_recent_consolidated_data(floor):
    client = served(floor, Plan(is_free=True)).test_client()
    for path in ("/v2/stocks/AAPL/trades", "/v2/stocks/AAPL/trades/latest?feed=sip"):
        answer = client.get(path, headers=HEADERS)
        assert answer.status_code == 403
        assert answer.get_json()["message"] == "subscription does not permit querying recent SIP data"
    assert client.get("/v2/stocks/AAPL/trades?feed=iex", headers=HEADERS).status_code == 200
    assert client.get("/v2/stocks/AAPL/trades?start=2026-01-05&end=2026-01-05", headers=HEADERS).status_code == 200


def test_delayed_data_is_a_quarter_of_an_hour_old(floor, ask):
    trade = ask("/v2/stocks/AAPL/trades/latest?feed=delayed_sip")[1]["trade"]
    assert instant_of(trade["t"]) <= floor.desk.status().now - 900 * NS_PER_SECOND


def test_assets_are_found_by_every_name(ask):
    coin = ask("/v2/assets/BTC%2FUSD")[1]
    assert (coin["class"], coin["exchange"], coin["price_increment"]) == ("crypto", "CRYPTO", "0.01")
    for name in ("BTCUSD", "btc/usd", coin["id"]):
        assert ask(f"/v2/assets/{name}")[1] == coin
    assert ask("/v2/assets/NONE") == (404, {"code": 40410000, "message": "asset not found for NONE"})
    assert [each["symbol"] for each in ask("/v2/assets")[1]] == ["AAPL", "F"]
    assert [each["symbol"] for each in ask("/v2/assets?asset_class=crypto&status=active")[1]] == ["BTC/USD"]
    assert ask("/v2/assets?status=inactive")[1] == []


def test_a_market_that_never_closes_says_so_in_a_way_that_can_be_read(ask):
    clock = ask("/v2/clock")[1]
    assert clock["is_open"] and clock["timestamp"].endswith("-05:00") and "T23:59:00" in clock["next_close"]
    days = ask("/v2/calendar?start=2026-01-03&end=2026-01-04")[1]
    assert [(day["open"], day["close"]) for day in days] == [("00:00", "23:59")] * 2


def test_exchange_hours_have_holidays_and_short_days():
    floor = Floor(source=StillMarket(instruments=WITH_FRACTIONS))
    floor.market.session_state = SessionState.CLOSED
    floor.agent(Side.BUY, 22_000, 1)
    floor.agent(Side.BUY, 1_000, 1, "F")
    floor.agent(Side.BUY, 9_000_000, 1, "BTC/USD")
    client = served(floor).test_client()
    path = "/v2/calendar?start=2026-11-25&end=2026-11-28"
    days = client.get(path, headers=HEADERS).get_json()
    assert [(day["date"], day["close"]) for day in days][-1] == ("2026-11-27", "13:00")
    assert (days[0]["session_close"], days[-1]["session_close"]) == ("2000", "1700")
    assert days[0]["session_open"] == "0400" and days[-1]["settlement_date"] == "2026-11-30"
    assert (
        client.get("/v3/calendar/NASDAQ?start=2026-01-19&end=2026-01-19", headers=HEADERS).get_json()["calendar"] == []
    )


@pytest.mark.parametrize(
    ("moment", "phase", "is_open"),
    [
        ("2026-01-05T03:59", "closed", False),
        ("2026-01-05T04:00", "pre", False),
        ("2026-01-05T09:30", "core", True),
        ("2026-01-05T16:00", "post", False),
        ("2026-01-05T20:00", "closed", False),
        ("2026-11-27T13:00", "post", False),
        ("2026-11-27T17:00", "closed", False),
        ("2026-01-19T12:00", "closed", False),
        ("2026-01-18T12:00", "closed", False),
    ],
)
def test_the_clock_knows_what_phase_it_is(moment, phase, is_open):
    hours = Hours(False, lambda: HOLIDAYS)
    now = local(instant_of(moment + ":00-05:00"))
    assert (hours.phase(now).name, hours.is_open(now)) == (phase, is_open)
    assert hours.phase(now).until > now and hours.next_open(now) > now and hours.next_close(now) > now


def test_times_are_read_in_every_way_that_clients_write_them():
    noon = ns_of(local(instant_of("2026-01-05T17:00:00Z")))
    for text in (
        "2026-01-05T17:00:00Z",
        "2026-01-05T12:00:00-05:00",
        "2026-01-05 17:00:00",
        "2026-01-05T17:00:00.0+00:00",
    ):
        assert moment_of(text, "UTC") == noon
    assert instant_of("2026-01-05T17:00:00.123456789Z") == noon + 123_456_789
    assert moment_of("2026-01-05", "America/New_York") == instant_of("2026-01-05T05:00:00Z")
    assert stamp(noon + 5) == "2026-01-05T17:00:00.000000005Z"


def test_what_moved_and_what_there_is_none_of(ask):
    actives = ask("/v1beta1/screener/stocks/most-actives?by=trades&top=1")[1]
    assert actives["most_actives"][0]["symbol"] == "AAPL" and actives["most_actives"][0]["trade_count"] >= 500
    assert ask("/v1beta1/screener/crypto/movers")[1]["market_type"] == "crypto"
    assert ask("/v1beta1/news")[1] == {"news": [], "next_page_token": None}
    assert ask("/v1/corporate-actions?symbols=AAPL")[1] == {"corporate_actions": {}, "next_page_token": None}
    assert ask("/v2/stocks/meta/conditions/trade?tape=A")[1]["@"] == "Regular Sale"
