"""A session without a screen: commands at given market times, every fact written down in order.

The same seed and the same commands give the same bytes, so a session can be kept, compared and repeated.
"""

from collections.abc import Iterable, Sequence
from typing import IO, Any

import msgspec
from msgspec import Struct, convert

from tradesim.desk.desk import Desk
from tradesim.kernel.clock import NS_PER_MS, ManualClock
from tradesim.kernel.errors import Refused
from tradesim.model.commands import (
    CancelAllOrders,
    ClosePosition,
    Flatten,
    HaltTrading,
    ResumeTrading,
    SubmitOrder,
)
from tradesim.model.events import DeskEvent
from tradesim.model.market import Trade
from tradesim.model.orders import Rejection

COMMANDS: dict[str, type[Struct]] = {
    "submit": SubmitOrder,
    "cancel_all": CancelAllOrders,
    "close": ClosePosition,
    "flatten": Flatten,
    "halt": HaltTrading,
    "resume": ResumeTrading,
}
BEAT_NS = 100 * NS_PER_MS


class Line(Struct, frozen=True):
    """One command, `at_ms` of market time after the start."""

    at_ms: int
    command: Any


def read_script(text: str, name: str, account_id: str) -> list[Line]:
    """JSON lines: `{"at_ms": 1500, "do": "submit", "symbol": "AAPL", "side": "buy", "qty": "10"}`. Raises Refused."""
    lines = [
        line_of(row, f"line {number} of {name}", account_id)
        for number, row in enumerate(text.splitlines(), 1)
        if row.strip()
    ]
    return sorted(lines, key=lambda line: line.at_ms)


def line_of(row: str, where: str, account_id: str) -> Line:
    try:
        fields = msgspec.json.decode(row, type=dict[str, Any])
        at_ms, do = convert(fields.pop("at_ms"), int, strict=False), convert(fields.pop("do"), str)
        if do not in COMMANDS:
            raise Refused(f"{where}: wanted as do one of {', '.join(COMMANDS)}; was {do[:40]!r}")
        kind = COMMANDS[do]
        if "account_id" in kind.__struct_fields__:
            fields.setdefault("account_id", account_id)
        return Line(at_ms, convert(fields, kind, strict=False))
    except KeyError as missing:
        raise Refused(f"{where}: wanted at_ms and do, found no {missing.args[0]}") from None
    except (msgspec.MsgspecError, ValueError) as error:
        raise Refused(f"{where}: {error}") from None


class FactLog:
    """One JSON line a fact: the desk's events, and every print of the market."""

    def __init__(self, desk: Desk, log: IO[bytes]) -> None:
        self._desk, self._log = desk, log
        self._last_print = {symbol: last_id(view.tape) for symbol, view in desk.markets().items()}
        self.written = 0

    def write(self, events: Iterable[DeskEvent | Trade]) -> None:
        for event in events:
            body = {"event": type(event).__name__, **msgspec.to_builtins(event)}
            self._log.write(msgspec.json.encode(body, order="sorted") + b"\n")
            self.written += 1

    def refused(self, line: Line, rejection: Rejection) -> None:
        body = {"event": "CommandRefused", "at_ms": line.at_ms, **msgspec.to_builtins(rejection)}
        self._log.write(msgspec.json.encode(body, order="sorted") + b"\n")
        self.written += 1

    def write_prints(self) -> None:
        for symbol, view in self._desk.markets().items():
            self.write(trade for trade in view.tape if trade.trade_id > self._last_print[symbol])
            self._last_print[symbol] = max(self._last_print[symbol], last_id(view.tape))


def last_id(tape: Sequence[Trade]) -> int:
    return tape[-1].trade_id if tape else 0


def play(desk: Desk, clock: ManualClock, lines: Sequence[Line], duration_ms: int, log: IO[bytes]) -> int:
    """Run the session; one JSON line a fact goes to `log`. Returns how many."""
    facts = FactLog(desk, log)
    unsubscribe = desk.subscribe(facts.write)
    start = clock.now()
    for line in lines:
        run_until(desk, clock, start + line.at_ms * NS_PER_MS, facts)
        reply = desk.post(line.command)
        desk.turn()
        answer = reply.result(0)
        if isinstance(answer, Rejection):
            facts.refused(line, answer)
    run_until(desk, clock, start + duration_ms * NS_PER_MS, facts)
    unsubscribe()
    return facts.written


def run_until(desk: Desk, clock: ManualClock, moment: int, facts: FactLog) -> None:
    """Let the market come up to `moment`, beat by beat, however many turns a busy machine needs for one."""
    while clock.now() < moment:
        clock.set(min(moment, clock.now() + BEAT_NS))
        desk.turn()
        while desk.is_behind:
            desk.turn()
        facts.write_prints()
