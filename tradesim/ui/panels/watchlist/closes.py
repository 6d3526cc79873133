"""The last hour of each instrument, for its sparkline."""

from collections.abc import Iterable

from tradesim.desk.desk import Desk
from tradesim.model.market import Timeframe

MINUTES = 60


def closes(desk: Desk, symbols: Iterable[str]) -> dict[str, list[int]]:
    """Closes in ticks of the last `MINUTES` one-minute bars, oldest first, the last one forming."""
    return {symbol: desk.bars(symbol, Timeframe.M1, limit=MINUTES).close.tolist() for symbol in symbols}
