"""What the Risk view asks for every few seconds: all that the stream does not carry, as plain data."""

from decimal import Decimal
from typing import Any

from msgspec.structs import fields

from tradesim.desk.desk import Desk
from tradesim.kernel.clock import NS_PER_MS
from tradesim.model.events import RiskStateChanged
from tradesim.model.risk import RiskLimits, SourceView
from tradesim.ui.accounts import accounts_data

SHOWN_CHANGES = 60
Row = dict[str, Any]


def facts(desk: Desk, chosen: str = "") -> Row:
    """`{account, accounts, limits, sources, changes}` of the chosen account (empty: the market's own) and the desk.

    `limits` has `account` and `desk`, each with `own` (set for it alone) and `held` (that hold for it).
    """
    risks = desk.risks()
    account = chosen if chosen and chosen in risks else desk.status().account_id
    listed = accounts_data(desk)
    names = {each["id"]: each["name"] for each in listed["accounts"]}
    return {
        **listed,
        "account": account,
        "limits": {
            scope: {"own": limits_row(view.own_limits), "held": limits_row(view.limits)}
            for scope, view in (("account", risks[account]), ("desk", risks[""]))
        },
        "sources": [source_row(each) for each in desk.risk_sources(account)],
        "changes": [change_row(each, names) for each in desk.risk_changes()[:SHOWN_CHANGES]],
    }


def limits_row(limits: RiskLimits) -> Row:
    return {each.name: plain(getattr(limits, each.name)) for each in fields(limits)}


def plain(value: Any) -> Any:
    """Numbers as decimal text, so that none is rounded on its way."""
    if isinstance(value, bool) or value is None:
        return value
    if isinstance(value, tuple):
        return list(value)
    return format(Decimal(value), "f")


def source_row(view: SourceView) -> Row:
    return {
        "source": view.source,
        "per_second": view.per_second,
        "usual": view.usual,
        "message": view.message,
        "wait_s": view.wait_s,
        "refused": view.refused,
        "patience": view.patience,
        "paces": [[each.measure, each.count, each.allowed] for each in view.paces],
    }


def change_row(change: RiskStateChanged, names: dict[str, str]) -> Row:
    """`name` is empty for the desk, and the id of an account that is of another market."""
    return {
        "account": change.account_id,
        "name": names.get(change.account_id, change.account_id),
        "state": change.state.value,
        "cause": change.cause,
        "message": change.message,
        "by": change.by,
        "at": change.ts_event // NS_PER_MS,
    }
