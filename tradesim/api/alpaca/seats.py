"""Seats of programs that stay: each socket and each stream of events keeps a thread of the server for itself."""

import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

RETRY_AFTER_S = "5"
ALL_TAKEN = "all sockets are taken"


class Seats:
    """Safe from any thread. Keep `count` below the server's threads.

    No account gets more than three quarters of them. Who has shown no key yet sits on the account None.
    """

    def __init__(self, count: int = 64) -> None:
        self.count, self.most_each = count, count - count // 4
        self._turn = threading.Lock()
        self._taken: Counter[str | None] = Counter()

    def has_room(self, shows_key: bool) -> bool:
        """Whether one more may knock."""
        with self._turn:
            return self._taken.total() < self.count and (shows_key or self._taken[None] < self.most_each)

    @contextmanager
    def taken(self, account: str | None = None) -> Iterator["Seat | None"]:
        """A seat for as long as it lasts; None when there is none left, or none for that account."""
        seat = self.take(account)
        try:
            yield seat
        finally:
            if seat is not None:
                seat.leave()

    def take(self, account: str | None = None) -> "Seat | None":
        """As `taken`, for who leaves by itself."""
        with self._turn:
            if self._taken.total() >= self.count or self._taken[account] >= self.most_each:
                return None
            self._taken[account] += 1
        return Seat(self, account)

    def move(self, former: str | None, account: str) -> bool:
        """Whether there was room for `account`, whose seat it is now."""
        with self._turn:
            if former != account and self._taken[account] >= self.most_each:
                return False
            self._taken[former] -= 1
            self._taken[account] += 1
            return True

    def give_back(self, account: str | None) -> None:
        with self._turn:
            self._taken[account] -= 1
            self._taken += Counter()


class Seat:
    """Of one socket, from its knock to its end."""

    def __init__(self, seats: Seats, account: str | None) -> None:
        self._seats, self.account = seats, account

    def give(self, account: str) -> bool:
        """Whether the account, which has shown its key, may have it."""
        if not self._seats.move(self.account, account):
            return False
        self.account = account
        return True

    def leave(self) -> None:
        self._seats.give_back(self.account)
