"""Keys of programs: made, shown once, shared with another process, revoked."""

import stat
import sys
import threading

import pytest

from tradesim.kernel.errors import Refused
from tradesim.storage.apikeys import KEYS_FILE, ApiKeys
from tradesim.storage.drawer import Drawer


def keys_in(folder):
    return ApiKeys(folder, lambda: 1_000, look_every_s=0)


def test_a_key_opens_its_account_and_no_other_secret_does(tmp_path):
    keys = keys_in(tmp_path)
    made = keys.create("Second")
    assert made.key.id.startswith("PK") and len(made.secret) == 43
    assert keys.account_of(made.key.id, made.secret) == "Second"
    assert keys.account_of_token(made.secret) == "Second"
    for id_, secret in ((made.key.id, "x"), ("PKX", made.secret), ("", ""), (made.key.id, ""), ("\ud800", "\ud800")):
        assert keys.account_of(id_, secret) is None
    assert keys.account_of_token("") is None


def test_the_secret_is_kept_nowhere(tmp_path):
    made = keys_in(tmp_path).create()
    for file in tmp_path.iterdir():
        assert made.secret not in file.read_text()
    assert made.secret not in repr(keys_in(tmp_path))


@pytest.mark.skipif(sys.platform == "win32", reason="permissions of POSIX systems")
def test_nobody_else_reads_the_file(tmp_path):
    keys_in(tmp_path).create()
    assert stat.S_IMODE((tmp_path / KEYS_FILE).stat().st_mode) == 0o600


def test_what_another_process_did_is_seen_at_the_next_question(tmp_path):
    desk, command = keys_in(tmp_path), keys_in(tmp_path)
    made = command.create()
    assert desk.account_of(made.key.id, made.secret) == ""
    command.revoke(made.key.id)
    assert desk.account_of(made.key.id, made.secret) is None
    with pytest.raises(Refused, match="there is no key"):
        desk.revoke(made.key.id)


def test_a_key_made_elsewhere_opens_at_once_however_seldom_the_file_is_looked_at(tmp_path):
    desk, command = ApiKeys(tmp_path, lambda: 1_000, look_every_s=3_600), keys_in(tmp_path)
    first, second = command.create(), command.create("Second")
    assert desk.account_of(first.key.id, first.secret) == ""
    assert desk.account_of_token(second.secret) == "Second"
    desk.revoke(first.key.id)
    assert desk.account_of(first.key.id, first.secret) is None


def test_no_key_is_lost_when_many_are_made_at_once(tmp_path):
    threads = [threading.Thread(target=lambda: keys_in(tmp_path).create()) for _ in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(keys_in(tmp_path).list()) == 12


@pytest.mark.parametrize("text", ["{", "[1]", '{"a": 1}', '[{"id": "x"}]'])
def test_a_damaged_file_is_named(tmp_path, text):
    (tmp_path / KEYS_FILE).write_text(text)
    with pytest.raises(Refused, match="mend or remove it"):
        keys_in(tmp_path)


def test_a_drawer_gives_back_what_was_put_in_also_after_a_restart(tmp_path):
    drawer = Drawer(tmp_path / "d.json")
    drawer.put("", "lists", [1])
    drawer.put("Second", "lists", [2])
    again = Drawer(tmp_path / "d.json")
    assert (again.get("", "lists"), again.get("Second", "lists"), again.get("x", "lists", 0)) == ([1], [2], 0)
    assert [file.name for file in tmp_path.iterdir()] == ["d.json"]


@pytest.mark.parametrize("text", ["{", "[1]", '[{"id": "x", "account": "", "digest": 5, "created_at": 1}]', "\x00"])
def test_a_file_that_is_damaged_meanwhile_shuts_nobody_out(tmp_path, text):
    keys = keys_in(tmp_path)
    made = keys.create("Second")
    (tmp_path / KEYS_FILE).write_text(text)
    assert keys.account_of(made.key.id, made.secret) == "Second"
    assert keys.watch(made.secret)()
    assert [each.id for each in keys.list()] == [made.key.id]
    with pytest.raises(Refused, match="mend or remove it"):
        keys.create()
    (tmp_path / KEYS_FILE).unlink()
    assert keys.account_of(made.key.id, made.secret) is None
