"""A month of trading, written into a data folder as the desk itself writes it: `python -m tests.history FOLDER`.

The real desk on the real venue, with quotes that wander and a trader who mostly follows them; only the clock is driven
by hand. For pictures and for trying the views with more than a day in them.
"""

import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from random import Random

from tests.stage import TOUCH, WITH_FRACTIONS, Stage, StillMarket
from tradesim.kernel.clock import NS_PER_SECOND, ManualClock
from tradesim.model.commands import CancelAllOrders, SubmitOrder
from tradesim.model.market import Side, Trade
from tradesim.model.orders import ExitLeg, OrderClass, TimeInForce
from tradesim.storage.journal import SqlJournal

DAYS, TRADES_A_DAY = 30, 12
OPENS_H = 14.6
STEPS_A_MINUTE, STEP_MS = 4, 15_000
DEEP = 20
SIZES = {"AAPL": (50, 100, 150), "F": (500, 1_000), "BTC/USD": (Decimal("0.1"), Decimal("0.2"))}
SETUPS = ("", "setup:opening range", "setup:pullback", "setup:pullback", "late")
NOTES = (
    ("Waited for the second test of the level; got out when it stalled.", ("patient",)),
    ("Chased. The pullback was already over when I bought.", ("chased",)),
    ("As planned: in at the level, out at the target.", ("patient", "planned")),
)


class WanderingMarket(StillMarket):
    """Quotes that are taken back and given anew around a price with a drift that turns slowly."""

    def __init__(self, start: int, random: Random) -> None:
        super().__init__(start, instruments=WITH_FRACTIONS)
        self._random = random
        self._quotes = {symbol: list(self.venue.book(symbol).orders) for symbol in self.instruments}
        self.mids = {symbol: (bid + ask) / 2 for symbol, (bid, ask, _) in TOUCH.items() if symbol in self.instruments}
        self.drifts = dict.fromkeys(self.mids, 0.0)

    def wander(self, now: int) -> None:
        for symbol, drift in self.drifts.items():
            self.drifts[symbol] = drift * 0.99 + self._random.gauss(0, 0.000012)
            self.mids[symbol] *= 1 + self.drifts[symbol] + self._random.gauss(0, 0.00016)
            self._quote(symbol, round(self.mids[symbol]), now)

    def _quote(self, symbol: str, mid: int, now: int) -> None:
        for number in self._quotes[symbol]:
            self.venue.agent_cancel(symbol, number, now)
        size = TOUCH[symbol][2] * DEEP
        self._quotes[symbol] = [
            self.venue.agent_limit(symbol, "~maker", side, mid - side.sign * (1 + step), size, now)
            for step in range(5)
            for side in (Side.BUY, Side.SELL)
        ]


class Month:
    """Drives the desk; the same seed writes the same month."""

    def __init__(self, journal: SqlJournal, end: datetime, days: int, seed: int = 11) -> None:
        self._random = Random(seed)
        self._mornings = list(mornings(end, days))
        clock = ManualClock(self._mornings[0])
        self.market = WanderingMarket(clock.now(), self._random)
        self.stage = Stage(journal, clock=clock, source=self.market, fee=fee)

    def trade(self, trades_a_day: int) -> None:
        for morning in self._mornings:
            self.stage.pass_ms((morning - self.stage.clock.now()) // 1_000_000)
            self.minutes(3)
            for _ in range(trades_a_day):
                self.round_trip()

    def minutes(self, count: int) -> None:
        for _ in range(count * STEPS_A_MINUTE):
            self.market.wander(self.stage.clock.now())
            opened = self.stage.desk._opening.market
            for symbol, mid in self.market.mids.items():
                opened.board.print(Trade(symbol, 1, round(mid), self._random.randint(1, 9) * 10, None, opened.reached))
            self.stage.pass_ms(STEP_MS)

    def round_trip(self) -> None:
        random, stage = self._random, self.stage
        symbol = random.choice(("AAPL", "AAPL", "AAPL", "F", "BTC/USD"))
        instrument = stage.desk.instruments[symbol]
        follows = Side.BUY if self.market.drifts[symbol] > 0 else Side.SELL
        side = Side.BUY if not instrument.shortable else follows if random.random() < 0.8 else follows.opposite
        price = Decimal(round(self.market.mids[symbol])) * instrument.tick_size
        stop, target = (
            (price * (1 - side.sign * Decimal(by))).quantize(instrument.tick_size) for by in ("0.003", "-0.006")
        )
        qty = Decimal(random.choice(SIZES[symbol]))
        entry = SubmitOrder(
            "paper",
            symbol,
            side,
            qty=qty,
            source=random.choice(("ticket", "ladder", "chart")),
            tag=random.choice(SETUPS),
            order_class=OrderClass.BRACKET if instrument.shortable else OrderClass.SIMPLE,
            stop_loss=ExitLeg(stop_price=stop, time_in_force=TimeInForce.GTC) if instrument.shortable else None,
            take_profit=ExitLeg(limit_price=target, time_in_force=TimeInForce.GTC) if instrument.shortable else None,
        )
        stage.ask(entry)
        self.minutes(random.randint(2, 16))
        stage.ask(CancelAllOrders("paper", None))
        self.minutes(1)
        for held in stage.desk.account().positions:
            if left := held.position.qty:
                stage.ask(
                    SubmitOrder("paper", held.position.symbol, Side.SELL if left > 0 else Side.BUY, qty=abs(left))
                )
        self.minutes(random.randint(1, 3))

    def annotate(self) -> None:
        """Something is said of the newest trades."""
        review = self.stage.desk.review
        for view, (note, tags) in zip(review.round_trips(limit=9)[1::3], NOTES, strict=False):
            review.annotate(view.trip.id, note, [*view.tags, *tags])


def mornings(end: datetime, days: int) -> Iterator[int]:
    """Weekdays before `end`, UTC ns."""
    first = end.replace(hour=0, minute=0, second=0, microsecond=0) - timedelta(days)
    for number in range(days):
        day = first + timedelta(number)
        if day.weekday() < 5:
            yield int(day.timestamp() + OPENS_H * 3_600) * NS_PER_SECOND


def fee(_instrument, price: Decimal, qty: Decimal, _liquidity) -> Decimal:
    return max(Decimal("0.35"), price * qty * Decimal("0.00002")).quantize(Decimal("0.01"))


def write(folder: Path, days: int = DAYS, trades_a_day: int = TRADES_A_DAY) -> None:
    journal = SqlJournal.open(folder, 0)
    month = Month(journal, datetime.now(UTC), days)
    month.trade(trades_a_day)
    month.annotate()
    journal.close()


if __name__ == "__main__":
    write(Path(sys.argv[1]))
