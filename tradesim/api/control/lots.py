"""Tax lots below `/sim/v1`: the open ones at present marks, and the latest that were closed."""

from collections.abc import Callable, Sequence
from typing import Any

from flask import Blueprint, Response, request

from tradesim.api.control.answers import CATALOGUE, REFUSALS, account_named, answer, unknown_symbol
from tradesim.api.operations import query
from tradesim.desk import lots
from tradesim.desk.desk import Desk
from tradesim.desk.views import ClosedLotView, LotView
from tradesim.model.orders import Rejection

SYMBOL = query("symbol", "Only those of one symbol.")
ACCOUNT = query("account", "Id or name; the one of the open market, where it is not given.")
ABOUT: dict[str, Any] = {"tag": "orders", "parameters": (SYMBOL, ACCOUNT), "refusals": REFUSALS}
OPEN = "Open tax lots at present marks, each symbol's oldest first; an order may name them in `lots`."
CLOSED = "The latest tax lots that were closed, or parts of them, newest first."


def register(api: Blueprint, desk: Desk) -> None:
    @CATALOGUE.serves(api, "GET", "/lots", OPEN, list[LotView], **ABOUT)
    def on_lots() -> Response:
        return answer(told(desk, lots.open_lots))

    @CATALOGUE.serves(api, "GET", "/lots/closed", CLOSED, list[ClosedLotView], **ABOUT)
    def on_closed_lots() -> Response:
        return answer(told(desk, lots.closed_lots))


def told(desk: Desk, of: Callable[[Desk, str, str], Sequence[LotView | ClosedLotView]]) -> Any:
    account_id, symbol = account_named(desk, request.args.get("account", "")), request.args.get("symbol", "")
    if isinstance(account_id, Rejection):
        return account_id
    found = of(desk, account_id, symbol)
    return found if found or not symbol or symbol in desk.instruments else unknown_symbol(symbol)
