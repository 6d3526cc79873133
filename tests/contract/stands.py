"""Every adapter on a server of this machine: what it says when all is well, in the vendor's own form."""

import json
import time
import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from random import Random
from typing import Any

from tests.contract.test_providers_crypto_streams import (
    a_coinbase_snapshot,
    kraken_ack,
    quick,
)
from tests.fault_server import (
    Close,
    Do,
    FaultServer,
    Hear,
    Reply,
    Send,
    Step,
)
from tradesim.kernel.clock import WallClock
from tradesim.model.instrument import AssetClass, Instrument
from tradesim.providers.alpaca import Alpaca, AlpacaCrypto, IexViaAlpaca
from tradesim.providers.alphavantage import AlphaVantage
from tradesim.providers.binance import Binance
from tradesim.providers.coinbase import Coinbase
from tradesim.providers.finnhub import Finnhub
from tradesim.providers.hooks import Hooks
from tradesim.providers.kraken import Kraken
from tradesim.providers.line import Policy
from tradesim.providers.polygon import Polygon
from tradesim.providers.vendor import Wiring

KEY, SECRET = "KEY-of-8f3a91c2", "SECRET-of-77aa01"
GOOD = Decimal(100)
"""The one price that any adapter tells of when all is well; 99 and 101 are around it."""
BID, PRICE = "99.0", "PRICE"
"""The good bid as it is written, and where a price is to be put."""
GOOD_PRICES = {Decimal(99), GOOD, Decimal(101)}
MOST_BYTES = 2**20
POLICY = quick(Policy(max_message_bytes=MOST_BYTES, ceiling_bytes=4 * MOST_BYTES))
BACKOFF_S = POLICY.least_s

Trade = Callable[[str, int, float], str]
"""The text of one print by its price as JSON text, its number, and how many seconds after now it says it was."""


def stamp(ahead_s: float = 0.0) -> str:
    return datetime.fromtimestamp(time.time() + ahead_s, UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def epoch_ms(ahead_s: float = 0.0) -> int:
    return int((time.time() + ahead_s) * 1_000)


@dataclass(frozen=True)
class Stand:
    """One adapter. `welcome` is the talk up to a good market, `trade` one more print, `quote` a good REST answer.

    `touch` is one more change of the bid by its price, of the book or the quote alone; `whole` answers a message of the
    client after the change of that number, with whole books at their time. `past` is where REST has the print of a
    number, and the answer.
    """

    name: str
    symbol: str
    make: Callable[[FaultServer, Hooks], Any]
    quote: Any
    welcome: Callable[[FaultServer], Sequence[Step]] | None = None
    trade: Trade | None = None
    numbered: bool = True
    touch: Trade | None = None
    whole: Callable[[dict[str, Any], int, float], Sequence[Any]] | None = None
    past: Callable[[int], tuple[str, Any]] | None = None
    throttle: Any = field(default_factory=dict)
    crowded: Sequence[Step] = ()

    @property
    def instrument(self) -> Instrument:
        kind = AssetClass.CRYPTO if "/" in self.symbol else AssetClass.US_EQUITY
        return Instrument(self.symbol, self.symbol, kind)


def wiring(hooks: Hooks) -> Wiring:
    return Wiring(WallClock(), Random(1), policy=POLICY, hooks=hooks)


def answered(answer: Callable[[dict[str, Any], Any], None], count: int) -> Do:
    """Answers the next `count` messages of the client."""

    def act(line: Any, server: FaultServer) -> None:
        for _ in range(count):
            said = str(line.recv(timeout=60))
            server.heard.append(said)
            answer(json.loads(said), line)

    return Do(act)


# --- the exchanges without a key

KRAKEN_BOOK = (
    '{"channel":"book","type":"snapshot","data":[{"symbol":"BTC/USD","bids":[{"price":99.0,"qty":1.0}],'
    '"asks":[{"price":101.0,"qty":1.0}],"checksum":%d}]}'
)


def kraken_book() -> str:
    return KRAKEN_BOOK % zlib.crc32(b"101010" + b"99010")


def kraken_touch(price: str, number: int, ahead_s: float = 0.0) -> str:
    size = 1 + number % 2
    checksum = zlib.crc32(b"101010" + b"990%d0" % size)
    return (
        f'{{"channel":"book","type":"update","data":[{{"symbol":"BTC/USD","bids":[{{"price":{price},"qty":{size}.0}}],'
        f'"asks":[],"checksum":{checksum},"timestamp":"{stamp(ahead_s)}"}}]}}'
    )


def kraken_whole(said: dict[str, Any], _number: int, _ahead_s: float) -> Sequence[Any]:
    is_book = said["method"] == "subscribe" and said["params"]["channel"] == "book"
    return [kraken_ack(said), *([kraken_book()] if is_book else [])]


def kraken_trade(price: str, number: int, ahead_s: float = 0.0) -> str:
    return (
        f'{{"channel":"trade","type":"update","data":[{{"symbol":"BTC/USD","side":"buy","price":{price},"qty":1.0,'
        f'"ord_type":"limit","trade_id":{number},"timestamp":"{stamp(ahead_s)}"}}]}}'
    )


def kraken_past(number: int) -> tuple[str, Any]:
    rows = [["101.0", "1", time.time(), "b", "l", "", number]]
    return "/0/public/Trades", {"error": [], "result": {"XXBTZUSD": rows, "last": "1"}}


def kraken_welcome(_server: FaultServer) -> Sequence[Step]:
    return [answered(lambda said, line: line.send(kraken_ack(said)), 2), Send(kraken_book())]


def binance_trade(price: str, number: int, ahead_s: float = 0.0) -> str:
    at = epoch_ms(ahead_s)
    return (
        f'{{"stream":"btcusdt@trade","data":{{"e":"trade","E":{at},"s":"BTCUSDT","t":{number},"p":{quoted(price)},'
        f'"q":"1","T":{at},"m":true}}}}'
    )


def priced(told: Any, price: str) -> str:
    """The JSON text, with this text for the price."""
    return json.dumps(told).replace(f'"{PRICE}"', price)


def quoted(price: str) -> str:
    """As a string of JSON, where the vendor writes its numbers so and the fault is not another type."""
    return f'"{price}"' if price[0].isdigit() or price == "NaN" else price


def binance_past(number: int) -> tuple[str, Any]:
    return "/api/v3/trades", [{"id": number, "price": "101", "qty": "1", "time": epoch_ms(), "isBuyerMaker": True}]


def binance_welcome(server: FaultServer) -> Sequence[Step]:
    book = {"lastUpdateId": 10, "bids": [["99", "1"]], "asks": [["101", "1"]]}
    server.answers("/api/v3/depth", Reply(book))
    diff = {"e": "depthUpdate", "E": epoch_ms(), "s": "BTCUSDT", "U": 10, "u": 11, "b": [["99", "2"]], "a": []}
    told = {"stream": "btcusdt@depth@100ms", "data": diff}
    return [answered(lambda said, line: line.send(json.dumps({"result": None, "id": said["id"]})), 1), Send(told)]


def binance_touch(price: str, number: int, ahead_s: float = 0.0) -> str:
    size = str(1 + number % 2)
    diff = {"e": "depthUpdate", "E": epoch_ms(ahead_s), "s": "BTCUSDT", "U": number, "u": number}
    told = {"stream": "btcusdt@depth@100ms", "data": {**diff, "b": [[PRICE, size]], "a": []}}
    return priced(told, quoted(price))


def binance_whole(said: dict[str, Any], _number: int, _ahead_s: float) -> Sequence[Any]:
    """Its book comes by REST."""
    return [{"result": None, "id": said["id"]}]


def coinbase_trade(price: str, number: int, ahead_s: float = 0.0) -> str:
    return (
        f'{{"type":"match","product_id":"BTC-USD","trade_id":{number},"side":"sell","size":"1","price":{quoted(price)},'
        f'"time":"{stamp(ahead_s)}"}}'
    )


def coinbase_past(number: int) -> tuple[str, Any]:
    row = {"time": stamp(), "trade_id": number, "price": "101", "size": "1", "side": "sell"}
    return "/products/BTC-USD/trades", [row]


COINBASE_CHANNELS = ("level2_batch", "matches", "ticker", "heartbeat")
COINBASE_ECHO = {
    "type": "subscriptions",
    "channels": [{"name": name, "product_ids": ["BTC-USD"]} for name in COINBASE_CHANNELS],
}
COINBASE_BOOK = {**a_coinbase_snapshot(), "asks": [["101", "1"]]}


def coinbase_welcome(_server: FaultServer) -> Sequence[Step]:
    return [answered(lambda _said, line: line.send(json.dumps(COINBASE_ECHO)), 1), Send(COINBASE_BOOK)]


def coinbase_touch(price: str, number: int, ahead_s: float = 0.0) -> str:
    changes = [["buy", PRICE, str(1 + number % 2)]]
    told = {"type": "l2update", "product_id": "BTC-USD", "changes": changes, "time": stamp(ahead_s)}
    return priced(told, quoted(price))


def coinbase_whole(said: dict[str, Any], _number: int, _ahead_s: float) -> Sequence[Any]:
    return [COINBASE_ECHO, *([COINBASE_BOOK] if said["type"] == "subscribe" else [])]


# --- the vendors with a key


def alpaca_trade(price: str, number: int, ahead_s: float = 0.0) -> str:
    return f'[{{"T":"t","S":"AAPL","i":{number},"p":{price},"s":9,"c":["@"],"z":"C","x":"V","t":"{stamp(ahead_s)}"}}]'


ALPACA_HELLO = [
    Send('[{"T":"success","msg":"connected"}]'),
    Hear("auth"),
    Send('[{"T":"success","msg":"authenticated"}]'),
]


def alpaca_touch(price: str, number: int, ahead_s: float = 0.0) -> str:
    sizes = {"bs": 1 + number % 2, "as": 1}
    quote = {"T": "q", "S": "AAPL", "bx": "V", "bp": PRICE, "ax": "V", "ap": 101, **sizes, "c": ["R"], "z": "C"}
    return priced([{**quote, "t": stamp(ahead_s)}], price)


def alpaca_welcome(_server: FaultServer) -> Sequence[Step]:
    names = ("trades", "quotes", "bars")
    echo = json.dumps([{"T": "subscription", **{name: ["AAPL"] for name in names}}])
    return [*ALPACA_HELLO, Hear("subscribe"), Send(echo), Send(alpaca_touch(BID, 0))]


def alpaca_shares(name: str, kind: type[Alpaca]) -> Stand:
    return Stand(
        name,
        "AAPL",
        lambda s, h: kind(KEY, SECRET, wiring(h), base_url=s.http_url, stream_url=f"{s.ws_url}/v2"),
        ALPACA_QUOTE,
        alpaca_welcome,
        alpaca_trade,
        touch=alpaca_touch,
        throttle={"message": "too many requests."},
        crowded=ALPACA_CROWDED,
    )


def coin_trade(price: str, number: int, ahead_s: float = 0.0) -> str:
    return f'[{{"T":"t","S":"BTC/USD","i":{number},"p":{price},"s":0.5,"tks":"B","t":"{stamp(ahead_s)}"}}]'


COIN_CHANNELS = ("trades", "quotes", "bars", "orderbooks")
NO_COIN_ECHO: dict[str, Any] = {"T": "subscription", **{name: [] for name in COIN_CHANNELS}}
COIN_ECHO = {**NO_COIN_ECHO, **{name: ["BTC/USD"] for name in COIN_CHANNELS}}
COIN_BOOK = {"T": "o", "S": "BTC/USD", "r": True, "b": [{"p": 99, "s": 1}], "a": [{"p": 101, "s": 1}]}


def coin_welcome(_server: FaultServer) -> Sequence[Step]:
    return [*ALPACA_HELLO, Hear("subscribe"), Send([COIN_ECHO]), Send([{**COIN_BOOK, "t": stamp()}])]


def coin_touch(price: str, number: int, ahead_s: float = 0.0) -> str:
    change = {"T": "o", "S": "BTC/USD", "b": [{"p": PRICE, "s": 1 + number % 2}], "a": []}
    return priced([{**change, "t": stamp(ahead_s)}], price)


def coin_whole(said: dict[str, Any], _number: int, ahead_s: float) -> Sequence[Any]:
    if said["action"] == "unsubscribe":
        return [[NO_COIN_ECHO]]
    return [[COIN_ECHO], [{**COIN_BOOK, "t": stamp(ahead_s)}]]


ALPACA_CROWDED = [*ALPACA_HELLO[:2], Send('[{"T":"error","code":406,"msg":"connection limit exceeded"}]'), Close(1008)]
ALPACA_QUOTE = {
    "AAPL": {
        "latestTrade": {"t": stamp(), "x": "V", "p": 100, "s": 1, "c": ["@"], "i": 1, "z": "C"},
        "latestQuote": {"t": stamp(), "ax": "V", "ap": 101, "as": 1, "bx": "V", "bp": 99, "bs": 1, "c": ["R"]},
    }
}


def polygon_trade(price: str, number: int, ahead_s: float = 0.0) -> str:
    at = epoch_ms(ahead_s)
    return f'[{{"ev":"T","sym":"AAPL","x":4,"i":"{number}","z":3,"p":{price},"s":9,"t":{at},"q":{number}}}]'


POLYGON_HELLO = [
    Send('[{"ev":"status","status":"connected"}]'),
    Hear("auth"),
    Send('[{"ev":"status","status":"auth_success"}]'),
]
MOST = "Maximum number of websocket connections exceeded."


def polygon_welcome(_server: FaultServer) -> Sequence[Step]:
    ack = '[{{"ev":"status","status":"success","message":"subscribed to: {}.AAPL"}}]'
    acks = [Send(ack.format(topic)) for topic in ("T", "Q", "AM")]
    return [*POLYGON_HELLO, Hear("subscribe"), *acks, Send(polygon_touch(BID, 0))]


def polygon_touch(price: str, number: int, ahead_s: float = 0.0) -> str:
    sizes = {"bs": 1 + number % 2, "as": 1, "q": number + 1, "t": epoch_ms(ahead_s)}
    quote = {"ev": "Q", "sym": "AAPL", "bx": 4, "bp": PRICE, "ax": 7, "ap": 101, "c": 0, "z": 3}
    return priced([{**quote, **sizes}], price)


POLYGON_CROWDED = [
    *POLYGON_HELLO,
    Hear("subscribe"),
    Send([{"ev": "status", "status": "max_connections", "message": MOST}]),
    Close(1008, "max connections"),
]


def finnhub_trade(price: str, _number: int, ahead_s: float = 0.0) -> str:
    return f'{{"type":"trade","data":[{{"s":"AAPL","p":{price},"t":{epoch_ms(ahead_s)},"v":9,"c":null}}]}}'


def finnhub_welcome(_server: FaultServer) -> Sequence[Step]:
    return [Hear("subscribe"), Send(finnhub_trade("100.0", 0))]


AV_NAMES = ("symbol", "open", "high", "low", "price", "volume", "latest trading day", "previous close")
AV_VALUES = ("AAPL", "100", "101", "99", "100", "1000", "2026-01-05", "99")
AV_QUOTE = {"Global Quote": {f"{n:02d}. {a}": b for n, (a, b) in enumerate(zip(AV_NAMES, AV_VALUES, strict=True), 1)}}
AV_THROTTLE = {
    "Information": f"We have detected your API key as {KEY} and our standard API rate limit is 25 requests per day."
}
KRAKEN_QUOTE = {
    "error": [],
    "result": {"XXBTZUSD": {"a": ["101", "1", "1"], "b": ["99", "1", "1"], "c": ["100", "1"], "o": "100"}},
}

STANDS = {
    stand.name: stand
    for stand in (
        Stand(
            "kraken",
            "BTC/USD",
            lambda s, h: Kraken(WallClock(), Random(1), s.http_url, s.ws_url, 10, policy=POLICY, hooks=h),
            KRAKEN_QUOTE,
            kraken_welcome,
            kraken_trade,
            touch=kraken_touch,
            whole=kraken_whole,
            past=kraken_past,
            throttle={"error": ["EGeneral:Too many requests"]},
        ),
        Stand(
            "coinbase",
            "BTC/USD",
            lambda s, h: Coinbase(WallClock(), Random(1), s.http_url, s.ws_url, policy=POLICY, hooks=h),
            {"bid": "99", "ask": "101", "price": "100", "size": "1", "time": stamp(), "trade_id": 1, "volume": "5"},
            coinbase_welcome,
            coinbase_trade,
            touch=coinbase_touch,
            whole=coinbase_whole,
            past=coinbase_past,
            throttle={"message": "Public rate limit exceeded"},
        ),
        Stand(
            "binance",
            "BTC/USDT",
            lambda s, h: Binance(WallClock(), Random(1), s.http_url, s.ws_url, policy=POLICY, hooks=h),
            {
                "symbol": "BTCUSDT",
                "bidPrice": "99",
                "bidQty": "1",
                "askPrice": "101",
                "askQty": "1",
                "lastPrice": "100",
                "closeTime": epoch_ms(),
                "prevClosePrice": "99",
            },
            binance_welcome,
            binance_trade,
            touch=binance_touch,
            whole=binance_whole,
            past=binance_past,
            throttle={"code": -1003, "msg": "Too much request weight used; current limit is 6000 per minute."},
        ),
        alpaca_shares("alpaca", Alpaca),
        alpaca_shares("iex_alpaca", IexViaAlpaca),
        Stand(
            "alpaca_crypto",
            "BTC/USD",
            lambda s, h: AlpacaCrypto(KEY, SECRET, wiring(h), s.http_url, s.ws_url),
            {"snapshots": {"BTC/USD": ALPACA_QUOTE["AAPL"]}},
            coin_welcome,
            coin_trade,
            touch=coin_touch,
            whole=coin_whole,
            throttle={"message": "too many requests."},
            crowded=ALPACA_CROWDED,
        ),
        Stand(
            "finnhub",
            "AAPL",
            lambda s, h: Finnhub(KEY, wiring(h), s.http_url, s.ws_url),
            {"c": 100, "d": 1, "dp": 1, "h": 101, "l": 99, "o": 100, "pc": 99, "t": epoch_ms() // 1_000},
            finnhub_welcome,
            finnhub_trade,
            numbered=False,
            throttle={"error": "API limit reached. Please try again later. Remaining Limit: 0"},
        ),
        Stand(
            "polygon",
            "AAPL",
            lambda s, h: Polygon(KEY, wiring(h), s.http_url, f"{s.ws_url}/stocks"),
            {
                "status": "OK",
                "ticker": {
                    "ticker": "AAPL",
                    "lastTrade": {"p": 100, "s": 1, "t": time.time_ns(), "c": None, "i": "1", "x": 4},
                    "lastQuote": {"p": 99, "s": 1, "P": 101, "S": 1, "t": time.time_ns()},
                    "prevDay": {"c": 99},
                    "updated": time.time_ns(),
                },
            },
            polygon_welcome,
            polygon_trade,
            touch=polygon_touch,
            throttle={"status": "ERROR", "error": "You've exceeded the maximum requests per minute, please wait."},
            crowded=POLYGON_CROWDED,
        ),
        Stand(
            "alphavantage",
            "AAPL",
            lambda s, h: AlphaVantage(KEY, wiring(h), s.http_url),
            AV_QUOTE,
            throttle=AV_THROTTLE,
        ),
    )
}
