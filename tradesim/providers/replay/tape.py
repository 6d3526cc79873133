"""The prints of one recording as columns, and the history that they make up to a moment."""

from typing import Any

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from tradesim.marketdata.bars import MINUTES_KEPT, SECONDS_KEPT
from tradesim.marketdata.resample import bars_of_trades, bucket_start
from tradesim.model.market import Side, Timeframe, Trade
from tradesim.model.series import Bars, History

AGGRESSORS = {1: Side.BUY, -1: Side.SELL, 0: None}


class Tape(Struct, frozen=True):
    """`time` in UTC ns, ascending; `price` in ticks, `qty` in lots, `aggressor` 1 buy, -1 sell, 0 not known."""

    time: NDArray[np.int64]
    price: NDArray[np.signedinteger[Any]]
    qty: NDArray[np.signedinteger[Any]]
    aggressor: NDArray[np.int8]

    def __len__(self) -> int:
        return len(self.time)

    def trade(self, symbol: str, number: int) -> Trade:
        """Print `number`, from 0; its id counts from 1."""
        aggressor = AGGRESSORS[int(self.aggressor[number])]
        price, qty = int(self.price[number]), int(self.qty[number])
        return Trade(symbol, number + 1, price, qty, aggressor, int(self.time[number]))

    def history(self, count: int, zone: str) -> History:
        """Bars of the first `count` prints: seconds of the last hours, minutes of the last weeks, every day."""
        if count == 0:
            return History(*(self._bars(0, 0, timeframe, zone) for timeframe in PARTS))
        last = int(self.time[count - 1])
        first_second = bucket_start(last - SECONDS_KEPT * Timeframe.S1.ns, Timeframe.M1, zone)
        first_minute = bucket_start(last - MINUTES_KEPT * Timeframe.M1.ns, Timeframe.D1, zone)
        seconds = self._bars(self._at(first_second), count, Timeframe.S1, zone)
        minutes = self._bars(self._at(first_minute), count, Timeframe.M1, zone)
        return History(seconds, minutes, self._bars(0, count, Timeframe.D1, zone))

    def _at(self, time: int) -> int:
        return int(np.searchsorted(self.time, time))

    def _bars(self, first: int, end: int, timeframe: Timeframe, zone: str) -> Bars:
        rows = slice(first, end)
        return bars_of_trades(self.time[rows], self.price[rows], self.qty[rows], timeframe, zone)


PARTS = (Timeframe.S1, Timeframe.M1, Timeframe.D1)
