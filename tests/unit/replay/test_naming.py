"""Whatever a file is called, its symbol is written so that the rest of the program can say it."""

import random
from pathlib import Path

import pytest

from tests.fake_desk import FakeDesk
from tests.unit.replay.samples import BARS, HALT_DAY
from tradesim.kernel.errors import Refused
from tradesim.model.instrument import is_symbol
from tradesim.providers.replay.naming import subject_of, symbol_in
from tradesim.providers.replay.source import ReplaySource
from tradesim.stream.topics import topic_called


@pytest.mark.parametrize(
    ("name", "symbol"),
    [
        ("AAPL", "AAPL"),
        ("aapl daily", "AAPL"),
        ("^GSPC", "GSPC"),
        ("EURUSD=X", "EUR/USD"),
        ("BRK&B", "BRK"),
        ("AAPL(1)", "AAPL"),
        ("Zürich_2024", "ZURICH"),
        ("日経 N225", "N225"),
        ("ETH_BTC-5m", "ETH/BTC"),
        ("A" * 30, "A" * 24),
    ],
)
def test_a_files_name_becomes_a_symbol(name: str, symbol: str):
    assert subject_of(name, {}).symbol == symbol
    assert topic_called(f"book:{symbol}", FakeDesk("AAPL")) is not None


@pytest.mark.parametrize("seed", range(4))
def test_no_name_makes_a_symbol_that_cannot_be_followed(seed: int):
    rng, desk = random.Random(seed), FakeDesk("AAPL")
    for _ in range(300):
        name = "".join(
            chr(rng.choice([rng.randrange(32, 127), rng.randrange(0x250)])) for _ in range(rng.randint(1, 40))
        )
        try:
            symbol = subject_of(name, {}).symbol
        except Refused:
            continue
        assert is_symbol(symbol)
        assert topic_called(f"bars:{symbol}:1m", desk) is not None
        assert is_symbol(symbol_in(name))


def test_a_name_without_letters_is_refused_with_the_way_out():
    with pytest.raises(Refused, match="does not tell the symbol: give --map symbol=SYMBOL"):
        subject_of("日経", {})


@pytest.mark.parametrize("symbol", ["^GSPC", "EURUSD=X", "BRK&B", "AAPL(1)", "Zürich", "a b", "A" * 25, ".A", "A:1m"])
def test_a_mapped_symbol_that_cannot_be_said_is_refused(tmp_path: Path, symbol: str):
    path = tmp_path / "ACME.csv"
    path.write_text(BARS)
    for recording in (path, HALT_DAY.write_zip(tmp_path)):
        with pytest.raises(Refused, match=r"--map symbol wants 1 to 24 letters, digits and \. / _ -, .*found "):
            ReplaySource([recording], [("symbol", symbol)])
    assert list(ReplaySource([path], [("symbol", "brk.b")]).instruments) == ["BRK.B"]


def test_an_order_files_ticker_is_kept_as_it_is_where_it_can_be_said(tmp_path: Path):
    for name, symbol in (("BRK.B", "BRK.B"), ("-A-", "A"), ("x" * 40, "X" * 24)):
        assert list(ReplaySource(HALT_DAY.write_pair(tmp_path, name)).instruments) == [symbol]
