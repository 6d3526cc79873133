"""A key or a plan that a person mends while a market is open."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.live_house import NOON, FakeProvider
from tradesim.kernel.clock import NS_PER_SECOND, ManualClock
from tradesim.kernel.errors import BadKey, Refused
from tradesim.model.feed import Capability, Feed, FeedQuote
from tradesim.model.instrument import AssetClass
from tradesim.providers.live.markets import LiveMarkets
from tradesim.providers.live.source import LiveSource
from tradesim.providers.vendors import Built, Row, Vendors
from tradesim.storage.keys import KeyRing

QUOTE = Capability.QUOTE
OLD, NEW = "old-key-0123456789", "new-key-0123456789"


class Remembering(FakeProvider):
    """What its plan refused it does not ask for again until it is told to."""

    def try_again(self) -> None:
        self.able[QUOTE] = "yes"


class World:
    """Alpha wants a key and takes `right` alone, and its plan gives no quotes while `is_refused`; Beta stands in."""

    def __init__(self, folder: Path) -> None:
        self.clock, self.right, self.built = ManualClock(NOON), OLD, list[FakeProvider]()
        self.is_refused = False
        self.keys = KeyRing(folder, {"ALPHA_KEY": ""})
        self.keys.keep("ALPHA_KEY", OLD)
        rows = [self.row("alpha", ("ALPHA_KEY",)), self.row("beta", ())]
        self.markets = LiveMarkets(Vendors(self.clock, self.keys, rows=rows), self.keys, self.clock)
        self.source: LiveSource
        self.open("alpha", "beta")

    def open(self, first: str, second: str) -> None:
        self.source = self.markets.live(first, ["AAPL"], [second])
        self.source.on_arrival(lambda: None)

    def row(self, name: str, keys: tuple[str, ...]) -> Row:
        return Row(name, name.title(), "", AssetClass.US_EQUITY, ("AAPL",), keys, lambda given: self.build(name, given))

    def build(self, name: str, given: Built) -> FakeProvider:
        built = Remembering(name, self.clock, feed=Feed.IEX)
        if name == "alpha" and self.is_refused:
            built.able[QUOTE] = "not in the plan"
        built.keys = given.keys
        built.quote = lambda symbol: self.quote(built, symbol)
        self.built.append(built)
        return built

    def quote(self, provider: FakeProvider, symbol: str) -> FeedQuote:
        provider.asked.append(("quote", symbol))
        if provider.id == "alpha" and provider.keys != (self.right,):
            raise BadKey("Alpha does not know the key")
        return FeedQuote(symbol, provider.quote_of(100, 101).bid, None, provider.origin())

    def ask(self) -> list[str]:
        """Who is to be asked for a quote now, each of them asked."""
        self.clock.advance(600 * NS_PER_SECOND)
        names = [name for name in self.source.providers if self.source.to_ask(name, self.clock.now())]
        for name in names:
            self.source.ask_quote(name, "AAPL")
        self.source.advance(self.clock.now())
        return names

    def told(self) -> list[tuple[str | None, str | None, str]]:
        return [(each.former, each.chosen, each.why) for each in self.source.timeline if each.kind is QUOTE]


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    world = World(tmp_path)
    yield world
    world.source.close()
    world.markets.close_providers()


def test_who_was_refused_serves_again_after_a_good_test_and_both_are_told(world: World) -> None:
    world.right = "another"
    world.ask()
    assert world.ask() == ["beta"], "it is not asked any more"
    with pytest.raises(Refused, match="does not know the key"):
        world.markets.probe("alpha", world.source)
    assert world.ask() == ["beta"]
    world.right = OLD
    world.markets.probe("alpha", world.source)
    assert world.ask()[0] == "alpha"
    assert world.told() == [
        ("alpha", "beta", "Alpha does not know the key"),
        ("beta", "alpha", "Alpha passed its test"),
    ]


def test_what_a_plan_refused_before_it_was_opened_serves_after_a_good_test(world: World) -> None:
    world.source.close()
    world.is_refused = True
    world.open("alpha", "beta")
    assert world.ask() == ["beta"]
    world.markets.probe("alpha", world.source)
    assert world.ask()[0] == "alpha"
    assert world.told() == [("beta", "alpha", "Alpha passed its test")]


def pass_the_test(world: World) -> None:
    world.right = OLD
    world.markets.probe("alpha", world.source)


def enter_key(world: World) -> None:
    world.markets.keep_key("ALPHA_KEY", NEW)


@pytest.mark.parametrize("mend", [pass_the_test, enter_key])
def test_a_stand_in_whose_key_refused_at_the_opening_joins_once_it_is_mended(
    world: World, mend: Callable[[World], None]
) -> None:
    world.source.close()
    world.right = NEW
    world.open("beta", "alpha")
    assert world.source.absent == {"alpha": "Alpha does not know the key"}
    mend(world)
    world.source.advance(world.clock.now())
    world.markets.poll(world.source, "alpha")
    world.source.advance(world.clock.now())
    joined = world.source.providers["alpha"]
    assert not world.source.absent and joined.is_started and joined.wanted == ("AAPL",)


def test_a_new_key_reaches_the_open_market_at_once(world: World) -> None:
    former = world.source.providers["alpha"]
    world.right = NEW
    world.ask()
    world.markets.keep_key("ALPHA_KEY", NEW)
    world.source.advance(world.clock.now())
    present = world.source.providers["alpha"]
    assert former.is_closed and present is not former
    assert present.is_started and present.wanted == ("AAPL",)
    assert world.markets.probe("alpha", world.source).startswith("Alpha answered")
    assert ("quote", "AAPL") in present.asked, "the test asks with the key of now"
    assert world.ask()[0] == "alpha" and world.told()[-1] == ("beta", "alpha", "the key of Alpha changed")


def test_a_key_that_stays_as_it_was_leaves_the_line_alone(world: World) -> None:
    former = world.source.providers["alpha"]
    world.markets.keep_key("ALPHA_KEY", OLD)
    assert world.source.providers["alpha"] is former and not former.is_closed


def test_a_key_for_a_market_that_was_left_opens_no_line(world: World) -> None:
    world.source.close()
    count = len(world.built)
    world.markets.keep_key("ALPHA_KEY", NEW)
    assert len(world.built) == count and all(each.is_closed for each in world.source.providers.values())
