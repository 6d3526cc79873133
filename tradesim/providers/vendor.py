"""What providers with REST answers and one socket have in common. A vendor's own folder says only what is its own."""

from collections.abc import Callable, Mapping
from random import Random
from typing import Any

from msgspec import Struct

from tradesim.kernel.clock import NS_PER_SECOND, Clock
from tradesim.kernel.errors import NotOffered
from tradesim.marketdata.freshness import QUOTE_AGE_S
from tradesim.marketdata.sessions import Calendar, no_holidays, session_state
from tradesim.model.feed import Capability, FeedBar, FeedBook, Listing, ProviderHealth
from tradesim.model.instrument import AssetClass
from tradesim.model.market import SessionState
from tradesim.providers.budget import Budgets, BudgetStore, Quota
from tradesim.providers.connection import Connection
from tradesim.providers.contract import Stream
from tradesim.providers.dialect import Dialect
from tradesim.providers.hooks import NO_HOOKS, Hooks
from tradesim.providers.http import HttpClient, Params, Timeouts
from tradesim.providers.judging import Answer, IsOwn, Judge, must_be_own, retry_after_s
from tradesim.providers.line import Link, OneSocket, Policy
from tradesim.providers.standing import NO_LINK, Standing

LATEST_RESET_S = 3_600.0
RESET_HEADERS = ("X-RateLimit-Reset", "X-Ratelimit-Reset", "x-ratelimit-reset")


class Wiring(Struct, frozen=True):
    """What every provider is built with. `policy` overrides the vendor's own for tests.

    Without `budgets` nobody else spends from the same quotas. `plan` are the quotas of a plan other than the free one.
    """

    clock: Clock
    rng: Random
    store: BudgetStore | None = None
    one_socket: OneSocket | None = None
    timeouts: Timeouts | None = None
    holidays: Calendar = no_holidays
    policy: Policy | None = None
    hooks: Hooks = NO_HOOKS
    budgets: Budgets | None = None
    plan: tuple[Quota, ...] = ()


Rule = Callable[[int, str, float | None], None]
"""(status, the answer's text without keys, seconds that its headers say to wait) -> raises what it means."""


def judge_of(rule: Rule, is_own: IsOwn, is_of_bodies: bool = False) -> Judge:
    """`is_own` tells a refusal of the vendor's from others'. `is_of_bodies`: an answer of 200 may be one too."""

    def judge(answer: Answer) -> None:
        must_be_own(answer, is_own)
        if answer.status != 200 or is_of_bodies:
            rule(answer.status, answer.redact(answer.text), wait_s(answer))

    return judge


def wait_s(answer: Answer) -> float | None:
    """What the headers say of waiting: Retry-After, or the moment (epoch seconds) at which a quota begins anew."""
    told = retry_after_s(answer.headers.get("Retry-After"), answer.received, 0.0)
    if told:
        return told
    reset = next((answer.headers[name] for name in RESET_HEADERS if name in answer.headers), "")
    seconds = int(reset) - answer.received / NS_PER_SECOND if reset.isdigit() else 0.0
    return seconds if 0 < seconds <= LATEST_RESET_S else None


class Vendor:
    """Base of `contract.Provider`s. Everything that is not offered says so."""

    id: str = ""
    title: str = ""
    account: str = ""
    """Whose quotas are spent, where several providers share a key; else its own."""
    needs_key: bool = True
    is_discontinued: bool = False

    def __init__(
        self,
        wiring: Wiring,
        base_url: str,
        quotas: tuple[Quota, ...],
        offered: Mapping[Capability, str],
        judge: Judge,
        secrets: tuple[str, ...],
        headers: Mapping[str, str] | None = None,
    ) -> None:
        self._wiring, self._clock = wiring, wiring.clock
        budgets, key = wiring.budgets or Budgets(wiring.clock, wiring.store), "/".join(secrets)
        self._http = HttpClient(
            self.id,
            base_url,
            wiring.clock,
            budgets.of(self.account or self.id, wiring.plan or quotas, key),
            secrets,
            headers,
            wiring.timeouts,
            judge=judge,
            hooks=wiring.hooks,
        )
        self._connection: Connection | None = None
        self._standing = Standing(
            self.id, self.title, wiring.clock, self._http, offered, key, self.needs_key, wiring.store, self._link
        )

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.id}>"

    def capabilities(self) -> Mapping[Capability, str]:
        return self._standing.capabilities()

    def book(self, symbol: str) -> FeedBook:
        raise NotOffered(f"{self.title} has no order book of {symbol}")

    def search(self, text: str) -> list[Listing]:
        raise NotOffered(f"{self.title} cannot be searched")

    def stream(self) -> Stream | None:
        return self._connection

    def health(self) -> ProviderHealth:
        return self._standing.health()

    def try_again(self) -> None:
        """A person mended the key or presses Test: what was refused may be asked once more, and now."""
        self._standing.try_again()
        if self._connection is not None:
            self._connection.retry()

    def close(self) -> None:
        if self._connection is not None:
            self._connection.stop()
        self._http.close()

    @property
    def connection(self) -> Connection | None:
        return self._connection

    @property
    def http(self) -> HttpClient:
        return self._http

    def _link(self) -> Link:
        return self._connection.link() if self._connection is not None else NO_LINK

    def _connect(self, dialect: Dialect, policy: Policy) -> None:
        wiring = self._wiring
        self._connection = Connection(
            dialect,
            wiring.clock,
            wiring.rng,
            wiring.policy or policy,
            wiring.hooks.connect,
            wiring.one_socket,
            wiring.hooks.tap,
            wiring.hooks.wait,
        )

    def _ask(self, path: str, params: Params | None = None) -> tuple[Any, int]:
        """Strict JSON of an answer, and when it was received."""
        answer = self._http.get(path, params)
        return answer.json(), answer.received


def within(bars: list[FeedBar], start: int, end: int) -> list[FeedBar]:
    """Those that begin in [start, end), oldest first, each start once (the last told is right)."""
    by_start = {bar.start: bar for bar in bars if start <= bar.start < end}
    return [by_start[each] for each in sorted(by_start)]


def mute_after_s(open_s: float, now: int, holidays: Calendar) -> float | None:
    """Seconds without a word of any share after which a line is mute; None while New York rests.

    `open_s` in the regular session. Before and after it hardly anything trades: as long as a quote may be old then, so
    that nothing is lost with the line.
    """
    session = session_state(AssetClass.US_EQUITY, now, holidays())
    return open_s if session is SessionState.REGULAR else QUOTE_AGE_S.get((AssetClass.US_EQUITY, session))


def unheard(sentence: str) -> None:
    """For a dialect that nobody learns from."""
