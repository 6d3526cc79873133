"""What the agents ask of a venue. Whole ticks and lots only, so that nothing stands between them and the book."""

from collections.abc import Callable
from typing import Protocol

from tradesim.model.market import BookTop, Side

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

    def best_bid(self, symbol: str) -> tuple[int, int] | None:
        """Price and lots."""
        ...

    def best_ask(self, symbol: str) -> tuple[int, int] | None: ...

    def top(self, symbol: str, levels: int) -> BookTop: ...
