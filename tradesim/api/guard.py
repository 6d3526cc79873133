"""Who may speak to this server: the page it served, and programs that are not pages of somebody else."""

import hmac
import logging
from collections.abc import Callable, Sequence
from functools import lru_cache
from ipaddress import ip_address
from urllib.parse import urlsplit

from flask import Flask, Response, jsonify, request
from msgspec import Struct

logger = logging.getLogger(__name__)

LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
LARGEST_BODY = 96 * 1024 * 1024
"""Of a recording that is dropped on the page; every other body is far smaller."""
LARGEST_WISH = 1024 * 1024
UPLOADS = "/_dash-update-component"
OPEN_TO_ALL = frozenset({"/healthz"})
NAMES_KEPT = 256


class Doorkeeper(Struct, frozen=True):
    """`hosts` are the names that this server answers to besides this machine's own; a port and the case do not matter.

    Without `hosts` any name will do, unless it listens to this machine only. Where there is no password either, only
    bare addresses will: a name might be another's. What is open to all, such as the platform's look, asks for no name.

    `own_name` is what this desk is called where programs find it: one more of this machine's own.
    `has_own_keys` says of an address that another door asks for keys there, so no password is asked.
    """

    host: str
    hosts: Sequence[str] = ()
    origins: Sequence[str] = ()
    password: str = ""
    has_own_keys: Callable[[str], bool] = lambda _path: False
    own_name: str = ""

    def wants_password(self, path: str) -> bool:
        return path not in OPEN_TO_ALL and not self.has_own_keys(path)

    @property
    def lets_strangers_in(self) -> bool:
        """No password, and others than this machine's own come here: directly, or by a name through a proxy."""
        names = (self.host, *self.hosts, self.own_name or "localhost")
        return not self.password and any(name_of(name) not in LOOPBACK for name in names)


def register(server: Flask, keeper: Doorkeeper) -> None:
    """Refuse foreign origins, foreign host names (DNS rebinding) and, where there is a password, who lacks it."""
    server.config["MAX_CONTENT_LENGTH"] = LARGEST_BODY

    @server.before_request
    def on_request() -> tuple[Response, int] | Response | None:
        if request.path != UPLOADS:
            request.max_content_length = LARGEST_WISH
        name = name_of(request.host)
        if request.path not in OPEN_TO_ALL and not is_our_name(name, keeper):
            return refused("host", f"this desk does not answer to the name {request.host}; see TRADESIM_HOSTS")
        if keeper.wants_password(request.path) and may_be_rebound(name, keeper):
            ways = "set TRADESIM_HOSTS to the names of this desk, or TRADESIM_PASSWORD"
            return refused("host", f"this desk does not answer to the name {request.host} yet: {ways}")
        if keeper.wants_password(request.path) and not has_password(keeper.password):
            return Response("a password is wanted\n", 401, {"WWW-Authenticate": 'Basic realm="TradeSim"'})
        is_look = request.method in ("GET", "HEAD", "OPTIONS")
        if is_look and "Upgrade" not in request.headers:
            return None
        if not is_allowed(request.headers.get("Origin"), request.host, keeper.origins):
            return refused("origin", f"pages of {request.headers.get('Origin')} may not trade here")
        return None

    @server.after_request
    def on_response(response: Response) -> Response:
        response.headers.setdefault("X-Frame-Options", "SAMEORIGIN")
        return response


def is_our_name(name: str, keeper: Doorkeeper) -> bool:
    if is_certainly_ours(name, keeper) or name in {name_of(host) for host in keeper.hosts}:
        return True
    return not keeper.hosts and name_of(keeper.host) not in LOOPBACK


def is_certainly_ours(name: str, keeper: Doorkeeper) -> bool:
    return name in LOOPBACK or (keeper.own_name != "" and name == name_of(keeper.own_name))


def may_be_rebound(name: str, keeper: Doorkeeper) -> bool:
    """Whether the name may be somebody else's, who let it point at this machine. An address is nobody's name."""
    if keeper.hosts or keeper.password or is_certainly_ours(name, keeper):
        return False
    return not is_address(name)


@lru_cache(NAMES_KEPT)
def is_address(name: str) -> bool:
    try:
        ip_address(name)
    except ValueError:
        return False
    return True


def has_password(password: str) -> bool:
    """Basic authentication with any name; browsers ask for it once and send it with the socket too."""
    if not password:
        return True
    given = request.authorization.password if request.authorization else None
    return given is not None and hmac.compare_digest(given.encode(), password.encode())


def is_allowed(origin: str | None, host: str, origins: Sequence[str]) -> bool:
    """A program sends no Origin; a page sends its own, which must be ours or on the list."""
    if origin is None or origin in origins:
        return True
    try:
        return urlsplit(origin).netloc == host
    except ValueError:
        return False


@lru_cache(NAMES_KEPT)
def name_of(host: str) -> str:
    """`Desk.example.:443` is `desk.example`, `[::1]:443` and `::1` are `::1`; empty when it is no host at all."""
    if is_address(host):
        return host.lower()
    try:
        return (urlsplit(f"//{host}").hostname or "").removesuffix(".")
    except ValueError:
        return ""


def refused(code: str, message: str) -> tuple[Response, int]:
    logger.warning("refused %s %s: %s", request.method, request.path, message)
    return jsonify({"code": code, "message": message}), 403
