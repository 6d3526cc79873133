"""Who follows more, or begins to, misses nothing: what the answer promises is already followed."""

import json
import socket
from contextlib import contextmanager
from time import monotonic

from tradesim.api.alpaca.data.broadcast import Broadcaster, Client, Source
from tradesim.api.alpaca.data.messages import JSON, LimitsSaid, Message
from tradesim.api.alpaca.data.pump import Interest
from tradesim.api.alpaca.data.talk import Follow

TRADES = {"trades": frozenset({"AAPL"})}


class Watched(Source):
    """Keeps in which order it was asked, and has `news` once."""

    def __init__(self, news=()):
        self.asked, self.news = [], list(news)

    def follow(self, subscriptions):
        self.asked.append(("follow", [set(names) for each in subscriptions for names in each.values()]))

    def collect(self):
        self.asked.append("collect")
        found, self.news = self.news, []
        return found


@contextmanager
def listening(source):
    """A broadcaster whose thread does not run, one client, and what it was written: in `source.asked` too."""
    caster = Broadcaster({"shares": source})
    ours, theirs = socket.socketpair()
    client = Client(ours, None, JSON, "shares", "/v2/iex")
    told = []

    def write(_client, frame, _now):
        told.append(frame)
        source.asked.append("written")

    caster._write = write
    try:
        yield caster, client, told
    finally:
        ours.close()
        theirs.close()


def wish(subscriptions):
    return Follow(subscriptions, {"T": "subscription", "trades": sorted(subscriptions.get("trades", ()))})


def texts(frames):
    return [frame.decode(errors="ignore") for frame in frames]


def test_a_symbol_is_followed_before_it_is_said_to_be():
    source = Watched()
    with listening(source) as (caster, client, _told):
        caster._follow(client, wish(TRADES), monotonic())
    assert source.asked == ["collect", ("follow", [{"AAPL"}]), "written"]


def test_who_follows_more_hears_what_came_meanwhile_and_is_never_left_out():
    news = Message("trades", "AAPL", 1, LimitsSaid("AAPL", 276.0, 184.0, "B", "C"))
    source = Watched()
    with listening(source) as (caster, client, told):
        caster._follow(client, wish(TRADES), monotonic())
        source.news, source.asked = [news], []
        caster._follow(client, wish({"trades": frozenset({"AAPL", "MSFT"})}), monotonic())
        assert source.asked == ["collect", "written", ("follow", [{"AAPL", "MSFT"}]), "written"]
        assert [json.loads(text[text.index("[") :])[0]["T"] for text in texts(told)] == [
            "subscription",
            "l",
            "subscription",
        ]


def test_what_bots_stream_by_name_is_wanted_and_a_star_names_nothing():
    interest = Interest.of([{"trades": frozenset({"AAPL", "*"})}, {"quotes": frozenset({"MSFT"}), "bars": frozenset()}])
    assert interest.symbols == {"AAPL", "MSFT"} and Interest.of([]).symbols == set()
