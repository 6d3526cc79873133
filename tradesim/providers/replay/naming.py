"""What a recording is of, told by its file's name: the symbol, its class and currency."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from tradesim.kernel.errors import Refused
from tradesim.model.instrument import AssetClass

CURRENCIES = ("USD", "EUR", "GBP", "JPY", "CHF", "AUD", "CAD", "NZD", "SEK", "NOK", "MXN", "CNH")
STABLE = ("USDT", "USDC", "BUSD")
COINS = (
    *("BTC", "XBT", "ETH", "SOL", "XRP", "LTC", "XMR", "DOGE", "ADA", "BNB", "DOT", "AVAX", "LINK", "MATIC"),
    *("TRX", "BCH", "ETC", "UNI", "ATOM", "XLM", "EOS", "DASH", "ZEC", "NEO", "ALGO", "FIL", "SHIB"),
)
QUOTES = (*STABLE, *CURRENCIES, *COINS)
SEPARATORS = re.compile(r"[_\-/ .]+")


@dataclass(frozen=True, slots=True)
class Subject:
    symbol: str
    asset_class: AssetClass
    currency: str


def subject_of(name: str, mapping: Mapping[str, str]) -> Subject:
    """From `symbol` and `class` of the mapping where given, else from the file's name. Raises Refused."""
    words = [word.upper() for word in SEPARATORS.split(mapping.get("symbol") or name) if word]
    if not words:
        raise Refused(f"the name {name} does not tell the symbol: give --map symbol=SYMBOL")
    base, quote = _pair(words)
    guessed = AssetClass.US_EQUITY if not quote else AssetClass.FOREX if base in CURRENCIES else AssetClass.CRYPTO
    symbol = mapping.get("symbol") or (f"{base}/{quote}" if quote else base)
    return Subject(symbol.upper(), _class(mapping, guessed), quote or "USD")


def _pair(words: list[str]) -> tuple[str, str]:
    """Base and quote currency; an empty quote where the name is not a pair of currencies."""
    known = (*CURRENCIES, *COINS)
    first = words[0]
    if len(words) > 1 and first in known and words[1] in QUOTES:
        return first, words[1]
    for quote in QUOTES:
        base = first.removesuffix(quote)
        if base != first and base in known:
            return base, quote
    return first, ""


def _class(mapping: Mapping[str, str], guessed: AssetClass) -> AssetClass:
    named = mapping.get("class")
    if named is None:
        return guessed
    try:
        return AssetClass(named)
    except ValueError:
        wanted = ", ".join(AssetClass)
        raise Refused(f"--map class wants one of {wanted}, found {named}") from None
