"""Trading with clients that live in places of their own: 71-74 of the list.

`make conformance` installs the old Python SDK, ccxt and both JavaScript SDKs; without them these tests are skipped, by
name.
"""

import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest

HERE = Path(__file__).parent
PLACE = Path(os.environ.get("TRADESIM_CLIENTS", HERE.parents[1] / ".clients"))
OLD_PYTHON, CCXT_PYTHON = PLACE / "old" / "bin" / "python", PLACE / "ccxt" / "bin" / "python"
JS, JS3 = PLACE / "js", PLACE / "js3"
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
    done = subprocess.run(command, env=env, capture_output=True, text=True, timeout=180, check=False)
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


def test_74_ccxt_trades_coins(house):
    """Order book without a key; orders, change, cancel and balance with one; its errors go by our sentences."""
    if not CCXT_PYTHON.exists():
        pytest.skip("ccxt has no Python of its own here; make conformance makes one")
    assert printed_by(house, str(CCXT_PYTHON), str(HERE / "ccxt_trader.py"), house.url) == {
        "touch": [97_000, 97_001],
        "bought": True,
        "average": 97_001,
        "open": [True],
        "changed": [0.2, 91_000],
        "cancelled": True,
        "cash": 100_000 - 0.25 * 97_001,
        "traded": 0.25,
        "too_much": "InsufficientFunds",
        "unknown": "InvalidOrder",
    }
