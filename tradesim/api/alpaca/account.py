"""`/v2/account` and its configurations."""

from dataclasses import replace
from decimal import Decimal
from typing import Any

from flask import Blueprint, Response, g, request

from tradesim.api.alpaca import forms
from tradesim.api.alpaca.door import account_id, answer
from tradesim.api.alpaca.errors import Denied, problem_of, unprocessable, wrong_input
from tradesim.api.alpaca.reading import Body, body_of, flag
from tradesim.api.alpaca.watchlists import Drawer
from tradesim.desk.desk import Desk
from tradesim.desk.views import AccountView, StatusView
from tradesim.model.accounts import AccountRules, DayTradeRule
from tradesim.model.commands import ConfigureAccount
from tradesim.model.orders import Rejection

ZERO, HALF, THIRD = Decimal(0), Decimal("0.5"), Decimal("0.30")
SHORTEST_MARGIN_EQUITY = Decimal(2_000)
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


def account_shape(view: AccountView, status: StatusView) -> dict[str, Any]:
    """Money as strings. What the desk does not have (transfers, options) is there, and nought."""
    account, rules = view.account, rules_of(view)
    long = sum((each.market_value for each in view.positions if each.position.qty > 0), ZERO)
    short = sum((each.market_value for each in view.positions if each.position.qty < 0), ZERO)
    exposure = long - short
    initial = margin(view, "initial_margin", exposure * HALF)
    maintenance = margin(view, "maintenance_margin", exposure * THIRD)
    last_equity = view.equity - view.day_pl
    power = forms.money(view.buying_power)
    plain_power = forms.money(max(min(account.cash, view.equity), ZERO))
    is_day_trader = bool(getattr(view, "is_pattern_day_trader", False))
    return {
        "id": forms.account_uuid(account.id),
        "admin_configurations": {},
        "user_configurations": None,
        "account_number": forms.account_number(account.id),
        "status": "ACTIVE",
        "crypto_status": "ACTIVE",
        "options_approved_level": 0,
        "options_trading_level": 0,
        "crypto_tier": 1,
        "currency": account.currency,
        "buying_power": power,
        "regt_buying_power": power,
        "daytrading_buying_power": power if rules.day_trade_rule is DayTradeRule.LEGACY_PDT else "0",
        "effective_buying_power": power,
        "non_marginable_buying_power": plain_power,
        "options_buying_power": plain_power,
        "bod_dtbp": "0",
        "cash": forms.money(account.cash),
        "accrued_fees": "0",
        "portfolio_value": forms.money(view.equity),
        "equity": forms.money(view.equity),
        "last_equity": forms.money(last_equity),
        "long_market_value": forms.money(long),
        "short_market_value": forms.money(short),
        "position_market_value": forms.money(exposure),
        "initial_margin": forms.money(initial),
        "maintenance_margin": forms.money(maintenance),
        "last_maintenance_margin": forms.money(margin(view, "last_maintenance_margin", maintenance)),
        "sma": forms.money(view.equity),
        "multiplier": forms.number(rules.multiplier),
        "daytrade_count": int(getattr(view, "day_trades", 0)),
        "pattern_day_trader": is_day_trader,
        "trading_blocked": False,
        "transfers_blocked": False,
        "account_blocked": False,
        "trade_suspended_by_user": rules.is_suspended,
        "shorting_enabled": rules.shorting_enabled and view.equity >= SHORTEST_MARGIN_EQUITY,
        "pending_transfer_in": "0",
        "pending_transfer_out": "0",
        "pending_reg_taf_fees": "0",
        "intraday_adjustments": "0",
        "balance_asof": forms.moment(status.now)[:10],
        "created_at": forms.moment(account.opened_at),
    }


def margin(view: AccountView, name: str, estimate: Decimal) -> Decimal:
    found = getattr(view, name, None)
    return found if isinstance(found, Decimal) else estimate


def rules_of(view: AccountView) -> AccountRules:
    found = getattr(view.account, "rules", None)
    if isinstance(found, AccountRules):
        return found
    return AccountRules(multiplier=view.account.multiplier, shorting_enabled=view.account.shorting_enabled)


class Configurations:
    """What an account may do is the desk's; the rest is kept for the client."""

    def __init__(self, desk: Desk, drawer: Drawer) -> None:
        self._desk, self._drawer = desk, drawer

    def show(self) -> dict[str, Any]:
        rules = rules_of(self._desk.account(account_id(self._desk)))
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
        former = rules_of(self._desk.account(account))
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
        return answer(account_shape(desk.account(account_id(desk)), desk.status()))

    @api.get("/v2/account/configurations")
    def on_configurations() -> Response:
        return answer(configurations.show())

    @api.patch("/v2/account/configurations")
    def on_configure() -> Response:
        return answer(configurations.change(body_of(request.get_data(cache=False))))
