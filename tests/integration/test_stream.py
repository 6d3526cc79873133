"""The stream over real sockets: a threaded server on 127.0.0.1, a fake desk behind it, raw pages before it."""

import struct
import threading
from time import sleep

import pytest

from tests.fake_desk import Walk, book, status
from tests.page import Page, Refusal, knock
from tests.stream_house import opened
from tests.waiting import eventually
from tradesim.api.socket import is_welcome
from tradesim.stream import delivery
from tradesim.stream import hub as hub_module
from tradesim.stream.pace import frame_interval


@pytest.fixture
def house():
    with opened() as house:
        yield house


def sequences(page, topic):
    return [message["s"] for message in page.of(topic)]


def test_the_first_message_is_the_welcome(house):
    page = house.page()
    page.hear(lambda page: page.messages)
    first = page.messages[0]
    assert first["t"] == "welcome"
    assert first["d"]["epoch"] == "run-1"
    assert first["d"]["v"] == 1


def test_a_subscription_begins_with_a_snapshot_and_goes_on_without_a_gap(house):
    page = house.page("book:AAPL", "market", "status", "desk", "tape:AAPL", "bars:AAPL:1m")
    walk = Walk(house.desk)
    for _ in range(50):
        walk.step()
        sleep(0.001)
    page.hear(lambda page: page.of("market")[-1]["d"] and len(page.of("book:AAPL")) > 3)
    page.listen_for(0.2)
    for topic in ("book:AAPL", "market", "tape:AAPL"):
        messages = page.of(topic)
        assert messages[0]["k"] == "s"
        assert sequences(page, topic) == list(range(messages[0]["s"], messages[-1]["s"] + 1))
    prints = [row[0] for message in page.of("tape:AAPL") for row in message["d"]]
    assert prints == sorted(set(prints))


def test_pages_with_the_same_topics_get_the_same_bytes_and_others_only_theirs(house):
    first, second, other = house.page("book:AAPL"), house.page("book:AAPL"), house.page("book:MSFT")
    house.desk.move("AAPL", top=book(10_100))
    for page in (first, second):
        page.hear(lambda page: len(page.of("book:AAPL")) == 2)
    assert first.of("book:AAPL")[-1] == second.of("book:AAPL")[-1]
    other.listen_for(0.1)
    assert not other.of("book:AAPL")


def test_many_changes_are_one_frame(house, monkeypatch):
    page = house.page("book:AAPL", "book:MSFT")
    monkeypatch.setattr(hub_module, "frame_interval", lambda *_: 0.5)
    frames = page.frames
    for mid in range(10_001, 10_200):
        house.desk.move("AAPL", top=book(mid))
        house.desk.move("MSFT", top=book(mid))
    page.hear(lambda page: [10_198, 100, 1] in page.of("book:MSFT")[-1]["d"]["b"])
    assert 1 <= page.frames - frames < 100


def test_an_unsubscribed_topic_is_silent(house):
    page = house.page("book:AAPL", "market")
    page.say(op="unsubscribe", topics=["book:AAPL"])
    page.say(op="ping", echo=1)
    page.hear(lambda page: page.of("pong"))
    known = len(page.of("book:AAPL"))
    house.desk.move("AAPL", top=book(10_100), last=10_100)
    page.hear(lambda page: len(page.of("market")) == 2)
    assert len(page.of("book:AAPL")) == known


def test_one_who_returns_in_time_gets_just_what_was_missed(house):
    walk = Walk(house.desk)
    for _ in range(400):
        walk.step()
    page, stays = house.page("tape:AAPL"), house.page("tape:AAPL")
    known = sequences(page, "tape:AAPL")[-1]
    page.end()
    for _ in range(40):
        walk.step()
        sleep(0.004)
    stays.hear(lambda page: last_print(page) == house.desk.views["AAPL"].tape[-1].trade_id)
    back = house.page()
    back.say(op="subscribe", topics=["tape:AAPL"], resume={"epoch": "run-1", "seq": {"tape:AAPL": known}})
    back.hear(lambda page: page.of("tape:AAPL"))
    assert {message["k"] for message in back.of("tape:AAPL")} == {"d"}
    assert sequences(back, "tape:AAPL")[0] == known + 1
    ids = [row[0] for each in (page, back) for message in each.of("tape:AAPL") for row in message["d"]]
    assert ids == [row[0] for message in stays.of("tape:AAPL") for row in message["d"]]


def test_one_from_another_run_gets_a_snapshot(house):
    house.page("tape:AAPL")
    back = house.page()
    back.say(op="subscribe", topics=["tape:AAPL"], resume={"epoch": "run-0", "seq": {"tape:AAPL": 0}})
    back.hear(lambda page: page.of("tape:AAPL"))
    assert back.of("tape:AAPL")[0]["k"] == "s"


def test_watchlists_of_all_pages_are_known_until_they_leave(house):
    one, other = house.page("book:AAPL"), house.page()
    one.say(op="watch", symbols=["AAPL", "MSFT"])
    other.say(op="watch", symbols=["F"])
    eventually(lambda: house.hub.watched == {"AAPL", "MSFT", "F"})
    one.say(op="pause")
    one.say(op="watch", symbols=["AAPL"])
    eventually(lambda: house.hub.watched == {"AAPL", "F"})
    other.end()
    eventually(lambda: house.hub.watched == {"AAPL"})


def test_a_snapshot_can_be_asked_for(house):
    page = house.page("book:AAPL")
    page.say(op="snapshot", topic="book:AAPL")
    page.hear(lambda page: [message["k"] for message in page.of("book:AAPL")] == ["s", "s"])
    assert len(set(sequences(page, "book:AAPL"))) == 1


def test_a_hidden_tab_costs_nothing_and_is_right_again_in_one_frame(house):
    page = house.page("book:AAPL", "market", "tape:AAPL")
    page.say(op="pause")
    page.say(op="ping", echo=1)
    page.hear(lambda page: page.of("pong"))
    known, frames = len(page.messages), page.frames
    walk = Walk(house.desk)
    for _ in range(100):
        walk.step()
        sleep(0.001)
    page.listen_for(0.1)
    assert len(page.messages) == known
    page.say(op="resume")
    page.hear(lambda page: page.frames > frames)
    topics = {message["t"] for message in page.messages[known:]}
    assert topics == {"book:AAPL", "market", "tape:AAPL"}
    assert page.frames == frames + 1
    assert page.of("book:AAPL")[-1]["d"]["crc"]


def test_topics_may_change_while_paused(house):
    page = house.page("book:AAPL")
    page.say(op="pause")
    page.say(op="subscribe", topics=["book:MSFT"])
    page.say(op="unsubscribe", topics=["book:AAPL"])
    page.say(op="snapshot", topic="book:MSFT")
    page.say(op="ping", echo=1)
    page.hear(lambda page: page.of("pong"))
    house.desk.move("AAPL", top=book(10_100))
    page.listen_for(0.1)
    assert not page.of("book:MSFT")
    page.say(op="resume")
    page.hear(lambda page: page.of("book:MSFT"))
    assert len(page.of("book:AAPL")) == 1


def test_another_market_arrives_as_snapshots(house):
    page = house.page("book:AAPL", "status")
    house.desk.status_view = status(session_id="second")
    house.desk.move("AAPL", top=book(500, levels=3))
    page.hear(lambda page: len(page.of("book:AAPL")) > 1 and len(page.of("status")) > 1)
    assert page.of("book:AAPL")[-1]["k"] == page.of("status")[-1]["k"] == "s"
    assert len(page.of("book:AAPL")[-1]["d"]["b"]) == 3


def test_a_symbol_of_no_market_is_an_empty_topic(house):
    page = house.page("book:NONE", "tape:NONE", "bars:NONE:1m")
    assert page.of("book:NONE")[0]["d"]["b"] == []
    assert page.of("tape:NONE")[0]["d"] == page.of("bars:NONE:1m")[0]["d"] == []


def test_a_ping_is_answered(house):
    page = house.page()
    page.say(op="ping", echo=17.25)
    page.hear(lambda page: page.of("pong"))
    assert page.of("pong")[0]["d"]["echo"] == 17.25
    page.send(0x9, b"abc")
    page.hear(lambda page: page.pongs)
    assert page.pongs == [b"abc"]


def test_silence_is_filled_with_heartbeats(house, monkeypatch):
    monkeypatch.setattr(hub_module, "HEARTBEAT_S", 0.6)
    page = house.page()
    page.hear(lambda page: len(page.of("hb")) >= 2)


def test_one_who_is_not_heard_of_is_closed(house, monkeypatch):
    monkeypatch.setattr(hub_module, "SILENCE_S", 0.2)
    page = house.page()
    page.hear(lambda page: page.close)
    assert page.close[0] == 4408


def test_a_farewell_is_answered_and_the_seat_is_free(house):
    page = house.page("market")
    page.send(0x8, struct.pack("!H", 1001))
    page.hear(lambda page: page.close)
    assert page.close[0] == 1001
    eventually(lambda: house.hub.clients == 0)


def test_one_who_vanishes_leaves_its_seat(house):
    page = house.page("market")
    page.end()
    eventually(lambda: house.hub.clients == 0)


BAD = {
    "not JSON": (lambda page: page.say_text("{"), 4400),
    "no such op": (lambda page: page.say(op="buy"), 4400),
    "no such topic": (lambda page: page.say(op="subscribe", topics=["books:AAPL"]), 4400),
    "too many topics": (lambda page: [page.say(op="subscribe", topics=topics(each)) for each in (0, 1)], 4400),
    "binary": (lambda page: page.send(0x2, b"{}"), 4400),
    "too large": (lambda page: page.say_text("x" * 5_000), 4409),
    "too large in pieces": (
        lambda page: [page.send(0x1 if not each else 0, b"x" * 500, False) for each in range(9)],
        4409,
    ),
    "flood": (lambda page: [page.say(op="ping") for _ in range(60)], 4429),
    "resume before pause": (lambda page: page.say(op="resume"), 4400),
    "pause twice": (lambda page: (page.say(op="pause"), page.say(op="pause")), 4400),
    "snapshot of what was not subscribed": (lambda page: page.say(op="snapshot", topic="market"), 4400),
    "unsubscribe of what was not subscribed": (lambda page: page.say(op="unsubscribe", topics=["market"]), 4400),
    "unmasked": (lambda page: page.sock.sendall(b"\x81\x02{}"), 1002),
    "not UTF-8": (lambda page: page.send(0x1, b"\xff\xff"), 1007),
}


def topics(part):
    return [f"book:S{number}" for number in range(part * 40, part * 40 + 40)]


@pytest.mark.parametrize(("misdeed", "code"), BAD.values(), ids=BAD)
def test_a_bad_message_closes_that_socket_only(house, misdeed, code):
    good, bad = house.page("book:AAPL"), house.page()
    misdeed(bad)
    bad.hear(lambda page: page.close)
    assert bad.close[0] == code
    (error,) = bad.of("error")
    assert error["d"]["code"] == code
    assert "wanted" in error["d"]["message"]
    house.desk.move("AAPL", top=book(10_100))
    good.hear(lambda page: len(page.of("book:AAPL")) == 2)
    assert good.close is None
    eventually(lambda: house.hub.clients == 1)


def test_a_torrent_does_not_starve_the_others(house):
    good, bad = house.page("book:AAPL"), house.page()
    stop = threading.Event()

    def pour():
        try:
            while not stop.is_set():
                bad.sock.sendall(b"\x81\x80\0\0\0\0" * 10_000)
        except OSError:
            pass

    torrent = threading.Thread(target=pour)
    torrent.start()
    for mid in range(10_100, 10_140):
        count = len(good.of("book:AAPL"))
        house.desk.move("AAPL", top=book(mid))
        good.hear(lambda page, count=count: len(page.of("book:AAPL")) > count)
    stop.set()
    torrent.join()
    eventually(lambda: house.hub.clients == 1)


def last_print(page):
    rows = page.of("tape:AAPL")[-1]["d"]
    return rows[-1][0] if rows else None


def is_as_right(page, other):
    books = [each.of("book:AAPL")[-1]["d"]["crc"] for each in (page, other)]
    return books[0] == books[1] and last_print(page) == last_print(other)


def test_those_who_do_not_read_delay_nobody_and_are_right_when_they_read_again(house):
    stalled = [house.page("market", "book:AAPL", "tape:AAPL", receive_buffer=4_096) for _ in range(5)]
    good = house.page("market", "book:AAPL", "tape:AAPL")
    walk = Walk(house.desk)

    def all_are_behind():
        for _ in range(20):
            walk.step()
        good.listen()
        return house.hub.figures.apart == 5

    eventually(all_are_behind)
    good.hear(lambda page: last_print(page) == house.desk.views["AAPL"].tape[-1].trade_id)
    assert sequences(good, "market") == list(range(sequences(good, "market")[0], sequences(good, "market")[-1] + 1))
    for page in stalled:
        page.hear(lambda page: good.listen() or is_as_right(page, good))
        assert len(page.of("market")) < len(good.of("market"))
    eventually(lambda: house.hub.figures.apart == 0)


def test_one_who_never_reads_again_is_closed(house, monkeypatch):
    monkeypatch.setattr(delivery, "QUEUE_AGE_S", 0.3)
    page = house.page("market", "book:AAPL", receive_buffer=4_096)
    walk = Walk(house.desk)

    def nobody_is_left():
        for _ in range(50):
            walk.step()
        return house.hub.clients == 0

    eventually(nobody_is_left)
    eventually(lambda: house.hub.figures.closed_slow == 1)
    page.listen_for(1.0)
    assert page.close is None or page.close[0] == 1013


def test_a_topic_that_fails_does_not_silence_the_others(house):
    page = house.page("market", "book:AAPL")
    house.desk.account = lambda *_: 1 / 0
    page.say(op="subscribe", topics=["desk"])
    house.desk.move("AAPL", top=book(10_100))
    page.hear(lambda page: len(page.of("book:AAPL")) > 1)
    assert page.close is None


@pytest.mark.parametrize("origin", ["https://evil.example", "null", None, "http://127.0.0.1:1"])
def test_a_foreign_page_is_refused(house, origin):
    with pytest.raises(Refusal) as refused:
        knock(house.port, origin=origin)
    assert refused.value.status == 403


def test_an_allowed_origin_may_come_in():
    with opened(origins=("https://desk.example",)) as house:
        house.pages.append(Page(house.port, origin="https://desk.example"))
        with pytest.raises(Refusal):
            knock(house.port, origin="https://desk.example.evil.example")


@pytest.mark.parametrize(
    ("origin", "host", "is_ours"),
    [
        ("http://desk.example", "desk.example", True),
        ("http://desk.example", "desk.example:80", True),
        ("https://desk.example", "desk.example:443", True),
        ("https://desk.example:8443", "desk.example", False),
        ("http://DESK.example:8050", "desk.example:8050", True),
        ("http://[::1]:8050", "[::1]:8050", True),
        ("http://desk.example.evil", "desk.example", False),
        ("http://evil@desk.example", "desk.example", True),
        ("file://", "desk.example", False),
        ("http://[", "[", False),
    ],
)
def test_whose_page_it_is(origin, host, is_ours):
    assert is_welcome(origin, host, ()) is is_ours


def test_when_all_seats_are_taken_the_next_is_told_when_to_return():
    with opened(sockets=2) as house:
        first = house.page("market")
        house.page("market")
        with pytest.raises(Refusal) as refused:
            knock(house.port)
        assert refused.value.status == 503
        assert refused.value.headers["retry-after"] == "5"
        first.end()
        eventually(lambda: house.hub.has_seat)
        house.page("market")


def test_at_the_end_every_page_is_told_to_come_back():
    with opened() as house:
        pages = [house.page("market") for _ in range(20)]
        house.hub.stop()
        for page in pages:
            page.hear(lambda page: page.close)
            assert page.close[0] == 1012
        eventually(lambda: house.hub.clients == 0)
        with pytest.raises(Refusal) as refused:
            knock(house.port)
        assert refused.value.status == 503


def test_the_end_does_not_wait_for_those_who_do_not_read():
    with opened() as house:
        house.page("market", "book:AAPL", receive_buffer=4_096)
        walk = Walk(house.desk)
        for _ in range(5_000):
            walk.step()
        house.hub.stop()
        eventually(lambda: house.hub.clients == 0)


def test_more_sockets_and_slower_passes_make_rarer_frames():
    intervals = [frame_interval(sockets, 0.0) for sockets in (1, 100, 101, 300, 500, 1_000, 2_000, 9_000)]
    assert intervals == sorted(intervals)
    assert intervals[0] == intervals[1] < 0.004
    assert intervals[4:6] == pytest.approx([0.010, 0.020])
    assert frame_interval(1, 0.006) == pytest.approx(0.008)
    assert frame_interval(1, 9.0) == pytest.approx(0.1)


def test_the_figures_tell_what_was_written(house):
    page = house.page("market")
    walk = Walk(house.desk)

    def is_told():
        walk.step()
        page.listen()
        figures = house.hub.figures
        return figures.frames_per_s and figures.messages_per_s and figures.bytes_per_s and figures

    figures = eventually(is_told)
    assert figures.clients == 1
    assert figures.messages_per_s >= figures.frames_per_s
    assert figures.bytes_per_s > figures.messages_per_s
    assert 0 < figures.last_pass_ms <= figures.worst_pass_ms
