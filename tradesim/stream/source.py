"""What the stream reads of the desk. Everything here may be called from any thread and answers at once."""

from collections.abc import Callable, Mapping
from typing import Any, Protocol

from tradesim.desk.views import AccountView, FeedView, MarketView, StatusView
from tradesim.model.instrument import Instrument
from tradesim.model.market import Timeframe
from tradesim.model.risk import RiskView
from tradesim.model.series import Bars


class DeskViews(Protocol):
    """The desk, as far as it is looked at."""

    @property
    def instruments(self) -> Mapping[str, Instrument]: ...

    def status(self) -> StatusView: ...

    def market(self, symbol: str) -> MarketView | None: ...

    def account(self, account_id: str = "") -> AccountView: ...

    def feeds(self) -> Mapping[str, FeedView]:
        """Whose word each symbol of a live market is; nothing in other markets."""
        ...

    def risks(self) -> Mapping[str, RiskView]:
        """Of every account shown, and of the desk under the empty id."""
        ...

    def bars(self, symbol: str, timeframe: Timeframe, limit: int = 5_000, before: int | None = None) -> Bars: ...

    def on_change(self, listener: Callable[[], None]) -> Any:
        """`listener` is called from the market thread after views were swapped; it must be quick."""
        ...
