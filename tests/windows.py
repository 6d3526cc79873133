"""The desk as Windows starts it, as far as another system can play that.

`python -m tests.windows ARGS…` is `tradesim ARGS…` where `sys.platform` says win32 to every line of the house, and what
only POSIX has is gone: its modules, gunicorn with them, and its names in `os`, `select`, `signal` and `socket`.
"""

import importlib
import os
import pkgutil
import select
import selectors
import signal
import socket
import sys
from types import ModuleType

POSIX_MODULES = ("fcntl", "resource", "pwd", "grp", "termios", "tty", "pty", "syslog", "gunicorn")
POSIX_NAMES = (
    (os, ("fork", "forkpty", "killpg", "getpgrp", "getpgid", "setsid", "getuid", "geteuid", "fchown", "getloadavg")),
    (os, ("sysconf", "pread", "pwrite", "uname", "nice", "wait", "sched_getaffinity")),
    (select, ("poll", "epoll", "kqueue")),
    (selectors, ("PollSelector", "EpollSelector", "KqueueSelector")),
    (signal, ("SIGKILL", "SIGQUIT", "SIGHUP", "SIGUSR1", "SIGALRM", "SIGCHLD", "alarm", "setitimer", "pthread_kill")),
    (socket, ("MSG_DONTWAIT", "MSG_NOSIGNAL", "SO_REUSEPORT", "TCP_NOTSENT_LOWAT")),
)
HOUSE = "tradesim"


def main() -> int:
    read_all()
    lock = locking()
    forget_house()
    hide()
    sys.modules["msvcrt"] = lock
    from tradesim import cli

    return cli.main()


def read_all() -> None:
    """With it all libraries, which have made up their minds about the system from then on."""
    house = importlib.import_module(HOUSE)
    for module in pkgutil.walk_packages(house.__path__, f"{HOUSE}."):
        if ".examples." not in module.name and not module.name.endswith(("launcher", "__main__")):
            importlib.import_module(module.name)


def forget_house() -> None:
    for name in [each for each in sys.modules if each.split(".")[0] in (HOUSE, "gunicorn")]:
        del sys.modules[name]


def hide() -> None:
    sys.platform = "win32"
    selectors.DefaultSelector = selectors.SelectSelector
    for name in POSIX_MODULES:
        sys.modules[name] = None  # type: ignore[assignment]
    for module, names in POSIX_NAMES:
        for name in names:
            if hasattr(module, name):
                delattr(module, name)


def locking() -> ModuleType:
    """Windows' own lock of bytes, by ours."""
    import fcntl

    def lock(descriptor: int, _mode: int, size: int) -> None:
        fcntl.lockf(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB, size, os.lseek(descriptor, 0, os.SEEK_CUR))

    module = ModuleType("msvcrt")
    vars(module).update(LK_NBLCK=2, locking=lock)
    return module


if __name__ == "__main__":
    sys.exit(main())
