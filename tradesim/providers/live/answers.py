"""What REST answers, asked in the order of the failover, stamped with provider and age, kept for a bad day."""

import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal, InvalidOperation
from functools import partial
from typing import Any, Protocol, TypeVar

from tradesim.kernel.clock import Clock
from tradesim.kernel.errors import (
    BadKey,
    BadPayload,
    NoData,
    NotEntitled,
    NotOffered,
    ProviderError,
    RetryLater,
)
from tradesim.marketdata.failover import Served
from tradesim.marketdata.forms import form_fault
from tradesim.marketdata.merging import merged
from tradesim.model.corporate import Basis
from tradesim.model.feed import Capability, Feed, FeedBar, FeedQuote, Origin
from tradesim.model.market import Timeframe
from tradesim.providers.contract import AdjustedPast, Provider, RawPast
from tradesim.providers.live.hedging import Hedge
from tradesim.providers.live.shared import SharedFailover

logger = logging.getLogger(__name__)

T = TypeVar("T")
KEPT_S = 30 * 86_400.0
MOST_KEPT = 5_000
HEDGE_S = 2.0
"""Who is well answers in well under a second; the failover's own limit is two. Then the next is asked as well."""
MOVING_ON = (RetryLater, BadPayload, NotEntitled, BadKey, NotOffered)
"""Says that a provider cannot serve; all else is an answer."""


class AnswerStore(Protocol):
    """Where answers outlive the process; `storage.cache.MarketCache` is one."""

    def get(self, key: str, default: Any = None) -> Any: ...

    def set(self, key: str, value: Any, expire_s: float | None = None) -> bool: ...


class Answers:
    """Safe from any thread."""

    def __init__(
        self,
        providers: Mapping[str, Provider],
        failover: SharedFailover,
        clock: Clock,
        store: AnswerStore | None = None,
    ) -> None:
        self._providers, self._failover, self._clock, self._store = providers, failover, clock, store

    def bars(
        self, symbol: str, timeframe: Timeframe, start: int, end: int, zone: str
    ) -> Iterator[Served[list[FeedBar]]]:
        """Bars, oldest first: the first answer, and then those of better providers that took longer.

        When nobody can be asked, those kept from an earlier answer, with its stamp. Raises the best provider's error
        when there is nothing kept either.
        """
        kind = Capability.BARS_DAILY if timeframe is Timeframe.D1 else Capability.BARS_INTRADAY
        try:
            for found in self._told(kind, lambda provider: provider.bars(symbol, timeframe, start, end)):
                yield self._completed(found, symbol, timeframe, start, end, zone)
        except NoData:
            yield Served([], "", self._clock.now())
        except ProviderError as error:
            yield self._kept_bars(timeframe, symbol, start, end, error)

    def days_on(
        self, provider: str, symbol: str, basis: Basis, start: int, end: int, day_of: Callable[[int], date]
    ) -> list[FeedBar] | None:
        """Days of this provider alone, as it adjusts them; None where it does not answer. Asked for once a day, since
        all of them change with each thing that the company does.
        """
        asked = self._providers[provider]
        assert isinstance(asked, AdjustedPast)
        known = self._stored_bars(provider, Timeframe.D1, symbol, basis)
        if known is not None and day_of(known.at) == day_of(self._clock.now()):
            return known.value
        outcome = self._asked(Capability.BARS_DAILY, provider, lambda _: asked.adjusted_days(symbol, basis, start, end))
        if isinstance(outcome, ProviderError):
            return known.value if known is not None else None
        sound = sound_of(outcome, symbol)
        self._keep_bars(outcome.provider, Timeframe.D1, symbol, outcome.at, sound, basis)
        return sound

    def adjusting(self) -> list[str]:
        """Who can be asked for days on any basis, in order."""
        names = self._failover.candidates(Capability.BARS_DAILY, self._clock.now())
        return [name for name in names if isinstance(self._providers[name], AdjustedPast)]

    def quote_of(self, provider: str, symbol: str) -> Served[FeedQuote]:
        """Of this provider alone. Raises its error: an old quote is not offered for a new one."""
        now = self._clock.now()
        if provider not in self._failover.candidates(Capability.QUOTE, now):
            raise self._failover.nobody(Capability.QUOTE, now)
        outcome = self._asked(Capability.QUOTE, provider, lambda asked: asked.quote(symbol))
        if isinstance(outcome, ProviderError):
            raise outcome
        return outcome

    def _told(self, kind: Capability, call: Callable[[Provider], T]) -> Iterator[Served[T]]:
        """The first answer, then better ones that were slow. An answer that is a fact (UnknownSymbol, NoData) is
        raised, once nobody better is to be heard any more.

        Raises the best provider's error when none could serve, NotOffered when nobody is set up.
        """
        names = self._failover.candidates(kind, self._clock.now())
        questions = [partial(self._asked, kind, name, call) for name in names]
        refusals: dict[int, ProviderError] = {}
        is_served = False
        for place, outcome in Hedge(questions, is_answer, HEDGE_S).outcomes():
            if isinstance(outcome, ProviderError):
                refusals[place] = outcome
            else:
                is_served = True
                yield outcome
        if is_served:
            return
        facts = [refusals[place] for place in sorted(refusals) if is_answer(refusals[place])]
        first = refusals[min(refusals)] if refusals else self._failover.nobody(kind, self._clock.now())
        raise facts[0] if facts else first

    def _asked(self, kind: Capability, name: str, call: Callable[[Provider], T]) -> Served[T] | ProviderError:
        """Its answer, or what it raised, which the failover learns."""
        failover, clock = self._failover, self._clock
        failover.trying(kind, name, clock.now())
        try:
            value = call(self._providers[name])
        except MOVING_ON as error:
            logger.warning("%s could not give %s: %s", name, kind, error)
            failover.failed(kind, name, error, clock.now())
            return error
        except ProviderError as fact:
            failover.succeeded(kind, name, clock.now())
            return fact
        now = clock.now()
        failover.succeeded(kind, name, now)
        return Served(value, name, now)

    def _completed(
        self, found: Served[list[FeedBar]], symbol: str, timeframe: Timeframe, start: int, end: int, zone: str
    ) -> Served[list[FeedBar]]:
        """With what is kept of the same provider's, and kept with it."""
        sound = sound_of(found, symbol)
        basis = self._basis_of(found.provider, timeframe)
        known = self._stored_bars(found.provider, timeframe, symbol, basis)
        every = merged([sound, known.value if known else []], zone)[-MOST_KEPT:]
        self._keep_bars(found.provider, timeframe, symbol, found.at, every, basis)
        inside = [bar for bar in every if start <= bar.start < end] if known else merged([sound], zone)
        return Served(inside, found.provider, found.at)

    def _kept_bars(
        self, timeframe: Timeframe, symbol: str, start: int, end: int, error: ProviderError
    ) -> Served[list[FeedBar]]:
        """Of the provider that was asked last."""
        every = self._providers
        stored = [self._stored_bars(name, timeframe, symbol, self._basis_of(name, timeframe)) for name in every]
        known = max(filter(None, stored), key=lambda each: each.at, default=None)
        if known is None:
            raise error
        logger.warning("%s of %s are %.0f s old: %s", timeframe, symbol, known.age_s(self._clock.now()), error)
        return Served([bar for bar in known.value if start <= bar.start < end], known.provider, known.at, error)

    def _basis_of(self, provider: str, timeframe: Timeframe) -> Basis:
        """On which its bars are told."""
        asked = self._providers[provider]
        return Basis.RAW if isinstance(asked, RawPast) and timeframe in asked.raw_bars else Basis.SPLIT

    def _stored_bars(
        self, provider: str, timeframe: Timeframe, symbol: str, basis: Basis
    ) -> Served[list[FeedBar]] | None:
        kept: Any = self._store.get(place_of(provider, timeframe, symbol, basis)) if self._store else None
        try:
            at, rows = kept
            return Served([bar_of(row, timeframe, symbol) for row in rows], provider, int(at))
        except (TypeError, ValueError, InvalidOperation):
            return None

    def _keep_bars(
        self, provider: str, timeframe: Timeframe, symbol: str, at: int, bars: Sequence[FeedBar], basis: Basis
    ) -> None:
        if self._store is not None:
            self._store.set(place_of(provider, timeframe, symbol, basis), [at, [row_of(bar) for bar in bars]], KEPT_S)


def is_answer(outcome: object) -> bool:
    """A fact is one too."""
    return not isinstance(outcome, MOVING_ON)


def place_of(provider: str, timeframe: Timeframe, symbol: str, basis: Basis) -> str:
    """Of each provider apart, as each has its own way to count volume; bars of different bases never meet."""
    return f"answers/3/bars/{timeframe.value}/{basis}/{provider}/{symbol}"


def row_of(bar: FeedBar) -> list[Any]:
    numbers = (bar.open, bar.high, bar.low, bar.close, bar.volume)
    origin = bar.origin
    return [bar.start, *map(str, numbers), bar.is_final, origin.provider, origin.feed.value, origin.ts_received]


def bar_of(row: Sequence[Any], timeframe: Timeframe, symbol: str) -> FeedBar:
    """Raises TypeError, ValueError or InvalidOperation for a row that `row_of` did not write."""
    start, opened, high, low, close, volume, is_final, provider, feed, received = row
    origin = Origin(str(provider), Feed(feed), int(start), int(received))
    prices = (Decimal(opened), Decimal(high), Decimal(low), Decimal(close), Decimal(volume))
    return FeedBar(symbol, timeframe, int(start), *prices, origin, is_final=bool(is_final))


def sound_of(found: Served[list[FeedBar]], symbol: str) -> list[FeedBar]:
    """Without the bars that cannot be true."""
    sound = [bar for bar in found.value if form_fault(bar) is None]
    if len(sound) < len(found.value):
        logger.warning("%s: %d bars of %s cannot be true", found.provider, len(found.value) - len(sound), symbol)
    return sound
