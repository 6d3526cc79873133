"""Faults made on purpose, so that a bot can be seen to survive them: for requests of the facade and for its streams.

Each one has a target, and either a chance (from a seed, so that it can be repeated) or an exact count. All is off until
a person says otherwise.
"""

import random
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum
from fnmatch import fnmatchcase
from typing import Annotated, Any

import msgspec
from flask import Flask, Response, current_app, g, request

from tradesim.api.treatment import FAITHFUL, Treat, Treatment
from tradesim.stream.wires import hang_up

MOST_FAULTS = 50
LONGEST_DELAY_MS = 60_000
TOO_MANY = 42_910_000
FORBIDDEN = 40_310_000
EVERYTHING = "*"
REHEARSAL = "tradesim.rehearsal"
SOCKETS = ("gunicorn.socket", "werkzeug.socket")


class FaultKind(StrEnum):
    """`drop` loses what was asked or is to be told; `disconnect` ends the connection, a request's after it was done."""

    REJECT = "reject"
    DELAY = "delay"
    DROP = "drop"
    DUPLICATE = "duplicate"
    DISCONNECT = "disconnect"
    TOO_MANY = "429"
    HALT = "halt"


class NewFault(msgspec.Struct, forbid_unknown_fields=True):
    """`route` (`POST /v2/orders`) or `stream` (`/v2/iex`), each with `*` for anything; `account` by its name.

    Without either it hits every request and every stream. `halt` stops trading in `symbol`, or in everything.
    """

    kind: FaultKind
    route: Annotated[str, msgspec.Meta(max_length=200)] = ""
    stream: Annotated[str, msgspec.Meta(max_length=200)] = ""
    account: Annotated[str, msgspec.Meta(max_length=64)] | None = None
    symbol: Annotated[str, msgspec.Meta(max_length=24)] | None = None
    probability: Annotated[float, msgspec.Meta(ge=0, le=1)] = 1.0
    count: Annotated[int, msgspec.Meta(ge=1, le=1_000_000)] | None = None
    seed: Annotated[int, msgspec.Meta(ge=0, le=2**31 - 1)] = 0
    delay_ms: Annotated[int, msgspec.Meta(ge=0, le=LONGEST_DELAY_MS)] = 0
    status: Annotated[int, msgspec.Meta(ge=400, le=599)] = 403
    code: Annotated[int, msgspec.Meta(ge=0, le=99_999_999)] = FORBIDDEN
    message: Annotated[str, msgspec.Meta(max_length=400)] = "rejected by an injected fault"


class Fault(msgspec.Struct):
    """One that is on, and how often it has hit."""

    id: int
    fault: NewFault
    hits: int = 0

    @property
    def sentence(self) -> str:
        wanted = self.fault
        where = wanted.route or wanted.stream or wanted.symbol or "everything"
        return f"A fault is injected: {wanted.kind.value} on {where}."


@dataclass(slots=True)
class Armed:
    shown: Fault
    chance: random.Random


@dataclass(slots=True)
class Faults:
    """Safe from any thread. `on_change` is told the sentences of what is on."""

    on_change: Callable[[tuple[str, ...]], None] = lambda sentences: None
    _armed: tuple[Armed, ...] = ()
    _turn: threading.Lock = field(default_factory=threading.Lock)
    _count: int = 0

    @property
    def is_on(self) -> bool:
        return bool(self._armed)

    def listed(self) -> list[Fault]:
        return [each.shown for each in self._armed]

    def add(self, wanted: NewFault) -> Fault | None:
        """None when there are too many already."""
        with self._turn:
            if len(self._armed) >= MOST_FAULTS:
                return None
            self._count += 1
            shown = Fault(self._count, wanted)
            self._armed = (*self._armed, Armed(shown, random.Random(f"fault:{wanted.seed}")))
        self._tell()
        return shown

    def remove(self, id_: int | None = None) -> list[Fault]:
        """The one called so, or all; what was taken away."""
        with self._turn:
            gone = [each.shown for each in self._armed if id_ in (None, each.shown.id)]
            self._armed = tuple(each for each in self._armed if each.shown not in gone)
        self._tell()
        return gone

    def of_request(self, route: str, account: str | None) -> list[NewFault]:
        return self._hit(lambda wanted: fits(wanted.route, route, wanted.stream) and is_for(wanted, account))

    def of_stream(self, stream: str, account: str) -> Treatment:
        """What happens to one message."""
        hit = self._hit(
            lambda wanted: (
                wanted.kind in IN_STREAMS and fits(wanted.stream, stream, wanted.route) and is_for(wanted, account)
            )
        )
        return treatment_of(hit) if hit else FAITHFUL

    def treat(self) -> Treat | None:
        """None while nothing can happen to a message."""
        is_aimed = any(
            each.shown.fault.kind in IN_STREAMS and (each.shown.fault.stream or not each.shown.fault.route)
            for each in self._armed
        )
        return self.of_stream if is_aimed else None

    def at_knock(self, stream: str) -> int | None:
        """The status with which a socket is turned away before it opens."""
        hit = self._hit(
            lambda wanted: (
                wanted.kind in (FaultKind.REJECT, FaultKind.TOO_MANY) and fits(wanted.stream, stream, wanted.route)
            )
        )
        return None if not hit else 429 if hit[0].kind is FaultKind.TOO_MANY else hit[0].status

    def _hit(self, is_meant: Callable[[NewFault], bool]) -> list[NewFault]:
        if not self._armed:
            return []
        with self._turn:
            hit = [each for each in self._armed if is_meant(each.shown.fault) and is_due(each)]
            for each in hit:
                each.shown.hits += 1
        return [each.shown.fault for each in hit]

    def _tell(self) -> None:
        self.on_change(tuple(each.sentence for each in self.listed()))


IN_STREAMS = frozenset({FaultKind.DELAY, FaultKind.DROP, FaultKind.DUPLICATE, FaultKind.DISCONNECT})


def fits(pattern: str, found: str, other: str) -> bool:
    """A fault that is aimed at the other kind of target does not mean this one."""
    return fnmatchcase(found, pattern) if pattern else not other


def is_for(wanted: NewFault, account: str | None) -> bool:
    return wanted.account is None or wanted.account == (account or "")


def is_due(armed: Armed) -> bool:
    wanted = armed.shown.fault
    if wanted.kind is FaultKind.HALT or (wanted.count is not None and armed.shown.hits >= wanted.count):
        return False
    return wanted.probability >= 1 or armed.chance.random() < wanted.probability


def treatment_of(hit: list[NewFault]) -> Treatment:
    kinds = {each.kind for each in hit}
    if FaultKind.DROP in kinds:
        return Treatment(copies=0)
    delay_s = sum(each.delay_ms for each in hit if each.kind is FaultKind.DELAY) / 1_000
    return Treatment(2 if FaultKind.DUPLICATE in kinds else 1, delay_s, FaultKind.DISCONNECT in kinds)


def register(server: Flask, faults: Faults, is_meant: Callable[[str], bool]) -> None:
    """After the doors: to those who may come in. `is_meant` says of an address whether faults can hit it."""

    @server.before_request
    def on_request() -> Response | None:
        if (
            not faults.is_on
            or REHEARSAL in request.environ
            or not is_meant(request.path)
            or "Upgrade" in request.headers
        ):
            return None
        hit = faults.of_request(f"{request.method} {request.path}", g.get("alpaca_account"))
        return struck(hit) if hit else None

    @server.after_request
    def on_answer(response: Response) -> Response:
        if g.get("is_cut"):
            cut_off(request.environ)
        return response


def struck(hit: list[NewFault]) -> Response | None:
    """None when the request goes on."""
    by_kind = {each.kind: each for each in reversed(hit)}
    delay_ms = sum(each.delay_ms for each in hit)
    if delay_ms:
        time.sleep(delay_ms / 1_000)
    if FaultKind.DROP in by_kind:
        g.is_cut = True
        return refused(503, 50_310_000, "dropped by an injected fault")
    if FaultKind.TOO_MANY in by_kind:
        answer = refused(429, TOO_MANY, "rate limit exceeded")
        answer.headers["Retry-After"] = "1"
        return answer
    if FaultKind.REJECT in by_kind:
        wanted = by_kind[FaultKind.REJECT]
        return refused(wanted.status, wanted.code, wanted.message)
    g.is_cut = FaultKind.DISCONNECT in by_kind
    if FaultKind.DUPLICATE in by_kind:
        rehearse()
    return None


def rehearse() -> None:
    """The same request once more, as when a proxy repeats it; its answer is lost."""
    current_app.test_client().open(
        request.full_path,
        method=request.method,
        data=request.get_data(cache=True),
        headers=list(request.headers),
        environ_overrides={REHEARSAL: True},
    )


def refused(status: int, code: int, message: str) -> Response:
    body = msgspec.json.encode({"code": code, "message": message})
    return Response(body, status, mimetype="application/json")


def cut_off(environ: dict[str, Any]) -> None:
    """End the connection without an answer; where the server keeps its socket to itself the answer arrives."""
    for name in SOCKETS:
        sock = environ.get(name)
        if sock is not None:
            hang_up(sock)
            return
