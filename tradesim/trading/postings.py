"""The legs of each ledger entry: double entry, so that every unit sums to zero.

A purchase of 10 AAPL at 100.00 with a fee of 0.05, seen in the two units it touches:

    USD    cash -1,000.00   market +1,000.00   cash -0.05   fees +0.05
    AAPL   position +10     market -10

Money leaves the account's cash for the market and the fees; shares leave the market for the position.
Price times quantity is exact (prices lie on ticks, quantities on lots); a fee is whole cents. A dividend comes out of
the book `dividends`, interest out of `interest`, what borrowed shares cost goes into `borrow`. A reset puts every
position back to the market and all money back to the funding, from where the new cash comes.
"""

from decimal import Decimal

from tradesim.model.accounts import Account, LedgerEntry, Posting
from tradesim.model.events import AccountOpened, AccountReset, CashMoved, DeskEvent, OrderFilled, PositionSplit
from tradesim.model.market import Side
from tradesim.model.orders import Fill
from tradesim.trading.money import money_text, number_text
from tradesim.trading.portfolio import Portfolio

CASH, POSITION, FEES, MARKET, FUNDING = "cash", "position", "fees", "market", "funding"
BOOK_BY_KIND = {
    "dividend": "dividends",
    "interest": "interest",
    "borrow": "borrow",
    "fee": FEES,
    "deposit": FUNDING,
    "withdrawal": FUNDING,
}
"""The other side of each kind of CashMoved."""
INCOME_KINDS = ("dividend", "interest", "borrow")
SHORT_RATIO = Decimal("0.000001")


def postings_for(fill: Fill, currency: str = "USD") -> tuple[Posting, ...]:
    """What one fill moves."""
    traded = (
        *moved(fill.account_id, currency, fill.price * fill.signed_qty, CASH, MARKET),
        *moved(fill.account_id, fill.symbol, fill.signed_qty, MARKET, POSITION),
    )
    return (*traded, *moved(fill.account_id, currency, fill.fee, CASH, FEES)) if fill.fee else traded


def postings_opening(account: Account) -> tuple[Posting, ...]:
    """The starting cash comes from the funding book."""
    return moved(account.id, account.currency, account.cash, FUNDING, CASH) if account.cash else ()


def moved(account_id: str, unit: str, amount: Decimal, out_of: str, into: str) -> tuple[Posting, Posting]:
    """Two legs: `amount` of `unit` out of one book into another."""
    return Posting(account_id, out_of, unit, -amount), Posting(account_id, into, unit, amount)


def postings_moving(event: CashMoved, currency: str = "USD") -> tuple[Posting, ...]:
    """Raises KeyError for a kind that there is not."""
    return moved(event.account_id, currency, event.amount, BOOK_BY_KIND[event.kind], CASH)


def postings_splitting(event: PositionSplit, portfolio: Portfolio) -> tuple[Posting, ...]:
    gained = event.qty - portfolio.position(event.symbol).qty
    shares = moved(event.account_id, event.symbol, gained, MARKET, POSITION)
    money = moved(event.account_id, portfolio.account.currency, event.cash_in_lieu, MARKET, CASH)
    return (*shares, *money) if event.cash_in_lieu else shares


def postings_resetting(event: AccountReset, portfolio: Portfolio) -> tuple[Posting, ...]:
    """Everything is given back, then the new cash comes in."""
    id_, currency = event.account_id, portfolio.account.currency
    legs: list[Posting] = []
    for held in portfolio.open_positions:
        legs += moved(id_, held.symbol, held.qty, POSITION, MARKET)
    legs += moved(id_, currency, portfolio.account.cash, CASH, FUNDING)
    if portfolio.fees:
        legs += moved(id_, currency, portfolio.fees, FEES, FUNDING)
    for kind in INCOME_KINDS:
        if portfolio.income.get(kind):
            legs += moved(id_, currency, -portfolio.income[kind], BOOK_BY_KIND[kind], FUNDING)
    return (*legs, *moved(id_, currency, event.cash, FUNDING, CASH))


def entry_for(event: DeskEvent, seq: int, portfolio: Portfolio | None = None) -> LedgerEntry | None:
    """The ledger entry that follows from an event; None when it moves nothing.

    `portfolio` is the account right before: its currency (USD without one), and what it holds.
    """
    currency = portfolio.account.currency if portfolio else "USD"
    match event:
        case OrderFilled(fill):
            return LedgerEntry(seq, event.ts_event, "fill", fill.id, memo_of(fill), postings_for(fill, currency))
        case AccountOpened(account) if account.cash:
            memo = f"Opened with {money_text(account.cash)} {account.currency}"
            return LedgerEntry(seq, event.ts_event, "funding", account.id, memo, postings_opening(account))
        case CashMoved():
            return LedgerEntry(seq, event.ts_event, event.kind, event.id, event.memo, postings_moving(event, currency))
        case PositionSplit() if portfolio:
            legs = postings_splitting(event, portfolio)
            return LedgerEntry(seq, event.ts_event, "split", event.id, split_memo(event, portfolio), legs)
        case AccountReset() if portfolio:
            memo = f"Begun again with {money_text(event.cash)} {currency}"
            cause = f"{event.account_id}:{event.ts_event}"
            return LedgerEntry(seq, event.ts_event, "reset", cause, memo, postings_resetting(event, portfolio))
        case _:
            return None


def split_memo(event: PositionSplit, portfolio: Portfolio) -> str:
    before, after = number_text(portfolio.position(event.symbol).qty), number_text(event.qty)
    ratio = number_text(event.ratio.quantize(SHORT_RATIO))
    memo = f"{event.symbol} split, {ratio} for 1: {before} became {after}"
    return memo + (f", {money_text(event.cash_in_lieu)} in cash" if event.cash_in_lieu else "")


def memo_of(fill: Fill) -> str:
    done = "Bought" if fill.side is Side.BUY else "Sold"
    return f"{done} {number_text(fill.qty)} {fill.symbol} at {fill.price:,f}"
