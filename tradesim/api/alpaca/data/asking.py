"""What a client asks for, read strictly: the parameters of one address as values, or the refusal that names one."""

import base64
import binascii
from collections.abc import Mapping
from typing import NamedTuple

import msgspec
from flask import Response
from msgspec import Struct
from msgspec.structs import replace

from tradesim.api.alpaca.data.shapes import Refusal
from tradesim.api.alpaca.data.times import Frame, frame_of, moment_of
from tradesim.model.instrument import is_symbol

STANDARD_LIMIT, MOST = 1_000, 10_000
MOST_SYMBOLS = 10_000
FEEDS = ("sip", "iex", "delayed_sip", "otc", "boats", "overnight")
ADJUSTMENTS = frozenset({"raw", "split", "dividend", "spin-off", "all"})
LOCATIONS = ("us", "us-1", "us-2", "eu-1", "bs-1")
SORTS = ("asc", "desc")
CURRENCIES = ("USD",)
DELAY_NS = 15 * 60 * 1_000_000_000


class Refused(Exception):
    """Answered to the client as it is."""

    def __init__(self, message: str, status: int = 400, code: int | None = None) -> None:
        super().__init__(message)
        self.status, self.code = status, code or status * 100_000 + 10_000

    @property
    def answer(self) -> Response:
        return answered(Refusal(self.code, str(self)), self.status)


def answered(value: object, status: int = 200) -> Response:
    return Response(msgspec.json.encode(value), status, mimetype="application/json")


class Mark(NamedTuple):
    """Where the next page begins: after the row called `key` of `symbol`."""

    symbol: str
    ts: int
    key: int

    @property
    def token(self) -> str:
        return base64.urlsafe_b64encode(f"{self.symbol}|{self.ts}|{self.key}".encode()).decode()


def mark_of(token: str) -> Mark:
    try:
        symbol, ts, key = base64.urlsafe_b64decode(token.encode()).decode().split("|")
        return Mark(symbol, int(ts), int(key))
    except (ValueError, binascii.Error, UnicodeError):
        raise Refused("invalid page_token") from None


class Span(Struct, frozen=True):
    """From `start` to `end`, both included, UTC ns; at most `limit` rows in all."""

    start: int
    end: int
    limit: int
    is_descending: bool
    mark: Mark | None

    def delayed(self, latest: int) -> "Span":
        return replace(self, end=min(self.end, latest))


class Query:
    """The parameters of a request, as text by name."""

    def __init__(self, values: Mapping[str, str]) -> None:
        self._values = values

    def text(self, name: str, default: str = "") -> str:
        return self._values.get(name, default).strip()

    def symbols(self) -> list[str]:
        """In order, each once."""
        given = [each.strip().upper() for each in self.text("symbols").split(",")]
        wanted = sorted({each for each in given if each})
        if not wanted:
            raise Refused("symbols is required")
        if len(wanted) > MOST_SYMBOLS:
            raise Refused(f"too many symbols: at most {MOST_SYMBOLS:,}, found {len(wanted):,}")
        return [checked(each) for each in wanted]

    def one_of(self, name: str, choices: tuple[str, ...], default: str) -> str:
        value = self.text(name) or default
        if value not in choices:
            raise Refused(f"invalid {name}: {shortened(value)}")
        return value

    def whole(self, name: str, default: int, most: int, least: int = 1) -> int:
        text = self.text(name)
        if not text:
            return default
        if not (text.isascii() and text.isdigit() and len(text) < 12 and least <= int(text) <= most):
            raise Refused(f"invalid {name}: {shortened(text)}; it must be from {least} to {most:,}")
        return int(text)

    def frame(self) -> Frame:
        text = self.text("timeframe")
        found = frame_of(text)
        if found is None:
            raise Refused(f"invalid timeframe: {shortened(text)}" if text else "timeframe is required")
        return found

    def moment(self, name: str, default: int, zone: str) -> int:
        text = self.text(name)
        found = moment_of(text, zone) if text else default
        if found is None:
            raise Refused(f"invalid {name}: {shortened(text)}; it must be an RFC 3339 time or a date")
        return found

    def span(self, today: int, now: int, zone: str) -> Span:
        """From the beginning of the present day up to now, where nothing else is said; never later than now."""
        end = self.moment("end", now, zone)
        start = self.moment("start", min(today, end), zone)
        if start > end:
            raise Refused("end should not be before start")
        token = self.text("page_token")
        limit = self.whole("limit", STANDARD_LIMIT, MOST)
        is_descending = self.one_of("sort", SORTS, "asc") == "desc"
        return Span(start, min(end, now), limit, is_descending, mark_of(token) if token else None)

    def adjustment(self) -> frozenset[str]:
        """For what bars are to be adjusted: some of ADJUSTMENTS."""
        text = self.text("adjustment") or "raw"
        unknown = [each for each in text.split(",") if each not in ADJUSTMENTS]
        if unknown:
            raise Refused(f"invalid adjustment: {shortened(unknown[0])}")
        return frozenset(text.split(","))


def checked(symbol: str) -> str:
    name = symbol.strip().upper()
    if not is_symbol(name):
        raise Refused(f"invalid symbol: {shortened(symbol)}")
    return name


def shortened(text: str) -> str:
    return text if len(text) <= 40 else text[:40] + "…"
