"""A signal while another one is still being answered says nothing more."""

import signal

import pytest

from tradesim.ops import leaving


class LeftError(Exception):
    """In place of the end of the process."""


def test_the_sentence_is_said_once_however_many_signals_come(monkeypatch):
    said = []

    def write(_file, text):
        said.append(text.decode())
        leaving.on_signal(signal.SIGTERM, None)

    def leave(_code):
        raise LeftError

    monkeypatch.setattr(leaving, "unsaid", [leaving.SENTENCE])
    monkeypatch.setattr(leaving.os, "write", write)
    monkeypatch.setattr(leaving.os, "_exit", leave)
    with pytest.raises(LeftError):
        leaving.on_signal(signal.SIGINT, None)
    assert said == [leaving.SENTENCE]
