"""Whether a market is open: US equities by New York's clocks, currencies by their week, crypto always."""

from collections.abc import Callable, Mapping
from datetime import date, datetime, time

from msgspec import Struct, field

from tradesim.kernel.clock import NS_PER_SECOND
from tradesim.marketdata.days import NEW_YORK, zone
from tradesim.model.instrument import AssetClass
from tradesim.model.market import SessionState

PRE_OPENS = time(4, 0)
OPENS = time(9, 30)
CLOSES = time(16, 0)
POST_HOURS = 4
FOREX_WEEK_TURNS = time(17, 0)
FRIDAY, SATURDAY, SUNDAY = 4, 5, 6


class Holidays(Struct, frozen=True):
    """Days on which US equities do not trade, and the New York time at which short days close."""

    closed: frozenset[date] = frozenset()
    early_close: Mapping[date, time] = field(default_factory=dict)


NO_HOLIDAYS = Holidays()

Calendar = Callable[[], Holidays]
"""Asked when it matters: an exchange's calendar is slow to build."""


def no_holidays() -> Holidays:
    return NO_HOLIDAYS


def session_state(asset_class: AssetClass, now: int, holidays: Holidays = NO_HOLIDAYS) -> SessionState:
    """The session at `now` (UTC ns)."""
    if asset_class is AssetClass.CRYPTO:
        return SessionState.ALWAYS
    local = datetime.fromtimestamp(now // NS_PER_SECOND, zone(NEW_YORK))
    return _forex(local) if asset_class is AssetClass.FOREX else _us_equity(local, holidays)


def post_closes(closes: time) -> time:
    """When after-hours trading ends on a day whose regular session closes then: 20:00, on short days 17:00."""
    return closes.replace(hour=closes.hour + POST_HOURS)


def _us_equity(local: datetime, holidays: Holidays) -> SessionState:
    day, clock = local.date(), local.time()
    closes = holidays.early_close.get(day, CLOSES)
    if day.weekday() >= SATURDAY or day in holidays.closed or not PRE_OPENS <= clock < post_closes(closes):
        return SessionState.CLOSED
    if clock < OPENS:
        return SessionState.PRE
    return SessionState.REGULAR if clock < closes else SessionState.POST


def _forex(local: datetime) -> SessionState:
    """The currency week runs from Sunday to Friday, 17:00 New York."""
    weekday, clock = local.weekday(), local.time()
    is_closed = (
        weekday == SATURDAY
        or (weekday == FRIDAY and clock >= FOREX_WEEK_TURNS)
        or (weekday == SUNDAY and clock < FOREX_WEEK_TURNS)
    )
    return SessionState.CLOSED if is_closed else SessionState.REGULAR
