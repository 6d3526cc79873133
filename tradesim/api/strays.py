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
    if not request.path.startswith(CONTROL) and not is_ours(request.path):
        return error
    return Response(body_of(request.path, status, sentence, code), status, mimetype="application/json")


def body_of(path: str, status: int, sentence: str, code: str = "request") -> bytes:
    """JSON in the form of the API that `path` belongs to; Alpaca's where it belongs to none, or is not known."""
    if path.startswith(CONTROL):
        return msgspec.json.encode({"code": code, "message": sentence, "field": None})
    return msgspec.json.encode({"code": status * 100_000 + 10_000, "message": sentence})


def shown(path: str) -> str:
    return path if len(path) <= 80 and path.isprintable() else ascii(path[:80])
