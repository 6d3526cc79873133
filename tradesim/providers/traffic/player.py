"""Recorded traffic played through the adapter that it was recorded with: same parser, same books, same connection.

The clock is the recording's. The connection runs in this thread: its socket is the file, what it asks by REST is
answered from the file, at the moment at which the answer was handed to it, and it rolls what was rolled then. A file of
version 1 does not hold those moments: there an answer is handed on when it came, and a rest is as short as it may be.
"""

import logging
import math
import random
from collections import defaultdict, deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import Any, NamedTuple

from websockets.exceptions import ConnectionClosedError
from websockets.frames import Close

from tradesim.kernel.clock import NS_PER_SECOND, ManualClock
from tradesim.kernel.errors import NoData, ProviderError, Refused
from tradesim.model.feed import FeedBar, FeedEvent, Listing
from tradesim.providers.connection import Connection
from tradesim.providers.contract import Provider
from tradesim.providers.hooks import Exchange, Hooks
from tradesim.providers.line import Address, Policy, Wire
from tradesim.providers.redaction import MASK
from tradesim.providers.traffic.file import Cut, Reading, Record, raw_of
from tradesim.providers.traffic.recorder import opening_questions
from tradesim.providers.vendors import ROWS, Row, Vendors

logger = logging.getLogger(__name__)

MOST_RECORDS = 20_000_000
BROKEN_LINE = 1006
EXACT_SINCE = 2
LOOKS = frozenset({"opened", "refused", "frame", "idle"})
"""What a stream's thread goes on after: what it did then is written before the next of these."""


class NotYet(Exception):
    """The answer was not there yet at this moment of the recording."""


@dataclass(slots=True)
class Played:
    """What a recording says, in order. `answers` are each symbol's listing and past bars, as far as they were had."""

    row: Row
    symbols: tuple[str, ...]
    events: list[FeedEvent] = field(default_factory=list)
    answers: dict[str, list[Any]] = field(default_factory=dict)
    cut: Cut = field(default_factory=Cut)

    def listing(self, symbol: str) -> Listing:
        found = next((each for each in self.answers.get(symbol, ()) if isinstance(each, Listing)), None)
        return found or Listing(symbol, symbol, self.row.asset_class, self.row.id)

    def bars(self, symbol: str) -> list[FeedBar]:
        return [each for each in self.answers.get(symbol, ()) if isinstance(each, FeedBar)]


def played(path: Path, rows: Sequence[Row] = ROWS) -> Played:
    """Raises Refused for a file that is no recording, or of a provider that is not known."""
    reading = Reading(path)
    records: list[Record] = []
    for record in reading:
        records.append(record)
        if len(records) > MOST_RECORDS:
            raise Refused(f"{path.name}: wanted at most {MOST_RECORDS:,} records, found more: record for less long")
    starts = [number for number, record in enumerate(records) if record["kind"] == "begun"]
    if not starts:
        raise Refused(f"{path.name}: wanted recorded traffic, found none")
    row = row_of(path, str(records[0].get("provider")), rows)
    whole = Played(row, (), cut=reading.cut)
    for start, end in pairwise([*starts, len(records)]):
        session = Session(row, records[start:end]).run()
        whole.symbols = tuple(dict.fromkeys((*whole.symbols, *session.symbols)))
        whole.events += session.events
        for symbol, answers in session.answers.items():
            whole.answers.setdefault(symbol, []).extend(answers)
    return whole


def row_of(path: Path, provider: str, rows: Sequence[Row]) -> Row:
    found = next((row for row in rows if row.id == provider), None)
    if found is None:
        raise Refused(f"{path.name} is of the provider {provider[:40]!r}, which is not known here")
    return found


class Session:
    """One sitting of the recorder. `run` once."""

    def __init__(self, row: Row, records: Sequence[Record]) -> None:
        self._row, self._records, self._next = row, records, 1
        head = records[0]
        symbols = head.get("symbols")
        if not isinstance(symbols, list) or not all(isinstance(each, str) for each in symbols):
            raise Refused("recorded traffic without its symbols")
        self._clock = ManualClock(head["at"])
        self._is_exact = head["version"] >= EXACT_SINCE
        self._answers = Answers(records, self._clock, self._is_exact)
        self._errands: list[RecordedErrands] = []
        self._used: set[int] = set()
        self._connection: Connection | None = None
        self._provider: Provider | None = None
        self._is_over = False
        self.played = Played(row, tuple(symbols))

    def run(self) -> Played:
        hooks = Hooks(
            connect=self._connect,
            recorded=self._answers.take,
            wait=self._wait,
            errands=self._errand_line,
            dice=lambda _: RecordedDice(self._rolled),
        )
        vendors = Vendors(self._clock, RecordedKeys(), rows=[self._row])
        provider = self._provider = vendors.build(self._row.id, hooks)
        self.played.answers = self._open(provider)
        self._answers.is_opening = False
        stream = provider.stream()
        if isinstance(stream, Connection) and self.played.symbols:
            self._connection = stream
            stream.want(self.played.symbols)
            stream.run(self._hear)
        while not self._is_over:
            self._pass(None)
        provider.close()
        return self.played

    def _open(self, provider: Provider) -> dict[str, list[Any]]:
        try:
            return opening_questions(provider, self.played.symbols, self._clock.now())
        except Refused as refused:
            logger.warning("the recording did not open as it was recorded: %s", refused)
            return {}

    def _hear(self, events: Sequence[FeedEvent]) -> None:
        if not self._is_over:
            self.played.events.extend(events)

    # -- what the connection meets instead of the network

    def _connect(self, _address: Address, _policy: Policy, _max_bytes: int) -> Wire:
        """The next line that was opened."""
        while (record := self._pass(None)) is not None:
            if record["kind"] == "opened":
                return PlayedWire(self)
        raise OSError("the recording is over")

    def _wait(self, _seconds: float) -> bool:
        """The recording says when it went on, whatever was rolled here."""
        if not any(record["kind"] == "opened" for record in self._records[self._next :]):
            while self._pass(None) is not None:
                continue
        elif self._connection is not None:
            self._connection.retry()
        return self._is_over

    def recv(self, timeout: float | None) -> str | bytes:
        limit = None if self._is_exact else self._clock.now() + int((timeout or 0.0) * NS_PER_SECOND)
        while (record := self._pass(limit)) is not None:
            if record["kind"] == "frame":
                return raw_of(record)
            if record["kind"] == "idle":
                break
            if record["kind"] == "ended":
                raise closed_by(record)
            if record["kind"] in ("left", "opened"):
                self._next -= record["kind"] == "opened"
                raise OSError("the line was left here")
        raise TimeoutError

    # -- going on

    def _pass(self, limit: int | None) -> Record | None:
        """The next record, with the clock at its moment; None when it is after `limit`, or there is none."""
        if self._next >= len(self._records):
            self._end()
            return None
        record = self._records[self._next]
        if limit is not None and record["at"] > limit:
            self._clock.set(limit)
            return None
        self._next += 1
        if record["kind"] in ("rest", "failed"):
            self._answered(record)
            return record
        self._clock.set(max(self._clock.now(), record["at"]))
        if record["kind"] == "handed":
            self._hand(self._next - 1)
        elif record["kind"] == "polled":
            self._polled(str(record.get("symbol")))
        elif record["kind"] == "left" and self._next >= len(self._records):
            self._end()
            return None
        return record

    def _answered(self, record: Record) -> None:
        """Its time is that of the thread that asked, so an exact recording's clock is not set by it."""
        if not self._is_exact:
            self._clock.set(max(self._clock.now(), record["at"]))
            for line in self._errands:
                line.pump()

    def _hand(self, number: int) -> None:
        """The stream is given what the record of that number says that it was given."""
        if number in self._used:
            return
        self._used.add(number)
        self._answers.horizon = number
        for line in self._errands:
            line.pump(handed_over(self._records[number]))

    def _now_written(self, kind: str) -> int | None:
        """The number of the record of what the stream does at this very look, if it did it when it was recorded."""
        for number in range(self._next, len(self._records)):
            found = self._records[number]["kind"]
            if found in LOOKS:
                return None
            if found == kind and number not in self._used:
                return number
        return None

    def _handed(self) -> None:
        if self._is_exact and (number := self._now_written("handed")) is not None:
            self._hand(number)

    def _rolled(self) -> float | None:
        number = self._now_written("rolled")
        if number is None:
            return None
        self._used.add(number)
        return value_of(self._records[number])

    def _polled(self, symbol: str) -> None:
        assert self._provider is not None
        self._answers.is_opening = True
        try:
            self._hear([self._provider.quote(symbol)])
        except (NoData, ProviderError) as error:
            logger.info("no quote of %s in the recording: %s", symbol, error)
        finally:
            self._answers.is_opening = False

    def _end(self) -> None:
        self._is_over = True
        if self._connection is not None:
            self._connection.stop()

    def _errand_line(self, _name: str, run: Callable[[Any], Any]) -> "RecordedErrands":
        waits = not self._is_exact
        self._errands.append(RecordedErrands(run, self._answers, lambda: self._next, self._handed, waits))
        return self._errands[-1]


class PlayedWire:
    """A socket that hears what was recorded and keeps what it is told to itself."""

    latency = 0.0

    def __init__(self, session: Session) -> None:
        self._session = session

    def recv(self, timeout: float | None = None) -> str | bytes:
        return self._session.recv(timeout)

    def send(self, message: str | bytes) -> None:
        """Nobody listens."""

    def close(self, code: int = 1000) -> None:
        """Nothing is open."""


def handed_over(record: Record) -> int:
    """Raises Refused."""
    count = record.get("count")
    if not isinstance(count, int) or count < 0:
        raise Refused(f"recorded traffic: wanted how many answers were handed over, found {count!r}")
    return count


def value_of(record: Record) -> float:
    """Raises Refused."""
    value = record.get("value")
    if not isinstance(value, int | float) or not 0 <= value < math.inf:
        raise Refused(f"recorded traffic: wanted the seconds that were drawn, found {value!r}")
    return float(value)


def closed_by(record: Record) -> Exception:
    code = record.get("code")
    if isinstance(code, int) and code != BROKEN_LINE:
        return ConnectionClosedError(Close(code, str(record.get("reason", ""))), None)
    return ConnectionClosedError(None, None) if code else OSError(str(record.get("why", "the line broke")))


class Said(NamedTuple):
    """An answer, and the number of its record."""

    number: int
    exchange: Exchange


class Answers:
    """The REST answers of a recording, each given once, in the order in which they came.

    Exact: up to the record `horizon`, whatever their time; else up to now.
    """

    def __init__(self, records: Sequence[Record], clock: ManualClock, is_exact: bool) -> None:
        self._clock, self._is_exact = clock, is_exact
        self._left: dict[str, deque[Said]] = defaultdict(deque)
        self._given: list[Said] = []
        self._since = 0
        self.horizon = 0
        self.is_opening = True
        for number, record in enumerate(records):
            if record["kind"] in ("rest", "failed"):
                exchange = exchange_of(record)
                self._left[exchange.path].append(Said(number, exchange))

    def take(self, path: str, params: Mapping[str, str]) -> Exchange:
        """The same question's answer; else the next one of the same kind. Raises NotYet before its time."""
        waiting = [each for each in self._left[path] if self.is_opening or each.number >= self._since]
        found = next((each for each in waiting if is_same(each.exchange.params, params)), None)
        found = found or next((each for each in waiting if each.exchange.params.keys() == params.keys()), None)
        if found is None:
            return Exchange(path, params, received=self._clock.now(), failed=f"the recording has no answer of {path}")
        if not self.is_opening and self._is_early(found):
            raise NotYet
        self._left[path].remove(found)
        self._given.append(found)
        return found.exchange

    def begin(self, since: int) -> None:
        """For an errand that was sent when the record `since` was the next one."""
        self._given = []
        self._since = since if self._is_exact else 0

    def give_back(self) -> None:
        """What an errand took that could not be finished."""
        for said in reversed(self._given):
            self._left[said.exchange.path].appendleft(said)
        self._given = []

    def _is_early(self, said: Said) -> bool:
        if self._is_exact:
            return said.number > self.horizon
        return said.exchange.received > self._clock.now()


def is_same(recorded: Mapping[str, str], asked: Mapping[str, str]) -> bool:
    """Keys are masked in the recording."""
    return recorded.keys() == asked.keys() and all(
        MASK in value or asked[name] == value for name, value in recorded.items()
    )


def exchange_of(record: Record) -> Exchange:
    """Raises Refused for a record without what it must have."""
    try:
        path, params = str(record["path"]), {str(key): str(value) for key, value in record["params"].items()}
        if record["kind"] == "failed":
            return Exchange(path, params, received=record["at"], failed=str(record["why"]))
        raw = raw_of(record)
        body = raw if isinstance(raw, bytes) else raw.encode()
        headers = {str(key): str(value) for key, value in record["headers"].items()}
        return Exchange(path, params, int(record["status"]), headers, body, record["at"], int(record["took"]))
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise Refused(f"recorded traffic holds an answer that is not whole: {error}") from None


class RecordedErrands:
    """Errands that are done when the recording says so; `is_by_time`: when it has their answer."""

    def __init__(
        self,
        run: Callable[[Any], Any],
        answers: Answers,
        place: Callable[[], int],
        handed: Callable[[], None],
        is_by_time: bool,
    ) -> None:
        self._run, self._answers = run, answers
        self._place, self._handed, self._is_by_time = place, handed, is_by_time
        self._todo: list[tuple[int, Any]] = []
        self._results: list[tuple[Any, Any]] = []

    def send(self, errand: Any) -> None:
        self._todo.append((self._place(), errand))
        if self._is_by_time:
            self.pump()

    def done(self) -> list[tuple[Any, Any]]:
        self._handed()
        results, self._results = self._results, []
        return results

    def pump(self, most: int | None = None) -> None:
        """They were run one after the other: the first one that has to wait holds the rest."""
        for since, errand in self._todo[:most]:
            self._answers.begin(since)
            try:
                found = self._run(errand)
            except NotYet:
                self._answers.give_back()
                return
            except Exception as error:  # noqa: BLE001 - handed back as a value, as in the live adapter
                found = error
            self._results.append((errand, found))
            del self._todo[0]


class RecordedDice(random.Random):
    """Rolls what was rolled, else the least."""

    def __init__(self, rolled: Callable[[], float | None]) -> None:
        super().__init__(0)
        self._rolled = rolled

    def uniform(self, a: float, b: float) -> float:
        rolled = self._rolled()
        return a if rolled is None else rolled


class RecordedKeys:
    """The keys that were there when it was recorded are not in the file, and not needed."""

    def get(self, name: str) -> str:
        return "key-of-a-recording"

    def held(self, name: str) -> str:
        return "recording"
