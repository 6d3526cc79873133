"""How old a word may be before it is called stale: by asset class and session. Ages in seconds, times in UTC ns."""

from collections.abc import Iterable, Mapping

from msgspec import Struct, field

from tradesim.kernel.clock import NS_PER_SECOND
from tradesim.model.feed import Feed, Origin
from tradesim.model.instrument import AssetClass
from tradesim.model.market import SessionState, SourceKind

OPEN = {SessionState.ALWAYS, SessionState.REGULAR}
LATE_FEEDS = {Feed.DELAYED, Feed.END_OF_DAY}

QUOTE_AGE_S: Mapping[tuple[AssetClass, SessionState], float] = {
    (AssetClass.CRYPTO, SessionState.ALWAYS): 30.0,
    (AssetClass.US_EQUITY, SessionState.PRE): 600.0,
    (AssetClass.US_EQUITY, SessionState.REGULAR): 60.0,
    (AssetClass.US_EQUITY, SessionState.POST): 600.0,
    (AssetClass.FOREX, SessionState.REGULAR): 60.0,
}
"""Quiet crypto pairs were seen silent for 10 s, thin shares on one exchange for most of a minute."""

ON_TIME_NS = 5 * NS_PER_SECOND
"""A word that took no longer is as old as its hearing: clocks differ by so much, and a batch waits."""


class AgeLimits(Struct, frozen=True):
    """`by_symbol` wins over the table. A closed market has no limit: its last word stays its last word."""

    by_session: Mapping[tuple[AssetClass, SessionState], float] = field(default_factory=lambda: QUOTE_AGE_S)
    by_symbol: Mapping[str, float] = field(default_factory=dict)

    def limit_s(self, symbol: str, asset_class: AssetClass, session: SessionState) -> float | None:
        """Seconds; None where age proves nothing."""
        if session is SessionState.CLOSED:
            return None
        return self.by_symbol.get(symbol, self.by_session.get((asset_class, session)))


def is_late(origin: Origin) -> bool:
    """Whether a word came late that should have come at once; a feed that is late by its plan is another thing."""
    return origin.ts_received - origin.ts_event > ON_TIME_NS and origin.feed not in LATE_FEEDS


def true_since(origin: Origin) -> int:
    """From when a word counts: from its hearing, or from the moment it is about where it came late."""
    return origin.ts_event if is_late(origin) else origin.ts_received


def freshness(heard: int | None, now: int, limit_s: float | None, feed: Feed) -> SourceKind:
    """What a word heard at `heard` may be called: LIVE, DELAYED (by its feed) or STALE. Never heard is stale."""
    if heard is None or (limit_s is not None and now - heard > limit_s * NS_PER_SECOND):
        return SourceKind.STALE
    return SourceKind.DELAYED if feed in LATE_FEEDS else SourceKind.LIVE


def worst_alive(kinds: Iterable[SourceKind]) -> SourceKind:
    """One word for many symbols: stale when all are, else the worst of the others."""
    alive = {kind for kind in kinds if kind is not SourceKind.STALE}
    worst_first = SourceKind.RESYNC, SourceKind.DELAYED, SourceKind.LIVE
    return next((kind for kind in worst_first if kind in alive), SourceKind.STALE)


def age_text(age_ns: int | None) -> str:
    if age_ns is None:
        return "was never heard"
    seconds = age_ns / NS_PER_SECOND
    if seconds < 120:
        return f"is {seconds:.0f} s old"
    return f"is {seconds / 60:.0f} min old" if seconds < 7_200 else f"is {seconds / 3_600:.0f} h old"
