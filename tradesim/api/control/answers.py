"""How `/sim/v1` reads what is sent and writes what it answers, and the list of all that can be asked."""

import logging
from collections.abc import Callable, Mapping
from typing import Any, get_type_hints

import msgspec
from flask import Blueprint, Response, request

from tradesim.api.control import bodies
from tradesim.api.operations import Catalogue
from tradesim.desk.desk import Desk
from tradesim.desk.views import AccountView
from tradesim.kernel.errors import JournalUnavailable
from tradesim.model.orders import Rejection, Throttled

logger = logging.getLogger(__name__)

STATUS_BY_CODE = {
    "unknown_route": 404,
    "fault": 500,
    "unknown_order": 404,
    "unknown_symbol": 404,
    "unknown_fault": 404,
    "no_position": 404,
    "bad_request": 400,
    "too_large": 413,
    "unknown_account": 404,
    "unknown_trip": 404,
    "person_needed": 403,
    "throttled": 429,
    "order_rate": 429,
    "busy": 503,
    "timeout": 504,
    "journal_unavailable": 503,
}
REFUSALS = (400, 403, 404, 413, 422, 429, 503, 504)
LISTED_APART = ("orders", "fills", "ledger", "positions")


class Refusal(msgspec.Struct):
    """`code` for programs, `message` for people, `field` when it is about one."""

    code: str
    message: str
    field: str | None


AccountFigures = msgspec.defstruct(
    "AccountFigures", [each for each in get_type_hints(AccountView).items() if each[0] not in LISTED_APART]
)
"""An account without its lists."""

CATALOGUE = Catalogue(
    "TradeSim: the control API",
    "The desk in its own words: orders and account, the market and its clock, and faults made on purpose. Decimals are "
    "strings; times are nanoseconds of market time, UTC; prices and quantities of books are decimals, of bars and "
    "reasons whole ticks and lots.",
    Refusal,
    {
        "orders": "Orders, positions and the account that trades in the present market.",
        "market": "What the market shows, and why a fill happened.",
        "clock": "Which market is open, its clock and its seed.",
        "risk": "Limits and their use, the kill switch, and who may let trading go on.",
        "performance": "How an account did, and its journal of round trips.",
        "bots": "Programs that the desk runs beside itself.",
        "faults": "Faults made on purpose; only a person may set them.",
    },
)


def account_named(desk: Desk, name: str) -> str | Rejection:
    """The id of the open world's account of that id or name; without one, of the world's own."""
    found = desk.account_called(name)
    return Rejection("unknown_account", f"there is no account {name}", "account") if found is None else found


def asked(kind: type, act: Callable[[Any], Any], created: int = 200) -> Response:
    """Read the body as `kind`; when it is that, act on it."""
    if (request.content_length or 0) > bodies.LARGEST:
        return answer(bodies.too_large(request.content_length or 0))
    body = bodies.read(request.get_data(cache=False), kind)
    return answer(body if isinstance(body, Rejection) else act(body), created)


def answer(value: Any, status: int = 200) -> Response:
    if isinstance(value, Rejection):
        status = STATUS_BY_CODE.get(value.code, 422)
        logger.info("refused %s %s: %s", request.method, request.path, value.message)
    headers = {"Retry-After": str(value.retry_after_s)} if isinstance(value, Throttled) else None
    return Response(msgspec.json.encode(bodies.plain(value)), status, headers, mimetype="application/json")


def answers_faults(api: Blueprint) -> None:
    """What fails below `api` is answered in JSON too."""

    @api.errorhandler(TimeoutError)
    @api.errorhandler(JournalUnavailable)
    def on_busy(error: Exception) -> Response:
        return answer(Rejection("busy", str(error) or "the desk is busy; try again in a moment"))

    @api.errorhandler(Exception)
    def on_fault(error: Exception) -> Response:
        logger.exception("%s %s failed", request.method, request.path, exc_info=error)
        return answer(Rejection("fault", "the desk could not do that; its log says why"))


def figures(view: AccountView) -> Mapping[str, Any]:
    shown = bodies.plain(view)
    return {key: shown[key] for key in shown if key not in LISTED_APART}


def bad(field: str, message: str) -> Response:
    return answer(Rejection("bad_request", message, field))


def count_in(given: str, most: int) -> int | None:
    """The number that `given` writes in plain digits, when it is from 1 to `most`."""
    is_plain = given.isascii() and given.isdigit() and len(given) < 9
    return int(given) if is_plain and 0 < int(given) <= most else None


def unknown_symbol(symbol: str) -> Rejection:
    return Rejection("unknown_symbol", f"there is no {symbol} in this market", "symbol")
