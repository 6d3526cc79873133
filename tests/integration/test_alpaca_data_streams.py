"""The data streams over real sockets on 127.0.0.1, as a plain client sees them."""

import json
import socket
from urllib.error import HTTPError
from urllib.request import urlopen

import msgspec
import pytest
import websocket

from tests.alpaca_stage import HEADERS, KEY, SECRET, Floor, running
from tests.waiting import eventually
from tradesim.api.alpaca.data import broadcast, sockets
from tradesim.api.alpaca.data.plan import Plan
from tradesim.model.commands import HaltTrading
from tradesim.model.market import Side


@pytest.fixture
def floor():
    return Floor()


@pytest.fixture
def house(floor):
    with running(floor) as found:
        yield found


class Follower:
    """Says hello, keeps what it hears."""

    def __init__(self, house, path="/v2/iex", enters=True, msgpack=False, **more):
        header = ["Content-Type: application/msgpack"] if msgpack else []
        header += [f"{name}: {value}" for name, value in more.get("headers", {}).items()]
        self.is_packed = msgpack
        self.ws = websocket.create_connection(house.ws + path, timeout=60, header=header, **more.get("options", {}))
        self.heard = []
        assert self.next()["msg"] == "connected"
        if enters:
            self.say(action="auth", key=KEY, secret=SECRET)
            assert self.next()["msg"] == "authenticated"

    def say(self, **message):
        self.ws.send(json.dumps(message))

    def next(self):
        while not self.heard:
            frame = self.ws.recv()
            self.heard += msgspec.msgpack.decode(frame) if self.is_packed else json.loads(frame)
        return self.heard.pop(0)

    def until(self, kind):
        """The messages up to and including the next of `kind`."""
        found = [self.next()]
        while found[-1]["T"] != kind:
            found.append(self.next())
        return found

    def follow(self, **channels):
        self.say(action="subscribe", **channels)
        ack = self.next()
        assert ack["T"] == "subscription"
        return ack


def test_every_trade_and_every_quote_arrives_in_order(floor, house):
    """61, 63: by a plain client, which names no Content-Type."""
    follower = Follower(house)
    follower.follow(trades=["AAPL"], quotes=["AAPL"])
    for n in range(50):
        floor.deal(23_000 + n % 2, n + 1)
    printed = floor.desk.ticks("AAPL").trades.end
    heard = []
    while len([each for each in heard if each["T"] == "t"]) < printed:
        heard += follower.until("t")
    trades = [each for each in heard if each["T"] == "t"]
    assert printed >= 50 and [each["i"] for each in trades] == list(range(1, printed + 1))
    assert [each["t"] for each in heard] == sorted(each["t"] for each in heard)
    assert {each["S"] for each in heard} == {"AAPL"}


def test_a_wildcard_means_shares_on_a_stream_of_shares(floor, house):
    follower = Follower(house)
    follower.follow(trades=["*"])
    floor.deal(9_700_050, 3, "BTC/USD")
    floor.deal(23_000, 5)
    assert follower.next()["S"] == "AAPL"


def test_a_coin_has_its_own_shapes(floor, house):
    follower = Follower(house, "/v1beta3/crypto/us", msgpack=True)
    follower.follow(trades=["BTC/USD"], quotes=["*"])
    floor.deal(9_700_100, 3, "BTC/USD")
    trade = next(each for each in follower.until("t") if each["T"] == "t")
    assert (trade["p"], trade["s"], trade["tks"]) == (97_001.0, 0.0003, "B") and "z" not in trade
    assert trade["t"].year == 2026


def applied(book, message):
    if message.get("r"):
        book.clear()
    for side in "ba":
        levels = book.setdefault(side, {})
        for level in message[side]:
            if level["s"]:
                levels[level["p"]] = level["s"]
            else:
                levels.pop(level["p"], None)


@pytest.mark.parametrize("symbol", ["AAPL", "BTC/USD"])
def test_a_whole_book_and_its_changes_rebuild_the_one_that_rest_shows(floor, house, symbol):
    follower, late = Follower(house, "/v1beta3/crypto/us"), Follower(house, "/v1beta3/crypto/us")
    follower.follow(orderbooks=[symbol])
    first = follower.next()
    assert first["r"] and first["S"] == symbol
    book: dict = {}
    applied(book, first)
    touch = 23_000 if symbol == "AAPL" else 9_700_050
    for n in range(40):
        floor.agent(Side.BUY if n % 2 else Side.SELL, touch + (n % 7 - 3), 5 + n, symbol)
        if n == 20:
            late.follow(orderbooks=["*"])
    books = {"follower": book, "late": {}}
    with urlopen(f"{house.url}/v1beta3/crypto/us/latest/orderbooks?symbols={symbol}") as answer:
        wanted = json.load(answer)["orderbooks"][symbol]
    sides = {side: {level["p"]: level["s"] for level in wanted[side]} for side in "ba"}
    for name, each in (("follower", follower), ("late", late)):
        while books[name] != sides:
            message = each.next()
            if message["S"] == symbol:
                applied(books[name], message)


def test_bars_come_with_the_minute_and_are_those_of_rest(floor, house):
    follower = Follower(house)
    follower.follow(bars=["AAPL"], dailyBars=["AAPL"], lulds=["AAPL"])
    for _ in range(70):
        floor.deal(23_001, 10)
    heard = follower.until("b") + follower.until("l")
    minute, day = (next(each for each in heard if each["T"] == kind) for kind in "bd")
    client = house.app.test_client()
    for frame, told in (("1Min", minute), ("1Day", day)):
        rest = client.get(f"/v2/stocks/AAPL/bars?timeframe={frame}&start=2026-01-05", headers=HEADERS).get_json()
        bar = rest["bars"][0]
        assert {key: told[key] for key in ("o", "h", "l", "c", "v", "n", "vw")} == {
            key: bar[key] for key in ("o", "h", "l", "c", "v", "n", "vw")
        }
    limits = next(each for each in heard if each["T"] == "l")
    assert limits["d"] < 230 < limits["u"]


def test_a_halt_is_told_and_so_is_its_end(floor, house):
    follower = Follower(house)
    follower.follow(statuses=["*"])
    floor.ask(HaltTrading("AAPL"))
    status = follower.next()
    assert (status["T"], status["S"], status["sc"]) == ("s", "AAPL", "H")
    assert {"sm", "rc", "rm", "z", "t"} <= set(status)


def test_who_unsubscribes_hears_no_more(floor, house):
    follower = Follower(house)
    follower.follow(trades=["AAPL"], bars=["AAPL"])
    follower.say(action="unsubscribe", trades=["AAPL"])
    assert follower.next()["trades"] == []
    floor.deal(23_000, 5)
    follower.follow(statuses=["AAPL"])
    floor.ask(HaltTrading("AAPL"))
    assert follower.next()["T"] == "s"


def test_the_test_stream_trades_at_any_hour(house):
    follower = Follower(house, "/v2/test")
    follower.follow(trades=["FAKEPACA"], quotes=["FAKEPACA"])
    assert {each["S"] for each in follower.until("t")} == {"FAKEPACA"}


def test_nine_thousand_symbols_in_a_fragmented_message(house):
    names = [f"S{n:05d}" for n in range(9_000)]
    data = json.dumps({"action": "subscribe", "trades": names, "quotes": names}).encode()
    follower = Follower(house)
    pieces = [data[n : n + 32_768] for n in range(0, len(data), 32_768)]
    for n, piece in enumerate(pieces):
        opcode = websocket.ABNF.OPCODE_TEXT if n == 0 else websocket.ABNF.OPCODE_CONT
        follower.ws.send_frame(websocket.ABNF(int(n == len(pieces) - 1), 0, 0, 0, opcode, 1, piece))
    assert len(follower.next()["trades"]) == 9_000


def test_a_wrong_key_is_told_and_hung_up_on(house):
    follower = Follower(house, enters=False)
    follower.say(action="auth", key=KEY, secret="wrong")
    assert follower.next() == {"T": "error", "code": 402, "msg": "auth failed"}
    assert follower.ws.recv() == ""


def test_headers_open_the_door_too(floor, house):
    follower = Follower(house, enters=False, headers=HEADERS)
    assert follower.next()["msg"] == "authenticated"
    follower.say(action="auth", key=KEY, secret=SECRET)
    assert follower.next()["code"] == 403


def test_who_says_nothing_is_told_so_in_time(house, monkeypatch):
    monkeypatch.setattr(sockets, "AUTH_WITHIN_S", 0.2)
    follower = Follower(house, enters=False)
    assert follower.next()["code"] == 404
    assert follower.ws.recv() == ""


def test_one_socket_too_many_is_told(floor):
    with running(floor, plan=Plan(connections=1)) as house:
        first = Follower(house)
        second = Follower(house, enters=False)
        second.say(action="auth", key=KEY, secret=SECRET)
        assert second.next()["code"] == 406
        Follower(house, "/v2/sip")
        first.ws.close()
        eventually(lambda: not house.streams._connections["", "/v2/iex"])
        Follower(house)


def test_the_free_plan_has_no_consolidated_stream(floor):
    with running(floor, plan=Plan(is_free=True)) as house:
        follower = Follower(house, "/v2/sip", enters=False)
        follower.say(action="auth", key=KEY, secret=SECRET)
        assert follower.next() == {"T": "error", "code": 409, "msg": "insufficient subscription"}


def test_all_seats_taken_is_a_503_and_a_plain_request_a_426(floor):
    with running(floor, seats=1) as house:
        seated = Follower(house)
        with pytest.raises(websocket.WebSocketBadStatusException) as refused:
            Follower(house)
        assert refused.value.status_code == 503
        with pytest.raises(HTTPError) as refused:
            urlopen(house.url + "/v2/iex")
        assert refused.value.code == 426 and json.load(refused.value)["message"]
        seated.ws.close()


def a_batch(floor):
    """Five hundred trades in twenty turns; how many there are now."""
    venue = floor.desk._opening.market.source.venue
    for _ in range(20):
        floor.clock.advance(1_000_000)
        for _ in range(25):
            venue.agent_limit("AAPL", "~one", Side.SELL, 23_000, 5, floor.clock.now())
            venue.agent_limit("AAPL", "~two", Side.BUY, 23_000, 5, floor.clock.now())
        floor.desk.turn()
    return floor.desk.ticks("AAPL").trades.end


def test_a_reader_that_stalls_is_cut_off_and_delays_nobody(floor, house, monkeypatch):
    monkeypatch.setattr(broadcast, "LONGEST_WAIT_S", 3_600.0)
    stalled = Follower(house, options={"sockopt": [(socket.SOL_SOCKET, socket.SO_RCVBUF, 4_096)]})
    brisk = Follower(house)
    for each in (stalled, brisk):
        each.follow(trades=["AAPL"])
    broadcaster, heard, meanwhile = house.streams.broadcaster, [0], 0
    while meanwhile < 10:
        meanwhile += bool(broadcaster._behind)
        printed = a_batch(floor)
        while heard[-1] < printed:
            heard.append(brisk.next()["i"])
    assert heard == list(range(printed + 1)) and broadcaster.cut == 0, "heard while the other one was waited for"
    monkeypatch.setattr(broadcast, "LONGEST_WAIT_S", 0.0)
    eventually(lambda: broadcaster.cut == 1)
    eventually(lambda: broadcaster.clients == 1)


def test_pings_are_answered_and_a_goodbye_is_returned(house):
    follower = Follower(house)
    follower.ws.ping(b"hello")
    opcode, frame = follower.ws.recv_data_frame(control_frame=True)
    assert (opcode, frame.data) == (websocket.ABNF.OPCODE_PONG, b"hello")
    follower.ws.close()
    eventually(lambda: house.streams.broadcaster.clients == 0)
