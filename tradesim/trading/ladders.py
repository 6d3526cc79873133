"""The open orders of an account in one symbol, on one side, with the sums of what they ask for and what they reserve.

What an order costs must not depend on how many are open: the sums are added to as orders change, not added up. They
are kept to more digits than Decimal rounds to, so that a sum is the same whatever was added and taken away before.
"""

from collections.abc import Callable
from decimal import Context, Decimal
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from tradesim.model.instrument import Instrument
from tradesim.model.market import Side
from tradesim.model.orders import Liquidity, Order
from tradesim.trading.requirements import LOW_PRICE, ORDINARY_SHORT_PRICE, is_ordinary

EXACT = Context(prec=60)
ZERO = Decimal(0)
FeeOf = Callable[[Instrument, Decimal, Decimal, Liquidity], Decimal]
"""Fee in USD of (instrument, price, quantity, liquidity)."""


class Claim(Struct, frozen=True):
    """What one order reserves. `like` is a price that weighs alike; None where the order must be weighed alone."""

    value: Decimal
    fee: Decimal
    like: Decimal | None


class Reserve(Struct, frozen=True):
    """What one order reserves, or several that weigh alike, at `price`."""

    symbol: str
    side: Side
    price: Decimal
    value: Decimal


class Pricing(Struct, frozen=True):
    """What the claims in a symbol follow from, beside the order: `price_of` an order at the touch, and the fee."""

    touch: Any
    instrument: Instrument | None
    fee_of: FeeOf | None
    price_of: Callable[[Order, Any], Decimal | None]

    def claim(self, order: Order, opening: Decimal) -> Claim:
        """What the part `opening` of the order reserves: a purchase with its fee."""
        price, fee = self.price_of(order, self.touch), ZERO
        is_buy = order.side is Side.BUY
        if is_buy and self.fee_of is not None and self.instrument is not None and price is not None:
            fee = self.fee_of(self.instrument, price, opening, Liquidity.TAKER)
        return Claim(opening * (price or ZERO), fee, like(is_buy, order.limit_price or order.stop_price))


def at_most(order: Order) -> Order:
    """The most that the order may come to while a change of it is on its way."""
    asked = order.requested
    if asked is None or asked.is_cancel:
        return order
    return replace(
        order,
        qty=max(order.qty, asked.qty or ZERO),
        limit_price=dearer(order.limit_price, asked.limit_price),
        stop_price=dearer(order.stop_price, asked.stop_price),
    )


def dearer(old: Decimal | None, new: Decimal | None) -> Decimal | None:
    return old if old is None or new is None else max(old, new)


def like(is_buy: bool, price: Decimal | None) -> Decimal | None:
    """A price that weighs alike, where that does not need the order's own: see requirements.weight."""
    if price is None:
        return None
    if is_ordinary(is_buy, price):
        return LOW_PRICE if is_buy else ORDINARY_SHORT_PRICE
    return ZERO if is_buy else None


class Ladder:
    """Changed by its Portfolio alone; `orders` are all the open ones, oldest first.

    Claims are made when they are asked for, and made anew where the order, or what it is priced by, is another one.
    """

    def __init__(self, symbol: str, side: Side) -> None:
        self.symbol, self.side = symbol, side
        self.orders: dict[str, Order] = {}
        self._asking: dict[str, Decimal] = {}
        self._asked = self._wanted = ZERO
        self._due: dict[str, None] = {}
        self._claims: dict[str, Claim] = {}
        self._sums: dict[Decimal, tuple[Decimal, Decimal]] = {}
        self._alone: dict[str, None] = {}
        self._pricing: Pricing | None = None

    def note(self, order: Order, is_asking: bool) -> None:
        """The order as it is now; `is_asking` unless another one asks for the same already.

        Where a change is on its way, it asks for what is more of both.
        """
        self._forget(order.id)
        if not order.is_open:
            self.orders.pop(order.id, None)
            return
        self.orders[order.id] = order
        if not is_asking:
            return
        remaining = self._asking[order.id] = at_most(order).remaining
        self._asked = EXACT.add(self._asked, remaining)
        if not order.reduce_only:
            self._wanted = EXACT.add(self._wanted, remaining)
            self._due[order.id] = None

    def asked(self, without: str | None = None) -> Decimal:
        """How much the orders will fill at most; `without` is taken as if it were gone."""
        return +EXACT.subtract(self._asked, self._asking.get(without or "", ZERO))

    def reserves(self, pricing: Pricing, free: Decimal, without: str | None = None) -> list[Reserve]:
        """What is reserved, where the oldest orders close a position of `free`; `without` as if it were gone."""
        gone = self.orders.get(without or "")
        spared = self._asking.get(gone.id, ZERO) if gone and not gone.reduce_only else ZERO
        if EXACT.subtract(self._wanted, spared) <= free:
            return []
        self._price(pricing)
        sums, alone = dict(self._sums), dict.fromkeys(self._alone)
        rests: list[tuple[Order, Claim]] = []
        for order, rest in self._cut(pricing, free, gone):
            alone.pop(order.id, None)
            subtract(sums, self._claims[order.id])
            if rest is not None and rest.like is None:
                rests.append((order, rest))
            elif rest is not None:
                add(sums, rest)
        rests.extend((self.orders[each], self._claims[each]) for each in alone)
        has_fee = pricing.fee_of is not None
        found = [
            Reserve(self.symbol, self.side, like, +EXACT.add(value, fee) if has_fee else +value)
            for like, (value, fee) in sums.items()
        ]
        for order, claim in rests:
            value = claim.value + claim.fee if has_fee else claim.value
            most = at_most(order)
            price = most.limit_price or most.stop_price or value / most.remaining
            found.append(Reserve(self.symbol, self.side, price, value))
        return found

    def _cut(self, pricing: Pricing, free: Decimal, gone: Order | None) -> list[tuple[Order, Claim | None]]:
        """The orders that do not reserve all of their claim, and what they reserve instead."""
        cut: list[tuple[Order, Claim | None]] = [(gone, None)] if gone and gone.id in self._claims else []
        for order in self.orders.values() if free else ():
            if order is gone or order.id not in self._claims:
                continue
            remaining = self._asking[order.id]
            closing = min(remaining, free)
            free -= closing
            rest = remaining - closing
            cut.append((order, pricing.claim(at_most(order), rest) if rest else None))
            if not free:
                break
        return cut

    def _price(self, pricing: Pricing) -> None:
        """Make the claims that are due: of orders that changed, and of those that the new touch changes."""
        former, due = self._pricing, [*self._due]
        if former is None or former.instrument is not pricing.instrument or pricing.fee_of not in (None, former.fee_of):
            due = [*self._claims, *due]
        elif former.touch != pricing.touch:
            due = [*(each for each in self._claims if self._is_at_touch(each)), *due]
        fee_of = pricing.fee_of or (former.fee_of if former else None)
        self._pricing = pricing if fee_of is pricing.fee_of else replace(pricing, fee_of=fee_of)
        self._due.clear()
        for order_id in due:
            self._drop(order_id)
            self._put(self.orders[order_id], self._pricing)

    def _is_at_touch(self, order_id: str) -> bool:
        """A purchase at a limit is worth its limit wherever the market is."""
        return self.side is Side.SELL or self.orders[order_id].limit_price is None

    def _put(self, order: Order, pricing: Pricing) -> None:
        claim = self._claims[order.id] = pricing.claim(at_most(order), self._asking[order.id])
        add(self._sums, claim)
        if claim.like is None:
            self._alone[order.id] = None

    def _drop(self, order_id: str) -> None:
        claim = self._claims.pop(order_id, None)
        if claim is not None:
            subtract(self._sums, claim)
        self._alone.pop(order_id, None)

    def _forget(self, order_id: str) -> None:
        remaining = self._asking.pop(order_id, None)
        if remaining is None:
            return
        self._asked = EXACT.subtract(self._asked, remaining)
        if not self.orders[order_id].reduce_only:
            self._wanted = EXACT.subtract(self._wanted, remaining)
        self._due.pop(order_id, None)
        self._drop(order_id)


def add(sums: dict[Decimal, tuple[Decimal, Decimal]], claim: Claim) -> None:
    if claim.like is not None:
        value, fee = sums.get(claim.like, (ZERO, ZERO))
        sums[claim.like] = EXACT.add(value, claim.value), EXACT.add(fee, claim.fee)


def subtract(sums: dict[Decimal, tuple[Decimal, Decimal]], claim: Claim) -> None:
    if claim.like is not None:
        value, fee = sums[claim.like]
        sums[claim.like] = EXACT.subtract(value, claim.value), EXACT.subtract(fee, claim.fee)
