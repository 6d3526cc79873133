"""What the agents ask of a venue. Whole ticks and lots only, so that nothing stands between them and the book."""

from collections.abc import Callable
from typing import Protocol

from tradesim.model.market import Auction, BookTop, Indicative, Side

AgentFill = Callable[[str, str, int, Side, int, int], None]
"""symbol, owner, order id, side of the resting order, price, lots."""


class AgentVenue(Protocol):
    """Owners that begin with `~` are agents. `on_agent_fill` is told of every fill of a resting agent's order."""

    on_agent_fill: AgentFill | None

    def agent_limit(self, symbol: str, owner: str, side: Side, price: int, qty: int, now: int) -> int:
        """The resting order's id; 0 when nothing rests."""
        ...

    def agent_market(self, symbol: str, owner: str, side: Side, qty: int, now: int) -> int:
        """How many lots were filled."""
        ...

    def agent_cancel(self, symbol: str, order_id: int, now: int) -> bool: ...

    def call_auction(self, symbol: str, kind: Auction, now: int) -> None:
        """Orders for an auction are collected from now on."""
        ...

    def agent_auction(self, symbol: str, owner: str, side: Side, price: int | None, qty: int, now: int) -> bool:
        """An order for the auction that is being called, at any price when `price` is None; False when none is."""
        ...

    def uncross(self, symbol: str, now: int) -> None:
        """Hold the auction."""
        ...

    def indicative(self, symbol: str, now: int) -> Indicative | None: ...

    def best_bid(self, symbol: str) -> tuple[int, int] | None:
        """Price and lots."""
        ...

    def best_ask(self, symbol: str) -> tuple[int, int] | None: ...

    def top(self, symbol: str, levels: int) -> BookTop: ...
