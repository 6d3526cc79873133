"""How Polygon spells symbols."""

from tradesim.model.instrument import AssetClass

PROVIDER = "polygon"
CLASS_BY_MARKET = {"crypto": AssetClass.CRYPTO, "fx": AssetClass.FOREX}
PREFIXES = ("X:", "C:")
DOLLAR_LENGTH = 3


def spelled(symbol: str, asset_class: AssetClass | None = None) -> str:
    """Our `BTC/USD` is `X:BTCUSD`, or `C:` where both are currencies."""
    base, slash, quoted = symbol.partition("/")
    if not slash:
        return symbol
    is_money = asset_class is AssetClass.FOREX or {base, quoted} <= CURRENCIES
    return f"{'C' if is_money else 'X'}:{base}{quoted}"


def our_symbol(theirs: str) -> str:
    if theirs.startswith(PREFIXES):
        pair = theirs[2:]
        return f"{pair[:-DOLLAR_LENGTH]}/{pair[-DOLLAR_LENGTH:]}"
    return theirs


CURRENCIES = frozenset({"USD", "EUR", "GBP", "JPY", "CHF", "AUD", "CAD", "NZD", "SEK", "NOK", "MXN", "CNH"})
