"""Random tapes: bars asked of the store equal bars made the slow and obvious way."""

import random
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from tradesim.marketdata.bars import BarStore
from tradesim.model.instrument import AssetClass, Instrument
from tradesim.model.market import Timeframe, Trade

SECOND = 1_000_000_000
ZONES = {"ACME": "America/New_York", "BTC/USD": "UTC"}
INSTRUMENTS = {
    "ACME": Instrument("ACME", "Acme Corporation"),
    "BTC/USD": Instrument("BTC/USD", "Bitcoin", AssetClass.CRYPTO),
}


def naive_start(time: int, timeframe: Timeframe, zone: str) -> int:
    if timeframe not in (Timeframe.H4, Timeframe.D1):
        return time // timeframe.ns * timeframe.ns
    local = datetime.fromtimestamp(time // SECOND, ZoneInfo(zone))
    hour = local.hour // 4 * 4 if timeframe is Timeframe.H4 else 0
    start = datetime(local.year, local.month, local.day, hour, tzinfo=ZoneInfo(zone))
    return int(start.timestamp()) * SECOND


def naive_bars(tape: list[Trade], timeframe: Timeframe) -> list[tuple[int, ...]]:
    found: dict[int, list[int]] = {}
    for trade in tape:
        start = naive_start(trade.ts_event, timeframe, ZONES[trade.symbol])
        if start not in found:
            found[start] = [trade.price, trade.price, trade.price, trade.price, trade.qty]
            continue
        bar = found[start]
        bar[1], bar[2] = max(bar[1], trade.price), min(bar[2], trade.price)
        bar[3] = trade.price
        bar[4] += trade.qty
    return [(start, *bar) for start, bar in found.items()]


@pytest.mark.parametrize("seed", range(8))
def test_resampled_bars_equal_naive_ones(seed: int):
    rng = random.Random(seed)
    symbol = rng.choice(sorted(ZONES))
    store = BarStore(INSTRUMENTS)
    clocks_change = rng.choice(["2024-03-09", "2024-11-02", "2024-07-01"])
    time = int(datetime.fromisoformat(clocks_change).timestamp()) * SECOND
    price, tape = 10_000, []
    for number in range(3_000):
        time += rng.choice([0, 1, SECOND // 3, SECOND, 7 * SECOND, rng.randrange(240 * SECOND)])
        price = max(1, price + rng.randint(-9, 9))
        trade = Trade(symbol, number, price, rng.randrange(500), None, time)
        tape.append(trade)
        store.add(trade)
    for timeframe in Timeframe:
        wanted = naive_bars(tape, timeframe)
        found = [
            tuple(int(value) for value in row) for row in zip(*store.bars(symbol, timeframe).columns(), strict=True)
        ]
        assert found == wanted[-len(found) :]
        assert len(found) == min(len(wanted), 5_000)
