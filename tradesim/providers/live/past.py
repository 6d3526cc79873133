"""Fetching the past of a live market: each symbol on a thread of its own, again later what could not be had."""

import logging
import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import nullcontext
from functools import partial
from itertools import count

from tradesim.kernel.clock import NS_PER_SECOND, Clock
from tradesim.kernel.errors import BadPayload, ProviderError, RetryLater
from tradesim.marketdata.days import zone_name
from tradesim.marketdata.failover import Served
from tradesim.marketdata.freshness import age_text
from tradesim.marketdata.merging import as_columns
from tradesim.model.feed import FeedBar
from tradesim.model.instrument import Instrument
from tradesim.model.market import Timeframe
from tradesim.model.series import Bars
from tradesim.providers.background import in_background
from tradesim.providers.live.answers import Answers

logger = logging.getLogger(__name__)

MINUTES_BACK_NS = 5 * 86_400 * NS_PER_SECOND
DAYS_BACK_NS = 2 * 365 * 86_400 * NS_PER_SECOND
ATTEMPTS, RETRY_S, LONGEST_REST_S = 8, 3.0, 600.0
KINDS = {Timeframe.M1: "minute bars", Timeframe.D1: "daily bars"}

Found = Callable[[str, Bars, Bars], None]
"""Gets a symbol's minutes and days, on a thread of its own."""
Uniform = Callable[[Sequence[FeedBar], str, str], list[FeedBar]]
"""Bars of a symbol in a zone, all of them with their splits."""


class Past:
    """`answers_of` a symbol are asked. Nothing is handed over once `closed` is set."""

    def __init__(
        self,
        instruments: Mapping[str, Instrument],
        answers_of: Callable[[str], Answers],
        clock: Clock,
        found: Found,
        closed: threading.Event,
        uniform: Uniform,
    ) -> None:
        self._uniform = uniform
        self._instruments, self._answers_of, self._clock = instruments, answers_of, clock
        self._found, self._closed = found, closed
        self._kept: dict[tuple[str, Timeframe], Served[list[FeedBar]]] = {}

    def faults(self, called: Callable[[str], str], now: int) -> list[str]:
        """A sentence for what is shown of before, as nobody could be asked since."""
        return [
            f"the {KINDS[timeframe]} of {symbol} are those that {called(kept.provider)} gave {age_of(kept, now)} ago: "
            f"{kept.instead_of}"
            for (symbol, timeframe), kept in tuple(self._kept.items())
        ]

    def fetch_all(self, symbols: Iterable[str], wait_s: float) -> None:
        """Minutes and days of every symbol at once; returns when each was tried once, at the latest after `wait_s`."""
        began = self._clock.now()
        for tried in [self.fetch(symbol, began - MINUTES_BACK_NS, with_days=True) for symbol in symbols]:
            tried.wait(max(0.0, wait_s - (self._clock.now() - began) / NS_PER_SECOND))

    def fetch(self, symbol: str, since: int, with_days: bool = False) -> threading.Event:
        """Set when it was tried once; what could not be had then is asked for again, less and less often.

        The past that it opens with, `with_days`, is asked for until it comes; a gap `ATTEMPTS` times.
        """
        tried = threading.Event()
        fetch = partial(self._fetch, symbol, since, with_days, tried)
        threading.Thread(target=fetch, name=f"past-{symbol}", daemon=True).start()
        return tried

    def _fetch(self, symbol: str, since: int, with_days: bool, tried: threading.Event) -> None:
        spans = {Timeframe.M1: since, **({Timeframe.D1: self._clock.now() - DAYS_BACK_NS} if with_days else {})}
        for attempt in count() if with_days else range(ATTEMPTS):
            is_awaited = with_days and not attempt
            with nullcontext() if is_awaited else in_background():
                bars = {each: self._fetched(symbol, each, start, with_days) for each, start in spans.items()}
            minutes, days = (bars[each][0] if each in bars else Bars.empty() for each in (Timeframe.M1, Timeframe.D1))
            if not self._closed.is_set() and (len(minutes) or len(days)):
                self._found(symbol, minutes, days)
            tried.set()
            spans = {timeframe: start for timeframe, start in spans.items() if not bars[timeframe][1]}
            if not spans or self._closed.wait(min(LONGEST_REST_S, RETRY_S * 2 ** min(attempt, ATTEMPTS))):
                return

    def _fetched(self, symbol: str, timeframe: Timeframe, since: int, is_opening: bool) -> tuple[Bars, bool]:
        """Bars that are over, and whether it makes no sense to ask again. A gap says nothing of the past before it."""
        instrument, until = self._instruments[symbol], self._clock.now()
        zone = zone_name(instrument)
        try:
            found = self._answers_of(symbol).bars(symbol, timeframe, since, until, zone)
        except (RetryLater, BadPayload) as error:
            logger.warning("no %s bars of %s now: %s", timeframe, symbol, error)
            return Bars.empty(), False
        except ProviderError as error:
            logger.warning("no %s bars of %s: %s", timeframe, symbol, error)
            return Bars.empty(), True
        if is_opening and found.instead_of is not None:
            self._kept[symbol, timeframe] = found
        elif is_opening:
            self._kept.pop((symbol, timeframe), None)
        over = [bar for bar in found.value if bar.is_final and bar.start + timeframe.ns <= until]
        return as_columns(self._uniform(over, symbol, zone), instrument), found.instead_of is None


def age_of(kept: Served[list[FeedBar]], now: int) -> str:
    return age_text(now - kept.at).removeprefix("is ").removesuffix(" old")
