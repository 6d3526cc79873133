"""The venue for a market that is not ours (replay, live): our orders live beside the displayed book.

The rules, all in the client's disfavour where the tape leaves a choice:

* An incoming order walks the displayed lots, best price first. What it took is remembered and not taken
  twice: it stays taken until as much has traded at that price, less than that is displayed, or the level is gone.
* A resting order stands behind everything displayed at its price. Trades there move it up lot by lot, cancels
  by the `QueueModel`; only a trade that goes on after all that was ahead is gone fills it, for the rest of the print.
* A trade strictly through its price fills it, at its own price, up to the size of the print (0: size not
  known, then wholly). So do displayed lots strictly through it. A mere touch never fills.
* Where a price was never inside the displayed window, what is ahead cannot be known: then only a trade strictly
  through the price fills.
* Where it shows a best bid and ask with sizes and nothing behind them (`on_quote`), an order takes what is shown and
  then trades on by the rule of `impact`, until a new price or new lots are quoted; the fill says so.
* Where the source shows a touch without sizes, an order that reaches it trades there, wholly.
* Where it shows prints alone, nothing trades before the next print, nobody takes more of it than its size (0: size
  not known, then wholly), and resting orders come first, then those that wait, in the order of their arrival:
  - a market order takes from the next print, at its price, and from those after it until it is filled;
  - a limit at or beyond the last print waits for the next one. It takes from that one at its price, when it is at the
    limit or better; what is left, or all when the print is worse, rests. IOC and FOK are cancelled instead;
  - any other limit rests at once. Resting orders fill only when a print goes strictly through, at their own price.
  Before the first print a limit waits too, but takes only from a print strictly better than itself.
* Orders for the opening or the closing auction trade at the first print of the session, or after it, and no more than
  its size; what they leave is cancelled.
* A print, or what is shown, of before an order's arrival is nothing to that order (`meets_until`, `shown_of`).
* An iceberg's next slice stands behind everything displayed at its price.
* Our prints are not on the market's tape: their executions have the trade id of the print behind them, or 0.
"""

from collections.abc import Iterable, Mapping

from tradesim.model.instrument import Instrument
from tradesim.model.market import MEETS_NOBODY, BookTop, Level, Side, Trade
from tradesim.model.orders import Liquidity
from tradesim.model.venue import Beyond, CancelCause, HaltedBy, PrintVoided, VenueOrder
from tradesim.venue.admission import HIGHEST_PRICE, SelfTrade
from tradesim.venue.book import PriceLevel, WatchedOrder
from tradesim.venue.door import Matched
from tradesim.venue.impact import DailyScale, Impact
from tradesim.venue.mirror import Mirror, ShownLevel, ShownSide
from tradesim.venue.queue_model import PowerQueue, QueueModel, ShadowPlace, cap_fronts, split_cancel
from tradesim.venue.reports import REASON_LEVELS, execution, taker_reason
from tradesim.venue.waiting import NO_PRINT, WaitingDoor, own_head, own_orders

SIDES = (Side.BUY, Side.SELL)
SIZE_UNKNOWN = HIGHEST_PRICE
ANY_PRICE = {Side.BUY: HIGHEST_PRICE, Side.SELL: 0}

Row = tuple[int, int]


class ShadowVenue(WaitingDoor):
    """Implements `desk.ports.Venue` over what a source tells by its `on_...` methods, in the order of its tape."""

    model = "shadow book"

    def __init__(
        self,
        instruments: Mapping[str, Instrument],
        references: Mapping[str, int] | None = None,
        self_trade: SelfTrade = SelfTrade.CANCEL_NEWEST,
        queue_model: QueueModel | None = None,
    ) -> None:
        self._instruments = dict(instruments)
        self._references = dict(references or {})
        self._queue_model = queue_model or PowerQueue()
        self._scales: dict[str, DailyScale | None] = {}
        super().__init__(self._mirrors(), self_trade)

    def take_up(self, instrument: Instrument, reference: int | None = None) -> None:
        """One more instrument; `reference` is the last price that its past tells, in ticks."""
        symbol = instrument.symbol
        self._instruments[symbol] = instrument
        if reference is not None:
            self._references[symbol] = reference
        self._listings[symbol] = Mirror(instrument, reference)

    # --- what the source tells

    def on_book_snapshot(self, symbol: str, bids: Iterable[Row], asks: Iterable[Row], now: int) -> None:
        """The displayed book as (price, lots) rows. Levels deeper than its last row are out of view, not gone."""
        self._listings[symbol].is_quoted = False
        self._show(symbol, bids, asks, now)
        self._serve_waiting(self._listings[symbol], now)

    def on_quote(self, symbol: str, bid: Row | None, ask: Row | None, now: int) -> None:
        """The best bid and ask as (price, lots), of a source that shows nothing behind them."""
        mirror = self._listings[symbol]
        mirror.is_quoted = True
        self._show(symbol, [bid] if bid else [], [ask] if ask else [], now)
        mirror.forget_beyond()
        self._serve_waiting(mirror, now)

    def on_scale(self, symbol: str, scale: DailyScale | None) -> None:
        """How much the market moves and trades in a day, for what trades behind a quote; None: not known."""
        self._scales[symbol] = self._listings[symbol].scale = scale
        self._out.touched.add(symbol)

    def _show(self, symbol: str, bids: Iterable[Row], asks: Iterable[Row], now: int) -> None:
        rows_by_side = {Side.BUY: dict(bids), Side.SELL: dict(asks)}
        for side, rows in rows_by_side.items():
            self._forget(symbol, side, rows, now)
        for side, rows in rows_by_side.items():
            for price, qty in rows.items():
                self.on_level(symbol, side, price, qty, now)
            self._listings[symbol].shown(side).untold.clear()

    def on_level(self, symbol: str, side: Side, price: int, qty: int, now: int, traded: int = 0) -> None:
        """`qty` lots are displayed at `price` now (0: the level is gone); `traded` of a decrease were executed.

        Where `traded` is not given, prints told before by `on_trade` are taken for the executed part.
        """
        mirror = self._heard(symbol, now)
        mirror.has_depth = True
        half = mirror.shown(side)
        level = half.at(price)
        previous, announced = level.qty, level.announced
        executed = max(traded, announced)
        queue = own_level(mirror, side, price)
        if queue is not None:
            self._trade_at(mirror, queue, max(0, traded - announced), NO_PRINT, now)
            self._cancel_at(queue, previous - executed, previous - executed - qty, qty)
        level.announced = max(0, announced - traded) if traded else 0
        level.update(qty, executed)
        if not qty:
            half.drop(price)
        if qty > previous and mirror.book.orders:
            self._meet_shown(mirror, side, now)

    def out_of_view(self, symbol: str, side: Side, price: int, now: int) -> None:
        """The level left the displayed window; nothing is known of what became of it."""
        self._heard(symbol, now).shown(side).drop(price)

    def on_touch(self, symbol: str, bid: int | None, ask: int | None, now: int) -> None:
        """Best prices of a source that shows no sizes (quote bars, say)."""
        mirror = self._heard(symbol, now)
        mirror.touch = {side: price for side, price in zip(SIDES, (bid, ask), strict=True) if price is not None}
        taken = {side: mirror.shown(side).taken_at(price) for side, price in mirror.touch.items()}
        if mirror.has_depth:
            self._show(symbol, (), (), now)
            mirror.has_depth = False
        for side in SIDES:
            mirror.shown(side).untold = taken.get(side, {})
        for side, price in mirror.touch.items():
            self._trade_through(mirror, side.opposite, price, SIZE_UNKNOWN, NO_PRINT, now, mirror.shown_of)
        self._serve_waiting(mirror, now)

    def on_trade(self, trade: Trade, at_level_side: Side | None = None, is_sized: bool = True) -> None:
        """A print of the market's tape. `at_level_side` is the side that rested; judged by the touch when None.

        Where it is not `is_sized` its quantity is for the tape alone: how much was traded is not known.
        """
        now = trade.counts_at
        mirror = self._heard(trade.symbol, now)
        self._out.items.append(trade)
        before, mirror.last_price = mirror.last_price, trade.price
        mirror.band.on_trade(trade.price, trade.ts_event)
        lots = (trade.qty if is_sized else 0) or SIZE_UNKNOWN
        if trade.is_doubtful or trade.meets_until == MEETS_NOBODY:
            return
        if mirror.is_crossing and is_for_all(trade, mirror):
            lots = self._meet_cross(mirror, trade, lots, now)
        for side in SIDES:
            price = trade.against(side.opposite)
            lots = self._trade_through(mirror, side, price, lots, trade.trade_id, now, trade.meets_until)
        hit = None if trade.is_between else at_level_side or mirror.side_hit(trade.price)
        if hit is not None:
            self._trade_on(mirror, hit, trade, lots, now)
        self._fill_waiting(mirror, trade, lots, before, now)

    def on_void(self, voided: PrintVoided) -> None:
        """A print of before never was. The last price and the band go back; what traded on it stays traded."""
        mirror = self._listings[voided.symbol]
        mirror.last_price = voided.last
        mirror.band.on_void(voided.price, voided.last)
        self._out.items.append(voided)
        self._out.touched.add(voided.symbol)

    def reset(self, now: int, references: Mapping[str, int] | None = None) -> None:
        """Forget the market (the source jumped) and cancel all of our orders."""
        for resting in list(self._resting.values()):
            self._withdraw(resting, CancelCause.SEEK, now)
        for mirror in self._listings.values():
            for order in [*mirror.waiting.values(), *mirror.collected.values()]:
                self._stop_waiting(mirror, order, CancelCause.SEEK, now)
        self._references.update(references or {})
        self._listings = self._mirrors()
        self._out.touched.update(self._listings)

    # --- what the desk calls, where a displayed market makes a difference

    def resume(self, symbol: str, now: int, by: HaltedBy = HaltedBy.DESK) -> None:
        super().resume(symbol, now, by)
        self._meet(self._listings[symbol], now)

    def _meet(self, mirror: Mirror, now: int) -> None:
        """Orders that had to wait meet the market as it is now."""
        for side in SIDES:
            self._meet_shown(mirror, side, now)
        self._serve_waiting(mirror, now)

    def top(self, symbol: str, levels: int) -> BookTop:
        return self._listings[symbol].top(levels)

    def beyond(self, symbol: str, side: Side, lots: int, limit: int | None) -> Beyond | None:
        """By the rule of `impact` behind a quote; where a touch has no size, all of it trades there.

        Where there is no touch either, an order that reaches the last print waits for the next one.
        """
        mirror = self._listings[symbol]
        worst = mirror.band.edge(side) if limit is None else limit
        if not mirror.has_depth:
            touch = mirror.touch.get(side.opposite)
            next_print = None if touch is not None else at_next_print(mirror.last_price, side, lots, worst)
            return next_print or all_at_touch(touch, side, lots, worst)
        impact = mirror.impact(side.opposite)
        if impact is None:
            return None
        begun = mirror.beyond.get(side.opposite, 0)
        slices = tuple(impact.slices(begun, lots, furthest(impact, side, worst)))
        taken = sum(each.lots for each in slices)
        if not taken:
            return None
        levels = tuple(Level(impact.touch + each.ticks * side.sign, each.lots) for each in slices)
        return Beyond(impact.touch, levels, impact.forecast(taken, begun + taken))

    def has_depth(self, symbol: str) -> bool:
        """Whether the source has told of displayed sizes."""
        return self._listings[symbol].has_depth

    def last_price(self, symbol: str) -> int | None:
        """Ticks of the last print, before the first the reference; None without one."""
        return self._listings[symbol].last_price

    def check(self) -> None:
        """Raise AssertionError when anything that must always hold does not."""
        for mirror in self._listings.values():
            mirror.book.check()
            for side in SIDES:
                check_shown(mirror.shown(side))
        for order_id, resting in self._resting.items():
            assert resting.order.id == order_id
            place = shadow_place(resting)
            assert place.ahead == place.front + self._listings[resting.order.symbol].book.ahead(resting.id)

    # --- incoming orders

    def _match(self, listing: Mirror, order: VenueOrder, limit: int, now: int) -> Matched:
        if not listing.has_depth:
            return self._match_touch(listing, order, limit, now)
        left, shown_side = order.qty, listing.shown(order.side.opposite)
        while left:
            shown, resting = shown_side.first(limit), own_head(listing, order.side, limit)
            if shown is not None and (resting is None or not is_before(resting, shown, order.side)):
                left -= self._take_shown(listing, order, shown, left, now)
            elif resting is None:
                break
            elif resting.owner != order.owner:
                left -= self._meet_client(listing, order, resting, left, now)
            elif self._self_trade is SelfTrade.CANCEL_NEWEST:
                return Matched(left, met_own=True)
            else:
                self._withdraw(resting, CancelCause.SELF_TRADE, now)
        return Matched(left - self._take_beyond(listing, order, left, limit, now))

    def _take_beyond(self, mirror: Mirror, order: VenueOrder, left: int, limit: int, now: int) -> int:
        """What is traded behind a quote whose lots are gone."""
        side = order.side.opposite
        impact = mirror.impact(side)
        if not left or impact is None:
            return 0
        begun = taken = mirror.beyond.get(side, 0)
        for lots, ticks in impact.slices(taken, left, furthest(impact, order.side, limit)):
            taken = mirror.beyond[side] = taken + lots
            price, top = impact.touch + ticks * order.side.sign, mirror.top(REASON_LEVELS)
            reason = taker_reason(impact.words(taken), order, top, top, mirror.age(now))
            self._tell(order, execution(order, price, lots, Liquidity.TAKER, NO_PRINT, now, reason))
        return taken - begun

    def _available(self, listing: Mirror, order: VenueOrder, limit: int) -> int:
        if not listing.has_depth:
            price = listing.touch.get(order.side.opposite)
            return 0 if price is None or (limit - price) * order.side.sign < 0 else order.qty
        stops = self._self_trade is SelfTrade.CANCEL_NEWEST
        clients = listing.book.available(order.side, order.qty, limit, order.owner, stops, self._may_trade)
        reach = first_own_price(listing, order, limit) if stops else limit
        shown = sum(level.left for level in listing.shown(order.side.opposite).takeable(reach))
        return min(order.qty, clients + shown + self._available_beyond(listing, order, reach))

    def _available_beyond(self, mirror: Mirror, order: VenueOrder, limit: int) -> int:
        side = order.side.opposite
        impact = mirror.impact(side)
        if impact is None:
            return 0
        return max(0, impact.reach(furthest(impact, order.side, limit)) - mirror.beyond.get(side, 0))

    def _opposite(self, listing: Mirror, side: Side) -> int | None:
        shown, own = listing.best_price(side.opposite), listing.book.touch(side.opposite)
        prices = [price for price in (shown, own[0] if own else None) if price is not None]
        return min(prices, key=lambda price: price * side.sign, default=None)

    def _take_shown(self, mirror: Mirror, order: VenueOrder, shown: ShownLevel, most: int, now: int) -> int:
        lots, before = min(most, shown.left), mirror.top(REASON_LEVELS)
        shown.taken += lots
        self._tell_taken(mirror, order, shown.price, lots, before, NO_PRINT, now)
        return lots

    # --- resting orders

    def _place(self, listing: Mirror, order: VenueOrder, price: int, order_id: int) -> ShadowPlace:
        half, queue = listing.shown(order.side), own_level(listing, order.side, price)
        fronts = [place.front for place in places_of(queue)] if queue is not None else []
        front = max([half.displayed(price), *fronts])
        is_sighted = listing.has_depth and half.shows(price)
        return ShadowPlace(order_id, listing.book.queued(order.side, price), front, is_sighted)

    def _shown_at(self, resting: WatchedOrder) -> int | None:
        mirror, place = self._listings[resting.order.symbol], shadow_place(resting)
        half = mirror.shown(resting.side)
        if not place.is_sighted and not (mirror.has_depth and half.shows(resting.price)):
            return None
        return max(half.displayed(resting.price), place.front)

    def _trade_through(
        self, mirror: Mirror, side: Side, price: int, lots: int, trade_id: int, now: int, by: int | None
    ) -> int:
        """Fill own orders of `side` that had come `by` then at a price strictly better; the lots that remain."""
        while lots and (resting := own_head(mirror, side.opposite, price + side.sign, by)):
            if self._is_barred(mirror, now):
                return lots
            filled = min(lots, self._may_give(resting, now))
            if not filled:
                continue
            place = shadow_place(resting)
            place.front_traded(place.front)
            self._fill_resting(mirror, resting, filled, trade_id, now)
            lots -= filled
        return lots

    def _trade_on(self, mirror: Mirror, side: Side, trade: Trade, lots: int, now: int) -> None:
        """Resting orders of `side` at the trade's own price were hit, the displayed ones first."""
        level = mirror.shown(side).levels.get(trade.price)
        if level is not None:
            level.announced += trade.qty
        queue = own_level(mirror, side, trade.price)
        if queue is not None and trade.qty:
            self._trade_at(mirror, queue, lots, trade.trade_id, now, trade.meets_until)

    def _trade_at(
        self, mirror: Mirror, queue: PriceLevel, lots: int, trade_id: int, now: int, by: int | None = None
    ) -> None:
        """`lots` were executed at the price of `queue`: displayed lots before each own order go, then it fills."""
        passed = 0
        for resting in own_orders(queue.orders) if lots else []:
            if not resting.order.had_come(by):
                return
            place = shadow_place(resting)
            if not place.is_sighted and not self._sight_gap(mirror, resting, place):
                continue
            step = min(lots, place.front - passed)
            passed, lots = passed + step, lots - step
            place.front_traded(passed)
            filled = 0 if place.front or self._is_barred(mirror, now) else min(lots, self._may_give(resting, now))
            if filled:
                self._fill_resting(mirror, resting, filled, trade_id, now)
            lots -= filled

    def _sight_gap(self, mirror: Mirror, resting: WatchedOrder, place: ShadowPlace) -> bool:
        """A price inside the displayed window without a level has nothing ahead."""
        if mirror.has_depth and mirror.shown(resting.side).shows(resting.price):
            place.sight(0)
        return place.is_sighted

    def _cancel_at(self, queue: PriceLevel, displayed: int, canceled: int, qty: int) -> None:
        """Of `displayed` lots, `canceled` left without a trade and `qty` are displayed now."""
        places = places_of(queue)
        sighted = [place for place in places if place.is_sighted]
        if canceled > 0:
            split_cancel(self._queue_model, sighted, displayed, canceled)
        cap_fronts(sighted, qty)
        for place in places:
            place.sight(qty)

    def _meet_shown(self, mirror: Mirror, side: Side, now: int) -> None:
        """Displayed lots of `side` strictly through own resting orders fill those, at the own price."""
        while resting := own_head(mirror, side, ANY_PRICE[side], mirror.shown_of):
            shown = mirror.shown(side).first(resting.price - side.opposite.sign)
            if shown is None or self._is_barred(mirror, now):
                return
            lots = min(shown.left, self._may_give(resting, now))
            if not lots:
                continue
            shown.taken += lots
            place = shadow_place(resting)
            place.front_traded(place.front)
            self._fill_resting(mirror, resting, lots, NO_PRINT, now)

    # --- the mirror

    def _mirrors(self) -> dict[str, Mirror]:
        mirrors = {s: Mirror(each, self._references.get(s)) for s, each in self._instruments.items()}
        for symbol, scale in self._scales.items():
            mirrors[symbol].scale = scale
        return mirrors

    def _heard(self, symbol: str, now: int) -> Mirror:
        mirror = self._listings[symbol]
        mirror.updated_at = now
        self._out.touched.add(symbol)
        return mirror

    def _forget(self, symbol: str, side: Side, rows: Mapping[int, int], now: int) -> None:
        """Levels that a new snapshot no longer has: gone when inside its window, else out of view."""
        sign = side.sign
        deepest = min((price * sign for price in rows), default=None)
        for price in [key * sign for key in self._listings[symbol].shown(side).keys]:
            if price not in rows:
                if deepest is not None and price * sign > deepest:
                    self.on_level(symbol, side, price, 0, now)
                else:
                    self.out_of_view(symbol, side, price, now)


def is_for_all(trade: Trade, mirror: Mirror) -> bool:
    """Whether everybody who was collected for an auction had come by this print, so that it can be the auction's."""
    return all(order.had_come(trade.meets_until) for order in mirror.collected.values())


def furthest(impact: Impact, side: Side, limit: int) -> int:
    """Ticks that an order of `side` may trade beyond the touch: inside its limit, and above zero."""
    least = limit if side is Side.BUY else max(1, limit)
    return (least - impact.touch) * side.sign


def all_at_touch(touch: int | None, side: Side, lots: int, limit: int) -> Beyond | None:
    if touch is None or (limit - touch) * side.sign < 0:
        return None
    return Beyond(touch, (Level(touch, lots),), "the quote tells no sizes: all of it trades at its price")


def at_next_print(last: int | None, side: Side, lots: int, limit: int) -> Beyond | None:
    """Reckoned at the last print, where `limit` reaches it."""
    if last is None or (limit - last) * side.sign < 0:
        return None
    rule = "no quotes are shown: it trades at the next print, and is reckoned at the last one"
    return Beyond(last, (Level(last, lots),), rule, is_to_come=True)


def is_before(resting: WatchedOrder, shown: ShownLevel, taker: Side) -> bool:
    """A client's order comes before displayed lots only at a strictly better price."""
    return (shown.price - resting.price) * taker.sign > 0


def first_own_price(mirror: Mirror, order: VenueOrder, limit: int) -> int:
    """The best opposite price at which `order` would meet its own owner; `limit` when it would not."""
    sign = order.side.sign
    met = [r.price for r in mirror.book.orders.values() if r.owner == order.owner and r.side is not order.side]
    return min([limit, *met], key=lambda price: price * sign)


def own_level(mirror: Mirror, side: Side, price: int) -> PriceLevel | None:
    half = mirror.book.bids if side is Side.BUY else mirror.book.asks
    return half.levels.get(price)


def places_of(queue: PriceLevel) -> list[ShadowPlace]:
    return [place for place in queue.places or () if isinstance(place, ShadowPlace)]


def shadow_place(resting: WatchedOrder) -> ShadowPlace:
    place = resting.place
    assert isinstance(place, ShadowPlace), f"order {resting.id} rests unwatched"
    return place


def check_shown(half: ShownSide) -> None:
    assert half.keys == sorted(half.keys), "displayed prices are out of order"
    assert {key * half.sign for key in half.keys} == set(half.levels), "displayed prices and levels differ"
    for price, level in half.levels.items():
        assert 0 <= level.taken <= level.qty, f"{level.taken} of {level.qty} lots taken at {price}"
