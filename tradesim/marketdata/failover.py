"""Whom to ask: providers in order for each kind of data, a circuit breaker each, and a record of every switch.

Only what says that a provider cannot serve now moves on to the next: RetryLater, RateLimited, BadPayload, staleness.
An unknown symbol or an empty stretch is an answer. A plan or key that refuses takes the provider out for that kind.
The preferred provider is returned to when it has been well for a while, not at its first word.
"""

from collections import deque
from collections.abc import Iterable, Mapping, Sequence
from copy import copy
from dataclasses import dataclass
from enum import StrEnum
from typing import Generic, Self, TypeVar

from msgspec import Struct

from tradesim.kernel.clock import NS_PER_SECOND
from tradesim.kernel.errors import (
    BadKey,
    BadPayload,
    NotEntitled,
    NotOffered,
    ProviderError,
    RateLimited,
    RetryLater,
)
from tradesim.model.feed import Capability

T = TypeVar("T")
TRIAL_NS = 60 * NS_PER_SECOND


class Circuit(StrEnum):
    """CLOSED: asked freely. OPEN: not asked. HALF_OPEN: asked once, to see."""

    CLOSED = "closed"
    OPEN = "open"
    HALF_OPEN = "half_open"


class FailoverRules(Struct, frozen=True):
    """Seconds. A circuit opens after `failures` in a row, for `open_s` doubling up to `longest_open_s`."""

    failures: int = 2
    open_s: float = 15.0
    longest_open_s: float = 600.0
    stable_s: float = 30.0


class Switch(Struct, frozen=True):
    """One line of the timeline."""

    kind: Capability
    former: str | None
    chosen: str | None
    why: str
    at: int


class Served(Struct, Generic[T], frozen=True):
    """An answer with its stamp: who gave it and when; `instead_of` is why it is one of before, None where it is new."""

    value: T
    provider: str
    at: int
    instead_of: ProviderError | None = None

    def age_s(self, now: int) -> float:
        return (now - self.at) / NS_PER_SECOND


@dataclass(slots=True)
class Breaker:
    """One provider's circuit for one kind of data. Times in UTC ns."""

    failures: int = 0
    trips: int = 0
    open_until: int | None = None
    recovered_at: int | None = None
    tried_at: int | None = None
    why: str = ""

    def state(self, now: int) -> Circuit:
        if self.open_until is None:
            return Circuit.CLOSED
        return Circuit.OPEN if now < self.open_until or self.is_trying(now) else Circuit.HALF_OPEN

    def is_trying(self, now: int) -> bool:
        """One request is through a half-open circuit; if nothing was heard of it for a minute, another may go."""
        return self.tried_at is not None and now - self.tried_at < TRIAL_NS

    def is_well(self, now: int, stable_s: float) -> bool:
        """Closed, and for long enough since it last was not."""
        if self.open_until is not None:
            return False
        return self.recovered_at is None or now - self.recovered_at >= stable_s * NS_PER_SECOND


class Failover:
    """Pure: told what happened and when, it says whom to ask. One owner; give it a lock where threads share it."""

    def __init__(
        self,
        order: Mapping[Capability, Sequence[str]],
        rules: FailoverRules | None = None,
        timeline_kept: int = 200,
    ) -> None:
        self._rules = rules or FailoverRules()
        self._order = {kind: tuple(providers) for kind, providers in order.items()}
        self._breakers = {(kind, each): Breaker() for kind, providers in order.items() for each in providers}
        self._excluded: dict[tuple[Capability, str], str] = {}
        self._active = {kind: providers[0] if providers else None for kind, providers in self._order.items()}
        self.timeline: deque[Switch] = deque(maxlen=timeline_kept)

    def order(self, kind: Capability) -> tuple[str, ...]:
        """The providers of a kind that can serve it at all, preferred first."""
        return tuple(each for each in self._order.get(kind, ()) if (kind, each) not in self._excluded)

    def active(self, kind: Capability, now: int) -> str | None:
        """Who serves a kind now. Asking moves back to a better provider that has been well for long enough."""
        self._settle(kind, now, "it has been well again for a while")
        return self._active.get(kind)

    def candidates(self, kind: Capability, now: int) -> tuple[str, ...]:
        """Whom to ask, in order: better ones that may be tried again, the active one, then the rest."""
        active, order = self.active(kind, now), self.order(kind)
        states = {each: self.circuit(kind, each, now) for each in order}
        trials = [each for each in order if states[each] is Circuit.HALF_OPEN]
        closed = sorted((each for each in order if states[each] is Circuit.CLOSED), key=lambda each: each != active)
        better = order[: order.index(active)] if active in order else order
        return (*(each for each in trials if each in better), *closed, *(each for each in trials if each not in better))

    def circuit(self, kind: Capability, provider: str, now: int) -> Circuit:
        return self._breakers[kind, provider].state(now)

    def is_well(self, kind: Capability, provider: str, now: int) -> bool:
        """Whether it did not fail for a while."""
        return self._breakers[kind, provider].is_well(now, self._rules.stable_s)

    def why(self, kind: Capability, provider: str) -> str:
        """The sentence of its last failure; empty where it never failed."""
        return self._breakers[kind, provider].why

    def excluded(self) -> Mapping[tuple[Capability, str], str]:
        """Kind and provider, with the sentence that says why it is not asked at all."""
        return dict(self._excluded)

    def readmit(self, provider: str, why: str, now: int) -> None:
        """A person mended the key or the plan: it serves again where it is preferred."""
        for kind in self._let_in(provider):
            self._settle(kind, now, why)

    def enlist(self, provider: str, kinds: Iterable[Capability], route: Sequence[str]) -> None:
        """It can give more than when this began; `route` says where it stands. It is out until it is let in."""
        for kind in kinds:
            known = self._order.get(kind, ())
            if provider not in known:
                self._order[kind] = tuple(each for each in route if each in known or each == provider)
                self._breakers[kind, provider] = Breaker()
                self._excluded[kind, provider] = ""

    def leave_out(self, provider: str, why: str, now: int) -> None:
        """It could not be asked when this began: nothing is taken from it until `admit`."""
        for kind, order in self._order.items():
            if provider in order:
                self._excluded[kind, provider] = why
                if self._active.get(kind) == provider:
                    self._choose(kind, now, why)

    def admit(self, provider: str, now: int) -> None:
        """One that was left out can be asked: it serves when it has answered and then been well for a while."""
        self._let_in(provider)
        for (_, name), breaker in self._breakers.items():
            if name == provider:
                breaker.open_until = now

    def without(self, provider: str) -> Self:
        """As this one, with its circuits, for what `provider` does not have."""
        order = {kind: [each for each in names if each != provider] for kind, names in self._order.items()}
        other = type(self)(order, self._rules)
        other._breakers = {key: copy(breaker) for key, breaker in self._breakers.items() if key[1] != provider}
        other._excluded = {key: why for key, why in self._excluded.items() if key[1] != provider}
        for kind, active in self._active.items():
            other._active[kind] = active if active != provider else next(iter(other.order(kind)), None)
        return other

    def succeeded(self, kind: Capability, provider: str, now: int) -> None:
        breaker = self._breakers.get((kind, provider))
        if breaker is None:
            return
        breaker.failures = 0
        breaker.tried_at = None
        if breaker.open_until is not None and now >= breaker.open_until:
            breaker.open_until, breaker.recovered_at = None, now
        elif breaker.recovered_at is not None and breaker.is_well(now, self._rules.stable_s):
            breaker.trips, breaker.recovered_at = 0, None
        self._settle(kind, now, "it answers again")

    def failed(self, kind: Capability, provider: str, error: ProviderError, now: int) -> None:
        """Count a failure by what the error asks for."""
        breaker = self._breakers.get((kind, provider))
        if breaker is None:
            return
        match error:
            case NotEntitled() | BadKey() | NotOffered():
                self._excluded[kind, provider] = str(error)
                if self._active.get(kind) == provider:
                    self._choose(kind, now, str(error))
            case RateLimited():
                self._trip(kind, provider, breaker, str(error), error.after_s, now)
            case RetryLater() | BadPayload():
                breaker.failures += 1
                if breaker.is_trying(now) or breaker.failures >= self._rules.failures:
                    least = error.after_s if isinstance(error, RetryLater) else 0.0
                    self._break(kind, provider, breaker, str(error), least, now)

    def stale(self, kind: Capability, provider: str, why: str, now: int) -> None:
        """What the provider streams is too old: the next one serves at once."""
        breaker = self._breakers.get((kind, provider))
        if breaker is not None and breaker.state(now) is not Circuit.OPEN:
            self._break(kind, provider, breaker, why, 0.0, now)

    def trying(self, kind: Capability, provider: str, now: int) -> None:
        """A half-open circuit lets this one request through."""
        breaker = self._breakers[kind, provider]
        if breaker.state(now) is Circuit.HALF_OPEN:
            breaker.tried_at = now

    def nobody(self, kind: Capability, now: int) -> ProviderError:
        """What to raise when there is no candidate."""
        dues = [breaker.open_until for (k, _), breaker in self._breakers.items() if k is kind and breaker.open_until]
        if dues and self.order(kind):
            seconds = max(0.0, (min(dues) - now) / NS_PER_SECOND)
            return RetryLater(f"no provider of {kind} can be asked now; the next one may in {seconds:.0f} s", seconds)
        return NotOffered(f"no provider of {kind} is set up")

    # -- inside

    def _let_in(self, provider: str) -> list[Capability]:
        """The kinds that it had been taken out of."""
        kinds = [kind for kind, name in self._excluded if name == provider]
        for kind in kinds:
            del self._excluded[kind, provider]
        return kinds

    def _open_s(self, breaker: Breaker) -> float:
        return min(self._rules.longest_open_s, self._rules.open_s * float(1 << breaker.trips))

    def _break(self, kind: Capability, provider: str, breaker: Breaker, why: str, least_s: float, now: int) -> None:
        """It failed: out for longer each time, until it was well for a while."""
        if breaker.open_until is None and breaker.is_well(now, self._rules.stable_s):
            breaker.trips = 0
        seconds = max(least_s, self._open_s(breaker))
        breaker.trips = min(breaker.trips + 1, 16)
        self._trip(kind, provider, breaker, why, seconds, now)

    def _trip(self, kind: Capability, provider: str, breaker: Breaker, why: str, seconds: float, now: int) -> None:
        breaker.failures, breaker.tried_at, breaker.recovered_at, breaker.why = 0, None, None, why
        until = now + int(max(seconds, 1.0) * NS_PER_SECOND)
        breaker.open_until = max(until, breaker.open_until or 0)
        if self._active.get(kind) == provider:
            self._choose(kind, now, why)

    def _settle(self, kind: Capability, now: int, why: str) -> None:
        """Move to the best provider that is well, when that is better than the one that serves."""
        active, order = self._active.get(kind), self.order(kind)
        for provider in order:
            if provider == active:
                return
            if self._breakers[kind, provider].is_well(now, self._rules.stable_s):
                self._switch(kind, provider, why, now)
                return

    def _choose(self, kind: Capability, now: int, why: str) -> None:
        """The active one cannot go on: the best of the rest whose circuit is closed, else it stays named."""
        order = self.order(kind)
        closed = [each for each in order if self._breakers[kind, each].state(now) is Circuit.CLOSED]
        chosen = closed[0] if closed else (self._active.get(kind) if self._active.get(kind) in order else None)
        if chosen is None and order:
            chosen = order[0]
        self._switch(kind, chosen, why, now)

    def _switch(self, kind: Capability, chosen: str | None, why: str, now: int) -> None:
        former = self._active.get(kind)
        if chosen == former:
            return
        self._active[kind] = chosen
        if why:
            self.timeline.append(Switch(kind, former, chosen, why, now))
