"""`/ws`: the door through which a page follows the market. Who may enter is decided before the upgrade."""

from collections.abc import Callable, Collection
from typing import Any
from urllib.parse import urlsplit

from flask import Flask, Response, request
from flask_sock import Sock

from tradesim.stream.hub import Hub

PATH = "/ws"
RETRY_AFTER_S = 5
DEFAULT_PORTS = {"http": 80, "https": 443}


class NoThread:
    """In place of simple_websocket's reader thread: the hub has one for all sockets, and is the only writer."""

    name = ""

    def __init__(self, target: Callable[[], None]) -> None:
        pass

    def start(self) -> None:
        pass


def register(server: Flask, hub: Hub, origins: Collection[str] = ()) -> None:
    """Serve `hub` at /ws. `origins` may connect besides pages of the server's own host, e.g. `https://desk.example`."""
    server.config["SOCK_SERVER_OPTIONS"] = {"thread_class": NoThread}
    server.extensions["stream"] = hub

    @server.before_request
    def on_knock() -> Response | None:
        if request.path != PATH:
            return None
        request.environ.pop("HTTP_SEC_WEBSOCKET_EXTENSIONS", None)
        return refusal(hub, origins)

    @Sock(server).route(PATH)
    def on_page(ws: Any) -> None:
        hub.serve(ws)
        ws.connected = False


def refusal(hub: Hub, origins: Collection[str]) -> Response | None:
    """None for one who may come in."""
    if request.headers.get("Upgrade", "").lower() != "websocket":
        return told(426, "wanted a WebSocket upgrade at /ws, found a plain request", Upgrade="websocket")
    origin = request.headers.get("Origin")
    if not is_welcome(origin, request.host, origins):
        return told(
            403, f"wanted a page of {request.host} or of a host in TRADESIM_ORIGINS, found {origin or 'no Origin'}"
        )
    if not hub.has_seat:
        return told(503, f"all {hub.capacity} sockets are taken", **{"Retry-After": str(RETRY_AFTER_S)})
    return None


def told(status: int, sentence: str, **headers: str) -> Response:
    return Response(sentence + "\n", status, headers, mimetype="text/plain")


def is_welcome(origin: str | None, host: str, origins: Collection[str]) -> bool:
    """Browsers always send an Origin with an upgrade; whoever sends none, or another's, is not our page."""
    if not origin:
        return False
    if origin.lower().rstrip("/") in {each.lower().rstrip("/") for each in origins}:
        return True
    return place_of(origin) is not None and place_of(origin) == place_of(f"{urlsplit(origin).scheme}://{host}")


def place_of(url: str) -> tuple[str, int] | None:
    """Host and port; None where there is no host to speak of."""
    try:
        parts = urlsplit(url.lower())
        port = parts.port or DEFAULT_PORTS.get(parts.scheme)
    except ValueError:
        return None
    return (parts.hostname, port) if parts.hostname and port else None
