"""Processes and their groups, as each system has them."""

import contextlib
import ctypes
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from typing import Any

GRACE_S = 3.0
OWN_GROUP: dict[str, Any] = (
    {"creationflags": getattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 0)}
    if sys.platform == "win32"
    else {"start_new_session": True}
)
"""What `Popen` is told so that a process and its children can be ended together."""
MAY_BE_ASKED, MAY_BE_AWAITED = 0x1000, 0x0010_0000
NOT_YET, NOT_ALLOWED = 0x102, 5


def end_group(process: "subprocess.Popen[bytes]") -> None:
    """Ask it and its children to go, then make them."""
    if sys.platform == "win32":
        process.kill()
        process.wait(GRACE_S)
        return
    send_group(process.pid, signal.SIGTERM)
    with contextlib.suppress(subprocess.TimeoutExpired):
        process.wait(GRACE_S)
    send_group(process.pid, signal.SIGKILL)
    process.wait(GRACE_S)
    if process.stdin is not None:
        with contextlib.suppress(OSError):
            process.stdin.close()


def send_group(pid: int, number: int) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(pid, number)


def exit_code_of(code: int) -> int:
    """As a shell tells it: 128 and the signal's number for one that was killed."""
    return 128 - code if code < 0 else code


def is_there(pid: int) -> bool:
    """Whether a process of this number runs."""
    if sys.platform == "win32":
        return is_there_by(ctypes.WinDLL("kernel32", use_last_error=True), ctypes.get_last_error, pid)
    try:
        os.kill(pid, 0)
    except PermissionError:
        return True
    except OSError:
        return False
    return True


def is_there_by(kernel: Any, last_error: Callable[[], int], pid: int) -> bool:
    """As Windows tells it: `os.kill` with 0 is no question there but Ctrl-C."""
    kernel.OpenProcess.restype = ctypes.c_void_p
    kernel.WaitForSingleObject.argtypes = (ctypes.c_void_p, ctypes.c_uint32)
    kernel.CloseHandle.argtypes = (ctypes.c_void_p,)
    handle = kernel.OpenProcess(MAY_BE_ASKED | MAY_BE_AWAITED, False, pid)
    if not handle:
        return last_error() == NOT_ALLOWED
    try:
        return bool(kernel.WaitForSingleObject(handle, 0) == NOT_YET)
    finally:
        kernel.CloseHandle(handle)
