"""What a recording is of, told by its file's name: the symbol, its class and currency."""

import re
import unicodedata
from collections.abc import Mapping

from msgspec import Struct

from tradesim.kernel.errors import Refused
from tradesim.model.instrument import LONGEST_SYMBOL, SYMBOL_IN_WORDS, AssetClass, is_symbol

CURRENCIES = ("USD", "EUR", "GBP", "JPY", "CHF", "AUD", "CAD", "NZD", "SEK", "NOK", "MXN", "CNH")
STABLE = ("USDT", "USDC", "BUSD")
COINS = (
    *("BTC", "XBT", "ETH", "SOL", "XRP", "LTC", "XMR", "DOGE", "ADA", "BNB", "DOT", "AVAX", "LINK", "MATIC"),
    *("TRX", "BCH", "ETC", "UNI", "ATOM", "XLM", "EOS", "DASH", "ZEC", "NEO", "ALGO", "FIL", "SHIB"),
)
QUOTES = (*STABLE, *CURRENCIES, *COINS)
BETWEEN_WORDS = re.compile(r"[^A-Z0-9]+")

SHOWN = 40


class Subject(Struct, frozen=True):
    symbol: str
    asset_class: AssetClass
    currency: str


def subject_of(name: str, mapping: Mapping[str, str]) -> Subject:
    """From `symbol` and `class` of the mapping where given, else from the file's name. Raises Refused."""
    mapped = mapped_symbol(mapping)
    words = _words(mapped or name)
    if not words:
        raise Refused(f"the name {name} does not tell the symbol: give --map symbol=SYMBOL")
    base, quote = _pair(words)
    guessed = AssetClass.US_EQUITY if not quote else AssetClass.FOREX if base in CURRENCIES else AssetClass.CRYPTO
    symbol = mapped or (f"{base}/{quote}" if quote else base[:LONGEST_SYMBOL])
    return Subject(symbol, _class(mapping, guessed), quote or "USD")


def mapped_symbol(mapping: Mapping[str, str]) -> str:
    """What `--map symbol=` says, in capitals; empty where it says nothing. Raises Refused."""
    symbol = mapping.get("symbol", "").upper()
    if symbol and not is_symbol(symbol):
        raise Refused(f"--map symbol wants {SYMBOL_IN_WORDS}, found {symbol[:SHOWN]}")
    return symbol


def symbol_in(name: str) -> str:
    """`name` itself where it is written like a symbol, else its first word; empty where it has none."""
    return name.upper() if is_symbol(name.upper()) else next(iter(_words(name)), "")[:LONGEST_SYMBOL]


def _words(name: str) -> list[str]:
    """What a symbol may be made of, in capitals: accents are taken off, all other marks come between words."""
    plain = "".join(each for each in unicodedata.normalize("NFKD", name) if not unicodedata.combining(each))
    return [word for word in BETWEEN_WORDS.split(plain.upper()) if word]


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
