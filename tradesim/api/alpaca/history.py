"""`/v2/account/portfolio/history`: what the account was worth at the times that Alpaca asks for, as the journal has it.

The same curve as everywhere (`Desk.equity_line`), read at the end of each step; what was paid in is no profit.
"""

import re
from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from typing import Any

import numpy as np
from flask import Blueprint, Response, request
from msgspec import Struct
from numpy.typing import NDArray

from tradesim.api.alpaca.activities import OF_FILLS, TYPE_BY_KIND, fee_type, require_types
from tradesim.api.alpaca.door import account_id, answer
from tradesim.api.alpaca.errors import unprocessable, wrong_input
from tradesim.api.alpaca.reading import Query
from tradesim.api.alpaca.updates import Updates
from tradesim.desk.archive import Move
from tradesim.desk.days import local
from tradesim.desk.desk import Desk
from tradesim.kernel.clock import NS_PER_SECOND
from tradesim.model.events import CashMoved

Floats = NDArray[np.float64]
Moments = NDArray[np.int64]
SECONDS_BY_FRAME = {"1Min": 60, "5Min": 300, "15Min": 900, "1H": 3_600, "1D": 86_400}
DAYS_BY_UNIT = {"D": 1, "W": 7, "M": 30, "A": 365}
LONGEST_INTRADAY_DAYS = 30
MOST_POINTS = 20_000
SPLIT = "SPLIT"


class Flow(Struct, frozen=True):
    """Money that came in (or went, below zero) at `ts_event`; `kind` is the type of its activity."""

    kind: str
    cash: float
    ts_event: int


class Span(Struct, frozen=True):
    """Buckets of `step` seconds from `start` to `end`, UTC seconds."""

    start: int
    end: int
    step: int
    name: str

    def starts(self) -> Moments:
        if self.step == SECONDS_BY_FRAME["1D"]:
            return midnights(self.start, self.end)
        return np.arange(self.start // self.step * self.step, self.end + 1, self.step, dtype=np.int64)


def midnights(start: int, end: int) -> Moments:
    """New York's, as seconds."""
    day = local(start * NS_PER_SECOND).replace(hour=0, minute=0, second=0, microsecond=0)
    found = []
    while day.timestamp() <= end:
        found.append(int(day.timestamp()))
        day = (day + timedelta(days=1)).replace(fold=0)
    return np.array(found, dtype=np.int64)


def span_of(query: Query, now: int, opened: int) -> Span:
    """Two of start, end and period; by default the month until now. Never before the account. Raises Denied."""
    start, end = query.moment("start"), query.moment("end") or query.moment("date_end")
    period = query.word("period") or ("" if start is not None and end is not None else "1M")
    if start is not None and end is not None and query.word("period"):
        raise wrong_input("only two of start, end and period are accepted")
    last = min(end // NS_PER_SECOND if end is not None else now, now)
    if start is not None:
        first = start // NS_PER_SECOND
        last = min(last, first + days_in(period, last) * 86_400) if end is None and query.word("period") else last
    else:
        first = last - days_in(period, last) * 86_400
    if first > last:
        raise wrong_input("start must not be after end")
    days = (last - first) / 86_400
    name = query.word("timeframe") or ("1Min" if days < 7 else "15Min" if days < 30 else "1D")
    if name not in SECONDS_BY_FRAME:
        raise wrong_input("invalid timeframe")
    if days > LONGEST_INTRADAY_DAYS + 1 and name != "1D":
        raise unprocessable("only 1D timeframe is accepted for periods longer than 30 days")
    step = SECONDS_BY_FRAME[name]
    return Span(max(first, min(opened, last), last - MOST_POINTS * step), last, step, name)


def days_in(period: str, now: int) -> int:
    found = re.fullmatch(r"(\d{1,4})([DWMA])", period.upper())
    if period.lower() in ("all", "intraday"):
        return 1 if period.lower() == "intraday" else now // 86_400
    if found is None or not int(found[1]):
        raise wrong_input("invalid period")
    return int(found[1]) * DAYS_BY_UNIT[found[2]]


def paid_in(moves: Iterable[Move], moments: Moments) -> Floats:
    """What the owner had paid in, less what was taken out, until each of `moments`."""
    funds = [move for move in moves if isinstance(move, CashMoved) and move.is_from_outside]
    sums = np.concatenate(([0.0], np.cumsum([float(move.amount) for move in funds])))
    return np.asarray(sums[np.searchsorted([move.ts_event for move in funds], moments, side="right")])


def gains(starts: Moments, equity: Floats, deposited: Floats, base: float, is_per_day: bool) -> tuple[Floats, Floats]:
    """Profit since the base, or since each day began, and as a fraction of it. What was paid in is no profit."""
    own = equity - deposited
    bases = np.full(len(equity), base)
    if is_per_day and len(equity):
        days = [local(int(start) * NS_PER_SECOND).date() for start in starts]
        for index in range(1, len(equity)):
            bases[index] = own[index - 1] if days[index] != days[index - 1] else bases[index - 1]
    profit = own - bases
    share = np.divide(profit, bases, out=np.zeros_like(profit), where=np.abs(bases) > 0)
    return profit, share


class History:
    def __init__(self, desk: Desk, updates: Updates) -> None:
        self._desk, self._updates = desk, updates

    def show(self, query: Query) -> dict[str, Any]:
        """Raises Denied."""
        account = account_id(self._desk)
        line, moves, now = self._desk.review.equity_line(account), self._desk.moves(account), self._desk.status().now
        span = span_of(query, now // NS_PER_SECOND, line.begins_at // NS_PER_SECOND)
        is_per_day = query.one_of("pnl_reset", ("per_day", "no_reset"), "per_day") == "per_day" and span.name != "1D"
        starts = span.starts()
        begin = starts[:1] * NS_PER_SECOND - 1
        edges = np.concatenate((begin, np.minimum((starts + span.step) * NS_PER_SECOND, now)))
        equity, deposited = line.worth(edges), paid_in(moves, edges)
        base = float(equity[0]) if len(edges) else line.last.equity
        profit, share = gains(starts, equity[1:], deposited[1:] - deposited[:1], base, is_per_day)
        return {
            "timestamp": starts.tolist(),
            "equity": cents(equity[1:]),
            "profit_loss": cents(profit),
            "profit_loss_pct": np.round(share, 8).tolist(),
            "base_value": round(base, 2),
            "base_value_asof": str(day_before(starts)) if len(starts) else None,
            "timeframe": span.name,
            "cashflow": cashflow(query.words("cashflow_types"), edges, [*map(flow_of, moves), *self._fees(account)]),
        }

    def _fees(self, account: str) -> Iterator[Flow]:
        for each in self._updates.records(account).executions:
            if each.fill.fee:
                yield Flow(fee_type(each.fill), float(-each.fill.fee), each.fill.ts_event)


def cashflow(types: frozenset[str], edges: Moments, flows: Iterable[Flow]) -> dict[str, list[float]]:
    """What came in of each kind between one edge and the next; `ALL` are all kinds."""
    if not types or types == {"NONE"}:
        return {}
    is_all = "ALL" in {each.upper() for each in types}
    wanted = frozenset((*TYPE_BY_KIND.values(), *OF_FILLS, SPLIT)) if is_all else require_types(types)
    sums = {kind: np.zeros(max(len(edges) - 1, 0)) for kind in sorted(wanted)}
    for flow in flows:
        place = int(np.searchsorted(edges, flow.ts_event)) - 1
        if flow.kind in sums and 0 <= place < len(edges) - 1:
            sums[flow.kind][place] += flow.cash
    return {kind: cents(sum_) for kind, sum_ in sums.items() if not is_all or sum_.any()}


def flow_of(move: Move) -> Flow:
    if isinstance(move, CashMoved):
        return Flow(TYPE_BY_KIND.get(move.kind, ""), float(move.amount), move.ts_event)
    return Flow(SPLIT, float(move.cash_in_lieu), move.ts_event)


def cents(values: Floats) -> list[float]:
    return [float(each) for each in np.round(values, 2)]


def day_before(starts: Moments) -> date:
    return local(int(starts[0]) * NS_PER_SECOND).date() - timedelta(days=1)


def register(api: Blueprint, history: History) -> None:
    @api.get("/v2/account/portfolio/history")
    def on_history() -> Response:
        return answer(history.show(Query(request.args)))
