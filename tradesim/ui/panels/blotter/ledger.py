"""The account's ledger as rows: one for each posting, newest entry first, postings in their own order."""

from collections.abc import Iterable, Mapping
from typing import Any

from tradesim.desk.desk import Desk
from tradesim.kernel.clock import NS_PER_MS
from tradesim.model.accounts import LedgerEntry

Row = dict[str, Any]


def booked(desk: Desk, wish: object, chosen: str = "") -> dict[str, Any]:
    """What was booked in the chosen account (empty: the market's own) after the entry that the page has last.

    All that is shown when the page has none of this market and account.
    """
    status = desk.status()
    account = chosen if desk.knows_account(chosen) else status.account_id
    entries = desk.ledger(account)
    after = known(wish, status.session_id, account)
    fresh = [entry for entry in entries if entry.seq > after]
    return {
        "session": status.session_id,
        "account": account,
        "after": after,
        "last": entries[0].seq if entries else 0,
        "entries": len(entries),
        "rows": rows_of(fresh),
    }


def known(wish: object, session: str, account: str) -> int:
    """The last entry that the page has, 0 when that was of another market or account."""
    if not isinstance(wish, Mapping) or (wish.get("session"), wish.get("account")) != (session, account):
        return 0
    after = wish.get("after")
    return after if isinstance(after, int) and not isinstance(after, bool) else 0


def rows_of(entries: Iterable[LedgerEntry]) -> list[Row]:
    return [row for entry in entries for row in postings_of(entry)]


def postings_of(entry: LedgerEntry) -> list[Row]:
    return [
        {
            "id": f"{entry.seq}:{number}",
            "seq": entry.seq,
            "time": entry.ts_event // NS_PER_MS,
            "kind": entry.kind,
            "memo": entry.memo,
            "book": posting.book,
            "unit": posting.unit,
            "amount": format(posting.amount, "f"),
        }
        for number, posting in enumerate(entry.postings)
    ]
