"""How an account did, and its journal of round trips, below `/sim/v1`; also as files."""

from typing import Any

import msgspec
from flask import Blueprint, Response, request

from tradesim.api.control.answers import CATALOGUE, REFUSALS, account_named, answer, asked, bad, count_in
from tradesim.api.operations import Parameter, query
from tradesim.desk.desk import Desk
from tradesim.desk.views import ChartView, TripView
from tradesim.model.orders import Rejection

MOST_TRIPS = 10_000
UNSET = msgspec.UNSET
MIMETYPES = {"json": "application/json", "csv": "text/csv", "parquet": "application/vnd.apache.parquet"}
Shape = dict[str, Any]
ABOUT: dict[str, Any] = {"tag": "performance", "refusals": REFUSALS}
JOURNAL = "The latest round trips; all of them as a file with `format` csv, json or parquet."
ACCOUNT = query("account", "Id or name; the one of the open market, where it is not given.")
PERIOD = query("period", "", default="all")
LIMIT = Parameter("limit", {"type": "integer", "minimum": 1, "maximum": MOST_TRIPS, "default": 500}, "")
NO_TRIP = "there is no round trip {trip_id}"


class Annotation(msgspec.Struct, forbid_unknown_fields=True):
    """Body of `PATCH /sim/v1/journal/ID`: what is left out stays as it is."""

    note: str | msgspec.UnsetType = UNSET
    tags: list[str] | msgspec.UnsetType = UNSET


def register(api: Blueprint, desk: Desk) -> None:
    @CATALOGUE.serves(api, "GET", "/performance", "How an account did.", Shape, parameters=(ACCOUNT, PERIOD), **ABOUT)
    def on_performance() -> Response:
        account_id = account_asked(desk)
        if isinstance(account_id, Rejection):
            return answer(account_id)
        return answer(desk.review.performance(account_id, request.args.get("period", "all")))

    @CATALOGUE.serves(api, "GET", "/journal", JOURNAL, list[Shape], parameters=(ACCOUNT, LIMIT), **ABOUT)
    def on_journal() -> Response:
        account_id, wanted = account_asked(desk), request.args.get("format", "")
        given = request.args.get("limit", "500")
        count = count_in(given, MOST_TRIPS)
        if isinstance(account_id, Rejection):
            return answer(account_id)
        if wanted:
            return exported(desk.review.export_trips(wanted, account_id), wanted)
        if count is None:
            return bad("limit", f"limit must be from 1 to {MOST_TRIPS:,}, was {given}")
        return answer([row(each) for each in desk.review.round_trips(account_id, count)])

    @CATALOGUE.serves(api, "GET", "/journal/{trip_id}", "One round trip.", Shape, parameters=(ACCOUNT,), **ABOUT)
    def on_trip(trip_id: str) -> Response:
        account_id = account_asked(desk)
        if isinstance(account_id, Rejection):
            return answer(account_id)
        chart = desk.review.trip_chart(trip_id, account_id)
        return answer(whole(chart) if chart else Rejection("unknown_trip", NO_TRIP.format(trip_id=trip_id), "trip_id"))

    @CATALOGUE.serves(
        api, "PATCH", "/journal/{trip_id}", "Its tags and its note.", Shape,
        body=Annotation, parameters=(ACCOUNT,), **ABOUT,
    )  # fmt: skip
    def on_annotate(trip_id: str) -> Response:
        account_id = account_asked(desk)
        if isinstance(account_id, Rejection):
            return answer(account_id)
        return asked(Annotation, lambda body: annotated(desk, trip_id, account_id, body))


def account_asked(desk: Desk) -> str | Rejection:
    """The id of the account named by `?account=`; without one, that of the open market."""
    return account_named(desk, request.args.get("account", ""))


def annotated(desk: Desk, trip_id: str, account_id: str, body: Annotation) -> Any:
    note = None if body.note is UNSET else body.note
    tags = None if body.tags is UNSET else body.tags
    said = desk.review.annotate(trip_id, note, tags, account_id)
    return said if isinstance(said, Rejection) else row(said)


def exported(content: bytes | Rejection, name: str) -> Response:
    if isinstance(content, Rejection):
        return answer(content)
    headers = {"Content-Disposition": f'attachment; filename="round-trips.{name}"'}
    return Response(content, 200, headers, mimetype=MIMETYPES[name])


def row(view: TripView) -> dict[str, Any]:
    """A line of the journal: the trip without its fills."""
    trip = view.trip
    sums = {
        name: getattr(trip, name)
        for name in (
            "id",
            "account_id",
            "symbol",
            "side",
            "qty",
            "left",
            "entry_at",
            "entry_price",
            "exit_at",
            "exit_price",
            "gross_pl",
            "fees",
            "net_pl",
            "net_return",
            "hold_ns",
            "source",
            "tag",
        )
    }
    said = {name: getattr(view, name) for name in ("mae", "mfe", "stop", "r_multiple", "setup", "tags", "note")}
    return {**sums, **said, "fills": len(trip.legs)}


def whole(chart: ChartView) -> dict[str, Any]:
    """With every fill and its reason, what was matched with what, and the bars around it."""
    trip = chart.view.trip
    return {
        **row(chart.view),
        "fills": [leg.fill for leg in trip.legs],
        "matches": trip.matches,
        "bars": [[bar.start, bar.open, bar.high, bar.low, bar.close, bar.volume] for bar in chart.bars],
    }
