"""The door of the Alpaca facade: who may come in, how often, and that every answer is Alpaca's JSON."""

import logging
import secrets
from collections.abc import Callable
from typing import Any

import msgspec
from flask import Blueprint, Flask, Response, g, request
from msgspec import Struct, field
from werkzeug.exceptions import HTTPException, RequestEntityTooLarge

from tradesim.api.alpaca import reading
from tradesim.api.alpaca.auth import Key, Keys, has_credentials, key_shown
from tradesim.api.alpaca.errors import (
    BROKEN,
    NOT_FOUND,
    RATE_PROBLEM,
    UNAUTHORIZED_PROBLEM,
    UNAVAILABLE,
    Denied,
    Problem,
    problem_of,
)
from tradesim.api.alpaca.front import Front, is_ours
from tradesim.api.alpaca.quota import Quota
from tradesim.desk.desk import Desk
from tradesim.kernel.errors import JournalUnavailable, Refused
from tradesim.model.commands import OpenAccount
from tradesim.model.orders import Rejection

logger = logging.getLogger(__name__)

METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
ROOTS = ("v1", "v1beta1", "v1beta2", "v1beta3", "v2", "v2beta1", "v3")
OPEN_DATA = ("/v1beta3/crypto/",)
"""Market data that Alpaca shows to everybody."""
JSON = "application/json"
BOT_NOTE = "bot "
"""How the label begins of a key that was made for a bot; its name follows."""


class Door(Struct, frozen=True):
    """`may_be_nameless` says whether who shows no key may see open data; with a password on the house, few may."""

    keys: Keys
    quota: Quota = field(default_factory=Quota)
    may_be_nameless: Callable[[], bool] = lambda: True


def register(server: Flask, door: Door) -> None:
    """Before and after every request below Alpaca's addresses; addresses that nobody serves get 404."""
    server.wsgi_app = Front(server.wsgi_app)  # type: ignore[method-assign]

    @server.before_request
    def on_knock() -> Response | None:
        if not is_ours(request.path):
            return None
        if request.headers.get("Upgrade", "").lower() == "websocket":
            request.environ.pop("HTTP_SEC_WEBSOCKET_EXTENSIONS", None)
            return None
        return admitted(door)

    @server.after_request
    def on_answer(response: Response) -> Response:
        if is_ours(request.path):
            response.headers.update(g.get("alpaca_headers", {}))
            response.headers["X-Request-ID"] = secrets.token_hex(16)
        return response

    server.register_blueprint(unknown_routes())


def admitted(door: Door) -> Response | None:
    """None for who may come in; whose account it is, is in `g.alpaca_account`."""
    key = key_shown(request.headers, door.keys)
    account = None if key is None else key.account
    standing = door.quota.spend(account if account is not None else f"~{request.remote_addr}")
    g.alpaca_headers = standing.headers
    g.alpaca_account = account
    g.alpaca_source = "" if key is None else source_of(key)
    if account is None and not is_open_to_all(door):
        return denied(UNAUTHORIZED_PROBLEM)
    if standing.is_over:
        g.alpaca_headers = {**standing.headers, "Retry-After": "1"}
        return denied(RATE_PROBLEM)
    if (request.content_length or 0) > reading.LARGEST_BODY:
        return denied(reading.TOO_LARGE)
    return None


def is_open_to_all(door: Door) -> bool:
    is_open = request.method == "GET" and request.path.startswith(OPEN_DATA)
    return is_open and not has_credentials(request.headers) and door.may_be_nameless()


def account_id(desk: Desk) -> str:
    """The account of who asks, in the market that is open; opened there when it is the first time."""
    return account_id_of(desk, g.alpaca_account or "")


def source() -> str:
    """What orders of this request say of where they come from: the key that opened tells one bot from another."""
    found: str = g.alpaca_source
    return found


def source_of(key: Key) -> str:
    """A bot gets a new key at each start, so it is called by its name too."""
    name = key.note.removeprefix(BOT_NOTE) if key.note.startswith(BOT_NOTE) else ""
    return f"alpaca:{key.id}/{name}" if name else f"alpaca:{key.id}"


def account_id_of(desk: Desk, name: str) -> str:
    """A key may be made before the account that it is for: that is opened at its first use, unless it was archived.

    Raises Denied.
    """
    try:
        return desk.account_id_of(name)
    except Refused:
        opened = desk.submit(OpenAccount(name, by_key=True))
    if isinstance(opened, Rejection):
        raise Denied(problem_of(opened))
    return desk.account_id_of(name)


def answer(value: Any, status: int = 200) -> Response:
    return Response(msgspec.json.encode(value), status, mimetype=JSON)


def nothing() -> Response:
    return Response(b"", 204)


def denied(problem: Problem) -> Response:
    return answer(problem.body, problem.status)


def blueprint(name: str) -> Blueprint:
    """One whose refusals and faults are answered in Alpaca's form."""
    api = Blueprint(name, name)

    @api.errorhandler(Denied)
    def on_denied(error: Denied) -> Response:
        return denied(error.problem)

    @api.errorhandler(RequestEntityTooLarge)
    def on_too_large(_error: RequestEntityTooLarge) -> Response:
        return denied(reading.TOO_LARGE)

    @api.errorhandler(TimeoutError)
    @api.errorhandler(JournalUnavailable)
    def on_busy(error: Exception) -> Response:
        return denied(Problem(503, UNAVAILABLE, str(error) or "the desk is busy; try again in a moment"))

    @api.errorhandler(Exception)
    def on_fault(error: Exception) -> Response:
        if isinstance(error, HTTPException):
            return denied(Problem(error.code or 500, (error.code or 500) * 100_000 + 10_000, error.name.lower()))
        logger.exception("%s %s failed", request.method, request.path, exc_info=error)
        return denied(Problem(500, BROKEN, "internal server error occurred"))

    return api


def unknown_routes() -> Blueprint:
    api = blueprint("alpaca_unknown")

    def on_unknown(rest: str = "") -> Response:
        return denied(Problem(404, NOT_FOUND, f"endpoint not found: {request.method} {request.path}"))

    for root in ROOTS:
        api.add_url_rule(f"/{root}", f"{root}_root", on_unknown, methods=METHODS)
        api.add_url_rule(f"/{root}/<path:rest>", f"{root}_rest", on_unknown, methods=METHODS)
    api.add_url_rule("/stream", "stream", on_unknown, methods=METHODS)
    return api
