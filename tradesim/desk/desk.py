"""The desk: the one door."""

from collections.abc import Mapping
from concurrent.futures import Future
from typing import Any

from tradesim.desk.views import AccountView, Estimate, MarketView, StatusView
from tradesim.model.commands import SubmitOrder
from tradesim.model.instrument import Instrument
from tradesim.model.market import Timeframe
from tradesim.model.series import Bars


class Desk:
    """Safe to call from any thread."""

    instruments: Mapping[str, Instrument]

    def submit(self, command: Any, timeout_s: float = 5.0) -> Any:
        """Leave `command` with the market thread and wait for its durable outcome (see model.commands)."""
        raise NotImplementedError

    def post(self, command: Any) -> "Future[Any]":
        """As `submit`, without waiting."""
        raise NotImplementedError

    def market(self, symbol: str) -> MarketView | None:
        raise NotImplementedError

    def account(self, account_id: str = "") -> AccountView:
        raise NotImplementedError

    def status(self) -> StatusView:
        raise NotImplementedError

    def bars(self, symbol: str, timeframe: Timeframe, limit: int = 5_000, before: int | None = None) -> Bars:
        raise NotImplementedError

    def estimate(self, order: SubmitOrder) -> Estimate:
        raise NotImplementedError
