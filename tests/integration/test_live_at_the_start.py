"""`tradesim live`: on a provider that is there, and on one that is not."""

import subprocess
import sys

import pytest

from tests.browser.serving import ROOT, Serving
from tests.kraken_house import KrakenHouse


def test_a_provider_that_is_there_is_the_market_from_the_start(tmp_path) -> None:
    with KrakenHouse() as kraken:
        own = {"TRADESIM_PROVIDER_URLS": f"kraken={kraken.http_url} {kraken.ws_url}"}
        with Serving(tmp_path / "data", "live", "kraken", "BTC/USD", environment=own) as desk:
            status = desk.get("status")
            assert [each["symbol"] for each in desk.get("instruments")] == ["BTC/USD"]
    assert status["source"] in ("live", "stale") and status["title"].startswith("Kraken ")


def test_one_that_cannot_be_reached_leaves_the_simulated_market_and_a_sentence(tmp_path) -> None:
    with Serving(tmp_path / "data", "live", "kraken", "BTC/USD", "--backup", "coinbase") as desk:
        status = desk.get("status")
    assert status["source"] == "simulated"
    (said,) = status["faults"]
    assert said.startswith("Kraken: the connection was refused. So this is the simulated market")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["kraaken", "BTC/USD"], "wanted one of the providers kraken, coinbase"),
        (["kraken", "BTC/USD", "--backup", "mtgox"], "was 'mtgox'"),
        (["iexcloud", "AAPL"], "was 'iexcloud'"),
    ],
)
def test_a_name_that_does_not_exist_is_refused_before_anything_starts(arguments, said) -> None:
    done = subprocess.run(
        [sys.executable, "app.py", "live", *arguments],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 1 and said in done.stderr and not done.stdout
