"""What Coinbase calls a pair: `BTC-USD`."""

from tradesim.kernel.errors import UnknownSymbol


def product_of(symbol: str) -> str:
    """Raises UnknownSymbol for what is not a pair."""
    base, slash, quote = symbol.partition("/")
    if not (slash and base and quote):
        raise UnknownSymbol(f"Coinbase trades pairs such as BTC/USD; {symbol} is not one")
    return f"{base}-{quote}"


def symbol_of(product: str) -> str:
    return product.replace("-", "/")
