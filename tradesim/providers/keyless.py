"""What crypto exchanges without a key have in common: one way to be asked, a listing kept for a day, health."""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Protocol

from tradesim.kernel.clock import NS_PER_SECOND, Clock
from tradesim.kernel.errors import NotOffered, UnknownSymbol
from tradesim.model.feed import Capability, FeedBar, FeedBook, FeedQuote, LinkState, Listing, ProviderHealth
from tradesim.model.market import Timeframe
from tradesim.providers.connection import Connection
from tradesim.providers.http import HttpClient
from tradesim.providers.line import Link

LISTING_FOR_NS = 24 * 3600 * NS_PER_SECOND
MOST_FOUND = 30

EVERYTHING: Mapping[Capability, str] = MappingProxyType(dict.fromkeys(Capability, "yes"))


class Catalogue:
    """All that an exchange lists, asked for once a day."""

    def __init__(self, ask: Callable[[], list[Listing]], clock: Clock) -> None:
        self._ask, self._clock = ask, clock
        self._listings: dict[str, Listing] = {}
        self._asked_at: int | None = None

    def search(self, text: str) -> list[Listing]:
        """Those whose symbol begins with `text` (in any spelling) first, then those that hold it."""
        wanted = _bare(text)
        if not wanted:
            return []
        found = [each for each in self._all().values() if wanted in _bare(each.symbol)]
        found.sort(key=lambda each: (not _bare(each.symbol).startswith(wanted), len(each.symbol), each.symbol))
        return found[:MOST_FOUND]

    def listing(self, symbol: str) -> Listing:
        """Raises UnknownSymbol."""
        found = self._all().get(symbol)
        if found is None:
            raise UnknownSymbol(f"{symbol} is not listed there")
        return found

    def _all(self) -> Mapping[str, Listing]:
        now = self._clock.now()
        if self._asked_at is None or now - self._asked_at > LISTING_FOR_NS:
            self._listings = {each.symbol: each for each in self._ask()}
            self._asked_at = now
        return self._listings


class Rest(Protocol):
    """What an exchange's `rest.py` gives."""

    @property
    def http(self) -> HttpClient: ...

    def listings(self) -> list[Listing]: ...

    def quote(self, symbol: str) -> FeedQuote: ...

    def book(self, symbol: str) -> FeedBook: ...

    def bars(self, symbol: str, timeframe: Timeframe, start: int, end: int) -> list[FeedBar]: ...


class Refusing(Protocol):
    """A dialect that remembers which symbols were refused, and why."""

    refusals: dict[str, str]


class KeylessProvider:
    """Base of `contract.Provider`s: REST answers, a stream, and both as one picture."""

    id: str = ""
    title: str = ""
    needs_key = False
    is_discontinued = False

    def __init__(self, rest: Rest, refusing: Refusing, connection: Connection, clock: Clock) -> None:
        self._asked, self._refusing, self._connection = rest, refusing, connection
        self._catalogue = Catalogue(rest.listings, clock)

    def capabilities(self) -> Mapping[Capability, str]:
        return EVERYTHING

    def quote(self, symbol: str) -> FeedQuote:
        with self.http.reading():
            return self._asked.quote(symbol)

    def book(self, symbol: str) -> FeedBook:
        with self.http.reading():
            return self._asked.book(symbol)

    def bars(self, symbol: str, timeframe: Timeframe, start: int, end: int) -> list[FeedBar]:
        with self.http.reading():
            return self._asked.bars(symbol, timeframe, start, end)

    def search(self, text: str) -> list[Listing]:
        with self.http.reading():
            return self._catalogue.search(text)

    def listing(self, symbol: str) -> Listing:
        """With tick and lot size. Raises UnknownSymbol."""
        with self.http.reading():
            return self._catalogue.listing(symbol)

    def stream(self) -> Connection:
        return self._connection

    @property
    def connection(self) -> Connection:
        return self._connection

    @property
    def http(self) -> HttpClient:
        return self._asked.http

    def health(self) -> ProviderHealth:
        return health_of(self.id, self.title, self.http, self._connection, self._refusing.refusals, self.capabilities())

    def try_again(self) -> None:
        """A person presses Test: a line that rests is tried now."""
        self._connection.retry()

    def close(self) -> None:
        self._connection.stop()
        self.http.close()


def _bare(text: str) -> str:
    return "".join(letter for letter in text.upper() if letter.isalnum())


def wire_timeframe(names: Mapping[Timeframe, str] | Mapping[Timeframe, int], timeframe: Timeframe, who: str) -> str:
    """Raises NotOffered, naming what is offered."""
    if timeframe not in names:
        raise NotOffered(f"{who} has bars of {', '.join(names)}; {timeframe} was asked")
    return str(names[timeframe])


def health_of(
    provider: str,
    title: str,
    http: HttpClient,
    connection: Connection | None,
    refused: Mapping[str, str],
    capabilities: Mapping[Capability, str],
) -> ProviderHealth:
    """One picture of both ways to a vendor. A refused symbol is told while nothing worse is."""
    link = connection.link() if connection else Link(LinkState.OFF)
    traffic = http.traffic
    heard = [at for at in (link.last_heard, traffic.last_heard) if at is not None]
    return ProviderHealth(
        provider,
        title,
        link.state,
        dict(capabilities),
        last_heard=max(heard, default=None),
        latency_ns=link.latency_ns or traffic.latency_ns,
        retry_at=link.retry_at,
        attempt=link.attempt,
        budget_left=http.budget.left() if http.budget else {},
        error=link.error or traffic.error or _refusals(refused, link.left_out),
        errors=link.errors + traffic.errors,
        requests=traffic.requests,
    )


def _refusals(refused: Mapping[str, str], left_out: tuple[str, ...]) -> str | None:
    told = [f"{symbol}: {why}" for symbol, why in refused.items()]
    if left_out:
        told.append(f"more symbols than one connection takes; left out: {', '.join(left_out)}")
    return "; ".join(told) or None
