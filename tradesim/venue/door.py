"""What every venue does with an order at its door: admit, match, rest, replace, cancel, halt, and tell of it.

How matching itself works is left to the venue behind the door: `matching` for a book of our own,
`shadow` for a market that we only watch.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable, Collection, Mapping
from typing import Generic, NamedTuple, TypeVar

from msgspec.structs import replace

from tradesim.model.instrument import Instrument
from tradesim.model.market import BookTop, Indicative, Side
from tradesim.model.orders import OrderType, TimeInForce
from tradesim.model.venue import (
    Beyond,
    CancelCause,
    Canceled,
    Execution,
    HaltedBy,
    Happenings,
    QueuePosition,
    Replaced,
    Rested,
    VenueOrder,
    VenueRefusal,
    VenueReport,
)
from tradesim.venue.admission import (
    PriceBand,
    Refusal,
    SelfTrade,
    band_refusal,
    form_refusal,
    halt_refusal,
    may_rest,
    post_only_refusal,
)
from tradesim.venue.auction import CallAuction
from tradesim.venue.book import OrderBook, RestingOrder, WatchedOrder
from tradesim.venue.queue import Place
from tradesim.venue.reports import is_agent, queue_position


class Listing:
    """One symbol at a venue: the orders that rest here, the price band, whether trading is halted, and by whom.

    `auction` collects orders for the next call auction; None while nothing is collected.
    """

    __slots__ = (
        "auction",
        "band",
        "book",
        "halted_by",
        "instrument",
        "is_halted",
        "is_uncross_due",
        "last_trade_id",
        "symbol",
    )

    def __init__(self, instrument: Instrument, reference: int | None = None) -> None:
        self.symbol = instrument.symbol
        self.instrument = instrument
        self.book = OrderBook()
        self.band = PriceBand(instrument.band, reference)
        self.halted_by: tuple[HaltedBy, ...] = ()
        self.is_halted = False
        self.last_trade_id = 0
        self.auction: CallAuction | None = None
        self.is_uncross_due = False


AnyListing = TypeVar("AnyListing", bound=Listing)


class Matched(NamedTuple):
    """Lots of an incoming order that found nobody, and whether it stopped before an order of its own owner."""

    left: int
    met_own: bool = False


class VenueDoor(ABC, Generic[AnyListing]):
    """The part of `desk.ports.Venue` that does not depend on where the liquidity comes from."""

    model: str

    def __init__(self, listings: Mapping[str, AnyListing], self_trade: SelfTrade) -> None:
        self._listings = dict(listings)
        self._self_trade = self_trade
        self._resting: dict[str, WatchedOrder] = {}
        self._out = Happenings()
        self.held: Callable[[str, str], int] = nothing_held

    # --- what the desk calls

    def submit(self, order: VenueOrder, now: int) -> None:
        """Match what can be matched at once; what comes of it is in `drain`."""
        listing = self._listings.get(order.symbol)
        if listing is None:
            return self._refuse(order, Refusal("unknown_symbol", f"{order.symbol} is not traded at this venue"), now)
        if refusal := self._submit_refusal(listing, order):
            return self._refuse(order, refusal, now)
        return self._tell_rested(order, self._enter(listing, order, now), now)

    def cancel(self, order_id: str, now: int, cause: CancelCause = CancelCause.CLIENT) -> None:
        """Take the order out, halted or not; a refusal when it does not rest here."""
        resting = self._resting.get(order_id)
        if resting is None:
            return self._refuse_unknown(order_id, now)
        return self._withdraw(resting, cause, now)

    def replace(self, order_id: str, qty: int, price: int, now: int) -> None:
        """`qty` is the new open quantity. Less at the same price keeps its place; else it joins (or matches) anew."""
        resting = self._resting.get(order_id)
        if resting is None:
            return self._refuse_unknown(order_id, now)
        listing = self._listings[resting.order.symbol]
        keeps = price == resting.price and qty <= resting.total
        changed = amended(resting.order, qty, price, keeps, now)
        if refusal := self._replace_refusal(listing, changed, resting, keeps):
            return self._refuse(changed, refusal, now)
        return self._shrink(resting, changed, now) if keeps else self._move(listing, resting, changed, price, now)

    def bind(self, order_id: str, only_closes: bool) -> None:
        """Whether, from now on, the order, if it is open here, may only close."""
        resting = self._resting.get(order_id)
        if resting is not None:
            resting.order = replace(resting.order, only_closes=only_closes)

    def halt(self, symbol: str, now: int, by: HaltedBy = HaltedBy.DESK) -> None:
        """No matching and no new orders in `symbol` until `resume`; cancels and reductions go on."""
        self._hold(symbol, {*self._listings[symbol].halted_by, by})

    def resume(self, symbol: str, now: int, by: HaltedBy = HaltedBy.DESK) -> None:
        """The halt of the other one stands."""
        self._hold(symbol, {*self._listings[symbol].halted_by} - {by})

    def _hold(self, symbol: str, halted_by: Collection[HaltedBy]) -> None:
        listing = self._listings[symbol]
        listing.halted_by, listing.is_halted = tuple(each for each in HaltedBy if each in halted_by), bool(halted_by)
        self._out.touched.add(symbol)

    def halted_by(self, symbol: str) -> tuple[HaltedBy, ...]:
        return self._listings[symbol].halted_by

    def is_halted(self, symbol: str) -> bool:
        return self._listings[symbol].is_halted

    def band_reference(self, symbol: str) -> int | None:
        return self._listings[symbol].band.reference

    @abstractmethod
    def top(self, symbol: str, levels: int) -> BookTop:
        """The best `levels` of both sides, as an order sent now would find them."""

    def beyond(self, symbol: str, side: Side, lots: int, limit: int | None) -> Beyond | None:
        """What `lots` of an order of `side` would meet behind all that is displayed; None where there is no more."""
        return None

    def queue_position(self, order_id: str) -> QueuePosition | None:
        resting = self._resting.get(order_id)
        return None if resting is None else queue_position(resting, self._shown_at(resting))

    def holds(self, order_id: str) -> bool:
        """Whether the order is open here."""
        return order_id in self._resting

    @property
    def holds_auctions(self) -> bool:
        return False

    def indicative(self, symbol: str, now: int) -> Indicative | None:
        """What an auction would do now; None where no orders are collected."""
        return None

    @abstractmethod
    def uncross(self, symbol: str, now: int) -> None:
        """Hold the auction for which orders were collected; nothing where none were."""

    def drain(self) -> Happenings:
        """What happened since the last call, in order; the caller owns the answer."""
        happened, self._out = self._out, Happenings()
        return happened

    # --- what each venue knows

    @abstractmethod
    def _match(self, listing: AnyListing, order: VenueOrder, limit: int, now: int) -> Matched:
        """Trade up to `order.qty` at `limit` or better."""

    @abstractmethod
    def _available(self, listing: AnyListing, order: VenueOrder, limit: int) -> int:
        """Lots that `order` could take now at `limit` or better, counted up to its quantity."""

    @abstractmethod
    def _opposite(self, listing: AnyListing, side: Side) -> int | None:
        """The best price that an order on `side` could trade at now."""

    def _shown_at(self, resting: WatchedOrder) -> int | None:
        """Lots of others at the order's price that are not in the listing's own book; None where nobody can know."""
        return 0

    def _place(self, listing: AnyListing, order: VenueOrder, price: int, order_id: int) -> Place:
        """Where an order that is about to join the queue at `price` will stand."""
        return Place(order_id, listing.book.queued(order.side, price))

    def _waits(self, listing: AnyListing, order: VenueOrder, limit: int, now: int) -> bool:
        """True when nobody can say yet what `order` would meet, and it was put aside until somebody can."""
        return False

    def _may_trade(self, order: VenueOrder) -> int:
        """Lots that `order` may trade now: one that only closes no more than is held, what was just told included."""
        if not order.only_closes:
            return order.qty
        told = sum(
            each.qty * each.side.sign
            for each in self._out.items
            if isinstance(each, Execution) and each.owner == order.owner and each.symbol == order.symbol
        )
        return max(0, -order.side.sign * (self.held(order.owner, order.symbol) + told))

    def _may_give(self, resting: WatchedOrder, now: int) -> int:
        """Lots that a resting order may trade now; one for which nothing is left to close goes."""
        if not resting.order.only_closes:
            return resting.qty
        lots = min(resting.qty, self._may_trade(resting.order))
        if not lots:
            self._withdraw(resting, CancelCause.REDUCE_ONLY, now)
        return lots

    # --- the way of an order

    def _enter(self, listing: AnyListing, order: VenueOrder, now: int) -> WatchedOrder | None:
        limit = limit_of(order, listing.band)
        self._out.touched.add(listing.symbol)
        if self._waits(listing, order, limit, now):
            return None
        if order.time_in_force is TimeInForce.FOK and self._available(listing, order, limit) < order.qty:
            self._tell_canceled(order, order.qty, CancelCause.FOK, now)
            return None
        return self._settle(listing, order, self._match(listing, order, limit, now), now)

    def _settle(self, listing: AnyListing, order: VenueOrder, matched: Matched, now: int) -> WatchedOrder | None:
        """Rest what found nobody, or cancel it where the order may not rest."""
        if not matched.left:
            return None
        if matched.met_own or not may_rest(order):
            self._tell_canceled(order, matched.left, cause_of(order, matched), now)
            return None
        return self._rest(listing, order, matched.left)

    def _rest(self, listing: AnyListing, order: VenueOrder, qty: int) -> WatchedOrder:
        assert order.price is not None
        place = self._place(listing, order, order.price, listing.book.last_id + 1)
        shown = qty if order.display is None else min(order.display, qty)
        resting = self._resting[order.id] = listing.book.add_watched(order, order.price, shown, place, qty - shown)
        return resting

    def _after_fill(self, listing: AnyListing, resting: RestingOrder) -> None:
        """When the shown part of an iceberg is gone, the next slice joins the back of the queue."""
        if resting.qty or not isinstance(resting, WatchedOrder):
            return
        del self._resting[resting.order.id]
        if resting.reserve:
            self._rest(listing, resting.order, resting.reserve)

    def _shrink(self, resting: WatchedOrder, changed: VenueOrder, now: int) -> None:
        cut = resting.total - changed.qty
        from_reserve = min(cut, resting.reserve)
        resting.reserve -= from_reserve
        if cut > from_reserve:
            self._listings[changed.symbol].book.reduce(resting.id, cut - from_reserve)
        resting.order = changed
        self._out.touched.add(changed.symbol)
        ahead = resting.place.ahead
        self._tell(changed, Replaced(changed.id, changed.symbol, resting.price, changed.qty, True, ahead, now))

    def _move(self, listing: AnyListing, resting: WatchedOrder, changed: VenueOrder, price: int, now: int) -> None:
        listing.book.cancel(resting.id)
        del self._resting[changed.id]
        position = len(self._out.items)
        joined = self._enter(listing, changed, now)
        ahead = joined.place.ahead if joined is not None else 0
        if not is_agent(changed.owner):
            replaced = Replaced(changed.id, changed.symbol, price, changed.qty, False, ahead, now)
            self._out.items.insert(position, replaced)

    def _withdraw(self, resting: WatchedOrder, cause: CancelCause, now: int) -> None:
        """Take a venue order out of its book and tell its owner why."""
        order = resting.order
        self._listings[order.symbol].book.cancel(resting.id)
        del self._resting[order.id]
        self._out.touched.add(order.symbol)
        self._tell_canceled(order, resting.total, cause, now)

    # --- refusals

    def _submit_refusal(self, listing: AnyListing, order: VenueOrder) -> Refusal | None:
        if self.holds(order.id):
            return Refusal("duplicate_order", f"order id {order.id} must be new, is already open here")
        if refusal := form_refusal(order):
            return refusal
        if listing.is_halted:
            return halt_refusal(listing.symbol, listing.halted_by)
        return self._price_refusal(listing, order)

    def _replace_refusal(
        self, listing: AnyListing, changed: VenueOrder, resting: WatchedOrder, keeps: bool
    ) -> Refusal | None:
        if refusal := form_refusal(changed):
            return refusal
        if keeps:
            return None
        if listing.is_halted:
            return halt_refusal(listing.symbol, listing.halted_by)
        return None if changed.price == resting.price else self._price_refusal(listing, changed)

    def _price_refusal(self, listing: AnyListing, order: VenueOrder) -> Refusal | None:
        if order.type is OrderType.MARKET or order.price is None:
            return None
        if refusal := band_refusal(listing.band, listing.instrument, order.price):
            return refusal
        if order.post_only:
            met = self._opposite(listing, order.side)
            if met is not None and (order.price - met) * order.side.sign >= 0:
                return post_only_refusal(listing.instrument, order.side, order.price, met)
        return None

    def _refuse(self, order: VenueOrder, refusal: Refusal, now: int) -> None:
        self._tell(order, VenueRefusal(order.id, order.symbol, refusal.code, refusal.message, now))

    def _refuse_unknown(self, order_id: str, now: int) -> None:
        message = f"order {order_id} must be open at this venue, is not: it was filled, cancelled or never arrived"
        self._out.items.append(VenueRefusal(order_id, "", "unknown_order", message, now))

    # --- telling

    def _tell(self, order: VenueOrder, report: VenueReport) -> None:
        if not is_agent(order.owner):
            self._out.items.append(report)

    def _tell_rested(self, order: VenueOrder, resting: WatchedOrder | None, now: int) -> None:
        if resting is not None:
            ahead = resting.place.ahead if resting.place.is_sighted else None
            self._tell(order, Rested(order.id, order.symbol, resting.price, resting.total, ahead, now))

    def _tell_canceled(self, order: VenueOrder, qty: int, cause: CancelCause, now: int) -> None:
        self._tell(order, Canceled(order.id, order.symbol, qty, cause, now))


def amended(order: VenueOrder, qty: int, price: int, keeps: bool, now: int) -> VenueOrder:
    """With new terms; where it does not keep its place, it comes anew."""
    return replace(order, qty=qty, price=price, arrived_at=order.arrived_at if keeps else now)


def nothing_held(_owner: str, _symbol: str) -> int:
    return 0


def limit_of(order: VenueOrder, band: PriceBand) -> int:
    """The worst price `order` may trade at: its own limit, or the edge of the band for a market order."""
    if order.type is OrderType.MARKET or order.price is None:
        return band.edge(order.side)
    return order.price


def cause_of(order: VenueOrder, matched: Matched) -> CancelCause:
    """Why what is left of an order that may not rest is cancelled."""
    if matched.met_own:
        return CancelCause.SELF_TRADE
    if order.type is OrderType.MARKET:
        return CancelCause.MARKET_NO_LIQUIDITY
    return CancelCause.IOC
