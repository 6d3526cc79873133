"""Round trips as rows of the journal's table: numbers for sorting, nothing written out. Pure."""

import json
import zlib
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from tradesim.desk.desk import Desk
from tradesim.desk.views import TripView
from tradesim.kernel.clock import NS_PER_MS

MOST_TRIPS = 500
Row = dict[str, Any]


def answer(desk: Desk, account_id: str, known: object) -> dict[str, Any] | None:
    """The newest trips with a digest of them; None when the page has them already."""
    account = desk.account(account_id).account
    rows = [row(view) for view in desk.review.round_trips(account.id, MOST_TRIPS)]
    digest = digest_of(account.id, rows)
    if digest == known:
        return None
    return {"account": account.id, "digest": digest, "rows": rows}


def digest_of(account_id: str, rows: Sequence[Row]) -> str:
    text = json.dumps(rows, separators=(",", ":"))
    return f"{account_id}:{len(rows)}:{zlib.crc32(text.encode()):08x}"


def row(view: TripView) -> Row:
    """Money and prices as floats: the table only shows and sorts them. Times in ms."""
    trip = view.trip
    return {
        "id": trip.id,
        "symbol": trip.symbol,
        "side": "Long" if trip.side.sign > 0 else "Short",
        "qty": float(trip.qty),
        "left": float(trip.left),
        "entryAt": trip.entry_at // NS_PER_MS,
        "entry": float(trip.entry_price),
        "exitAt": None if trip.exit_at is None else trip.exit_at // NS_PER_MS,
        "exit": real(trip.exit_price),
        "exitQty": float(trip.exit_qty),
        "fees": float(trip.fees),
        "net": float(trip.net_pl),
        "return": float(trip.net_return) * 100,
        "hold": None if trip.hold_ns is None else trip.hold_ns // NS_PER_MS,
        "r": real(view.r_multiple),
        "stop": real(view.stop),
        "mae": real(view.mae),
        "mfe": real(view.mfe),
        "setup": view.setup,
        "tag": trip.tag,
        "tags": list(view.tags),
        "source": trip.source,
        "note": view.note,
    }


def real(value: Decimal | None) -> float | None:
    return None if value is None else float(value)
