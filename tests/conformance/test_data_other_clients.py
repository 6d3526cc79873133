"""Market data with clients that live in places of their own: the old Python SDK and the JavaScript SDK.

`make conformance` installs them; without them these tests are skipped, by name.
"""

import json
import os
import shutil
import subprocess
import threading
import time
from pathlib import Path

import pytest

from tests.alpaca_stage import KEY, SECRET, Floor, running

HERE = Path(__file__).parent
PLACE = Path(os.environ.get("TRADESIM_CLIENTS", HERE.parents[1] / ".clients"))
OLD_PYTHON, JS = PLACE / "old" / "bin" / "python", PLACE / "js"


@pytest.fixture
def house():
    floor = Floor()
    for n in range(100):
        floor.deal(23_000 + n % 2, 5 + n, after_ms=2_000)
    with running(floor) as found:
        yield found


def run_beside(house, command, moves=False):
    """What the program printed last; where the market `moves`, trades go on until it ends."""
    env = {
        **os.environ,
        "APCA_API_KEY_ID": KEY,
        "APCA_API_SECRET_KEY": SECRET,
        "APCA_API_BASE_URL": house.url,
        "APCA_API_DATA_URL": house.url,
        "APCA_API_STREAM_URL": house.url,
    }
    with subprocess.Popen(command, env=env, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as program:
        if moves:
            threading.Thread(target=deal_until_over, args=(house, program), daemon=True).start()
        out, error = program.communicate(timeout=180)
    assert program.returncode == 0, error[-2_000:]
    return json.loads(out.strip().splitlines()[-1])


def deal_until_over(house, program):
    time.sleep(1)
    while program.poll() is None:
        house.stage.deal(23_001, 7, after_ms=100)
        time.sleep(0.05)


def test_71_the_old_python_sdk_needs_nothing_but_its_environment(house):
    if not OLD_PYTHON.exists():
        pytest.skip("alpaca-trade-api has no Python of its own here; make conformance makes one")
    seen = run_beside(house, [str(OLD_PYTHON), str(HERE / "old_client.py")], moves=True)
    assert seen["clock"] and seen["asset"] == "NASDAQ" and seen["calendar"] == ["2026-01-05", "2026-01-06"]
    assert seen["bars"] == 3 and seen["trade"] == seen["snapshot"] and seen["quote"] < seen["trade"] + 1
    assert seen["stream"] == [230.01]


def test_72_the_javascript_sdk_reads_and_follows(house):
    if not (JS / "node_modules" / "@alpacahq").exists() or shutil.which("node") is None:
        pytest.skip("Alpaca's JavaScript SDK is not installed; make conformance installs it where node is")
    command = ["node", str(HERE / "js_client.mjs"), str(JS.resolve()), house.url, house.ws]
    seen = run_beside(house, command, moves=True)
    assert seen["bars"] == 3 and seen["latest"]["p" if "p" in seen["latest"] else "price"] > 229
    assert 230.01 in seen["trade"].values()
