"""Those who trade in the call auctions of one instrument: at the open, by what the night has told, and at the close.

Most leave a limit around what they believe, some take any price, and some wait for the published imbalance and
offer what is missing, as those who are paid for it do.
"""

import math

from tradesim.kernel.clock import NS_PER_SECOND
from tradesim.model.market import Auction, Side
from tradesim.simulator.floor import Floor
from tradesim.simulator.hours import NS_PER_MINUTE, Session

CALLED_BEFORE_OPEN_NS = 2 * NS_PER_MINUTE
CALLED_BEFORE_CLOSE_NS = 10 * NS_PER_MINUTE
"""As at Nasdaq: order imbalances are told from 09:28 and from 15:50."""
ORDERS = {Auction.OPEN: 90, Auction.CLOSE: 140}
AT_ANY_PRICE = 0.25
SPREADS_AROUND = 6.0
LOTS = 6.0
LEAN = 0.08
"""How far one side may outweigh the other in an auction: standard deviation of the chance to buy."""
HELP_S = 5.0
HELPED = 0.5
"""Of an imbalance, the share that is offered after each look at it."""


class Callers:
    """Sends the orders of one auction after another."""

    name = "~auction"

    def __init__(self, floor: Floor) -> None:
        self._floor = floor
        self._chance = 0.5
        self._kind: Auction | None = None

    def begin(self, at: int, ends: int, kind: Auction) -> None:
        """Call an auction at `at` that is held at `ends`."""
        self._floor.schedule(at, self.call, (ends, kind))

    def call(self, now: int, call: tuple[int, Auction]) -> None:
        """Orders come at any moment until the end, then all that can trade does."""
        (ends, kind), floor = call, self._floor
        self._kind = kind
        self._chance = min(0.8, max(0.2, 0.5 + LEAN * floor.rng.gauss(0.0, 1.0)))
        floor.call_auction(kind, now)
        for _ in range(ORDERS[kind]):
            floor.schedule(now + int(floor.rng.random() * (ends - now)), self.wish, None)
        floor.schedule(now + int(HELP_S * NS_PER_SECOND), self.help, ends)
        floor.schedule(ends, self.uncross, None)

    def wish(self, now: int, _: None) -> None:
        floor = self._floor
        sign = 1 if floor.rng.random() < self._chance else -1
        price = None
        if floor.rng.random() >= AT_ANY_PRICE:
            away = floor.profile.spread * SPREADS_AROUND * floor.rng.gauss(0.0, 1.0)
            price = max(1, round(floor.value + away))
        floor.wish(self.name, sign, price, self._lots(), now)

    def help(self, now: int, ends: int) -> None:
        """Offer a part of what is missing, at the indicated price."""
        floor = self._floor
        if self._kind is None or now >= ends:
            return
        found = floor.indicative(now)
        if found is not None and found.side is not None and found.price is not None:
            lot = floor.profile.round_lot
            qty = int(found.imbalance * HELPED) // lot * lot
            if qty:
                floor.wish(self.name, -1 if found.side is Side.BUY else 1, found.price, qty, now)
        floor.schedule(now + int(HELP_S * NS_PER_SECOND), self.help, ends)

    def uncross(self, now: int, _: None) -> None:
        self._kind = None
        self._floor.uncross(now)

    def _lots(self) -> int:
        profile, rng = self._floor.profile, self._floor.rng
        drawn = profile.order_lots[int(rng.random() * len(profile.order_lots))]
        lot = profile.round_lot
        return max(lot, round(drawn * LOTS * math.exp(rng.gauss(-0.5, 1.0)) / lot) * lot)


def plan(callers: Callers, core: Session, now: int) -> None:
    """Call what of the day's two auctions is still to come."""
    for at, before, kind in (
        (core.open, CALLED_BEFORE_OPEN_NS, Auction.OPEN),
        (core.close, CALLED_BEFORE_CLOSE_NS, Auction.CLOSE),
    ):
        if at > now:
            callers.begin(max(now, at - before), at, kind)
