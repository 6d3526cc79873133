"""The shelf keeps recordings under plain names and nothing else, and only they can be opened by a page."""

from pathlib import Path

import pytest

from tradesim import bootstrap
from tradesim.kernel.errors import Refused
from tradesim.settings import Settings
from tradesim.storage import shelf


def test_a_recording_is_kept_under_its_name(tmp_path: Path) -> None:
    path = shelf.shelve(shelf.shelf_in(tmp_path), "AMZN 5m.csv", b"time,open\n")
    assert path == tmp_path / "recordings" / "AMZN 5m.csv"
    assert path.read_bytes() == b"time,open\n"


@pytest.mark.parametrize(
    "name", ["..", "../x.csv", "a/b.csv", ".hidden", "", "a\x00b", "x" * 200, "<img>.csv", "C:\\x.csv"]
)
def test_a_strange_name_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(Refused, match="wanted a plain file name"):
        shelf.shelve(shelf.shelf_in(tmp_path), name, b"x")
    assert not list(tmp_path.rglob("*.csv"))


def test_too_much_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shelf, "LARGEST_FILE", 10)
    monkeypatch.setattr(shelf, "LARGEST_SHELF", 15)
    on = shelf.shelf_in(tmp_path)
    with pytest.raises(Refused, match="at most"):
        shelf.shelve(on, "a.csv", b"x" * 11)
    shelf.shelve(on, "a.csv", b"x" * 10)
    shelf.shelve(on, "a.csv", b"y" * 10)
    with pytest.raises(Refused, match="the shelf holds"):
        shelf.shelve(on, "b.csv", b"x" * 10)


def test_a_page_opens_what_is_on_the_shelf_or_was_named_at_the_start(tmp_path: Path) -> None:
    named, secret = tmp_path / "named.csv", tmp_path / "secret.csv"
    for path in (named, secret):
        path.write_text("time,open,high,low,close\n2024-01-02 09:30,1,2,1,2\n2024-01-02 09:31,1,2,1,2\n")
    folder = tmp_path / "data"
    folder.mkdir()
    markets = bootstrap.Markets(Settings(), folder, None, (str(named),))
    assert markets.replay((str(named),), {}).instruments
    for path in (str(secret), str(folder / "recordings" / ".." / ".." / "secret.csv"), "/etc/passwd"):
        with pytest.raises(Refused, match="wanted one of the desk's recordings"):
            markets.replay((path,), {})


def test_the_files_that_options_name_lie_on_the_shelf_too_or_were_named_at_the_start(tmp_path: Path) -> None:
    secret, folder = tmp_path / "secret.csv", tmp_path / "data"
    secret.write_text("1000000,100,999800,200\n")
    folder.mkdir()
    kept = shelf.shelve(shelf.shelf_in(folder), "ACME_2012-06-21_1_2_message_1.csv", b"36000.0,1,1,100,1000000,-1\n")
    markets = bootstrap.Markets(Settings(), folder)
    for path in (str(secret), "/dev/zero", "/etc/passwd"):
        with pytest.raises(Refused, match="wanted one of the desk's recordings"):
            markets.replay((str(kept),), {"seed_book": path})
    plan = bootstrap.Plan((str(kept),), (("seed_book", str(secret)), ("date", "2012-06-21")))
    named = bootstrap.Markets(Settings(), folder, None, plan.named)
    assert named.replay(plan.files, dict(plan.mapping)).instruments
