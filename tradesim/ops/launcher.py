"""What runs in a bot's own process before the bot: every address and key of Alpaca becomes this desk's.

Run by its file name, with whatever Python the bot needs: it imports nothing but the standard library. Its first line
of input is the briefing; when that input ends, whoever supervises is gone, and so is the bot with all it started.
"""

import contextlib
import enum
import importlib.abc
import importlib.machinery
import json
import os
import runpy
import signal
import sys
import threading
from collections.abc import Callable, MutableMapping, Sequence
from types import ModuleType
from typing import Any
from urllib.parse import urlsplit

ALPACA = "alpaca.markets"
TRUST = ("SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "WEBSOCKET_CLIENT_CA_BUNDLE", "NODE_EXTRA_CA_CERTS")
Patch = Callable[[ModuleType, "Desk"], None]


class Desk:
    """Where the desk is, and the key that was made for this bot."""

    def __init__(self, url: str, key: str, secret: str, trusted: str = "") -> None:
        """`trusted` is a file of the authorities by which the desk is known, where the usual ones do not do."""
        self.trusted = trusted
        self.url, self.key, self.secret = url.rstrip("/"), key, secret
        self.ws = "ws" + self.url.removeprefix("http")

    @property
    def variables(self) -> dict[str, str]:
        """What clients and bots read from their environment."""
        names = ("APCA_API_KEY_ID", "ALPACA_API_KEY", "ALPACA_API_KEY_ID", "ALPACA_KEY", "ALPACA_KEY_ID")
        secrets = ("APCA_API_SECRET_KEY", "ALPACA_SECRET_KEY", "ALPACA_API_SECRET", "ALPACA_API_SECRET_KEY")
        return {
            **dict.fromkeys(names, self.key),
            **dict.fromkeys((*secrets, "ALPACA_SECRET"), self.secret),
            "APCA_API_BASE_URL": self.url,
            "APCA_API_DATA_URL": self.url,
            "APCA_DATA_BASE_URL": self.url,
            "APCA_API_STREAM_URL": self.url,
            "APCA_DATA_STREAM_URL": self.url,
            "DATA_PROXY_WS": self.ws,
            "ALPACA_PAPER": "True",
            "TRADESIM_URL": self.url,
            **dict.fromkeys(TRUST if self.trusted else (), self.trusted),
        }

    def here(self, url: Any) -> Any:
        """The same address at the desk, if it was Alpaca's."""
        parts = urlsplit(str(address_text(url)))
        host = parts.hostname or ""
        if host != ALPACA and not host.endswith("." + ALPACA):
            return url
        own = self.ws if parts.scheme.startswith("ws") else self.url
        return own + parts.path + (f"?{parts.query}" if parts.query else "")

    def show_key(self, headers: MutableMapping[str, str]) -> None:
        """In place of whatever Alpaca would have been shown."""
        headers["APCA-API-KEY-ID"], headers["APCA-API-SECRET-KEY"] = self.key, self.secret
        for name in [name for name in headers if name.lower() == "authorization"]:
            headers[name] = f"Bearer {self.secret}"

    def introduced(self, message: Any) -> Any:
        """What a bot says to a stream; with our key where it is Alpaca's way to log in."""
        if not isinstance(message, str) or not any(f'"{word}"' in message for word in ("auth", "authenticate")):
            return message
        try:
            said = json.loads(message)
        except ValueError:
            return message
        match said:
            case {"action": "auth", "key": _, "secret": _}:
                return json.dumps({**said, "key": self.key, "secret": self.secret})
            case {"action": "authenticate", "data": {"key_id": _, "secret_key": _}}:
                return json.dumps({**said, "data": {"key_id": self.key, "secret_key": self.secret}})
        return message


def swap_addresses(module: ModuleType, desk: Desk) -> None:
    """alpaca-py has all its addresses in one enum, which is read wherever a client is made."""
    members = {name: desk.here(member.value) for name, member in vars(module)["BaseURL"].__members__.items()}
    make: Any = enum.Enum
    vars(module)["BaseURL"] = make("BaseURL", members, type=str, module=module.__name__)


def swap_rest_key(module: ModuleType, desk: Desk) -> None:
    replace_arguments(module.RESTClient, desk, ("base_url",), {"api_key": desk.key, "secret_key": desk.secret})


def swap_trading_stream_key(module: ModuleType, desk: Desk) -> None:
    given = {"api_key": desk.key, "secret_key": desk.secret}
    replace_arguments(module.TradingStream, desk, ("url_override",), given)


def swap_data_stream_key(module: ModuleType, desk: Desk) -> None:
    replace_arguments(module.DataStream, desk, ("endpoint",), {"api_key": desk.key, "secret_key": desk.secret})


def swap_old_rest(module: ModuleType, desk: Desk) -> None:
    replace_arguments(module.REST, desk, ("base_url",), {"key_id": desk.key, "secret_key": desk.secret})


def swap_old_stream(module: ModuleType, desk: Desk) -> None:
    addresses = ("base_url", "data_stream_url")
    replace_arguments(module.Stream, desk, addresses, {"key_id": desk.key, "secret_key": desk.secret})


def swap_requests(module: ModuleType, desk: Desk) -> None:
    """Bots without an SDK: their addresses are rewritten where each request leaves."""

    def leave(send: Any, self: Any, request: Any, **more: Any) -> Any:
        elsewhere = desk.here(request.url)
        if elsewhere != request.url:
            request.url = elsewhere
            desk.show_key(request.headers)
        return send(self, request, **more)

    wrap(module.Session, "send", leave)


def swap_httpx(module: ModuleType, desk: Desk) -> None:
    def leave(send: Any, self: Any, request: Any, *args: Any, **more: Any) -> Any:
        elsewhere = desk.here(request.url)
        if elsewhere != request.url:
            request.url = type(request.url)(elsewhere)
            request.headers["Host"] = urlsplit(elsewhere).netloc
            desk.show_key(request.headers)
        return send(self, request, *args, **more)

    for kind in (module.Client, module.AsyncClient):
        wrap(kind, "send", leave)


def swap_urllib(module: ModuleType, desk: Desk) -> None:
    def leave(send: Any, self: Any, fullurl: Any, *args: Any, **more: Any) -> Any:
        request = module.Request(fullurl) if isinstance(fullurl, str) else fullurl
        elsewhere = desk.here(request.full_url)
        if elsewhere == request.full_url:
            return send(self, fullurl, *args, **more)
        request.full_url = elsewhere
        shown = dict(request.headers)
        desk.show_key(shown)
        for name, value in shown.items():
            request.add_header(name, value)
        return send(self, request, *args, **more)

    wrap(module.OpenerDirector, "open", leave)


def swap_aiohttp(module: ModuleType, desk: Desk) -> None:
    def leave(send: Any, self: Any, method: str, url: Any, **more: Any) -> Any:
        meant = self._build_url(url)
        elsewhere = desk.here(meant)
        if elsewhere == meant:
            return send(self, method, url, **more)
        headers = dict(more.pop("headers", None) or {})
        if "Authorization" in self.headers:
            headers.setdefault("Authorization", "")
        desk.show_key(headers)
        return send(self, method, type(meant)(elsewhere), headers=headers, **more)

    def build(build_url: Any, self: Any, url: Any) -> Any:
        """A session with a base address takes no whole one: what was rewritten is whole already."""
        own = type(url)(url) if hasattr(url, "host") else url
        is_ours = str(own).startswith((desk.url, desk.ws))
        return own if is_ours else build_url(self, url)

    wrap(module.ClientSession, "_request", leave)
    wrap(module.ClientSession, "_build_url", build)


def swap_aiohttp_messages(module: ModuleType, desk: Desk) -> None:
    wrap(module.ClientWebSocketResponse, "send_str", saying(desk))


def swap_websocket_client(module: ModuleType, desk: Desk) -> None:
    def leave(connect: Any, self: Any, url: Any, **more: Any) -> Any:
        return connect(self, desk.here(url), **more)

    wrap(module.WebSocket, "connect", leave)
    wrap(module.WebSocket, "send", saying(desk))


def swap_websocket_app(module: ModuleType, desk: Desk) -> None:
    def leave(make: Any, self: Any, url: str, *args: Any, **more: Any) -> None:
        make(self, desk.here(url), *args, **more)

    wrap(module.WebSocketApp, "__init__", leave)


def swap_websockets(module: ModuleType, desk: Desk) -> None:
    """Those of asyncio, by both of their classes: a TLS context is of no use where the desk has no TLS."""

    def leave(make: Any, self: Any, uri: str, *args: Any, **more: Any) -> None:
        make(self, *called(desk, uri, more), *args, **more)

    for name in ("connect", "Connect"):
        if isinstance(vars(module).get(name), type):
            wrap(vars(module)[name], "__init__", leave)
            return


def swap_websockets_sync(module: ModuleType, desk: Desk) -> None:
    def leave(connect: Any, uri: str, *args: Any, **more: Any) -> Any:
        return connect(*called(desk, uri, more), *args, **more)

    wrap(module, "connect", leave)


def swap_websockets_messages(module: ModuleType, desk: Desk) -> None:
    for name in ("Connection", "WebSocketCommonProtocol"):
        if name in vars(module):
            wrap(vars(module)[name], "send", saying(desk))


def called(desk: Desk, uri: Any, more: dict[str, Any]) -> tuple[Any]:
    elsewhere = desk.here(uri)
    if elsewhere != uri and elsewhere.startswith("ws://"):
        more.pop("ssl", None)
    return (elsewhere,)


def saying(desk: Desk) -> Callable[..., Any]:
    def say(send: Any, self: Any, message: Any, *args: Any, **more: Any) -> Any:
        return send(self, desk.introduced(message), *args, **more)

    return say


def wrap(owner: Any, name: str, around: Callable[..., Any]) -> None:
    """From now on `owner.name(…)` is `around(what it was, …)`."""
    import functools

    original = getattr(owner, name)

    @functools.wraps(original)
    def wrapped(*args: Any, **more: Any) -> Any:
        return around(original, *args, **more)

    setattr(owner, name, wrapped)


PATCHES: dict[str, Patch] = {
    "alpaca.common.enums": swap_addresses,
    "alpaca.common.rest": swap_rest_key,
    "alpaca.trading.stream": swap_trading_stream_key,
    "alpaca.data.live.websocket": swap_data_stream_key,
    "alpaca_trade_api.rest": swap_old_rest,
    "alpaca_trade_api.stream": swap_old_stream,
    "requests.sessions": swap_requests,
    "httpx._client": swap_httpx,
    "urllib.request": swap_urllib,
    "aiohttp.client": swap_aiohttp,
    "aiohttp.client_ws": swap_aiohttp_messages,
    "websocket._core": swap_websocket_client,
    "websocket._app": swap_websocket_app,
    "websockets.asyncio.client": swap_websockets,
    "websockets.asyncio.connection": swap_websockets_messages,
    "websockets.legacy.client": swap_websockets,
    "websockets.legacy.protocol": swap_websockets_messages,
    "websockets.sync.client": swap_websockets_sync,
    "websockets.sync.connection": swap_websockets_messages,
}


def replace_arguments(kind: Any, desk: Desk, addresses: Sequence[str], keys: dict[str, str]) -> None:
    """A key that the bot brought along is Alpaca's: it stays at home."""
    import inspect

    original = kind.__init__
    names = inspect.signature(original)

    def __init__(self: Any, *args: Any, **kwargs: Any) -> None:  # noqa: N807
        given = names.bind(self, *args, **kwargs)
        if given.arguments.get("oauth_token"):
            given.arguments["oauth_token"] = desk.secret
        else:
            given.arguments.update(keys)
        for name in addresses:
            if given.arguments.get(name) is not None:
                given.arguments[name] = desk.here(address_text(given.arguments[name]))
        original(*given.args, **given.kwargs)

    kind.__init__ = __init__


def address_text(address: Any) -> Any:
    return address.value if isinstance(address, enum.Enum) else address


class Patching(importlib.abc.MetaPathFinder):
    """Finds a module as everybody does, and changes it right after it was first run."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        patch = PATCHES.get(fullname)
        if patch is None:
            return None
        spec = importlib.machinery.PathFinder.find_spec(fullname, path, target)
        if spec is not None and spec.loader is not None:
            spec.loader = Patched(spec.loader, patch, self._desk)
        return spec


class Patched(importlib.abc.Loader):
    def __init__(self, loader: Any, patch: Patch, desk: Desk) -> None:
        self._loader, self._patch, self._desk = loader, patch, desk

    def __getattr__(self, name: str) -> Any:
        return getattr(self._loader, name)

    def create_module(self, spec: importlib.machinery.ModuleSpec) -> ModuleType | None:
        module: ModuleType | None = self._loader.create_module(spec)
        return module

    def exec_module(self, module: ModuleType) -> None:
        self._loader.exec_module(module)
        self._patch(module, self._desk)


def limit_memory(megabytes: int) -> None:
    """Where the system has such a limit."""
    if megabytes <= 0 or sys.platform == "win32":
        return
    import resource

    with contextlib.suppress(OSError, ValueError):
        resource.setrlimit(resource.RLIMIT_AS, (megabytes << 20, megabytes << 20))


def live_as_long_as(lifeline: int) -> None:
    """End this process and its group when the other end of `lifeline` is gone."""

    def watch() -> None:
        with contextlib.suppress(OSError):
            while os.read(lifeline, 64):
                pass
        if sys.platform == "win32":
            os._exit(1)
        os.killpg(os.getpgrp(), signal.SIGKILL)

    threading.Thread(target=watch, name="lifeline", daemon=True).start()


def take_lifeline() -> tuple[dict[str, Any], int]:
    """The briefing, and the descriptor that ends with the supervisor; the bot gets an empty input of its own."""
    line = bytearray()
    while not line.endswith(b"\n"):
        letter = os.read(0, 1)
        if not letter:
            raise SystemExit("no briefing came: a bot is started with `tradesim run BOT.py`")
        line += letter
    lifeline = os.dup(0)
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.close(nothing)
    return json.loads(line), lifeline


def main(argv: Sequence[str]) -> None:
    briefing, lifeline = take_lifeline()
    live_as_long_as(lifeline)
    limit_memory(int(briefing.get("memory_mb", 0)))
    desk = Desk(briefing["url"], briefing["key"], briefing["secret"], briefing.get("trusted", ""))
    os.environ.update(desk.variables)
    sys.meta_path.insert(0, Patching(desk))
    for name in PATCHES.keys() & sys.modules.keys():
        PATCHES[name](sys.modules[name], desk)
    bot = argv[0]
    sys.argv = list(argv)
    sys.path[0] = os.path.dirname(os.path.abspath(bot))  # noqa: PTH120, PTH100
    try:
        runpy.run_path(bot, run_name="__main__")
    except ModuleNotFoundError as missing:
        raise SystemExit(remedy(missing)) from missing


def remedy(missing: ModuleNotFoundError) -> str:
    return (
        f"{missing} for {sys.executable}: start the bot with the Python that has its packages "
        "(tradesim run --python PATH …), or install them into this one"
    )


if __name__ == "__main__":
    main(sys.argv[1:])
