import base64
from collections.abc import Sequence
from types import SimpleNamespace
from typing import Any

import pytest
from dash import Dash

from tradesim.model.orders import Rejection
from tradesim.ui.panels import replay
from tradesim.ui.panels.replay.ids import Replay
from tradesim.ui.panels.replay.recordings import (
    MAX_BYTES,
    Choice,
    Received,
    choices,
    choices_data,
    kept,
    received,
)

MESSAGES = "AAPL_2012-06-21_34200000_57600000_message_1.csv"
ORDERBOOK = "AAPL_2012-06-21_34200000_57600000_orderbook_1.csv"


class Shelf:
    """A library in memory; refuses what is not comma separated."""

    def __init__(self) -> None:
        self.files: dict[str, bytes] = {}

    def recordings(self) -> Sequence[tuple[str, str, int]]:
        return [(f"/shelf/{name}", name, len(data)) for name, data in self.files.items()]

    def save_recording(self, name: str, content: bytes) -> str | Rejection:
        if b"," not in content:
            return Rejection("refused", "line 1: wanted columns, found none", "file")
        self.files[name] = content
        return f"/shelf/{name}"


def url(data: bytes) -> str:
    return "data:text/csv;base64," + base64.b64encode(data).decode()


def test_a_message_file_and_its_book_are_one_choice_messages_first() -> None:
    found = choices([(f"/r/{ORDERBOOK}", ORDERBOOK, 20), (f"/r/{MESSAGES}", MESSAGES, 10), ("/r/e.csv", "e.csv", 5)])
    assert found == [
        Choice("AAPL_2012-06-21_34200000_57600000 · 1 level", (f"/r/{MESSAGES}", f"/r/{ORDERBOOK}"), 30),
        Choice("e.csv", ("/r/e.csv",), 5),
    ]


def test_a_message_file_alone_keeps_its_name() -> None:
    assert choices([(f"/r/{MESSAGES}", MESSAGES, 10)]) == [Choice(MESSAGES, (f"/r/{MESSAGES}",), 10)]


def test_the_same_title_in_two_places_stays_two_choices() -> None:
    assert len(choices([("/a/x.zip", "AMZN 2012-06-21", 1), ("/b/x.zip", "AMZN 2012-06-21", 1)])) == 2


def test_a_file_arrives_byte_by_byte() -> None:
    assert received("bars.csv", url(b"a,b\n1,2\n")) == Received("bars.csv", b"a,b\n1,2\n")


@pytest.mark.parametrize(
    ("name", "contents", "found"),
    [
        ("virus.exe", url(b"x"), "virus.exe: wanted a file that ends in .zip"),
        ("bars.csv", "data:text/csv;base64,@@@", "bars.csv: did not arrive whole"),
        ("bars.csv", "data:text/csv;base64,", "bars.csv: the file is empty"),
        ("bars.csv", "data:," + "A" * (MAX_BYTES * 4 // 3 + 16), "bars.csv: wanted at most 64.0 MiB"),
    ],
    ids=["ending", "broken", "empty", "large"],
)
def test_an_unacceptable_file_is_refused_by_name(name: str, contents: str, found: str) -> None:
    outcome = received(name, contents)
    assert isinstance(outcome, Rejection)
    assert outcome.message.startswith(found)


def test_each_file_is_kept_or_refused_by_name() -> None:
    shelf = Shelf()
    outcome = kept(shelf, ["good.csv", "bad.csv"], [url(b"a,b"), url(b"nothing")])
    assert outcome["saved"] == [{"name": "good.csv", "path": "/shelf/good.csv"}]
    assert outcome["refused"] == ["bad.csv: line 1: wanted columns, found none"]
    assert list(shelf.files) == ["good.csv"]


def test_the_list_is_plain_data_for_the_browser() -> None:
    shelf = Shelf()
    shelf.files["e.csv"] = b"a,b"
    assert choices_data(shelf) == {"choices": [{"title": "e.csv", "paths": ("/shelf/e.csv",), "bytes": 3}]}


def test_every_part_that_the_browser_needs_is_laid_out_once() -> None:
    found = [
        part.id for part in replay.layout(SimpleNamespace())._traverse() if str(getattr(part, "id", "")) in set(Replay)
    ]
    assert set(found) == {part for part in Replay if part is not Replay.PANEL}
    assert len(found) == len(set(found))


def test_the_panel_registers_its_callbacks() -> None:
    app = Dash("test", suppress_callback_exceptions=True)
    desk: Any = Shelf()
    replay.register(app, desk)
    assert any(Replay.CHOICES in key for key in app.callback_map)
    assert any(Replay.UPLOADED in key for key in app.callback_map)
