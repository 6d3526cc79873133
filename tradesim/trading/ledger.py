"""The append-only book of every movement. Balances are exact; a bounded tail of entries stays in memory."""

from collections import defaultdict, deque
from collections.abc import Iterable
from decimal import Decimal

from tradesim.kernel.errors import Unbalanced
from tradesim.model.accounts import LedgerEntry, Posting

Book = tuple[str, str, str]
"""Account, book and unit."""
KEPT_ENTRIES = 2_000


class Ledger:
    """`carried` are the balances before the oldest entry still in memory."""

    def __init__(self, carried: dict[Book, Decimal] | None = None, last_seq: int = 0, keep: int = KEPT_ENTRIES) -> None:
        self._carried = dict(carried or {})
        self._balances = dict(self._carried)
        self._keep = keep
        self.entries: deque[LedgerEntry] = deque()
        self.last_seq = last_seq

    @property
    def carried(self) -> dict[Book, Decimal]:
        return dict(self._carried)

    @property
    def balances(self) -> dict[Book, Decimal]:
        return dict(self._balances)

    def balance(self, account_id: str, book: str, unit: str) -> Decimal:
        return self._balances.get((account_id, book, unit), Decimal(0))

    def require(self, account_id: str, book: str, unit: str, amount: Decimal) -> None:
        """Raises Unbalanced unless the book holds exactly `amount`."""
        found = self.balance(account_id, book, unit)
        if found != amount:
            raise Unbalanced(f"{book} of {account_id} must hold {amount} {unit}, was {found}")

    def post(self, entry: LedgerEntry) -> None:
        """Append one entry. Raises Unbalanced when a unit does not sum to zero or the number is not the next."""
        if entry.seq != self.last_seq + 1:
            raise Unbalanced(f"ledger entry {entry.seq} does not follow entry {self.last_seq}")
        require_balance(entry)
        add(self._balances, entry.postings)
        self.entries.append(entry)
        self.last_seq = entry.seq
        if len(self.entries) > self._keep:
            add(self._carried, self.entries.popleft().postings)

    def check(self) -> None:
        """Raises Unbalanced unless the balances equal a replay and every unit sums to zero over all books."""
        replayed = dict(self._carried)
        for entry in self.entries:
            require_balance(entry)
            add(replayed, entry.postings)
        if replayed != self._balances:
            raise Unbalanced(f"balances {self._balances} differ from a replay of the entries, {replayed}")
        require_zero(((unit, amount) for (_, _, unit), amount in self._balances.items()), "the ledger")


def require_balance(entry: LedgerEntry) -> None:
    """Raises Unbalanced unless the entry's postings are finite and sum to zero in every unit."""
    require_zero(((leg.unit, leg.amount) for leg in entry.postings), f"entry {entry.seq} ({entry.kind} {entry.cause})")


def require_zero(amounts: Iterable[tuple[str, Decimal]], where: str) -> None:
    sums: defaultdict[str, Decimal] = defaultdict(Decimal)
    for unit, amount in amounts:
        sums[unit] += amount
    wrong = {unit: str(total) for unit, total in sums.items() if not total.is_finite() or total}
    if wrong:
        raise Unbalanced(f"{where} must sum to zero in every unit, was {wrong}")


def add(balances: dict[Book, Decimal], postings: Iterable[Posting]) -> None:
    for leg in postings:
        book = (leg.account_id, leg.book, leg.unit)
        balances[book] = balances.get(book, Decimal(0)) + leg.amount
