"""Books rebuilt from messages agree with what was recorded, and say where they do not."""

from pathlib import Path

import numpy as np
import pytest

from tests.unit.replay.samples import HALT_DAY, random_day
from tradesim.providers.replay.command import main
from tradesim.providers.replay.lobster import read_day
from tradesim.providers.replay.rebuild import rebuilt_by_steps, rebuilt_from_seed, rebuilt_rows


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("levels", [1, 3, 10])
def test_each_row_is_the_row_before_and_its_message(tmp_path: Path, seed: int, levels: int):
    day = read_day([random_day(seed, levels).write_zip(tmp_path)])
    assert day.book is not None
    outcome = rebuilt_by_steps(day.messages, day.book)
    assert (outcome.matched, outcome.rows, outcome.underflows) == (299, 299, 0)


def test_halts_and_hidden_executions_leave_the_book_alone(tmp_path: Path):
    day = read_day([HALT_DAY.write_zip(tmp_path)])
    assert day.book is not None
    assert rebuilt_by_steps(day.messages, day.book).percent == 100


def test_a_row_that_does_not_follow_is_counted_once_and_named(tmp_path: Path):
    sample = random_day(11)
    cells = sample.books[150].split(",")
    cells[1] = str(int(cells[1]) + 1)
    sample.books[150] = ",".join(cells)
    day = read_day([sample.write_zip(tmp_path)])
    assert day.book is not None
    outcome = rebuilt_by_steps(day.messages, day.book)
    assert outcome.rows - outcome.matched <= 2
    assert outcome.misses[0].line == 151


def test_a_level_that_appears_from_nowhere_is_not_taken_for_a_revealed_one(tmp_path: Path):
    sample = HALT_DAY.cut(5)
    sample.books[4] = "1000000,50,999900,1"
    day = read_day([sample.write_zip(tmp_path)])
    assert day.book is not None
    assert rebuilt_by_steps(day.messages, day.book).matched == 3


def test_messages_alone_carry_a_deep_book_from_its_seed(tmp_path: Path):
    """With more levels than ever rest, nothing happens unseen."""
    deep = read_day([random_day(12, levels=60).write_zip(tmp_path)])
    assert deep.book is not None
    outcome = rebuilt_from_seed(deep.messages, deep.book, deep.book, deep.messages)
    assert (outcome.matched, outcome.rows, outcome.underflows) == (300, 300, 0)
    rows = rebuilt_rows(deep.messages, deep.book, 60)
    for name in ("bid_price", "bid_size", "ask_price", "ask_size"):
        assert np.array_equal(getattr(rows, name), getattr(deep.book, name)), name


def report(capsys: pytest.CaptureFixture[str], *arguments: object) -> tuple[int, str, str]:
    code = main(["book", *(str(each) for each in arguments)])
    out, err = capsys.readouterr()
    return code, out.strip().splitlines()[-1] if out else "", err


def test_the_command_ends_with_how_much_matched(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    sample = random_day(13)
    messages, books = sample.write_pair(tmp_path)
    last = "matched 299 of 299 rows (100.000 %)"
    assert report(capsys, messages, books, "--levels", 3) == (0, last, "")
    assert report(capsys, sample.write_zip(tmp_path))[:2] == (0, last)


def test_the_command_compares_the_touch_with_a_shallower_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    deep = random_day(14, levels=60)
    shallow_rows = [
        row for row in range(len(deep.messages)) if row == 0 or _touch(deep.books[row]) != _touch(deep.books[row - 1])
    ]
    shallow = random_day(14, levels=60)
    shallow.messages = [deep.messages[row] for row in shallow_rows]
    shallow.books = [",".join(deep.books[row].split(",")[:4]) for row in shallow_rows]
    shallow.levels = 1
    messages, seed = deep.write_pair(tmp_path)
    _, truth = shallow.write_pair(tmp_path)
    count = len(shallow_rows)
    wanted = f"matched {count} of {count} rows (100.000 %)"
    assert report(capsys, messages, truth, "--messages-only", "--seed-book", seed)[:2] == (0, wanted)
    assert report(capsys, messages, shallow.write_zip(tmp_path), "--messages-only", "--seed-book", seed)[1] == wanted


def _touch(row: str) -> list[str]:
    return row.split(",")[:4]


def test_the_command_refuses_in_a_sentence(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    messages, books = random_day(15).write_pair(tmp_path)
    code, last, err = report(capsys, messages, books, "--messages-only")
    assert (code, last) == (1, "")
    assert "--seed-book FILE" in err
    code, _, err = report(capsys, messages, books, "--levels", 4)
    assert code == 1
    assert err == f"tradesim: line 1 of {books.name}: wanted 16 columns (4 levels), found 12\n"
    assert report(capsys, messages)[2].startswith("tradesim: wanted MESSAGES and ORDERBOOK")
