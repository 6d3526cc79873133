"""How Alpaca writes things: numbers as plain strings, moments with nine digits, names as UUIDs."""

import uuid
from datetime import UTC, datetime
from decimal import Decimal
from functools import lru_cache

from tradesim.kernel.clock import NS_PER_SECOND
from tradesim.model.instrument import AssetClass, Instrument

NAMES = uuid.UUID("6f1d3c52-2c5e-5b52-9d7b-6d1f7a0c4e11")
"""What our ids are derived from: the same in every run and on every machine."""
ASSETS = uuid.UUID("6f6d4f0e-5a5c-5d0c-9a53-3b0b6f6f6b11")
FINEST = Decimal("1E-9")
CENT = Decimal("0.01")
NYSE = frozenset({"BA", "BAC", "C", "DIS", "F", "GE", "GM", "GS", "IBM", "JNJ", "JPM", "KO", "T", "WMT", "XOM"})
ARCA = frozenset({"DIA", "GLD", "IWM", "SPY", "VTI"})


def number(value: Decimal) -> str:
    """`3`, not `3.0`; nine digits behind the point at most; never an exponent."""
    exponent = value.as_tuple().exponent
    if isinstance(exponent, int) and exponent < -9:
        value = value.quantize(FINEST)
    text = f"{value:f}"
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return "0" if text == "-0" else text


def optional(value: Decimal | None) -> str | None:
    return None if value is None else number(value)


def money(value: Decimal) -> str:
    """To the cent."""
    return number(value.quantize(CENT))


def moment(ns: int) -> str:
    """RFC 3339 in UTC, with nanoseconds: `2026-01-05T15:00:00.000000000Z`."""
    seconds, rest = divmod(ns, NS_PER_SECOND)
    return f"{second_text(seconds)}.{rest:09d}Z"


@lru_cache(maxsize=4_096)
def second_text(seconds: int) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%S")


@lru_cache(maxsize=4_096)
def asset_id(symbol: str) -> str:
    return str(uuid.uuid5(ASSETS, symbol))


@lru_cache(maxsize=1_024)
def account_uuid(account_id: str) -> str:
    return str(uuid.uuid5(NAMES, f"account:{account_id}"))


@lru_cache(maxsize=1_024)
def account_number(account_id: str) -> str:
    """`PA` and ten letters or digits, as paper accounts have them."""
    digits = uuid.uuid5(NAMES, f"number:{account_id}").int
    letters = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
    return "PA" + "".join(letters[digits // 36**place % 36] for place in range(10))


def asset_class(instrument: Instrument | None, symbol: str = "") -> str:
    """Alpaca has words for shares and coins; currencies trade as coins do."""
    if instrument is None:
        return "crypto" if "/" in symbol else "us_equity"
    return "us_equity" if instrument.asset_class is AssetClass.US_EQUITY else "crypto"


def exchange(instrument: Instrument | None, symbol: str = "") -> str:
    """One of the names that Alpaca's clients know; shares whose exchange we do not know are at NASDAQ."""
    if asset_class(instrument, symbol) == "crypto":
        return "CRYPTO"
    name = instrument.symbol if instrument else symbol
    return "NYSE" if name in NYSE else "ARCA" if name in ARCA else "NASDAQ"
