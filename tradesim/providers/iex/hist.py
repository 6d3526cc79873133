"""IEX HIST: the messages of TOPS 1.5, TOPS 1.6 and DEEP 1.0 inside IEX-TP segments, as IEX specifies them.

Little endian, prices in 1/10,000 dollars, times in ns of the epoch. A message may grow at its end; what is
known of it is read all the same. Segments told twice are heard once, and gaps are counted.
"""

import struct
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import NamedTuple

from tradesim.kernel.errors import Refused
from tradesim.model.feed import (
    Feed,
    FeedBook,
    FeedCorrection,
    FeedEvent,
    FeedHalt,
    FeedQuote,
    FeedTrade,
    Origin,
    TradeFlag,
)
from tradesim.model.market import Side
from tradesim.providers.iex.capture import Tally, payloads

PRICE_SCALE = 10_000
TOPS_15, TOPS_16, DEEP_10 = 0x8002, 0x8003, 0x8004
PROTOCOLS = {TOPS_15: "TOPS 1.5", TOPS_16: "TOPS 1.6", DEEP_10: "DEEP 1.0"}
SEGMENT = struct.Struct("<BxHIIHHqqq")
LENGTH = struct.Struct("<H")
SYMBOL = slice(10, 18)
PROVIDER = "iex_hist"


class SystemEvent(NamedTuple):
    """`event`: O start of messages, S start of system hours, R start of regular hours, M, E, C their ends."""

    event: str
    time: int


class SecurityDirectory(NamedTuple):
    symbol: str
    time: int
    flags: int
    round_lot: int
    adjusted_close: int
    luld_tier: int


class TradingStatus(NamedTuple):
    """`status`: H halted everywhere, O order acceptance after a halt, P paused on IEX, T trading."""

    symbol: str
    time: int
    status: str
    reason: str


class RetailInterest(NamedTuple):
    symbol: str
    time: int
    indicator: str


class OperationalHalt(NamedTuple):
    """`status`: O halted on IEX, N not."""

    symbol: str
    time: int
    status: str


class ShortSaleTest(NamedTuple):
    symbol: str
    time: int
    is_in_effect: bool
    detail: str


class SecurityEvent(NamedTuple):
    """`event`: O opening process complete, C closing process complete."""

    symbol: str
    time: int
    event: str


class QuoteUpdate(NamedTuple):
    """Best displayed bid and ask; size 0 is no bid or no ask."""

    symbol: str
    time: int
    flags: int
    bid_size: int
    bid: int
    ask: int
    ask_size: int


class LevelUpdate(NamedTuple):
    """`size` is displayed at `price` now; the book is whole again when `is_complete`."""

    symbol: str
    time: int
    side: Side
    is_complete: bool
    size: int
    price: int


class TradeReport(NamedTuple):
    symbol: str
    time: int
    flags: int
    size: int
    price: int
    trade_id: int


class TradeBreak(NamedTuple):
    """The trade `trade_id` never was."""

    symbol: str
    time: int
    flags: int
    size: int
    price: int
    trade_id: int


class OfficialPrice(NamedTuple):
    """`kind`: Q opening, M closing."""

    symbol: str
    time: int
    kind: str
    price: int


class AuctionInformation(NamedTuple):
    symbol: str
    time: int
    kind: str
    paired: int
    reference: int
    indicative: int
    imbalance: int
    imbalance_side: str
    extensions: int
    scheduled: int
    book_clearing: int
    collar_reference: int
    lower_collar: int
    upper_collar: int


Message = (
    SystemEvent
    | SecurityDirectory
    | TradingStatus
    | RetailInterest
    | OperationalHalt
    | ShortSaleTest
    | SecurityEvent
    | QuoteUpdate
    | LevelUpdate
    | TradeReport
    | TradeBreak
    | OfficialPrice
    | AuctionInformation
)

EVENT, DIRECTORY, STATUS = struct.Struct("<xBq"), struct.Struct("<xBq8sIqB"), struct.Struct("<xBq8s4s")
MARK, DETAIL = struct.Struct("<xBq8s"), struct.Struct("<xBq8sB")
QUOTE, LEVEL, TRADE = struct.Struct("<xBq8sIqqI"), struct.Struct("<xBq8sIq"), struct.Struct("<xBq8sIqq")
OFFICIAL, AUCTION = struct.Struct("<xBq8sq"), struct.Struct("<xBq8sIqqIBBIqqqq")


def text(symbol: bytes) -> str:
    return symbol.decode("ascii", "replace").rstrip()


def decode(body: bytes) -> Message | None:
    """One message; None for a kind that these protocols do not have, or one cut short."""
    reader = READERS.get(body[0]) if body else None
    try:
        return reader(body) if reader else None
    except struct.error:
        return None


def _system(body: bytes) -> Message:
    event, time = EVENT.unpack_from(body)
    return SystemEvent(chr(event), time)


def _directory(body: bytes) -> Message:
    flags, time, symbol, lot, close, tier = DIRECTORY.unpack_from(body)
    return SecurityDirectory(text(symbol), time, flags, lot, close, tier)


def _status(body: bytes) -> Message:
    status, time, symbol, reason = STATUS.unpack_from(body)
    return TradingStatus(text(symbol), time, chr(status), text(reason))


def _retail(body: bytes) -> Message:
    indicator, time, symbol = MARK.unpack_from(body)
    return RetailInterest(text(symbol), time, chr(indicator).strip())


def _operational(body: bytes) -> Message:
    status, time, symbol = MARK.unpack_from(body)
    return OperationalHalt(text(symbol), time, chr(status))


def _short_sale(body: bytes) -> Message:
    status, time, symbol, detail = DETAIL.unpack_from(body)
    return ShortSaleTest(text(symbol), time, bool(status), chr(detail).strip())


def _security(body: bytes) -> Message:
    event, time, symbol = MARK.unpack_from(body)
    return SecurityEvent(text(symbol), time, chr(event))


def _quote(body: bytes) -> Message:
    flags, time, symbol, bid_size, bid, ask, ask_size = QUOTE.unpack_from(body)
    return QuoteUpdate(text(symbol), time, flags, bid_size, bid, ask, ask_size)


def _level(body: bytes) -> Message:
    flags, time, symbol, size, price = LEVEL.unpack_from(body)
    return LevelUpdate(text(symbol), time, Side.BUY if body[0] == ord("8") else Side.SELL, bool(flags & 1), size, price)


def _trade(body: bytes) -> Message:
    flags, time, symbol, size, price, number = TRADE.unpack_from(body)
    return TradeReport(text(symbol), time, flags, size, price, number)


def _break(body: bytes) -> Message:
    flags, time, symbol, size, price, number = TRADE.unpack_from(body)
    return TradeBreak(text(symbol), time, flags, size, price, number)


def _official(body: bytes) -> Message:
    kind, time, symbol, price = OFFICIAL.unpack_from(body)
    return OfficialPrice(text(symbol), time, chr(kind), price)


def _auction(body: bytes) -> Message:
    kind, time, symbol, paired, reference, indicative, imbalance, side, *rest = AUCTION.unpack_from(body)
    return AuctionInformation(text(symbol), time, chr(kind), paired, reference, indicative, imbalance, chr(side), *rest)


READERS = {
    ord("S"): _system,
    ord("D"): _directory,
    ord("H"): _status,
    ord("I"): _retail,
    ord("O"): _operational,
    ord("P"): _short_sale,
    ord("E"): _security,
    ord("Q"): _quote,
    ord("8"): _level,
    ord("5"): _level,
    ord("T"): _trade,
    ord("B"): _break,
    ord("X"): _official,
    ord("A"): _auction,
}


@dataclass(slots=True)
class Counts:
    """What a capture held. `missed` messages were never captured, `repeated` ones came before."""

    capture: Tally = field(default_factory=Tally)
    protocols: "Counter[str]" = field(default_factory=Counter)
    kinds: "Counter[str]" = field(default_factory=Counter)
    foreign_packets: int = 0
    damaged_packets: int = 0
    undecoded: int = 0
    missed: int = 0
    repeated: int = 0

    @property
    def messages(self) -> int:
        return self.kinds.total()


class HistFile:
    """One capture. `bodies` streams raw messages, `messages` decoded ones; `counts` are those of the last pass."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.counts = Counts()

    def messages(self) -> Iterator[Message]:
        """Every message in order. Raises Refused when the file is no capture, or none of IEX."""
        for body in self.bodies():
            message = decode(body)
            if message is None:
                self.counts.undecoded += 1
            else:
                yield message

    def bodies(self) -> Iterator[bytes]:
        counts = self.counts = Counts()
        heard: dict[tuple[int, int, int], int] = {}
        for payload in payloads(self.path, counts.capture):
            yield from self._segment(payload, heard)
        if not counts.protocols:
            raise Refused(f"{self.path.name} has no TOPS or DEEP packets of IEX, found {counts.capture.packets} others")

    def _segment(self, payload: bytes, heard: dict[tuple[int, int, int], int]) -> Iterator[bytes]:
        counts = self.counts
        if len(payload) < SEGMENT.size:
            counts.foreign_packets += 1
            return
        version, protocol, channel, session, length, count, _, first, _ = SEGMENT.unpack_from(payload)
        if version != 1 or protocol not in PROTOCOLS:
            counts.foreign_packets += 1
            return
        counts.protocols[PROTOCOLS[protocol]] += 1
        bodies = _split(payload, length, count)
        counts.damaged_packets += len(bodies) < count
        key = (protocol, channel, session)
        known = heard.get(key, first)
        counts.missed += max(0, first - known)
        told = min(max(0, known - first), count)
        counts.repeated += told
        heard[key] = max(known, first + count)
        for body in bodies[told:]:
            counts.kinds[chr(body[0]) if body else ""] += 1
            yield body


def _split(payload: bytes, length: int, count: int) -> list[bytes]:
    """The bodies of a segment: fewer than `count` when it is cut short."""
    found: list[bytes] = []
    start, end = SEGMENT.size, min(len(payload), SEGMENT.size + length)
    while len(found) < count and start + 2 <= end:
        size = LENGTH.unpack_from(payload, start)[0]
        if start + 2 + size > end:
            break
        found.append(payload[start + 2 : start + 2 + size])
        start += 2 + size
    return found


# --- in normal form

NO_FLAGS: frozenset[TradeFlag] = frozenset()
EXTENDED_HOURS, ODD_LOT = 0x40, 0x20


def event_of(message: Message, received_ns: int) -> FeedEvent | None:
    """What the desk would hear of a message; None for administration."""
    if isinstance(message, SystemEvent):
        return None
    origin = Origin(PROVIDER, Feed.IEX, message.time, received_ns)
    match message:
        case QuoteUpdate():
            return _feed_quote(message, origin)
        case LevelUpdate():
            level = ((price_of(message.price), Decimal(message.size)),)
            bids, asks = (level, ()) if message.side is Side.BUY else ((), level)
            return FeedBook(message.symbol, bids, asks, False, origin)
        case TradeReport():
            price, size = price_of(message.price), Decimal(message.size)
            return FeedTrade(message.symbol, price, size, origin, str(message.trade_id), None, flags_of(message.flags))
        case TradeBreak():
            return FeedCorrection(message.symbol, str(message.trade_id), origin)
        case TradingStatus():
            return FeedHalt(message.symbol, message.status != "T", message.reason or message.status, origin)
        case OperationalHalt():
            return FeedHalt(message.symbol, message.status == "O", "operational halt of IEX", origin)
    return None


def _feed_quote(message: QuoteUpdate, origin: Origin) -> FeedQuote:
    bid = price_of(message.bid) if message.bid_size else None
    ask = price_of(message.ask) if message.ask_size else None
    bid_size = Decimal(message.bid_size) if message.bid_size else None
    return FeedQuote(
        message.symbol, bid, ask, origin, bid_size, Decimal(message.ask_size) if message.ask_size else None
    )


def price_of(count: int) -> Decimal:
    return Decimal(count) / PRICE_SCALE


def flags_of(flags: int) -> frozenset[TradeFlag]:
    """Odd lots and trades outside regular hours are not eligible for last, high and low; all count as volume."""
    if not flags & (EXTENDED_HOURS | ODD_LOT):
        return NO_FLAGS
    found = {TradeFlag.NOT_LAST, TradeFlag.NOT_HIGH_LOW}
    if flags & EXTENDED_HOURS:
        found.add(TradeFlag.EXTENDED)
    if flags & ODD_LOT:
        found.add(TradeFlag.ODD_LOT)
    return frozenset(found)
