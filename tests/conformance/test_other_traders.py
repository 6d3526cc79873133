"""Trading with clients that live in places of their own, and with ccxt: 71-74 of the list.

`make conformance` installs the old Python SDK and both JavaScript SDKs; without them these tests are skipped, by name.
"""

import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.conformance.house import eventually

HERE = Path(__file__).parent
PLACE = Path(os.environ.get("TRADESIM_CLIENTS", HERE.parents[1] / ".clients"))
OLD_PYTHON, JS, JS3 = PLACE / "old" / "bin" / "python", PLACE / "js", PLACE / "js3"
CASH = "98389.93"
"""What is left of 100,000 after seven shares at 230.01."""


def printed_by(house, *command):
    """What the program printed last, of JSON."""
    env = {
        **os.environ,
        "APCA_API_KEY_ID": house.api_key,
        "APCA_API_SECRET_KEY": house.secret,
        "APCA_API_BASE_URL": house.url,
        "APCA_API_DATA_URL": house.url,
        "APCA_API_STREAM_URL": house.url,
    }
    done = subprocess.run(command, env=env, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr[-2_000:]
    return json.loads(done.stdout.strip().splitlines()[-1])


def require_node(place):
    if not (place / "node_modules" / "@alpacahq").exists() or shutil.which("node") is None:
        pytest.skip("Alpaca's JavaScript SDK is not installed; make conformance installs it where node is")


def require_story(heard):
    """Bought, placed, replaced and cancelled: in this order, under these names."""
    told = [(event, name) for event, name, _ in heard]
    for before, after in (
        (("pending_new", "one"), ("fill", "one")),
        (("new", "two"), ("replaced", "two")),
        (("replaced", "two"), ("new", "three")),
        (("new", "three"), ("canceled", "three")),
    ):
        assert told.index(before) < told.index(after), told


def test_71_the_old_python_sdk_trades_with_nothing_but_its_environment(house):
    if not OLD_PYTHON.exists():
        pytest.skip("alpaca-trade-api has no Python of its own here; make conformance makes one")
    seen = printed_by(house, str(OLD_PYTHON), str(HERE / "old_trader.py"))
    require_story(seen.pop("heard"))
    refused, unknown = seen.pop("refused"), seen.pop("unknown")
    assert (refused[:2], "insufficient buying power" in refused[2]) == ([403, 40310000], True)
    assert unknown[:2] == [404, 40410000]
    assert seen == {
        "bought": "filled",
        "by_client_id": "7",
        "replaces": True,
        "legs": ["held", "held"],
        "position": "7",
        "activities": [["buy", "7", "230.01"]],
        "history": True,
        "cash": CASH,
        "open": 0,
        "left": 0,
    }


def test_72_the_javascript_sdk_trades_and_follows(house):
    require_node(JS)
    ws = house.url.replace("http", "ws")
    seen = printed_by(house, "node", str(HERE / "js_trader.mjs"), str(JS.resolve()), house.url, ws)
    require_story(seen.pop("heard"))
    assert "insufficient buying power" in str(seen.pop("refused"))
    assert seen == {
        "bought": "filled",
        "replaces": True,
        "position": "7",
        "cash": CASH,
        "activities": 1,
        "closed": 1,
        "open": 0,
    }


def test_73_the_former_javascript_sdk_trades_and_follows(house):
    require_node(JS3)
    seen = printed_by(house, "node", str(HERE / "js3_trader.cjs"), str(JS3.resolve()), house.url)
    require_story(seen.pop("heard"))
    assert seen.pop("refused") == [403, "insufficient buying power"]
    assert seen == {
        "bought": "filled",
        "replaces": True,
        "position": "7",
        "cash": CASH,
        "activities": 1,
        "latest": 229.99,
        "closed": 1,
        "open": 0,
    }


def test_74_ccxt_trades_coins(house, ccxt):
    """Order book without a key; orders, cancel and balance with one; its errors go by our sentences."""

    def exchange(**keys):
        made = ccxt.alpaca(keys)
        made.urls["api"] = dict.fromkeys(("broker", "trader", "market"), house.url)
        return made

    known = exchange(apiKey=house.api_key, secret=house.secret)
    known.load_markets()
    keyless = exchange()
    keyless.markets, keyless.markets_by_id = known.markets, known.markets_by_id
    keyless.symbols, keyless.currencies = known.symbols, known.currencies
    book = keyless.fetch_order_book("BTC/USD")
    assert (book["bids"][0][0], book["asks"][0][0]) == (97_000, 97_001)
    bought = known.create_order("BTC/USD", "market", "buy", 0.25)
    eventually(lambda: known.fetch_order(bought["id"])["status"] == "closed")
    assert known.fetch_order(bought["id"])["average"] == 97_001
    resting = known.create_order("BTC/USD", "limit", "buy", 0.1, 90_000)
    assert [order["id"] for order in known.fetch_open_orders("BTC/USD")] == [resting["id"]]
    changed = known.edit_order(resting["id"], "BTC/USD", "limit", "buy", 0.2, 91_000)
    assert (changed["amount"], changed["price"]) == (0.2, 91_000)
    known.cancel_order(changed["id"])
    eventually(lambda: not known.fetch_open_orders("BTC/USD"))
    assert known.fetch_balance()["USD"]["total"] == 100_000 - 0.25 * 97_001
    assert known.fetch_my_trades("BTC/USD")[0]["amount"] == 0.25
    with pytest.raises(ccxt.InsufficientFunds):
        known.create_order("BTC/USD", "limit", "buy", 50, 97_000)
    with pytest.raises(ccxt.InvalidOrder):
        known.fetch_order("00000000-0000-0000-0000-000000000000")
