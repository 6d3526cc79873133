"""A session without a screen: repeated to the byte, refused by line."""

import io
from functools import cache

import pytest

from tradesim import bootstrap
from tradesim.desk import turns
from tradesim.kernel.errors import Refused

COMMANDS = """
{"at_ms": 1500, "do": "submit", "symbol": "AAPL", "side": "buy", "qty": "300"}
{"at_ms": 2500, "do": "submit", "symbol": "BTC/USD", "side": "buy", "notional": "5000"}
{"at_ms": 4000, "do": "submit", "symbol": "BAC", "side": "sell", "qty": "500", "type": "limit", "limit_price": "46.95"}

{"at_ms": 9000, "do": "halt", "symbol": "F"}
{"at_ms": 12000, "do": "flatten"}
"""


@cache
def known(commands: str = COMMANDS) -> bytes:
    return session(42, commands)


def session(seed: int, commands: str = COMMANDS) -> bytes:
    log = io.BytesIO()
    bootstrap.scripted(seed, commands, "commands.jsonl", 15_000, log)
    return log.getvalue()


def test_the_same_seed_and_commands_give_the_same_bytes() -> None:
    first = known()
    assert first == session(42)
    assert first.count(b'"event":"OrderFilled"') >= 3
    assert first.count(b'"event":"Trade"') > 20


def test_a_busy_machine_changes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """No turn gets further than one slice: as if each had been interrupted."""
    undisturbed = session(42)
    monkeypatch.setattr(turns, "TURN_BUDGET_S", -1.0)
    assert session(42) == undisturbed


def test_another_seed_is_another_market() -> None:
    assert known() != session(43)


def test_our_orders_change_the_market() -> None:
    prints = [line for line in known().splitlines() if b'"event":"Trade"' in line]
    alone = [line for line in session(42, "").splitlines() if b'"event":"Trade"' in line]
    assert prints != alone


@pytest.mark.parametrize(
    ("row", "words"),
    [
        ('{"do": "submit"}', "line 1 of commands.jsonl: wanted at_ms and do"),
        ('{"at_ms": 5, "do": "fly"}', "was 'fly'"),
        ('{"at_ms": 5, "do": "submit", "symbol": "AAPL", "side": "hold"}', "Invalid enum value 'hold'"),
        ('{"at_ms": null, "do": "submit"}', "line 1 of commands.jsonl: Expected `int`, got `null`"),
        ('{"at_ms": 5, "do": ["submit"]}', "line 1 of commands.jsonl: Expected `str`, got `array`"),
        ("nonsense", "line 1 of commands.jsonl: JSON is malformed"),
    ],
)
def test_a_command_that_cannot_be_read_is_named_by_its_line(row: str, words: str) -> None:
    with pytest.raises(Refused, match=words):
        session(42, row)
