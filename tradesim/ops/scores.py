"""What programs do here, counted from what the desk tells of their orders: how many, how fast, what they brought."""

import time
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import Protocol

from msgspec import Struct

from tradesim.desk.views import MarketView, OrderUpdate
from tradesim.model.events import OrderAccepted, OrderFilled
from tradesim.model.instrument import Instrument
from tradesim.model.orders import Fill, Order

RATE_S = 10.0
BY_KEY, WITHOUT_KEY = "alpaca:", "api"
"""What programs' orders say of where they come from: a key, or the control API, which asks for none."""


class DeskViews(Protocol):
    """What the panel must know of the market: marks, and what became of each order."""

    @property
    def instruments(self) -> Mapping[str, Instrument]: ...

    def market(self, symbol: str) -> MarketView | None: ...

    def subscribe_orders(self, listener: Callable[[Sequence[OrderUpdate]], None]) -> Callable[[], None]: ...


class Performance(Struct, frozen=True):
    """What a bot did: orders in all and a second lately, fills, and profit after fees at present marks."""

    orders: int = 0
    orders_per_s: float = 0.0
    fills: int = 0
    profit: Decimal = Decimal(0)


class ProgramView(Struct, frozen=True):
    """A program that trades by a key (empty: through the control API), whoever started it. `last` is its last order."""

    source: str
    key: str
    account_id: str
    performance: Performance
    last: Order


class Scores:
    """What each program did, by the source of its orders, counted from what the desk tells of them."""

    def __init__(self, desk: DeskViews) -> None:
        self._desk = desk
        self._by_source: dict[str, Score] = {}
        desk.subscribe_orders(self._on_updates)

    def of(self, key: str) -> Performance:
        score = next((each for source, each in list(self._by_source.items()) if key_in(source) == key), None)
        return score.performance(self._mark) if score else Performance()

    def programs(self) -> list[ProgramView]:
        """Every source that sent an order, the latest first."""
        found = [
            ProgramView(
                source,
                key_in(source),
                score.last.account_id,
                score.performance(self._mark),
                score.last,
            )
            for source, score in list(self._by_source.items())
            if score.last is not None
        ]
        return sorted(found, key=lambda each: each.last.created_at, reverse=True)

    def _on_updates(self, updates: Sequence[OrderUpdate]) -> None:
        for update in updates:
            source = update.order.source
            if not source.startswith(BY_KEY) and source != WITHOUT_KEY:
                continue
            match update.event:
                case OrderAccepted():
                    self._score(source).sent(update.order)
                case OrderFilled(fill=fill):
                    self._score(source).take(fill)

    def _score(self, source: str) -> "Score":
        return self._by_source.get(source) or self._by_source.setdefault(source, Score())

    def _mark(self, symbol: str) -> Decimal:
        view, instrument = self._desk.market(symbol), self._desk.instruments.get(symbol)
        if view is None or instrument is None or view.last is None:
            return Decimal(0)
        return instrument.price(view.last)


def key_in(source: str) -> str:
    """The id of the key by which an order came; what follows it is a bot's name. Empty for one without a key."""
    return source.removeprefix(BY_KEY).partition("/")[0] if source.startswith(BY_KEY) else ""


class Score:
    def __init__(self) -> None:
        self.orders, self.fills = 0, 0
        self.orders_at: deque[float] = deque()
        self.last: Order | None = None
        self._cash = Decimal(0)
        self._held: dict[str, Decimal] = {}

    def sent(self, order: Order) -> None:
        now = time.monotonic()
        while self.orders_at and self.orders_at[0] <= now - RATE_S:
            self.orders_at.popleft()
        self.orders_at.append(now)
        self.orders += 1
        self.last = order

    def take(self, fill: Fill) -> None:
        self.fills += 1
        self._cash -= fill.price * fill.signed_qty + fill.fee
        self._held[fill.symbol] = self._held.get(fill.symbol, Decimal(0)) + fill.signed_qty

    def performance(self, mark: Callable[[str], Decimal]) -> Performance:
        since = time.monotonic() - RATE_S
        lately = sum(1 for at in list(self.orders_at) if at > since)
        value = sum((qty * mark(symbol) for symbol, qty in list(self._held.items()) if qty), Decimal(0))
        return Performance(self.orders, lately / RATE_S, self.fills, self._cash + value)
