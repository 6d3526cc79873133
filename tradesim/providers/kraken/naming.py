"""What Kraken calls a pair: `BTC/USD` on websocket v2 (as we do), `XBT/USD` on v1, `XBTUSD` in REST."""

from tradesim.kernel.errors import UnknownSymbol

OLD_NAMES = {"BTC": "XBT", "DOGE": "XDG"}
NEW_NAMES = {old: new for new, old in OLD_NAMES.items()}


def symbol_of(name: str) -> str:
    """Our symbol of a v1 or v2 name with a slash."""
    base, _, quote = name.partition("/")
    return f"{NEW_NAMES.get(base, base)}/{NEW_NAMES.get(quote, quote)}"


def rest_name(symbol: str) -> str:
    """Raises UnknownSymbol for what is not a pair."""
    base, slash, quote = symbol.partition("/")
    if not (slash and base and quote):
        raise UnknownSymbol(f"Kraken trades pairs such as BTC/USD; {symbol} is not one")
    return OLD_NAMES.get(base, base) + OLD_NAMES.get(quote, quote)
