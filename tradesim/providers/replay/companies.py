"""What a table of bars tells of companies: cash dividends and splits, in columns of their own.

Prices of some tables have the splits in them already: one counts only where the price fell as it says.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal
from fractions import Fraction
from math import log

from tradesim.kernel.clock import NS_PER_SECOND
from tradesim.kernel.errors import Refused
from tradesim.marketdata.days import date_of, zone_name
from tradesim.model.corporate import Dividend, Split
from tradesim.model.instrument import Instrument
from tradesim.model.series import Bars
from tradesim.providers.replay.headings import DIVIDENDS, SPLITS
from tradesim.providers.replay.table import Table

LARGEST_TERM = 1_000
"""Of a ratio: `0.333333` is 1 for 3."""
Told = tuple[int, float]
"""A bar, and the number that stands beside it."""


def actions_of(
    table: Table, columns: Mapping[str, str], rows: Sequence[int], bars: Bars, instrument: Instrument
) -> tuple[Dividend | Split, ...]:
    """Oldest first; each bar is of the row in `rows` at its place. Raises Refused."""
    symbol, zone = instrument.symbol, zone_name(instrument)
    paid = by_day(told(table, columns.get(DIVIDENDS), rows), bars, zone)
    became = by_day((each for each in told(table, columns.get(SPLITS), rows) if shows(bars, *each)), bars, zone)
    dividends = [Dividend(symbol, day, Decimal(repr(amount))) for day, amount in paid.items()]
    splits = [Split(symbol, day, *terms(ratio)) for day, ratio in became.items()]
    return tuple(sorted([*dividends, *splits], key=lambda each: each.day))


def told(table: Table, heading: str | None, rows: Sequence[int]) -> Iterator[Told]:
    """Every number but 0; nothing without a column."""
    if heading is None:
        return
    values = table.numbers(heading, empty=0.0)
    for bar, row in enumerate(rows):
        if values[row] < 0:
            raise Refused(f"{table.where(row)}: wanted 0 or more as {heading}, found {values[row]:g}")
        if values[row]:
            yield bar, float(values[row])


def by_day(told: Iterable[Told], bars: Bars, zone: str) -> dict[date, float]:
    """The first of each day: tables of minutes may say it again and again."""
    found: dict[date, float] = {}
    for bar, number in told:
        found.setdefault(date_of(int(bars.start[bar]) // NS_PER_SECOND, zone), number)
    return found


def shows(bars: Bars, bar: int, ratio: float) -> bool:
    """Whether the price fell by about the ratio before this bar: of old shares before, of new ones after."""
    if bar == 0:
        return False
    fell = log(bars.close[bar - 1] / bars.open[bar])
    return bool(abs(fell - log(ratio)) < abs(fell))


def terms(ratio: float) -> tuple[Decimal, Decimal]:
    """Old shares, and the new ones for them."""
    found = Fraction(ratio).limit_denominator(LARGEST_TERM)
    return Decimal(found.denominator), Decimal(found.numerator)
