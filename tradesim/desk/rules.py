"""What the order desk is told at start, and what one of its turns decided."""

from collections.abc import Callable
from dataclasses import dataclass, field
from decimal import Decimal

from msgspec import Struct

from tradesim.desk.views import OrderUpdate
from tradesim.model.accounts import LedgerEntry
from tradesim.model.events import DeskEvent
from tradesim.model.instrument import Instrument
from tradesim.model.orders import Liquidity
from tradesim.model.risk import RiskLimits

FeeOf = Callable[[Instrument, Decimal, Decimal, Liquidity], Decimal]


class TradingRules(Struct, frozen=True):
    """What the desk is told at start. `latency_ns` gives the duration of an order's way, in ns."""

    latency_ns: Callable[[], int]
    fee: FeeOf
    limits: RiskLimits = RiskLimits()
    starting_cash: Decimal = Decimal(100_000)
    multiplier: Decimal = Decimal(2)


@dataclass(slots=True)
class Decisions:
    """What one turn decided, in order: facts, the ledger entries that follow, and what became of each order."""

    events: list[DeskEvent] = field(default_factory=list)
    entries: list[LedgerEntry] = field(default_factory=list)
    updates: list[OrderUpdate] = field(default_factory=list)
