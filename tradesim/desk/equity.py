"""What each account was worth, minute by minute. Kept in the cache, which may be lost; the days are in the journal."""

import logging
from array import array
from bisect import bisect_left
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal

from tradesim.model.accounts import EquityPoint
from tradesim.trading.money import CENT

logger = logging.getLogger(__name__)

KEPT = 60_000
"""Minutes of an account in which something changed: two months of a market that never closes."""
Columns = Sequence[bytes]
"""Of one account, as Minutes has them: signed 64-bit numbers in this machine's order."""


class Minutes:
    """Times (UTC ns), equity and net deposits in cents; a minute without a change leaves no row."""

    def __init__(self, columns: Columns = (b"", b"", b"")) -> None:
        """Raises ValueError or TypeError when these are no columns."""
        self.at, self.equity, self.deposited = (array("q", column) for column in columns)
        if not len(self.at) == len(self.equity) == len(self.deposited):
            raise ValueError("the columns of an account must be equally long")

    def add(self, at: int, equity: Decimal, deposited: Decimal) -> None:
        cents = in_cents(equity), in_cents(deposited)
        if self.at and (at <= self.at[-1] or cents == (self.equity[-1], self.deposited[-1])):
            return
        for column, value in zip((self.at, self.equity, self.deposited), (at, *cents), strict=True):
            column.append(value)
            if len(column) > KEPT:
                del column[: KEPT // 10]

    def points(self, since: int, until: int) -> list[EquityPoint]:
        first, last = bisect_left(self.at, since), bisect_left(self.at, until + 1)
        return [EquityPoint(self.at[n], self.equity[n] * CENT, self.deposited[n] * CENT) for n in range(first, last)]

    def columns(self) -> list[bytes]:
        return [self.at.tobytes(), self.equity.tobytes(), self.deposited.tobytes()]


class EquityBook:
    """Owned by the market thread."""

    def __init__(self) -> None:
        self._minutes: dict[str, Minutes] = {}

    def mark(self, account_id: str, at: int, equity: Decimal, deposited: Decimal) -> None:
        self._minutes.setdefault(account_id, Minutes()).add(at, equity, deposited)

    def points(self, account_id: str, since: int, until: int) -> list[EquityPoint]:
        minutes = self._minutes.get(account_id)
        return minutes.points(since, until) if minutes else []

    def last_at(self, account_id: str) -> int:
        minutes = self._minutes.get(account_id)
        return minutes.at[-1] if minutes and minutes.at else 0

    def saved(self, accounts: Iterable[str]) -> dict[str, list[bytes]]:
        """Plain data; only of `accounts`."""
        return {each: self._minutes[each].columns() for each in accounts if each in self._minutes}

    def load(self, saved: Mapping[str, Columns]) -> None:
        """What `saved` gave; what is no such thing is left out."""
        for account_id, columns in saved.items():
            try:
                self._minutes[account_id] = Minutes(columns)
            except (TypeError, ValueError) as error:
                logger.warning("the minutes of %s are not usable: %s", account_id, error)


def in_cents(amount: Decimal) -> int:
    return int((amount / CENT).to_integral_value())


def thinned(points: Iterable[EquityPoint], step_ns: int) -> list[EquityPoint]:
    """The last point of each `step_ns` (counted from the epoch). Points come oldest first."""
    kept: list[EquityPoint] = []
    for point in points:
        if kept and kept[-1].at // step_ns == point.at // step_ns:
            kept[-1] = point
        else:
            kept.append(point)
    return kept
