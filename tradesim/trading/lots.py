"""Tax lots: which purchase a sale closes. Beside the position, not in its place: the desk's P&L is by average cost.

A lot is what one order bought, or sold short, at one price. A trade against it closes the lots that its order named,
whatever the account's method; then the oldest (FIFO, and SPECIFIC) or the latest (LIFO). Wash sales are not modelled.
"""

from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from decimal import Decimal

from msgspec.structs import replace

from tradesim.model.accounts import ClosedLot, Lot, LotMethod
from tradesim.model.orders import Fill

ZERO = Decimal(0)
FINEST = Decimal("1e-9")
"""No position is finer than that."""


class LotBook:
    """The open lots of one symbol, oldest first; all are long or all are short."""

    def __init__(self, lots: Iterable[Lot] = ()) -> None:
        self.lots: deque[Lot] = deque(lots)

    @property
    def qty(self) -> Decimal:
        return sum((lot.qty for lot in self.lots), ZERO)

    def take(self, fill: Fill, method: LotMethod, named: Sequence[str] = ()) -> list[ClosedLot]:
        """What the fill closes, in the order in which it does; the rest of it is a new lot."""
        left = fill.signed_qty
        closed: list[ClosedLot] = []
        if self.lots and self.lots[0].qty * left < 0:
            left, closed = self._close(fill, method, named)
        if left:
            self._open(fill, left)
        return closed

    def split(self, ratio: Decimal, qty: Decimal) -> None:
        """Each lot becomes `ratio` times as many at as much less, in all `qty`; the latest make up the difference."""
        grown = ((lot, (lot.qty * ratio).quantize(FINEST)) for lot in self.lots)
        self.lots = deque(replace(lot, qty=many, price=lot.price / ratio) for lot, many in grown if many)
        over = self.qty - qty
        while over and self.lots:
            last = self.lots.pop()
            kept = last.qty - over
            if kept * last.qty > 0:
                self.lots.append(replace(last, qty=kept))
                return
            over -= last.qty

    def _close(self, fill: Fill, method: LotMethod, named: Sequence[str]) -> tuple[Decimal, list[ClosedLot]]:
        is_lifo = method is LotMethod.LIFO
        if named:
            return self._close_named(fill, fill.signed_qty, named, is_lifo)
        return self._close_at(fill, fill.signed_qty, from_the_oldest=not is_lifo)

    def _close_at(self, fill: Fill, left: Decimal, from_the_oldest: bool) -> tuple[Decimal, list[ClosedLot]]:
        closed = []
        while left and self.lots:
            lot = self.lots[0 if from_the_oldest else -1]
            part = closing_part(lot, left)
            closed.append(closed_lot(lot, part, fill))
            left += part
            rest = replace(lot, qty=lot.qty - part) if part != lot.qty else None
            self._swap_end(rest, from_the_oldest)
        return left, closed

    def _swap_end(self, rest: Lot | None, is_oldest: bool) -> None:
        if rest is not None:
            self.lots[0 if is_oldest else -1] = rest
        elif is_oldest:
            self.lots.popleft()
        else:
            self.lots.pop()

    def _close_named(
        self, fill: Fill, left: Decimal, named: Sequence[str], is_lifo: bool
    ) -> tuple[Decimal, list[ClosedLot]]:
        """Stable: those named come first, in the order of their naming, then the others by the method."""
        place = {lot_id: n for n, lot_id in enumerate(named)}
        held = list(self.lots)
        queue = held[::-1] if is_lifo else held
        self.lots = deque(sorted(queue, key=lambda lot: place.get(lot.id, len(place))))
        left, closed = self._close_at(fill, left, from_the_oldest=True)
        kept = {lot.id: lot for lot in self.lots}
        self.lots = deque(kept[lot.id] for lot in held if lot.id in kept)
        return left, closed

    def _open(self, fill: Fill, qty: Decimal) -> None:
        last = self.lots[-1] if self.lots else None
        if last is not None and last.order_id == fill.order_id and last.price == fill.price:
            self.lots[-1] = replace(last, qty=last.qty + qty)
        else:
            self.lots.append(Lot(fill.id, fill.account_id, fill.symbol, qty, fill.price, fill.ts_event, fill.order_id))


def closing_part(lot: Lot, left: Decimal) -> Decimal:
    """How much of the lot a trade of signed `left` closes, with the sign of the lot."""
    return min(lot.qty, -left) if lot.qty > 0 else max(lot.qty, -left)


def closed_lot(lot: Lot, part: Decimal, fill: Fill) -> ClosedLot:
    return ClosedLot(
        lot.id,
        lot.account_id,
        lot.symbol,
        part,
        lot.price,
        fill.price,
        lot.opened_at,
        fill.ts_event,
        (fill.price - lot.price) * part,
        fill.id,
    )


def is_long_term(qty: Decimal, opened: date, until: date) -> bool:
    """Held for more than a year: beyond the anniversary of its day. What was sold short is never long-term."""
    is_leap_day = (opened.month, opened.day) == (2, 29)
    anniversary = date(opened.year + 1, 3, 1) if is_leap_day else opened.replace(year=opened.year + 1)
    return qty > 0 and until > anniversary


def missing(named: Sequence[str], held: Iterable[Lot]) -> Iterator[str]:
    """Which of the named lots are not held."""
    known = {lot.id for lot in held}
    return (lot_id for lot_id in named if lot_id not in known)
