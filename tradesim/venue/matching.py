"""The venue that owns its market: many symbols, one book each, price-time priority, every match printed.

Clients come through the door (`submit`, `cancel`, `replace`) and get reports. Agents of a simulated market
in the same process have a door of their own (`agent_*`): whole numbers in, no values made but the prints.
"""

from collections.abc import Callable, Mapping

from tradesim.model.instrument import Instrument
from tradesim.model.market import BookTop, Side, Trade
from tradesim.model.orders import Liquidity
from tradesim.model.venue import CancelCause, VenueOrder
from tradesim.venue.admission import SelfTrade
from tradesim.venue.book import OrderBook, RestingOrder, WatchedOrder
from tradesim.venue.calling import CallingDoor, Party
from tradesim.venue.door import Listing, Matched
from tradesim.venue.reports import REASON_LEVELS, execution, maker_reason, taker_reason

OnAgentFill = Callable[[str, str, int, Side, int, int], None]


class MatchingVenue(CallingDoor):
    """Implements `desk.ports.Venue`. `references` are the prices in ticks that the bands start from."""

    model = "order book"

    def __init__(
        self,
        instruments: Mapping[str, Instrument],
        references: Mapping[str, int] | None = None,
        self_trade: SelfTrade = SelfTrade.CANCEL_NEWEST,
    ) -> None:
        known = references or {}
        super().__init__({s: Listing(each, known.get(s)) for s, each in instruments.items()}, self_trade)
        self.on_agent_fill: OnAgentFill | None = None
        """Called in the middle of a match with (symbol, owner, order id, side, price, qty); must not send orders.

        The id is the one that `agent_limit` returned or is about to return; 0 for a market order.
        """

    # --- the agents' door

    def agent_limit(self, symbol: str, owner: str, side: Side, price: int, qty: int, now: int) -> int:
        """Trade what crosses, rest the rest; the resting order's id, or 0 when nothing rests."""
        listing = self._listings[symbol]
        band = listing.band
        if listing.is_halted or qty <= 0 or not band.low <= price <= band.high:
            return 0
        self._out.touched.add(symbol)
        book = listing.book
        if book.crosses(side, price):
            qty, met_own = self._trade(listing, owner, side, qty, price, now, None, book.last_id + 1)
            if met_own or not qty:
                return 0
        return book.add(owner, side, price, qty).id

    def agent_market(self, symbol: str, owner: str, side: Side, qty: int, now: int) -> int:
        """Take up to `qty` lots inside the band; how many were traded."""
        listing = self._listings[symbol]
        if listing.is_halted or qty <= 0:
            return 0
        self._out.touched.add(symbol)
        return qty - self._trade(listing, owner, side, qty, listing.band.edge(side), now, None, 0).left

    def agent_cancel(self, symbol: str, order_id: int, now: int) -> bool:
        """Take an agent's order out; False when it no longer rests (or is not an agent's)."""
        book = self._listings[symbol].book
        order = book.orders.get(order_id)
        if order is None or isinstance(order, WatchedOrder):
            return False
        book.cancel(order_id)
        self._out.touched.add(symbol)
        return True

    def best_bid(self, symbol: str) -> tuple[int, int] | None:
        """(price, lots) of the best bid; None when there is none."""
        return self._listings[symbol].book.touch(Side.BUY)

    def best_ask(self, symbol: str) -> tuple[int, int] | None:
        return self._listings[symbol].book.touch(Side.SELL)

    def book(self, symbol: str) -> OrderBook:
        """The book itself, to be read only."""
        return self._listings[symbol].book

    # --- what the desk reads

    def top(self, symbol: str, levels: int) -> BookTop:
        return self._listings[symbol].book.top(levels)

    def check(self) -> None:
        """Raise AssertionError unless every book and every watched place is what counting says."""
        for listing in self._listings.values():
            listing.book.check()
            for order in listing.book.orders.values():
                check_order(listing.book, order)
        for order_id, resting in self._resting.items():
            assert resting.order.id == order_id
            assert self._listings[resting.order.symbol].book.orders.get(resting.id) is resting

    # --- matching

    def _match(self, listing: Listing, order: VenueOrder, limit: int, now: int) -> Matched:
        return self._trade(listing, order.owner, order.side, order.qty, limit, now, order, 0)

    def _available(self, listing: Listing, order: VenueOrder, limit: int) -> int:
        stops = self._self_trade is SelfTrade.CANCEL_NEWEST
        return listing.book.available(order.side, order.qty, limit, order.owner, stops, self._may_trade)

    def _opposite(self, listing: Listing, side: Side) -> int | None:
        touch = listing.book.touch(side.opposite)
        return touch[0] if touch else None

    def _trade(
        self,
        listing: Listing,
        owner: str,
        side: Side,
        qty: int,
        limit: int,
        now: int,
        taker: VenueOrder | None,
        agent_order_id: int,
    ) -> Matched:
        """Meet resting orders, best and oldest first. `taker` is None for what came by the agents' door."""
        book = listing.book
        tell_agent = self.on_agent_fill
        left, price = qty, 0
        while left:
            maker = book.head(side, limit)
            if maker is None:
                break
            if maker.owner == owner:
                if self._self_trade is SelfTrade.CANCEL_NEWEST:
                    break
                self._give_way(listing, maker, now)
                continue
            is_client = isinstance(maker, WatchedOrder)
            most = self._may_give(maker, now) if isinstance(maker, WatchedOrder) else maker.qty
            if not most:
                continue
            price = maker.price
            lots = most if most < left else left
            before = book.top(REASON_LEVELS) if is_client or taker is not None else None
            book.fill(maker, lots)
            left -= lots
            listing.last_trade_id = trade_id = listing.last_trade_id + 1
            trade = Trade(listing.symbol, trade_id, price, lots, side, now)
            self._out.items.append(trade)
            if before is not None:
                self._tell_match(listing, trade, maker, taker, before)
            if tell_agent is not None:
                if not is_client:
                    tell_agent(listing.symbol, maker.owner, maker.id, maker.side, price, lots)
                if taker is None:
                    tell_agent(listing.symbol, owner, agent_order_id, side, price, lots)
        if price:
            listing.band.on_trade(price, now)
        return Matched(left, left > 0 and maker is not None)

    def _tell_match(
        self, listing: Listing, trade: Trade, maker: RestingOrder, taker: VenueOrder | None, before: BookTop
    ) -> None:
        after = listing.book.top(REASON_LEVELS)
        price, lots, trade_id, now = trade.price, trade.qty, trade.trade_id, trade.ts_event
        if taker is not None:
            reason = taker_reason(self.model, taker, before, after)
            self._tell(taker, execution(taker, price, lots, Liquidity.TAKER, trade_id, now, reason))
        if isinstance(maker, WatchedOrder):
            reason = maker_reason(self.model, maker, before, after)
            self._tell(maker.order, execution(maker.order, price, lots, Liquidity.MAKER, trade_id, now, reason))
            if not maker.qty:
                self._after_fill(listing, maker)

    def _tell_agent(self, listing: Listing, party: Party, price: int, lots: int, order_id: int) -> None:
        if self.on_agent_fill is not None:
            self.on_agent_fill(listing.symbol, party.owner, order_id, party.side, price, lots)

    def _give_way(self, listing: Listing, resting: RestingOrder, now: int) -> None:
        """The older of one owner's two orders leaves, so that they do not meet."""
        if isinstance(resting, WatchedOrder):
            self._withdraw(resting, CancelCause.SELF_TRADE, now)
        else:
            listing.book.cancel(resting.id)


def check_order(book: OrderBook, order: RestingOrder) -> None:
    if isinstance(order, WatchedOrder):
        counted = book.ahead(order.id)
        assert order.place.ahead == counted, f"order {order.id}: place says {order.place.ahead} ahead, queue {counted}"
