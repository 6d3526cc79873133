"""The desk's answer to the chart: bars as columns of whole numbers, or one sentence. Pure but for the desk it reads."""

from collections.abc import Mapping
from typing import Any

from msgspec import Struct

from tradesim.desk.desk import Desk
from tradesim.kernel.clock import NS_PER_SECOND
from tradesim.model.market import Timeframe
from tradesim.model.series import Bars

LIMIT = 5_000
NS_PER_MS = NS_PER_SECOND // 1_000


class Wanted(Struct, frozen=True):
    """What the browser asks for; `before` in UTC ms asks for bars that began earlier."""

    ask: int
    symbol: str
    timeframe: Timeframe
    before: int | None = None


def wanted_of(raw: object) -> Wanted | str:
    """The request, or a sentence that says what is wrong with it."""
    if not isinstance(raw, Mapping):
        return f"the chart's request must be an object, was {type(raw).__name__}"
    timeframes = [each.value for each in Timeframe]
    if raw.get("timeframe") not in timeframes:
        return f"timeframe must be one of {', '.join(timeframes)}, was {raw.get('timeframe')!r}"
    before = raw.get("before")
    if before is not None and not isinstance(before, int):
        return f"before must be whole milliseconds, was {before!r}"
    ask, symbol = raw.get("ask"), raw.get("symbol")
    if not isinstance(ask, int) or not isinstance(symbol, str):
        return f"ask must be a number and symbol a text, were {ask!r} and {symbol!r}"
    return Wanted(ask, symbol, Timeframe(raw["timeframe"]), before)


def answer(desk: Desk, raw: object, limit: int = LIMIT) -> dict[str, Any]:
    wanted = wanted_of(raw)
    if isinstance(wanted, str):
        return refused(raw, wanted)
    if wanted.symbol not in desk.instruments:
        return refused(raw, f"{wanted.symbol} is not traded in this market.")
    before = None if wanted.before is None else wanted.before * NS_PER_MS
    bars = desk.bars(wanted.symbol, wanted.timeframe, limit, before)
    return {
        "ask": wanted.ask,
        "symbol": wanted.symbol,
        "timeframe": wanted.timeframe.value,
        "before": wanted.before,
        "zone": desk.status().zone,
        "complete": len(bars) < limit,
        **columns(bars),
    }


def refused(raw: object, sentence: str) -> dict[str, Any]:
    asked = raw if isinstance(raw, Mapping) else {}
    return {"ask": asked.get("ask"), "before": asked.get("before"), "error": sentence}


def columns(bars: Bars) -> dict[str, list[int]]:
    """Starts in ms, prices in ticks, volume in lots."""
    return {
        "start": (bars.start // NS_PER_MS).tolist(),
        "open": bars.open.tolist(),
        "high": bars.high.tolist(),
        "low": bars.low.tolist(),
        "close": bars.close.tolist(),
        "volume": bars.volume.tolist(),
    }
