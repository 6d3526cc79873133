"""Random orders and fills beside the most naive accounting there is; the books must hold after every step."""

import random
from collections import defaultdict
from datetime import date
from decimal import Decimal

import msgspec
import pytest
from msgspec.structs import replace

from tests.fakes import INSTRUMENTS, MemoryJournal, a_fill, an_account, an_order
from tests.plainly import require_the_same
from tradesim.model.accounts import LotMethod
from tradesim.model.corporate import Split
from tradesim.model.events import (
    AccountConfigured,
    AccountOpened,
    AccountReset,
    CashMoved,
    DayOpened,
    OrderAccepted,
    OrderCanceled,
    OrderExpired,
    OrderFilled,
    OrderOpened,
    OrderReplaced,
    PositionSplit,
)
from tradesim.model.market import Side
from tradesim.model.orders import OrderStatus
from tradesim.trading import margin
from tradesim.trading.corporate import conversion
from tradesim.trading.state import TradingState
from tradesim.trading.today import realized_today, today
from tradesim.trading.valuation import Touch, value_account

ACCOUNTS = ("paper", "bot")
STEPS = 150
TINY = Decimal("1e-15")


class Naive:
    """Cash and holdings as one would keep them on paper: add and subtract, nothing else."""

    def __init__(self):
        self.cash = defaultdict(lambda: Decimal(100_000))
        self.holdings = defaultdict(Decimal)
        self.paid = defaultdict(Decimal)
        self.fees = defaultdict(Decimal)
        self.income = defaultdict(Decimal)
        self.deposited = defaultdict(Decimal)

    def take(self, fill):
        money = fill.price * fill.qty * (1 if fill.side is Side.BUY else -1)
        self.cash[fill.account_id] += -money - fill.fee
        self.holdings[fill.account_id, fill.symbol] += fill.qty * (1 if fill.side is Side.BUY else -1)
        self.paid[fill.account_id, fill.symbol] += money
        self.fees[fill.account_id] += fill.fee

    def move(self, moved):
        self.cash[moved.account_id] += moved.amount
        if moved.kind == "fee":
            self.fees[moved.account_id] -= moved.amount
        elif moved.kind in ("deposit", "withdrawal"):
            self.deposited[moved.account_id] += moved.amount
        else:
            self.income[moved.account_id] += moved.amount

    def split(self, split):
        key = split.account_id, split.symbol
        self.holdings[key] = split.qty
        self.cash[split.account_id] += split.cash_in_lieu
        self.paid[key] -= split.cash_in_lieu

    def begin_again(self, reset):
        account = reset.account_id
        for kept in (self.holdings, self.paid):
            for key in [key for key in kept if key[0] == account]:
                del kept[key]
        self.cash[account] = reset.cash
        self.fees[account] = self.income[account] = self.deposited[account] = Decimal(0)


class Walk:
    def __init__(self, seed):
        self.rng = random.Random(seed)
        self.state, self.naive, self.journal = TradingState(), Naive(), MemoryJournal()
        self.fills_by_order = defaultdict(list)
        self.income_at_open = defaultdict(Decimal)
        self.step_no = 0
        for account in ACCOUNTS:
            self.keep(AccountOpened(an_account(id=account), 0))

    def keep(self, event):
        entries = self.state.entries_for([event])
        self.journal.append([event], entries)
        assert [self.state.apply(event)] == (entries or [None])

    def step(self):
        self.step_no += 1
        order = self.any_open()
        moves = (
            [self.accept] if order is None else [self.accept, self.fill, self.fill, self.fill, self.change, self.end]
        )
        self.rng.choice(moves)(order)
        for chance, happens in ((0.03, self.new_day), (0.05, self.move), (0.03, self.split), (0.02, self.configure)):
            if self.rng.random() < chance:
                happens()
        if self.rng.random() < 0.008:
            self.begin_again()

    def move(self):
        kind = self.rng.choice(("dividend", "interest", "borrow", "fee", "deposit", "withdrawal"))
        sign = {"deposit": 1, "withdrawal": -1}.get(kind, self.rng.choice((1, -1)))
        amount = Decimal(sign * self.rng.randint(1, 5_000)) / 100
        event = CashMoved(f"m{self.step_no}", self.rng.choice(ACCOUNTS), kind, amount, kind, self.step_no)
        self.naive.move(event)
        self.keep(event)

    def split(self):
        account, symbol = self.rng.choice(ACCOUNTS), self.rng.choice(("AAPL", "MSFT"))
        held = self.state.position(account, symbol)
        if not held.qty:
            return
        many, few = self.rng.choice(((2, 1), (3, 2), (1, 3), (1, 10), (7, 4)))
        split = Split(symbol, date(2026, 1, 5), Decimal(few), Decimal(many))
        found = conversion(held, split, self.price(INSTRUMENTS[symbol]))
        event = PositionSplit(
            f"s{self.step_no}", account, symbol, found.ratio, found.qty, found.cash_in_lieu, self.step_no
        )
        self.naive.split(event)
        self.keep(event)

    def configure(self):
        account, method = self.rng.choice(ACCOUNTS), self.rng.choice(list(LotMethod))
        rules = replace(self.state.accounts[account].rules, lot_method=method)
        self.keep(AccountConfigured(account, rules, self.step_no))

    def begin_again(self):
        account = self.rng.choice(ACCOUNTS)
        for order in self.state.open_orders(account):
            self.keep(OrderCanceled(account, order.id, "client", "reset", self.step_no))
        event = AccountReset(account, Decimal(self.rng.randint(1, 200_000)), self.step_no)
        self.naive.begin_again(event)
        self.income_at_open[account] = Decimal(0)
        self.keep(event)

    def any_open(self):
        orders = [order for account in ACCOUNTS for order in self.state.open_orders(account)]
        return self.rng.choice(orders) if orders else None

    def accept(self, _order):
        instrument = self.rng.choice(list(INSTRUMENTS.values()))
        order = an_order(
            f"order-{self.step_no}",
            self.rng.choice(list(Side)),
            instrument.qty(self.rng.randint(1, 500)),
            self.price(instrument),
            symbol=instrument.symbol,
            account_id=self.rng.choice(ACCOUNTS),
        )
        self.keep(OrderAccepted(order, self.step_no))
        if self.rng.random() < 0.5:
            self.keep(OrderOpened(order.account_id, order.id, 3, self.step_no))

    def fill(self, order):
        instrument = INSTRUMENTS[order.symbol]
        qty = instrument.qty(self.rng.randint(1, instrument.lots(order.remaining)))
        fee = Decimal(self.rng.randint(-200, 500)) / 100
        fill = a_fill(order, qty, self.price(instrument), fee, f"fill-{self.step_no}", self.step_no)
        self.fills_by_order[order.id].append(fill)
        self.naive.take(fill)
        self.keep(OrderFilled(fill, self.step_no))

    def change(self, order):
        instrument = INSTRUMENTS[order.symbol]
        qty = order.filled_qty + instrument.qty(self.rng.randint(1, 300))
        self.keep(OrderReplaced(order.account_id, order.id, qty, self.price(instrument), False, self.step_no))

    def end(self, order):
        if self.rng.random() < 0.5:
            self.keep(OrderCanceled(order.account_id, order.id, "client", "by hand", self.step_no))
        else:
            self.keep(OrderExpired(order.account_id, order.id, "the day ended", self.step_no))

    def new_day(self):
        account, touches = self.rng.choice(ACCOUNTS), self.touches()
        value = value_account(self.state.portfolio(account), touches, INSTRUMENTS)
        marks = tuple((each.position.symbol, each.mark) for each in value.positions)
        self.keep(DayOpened(account, value.equity, marks, self.step_no))
        self.income_at_open[account] = self.naive.income[account]
        self.require_value(account, touches)

    def price(self, instrument):
        return instrument.price(self.rng.randint(9_000, 11_000))

    def touches(self):
        prices = {symbol: self.price(instrument) for symbol, instrument in INSTRUMENTS.items()}
        return {symbol: Touch(price, price, price) for symbol, price in prices.items()}

    def check(self):
        self.state.check()
        for account in ACCOUNTS:
            portfolio = self.state.portfolio(account)
            assert portfolio.account.cash == self.naive.cash[account]
            assert portfolio.fees == self.naive.fees[account]
            assert portfolio.deposited == self.naive.deposited[account]
            assert sum(portfolio.income.values()) == self.naive.income[account]
            for symbol in INSTRUMENTS:
                assert portfolio.position(symbol).qty == self.naive.holdings[account, symbol]
            self.require_value(account, self.touches())
        self.require_orders()

    def require_value(self, account, touches):
        """What was gained is what it is worth less what was paid; the day's parts add up to the day's whole."""
        portfolio = self.state.portfolio(account)
        value = value_account(portfolio, touches, INSTRUMENTS)
        worth = {symbol: self.naive.holdings[account, symbol] * touches[symbol].last for symbol in INSTRUMENTS}
        gained = sum(worth[symbol] - self.naive.paid[account, symbol] for symbol in INSTRUMENTS)
        assert abs(value.realized_pl + value.unrealized_pl - gained) < TINY
        assert value.equity == self.naive.cash[account] + sum(worth.values())
        found = today(portfolio, value)
        assert found.income == self.naive.income[account] - self.income_at_open[account]
        assert found.fees == portfolio.fees - portfolio.day.fees
        parts = sum(each.day_pl for each in (*value.positions, *found.closed))
        assert parts - found.fees + found.income == value.day_pl
        realized = sum(realized_today(portfolio, symbol) for symbol in portfolio.positions)
        assert abs(realized - found.realized_pl) < TINY
        margin.margins(portfolio, value, INSTRUMENTS)
        for symbol, lots in portfolio.lots.items():
            assert lots.qty == portfolio.position(symbol).qty
            assert len({lot.qty > 0 for lot in lots.lots}) <= 1
        assert value.buying_power >= 0
        assert value.reserved >= 0
        require_the_same(portfolio, touches, INSTRUMENTS, list(portfolio.open)[:1])

    def require_orders(self):
        for order_id, fills in self.fills_by_order.items():
            order = self.state.order(order_id)
            if order is None:
                continue
            filled = sum(fill.qty for fill in fills)
            assert order.filled_qty == filled
            assert order.filled_avg_price == sum(fill.price * fill.qty for fill in fills) / filled
            assert (order.status is OrderStatus.FILLED) == (order.qty == filled)


@pytest.mark.parametrize("seed", range(12))
def test_the_books_hold_after_every_step(seed):
    walk = Walk(seed)
    for step in range(STEPS):
        walk.step()
        walk.check()
        if step % 30 == 0:
            assert TradingState.load(msgspec.json.encode(walk.state.dump())) == walk.state


@pytest.mark.parametrize("seed", range(12))
def test_a_replay_of_the_journal_is_the_live_state(seed):
    walk = Walk(seed)
    for _ in range(STEPS):
        walk.step()
    replayed = TradingState()
    for _, event in walk.journal.replay():
        replayed.apply(event)
    assert replayed == walk.state
    assert replayed.dump() == walk.state.dump()
    assert list(walk.journal.entries()) == list(walk.state.ledger.entries)


@pytest.mark.parametrize("seed", range(4))
def test_going_on_from_a_snapshot_is_the_same_as_never_having_stopped(seed):
    walk = Walk(seed)
    for _ in range(STEPS // 2):
        walk.step()
    seq, dumped = walk.journal.last_seq, msgspec.json.encode(walk.state.dump())
    for _ in range(STEPS // 2):
        walk.step()
    resumed = TradingState.load(dumped)
    for _, event in walk.journal.replay(after=seq):
        resumed.apply(event)
    assert resumed == walk.state
