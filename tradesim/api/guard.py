"""Who may speak to this server: the page it served, and programs that are not pages of somebody else."""

from collections.abc import Sequence
from urllib.parse import urlsplit

from flask import Flask, Response, jsonify, request

LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
LARGEST_BODY = 96 * 1024 * 1024


def register(server: Flask, host: str, origins: Sequence[str]) -> None:
    """Refuse foreign origins, and foreign host names while only this machine can be meant (DNS rebinding)."""
    server.config["MAX_CONTENT_LENGTH"] = LARGEST_BODY

    @server.before_request
    def on_request() -> tuple[Response, int] | None:
        if host in LOOPBACK and hostname_of(f"//{request.host}") not in LOOPBACK:
            return refused("host", f"this desk answers to localhost only, was asked for {request.host}")
        if request.method in ("GET", "HEAD", "OPTIONS") and "Upgrade" not in request.headers:
            return None
        if not is_allowed(request.headers.get("Origin"), request.host, origins):
            return refused("origin", f"pages of {request.headers.get('Origin')} may not trade here")
        return None

    @server.after_request
    def on_response(response: Response) -> Response:
        response.headers.setdefault("X-Content-Type-Options", "nosniff")
        response.headers.setdefault("Referrer-Policy", "same-origin")
        response.headers.setdefault("X-Frame-Options", "SAMEORIGIN")
        return response


def is_allowed(origin: str | None, host: str, origins: Sequence[str]) -> bool:
    """A program sends no Origin; a page sends its own, which must be ours or on the list."""
    return origin is None or origin in origins or urlsplit(origin).netloc == host


def hostname_of(url: str) -> str:
    return urlsplit(url).hostname or ""


def refused(code: str, message: str) -> tuple[Response, int]:
    return jsonify({"code": code, "message": message}), 403
