"""Pages that come, go, hide, fall asleep and ask, at random, while the market moves. What each has is what was said."""

import random
from time import sleep

import pytest

from tests.fake_desk import Walk, status
from tests.stream_house import opened
from tests.waiting import eventually

TOPICS = ["market", "book:AAPL", "book:MSFT", "tape:AAPL", "bars:AAPL:1s", "desk", "status"]


class Follower:
    """A page that keeps books, and holds every message to the protocol."""

    def __init__(self, house, rng):
        self.page = house.page(receive_buffer=4_096)
        self.books, self.sequences, self.prints = {}, {}, []
        self.wanted = set()
        self.is_paused = False
        self._rng = rng
        self._taken = 0

    def act(self):
        topic = self._rng.choice(TOPICS)
        match self._rng.randrange(8):
            case 0 | 1 | 2 if topic not in self.wanted:
                self.subscribe(topic)
            case 3 if topic in self.wanted:
                self.page.say(op="unsubscribe", topics=[topic])
                self.wanted.discard(topic)
                self.settle()
            case 4:
                self.is_paused = not self.is_paused
                self.page.say(op="pause" if self.is_paused else "resume")
            case 5 if topic in self.wanted:
                self.page.say(op="snapshot", topic=topic)
            case 6 | 7:
                self.page.listen(0.01)
        self.take()

    def subscribe(self, topic):
        resume = {"epoch": "run-1", "seq": {topic: self.sequences[topic]}} if topic in self.sequences else None
        self.page.say(op="subscribe", topics=[topic], resume=resume)
        self.wanted.add(topic)

    def settle(self):
        """Hear all that was sent before now."""
        pongs = len(self.page.of("pong"))
        self.page.say(op="ping", echo=0)
        self.page.hear(lambda page: len(page.of("pong")) > pongs)
        self.take()

    def take(self):
        for message in self.page.messages[self._taken :]:
            if "s" in message:
                self.follow(message)
        self._taken = len(self.page.messages)

    def follow(self, message):
        topic, known = message["t"], self.sequences.get(message["t"])
        if message["k"] == "d":
            assert message["s"] == known + 1
        else:
            assert known is None or message["s"] >= known
        self.sequences[topic] = message["s"]
        if topic.startswith("book:"):
            self.follow_book(topic, message)
        if topic == "tape:AAPL":
            self.prints = message["d"] if message["k"] == "s" else self.prints + message["d"]

    def follow_book(self, topic, message):
        sides = self.books.setdefault(topic, {"b": {}, "a": {}})
        for side in ("b", "a"):
            if message["k"] == "s":
                sides[side] = {}
            for price, qty, orders in message["d"][side]:
                sides[side].pop(price, None)
                if qty:
                    sides[side][price] = [price, qty, orders]


@pytest.mark.parametrize("seed", range(4))
def test_whatever_pages_do_each_has_what_was_said(seed):
    rng = random.Random(seed)
    with opened() as house:
        walk, followers = Walk(house.desk, seed), [Follower(house, rng) for _ in range(5)]
        for step in range(300):
            for _ in range(rng.randrange(30)):
                walk.step()
            if step == 150:
                house.desk.status_view = status(session_id="second")
            rng.choice(followers).act()
            sleep(0.002)
        for follower in followers:
            catch_up(follower)
        for follower in followers:
            eventually(lambda follower=follower: follower.settle() or has_it_all(follower, house.desk))
            check(follower, house.desk)


def catch_up(follower):
    if follower.is_paused:
        follower.page.say(op="resume")
        follower.is_paused = False
    for topic in TOPICS:
        if topic not in follower.wanted:
            follower.subscribe(topic)
    follower.settle()


def has_it_all(follower, desk):
    """Its books are those of the desk, and the newest prints too."""
    if set(follower.sequences) != set(TOPICS):
        return False
    for symbol in ("AAPL", "MSFT"):
        sides, top = follower.books[f"book:{symbol}"], desk.views[symbol].top
        bids, asks = sorted(sides["b"].values(), reverse=True), sorted(sides["a"].values())
        if (bids, asks) != ([list(level) for level in top.bids], [list(level) for level in top.asks]):
            return False
    return [row[0] for row in follower.prints][-200:] == [trade.trade_id for trade in desk.views["AAPL"].tape][-200:]


def check(follower, desk):
    assert follower.page.close is None
    assert follower.wanted == set(TOPICS)
    assert has_it_all(follower, desk)
    ids = [row[0] for row in follower.prints]
    assert ids == sorted(set(ids))
