"""Real trades joined to real bars: XRP/ETH of October 2019, trade by trade and minute by minute."""

import gzip
import json
import os
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pytest

from tradesim.marketdata.bars import BarStore
from tradesim.model.instrument import AssetClass, Instrument
from tradesim.model.market import Side, Timeframe, Trade

DATA = Path(os.environ.get("TRADESIM_TEST_DATA", Path(__file__).parents[4] / "shared" / "data")) / "market" / "bars"
XRP = Instrument("XRP/ETH", "XRP in ETH", AssetClass.CRYPTO, Decimal("0.00000001"), Decimal("1"), "ETH")
MILLISECOND = 1_000_000


def trades(path: Path) -> Iterator[Trade]:
    with gzip.open(path) as file:
        rows = json.load(file)
    for ms, identity, _, side, price, qty, _ in rows:
        ticks, lots = XRP.ticks(Decimal(str(price))), XRP.lots(Decimal(str(qty)))
        yield Trade("XRP/ETH", int(identity), ticks, lots, Side(side), ms * MILLISECOND)


@pytest.mark.skipif(not DATA.is_dir(), reason="the market data for tests (TRADESIM_TEST_DATA) is not here")
def test_trades_of_xrp_join_to_the_very_minute_bars_of_the_exchange():
    import pandas as pd

    tape = list(trades(DATA / "XRP_ETH-trades.json.gz"))
    store = BarStore({"XRP/ETH": XRP})
    for trade in tape:
        store.add(trade)
    found = store.bars("XRP/ETH", Timeframe.M1)
    frame = pd.read_feather(DATA / "XRP_ETH-1m.feather")
    starts = frame["date"].astype("int64").to_numpy()
    wanted = frame[(starts >= found.start[0]) & (starts <= found.start[-1])]
    assert [int(start) for start in wanted["date"].astype("int64")] == found.start.tolist()
    for name in ("open", "high", "low", "close"):
        assert [round(value * 1e8) for value in wanted[name]] == getattr(found, name).tolist(), name
    assert [int(value) for value in wanted["volume"]] == found.volume.tolist()
    assert len(found) == 2_469
