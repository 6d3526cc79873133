"""Alpaca market data: REST v2 (shares), v1beta3 (crypto), and the socket; times RFC 3339 with up to nine decimals.

Sizes of share quotes are round lots, those of crypto are units. What a print may change follows the tape plans'
sale conditions, whose letters mean different things on tapes A and B (CTA) than on C (UTP).
"""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from tradesim.kernel.clock import NS_PER_SECOND
from tradesim.kernel.errors import (
    BadKey,
    BadPayload,
    NoData,
    NotEntitled,
    ProviderError,
    RateLimited,
    RetryLater,
    UnknownSymbol,
)
from tradesim.model.feed import (
    Feed,
    FeedBar,
    FeedBook,
    FeedCorrection,
    FeedEvent,
    FeedHalt,
    FeedQuote,
    FeedTrade,
    Origin,
    PriceLevel,
    TradeFlag,
)
from tradesim.model.market import Side, Timeframe
from tradesim.providers.decoding import decoded
from tradesim.providers.fields import amount, amount_or_none, members, ns_of_stamp, rows, text, whole
from tradesim.providers.standing import NotThisTime

NS_PER_MINUTE = 60 * NS_PER_SECOND
ROUND_LOT, UNIT = Decimal(100), Decimal(1)
MINUTE_S, OUTAGE_S, CONNECTIONS_S = 60.0, 5.0, 0.5
SHOWN = 200
TIMEFRAMES = {
    Timeframe.M1: "1Min",
    Timeframe.M5: "5Min",
    Timeframe.M15: "15Min",
    Timeframe.H1: "1Hour",
    Timeframe.H4: "4Hour",
    Timeframe.D1: "1Day",
}
RECENT_SIP = 42210000


class Source(Struct, frozen=True):
    """Who says it: the provider's id and the part of the market that it shows."""

    provider: str
    feed: Feed

    def origin(self, ts_event: int, received_ns: int) -> Origin:
        return Origin(self.provider, self.feed, ts_event, received_ns)


def judge(status: int, said: str, after_s: float | None = None) -> None:
    """Raises what an answer other than 200 means. `said` is its text without keys."""
    if status == 200:
        return
    words, code = _message(said)
    low = words.lower()
    if status == 403 and ("subscription" in low or "not permit" in low or code == RECENT_SIP):
        said_so = f"Alpaca does not give this on the key's plan: {words}"
        raise NotThisTime(said_so) if "recent" in low or code == RECENT_SIP else NotEntitled(said_so)
    if status in (401, 403):
        raise BadKey(f"Alpaca does not know the key: {words}")
    if status == 429:
        raise RateLimited(f"Alpaca: too many requests: {words}", after_s or MINUTE_S)
    if status == 404 or (status in (400, 422) and "symbol" in low):
        raise UnknownSymbol(f"Alpaca has nothing of that name: {words}")
    if status >= 500 or status == 408:
        raise RetryLater(f"Alpaca has trouble of its own (HTTP {status}): {words}", after_s or OUTAGE_S)
    raise BadPayload(f"Alpaca would not take the request (HTTP {status}): {words}")


def _message(said: str) -> tuple[str, object]:
    try:
        found = decoded(said)
    except BadPayload:
        return said.strip()[:SHOWN] or "nothing", None
    if not isinstance(found, dict):
        return str(found)[:SHOWN], None
    return str(found.get("message", found))[:SHOWN], found.get("code")


# --- sale conditions

NO_FLAGS: frozenset[TradeFlag] = frozenset()
NOT_LAST = frozenset({TradeFlag.NOT_LAST})
VOLUME_ONLY = frozenset({TradeFlag.NOT_LAST, TradeFlag.NOT_HIGH_LOW})
NOTHING_AT_ALL = VOLUME_ONLY | {TradeFlag.NOT_VOLUME}
UTP_TAPE = "C"
BOTH_PLANS = {
    "C": VOLUME_ONLY,
    "H": VOLUME_ONLY,
    "I": VOLUME_ONLY | {TradeFlag.ODD_LOT},
    "M": NOTHING_AT_ALL,
    "N": VOLUME_ONLY,
    "P": NOT_LAST,
    "Q": NOTHING_AT_ALL,
    "R": VOLUME_ONLY,
    "T": VOLUME_ONLY | {TradeFlag.EXTENDED},
    "U": VOLUME_ONLY | {TradeFlag.EXTENDED},
    "V": VOLUME_ONLY,
    "Z": NOT_LAST,
    "4": NOT_LAST,
    "7": VOLUME_ONLY,
    "9": frozenset({TradeFlag.NOT_VOLUME}),
}
CTA_FLAGS = {**BOTH_PLANS, "B": VOLUME_ONLY}
UTP_FLAGS = {**BOTH_PLANS, "G": NOT_LAST, "W": VOLUME_ONLY}


def flags_of(codes: Sequence[Any], tape: str) -> frozenset[TradeFlag]:
    table = UTP_FLAGS if tape == UTP_TAPE else CTA_FLAGS
    found = NO_FLAGS
    for code in codes:
        found |= table.get(str(code), NO_FLAGS)
    return found


# --- REST: what one row says


def lot_of(symbol: str) -> Decimal:
    return UNIT if "/" in symbol else ROUND_LOT


def bar(row: Mapping[str, Any], symbol: str, timeframe: Timeframe, source: Source, received_ns: int) -> FeedBar:
    """`t` is the start; daily bars begin at midnight in New York."""
    start = ns_of_stamp(row.get("t"), "t")
    end = start + timeframe.ns
    opened, high, low, close, volume = (amount(row.get(key), key) for key in "ohlcv")
    origin = source.origin(min(end, received_ns), received_ns)
    vwap = amount_or_none(row.get("vw"), "vw")
    return FeedBar(
        symbol, timeframe, start, opened, high, low, close, volume, origin, vwap, is_final=end <= received_ns
    )


def quote(row: Mapping[str, Any], symbol: str, source: Source, received_ns: int) -> FeedQuote:
    """A price of 0 is no bid or no ask."""
    lot = lot_of(symbol)
    bid, ask = amount_or_none(row.get("bp"), "bp"), amount_or_none(row.get("ap"), "ap")
    bid_qty = amount(row.get("bs"), "bs") * lot if bid is not None else None
    ask_qty = amount(row.get("as"), "as") * lot if ask is not None else None
    origin = source.origin(ns_of_stamp(row.get("t"), "t"), received_ns)
    return FeedQuote(symbol, bid, ask, origin, bid_qty, ask_qty)


TAKERS = {"B": Side.BUY, "S": Side.SELL}


def trade(row: Mapping[str, Any], symbol: str, source: Source, received_ns: int) -> FeedTrade:
    """`u` says that it was cancelled or corrected since: then it changes nothing. `tks` is crypto's taker side."""
    flags = flags_of(rows(row.get("c"), "c"), str(row.get("z", "")))
    if row.get("u") in ("canceled", "incorrect", "corrected"):
        flags |= NOTHING_AT_ALL
    origin = source.origin(ns_of_stamp(row.get("t"), "t"), received_ns)
    number = None if row.get("i") is None else str(whole(row["i"], "i"))
    price, size = amount(row.get("p"), "p"), amount(row.get("s"), "s")
    return FeedTrade(symbol, price, size, origin, number, TAKERS.get(str(row.get("tks"))), flags)


def book(row: Mapping[str, Any], symbol: str, source: Source, received_ns: int, is_snapshot: bool = True) -> FeedBook:
    bids, asks = (tuple(_level(members(each, side)) for each in rows(row.get(side), side)) for side in "ba")
    return FeedBook(symbol, bids, asks, is_snapshot, source.origin(ns_of_stamp(row.get("t"), "t"), received_ns))


def _level(row: Mapping[str, Any]) -> PriceLevel:
    return amount(row.get("p"), "p"), amount(row.get("s"), "s")


# --- REST: whole answers


def by_symbol(found: Any, what: str) -> dict[str, list[Mapping[str, Any]]]:
    """`bars`, `trades`, `quotes`, `auctions` of an answer: lists of history, or the one latest of each symbol."""
    table = members(found, "an answer").get(what)
    if table is None:
        return {}
    return {symbol: _listed(each, what) for symbol, each in members(table, what).items()}


def _listed(told: Any, what: str) -> list[Mapping[str, Any]]:
    return [members(row, what) for row in (rows(told, what) if isinstance(told, list | None) else [told])]


def next_page(found: Any) -> str | None:
    """The token of the next page, which may begin in the middle of a symbol."""
    token = members(found, "an answer").get("next_page_token")
    return None if token is None else text(token, "next_page_token")


def bars(found: Any, timeframe: Timeframe, source: Source, received_ns: int) -> list[FeedBar]:
    return [
        bar(row, symbol, timeframe, source, received_ns)
        for symbol, told in by_symbol(found, "bars").items()
        for row in told
    ]


def quotes(found: Any, source: Source, received_ns: int) -> list[FeedQuote]:
    told = by_symbol(found, "quotes")
    return [quote(row, symbol, source, received_ns) for symbol, each in told.items() for row in each]


def trades(found: Any, source: Source, received_ns: int) -> list[FeedTrade]:
    told = by_symbol(found, "trades")
    return [trade(row, symbol, source, received_ns) for symbol, each in told.items() for row in each]


def books(found: Any, source: Source, received_ns: int) -> list[FeedBook]:
    told = by_symbol(found, "orderbooks")
    return [book(row, symbol, source, received_ns) for symbol, each in told.items() for row in each]


def auctions(found: Any, source: Source, received_ns: int) -> list[FeedTrade]:
    """Opening and closing auctions as prints; their condition is one letter and no list."""
    return [
        trade({**members(each, side), "c": [each.get("c")]}, symbol, source, received_ns)
        for symbol, days in by_symbol(found, "auctions").items()
        for day in days
        for side in ("o", "c")
        for each in rows(day.get(side), side)
    ]


def snapshots(found: Any, source: Source, received_ns: int) -> list[FeedQuote]:
    """Of shares (by symbol) and of crypto (under `snapshots`). A symbol that is null is not known."""
    table = _snapshot_table(found)
    return [
        _snapshot(members(row, symbol), symbol, source, received_ns) for symbol, row in table.items() if row is not None
    ]


def unknown_symbols(found: Any) -> set[str]:
    """Those that a snapshot answer names without anything of them."""
    return {symbol for symbol, row in _snapshot_table(found).items() if row is None}


def _snapshot_table(found: Any) -> Mapping[str, Any]:
    body = members(found, "snapshots")
    return members(body["snapshots"], "snapshots") if "snapshots" in body else body


def _snapshot(row: Mapping[str, Any], symbol: str, source: Source, received_ns: int) -> FeedQuote:
    """The quote with the last price that counts as one: an odd lot's does not, the minute's close does.

    Without a quote it is as old as what told the last price. Raises NoData where nothing is left that counts.
    """
    told, printed = row.get("latestQuote"), row.get("latestTrade")
    minute, previous = row.get("minuteBar"), row.get("prevDailyBar")
    if told is None and printed is None:
        raise NoData(f"Alpaca has neither quote nor trade of {symbol}")
    found = quote(members(told, "latestQuote"), symbol, source, received_ns) if told is not None else None
    latest = trade(members(printed, "latestTrade"), symbol, source, received_ns) if printed is not None else None
    last = latest.price if latest is not None and TradeFlag.NOT_LAST not in latest.flags else None
    origin = max((each.origin for each in (found, latest) if each is not None), key=lambda origin: origin.ts_event)
    if last is None and minute is not None:
        bar = members(minute, "minuteBar")
        last = amount_or_none(bar.get("c"), "c")
        if found is None and "t" in bar:
            ended = ns_of_stamp(bar["t"], "t") + NS_PER_MINUTE
            origin = replace(origin, ts_event=min(origin.ts_event, ended))
    if found is None and last is None:
        raise NoData(f"Alpaca has no quote of {symbol}, and no trade that makes a price")
    close = amount_or_none(members(previous, "prevDailyBar").get("c"), "c") if previous is not None else None
    if found is None:
        return FeedQuote(symbol, None, None, origin, last=last, prev_close=close)
    return FeedQuote(symbol, found.bid, found.ask, origin, found.bid_qty, found.ask_qty, last, close)


# --- socket


class Success(Struct, frozen=True):
    """connected, authenticated."""

    words: str


class Subscribed(Struct, frozen=True):
    """Everything that is subscribed now, by channel."""

    channels: Mapping[str, frozenset[str]]


class Complaint(Struct, frozen=True):
    code: int
    words: str


Said = FeedEvent | Success | Subscribed | Complaint
SYMBOL_LIMIT, CONNECTION_LIMIT, SLOW, AUTHENTICATED_ALREADY = 405, 406, 407, 403


def complaint_error(complaint: Complaint) -> ProviderError | None:
    """What an error frame asks for; None where the line goes on (a symbol too many, said already)."""
    words = f"Alpaca: {complaint.words} (code {complaint.code})"
    match complaint.code:
        case 402:
            return BadKey(f"Alpaca does not know the key: {complaint.words} (code 402)")
        case 409 | 411:
            return NotEntitled(
                f"Alpaca does not give this on the key's plan: {complaint.words} (code {complaint.code})"
            )
        case 406:
            return RetryLater(f"{words}: another program holds the one connection of this key", CONNECTIONS_S)
        case 401 | 404 | 407 | 408 | 500:
            return RetryLater(words, 0.0)
        case 403 | 405:
            return None
    return BadPayload(words)


def frames(body: str | bytes, source: Source, received_ns: int) -> list[Said]:
    """One message of the socket, always an array, in its order. Raises BadPayload."""
    told = decoded(body)
    if not isinstance(told, list):
        raise BadPayload(f"a frame must be an array, was {told!r:.40}")
    made = [_said(members(each, "a message"), source, received_ns) for each in told]
    return [each for each in made if each is not None]


def _said(row: Mapping[str, Any], source: Source, received_ns: int) -> Said | None:
    kind = row.get("T")
    reader = READERS.get(str(kind))
    if reader is not None:
        return reader(row, text(row.get("S"), "S"), source, received_ns)
    match kind:
        case "success":
            return Success(str(row.get("msg", "")))
        case "subscription":
            return Subscribed({name: _names(value, name) for name, value in row.items() if name != "T"})
        case "error":
            return Complaint(whole(row.get("code"), "code"), str(row.get("msg", ""))[:SHOWN])
        case "l" | "i":
            return None
    raise BadPayload(f"T must be one of the documented kinds, was {kind!r:.40}")


def _names(value: Any, name: str) -> frozenset[str]:
    return frozenset(text(each, name) for each in rows(value, name))


def _ws_trade(row: Mapping[str, Any], symbol: str, source: Source, received_ns: int) -> FeedEvent:
    return trade(row, symbol, source, received_ns)


def _ws_quote(row: Mapping[str, Any], symbol: str, source: Source, received_ns: int) -> FeedEvent:
    return quote(row, symbol, source, received_ns)


def _ws_bar(row: Mapping[str, Any], symbol: str, source: Source, received_ns: int) -> FeedEvent:
    """Minute bars and their updates: the one that came last is right."""
    return bar(row, symbol, Timeframe.M1, source, received_ns)


def _ws_day(row: Mapping[str, Any], symbol: str, source: Source, received_ns: int) -> FeedEvent:
    return bar(row, symbol, Timeframe.D1, source, received_ns)


HALTED, TRADING = frozenset("2HP"), frozenset("3T")
"""Status codes that stop trading and that begin it again (CTA digits, UTP letters); others tell of neither."""


def _ws_status(row: Mapping[str, Any], symbol: str, source: Source, received_ns: int) -> FeedEvent | None:
    code = str(row.get("sc", ""))
    if code not in HALTED | TRADING:
        return None
    words = " ".join(str(row[key]) for key in ("sm", "rm") if row.get(key)) or code
    origin = source.origin(ns_of_stamp(row.get("t"), "t"), received_ns)
    return FeedHalt(symbol, code in HALTED, words, origin)


def _ws_correction(row: Mapping[str, Any], symbol: str, source: Source, received_ns: int) -> FeedEvent:
    right = {
        "p": row.get("cp"),
        "s": row.get("cs"),
        "c": row.get("cc"),
        "i": row.get("ci"),
        "t": row.get("t"),
        "z": row.get("z"),
    }
    replaced_by = trade(right, symbol, source, received_ns)
    return FeedCorrection(symbol, str(whole(row.get("oi"), "oi")), replaced_by.origin, replaced_by)


def _ws_cancel(row: Mapping[str, Any], symbol: str, source: Source, received_ns: int) -> FeedEvent:
    origin = source.origin(ns_of_stamp(row.get("t"), "t"), received_ns)
    return FeedCorrection(symbol, str(whole(row.get("i"), "i")), origin)


def _ws_book(row: Mapping[str, Any], symbol: str, source: Source, received_ns: int) -> FeedEvent:
    return book(row, symbol, source, received_ns, row.get("r") is True)


READERS = {
    "t": _ws_trade,
    "q": _ws_quote,
    "b": _ws_bar,
    "u": _ws_bar,
    "d": _ws_day,
    "s": _ws_status,
    "c": _ws_correction,
    "x": _ws_cancel,
    "o": _ws_book,
}
