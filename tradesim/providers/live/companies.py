"""What the companies of a live market do to their shares, asked of the providers that keep records of it.

Asked when the market opens, which waits a moment for it, and again before what is known runs out. What nobody answers
in time is not known: the shares are then held as if nothing had happened.
"""

import logging
import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, timedelta

from tradesim.kernel.errors import BadKey, NotEntitled, NotOffered, ProviderError
from tradesim.model.corporate import Dividend, Split
from tradesim.providers.background import in_background
from tradesim.providers.contract import CorporateRecords, Provider

logger = logging.getLogger(__name__)

BACK, AHEAD = timedelta(days=2 * 366), timedelta(days=10)
"""As far back as daily bars are fetched."""
SPARE = timedelta(days=3)
"""So long before the known days run out they are asked for anew."""


class Companies:
    """`between` may be called from any thread and asks nobody itself."""

    def __init__(
        self, providers: Mapping[str, Provider], symbols: Iterable[str], today: Callable[[], date], wait_s: float
    ) -> None:
        """Waits at most `wait_s` for the first answers."""
        self._records = [each for each in providers.values() if isinstance(each, CorporateRecords)]
        self._symbols, self._today = tuple(symbols), today
        self._known: dict[str, Sequence[Dividend | Split]] = {}
        self._until = date.min
        self._asking = threading.Lock()
        if self._records and self._symbols:
            self._learn().join(wait_s)

    def between(self, after: date, until: date) -> list[Dividend | Split]:
        """Those of the days later than `after` and not later than `until`, oldest first."""
        if self._records and self._symbols and until + SPARE > self._until:
            self._learn()
        found = [each for known in tuple(self._known.values()) for each in known if after < each.day <= until]
        return sorted(found, key=lambda each: (each.day, each.symbol, isinstance(each, Split)))

    def _learn(self) -> threading.Thread:
        asking = threading.Thread(target=self._ask_all, name="companies", daemon=True)
        asking.start()
        return asking

    def _ask_all(self) -> None:
        if not self._asking.acquire(blocking=False):
            return
        try:
            first, last = self._today() - BACK, self._today() + AHEAD
            for symbol in self._symbols:
                self._ask(symbol, first, last)
            self._until = last
        finally:
            self._asking.release()

    def _ask(self, symbol: str, first: date, last: date) -> None:
        """Of the first provider that answers; one whose plan or key refuses is not asked for the others."""
        for provider in tuple(self._records):
            try:
                with in_background():
                    self._known[symbol] = tuple(provider.corporate_actions(symbol, first, last))
            except (NotEntitled, BadKey, NotOffered) as error:
                logger.info("%s tells of no splits and dividends: %s", provider.title, error)
                self._records.remove(provider)
            except ProviderError as error:
                logger.info("no splits and dividends of %s: %s", symbol, error)
            else:
                return
