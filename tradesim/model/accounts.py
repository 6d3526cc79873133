"""What an account holds and how it came to it. Long is positive, short is negative, money is Decimal USD."""

from dataclasses import dataclass
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class Account:
    """`multiplier` is the leverage on equity for buying power (1: cash account, 2: Reg T)."""

    id: str
    name: str
    cash: Decimal
    opened_at: int
    currency: str = "USD"
    multiplier: Decimal = Decimal(2)
    starting_cash: Decimal = Decimal(0)
    shorting_enabled: bool = True


@dataclass(frozen=True, slots=True)
class Position:
    """`avg_entry_price` is the average cost of what is still held; `realized_pl` is before fees."""

    account_id: str
    symbol: str
    qty: Decimal = Decimal(0)
    avg_entry_price: Decimal = Decimal(0)
    realized_pl: Decimal = Decimal(0)


@dataclass(frozen=True, slots=True)
class Posting:
    """One leg of a ledger entry: `amount` of `unit` (USD or a symbol) into `book` (positive) or out of it.

    Books: cash, position, fees, market (the other side of every exchange), funding.
    """

    account_id: str
    book: str
    unit: str
    amount: Decimal


@dataclass(frozen=True, slots=True)
class LedgerEntry:
    """Postings that belong together and sum to zero in every unit. `cause` is the id of the fill or event behind it."""

    seq: int
    ts_event: int
    kind: str
    cause: str
    memo: str
    postings: tuple[Posting, ...]
