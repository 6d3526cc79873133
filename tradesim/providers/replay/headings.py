"""Which column of a foreign table is which: many spellings of time, prices, volume and what companies did."""

import re
from collections.abc import Mapping, Sequence

from tradesim.kernel.errors import Refused

DIVIDENDS, SPLITS = "dividends", "splits"
SPELLINGS: Mapping[str, tuple[str, ...]] = {
    "time": (
        "timestamp",
        "datetime",
        "time",
        "date",
        "ts",
        "dt",
        "t",
        "tsevent",
        "opentime",
        "starttime",
        "start",
        "gmttime",
        "localtime",
        "timeutc",
        "dateutc",
        "utc",
        "unix",
        "unixtime",
        "unixtimestamp",
        "epoch",
        "index",
        "",
        "unnamed0",
        "indexlevel0",
    ),
    "open": ("open", "o", "openprice", "opening", "first"),
    "high": ("high", "h", "highprice", "hi", "max"),
    "low": ("low", "l", "lowprice", "lo", "min"),
    "close": ("close", "c", "closeprice", "closing", "closelast", "last", "lastprice", "price", "settle"),
    "volume": ("volume", "vol", "v", "qty", "quantity", "basevolume", "totalvolume", "tickvolume", "tickvol", "size"),
    DIVIDENDS: ("dividends", "dividend", "dividendamount", "divcash", "cashdividend", "cashdividends"),
    SPLITS: ("stocksplits", "stocksplit", "splits", "split", "splitcoefficient", "splitfactor", "splitratio"),
}
ADJUSTED_CLOSE = frozenset({"adjclose", "adjustedclose", "closeadj", "closeadjusted", "adjcloseprice"})
NEEDED = ("time", "open", "high", "low", "close")
DATE, CLOCK = "date", "time"


def plain(heading: str) -> str:
    """Letters and digits alone, lower case, without a leading number (`1. open` is `open`)."""
    return re.sub(r"[^a-z0-9]", "", re.sub(r"^\s*\d+\.\s*", "", heading.lower()))


def chosen(headings: Sequence[str], mapping: Mapping[str, str], where: str) -> dict[str, str]:
    """Heading by meaning. A `date` column beside a `time` column is kept as `date`, the other as `time`.

    Raises Refused when a needed one is missing; `where` begins the sentence.
    """
    found = {meaning: _named(headings, mapping[meaning], meaning, where) for meaning in mapping if meaning in KNOWN}
    for meaning, spellings in SPELLINGS.items():
        if meaning not in found:
            heading = _recognised(headings, spellings, set(found.values()))
            if heading is not None:
                found[meaning] = heading
    _split_date(headings, found)
    _leave_dividends(headings, found, mapping)
    missing = [meaning for meaning in NEEDED if meaning not in found]
    if missing:
        hints = " ".join(f"--map {meaning}=COLUMN" for meaning in missing)
        raise Refused(
            f"{where}: wanted columns for {', '.join(missing)}, found {', '.join(headings)}; name them with {hints}"
        )
    return found


KNOWN = frozenset(SPELLINGS) | {DATE}


def _recognised(headings: Sequence[str], spellings: tuple[str, ...], taken: set[str]) -> str | None:
    by_plain = {plain(heading): heading for heading in reversed(headings) if heading not in taken}
    return next((by_plain[spelling] for spelling in spellings if spelling in by_plain), None)


def _named(headings: Sequence[str], wanted: str, meaning: str, where: str) -> str:
    if wanted in headings:
        return wanted
    alike = [heading for heading in headings if heading.strip().lower() == wanted.strip().lower()]
    if alike:
        return alike[0]
    raise Refused(f"{where}: wanted the column {wanted} for {meaning} (as mapped), found {', '.join(headings)}")


def _leave_dividends(headings: Sequence[str], found: dict[str, str], mapping: Mapping[str, str]) -> None:
    """Whether closes have them in already is not to be told, unless such closes stand beside those that were paid."""
    if DIVIDENDS not in mapping and not any(plain(heading) in ADJUSTED_CLOSE for heading in headings):
        found.pop(DIVIDENDS, None)


def _split_date(headings: Sequence[str], found: dict[str, str]) -> None:
    """Tables that keep the day and the time of day in two columns."""
    if DATE in found or plain(found.get("time", "-")) != CLOCK:
        return
    dates = [heading for heading in headings if plain(heading) == DATE]
    if dates:
        found[DATE] = dates[0]
