"""Fills become round trips: from a flat position to a flat one, matched first in, first out.

A fill that crosses zero ends one trip and begins the next; its fee is shared by quantity, in whole cents. A trip is
named by its first fill. Profit is money, gross of fees unless said.
"""

from collections import deque
from dataclasses import dataclass, field
from decimal import Decimal

from msgspec import Struct
from msgspec.structs import replace

from tradesim.model.events import PositionSplit
from tradesim.model.market import Side
from tradesim.model.orders import Fill
from tradesim.trading.corporate import FINEST
from tradesim.trading.money import cents

ZERO = Decimal(0)
SETUP = "setup:"
"""A tag that begins so names the setup behind the trade."""


class Leg(Struct, frozen=True):
    """What one fill did to a trip: signed `qty` at `price`, with its part of the fee."""

    fill: Fill
    qty: Decimal
    price: Decimal
    fee: Decimal


class Match(Struct, frozen=True):
    """A quantity that was entered and left, first in, first out."""

    entry_id: str
    exit_id: str
    qty: Decimal
    entry_price: Decimal
    exit_price: Decimal
    pl: Decimal


class RoundTrip(Struct, frozen=True):
    """`side` is that of the entry: buy is long. `qty` is all that was entered, `left` (signed) what is still held.

    `gross_pl` is what the matched part brought; `exit_at` is None while the trip is open. `seq` is the row of the
    journal with its first fill. `cash_in_lieu` is money for what a split left of a share.
    """

    id: str
    account_id: str
    symbol: str
    side: Side
    qty: Decimal
    entry_price: Decimal
    entry_at: int
    left: Decimal
    gross_pl: Decimal = ZERO
    fees: Decimal = ZERO
    exit_qty: Decimal = ZERO
    exit_price: Decimal | None = None
    exit_at: int | None = None
    source: str = ""
    tag: str = ""
    seq: int = 0
    cash_in_lieu: Decimal = ZERO
    legs: tuple[Leg, ...] = ()
    matches: tuple[Match, ...] = ()

    @property
    def is_closed(self) -> bool:
        return self.exit_at is not None

    @property
    def net_pl(self) -> Decimal:
        return self.gross_pl + self.cash_in_lieu - self.fees

    @property
    def hold_ns(self) -> int | None:
        return None if self.exit_at is None else self.exit_at - self.entry_at

    @property
    def net_return(self) -> Decimal:
        """Net profit over the value entered."""
        value = self.entry_price * self.qty
        return self.net_pl / value if value else ZERO


@dataclass(slots=True)
class Lot:
    """What is left of an entry."""

    entry_id: str
    qty: Decimal
    price: Decimal


@dataclass(slots=True)
class OpenTrip:
    """A trip in the making. Values of what was entered and left are sums, averages are made at the end."""

    first: Fill
    source: str
    tag: str
    seq: int
    lots: deque[Lot] = field(default_factory=deque)
    legs: list[Leg] = field(default_factory=list)
    matches: list[Match] = field(default_factory=list)
    entered: Decimal = ZERO
    entered_value: Decimal = ZERO
    exited: Decimal = ZERO
    exited_value: Decimal = ZERO
    cash_in_lieu: Decimal = ZERO

    @property
    def sign(self) -> int:
        return self.first.side.sign

    @property
    def left(self) -> Decimal:
        return (self.entered - self.exited) * self.sign

    def take(self, fill: Fill, qty: Decimal, fee: Decimal) -> None:
        """`qty` (unsigned) of the fill; never more than what is left when it goes the other way."""
        self.legs.append(Leg(fill, qty * fill.side.sign, fill.price, fee))
        if fill.side is self.first.side:
            self.lots.append(Lot(fill.id, qty, fill.price))
            self.entered += qty
            self.entered_value += qty * fill.price
        else:
            self.exited += qty
            self.exited_value += qty * fill.price
            self._match(fill, qty)

    def split(self, event: PositionSplit) -> None:
        """Quantities grow by the ratio, and prices shrink; in all `event.qty` is held after.

        What is left of a share leaves with the youngest lots; they take up what the last digit rounds away.
        """
        for lot in self.lots:
            cost, lot.qty = lot.qty * lot.price, rounded(lot.qty * event.ratio)
            lot.price = cost / lot.qty if lot.qty else lot.price / event.ratio
        self.exited = rounded(self.exited * event.ratio)
        self.legs = [
            replace(leg, qty=rounded(leg.qty * event.ratio), price=leg.price / event.ratio) for leg in self.legs
        ]
        self.cash_in_lieu += event.cash_in_lieu
        self.lots = deque(lot for lot in self.lots if lot.qty) or self.lots
        over = sum((lot.qty for lot in self.lots), ZERO) - abs(event.qty)
        if over > FINEST * (len(self.lots) + 1):
            cost = self._give_up(over)
            self.exited += over
            self.exited_value += cost
            self.cash_in_lieu -= cost * self.sign
        else:
            self._round_off(over)
        self.entered = self.exited + abs(event.qty)

    def _give_up(self, qty: Decimal) -> Decimal:
        """`qty` of the youngest lots leaves; what it cost."""
        cost = ZERO
        while qty and self.lots:
            lot = self.lots[-1]
            part = min(qty, lot.qty)
            cost += part * lot.price
            lot.qty -= part
            qty -= part
            if not lot.qty:
                self.lots.pop()
        return cost

    def _round_off(self, over: Decimal) -> None:
        """The youngest lot takes up `over` (below zero: gives it), and keeps what it cost in all."""
        cost = self._give_up(max(over, ZERO))
        if self.lots:
            lot = self.lots[-1]
            cost += lot.qty * lot.price
            lot.qty -= min(over, ZERO)
            lot.price = cost / lot.qty if lot.qty else lot.price
        self.lots = deque(lot for lot in self.lots if lot.qty)

    def trip(self, exit_at: int | None = None) -> RoundTrip:
        first = self.first
        return RoundTrip(
            id=first.id,
            account_id=first.account_id,
            symbol=first.symbol,
            side=first.side,
            qty=self.entered,
            entry_price=self.entered_value / self.entered if self.entered else first.price,
            entry_at=first.ts_event,
            left=self.left,
            gross_pl=sum((match.pl for match in self.matches), ZERO),
            fees=sum((leg.fee for leg in self.legs), ZERO),
            exit_qty=self.exited,
            exit_price=self.exited_value / self.exited if self.exited else None,
            exit_at=exit_at,
            source=self.source,
            tag=self.tag,
            seq=self.seq,
            cash_in_lieu=self.cash_in_lieu,
            legs=tuple(self.legs),
            matches=tuple(self.matches),
        )

    def _match(self, fill: Fill, qty: Decimal) -> None:
        while qty:
            lot = self.lots[0]
            taken = min(qty, lot.qty)
            pl = (fill.price - lot.price) * taken * self.sign
            self.matches.append(Match(lot.entry_id, fill.id, taken, lot.price, fill.price, pl))
            qty -= taken
            lot.qty -= taken
            if not lot.qty:
                self.lots.popleft()


def rounded(qty: Decimal) -> Decimal:
    return qty.quantize(FINEST).normalize() + ZERO


class TripMatcher:
    """One account's fills, in order. `take` answers with the trip that a fill ended, if it did."""

    def __init__(self) -> None:
        self._open: dict[str, OpenTrip] = {}

    @property
    def open(self) -> list[RoundTrip]:
        """Those still held, the one entered first first."""
        return [each.trip() for each in sorted(self._open.values(), key=lambda each: each.seq)]

    def opened(self, symbol: str) -> Fill | None:
        """The fill that began the trip that is open in `symbol`."""
        trip = self._open.get(symbol)
        return None if trip is None else trip.first

    def take(self, fill: Fill, source: str = "", tag: str = "", seq: int = 0) -> RoundTrip | None:
        trip = self._open.get(fill.symbol)
        if trip is None:
            trip = self._open[fill.symbol] = OpenTrip(fill, source, tag, seq)
        left = trip.left * -fill.side.sign
        closing = fill.qty if fill.side is trip.first.side else min(fill.qty, left)
        fee = fill.fee if closing == fill.qty else cents(fill.fee * closing / fill.qty)
        trip.take(fill, closing, fee)
        if trip.lots:
            return None
        del self._open[fill.symbol]
        if fill.qty > closing:
            crossing = self._open[fill.symbol] = OpenTrip(fill, source, tag, seq)
            crossing.take(fill, fill.qty - closing, fill.fee - fee)
        return trip.trip(fill.ts_event)

    def split(self, event: PositionSplit) -> RoundTrip | None:
        """A trip that ends with it, where nothing of it is left."""
        trip = self._open.get(event.symbol)
        if trip is None:
            return None
        trip.split(event)
        if event.qty:
            return None
        del self._open[event.symbol]
        return trip.trip(event.ts_event)

    def forget(self) -> None:
        """The account was reset: what was held was written off."""
        self._open.clear()


def setup_of(tag: str, tags: tuple[str, ...] = ()) -> str:
    """The setup named by the trip's own tag or by one of the journal's, empty when none is."""
    return next((each[len(SETUP) :].strip() for each in (*tags, tag) if each.startswith(SETUP)), "")
