"""How an account did: its performance, its equity curve and its journal of round trips.

The journal is read on the caller's thread. Whoever names an account that there is not gets a KeyError.
"""

from collections.abc import Callable, Sequence
from typing import Any

from tradesim.desk.market import Market
from tradesim.desk.performance import Analytics
from tradesim.desk.ports import Journal
from tradesim.desk.views import AccountView, ChartView, PerformanceView, TripView
from tradesim.model.commands import AnnotateTrip
from tradesim.model.orders import Rejection
from tradesim.trading.performance.curve import Mark
from tradesim.trading.performance.line import Line


class Review:
    """Safe to call from any thread. `account` tells an account by its id, the open market's own by an empty one."""

    def __init__(
        self,
        journal: Journal,
        account: Callable[[str], AccountView],
        market: Callable[[], Market],
        submit: Callable[[AnnotateTrip], Any],
    ) -> None:
        self._analytics = Analytics(journal)
        self._account, self._market, self._submit = account, market, submit

    def performance(self, account_id: str = "", period: str = "all") -> PerformanceView | Rejection:
        return self._analytics.performance(self._account(account_id), period, self._market())

    def equity_curve(self, account_id: str = "") -> tuple[Mark, ...]:
        """What the account was worth since it was opened or reset, oldest first: the marks of the journal, then now.

        Marks are made once a minute while equity changes.
        """
        return self._analytics.marks(self._account(account_id), self._market())

    def equity_line(self, account_id: str = "") -> Line:
        """The same curve to be asked what the account was worth when; costs what is asked."""
        return self._analytics.line(self._account(account_id), self._market())

    def round_trips(self, account_id: str = "", limit: int | None = 500) -> tuple[TripView, ...]:
        """The newest first, those still open before the others."""
        return self._analytics.trips(self._account(account_id), self._market(), limit)

    def export_trips(self, format: str, account_id: str = "") -> bytes | Rejection:
        """Every round trip of the account as a file: csv, json or parquet."""
        return self._analytics.export(format, self._account(account_id), self._market())

    def trip_chart(self, trip_id: str, account_id: str = "") -> ChartView | None:
        """A round trip and the bars around it; None when there is no such trip."""
        return self._analytics.chart(trip_id, self._account(account_id), self._market())

    def annotate(
        self, trip_id: str, note: str | None = None, tags: Sequence[str] | None = None, account_id: str = ""
    ) -> TripView | Rejection:
        """Keep what the trader says of a round trip. None leaves the note or the tags as they are."""
        account = self._account(account_id).account.id
        former = self._analytics.note(account, trip_id)
        if former is None:
            return Rejection("unknown_trip", f"there is no round trip {trip_id} in account {account}", "trip_id")
        words = former.note if note is None else note
        refused = self._submit(AnnotateTrip(account, trip_id, words, former.tags if tags is None else tuple(tags)))
        chart = self.trip_chart(trip_id, account)
        assert chart is not None
        return refused if isinstance(refused, Rejection) else chart.view
