"""Files of bots, examples, and what is known of programs by what the desk tells of their orders."""

from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

import pytest

from tests.stage import Stage
from tests.waiting import eventually
from tradesim.kernel.errors import Refused
from tradesim.model.commands import SubmitOrder
from tradesim.model.market import Side
from tradesim.ops.bots import Bots
from tradesim.ops.scores import Score
from tradesim.storage.apikeys import ApiKeys

CODE = b"print('hello')\n"


@pytest.fixture
def stage() -> Stage:
    return Stage()


@pytest.fixture
def house(tmp_path: Path, stage: Stage) -> Callable[..., Bots]:
    def made(**more: str) -> Bots:
        return Bots(tmp_path, lambda: "http://127.0.0.1:9", ApiKeys(tmp_path, lambda: 1_000), stage.desk, **more)

    return made


def test_a_file_is_kept_and_may_be_started(house):
    bots = house()
    kept = bots.save("my_bot.py", CODE)
    assert kept.read_bytes() == CODE
    assert kept in bots.available()


def test_nobodys_bot_is_written_over(house):
    bots = house()
    first = bots.save("bot.py", CODE)
    assert bots.save("bot.py", CODE) == first
    second = bots.save("bot.py", b"print('other')\n")
    assert (first.name, second.name) == ("bot.py", "bot_2.py")
    assert first.read_bytes() == CODE


@pytest.mark.parametrize(
    "name", ["../evil.py", "a/b.py", ".hidden.py", "bot.txt", "bot.py\n", "", "x" * 80 + ".py", "b\u00f6t.py"]
)
def test_other_names_are_refused(house, name):
    with pytest.raises(Refused, match="wanted a Python file such as"):
        house().save(name, CODE)


@pytest.mark.parametrize("content", [b"", b" \n", b"#" * (512 * 1024 + 1)], ids=["empty", "blank", "large"])
def test_what_is_no_program_is_refused(house, content):
    with pytest.raises(Refused, match="wanted up to 512 KB of Python"):
        house().save("bot.py", content)


def test_a_desk_that_is_open_to_others_takes_no_files(house):
    bots = house(takes_no_files="not from here")
    with pytest.raises(Refused, match="not from here"):
        bots.save("bot.py", CODE)
    assert bots.take_example("market_maker.py").is_file(), "what comes with the desk is no stranger's"


def test_examples_say_what_they_are_and_are_copied_whole(house):
    bots = house()
    examples = dict(bots.examples())
    assert set(examples) == {"market_maker.py", "mean_reverter.py"}
    assert examples["market_maker.py"].startswith("A market maker: ")
    for name in examples:
        kept = bots.take_example(name)
        compile(kept.read_text(), name, "exec")
    for name in ("__init__.py", "../bots.py", "none.py"):
        with pytest.raises(Refused, match="there is no example"):
            bots.take_example(name)


def order(stage: Stage, source: str, qty: int = 1) -> None:
    stage.ask(SubmitOrder("paper", "AAPL", Side.BUY, qty=Decimal(qty), source=source))
    stage.pass_ms(10)


def test_programs_are_told_by_key_and_a_person_is_none(house, stage):
    bots = house()
    for source in ("alpaca:PKFIRST", "ticket", "api", "alpaca:PKFIRST"):
        order(stage, source, 2)
    first, control = bots.programs()
    assert (first.key, first.account_id, first.performance.orders, first.performance.fills) == (
        "PKFIRST",
        "paper",
        2,
        2,
    )
    assert (control.key, control.source, control.performance.orders) == ("", "api", 1)
    assert (first.last.symbol, first.last.qty) == ("AAPL", 2)
    assert first.performance.profit == 0, "bought where the last trade was, without a fee"


def test_the_last_line_of_a_log_is_read_and_kept_once_it_ended(house, tmp_path):
    bots = house()
    kept = bots.save("short.py", b"print('one')\nprint('two')\nprint()\n")
    run = bots.start(str(kept)).run
    eventually(lambda: bots.list()[0].run.state != "running")
    ended = bots.list()[0].run
    assert (ended.state, ended.exit_code) == ("ended", 0)
    assert bots.last_line(ended) == "two"
    assert bots.tail(run.id, 3).splitlines() == ["one", "two"]


def test_only_the_orders_of_late_are_remembered_for_the_rate(monkeypatch):
    score, now = Score(), [100.0]
    monkeypatch.setattr("tradesim.ops.bots.time.monotonic", lambda: now[0])
    for _ in range(500):
        now[0] += 0.1
        score.sent(None)
    assert len(score.orders_at) <= 101
    assert score.orders == 500
    assert score.performance(lambda _symbol: Decimal(0)).orders_per_s == pytest.approx(10, abs=0.2)
