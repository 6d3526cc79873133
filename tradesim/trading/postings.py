"""The legs of each ledger entry: double entry, so that every unit sums to zero.

A purchase of 10 AAPL at 100.00 with a fee of 0.05, seen in the two units it touches:

    USD    cash -1,000.00   market +1,000.00   cash -0.05   fees +0.05
    AAPL   position +10     market -10

Money leaves the account's cash for the market and the fees; shares leave the market for the position.
Price times quantity is exact (prices lie on ticks, quantities on lots); a fee is whole cents.
"""

from decimal import Decimal

from tradesim.model.accounts import Account, LedgerEntry, Posting
from tradesim.model.events import AccountOpened, DeskEvent, OrderFilled
from tradesim.model.market import Side
from tradesim.model.orders import Fill
from tradesim.trading.money import money_text, number_text

CASH, POSITION, FEES, MARKET, FUNDING = "cash", "position", "fees", "market", "funding"


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


def entry_for(event: DeskEvent, seq: int, currency: str = "USD") -> LedgerEntry | None:
    """The ledger entry that follows from an event; None when it moves nothing."""
    match event:
        case OrderFilled(fill):
            return LedgerEntry(seq, event.ts_event, "fill", fill.id, memo_of(fill), postings_for(fill, currency))
        case AccountOpened(account) if account.cash:
            memo = f"Opened with {money_text(account.cash)} {account.currency}"
            return LedgerEntry(seq, event.ts_event, "funding", account.id, memo, postings_opening(account))
        case _:
            return None


def memo_of(fill: Fill) -> str:
    done = "Bought" if fill.side is Side.BUY else "Sold"
    return f"{done} {number_text(fill.qty)} {fill.symbol} at {fill.price:,f}"
