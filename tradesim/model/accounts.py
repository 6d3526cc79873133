"""What an account holds and how it came to it. Long is positive, short is negative, money is Decimal USD."""

from decimal import Decimal
from enum import StrEnum

from msgspec import Struct


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


class AccountRules(Struct, frozen=True):
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


class Account(Struct, frozen=True):
    """`world` is where it trades: `paper` (simulated), `live`, or a replay session; empty stands for its own id.

    A name may have an account in each world, all with their own cash. `archived_at` is None while it may be used.
    """

    id: str
    name: str
    cash: Decimal
    opened_at: int
    currency: str = "USD"
    starting_cash: Decimal = Decimal(0)
    rules: AccountRules = STANDARD_RULES
    world: str = ""
    archived_at: int | None = None

    @property
    def home(self) -> str:
        return self.world or self.id

    @property
    def multiplier(self) -> Decimal:
        return self.rules.multiplier

    @property
    def shorting_enabled(self) -> bool:
        return self.rules.shorting_enabled

    @property
    def is_archived(self) -> bool:
        return self.archived_at is not None

    def trades_in(self, world: str) -> bool:
        """Whether it is in use in the market of `world`."""
        return self.home == world and not self.is_archived


class Position(Struct, frozen=True):
    """`avg_entry_price` is the average cost of what is still held; `realized_pl` is before fees."""

    account_id: str
    symbol: str
    qty: Decimal = Decimal(0)
    avg_entry_price: Decimal = Decimal(0)
    realized_pl: Decimal = Decimal(0)


class Lot(Struct, frozen=True):
    """What one order bought (or sold short: `qty` is negative) at one price, as far as it is still held.

    `id` is that of its first fill. Times in UTC ns.
    """

    id: str
    account_id: str
    symbol: str
    qty: Decimal
    price: Decimal
    opened_at: int
    order_id: str = ""


class ClosedLot(Struct, frozen=True):
    """A lot, or the part `qty` of it, that was closed at `closing_price`; `realized_pl` is before fees.

    Wash sales are not modelled: a loss counts whatever is bought next.
    """

    lot_id: str
    account_id: str
    symbol: str
    qty: Decimal
    price: Decimal
    closing_price: Decimal
    opened_at: int
    closed_at: int
    realized_pl: Decimal
    cause: str = ""


class Posting(Struct, frozen=True):
    """One leg of a ledger entry: `amount` of `unit` (USD or a symbol) into `book` (positive) or out of it.

    Books: cash, position, fees, dividends, interest, borrow, market (the other side of every exchange), funding.
    """

    account_id: str
    book: str
    unit: str
    amount: Decimal


class LedgerEntry(Struct, frozen=True):
    """Postings that belong together and sum to zero in every unit. `cause` is the id of the fill or event behind it."""

    seq: int
    ts_event: int
    kind: str
    cause: str
    memo: str
    postings: tuple[Posting, ...]
