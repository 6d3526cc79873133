"""An unmodified bot, started by `tradesim run`, trades here: 76 and 77 of the list."""

import io
import os
import sys
import threading
from decimal import Decimal
from pathlib import Path

import msgspec
import pytest
from alpaca.trading.requests import GetOrdersRequest

from tests.conformance.house import still_house
from tests.waiting import eventually
from tradesim.kernel.errors import Refused
from tradesim.ops.bots import Bots, Plan, Supervised

URLLESS = """
import sys, threading, time
from alpaca.trading.client import TradingClient
from alpaca.trading.stream import TradingStream
from alpaca.trading.requests import LimitOrderRequest, MarketOrderRequest

key, secret = "AKREALKEYOFALPACA", "their own secret"
client = TradingClient(key, secret, paper=True)
heard = threading.Event()

def say(line):  # in one piece: two threads speak, and print() hands its words over one by one
    sys.stdout.write(line + "\\n")
    sys.stdout.flush()

async def on_update(update):
    heard.set()
    say(f"event {update.event}")
    if str(getattr(update.event, "value", update.event)) == "fill":
        await stream.stop_ws()

stream = TradingStream(key, secret, paper=True)
stream.subscribe_trade_updates(on_update)

def knock():
    resting = LimitOrderRequest(symbol="AAPL", qty=1, side="buy", time_in_force="day", limit_price=220)
    while not heard.is_set():
        order = client.submit_order(resting)
        heard.wait(1)
        client.cancel_order_by_id(order.id)

def trade():
    knock()
    order = client.submit_order(MarketOrderRequest(symbol="AAPL", qty=7, side="buy", time_in_force="day"))
    say(f"sent {order.symbol}")
threading.Thread(target=trade).start()
stream.run()
say(f"cash {client.get_account().cash}")
sys.exit(5)
"""


PARENT = """
import subprocess, sys, time
child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(99)"])
print(child.pid, flush=True)
time.sleep(99)
"""


@pytest.fixture
def bots(house, tmp_path):
    (tmp_path / "bots").mkdir()
    kept = Bots(tmp_path, lambda: house.url, house.keys, house.desk)
    yield kept
    kept.stop_all()


def written(folder, name, text):
    path = folder / name
    path.write_text(text)
    return path


def test_a_bot_without_any_address_option_trades_here_and_its_exit_code_is_passed_on(house, tmp_path):
    """76"""
    echo = io.BytesIO()
    plan = Plan(written(tmp_path, "bot.py", URLLESS), time_limit_s=120)
    ended = Supervised(plan, house.url, house.keys, tmp_path, echo).wait()
    said = echo.getvalue().decode()
    assert (ended.exit_code, ended.state) == (5, "ended"), said
    assert "sent AAPL" in said and "cash 98389.93" in said
    assert (tmp_path / f"{ended.id}.log").read_text() == said
    assert house.trading().get_open_position("AAPL").qty == "7"
    assert ended.key not in {key.id for key in house.keys.list()}


DETERMINED = """
from alpaca.trading.client import TradingClient
from alpaca.trading.requests import LimitOrderRequest, MarketOrderRequest

client = TradingClient("AKREALKEYOFALPACA", "their own secret", paper=True)
for step in range(8):
    side = ("buy", "sell")[step % 2]
    client.submit_order(MarketOrderRequest(symbol="AAPL", qty=5, side=side, time_in_force="day"))
    order = client.submit_order(
        LimitOrderRequest(symbol="BTC/USD", qty=0.01, side="buy", time_in_force="gtc", limit_price=90_000 - step)
    )
    client.cancel_order_by_id(order.id)
"""


def test_the_same_supervised_bot_twice_leaves_the_same_bytes(tmp_path):
    """77: but for the key, which is made anew for every run."""

    def written_down(run):
        facts = []
        with still_house() as house:
            house.desk.subscribe(facts.extend)
            (tmp_path / run).mkdir()
            plan = Plan(written(tmp_path, "determined.py", DETERMINED), time_limit_s=120)
            ended = Supervised(plan, house.url, house.keys, tmp_path / run).wait()
            assert ended.exit_code == 0, (tmp_path / run / f"{ended.id}.log").read_text()
        log = b"\n".join(msgspec.json.encode([type(fact).__name__, fact], order="sorted") for fact in facts)
        return log.replace(ended.key.encode(), b"KEY")

    first = written_down("one")
    assert written_down("two") == first and first.count(b"OrderFilled") >= 8


def test_the_panel_knows_what_a_bot_did(house, bots, tmp_path):
    bot = written(tmp_path / "bots", "bot.py", URLLESS.replace("sys.exit(5)", "time.sleep(60)"))
    view = bots.start(bot.name, time_limit_s=120)
    eventually(lambda: "cash" in bots.tail(view.run.id))
    shown = bots.list()[0]
    sent = house.trading().get_orders(GetOrdersRequest(status="all", limit=500))
    assert (shown.run.state, shown.performance.orders, shown.performance.fills) == ("running", len(sent), 1)
    assert shown.performance.profit == Decimal("7") * (Decimal("230.01") - Decimal("230.01"))
    bots.stop(view.run.id)
    eventually(lambda: bots.list()[0].run.state == "stopped")
    with pytest.raises(Refused, match="does not run any more"):
        bots.stop(view.run.id)


def test_a_bot_whose_time_is_up_goes_with_its_children(house, tmp_path):
    bot, echo = written(tmp_path, "bot.py", PARENT), io.BytesIO()
    for time_limit_s in (1.5, 6, 30):
        ended = Supervised(Plan(bot, time_limit_s=time_limit_s), house.url, house.keys, tmp_path, echo).wait()
        assert (ended.state, ended.exit_code) == ("timed_out", 124)
        if echo.getvalue():
            break
    child = int(echo.getvalue())

    def is_gone():
        try:
            os.kill(child, 0)
        except ProcessLookupError:
            return True
        return "Z" in Path(f"/proc/{child}/stat").read_text().split(")")[1][:3]

    eventually(is_gone)


@pytest.mark.skipif(sys.platform != "linux", reason="the limit is checked on Linux")
def test_a_bot_cannot_take_all_memory(house, tmp_path):
    plan = Plan(written(tmp_path, "bot.py", "x = bytearray(400 << 20)"), memory_mb=300, time_limit_s=120)
    ended = Supervised(plan, house.url, house.keys, tmp_path).wait()
    assert ended.exit_code == 1
    assert "MemoryError" in (tmp_path / f"{ended.id}.log").read_text()


def test_only_bots_of_the_folder_may_be_started_by_a_page(bots, tmp_path):
    outside = written(tmp_path, "outside.py", "print(1)")
    for path in (str(outside), "../outside.py", "/etc/passwd", "nothing.py"):
        with pytest.raises(Refused):
            bots.start(path)
    assert threading.active_count() < 100
