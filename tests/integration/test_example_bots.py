"""The bots that come with the desk, started as they are shipped: they trade, and leave nothing behind."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.bench.desk_app import ROOT, desk_app

EXAMPLES = ROOT / "tradesim" / "ops" / "examples"
WITHOUT_CLIENT = "import runpy, sys\nsys.modules['alpaca'] = None\nrunpy.run_path({!r}, run_name='__main__')\n"
PATIENCE_S = 180


@pytest.fixture(scope="module")
def app():
    with desk_app() as running:
        yield running


class Running:
    """`tradesim run` on a bot, and what it said so far."""

    def __init__(self, app, *arguments) -> None:
        environ = {**os.environ, "TRADESIM_DATA": str(app.folder), "PORT": str(app.port)}
        command = [sys.executable, "-m", "tradesim.cli", "run", "--time-limit", str(PATIENCE_S), *map(str, arguments)]
        self.process = subprocess.Popen(command, cwd=ROOT, env=environ, stdout=subprocess.PIPE, text=True)
        self.said: list[str] = []

    def until(self, part: str) -> None:
        """Reads until a line has `part`; the bot ends at its time limit at the latest."""
        for line in iter(self.process.stdout.readline, ""):
            self.said.append(line)
            if part in line:
                return
        raise AssertionError(f"it never said {part!r}, but {self.said}")

    def stop(self) -> str:
        self.process.send_signal(signal.SIGTERM)
        rest, _ = self.process.communicate(timeout=60)
        return "".join(self.said) + rest


def open_orders(app) -> list:
    over = ("filled", "canceled", "expired", "rejected")
    return [order for order in app.get("/sim/v1/orders") if order["status"] not in over]


@pytest.mark.parametrize("client", ["alpaca-py", "requests"])
def test_the_market_maker_bids_and_takes_its_orders_back(app, tmp_path, client):
    if client == "alpaca-py":
        pytest.importorskip("alpaca", reason="alpaca-py is not installed")
    bot = EXAMPLES / "market_maker.py"
    if client == "requests":
        bot = tmp_path / "without_client.py"
        bot.write_text(WITHOUT_CLIENT.format(str(EXAMPLES / "market_maker.py")))
    running = Running(app, "--account", "Maker", bot, "MSFT", "50")
    running.until(f"makes a market in MSFT: 50 a side, sent with {client}")
    running.until("bids for 50 MSFT at ")
    said = running.stop()
    assert "ended, keeps " in said and "Traceback" not in said
    assert open_orders(app) == []
    shown = app.get("/sim/v1/bots")["bots"][0]
    assert (shown["state"], shown["account"]) == ("stopped", "Maker")
    assert shown["orders"] >= 1


@pytest.mark.slow
@pytest.mark.parametrize(("symbol", "qty"), [("AAPL", "10"), ("BTC/USD", "0.05")])
def test_the_mean_reverter_buys_what_fell(app, symbol, qty):
    running = Running(app, EXAMPLES / "mean_reverter.py", symbol, qty, "10", "0.1")
    running.until(f"watches {symbol}")
    running.until(f"buy {qty} {symbol} at ")
    assert "Traceback" not in running.stop()


def test_an_example_is_in_the_package() -> None:
    assert (EXAMPLES / "__init__.py").is_file(), "setuptools takes packages, and these with it"
    assert {path.name for path in Path(EXAMPLES).glob("m*.py")} == {"market_maker.py", "mean_reverter.py"}
