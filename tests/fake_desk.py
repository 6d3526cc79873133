"""A desk without engines: views that a test swaps by hand, and a small market that moves by itself."""

import random
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import numpy as np
from msgspec.structs import replace

from tradesim.desk.views import AccountView, FeedView, MarketView, StatusView
from tradesim.kernel.clock import NS_PER_MS, NS_PER_SECOND
from tradesim.model.accounts import Account
from tradesim.model.instrument import Instrument
from tradesim.model.market import BookTop, Level, Side, SourceKind, Timeframe, Trade
from tradesim.model.risk import RiskView
from tradesim.model.series import Bars

START = 1_700_000_000 * NS_PER_SECOND


def status(**changes: Any) -> StatusView:
    return replace(
        StatusView(
            source=SourceKind.SIMULATED,
            title="seed 42",
            now=START,
            speed=1.0,
            is_playing=True,
            is_ended=False,
            start=START,
            end=None,
            session_id="first",
        ),
        **changes,
    )


def account(**changes: Any) -> AccountView:
    cash = Decimal(100_000)
    view = AccountView(
        account=Account("paper", "Paper", cash, START, starting_cash=cash),
        equity=cash,
        buying_power=cash * 2,
        reserved=Decimal(0),
        day_pl=Decimal(0),
        unrealized_pl=Decimal(0),
        realized_pl=Decimal(0),
        fees=Decimal(0),
    )
    return replace(view, **changes)


def trade(symbol: str, number: int, price: int, qty: int = 100, side: Side | None = Side.BUY) -> Trade:
    return Trade(symbol, number, price, qty, side, START + number * NS_PER_MS)


def book(mid: int, levels: int = 50, qty: int = 100) -> BookTop:
    bids = tuple(Level(mid - 1 - each, qty + each, 1) for each in range(levels))
    asks = tuple(Level(mid + 1 + each, qty + each, 1) for each in range(levels))
    return BookTop(bids, asks)


class FakeDesk:
    """`change(...)` swaps views and calls the listeners, as the market thread does."""

    def __init__(self, *symbols: str) -> None:
        self.instruments = {symbol: Instrument(symbol, symbol) for symbol in symbols or ("AAPL", "MSFT")}
        self.views = {symbol: MarketView(symbol, top=book(10_000), last=10_000) for symbol in self.instruments}
        self.rows: dict[str, list[list[int]]] = {}
        self.status_view = status()
        self.account_view = account()
        self.others: dict[str, AccountView] = {}
        self.feed_views: dict[str, FeedView] = {}
        self.risk_views: dict[str, RiskView] = {"": RiskView(""), "paper": RiskView("paper")}
        self._listeners: list[Callable[[], None]] = []

    def status(self) -> StatusView:
        return self.status_view

    def market(self, symbol: str) -> MarketView | None:
        return self.views.get(symbol)

    def account(self, account_id: str = "") -> AccountView:
        if account_id in self.others:
            return self.others[account_id]
        if account_id and account_id != self.account_view.account.id:
            raise KeyError(account_id)
        return self.account_view

    def feeds(self) -> dict[str, FeedView]:
        return self.feed_views

    def risks(self) -> dict[str, RiskView]:
        return self.risk_views

    def bars(self, symbol: str, timeframe: Timeframe, limit: int = 5_000, before: int | None = None) -> Bars:
        rows = self.rows.get(symbol, [])[-limit:]
        columns = np.array(rows, np.int64).reshape(len(rows), 6).T
        return Bars(*columns)

    def on_change(self, listener: Callable[[], None]) -> None:
        self._listeners.append(listener)

    def move(self, symbol: str, **changes: Any) -> None:
        self.views = {**self.views, symbol: replace(self.views[symbol], **changes)}
        self.changed()

    def changed(self) -> None:
        for listener in self._listeners:
            listener()


class Walk:
    """A seeded market: `step` lets one instrument trade."""

    def __init__(self, desk: FakeDesk, seed: int = 1) -> None:
        self._desk = desk
        self._rng = random.Random(seed)
        self._mids = dict.fromkeys(desk.instruments, 10_000)
        self._prints = 0

    def step(self) -> None:
        rng = self._rng
        symbol = rng.choice(list(self._mids))
        self._mids[symbol] += rng.choice((-1, 0, 1))
        mid, view = self._mids[symbol], self._desk.views[symbol]
        self._prints += 1
        print_ = trade(symbol, self._prints, mid, rng.randint(1, 500), rng.choice((Side.BUY, Side.SELL, None)))
        top = book(mid, 50, rng.randint(1, 5) * 100)
        self._bar(symbol, print_)
        self._desk.move(
            symbol,
            top=top,
            last=mid,
            last_qty=print_.qty,
            last_at=print_.ts_event,
            volume=view.volume + print_.qty,
            updated_at=print_.ts_event,
            tape=(*view.tape, print_)[-500:],
        )

    def _bar(self, symbol: str, print_: Trade) -> None:
        rows = self._desk.rows.setdefault(symbol, [])
        start = START + self._prints // 20 * NS_PER_SECOND
        if not rows or rows[-1][0] != start:
            rows.append([start, print_.price, print_.price, print_.price, print_.price, 0])
        _, open_, high, low, _, volume = rows[-1]
        best, worst = max(high, print_.price), min(low, print_.price)
        rows[-1] = [start, open_, best, worst, print_.price, volume + print_.qty]
