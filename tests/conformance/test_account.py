"""Account, keys, headers and addresses, by alpaca-py: 1-5, 8-14, 53-57 of the list."""

from decimal import Decimal

import pytest
import requests
from alpaca.trading.client import TradingClient
from alpaca.trading.requests import CreateWatchlistRequest, GetPortfolioHistoryRequest, UpdateWatchlistRequest

from tests.conformance.house import still_house
from tests.conformance.orders import SELL, limit, market, refused

NUMBERS = [
    "buying_power",
    "regt_buying_power",
    "daytrading_buying_power",
    "non_marginable_buying_power",
    "cash",
    "portfolio_value",
    "equity",
    "last_equity",
    "long_market_value",
    "short_market_value",
    "initial_margin",
    "maintenance_margin",
    "last_maintenance_margin",
    "sma",
    "multiplier",
    "accrued_fees",
    "effective_buying_power",
    "position_market_value",
    "bod_dtbp",
    "options_buying_power",
]


def test_every_amount_of_the_account_is_a_string(house, client):
    """1"""
    raw = client.get("/account")
    assert [name for name in NUMBERS if not isinstance(raw[name], str)] == []
    assert all(float(raw[name]) >= 0 for name in NUMBERS)
    shown = client.get_account()
    assert (shown.cash, shown.equity, shown.buying_power, shown.status.value) == (
        "100000",
        "100000",
        "200000",
        "ACTIVE",
    )


@pytest.mark.parametrize("wrong", [{"key": "PKNOBODY"}, {"secret": "wrong"}, {"oauth_token": "wrong", "key": ""}])
def test_a_key_that_opens_nothing_is_refused_in_json(house, wrong):
    """2"""
    if "oauth_token" in wrong:
        client = TradingClient(oauth_token="wrong", url_override=house.url)
    else:
        client = house.trading(**wrong)
    status, code, message, _ = refused(client.get_account)
    assert (status, code, message) == (401, 40110000, "request is not authorized.")


def test_a_secret_is_a_bearer_token_too(house):
    """3"""
    client = TradingClient(oauth_token=house.secret, url_override=house.url)
    assert client.get_account().cash == "100000"


def test_basic_and_both_kinds_of_headers_open_the_account(house):
    """4"""
    address = f"{house.url}/v2/account"
    assert requests.get(address, auth=(house.api_key, house.secret), timeout=60).status_code == 200
    assert requests.get(address, auth=(house.api_key, "wrong"), timeout=60).status_code == 401
    assert requests.get(address, headers={"Authorization": "Basic %%%"}, timeout=60).status_code == 401
    assert requests.get(address, timeout=60).json() == {"code": 40110000, "message": "request is not authorized."}


def test_configurations_survive_the_round_trip_and_null_changes_nothing(house, client):
    """5"""
    found = client.get_account_configurations()
    assert (found.suspend_trade, found.no_shorting, found.max_margin_multiplier) == (False, False, "2")
    found.no_shorting = True
    found.trade_confirm_email = "none"
    changed = client.set_account_configurations(found)
    assert (changed.no_shorting, changed.trade_confirm_email.value) == (True, "none")
    assert client.patch("/account/configurations", {"no_shorting": None, "pdt_check": "both"})["no_shorting"] is True
    assert client.get_account_configurations().pdt_check.value == "both"
    assert client.get_account().shorting_enabled is False


def test_a_suspended_account_takes_no_order(house, client):
    """5"""
    client.patch("/account/configurations", {"suspend_trade": True})
    assert client.get_account().trade_suspended_by_user is True
    assert refused(lambda: client.submit_order(market(1)))[0] == 403
    client.patch("/account/configurations", {"suspend_trade": False})
    client.submit_order(market(1))


@pytest.mark.parametrize("ending", ["/", "/v2", "/v2/", "//"])
def test_addresses_that_people_paste_together_work(house, ending):
    """11"""
    client = TradingClient(house.api_key, house.secret, url_override=house.url + ending)
    assert client.get_account().cash == "100000"
    assert client.get_orders() == []


def test_nobody_is_ever_redirected_and_everything_is_json(house):
    """12"""
    headers = {"APCA-API-KEY-ID": house.api_key, "APCA-API-SECRET-KEY": house.secret}
    paths = {
        rule.rule for rule in house.app.url_map.iter_rules() if rule.rule.startswith(("/v1", "/v2", "/v3", "/stream"))
    }
    paths = {path for path in paths if "events/trades" not in path} | {"/v2/nothing", "/v9", "/v2"}
    for path in sorted(paths):
        for name in (path, path + "/", "/" + path):
            wanted = name.replace("<", "").replace(">", "").replace("path:", "")
            if wanted.strip("/") in ("v9", "static/filename"):
                continue
            answer = requests.get(house.url + wanted, headers=headers, allow_redirects=False, timeout=60)
            assert answer.status_code in (200, 400, 401, 403, 404, 422), (wanted, answer.status_code, answer.text)
            body = answer.json()
            if answer.status_code != 200:
                assert isinstance(body["code"], int) and body["message"], wanted
            assert answer.headers["X-Request-ID"] and "X-RateLimit-Remaining" in answer.headers, wanted


def test_rate_limits_are_told_with_every_answer(house):
    """13"""
    for path in ("/v2/account", "/v2/nothing", "/v2/orders/x"):
        headers = requests.get(house.url + path, auth=(house.api_key, house.secret), timeout=60).headers
        assert int(headers["X-RateLimit-Limit"]) > int(headers["X-RateLimit-Remaining"])
        assert int(headers["X-RateLimit-Reset"]) > 1_700_000_000


def test_who_asks_too_often_waits_and_is_served():
    """14"""
    with still_house(a_minute=5) as house:
        client = house.trading(raw_data=True)
        client._retry_wait = 0
        for _ in range(5):
            client.get_account()
        answer = requests.get(f"{house.url}/v2/account", auth=(house.api_key, house.secret), timeout=60)
        assert (answer.status_code, answer.json()["code"], answer.headers["Retry-After"]) == (429, 42910000, "1")
        house.quota._minute = 0
        assert client.get_account()["cash"] == "100000"


def test_accounts_have_their_own_keys_and_money(house, client):
    other = house.trading(*house.key_for("Second"))
    client.submit_order(market(10))
    assert client.get_open_position("AAPL").qty == "10"
    assert other.get_all_positions() == []
    assert other.get_account().id != client.get_account().id
    assert other.get_account().cash == "100000"


def test_a_revoked_key_opens_nothing_from_the_next_request_on(house):
    key, secret = house.key_for("")
    client = house.trading(key, secret)
    client.get_account()
    house.keys.revoke(key)
    assert refused(client.get_account)[0] == 401


def test_positions_long_short_and_flat_by_the_book(house, client):
    """53"""
    client.submit_order(market(10))
    held = client.get_open_position("AAPL")
    assert (held.qty, held.side.value, held.avg_entry_price, held.cost_basis) == ("10", "long", "230.01", "2300.1")
    assert held.market_value == "2299.9"
    assert Decimal(held.unrealized_pl) == Decimal("-0.2")
    assert Decimal(held.unrealized_plpc).quantize(Decimal("1E-9")) == (Decimal("-0.2") / Decimal("2300.1")).quantize(
        Decimal("1E-9")
    )
    client.close_position("AAPL")
    assert refused(lambda: client.get_open_position("AAPL"))[:3] == (404, 40410000, "position does not exist")
    client.submit_order(market(10, SELL))
    short = client.get_open_position(str(held.asset_id))
    assert (short.qty, short.side.value, short.cost_basis, short.market_value) == ("-10", "short", "-2299.9", "-2300.1")
    assert Decimal(short.unrealized_pl) == Decimal("-0.2")
    account = client.get_account()
    assert (account.long_market_value, account.short_market_value) == ("0", "-2300.1")


def test_the_curve_has_equal_lengths_and_no_gap(house, client):
    """56"""
    client.submit_order(market(10))
    house.pass_ms(120_000)
    for period, frame in (("1D", "1Min"), ("1W", "15Min"), ("1M", "1D"), ("1A", "1D"), (None, None)):
        found = client.get_portfolio_history(GetPortfolioHistoryRequest(period=period, timeframe=frame))
        lengths = {len(found.timestamp), len(found.equity), len(found.profit_loss), len(found.profit_loss_pct)}
        assert lengths == {len(found.timestamp)} and found.timestamp
        assert None not in found.profit_loss
        assert found.equity[-1] == float(client.get_account().equity)
    assert refused(lambda: client.get("/account/portfolio/history", {"period": "6M", "timeframe": "1Min"}))[0] == 422


def test_executions_add_up_to_the_position_page_by_page(house, client):
    """57"""
    for qty in (5, 7, 11, 13, 150):
        client.submit_order(market(qty))
    client.submit_order(market(6, SELL))
    whole = client.get("/account/activities", {"activity_types": "FILL"})
    assert sum(float(each["qty"]) * (1 if each["side"] == "buy" else -1) for each in whole) == 180
    assert float(client.get_open_position("AAPL").qty) == 180
    paged, token = [], None
    while True:
        page = client.get("/account/activities/FILL", {"page_size": 2, **({"page_token": token} if token else {})})
        if not page:
            break
        paged, token = paged + page, page[-1]["id"]
    assert paged == whole
    assert [each["transaction_time"] for each in whole] == sorted(
        (each["transaction_time"] for each in whole), reverse=True
    )
    large = [each for each in whole if each["order_id"] == whole[2]["order_id"]]
    assert all(each["type"] in ("fill", "partial_fill") for each in large)


def test_watchlists_are_kept(house, client):
    made = client.create_watchlist(CreateWatchlistRequest(name="Mine", symbols=["AAPL"]))
    assert [asset.symbol for asset in made.assets] == ["AAPL"]
    assert [each.name for each in client.get_watchlists()] == ["Mine"]
    added = client.add_asset_to_watchlist_by_id(made.id, "BTC/USD")
    assert [asset.symbol for asset in added.assets] == ["AAPL", "BTC/USD"]
    renamed = client.update_watchlist_by_id(made.id, UpdateWatchlistRequest(name="Yours"))
    assert (renamed.name, len(renamed.assets)) == ("Yours", 2)
    assert client.get("/watchlists:by_name", {"name": "Yours"})["id"] == str(made.id)
    left = client.remove_asset_from_watchlist_by_id(made.id, "BTCUSD")
    assert [asset.symbol for asset in left.assets] == ["AAPL"]
    client.delete_watchlist_by_id(made.id)
    assert refused(lambda: client.get_watchlist_by_id(made.id))[0] == 404


def test_a_wish_that_costs_too_much_names_the_figures(house, client):
    """47"""
    status, code, message, body = refused(lambda: client.submit_order(limit(1_000, 230)))
    assert (status, code, message) == (403, 40310000, "insufficient buying power")
    assert (body["buying_power"], body["cost_basis"]) == ("200000", "230000")
