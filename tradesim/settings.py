"""The only reader of the environment. Everything has a default: with nothing set, the simulated market runs."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any, Self
from urllib.parse import urlsplit

from tradesim.kernel.errors import Refused

HOURS = ("always", "exchange")
PLANS, SIZES = ("unlimited", "free"), ("lots", "shares")
WHOLE = re.compile(r"-?[0-9]{1,15}")
HOST = r"(?:[\w-][\w.-]*|\[[0-9A-Fa-f:.]+\])(?::[0-9]{1,5})?"
HOST_NAME = re.compile(rf"{HOST}|[0-9A-Fa-f:]*:[0-9A-Fa-f:.]*")
ORIGIN = re.compile(rf"[a-z][a-z0-9+.-]*://{HOST}")
LOG_LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR")


def setting(variable: str, default: Any, meaning: str, read: Callable[[str], Any] = str) -> Any:
    return field(default=default, metadata={"variable": variable, "meaning": meaning, "read": read})


def secret(variable: str, meaning: str) -> Any:
    """Never in the settings' representation."""
    metadata = {"variable": variable, "meaning": meaning, "read": str, "secret": True}
    return field(default="", repr=False, metadata=metadata)


def whole(least: int, most: int) -> Callable[[str], int]:
    def read(text: str) -> int:
        if not WHOLE.fullmatch(text) or not least <= int(text) <= most:
            raise ValueError(f"a whole number from {least} to {most:,}")
        return int(text)

    return read


def decimal(least: str, most: str) -> Callable[[str], Decimal]:
    def read(text: str) -> Decimal:
        wanted = f"a number from {least} to {most}"
        try:
            number = Decimal(text)
        except InvalidOperation:
            raise ValueError(wanted) from None
        if not number.is_finite() or not Decimal(least) <= number <= Decimal(most):
            raise ValueError(wanted)
        return number

    return read


def one_of(*choices: str) -> Callable[[str], str]:
    def read(text: str) -> str:
        if text not in choices:
            raise ValueError("one of " + ", ".join(choices))
        return text

    return read


def listed(text: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in text.split(",") if part.strip())


def host_names(text: str) -> tuple[str, ...]:
    """A port or a dot at the end may be there; it is not looked at."""
    found = listed(text)
    if not all(HOST_NAME.fullmatch(name) for name in found):
        raise ValueError("names such as desk.example.com, comma-separated")
    return found


def page_origins(text: str) -> tuple[str, ...]:
    """As browsers tell them."""
    found = tuple(each.lower().removesuffix("/") for each in listed(text))
    if not all(ORIGIN.fullmatch(each) for each in found):
        raise ValueError("addresses such as https://desk.example.com without a path, comma-separated")
    return found


def addresses(text: str) -> tuple[tuple[str, str, str], ...]:
    """From `kraken=https://host wss://host`: provider, REST and stream address (empty: its own)."""
    found = []
    for entry in listed(text):
        name, is_named, urls = entry.partition("=")
        parts = urls.split()
        if not is_named or not 1 <= len(parts) <= 2 or not all("://" in part for part in parts):
            raise ValueError("PROVIDER=REST-address stream-address, comma-separated")
        found.append((name.strip(), parts[0], parts[1] if len(parts) > 1 else ""))
    return tuple(found)


WINDOWS_S = {"second": 1.0, "minute": 60.0, "hour": 3_600.0, "day": 86_400.0}


def plans(text: str) -> tuple[tuple[str, tuple[tuple[str, int, float], ...]], ...]:
    """From `finnhub=30/second 300/minute`: provider, and of each quota the window's name, the limit and seconds."""
    found = []
    for entry in listed(text):
        name, _, told = entry.partition("=")
        quotas = [re.fullmatch(r"(\d{1,9})/(second|minute|hour|day)", part) for part in told.split()]
        if not quotas or not all(each and int(each[1]) for each in quotas):
            raise ValueError("PROVIDER=QUESTIONS/second, /minute, /hour or /day, comma-separated")
        found.append((name.strip(), tuple((each[2], int(each[1]), WINDOWS_S[each[2]]) for each in quotas if each)))
    return tuple(found)


def web_address(text: str) -> str:
    """Scheme, name and port alone, in small letters."""
    try:
        parts = urlsplit(text.lower())
        is_usable = parts.scheme in ("http", "https") and parts.hostname and parts.port != 0
    except ValueError:
        is_usable = False
    if not is_usable or parts.username is not None or parts.path.strip("/") or parts.query or parts.fragment:
        raise ValueError("an address such as https://desk.example.com:8050")
    return f"{parts.scheme}://{parts.netloc}"


@dataclass(frozen=True, slots=True)
class Settings:
    """One field a variable; `from_env` names the variable whose value cannot be used."""

    host: str = setting("HOST", "127.0.0.1", "address to listen on")
    port: int = setting("PORT", 8050, "port to listen on", whole(0, 65_535))
    data: Path | None = setting("TRADESIM_DATA", None, "data folder; empty: the platform's own", Path)
    database_url: str = setting("DATABASE_URL", "", "journal database; empty: SQLite in the data folder")
    seed: int = setting("TRADESIM_SEED", 42, "seed of the simulated market", whole(0, 2**31 - 1))
    hours: str = setting("TRADESIM_HOURS", "always", "`always` open, or `exchange` hours of New York", one_of(*HOURS))
    cash: Decimal = setting("TRADESIM_CASH", Decimal(100_000), "cash of a new account, USD", decimal("1", "1000000000"))
    margin: Decimal = setting(
        "TRADESIM_MARGIN", Decimal(2), "buying power as a multiple of equity, 1 to 4", decimal("1", "4")
    )
    latency_ms: Decimal = setting(
        "TRADESIM_LATENCY_MS", Decimal(5), "an order's way to the venue, ms of market time", decimal("0", "60000")
    )
    latency_jitter_ms: Decimal = setting(
        "TRADESIM_LATENCY_JITTER_MS", Decimal(0), "up to this much more, seeded", decimal("0", "60000")
    )
    fees: str = setting(
        "TRADESIM_FEES",
        "alpaca",
        "`alpaca` (coins 0.15 % to add, 0.25 % to take), `exchange` (shares too: 0.0020 USD each back to add, 0.0030 "
        "to take) or `none`",
        one_of("alpaca", "exchange", "none"),
    )
    max_order_value: Decimal = setting(
        "TRADESIM_MAX_ORDER_VALUE", Decimal(1_000_000), "largest value of one order, USD", decimal("1", "1000000000000")
    )
    certificate: Path | None = setting(
        "TRADESIM_CERT", None, "certificate (PEM), to serve https and wss alone; `tradesim certs` makes one", Path
    )
    certificate_key: Path | None = setting(
        "TRADESIM_CERT_KEY", None, "its private key; empty: it is in the same file", Path
    )
    own_url: str = setting(
        "TRADESIM_URL",
        "",
        "address at which programs find the desk, for a certificate of your own; its name is answered to; empty: by "
        "HOST and PORT",
        web_address,
    )
    sockets: int = setting("TRADESIM_SOCKETS", 256, "pages that may be open at once", whole(1, 5_000))
    origins: tuple[str, ...] = setting(
        "TRADESIM_ORIGINS", (), "further origins that may connect, comma-separated", page_origins
    )
    hosts: tuple[str, ...] = setting(
        "TRADESIM_HOSTS",
        (),
        "names that this server answers to besides `localhost`, comma-separated; empty, where HOST can be reached by "
        "others: every name with a password, only addresses without",
        host_names,
    )
    password: str = setting("TRADESIM_PASSWORD", "", "asked of every visitor (any name); empty: open to all")
    api_rate: int = setting(
        "TRADESIM_API_RATE", 0, "Alpaca requests a minute and account before 429; 0: no limit", whole(0, 1_000_000)
    )
    alpaca_plan: str = setting(
        "TRADESIM_ALPACA_PLAN",
        "unlimited",
        "Alpaca's data plan: `unlimited`, or `free` with its limits",
        one_of(*PLANS),
    )
    quote_sizes: str = setting(
        "TRADESIM_QUOTE_SIZES",
        "lots",
        "sizes of Alpaca's share quotes: round `lots` of 100, or `shares`",
        one_of(*SIZES),
    )
    data_connections: int = setting(
        "TRADESIM_ALPACA_CONNECTIONS", 0, "data sockets of one account at each address; 0: no limit", whole(0, 10_000)
    )
    bot_sockets: int = setting(
        "TRADESIM_BOT_SOCKETS", 64, "sockets and event streams of programs at once", whole(1, 5_000)
    )
    log_level: str = setting("TRADESIM_LOG", "INFO", "how much is logged", one_of(*LOG_LEVELS))
    provider_urls: tuple[tuple[str, str, str], ...] = setting(
        "TRADESIM_PROVIDER_URLS", (), "other addresses: `kraken=https://host wss://host`, comma-separated", addresses
    )
    provider_plans: tuple[tuple[str, tuple[tuple[str, int, float], ...]], ...] = setting(
        "TRADESIM_PROVIDER_PLANS",
        (),
        "what paid plans bear: `polygon=100/second, finnhub=30/second 300/minute`; empty: the free ones",
        plans,
    )
    finnhub_key: str = secret("FINNHUB_API_KEY", "Finnhub's key; wins over one entered on the page")
    alpaca_key_id: str = secret("ALPACA_API_KEY_ID", "Alpaca's key id, for its market data")
    alpaca_secret: str = secret("ALPACA_API_SECRET_KEY", "Alpaca's secret key")
    polygon_key: str = secret("POLYGON_API_KEY", "Polygon's (Massive's) key")
    alphavantage_key: str = secret("ALPHAVANTAGE_API_KEY", "Alpha Vantage's key")

    @classmethod
    def from_env(cls, environ: Mapping[str, str]) -> Self:
        """Raises Refused with the variable's name, what was wanted and what was found."""
        values = {}
        for each in fields(cls):
            variable, text = each.metadata["variable"], environ.get(each.metadata["variable"], "").strip()
            if not text:
                continue
            try:
                values[each.name] = each.metadata["read"](text)
            except ValueError as wanted:
                raise Refused(f"{variable} must be {wanted}, was {text!r}") from None
        return cls(**values)

    @property
    def keys(self) -> dict[str, str]:
        """Every key that there may be, by the name of its variable; empty where the environment has none."""
        named = ((each.metadata, each.name) for each in fields(self))
        return {metadata["variable"]: getattr(self, name) for metadata, name in named if metadata.get("secret")}

    @property
    def url(self) -> str:
        """Where programs on this machine find the desk."""
        if self.own_url:
            return self.own_url
        host = {"0.0.0.0": "127.0.0.1", "::": "[::1]", "": "127.0.0.1"}.get(self.host, self.host)
        scheme = "https" if self.certificate else "http"
        return f"{scheme}://{f'[{host}]' if ':' in host and not host.startswith('[') else host}:{self.port}"

    @property
    def own_name(self) -> str:
        """What the desk is called where programs find it, with the port; empty when nobody named it."""
        return urlsplit(self.own_url).netloc

    @property
    def trusted(self) -> Path | None:
        """The authorities that programs of ours must trust to reach the desk; None: the usual ones will do."""
        beside = self.certificate.with_name("trusted.pem") if self.certificate else None
        return beside.absolute() if beside and beside.is_file() else None

    @property
    def threads(self) -> int:
        """Server threads: one parked behind each socket and event stream, and room for HTTP."""
        return self.sockets + self.bot_sockets + 24
