"""The routes of `/sim/v1` and `/healthz`. Each reads, asks the desk once, and answers JSON."""

from collections.abc import Callable
from typing import Any

from flask import Blueprint, Flask, Response, request
from werkzeug.exceptions import RequestEntityTooLarge

from tradesim.api import strays
from tradesim.api.control import clock, faulty, lots, market, orders, performance_routes, risk_routes
from tradesim.api.control.answers import CATALOGUE, answer, answers_faults
from tradesim.api.control.callers import Callers
from tradesim.api.faults import Faults
from tradesim.desk.desk import Desk
from tradesim.model.orders import Rejection

METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
NOBODY = Callers()
Health = Callable[[], dict[str, Any]]


def register(
    server: Flask, desk: Desk, health: Health, faults: Faults | None = None, callers: Callers = NOBODY
) -> None:
    api = Blueprint("control", __name__, url_prefix="/sim/v1")

    @server.get("/healthz")
    def on_health() -> Response:
        report = health()
        return answer(report, 200 if report["status"] == "ok" else 503)

    orders.register(api, desk)
    lots.register(api, desk)
    market.register(api, desk)
    clock.register(api, desk, callers)
    faulty.register(api, desk, faults or Faults(), callers)
    risk_routes.register(api, desk, callers)
    performance_routes.register(api, desk)

    @api.get("/openapi.json")
    def on_openapi() -> Response:
        return answer(CATALOGUE.document())

    register_errors(server, api)
    server.register_blueprint(api)
    strays.register(server)


def register_errors(server: Flask, api: Blueprint) -> None:
    """Below /sim/v1 every answer is JSON, also the one that there is nothing."""

    @api.route("/", defaults={"rest": ""}, methods=METHODS)
    @api.route("/<path:rest>", methods=METHODS)
    def on_unknown(rest: str) -> Response:
        return answer(Rejection("unknown_route", f"there is no {request.method} {request.path}; see docs/api.md"))

    @server.errorhandler(RequestEntityTooLarge)
    def on_too_large(_error: RequestEntityTooLarge) -> Response:
        return answer(Rejection("too_large", f"a body may have at most {request.max_content_length:,} bytes"))

    answers_faults(api)
