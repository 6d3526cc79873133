"""A foreign table as named columns, from CSV text or Arrow files, that can say where each row stands."""

import csv
import io
import math
from collections.abc import Mapping, Sequence
from datetime import tzinfo
from pathlib import Path
from typing import Any

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from tradesim.kernel.clock import NS_PER_SECOND
from tradesim.kernel.errors import Refused
from tradesim.providers.replay.marks import COMMA, POINT, decimal_mark, plain
from tradesim.providers.replay.moments import Unreadable, localised, ns_of_counts, times_of
from tradesim.providers.replay.packed import LARGEST_BYTES, Document

DELIMITERS = ",;\t|"
NOTHING = ("", "-", "na", "n/a", "nan", "null", "none")
ARROW_SUFFIXES = (".parquet", ".pq", ".feather", ".arrow")
NS_BY_UNIT = {"s": NS_PER_SECOND, "ms": 10**6, "us": 10**3, "ns": 1}
BYTES_PER_CELL = 8
ROWS_FOR_MARKS = 1_000
NS_PER_DAY = 86_400 * NS_PER_SECOND

Values = NDArray[np.float64]


class Table(Struct, frozen=True):
    """`columns` are lists of text, numpy arrays or Stamps; `lines` the line of each row, where there are lines.

    `mark` stands before the decimals of numbers that are text.
    """

    name: str
    columns: Mapping[str, Any]
    length: int
    lines: Sequence[int] | None = None
    mark: str = POINT

    @property
    def headings(self) -> list[str]:
        return list(self.columns)

    def where(self, row: int) -> str:
        return f"line {self.lines[row]} of {self.name}" if self.lines is not None else f"row {row + 1} of {self.name}"

    @property
    def top(self) -> str:
        return f"line 1 of {self.name}" if self.lines is not None else self.name

    def numbers(self, heading: str, empty: float | None = None) -> Values:
        """Raises Refused at the first cell that is not a number; `empty` stands for cells with nothing in them."""
        column = self.columns[heading]
        values = (
            _of_text(self, heading, column, empty) if isinstance(column, list) else _of_array(self, heading, column)
        )
        if empty is not None:
            values = np.where(np.isnan(values), empty, values)
        if not np.isfinite(values).all():
            row = int((~np.isfinite(values)).argmax())
            raise Refused(f"{self.where(row)}: wanted a number as {heading}, found {_shown(column, row)}")
        return values

    def times(self, heading: str, zone: tzinfo, dates: str | None = None) -> NDArray[np.int64]:
        """UTC ns; times that name no zone are of `zone`. `dates` is the heading of the day when it stands apart."""
        column = self.columns[heading]
        if not isinstance(column, list):
            found = _array_times(column, zone)
        elif dates is None:
            found = times_of(column, zone)
        else:
            found = times_of([f"{day} {time}" for day, time in zip(self.columns[dates], column, strict=True)], zone)
        if isinstance(found, Unreadable):
            shown = f"{found.text or 'nothing'}{found.why}"
            raise Refused(f"{self.where(found.row)}: wanted a time as {heading}, found {shown}")
        return found


def csv_table(document: Document) -> Table:
    """Raises Refused for text that is not a table with headings."""
    try:
        text = document.data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = document.data[: error.start].count(b"\n") + 1
        raise Refused(f"line {line} of {document.name} is not text: wanted a CSV file in UTF-8") from error
    first = text.lstrip("\r\n").split("\n", 1)[0]
    delimiter = max(DELIMITERS, key=first.count)
    reader = csv.reader(io.StringIO(text), delimiter=delimiter)
    try:
        rows = [(reader.line_num, row) for row in reader if any(cell.strip() for cell in row)]
    except csv.Error as error:
        raise Refused(f"line {reader.line_num} of {document.name} is not CSV: {error}") from error
    return _checked(document.name, rows, delimiter)


def _checked(name: str, rows: list[tuple[int, list[str]]], delimiter: str) -> Table:
    headings = [cell.strip() for cell in rows[0][1]] if rows else []
    if len(headings) < 2 or all(_is_number(cell) for cell in headings):
        found = ", ".join(headings[:8]) or "nothing"
        raise Refused(f"line 1 of {name}: wanted the names of the columns, found {found}")
    if len(rows) == 1:
        raise Refused(f"{name} has column names but no bars")
    for line, row in rows[1:]:
        if len(row) != len(headings):
            raise Refused(f"line {line} of {name}: wanted {len(headings)} columns, found {len(row)}")
    body = [row for _, row in rows[1:]]
    texts = [list(column) for column in zip(*body, strict=True)]
    columns = dict(zip(reversed(headings), reversed(texts), strict=True))
    in_order = {heading: columns[heading] for heading in headings}
    return Table(name, in_order, len(body), [line for line, _ in rows[1:]], _mark(body, delimiter))


def _mark(rows: Sequence[Sequence[str]], delimiter: str) -> str:
    """Of a table whose commas do not stand between its columns."""
    if delimiter == COMMA:
        return POINT
    cells = (cell for row in rows[:ROWS_FOR_MARKS] for cell in row)
    return decimal_mark(cells, COMMA if delimiter == ";" else POINT)


def _is_number(cell: str) -> bool:
    try:
        float(cell)
    except ValueError:
        return False
    return True


def arrow_table(path: Path) -> Table:
    """A parquet or feather file. Raises Refused."""
    import pyarrow as pa
    from pyarrow import feather, parquet

    is_parquet = path.suffix.lower() in (".parquet", ".pq")
    try:
        if is_parquet:
            _check_size(path, parquet.read_metadata(str(path)))
        table = parquet.read_table(str(path)) if is_parquet else feather.read_table(str(path))
    except (pa.ArrowException, OSError, ValueError) as error:
        first = str(error).splitlines()[0]
        raise Refused(f"{path.name} is not a whole {path.suffix[1:].lower()} file: {first}") from error
    if table.num_rows == 0:
        raise Refused(f"{path.name} is empty: it has no rows")
    columns = {name: _arrow_column(table.column(name)) for name in table.column_names}
    return Table(path.name, columns, table.num_rows)


def _check_size(path: Path, metadata: Any) -> None:
    """Runs of one value take no room in the file, but all of it in memory."""
    size = metadata.num_rows * metadata.num_columns * BYTES_PER_CELL
    if size > LARGEST_BYTES:
        raise Refused(f"wanted at most {LARGEST_BYTES:,} bytes unpacked, {path.name} has {size:,}")


def _arrow_column(column: Any) -> Any:
    """Text stays a list; times become datetime64, zoned ones as a (times, "UTC") pair; the rest numpy numbers."""
    import pyarrow as pa

    kind = column.type
    if pa.types.is_timestamp(kind):
        return Stamps(column.cast(pa.int64()).to_numpy(), NS_BY_UNIT[kind.unit], is_zoned=kind.tz is not None)
    if pa.types.is_date(kind):
        return Stamps(column.cast(pa.date32()).cast(pa.int32()).to_numpy(), NS_PER_DAY, is_zoned=False)
    if pa.types.is_integer(kind) or pa.types.is_floating(kind) or pa.types.is_decimal(kind):
        return (column.cast(pa.float64()) if pa.types.is_decimal(kind) else column).to_numpy()
    return ["" if value is None else str(value) for value in column.to_pylist()]


class Stamps(Struct, frozen=True):
    """Times that came as times, counted in `unit` ns: UTC, or an unnamed zone's clocks. NaN where there is none."""

    counts: NDArray[Any]
    unit: int
    is_zoned: bool


def _array_times(column: Any, zone: tzinfo) -> NDArray[np.int64] | Unreadable:
    if not isinstance(column, Stamps):
        return ns_of_counts(column)
    found = ns_of_counts(column.counts, column.unit)
    return found if column.is_zoned or isinstance(found, Unreadable) else _localised(found, zone)


def _localised(wall_ns: NDArray[np.int64], zone: tzinfo) -> NDArray[np.int64]:
    return np.array([localised(int(ns), zone) for ns in wall_ns], np.int64)


def _of_text(table: Table, heading: str, cells: list[str], empty: float | None) -> Values:
    if table.mark == COMMA:
        cells = [plain(cell, table.mark) for cell in cells]
    try:
        return np.array(cells, dtype=np.str_).astype(np.float64)
    except ValueError:
        return np.array([_number(table, heading, row, cell, empty) for row, cell in enumerate(cells)], np.float64)


def _number(table: Table, heading: str, row: int, cell: str, empty: float | None) -> float:
    text = cell.strip()
    if empty is not None and text.lower() in NOTHING:
        return empty
    try:
        value = float(text.lstrip("$").replace(",", ""))
    except ValueError:
        value = math.nan
    if not math.isfinite(value):
        raise Refused(f"{table.where(row)}: wanted a number as {heading}, found {text or 'nothing'}")
    return value


def _of_array(table: Table, heading: str, column: Any) -> Values:
    if isinstance(column, Stamps):
        raise Refused(f"{table.top}: wanted numbers as {heading}, found times")
    values: Values = column.astype(np.float64)
    if column.dtype == np.float32:
        values = np.array([float(str(value)) for value in column], np.float64)
    return values


def _shown(column: Any, row: int) -> str:
    return str(column[row]).strip() or "nothing"
