"""Prints of one symbol whose numbers have no holes: what is news, what came twice, what is missing."""

from collections.abc import Iterable, Sequence

from msgspec import Struct
from msgspec.structs import replace

from tradesim.model.feed import FeedTrade, TradeFlag

MOST_FILLED = 1_000


class Gap(Struct, frozen=True):
    """Prints with `after` < number < `before` were not heard."""

    after: int
    before: int


class TradeRun:
    """Feed it every print; numbers are the vendor's `sequence`."""

    def __init__(self) -> None:
        self.last: int | None = None
        self.duplicates = 0

    def begin(self, number: int) -> Gap | None:
        """The newest print before we listened is `number`. Missing are those since the line broke, if it did."""
        if self.last is None:
            self.last = number
            return None
        return Gap(self.last, number + 1) if number > self.last else None

    def take(self, trade: FeedTrade) -> tuple[bool, Gap | None]:
        """Whether it is news, and what is missing before it."""
        number = trade.origin.sequence
        if number is None:
            return True, None
        if self.last is not None and number <= self.last:
            self.duplicates += 1
            return False, None
        gap = Gap(self.last, number) if self.last is not None and number > self.last + 1 else None
        self.last = number
        return True, gap

    def fill(self, gap: Gap, trades: Iterable[FeedTrade]) -> Sequence[FeedTrade]:
        """Those of `trades` that lie in the gap, oldest first."""
        found = {number: trade for trade in trades if (number := trade.origin.sequence) is not None}
        inside = [found[number] for number in sorted(found) if gap.after < number < gap.before]
        if inside and self.last is not None:
            self.last = max(self.last, inside[-1].origin.sequence or 0)
        return [missed(trade) for trade in inside[-MOST_FILLED:]]


def missed(trade: FeedTrade) -> FeedTrade:
    """It happened while nobody listened."""
    return replace(trade, flags=trade.flags | {TradeFlag.MISSED})
