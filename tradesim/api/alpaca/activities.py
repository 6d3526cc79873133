"""`/v2/account/activities`: what moved shares and money, newest first, page by page.

Fills and other moves are kept by time; a page is read from where it begins, so that it costs what it shows.
"""

import uuid
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import UTC, datetime
from heapq import merge
from itertools import islice
from typing import Any, TypeVar

from flask import Blueprint, Response, request
from msgspec import Struct
from msgspec.structs import replace

from tradesim.api.alpaca import forms
from tradesim.api.alpaca.door import account_id, answer
from tradesim.api.alpaca.errors import unprocessable, wrong_input
from tradesim.api.alpaca.reading import Query
from tradesim.api.alpaca.records import Execution
from tradesim.api.alpaca.shapes import activity_id, execution_shape
from tradesim.api.alpaca.updates import Updates
from tradesim.desk.archive import Move
from tradesim.desk.desk import Desk
from tradesim.kernel.clock import NS_PER_MS, NS_PER_SECOND
from tradesim.model.events import CashMoved, PositionSplit
from tradesim.model.orders import Fill

DAY_NS = 86_400 * NS_PER_SECOND
PAGE = 100
Row = TypeVar("Row")
OF_FILLS = frozenset({"FILL", "FEE", "CFEE"})
TYPE_BY_KIND = {
    "dividend": "DIV",
    "interest": "INT",
    "borrow": "FEE",
    "fee": "FEE",
    "deposit": "CSD",
    "withdrawal": "CSW",
}
TYPES = frozenset(
    [
        "FILL",
        "ACATC",
        "ACATS",
        "CFEE",
        "CIL",
        "CSD",
        "CSW",
        "DIV",
        "DIVCGL",
        "DIVCGS",
        "DIVNRA",
        "DIVROC",
        "DIVTXEX",
        "DIVWH",
        "EXTRD",
        "FEE",
        "FXTRD",
        "INT",
        "INTPNL",
        "JNLC",
        "JNLS",
        "MA",
        "MEM",
        "MISC",
        "NC",
        "OCT",
        "OPASN",
        "OPCSH",
        "OPEXC",
        "OPEXP",
        "OPTRD",
        "PTC",
        "REORG",
        "SPIN",
        "SPLIT",
        "SWP",
        "TRANS",
        "VOF",
        "WH",
    ]
)


class Activity(Struct, frozen=True):
    """Rendered when it is shown: a page is a hundred of what may be a hundred thousand."""

    type: str
    at: int
    show: Callable[[], Any]
    name: Callable[[], str]

    @property
    def id(self) -> str:
        return activity_id(self.at, self.name())


def fill_activity(execution: Execution) -> Activity:
    fill = execution.fill
    return Activity("FILL", fill.ts_event, lambda: execution_shape(execution), lambda: fill.id)


def fee_activity(execution: Execution) -> Activity:
    """What a fill cost, so that cash is the sum of all activities."""
    fill = execution.fill
    type_ = fee_type(fill)
    return Activity(type_, fill.ts_event, lambda: fee_shape(fill, type_), lambda: fee_name(fill))


def fee_type(fill: Fill) -> str:
    return "CFEE" if "/" in fill.symbol else "FEE"


def fee_name(fill: Fill) -> str:
    return str(uuid.uuid5(forms.NAMES, f"fee:{fill.id}"))


def fee_shape(fill: Fill, type_: str) -> dict[str, Any]:
    name, text = fee_name(fill), f"fee of {forms.number(fill.qty)} {fill.symbol} at {forms.number(fill.price)}"
    paid = CashMoved(name, fill.account_id, "fee", -fill.fee, text, fill.ts_event, fill.symbol)
    return cash_shape(type_, paid)


def move_activity(move: Move) -> Activity | None:
    """What moved besides fills: money, and shares that became more or fewer."""
    if isinstance(move, PositionSplit):
        text = f"{move.symbol} split, {forms.number(move.ratio)} for 1"
        split = CashMoved(
            move.id, move.account_id, "split", move.cash_in_lieu, text, move.ts_event, move.symbol, move.qty
        )
        return Activity("SPLIT", move.ts_event, lambda: cash_shape("SPLIT", split), lambda: move.id)
    type_ = TYPE_BY_KIND.get(move.kind)
    return None if type_ is None else Activity(type_, move.ts_event, lambda: cash_shape(type_, move), lambda: move.id)


def cash_shape(type_: str, move: CashMoved) -> dict[str, Any]:
    return {
        "id": activity_id(move.ts_event, move.id),
        "activity_type": type_,
        "date": forms.moment(move.ts_event)[:10],
        "net_amount": forms.number(move.amount),
        "symbol": move.symbol,
        "qty": forms.optional(move.qty),
        "per_share_amount": forms.optional(move.per_share),
        "description": move.memo,
        "status": "executed",
        "created_at": forms.moment(move.ts_event),
    }


class Span(Struct, frozen=True):
    """Which activities a page may have: `types` (empty: all), and their time, UTC ns, both ends included."""

    types: frozenset[str]
    first: int | None
    last: int | None
    is_oldest_first: bool

    def wants(self, types: frozenset[str]) -> bool:
        return not self.types or bool(self.types & types)

    def admits(self, activity: Activity) -> bool:
        return not self.types or activity.type in self.types

    def beginning_at(self, ms: int | None) -> "Span":
        """What of it a page can have that begins in that millisecond."""
        if ms is None:
            return self
        begin, end = ms * NS_PER_MS, (ms + 1) * NS_PER_MS - 1
        if self.is_oldest_first:
            return replace(self, first=begin if self.first is None else max(self.first, begin))
        return replace(self, last=end if self.last is None else min(self.last, end))


class Activities:
    def __init__(self, desk: Desk, updates: Updates) -> None:
        self._desk, self._updates = desk, updates

    def page(self, types: frozenset[str], query: Query) -> list[Any]:
        """Raises Denied."""
        wanted = require_types(types) or types_of_category(query.word("category"))
        after, until = span_of(query)
        is_oldest_first = query.one_of("direction", ("asc", "desc"), "desc") == "asc"
        first, last = None if after is None else after + 1, None if until is None else until - 1
        is_whole_day = bool(query.word("date")) and not query.word("page_size")
        size = None if is_whole_day else query.count("page_size", PAGE, PAGE)
        token = query.word("page_token")
        span = Span(wanted, first, last, is_oldest_first).beginning_at(ms_of(token) if token else None)
        rows = after_token(filter(span.admits, self._all(span)), token)
        return [each.show() for each in islice(rows, size)]

    def _all(self, span: Span) -> Iterator[Activity]:
        """In the direction of the page; of one moment first fills, then the rest, or the other way round."""
        account = account_id(self._desk)
        sources: list[Iterable[Activity]] = []
        if span.wants(OF_FILLS):
            rows = between(self._updates.records(account).executions, lambda each: each.fill.ts_event, span)
            sources.append(activity for each in rows for activity in fill_activities(each, span.is_oldest_first))
        if span.wants(TYPES - {"FILL"}):
            moves = between(self._desk.moves(account), lambda each: each.ts_event, span)
            sources.append(activity for each in moves if (activity := move_activity(each)) is not None)
        if not span.is_oldest_first:
            sources.reverse()
        return merge(*sources, key=lambda each: each.at, reverse=not span.is_oldest_first)


def fill_activities(execution: Execution, is_oldest_first: bool) -> Iterable[Activity]:
    fill = fill_activity(execution)
    if not execution.fill.fee:
        return (fill,)
    fee = fee_activity(execution)
    return (fill, fee) if is_oldest_first else (fee, fill)


def between(rows: Sequence[Row], time_of: Callable[[Row], int], span: Span) -> Iterator[Row]:
    """Those of `rows`, which are by time, that are in the span, in its direction; not what is added meanwhile."""
    end = len(rows)
    low = 0 if span.first is None else bisect_left(rows, span.first, 0, end, key=time_of)
    high = end if span.last is None else bisect_right(rows, span.last, 0, end, key=time_of)
    places = range(low, high) if span.is_oldest_first else range(high - 1, low - 1, -1)
    return (rows[place] for place in places)


def require_types(types: frozenset[str]) -> frozenset[str]:
    wanted = frozenset(each.upper() for each in types)
    for each in sorted(wanted - TYPES):
        raise unprocessable(f"invalid activity type: {each}")
    return wanted


def types_of_category(category: str) -> frozenset[str]:
    match category:
        case "":
            return frozenset()
        case "trade_activity":
            return frozenset({"FILL"})
        case "non_trade_activity":
            return TYPES - {"FILL"}
    raise wrong_input("invalid category")


def span_of(query: Query) -> tuple[int | None, int | None]:
    """Exclusive on both sides. A `date` is one whole day."""
    day = query.moment("date")
    if day is None:
        return query.moment("after"), query.moment("until")
    if query.word("after") or query.word("until"):
        raise wrong_input("date cannot be combined with after or until")
    return day - 1, day + DAY_NS


def after_token(rows: Iterator[Activity], token: str) -> Iterator[Activity]:
    """What follows the activity that the last page ended with; `rows` begin in its millisecond."""
    if not token:
        return rows
    at = ms_of(token)
    for each in rows:
        if each.at // NS_PER_MS != at:
            break
        if each.id == token:
            return rows
    raise wrong_input("invalid page_token")


def ms_of(token: str) -> int | None:
    """The moment that an activity's id begins with, in ms."""
    stamp = token.partition("::")[0]
    if len(stamp) != len("YYYYMMDDHHMMSSmmm") or not (stamp.isascii() and stamp.isdigit()):
        return None
    try:
        seconds = datetime.strptime(stamp[:14], "%Y%m%d%H%M%S").replace(tzinfo=UTC).timestamp()
    except ValueError:
        return None
    return int(seconds) * 1_000 + int(stamp[14:])


def register(api: Blueprint, activities: Activities) -> None:
    @api.get("/v2/account/activities")
    def on_activities() -> Response:
        query = Query(request.args)
        return answer(activities.page(query.words("activity_types"), query))

    @api.get("/v2/account/activities/<type_>")
    def on_activities_of_type(type_: str) -> Response:
        return answer(activities.page(frozenset({type_}), Query(request.args)))
