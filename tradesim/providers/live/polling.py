"""Asking for quotes where no stream brings them: whose turn it is, and which symbol is next.

Each provider is asked on a line of its own, so a question that hangs holds up nobody else: when the better one has not
answered for a while, or did not answer the last time, the next one may be asked too.
"""

import logging
import threading
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager

from tradesim.kernel.clock import NS_PER_SECOND, Clock
from tradesim.kernel.errors import ProviderError
from tradesim.model.feed import Capability, FeedQuote
from tradesim.providers.live.routes import Routes

logger = logging.getLogger(__name__)

PATIENCE_NS = 2 * NS_PER_SECOND
"""How long a better provider may think before the next one is asked."""
WATCHED_WEIGHT = 4
"""How many turns a symbol on a screen gets for one of the others."""

Question = tuple[str, str]
"""Provider and symbol."""


class Questions:
    """What is being asked now and what came of the last question. Safe from any thread."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._since: dict[Question, int] = {}
        self._failed: set[Question] = set()
        self._lock = threading.Lock()

    @contextmanager
    def asking(self, provider: str, symbol: str) -> Iterator[None]:
        """Failed, unless `answered` is called within."""
        question = (provider, symbol)
        with self._lock:
            self._since[question] = self._clock.now()
        try:
            yield
        finally:
            with self._lock:
                if self._since.pop(question, None) is not None:
                    self._failed.add(question)

    def answered(self, provider: str, symbol: str) -> None:
        with self._lock:
            self._since.pop((provider, symbol), None)
            self._failed.discard((provider, symbol))

    def is_turn_of(self, provider: str, symbol: str, candidates: Sequence[str], now: int) -> bool:
        """Whether everybody before `provider` has failed or is taking too long, and it is not being asked already."""
        with self._lock:
            if provider not in candidates or (provider, symbol) in self._since:
                return False
            better = candidates[: candidates.index(provider)]
            return all(self._is_passed_over((name, symbol), now) for name in better)

    def _is_passed_over(self, question: Question, now: int) -> bool:
        since = self._since.get(question)
        return question in self._failed if since is None else now - since >= PATIENCE_NS


class Polling:
    """Who is asked for a quote of which symbol, by the failover of its route. Safe from any thread."""

    def __init__(self, routes: Routes, clock: Clock) -> None:
        self._routes, self._questions = routes, Questions(clock)

    def turns_of(self, provider: str, now: int) -> list[str]:
        """Those of its symbols that it is the one to be asked about."""
        candidates = {
            symbol: self._routes.failover(symbol).candidates(Capability.QUOTE, now)
            for symbol in self._routes.symbols_of(provider)
        }
        is_turn_of = self._questions.is_turn_of
        return [symbol for symbol, names in candidates.items() if is_turn_of(provider, symbol, names, now)]

    def quote(self, provider: str, symbol: str) -> FeedQuote | None:
        """None where it did not answer."""
        with self._questions.asking(provider, symbol):
            try:
                quote = self._routes.answers(symbol).quote_of(provider, symbol).value
            except ProviderError as error:
                logger.info("no quote of %s from %s: %s", symbol, provider, error)
                return None
            self._questions.answered(provider, symbol)
            return quote


class Turns:
    """One provider's symbols in turn, one question every `every_s`; those on a screen come round more often."""

    def __init__(self, every_s: float) -> None:
        self._every_ns = int(every_s * NS_PER_SECOND)
        self._asked: dict[str, int] = {}
        self._next_at = 0

    def take(self, symbols: Sequence[str], watched: Collection[str], now: int) -> str | None:
        """The symbol to ask for now; None when nothing is wanted or it is too early."""
        if not symbols or now < self._next_at:
            return None
        chosen = max(symbols, key=lambda symbol: self._urgency(symbol, watched, now))
        self._asked[chosen], self._next_at = now, now + self._every_ns
        return chosen

    def _urgency(self, symbol: str, watched: Collection[str], now: int) -> int:
        return (now - self._asked.get(symbol, 0)) * (WATCHED_WEIGHT if symbol in watched else 1)
