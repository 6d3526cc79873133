"""Recording from a running desk: the providers of the open market, whose sockets and keys are the desk's own.

A recording begins with the questions that a market opens with, asked anew; then the provider's line is opened anew, so
that the file holds its greeting and whole books. It is written as `tradesim record` writes it, and ends when it is
told to, when the market is closed, when it is too large, or when the disk refuses.
"""

import logging
import threading
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from tradesim.desk.views import RecorderView
from tradesim.kernel.clock import NS_PER_SECOND, Clock
from tradesim.kernel.errors import Refused
from tradesim.providers.background import in_background
from tradesim.providers.contract import Provider
from tradesim.providers.hooks import Exchange, Hooks
from tradesim.providers.line import Address, Policy, Wire, opened_line
from tradesim.providers.traffic.file import SUFFIX, TrafficFile
from tradesim.providers.traffic.recorder import FLUSH_EVERY_S, Recorder, head_of, opening_questions
from tradesim.providers.traffic.witness import WrittenDice, WrittenErrands
from tradesim.providers.vendors import Vendors

logger = logging.getLogger(__name__)

MOST_BYTES = 2**30
GOODBYE_S = 5.0


class Slot:
    """What stands between one provider of a market and the network: it hands on, and writes down while recorded."""

    def __init__(self) -> None:
        self.hooks = Hooks(
            tap=self._tap,
            connect=self._connect,
            overhear=self._overhear,
            errands=lambda name, run: WrittenErrands(name, run, self._write),
            dice=lambda rng: WrittenDice(rng, self._write),
        )
        self._recorder: Recorder | None = None
        self._is_lined = False

    def listen(self, recorder: Recorder | None) -> None:
        """From the next line on; None: no more."""
        self._is_lined, self._recorder = False, recorder

    def polled(self, symbol: str) -> None:
        """A quote is about to be asked for."""
        if self._recorder is not None:
            self._recorder.write("polled", symbol=symbol)

    def _write(self, kind: str, **fields: Any) -> None:
        recorder = self._recorder
        if recorder is not None and self._is_lined:
            recorder.write(kind, **fields)

    def _tap(self, at: int, message: str | bytes | None) -> None:
        recorder, tap = self._recorder, self._recorder.hooks.tap if self._recorder else None
        if recorder is not None and tap is not None and self._is_lined:
            tap(at, message)

    def _overhear(self, said: Exchange) -> None:
        recorder = self._recorder
        if recorder is not None and recorder.hooks.overhear is not None:
            recorder.hooks.overhear(said)

    def _connect(self, address: Address, policy: Policy, max_bytes: int) -> Wire:
        recorder = self._recorder
        if recorder is None or recorder.hooks.connect is None:
            return opened_line(address, policy, max_bytes)
        wire = recorder.hooks.connect(address, policy, max_bytes)
        self._is_lined = recorder is self._recorder
        return wire


class Recording:
    """One file being written, on a thread of its own. `symbols` are those of the market."""

    def __init__(
        self,
        vendors: Vendors,
        provider: Provider,
        symbols: Sequence[str],
        slot: Slot,
        path: Path,
        clock: Clock,
        market_closed: threading.Event,
        most_bytes: int = MOST_BYTES,
    ) -> None:
        """Raises Refused when the file cannot be begun."""
        self._vendors, self._provider, self._symbols = vendors, provider, tuple(symbols)
        self._slot, self._clock, self._market_closed, self._most = slot, clock, market_closed, most_bytes
        self.path, self.began = path, clock.now()
        self._file = TrafficFile(path, provider.id)
        self._recorder = Recorder(self._file, clock, vendors.keys_of(provider.id))
        self._stopping = threading.Event()
        self._ended_at: int | None = None
        self._fault = ""
        self._thread = threading.Thread(target=self._run, name=f"record-{provider.id}", daemon=True)
        self._thread.start()

    def view(self) -> RecorderView:
        seconds = ((self._ended_at or self._clock.now()) - self.began) / NS_PER_SECOND
        return RecorderView(
            self._provider.id,
            self.path.name,
            self._ended_at is None,
            seconds,
            self._file.bytes_written,
            self._recorder.frames,
            self._recorder.answers,
            self._fault,
        )

    @property
    def is_on(self) -> bool:
        return self._ended_at is None

    def stop(self, why: str = "") -> None:
        """Returns when the file is whole, within seconds."""
        self._fault = self._fault or why
        self._stopping.set()
        self._thread.join(GOODBYE_S)

    def _run(self) -> None:
        try:
            self._begin()
            while not self._stopping.wait(FLUSH_EVERY_S) and not self._market_closed.is_set():
                self._recorder.flush()
                if self._file.bytes_written >= self._most:
                    self._fault = f"it was ended at {self._most / 2**20:,.0f} MiB"
                    break
        except OSError as error:
            self._fault = f"it was ended: {error.strerror or error}"
        except Refused as refused:
            self._fault = f"it was ended: {refused}"
        finally:
            self._end()

    def _begin(self) -> None:
        name = self._provider.id
        self._recorder.write("begun", self.began, **head_of(name, self._symbols))
        asked = self._vendors.build(name, self._recorder.hooks)
        try:
            with in_background():
                opening_questions(asked, self._symbols, self.began)
        finally:
            asked.close()
        self._slot.listen(self._recorder)
        stream = self._provider.stream()
        if stream is not None and not self._stopping.is_set():
            stream.renew()

    def _end(self) -> None:
        self._slot.listen(None)
        try:
            self._recorder.close()
        except OSError as error:
            self._fault = self._fault or f"its end could not be written: {error.strerror or error}"
        self._ended_at = self._clock.now()
        logger.info(
            "%s was recorded into %s%s", self._provider.id, self.path.name, f": {self._fault}" * bool(self._fault)
        )


class Deck:
    """The recordings of one open market, at most one a provider at a time. Safe from any thread."""

    def __init__(self, vendors: Vendors, clock: Clock, shelf: Callable[[], Path]) -> None:
        self._vendors, self._clock, self._shelf = vendors, clock, shelf
        self._slots: dict[str, Slot] = {}
        self._recordings: dict[str, Recording] = {}
        self._lock = threading.Lock()

    def hooks_of(self, provider: str) -> Hooks:
        return self._slots.setdefault(provider, Slot()).hooks

    def polled(self, provider: str, symbol: str) -> None:
        self._slots[provider].polled(symbol)

    def start(self, provider: Provider, symbols: Sequence[str], market_closed: threading.Event) -> None:
        """Raises Refused when it is being recorded, or the file cannot be begun."""
        with self._lock:
            known = self._recordings.get(provider.id)
            if known is not None and known.is_on:
                raise Refused(f"{provider.title} is being recorded into {known.path.name}")
            path = self._shelf() / f"{provider.id} {stamp(self._clock.now())}{SUFFIX}"
            slot = self._slots[provider.id]
            self._recordings[provider.id] = Recording(
                self._vendors, provider, symbols, slot, path, self._clock, market_closed
            )

    def stop(self, provider: str) -> RecorderView:
        """What was written. Raises Refused when nothing is being recorded."""
        recording = self._recordings.get(provider)
        if recording is None or not recording.is_on:
            raise Refused(f"{self._vendors.row(provider).title} is not being recorded")
        recording.stop()
        return recording.view()

    def end(self, provider: str, why: str) -> None:
        """What is being recorded of it, if anything, is closed."""
        recording = self._recordings.get(provider)
        if recording is not None and recording.is_on:
            recording.stop(why)

    def views(self) -> Mapping[str, RecorderView]:
        """By provider; the last one stays after its end."""
        return {name: each.view() for name, each in tuple(self._recordings.items())}

    def close(self) -> None:
        for recording in tuple(self._recordings.values()):
            recording.stop()


def stamp(at: int) -> str:
    return f"{datetime.fromtimestamp(at // NS_PER_SECOND, UTC):%Y-%m-%d %H%M%S}"
