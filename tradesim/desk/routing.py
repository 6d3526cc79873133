"""Where an open order is and goes: it waits at the desk, is on its way, or is at the venue.

At the desk wait legs (HELD), orders outside their session (ACCEPTED), stops that no trade has reached, what is less
than a lot, exits that were turned away (trading is halted, nobody is there, the price is out of reach), and what came
while the quote was old, crossed or disputed. What is done to an order at the desk is done at once; what is at the
venue, or on its way there, is reached by a message that takes as long as an order and never overtakes one. So every
race is decided by the order of arrival, here.
"""

from collections import defaultdict
from collections.abc import Callable
from decimal import Decimal

from msgspec.structs import replace

from tradesim.desk.closing import Closing, is_canceling, protects
from tradesim.desk.doubts import Doubts
from tradesim.desk.fractions import Fractions
from tradesim.desk.market import Market
from tradesim.desk.messages import replaced_by, venue_order, wish_of
from tradesim.desk.records import Records
from tradesim.desk.sessions import TO_TRADE_AT_ONCE, is_for_auction, may_trade, trades_with_stops
from tradesim.model.commands import ReplaceOrder
from tradesim.model.events import (
    OrderActivated,
    OrderCanceled,
    OrderCancelRequested,
    OrderExpired,
    OrderHeld,
    OrderReplaced,
    OrderReplaceRejected,
    OrderReplaceRequested,
    OrderTrailed,
    OrderTriggered,
)
from tradesim.model.instrument import Instrument
from tradesim.model.market import Trade
from tradesim.model.orders import Change, Order, OrderStatus, OrderType, Rejection, TimeInForce
from tradesim.model.venue import CancelCause
from tradesim.trading.groups import Consequence, Deed, consequences, group_of
from tradesim.trading.lifecycle import awaits_trigger
from tradesim.trading.triggers import Triggers, trail_stop

ALREADY_CLOSED = "The position was closed while this order was on its way."
BY_REQUEST = "Cancelled on request."
GROUP = "group"
DAY_ENDED = "The day ended."
REDUCE_ONLY = CancelCause.REDUCE_ONLY.value
CLOSED_BY_ANOTHER = "The position that it was to reduce was closed."
Recheck = Callable[[ReplaceOrder, Order, Market], Rejection | None]


class Router:
    """`recheck` asks once more, on arrival, whether a change may be made."""

    def __init__(self, records: Records, recheck: Recheck) -> None:
        self._records, self._recheck = records, recheck
        self.triggers = Triggers()
        self.fractions = Fractions(records)
        self.doubts = Doubts()
        self.closing = Closing(records)
        self.why: dict[str, tuple[str, str]] = {}
        """Cause and sentence of a cancel that is on its way to the venue, where it is not at the owner's request."""
        self.cuts: dict[str, Decimal] = {}
        """What orders at the venue are being cut to, the fraction of a lot included that the venue does not know."""
        self.changes: dict[str, Change] = {}
        """What of orders at the venue is being changed, by its owner's wish."""
        self._on_the_way: dict[str, int] = {}
        self.stranded: defaultdict[str, dict[str, int]] = defaultdict(dict)
        """Orders that were turned away for now, by symbol, and when they may be sent again, UTC ns."""

    def begin(self, market: Market) -> None:
        """Another market was opened: nothing is on its way to it yet, and nothing is watched in it."""
        self.triggers.clear()
        self.doubts.clear()
        self.fractions.clear()
        self.why.clear()
        self._on_the_way.clear()
        self.cuts.clear()
        self.changes.clear()
        self.stranded.clear()
        self._records.traded.clear()
        self._records.reducing.clear()
        self._records.vain.clear()
        market.source.venue.held = lambda account_id, symbol: self.closing.lots_held(account_id, symbol, market)
        for order in self._records.open_orders_in(market.world):
            if order.only_closes:
                self._records.mark_reducing(order)
            self._records.vain.update(dict.fromkeys(filter(self.closing.was_in_vain, order.bound_by)))

    # -- where an order goes --------------------------------------------------------------------------------------

    def route(self, order: Order, market: Market) -> None:
        """An order that was accepted, or resumed, goes where it belongs now."""
        if order.status is OrderStatus.HELD:
            return
        if order.type.waits_for_trigger and order.triggered_at is None:
            self._watch(order, market)
        elif may_trade(order, market):
            self.send(order, market)
        else:
            self._hold(order, OrderStatus.ACCEPTED, market.reached)

    def send(self, order: Order, market: Market) -> None:
        """Put an order on its way to the venue."""
        self._unstrand(order)
        if order.status in (OrderStatus.HELD, OrderStatus.ACCEPTED):
            self._records.record(OrderActivated(order.account_id, order.id, market.reached))
        latency = self._records.rules.latency_ns()
        self._depart(order.id, market, lambda now: self._arrive(order.id, market, now, latency), latency)

    def _watch(self, order: Order, market: Market) -> None:
        """A stop waits for a trade at the desk; outside its session, for the session first."""
        now = market.reached
        if not trades_with_stops(order.symbol, market, now):
            if not awaits_trigger(order):
                self._hold(order, OrderStatus.ACCEPTED, now)
            return
        if not awaits_trigger(order):
            self._records.record(OrderHeld(order.account_id, order.id, OrderStatus.NEW, now))
        self._begin_trail(order.id, market)
        self._keep_watch(order.id, market)

    def _begin_trail(self, order_id: str, market: Market) -> None:
        order, instrument = self._expect(order_id, market)
        last = market.board.last(order.symbol)
        if order.type is OrderType.TRAILING_STOP and order.high_water is None and last is not None:
            self._trail(order, instrument.price(last), instrument, market.reached)

    def _keep_watch(self, order_id: str, market: Market) -> None:
        order, instrument = self._expect(order_id, market)
        self.triggers.keep(order, instrument, market.reached)

    def _hold(self, order: Order, status: OrderStatus, now: int) -> None:
        kept = OrderStatus.PARTIALLY_FILLED if order.status is OrderStatus.PARTIALLY_FILLED else status
        if order.status is not kept:
            self._records.record(OrderHeld(order.account_id, order.id, kept, now))

    def is_waiting(self, order: Order, market: Market) -> bool:
        """Whether an open order is here at the desk: neither at the venue nor on its way there."""
        return order.id not in self._on_the_way and not market.source.venue.holds(order.id)

    # -- what happens to it ---------------------------------------------------------------------------------------

    def cancel(self, order: Order, market: Market, cause: str = CancelCause.CLIENT, why: str = BY_REQUEST) -> None:
        """At once while it waits here; else the wish is durable and follows the order."""
        if self.is_waiting(order, market) or market.instrument(order.symbol) is None:
            self.end(order, market.reached, cause, why)
            return
        if why != BY_REQUEST:
            self.why[order.id] = cause, why
        alone = cause == CancelCause.ALONE
        self._records.record(OrderCancelRequested(order.account_id, order.id, market.reached, alone))
        self._depart(order.id, market, lambda now: self._cancel_at_venue(order, market, now))

    def end(self, order: Order, now: int, cause: str, why: str) -> None:
        """It is cancelled here and now."""
        self.forget(order)
        self._records.record(OrderCanceled(order.account_id, order.id, cause, why, now))

    def expire(self, order: Order, now: int, message: str) -> None:
        """Its time is over."""
        self.forget(order)
        self._records.record(OrderExpired(order.account_id, order.id, message, now))

    def forget(self, order: Order) -> None:
        """Watch for it no more."""
        self.triggers.drop(order.id)
        self.fractions.drop(order)
        self._unstrand(order)
        self.why.pop(order.id, None)
        self.cuts.pop(order.id, None)
        self.changes.pop(order.id, None)

    def change(self, order: Order, change: Change, market: Market) -> None:
        """At once while it waits here; else the wish is durable and follows the order."""
        if self.is_waiting(order, market):
            self._change_here(order, change, market, at_once=True)
            return
        self._records.record(
            OrderReplaceRequested(
                order.account_id,
                order.id,
                change.qty,
                change.limit_price,
                market.reached,
                change.stop_price,
                change.trail,
                change.time_in_force,
                change.revision_id,
                change.client_order_id,
            )
        )
        self._depart(order.id, market, lambda now: self._change_at_venue(order, change, market, now))

    def make_good(self, order: Order, market: Market) -> None:
        """A change that was on its way when the desk stopped is done now: the order has no place to keep.

        It is checked once more, as on arrival.
        """
        asked, now = order.requested, market.reached
        if asked is None or asked.is_cancel or (asked.qty is not None and asked.qty <= order.filled_qty):
            return
        refusal = self._recheck(wish_of(order, asked), order, market)
        if refusal:
            self._records.record(OrderReplaceRejected(order.account_id, order.id, refusal, now))
        else:
            self._records.record(replaced_by(order, asked, now, kept_place=False))

    def _change_here(self, order: Order, change: Change, market: Market, at_once: bool = False) -> None:
        done = replaced_by(order, change, market.reached, kept_place=True)
        self._records.record(replace(done, at_once=at_once))
        order, instrument = self._expect(order.id, market)
        if change.trail is not None and order.high_water is not None and awaits_trigger(order):
            self._trail(order, order.high_water, instrument, market.reached)
        if order.id in self.triggers:
            self._keep_watch(order.id, market)
        if self.fractions.drop(order):
            self.send(self._expect(order.id, market)[0], market)

    # -- trades ---------------------------------------------------------------------------------------------------

    def on_trade(self, trade: Trade, market: Market) -> None:
        """A print in a symbol in which stops wait."""
        if not trades_with_stops(trade.symbol, market, trade.ts_event):
            return
        if trade.is_doubtful:
            self.doubts.note(trade)
            return
        for order_id in self.triggers.moved(trade.symbol, trade.price, trade.meets_until, trade.is_between):
            order, instrument = self._expect(order_id, market)
            self._trail(order, instrument.price(trade.against(order.side)), instrument, trade.counts_at)
            self.triggers.trail(self._expect(order_id, market)[0], instrument)
        for order_id in self.triggers.reached(trade.symbol, trade.price, trade.meets_until, trade.is_between):
            if order_id in self.triggers:
                self._trigger(order_id, trade, market)

    def _trail(self, order: Order, high_water: Decimal, instrument: Instrument, now: int) -> None:
        stop = trail_stop(order, high_water, instrument)
        self._records.record(OrderTrailed(order.account_id, order.id, high_water, stop, now))

    def _trigger(self, order_id: str, trade: Trade, market: Market) -> None:
        """The other exits of its group are called back before it is sent: first sent is first to arrive."""
        order, instrument = self._expect(order_id, market)
        self.triggers.drop(order_id)
        price = instrument.price(trade.price)
        self._records.record(OrderTriggered(order.account_id, order.id, price, trade.counts_at))
        self.settle(market)
        order = self._expect(order_id, market)[0]
        if order.is_open:
            self.send(order, market)

    # -- turned away ----------------------------------------------------------------------------------------------

    def strand(self, order: Order, now: int, wait_ns: int = 1, status: OrderStatus = OrderStatus.ACCEPTED) -> None:
        """It is sent again when the market may take it, at the earliest after `wait_ns`; until then it is `status`."""
        self._hold(order, status, now)
        self.stranded[order.symbol][order.id] = now + wait_ns

    def _keep_from(self, untrusted: Rejection, order: Order, now: int) -> None:
        """It waits for a quote that can be trusted, its day running; what must trade at once is over."""
        if order.time_in_force in TO_TRADE_AT_ONCE:
            self.end(order, now, untrusted.code, f"{untrusted.message[0].upper()}{untrusted.message[1:]}.")
            return
        self.strand(order, now, status=OrderStatus.NEW)

    def _unstrand(self, order: Order) -> None:
        stranded = self.stranded.get(order.symbol, {})
        if stranded.pop(order.id, None) is not None and not stranded:
            del self.stranded[order.symbol]

    def send_again(self, symbols: set[str], market: Market) -> None:
        """The books of `symbols` changed."""
        for symbol in sorted(self.stranded.keys() & symbols):
            for order_id, due in list(self.stranded[symbol].items()):
                order = self._records.state.order(order_id)
                if order is not None and market.reached >= due and self._may_send_again(order, market):
                    self.send(order, market)

    def _may_send_again(self, order: Order, market: Market) -> bool:
        if not (market.may_match(order.symbol) and may_trade(order, market)):
            return False
        touch = market.touches((order.symbol,))[order.symbol]
        return order.limit_price is not None or (touch.to_trade(order.side) or touch.last) is not None

    # -- groups ---------------------------------------------------------------------------------------------------

    def settle(self, market: Market) -> None:
        """Do what follows for the others of each group to which something happened, until nothing follows any more."""
        shaken, traded, vain = self._records.shaken, self._records.traded, self._records.vain
        while shaken or traded or vain:
            while shaken:
                self._settle_group(*shaken.pop(0), market)
            if traded:
                account_id, symbol = next(iter(traded))
                del traded[account_id, symbol]
                self.trim(account_id, symbol, market)
            elif vain:
                self.closing.release(vain.popitem()[0], market)

    def _settle_group(self, order_id: str, is_canceled: bool, market: Market) -> None:
        order = self._records.state.order(order_id)
        group = group_of(order, self._records.state.order) if order else None
        if group is None:
            return
        is_exit = is_canceled and any(each.id == order_id for each in group.exits)
        for each in consequences(group, is_exit):
            self._do(each, market)

    def _do(self, consequence: Consequence, market: Market) -> None:
        order = self._records.state.order(consequence.order_id)
        if order is None or not order.is_open:
            return
        match consequence.deed:
            case Deed.CANCEL:
                self.call_back(order, market, GROUP, consequence.why)
            case Deed.CUT:
                self.cut(order, consequence.qty, market)
            case Deed.ACTIVATE:
                self._activate(order, market)

    def call_back(self, order: Order, market: Market, cause: str = CancelCause.CLIENT, why: str = BY_REQUEST) -> None:
        """What is on its way is ended here: on arrival it is found to be over."""
        if market.instrument(order.symbol) is None or not market.source.venue.holds(order.id):
            self.end(order, market.reached, cause, why)
        elif not is_canceling(order):
            self.cancel(order, market, cause, why)

    def _activate(self, order: Order, market: Market) -> None:
        """A leg goes its own way now, unless what it was to close is closed already."""
        if not self.closing.left(order):
            self.end(order, market.reached, REDUCE_ONLY, CLOSED_BY_ANOTHER)
            return
        if order.type.waits_for_trigger:
            self._watch(order, market)
        elif may_trade(order, market):
            self.send(order, market)
        else:
            self._hold(order, OrderStatus.ACCEPTED, market.reached)

    def cut(self, order: Order, qty: Decimal, market: Market) -> None:
        """To a total of `qty`, at once, wherever it is: it may not fill more."""
        instrument, venue = market.instrument(order.symbol), market.source.venue
        if instrument is None or not venue.holds(order.id):
            self._records.record(OrderReplaced(order.account_id, order.id, qty, None, True, market.reached))
            return
        lots = instrument.lots(qty - order.filled_qty)
        self.cuts[order.id] = qty
        if lots and order.limit_price is not None:
            venue.replace(order.id, lots, instrument.ticks(order.limit_price), market.reached)
        else:
            venue.cancel(order.id, market.reached, CancelCause.REDUCE_ONLY)

    # -- positions ------------------------------------------------------------------------------------------------

    def trim(self, account_id: str, symbol: str, market: Market) -> None:
        """Orders that only close are cut to what is left to close, the oldest first: those at the venue now, those that
        are sent later on arrival. Where nothing is left, those that wait here end; legs of an open entry wait on.
        """
        left = abs(self._records.state.position(account_id, symbol).qty)
        for order_id in list(self._records.reducing.get((account_id, symbol), ())):
            order = self._records.state.order(order_id)
            if order is None or not order.is_open or market.instrument(symbol) is None:
                continue
            closes = self.closing.left(order)
            if not market.source.venue.holds(order_id):
                if not closes and order.status is not OrderStatus.HELD and self.is_waiting(order, market):
                    self.end(order, market.reached, REDUCE_ONLY, CLOSED_BY_ANOTHER)
                continue
            allowed = min(order.remaining, left, closes)
            if allowed < order.remaining:
                self.cut(order, order.filled_qty + allowed, market)
            left -= allowed

    # -- on arrival -----------------------------------------------------------------------------------------------

    def _depart(self, order_id: str, market: Market, action: Callable[[int], None], latency: int | None = None) -> None:
        self._on_the_way[order_id] = self._on_the_way.get(order_id, 0) + 1
        latency = self._records.rules.latency_ns() if latency is None else latency
        market.arrivals.send(market.reached + latency, lambda now: self._let_in(order_id, market, action, now))

    def _let_in(self, order_id: str, market: Market, action: Callable[[int], None], now: int) -> None:
        left = self._on_the_way.pop(order_id, 1) - 1
        if left:
            self._on_the_way[order_id] = left
        action(now)
        self.settle(market)

    def _arrive(self, order_id: str, market: Market, now: int, latency: int) -> None:
        order = self._records.state.order(order_id)
        instrument = market.instrument(order.symbol) if order else None
        if order is None or instrument is None or not order.is_open:
            return
        if not may_trade(order, market):
            self._miss(order, now)
            return
        for_auction = is_for_auction(order, market)
        untrusted = None if for_auction else market.untrusted(order.symbol)
        if untrusted:
            self._keep_from(untrusted, order, now)
            return
        if order.only_closes:
            self._cut_to_position(order, now)
            order = self._records.state.order(order_id) or order
        lots = instrument.lots(order.remaining)
        if not order.is_open:
            return
        if not lots and protects(order) and market.source.venue.is_halted(order.symbol):
            self.strand(order, now)
        elif lots:
            market.source.venue.submit(venue_order(order, instrument, lots, latency, for_auction, now), now)
        else:
            self.fractions.deal(order, instrument, market, now)

    def _miss(self, order: Order, now: int) -> None:
        """It came too late for its session; a stop that was reached in it and was for that day alone is over."""
        if order.triggered_at is None or order.time_in_force is not TimeInForce.DAY:
            self._hold(order, OrderStatus.ACCEPTED, now)
            return
        self.expire(order, now, DAY_ENDED)

    def _cut_to_position(self, order: Order, now: int) -> None:
        """A reduce-only order may close what there is on arrival; others may have closed some of it on the way."""
        closes = max(self.closing.left(order) - self.closing.taken_before(order), Decimal(0))
        if closes >= order.remaining:
            return
        if closes:
            total = order.filled_qty + closes
            self._records.record(OrderReplaced(order.account_id, order.id, total, None, True, now))
        else:
            self.end(order, now, REDUCE_ONLY, ALREADY_CLOSED)

    def _cancel_at_venue(self, asked: Order, market: Market, now: int) -> None:
        order = self._records.state.order(asked.id)
        if order is None or not order.is_open:
            self._too_late(asked, "cancel_too_late", "the order was over before the cancel arrived", now)
        elif market.source.venue.holds(order.id):
            market.source.venue.cancel(order.id, now)
        else:
            self.end(order, now, *self.why.get(order.id, (CancelCause.CLIENT, BY_REQUEST)))

    def _change_at_venue(self, asked: Order, change: Change, market: Market, now: int) -> None:
        """Checked once more on arrival: other orders and changes may have come before it. A cancel goes first."""
        order = self._records.state.order(asked.id)
        instrument = market.instrument(order.symbol) if order else None
        if order is None or instrument is None or not order.is_open:
            self._too_late(asked, "replace_too_late", "the order was over before the change arrived", now)
            return
        if is_canceling(order):
            return
        if change.qty is not None and change.qty <= order.filled_qty:
            market.source.venue.cancel(order.id, now)
            return
        refusal = market.untrusted(order.symbol) or self._recheck(wish_of(order, change), order, market)
        if refusal:
            self._records.record(OrderReplaceRejected(order.account_id, order.id, refusal, now))
        elif not market.source.venue.holds(order.id):
            self._change_here(order, change, market)
        else:
            self._replace_there(order, change, instrument, market, now)

    def _replace_there(self, order: Order, change: Change, instrument: Instrument, market: Market, now: int) -> None:
        limit = order.limit_price if change.limit_price is None else change.limit_price
        total = order.qty if change.qty is None else change.qty
        lots = instrument.lots(total - order.filled_qty)
        if limit is None or not lots:
            sentence = "an order at the venue must keep a limit price and at least one lot"
            self._records.record(
                OrderReplaceRejected(order.account_id, order.id, Rejection("not_replaceable", sentence), now)
            )
            return
        self.changes[order.id] = change
        market.source.venue.replace(order.id, lots, instrument.ticks(limit), now)

    def _too_late(self, asked: Order, code: str, sentence: str, now: int) -> None:
        """What was asked for is told to have come too late, where anybody still knows of the order."""
        if self._records.state.order(asked.id) is not None:
            self._records.record(OrderReplaceRejected(asked.account_id, asked.id, Rejection(code, sentence), now))

    def _expect(self, order_id: str, market: Market) -> tuple[Order, Instrument]:
        """An order that is watched is known, and traded here."""
        order = self._records.state.order(order_id)
        instrument = market.instrument(order.symbol) if order else None
        assert order is not None and instrument is not None, f"order {order_id} is watched but not known"
        return order, instrument
