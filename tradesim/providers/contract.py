"""What every vendor's folder gives: REST answers, a stream, and what it can do. Vendors know nothing of each other.

A vendor is `rest.py` (sends), `stream.py` (listens), `parse.py` (bytes to model.feed, pure) and `limits.py`
(documented quotas). REST raises the errors of kernel.errors, sorted by what the caller should do.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from typing import Protocol, runtime_checkable

from tradesim.model.corporate import Basis, Dividend, Split
from tradesim.model.feed import Capability, FeedBar, FeedBook, FeedEvent, FeedQuote, Listing, ProviderHealth
from tradesim.model.market import Timeframe

YES = "yes"
"""What `Provider.capabilities` says of what it can do."""

Hear = Callable[[Sequence[FeedEvent]], None]
"""Called on the stream's thread with what one message held; must be quick."""


class Stream(Protocol):
    """A connection that heals itself. `want` may be called at any time and replaces what was wanted before."""

    def start(self, hear: Hear) -> None: ...

    def want(self, symbols: Iterable[str]) -> None:
        """Symbols in our spelling (`BTC/USD`, `AAPL`). Beyond the plan's limit the last ones are left out and told."""
        ...

    def retry(self) -> None:
        """Where a line rests before its next attempt: try now."""
        ...

    def ask_again(self, symbol: str) -> None:
        """Who listens cannot trust its book of `symbol` any more: ask for it whole, in time; the line stays."""
        ...

    def renew(self) -> None:
        """Leave the line that is open and open another one at once: a recording begins with it."""
        ...

    def stop(self) -> None: ...


@runtime_checkable
class CorporateRecords(Protocol):
    """A provider that keeps records of what companies do."""

    def corporate_actions(self, symbol: str, first: date, last: date) -> list[Dividend | Split]:
        """Of the days from `first` to `last`, announced ones too."""
        ...


@runtime_checkable
class AssetRecords(Protocol):
    """A provider that tells what a symbol is besides its prices."""

    def asset(self, symbol: str) -> Listing | None:
        """None where it does not tell now. Raises nothing."""
        ...


@runtime_checkable
class AdjustedPast(Protocol):
    """A provider that tells the days of the past on any basis."""

    def adjusted_days(self, symbol: str, basis: Basis, start: int, end: int) -> list[FeedBar]:
        """As `Provider.bars` of days."""
        ...


@runtime_checkable
class Mendable(Protocol):
    """A provider that remembers refusals, which a person may mend."""

    def try_again(self) -> None:
        """What was refused may be asked once more, and now."""
        ...


@runtime_checkable
class RawPast(Protocol):
    """A provider some of whose bars come without their splits."""

    raw_bars: frozenset[Timeframe]
    """Those of these lengths."""


class Provider(Protocol):
    @property
    def id(self) -> str: ...

    @property
    def title(self) -> str: ...

    @property
    def needs_key(self) -> bool: ...

    @property
    def is_discontinued(self) -> bool: ...

    def capabilities(self) -> Mapping[Capability, str]:
        """`yes`, or the sentence that says why not (no key, not in the plan, not offered)."""
        ...

    def quote(self, symbol: str) -> FeedQuote: ...

    def book(self, symbol: str) -> FeedBook: ...

    def bars(self, symbol: str, timeframe: Timeframe, start: int, end: int) -> list[FeedBar]:
        """Oldest first, `start` <= bar.start < `end` (UTC ns); [] where nothing traded."""
        ...

    def search(self, text: str) -> list[Listing]: ...

    def stream(self) -> Stream | None:
        """None where the plan or the vendor has none."""
        ...

    def health(self) -> ProviderHealth: ...

    def close(self) -> None: ...
