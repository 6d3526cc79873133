"""The crypto exchanges' streams against a server on this machine that speaks like them, faults included."""

import json
import random
import threading
from collections.abc import Callable, Iterator, Sequence
from decimal import Decimal
from typing import Any

import pytest
from msgspec.structs import replace
from websockets.sync.server import ServerConnection

from tests.crypto_recordings import binance, captured, lines, wrapped
from tests.fault_server import (
    BigFrame,
    Close,
    Do,
    Drop,
    FaultServer,
    HalfFrame,
    Mute,
    RefuseHandshake,
    Reply,
    Send,
    Status,
    Step,
    duplicated,
    reordered,
    with_gap,
)
from tests.waiting import eventually
from tradesim.kernel.clock import WallClock
from tradesim.model.feed import FeedBook, FeedEvent, FeedHalt, FeedQuote, FeedReset, FeedTrade, LinkState
from tradesim.providers.binance import Binance
from tradesim.providers.binance.provider import POLICY as BINANCE_POLICY
from tradesim.providers.coinbase import Coinbase
from tradesim.providers.coinbase.provider import POLICY as COINBASE_POLICY
from tradesim.providers.kraken import Kraken
from tradesim.providers.kraken.provider import POLICY as KRAKEN_POLICY
from tradesim.providers.line import Policy

Answers = Callable[[dict[str, Any], ServerConnection], None]
"""What the exchange says to one message of the client."""


def quick(policy: Policy, answer_timeout_s: float = 60.0) -> Policy:
    """It does not rest for long; whoever is slow is waited for."""
    return replace(
        policy,
        open_timeout_s=60.0,
        ping_timeout_s=60.0,
        answer_timeout_s=answer_timeout_s,
        poll_s=0.01,
        base_s=0.05,
        cap_s=0.2,
        least_s=0.05,
        quick_s=0.06,
        long_s=0.5,
        says_per_s=1000.0,
    )


class Listener:
    """Keeps what was heard, in order."""

    def __init__(self) -> None:
        self.events: list[FeedEvent] = []

    def __call__(self, events: Sequence[FeedEvent]) -> None:
        self.events += events

    def of(self, kind: type, symbol: str | None = None) -> list[Any]:
        return [each for each in self.events if isinstance(each, kind) and symbol in (None, each.symbol)]


@pytest.fixture
def server() -> Iterator[FaultServer]:
    with FaultServer() as server:
        yield server


@pytest.fixture
def opened() -> Iterator[Callable[..., Listener]]:
    """Starts a provider's stream with some symbols; closed at the end."""
    providers: list[Any] = []

    def listen(provider: Any, *symbols: str) -> Listener:
        providers.append(provider)
        listener = Listener()
        provider.stream().want(symbols)
        provider.stream().start(listener)
        return listener

    yield listen
    for provider in providers:
        provider.close()


def converses(answers: Answers, greeting: Sequence[Any] = ()) -> Do:
    """An exchange that greets, and answers each message of the client until it leaves."""

    def act(line: ServerConnection, server: FaultServer) -> None:
        for message in greeting:
            line.send(message if isinstance(message, str) else json.dumps(message))
        while not server.ended.is_set():
            try:
                said = str(line.recv(timeout=0.05))
            except TimeoutError:
                continue
            server.heard.append(said)
            answers(json.loads(said), line)

    return Do(act)


def texts(frames: Sequence[bytes]) -> list[str]:
    return [frame.decode() for frame in frames]


# --- Kraken

KRAKEN_SNAPSHOT = (
    '{"channel":"book","type":"snapshot","data":[{"symbol":"%s","bids":[{"price":99.9,"qty":1.0}],'
    '"asks":[{"price":100.0,"qty":0.50}],"checksum":1432436002}]}'
)
KRAKEN_TRADE = (
    '{"channel":"trade","type":"%s","data":[{"symbol":"BTC/USD","side":"buy","price":100.0,"qty":1.0,'
    '"ord_type":"limit","trade_id":%d,"timestamp":"2026-08-16T23:37:09.399268Z"}]}'
)


def a_kraken(server: FaultServer, depth: int = 10, answer_timeout_s: float = 60.0) -> Kraken:
    policy = quick(KRAKEN_POLICY, answer_timeout_s)
    return Kraken(WallClock(), random.Random(1), server.http_url, server.ws_url, depth, policy=policy)


def kraken_ack(said: dict[str, Any], error: str | None = None) -> str:
    params = said["params"]
    result = {"channel": params["channel"], "symbol": params["symbol"][0]}
    told = {"method": said["method"], "success": error is None, "req_id": said["req_id"]}
    return json.dumps({**told, "error": error} if error else {**told, "result": result})


def kraken_books(*books: Sequence[str]) -> Answers:
    """The n-th subscription of a book is answered with the n-th frames; the last repeat."""
    rest = list(books)

    def answer(said: dict[str, Any], line: ServerConnection) -> None:
        line.send(kraken_ack(said))
        if said["method"] == "subscribe" and said["params"]["channel"] == "book":
            for frame in rest.pop(0) if len(rest) > 1 else rest[0]:
                line.send(frame)

    return answer


def kraken_recording() -> list[str]:
    return texts(list(lines("providers/kraken/ws_v2_book_d10_btcusd_20260816.jsonl")))


def asked(server: FaultServer, method: str, channel: str) -> int:
    return sum(f'"{method}"' in said and f'"{channel}"' in said for said in server.heard)


def test_kraken_recording_is_replayed_byte_for_byte(server, opened):
    server.plays(converses(kraken_books(kraken_recording())))
    provider = a_kraken(server)
    heard = opened(provider, "BTC/USD")
    eventually(lambda: len(heard.of(FeedBook)) == 52)
    assert heard.of(FeedReset) == []
    assert heard.of(FeedQuote)
    assert provider.health().state is LinkState.LIVE
    assert provider.health().error is None


def test_a_wrong_kraken_checksum_asks_for_that_book_only_on_the_same_line(server, opened):
    frames = kraken_recording()
    spoiled = [
        frame.replace('"checksum":', '"checksum":1', 1) if number == 20 else frame
        for number, frame in enumerate(frames)
    ]
    server.plays(converses(kraken_books(spoiled, frames)))
    heard = opened(a_kraken(server), "BTC/USD")
    eventually(lambda: len(heard.of(FeedBook)) >= 52)
    (reset,) = heard.of(FeedReset)
    assert "checksum" in reset.reason
    after = heard.events[heard.events.index(reset) + 1 :]
    assert next(event for event in after if isinstance(event, FeedBook)).is_snapshot
    assert server.connections == 1
    assert asked(server, "unsubscribe", "book") == 1
    assert asked(server, "subscribe", "book") == 2
    assert asked(server, "subscribe", "trade") == 1


def test_a_symbol_that_kraken_refuses_is_told_and_the_others_go_on(server, opened):
    def answer(said: dict[str, Any], line: ServerConnection) -> None:
        symbol = said["params"]["symbol"][0]
        line.send(kraken_ack(said, "Currency pair not supported FOO/USD" if symbol == "FOO/USD" else None))
        if said["params"]["channel"] == "book" and symbol == "BTC/USD":
            line.send(KRAKEN_SNAPSHOT % symbol)

    server.plays(converses(answer))
    provider = a_kraken(server)
    heard = opened(provider, "FOO/USD", "BTC/USD")
    eventually(lambda: heard.of(FeedBook, "BTC/USD") and "FOO/USD" in (provider.health().error or ""))
    assert "not supported" in (provider.health().error or "")
    assert server.connections == 1


def test_a_kraken_that_never_answers_a_subscription_is_left(server, opened):
    server.plays(Mute())
    provider = a_kraken(server, answer_timeout_s=0.3)
    opened(provider, "BTC/USD")
    eventually(lambda: server.connections >= 2)
    assert "no answer" in (provider.health().error or "")


def test_past_kraken_trades_are_no_news_but_those_of_a_break_are(server, opened):
    def trades(*frames: str) -> Answers:
        def answer(said: dict[str, Any], line: ServerConnection) -> None:
            line.send(kraken_ack(said))
            if said["params"]["channel"] == "book":
                line.send(KRAKEN_SNAPSHOT % "BTC/USD")
            else:
                for frame in frames:
                    line.send(frame)
                if len(frames) == 2:
                    line.close(1012)

        return answer

    server.plays(converses(trades(KRAKEN_TRADE % ("snapshot", 7), KRAKEN_TRADE % ("update", 8))))
    server.plays(converses(trades(KRAKEN_TRADE % ("snapshot", 10))))
    rows = [["100.0", "1.0", 1786923429.0, "b", "l", "", number] for number in (8, 9, 10)]
    server.answers("/0/public/Trades", Reply({"error": [], "result": {"XXBTZUSD": rows, "last": "1"}}))
    heard = opened(a_kraken(server), "BTC/USD")
    eventually(lambda: len(heard.of(FeedTrade)) == 3)
    assert sorted(trade.trade_id for trade in heard.of(FeedTrade)) == ["10", "8", "9"]


def test_a_kraken_maintenance_is_a_halt_and_its_end_too(server, opened):
    status = '{"channel":"status","type":"update","data":[{"system":"%s"}]}'
    server.plays(
        converses(
            kraken_books([KRAKEN_SNAPSHOT % "BTC/USD", status % "maintenance", status % "online"]), [status % "online"]
        )
    )
    heard = opened(a_kraken(server), "BTC/USD")
    eventually(lambda: [halt.is_halted for halt in heard.of(FeedHalt)] == [True, False])


def test_a_kraken_maintenance_that_its_greeting_tells_is_a_halt_too_and_the_next_line_begins_without(server, opened):
    status = '{"channel":"status","type":"update","data":[{"system":"%s"}]}'
    server.plays(converses(kraken_books([KRAKEN_SNAPSHOT % "BTC/USD"]), [status % "maintenance"]))
    heard = opened(a_kraken(server), "BTC/USD")
    eventually(lambda: [halt.is_halted for halt in heard.of(FeedHalt)][:1] == [True])
    assert heard.of(FeedHalt)[0].reason == "Kraken is in maintenance"


@pytest.mark.parametrize(
    "rubbish", ["<html>502</html>", '{"channel":"book"', "NaN", "[]", '{"channel":"book","data":7}']
)
def test_what_cannot_be_read_is_counted_and_the_line_stays(server, opened, rubbish):
    server.plays(converses(kraken_books([rubbish, KRAKEN_SNAPSHOT % "BTC/USD"])))
    provider = a_kraken(server)
    heard = opened(provider, "BTC/USD")
    eventually(lambda: len(heard.of(FeedBook)) == 1)
    assert provider.health().errors == 1
    assert server.connections == 1


# --- Binance


def a_binance(server: FaultServer, answer_timeout_s: float = 60.0) -> Binance:
    policy = quick(BINANCE_POLICY, answer_timeout_s)
    return Binance(WallClock(), random.Random(1), server.http_url, server.ws_url, policy=policy)


def binance_says(*frames: Any) -> Answers:
    """Answers, then the frames once."""

    def answer(said: dict[str, Any], line: ServerConnection) -> None:
        line.send(json.dumps({"result": None, "id": said["id"]}))
        if said["method"] == "SUBSCRIBE":
            for frame in frames:
                line.send(frame if isinstance(frame, str) else json.dumps(frame))

    return answer


def a_diff(first: int, last: int) -> dict[str, Any]:
    data = {"e": "depthUpdate", "E": 1, "s": "BTCUSDT", "U": first, "u": last, "b": [["98.0", "1"]], "a": []}
    return {"stream": "btcusdt@depth@100ms", "data": data}


def a_print(number: int) -> dict[str, Any]:
    data = {"e": "trade", "E": 1, "s": "BTCUSDT", "t": number, "p": "99", "q": "1", "T": 1, "m": True}
    return {"stream": "btcusdt@trade", "data": data}


def a_snapshot(last: int) -> Reply:
    return Reply({"lastUpdateId": last, "bids": [["99", "1"]], "asks": [["100", "1"]]})


@pytest.mark.parametrize("name", ["spot", "binanceus"])
def test_binance_recording_is_replayed_with_its_snapshots_by_rest(server, opened, name):
    messages = list(binance(f"providers/binance/{name}_depth_ws_plus_snapshots_20211012.jsonl"))
    snapshots = {pair: frame for pair, frame in messages if pair}
    server.answers("/api/v3/depth", lambda seen: Reply(snapshots[seen.query["symbol"]]))
    server.plays(converses(binance_says(*(frame.decode() for pair, frame in messages if pair is None))))
    provider = a_binance(server)
    seam = {"USDT": 4, "BUSD": 4, "ETH": 3, "BTC": 3, "EUR": 3}
    symbols = [
        f"{pair[:-length]}/{quote}" for pair in snapshots for quote, length in seam.items() if pair.endswith(quote)
    ]
    heard = opened(provider, *symbols)
    diffs = sum(b"depthUpdate" in frame for _pair, frame in messages)
    eventually(lambda: len(provider._dialect.books) == 4 and all(b.is_live for b in provider._dialect.books.values()))
    eventually(lambda: provider.stream().link().messages >= len(messages) - len(snapshots) + 1)
    assert heard.of(FeedReset) == []
    eventually(lambda: len([book for book in heard.of(FeedBook) if book.is_snapshot]) == 4)
    assert 4 <= len(heard.of(FeedBook)) <= diffs + 4
    assert {seen.query["limit"] for seen in server.seen} == {"1000"}


def test_a_binance_snapshot_that_is_too_old_is_fetched_again(server, opened):
    server.answers("/api/v3/depth", a_snapshot(5), a_snapshot(10))
    server.plays(converses(binance_says(a_diff(11, 12), a_diff(13, 14))))
    heard = opened(a_binance(server), "BTC/USDT")
    eventually(lambda: [book.origin.sequence for book in heard.of(FeedBook)] == [10, 12, 14])
    assert len(server.seen) == 2


def test_a_gap_in_binance_changes_resets_and_joins_anew_on_the_same_line(server, opened):
    server.answers("/api/v3/depth", a_snapshot(10), a_snapshot(13))

    joined = threading.Event()

    def answer(said: dict[str, Any], line: ServerConnection) -> None:
        binance_says(a_diff(10, 11))(said, line)
        joined.wait(60)
        line.send(json.dumps(a_diff(13, 14)))

    server.plays(converses(answer))
    heard = opened(a_binance(server), "BTC/USDT")
    eventually(lambda: len(heard.of(FeedBook)) == 2)
    joined.set()
    eventually(lambda: len(heard.of(FeedReset)) == 1 and len(heard.of(FeedBook)) == 4)
    assert [book.origin.sequence for book in heard.of(FeedBook)] == [10, 11, 13, 14]
    assert server.connections == 1


def test_binance_prints_that_were_missed_are_asked_for(server, opened):
    rows = [{"id": n, "price": "99", "qty": "1", "time": 1, "isBuyerMaker": True} for n in range(1, 6)]
    server.answers("/api/v3/trades", Reply(rows))
    server.answers("/api/v3/depth", a_snapshot(10))
    server.plays(converses(binance_says(a_print(2), a_print(5))))
    heard = opened(a_binance(server), "BTC/USDT")
    eventually(lambda: sorted(trade.trade_id for trade in heard.of(FeedTrade)) == ["2", "3", "4", "5"])


def test_binance_says_goodbye_and_is_met_again_at_once(server, opened):
    server.answers("/api/v3/depth", a_snapshot(10))
    farewell = {"stream": "!serverShutdown", "data": {"e": "serverShutdown", "E": 1}}
    server.plays(converses(binance_says(farewell)))
    server.plays(converses(binance_says(a_diff(10, 11))))
    heard = opened(a_binance(server), "BTC/USDT")
    eventually(lambda: heard.of(FeedBook))
    assert server.connections == 2


def test_a_symbol_that_binance_does_not_have_is_found_out_by_rest(server, opened):
    """The stream takes any name and stays silent."""
    server.answers("/api/v3/depth", Status(400, {"code": -1121, "msg": "Invalid symbol."}))
    server.plays(converses(binance_says()))
    provider = a_binance(server)
    opened(provider, "FOO/USDT")
    eventually(lambda: "Invalid symbol" in (provider.health().error or ""))


# --- Coinbase

COINBASE_CHANNELS = ("level2_batch", "matches", "ticker", "heartbeat")


def a_coinbase(server: FaultServer, answer_timeout_s: float = 60.0) -> Coinbase:
    policy = quick(COINBASE_POLICY, answer_timeout_s)
    return Coinbase(WallClock(), random.Random(1), server.http_url, server.ws_url, policy=policy)


def coinbase_says(*rounds: Sequence[Any]) -> Answers:
    """Answers each subscription with the whole state; the n-th one to the book with the n-th frames."""
    products: set[str] = set()
    rest = list(rounds)

    def answer(said: dict[str, Any], line: ServerConnection) -> None:
        if said["type"] != "subscribe":
            return
        products.update(said["product_ids"])
        channels = [{"name": name, "product_ids": sorted(products)} for name in COINBASE_CHANNELS]
        line.send(json.dumps({"type": "subscriptions", "channels": channels}))
        for frame in rest.pop(0) if rest else ():
            line.send(frame if isinstance(frame, str) else json.dumps(frame))

    return answer


def a_coinbase_snapshot(bid: str = "99") -> dict[str, Any]:
    return {"type": "snapshot", "product_id": "BTC-USD", "bids": [[bid, "1"]], "asks": [["100", "1"]]}


def a_coinbase_update(side: str, price: str, size: str) -> dict[str, Any]:
    time = "2026-08-16T23:37:09.399268Z"
    return {"type": "l2update", "product_id": "BTC-USD", "changes": [[side, price, size]], "time": time}


def a_match(number: int, kind: str = "match") -> dict[str, Any]:
    time = "2026-08-16T23:37:09.399268Z"
    told = {"trade_id": number, "side": "sell", "size": "1", "price": "100", "time": time}
    return {"type": kind, "product_id": "BTC-USD", **told}


def test_coinbase_recording_is_replayed_byte_for_byte(server, opened):
    frames = texts([frame for _at, frame in captured("market/crypto_ws/COINBASE.ws.28.0.gz")])
    products = sorted({json.loads(frame).get("product_id") for frame in frames} - {None})
    data = [frame for frame in frames if '"subscriptions"' not in frame]
    rounds: list[list[str]] = [[] for _ in products]
    rounds[-1] = data
    server.plays(converses(coinbase_says(*rounds)))
    heard = opened(a_coinbase(server), *(product.replace("-", "/") for product in products))
    updates = sum('"l2update"' in frame for frame in data)
    eventually(lambda: len(heard.of(FeedBook)) == updates + len(products))
    assert heard.of(FeedReset) == []
    assert len(heard.of(FeedTrade)) == sum('"match"' in frame for frame in data) == 97


def test_a_crossed_coinbase_book_is_asked_for_again_alone(server, opened):
    first = [a_coinbase_snapshot(), a_coinbase_update("buy", "100", "1")]
    server.plays(converses(coinbase_says(first, [a_coinbase_snapshot("98")])))
    heard = opened(a_coinbase(server), "BTC/USD")
    eventually(lambda: len(heard.of(FeedBook)) == 2)
    assert "crossed" in heard.of(FeedReset)[0].reason
    again = json.loads(server.heard[-1])
    assert (again["type"], again["channels"]) == ("subscribe", ["level2_batch"])
    assert server.connections == 1


def test_coinbase_prints_that_were_missed_are_asked_for_and_the_last_match_is_no_news(server, opened):
    time = "2026-08-16T23:37:09Z"
    rows = [{"trade_id": n, "side": "buy", "price": "100", "size": "1", "time": time} for n in (9, 8, 7, 6, 5)]
    server.answers("/products/BTC-USD/trades", Reply(rows))
    frames = [a_coinbase_snapshot(), a_match(5, "last_match"), a_match(6), a_match(9)]
    server.plays(converses(coinbase_says(frames)))
    heard = opened(a_coinbase(server), "BTC/USD")
    eventually(lambda: sorted(trade.trade_id for trade in heard.of(FeedTrade)) == ["6", "7", "8", "9"])


def test_coinbase_heartbeats_tell_of_prints_that_never_came(server, opened):
    time = "2026-08-16T23:37:09Z"
    rows = [{"trade_id": n, "side": "buy", "price": "100", "size": "1", "time": time} for n in (7, 6)]
    server.answers("/products/BTC-USD/trades", Reply(rows))
    beat = {"type": "heartbeat", "product_id": "BTC-USD", "last_trade_id": 7, "sequence": 1, "time": time}
    frames = [a_coinbase_snapshot(), a_match(5, "last_match"), beat, beat]
    server.plays(converses(coinbase_says(frames)))
    heard = opened(a_coinbase(server), "BTC/USD")
    eventually(lambda: [trade.trade_id for trade in heard.of(FeedTrade)] == ["6", "7"])


def test_a_coinbase_channel_that_needs_a_key_stops_and_says_so(server, opened):
    refusal = next(
        frame.split(b',"note"')[0].decode()
        for _at, frame in wrapped("providers/coinbase/ws_control_frames.jsonl")
        if b"authentication" in frame
    )
    server.plays(converses(lambda _said, line: line.send(refusal)))
    provider = a_coinbase(server)
    opened(provider, "BTC/USD")
    eventually(lambda: provider.health().state is LinkState.REFUSED)
    assert "authentication" in (provider.health().error or "")
    assert server.connections == 1


def test_a_product_that_coinbase_does_not_have_is_told_and_the_others_go_on(server, opened):
    def answer(said: dict[str, Any], line: ServerConnection) -> None:
        if said["product_ids"] == ["FOO-USD"]:
            line.send('{"type":"error","message":"Failed to subscribe","reason":"FOO-USD is not a valid product"}')
        else:
            good(said, line)

    good = coinbase_says([a_coinbase_snapshot()])
    server.plays(converses(answer))
    provider = a_coinbase(server)
    heard = opened(provider, "FOO/USD", "BTC/USD")
    eventually(lambda: heard.of(FeedBook, "BTC/USD") and "not a valid" in (provider.health().error or ""))


# --- all of them


@pytest.mark.parametrize("make", [a_kraken, a_binance, a_coinbase])
def test_a_line_that_breaks_voids_every_book_and_comes_back(server, opened, make):
    server.plays(Close(1011))
    server.plays(Send("{"), Mute())
    provider = make(server)
    heard = opened(provider, "BTC/USD")
    eventually(lambda: server.connections >= 2)
    assert all(isinstance(event, FeedReset) for event in heard.events)
    assert provider.health().errors >= 1


def healthy(server: FaultServer, vendor: str) -> Do:
    """An exchange of that name that shows a book of BTC with 99.9 or 99 bid."""
    server.answers("/api/v3/depth", a_snapshot(10))
    return {
        "kraken": converses(kraken_books([KRAKEN_SNAPSHOT % "BTC/USD"])),
        "binance": converses(binance_says(a_diff(10, 11))),
        "coinbase": converses(coinbase_says([a_coinbase_snapshot()])),
    }[vendor]


MAKERS = {"kraken": a_kraken, "binance": a_binance, "coinbase": a_coinbase}
LINE_FAULTS: dict[str, Sequence[Step]] = {
    "reset": [Drop()],
    "half a frame": [HalfFrame()],
    "10 MB frame": [BigFrame(), Drop()],
    "closed 1008": [Close(1008, "policy")],
    "closed 1009": [Close(1009)],
    "closed 1011": [Close(1011)],
    "closed 1012": [Close(1012)],
    "handshake 503": [RefuseHandshake(503)],
    "mute": [Mute()],
    "rubbish and mute": [Send("<html>502</html>"), Send("{"), Send('{"price": NaN}'), Send("null"), Mute()],
}


@pytest.mark.parametrize("fault", LINE_FAULTS)
@pytest.mark.parametrize("vendor", MAKERS)
def test_after_a_fault_of_the_line_the_book_is_back_and_the_fault_was_told(server, opened, vendor, fault):
    good = healthy(server, vendor)
    server.plays(*LINE_FAULTS[fault])
    server.plays(good)
    provider = MAKERS[vendor](server, **({"answer_timeout_s": 1.0} if "mute" in fault else {}))
    heard = opened(provider, "BTC/USDT" if vendor == "binance" else "BTC/USD")
    eventually(lambda: heard.of(FeedBook) and provider.health().state is LinkState.LIVE)
    assert server.connections >= 2
    assert provider.health().errors >= 1
    first = heard.of(FeedBook)[0]
    assert first.is_snapshot
    assert first.bids[0][0] in (Decimal("99.9"), Decimal(99))


MESSAGE_FAULTS = {
    "twice": (lambda frames: duplicated(frames, 20), 0),
    "in another order": (lambda frames: reordered(frames, 20), 1),
    "with one missing": (lambda frames: with_gap(frames, 20), 1),
}


@pytest.mark.parametrize("fault", MESSAGE_FAULTS)
def test_kraken_messages_at_fault_are_found_by_the_checksum(server, opened, fault):
    spoil, resets = MESSAGE_FAULTS[fault]
    frames = kraken_recording()
    server.plays(converses(kraken_books(spoil(frames), frames)))
    heard = opened(a_kraken(server), "BTC/USD")
    eventually(lambda: len(heard.of(FeedBook)) >= 52)
    assert len(heard.of(FeedReset)) == resets
    assert server.connections == 1


@pytest.mark.parametrize("fault", MESSAGE_FAULTS)
def test_binance_messages_at_fault_are_found_by_their_numbers(server, opened, fault):
    spoil, resets = MESSAGE_FAULTS[fault]
    frames, joined = [a_diff(number, number) for number in range(11, 41)], threading.Event()

    def answer(said: dict[str, Any], line: ServerConnection) -> None:
        binance_says(a_diff(10, 10))(said, line)
        joined.wait(60)
        for frame in spoil(frames):
            line.send(json.dumps(frame))

    server.answers("/api/v3/depth", a_snapshot(10), a_snapshot(40))
    server.plays(converses(answer))
    heard = opened(a_binance(server), "BTC/USDT")
    eventually(lambda: heard.of(FeedBook))
    joined.set()
    eventually(lambda: heard.of(FeedBook)[-1].origin.sequence == 40)
    assert len(heard.of(FeedReset)) == resets
    assert server.connections == 1


# --- all that need no key


@pytest.mark.parametrize("status", [401, 403, 451])
@pytest.mark.parametrize("make", [a_kraken, a_coinbase, a_binance])
def test_an_exchange_without_a_key_is_tried_again_after_a_handshake_that_was_refused(server, opened, make, status):
    server.plays(RefuseHandshake(status))
    server.plays(Mute())
    provider = make(server)
    opened(provider, "BTC/USD")
    eventually(lambda: server.connections == 2)


def test_a_press_of_test_tries_a_line_that_rests_at_once(server, opened):
    server.plays(RefuseHandshake(403))
    server.plays(Mute())
    provider = a_kraken(server)
    provider.connection._policy = replace(provider.connection._policy, long_s=7200.0)
    opened(provider, "BTC/USD")
    eventually(lambda: provider.health().state is LinkState.WAITING)
    assert provider.health().retry_at is not None
    provider.try_again()
    eventually(lambda: server.connections == 2)
