"""What an account holds and how it came to it. Long is positive, short is negative, money is Decimal USD."""

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum


class DayTradeRule(StrEnum):
    """`legacy_pdt`: the fourth day trade in five days below 25,000 USD is refused; `intraday_margin`: margin is
    measured during the day instead (FINRA, 2026)."""

    OFF = "off"
    LEGACY_PDT = "legacy_pdt"
    INTRADAY_MARGIN = "intraday_margin"


class LotMethod(StrEnum):
    """Which tax lots a sale closes. Positions and P&L on the desk go by average cost, whatever the lots say."""

    FIFO = "fifo"
    LIFO = "lifo"
    SPECIFIC = "specific"


@dataclass(frozen=True, slots=True)
class AccountRules:
    """What one account may do and what it pays.

    `multiplier` is the leverage on equity (1: cash account, 2: Reg T, 4: intraday), `maintenance` the least equity as
    a fraction of a long position's value. Rates are fractions a year of 360 days.
    """

    multiplier: Decimal = Decimal(2)
    maintenance: Decimal = Decimal("0.30")
    shorting_enabled: bool = True
    fractional_enabled: bool = True
    day_trade_rule: DayTradeRule = DayTradeRule.OFF
    lot_method: LotMethod = LotMethod.FIFO
    borrow_rate: Decimal = Decimal("0.003")
    margin_rate: Decimal = Decimal("0.065")
    credit_rate: Decimal = Decimal(0)
    is_suspended: bool = False


STANDARD_RULES = AccountRules()


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
