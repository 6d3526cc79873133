"""Recorded bars from CSV, parquet or feather: columns recognised, tick and lot size told by the digits.

Everything that cannot be true is refused by file and line, before anything is played.
"""

from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from tradesim.kernel.clock import moment_text
from tradesim.kernel.errors import Refused
from tradesim.marketdata.days import NEW_YORK, UTC_ZONE, zone_name
from tradesim.marketdata.validation import first_fault
from tradesim.model.corporate import Dividend, Split
from tradesim.model.instrument import AssetClass, Instrument
from tradesim.model.market import Timeframe
from tradesim.model.series import Bars
from tradesim.providers.replay.companies import actions_of
from tradesim.providers.replay.headings import DATE, DIVIDENDS, SPLITS, chosen
from tradesim.providers.replay.moments import localised
from tradesim.providers.replay.naming import subject_of
from tradesim.providers.replay.packed import Document, bare_name, document, member, members, require_file
from tradesim.providers.replay.table import ARROW_SUFFIXES, Table, Values, arrow_table, csv_table

PRICES = ("open", "high", "low", "close")
MOST_DECIMALS = 10
LARGEST_EXACT = 2**53
FLOAT_NOISE = 8e-16
CENT_DECIMALS = 2
LOT_WITHOUT_VOLUME = {
    AssetClass.US_EQUITY: Decimal(1),
    AssetClass.CRYPTO: Decimal("0.0001"),
    AssetClass.FOREX: Decimal(1),
}
COLUMNS = ("time", DATE, *PRICES, "volume", DIVIDENDS, SPLITS)
OPTIONS = frozenset({*COLUMNS, "symbol", "class", "zone", "tick", "lot", "timeframe", "order"})
NEWEST_FIRST = "newest_first"
NS_PER_DAY = Timeframe.D1.ns


class RecordedBars(Struct, frozen=True):
    """`length` is how long one bar is, in ns; the bars' times, ticks and lots are the instrument's.

    `is_sized`: the volume is what was traded, and no mere count. `actions`: splits and cash dividends, oldest first.
    """

    name: str
    instrument: Instrument
    zone: str
    length: int
    bars: Bars
    is_sized: bool = True
    actions: tuple[Dividend | Split, ...] = ()


def read_bars(path: Path, mapping: Mapping[str, str] | None = None) -> RecordedBars:
    """`mapping` names columns (time, date, open to splits) and sets symbol, class, zone, tick, lot, timeframe, order.

    Raises Refused by name and line.
    """
    mapping = mapping or {}
    table, stem = _table(path)
    subject = subject_of(stem, mapping)
    columns = chosen(table.headings, mapping, table.top)
    zone = mapping.get("zone") or (NEW_YORK if subject.asset_class is AssetClass.US_EQUITY else UTC_ZONE)
    times = table.times(columns["time"], _zone(zone), columns.get(DATE))
    prices = [table.numbers(columns[name]) for name in PRICES]
    volume = table.numbers(columns["volume"], empty=0.0) if "volume" in columns else np.zeros(table.length)
    tick = _step(mapping, "tick") or _tick(prices, subject.asset_class)
    lot = _step(mapping, "lot") or _lot(volume, subject.asset_class)
    if "tick" in mapping:
        for name, values in zip(PRICES, prices, strict=True):
            _require_steps(table, columns[name], values, tick, "tick")
    if "lot" in mapping and "volume" in columns:
        _require_steps(table, columns["volume"], volume, lot, "lot")
    instrument = Instrument(
        subject.symbol,
        subject.symbol,
        subject.asset_class,
        tick,
        lot,
        subject.currency,
        fractionable=subject.asset_class is AssetClass.US_EQUITY,
    )
    opened, high, low, close = (
        _counted(table, columns[name], values, tick) for name, values in zip(PRICES, prices, strict=True)
    )
    bars = Bars(times, opened, high, low, close, _counted(table, columns.get("volume", ""), volume, lot))
    bars, lines = _oldest_first(bars, mapping)
    length = _length(table, bars, mapping)
    bars = _dated(bars, length, zone_name(instrument))
    _check(table, bars, lines, instrument)
    actions = actions_of(table, columns, lines, bars, instrument)
    sized = is_sized(instrument, mapping)
    return RecordedBars(path.name, instrument, zone_name(instrument), length, bars, sized, actions)


def is_sized(instrument: Instrument, mapping: Mapping[str, str]) -> bool:
    """What forex files call volume counts changes of the price, unless somebody says that it is none such."""
    return instrument.asset_class is not AssetClass.FOREX or "volume" in mapping


def _table(path: Path) -> tuple[Table, str]:
    """The table and the name that tells what it is of."""
    suffix = path.suffix.lower()
    if suffix == ".zip":
        found = _only_member(path)
        return csv_table(found), Path(found.name).stem
    if suffix in ARROW_SUFFIXES:
        require_file(path)
        return arrow_table(path), path.stem
    return csv_table(document(path)), Path(bare_name(path)).stem


def _only_member(path: Path) -> Document:
    names = [name for name in members(path) if name.lower().endswith((".csv", ".txt"))]
    if len(names) != 1:
        raise Refused(f"wanted one CSV file in {path.name}, found {', '.join(names) or 'none'}")
    return member(path, names[0])


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        raise Refused(f"--map zone wants a zone like America/New_York or UTC, found {name}") from None


def _step(mapping: Mapping[str, str], name: str) -> Decimal | None:
    text = mapping.get(name)
    if text is None:
        return None
    try:
        step = Decimal(text)
    except InvalidOperation:
        step = Decimal(0)
    if not step.is_finite() or step <= 0:
        raise Refused(f"--map {name} wants a number above zero, found {text}")
    return step


def _require_steps(table: Table, heading: str, values: Values, step: Decimal, name: str) -> None:
    """Raises Refused where a value lies between two steps: it would be another one."""
    is_between = np.abs(values - np.rint(values / float(step)) * float(step)) > np.abs(values) * FLOAT_NOISE + 1e-9
    if is_between.any():
        row = int(is_between.argmax())
        wanted = f"{heading} in steps of {step} (--map {name})"
        raise Refused(f"{table.where(row)}: wanted {wanted}, found {values[row]:.10g}")


def _tick(prices: list[Values], asset_class: AssetClass) -> Decimal:
    """The smallest power of ten that every price is a multiple of; shares are quoted in cents at least."""
    least = CENT_DECIMALS if asset_class is AssetClass.US_EQUITY else 0
    return Decimal(1).scaleb(-max(least, *(_decimals(values) for values in prices)))


def _lot(volume: Values, asset_class: AssetClass) -> Decimal:
    if not volume.any():
        return LOT_WITHOUT_VOLUME[asset_class]
    return Decimal(1).scaleb(-_decimals(volume))


def _decimals(values: Values) -> int:
    """Digits behind the point that all `values` need, but for the noise of binary fractions."""
    largest = float(np.abs(values).max())
    for decimals in range(MOST_DECIMALS):
        scaled = values * 10.0**decimals
        noise = np.abs(scaled) * FLOAT_NOISE + 1e-9
        if (np.abs(scaled - np.rint(scaled)) <= noise).all():
            return decimals
        if largest * 10 ** (decimals + 1) >= LARGEST_EXACT:
            return decimals
    return MOST_DECIMALS


def _counted(table: Table, heading: str, values: Values, step: Decimal) -> NDArray[np.int64]:
    """`values` in whole steps, the nearest. Raises Refused for one that is too large to be counted exactly."""
    steps = values / float(step)
    is_too_large = np.abs(steps) >= LARGEST_EXACT
    if is_too_large.any():
        row = int(is_too_large.argmax())
        wanted = f"less than {LARGEST_EXACT:,} steps of {step} as {heading}"
        raise Refused(f"{table.where(row)}: wanted {wanted}, found {values[row]:.10g}")
    return np.rint(steps).astype(np.int64)


def _oldest_first(bars: Bars, mapping: Mapping[str, str]) -> tuple[Bars, range]:
    """The bars, and the row of the table that each comes from."""
    order = mapping.get("order", "oldest_first")
    if order == NEWEST_FIRST:
        return bars[::-1], range(len(bars) - 1, -1, -1)
    if order != "oldest_first":
        raise Refused(f"--map order wants oldest_first or {NEWEST_FIRST}, found {order}")
    return bars, range(len(bars))


def _length(table: Table, bars: Bars, mapping: Mapping[str, str]) -> int:
    """How long a bar is: as mapped, else the most frequent distance between two."""
    named = mapping.get("timeframe")
    if named is not None:
        return _timeframe(named).ns
    gaps = np.diff(bars.start)
    gaps = gaps[gaps > 0]
    if len(gaps) == 0:
        if len(bars) > 1:
            return Timeframe.M1.ns
        raise Refused(f"{table.name} has 1 bar, wanted at least 2 to tell how long one is; or give --map timeframe=1m")
    lengths, counts = np.unique(gaps, return_counts=True)
    return int(lengths[counts.argmax()])


def _timeframe(named: str) -> Timeframe:
    try:
        return Timeframe(named)
    except ValueError:
        raise Refused(f"--map timeframe wants one of {', '.join(Timeframe)}, found {named}") from None


def _dated(bars: Bars, length: int, zone: str) -> Bars:
    """Daily bars stamped at midnight UTC mean the date: they begin at the zone's midnight of that date."""
    if length < NS_PER_DAY or (bars.start % NS_PER_DAY).any():
        return bars
    place = ZoneInfo(zone)
    starts = np.array([localised(start, place) for start in bars.start.tolist()], np.int64)
    return Bars(starts, *bars.columns()[1:])


def _check(table: Table, bars: Bars, rows: range, instrument: Instrument) -> None:
    fault = first_fault(bars, lambda ticks: str(instrument.price(int(ticks))), moment_text)
    if fault is None:
        return
    is_reversed = "run forward" in fault.message and bars.start[0] > bars.start[-1]
    hint = f"; if the file begins with the newest, --map order={NEWEST_FIRST}" if is_reversed else ""
    raise Refused(f"{table.where(rows[fault.row])}: {fault.message}{hint}")
