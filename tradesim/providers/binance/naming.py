"""What Binance calls a pair: `BTCUSDT`, without a seam. The seam is known from what was asked for or from its list."""

from tradesim.kernel.errors import UnknownSymbol


def binance_name(symbol: str) -> str:
    """Raises UnknownSymbol for what is not a pair."""
    base, slash, quote = symbol.partition("/")
    if not (slash and base and quote):
        raise UnknownSymbol(f"Binance trades pairs such as BTC/USDT; {symbol} is not one")
    return base + quote
