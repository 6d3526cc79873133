"""What a data stream says, and the two ways in which it is written: JSON text, and MessagePack with its Timestamps."""

from dataclasses import dataclass, field
from struct import pack
from typing import Any, Protocol

import msgspec

from tradesim.api.alpaca.data.shapes import Level
from tradesim.api.alpaca.data.times import stamp
from tradesim.kernel.clock import NS_PER_SECOND
from tradesim.stream.frames import frame

TEXT, BINARY = 0x1, 0x2
TIMESTAMP = -1
MSGPACK_TYPE = "application/msgpack"
_json = msgspec.json.Encoder().encode
_msgpack = msgspec.msgpack.Encoder().encode


class Codec(Protocol):
    """How one socket wants to be written to."""

    def stamp(self, ns: int) -> Any: ...

    def encode(self, value: Any) -> bytes: ...

    def frame(self, messages: list[bytes]) -> bytes:
        """Several encoded messages as one WebSocket frame."""
        ...


class JsonCodec:
    def stamp(self, ns: int) -> str:
        return stamp(ns)

    def encode(self, value: Any) -> bytes:
        return _json(value)

    def frame(self, messages: list[bytes]) -> bytes:
        return frame(TEXT, b"[" + b",".join(messages) + b"]")


class MsgpackCodec:
    def stamp(self, ns: int) -> msgspec.msgpack.Ext:
        """Sixty-four bits: nanoseconds above, seconds below; good until 2514."""
        second, rest = divmod(ns, NS_PER_SECOND)
        return msgspec.msgpack.Ext(TIMESTAMP, pack("!Q", rest << 34 | second))

    def encode(self, value: Any) -> bytes:
        return _msgpack(value)

    def frame(self, messages: list[bytes]) -> bytes:
        count = len(messages)
        head = pack("!B", 0x90 | count) if count < 16 else pack("!BH", 0xDC, count)
        return frame(BINARY, head + b"".join(messages))


JSON, MSGPACK = JsonCodec(), MsgpackCodec()
MOST_IN_FRAME = 2_000


def codec_of(content_type: str) -> Codec:
    """By what the client says of itself when it knocks."""
    return MSGPACK if content_type.split(";")[0].strip().lower() == MSGPACK_TYPE else JSON


@dataclass(slots=True)
class Message:
    """One of `channel`, about `symbol`, at `ts`. Encoded once for all sockets that are written to in the same way.

    `is_own` is whether a wildcard means it too.
    """

    channel: str
    symbol: str
    ts: int
    body: Any
    is_own: bool = True
    _encoded: dict[int, bytes] = field(default_factory=dict)

    def encoded(self, codec: Codec) -> bytes:
        found = self._encoded.get(id(codec))
        if found is None:
            self.body.t = codec.stamp(self.ts)
            found = self._encoded[id(codec)] = codec.encode(self.body)
        return found


class TradeSaid(msgspec.Struct, tag_field="T", tag="t"):
    S: str
    i: int
    x: str
    p: float
    s: float
    c: list[str]
    z: str
    t: Any = None


class QuoteSaid(msgspec.Struct, tag_field="T", tag="q", rename={"as_": "as"}):
    S: str
    ax: str
    ap: float
    as_: float
    bx: str
    bp: float
    bs: float
    c: list[str]
    z: str
    t: Any = None


class CoinTradeSaid(msgspec.Struct, tag_field="T", tag="t"):
    S: str
    p: float
    s: float
    i: int
    tks: str
    t: Any = None


class CoinQuoteSaid(msgspec.Struct, tag_field="T", tag="q", rename={"as_": "as"}):
    S: str
    bp: float
    bs: float
    ap: float
    as_: float
    t: Any = None


class BarSaid(msgspec.Struct, tag_field="T", tag="b"):
    S: str
    o: float
    h: float
    l: float  # noqa: E741 - Alpaca's own word
    c: float
    v: float
    n: int | None
    vw: float | None
    t: Any = None


class UpdatedBarSaid(BarSaid, tag="u"):
    pass


class DailyBarSaid(BarSaid, tag="d"):
    pass


class StatusSaid(msgspec.Struct, tag_field="T", tag="s"):
    S: str
    sc: str
    sm: str
    rc: str
    rm: str
    z: str
    t: Any = None


class LimitsSaid(msgspec.Struct, tag_field="T", tag="l"):
    """Limit up and limit down."""

    S: str
    u: float
    d: float
    i: str
    z: str
    t: Any = None


class ImbalanceSaid(msgspec.Struct, tag_field="T", tag="i"):
    S: str
    p: float
    z: str
    t: Any = None


class BookSaid(msgspec.Struct, tag_field="T", tag="o", omit_defaults=True):
    """With `r` the whole book, else the levels that changed; size 0 takes one away."""

    S: str
    b: list[Level]
    a: list[Level]
    t: Any = ""
    r: bool = False
