"""Leaving before everything stands: whoever ends the desk while it starts reads one sentence, and no traceback.

Nothing is open yet that a plain exit could harm: what a start has written is what a `kill -9` would leave.
"""

import contextlib
import os
import signal
import sys
import threading
from collections.abc import Iterator
from typing import Any

NUMBERS = tuple(
    number for name in ("SIGINT", "SIGTERM", "SIGQUIT") if (number := getattr(signal, name, None)) is not None
)
SENTENCE = "tradesim: ended before it was ready\n"
unsaid = [SENTENCE]
"""Taken by the first signal: another one that comes while it is being said says nothing."""


def arm() -> None:
    """From now on such a signal ends the process at once, with the sentence. Of the main thread alone."""
    for number in NUMBERS:
        signal.signal(number, on_signal)


def disarm() -> None:
    """As Python begins, where it was armed."""
    for number in NUMBERS:
        if signal.getsignal(number) is on_signal:
            give_back(number, on_signal)


@contextlib.contextmanager
def early() -> Iterator[None]:
    """While inside; afterwards what was there before."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    former = {number: signal.getsignal(number) for number in NUMBERS}
    arm()
    try:
        yield
    finally:
        for number, handler in former.items():
            give_back(number, handler)


def give_back(number: int, handler: Any) -> None:
    usual = signal.default_int_handler if number == signal.SIGINT else signal.SIG_DFL
    signal.signal(number, usual if handler in (on_signal, None) else handler)


def on_signal(_number: int, _frame: Any) -> None:
    try:
        sentence = unsaid.pop()
    except IndexError:
        return
    with contextlib.suppress(OSError):
        os.write(sys.__stderr__.fileno() if sys.__stderr__ else 2, sentence.encode())
    os._exit(0)
