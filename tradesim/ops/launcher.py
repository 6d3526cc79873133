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
from collections.abc import Callable, Sequence
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
        parts = urlsplit(str(url))
        if not (parts.hostname or "").endswith(ALPACA):
            return url
        return (self.ws if parts.scheme.startswith("ws") else self.url) + parts.path


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


PATCHES: dict[str, Patch] = {
    "alpaca.common.enums": swap_addresses,
    "alpaca.common.rest": swap_rest_key,
    "alpaca.trading.stream": swap_trading_stream_key,
    "alpaca.data.live.websocket": swap_data_stream_key,
    "alpaca_trade_api.rest": swap_old_rest,
    "alpaca_trade_api.stream": swap_old_stream,
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
    bot = argv[0]
    sys.argv = list(argv)
    sys.path[0] = os.path.dirname(os.path.abspath(bot))  # noqa: PTH120, PTH100
    runpy.run_path(bot, run_name="__main__")


if __name__ == "__main__":
    main(sys.argv[1:])
