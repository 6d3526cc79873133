"""What a provider says, written down and played back through the same adapter: the same words come out."""

import gzip
import json
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.contract.test_providers_crypto_streams import (
    a_coinbase_snapshot,
    a_coinbase_update,
    a_diff,
    a_match,
    a_print,
    a_snapshot,
    binance_says,
    coinbase_says,
    converses,
    kraken_books,
    kraken_recording,
)
from tests.contract.test_providers_equities_streams import HELLO, echo_of, received
from tests.fault_server import Drop, FaultServer, Hear, Mute, Pause, Reply, Seen, Send, Status, sent
from tests.ports import free_port
from tests.waiting import eventually
from tradesim.kernel.backoff import FullJitter
from tradesim.kernel.clock import NS_PER_SECOND, WallClock
from tradesim.kernel.errors import Refused
from tradesim.model.feed import FeedBook, FeedEvent, FeedQuote, FeedReset, FeedTrade
from tradesim.model.market import Side, SourceKind, Timeframe
from tradesim.model.orders import OrderType, TimeInForce
from tradesim.model.venue import Execution, VenueOrder
from tradesim.providers.errands import ThreadedErrands
from tradesim.providers.replay.recordings import TRAFFIC, kind_of, recordings
from tradesim.providers.replay.source import ReplaySource
from tradesim.providers.traffic.file import Reading, TrafficFile, is_traffic
from tradesim.providers.traffic.player import played
from tradesim.providers.traffic.recorder import record
from tradesim.providers.vendors import Vendors

KEY = "KEY-of-8f3a91c2-long"
PAIRS = {
    "error": [],
    "result": {
        "XXBTZUSD": {
            "altname": "XBTUSD",
            "wsname": "XBT/USD",
            "base": "XXBT",
            "quote": "ZUSD",
            "pair_decimals": 1,
            "lot_decimals": 8,
            "tick_size": "0.1",
            "ordermin": "0.0001",
            "status": "online",
        }
    },
}


class KeyFor:
    def get(self, name: str) -> str:
        return f"{KEY}-{name}"

    def held(self, name: str) -> str:
        return "environment"


def recording(server: FaultServer, path: Path, name: str, *symbols: str, until: Callable[[list], object]) -> list:
    """Record until the adapter has heard enough, a minute at most; what it heard."""
    heard: list[FeedEvent] = []
    stopping = threading.Event()

    def hear(events: Any) -> None:
        heard.extend(events)
        if until(heard):
            stopping.set()

    stream_url = f"{server.ws_url}/v2" if "alpaca" in name else server.ws_url
    vendors = Vendors(WallClock(), KeyFor(), urls={name: (server.http_url, stream_url)})
    record(vendors, name, symbols, path, WallClock(), stopping, 60.0, hear=hear)
    return heard


def told(events: list[FeedEvent], *kinds: type) -> list[FeedEvent]:
    return [event for event in events if isinstance(event, kinds or (FeedBook, FeedQuote, FeedTrade))]


def ohlc(at: int) -> dict[str, Any]:
    rows = [[at + n * 60, "1", "3", "0.5", "2", "1.5", "10", 4] for n in range(3)]
    return {"error": [], "result": {"XXBTZUSD": rows, "last": at}}


def kraken(server: FaultServer, path: Path) -> list[FeedEvent]:
    """The first books of a recording of depth 10, as many as a book of depth 25 proves."""
    frames = kraken_recording()[:15]
    server.answers("/0/public/AssetPairs", Reply(PAIRS))
    server.answers("/0/public/OHLC", Reply(ohlc(int(time.time()) // 60 * 60 - 3_600)))
    server.plays(converses(kraken_books(frames)))
    return recording(server, path, "kraken", "BTC/USD", until=lambda heard: len(told(heard, FeedBook)) >= 12)


def test_kraken_says_the_same_again(tmp_path: Path):
    path = tmp_path / "k.traffic.gz"
    with FaultServer() as server:
        heard = kraken(server, path)
    again = played(path)
    assert told(again.events) == told(heard)
    assert len(told(again.events, FeedBook)) >= 12 and not told(again.events[:-1], FeedReset)
    assert again.listing("BTC/USD").tick_size is not None and again.cut.sentence == ""


BINANCE_FRAMES = [a_diff(11, 12), a_print(1), a_print(2), a_diff(13, 14), a_diff(15, 20)]


def binance(server: FaultServer, path: Path) -> list[FeedEvent]:
    """Its first snapshot is too old for the frames, the second one fits."""
    return recording(server, path, "binance", "BTC/USDT", until=lambda heard: len(told(heard, FeedBook)) >= 4)


def binance_is_the_same(path: Path, heard: list[FeedEvent]) -> None:
    again = played(path).events
    assert [book.origin.sequence for book in told(again, FeedBook)] == [10, 12, 14, 20]
    assert told(again) == told(heard), "to the nanosecond"
    assert played(path).events == again, "and each time"


def test_binance_with_its_snapshot_by_rest_says_the_same_again(tmp_path: Path):
    path = tmp_path / "b.traffic.gz"
    with FaultServer() as server:
        server.answers("/api/v3/depth", a_snapshot(5), a_snapshot(10))
        server.plays(converses(binance_says(*BINANCE_FRAMES)))
        heard = binance(server, path)
    binance_is_the_same(path, heard)


@pytest.mark.parametrize("held", range(len(BINANCE_FRAMES) + 1))
def test_a_recording_says_the_same_whenever_the_answer_came_between_the_frames(tmp_path: Path, held: int):
    path, first = tmp_path / "b.traffic.gz", threading.Event()
    answers = [a_snapshot(10), a_snapshot(5)]

    def snapshot(seen: Seen) -> Reply:
        first.wait(30)
        return answers.pop()

    def speak(said: dict[str, Any], line: Any) -> None:
        binance_says(*BINANCE_FRAMES[:held])(said, line)
        asked = len(server.seen)
        first.set()
        eventually(lambda: len(server.seen) > asked or len(answers) < 2)
        for frame in BINANCE_FRAMES[held:]:
            line.send(json.dumps(frame))

    with FaultServer() as server:
        server.answers("/api/v3/depth", snapshot)
        server.plays(converses(speak))
        heard = binance(server, path)
    binance_is_the_same(path, heard)


def test_a_recording_says_the_same_when_the_answer_was_handed_over_late(tmp_path: Path, monkeypatch):
    path = tmp_path / "b.traffic.gz"
    at_once, took = ThreadedErrands._result, []

    def late(errands: ThreadedErrands, errand: Any) -> Any:
        found = at_once(errands, errand)
        took.append(time.sleep(0.6))
        return found

    monkeypatch.setattr(ThreadedErrands, "_result", late)
    with FaultServer() as server:
        server.answers("/api/v3/depth", a_snapshot(5), a_snapshot(10))
        server.plays(converses(binance_says(*BINANCE_FRAMES)))
        heard = binance(server, path)
    assert len(took) == 2
    binance_is_the_same(path, heard)


@pytest.mark.parametrize("rolled", [0.0, 1.0])
def test_a_recording_says_the_same_however_long_was_rested(tmp_path: Path, monkeypatch, rolled: float):
    path = tmp_path / "b.traffic.gz"
    monkeypatch.setattr(FullJitter, "next", lambda jitter: jitter._rng.uniform(rolled, rolled))
    with FaultServer() as server:
        server.answers("/api/v3/depth", a_snapshot(5), a_snapshot(10))
        server.plays(converses(binance_says(*BINANCE_FRAMES)))
        heard = binance(server, path)
    monkeypatch.undo()
    binance_is_the_same(path, heard)


def test_a_recording_of_the_first_version_has_the_same_books(tmp_path: Path):
    path, old = tmp_path / "b.traffic.gz", tmp_path / "old.traffic.gz"
    with FaultServer() as server:
        server.answers("/api/v3/depth", a_snapshot(5), a_snapshot(10))
        server.plays(converses(binance_says(*BINANCE_FRAMES)))
        binance(server, path)
    file = TrafficFile(old, "binance")
    for record_ in Reading(path):
        if record_["kind"] not in ("idle", "handed", "rolled"):
            file.write(record_ | ({"version": 1} if record_["kind"] == "begun" else {}))
    file.write({"kind": "said", "at": record_["at"] + NS_PER_SECOND, "text": "{}"})
    file.close()
    assert [book.origin.sequence for book in told(played(old).events, FeedBook)] == [10, 12, 14, 20]


def test_coinbase_over_a_broken_line_says_the_same_again(tmp_path: Path):
    path = tmp_path / "c.traffic.gz"
    first = [a_coinbase_snapshot(), a_coinbase_update("buy", "98", "2"), a_match(5, "last_match"), a_match(6)]
    second = [a_coinbase_snapshot("98.5"), a_match(6, "last_match"), a_match(7)]

    def break_after(said: dict[str, Any], line: Any) -> None:
        coinbase_says(first)(said, line)
        line.close(1012)

    product = {"id": "BTC-USD", "base_currency": "BTC", "quote_currency": "USD", "status": "online"}
    product |= {"quote_increment": "0.01", "base_increment": "0.00000001", "display_name": "BTC/USD"}
    with FaultServer() as server:
        server.answers("/products", Reply([product]))
        server.plays(converses(break_after))
        server.plays(converses(coinbase_says(second)))
        heard = recording(server, path, "coinbase", "BTC/USD", until=lambda heard: len(told(heard, FeedTrade)) >= 2)
    again = played(path).events
    assert told(again) == told(heard)
    assert len(told(again, FeedReset)) == len(told(heard, FeedReset)) - 1, "the last one is that of stopping"


def test_alpaca_says_the_same_again_and_its_keys_are_not_in_the_file(tmp_path: Path):
    path = tmp_path / "a.traffic.gz"
    frames = received("alpaca", "ws_v2_session_script.jsonl", 3)
    with FaultServer() as server:
        server.answers(
            "*", lambda seen: Status(200, {"bars": {}, "next_page_token": None, "echo": f"{KEY}-ALPACA_API_KEY_ID"})
        )
        server.plays(*HELLO, Hear("subscribe"), echo_of("AAPL"), *sent(frames), Mute())
        heard = recording(server, path, "alpaca", "AAPL", until=lambda heard: len(heard) >= 6)
    assert played(path).events == heard[: len(played(path).events)] and len(played(path).events) >= 6
    text = gzip.decompress(path.read_bytes()).decode()
    assert KEY not in text and "***" in text
    assert '"said"' in text and '"auth' in text


def test_finnhub_after_a_reset_says_the_same_again(tmp_path: Path):
    path = tmp_path / "f.traffic.gz"
    trade = '{"type":"trade","data":[{"s":"AAPL","p":%s,"t":1721037599412,"v":2}]}'
    with FaultServer() as server:
        server.answers("*", Status(403, {"error": "You don't have access to this resource."}))
        server.plays(Hear("AAPL"), Send(trade % 101.5), Send(trade % 101.6), Pause(0.1), Drop())
        server.plays(Hear("AAPL"), Send(trade % 101.7), Mute())
        heard = recording(server, path, "finnhub", "AAPL", until=lambda heard: len(told(heard, FeedTrade)) >= 3)
    assert told(played(path).events) == told(heard)
    assert KEY not in gzip.decompress(path.read_bytes()).decode()


def test_a_provider_without_a_stream_is_polled_and_says_the_same_again(tmp_path: Path):
    path = tmp_path / "v.traffic.gz"
    names = ("symbol", "open", "high", "low", "price", "volume", "latest trading day", "previous close")
    values = ("IBM", "1", "3", "0.5", "2.5", "100", "2026-01-05", "2.4")
    quote = {"Global Quote": {f"{n:02d}. {a}": b for n, (a, b) in enumerate(zip(names, values, strict=True), 1)}}
    with FaultServer() as server:
        answer = {"Information": f"Your key {KEY}-ALPHAVANTAGE_API_KEY is premium endpoint only"}
        server.answers("*", lambda seen: Reply(quote if seen.query["function"] == "GLOBAL_QUOTE" else answer))
        heard = recording(server, path, "alphavantage", "IBM", until=lambda heard: heard)
    assert len(heard) == 1 and played(path).events == heard
    assert KEY not in gzip.decompress(path.read_bytes()).decode()


# --- as a market


def test_a_recording_opens_as_a_replay_with_depth(tmp_path: Path):
    path = tmp_path / "k.traffic.gz"
    with FaultServer() as server:
        kraken(server, path)
    assert kind_of([path]) == TRAFFIC and recordings(tmp_path)[0].kind == TRAFFIC
    source = ReplaySource([path])
    assert source.kind is SourceKind.REPLAY and source.title == "BTC/USD Kraken book"
    assert source.end is not None
    source.advance(source.end)
    top = source.venue.top("BTC/USD", 10)
    assert len(top.bids) == len(top.asks) == 10
    assert top.bids[0].price < top.asks[0].price
    assert len(source.history("BTC/USD").minutes) >= 1, "the past that was fetched when it began"
    source.venue.drain()
    lots = top.asks[0].qty + 1
    order = VenueOrder("o", "paper", "BTC/USD", Side.BUY, OrderType.MARKET, TimeInForce.DAY, lots)
    source.venue.submit(order, source.end)
    done = [each for each in source.venue.drain().items if isinstance(each, Execution)]
    assert [each.price for each in done] == [top.asks[0].price, top.asks[1].price]


def test_going_back_and_forth_in_a_recording_shows_the_same_books(tmp_path: Path):
    path = tmp_path / "k.traffic.gz"
    with FaultServer() as server:
        kraken(server, path)
    source = ReplaySource([path])
    moments = sorted(set(source._feeds["BTC/USD"].times.tolist()))
    seen = []
    for moment in moments:
        source.advance(moment)
        seen.append(source.venue.top("BTC/USD", 10))
    for moment, top in list(zip(moments, seen, strict=True))[:: max(1, len(seen) // 7)]:
        source.seek(moment)
        assert source.venue.top("BTC/USD", 10) == top


# --- the file


def lines_of(path: Path) -> list[dict[str, Any]]:
    return list(Reading(path))


def written(path: Path, count: int, provider: str = "kraken") -> None:
    file = TrafficFile(path, provider)
    file.write({"kind": "begun", "at": 1, "of": "tradesim-traffic", "version": 1, "provider": provider, "symbols": []})
    for number in range(count):
        file.write({"kind": "frame", "at": number, "text": "x" * 50})
        file.flush()
    file.close()


def test_a_tail_that_was_cut_off_is_skipped_and_said(tmp_path: Path):
    path = tmp_path / "cut.traffic.gz"
    written(path, 20)
    path.write_bytes(path.read_bytes()[:-10])
    reading = Reading(path)
    assert len(list(reading)) == 20
    assert "end is cut off" in reading.cut.sentence


def test_every_length_of_a_cut_file_can_be_read(tmp_path: Path):
    path = tmp_path / "cut.traffic.gz"
    written(path, 5)
    whole = path.read_bytes()
    counts = []
    for length in range(1, len(whole)):
        path.write_bytes(whole[:length])
        counts.append(len(lines_of(path)))
    assert counts == sorted(counts) and counts[-1] >= 5


def test_more_is_appended_after_a_cut_tail(tmp_path: Path):
    path = tmp_path / "on.traffic.gz"
    written(path, 5)
    path.write_bytes(path.read_bytes()[:-3])
    written(path, 4)
    reading = Reading(path)
    kinds = [each["kind"] for each in reading]
    assert kinds.count("begun") == 2 and kinds.count("frame") == 8 and reading.cut.sentence == ""


def test_another_file_or_another_provider_is_not_written_to(tmp_path: Path):
    other = tmp_path / "notes.txt"
    other.write_text("mine")
    with pytest.raises(Refused, match="found another file"):
        TrafficFile(other, "kraken")
    assert other.read_text() == "mine"
    written(tmp_path / "k", 1)
    with pytest.raises(Refused, match="is of kraken, wanted one of binance"):
        TrafficFile(tmp_path / "k", "binance")


def test_a_record_that_is_none_is_refused_with_its_line(tmp_path: Path):
    path = tmp_path / "bad.traffic.gz"
    head = {"kind": "begun", "at": 1, "of": "tradesim-traffic", "version": 1, "provider": "kraken", "symbols": ["A"]}
    path.write_bytes(gzip.compress(json.dumps(head).encode() + b'\n{"at": 3}\n'))
    assert is_traffic(path)
    with pytest.raises(Refused, match="line 2"):
        played(path)


def test_a_recording_of_nobody_known_is_refused(tmp_path: Path):
    path = tmp_path / "x.traffic.gz"
    written(path, 1, "nobody")
    with pytest.raises(Refused, match="'nobody', which is not known"):
        ReplaySource([path])


def test_a_quiet_recording_says_that_it_has_nothing(tmp_path: Path):
    path = tmp_path / "x.traffic.gz"
    written(path, 0)
    with pytest.raises(Refused, match="no quotes, books or trades"):
        ReplaySource([path])


def test_a_recording_of_nothing_at_all_is_refused_with_the_reason(tmp_path: Path):
    nobody = f"127.0.0.1:{free_port()}"
    vendors = Vendors(WallClock(), KeyFor(), urls={"kraken": (f"http://{nobody}", f"ws://{nobody}")})
    with pytest.raises(Refused, match=r"nothing was heard of Kraken: the connection was refused; .* only the attempts"):
        record(vendors, "kraken", ["BTC/USD"], tmp_path / "k.traffic.gz", WallClock(), threading.Event(), 0.5)


def test_a_recording_of_nothing_but_refusals_is_refused(tmp_path: Path):
    path = tmp_path / "f.traffic.gz"
    with FaultServer() as server:
        server.answers("*", Status(401, {"error": "Invalid API key"}))
        vendors = Vendors(WallClock(), KeyFor(), urls={"finnhub": (server.http_url, server.ws_url)})
        with pytest.raises(Refused, match=r"Finnhub only refused: Finnhub does not know the key: .* has nothing else"):
            record(vendors, "finnhub", ["AAPL"], path, WallClock(), threading.Event(), 0.5)


def test_time_frames_of_the_past_are_kept_apart(tmp_path: Path):
    path = tmp_path / "k.traffic.gz"
    with FaultServer() as server:
        kraken(server, path)
    frames = {bar.timeframe for bar in played(path).bars("BTC/USD")}
    assert frames <= {Timeframe.M1, Timeframe.D1}
