"""The accounts of the open market, for the page's switcher and the tables that list them."""

from decimal import Decimal
from typing import Any

from flask import Flask, Response, jsonify

from tradesim.desk.desk import Desk
from tradesim.desk.views import AccountView
from tradesim.model.accounts import AccountRules
from tradesim.model.risk import RiskState

PATH = "/page/accounts"
Row = dict[str, Any]


def register(server: Flask, desk: Desk) -> None:
    @server.get(PATH)
    def on_accounts() -> Response:
        return jsonify(accounts_data(desk))


def chosen_account(desk: Desk, account: object) -> str:
    """The id that the page chose, empty for the default account or one that there is not."""
    return account if isinstance(account, str) and desk.trades_here(account) else ""


def accounts_data(desk: Desk) -> dict[str, Any]:
    """`{session, own, accounts: [...], retired}`: those of the open world, its own first; `own` is that one's id.

    `retired` are names of archived accounts that nobody bears now.
    """
    status = desk.status()
    risks = desk.risks()
    rows = [
        account_row(view, risks[view.account.id].state if view.account.id in risks else RiskState.ACTIVE)
        for view in desk.accounts().values()
    ]
    return {
        "session": status.session_id,
        "own": status.account_id,
        "accounts": rows,
        "retired": list(desk.retired_names()),
    }


def account_row(view: AccountView, state: RiskState) -> Row:
    """One account; money as decimal text."""
    account = view.account
    return {
        "id": account.id,
        "name": account.name,
        "is_own": account.id == account.home,
        "currency": account.currency,
        "cash": decimal_text(account.cash),
        "starting_cash": decimal_text(account.starting_cash),
        "equity": decimal_text(view.equity),
        "day_pl": decimal_text(view.day_pl),
        "free": decimal_text(view.cash_withdrawable),
        "positions": sum(1 for each in view.positions if each.position.qty),
        "orders": sum(1 for each in view.orders if each.is_open),
        "state": state.value,
        "margin_call": view.margin_call,
        "rules": rules_row(account.rules),
    }


def rules_row(rules: AccountRules) -> Row:
    return {
        "multiplier": decimal_text(rules.multiplier),
        "maintenance": decimal_text(rules.maintenance),
        "shorting_enabled": rules.shorting_enabled,
        "fractional_enabled": rules.fractional_enabled,
        "day_trade_rule": rules.day_trade_rule.value,
        "lot_method": rules.lot_method.value,
        "is_suspended": rules.is_suspended,
    }


def decimal_text(amount: Decimal) -> str:
    return format(amount, "f")
