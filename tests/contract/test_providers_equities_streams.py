"""The sockets of Finnhub, Polygon and Alpaca against a vendor on this machine: recorded sessions, limits, refusals."""

import json
import random
import time
from collections.abc import Callable, Iterator
from decimal import Decimal

import pytest
from msgspec.structs import replace

from tests.fault_server import Close, Drop, FaultServer, Hear, Mute, Send, connection_limit_after_auth, sent
from tests.unit.providers.recorded import as_text, lines
from tests.waiting import eventually
from tradesim.kernel.clock import WallClock
from tradesim.model.feed import (
    Capability,
    FeedBook,
    FeedCorrection,
    FeedEvent,
    FeedHalt,
    FeedQuote,
    FeedReset,
    FeedTrade,
    LinkState,
)
from tradesim.providers.alpaca import Alpaca, AlpacaCrypto, IexViaAlpaca
from tradesim.providers.finnhub import Finnhub
from tradesim.providers.line import Policy
from tradesim.providers.polygon import Polygon
from tradesim.providers.vendor import Vendor, Wiring

KEY, SECRET = "KEY-of-8f3a91c2", "SECRET-of-77aa01"
QUICK = Policy(
    open_timeout_s=60.0,
    answer_timeout_s=60.0,
    ping_timeout_s=60.0,
    poll_s=0.01,
    base_s=0.02,
    cap_s=0.05,
    least_s=0.01,
    quick_s=0.02,
    long_s=0.05,
    says_per_s=500.0,
)


class Ear:
    """A stream with what it heard; stopped at the end of the test."""

    def __init__(self, provider: Vendor, *symbols: str) -> None:
        self.provider, self.events = provider, []
        self.stream = provider.stream()
        self.stream.want(symbols)
        self.stream.start(self.events.extend)

    def of(self, kind: type) -> list[FeedEvent]:
        return [event for event in self.events if isinstance(event, kind)]

    def eventually(self, fact: Callable[[], object]) -> None:
        eventually(fact, lambda: (self.provider.health(), self.events))


@pytest.fixture
def server() -> Iterator[FaultServer]:
    with FaultServer() as each:
        yield each


@pytest.fixture
def ears() -> Iterator[Callable[..., Ear]]:
    made: list[Ear] = []

    def make(provider: Vendor, *symbols: str) -> Ear:
        made.append(Ear(provider, *symbols))
        return made[-1]

    yield make
    for ear in made:
        ear.provider.close()


def wiring(policy: Policy = QUICK) -> Wiring:
    return Wiring(WallClock(), random.Random(1), policy=policy)


def finnhub(server: FaultServer, policy: Policy = QUICK) -> Finnhub:
    return Finnhub(KEY, wiring(policy), server.http_url, server.ws_url)


def polygon(server: FaultServer, policy: Policy = QUICK) -> Polygon:
    return Polygon(KEY, wiring(policy), server.http_url, f"{server.ws_url}/stocks")


def alpaca(server: FaultServer, policy: Policy = QUICK) -> Alpaca:
    return Alpaca(KEY, SECRET, wiring(policy), base_url=server.http_url, stream_url=f"{server.ws_url}/v2")


def received(vendor: str, name: str, skip: int = 0) -> list[str]:
    told = [line for line in lines(vendor, name) if line["dir"] == "rx" and "frame" in line and "alt" not in line]
    return [as_text(line["frame"]) for line in told[skip:]]


# --- Finnhub


def test_finnhub_tells_every_recorded_trade(server: FaultServer, ears):
    frames = received("finnhub", "ws_frames_observed.jsonl")
    server.plays(Hear("BINANCE:BTCUSDT"), Hear("AAPL"), *sent(frames), Mute())
    ear = ears(finnhub(server), "BTC/USDT", "AAPL")
    ear.eventually(lambda: len(ear.of(FeedTrade)) == 9)
    assert json.loads(server.heard[0]) == {"type": "subscribe", "symbol": "BINANCE:BTCUSDT"}
    assert ear.stream.link().errors == 0 and ear.provider.health().state is LinkState.LIVE


def test_finnhub_leaves_out_what_is_beyond_its_limit(server: FaultServer, ears):
    server.plays(Mute())
    ear = ears(finnhub(server, replace(QUICK, symbol_limit=45)), *(f"S{n}" for n in range(60)))
    ear.eventually(lambda: len(server.heard) == 45)
    assert len(ear.stream.link().left_out) == 15


def test_finnhub_gives_up_the_last_symbol_when_there_are_too_many(server: FaultServer, ears):
    error = '{"msg":"Subscribing to too many symbols","type":"error"}'
    trade = '{"type":"trade","data":[{"s":"A","p":1,"t":1721037599412,"v":2}]}'
    server.plays(Hear('"A"'), Hear('"B"'), Send(error), Hear("unsubscribe"), Send(trade), Mute())
    ear = ears(finnhub(server), "A", "B")
    ear.eventually(lambda: ear.of(FeedTrade))
    assert json.loads(server.heard[-1]) == {"type": "unsubscribe", "symbol": "B"}
    assert server.connections == 1


def test_finnhub_comes_back_and_asks_again_after_a_drop(server: FaultServer, ears):
    trade = '{"type":"trade","data":[{"s":"A","p":1,"t":1721037599412,"v":2}]}'
    server.plays(Hear('"A"'), Send(trade), Drop())
    server.plays(Hear('"A"'), Send(trade), Mute())
    ear = ears(finnhub(server), "A")
    ear.eventually(lambda: len(ear.of(FeedTrade)) == 2)
    assert len(ear.of(FeedReset)) == 1


def test_finnhub_with_a_key_in_the_address_never_shows_it(server: FaultServer, ears, caplog: pytest.LogCaptureFixture):
    caplog.set_level("DEBUG")
    server.plays(Send(f'{{"type":"error","msg":"Invalid API key {KEY}"}}'), Mute())
    ear = ears(finnhub(server), "A")
    ear.eventually(lambda: ear.provider.health().state is LinkState.REFUSED)
    assert server.paths and KEY in server.paths[0]
    ours = [record.getMessage() for record in caplog.records if record.name != "websockets.server"]
    assert KEY not in f"{ear.provider.health()} {ear.stream.link()} {ours}"


# --- Polygon


GREETING = ['[{"ev":"status","status":"connected"}]']
WELCOME = [*map(Send, GREETING), Hear("auth"), Send('[{"ev":"status","status":"auth_success"}]'), Hear("subscribe")]


def acks(*symbols: str) -> list[Send]:
    topics = [f"{topic}.{symbol}" for symbol in symbols for topic in ("T", "Q", "AM")]
    status = '[{{"ev":"status","status":"success","message":"subscribed to: {}"}}]'
    return [Send(status.format(topic)) for topic in topics]


def test_polygon_tells_the_recorded_session(server: FaultServer, ears):
    frames = [frame for frame in received("polygon", "ws_session_script.jsonl", 2) if "max_conn" not in frame]
    server.plays(*WELCOME, *acks("AAPL"), *sent(frames), Mute())
    ear = ears(polygon(server), "AAPL")
    ear.eventually(lambda: len(ear.of(FeedTrade)) == 3 and ear.of(FeedQuote))
    assert json.loads(server.heard[0]) == {"action": "auth", "params": KEY}
    assert json.loads(server.heard[1])["params"] == "T.AAPL,Q.AAPL,AM.AAPL,LULD.AAPL"
    assert ear.stream.link().errors == 0


def test_polygon_without_an_ack_is_left_and_tried_again(server: FaultServer, ears):
    server.plays(*WELCOME, *acks("AAPL")[:2], Mute())
    ear = ears(polygon(server, replace(QUICK, answer_timeout_s=0.2)), "AAPL")
    ear.eventually(lambda: server.connections >= 2)


def test_polygon_connection_limit_after_success_is_waited_for(server: FaultServer, ears):
    limit = [
        {"ev": "status", "status": "max_connections", "message": "Maximum number of websocket connections exceeded."}
    ]
    server.plays(*connection_limit_after_auth([*WELCOME, *acks("AAPL")], limit))
    ear = ears(polygon(server), "AAPL")
    ear.eventually(lambda: ear.stream.link().state is LinkState.WAITING)
    link = ear.stream.link()
    assert "Maximum number" in link.error and link.retry_at - time.time_ns() > 20 * 10**9
    assert server.connections == 1


def test_polygon_with_a_wrong_key_stops_until_it_is_mended(server: FaultServer, ears):
    server.plays(
        Send(GREETING[0]), Hear("auth"), Send('[{"ev":"status","status":"auth_failed","message":"no"}]'), Mute()
    )
    ear = ears(polygon(server), "AAPL")
    ear.eventually(lambda: ear.stream.link().state is LinkState.REFUSED)
    time.sleep(0.2)
    assert server.connections == 1
    ear.provider.try_again()
    ear.eventually(lambda: server.connections == 2)


def test_polygon_without_a_stream_in_the_plan_is_learned(server: FaultServer, ears):
    refusal = '[{"ev":"status","status":"error","message":"You don\'t have access to real-time data. Upgrade."}]'
    server.plays(*WELCOME, Send(refusal), Mute())
    ear = ears(polygon(server), "AAPL")
    ear.eventually(lambda: ear.stream.link().state is LinkState.REFUSED)
    assert "access" in ear.provider.capabilities()[Capability.STREAM]


# --- Alpaca


HELLO = [
    Send('[{"T":"success","msg":"connected"}]'),
    Hear("auth"),
    Send('[{"T":"success","msg":"authenticated"}]'),
]


def echo_of(*symbols: str) -> Send:
    return Send(
        json.dumps([{"T": "subscription", "trades": list(symbols), "quotes": list(symbols), "bars": list(symbols)}])
    )


def test_alpaca_tells_the_recorded_session(server: FaultServer, ears):
    frames = received("alpaca", "ws_v2_session_script.jsonl", 3)
    server.plays(*HELLO, Hear("subscribe"), echo_of("AAPL"), *sent(frames), Mute())
    ear = ears(alpaca(server), "AAPL")
    ear.eventually(lambda: len(ear.events) >= 6)
    assert json.loads(server.heard[0]) == {"action": "auth", "key": KEY, "secret": SECRET}
    wish = json.loads(server.heard[1])
    assert all(wish[name] == ["AAPL"] for name in ("trades", "quotes", "bars", "updatedBars", "statuses"))
    assert ear.of(FeedCorrection) and ear.of(FeedHalt) and ear.of(FeedTrade)
    assert server.paths == ["/v2/iex"] and ear.stream.link().errors == 0


def test_alpaca_waits_for_the_old_socket_to_go(server: FaultServer, ears):
    crowded = Send('[{"T":"error","code":406,"msg":"connection limit exceeded"}]')
    trade = Send('[{"T":"t","S":"AAPL","i":1,"p":1.5,"s":9,"c":["@"],"z":"C","t":"2024-06-17T14:11:00Z"}]')
    server.plays(*HELLO[:2], crowded, Close(1008))
    server.plays(*HELLO, Hear("subscribe"), echo_of("AAPL"), trade, Mute())
    ear = ears(alpaca(server), "AAPL")
    ear.eventually(lambda: ear.of(FeedTrade))
    assert server.connected_at[1] - server.connected_at[0] > 0.4


def test_alpaca_asks_for_fewer_quotes_when_a_wish_is_too_wide(server: FaultServer, ears):
    names = [f"S{n}" for n in range(20)]
    limit = Send('[{"T":"error","code":405,"msg":"symbol limit exceeded"}]')
    server.plays(*HELLO, Hear("subscribe"), limit, Hear("subscribe"), echo_of(*names), Mute())
    ear = ears(alpaca(server), *names)
    ear.eventually(lambda: len(server.heard) == 3)
    wishes = [json.loads(each) for each in server.heard[1:]]
    assert [len(wish["trades"]) for wish in wishes] == [20, 20]
    assert [len(wish["quotes"]) for wish in wishes] == [20, 10]
    assert server.connections == 1


@pytest.mark.parametrize(("code", "word"), [(402, "key"), (409, "plan")])
def test_alpaca_refusals_stop_until_they_are_mended(server: FaultServer, ears, code: int, word: str):
    server.plays(*HELLO[:2], Send(f'[{{"T":"error","code":{code},"msg":"no"}}]'), Mute())
    ear = ears(alpaca(server), "AAPL")
    ear.eventually(lambda: ear.stream.link().state is LinkState.REFUSED)
    assert word in ear.stream.link().error
    assert (code == 409) == (ear.provider.capabilities()[Capability.STREAM] != "yes")


def test_alpaca_bad_messages_are_counted_and_the_line_goes_on(server: FaultServer, ears):
    trade = '[{"T":"t","S":"AAPL","i":1,"p":1.5,"s":9,"c":["@"],"z":"C","t":"2024-06-17T14:11:00Z"}]'
    bad = ["<html>", "[", '[{"T":"t","S":"AAPL","p":NaN}]', "null", '[{"T":"t","S":"AAPL","p":[],"s":1}]']
    server.plays(*HELLO, Hear("subscribe"), echo_of("AAPL"), *sent([*bad, trade]), Mute())
    ear = ears(alpaca(server), "AAPL")
    ear.eventually(lambda: ear.of(FeedTrade))
    assert ear.stream.link().errors == len(bad) and server.connections == 1


def test_iex_via_alpaca_says_that_it_is_iex(server: FaultServer, ears):
    trade = Send('[{"T":"t","S":"AAPL","i":1,"p":1.5,"s":9,"c":["@"],"z":"C","t":"2024-06-17T14:11:00Z"}]')
    server.plays(*HELLO, Hear("subscribe"), echo_of("AAPL"), trade, Mute())
    provider = IexViaAlpaca(KEY, SECRET, wiring(), server.http_url, f"{server.ws_url}/v2")
    ear = ears(provider, "AAPL")
    ear.eventually(lambda: ear.of(FeedTrade))
    origin = ear.of(FeedTrade)[0].origin
    assert (origin.provider, origin.feed) == ("iex_alpaca", "iex")


def test_alpaca_coins_have_books_that_begin_whole_and_go_on_in_changes(server: FaultServer, ears):
    whole = {"T": "o", "S": "BTC/USD", "t": "2024-06-17T14:11:00Z", "r": True}
    whole |= {"b": [{"p": 99.5, "s": 1}, {"p": 99, "s": 2}], "a": [{"p": 100.5, "s": 1}]}
    change = {"T": "o", "S": "BTC/USD", "t": "2024-06-17T14:11:01Z", "b": [{"p": 99.5, "s": 0}], "a": []}
    trade = {"T": "t", "S": "BTC/USD", "p": 100, "s": 0.5, "t": "2024-06-17T14:11:01.5Z", "i": 7, "tks": "B"}
    quote = {"T": "q", "S": "BTC/USD", "bp": 99, "bs": 2, "ap": 100.5, "as": 1, "t": "2024-06-17T14:11:02Z"}
    echo = {"T": "subscription", **{name: ["BTC/USD"] for name in ("trades", "quotes", "bars", "orderbooks")}}
    server.plays(*HELLO, Hear("orderbooks"), Send([echo]), *map(Send, ([whole], [change], [trade], [quote])), Mute())
    provider = AlpacaCrypto(KEY, SECRET, wiring(), server.http_url, f"{server.ws_url}/v1beta3/crypto/us")
    ear = ears(provider, "BTC/USD", "AAPL")
    ear.eventually(lambda: ear.of(FeedQuote))
    first, second = ear.of(FeedBook)
    assert first.is_snapshot and not second.is_snapshot and second.bids == ((Decimal("99.5"), Decimal(0)),)
    (print_,) = ear.of(FeedTrade)
    assert print_.price == 100 and print_.qty == Decimal("0.5") and print_.origin.feed == "crypto"
    assert server.paths == ["/v1beta3/crypto/us"] and ear.stream.link().errors == 0
    wish = json.loads(server.heard[1])
    assert wish["orderbooks"] == ["BTC/USD"] and "statuses" not in wish
