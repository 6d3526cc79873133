"""What the companies of a live market do to their shares, asked of the providers that keep records of it.

Asked when the market opens, which waits a moment for it, and again before what is known runs out. Who could not answer
is asked again after a while. What nobody answers in time is not known: the shares are then held as if nothing had
happened.

Bars of vendors that tell them without splits are divided by those that are known, so that all of the past is alike.
"""

import logging
import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, timedelta
from itertools import chain, repeat

from tradesim.kernel.errors import BadKey, NotEntitled, NotOffered, ProviderError, RetryLater
from tradesim.marketdata.splits import split_adjusted
from tradesim.model.corporate import Dividend, Split
from tradesim.model.feed import FeedBar
from tradesim.providers.background import in_background
from tradesim.providers.contract import CorporateRecords, Provider, RawPast

logger = logging.getLogger(__name__)

BACK, AHEAD = timedelta(days=2 * 366), timedelta(days=10)
"""As far back as daily bars are fetched."""
SPARE = timedelta(days=3)
"""So long before the known days run out they are asked for anew."""
PATIENCE_S = 60.0
"""So long bars without splits wait for what is being asked."""
PAUSES_S = (60.0, 300.0, 1800.0, 3600.0)
"""So long after a failure the symbols that nobody answered for are asked again, the last of them again and again."""


class Companies:
    """`between` may be called from any thread and asks nobody itself."""

    def __init__(
        self,
        providers: Mapping[str, Provider],
        symbols: Iterable[str],
        today: Callable[[], date],
        wait_s: float,
        closed: threading.Event | None = None,
        pauses_s: Sequence[float] = PAUSES_S,
    ) -> None:
        """Waits at most `wait_s` for the first answers. From when it is `closed` on nobody is asked any more."""
        self._providers, self._closed, self._pauses_s = providers, closed or threading.Event(), pauses_s
        self._records = [name for name, each in providers.items() if isinstance(each, CorporateRecords)]
        self._refused: set[CorporateRecords] = set()
        self._raw = {name: each.raw_bars for name, each in providers.items() if isinstance(each, RawPast)}
        self._symbols, self._today, self._opened_on = tuple(symbols), today, today()
        self._known: dict[str, Sequence[Dividend | Split]] = {}
        self._until = date.min
        self._asking, self._told = threading.Lock(), threading.Condition()
        if self._records and self._symbols:
            self._learn().wait(wait_s)

    def take_up(self, symbols: Iterable[str], wait_s: float) -> None:
        """More of them. Waits at most `wait_s` for the first answers."""
        with self._told:
            new = tuple(symbol for symbol in symbols if symbol not in self._symbols)
            self._symbols = (*self._symbols, *new)
        if self._records and new:
            self._learn(new).wait(wait_s)

    def between(self, after: date, until: date) -> list[Dividend | Split]:
        """Those of the days later than `after` and not later than `until`, oldest first."""
        if self._records and self._symbols and until + SPARE > self._until:
            self._learn()
        found = [each for known in tuple(self._known.values()) for each in known if after < each.day <= until]
        return sorted(found, key=lambda each: (each.day, each.symbol, isinstance(each, Split)))

    def has_records_of(self, symbol: str) -> bool:
        """Whether somebody told what its company did, be it nothing."""
        return symbol in self._known

    def uniform(self, bars: Sequence[FeedBar], symbol: str, zone: str) -> list[FeedBar]:
        """All with the splits of until the market was opened. Waits for what is being asked: not of the market thread.

        Where nobody tells of splits, bars stay as they came.
        """
        if symbol not in self._symbols or not any(self._is_raw(bar) for bar in bars):
            return list(bars)
        with self._told:
            self._told.wait_for(lambda: symbol in self._known or not self._asking.locked(), PATIENCE_S)
        known = self._known.get(symbol, ())
        splits = [each for each in known if isinstance(each, Split) and each.day <= self._opened_on]
        raw = split_adjusted((bar for bar in bars if self._is_raw(bar)), splits, zone)
        return sorted([*raw, *(bar for bar in bars if not self._is_raw(bar))], key=lambda bar: bar.start)

    def _is_raw(self, bar: FeedBar) -> bool:
        return bar.timeframe in self._raw.get(bar.origin.provider, ())

    def _learn(self, new: Sequence[str] = ()) -> threading.Event:
        """Of all of them, or of the `new` ones alone. Set when everybody was asked once."""
        over = threading.Event()
        threading.Thread(target=self._ask_until_told, args=(new, over), name="companies", daemon=True).start()
        return over

    def _ask_until_told(self, new: Sequence[str], over: threading.Event) -> None:
        pauses, untold = chain(self._pauses_s, repeat(self._pauses_s[-1])), self._ask_all(new)
        over.set()
        while untold and not self._closed.wait(next(pauses)):
            untold = self._ask_all(untold)

    def _ask_all(self, new: Sequence[str]) -> list[str]:
        """Those that somebody should be asked about again."""
        if not self._asking.acquire(blocking=bool(new)):
            return []
        try:
            first, last = self._today() - BACK, self._today() + AHEAD
            untold = [symbol for symbol in new or self._symbols if not self._ask(symbol, first, last)]
            self._until = self._until if new else last
            return untold
        finally:
            with self._told:
                self._asking.release()
                self._told.notify_all()

    def _ask(self, symbol: str, first: date, last: date) -> bool:
        """Of the first provider that answers; one whose plan or key refuses is not asked for the others.

        Whether that is all there is to know: False where one of them may answer later.
        """
        may_answer = False
        for title, provider in self._askable():
            try:
                with in_background():
                    found = tuple(provider.corporate_actions(symbol, first, last))
            except (NotEntitled, BadKey, NotOffered) as error:
                logger.info("%s tells of no splits and dividends: %s", title, error)
                self._refused.add(provider)
            except ProviderError as error:
                logger.info("no splits and dividends of %s: %s", symbol, error)
                may_answer = may_answer or isinstance(error, RetryLater)
            else:
                with self._told:
                    self._known[symbol] = found
                    self._told.notify_all()
                return True
        return not may_answer

    def _askable(self) -> list[tuple[str, CorporateRecords]]:
        """One built anew, with another key, may be asked again."""
        now = [self._providers[name] for name in self._records]
        return [(each.title, each) for each in now if isinstance(each, CorporateRecords) and each not in self._refused]
