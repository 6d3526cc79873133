"""Writing down what a provider says: every REST exchange and every frame, as it came, with the time it was heard."""

import logging
import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Protocol

from websockets.exceptions import ConnectionClosed

from tradesim.kernel.clock import NS_PER_SECOND, Clock
from tradesim.kernel.counting import counted
from tradesim.kernel.errors import NoData, ProviderError, Refused, UnknownSymbol
from tradesim.model.feed import Capability, LinkState
from tradesim.model.market import Timeframe
from tradesim.providers.connection import Connection, ignore
from tradesim.providers.contract import YES, Hear, Provider
from tradesim.providers.hooks import Exchange, Hooks
from tradesim.providers.http import HttpClient, error_words
from tradesim.providers.line import Address, Policy, Wire, opened_line
from tradesim.providers.redaction import Redactor
from tradesim.providers.traffic.file import VERSION, Record, TrafficFile, text_fields
from tradesim.providers.traffic.witness import WrittenDice, WrittenErrands
from tradesim.providers.vendors import Vendors

logger = logging.getLogger(__name__)

MINUTES_BACK_NS = 86_400 * NS_PER_SECOND
DAYS_BACK_NS = 100 * 86_400 * NS_PER_SECOND
FLUSH_EVERY_S = 1.0
KEPT_HEADERS = ("date", "retry-after", "content-type")
KEPT_HEADER_WORDS = ("ratelimit", "rate-limit", "used-weight")


class Asked(Protocol):
    """A provider whose traffic can be recorded."""

    @property
    def connection(self) -> Connection | None: ...

    @property
    def http(self) -> HttpClient: ...


class Recorder:
    """Safe from any thread. Hand `hooks` to the provider that is to be recorded."""

    def __init__(self, file: TrafficFile, clock: Clock, secrets: Sequence[str]) -> None:
        self._file, self._clock = file, clock
        self._clean = Redactor(secrets)
        self._lock = threading.Lock()
        self._is_closed = False
        self.frames = self.answers = 0
        self.fault = ""
        """Why the provider could not be reached, the last time that it could not."""
        self.hooks = Hooks(
            tap=self._frame,
            connect=self._connect,
            overhear=self._exchange,
            errands=lambda name, run: WrittenErrands(name, run, self.write),
            dice=lambda rng: WrittenDice(rng, self.write),
        )

    def write(self, kind: str, at: int | None = None, **fields: object) -> None:
        record: Record = {"kind": kind, "at": self._clock.now() if at is None else at, **fields}
        with self._lock:
            if not self._is_closed:
                self._file.write(record)

    def flush(self) -> None:
        with self._lock:
            if not self._is_closed:
                self._file.flush()

    def close(self) -> None:
        """What is said from here on is not written."""
        with self._lock:
            self._is_closed = True
            self._file.close()

    def _frame(self, at: int, message: str | bytes | None) -> None:
        if message is None:
            self.write("idle", at)
            return
        self.frames += 1
        self.write("frame", at, **self._texts(message))

    def _exchange(self, said: Exchange) -> None:
        params = {key: self._clean.without_keys(value) for key, value in said.params.items()}
        if said.failed:
            self.fault = self._clean(said.failed)
            self.write("failed", said.received, path=said.path, params=params, why=self.fault)
            return
        self.answers += 1
        headers = {name: value for name, value in (said.headers or {}).items() if is_kept(name)}
        told = {"path": said.path, "params": params, "status": said.status, "headers": headers, "took": said.took_ns}
        self.write("rest", said.received, **told, **self._texts(said.body))

    def _texts(self, raw: str | bytes) -> Record:
        fields = text_fields(raw)
        return {name: self._clean.without_keys(value) for name, value in fields.items()}

    def _connect(self, address: Address, policy: Policy, max_bytes: int) -> Wire:
        try:
            wire = opened_line(address, policy, max_bytes)
        except Exception as error:
            self.fault = self._clean(error_words(error))
            self.write("refused", why=self._clean(f"{type(error).__name__}: {error}"))
            raise
        self.write("opened")
        return RecordedWire(wire, self, self._clean)


class RecordedWire:
    """A socket whose talk is written down; what it hears is written by the tap, at the moment it is read."""

    def __init__(self, wire: Wire, recorder: Recorder, clean: Redactor) -> None:
        self._wire, self._recorder, self._clean = wire, recorder, clean

    @property
    def latency(self) -> float:
        return self._wire.latency

    def recv(self, timeout: float | None = None) -> str | bytes:
        try:
            return self._wire.recv(timeout=timeout)
        except TimeoutError:
            raise
        except ConnectionClosed as closed:
            frame = closed.rcvd or closed.sent
            code, reason = (frame.code, frame.reason) if frame else (1006, "")
            self._recorder.write("ended", code=code, reason=self._clean(reason))
            raise
        except Exception as error:
            self._recorder.write("ended", why=self._clean(f"{type(error).__name__}: {error}"))
            raise

    def send(self, message: str | bytes) -> None:
        text = message if isinstance(message, str) else message.decode("latin-1")
        self._recorder.write("said", text=self._clean(text))
        self._wire.send(message)

    def close(self, code: int = 1000) -> None:
        self._recorder.write("left", code=code)
        self._wire.close(code)


def is_kept(header: str) -> bool:
    name = header.lower()
    return name in KEPT_HEADERS or any(word in name for word in KEPT_HEADER_WORDS)


Progress = Callable[[str], None]


def record(
    vendors: Vendors,
    name: str,
    symbols: Sequence[str],
    path: Path,
    clock: Clock,
    stopping: threading.Event,
    seconds: float | None = None,
    progress: Progress = lambda _: None,
    hear: Hear = ignore,
) -> str:
    """Record until told to stop or `seconds` have passed; the sentence of what was written.

    Raises Refused, also when nothing at all was heard. `hear` gets what the adapter makes of it meanwhile.
    """
    refusal = vendors.refusal(name)
    if refusal:
        raise Refused(refusal)
    for symbol in symbols:
        if fault := vendors.symbol_fault(name, symbol):
            raise Refused(fault)
    file = TrafficFile(path, name)
    recorder = Recorder(file, clock, vendors.keys_of(name))
    provider = vendors.build(name, recorder.hooks)
    try:
        began = clock.now()
        recorder.write("begun", began, **head_of(name, symbols))
        opening_questions(provider, symbols, began)
        listen(provider, symbols, recorder, clock, stopping, seconds, vendors.row(name).poll_s, progress, hear)
        health = provider.health()
    finally:
        provider.close()
        recorder.close()
    if not recorder.frames and not recorder.answers:
        raise Refused(unheard(provider.title, recorder.fault, path))
    if YES not in health.capabilities.values():
        raise Refused(f"{provider.title} only refused: {health.error}; {path} has nothing else")
    heard = f"{counted(recorder.frames, 'frame')} and {counted(recorder.answers, 'answer')}"
    lack = f"; its stream was refused: {health.error}" if health.state is LinkState.REFUSED else ""
    return f"{heard} of {name} written to {path} ({path.stat().st_size:,} bytes){lack}"


def unheard(title: str, fault: str, path: Path) -> str:
    why = f": {fault}" if fault else ""
    return (
        f"nothing was heard of {title}{why}; {path} has only the attempts (tradesim doctor tells what can be reached)"
    )


def head_of(provider: str, symbols: Sequence[str]) -> Record:
    """What a session begins with."""
    return {"of": "tradesim-traffic", "version": VERSION, "provider": provider, "symbols": list(symbols)}


def opening_questions(provider: Provider, symbols: Sequence[str], began: int) -> dict[str, list[object]]:
    """What a market needs to open: what each symbol is, and its past. The same questions in the same order each time.

    Raises Refused for a symbol that the provider does not have; what it does not offer is left out.
    """
    found: dict[str, list[object]] = {}
    listing = getattr(provider, "listing", None)
    for symbol in symbols:
        answers: list[object] = found.setdefault(symbol, [])
        if listing is not None:
            try:
                answers.append(listing(symbol))
            except UnknownSymbol as unknown:
                raise Refused(f"{provider.title}: {unknown}") from None
            except ProviderError as error:
                logger.warning("%s of %s: no listing: %s", provider.id, symbol, error)
        for kind, timeframe, back in (
            (Capability.BARS_INTRADAY, Timeframe.M1, MINUTES_BACK_NS),
            (Capability.BARS_DAILY, Timeframe.D1, DAYS_BACK_NS),
        ):
            if provider.capabilities().get(kind) != YES:
                continue
            try:
                answers.extend(provider.bars(symbol, timeframe, began - back, began))
            except ProviderError as error:
                logger.warning("%s of %s: no %s bars: %s", provider.id, symbol, timeframe, error)
    return found


def listen(
    provider: Provider,
    symbols: Sequence[str],
    recorder: Recorder,
    clock: Clock,
    stopping: threading.Event,
    seconds: float | None,
    poll_s: float,
    progress: Progress,
    hear: Hear,
) -> None:
    stream = provider.stream()
    if stream is not None:
        stream.want(symbols)
        stream.start(hear)
    began = clock.now()
    asked_at: dict[str, int] = {}
    while not stopping.wait(min(FLUSH_EVERY_S, seconds or FLUSH_EVERY_S)):
        now = clock.now()
        if seconds is not None and now - began >= seconds * NS_PER_SECOND:
            return
        if stream is None:
            poll(provider, symbols, recorder, asked_at, now, poll_s * len(symbols), hear)
        recorder.flush()
        progress(f"{recorder.frames:,} frames, {recorder.answers:,} answers")


def poll(
    provider: Provider,
    symbols: Sequence[str],
    recorder: Recorder,
    asked_at: dict[str, int],
    now: int,
    every_s: float,
    hear: Hear,
) -> None:
    """Ask for the quotes that are due, where no stream brings them."""
    for symbol in symbols:
        if now - asked_at.get(symbol, 0) < every_s * NS_PER_SECOND:
            continue
        asked_at[symbol] = now
        recorder.write("polled", symbol=symbol)
        try:
            hear([provider.quote(symbol)])
        except (NoData, ProviderError) as error:
            logger.warning("%s: no quote of %s: %s", provider.id, symbol, error)
