"""Every type with every class, time in force, session and size, asked raw: taken, or refused as Alpaca refuses it."""

from decimal import Decimal
from itertools import product

import pytest

from tests.conformance.house import HoursMarket, still_house
from tradesim.kernel.clock import NS_PER_SECOND

TYPES = ("market", "limit", "stop", "stop_limit", "trailing_stop")
TIMES = ("day", "gtc", "ioc", "fok", "opg", "cls")
CLASSES = ("simple", "bracket", "oto")
SIZES = ({"qty": "1"}, {"qty": "0.5"}, {"notional": "100"})
LASTING = ("day", "gtc")
PRICES = {
    "AAPL": {"limit": "230.5", "stop": "232", "profit": "240", "loss": "228"},
    "BTC/USD": {"limit": "97000.5", "stop": "97500", "profit": "99000", "loss": "96000"},
}
SENTENCES = {
    'only type="limit" is allowed for extended hours orders': 40010001,
    "extended hours order must be DAY or GTC limit orders": 42210000,
    "fractional orders must be DAY orders": 42210000,
    "fractional orders must be simple market, limit, stop or stop limit orders": 42210000,
    "invalid crypto time_in_force": 42210000,
    "invalid order type for crypto order": 42210000,
    "trailing stop orders must be simple orders": 42210000,
    "OPG orders are not accepted between 09:28 and 19:00 ET": 42210000,
    "CLS orders are not accepted between 15:50 and 19:00 ET": 42210000,
    **{f"{each} orders must be DAY or GTC orders": 42210000 for each in ("stop", "stop limit", "trailing stop")},
    **{f"{each} orders must be DAY or GTC orders": 42210000 for each in CLASSES},
}


def body(symbol, class_, type_, time, is_extended, size):
    price = PRICES[symbol]
    order = {"symbol": symbol, "side": "buy", "type": type_, "time_in_force": time, "order_class": class_, **size}
    if type_ in ("limit", "stop_limit"):
        order["limit_price"] = price["limit"] if type_ == "limit" else price["stop"]
    if type_ in ("stop", "stop_limit"):
        order["stop_price"] = price["stop"]
    if type_ == "trailing_stop":
        order["trail_price"] = "1"
    if class_ == "bracket":
        order["take_profit"] = {"limit_price": price["profit"]}
    if class_ != "simple":
        order["stop_loss"] = {"stop_price": price["loss"]}
    return order | {"extended_hours": is_extended}


def is_taken(symbol, class_, type_, time, is_extended, size, auctions):
    """As Alpaca's documents have it. `auctions` are those that take orders now."""
    is_plain, is_lasting = class_ == "simple", time in LASTING
    if is_extended:
        times = ("gtc",) if symbol == "BTC/USD" else ("day",) if size != SIZES[0] else LASTING
        return type_ == "limit" and is_plain and time in times
    if symbol == "BTC/USD":
        return is_plain and type_ in ("market", "limit", "stop_limit") and time in ("gtc", "ioc")
    if size != SIZES[0]:
        return is_plain and time == "day" and type_ != "trailing_stop"
    if not is_plain:
        return is_lasting and type_ != "trailing_stop"
    return is_lasting or (type_ in ("market", "limit") and (time in ("ioc", "fok") or time in auctions))


@pytest.mark.parametrize(
    ("hour", "auctions"), [(9, ("opg", "cls")), (12, ("cls",)), (15.9, ()), (17, ()), (21, ("opg", "cls"))], ids=str
)
def test_every_kind_of_order_is_taken_or_refused_as_alpaca_does(hour, auctions):
    with still_house(make=HoursMarket, starting_cash=Decimal(10_000_000)) as house:
        headers = {"APCA-API-KEY-ID": house.api_key, "APCA-API-SECRET-KEY": house.secret}
        client = house.app.test_client()
        now = client.get("/v2/clock", headers=headers).get_json()["timestamp"]
        house.pass_ms(((hour - int(now[11:13])) % 24 * 60 - int(now[14:16])) * 60_000)
        wrong = []
        for kind in product(PRICES, CLASSES, TYPES, TIMES, (False, True), SIZES):
            if kind[1] != "simple" and kind[5] != SIZES[0]:
                continue
            answer = client.post("/v2/orders", json=body(*kind), headers=headers)
            said = answer.get_json()
            if answer.status_code == 200:
                client.delete(f"/v2/orders/{said['id']}", headers=headers)
                is_right = is_taken(*kind, auctions)
            else:
                is_right = not is_taken(*kind, auctions) and SENTENCES.get(said["message"]) == said["code"]
            if not is_right:
                wrong.append((*kind, answer.status_code, said.get("message", said.get("status"))))
            house.clock.advance(NS_PER_SECOND // 4)
    assert not wrong, "\n".join(map(str, wrong))
