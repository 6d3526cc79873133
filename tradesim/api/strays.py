"""Requests that no route takes, below the addresses of either API: told so as JSON in the form of that API."""

from typing import TypeVar

import msgspec
from flask import Flask, Response, request
from werkzeug.exceptions import HTTPException, MethodNotAllowed, NotFound

from tradesim.api.alpaca.front import is_ours

CONTROL = "/sim/v1"
E = TypeVar("E", bound=HTTPException)


def register(server: Flask) -> None:
    @server.errorhandler(NotFound)
    def on_nothing(error: NotFound) -> Response | NotFound:
        return told(error, "unknown_route", f"there is nothing at {shown(request.path)}")

    @server.errorhandler(MethodNotAllowed)
    def on_method(error: MethodNotAllowed) -> Response | MethodNotAllowed:
        sentence = f"{shown(request.path)} cannot be asked with {request.method}"
        found = told(error, "method", sentence)
        if isinstance(found, Response):
            found.headers["Allow"] = ", ".join(sorted(error.valid_methods or ()))
        return found


def told(error: E, code: str, sentence: str) -> Response | E:
    """The page's own addresses keep their answers."""
    status = error.code or 500
    if request.path.startswith(CONTROL):
        body: dict[str, object] = {"code": code, "message": sentence, "field": None}
    elif is_ours(request.path):
        body = {"code": status * 100_000 + 10_000, "message": sentence}
    else:
        return error
    return Response(msgspec.json.encode(body), status, mimetype="application/json")


def shown(path: str) -> str:
    return path if len(path) <= 80 and path.isprintable() else ascii(path[:80])
