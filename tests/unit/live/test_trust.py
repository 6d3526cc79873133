"""What an order may fill on in a live market: words that are trusted, and not of before it came."""

from decimal import Decimal
from typing import Any

import pytest
from msgspec.structs import replace

from tests.live_house import SYMBOL, House
from tests.unit.live.test_desk import BOOK, BUY, REST, LiveDesk
from tradesim.marketdata.failover import FailoverRules
from tradesim.model.commands import HaltTrading, ResumeTrading, SubmitOrder
from tradesim.model.feed import Feed, FeedEvent, TradeFlag
from tradesim.model.market import Side
from tradesim.model.orders import Order, OrderStatus, OrderType, Rejection, TimeInForce
from tradesim.providers.live.display import Display
from tradesim.providers.live.source import LiveRules
from tradesim.providers.live.venue import LiveVenue

STOP = SubmitOrder("live", SYMBOL, Side.BUY, OrderType.STOP, TimeInForce.GTC, Decimal(1), stop_price=Decimal(105))
MISSED = frozenset({TradeFlag.MISSED})


@pytest.fixture
def live() -> LiveDesk:
    staged = LiveDesk()
    staged.wait(1)
    staged.say(staged.house["alpha"].book_of(*BOOK))
    staged.wait(1)
    return staged


def aged(event: FeedEvent, seconds: float) -> FeedEvent:
    origin = event.origin
    return replace(event, origin=replace(origin, ts_event=origin.ts_received - int(seconds * 10**9)))


def crossed(live: LiveDesk) -> FeedEvent:
    return live.house["alpha"].book_of([(101, 2)], [("98.50", 3)])


@pytest.mark.parametrize("ago_s", [1.5, 20, 600])
def test_a_print_of_before_an_order_neither_fills_it_nor_reaches_its_stop(live: LiveDesk, ago_s: float) -> None:
    alpha, resting, stop = live.house["alpha"], live.ask(REST), live.ask(STOP)
    live.wait(1)
    live.say(alpha.trade(98, 5, "t1", ago_s=ago_s), alpha.trade(106, 5, "t2", ago_s=ago_s))
    assert (live.status_of(resting), live.status_of(stop)) == (OrderStatus.NEW, OrderStatus.NEW)
    assert live.desk.market(SYMBOL).last == 10_600  # type: ignore[union-attr]
    live.say(alpha.trade(98, 5, "t3", ago_s=0.5), alpha.trade(106, 5, "t4", ago_s=0.5))
    assert (live.status_of(resting), live.status_of(stop)) == (OrderStatus.FILLED, OrderStatus.FILLED)


def test_an_order_that_is_on_its_way_is_nothing_to_a_print(live: LiveDesk) -> None:
    late = LiveDesk(latency_s=2)
    alpha = late.house["alpha"]
    late.say(alpha.book_of(*BOOK))
    late.wait(1)
    resting = late.ask(REST)
    late.wait(3)
    late.say(alpha.trade(98, 5, "t1", ago_s=2))
    assert late.status_of(resting) is OrderStatus.NEW
    late.say(alpha.trade(98, 5, "t2", ago_s=0.5))
    assert late.status_of(resting) is OrderStatus.FILLED


def test_a_stop_that_is_moved_waits_for_prints_since(live: LiveDesk) -> None:
    alpha = live.house["alpha"]
    trail = replace(STOP, type=OrderType.TRAILING_STOP, stop_price=None, trail_price=Decimal(2))
    live.say(alpha.trade(100, 5, "t1"))
    order = live.ask(trail)
    live.wait(2)
    live.say(alpha.trade(90, 5, "t2", ago_s=1.5), alpha.trade(93, 5, "t3", ago_s=1))
    assert live.status_of(order) is OrderStatus.FILLED, "its stop followed the price, and was reached since it waits"


def test_a_late_word_of_before_an_order_does_not_fill_it_and_the_same_word_later_does(live: LiveDesk) -> None:
    alpha, below = live.house["alpha"], ([(97, 2)], [(98, 3)])
    live.wait(12)
    resting = live.ask(REST)
    live.wait(1)
    live.say(aged(alpha.book_of(*below), 8))
    assert live.status_of(resting) is OrderStatus.NEW and not live.desk.status().faults
    live.say(alpha.book_of(*below))
    assert live.status_of(resting) is OrderStatus.FILLED and live.fills == [(99, 1)]


def test_what_was_missed_fills_nothing_though_the_order_was_there(live: LiveDesk) -> None:
    alpha, resting, stop = live.house["alpha"], live.ask(REST), live.ask(STOP)
    live.wait(1)
    live.say(alpha.trade(98, 5, "t1", flags=MISSED), alpha.trade(106, 5, "t2", flags=MISSED))
    assert (live.status_of(resting), live.status_of(stop)) == (OrderStatus.NEW, OrderStatus.NEW)
    assert live.desk.market(SYMBOL).volume == 100_000  # type: ignore[union-attr]


def test_nothing_fills_on_a_stale_market_and_it_is_met_as_it_is_when_it_is_back(live: LiveDesk) -> None:
    alpha, resting = live.house["alpha"], live.ask(REST)
    live.wait(40)
    live.say(alpha.trade(98, 5, "t1"))
    assert live.status_of(resting) is OrderStatus.NEW and not live.fills
    live.say(alpha.book_of(*BOOK))
    live.wait(1)
    assert live.status_of(resting) is OrderStatus.NEW, "what was printed meanwhile is over"
    live.wait(40)
    live.say(alpha.book_of([(97, 2)], [(98, 3)]))
    assert live.status_of(resting) is OrderStatus.FILLED and live.fills == [(99, 1)]


def test_what_is_crossed_fills_nothing_until_it_is_not(live: LiveDesk) -> None:
    alpha, resting = live.house["alpha"], live.ask(REST)
    live.say(crossed(live))
    assert live.status_of(resting) is OrderStatus.NEW and not live.fills
    live.say(alpha.book_of([(98, 2)], [("98.50", 3)]))
    assert live.status_of(resting) is OrderStatus.FILLED and live.fills == [(99, 1)]


def test_a_stop_is_not_reached_by_a_doubtful_price_that_is_gone_when_the_market_is_trusted_again(
    live: LiveDesk,
) -> None:
    alpha, stop = live.house["alpha"], live.ask(STOP)
    live.say(crossed(live), alpha.trade(106, 5, "t1"), alpha.correction("t1"), alpha.book_of(*BOOK))
    assert live.status_of(stop) is OrderStatus.NEW
    live.say(crossed(live), alpha.trade(106, 5, "t2"), alpha.book_of(*BOOK))
    assert live.status_of(stop) is OrderStatus.FILLED


def test_a_distrusted_book_takes_the_quote_with_it_until_something_newer_is_told(live: LiveDesk) -> None:
    alpha, resting = live.house["alpha"], live.ask(REST)
    live.say(alpha.quote_of(100, "100.01"))
    live.say(aged(alpha.book_of([(100, 0), (90, 1)], [("100.01", 0)], is_snapshot=False), 9))
    live.wait(1.5)
    assert alpha.asked_again == [SYMBOL]
    assert isinstance(live.ask(BUY), Rejection) and live.desk.status().title == "Alpha resync"
    live.say(aged(alpha.quote_of(97, 98), 8))
    assert isinstance(live.ask(BUY), Rejection) and live.status_of(resting) is OrderStatus.NEW
    live.say(alpha.quote_of(100, "100.01", 5))
    assert isinstance(live.ask(BUY), Order) and live.desk.status().title == "Alpha live"


def test_each_lifts_its_own_halt_alone(live: LiveDesk) -> None:
    alpha, venue, stop = live.house["alpha"], live.house.source.venue, live.ask(STOP)
    live.say(alpha.halt(True))
    assert live.ask(HaltTrading(SYMBOL)) is None
    live.say(alpha.trade(106, 1, "t1"))
    refused = live.ask(BUY)
    assert refused.message == "trading in BTC/USD is halted by the desk and by its market"
    live.say(alpha.halt(False))
    assert venue.is_halted(SYMBOL) and not live.desk.status().faults
    assert live.status_of(stop) is OrderStatus.NEW
    live.say(alpha.halt(True))
    kept = live.ask(ResumeTrading(SYMBOL))
    assert kept.message == "trading in BTC/USD is halted by its market: the desk cannot lift that"
    assert isinstance(live.ask(BUY), Rejection)
    live.say(alpha.halt(False))
    assert not venue.is_halted(SYMBOL) and isinstance(live.ask(BUY), Order)


def test_a_word_that_cannot_be_carried_on_is_set_aside_and_said(
    live: LiveDesk, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    alpha, resting = live.house["alpha"], live.ask(REST)
    with monkeypatch.context() as broken:
        broken.setattr(Display, "levels", fails)
        for _ in range(3):
            live.say(alpha.book_of([(100, 3)], [], is_snapshot=False), alpha.book_of(*BOOK))
    live.say(alpha.book_of(*BOOK))
    (said,) = live.desk.status().faults
    assert said == "3 of Alpha set aside, the last of BTC/USD: it cannot be taken in (OverflowError)"
    assert alpha.asked_again == [SYMBOL] * 3
    assert [each.levelname for each in caplog.records].count("ERROR") == 1
    assert isinstance(live.ask(BUY), Order) and live.status_of(resting) is OrderStatus.NEW


def test_a_fault_in_the_midst_of_an_order_of_ours_is_not_hidden(
    live: LiveDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    live.ask(REST)
    monkeypatch.setattr(LiveVenue, "_fill_resting", fails)
    with pytest.raises(OverflowError):
        live.say(live.house["alpha"].trade(98, 5, "t1"))


def test_a_correction_that_names_another_symbol_is_held_back(live: LiveDesk) -> None:
    alpha = live.house["alpha"]
    live.say(alpha.trade(100, 1, "t1"))
    live.say(alpha.correction("t1", replace(alpha.trade(90, 1, "t2"), symbol="ETH/USD")))
    assert live.desk.market(SYMBOL).last == 10_000  # type: ignore[union-attr]
    assert "wanted a print of BTC/USD in its place, found ETH/USD" in live.desk.status().faults[0]


def test_a_share_stays_halted_with_a_stand_in_that_was_not_told() -> None:
    house = House("alpha", "beta", feed=Feed.IEX).open(("AAPL",))
    alpha, beta = house["alpha"], house["beta"]

    def of_share(event: FeedEvent) -> FeedEvent:
        return replace(event, symbol="AAPL")

    house.say(of_share(alpha.quote_of(100, 101)), of_share(beta.quote_of(100, 101)), of_share(alpha.halt(True)))
    house.say(of_share(alpha.lost()))
    house.wait(3)
    house.say(of_share(beta.quote_of(100, 101)))
    assert house.source.feeds(house.clock.now())["AAPL"].shown_id == "beta"
    assert house.source.venue.is_halted("AAPL")
    house.say(of_share(replace(beta.halt(False), origin=beta.origin(900))))
    assert house.source.venue.is_halted("AAPL"), "what is told with a delay is of before"
    house.wait(1)
    house.say(of_share(beta.trade("100.50", 1, "b1")))
    assert not house.source.venue.is_halted("AAPL")


def test_prints_that_are_delayed_by_their_plan_count_from_their_hearing() -> None:
    house = House("alpha", feed=Feed.DELAYED).open()
    alpha = house["alpha"]
    house.say(alpha.quote_of(100, 101))
    house.wait(1)
    house.say(alpha.trade(100, 1, "t1", ago_s=900))
    (told,) = [each for each in house.source.venue.drain().items if each.symbol == SYMBOL]
    assert (told.counts_at, told.is_doubtful) == (house.clock.now(), False)  # type: ignore[union-attr]


def test_a_print_between_two_steps_is_at_neither(live: LiveDesk) -> None:
    alpha, resting, stop = live.house["alpha"], live.ask(REST), live.ask(STOP)
    live.wait(1)
    live.say(alpha.trade("99.004", 900, "t1"), alpha.trade("104.996", 5, "t2"))
    assert (live.status_of(resting), live.status_of(stop)) == (OrderStatus.NEW, OrderStatus.NEW)
    live.say(alpha.trade("98.996", 5, "t3"), alpha.trade("105.004", 5, "t4"))
    assert (live.status_of(resting), live.status_of(stop)) == (OrderStatus.FILLED, OrderStatus.FILLED)


@pytest.mark.parametrize(("bid", "qty", "ahead_s"), [(100, "1e13", 0), ("-1", 1, 0), (90, 1, 6)])
def test_a_quote_that_cannot_be_shown_withdraws_the_one_before_it(bid: Any, qty: Any, ahead_s: float) -> None:
    live = LiveDesk()
    alpha = live.house["alpha"]
    live.say(alpha.quote_of(100, 101))
    live.wait(1)
    live.say(aged(alpha.quote_of(bid, 101, qty), -ahead_s))
    refused = live.ask(BUY)
    assert isinstance(refused, Rejection) and "withdrawn" in refused.message
    live.wait(1 + ahead_s)
    live.say(alpha.quote_of(100, 101))
    assert isinstance(live.ask(BUY), Order)


@pytest.mark.parametrize("ago_s", [0, 25])
def test_a_sound_quote_as_young_as_the_one_held_back_stands_again(ago_s: float) -> None:
    live = LiveDesk()
    alpha = live.house["alpha"]
    sound = aged(alpha.quote_of(100, 101, 5), ago_s)
    live.say(sound, replace(sound, bid=Decimal(-1)), sound)
    assert isinstance(live.ask(BUY), Order), "both in one frame, or of one birth"
    live.wait(1)
    live.say(alpha.quote_of(-1, 101), aged(alpha.quote_of(100, 101, 5), 0.5))
    assert "withdrawn" in live.ask(BUY).message, "what was said before it does not take it back"


@pytest.mark.parametrize("feed", [Feed.DELAYED, Feed.END_OF_DAY])
def test_a_delayed_stand_in_meets_no_order_until_it_is_past_the_last_live_price(feed: Feed) -> None:
    live = LiveDesk(names=("alpha", "beta"))
    alpha, beta = live.house["alpha"], live.house["beta"]
    live.say(alpha.quote_of(100, "100.01", 5))
    live.wait(1)
    resting, stop = live.ask(REST), live.ask(STOP)

    def delayed(event: FeedEvent, ago_s: float) -> FeedEvent:
        return replace(event, origin=replace(aged(event, ago_s).origin, feed=feed))

    live.say(alpha.lost())
    live.wait(3)
    live.say(delayed(beta.quote_of(97, 98, 5), 900), delayed(beta.trade(98, 5, "b1"), 890))
    live.say(delayed(beta.trade(106, 5, "b2"), 880))
    refused = live.ask(BUY)
    assert "what Beta tells of BTC/USD is 15 min old, from before its last live price" in refused.message
    assert (live.status_of(resting), live.status_of(stop)) == (OrderStatus.NEW, OrderStatus.NEW)
    live.wait(900)
    live.say(delayed(beta.quote_of(97, 98, 5), 890))
    live.wait(1)
    assert live.status_of(resting) is OrderStatus.FILLED


def test_a_delayed_provider_returns_only_when_it_is_past_what_its_live_stand_in_told() -> None:
    house = House("alpha", "beta", rules=LiveRules(failover=FailoverRules(stable_s=5))).open()
    alpha, beta = house["alpha"], house["beta"]
    alpha.feed = Feed.DELAYED

    def both(seconds: int) -> str:
        for _ in range(seconds):
            house.wait(1)
            house.say(aged(alpha.quote_of(97, 98), 900), beta.quote_of(100, 101))
        return house.source.feeds(house.clock.now())[SYMBOL].shown_id

    house.say(aged(alpha.quote_of(97, 98), 900))
    house.say(alpha.lost(), beta.quote_of(100, 101))
    house.wait(3)
    house.say(beta.quote_of(100, 101))
    assert both(60) == "beta", "it is well again, but tells what is long known"


def test_a_quote_that_was_asked_for_stands_though_nobody_quoted_for_a_while() -> None:
    live = LiveDesk()
    alpha = live.house["alpha"]
    live.say(alpha.quote_of(100, "100.10", 5))
    resting = live.ask(REST)
    live.wait(20)
    alpha.answer_quote = aged(alpha.quote_of(100, "100.10", 5, last=Decimal(98)), 20)
    assert live.house.source.ask_quote("alpha", SYMBOL)
    live.wait(20)
    assert isinstance(live.ask(BUY), Order)
    assert live.status_of(resting) is OrderStatus.NEW, "98 was traded before it came"
    live.wait(11)
    assert isinstance(live.ask(BUY), Rejection)


@pytest.mark.parametrize(("ago_s", "stands"), [(899, True), (901, False)])
def test_an_answer_of_long_ago_proves_nothing(ago_s: float, stands: bool) -> None:
    live = LiveDesk()
    live.say(replace(aged(live.house["alpha"].quote_of(100, 101), ago_s), is_answer=True))
    assert isinstance(live.ask(BUY), Order) is stands


def test_a_last_price_is_told_whenever_it_moved_and_never_over_a_younger_print() -> None:
    house = House("alpha").open()
    alpha, venue = house["alpha"], house.source.venue

    def last(price: int, ago_s: float = 0) -> FeedEvent:
        return aged(alpha.quote_of(None, None, None, last=Decimal(price)), ago_s)

    house.say(last(100), alpha.trade(101, 1, "t1"))
    for _ in range(4):
        house.wait(20)
        house.say(last(100))
    assert venue.last_price(SYMBOL) == 10_000, "it says again what it said before the print"
    house.say(alpha.trade(99, 1, "t2"))
    house.wait(31)
    house.say(last(102, 40))
    assert venue.last_price(SYMBOL) == 9_900


def test_last_prices_alone_after_quotes_leave_no_size_behind() -> None:
    house = House("alpha").open()
    alpha, venue = house["alpha"], house.source.venue
    house.say(alpha.quote_of(100, 101))
    assert venue.has_depth(SYMBOL)
    house.wait(1)
    house.say(alpha.quote_of(None, None, None, last=Decimal(100)))
    assert not venue.has_depth(SYMBOL) and house.top() == ([], [])


def test_a_last_price_is_a_print_where_no_trades_are_heard() -> None:
    house = House("alpha").open()
    alpha = house["alpha"]
    house.say(alpha.quote_of(None, None, None, last=Decimal(100)))
    assert house.source.venue.last_price(SYMBOL) == 10_000
    house.say(alpha.trade(101, 1, "t1"), alpha.quote_of(None, None, None, last=Decimal(99)))
    assert house.source.venue.last_price(SYMBOL) == 10_100


def test_the_last_price_of_who_is_not_shown_is_no_print() -> None:
    house = House("alpha", "beta").open()
    alpha, beta = house["alpha"], house["beta"]
    house.say(alpha.quote_of(100, 101), alpha.trade("100.50", 1, "t1"))
    for _ in range(4):
        house.wait(20)
        house.say(alpha.quote_of(100, 101))
    house.say(beta.quote_of(None, None, None, last=Decimal(99)))
    assert house.source.venue.last_price(SYMBOL) == 10_050


def fails(*_args: object, **_more: object) -> None:
    raise OverflowError("Python int too large to convert to C long")


def test_an_older_quote_of_a_stand_in_serves_no_order_once_who_was_shown_has_leapt_away() -> None:
    live = LiveDesk(names=("alpha", "beta"))
    alpha, beta = live.house["alpha"], live.house["beta"]
    live.say(beta.quote_of(100, "100.10", 5))
    live.wait(1)
    live.say(alpha.quote_of(100, "100.10", 5))
    live.wait(1)
    live.say(alpha.quote_of("94.00", "94.10", 5))
    for _ in range(7):
        refused = live.ask(BUY)
        assert isinstance(refused, Rejection), live.desk.status().title
        live.wait(0.25)
    assert "is disputed: Alpha says 94.05, Beta says 100.05" in refused.message
    live.say(beta.quote_of("94.00", "94.10", 5), alpha.quote_of("94.00", "94.10", 5))
    assert isinstance(live.ask(BUY), Order)
