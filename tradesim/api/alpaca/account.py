"""`/v2/account` and its configurations."""

from decimal import Decimal
from typing import Any

from flask import Blueprint, Response, g, request
from msgspec.structs import replace

from tradesim.api.alpaca import forms
from tradesim.api.alpaca.door import account_id, answer
from tradesim.api.alpaca.errors import Denied, problem_of, unprocessable, wrong_input
from tradesim.api.alpaca.reading import Body, body_of, flag
from tradesim.api.alpaca.situation import may_short
from tradesim.api.alpaca.watchlists import Drawer
from tradesim.desk.desk import Desk
from tradesim.desk.views import AccountView, StatusView
from tradesim.model.accounts import AccountRules, DayTradeRule
from tradesim.model.commands import ConfigureAccount
from tradesim.model.orders import Rejection
from tradesim.model.risk import RiskState

DAY_TRADER = 4
PREFERENCES = "preferences"
CHOICES = {
    "dtbp_check": ("both", "entry", "exit"),
    "pdt_check": ("both", "entry", "exit"),
    "trade_confirm_email": ("all", "none"),
}
FLAGS = ("ptp_no_exception_entry", "disable_overnight_trading")
STANDARD_PREFERENCES: dict[str, Any] = {
    "dtbp_check": "entry",
    "pdt_check": "entry",
    "trade_confirm_email": "all",
    "max_options_trading_level": None,
    "ptp_no_exception_entry": False,
    "disable_overnight_trading": False,
}
"""What Alpaca keeps for a client and the desk has no use for: given back as it was left."""


def account_shape(view: AccountView, status: StatusView, is_halted: bool) -> dict[str, Any]:
    """Money as strings. What the desk does not have (transfers, options) is there, and nought."""
    account, rules = view.account, view.account.rules
    power, plain_power = forms.money(view.buying_power), forms.money(view.non_marginable_buying_power)
    is_counted = rules.day_trade_rule is DayTradeRule.LEGACY_PDT
    return {
        "id": forms.account_uuid(account.id),
        "admin_configurations": {},
        "user_configurations": None,
        "account_number": forms.account_number(account.id),
        "status": "ACCOUNT_CLOSED" if account.is_archived else "ACTIVE",
        "crypto_status": "ACTIVE",
        "options_approved_level": 0,
        "options_trading_level": 0,
        "crypto_tier": 1,
        "currency": account.currency,
        "buying_power": power,
        "regt_buying_power": forms.money(view.regt_buying_power),
        "daytrading_buying_power": forms.money(view.daytrading_buying_power),
        "effective_buying_power": power,
        "non_marginable_buying_power": plain_power,
        "options_buying_power": plain_power,
        "bod_dtbp": forms.money(view.daytrading_buying_power),
        "cash": forms.money(account.cash),
        "cash_withdrawable": forms.money(view.cash_withdrawable),
        "accrued_fees": forms.money(view.accrued_fees),
        "portfolio_value": forms.money(view.equity),
        "equity": forms.money(view.equity),
        "last_equity": forms.money(view.last_equity),
        "long_market_value": forms.money(view.long_market_value),
        "short_market_value": forms.money(view.short_market_value),
        "position_market_value": forms.money(view.long_market_value - view.short_market_value),
        "initial_margin": forms.money(view.initial_margin),
        "maintenance_margin": forms.money(view.maintenance_margin),
        "last_maintenance_margin": forms.money(view.last_maintenance_margin),
        "sma": forms.money(view.sma),
        "multiplier": forms.number(rules.multiplier),
        "daytrade_count": view.daytrade_count,
        "pattern_day_trader": is_counted and view.daytrade_count >= DAY_TRADER,
        "trading_blocked": account.is_archived or is_halted,
        "transfers_blocked": False,
        "account_blocked": account.is_archived,
        "trade_suspended_by_user": rules.is_suspended,
        "shorting_enabled": may_short(view),
        "pending_transfer_in": "0",
        "pending_transfer_out": "0",
        "pending_reg_taf_fees": "0",
        "intraday_adjustments": "0",
        "balance_asof": forms.moment(status.now)[:10],
        "created_at": forms.moment(account.opened_at),
    }


class Configurations:
    """What an account may do is the desk's; the rest is kept for the client."""

    def __init__(self, desk: Desk, drawer: Drawer) -> None:
        self._desk, self._drawer = desk, drawer

    def show(self) -> dict[str, Any]:
        rules = self._desk.account(account_id(self._desk)).account.rules
        return {
            **STANDARD_PREFERENCES,
            **self._drawer.get(g.alpaca_account or "", PREFERENCES, {}),
            "suspend_trade": rules.is_suspended,
            "no_shorting": not rules.shorting_enabled,
            "fractional_trading": rules.fractional_enabled,
            "max_margin_multiplier": forms.number(rules.multiplier),
        }

    def change(self, body: Body) -> dict[str, Any]:
        """What is null stays as it is. Raises Denied."""
        given = {name: value for name, value in body.items() if value is not None}
        account, kept = account_id(self._desk), preferences_of(given)
        former = self._desk.account(account).account.rules
        rules = rules_after(former, given)
        if rules != former:
            done = self._desk.submit(ConfigureAccount(account, rules))
            if isinstance(done, Rejection):
                raise Denied(problem_of(done))
        if kept:
            owner = g.alpaca_account or ""
            self._drawer.put(owner, PREFERENCES, {**self._drawer.get(owner, PREFERENCES, {}), **kept})
        return self.show()


def rules_after(rules: AccountRules, given: Body) -> AccountRules:
    multiplier = str(given.get("max_margin_multiplier", forms.number(rules.multiplier)))
    if multiplier != forms.number(rules.multiplier) and multiplier not in ("1", "2", "4"):
        raise unprocessable("max_margin_multiplier must be one of 1, 2, 4")
    return replace(
        rules,
        is_suspended=flag(given, "suspend_trade", rules.is_suspended),
        shorting_enabled=not flag(given, "no_shorting", not rules.shorting_enabled),
        fractional_enabled=flag(given, "fractional_trading", rules.fractional_enabled),
        multiplier=Decimal(multiplier),
    )


def preferences_of(given: Body) -> dict[str, Any]:
    kept: dict[str, Any] = {name: flag(given, name) for name in FLAGS if name in given}
    for name, words in CHOICES.items():
        if name in given:
            if given[name] not in words:
                raise wrong_input(f"invalid {name}")
            kept[name] = given[name]
    if "max_options_trading_level" in given:
        level = given["max_options_trading_level"]
        if not isinstance(level, int) or not 0 <= level <= 3:
            raise wrong_input("invalid max_options_trading_level")
        kept["max_options_trading_level"] = level
    return kept


def register(api: Blueprint, desk: Desk, configurations: Configurations) -> None:
    @api.get("/v2/account")
    def on_account() -> Response:
        account = account_id(desk)
        is_halted = desk.risk(account).state is RiskState.HALTED
        return answer(account_shape(desk.account(account), desk.status(), is_halted))

    @api.get("/v2/account/configurations")
    def on_configurations() -> Response:
        return answer(configurations.show())

    @api.patch("/v2/account/configurations")
    def on_configure() -> Response:
        return answer(configurations.change(body_of(request.get_data(cache=False))))
