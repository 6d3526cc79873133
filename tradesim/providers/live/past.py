"""Fetching the past of a live market: minutes and days of each symbol on threads of their own, again later what could
not be had."""

import logging
import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import nullcontext
from functools import partial
from itertools import chain, count

from tradesim.kernel.clock import NS_PER_SECOND, Clock
from tradesim.kernel.errors import BadPayload, ProviderError, RetryLater
from tradesim.marketdata.days import zone_name
from tradesim.marketdata.failover import Served
from tradesim.marketdata.forms import number_fault
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
"""Gets a symbol's minutes and days, or one of both, on a thread of its own."""
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
        self._handing, self._days = threading.Lock(), dict[str, Bars]()
        self._kept: dict[tuple[str, Timeframe], Served[list[FeedBar]]] = {}
        self._wrong: dict[tuple[str, Timeframe], str] = {}

    def faults(self, called: Callable[[str], str], now: int) -> list[str]:
        """A sentence for what is shown of before, as nobody could be asked since."""
        return [
            f"the {KINDS[timeframe]} of {symbol} are those that {called(kept.provider)} gave {age_of(kept, now)} ago: "
            f"{kept.instead_of}"
            for (symbol, timeframe), kept in tuple(self._kept.items())
        ] + list(self._wrong.values())

    def fetch_all(self, symbols: Iterable[str], wait_s: float) -> None:
        """Minutes and days of every symbol at once; returns when each was tried once, at the latest after `wait_s`."""
        began = self._clock.now()
        started = [self.fetch(symbol, began - MINUTES_BACK_NS, with_days=True) for symbol in symbols]
        for tried in chain.from_iterable(started):
            tried.wait(max(0.0, wait_s - (self._clock.now() - began) / NS_PER_SECOND))

    def fetch(self, symbol: str, since: int, with_days: bool = False) -> list[threading.Event]:
        """Each set when it was tried once; what could not be had then is asked for again, less and less often.

        The past that it opens with, `with_days`, is asked for until it comes; a gap `ATTEMPTS` times.
        """
        days = [(Timeframe.D1, self._clock.now() - DAYS_BACK_NS)] if with_days else []
        return [self._begin(symbol, timeframe, start, with_days) for timeframe, start in ((Timeframe.M1, since), *days)]

    def _begin(self, symbol: str, timeframe: Timeframe, since: int, is_opening: bool) -> threading.Event:
        tried = threading.Event()
        fetch = partial(self._fetch, symbol, timeframe, since, is_opening, tried)
        threading.Thread(target=fetch, name=f"past-{symbol}-{timeframe}", daemon=True).start()
        return tried

    def _fetch(self, symbol: str, timeframe: Timeframe, since: int, is_opening: bool, tried: threading.Event) -> None:
        for attempt in count() if is_opening else range(ATTEMPTS):
            is_awaited = is_opening and not attempt
            with nullcontext() if is_awaited else in_background():
                is_done = self._is_fetched(symbol, timeframe, since, is_opening, tried)
            tried.set()
            if is_done or self._closed.wait(min(LONGEST_REST_S, RETRY_S * 2 ** min(attempt, ATTEMPTS))):
                return

    def _is_fetched(
        self, symbol: str, timeframe: Timeframe, since: int, is_opening: bool, tried: threading.Event
    ) -> bool:
        """Whether it makes no sense to ask again. A gap says nothing of the past before it."""
        until, is_done = self._clock.now(), False
        zone = zone_name(self._instruments[symbol])
        try:
            for found in self._answers_of(symbol).bars(symbol, timeframe, since, until, zone):
                is_done = found.instead_of is None
                if is_opening:
                    self._note(symbol, timeframe, found)
                self._hand_over(symbol, timeframe, self._over(found.value, symbol, timeframe, until), is_opening)
                tried.set()
        except ProviderError as error:
            logger.warning("no %s bars of %s now: %s", timeframe, symbol, error)
            return not isinstance(error, RetryLater | BadPayload)
        except Exception as error:
            what = f"the {KINDS[timeframe]} of {symbol} cannot be stored"
            logger.exception(what)
            self._wrong[symbol, timeframe] = f"{what} ({type(error).__name__}): they are asked for again"
            return False
        return is_done

    def _note(self, symbol: str, timeframe: Timeframe, found: Served[list[FeedBar]]) -> None:
        if found.instead_of is not None:
            self._kept[symbol, timeframe] = found
        else:
            self._kept.pop((symbol, timeframe), None)

    def _over(self, bars: Sequence[FeedBar], symbol: str, timeframe: Timeframe, until: int) -> Bars:
        """Those that were over at `until` and that our steps carry, all with their splits."""
        instrument = self._instruments[symbol]
        over = [bar for bar in bars if bar.is_final and bar.start + timeframe.ns <= until]
        carried = self._carried(self._uniform(over, symbol, zone_name(instrument)), timeframe, instrument)
        return as_columns(carried, instrument)

    def _carried(self, bars: Sequence[FeedBar], timeframe: Timeframe, instrument: Instrument) -> list[FeedBar]:
        symbol = instrument.symbol
        faults = [number_fault(bar, instrument.tick_size, instrument.lot_size) for bar in bars]
        found = [why for _, why in filter(None, faults)]
        self._wrong.pop((symbol, timeframe), None)
        if found:
            said = f"{len(found):,} {KINDS[timeframe]} of {symbol} are left out, the last: {found[-1]}"
            self._wrong[symbol, timeframe] = said
        return [bar for bar, fault in zip(bars, faults, strict=True) if fault is None]

    def _hand_over(self, symbol: str, timeframe: Timeframe, bars: Bars, is_opening: bool) -> None:
        """Minutes that come after the days come with them again: days are made of minutes where nobody tells them."""
        if not len(bars) or self._closed.is_set():
            return
        with self._handing:
            if timeframe is Timeframe.D1:
                self._days[symbol] = bars
                self._found(symbol, Bars.empty(), bars)
            else:
                self._found(symbol, bars, self._days.get(symbol, Bars.empty()) if is_opening else Bars.empty())


def age_of(kept: Served[list[FeedBar]], now: int) -> str:
    return age_text(now - kept.at).removeprefix("is ").removesuffix(" old")
