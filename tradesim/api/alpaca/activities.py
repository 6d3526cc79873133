"""`/v2/account/activities`: what moved shares and money, newest first, page by page."""

import uuid
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from flask import Blueprint, Response, request

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


@dataclass(frozen=True, slots=True)
class Activity:
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
    type_ = "CFEE" if "/" in fill.symbol else "FEE"
    return Activity(type_, fill.ts_event, lambda: fee_shape(fill, type_), lambda: fee_name(fill))


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


class Activities:
    def __init__(self, desk: Desk, updates: Updates) -> None:
        self._desk, self._updates = desk, updates

    def page(self, types: frozenset[str], query: Query) -> list[Any]:
        """Raises Denied."""
        wanted = require_types(types) or types_of_category(query.word("category"))
        after, until = span_of(query)
        is_oldest_first = query.one_of("direction", ("asc", "desc"), "desc") == "asc"
        found = [
            each
            for each in self._all()
            if (not wanted or each.type in wanted)
            and (after is None or each.at > after)
            and (until is None or each.at < until)
        ]
        found.sort(key=lambda each: each.at)
        if not is_oldest_first:
            found.reverse()
        size = query.count("page_size", len(found) or 1 if query.word("date") else PAGE, PAGE)
        if query.word("date") and not query.word("page_size"):
            size = len(found)
        rows = after_token(found, query.word("page_token"))
        return [each.show() for each in rows[:size]]

    def _all(self) -> Iterable[Activity]:
        account = account_id(self._desk)
        for execution in self._updates.records(account).executions():
            yield fill_activity(execution)
            if execution.fill.fee:
                yield fee_activity(execution)
        for move in self._desk.moves(account):
            activity = move_activity(move)
            if activity is not None:
                yield activity


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


def after_token(found: list[Activity], token: str) -> list[Activity]:
    """What follows the activity that the last page ended with."""
    if not token:
        return found
    at = ms_of(token)
    place = next((index for index, each in enumerate(found) if each.at // NS_PER_MS == at and each.id == token), None)
    if place is None:
        raise wrong_input("invalid page_token")
    return found[place + 1 :]


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
