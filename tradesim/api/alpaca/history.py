"""`/v2/account/portfolio/history`: what the account was worth, from what it holds now and what changed it since.

Going back from the present, every fill and every movement of cash is undone; what was held is valued at the close of
the bar that was the last one then. So the curve needs no memory of its own, and is the same whenever it is asked.
"""

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import numpy as np
from flask import Blueprint, Response, request
from numpy.typing import NDArray

from tradesim.api.alpaca.activities import TYPE_BY_KIND, require_types
from tradesim.api.alpaca.door import account_id, answer
from tradesim.api.alpaca.errors import unprocessable, wrong_input
from tradesim.api.alpaca.reading import Query
from tradesim.api.alpaca.updates import Updates
from tradesim.desk.days import local
from tradesim.desk.desk import Desk
from tradesim.kernel.clock import NS_PER_SECOND
from tradesim.model.events import CashMoved, PositionSplit
from tradesim.model.market import Timeframe
from tradesim.model.orders import Fill

Floats = NDArray[np.float64]
Moments = NDArray[np.int64]
PriceAt = Callable[[str, Moments], Floats]
SECONDS_BY_FRAME = {"1Min": 60, "5Min": 300, "15Min": 900, "1H": 3_600, "1D": 86_400}
DAYS_BY_UNIT = {"D": 1, "W": 7, "M": 30, "A": 365}
LONGEST_INTRADAY_DAYS = 30
MOST_POINTS = 20_000
FUNDS = frozenset({"deposit", "withdrawal"})


@dataclass(frozen=True, slots=True)
class Change:
    """What one fill or movement did to cash and to the holding of `symbol`; `funds` is what the owner paid in."""

    at: int
    cash: float
    symbol: str = ""
    qty: float = 0.0
    funds: float = 0.0
    kind: str = ""


@dataclass(frozen=True, slots=True)
class Span:
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


def curve(
    ends: Moments, cash: float, held: dict[str, float], changes: Iterable[Change], price_at: PriceAt
) -> tuple[Floats, Floats]:
    """Equity at each of `ends` (UTC ns), and what had been paid in until then."""
    ordered = sorted(changes, key=lambda change: change.at)
    at = np.array([change.at for change in ordered], dtype=np.int64)
    known = np.searchsorted(at, ends, side="right")
    equity = cash - left(np.array([change.cash for change in ordered]), known)
    funds = left(np.array([change.funds for change in ordered]), known)
    paid_in = (float(funds.max()) if len(funds) else 0.0) - funds
    for symbol in sorted({*held, *(change.symbol for change in ordered if change.symbol)}):
        moved = np.array([change.qty if change.symbol == symbol else 0.0 for change in ordered])
        qty = held.get(symbol, 0.0) - left(moved, known)
        equity = equity + np.where(np.abs(qty) > 1e-9, qty * price_at(symbol, ends), 0.0)
    return equity, paid_in


def left(amounts: Floats, known: NDArray[np.intp]) -> Floats:
    """What is still to come after the first `known` of them."""
    sums = np.concatenate(([0.0], np.cumsum(amounts, dtype=np.float64)))
    return np.asarray(sums[-1] - sums[known], dtype=np.float64)


def gains(starts: Moments, equity: Floats, paid_in: Floats, base: float, is_per_day: bool) -> tuple[Floats, Floats]:
    """Profit since the base, or since each day began, and as a fraction of it. What was paid in is no profit."""
    own = equity - paid_in
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
        view, now = self._desk.account(account), self._desk.status().now
        span = span_of(query, now // NS_PER_SECOND, view.account.opened_at // NS_PER_SECOND)
        is_per_day = query.one_of("pnl_reset", ("per_day", "no_reset"), "per_day") == "per_day" and span.name != "1D"
        starts = span.starts()
        ends = np.minimum((starts + span.step) * NS_PER_SECOND, now)
        changes = list(self._changes(account))
        held = {each.position.symbol: float(each.position.qty) for each in view.positions}
        before = np.concatenate(([starts[0] * NS_PER_SECOND - 1], ends)) if len(starts) else ends
        marks = {each.position.symbol: each.mark for each in view.positions}
        equity, paid_in = curve(before, float(view.account.cash), held, changes, self._prices(span, now, marks))
        base = float(equity[0]) if len(equity) else float(view.equity)
        equity, paid_in = equity[1:], paid_in[1:] - (paid_in[0] if len(paid_in) else 0.0)
        profit, share = gains(starts, equity, paid_in, base, is_per_day)
        return {
            "timestamp": starts.tolist(),
            "equity": cents(equity),
            "profit_loss": cents(profit),
            "profit_loss_pct": np.round(share, 8).tolist(),
            "base_value": round(base, 2),
            "base_value_asof": str(day_before(starts)) if len(starts) else None,
            "timeframe": span.name,
            "cashflow": cashflow(query.words("cashflow_types"), before, changes),
        }

    def _changes(self, account: str) -> Iterable[Change]:
        fills = [execution.fill for execution in self._updates.records(account).executions]
        moves = self._desk.moves(account)
        for fill in fills:
            money = -(fill.price * fill.signed_qty) - fill.fee
            yield Change(fill.ts_event, float(money), fill.symbol, float(fill.signed_qty), kind="FILL")
        for move in moves:
            if isinstance(move, CashMoved):
                yield change_of(move)
        yield from splits(fills, [move for move in moves if isinstance(move, PositionSplit)])

    def _prices(self, span: Span, now: int, marks: dict[str, Decimal | None]) -> PriceAt:
        frame = Timeframe.D1 if span.name == "1D" else Timeframe.M1

        def price_at(symbol: str, moments: Moments) -> Floats:
            mark = marks.get(symbol)
            instrument = self._desk.instruments.get(symbol)
            if instrument is None:
                return np.full(len(moments), float(mark or 0))
            bars = self._desk.bars(symbol, frame, MOST_POINTS)
            prices = bars.close.astype(np.float64) * float(instrument.tick_size)
            width = SECONDS_BY_FRAME["1D" if frame is Timeframe.D1 else "1Min"] * NS_PER_SECOND
            ended = np.searchsorted(bars.start + width, moments, side="right") - 1
            if not len(prices):
                return np.full(len(moments), float(mark or 0))
            found = prices[np.clip(ended, 0, len(prices) - 1)]
            return np.where(moments >= now, float(mark), found) if mark is not None else found

        return price_at


def change_of(move: CashMoved) -> Change:
    """Of money alone: the shares that it came of stay where they are."""
    cash = float(move.amount)
    kind = TYPE_BY_KIND.get(move.kind, "")
    return Change(move.ts_event, cash, funds=cash if move.kind in FUNDS else 0.0, kind=kind)


def splits(fills: Iterable[Fill], found: Iterable[PositionSplit]) -> Iterator[Change]:
    """A split says what was held after it; what was held before follows from the fills, oldest first."""
    held: dict[str, Decimal] = {}
    happened: list[Fill | PositionSplit] = [*found, *fills]
    for each in sorted(happened, key=lambda each: each.ts_event):
        before = held.get(each.symbol, Decimal(0))
        if isinstance(each, Fill):
            held[each.symbol] = before + each.signed_qty
        else:
            held[each.symbol] = each.qty
            yield Change(each.ts_event, float(each.cash_in_lieu), each.symbol, float(each.qty - before), kind="SPLIT")


def cashflow(types: frozenset[str], edges: Moments, changes: Iterable[Change]) -> dict[str, list[float]]:
    """What came in of each kind between one edge and the next; `ALL` are all kinds."""
    if not types or types == {"NONE"}:
        return {}
    is_all = "ALL" in {each.upper() for each in types}
    wanted = frozenset((*TYPE_BY_KIND.values(), "SPLIT")) if is_all else require_types(types)
    flows = {kind: np.zeros(max(len(edges) - 1, 0)) for kind in sorted(wanted)}
    for change in changes:
        place = int(np.searchsorted(edges, change.at)) - 1
        if change.kind in flows and change.kind != "FILL" and 0 <= place < len(edges) - 1:
            flows[change.kind][place] += change.cash
    return {kind: cents(flow) for kind, flow in flows.items() if not is_all or flow.any()}


def cents(values: Floats) -> list[float]:
    return [float(each) for each in np.round(values, 2)]


def day_before(starts: Moments) -> date:
    return local(int(starts[0]) * NS_PER_SECOND).date() - timedelta(days=1)


def register(api: Blueprint, history: History) -> None:
    @api.get("/v2/account/portfolio/history")
    def on_history() -> Response:
        return answer(history.show(Query(request.args)))
