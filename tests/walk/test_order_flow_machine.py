"""Any flow of orders of every kind, in any order: what must hold of quantities, cash, positions and groups does."""

import os
from collections import defaultdict
from decimal import Decimal

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from msgspec.structs import replace

from tests.fakes import ManualClock
from tests.plainly import require_the_same
from tests.stage import WITH_FRACTIONS, Stage, StillMarket
from tradesim.kernel.clock import NS_PER_SECOND
from tradesim.model.commands import (
    CancelAllOrders,
    CancelOrder,
    ClosePosition,
    ConfigureAccount,
    Flatten,
    HaltTrading,
    ReplaceOrder,
    ResumeTrading,
    SubmitOrder,
)
from tradesim.model.events import OrderAccepted, OrderBound, OrderFilled, OrderReleased, OrderReplaced
from tradesim.model.market import SessionState, Side
from tradesim.model.orders import ExitLeg, OrderClass, OrderType, Rejection, TimeInForce
from tradesim.trading.groups import group_of
from tradesim.trading.state import TradingState

STEPS = int(os.environ.get("TRADESIM_FLOW_STEPS", "40"))
EXAMPLES = int(os.environ.get("TRADESIM_FLOW_EXAMPLES", "120"))
SYMBOLS = {"AAPL": 23_000, "F": 1_050}
sides, symbols = st.sampled_from(Side), st.sampled_from(sorted(SYMBOLS))
near = st.integers(-12, 12)
lots = st.integers(1, 150)
times = st.sampled_from(TimeInForce)


class Flow(RuleBasedStateMachine):
    """A desk with latency on a market that strangers move; every answer is a value, never an exception."""

    @initialize(
        latency_ms=st.sampled_from((0, 5)),
        session=st.sampled_from((SessionState.ALWAYS, SessionState.REGULAR)),
        may_short=st.booleans(),
    )
    def begin(self, latency_ms: int, session: SessionState, may_short: bool) -> None:
        self.latency_ms = latency_ms
        market = StillMarket(instruments=WITH_FRACTIONS)
        market.session_state = session
        self.session = session
        self.stage = Stage(latency_ms=latency_ms, source=market)
        self.may_short = may_short
        rules = self.stage.desk._orders.state.portfolio("paper").account.rules
        self.stage.ask(ConfigureAccount("paper", replace(rules, shorting_enabled=may_short)))
        self.asked: list[str] = []
        self.limits: dict[str, set[Decimal]] = defaultdict(set)
        self.fills: dict[str, Decimal] = defaultdict(Decimal)
        self.held: dict[str, Decimal] = defaultdict(Decimal)
        self.paid = Decimal(0)
        self.closing: set[str] = set()
        self.bound_by: defaultdict[str, set[str]] = defaultdict(set)
        self.seen = 0

    # -- the flow -------------------------------------------------------------------------------------------------

    @rule(symbol=symbols, side=sides, type_=st.sampled_from(OrderType), tif=times, qty=lots, away=near, far=near)
    def send(self, symbol, side, type_, tif, qty, away, far) -> None:
        self.submit(self.order(symbol, side, type_, tif, Decimal(qty), away, far))

    @rule(side=sides, type_=st.sampled_from(OrderType), thousandths=st.integers(1, 5_000), away=near, far=near)
    def send_a_fraction(self, side, type_, thousandths, away, far) -> None:
        qty = Decimal(thousandths) / 1_000
        self.submit(self.order("F", side, type_, TimeInForce.DAY, qty, away, far))

    @rule(symbol=symbols, side=sides, qty=lots, shown=lots, away=near, flags=st.tuples(st.booleans(), st.booleans()))
    def send_a_special_one(self, symbol, side, qty, shown, away, flags) -> None:
        self.submit(
            SubmitOrder(
                "paper",
                symbol,
                side,
                OrderType.LIMIT,
                TimeInForce.GTC,
                qty=Decimal(qty),
                limit_price=self.price(symbol, away),
                display_qty=Decimal(shown) if flags[0] else None,
                reduce_only=flags[1],
            )
        )

    @rule(
        symbol=symbols,
        side=sides,
        qty=lots,
        class_=st.sampled_from((OrderClass.BRACKET, OrderClass.OCO, OrderClass.OTO)),
        entry=st.one_of(st.none(), near),
        profit=st.integers(1, 12),
        loss=st.integers(1, 12),
        kind=st.sampled_from(("stop", "stop_limit", "trail")),
    )
    def send_a_group(self, symbol, side, qty, class_, entry, profit, loss, kind) -> None:
        out = side.sign if class_ is not OrderClass.OCO else -side.sign
        exits = {
            "stop": ExitLeg(stop_price=self.price(symbol, -out * loss)),
            "stop_limit": ExitLeg(
                stop_price=self.price(symbol, -out * loss), limit_price=self.price(symbol, -out * (loss + 3))
            ),
            "trail": ExitLeg(trail_price=Decimal(loss) / 100),
        }
        has_limit = class_ is OrderClass.OCO or entry is not None
        limit = self.price(symbol, out * profit) if class_ is OrderClass.OCO else self.price(symbol, entry or 0)
        self.submit(
            SubmitOrder(
                "paper",
                symbol,
                side,
                OrderType.LIMIT if has_limit else OrderType.MARKET,
                TimeInForce.GTC,
                qty=Decimal(qty),
                limit_price=limit if has_limit else None,
                order_class=class_,
                take_profit=ExitLeg(limit_price=self.price(symbol, out * profit))
                if class_ is OrderClass.BRACKET
                else None,
                stop_loss=exits[kind],
            )
        )

    @precondition(lambda self: self.asked)
    @rule(which=st.integers(0, 10_000), qty=st.none() | lots, away=st.none() | near, is_revision=st.booleans())
    def change(self, which, qty, away, is_revision) -> None:
        order = self.stage.book(self.asked[which % len(self.asked)])
        if order is None:
            return
        price = None if away is None else self.price(order.symbol, away)
        is_stop = order.stop_price is not None and which % 2
        answer = self.stage.ask(
            ReplaceOrder(
                "paper",
                order.id,
                qty=None if qty is None else Decimal(qty),
                limit_price=None if is_stop else price,
                stop_price=price if is_stop else None,
                is_revision=is_revision,
            )
        )
        assert answer is not None

    @precondition(lambda self: self.asked)
    @rule(which=st.integers(0, 10_000), alone=st.booleans())
    def cancel(self, which, alone) -> None:
        self.stage.ask(CancelOrder("paper", self.asked[which % len(self.asked)], alone))

    @precondition(lambda self: self.asked)
    @rule(which=st.integers(0, 10_000), trail=st.integers(1, 20))
    def move_a_trail(self, which, trail) -> None:
        order_id = self.asked[which % len(self.asked)]
        assert self.stage.ask(ReplaceOrder("paper", order_id, trail=Decimal(trail) / 100)) is not None

    @rule(symbol=symbols, qty=st.none() | lots)
    def close(self, symbol, qty) -> None:
        self.note(self.stage.ask(ClosePosition("paper", symbol, qty=None if qty is None else Decimal(qty))))

    @rule()
    def flatten(self) -> None:
        for answer in self.stage.ask(Flatten("paper")):
            self.note(answer)

    @rule(
        symbol=symbols,
        side=sides,
        qty=lots,
        away=st.integers(1, 12),
        loss=st.integers(1, 12),
        part=st.none() | lots,
        sweep=st.integers(1, 9_000),
        is_first=st.booleans(),
        is_halted=st.sampled_from((False, False, True)),
    )
    def a_position_is_closed_beside_the_orders_that_were_to_close_it(
        self, symbol, side, qty, away, loss, part, sweep, is_first, is_halted
    ) -> None:
        """Two limits and a stop, all plain; the close is on its way when a stranger meets the limits, or the stop.

        Or it arrives in a halt, comes to nothing, and binds nothing any more.
        """
        held = self.held_after(SubmitOrder("paper", symbol, side, qty=Decimal(qty)))
        if not held:
            return
        out = Side.SELL if held > 0 else Side.BUY
        plain = SubmitOrder("paper", symbol, out, OrderType.LIMIT, TimeInForce.GTC, qty=abs(held))
        for each in (away, away + 1):
            self.submit(replace(plain, limit_price=self.price(symbol, -out.sign * each)))
        self.submit(replace(plain, type=OrderType.STOP, stop_price=self.price(symbol, out.sign * loss)))
        self.stage.pass_ms(6)
        closing = ClosePosition("paper", symbol, qty=None if part is None else Decimal(part))
        if is_first:
            self.note(self.stage.ask(closing))
        if is_halted:
            self.stage.ask(HaltTrading(symbol))
            self.stage.pass_ms(6)
            self.stage.ask(ResumeTrading(symbol))
        self.stage.agent(out.opposite, SYMBOLS[symbol] - out.sign * (away + 1), sweep, symbol)
        self.stage.print(SYMBOLS[symbol] + out.sign * loss, symbol=symbol)
        if not is_first:
            self.note(self.stage.ask(closing))

    @rule(
        symbol=symbols,
        side=sides,
        qty=lots,
        entry=near,
        moved=near,
        profit=st.integers(1, 12),
        loss=st.integers(1, 12),
        sweep=st.integers(1, 9_000),
        what=st.sampled_from(("entry", "profit", "loss")),
        closes=st.booleans(),
    )
    def a_bracket_is_changed_while_it_trades(
        self, symbol, side, qty, entry, moved, profit, loss, sweep, what, closes
    ) -> None:
        """The change, the fill and perhaps a close are on their way together."""
        bracket = SubmitOrder(
            "paper",
            symbol,
            side,
            OrderType.LIMIT,
            TimeInForce.GTC,
            qty=Decimal(qty),
            limit_price=self.price(symbol, entry),
            order_class=OrderClass.BRACKET,
            take_profit=ExitLeg(limit_price=self.price(symbol, entry + side.sign * profit)),
            stop_loss=ExitLeg(stop_price=self.price(symbol, entry - side.sign * loss)),
        )
        answer = self.stage.ask(bracket)
        self.note(answer)
        if isinstance(answer, Rejection) or len(answer.legs) != 2:
            return
        order_id = {"entry": answer.id, "profit": answer.legs[0], "loss": answer.legs[1]}[what]
        price = self.price(symbol, moved)
        change = {"stop_price": price} if what == "loss" else {"limit_price": price}
        self.stage.ask(ReplaceOrder("paper", order_id, **change))
        self.stage.agent(side.opposite, SYMBOLS[symbol] + entry, sweep, symbol)
        if closes:
            self.note(self.stage.ask(ClosePosition("paper", symbol)))
        self.stage.agent(side, SYMBOLS[symbol] + entry + side.sign * profit, sweep, symbol)

    @rule()
    def cancel_all(self) -> None:
        self.stage.ask(CancelAllOrders("paper"))

    @rule(
        symbol=symbols,
        away=st.integers(-30, 0),
        qty=lots,
        loss=st.integers(1, 12),
        goes_on=st.sampled_from((True, True, False)),
    )
    def a_stop_is_reached_and_trading_halts(self, symbol, away, qty, loss, goes_on) -> None:
        """The stop of a bracket is on its way when the halt comes."""
        group = ExitLeg(limit_price=self.price(symbol, 40)), ExitLeg(stop_price=self.price(symbol, -loss))
        self.submit(
            SubmitOrder(
                "paper",
                symbol,
                Side.BUY,
                time_in_force=TimeInForce.GTC,
                qty=Decimal(qty),
                order_class=OrderClass.BRACKET,
                take_profit=group[0],
                stop_loss=group[1],
            )
        )
        self.stage.pass_ms(6)
        self.stage.print(SYMBOLS[symbol] + away, symbol=symbol)
        self.stage.ask(HaltTrading(symbol))
        if goes_on:
            self.stage.pass_ms(6)
            self.stage.ask(ResumeTrading(symbol))

    @rule(symbol=symbols, side=sides, away=st.integers(1, 12), qty=lots, sweep=st.integers(3_000, 9_000))
    def a_position_is_closed_twice_in_one_sweep(self, symbol, side, away, qty, sweep) -> None:
        held = self.held_after(SubmitOrder("paper", symbol, side, qty=Decimal(qty)))
        if not held:
            return
        closing = Side.SELL if held > 0 else Side.BUY
        for further in (0, 1):
            self.submit(
                SubmitOrder(
                    "paper",
                    symbol,
                    closing,
                    OrderType.LIMIT,
                    TimeInForce.GTC,
                    qty=abs(held),
                    limit_price=self.price(symbol, -closing.sign * (away + further)),
                    reduce_only=True,
                )
            )
        self.stage.pass_ms(6)
        self.stage.agent(closing.opposite, SYMBOLS[symbol] - closing.sign * (away + 1), sweep, symbol)

    @rule(symbol=symbols, halts=st.sampled_from((False,) * 7 + (True,)))
    def trading_is_halted_or_goes_on(self, symbol, halts) -> None:
        self.stage.ask(HaltTrading(symbol) if halts else ResumeTrading(symbol))

    @rule(symbol=symbols, side=sides, away=st.integers(-20, 20), qty=st.integers(1, 600))
    def stranger(self, symbol, side, away, qty) -> None:
        self.stage.agent(side, SYMBOLS[symbol] + away, qty, symbol)

    @rule(symbol=symbols, away=st.integers(-20, 20))
    def strangers_print(self, symbol, away) -> None:
        self.stage.print(SYMBOLS[symbol] + away, symbol=symbol)

    @rule(ms=st.sampled_from((1, 6, 60_000)))
    def time_passes(self, ms) -> None:
        self.stage.pass_ms(ms)

    @rule(restart=st.just(True))
    def the_desk_stops_and_starts(self, restart) -> None:
        """What the journal tells is the state; what is in flight goes on. What was bound may be released meanwhile."""
        before = self.stage.desk._orders.state
        replayed = TradingState()
        for _, event in self.stage.journal.replay():
            replayed.apply(event)
        assert replayed == before
        assert TradingState.load(before.dump()) == before
        self.look()
        market = StillMarket(self.stage.clock.now(), instruments=WITH_FRACTIONS)
        market.session_state = self.session
        clock = ManualClock(self.stage.clock.now())
        self.stage = Stage(journal=self.stage.journal, latency_ms=self.latency_ms, clock=clock, source=market)
        self.seen = 0
        self.closing.clear()
        self.bound_by.clear()
        for order in self.stage.desk._orders.state.open_orders("paper"):
            if order.only_closes:
                self.closing.add(order.id)
                self.bound_by[order.id] = set(order.bound_by)
            if order.limit_price is not None:
                self.limits[order.id].add(order.limit_price)
        self.stage.desk.turn()

    # -- what is sent ---------------------------------------------------------------------------------------------

    def price(self, symbol: str, away: int) -> Decimal:
        return Decimal(SYMBOLS[symbol] + away) / 100

    def order(self, symbol, side, type_, tif, qty, away, far) -> SubmitOrder:
        has_limit = type_ in (OrderType.LIMIT, OrderType.STOP_LIMIT)
        has_stop = type_ in (OrderType.STOP, OrderType.STOP_LIMIT)
        return SubmitOrder(
            "paper",
            symbol,
            side,
            type_,
            tif,
            qty=qty,
            limit_price=self.price(symbol, away) if has_limit else None,
            stop_price=self.price(symbol, far) if has_stop else None,
            trail_price=Decimal(abs(far) + 1) / 100 if type_ is OrderType.TRAILING_STOP else None,
        )

    def held_after(self, command: SubmitOrder) -> Decimal:
        """What is held when the order has done what it does at once, in a market that trades."""
        self.stage.ask(ResumeTrading(command.symbol))
        self.submit(command)
        self.stage.pass_ms(6)
        return self.stage.desk._orders.state.position("paper", command.symbol).qty

    def submit(self, command: SubmitOrder) -> None:
        self.note(self.stage.ask(command))

    def note(self, answer) -> None:
        assert answer is not None
        if not isinstance(answer, Rejection):
            self.asked.extend((answer.id, *answer.legs))

    # -- what must hold -------------------------------------------------------------------------------------------

    def look(self) -> None:
        """Each fact since the last look: a fill keeps inside a limit that the order has had."""
        events = self.stage.events
        for event in events[self.seen :]:
            if (isinstance(event, OrderAccepted) and event.order.only_closes) or isinstance(event, OrderBound):
                self.closing.add(event.order_id if isinstance(event, OrderBound) else event.order.id)
            if isinstance(event, OrderBound):
                self.bound_by[event.order_id].add(event.by)
            if isinstance(event, OrderReleased):
                self.bound_by[event.order_id].remove(event.by)
                if not self.bound_by[event.order_id]:
                    self.closing.remove(event.order_id)
            if isinstance(event, OrderAccepted) and event.order.limit_price is not None:
                self.limits[event.order.id].add(event.order.limit_price)
            elif isinstance(event, OrderReplaced) and event.limit_price is not None:
                self.limits[event.order_id].add(event.limit_price)
            elif isinstance(event, OrderFilled):
                self.keep_fill(event.fill)
        self.seen = len(events)

    def keep_fill(self, fill) -> None:
        before, self.held[fill.symbol] = self.held[fill.symbol], self.held[fill.symbol] + fill.signed_qty
        if fill.order_id in self.closing:
            assert before * fill.side.sign < 0 and abs(fill.qty) <= abs(before), (before, fill)
        self.fills[fill.order_id] += fill.qty
        self.paid += fill.signed_qty * fill.price + fill.fee
        limits = self.limits.get(fill.order_id)
        if limits:
            assert any((limit - fill.price) * fill.side.sign >= 0 for limit in limits), fill

    @invariant()
    def everything_adds_up(self) -> None:
        if not hasattr(self, "stage"):
            return
        self.look()
        state = self.stage.desk._orders.state
        state.check()
        self.stage.desk._opening.market.source.venue.check()
        portfolio = state.portfolio("paper")
        held: dict[str, Decimal] = defaultdict(Decimal)
        for order in (*portfolio.open.values(), *portfolio.closed.values()):
            assert order.filled_qty <= order.qty
            assert order.filled_qty == self.fills.get(order.id, Decimal(0)), order
            assert (order.ended_at is None) == order.is_open
            held[order.symbol] += order.filled_qty * order.side.sign
        for symbol in SYMBOLS:
            assert portfolio.position(symbol).qty == held[symbol]
            assert self.may_short or held[symbol] >= 0, "a short where none is allowed"
        legs = [leg for entry in self.stage.journal.entries() for leg in entry.postings if leg.account_id == "paper"]
        in_ledger = sum((leg.amount for leg in legs if leg.book == "cash"), Decimal(0))
        assert in_ledger == portfolio.account.cash == portfolio.account.starting_cash - self.paid

    @invariant()
    def exits_never_fill_beyond_their_entry(self) -> None:
        if not hasattr(self, "stage"):
            return
        state = self.stage.desk._orders.state
        for order_id in self.asked:
            order = state.order(order_id)
            group = group_of(order, state.order) if order and order.legs else None
            if group is None:
                continue
            assert sum(each.filled_qty for each in group.exits) <= group.closes
            if group.entry is not None and group.entry.is_open and group.entry.filled_qty < group.entry.qty:
                assert all(not each.filled_qty for each in group.exits)

    @invariant()
    def the_venue_holds_what_the_desk_thinks(self) -> None:
        if not hasattr(self, "stage"):
            return
        market = self.stage.desk._opening.market
        state = self.stage.desk._orders.state
        for order_id in self.asked:
            order = state.order(order_id)
            if market.source.venue.holds(order_id):
                assert order is not None and order.is_open
            if order is not None and order.is_open and order_id in self.stage.desk._orders._router.triggers:
                assert order.triggered_at is None and not market.source.venue.holds(order_id)

    @invariant()
    def what_is_kept_up_is_what_all_orders_add_up_to(self) -> None:
        if not hasattr(self, "stage"):
            return
        market, portfolio = self.stage.desk._opening.market, self.stage.desk._orders.state.portfolio("paper")
        touches = market.touches(SYMBOLS)
        require_the_same(portfolio, touches, market.source.instruments, list(portfolio.open)[-1:])

    def teardown(self) -> None:
        if hasattr(self, "stage"):
            self.stage.clock.advance(60 * NS_PER_SECOND)
            self.stage.desk.turn()


TestOrderFlow = Flow.TestCase
TestOrderFlow.settings = settings(
    max_examples=EXAMPLES,
    stateful_step_count=STEPS,
    deadline=None,
    derandomize=True,
    suppress_health_check=list(HealthCheck),
)
