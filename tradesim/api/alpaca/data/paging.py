"""History page by page: symbol by symbol, then by time, at most so many rows in all, and where the next one begins."""

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from tradesim.api.alpaca.data.asking import Mark, Span
from tradesim.api.alpaca.data.showing import Pick, Picked


class Page(NamedTuple):
    rows: dict[str, list[Any]]
    next_page_token: str | None


def paged(symbols: Sequence[str], span: Span, pick: Pick) -> Page:
    """`symbols` ascending. A symbol without rows is not named."""
    rows: dict[str, list[Any]] = {}
    left, mark = span.limit, span.mark
    last_token: str | None = None
    for symbol in symbols:
        if mark and symbol < mark.symbol:
            continue
        found = pick(symbol, span.start, span.end)
        places = remaining(found, span, mark if mark and symbol == mark.symbol else None)
        if len(places) and not left:
            return Page(rows, last_token)
        taken = places[:left]
        if len(taken):
            rows[symbol] = [found.show(int(place)) for place in taken]
            last = int(taken[-1])
            last_token = Mark(symbol, int(found.ts[last]), int(found.keys[last])).token
            left -= len(taken)
        if len(places) > len(taken):
            return Page(rows, last_token)
    return Page(rows, None)


def remaining(found: Picked, span: Span, mark: Mark | None) -> Any:
    """Places of the rows to show, in the order in which they are shown, after `mark`."""
    places = np.arange(len(found))
    if mark is not None:
        is_later = (found.ts > mark.ts) | ((found.ts == mark.ts) & (found.keys > mark.key))
        is_there = (found.ts == mark.ts) & (found.keys == mark.key)
        places = places[~is_later & ~is_there] if span.is_descending else places[is_later]
    return places[::-1] if span.is_descending else places
