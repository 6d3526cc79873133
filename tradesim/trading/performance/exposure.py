"""How much was held, and for how long: added up from fill to fill, so that a trade of seconds counts as one of hours.

Between two marks of the curve a position is worth what it was at its last fill. Times in ns.
"""

from decimal import Decimal

from msgspec import Struct

from tradesim.model.events import PositionSplit
from tradesim.model.orders import Fill

ZERO = Decimal(0)


class Held(Struct, frozen=True):
    """`time` with any position, and `exposure`: gross value over equity, times how long."""

    time: float = 0.0
    exposure: float = 0.0

    def part(self, share: float) -> "Held":
        return Held(self.time * share, self.exposure * share)


class Holdings(Struct):
    """Of one account. `values` are gross, in money, as is `equity`; both are as last heard of."""

    at: int = 0
    equity: float = 0.0
    qtys: dict[str, Decimal] = {}
    values: dict[str, float] = {}
    held: Held = Held()

    def fill(self, fill: Fill) -> None:
        qty = self.qtys.get(fill.symbol, ZERO) + fill.signed_qty
        self._hold(fill.symbol, qty, float(abs(qty) * fill.price), fill.ts_event)

    def split(self, split: PositionSplit) -> None:
        """Its value stays what it was."""
        self._hold(split.symbol, split.qty, self.values.get(split.symbol, 0.0), split.ts_event)

    def mark(self, at: int, equity: float, value: float | None) -> Held:
        """What was held since the mark before; `value` is that of all positions, where it is known."""
        found, known = self.until(at), sum(self.values.values())
        self.at, self.equity, self.held = max(at, self.at), equity, Held()
        if value is not None and known > 0:
            self.values = {symbol: each * value / known for symbol, each in self.values.items()}
        return found

    def until(self, now: int) -> Held:
        """What was held since the last mark."""
        passed = max(0, now - self.at)
        if not self.qtys:
            return self.held
        share = sum(self.values.values()) / self.equity if self.equity > 0 else 0.0
        return Held(self.held.time + passed, self.held.exposure + share * passed)

    def _hold(self, symbol: str, qty: Decimal, value: float, now: int) -> None:
        self.held, self.at = self.until(now), max(now, self.at)
        self.qtys.pop(symbol, None)
        self.values.pop(symbol, None)
        if qty:
            self.qtys[symbol], self.values[symbol] = qty, value
