"""`/v1/corporate-actions`: the splits and cash dividends that the open market knows of."""

import uuid
from datetime import date, timedelta
from typing import Any

from flask import Blueprint, Flask, Response, request

from tradesim.api.alpaca.data import shapes
from tradesim.api.alpaca.data.asking import SORTS, Query, Refused, answered, shortened
from tradesim.api.alpaca.data.doors import CATALOGUE, REFUSALS, Doors, guarded
from tradesim.api.alpaca.data.times import NEW_YORK, local
from tradesim.api.alpaca.forms import asset_id
from tradesim.api.operations import Parameter, query
from tradesim.desk.desk import Desk
from tradesim.desk.zones import midnight
from tradesim.kernel.clock import NS_PER_SECOND
from tradesim.model.corporate import Dividend, Split

MOST, STANDARD = 1_000, 100
AHEAD = timedelta(days=92)
"""How far ahead companies announce what they pay."""
LONGEST = timedelta(days=20 * 366)
Action = Dividend | Split
GROUPS = {
    "cash_dividend": "cash_dividends",
    "forward_split": "forward_splits",
    "reverse_split": "reverse_splits",
}
KNOWN_TYPES = frozenset(
    {
        *GROUPS,
        *("unit_split", "stock_dividend", "spin_off", "cash_merger", "stock_merger", "stock_and_cash_merger"),
        *("redemption", "name_change", "worthless_removal", "rights_distribution", "contract_adjustment"),
        "partial_call",
    }
)


def register(server: Flask, doors: Doors) -> None:
    api = Blueprint("actions", __name__)
    guarded(api, doors.keys)
    parameters = (
        query("symbols", "Comma-separated; all, where it is not given."),
        query("types", f"Comma-separated, as {', '.join(GROUPS)}; all, where it is not given."),
        query("start", "The first ex-day, included; today, where it is not given.", format="date"),
        query("end", "The last ex-day, included; today, where it is not given.", format="date"),
        query("sort", "By ex-day.", enum=list(SORTS)),
        query("page_token", "`next_page_token` of the page before."),
        Parameter("limit", {"type": "integer", "minimum": 1, "maximum": MOST, "default": STANDARD}, ""),
    )

    @CATALOGUE.serves(
        api, "GET", "/v1/corporate-actions", "Splits and cash dividends.", shapes.CorporateActions,
        tag="market", parameters=parameters, refusals=REFUSALS,
    )  # fmt: skip
    def on_corporate_actions() -> Response:
        return answered(listed(doors.desk, Query(request.args)))

    server.register_blueprint(api)


def listed(desk: Desk, asked: Query) -> shapes.CorporateActions:
    today = local(desk.status().now).date()
    until = day_of(asked, "end", today)
    since = day_of(asked, "start", min(today, until))
    if since > until:
        raise Refused("end should not be before start")
    symbols = frozenset(asked.symbols()) if asked.text("symbols") else None
    types, limit = types_of(asked), asked.whole("limit", STANDARD, MOST)
    skipped = asked.whole("page_token", 0, 10_000_000)
    earliest, latest = max(since, today - LONGEST), min(until, today + AHEAD)
    found = [
        each
        for each in (desk.corporate_actions(earliest - timedelta(days=1), latest) if earliest <= latest else ())
        if (symbols is None or each.symbol in symbols) and type_of(each) in types
    ]
    if asked.one_of("sort", SORTS, "asc") == "desc":
        found.reverse()
    groups: dict[str, list[dict[str, Any]]] = {}
    for each in found[skipped : skipped + limit]:
        groups.setdefault(GROUPS[type_of(each)], []).append(row_of(each))
    following = skipped + limit
    return shapes.CorporateActions(groups, str(following) if following < len(found) else None)


def day_of(asked: Query, name: str, default: date) -> date:
    noon = midnight(default, NEW_YORK) * NS_PER_SECOND
    return local(asked.moment(name, noon, NEW_YORK)).date()


def types_of(asked: Query) -> frozenset[str]:
    wanted = frozenset(each.strip() for each in asked.text("types").split(",") if each.strip())
    for each in sorted(wanted - KNOWN_TYPES):
        raise Refused(f"invalid types: {shortened(each)}")
    return wanted or frozenset(GROUPS)


def type_of(action: Action) -> str:
    if isinstance(action, Dividend):
        return "cash_dividend"
    return "forward_split" if action.to >= action.of else "reverse_split"


def row_of(action: Action) -> dict[str, Any]:
    """Paid and processed on the ex-day, as the desk does it."""
    day, kind, cusip = action.day.isoformat(), type_of(action), cusip_of(action.symbol)
    row: dict[str, Any] = {
        "id": str(uuid.uuid5(uuid.UUID(asset_id(action.symbol)), f"{kind}:{day}")),
        "symbol": action.symbol,
        "ex_date": day,
        "process_date": day,
        "record_date": day,
        "payable_date": day,
    }
    if isinstance(action, Dividend):
        return {**row, "cusip": cusip, "rate": float(action.amount), "special": False, "foreign": False}
    rates = {"new_rate": float(action.to), "old_rate": float(action.of)}
    names = ("cusip",) if kind == "forward_split" else ("old_cusip", "new_cusip")
    return {**row, **rates, **dict.fromkeys(names, cusip)}


def cusip_of(symbol: str) -> str:
    """Nine letters or digits that are always the same for a symbol; this market has no real ones."""
    return uuid.UUID(asset_id(symbol)).hex[:9].upper()
