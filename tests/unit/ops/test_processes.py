"""Whether a process runs, as POSIX and as Windows tell it."""

import os
import subprocess
import sys

import pytest

from tradesim.ops.processes import NOT_ALLOWED, NOT_YET, is_there, is_there_by

ENDED, NO_SUCH = 0, 87


def test_a_process_is_there_until_it_has_ended() -> None:
    process = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    assert is_there(process.pid) and is_there(os.getpid())
    process.communicate(b"\n")
    assert not is_there(process.pid)


class Function:
    """What ctypes makes of a function of a library: types may be set on it."""

    def __init__(self, answer: int) -> None:
        self._answer, self.calls = answer, 0

    def __call__(self, *_given: object) -> int:
        self.calls += 1
        return self._answer


class Kernel:
    """Windows' own, as far as it is asked."""

    def __init__(self, handle: int, waited: int) -> None:
        self.OpenProcess, self.WaitForSingleObject, self.CloseHandle = Function(handle), Function(waited), Function(1)


@pytest.mark.parametrize(
    ("handle", "waited", "error", "found"),
    [(44, NOT_YET, 0, True), (44, ENDED, 0, False), (0, ENDED, NO_SUCH, False), (0, ENDED, NOT_ALLOWED, True)],
    ids=["runs", "has ended", "never was", "another user's"],
)
def test_windows_is_asked_by_a_handle_that_is_given_back(handle: int, waited: int, error: int, found: bool) -> None:
    kernel = Kernel(handle, waited)
    assert is_there_by(kernel, lambda: error, 4_711) is found
    assert kernel.CloseHandle.calls == (1 if handle else 0)
