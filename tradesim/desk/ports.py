"""What the desk asks of the world outside: a market to trade in, a journal to remember with.

Implemented in `providers` and `storage`, handed in by `bootstrap`. The desk calls all of it from the
market thread only, so no implementation needs a lock.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from typing import Any, Protocol, runtime_checkable

from msgspec import Struct

from tradesim.model.accounts import LedgerEntry
from tradesim.model.corporate import Basis, DayFactors, Dividend, Split
from tradesim.model.events import DeskEvent
from tradesim.model.instrument import Instrument
from tradesim.model.market import BookTop, Indicative, SessionState, Side, SourceKind
from tradesim.model.series import Bars, History, Traded
from tradesim.model.venue import Beyond, CancelCause, HaltedBy, QueuePosition, VenueOrder
from tradesim.model.venue import Happenings as Happenings


class Venue(Protocol):
    """Where our orders match. Nothing is returned at once: what comes of an action is in `drain`."""

    model: str
    """Name of the matching model, shown in fill reasons: `order book`, `shadow book`."""

    held: Callable[[str, str], int]
    """Lots of (owner, symbol) that are held, short below zero, after all that was drained: for what only closes."""

    def submit(self, order: VenueOrder, now: int) -> None: ...

    def cancel(self, order_id: str, now: int, cause: CancelCause = CancelCause.CLIENT) -> None: ...

    def replace(self, order_id: str, qty: int, price: int, now: int) -> None:
        """`qty` is the new open quantity in lots. Less at the same price keeps the place in the queue."""
        ...

    def bind(self, order_id: str, only_closes: bool) -> None:
        """From now on the order, if it is open here, may only close (`VenueOrder.only_closes`)."""
        ...

    def halt(self, symbol: str, now: int, by: HaltedBy = HaltedBy.DESK) -> None: ...

    def resume(self, symbol: str, now: int, by: HaltedBy = HaltedBy.DESK) -> None:
        """The halt of the other one stands."""
        ...

    def is_halted(self, symbol: str) -> bool: ...

    def halted_by(self, symbol: str) -> tuple[HaltedBy, ...]: ...

    def band_reference(self, symbol: str) -> int | None:
        """The price in ticks that the price band is measured from; None while every price is taken."""
        ...

    def top(self, symbol: str, levels: int) -> BookTop: ...

    def beyond(self, symbol: str, side: Side, lots: int, limit: int | None) -> Beyond | None:
        """What `lots` of an order of `side` would meet behind all that is displayed; None where there is no more.

        `limit` in ticks, None for a market order.
        """
        ...

    def queue_position(self, order_id: str) -> QueuePosition | None:
        """None when the order does not rest here."""
        ...

    @property
    def holds_auctions(self) -> bool:
        """Whether it calls auctions of its own, or only learns the prices that another market's came to."""
        ...

    def holds(self, order_id: str) -> bool:
        """Whether the order is open here: resting, waiting for a print, or collected for an auction."""
        ...

    def indicative(self, symbol: str, now: int) -> Indicative | None:
        """What its auction would do now; None while no orders are collected for one."""
        ...

    def uncross(self, symbol: str, now: int) -> None:
        """Hold the auction for which orders were collected; nothing where none were."""
        ...

    def drain(self) -> Happenings:
        """What happened since the last call; the caller owns the answer."""
        ...


class MarketSource(Protocol):
    """A market that moves by itself: simulated, replayed or live. Alike to everything downstream."""

    @property
    def kind(self) -> SourceKind: ...

    @property
    def title(self) -> str:
        """One short line for the badge: `seed 42`, `AMZN 2012-06-21`."""
        ...

    @property
    def instruments(self) -> Mapping[str, Instrument]: ...

    @property
    def venue(self) -> Venue: ...

    @property
    def start(self) -> int:
        """Market time at which the tape begins, UTC ns."""
        ...

    @property
    def end(self) -> int | None:
        """Market time of the last recorded event; None for a market without an end."""
        ...

    def history(self, symbol: str) -> History:
        """The past up to the market's present moment; never anything after it."""
        ...

    def next_due(self) -> int | None:
        """Market time of the next thing that happens by itself; None when nothing will."""
        ...

    def advance(self, to: int) -> None:
        """Let everything happen up to and including `to`; the outcome is in `venue.drain()`."""
        ...

    def seek(self, to: int) -> None:
        """Jump so that `to` is the present; own orders are dropped. Raises Refused where it cannot."""
        ...

    def session(self, symbol: str, now: int) -> SessionState: ...

    def close(self) -> None: ...


@runtime_checkable
class LiveMarket(Protocol):
    """What a `MarketSource` that listens to the outside world has besides."""

    def on_arrival(self, wake: Callable[[], None]) -> None:
        """`wake` is called, from any thread, when something has come and the market should advance."""
        ...

    def take_up(self, symbols: Sequence[str]) -> None:
        """Trade more symbols, which it learned of and whose past it asked for: from now on they are instruments."""
        ...

    def faults(self, now: int) -> tuple[str, ...]:
        """What a trader must know of the data, one sentence each. May be asked from any thread."""
        ...

    def order_fault(self, symbol: str, now: int) -> str | None:
        """Why no order should be sent on what is shown of `symbol`: stale, crossed, disputed. None: it may."""
        ...


@runtime_checkable
class DrawnPast(Protocol):
    """What a `MarketSource` whose past was drawn, and not heard, has besides."""

    def traded(self, symbol: str, bars: Bars) -> Traded:
        """The trades that bars of its past stand for: the same for the same bars. Raises Refused for other symbols."""
        ...


@runtime_checkable
class BarRecording(Protocol):
    """What a `MarketSource` that plays bars has besides."""

    bar_ns: int | None
    """How long its shortest bar is; None where it plays more than bars."""

    def bar_end(self, count: int) -> int | None:
        """Market time at which the next `count` bars are whole, or the last one is; None where nothing is left."""
        ...


@runtime_checkable
class CorporateCalendar(Protocol):
    """What a `MarketSource` that knows of splits and dividends has besides."""

    split_adjusted_until: date | None
    """Splits of the days up to then are in its bars of the past already, as vendors tell them; None: no split is."""

    def corporate_actions(self, after: date, until: date) -> Sequence[Dividend | Split]:
        """Those whose day is later than `after` and not later than `until`, oldest first. Answers at once."""
        ...


@runtime_checkable
class AdjustedDays(Protocol):
    """What a `MarketSource` that can find out what companies did without records of it has besides."""

    def day_factors(self, symbol: str, basis: Basis) -> DayFactors | None:
        """From the past as it is told to `basis`; None where it has records, or nobody can tell. Not of the market
        thread: it may wait for a provider.
        """
        ...


class Snapshot(Struct, frozen=True):
    """The desk's state after the journal row `seq`, as plain JSON-able data."""

    seq: int
    state: Any


class Journal(Protocol):
    """Durable memory. `append` returns only when the rows survive kill -9 and a power cut."""

    @property
    def last_seq(self) -> int:
        """The number of the last durable row. May be asked from any thread."""
        ...

    def append(self, events: Sequence[DeskEvent], entries: Sequence[LedgerEntry]) -> int:
        """All or nothing; the last row's number. Raises JournalUnavailable when it cannot be written now."""
        ...

    def replay(self, after: int = 0) -> Iterable[tuple[int, DeskEvent]]: ...

    def history(self, account_id: str, kinds: Sequence[type], after: int = 0) -> Iterable[tuple[int, DeskEvent]]:
        """One account's events of some kinds after row `after`, in order. May be called from any thread."""
        ...

    def last_moment(self, world: str) -> int:
        """The latest time (UTC ns) of what was written last of the accounts of `world`; 0 when nothing was."""
        ...

    def entries(self, after: int = 0) -> Iterable[LedgerEntry]: ...

    def snapshot(self) -> Snapshot | None: ...

    def save_snapshot(self, snapshot: Snapshot) -> None: ...

    def health(self) -> str:
        """`ok`, or the sentence that says why new orders must be refused though the past is safe."""
        ...

    def close(self) -> None: ...
