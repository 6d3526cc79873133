"""A live market takes up more symbols while it is open, and lets go of those that nobody wants."""

from collections.abc import Iterator
from decimal import Decimal
from threading import Thread
from typing import Any

import pytest
from msgspec.structs import replace

from tests.fakes import MemoryJournal
from tests.unit.live.test_joining import BTC, DOWN, ETH, S, World
from tradesim.desk.desk import Desk
from tradesim.desk.orders import TradingRules
from tradesim.kernel.errors import Refused
from tradesim.model.commands import AddSymbols, SubmitOrder
from tradesim.model.instrument import Instrument
from tradesim.model.market import Side, SourceKind, Timeframe
from tradesim.model.orders import Order, OrderStatus, OrderType, Rejection, TimeInForce
from tradesim.providers.live.growth import Growth

RULES = TradingRules(latency_ns=lambda: 0, fee=lambda *_: Decimal(0))
REST = SubmitOrder("live", ETH, Side.BUY, OrderType.LIMIT, TimeInForce.GTC, Decimal(1), limit_price=Decimal(9))


class Opener:
    """The markets of `world`, with the bars that each source keeps itself."""

    def __init__(self, world: World) -> None:
        self._world = world

    def __getattr__(self, name: str) -> Any:
        return getattr(self._world.markets, name)

    def bars(self, source: Any) -> Any:
        return source.bars


class LiveDesk:
    """A desk on alpha's market of BTC/USD, with beta and gamma behind it."""

    def __init__(self, world: World, journal: MemoryJournal | None = None) -> None:
        self.world, self.journal = world, journal or MemoryJournal()
        world.open(BTC)
        self.lines = {name: world.built[name] for name in ("alpha", "beta", "gamma")}
        opener: Any = Opener(world)
        self.desk = Desk(opener, self.journal, RULES, world.clock, 1, world.source)
        self.wait(0.25)

    def wait(self, seconds: float) -> None:
        self.world.clock.advance(int(seconds * S))
        self.desk.turn()
        while self.desk.is_behind:
            self.desk.turn()

    def ask(self, command: Any) -> Any:
        answer = self.desk.post(command)
        self.desk.turn()
        return answer.result(0)

    def say(self, name: str, bid: int, symbol: str) -> None:
        line = self.lines[name]
        line.hear([replace(line.book_of([(bid, 1)], [(bid + 1, 1)]), symbol=symbol)])
        self.wait(0.01)

    def bid(self, symbol: str) -> Decimal | None:
        view = self.desk.market(symbol)
        return self.desk.instruments[symbol].price(view.bid.price) if view and view.bid else None


@pytest.fixture
def world() -> Iterator[World]:
    world = World()
    yield world
    world.source.close()


@pytest.fixture
def live(world: World) -> LiveDesk:
    return LiveDesk(world)


def test_a_symbol_that_is_added_is_listened_to_at_once_and_traded(live: LiveDesk) -> None:
    assert live.ask(REST).code == "unknown_symbol"
    assert live.ask(AddSymbols((ETH.lower(),))) == (ETH,)
    assert list(live.desk.instruments) == [BTC, ETH] and live.desk.instruments[ETH].tick_size == Decimal("0.01")
    assert {name: line.wanted for name, line in live.lines.items()} == dict.fromkeys(live.lines, (ETH, BTC))
    live.say("alpha", 10, ETH)
    assert live.bid(ETH) == 10 and live.desk.feeds()[ETH].freshness is SourceKind.LIVE
    order = live.ask(replace(REST, limit_price=Decimal(11)))
    assert isinstance(order, Order) and order.status is OrderStatus.FILLED


def test_its_past_is_there_when_it_is_shown(world: World) -> None:
    live = LiveDesk(world)
    minute = world.clock.now() - world.clock.now() % (60 * S) - 120 * S
    for line in live.lines.values():
        bar = replace(line.bar(minute, 77), symbol=ETH)
        line.answer_bars = lambda _, timeframe, *__, bar=bar: [bar] if timeframe is Timeframe.M1 else []
    live.ask(AddSymbols((ETH,)))
    view = live.desk.market(ETH)
    assert list(live.desk.bars(ETH, Timeframe.M1).close) == [7700] and view and view.last == 7700


def test_who_stands_in_serves_the_new_symbol_too(live: LiveDesk) -> None:
    live.ask(AddSymbols((ETH,)))
    live.say("beta", 12, ETH)
    assert live.bid(ETH) == 12
    assert [name for name, _ in live.world.source.words(ETH).items()] == ["alpha", "beta", "gamma"]


@pytest.mark.parametrize(
    ("says", "wanted"), [({BTC}, "ETH/USD is not listed there"), (DOWN, None)], ids=["not listed", "down"]
)
def test_what_the_preferred_one_does_not_list_is_refused_and_one_that_is_down_is_stood_in_for(
    live: LiveDesk, says: Any, wanted: str | None
) -> None:
    live.world.says["alpha"] = says
    answer = live.ask(AddSymbols((ETH,)))
    if wanted is None:
        assert answer == (ETH,) and live.desk.instruments[ETH].tick_size == Decimal("0.01")
    else:
        assert isinstance(answer, Rejection) and wanted in answer.message
        assert list(live.desk.instruments) == [BTC]


@pytest.mark.parametrize("has_it", [True, False])
def test_who_serves_and_cannot_be_asked_of_a_new_symbol_is_asked_again_and_serves_it_if_it_has_it(
    live: LiveDesk, has_it: bool
) -> None:
    live.world.says["beta"] = DOWN
    live.ask(AddSymbols((ETH,)))
    assert live.lines["beta"].wanted == (BTC,) and list(live.world.source.words(ETH)) == ["alpha", "gamma"]
    live.world.says["beta"] = {BTC, ETH} if has_it else {BTC}
    live.desk.providers.follow(((ETH,),))
    live.wait(16)
    live.desk.providers.poll("beta")
    live.wait(0.25)
    live.world.asked.clear()
    live.wait(16)
    live.desk.providers.poll("beta")
    assert live.world.asked == [], "it answered"
    assert live.lines["beta"].wanted == ((ETH, BTC) if has_it else (BTC,))
    assert list(live.world.source.words(ETH)) == (["alpha", "beta", "gamma"] if has_it else ["alpha", "gamma"])


def test_nobody_who_can_be_asked_and_too_many_are_refused(live: LiveDesk) -> None:
    live.world.says.update(dict.fromkeys(live.world.says, DOWN))
    assert "the connection was refused" in live.ask(AddSymbols((ETH,))).message
    assert live.ask(AddSymbols((BTC,))) == (BTC,), "of what is there already nobody is asked"
    assert live.ask(AddSymbols(())).code == "refused"


def test_a_market_that_was_left_meanwhile_takes_up_nothing(live: LiveDesk) -> None:
    asked = live.desk.post(AddSymbols((ETH,)))
    former, live.world.source = live.world.source, live.world.open(BTC)
    live.desk._opening.market.source = live.world.source
    live.desk.turn()
    assert asked.result(0).message == "another market was opened meanwhile"
    former.close()


def test_only_a_live_market_grows(live: LiveDesk) -> None:
    with pytest.raises(Refused, match="only a live market"):
        live.world.markets.enlist(object(), (ETH,))  # type: ignore[arg-type]


def test_what_nobody_wants_any_more_is_let_go_and_says_so_and_comes_back(live: LiveDesk) -> None:
    live.ask(AddSymbols((ETH,)))
    live.say("alpha", 10, ETH)
    live.desk.providers.follow(((ETH,),))
    live.wait(61)
    live.wait(0.25)
    assert live.lines["alpha"].wanted == (BTC,) and live.bid(ETH) is None
    refused = live.ask(replace(REST, limit_price=Decimal(11)))
    assert isinstance(refused, Rejection) and "nobody has wanted ETH/USD for a while" in refused.message
    live.say("alpha", 100, BTC)
    assert live.desk.status().source is SourceKind.LIVE and not live.desk.status().faults
    live.desk.providers.follow(((ETH,),))
    live.wait(0.25)
    assert live.lines["alpha"].wanted == (ETH, BTC)
    live.say("alpha", 11, ETH)
    assert live.bid(ETH) == 11 and live.desk.feeds()[ETH].freshness is SourceKind.LIVE


def test_of_what_nobody_wants_no_late_word_is_taken_and_a_halt_of_before_stands(live: LiveDesk) -> None:
    live.ask(AddSymbols((ETH,)))
    live.say("alpha", 10, ETH)
    line = live.lines["alpha"]
    line.hear([replace(line.halt(True), symbol=ETH)])
    live.wait(61)
    live.wait(0.25)
    live.say("alpha", 10, ETH)
    assert live.bid(ETH) is None
    live.desk.providers.follow(((ETH,),))
    live.wait(0.25)
    live.say("alpha", 10, ETH)
    assert live.desk.market(ETH).is_halted  # type: ignore[union-attr]
    line.hear([replace(line.trade(10, 1, "t1"), symbol=ETH)])
    live.wait(0.01)
    assert not live.desk.market(ETH).is_halted  # type: ignore[union-attr]


def test_an_open_order_keeps_its_symbol_and_stands_first(live: LiveDesk) -> None:
    live.ask(AddSymbols((ETH,)))
    live.say("alpha", 10, ETH)
    assert isinstance(live.ask(REST), Order)
    for _ in range(4):
        live.desk.providers.follow(((BTC,),))
        live.wait(30)
    assert live.lines["alpha"].wanted == (ETH, BTC)


def test_an_order_of_before_goes_on_when_its_symbol_is_added_again(live: LiveDesk) -> None:
    live.ask(AddSymbols((ETH,)))
    live.say("alpha", 10, ETH)
    order = live.ask(REST)
    live.world.source.close()
    again = LiveDesk(live.world, live.journal)
    assert again.desk.providers.unlisted() == [ETH]
    again.ask(AddSymbols(tuple(again.desk.providers.unlisted())))
    again.say("alpha", 8, ETH)
    found = again.desk.order(order.id)
    assert found and found.status is OrderStatus.FILLED and not again.desk.providers.unlisted()


def test_of_two_who_ask_for_the_same_at_once_one_begins_its_bars_and_the_other_keeps_its_own(live: LiveDesk) -> None:
    source, begun = live.world.source, list[str]()
    growth = Growth(source.instruments, live.world.source._routes)
    wanted = {name: Instrument(name, name) for name in (ETH, "SOL/USD")}
    routes = dict.fromkeys(wanted, ("alpha",))
    other = Thread(target=lambda: growth.enlist(wanted, routes, prepare))

    def prepare(instrument: Instrument) -> None:
        begun.append(instrument.symbol)
        if len(begun) == 1:
            other.start()
            other.join(0.2)

    growth.enlist({ETH: wanted[ETH]}, routes, prepare)
    other.join()
    assert begun == [ETH, "SOL/USD"] and set(growth.known) == {BTC, ETH, "SOL/USD"}
