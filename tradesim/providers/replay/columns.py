"""Numbers without a heading, comma separated: read at speed, and when that fails, slowly, to name the line at fault."""

from collections.abc import Sequence
from typing import Any, NoReturn

import numpy as np
from numpy.typing import NDArray

from tradesim.kernel.errors import Refused
from tradesim.providers.replay.packed import Document

Numbers = NDArray[Any]
WORD_BY_TYPE = {int: "a whole number", float: "a number"}
SHOWN = 40


def numeric_columns(
    document: Document, types: Sequence[type[int] | type[float]], names: Sequence[str]
) -> list[Numbers]:
    """One array a column, int64 or float64. Raises Refused naming the first line that does not fit."""
    import pyarrow as pa
    from pyarrow import csv

    arrow_types = [pa.float64() if kind is float else pa.int64() for kind in types]
    keys = [str(number) for number in range(len(types))]
    try:
        table = csv.read_csv(
            pa.BufferReader(document.data),
            read_options=csv.ReadOptions(column_names=keys, use_threads=False, block_size=len(document.data) + 1),
            convert_options=csv.ConvertOptions(
                column_types=dict(zip(keys, arrow_types, strict=True)), null_values=[], strings_can_be_null=False
            ),
            memory_pool=pa.system_memory_pool(),
        )
    except pa.ArrowException as error:
        _refuse_first_bad_line(document, types, names, str(error))
    return [_values(table.column(key), kind) for key, kind in zip(keys, types, strict=True)]


def _values(column: Any, kind: type[int] | type[float]) -> Numbers:
    """Straight from Arrow's buffers: its own conversion loads pandas, which costs more than the reading."""
    dtype = np.float64 if kind is float else np.int64
    parts = [
        np.frombuffer(chunk.buffers()[1], dtype)[chunk.offset : chunk.offset + len(chunk)] for chunk in column.chunks
    ]
    return parts[0] if len(parts) == 1 else np.concatenate([np.empty(0, dtype), *parts])


def _refuse_first_bad_line(
    document: Document, types: Sequence[type[int] | type[float]], names: Sequence[str], otherwise: str
) -> NoReturn:
    for number, raw in enumerate(document.data.split(b"\n"), 1):
        if not raw.strip():
            continue
        cells = raw.decode("utf-8", "replace").rstrip("\r").split(",")
        if len(cells) != len(types):
            raise Refused(f"line {number} of {document.name}: wanted {len(types)} columns, found {len(cells)}")
        for cell, kind, name in zip(cells, types, names, strict=True):
            if not _is(kind, cell):
                found = cell.strip()[:SHOWN] or "nothing"
                raise Refused(f"line {number} of {document.name}: wanted {WORD_BY_TYPE[kind]} as {name}, found {found}")
    raise Refused(f"{document.name} is not a table of numbers: {otherwise}")


def _is(kind: type[int] | type[float], cell: str) -> bool:
    try:
        kind(cell)
    except ValueError:
        return False
    return True
