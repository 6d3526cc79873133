"""Opening while somebody cannot be asked: who answers serves, who does not joins later, and leads when it is well."""

import threading
from collections.abc import Iterator, Mapping
from decimal import Decimal
from functools import partial
from typing import Any

import pytest

from tests.fakes import ManualClock
from tests.live_house import INSTRUMENTS, NOON, FakeProvider
from tradesim.kernel.clock import NS_PER_SECOND
from tradesim.kernel.errors import BadKey, BadPayload, ProviderError, RateLimited, Refused, RetryLater, UnknownSymbol
from tradesim.model.feed import Capability, Listing
from tradesim.model.instrument import AssetClass
from tradesim.providers.live import opening
from tradesim.providers.live.markets import LiveMarkets
from tradesim.providers.live.source import LiveRules, LiveSource
from tradesim.providers.vendors import Row, Vendors
from tradesim.storage.keys import KeyRing

S = NS_PER_SECOND
BTC, ETH = "BTC/USD", "ETH/USD"
DOWN = RetryLater("alpha: the connection was refused", 0.0)
TICKS = {"alpha": "0.1", "beta": "0.01", "gamma": "0.5"}


class Listed(FakeProvider):
    """One instance a name, as `world` has it: what it lists, or the error that it answers with."""

    def __init__(self, name: str, clock: ManualClock, world: "World") -> None:
        super().__init__(name, clock)
        self.world = world

    def listing(self, symbol: str) -> Listing:
        self.world.asked.append((self.id, symbol))
        said = self.world.says[self.id]
        if isinstance(said, ProviderError):
            raise said
        if symbol not in said:
            raise UnknownSymbol(f"{symbol} is not listed there")
        return Listing(symbol, symbol, AssetClass.CRYPTO, self.id, tick_size=Decimal(TICKS[self.id]))


class World:
    def __init__(self) -> None:
        self.clock = ManualClock(NOON)
        self.says: dict[str, ProviderError | set[str]] = {name: {BTC, ETH} for name in TICKS}
        self.asked: list[tuple[str, str]] = []
        self.built: dict[str, Listed] = {}
        rows = [
            Row(name, name.title(), "", AssetClass.CRYPTO, (BTC,), (), partial(self._build, name)) for name in TICKS
        ]
        self.vendors = Vendors(self.clock, KeyRing(None, {}), rows=rows)
        self.markets = LiveMarkets(self.vendors, KeyRing(None, {}), self.clock, rules=LiveRules(history_wait_s=0.5))
        self.source: LiveSource

    def _build(self, name: str, _given: Any) -> Listed:
        self.built[name] = Listed(name, self.clock, self)
        return self.built[name]

    def open(self, *symbols: str) -> LiveSource:
        self.source = self.markets.live("alpha", symbols or (BTC,), ("beta", "gamma"))
        return self.source

    def wait(self, seconds: float) -> None:
        self.clock.advance(int(seconds * S))
        self.source.advance(self.clock.now())

    def say(self, name: str, bid: int) -> None:
        provider = self.built[name]
        provider.hear([provider.book_of([(bid, 1)], [(bid + 1, 1)])])
        self.source.advance(self.clock.now())

    def ask_late(self) -> None:
        for name in self.source.absent:
            self.markets.poll(self.source, name)
        self.source.advance(self.clock.now())

    def bid(self) -> Decimal | None:
        bids = self.source.venue.top(BTC, 1).bids
        return self.source.instruments[BTC].price(bids[0].price) if bids else None


@pytest.fixture
def world() -> Iterator[World]:
    world = World()
    yield world
    if hasattr(world, "source"):
        world.source.close()


@pytest.mark.parametrize("fault", [DOWN, RateLimited("alpha: too many", 40.0), BadPayload("alpha: HTML")], ids=repr)
def test_a_stand_in_opens_the_market_of_a_preferred_one_that_is_down_and_it_is_said(world, fault) -> None:
    world.says["alpha"] = fault
    source = world.open()
    world.say("beta", 100)
    assert world.bid() == 100 and source.title == "Beta live"
    assert source.instruments[BTC].tick_size == Decimal("0.01")
    assert list(source.providers) == ["beta", "gamma"] and list(source.absent) == ["alpha"]
    (said,) = source.faults(world.clock.now())
    assert said.startswith("Alpha: ") and said.endswith(". Others stand in until it is well")
    first = source.timeline[0]
    assert (first.kind, first.former, first.chosen) == (Capability.BOOK, "alpha", "beta")
    assert not world.built["alpha"].is_started


def test_the_preferred_one_serves_again_when_it_has_been_well_for_a_while(world) -> None:
    world.says["alpha"] = DOWN
    source = world.open()
    world.say("beta", 100)
    world.says["alpha"] = {BTC}
    world.wait(16)
    world.ask_late()
    assert source.absent == {} and source.faults(world.clock.now()) == ()
    assert world.built["alpha"].is_started and world.built["alpha"].wanted == (BTC,)
    for second in range(40):
        world.wait(1)
        world.say("alpha", 200)
        world.say("beta", 100)
        if second == 20:
            assert world.bid() == 100, "not at its first word"
    assert world.bid() == 200 and source.title == "Alpha live"


def test_one_that_joined_and_never_spoke_does_not_lead(world) -> None:
    world.says["alpha"] = DOWN
    world.open()
    world.says["alpha"] = {BTC}
    world.wait(16)
    world.ask_late()
    for _ in range(60):
        world.wait(1)
        world.say("beta", 100)
    assert world.bid() == 100 and world.source.timeline[-1].chosen == "beta"


def test_a_stand_in_that_cannot_be_asked_joins_later_and_serves_when_it_is_needed(world) -> None:
    world.says["beta"] = DOWN
    world.says["gamma"] = set()
    source = world.open()
    world.say("alpha", 100)
    assert source.faults(world.clock.now()) == () and list(source.absent) == ["beta"]
    world.says["beta"] = {BTC}
    world.wait(16)
    world.ask_late()
    assert list(source.providers) == ["alpha", "beta"]
    world.say("beta", 90)
    world.wait(0.5)
    world.wait(31)
    world.say("beta", 91)
    world.wait(0.5)
    assert world.bid() == 91


def test_one_that_turns_out_not_to_have_a_symbol_is_not_asked_for_it(world) -> None:
    world.says["beta"] = DOWN
    source = world.open(BTC, ETH)
    world.says["beta"] = {ETH}
    world.wait(16)
    world.ask_late()
    assert world.built["beta"].wanted == (ETH,)
    assert list(source.words(BTC)) == ["alpha", "gamma"] and list(source.words(ETH)) == ["alpha", "beta", "gamma"]


def test_it_is_asked_again_less_and_less_often(world) -> None:
    world.says["alpha"] = DOWN
    world.open()
    world.asked.clear()
    for _ in range(600):
        world.wait(1)
        world.ask_late()
    gaps = world.asked.count(("alpha", BTC))
    assert 4 <= gaps <= 6, "after 15, 30, 60, 120, 240 seconds"


def test_a_quota_that_asks_for_more_time_gets_it(world) -> None:
    world.says["alpha"] = RateLimited("alpha: too many", 500.0)
    world.open()
    world.wait(16)
    world.ask_late()
    world.asked.clear()
    world.wait(499)
    world.ask_late()
    assert world.asked == []


def test_what_only_the_absent_one_lists_is_left_out_and_said(world) -> None:
    world.says["alpha"] = DOWN
    world.says["beta"] = world.says["gamma"] = {BTC}
    source = world.open(BTC, ETH)
    assert list(source.instruments) == [BTC]
    assert "; ETH/USD cannot be opened without it." in source.faults(world.clock.now())[0]


@pytest.mark.parametrize(
    ("says", "wanted"),
    [
        ({"alpha": {ETH}}, "Alpha: BTC/USD is not listed there"),
        ({"alpha": BadKey("alpha: wrong key")}, "Alpha: wrong key"),
        (dict.fromkeys(TICKS, DOWN), "Alpha: the connection was refused"),
        ({"alpha": DOWN, "beta": {ETH}, "gamma": BadKey("gamma: no")}, "Alpha: the connection was refused"),
    ],
)
def test_what_a_stand_in_cannot_mend_is_refused(world, says: Mapping[str, Any], wanted: str) -> None:
    world.says.update(says)
    with pytest.raises(Refused, match=wanted):
        world.open()


@pytest.mark.parametrize(("name", "limit"), [("alpha", "ASKING_S"), ("beta", "STAND_INS_S")])
def test_one_that_does_not_answer_in_time_is_passed_over(world, monkeypatch, name: str, limit: str) -> None:
    monkeypatch.setattr(opening, limit, 0.2)
    answered = threading.Event()

    class Hanging(set[str]):
        def __contains__(self, _symbol: object) -> bool:
            return answered.wait(30)

    world.says[name] = Hanging()
    source = world.open()
    answered.set()
    assert source.absent == {name: f"{name.title()}: no answer within 0.2 s"}


def test_lines_that_wait_for_a_socket_of_the_market_before_try_at_once_when_it_is_closed(world) -> None:
    source = world.open()
    source.on_arrival(lambda: None)
    assert [each.retries for each in world.built.values()] == [1, 1, 1]


def test_a_symbol_that_nobody_has_is_no_reason_to_say_nothing() -> None:
    clock = ManualClock(NOON)
    alpha, why = FakeProvider("alpha", clock), "Alpha: the connection was refused."
    source = LiveSource({"alpha": alpha}, {BTC: INSTRUMENTS[BTC]}, clock, absent={"alpha": why})
    assert source.title == "nobody stale" and why.rstrip(".") in source.faults(clock.now())[0]
    source.admit("alpha", ())
    source.advance(clock.now())
    assert source.title == "nobody stale" and "was never heard" in source.faults(clock.now())[0]
    source.close()
