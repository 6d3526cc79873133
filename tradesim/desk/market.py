"""The market that is open on the desk now: a source, its clock, what it shows, and orders on their way to it."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from tradesim.desk.arrivals import Arrivals
from tradesim.desk.board import Board
from tradesim.desk.days import local
from tradesim.desk.ports import BarRecording, CorporateCalendar, LiveMarket, MarketSource
from tradesim.desk.views import StatusView
from tradesim.kernel.clock import NS_PER_SECOND, VirtualClock
from tradesim.model.corporate import Dividend, Split
from tradesim.model.instrument import Instrument
from tradesim.model.market import BookTop, SourceKind, Timeframe
from tradesim.model.orders import Rejection
from tradesim.model.series import History
from tradesim.trading.corporate import ratio_of
from tradesim.trading.valuation import NO_TOUCH, Touch, touch_of

ONE = Decimal(1)
ALL_BARS = 100_000
CATCHING_UP_S = 1.0
MOST_BEHIND_S = 0.25
SLOWEST, FASTEST, FASTEST_OF_ALL = 0.1, 1_000.0, 1_000_000.0
MOST_BARS_A_SECOND = 20


@dataclass(slots=True)
class Market:
    """Owned by the market thread. `session_id` names this run of the source.

    `world` is whose accounts trade here: `paper`, `live`, or a replay session of its own.
    """

    source: MarketSource
    clock: VirtualClock
    board: Board
    world: str
    session_id: str
    arrivals: Arrivals = field(default_factory=Arrivals)
    reached: int = 0
    sought: int = 0
    """The moment that was last jumped to."""
    remembered: dict[str, Touch] = field(default_factory=dict)
    """The last touch of what is held but not traded here, from the markets that were open before."""

    _touches: dict[str, tuple[int, Touch]] = field(default_factory=dict)
    _split: dict[str, tuple[Touch, Decimal]] = field(default_factory=dict)
    """The touch of old shares, and what each has become, until new ones trade."""
    live: LiveMarket | None = field(init=False, default=None)
    """The source, when it is a live one: asked before every order, so looked at once."""
    bars: BarRecording | None = field(init=False, default=None)
    """The source, when all that it plays are bars."""

    def __post_init__(self) -> None:
        self.reached = self.reached or self.source.start
        self.live = self.source if isinstance(self.source, LiveMarket) else None
        if isinstance(self.source, BarRecording) and self.source.bar_ns is not None:
            self.bars = self.source

    @property
    def account_id(self) -> str:
        """The account that trades here when none is named."""
        return self.world

    @property
    def now(self) -> int:
        """Market time, never past the end of a recording and never before what has already happened."""
        now = max(self.clock.now(), self.reached)
        return now if self.source.end is None else min(now, max(self.source.end, self.reached))

    @property
    def is_catching_up(self) -> bool:
        """Whether what is shown is well behind the clock: after a jump, or a long sleep of the machine."""
        return self.now - self.reached > CATCHING_UP_S * max(1.0, self.clock.speed) * NS_PER_SECOND

    @property
    def is_ended(self) -> bool:
        return self.source.end is not None and self.reached >= self.source.end

    @property
    def is_controllable(self) -> bool:
        """Whether a person may pause, step or speed up the clock: only the world outside goes its own pace."""
        return self.source.kind in (SourceKind.REPLAY, SourceKind.SIMULATED)

    @property
    def is_seekable(self) -> bool:
        """Whether its other moments are there already."""
        return self.source.kind is SourceKind.REPLAY

    @property
    def bar_ns(self) -> int | None:
        """How long a bar is, where all that is replayed are bars."""
        return self.bars.bar_ns if self.bars else None

    @property
    def usual_speed(self) -> float:
        """With which it begins: a bar a second, where it is of bars."""
        return min(max(1.0, (self.bar_ns or 0) / NS_PER_SECOND), self.fastest)

    @property
    def fastest(self) -> float:
        """The largest speed: bars may come as fast as an eye follows them, however long they are."""
        return min(max(FASTEST, MOST_BARS_A_SECOND * (self.bar_ns or 0) / NS_PER_SECOND), FASTEST_OF_ALL)

    def hold_back(self) -> None:
        """A market that cannot keep the pace that it was given goes as fast as it can: its clock waits.

        Not a recorded day, whose own pace is what is watched, and not on the way to a moment that was sought.
        """
        may_wait = self.source.kind is SourceKind.SIMULATED or self.bars is not None
        is_behind = self.now - self.reached > MOST_BEHIND_S * self.clock.speed * NS_PER_SECOND
        is_there = self.reached >= self.sought
        if may_wait and self.clock.is_playing and self.clock.speed > 1 and is_behind and is_there:
            self.clock.seek(self.reached)

    def seek(self, to: int) -> None:
        self.sought = to
        self.clock.seek(to)

    def skip_pause(self) -> None:
        """A recording of bars goes on at once where it has none: nobody waits for a weekend to be over."""
        due = self.next_due() if self.bar_ns and self.clock.is_playing else None
        if due is not None and due - self.now > (self.bar_ns or 0):
            self.seek(due)

    @property
    def faults(self) -> tuple[str, ...]:
        """What a trader must know of a live market's data."""
        return self.live.faults(self.now) if self.live else ()

    def untrusted(self, symbol: str) -> Rejection | None:
        """Nobody should trade on a quote that is old, crossed or disputed."""
        if self.live is None or symbol not in self.source.instruments:
            return None
        fault = self.live.order_fault(symbol, self.now)
        return Rejection("untrusted_quote", fault, "symbol") if fault else None

    def may_match(self, symbol: str) -> bool:
        """Whether what waits for a better moment may be sent, or dealt, now."""
        return not (self.source.venue.is_halted(symbol) or self.untrusted(symbol))

    def corporate_actions(self, since: int, until: int) -> Sequence[Dividend | Split]:
        """What companies did on the days after that of `since`, up to that of `until` (UTC ns)."""
        if not isinstance(self.source, CorporateCalendar):
            return ()
        return self.source.corporate_actions(local(since).date(), local(until).date())

    def instrument(self, symbol: str) -> Instrument | None:
        return self.source.instruments.get(symbol)

    def top(self, symbol: str, levels: int = 50) -> BookTop:
        return self.source.venue.top(symbol, levels)

    def touches(self, symbols: Iterable[str]) -> dict[str, Touch]:
        """The touch of each symbol, in money; of what is not traded here, the last one known."""
        traded, wanted = self.source.instruments, set(symbols)
        here = {symbol: self._touch(symbol, traded[symbol]) for symbol in wanted & traded.keys()}
        return {**{symbol: self.remembered[symbol] for symbol in wanted & self.remembered.keys()}, **here}

    def _touch(self, symbol: str, instrument: Instrument) -> Touch:
        """Worked out again only when time has passed, or something was heard of the symbol."""
        moves = self.board.moves[symbol]
        known = self._touches.get(symbol)
        if known is None or known[0] != moves:
            known = self._touches[symbol] = moves, self._in_new_shares(symbol, self._told(symbol, instrument))
        return known[1]

    def _told(self, symbol: str, instrument: Instrument) -> Touch:
        return touch_of(instrument, self.top(symbol, 1), self.board.last(symbol))

    def _in_new_shares(self, symbol: str, told: Touch) -> Touch:
        old, ratio = self._split.get(symbol, (NO_TOUCH, ONE))
        return told if ratio == ONE else told.shared_out(old, ratio)

    def split(self, split: Split) -> None:
        """What is known of its price is of old shares: it is shared out until something else is heard."""
        instrument = self.instrument(split.symbol)
        if instrument is None:
            return
        told = self._told(split.symbol, instrument)
        old, ratio = self._split.get(split.symbol, (told, ONE))
        self._split[split.symbol] = told, (ratio if old.last == told.last else ONE) * ratio_of(split)
        self._touches.pop(split.symbol, None)

    def band_reference(self, symbol: str) -> Decimal | None:
        """What the venue measures its price band from, in money."""
        instrument = self.source.instruments.get(symbol)
        ticks = self.source.venue.band_reference(symbol) if instrument else None
        if instrument is None or ticks is None:
            return None
        return self._in_new_shares(symbol, Touch(last=instrument.price(ticks))).last

    def status(self, journal: str, faults: tuple[str, ...]) -> StatusView:
        return StatusView(
            source=self.source.kind,
            title=self.source.title,
            now=self.reached,
            speed=self.clock.speed,
            is_playing=self.clock.is_playing and not self.is_ended,
            is_ended=self.is_ended,
            start=self.source.start,
            end=self.source.end,
            session_id=self.session_id,
            journal=journal,
            faults=faults,
            account_id=self.account_id,
            bar_ns=self.bar_ns,
        )

    def past(self) -> Iterator[tuple[str, History]]:
        """All the bars that are kept, symbol by symbol: some 25 MB in all."""
        bars, frames = self.board.bars, (Timeframe.S1, Timeframe.M1, Timeframe.D1)
        for symbol in self.source.instruments:
            yield symbol, History(*(bars.bars(symbol, frame, ALL_BARS) for frame in frames))

    def next_due(self) -> int | None:
        dues = [due for due in (self.source.next_due(), self.arrivals.next_due()) if due is not None]
        return min(dues) if dues else None

    @property
    def has_arrival(self) -> bool:
        """Whether an order has arrived that the venue has not seen yet.

        What is on its way when a recording ends arrives at its last moment: there is no later one.
        """
        due = self.arrivals.next_due()
        return due is not None and (due <= self.reached or self.is_ended)

    def advance(self, to: int) -> None:
        """Up to `to`, or to the first arrival before it, so that what came of it is known to the next."""
        due = self.arrivals.next_due()
        until = to if due is None else min(to, max(due, self.reached))
        self.source.advance(until)
        self.reached = max(until, self.reached)
        self._touches.clear()
        arrival = self.arrivals.take() if self.has_arrival else None
        if arrival:
            arrival(self.reached)
            self._touches.clear()
