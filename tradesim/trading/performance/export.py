"""Round trips as files: CSV and JSON with exact decimals as text, Parquet with decimals of nine digits."""

import csv
import io
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from decimal import ROUND_HALF_EVEN, Decimal
from typing import Any, Protocol

import msgspec

from tradesim.kernel.clock import NS_PER_SECOND
from tradesim.trading.performance.trips import RoundTrip

DIGITS, SCALE = 38, 9
GRID = Decimal(1).scaleb(-SCALE)


class Row(Protocol):
    """A round trip with what was measured and said of it."""

    @property
    def trip(self) -> RoundTrip: ...
    @property
    def mae(self) -> Decimal | None: ...
    @property
    def mfe(self) -> Decimal | None: ...
    @property
    def note(self) -> str: ...
    @property
    def tags(self) -> tuple[str, ...]: ...
    @property
    def setup(self) -> str: ...


COLUMNS: Mapping[str, Callable[[Row], Any]] = {
    "id": lambda row: row.trip.id,
    "account_id": lambda row: row.trip.account_id,
    "symbol": lambda row: row.trip.symbol,
    "side": lambda row: "long" if row.trip.side.sign > 0 else "short",
    "qty": lambda row: row.trip.qty,
    "left": lambda row: row.trip.left,
    "entry_at": lambda row: row.trip.entry_at,
    "entry_price": lambda row: row.trip.entry_price,
    "exit_at": lambda row: row.trip.exit_at,
    "exit_price": lambda row: row.trip.exit_price,
    "hold_s": lambda row: None if row.trip.hold_ns is None else Decimal(row.trip.hold_ns) / NS_PER_SECOND,
    "gross_pl": lambda row: row.trip.gross_pl,
    "fees": lambda row: row.trip.fees,
    "net_pl": lambda row: row.trip.net_pl,
    "net_return": lambda row: row.trip.net_return,
    "mae": lambda row: row.mae,
    "mfe": lambda row: row.mfe,
    "source": lambda row: row.trip.source,
    "tag": lambda row: row.trip.tag,
    "setup": lambda row: row.setup,
    "tags": lambda row: ", ".join(row.tags),
    "note": lambda row: row.note,
    "fills": lambda row: len(row.trip.legs),
}
TIMES = frozenset({"entry_at", "exit_at"})
NUMBERS = frozenset(
    {"qty", "left", "entry_price", "exit_price", "hold_s", "gross_pl", "fees", "net_pl", "net_return", "mae", "mfe"}
)
FORMULA = ("=", "+", "-", "@", "\t", "\r")
WORDS = frozenset({"source", "tag", "setup", "tags", "note"})


def as_csv(rows: Iterable[Row]) -> bytes:
    """Times as ISO 8601 UTC. A word that a spreadsheet would take for a formula gets an apostrophe before it."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(COLUMNS)
    writer.writerows([cell(name, value_of(row)) for name, value_of in COLUMNS.items()] for row in rows)
    return text.getvalue().encode()


def as_json(rows: Iterable[Row]) -> bytes:
    """A list of objects; times in UTC ns, decimals as text."""
    return msgspec.json.encode([{name: plain(value_of(row)) for name, value_of in COLUMNS.items()} for row in rows])


def as_parquet(rows: Sequence[Row]) -> bytes:
    import pyarrow as arrow
    from pyarrow import parquet

    kinds = {
        name: arrow.timestamp("ns", tz="UTC")
        if name in TIMES
        else arrow.decimal128(DIGITS, SCALE)
        if name in NUMBERS
        else arrow.int64()
        if name == "fills"
        else arrow.string()
        for name in COLUMNS
    }
    columns = {
        name: arrow.array([on_grid(value_of(row)) for row in rows], kinds[name]) for name, value_of in COLUMNS.items()
    }
    sink = io.BytesIO()
    parquet.write_table(arrow.table(columns), sink)
    return sink.getvalue()


FORMATS: Mapping[str, Callable[[Sequence[Row]], bytes]] = {"json": as_json, "csv": as_csv, "parquet": as_parquet}


def cell(name: str, value: Any) -> Any:
    if name in TIMES:
        return "" if value is None else iso(value)
    if name in WORDS and str(value).startswith(FORMULA):
        return f"'{value}"
    return "" if value is None else plain(value)


def plain(value: Any) -> Any:
    """A decimal as text, without an exponent or the dust of divisions."""
    if not isinstance(value, Decimal):
        return value
    exponent = value.as_tuple().exponent
    is_dusty = isinstance(exponent, int) and exponent < -SCALE
    return f"{on_grid(value).normalize():f}" if is_dusty else f"{value:f}"


def on_grid(value: Any) -> Any:
    return value.quantize(GRID, ROUND_HALF_EVEN) if isinstance(value, Decimal) else value


def iso(at: int) -> str:
    seconds, rest = divmod(at, NS_PER_SECOND)
    return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%dT%H:%M:%S}.{rest:09d}Z"
