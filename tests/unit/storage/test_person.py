"""The token of a person: made once for each data folder, read by its owner alone."""

import stat
import sys

import pytest

from tradesim.kernel.errors import Refused
from tradesim.storage.person import TOKEN_FILE, person_token


def test_it_is_made_once_and_stays(tmp_path):
    token = person_token(tmp_path)
    assert len(token) == 43 and person_token(tmp_path) == token
    assert [file.name for file in tmp_path.iterdir()] == [TOKEN_FILE]


@pytest.mark.skipif(sys.platform == "win32", reason="permissions of POSIX systems")
def test_nobody_else_reads_it(tmp_path):
    person_token(tmp_path)
    assert stat.S_IMODE((tmp_path / TOKEN_FILE).stat().st_mode) == 0o600


def test_an_empty_file_is_filled_and_a_damaged_one_is_said_so(tmp_path):
    (tmp_path / TOKEN_FILE).write_text("\n")
    assert person_token(tmp_path)
    (tmp_path / TOKEN_FILE).write_bytes(b"\xff")
    with pytest.raises(Refused, match="must hold the token of a person"):
        person_token(tmp_path)
