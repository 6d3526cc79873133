"""Performance and the journal of round trips, read from the journal's events on the thread of whoever asks.

What was read is remembered, so that the next question reads only what is new. Of the newest round trips the fills are
kept with their reasons, of older ones their sums.
"""

import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from msgspec import Struct
from msgspec.structs import replace

from tradesim.desk.archive import give_way
from tradesim.desk.charts import present_bars, priced
from tradesim.desk.market import Market
from tradesim.desk.ports import Journal
from tradesim.desk.views import AccountView, ChartView, PerformanceView, TripView
from tradesim.kernel.clock import NS_PER_SECOND
from tradesim.model.accounts import Account
from tradesim.model.events import (
    AccountOpened,
    AccountReset,
    BarsKept,
    CashMoved,
    DayOpened,
    DeskEvent,
    EquityMarked,
    OrderAccepted,
    OrderCanceled,
    OrderExpired,
    OrderFilled,
    OrderRejected,
    PositionSplit,
    TripAnnotated,
)
from tradesim.model.orders import Rejection
from tradesim.trading.origins import sender
from tradesim.trading.performance import curve
from tradesim.trading.performance.curve import Mark
from tradesim.trading.performance.excursions import MINUTE_NS, Excursions, PricedBar, excursions
from tradesim.trading.performance.export import FORMATS
from tradesim.trading.performance.exposure import Holdings
from tradesim.trading.performance.figures import figures, grouped, turnover
from tradesim.trading.performance.line import GrowingLine, Line
from tradesim.trading.performance.stops import Stops, r_multiple
from tradesim.trading.performance.trips import RoundTrip, TripMatcher, setup_of

ZONE = ZoneInfo("America/New_York")
KINDS: tuple[type, ...] = (
    AccountOpened,
    AccountReset,
    BarsKept,
    CashMoved,
    DayOpened,
    EquityMarked,
    OrderAccepted,
    OrderCanceled,
    OrderExpired,
    OrderFilled,
    OrderRejected,
    PositionSplit,
    TripAnnotated,
)
KEPT_WITH_FILLS = 5_000
MOST_POINTS = 2_000
DRAWN_BARS = 3_000
CHART_BEFORE, CHART_AFTER = 30 * MINUTE_NS, 15 * MINUTE_NS
BARS_COME_WITHIN = 30 * MINUTE_NS
"""Bars are kept a quarter of an hour at a time."""
DAY_NS = 86_400 * NS_PER_SECOND
YEAR_TO_DATE = "YTD"
PERIODS = {"1D": 1, "1W": 7, "1M": 30, "3M": 91, YEAR_TO_DATE: None, "1A": 365, "all": None}
"""Days of market time before now; the year to date begins at midnight in New York."""
PresentBars = Callable[[str], Iterable[PricedBar]]


class Note(Struct, frozen=True):
    note: str = ""
    tags: tuple[str, ...] = ()


@dataclass(slots=True)
class Past:
    """What one account's events add up to."""

    seq: int = 0
    matcher: TripMatcher = field(default_factory=TripMatcher)
    closed: list[RoundTrip] = field(default_factory=list)
    marks: list[Mark] = field(default_factory=list)
    line: GrowingLine = field(default_factory=GrowingLine)
    flow: Decimal = Decimal(0)
    notes: dict[str, Note] = field(default_factory=dict)
    bars: dict[str, dict[int, PricedBar]] = field(default_factory=dict)
    words: dict[str, tuple[str, str]] = field(default_factory=dict)
    """Source and tag of orders that may still fill."""
    measured: dict[str, Excursions] = field(default_factory=dict)
    """Of trips that ended so long ago that no bar of theirs can still come."""
    stops: Stops = field(default_factory=Stops)
    holdings: Holdings = field(default_factory=Holdings)
    opened_at: int = 0
    seen_at: int = 0

    def take(self, seq: int, event: DeskEvent) -> None:
        self.seq = seq
        if not isinstance(event, TripAnnotated):
            self.seen_at = event.ts_event
        match event:
            case AccountOpened(account=account):
                self._begin(account.cash, event.ts_event)
            case AccountReset():
                self._begin(event.cash, event.ts_event)
            case OrderAccepted(order=order):
                self.words[order.id] = (order.source, order.tag)
                self.stops.plan(order, self.matcher.opened(order.symbol))
            case OrderCanceled() | OrderExpired():
                self.words.pop(event.order_id, None)
                self.stops.planned.pop(event.order_id, None)
            case OrderRejected(order=order):
                self.words.pop(order.id, None)
            case OrderFilled(fill=fill):
                self.holdings.fill(fill)
                source, tag = self.words.get(fill.order_id, ("", ""))
                self._ended(self.matcher.take(fill, source, tag, seq))
                self.stops.enter(fill, self.matcher.opened(fill.symbol))
            case PositionSplit():
                self.holdings.split(event)
                self.stops.split(event, self.matcher.opened(event.symbol))
                self._ended(self.matcher.split(event))
            case EquityMarked():
                self._mark(event.ts_event, event.equity, event.exposure)
            case DayOpened():
                self._mark(event.ts_event, event.equity, None)
            case CashMoved() if event.is_from_outside:
                self.flow += event.amount
            case TripAnnotated():
                self.notes[event.trip_id] = Note(event.note, event.tags)
            case BarsKept():
                kept = self.bars.setdefault(event.symbol, {})
                kept.update((row[0], priced(row, event.tick_size, event.lot_size)) for row in event.rows)

    def present(self, view: AccountView, market: Market) -> Mark:
        """What it is worth now; where its own market is not open, when something was last heard of it."""
        exposure = sum((abs(each.market_value) for each in view.positions), Decimal(0))
        now = time_of(view, market) or self.seen_at
        return Mark(now, float(view.equity), float(exposure), float(self.flow), self.holdings.until(now))

    def view(self, trip: RoundTrip, bars: Sequence[PricedBar], now: int) -> TripView:
        note, stop = self.notes.get(trip.id, Note()), self.stops.first.get(trip.id)
        return trip_view(trip, note, self._excursions(trip, bars, now), stop)

    def _excursions(self, trip: RoundTrip, bars: Sequence[PricedBar], now: int) -> Excursions | None:
        known = self.measured.get(trip.id)
        if known is not None or not trip.legs:
            return known
        found = excursions(trip, bars, now)
        if trip.exit_at is not None and now - trip.exit_at > BARS_COME_WITHIN:
            self.measured[trip.id] = found
        return found

    def _begin(self, cash: Decimal, at: int) -> None:
        self.matcher.forget()
        self.marks, self.line, self.flow, self.opened_at = [], GrowingLine(), Decimal(0), at
        self.holdings = Holdings(at, float(cash))
        self._add(Mark(at, float(cash)))

    def _mark(self, at: int, equity: Decimal, exposure: Decimal | None) -> None:
        """A day's opening says nothing of what is held: as much as before."""
        before = self.marks[-1].exposure if self.marks else 0.0
        value = before if exposure is None else float(exposure)
        held = self.holdings.mark(at, float(equity), None if exposure is None else value)
        self._add(Mark(at, float(equity), value, float(self.flow), held))
        self.flow = Decimal(0)

    def _add(self, mark: Mark) -> None:
        self.marks.append(mark)
        self.line.add(mark)

    def _ended(self, trip: RoundTrip | None) -> None:
        if trip is None:
            return
        self.closed.append(trip)
        if len(self.closed) > KEPT_WITH_FILLS:
            old = self.closed[-KEPT_WITH_FILLS - 1]
            self.closed[-KEPT_WITH_FILLS - 1] = replace(old, legs=(), matches=())


class Analytics:
    """Safe to call from any thread. Everything is of one account, seen from the market that is open."""

    def __init__(self, journal: Journal) -> None:
        self._journal = journal
        self._pasts: dict[str, Past] = {}
        self._lock = threading.Lock()

    def performance(self, view: AccountView, period: str, market: Market) -> PerformanceView | Rejection:
        """Of the last `period`, one of PERIODS."""
        if period not in PERIODS:
            return Rejection("period", f"period must be one of {', '.join(PERIODS)}, was {period}", "period")
        with self._lock:
            past = self._past(view.account.id)
            last = past.present(view, market)
            now, since = last.at, begin_of(period, last.at, past.opened_at)
            marks = marks_since(past.marks, last, since)
            trips = [trip for trip in past.closed if (trip.exit_at or 0) >= max(since, past.opened_at)]
            notes, still_open = dict(past.notes), past.matcher.open
        return performance_view(view.account, period, since, now, marks, trips, notes, len(still_open))

    def marks(self, view: AccountView, market: Market) -> tuple[Mark, ...]:
        """Since the account was opened or reset, oldest first, the last one of now."""
        with self._lock:
            past = self._past(view.account.id)
            return (*past.marks, past.present(view, market))

    def line(self, view: AccountView, market: Market) -> Line:
        """As `marks`, without a copy."""
        with self._lock:
            past = self._past(view.account.id)
            return past.line.until(past.present(view, market))

    def trips(self, view: AccountView, market: Market, limit: int | None = None) -> tuple[TripView, ...]:
        """Newest first: those still open, then the closed ones."""
        now, present = time_of(view, market), drawn_bars(view, market)
        with self._lock:
            past = self._past(view.account.id)
            found = [*reversed(past.matcher.open), *reversed(past.closed)][:limit]
            wanted = symbols_of(trip for trip in found if trip.legs and trip.id not in past.measured)
            bars = {symbol: joined(past.bars.get(symbol, {}), present(symbol)) for symbol in wanted}
            return tuple(past.view(trip, bars.get(trip.symbol, ()), now) for trip in found)

    def export(self, format: str, view: AccountView, market: Market) -> bytes | Rejection:
        """Every trip as a file."""
        if format not in FORMATS:
            wanted = f"format must be one of {', '.join(FORMATS)}"
            return Rejection("bad_request", f"{wanted}, was {format}", "format")
        return FORMATS[format](self.trips(view, market))

    def chart(self, trip_id: str, view: AccountView, market: Market) -> ChartView | None:
        """The trip with the bars around it; None when there is no such trip."""
        now, present = time_of(view, market), drawn_bars(view, market)
        with self._lock:
            past = self._past(view.account.id)
            trip = next((each for each in (*past.matcher.open, *past.closed) if each.id == trip_id), None)
            if trip is None:
                return None
            bars = joined(past.bars.get(trip.symbol, {}), present(trip.symbol))
            shown = past.view(trip, bars, now)
        begin, end = trip.entry_at - CHART_BEFORE - MINUTE_NS, (trip.exit_at or now) + CHART_AFTER
        return ChartView(shown, tuple(bar for bar in bars if begin <= bar.start <= end))

    def note(self, account_id: str, trip_id: str) -> Note | None:
        """What was said of the trip; None when there is no such trip."""
        with self._lock:
            past = self._past(account_id)
            is_known = any(trip.id == trip_id for trip in (*past.matcher.open, *past.closed))
            return past.notes.get(trip_id, Note()) if is_known else None

    def _past(self, account_id: str) -> Past:
        past = self._pasts.setdefault(account_id, Past())
        for number, (seq, event) in enumerate(self._journal.history(account_id, KINDS, past.seq), 1):
            past.take(seq, event)
            give_way(number)
        return past


def time_of(view: AccountView, market: Market) -> int:
    """Market time of the account's own market; 0 while another one is open."""
    return market.reached if view.account.home == market.world else 0


def drawn_bars(view: AccountView, market: Market) -> PresentBars:
    """The bars of what the account can trade now."""
    traded = market.source.instruments if view.account.home == market.world else {}
    return lambda symbol: present_bars(market.board.bars, traded[symbol], DRAWN_BARS) if symbol in traded else ()


def begin_of(period: str, now: int, opened_at: int) -> int:
    if period == YEAR_TO_DATE:
        return max(opened_at, begin_of_year(now))
    days = PERIODS[period]
    return opened_at if days is None else max(opened_at, now - days * DAY_NS)


def begin_of_year(now: int) -> int:
    year = local(now).year
    return int(datetime(year, 1, 1, tzinfo=ZONE).timestamp()) * NS_PER_SECOND


def local(at: int) -> datetime:
    return datetime.fromtimestamp(at // NS_PER_SECOND, ZONE)


def marks_since(marks: Sequence[Mark], last: Mark, since: int) -> list[Mark]:
    """From the last mark before `since`, which is where the period begins, to `last`."""
    first = next((at for at, mark in enumerate(marks) if mark.at > since), len(marks))
    later = [*marks[first:], last]
    if first == 0:
        return later
    before, following = marks[first - 1], later[0]
    begin, whole = max(before.at, since), following.at - before.at
    part = (following.at - begin) / whole if whole > 0 else 0.0
    later[0] = replace(following, held=following.held.part(max(0.0, part)))
    return [replace(before, at=begin, flow=0.0), *later]


def performance_view(
    account: Account,
    period: str,
    since: int,
    now: int,
    marks: Sequence[Mark],
    trips: Sequence[RoundTrip],
    notes: Mapping[str, Note],
    still_open: int,
) -> PerformanceView:
    days = curve.daily_returns(marks, ZONE)
    deepest = curve.deepest(marks)
    shown = curve.thinned(marks, MOST_POINTS)
    traded = float(sum((turnover(trip) for trip in trips), Decimal(0)))
    average = sum(mark.equity for mark in marks) / len(marks)

    def tags(trip: RoundTrip) -> tuple[str, ...]:
        """The order's own tag and the journal's."""
        return tuple(dict.fromkeys(each for each in (trip.tag, *notes.get(trip.id, Note()).tags) if each))

    return PerformanceView(
        account_id=account.id,
        currency=account.currency,
        period=period,
        begin=since,
        end=now,
        equity=tuple((mark.at, mark.equity, mark.exposure) for mark in shown),
        drawdown=tuple(float(each) for each in curve.drawdowns(shown)),
        deepest=deepest,
        days=tuple(days),
        months=tuple(curve.monthly_returns(days)),
        ratios=curve.ratios([day.value for day in days], deepest.fraction),
        mean_exposure=curve.mean_exposure(marks),
        time_in_market=curve.time_in_market(marks),
        turnover=traded / average if average > 0 else 0.0,
        figures=figures(trips),
        open_trips=still_open,
        by_symbol=grouped(trips, lambda trip: (trip.symbol,)),
        by_side=grouped(trips, lambda trip: ("long" if trip.side.sign > 0 else "short",)),
        by_source=grouped(trips, lambda trip: (sender(trip.source),)),
        by_tag=grouped(trips, tags),
        by_setup=grouped(trips, lambda trip: [each for each in [setup_of(trip.tag, tags(trip))] if each]),
        by_hour=grouped(trips, lambda trip: (f"{local(trip.entry_at):%H}",)),
        by_weekday=grouped(trips, lambda trip: (f"{local(trip.entry_at):%u}",)),
    )


def trip_view(trip: RoundTrip, note: Note, found: Excursions | None, stop: Decimal | None) -> TripView:
    """Between two fills without a whole bar nobody knows how far it went."""
    seen = found if found and found.bars else None
    return TripView(
        trip=trip,
        mae=seen.adverse if seen else None,
        mfe=seen.favorable if seen else None,
        bars_seen=seen.bars if seen else 0,
        note=note.note,
        tags=note.tags,
        setup=setup_of(trip.tag, note.tags),
        stop=stop,
        r_multiple=r_multiple(trip, stop),
    )


def symbols_of(trips: Iterable[RoundTrip]) -> list[str]:
    return sorted({trip.symbol for trip in trips})


def joined(kept: Mapping[int, PricedBar], present: Iterable[PricedBar]) -> list[PricedBar]:
    """By their start. What was kept is whole and is what was traded on; the market may have another past by now."""
    return [bar for _, bar in sorted({**{bar.start: bar for bar in present}, **kept}.items())]
