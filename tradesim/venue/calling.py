"""The door of a venue that calls auctions of its own: it collects, tells what would happen, and uncrosses."""

from collections import defaultdict
from collections.abc import Iterable
from typing import NamedTuple

from msgspec.structs import replace

from tradesim.model.market import Auction, BookTop, Indicative, Side, Trade
from tradesim.model.orders import Liquidity, TimeInForce
from tradesim.model.venue import CancelCause, HaltedBy, Replaced, Rested, VenueOrder
from tradesim.venue.admission import Refusal, SelfTrade, band_refusal, form_refusal, halt_refusal
from tradesim.venue.auction import (
    CallAuction,
    Collected,
    Cross,
    Wish,
    as_wishes,
    cross,
    indicative_of,
    kind_for,
)
from tradesim.venue.book import BookSide, OrderBook, RestingOrder, WatchedOrder
from tradesim.venue.door import Listing, VenueDoor
from tradesim.venue.reports import REASON_LEVELS, execution, maker_reason, taker_reason

MODEL = "call auction"
Party = RestingOrder | Collected
FOR_AUCTION_ALONE = frozenset({TimeInForce.OPG, TimeInForce.CLS})


class Dealt(NamedTuple):
    """Lots of one order in an auction: of a resting one, or of one that was collected."""

    party: Party
    lots: int
    order_id: int


class CallingDoor(VenueDoor[Listing]):
    """What `VenueDoor` does, and auctions: `is_for_auction` orders go to them first."""

    # --- what the desk calls

    @property
    def holds_auctions(self) -> bool:
        return True

    def submit(self, order: VenueOrder, now: int) -> None:
        if order.is_for_auction and order.symbol in self._listings:
            return self._collect(self._listings[order.symbol], order, now)
        return super().submit(order, now)

    def cancel(self, order_id: str, now: int, cause: CancelCause = CancelCause.CLIENT) -> None:
        auction = self._auction_with(order_id)
        if auction is None:
            return super().cancel(order_id, now, cause)
        collected = auction.clients.pop(order_id)
        assert collected.order is not None
        self._out.touched.add(collected.order.symbol)
        return self._tell_canceled(collected.order, collected.left, cause, now)

    def replace(self, order_id: str, qty: int, price: int, now: int) -> None:
        auction = self._auction_with(order_id)
        if auction is None:
            return super().replace(order_id, qty, price, now)
        order = auction.clients[order_id].order
        assert order is not None
        changed = replace(order, qty=qty, price=price)
        if refusal := self._collect_refusal(self._listings[order.symbol], changed):
            return self._refuse(changed, refusal, now)
        keeps = price == order.price and qty <= order.qty
        if not keeps:
            del auction.clients[order_id]
        auction.collect(changed)
        self._out.touched.add(order.symbol)
        return self._tell(changed, Replaced(order_id, order.symbol, price, qty, keeps, 0, now))

    def bind(self, order_id: str, only_closes: bool) -> None:
        auction = self._auction_with(order_id)
        if auction is None:
            return super().bind(order_id, only_closes)
        collected = auction.clients[order_id]
        assert collected.order is not None
        collected.order = replace(collected.order, only_closes=only_closes)
        return None

    def holds(self, order_id: str) -> bool:
        return super().holds(order_id) or self._auction_with(order_id) is not None

    def resume(self, symbol: str, now: int, by: HaltedBy = HaltedBy.DESK) -> None:
        """An auction that fell into the halt is held now."""
        super().resume(symbol, now, by)
        if self._listings[symbol].is_uncross_due:
            self.uncross(symbol, now)

    def indicative(self, symbol: str, now: int) -> Indicative | None:
        listing = self._listings[symbol]
        auction = listing.auction
        if auction is None:
            return None
        if auction.is_due(now):
            bids, asks = all_wishes(listing, auction, Side.BUY), all_wishes(listing, auction, Side.SELL)
            auction.told = indicative_of(auction.kind, cross_of(listing, bids, asks), bids, asks, now)
        return auction.told

    def uncross(self, symbol: str, now: int) -> None:
        listing = self._listings[symbol]
        if listing.is_halted:
            listing.is_uncross_due = listing.auction is not None
            return
        auction, listing.auction, listing.is_uncross_due = listing.auction, None, False
        if auction is None:
            return
        found = self._cross(listing, auction, now)
        self._out.touched.add(symbol)
        if found is not None:
            self._deal(listing, auction, found, now)
        self._dismiss(listing, auction, now)

    # --- the agents' door

    def call_auction(self, symbol: str, kind: Auction, now: int) -> None:
        """Orders are collected, and what they would come to is told, from now on."""
        listing = self._listings[symbol]
        if listing.auction is None:
            listing.auction = CallAuction(kind)
            self._out.touched.add(symbol)

    def agent_auction(self, symbol: str, owner: str, side: Side, price: int | None, qty: int, now: int) -> bool:
        """An agent's order for the auction that is being called; False when none is."""
        listing = self._listings[symbol]
        if listing.auction is None or qty <= 0:
            return False
        listing.auction.agents.append(Collected(owner, side, price, qty))
        self._out.touched.add(symbol)
        return True

    # --- collecting

    def _auction_with(self, order_id: str) -> CallAuction | None:
        return next((each.auction for each in self._listings.values() if has_order(each.auction, order_id)), None)

    def _collect(self, listing: Listing, order: VenueOrder, now: int) -> None:
        refusal = self._collect_refusal(listing, order)
        if self.holds(order.id):
            refusal = Refusal("duplicate_order", f"order id {order.id} must be new, is already open here")
        if refusal:
            return self._refuse(order, refusal, now)
        if listing.auction is None:
            listing.auction = CallAuction(kind_for(order))
        listing.auction.collect(order)
        self._out.touched.add(listing.symbol)
        return self._tell(order, Rested(order.id, order.symbol, order.price or 0, order.qty, 0, now))

    def _collect_refusal(self, listing: Listing, order: VenueOrder) -> Refusal | None:
        if refusal := form_refusal(order):
            return refusal
        if listing.is_halted:
            return halt_refusal(listing.symbol, listing.halted_by)
        return None if order.price is None else band_refusal(listing.band, listing.instrument, order.price)

    # --- uncrossing

    def _cross(self, listing: Listing, auction: CallAuction, now: int) -> Cross | None:
        """Who would trade with himself, or close more than he holds, gives way before the price is made."""
        while True:
            bids, asks = all_wishes(listing, auction, Side.BUY), all_wishes(listing, auction, Side.SELL)
            found = cross_of(listing, bids, asks)
            unfit = None if found is None else self._unfit(listing, auction, found.price)
            if unfit is None:
                return found
            order, cause = unfit
            if auction.clients.pop(order.id, None) is not None:
                self._tell_canceled(order, order.qty, cause, now)
            else:
                self._withdraw(self._resting[order.id], cause, now)

    def _unfit(self, listing: Listing, auction: CallAuction, price: int) -> tuple[VenueOrder, CancelCause] | None:
        """The first client's order that must not trade at `price` beside the older ones, and why."""
        watched = (each for each in listing.book.orders.values() if isinstance(each, WatchedOrder))
        resting = [(each.order, each.total) for each in watched]
        collected = [(each.order, each.left) for each in auction.clients.values() if each.order is not None]
        older: dict[tuple[str, Side], list[VenueOrder]] = {}
        taken: defaultdict[tuple[str, Side], int] = defaultdict(int)
        for order, lots in [*resting, *collected]:
            if order.price is not None and (order.price - price) * order.side.sign < 0:
                continue
            if met := older.get((order.owner, order.side.opposite)):
                is_newest = self._self_trade is SelfTrade.CANCEL_NEWEST
                return (order if is_newest else met[0]), CancelCause.SELF_TRADE
            taken[order.owner, order.side] += lots
            if order.only_closes and taken[order.owner, order.side] > self._may_trade(order):
                return order, CancelCause.REDUCE_ONLY
            older.setdefault((order.owner, order.side), []).append(order)
        return None

    def _deal(self, listing: Listing, auction: CallAuction, found: Cross, now: int) -> None:
        before = listing.book.top(REASON_LEVELS)
        dealt = [
            each
            for side in (Side.BUY, Side.SELL)
            for each in self._take(listing, auction.wishes(side), side, found.price, found.volume)
        ]
        listing.last_trade_id = trade_id = listing.last_trade_id + 1
        trade = Trade(listing.symbol, trade_id, found.price, found.volume, None, now)
        self._out.items.append(trade)
        after = listing.book.top(REASON_LEVELS)
        for each in dealt:
            self._tell_dealt(listing, each, trade, before, after)
        listing.band.on_trade(found.price, now)

    def _take(self, listing: Listing, collected: list[Collected], side: Side, price: int, volume: int) -> list[Dealt]:
        """`volume` lots of `side`, those who trade first first."""
        dealt: list[Dealt] = []
        for wish in [*collected, None]:
            better = None if wish is None else wish.price
            if wish is None or better is not None:
                worst = price if better is None or (price - better) * side.sign > 0 else better
                volume -= self._take_resting(listing, side, worst, volume, dealt)
            if wish is not None and volume and (better is None or (better - price) * side.sign >= 0):
                lots = min(wish.left, volume)
                wish.left -= lots
                volume -= lots
                dealt.append(Dealt(wish, lots, 0))
        return dealt

    def _take_resting(self, listing: Listing, side: Side, worst: int, volume: int, dealt: list[Dealt]) -> int:
        """Resting orders of `side` at `worst` or better; the lots that they gave."""
        book, given = listing.book, 0
        while given < volume and (resting := book.head(side.opposite, worst)):
            lots = min(resting.qty, volume - given)
            book.fill(resting, lots)
            given += lots
            dealt.append(Dealt(resting, lots, resting.id))
            self._after_fill(listing, resting)
        return given

    def _tell_dealt(self, listing: Listing, dealt: Dealt, trade: Trade, before: BookTop, after: BookTop) -> None:
        party, lots = dealt.party, dealt.lots
        price, trade_id, now = trade.price, trade.trade_id, trade.ts_event
        if isinstance(party, WatchedOrder):
            reason = maker_reason(MODEL, party, before, after)
            self._tell(party.order, execution(party.order, price, lots, Liquidity.MAKER, trade_id, now, reason))
        elif isinstance(party, Collected) and party.order is not None:
            reason = taker_reason(MODEL, party.order, before, after)
            self._tell(party.order, execution(party.order, price, lots, Liquidity.TAKER, trade_id, now, reason))
        else:
            self._tell_agent(listing, party, price, lots, dealt.order_id)

    def _tell_agent(self, listing: Listing, party: Party, price: int, lots: int, order_id: int) -> None:
        """An agent at the venue is told of its resting orders."""

    def _dismiss(self, listing: Listing, auction: CallAuction, now: int) -> None:
        """What the auction left: orders for it alone are cancelled, others go on to the book."""
        for each in auction.clients.values():
            if not each.left or each.order is None:
                continue
            if each.order.time_in_force in FOR_AUCTION_ALONE:
                self._tell_canceled(each.order, each.left, CancelCause.AUCTION, now)
                continue
            going_on = replace(each.order, qty=each.left, is_for_auction=False)
            self._tell_rested(going_on, self._enter(listing, going_on, now), now)


def has_order(auction: CallAuction | None, order_id: str) -> bool:
    return auction is not None and order_id in auction.clients


def all_wishes(listing: Listing, auction: CallAuction, side: Side) -> list[Wish]:
    """What rests in the book, hidden parts included, and what was collected."""
    half = listing.book.bids if side is Side.BUY else listing.book.asks
    return [*resting_wishes(half), *as_wishes(auction.wishes(side))]


def resting_wishes(half: BookSide) -> list[Wish]:
    return [(level.price, level.qty + hidden(level.orders.values())) for level in half.levels.values()]


def hidden(orders: Iterable[RestingOrder]) -> int:
    return sum(each.reserve for each in orders if isinstance(each, WatchedOrder))


def cross_of(listing: Listing, bids: list[Wish], asks: list[Wish]) -> Cross | None:
    return cross(bids, asks, reference_of(listing.book, listing.band.reference), listing.band.low, listing.band.high)


def reference_of(book: OrderBook, last: int | None) -> int | None:
    """The middle of the book, else the band's reference."""
    bid, ask = book.touch(Side.BUY), book.touch(Side.SELL)
    return (bid[0] + ask[0]) // 2 if bid and ask else last
