import json
import os
import stat

import pytest

from tradesim.kernel.errors import Refused
from tradesim.storage.keys import KEYS_FILE, KeyRing

NONE = {"FINNHUB_API_KEY": "", "POLYGON_API_KEY": ""}
SECRET = "s3cret-key-0123456789"


def mode_of(path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_a_key_is_kept_for_its_owner_alone_and_found_again(tmp_path) -> None:
    KeyRing(tmp_path, NONE).keep("FINNHUB_API_KEY", f" {SECRET} ")
    assert KeyRing(tmp_path, NONE).get("FINNHUB_API_KEY") == SECRET
    if os.name == "posix":
        assert mode_of(tmp_path / KEYS_FILE) == 0o600
    assert [path.name for path in tmp_path.iterdir()] == [KEYS_FILE]


def test_an_empty_key_is_forgotten(tmp_path) -> None:
    keys = KeyRing(tmp_path, NONE)
    keys.keep("FINNHUB_API_KEY", SECRET)
    keys.keep("FINNHUB_API_KEY", "")
    assert keys.held("FINNHUB_API_KEY") == ""
    assert json.loads((tmp_path / KEYS_FILE).read_text()) == {}


def test_the_environment_wins_and_is_not_changed(tmp_path) -> None:
    KeyRing(tmp_path, NONE).keep("FINNHUB_API_KEY", "kept-in-the-file")
    keys = KeyRing(tmp_path, {**NONE, "FINNHUB_API_KEY": SECRET})
    assert (keys.get("FINNHUB_API_KEY"), keys.held("FINNHUB_API_KEY")) == (SECRET, "environment")
    with pytest.raises(Refused, match="set in the environment") as refused:
        keys.keep("FINNHUB_API_KEY", "another")
    assert SECRET not in str(refused.value)


@pytest.mark.parametrize("key", ["two words", "schlüssel", "x" * 600, "line\nbreak"])
def test_what_is_no_key_is_refused_without_saying_it(tmp_path, key: str) -> None:
    with pytest.raises(Refused) as refused:
        KeyRing(tmp_path, NONE).keep("POLYGON_API_KEY", key)
    assert key not in str(refused.value)
    assert not (tmp_path / KEYS_FILE).exists()


def test_an_unknown_name_and_a_session_without_a_folder_are_refused(tmp_path) -> None:
    with pytest.raises(Refused, match="wanted one of the keys FINNHUB_API_KEY, POLYGON_API_KEY, was 'HOME'"):
        KeyRing(tmp_path, NONE).keep("HOME", SECRET)
    with pytest.raises(Refused, match="no folder for keys"):
        KeyRing(None, NONE).keep("FINNHUB_API_KEY", SECRET)


@pytest.mark.parametrize("content", ["{half", "[]", '"text"'])
def test_a_keys_file_that_cannot_be_read_is_named_and_left_alone(tmp_path, content: str) -> None:
    (tmp_path / KEYS_FILE).write_text(content)
    with pytest.raises(Refused, match=KEYS_FILE):
        KeyRing(tmp_path, NONE)
    assert (tmp_path / KEYS_FILE).read_text() == content


@pytest.mark.skipif(os.name != "posix", reason="Windows keeps permissions elsewhere")
def test_a_file_that_others_could_read_is_closed_to_them(tmp_path) -> None:
    path = tmp_path / KEYS_FILE
    path.write_text("{}")
    path.chmod(0o644)
    KeyRing(tmp_path, NONE)
    assert mode_of(path) == 0o600


def test_no_key_is_in_a_representation(tmp_path) -> None:
    keys = KeyRing(tmp_path, {**NONE, "FINNHUB_API_KEY": SECRET})
    keys.keep("POLYGON_API_KEY", "kept-" + SECRET)
    assert SECRET not in repr(keys)
