"""How events and ledger entries are written as rows, and read again. Decimals stay exact: they are text."""

from collections.abc import Iterable, Iterator
from decimal import Decimal
from typing import Any

import msgspec

from tradesim.kernel.errors import Refused
from tradesim.model.accounts import LedgerEntry, Posting
from tradesim.model.events import EVENT_KINDS, AccountOpened, DeskEvent, OrderAccepted, OrderRejected

ENCODER = msgspec.json.Encoder()
DECODERS: dict[str, "msgspec.json.Decoder[Any]"] = {
    kind: msgspec.json.Decoder(type_) for kind, type_ in EVENT_KINDS.items()
}

EventRow = tuple[int, int, str, str, str]
"""seq, ts_event, account_id, kind, body."""
EntryRow = tuple[int, int, str, str, str]
"""seq, ts_event, kind, cause, memo."""
PostingRow = tuple[int, int, str, str, str, str]
"""entry_seq, leg, account_id, book, unit, amount."""


def event_row(seq: int, event: DeskEvent) -> EventRow:
    return seq, event.ts_event, account_of(event), type(event).__name__, ENCODER.encode(event).decode()


def event_of(seq: int, kind: str, body: str) -> DeskEvent:
    """Raises Refused when the row is not one that this program writes."""
    decoder = DECODERS.get(kind)
    if decoder is None:
        raise Refused(f"row {seq} of the journal must be one of {', '.join(DECODERS)}, was {kind}")
    try:
        event: DeskEvent = decoder.decode(with_rules(body) if kind == "AccountOpened" else body)
    except msgspec.MsgspecError as error:
        raise Refused(f"row {seq} of the journal is damaged: {kind} expected, {error}") from error
    return event


def with_rules(body: str) -> str:
    """An account as the first desks wrote it had leverage and short selling as fields of its own, and no rules."""
    row = msgspec.json.decode(body)
    account = row.get("account") if isinstance(row, dict) else None
    if not isinstance(account, dict) or "rules" in account:
        return body
    account["rules"] = {name: account.pop(name) for name in ("multiplier", "shorting_enabled") if name in account}
    return msgspec.json.encode(row).decode()


def account_of(event: DeskEvent) -> str:
    match event:
        case AccountOpened(account):
            return account.id
        case OrderAccepted(order) | OrderRejected(order):
            return order.account_id
        case _:
            return event.account_id


def entry_row(entry: LedgerEntry) -> EntryRow:
    return entry.seq, entry.ts_event, entry.kind, entry.cause, entry.memo


def posting_rows(entry: LedgerEntry) -> Iterator[PostingRow]:
    for leg, posting in enumerate(entry.postings):
        yield entry.seq, leg, posting.account_id, posting.book, posting.unit, str(posting.amount)


def entry_of(row: EntryRow, postings: Iterable[PostingRow]) -> LedgerEntry:
    legs = tuple(Posting(account, book, unit, Decimal(amount)) for _, _, account, book, unit, amount in postings)
    return LedgerEntry(*row, legs)
