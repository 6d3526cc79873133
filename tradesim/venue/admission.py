"""What an order must satisfy before it may trade: sound numbers, inside the price band, not against itself."""

from collections.abc import Iterable
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from enum import StrEnum
from typing import NamedTuple

from tradesim.kernel.clock import NS_PER_SECOND
from tradesim.model.instrument import Instrument
from tradesim.model.market import Side
from tradesim.model.orders import OrderType, TimeInForce
from tradesim.model.venue import HaltedBy, VenueOrder, halt_sentence

BAND_RENEWED_EVERY_NS = 30 * NS_PER_SECOND
HIGHEST_PRICE = 1 << 53
LOWEST_PRICE = 1


class SelfTrade(StrEnum):
    """Which of an owner's two orders gives way when they would meet: what is left of the new one, or the old one."""

    CANCEL_NEWEST = "cancel_newest"
    CANCEL_OLDEST = "cancel_oldest"


class Refusal(NamedTuple):
    code: str
    message: str


class PriceBand:
    """Ticks from `low` to `high` around a reference price, which follows the last trade at most every 30 s.

    Limit up-limit down (Reg NMS plan) renews its reference in the same rhythm. Without a reference every
    price above zero is inside.
    """

    __slots__ = ("fraction", "high", "low", "reference", "renewed_at")

    def __init__(self, fraction: Decimal, reference: int | None = None) -> None:
        self.fraction = fraction
        self.reference = reference
        self.renewed_at: int | None = None
        self.low, self.high = LOWEST_PRICE, HIGHEST_PRICE
        if reference is not None:
            self.center(reference)

    def center(self, reference: int) -> None:
        self.reference = reference
        self.low = max(LOWEST_PRICE, int((reference * (1 - self.fraction)).to_integral_value(ROUND_CEILING)))
        self.high = int((reference * (1 + self.fraction)).to_integral_value(ROUND_FLOOR))

    def on_trade(self, price: int, now: int) -> None:
        if self.renewed_at is None or now - self.renewed_at >= BAND_RENEWED_EVERY_NS:
            self.renewed_at = now
            if price != self.reference:
                self.center(price)

    def on_void(self, price: int, last: int | None) -> None:
        """A trade at `price` never was, and `last` is the last price instead."""
        if price == self.reference and last is not None:
            self.center(last)

    def edge(self, side: Side) -> int:
        """The worst price at which a market order on `side` may still trade."""
        return self.high if side is Side.BUY else self.low


def form_refusal(order: VenueOrder) -> Refusal | None:
    """Why `order` makes no sense anywhere, whatever the market is doing."""
    if order.qty <= 0:
        return Refusal("qty", f"quantity must be at least 1 lot, was {order.qty}")
    if order.type is OrderType.LIMIT and order.price is None:
        return Refusal("price", "a limit order must have a price, had none")
    if order.price is not None and order.price < LOWEST_PRICE:
        return Refusal("price", f"price must be at least 1 tick, was {order.price}")
    if order.post_only and not may_rest(order):
        found = order.type if order.type is OrderType.MARKET else order.time_in_force
        return Refusal("post_only", f"a post-only order must be able to rest: a day or gtc limit order, was {found}")
    return None


def may_rest(order: VenueOrder) -> bool:
    return order.type is OrderType.LIMIT and order.time_in_force in (TimeInForce.DAY, TimeInForce.GTC)


def band_refusal(band: PriceBand, instrument: Instrument, price: int) -> Refusal | None:
    if band.low <= price <= band.high or band.reference is None:
        return None
    low, high, reference, found = (instrument.price(p) for p in (band.low, band.high, band.reference, price))
    message = (
        f"price must be from {low} to {high}, within {band.fraction:.0%} of the reference {reference}, was {found}"
    )
    return Refusal("price_band", message)


def post_only_refusal(instrument: Instrument, side: Side, price: int, met: int) -> Refusal:
    """`met` is the best opposite price, which `price` reaches."""
    name, bound = ("ask", "below") if side is Side.BUY else ("bid", "above")
    touch, found = instrument.price(met), instrument.price(price)
    message = f"a post-only {side} must be {bound} the best {name} of {touch} so as not to trade at once, was {found}"
    return Refusal("post_only", message)


def halt_refusal(symbol: str, by: Iterable[HaltedBy]) -> Refusal:
    return Refusal("halted", f"{halt_sentence(symbol, by)}: only cancels are taken until it resumes")
