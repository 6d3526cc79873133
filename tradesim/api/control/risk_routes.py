"""Risk for programs, below `/sim/v1`: limits and their use, the kill switch, and who may let trading go on.

`by` is what a program calls itself. It may lower limits and pull the switch of an account, with a key: of its own. A
person, who shows the token of one, alone may raise limits, stop all accounts and reactivate.
"""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import msgspec
from flask import Blueprint, Response
from msgspec.structs import asdict, fields, replace

from tradesim.api.control.answers import CATALOGUE, REFUSALS, account_named, answer, asked
from tradesim.api.control.callers import Callers
from tradesim.desk.desk import Desk
from tradesim.model.commands import Kill, Reactivate, SetRiskLimits
from tradesim.model.orders import Rejection
from tradesim.model.risk import KillMode, RiskLimits, RiskView

UNSET = msgspec.UNSET
ABOUT: dict[str, Any] = {"tag": "risk", "refusals": REFUSALS}
View = dict[str, Any]
Views = dict[str, dict[str, Any]]
VIEW_NAMES = ("account_id", "state", "cause", "message", "since", "by", "is_desks", "limits", "own_limits")
LIMIT_NAMES = tuple(each.name for each in fields(RiskLimits))


class Limits(msgspec.Struct, forbid_unknown_fields=True):
    """Body of `PUT /sim/v1/risk[/ACCOUNT]`: what is left out stays as it is, null takes a limit away."""

    by: str = "program"
    max_order_qty: Decimal | msgspec.UnsetType = UNSET
    max_order_value: Decimal | msgspec.UnsetType = UNSET
    max_open_orders: int | msgspec.UnsetType = UNSET
    max_position_value: Decimal | msgspec.UnsetType | None = UNSET
    max_orders_per_minute: int | msgspec.UnsetType | None = UNSET
    price_collar: Decimal | msgspec.UnsetType | None = UNSET
    restricted: tuple[str, ...] | msgspec.UnsetType = UNSET
    allowed: tuple[str, ...] | msgspec.UnsetType = UNSET
    duplicate_window_ms: int | msgspec.UnsetType = UNSET
    wash_trades_allowed: bool | msgspec.UnsetType = UNSET
    usual_orders_per_second: int | msgspec.UnsetType = UNSET
    max_day_loss: Decimal | msgspec.UnsetType | None = UNSET
    max_drawdown: Decimal | msgspec.UnsetType | None = UNSET
    max_exposure: Decimal | msgspec.UnsetType | None = UNSET
    max_concentration: Decimal | msgspec.UnsetType | None = UNSET
    max_consecutive_losses: int | msgspec.UnsetType | None = UNSET

    def over(self, present: RiskLimits) -> RiskLimits:
        return replace(present, **{name: value for name in LIMIT_NAMES if (value := getattr(self, name)) is not UNSET})


class Stop(msgspec.Struct, forbid_unknown_fields=True):
    """Body of `POST /sim/v1/kill`. No `account` (or an empty one) means all of them."""

    account: str = ""
    mode: KillMode = KillMode.CANCEL
    reason: str = "the kill switch was pulled"
    by: str = "program"


class GoOn(msgspec.Struct, forbid_unknown_fields=True):
    """Body of `POST /sim/v1/reactivate`."""

    account: str = ""
    by: str = "program"


def register(api: Blueprint, desk: Desk, callers: Callers) -> None:
    def act(body: Limits | Stop | GoOn, name: str, command: Callable[[str, str], Any]) -> Any:
        """What came of the command on the account called `name`, by who asks."""
        by = callers.named(body.by)
        if isinstance(by, Rejection):
            return by
        return at_account(desk, name, lambda id_: callers.unless_own(desk, id_) or desk.submit(command(id_, by)))

    def set_limits(body: Limits, name: str) -> Any:
        return act(body, name, lambda id_, by: SetRiskLimits(id_, body.over(desk.risk(id_).own_limits), by))

    @CATALOGUE.serves(
        api, "GET", "/risk", "Limits, their use and states, of the desk and each account.", Views, **ABOUT
    )
    def on_risks() -> Response:
        return answer({account_id or "desk": shown(view) for account_id, view in desk.risks().items()})

    @CATALOGUE.serves(api, "GET", "/risk/{account}", "Of one account.", View, **ABOUT)
    def on_risk(account: str) -> Response:
        return answer(at_account(desk, account, desk.risk))

    @CATALOGUE.serves(api, "PUT", "/risk", "Set the desk's limits.", View, body=Limits, **ABOUT)
    def on_desk_limits() -> Response:
        return asked(Limits, lambda body: set_limits(body, ""))

    @CATALOGUE.serves(api, "PUT", "/risk/{account}", "Set an account's limits.", View, body=Limits, **ABOUT)
    def on_limits(account: str) -> Response:
        return asked(Limits, lambda body: set_limits(body, account))

    @CATALOGUE.serves(api, "POST", "/kill", "Pull the kill switch.", View, body=Stop, **ABOUT)
    def on_kill() -> Response:
        def kill(body: Stop) -> Any:
            return act(body, body.account, lambda id_, by: Kill(id_, body.mode, body.reason, by))

        return asked(Stop, kill)

    @CATALOGUE.serves(api, "POST", "/reactivate", "Let trading go on.", View, body=GoOn, **ABOUT)
    def on_reactivate() -> Response:
        return asked(GoOn, lambda body: act(body, body.account, Reactivate))


def at_account(desk: Desk, name: str, act: Callable[[str], Any]) -> Any:
    """What came of `act` on the account of that id or name; `desk`, or nothing, is the whole desk."""
    if name in ("", "desk"):
        return told(act(""))
    found = account_named(desk, name)
    return found if isinstance(found, Rejection) else told(act(found))


def told(answer: RiskView | Rejection) -> Any:
    return answer if isinstance(answer, Rejection) else shown(answer)


def shown(view: RiskView) -> dict[str, Any]:
    """As `GET /sim/v1/risk` has it: each use with its share of the limit."""
    uses = [{**asdict(use), "share": use.share} for use in view.uses]
    return {**{name: getattr(view, name) for name in VIEW_NAMES}, "uses": uses}
