"""What Binance calls a pair: `BTCUSDT`, without a seam. The seam is known from what was asked for or from its list."""

from collections.abc import Iterable

from tradesim.kernel.errors import UnknownSymbol


def binance_name(symbol: str) -> str:
    """Raises UnknownSymbol for what is not a pair."""
    base, slash, quote = symbol.partition("/")
    if not (slash and base and quote):
        raise UnknownSymbol(f"Binance trades pairs such as BTC/USDT; {symbol} is not one")
    return base + quote


def symbols_by_name(symbols: Iterable[str]) -> dict[str, str]:
    return {binance_name(symbol): symbol for symbol in symbols}
