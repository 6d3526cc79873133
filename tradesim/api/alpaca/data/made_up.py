"""`/v2/test`: a made-up share that trades once a second at any hour, for those who try out their client."""

import math
from collections.abc import Callable, Iterable

from tradesim.api.alpaca.data import messages as said
from tradesim.api.alpaca.data.broadcast import Source
from tradesim.api.alpaca.data.messages import Message
from tradesim.api.alpaca.data.pump import Interest
from tradesim.api.alpaca.data.talk import Subscriptions
from tradesim.kernel.clock import NS_PER_SECOND

SYMBOL = "FAKEPACA"
BASE, SWING, PERIOD_S = 132.0, 1.5, 240
SECONDS_OF_MINUTE, SECONDS_OF_DAY = 60, 86_400
MOST_AT_ONCE = 5
EXCHANGE, TAPE = "N", "A"


class MadeUp(Source):
    """What it says depends on the second of the clock alone, so that every client sees the same. `now` is UTC ns."""

    def __init__(self, now: Callable[[], int]) -> None:
        self._now = now
        self._second = 0
        self._interest = Interest()

    def follow(self, subscriptions: Iterable[Subscriptions]) -> None:
        if not self._interest:
            self._second = self._now() // NS_PER_SECOND
        self._interest = Interest.of(subscriptions)

    def collect(self) -> list[Message]:
        second = self._now() // NS_PER_SECOND
        if second == self._second:
            return []
        first = max(self._second + 1, second - MOST_AT_ONCE + 1)
        self._second = second
        return [each for n in range(first, second + 1) for each in of_second(n)]


def of_second(second: int) -> list[Message]:
    ts, price, size = second * NS_PER_SECOND, price_at(second), size_at(second)
    made = [
        Message(
            "quotes",
            SYMBOL,
            ts,
            said.QuoteSaid(
                SYMBOL, EXCHANGE, round(price + 0.01, 2), 3, EXCHANGE, round(price - 0.01, 2), 2, ["R"], TAPE
            ),
        ),
        Message("trades", SYMBOL, ts, said.TradeSaid(SYMBOL, second, EXCHANGE, price, size, ["@"], TAPE)),
    ]
    if second % SECONDS_OF_MINUTE == 0:
        begin = second - SECONDS_OF_MINUTE
        made.append(Message("bars", SYMBOL, begin * NS_PER_SECOND, said.BarSaid(*bar_of(begin, second))))
        day = second - 1 - (second - 1) % SECONDS_OF_DAY
        made.append(Message("dailyBars", SYMBOL, day * NS_PER_SECOND, said.DailyBarSaid(*bar_of(day, second))))
    return made


def price_at(second: int) -> float:
    return round(BASE + SWING * math.sin(2 * math.pi * second / PERIOD_S), 2)


def size_at(second: int) -> int:
    return 100 + 100 * (second % 3)


def bar_of(first: int, end: int) -> tuple[str, float, float, float, float, float, int, float]:
    """Of the seconds in [first, end). A day is more than one period, so its extremes are the curve's own."""
    shown = range(first, min(end, first + PERIOD_S))
    prices = [price_at(each) for each in shown]
    sizes = [size_at(each) for each in shown]
    volume = sum(size_at(each) for each in range(3)) * (end - first) // 3
    value = sum(price * size for price, size in zip(prices, sizes, strict=True)) / sum(sizes)
    count = end - first
    return SYMBOL, prices[0], max(prices), min(prices), price_at(end - 1), volume, count, round(value, 6)
