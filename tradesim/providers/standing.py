"""What a provider can do and how it fares: said by its plan, learned from its answers, told to the panel.

An entitlement refused once is not asked for again: remembered for a week with the key it belongs to, or until a
person says to try again. Every error that leaves here has no key in its words.
"""

import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from tradesim.kernel.clock import NS_PER_SECOND, Clock
from tradesim.kernel.errors import BadKey, NoData, NotEntitled, NotOffered, ProviderError, RetryLater, UnknownSymbol
from tradesim.model.feed import Capability, LinkState, ProviderHealth
from tradesim.providers.budget import BudgetStore, Forgetful, place_of
from tradesim.providers.contract import YES
from tradesim.providers.http import HttpClient
from tradesim.providers.line import Link

NO_KEY = "needs a key: enter one in the settings"
REMEMBERED_S = 7 * 86_400.0
NO_LINK = Link(LinkState.OFF)
FACTS = (UnknownSymbol, NoData, NotOffered)
"""Answers that are sound, though they are not what was hoped for."""


class NotThisTime(NotEntitled):
    """Refused for what was asked in particular (a period, a parameter): the capability itself stands."""


class Standing:
    """`offered` says `yes` or why not, before anything was asked. `key` marks whose entitlements are remembered."""

    def __init__(
        self,
        provider: str,
        title: str,
        clock: Clock,
        http: HttpClient,
        offered: Mapping[Capability, str],
        key: str = "",
        needs_key: bool = True,
        store: BudgetStore | None = None,
        link: Callable[[], Link] = lambda: NO_LINK,
    ) -> None:
        self._provider, self._title, self._clock, self._http = provider, title, clock, http
        self._offered = dict(offered)
        self._has_key = bool(key) or not needs_key
        self._store, self._link = store or Forgetful(), link
        self._place = f"standing/1/{place_of(provider, key)}"
        self._lock = threading.Lock()
        self._refused = _sound(self._store.get(self._place))
        self._particular: dict[str, str] = {}
        self._bad_key: str | None = None
        self._retry_at: int | None = None
        self._attempt = self._errors = 0
        self._error: str | None = None

    @contextmanager
    def ask(self, capability: Capability, detail: str = "") -> Iterator[None]:
        """Around one question. Raises at once what is known already; learns from what is raised within."""
        self._must_ask(capability, detail)
        try:
            yield
        except ProviderError as error:
            error.args = (self._http.redact(error),)
            self._learn(capability, detail, error)
            raise
        with self._lock:
            self._retry_at, self._attempt, self._bad_key, self._error = None, 0, None, None

    def capabilities(self) -> dict[Capability, str]:
        with self._lock:
            return {each: self._says(each) for each in Capability}

    def refuse(self, capability: Capability, sentence: str) -> None:
        """Remember that the plan does not have it."""
        with self._lock:
            self._refused[capability.value] = self._http.redact(sentence)
            self._store.set(self._place, dict(self._refused), REMEMBERED_S)

    def try_again(self) -> None:
        """A person mended the key or the plan: what was refused may be asked once more."""
        with self._lock:
            self._refused, self._particular, self._bad_key = {}, {}, None
            self._store.set(self._place, {}, REMEMBERED_S)

    def health(self) -> ProviderHealth:
        """The stream's state where there is one wanted, else what the last answers showed."""
        traffic, link, budget = self._http.traffic, self._link(), self._http.budget
        heard = [at for at in (traffic.last_heard, link.last_heard) if at is not None]
        has_stream = link.state is not LinkState.OFF
        return ProviderHealth(
            provider=self._provider,
            title=self._title,
            state=link.state if has_stream else self._state(traffic.last_heard),
            capabilities=self.capabilities(),
            last_heard=max(heard, default=None),
            latency_ns=link.latency_ns if has_stream and link.latency_ns else traffic.latency_ns,
            retry_at=link.retry_at if has_stream else self._retry_at,
            attempt=link.attempt if has_stream else self._attempt,
            budget_left=budget.left() if budget is not None else {},
            error=self._words(link.error if has_stream and link.error else self._error),
            errors=self._errors + link.errors,
            requests=traffic.requests,
        )

    def _words(self, error: str | None) -> str | None:
        found = self._bad_key or error
        return self._http.redact(found) if found else None

    def _state(self, last_heard: int | None) -> LinkState:
        if not self._has_key or self._bad_key:
            return LinkState.REFUSED
        if self._retry_at is not None and self._clock.now() < self._retry_at:
            return LinkState.WAITING
        if self._error:
            return LinkState.WAITING
        return LinkState.OFF if last_heard is None else LinkState.LIVE

    def _must_ask(self, capability: Capability, detail: str) -> None:
        if not self._has_key:
            raise BadKey(f"{self._title} {NO_KEY}")
        if self._bad_key:
            raise BadKey(self._bad_key)
        offered = self._offered.get(capability, "not offered")
        if offered != YES:
            raise NotOffered(f"{self._title}: {offered}")
        known = self._refused.get(capability.value) or self._particular.get(f"{capability} {detail}")
        if known:
            raise NotEntitled(known)

    def _learn(self, capability: Capability, detail: str, error: ProviderError) -> None:
        if not isinstance(error, FACTS):
            with self._lock:
                self._errors, self._error = self._errors + 1, str(error)
        match error:
            case NotThisTime():
                self._particular[f"{capability} {detail}"] = str(error)
            case NotEntitled():
                self.refuse(capability, str(error))
            case BadKey():
                self._bad_key = str(error)
            case RetryLater():
                with self._lock:
                    self._attempt += 1
                    self._retry_at = self._clock.now() + int(error.after_s * NS_PER_SECOND)

    def _says(self, capability: Capability) -> str:
        offered = self._offered.get(capability, "not offered")
        if offered != YES:
            return offered
        if not self._has_key:
            return NO_KEY
        return self._bad_key or self._refused.get(capability.value) or YES


def _sound(kept: Any) -> dict[str, str]:
    if not isinstance(kept, dict):
        return {}
    return {str(key): value for key, value in kept.items() if isinstance(value, str)}
