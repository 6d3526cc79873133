"""`/sim/v1/bots`: which bots run, what they did, and starting and stopping them."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Protocol

import msgspec
from flask import Blueprint, Flask, Response, request

from tradesim.api.control.answers import CATALOGUE, REFUSALS, answers_faults, count_in
from tradesim.api.control.bodies import plain, read
from tradesim.api.control.callers import Callers
from tradesim.kernel.errors import Refused
from tradesim.model.orders import Rejection

MOST_LINES, STANDARD_LINES = 1_000, 100
ABOUT: dict[str, Any] = {"tag": "bots", "refusals": REFUSALS}


class BotHouse(Protocol):
    """What ops.bots.Bots is to the routes."""

    def available(self) -> list[Path]: ...

    def start(
        self, path: str, account: str = "", time_limit_s: float | None = None, arguments: Sequence[str] = ()
    ) -> Any: ...

    def list(self) -> Sequence[Any]: ...

    def stop(self, id_: str) -> Any: ...

    def tail(self, id_: str, lines: int = 100) -> str: ...


class NewBot(msgspec.Struct, forbid_unknown_fields=True):
    """`path` is a file's name in the data folder's `bots`, or one named at the start."""

    path: str
    account: str = ""
    time_limit_s: float | None = None
    arguments: list[str] = []


def register(server: Flask, bots: BotHouse, callers: Callers) -> None:
    api = Blueprint("bots", __name__, url_prefix="/sim/v1/bots")

    answers_faults(api)

    @api.errorhandler(Refused)
    def on_refused(refused: Refused) -> Response:
        return answer(Rejection("refused", str(refused)), 422)

    @CATALOGUE.serves(api, "GET", "", "Which bots run, and which could.", dict[str, Any], **ABOUT)
    def on_bots() -> Response:
        files = [{"name": path.name, "path": str(path)} for path in bots.available()]
        return answer({"bots": [shape(each) for each in bots.list()], "available": files})

    @CATALOGUE.serves(api, "POST", "", "Start one.", dict[str, Any], body=NewBot, status=201, **ABOUT)
    def on_start() -> Response:
        no = callers.unless_person("start a bot")
        if no:
            return answer(no, 403)
        body = read(request.get_data(cache=False), NewBot)
        if isinstance(body, Rejection):
            return answer(body, 400)
        if body.time_limit_s is not None and not 0 < body.time_limit_s <= 7 * 86_400:
            return answer(Rejection("time_limit", "time_limit_s must be from above 0 to 604,800", "time_limit_s"), 422)
        return answer(shape(bots.start(body.path, body.account, body.time_limit_s, body.arguments)), 201)

    @CATALOGUE.serves(api, "GET", "/{id_}/log", "The end of what it printed.", str, media="text/plain", **ABOUT)
    def on_log(id_: str) -> Response:
        lines = count_in(request.args.get("lines", ""), MOST_LINES)
        return Response(bots.tail(id_, lines or STANDARD_LINES), mimetype="text/plain")

    @CATALOGUE.serves(api, "DELETE", "/{id_}", "Stop it.", dict[str, Any], **ABOUT)
    def on_stop(id_: str) -> Response:
        no = callers.unless_person("stop a bot")
        if no:
            return answer(no, 403)
        return answer(shape(bots.stop(id_)))

    server.register_blueprint(api)


def shape(bot: Any) -> dict[str, Any]:
    """The run and what it did, in one object."""
    found: dict[str, Any] = {**plain(bot.run), **plain(bot.performance)}
    return found


def answer(value: Any, status: int = 200) -> Response:
    return Response(msgspec.json.encode(plain(value)), status, mimetype="application/json")
