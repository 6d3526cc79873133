"""A live market on fake providers: what is shown, whom it is taken from, and when nothing of it may be traded on."""

from collections.abc import Callable
from typing import Any

import pytest
from msgspec.structs import replace

from tests.live_house import NOON, SYMBOL, House, dec
from tests.waiting import eventually
from tradesim.kernel.clock import NS_PER_SECOND
from tradesim.kernel.errors import NoData, NotEntitled, Refused, RetryLater
from tradesim.marketdata.merging import as_columns
from tradesim.marketdata.screening import LEAD_WORDS, Fault
from tradesim.model.feed import Capability, Feed, TradeFlag
from tradesim.model.market import Side, SourceKind, Timeframe, Trade
from tradesim.model.orders import OrderType, TimeInForce
from tradesim.model.series import Bars
from tradesim.model.venue import Execution, VenueOrder
from tradesim.providers.live.intake import Missed
from tradesim.providers.live.listing import badge_of
from tradesim.providers.live.past import ATTEMPTS
from tradesim.storage.cache import MarketCache

BIDS, ASKS = [(100, 2), ("99.99", 5)], [("100.01", 1), ("100.02", 4)]
S = NS_PER_SECOND


@pytest.fixture
def house() -> House:
    return House("alpha", "beta").open()


def volume(house: House, timeframe: Timeframe = Timeframe.D1) -> int:
    return int(house.source.bars.bars(SYMBOL, timeframe).volume.sum())


def test_a_book_is_shown_in_ticks_and_lots(house: House) -> None:
    house.say(house["alpha"].book_of(BIDS, ASKS))
    assert house.top() == ([(10_000, 20_000), (9_999, 50_000)], [(10_001, 10_000), (10_002, 40_000)])
    house.say(house["alpha"].book_of([(100, 0)], [("100.01", 3)], is_snapshot=False))
    assert house.top() == ([(9_999, 50_000)], [(10_001, 30_000), (10_002, 40_000)])
    assert house.source.kind is SourceKind.LIVE and house.source.title == "Alpha live"
    assert house.source.order_fault(SYMBOL, house.clock.now()) is None


def test_before_the_first_word_it_is_stale_and_nothing_may_be_ordered(house: House) -> None:
    assert house.source.kind is SourceKind.STALE
    assert "was never heard" in (house.source.order_fault(SYMBOL, NOON) or "")


def test_a_change_before_its_snapshot_means_nothing(house: House) -> None:
    house.say(house["alpha"].book_of(BIDS, ASKS, is_snapshot=False))
    assert house.top() == ([], [])


def test_a_void_book_is_emptied_and_orders_are_refused_until_it_is_whole(house: House) -> None:
    alpha = house["alpha"]
    house.say(alpha.book_of(BIDS, ASKS), alpha.reset())
    assert house.top() == ([], [])
    assert "fetched again" in (house.source.order_fault(SYMBOL, house.clock.now()) or "")
    house.say(alpha.book_of(BIDS, ASKS))
    assert house.source.order_fault(SYMBOL, house.clock.now()) is None and house.top()[0]


def test_a_book_that_lost_a_message_to_quarantine_is_void(house: House) -> None:
    alpha = house["alpha"]
    house.say(alpha.book_of(BIDS, ASKS), alpha.book_of([(-1, 5)], [], is_snapshot=False))
    assert house.top() == ([], []) and house.source.screen.counts == {Fault.PRICE: 1}


def test_a_book_that_the_market_itself_void_is_asked_for_again_once(house: House) -> None:
    alpha = house["alpha"]
    wrong = alpha.book_of([(-1, 5)], [], is_snapshot=False)
    house.say(alpha.book_of(BIDS, ASKS), wrong, wrong)
    assert alpha.asked_again == [SYMBOL], "its changes mean nothing until it is whole"
    house.say(alpha.book_of([(-1, 5)], []))
    assert alpha.asked_again == [SYMBOL] * 2, "a whole one that is set aside is missed too"
    house.say(alpha.book_of(BIDS, ASKS), alpha.reset())
    assert alpha.asked_again == [SYMBOL] * 2, "what its provider resets it asks for itself"


def test_a_book_that_overflowed_is_asked_for_again(house: House) -> None:
    alpha = house["alpha"]
    house.say(alpha.book_of(BIDS, ASKS))
    house.source._intake.put([Missed("alpha", SYMBOL, house.clock.now())])
    house.wait(0)
    assert alpha.asked_again == [SYMBOL] and house.top() == ([], [])


def test_silence_fails_over_to_the_next_and_back_only_when_it_was_well_for_a_while(house: House) -> None:
    alpha, beta = house["alpha"], house["beta"]
    house.say(alpha.book_of(BIDS, ASKS), beta.book_of([(99, 1)], [(101, 1)]))
    for _ in range(31):
        house.wait(1)
        house.say(beta.book_of([(99, 1)], [(101, 1)]))
    assert house.source.title == "Beta live" and house.top() == ([(9_900, 10_000)], [(10_100, 10_000)])
    assert "Alpha: the book of BTC/USD is 31 s old" in house.source.timeline[0].why
    for second in range(120):
        house.wait(1)
        house.say(alpha.book_of(BIDS, ASKS), beta.book_of([(99, 1)], [(101, 1)]))
        if second == 10:
            assert house.source.title == "Beta live"
    assert house.source.title == "Alpha live"
    assert [(each.former, each.chosen) for each in house.source.timeline if each.kind is Capability.BOOK] == [
        ("alpha", "beta"),
        ("beta", "alpha"),
    ]


def test_a_book_asked_for_again_makes_no_switch_but_a_lost_one_does(house: House) -> None:
    alpha, beta = house["alpha"], house["beta"]
    house.say(alpha.book_of(BIDS, ASKS), beta.book_of([(99, 1)], [(101, 1)]), alpha.reset())
    house.wait(0.5)
    assert house.source.title == "Alpha stale" or house.top() == ([], [])
    house.say(alpha.book_of(BIDS, ASKS))
    house.wait(0.5)
    assert house.source.title == "Alpha live" and not house.source.timeline
    house.say(alpha.reset("the line broke"))
    house.wait(0.5)
    house.wait(0.75)
    assert house.source.title == "Beta live" and house.top()[0] == [(9_900, 10_000)]
    house.say(alpha.book_of(BIDS, ASKS))
    house.wait(1)
    assert house.source.title == "Beta live", "not before it has been well for a while"


def test_when_all_are_silent_it_is_stale_and_says_how_old(house: House) -> None:
    house.say(house["alpha"].book_of(BIDS, ASKS))
    house.wait(45)
    assert house.source.kind is SourceKind.STALE and house.source.title.endswith("stale")
    assert house.source.faults(house.clock.now()) == (
        "the quote of BTC/USD is 45 s old, wanted at most 30 s: it is not live",
    )


def test_a_cross_forbids_orders_from_its_first_moment_to_its_last(house: House) -> None:
    alpha = house["alpha"]
    house.say(alpha.book_of([("100.05", 1)], ASKS))
    assert "crossed" in (house.source.order_fault(SYMBOL, house.clock.now()) or "")
    house.wait(3)
    assert "crossed" in (house.source.order_fault(SYMBOL, house.clock.now()) or "")
    house.say(alpha.book_of(BIDS, ASKS))
    assert house.source.order_fault(SYMBOL, house.clock.now()) is None
    house.say(house["beta"].quote_of(101, 100))
    assert house.source.order_fault(SYMBOL, house.clock.now()) is None, "it is not what is shown"


def test_trades_of_the_serving_provider_alone_are_printed(house: House) -> None:
    alpha, beta = house["alpha"], house["beta"]
    house.say(alpha.book_of(BIDS, ASKS))
    house.source.venue.drain()
    house.say(alpha.trade("100.01", 1, "a1", aggressor=Side.BUY), beta.trade("100.02", 9, "b1"))
    trades = [item for item in house.source.venue.drain().items if isinstance(item, Trade)]
    assert [(each.price, each.qty, each.aggressor) for each in trades] == [(10_001, 10_000, Side.BUY)]
    assert volume(house) == 10_000


def test_a_print_heard_twice_counts_once(house: House) -> None:
    alpha = house["alpha"]
    house.say(alpha.trade(100, 1, "a1"), alpha.trade(100, 1, "a1"))
    assert volume(house) == 10_000


def test_flags_decide_what_a_print_moves(house: House) -> None:
    alpha = house["alpha"]
    house.say(alpha.trade(100, 1, "a1"))
    house.say(alpha.trade(120, 1, "a2", flags=frozenset({TradeFlag.NOT_LAST, TradeFlag.NOT_HIGH_LOW})))
    bar = house.source.bars.forming(SYMBOL, Timeframe.D1)
    assert bar and (bar.high, bar.close, bar.volume) == (10_000, 10_000, 20_000)
    house.say(alpha.trade(102, 1, "a3", flags=frozenset({TradeFlag.NOT_LAST})))
    bar = house.source.bars.forming(SYMBOL, Timeframe.D1)
    assert bar and (bar.high, bar.close, bar.volume) == (10_200, 10_000, 30_000)
    house.say(alpha.trade(101, 0, "a4"))
    bar = house.source.bars.forming(SYMBOL, Timeframe.D1)
    assert bar and (bar.close, bar.volume) == (10_100, 30_000)


def test_a_correction_undoes_what_its_print_did(house: House) -> None:
    alpha = house["alpha"]
    house.say(alpha.trade(100, 1, "a1"), alpha.trade(103, 2, "a2"), alpha.trade(101, 1, "a3"))
    house.say(alpha.correction("a2"))
    for timeframe in (Timeframe.S1, Timeframe.M1, Timeframe.D1):
        bar = house.source.bars.forming(SYMBOL, timeframe)
        assert bar and (bar.open, bar.high, bar.low, bar.close, bar.volume) == (10_000, 10_100, 10_000, 10_100, 20_000)
    house.say(alpha.correction("a3", alpha.trade("100.50", 3, "a3")))
    bar = house.source.bars.forming(SYMBOL, Timeframe.D1)
    assert bar and (bar.high, bar.close, bar.volume) == (10_050, 10_050, 40_000)


def test_with_a_print_goes_every_last_price_that_it_left(house: House) -> None:
    alpha, source = house["alpha"], house.source
    house.say(alpha.trade(100, 1, "a1"), alpha.trade(103, 2, "a2"), alpha.trade(104, 1, "a3"))
    house.say(alpha.correction("a3"))
    assert source.venue.last_price(SYMBOL) == 10_300 and source.words(SYMBOL)["alpha"][2] == 103
    house.say(alpha.correction("a1", alpha.trade(99, 1, "b1")))
    assert source.venue.last_price(SYMBOL) == 10_300, "what is put right of before is not the last price"
    house.say(alpha.correction("a2", alpha.trade("100.50", 2, "b2")))
    assert source.venue.last_price(SYMBOL) == 10_050 and source.words(SYMBOL)["alpha"][2] == dec("100.50")
    bar = source.bars.forming(SYMBOL, Timeframe.S1)
    assert bar and (bar.open, bar.high, bar.low, bar.close, bar.volume) == (9_900, 10_050, 9_900, 10_050, 30_000)
    house.say(alpha.correction("b2"), alpha.correction("b1"))
    assert source.venue.last_price(SYMBOL) is None and source.words(SYMBOL)["alpha"][2] is None


def test_a_print_that_stands_by_moves_nothing_when_it_is_cancelled(house: House) -> None:
    house.say(house["alpha"].trade(100, 1, "a1"), house["beta"].trade(101, 1, "b1"), house["beta"].correction("b1"))
    assert house.source.venue.last_price(SYMBOL) == 10_000


def test_quotes_without_a_book_fill_the_displayed_size_and_then_move_the_price() -> None:
    able = {Capability.QUOTE: "yes", Capability.TRADES: "yes"}
    house = House("alpha", able=able).open()
    house.say(house["alpha"].quote_of(100, "100.02", 2))
    order = VenueOrder("o", "paper", SYMBOL, Side.BUY, OrderType.MARKET, TimeInForce.DAY, 30_000)
    house.source.venue.submit(order, house.clock.now())
    filled, left = house.source.venue.drain().items
    assert isinstance(filled, Execution) and (filled.price, filled.qty) == (10_002, 20_000)
    assert isinstance(left, Execution) and (left.price, left.qty) == (10_003, 10_000)
    assert "impact: 1 tick beyond the quote's 20,000 lots" in left.reason.model


def test_a_quote_follows_the_market_and_a_missing_side_is_missing() -> None:
    house = House("alpha", able={Capability.QUOTE: "yes"}).open()
    for bid, ask in ((100, "100.02"), ("100.05", "100.06"), ("99.90", "99.91"), (None, "99.95")):
        house.say(house["alpha"].quote_of(bid, ask))
        bids, asks = house.top()
        assert [price for price, _ in bids] == ([] if bid is None else [int(dec(bid) * 100)])
        assert [price for price, _ in asks] == [int(dec(ask) * 100)]


def test_a_last_price_alone_is_a_price_update_without_volume() -> None:
    house = House("alpha", able={Capability.QUOTE: "yes"}, streams=False, feed=Feed.DELAYED).open()
    house["alpha"].answer_quote = house["alpha"].quote_of(None, None, None, last=dec("99.5"))
    assert house.source.to_ask("alpha", house.clock.now()) == [SYMBOL]
    assert house.source.ask_quote("alpha", SYMBOL)
    house.wait(0)
    bar = house.source.bars.forming(SYMBOL, Timeframe.D1)
    assert bar and (bar.close, bar.volume) == (9_950, 0)
    assert house.source.kind is SourceKind.DELAYED and house.source.title == "Alpha delayed"


def test_a_provider_that_is_down_is_not_polled_for_ever() -> None:
    house = House("alpha", "beta", streams=False).open()
    house["alpha"].answer_quote = RetryLater("down", 0.0)
    house["beta"].answer_quote = house["beta"].quote_of(100, 101)
    for _ in range(10):
        house.clock.advance(31 * S)
        house["beta"].answer_quote = house["beta"].quote_of(100, 101)
        for name in ("alpha", "beta"):
            for symbol in house.source.to_ask(name, house.clock.now()):
                house.source.ask_quote(name, symbol)
        house.wait(0)
    assert len([each for each in house["alpha"].asked if each[0] == "quote"]) < 8
    assert house.source.title == "Beta live"


def past(house: House, name: str) -> Callable[..., list[Any]]:
    provider = house[name]

    def bars(symbol: str, timeframe: Timeframe, start: int, end: int) -> list[Any]:
        if timeframe is Timeframe.M1:
            return [provider.bar(NOON - n * 60 * S, 90 + n) for n in range(5, -1, -1)]
        return [provider.bar(NOON - n * 86_400 * S, 50 + n, timeframe) for n in range(3, -1, -1)]

    return bars


def test_the_past_is_there_when_it_opens_and_only_what_is_over() -> None:
    house = House("alpha", "beta")
    house["alpha"].answer_bars = RetryLater("down", 0.0)
    house["beta"].answer_bars = past(house, "beta")
    house.open()
    history = house.source.history(SYMBOL)
    assert list(history.minutes.close) == [9_500, 9_400, 9_300, 9_200, 9_100]
    assert list(history.days.close)[:2] == [5_300, 5_200]


def keep_past(cache: MarketCache) -> House:
    """A market whose past Alpha gave, and the cache keeps."""
    house = House("alpha")
    house["alpha"].answer_bars = past(house, "alpha")
    return house.open(store=cache)


def test_when_nobody_answers_the_kept_past_is_shown(tmp_path: Any) -> None:
    cache = MarketCache(tmp_path / "cache")
    before = keep_past(cache).source.history(SYMBOL)
    again = House("alpha")
    again["alpha"].answer_bars = RetryLater("Alpha is down", 0.0)
    again.clock.advance(7_200 * S)
    after = again.open(store=cache).source.history(SYMBOL)
    assert list(after.minutes.close)[: len(before.minutes)] == list(before.minutes.close) and len(before.minutes)
    told = again.source.faults(again.clock.now())
    assert f"the minute bars of {SYMBOL} are those that Alpha gave 2 h ago: Alpha is down" in told
    assert f"the daily bars of {SYMBOL} are those that Alpha gave 2 h ago: Alpha is down" in told
    cache.close()


def test_a_kept_past_gives_way_to_a_new_one(tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tradesim.providers.live.past.RETRY_S", 0.01)
    cache = MarketCache(tmp_path / "cache")
    keep_past(cache)
    again = House("alpha")
    refused: list[Timeframe] = []

    def late(symbol: str, timeframe: Timeframe, *span: int) -> list[Any]:
        if timeframe not in refused:
            refused.append(timeframe)
            raise RetryLater("down", 0.0)
        return past(again, "alpha")(symbol, timeframe, *span)

    again["alpha"].answer_bars = late
    again.open(store=cache)
    eventually(lambda: not any("are those that" in told for told in again.source.faults(again.clock.now())))
    cache.close()


@pytest.mark.parametrize("error", [RetryLater("down", 0.0), NotEntitled("not in the plan")], ids=["down", "refused"])
def test_a_kept_past_is_asked_for_until_it_comes(error: Exception, tmp_path: Any, monkeypatch: Any) -> None:
    monkeypatch.setattr("tradesim.providers.live.past.LONGEST_REST_S", 0.01)
    cache = MarketCache(tmp_path / "cache")
    keep_past(cache)
    again = House("alpha")
    asked: list[int] = []

    def bars(*which: Any) -> Any:
        asked.append(1)
        raise error

    def told() -> list[str]:
        again.clock.advance(600 * S)
        again.source._routes.failover(SYMBOL).readmit("alpha", "it is mended", again.clock.now())
        return [each for each in again.source.faults(again.clock.now()) if "are those that" in each]

    again["alpha"].answer_bars = bars
    again.open(store=cache)
    eventually(lambda: bool(told()) and len(asked) > 2 * ATTEMPTS + 2)
    again["alpha"].answer_bars = past(again, "alpha")
    eventually(lambda: not told())
    again.source.close()
    cache.close()


def test_what_fills_a_gap_says_nothing_of_a_kept_past(tmp_path: Any) -> None:
    cache = MarketCache(tmp_path / "cache")
    keep_past(cache)
    again = House("alpha")
    again["alpha"].answer_bars = RetryLater("down", 0.0)
    again.open(store=cache)
    told = again.source.faults(again.clock.now())
    again["alpha"].answer_bars = past(again, "alpha")
    again.clock.advance(60 * S)
    (tried,) = again.source._past.fetch(SYMBOL, again.clock.now() - 60 * S)
    assert tried.wait(5)
    assert [each for each in again.source.faults(again.clock.now()) if "minute bars" in each], told
    again.source.close()
    cache.close()


def test_a_past_that_comes_late_completes_the_day(house: House) -> None:
    alpha = house["alpha"]
    house.say(alpha.trade(100, 1, "a1"))
    minutes = as_columns([alpha.bar(NOON - n * 60 * S, 90) for n in (3, 2, 1)], house.source.instruments[SYMBOL])
    house.source.bars.merge(SYMBOL, minutes, Bars.empty())
    day = house.source.bars.forming(SYMBOL, Timeframe.D1)
    assert day and (day.open, day.low, day.close, day.volume) == (9_000, 9_000, 10_000, 40_000)


def test_no_data_is_an_answer_and_nobody_else_is_asked() -> None:
    house = House("alpha", "beta")
    house["alpha"].answer_bars = NoData("nothing traded")
    house.open()
    assert not house["beta"].asked and not len(house.source.history(SYMBOL).minutes)


def test_a_gap_is_filled_from_rest_when_trades_come_back(house: House) -> None:
    alpha = house["alpha"]
    house.say(alpha.book_of(BIDS, ASKS), alpha.trade(100, 1, "a1"))
    minute = house.clock.now()
    house.say(alpha.reset("the line broke"))
    alpha.answer_bars = lambda symbol, timeframe, start, end: [alpha.bar(minute, 77, volume=dec(9))]
    house.wait(70)
    house.say(alpha.book_of(BIDS, ASKS), alpha.trade(100, 1, "a2"))

    def is_filled() -> bool:
        house.wait(0)
        bars = house.source.bars.bars(SYMBOL, Timeframe.M1)
        return list(bars.volume) == [90_000, 10_000]

    eventually(is_filled)


def test_halts_reach_the_venue(house: House) -> None:
    alpha = house["alpha"]
    house.say(alpha.book_of(BIDS, ASKS), alpha.halt(True))
    assert house.source.venue.is_halted(SYMBOL)
    assert house.source.faults(house.clock.now()) == ("BTC/USD is halted by its market: LUDP",)
    house.say(alpha.halt(False))
    assert not house.source.venue.is_halted(SYMBOL) and not house.source.faults(house.clock.now())


def test_a_halt_that_was_told_before_its_book_stands_when_it_is_shown(house: House) -> None:
    alpha = house["alpha"]
    house.say(alpha.halt(True), alpha.book_of(BIDS, ASKS))
    assert house.source.venue.is_halted(SYMBOL)


def test_a_halt_of_who_stands_by_halts_nothing_until_it_is_shown(house: House) -> None:
    alpha, beta = house["alpha"], house["beta"]
    house.say(alpha.book_of(BIDS, ASKS), beta.book_of(BIDS, ASKS), beta.halt(True))
    assert not house.source.venue.is_halted(SYMBOL)
    house.say(alpha.lost())
    house.wait(2)
    assert house.source.title == "Beta live" and house.source.venue.is_halted(SYMBOL)


def test_a_halt_ends_when_another_one_is_shown(house: House) -> None:
    alpha, beta = house["alpha"], house["beta"]
    house.say(alpha.book_of(BIDS, ASKS), beta.book_of(BIDS, ASKS), alpha.halt(True, "maintenance"), alpha.reset())
    assert house.source.venue.is_halted(SYMBOL), "its book alone is lost"
    house.wait(2)
    house.say(beta.book_of(BIDS, ASKS))
    assert house.source.title == "Beta live" and not house.source.venue.is_halted(SYMBOL)


def test_a_halt_outlives_the_line_that_told_it_until_a_trade_shows_that_it_is_over(house: House) -> None:
    alpha = house["alpha"]
    house.say(alpha.book_of(BIDS, ASKS), alpha.trade(100, 1, "a1"), alpha.halt(True), alpha.lost())
    house.wait(1)
    house.say(alpha.book_of(BIDS, ASKS), alpha.trade(100, 1, "a2", ago_s=2))
    assert house.source.venue.is_halted(SYMBOL), "a quote proves nothing, nor does a trade of before"
    assert house.source.faults(house.clock.now()) == (
        "BTC/USD is halted by its market: LUDP (told before its line was gone: it stands until the symbol trades)",
    )
    house.say(alpha.trade(100, 1, "a3", flags=frozenset({TradeFlag.NOT_LAST})))
    assert house.source.venue.is_halted(SYMBOL), "nor one that was made elsewhere or before"
    house.say(alpha.trade(100, 1, "a4"))
    assert not house.source.venue.is_halted(SYMBOL) and not house.source.faults(house.clock.now())


def test_a_halt_that_outlived_its_line_ends_by_its_word_too(house: House) -> None:
    alpha = house["alpha"]
    house.say(alpha.book_of(BIDS, ASKS), alpha.halt(True), alpha.lost(), alpha.halt(False), alpha.book_of(BIDS, ASKS))
    assert not house.source.venue.is_halted(SYMBOL)


def test_a_trade_in_a_halt_that_was_told_on_this_line_ends_nothing(house: House) -> None:
    alpha = house["alpha"]
    house.say(alpha.book_of(BIDS, ASKS), alpha.halt(True))
    house.wait(1)
    house.say(alpha.trade(100, 1, "a1"))
    assert house.source.venue.is_halted(SYMBOL)


def test_what_the_owner_of_the_desk_halted_no_provider_resumes(house: House) -> None:
    alpha = house["alpha"]
    house.say(alpha.book_of(BIDS, ASKS))
    house.source.venue.halt(SYMBOL, house.clock.now())
    house.say(alpha.lost(), alpha.halt(False), alpha.book_of(BIDS, ASKS))
    assert house.source.venue.is_halted(SYMBOL)


def test_a_price_far_from_what_others_say_is_held_back(house: House) -> None:
    house.say(house["beta"].quote_of(100, "100.02"), house["alpha"].trade(150, 1, "a1"))
    assert house.source.screen.counts == {Fault.OUTLIER: 1} and volume(house) == 0


def test_nothing_is_ordered_on_a_price_that_the_other_provider_disputes(house: House) -> None:
    alpha, beta = house["alpha"], house["beta"]
    for _ in range(5):
        house.say(alpha.book_of(BIDS, ASKS), alpha.quote_of("99.98", "100.02"), beta.quote_of(120, "120.02"))
        house.wait(1)
    said = f"{SYMBOL} is disputed: Beta says 120.01, Alpha says 100"
    assert (house.source.order_fault(SYMBOL, house.clock.now()) or "").startswith(said)
    house.say(beta.quote_of("99.98", "100.02"))
    assert house.source.order_fault(SYMBOL, house.clock.now()) is None


def test_it_cannot_be_moved_in_time_and_closes_everything(house: House) -> None:
    with pytest.raises(Refused):
        house.source.seek(0)
    house.source.close()
    assert all(each.is_stopped and each.is_closed for each in house.providers.values())


def test_it_wakes_the_market_once_and_then_is_looked_at(house: House) -> None:
    woken: list[int] = []
    house.source.on_arrival(lambda: woken.append(1))
    assert house.source.next_due() is None
    for _ in range(3):
        house["alpha"].hear([house["alpha"].trade(100)])
    assert len(woken) == 3 and house.source.next_due() is not None
    house.source.advance(house.clock.now())
    house["alpha"].hear([house["alpha"].trade(100)])
    assert len(woken) == 3
    house.source.advance(house.clock.now())
    house.source.advance(house.clock.now())
    assert house.source.next_due() is None
    house["alpha"].hear([house["alpha"].trade(100)])
    assert len(woken) == 4


# --- quotes whose line is gone, and whose word a symbol is


def test_a_quote_whose_line_is_gone_gives_way_to_the_stand_in_at_once(house: House) -> None:
    alpha, beta = house["alpha"], house["beta"]
    house.say(alpha.quote_of(100, "100.02"), beta.quote_of("100.01", "100.03"))
    house.say(alpha.reset("the line broke"))
    house.wait(1.5)
    assert house.top()[0][0][0] == 10_001
    assert {switch.chosen for switch in house.source.timeline} == {"beta"}


def test_with_nobody_left_a_quote_is_stale_from_the_loss_on_and_says_so(house: House) -> None:
    alpha = house["alpha"]
    house.say(alpha.quote_of(100, "100.02"), alpha.reset("the line broke"))
    house.wait(3)
    assert house.source.kind is SourceKind.STALE
    said = house.source.order_fault(SYMBOL, house.clock.now())
    assert said == f"the line of Alpha is gone and the quote of {SYMBOL} is 3 s old: it is not live"
    house.say(alpha.quote_of(100, "100.02"))
    assert house.source.kind is SourceKind.LIVE


def test_a_stand_in_that_is_not_streamed_is_asked_when_the_line_is_gone() -> None:
    house = House("alpha", "beta").open()
    alpha, beta = house["alpha"], house["beta"]
    house.say(alpha.quote_of(100, "100.02"))
    assert house.source.to_ask("beta", house.clock.now()) == []
    house.say(alpha.reset("the line broke"))
    house.wait(2)
    beta.answer_quote = beta.quote_of(None, None, None, last=dec(100))
    assert house.source.to_ask("beta", house.clock.now()) == [SYMBOL] and house.source.ask_quote("beta", SYMBOL)
    house.wait(0)
    assert house.source.feeds(house.clock.now())[SYMBOL].shown_id == "beta"


def test_trades_keep_a_last_price_fresh_where_there_is_no_bid_and_ask(house: House) -> None:
    alpha = house["alpha"]
    house.say(alpha.quote_of(None, None, None, last=dec(100)))
    for _ in range(4):
        house.wait(20)
        house.say(alpha.trade(100))
    assert house.source.kind is SourceKind.LIVE and house.source.quote_age_ns(SYMBOL, house.clock.now()) == 0


def test_a_line_of_trades_alone_that_is_gone_tells_nothing_any_more(house: House) -> None:
    alpha, beta = house["alpha"], house["beta"]
    last = replace(alpha.quote_of(None, None), last=dec(100))
    house.say(last, alpha.trade(100, 1, "a1"), beta.quote_of(100, "100.02"), beta.trade(100, 1, "b1"))
    house.wait(0)
    for number in range(40):
        house.wait(1)
        house.say(alpha.trade(100, 1, f"a{number + 2}"), beta.quote_of(100, "100.02"))
    assert house.source.timeline == [], "trades keep a last price young"
    house.say(alpha.reset())
    house.wait(2)
    switches = [(each.kind, each.chosen, each.why) for each in house.source.timeline]
    assert switches == [(kind, "beta", "Alpha: its line is gone") for kind in (Capability.QUOTE, Capability.TRADES)]
    assert house.source.feeds(house.clock.now())[SYMBOL].told_by == "Beta"


def house_of_trades_alone() -> tuple[House, Callable[[Any], Any]]:
    """Alpha tells of two symbols by trades alone, Beta stands in; `thin` is the same word of the other symbol."""
    house = House("alpha", "beta").open((SYMBOL, "AAPL"))
    alpha, beta = house["alpha"], house["beta"]

    def thin(event: Any) -> Any:
        return replace(event, symbol="AAPL")

    for of in (lambda event: event, thin):
        last = replace(alpha.quote_of(None, None), last=dec(100))
        house.say(of(last), of(alpha.trade(100)), of(beta.quote_of(100, "100.02")), of(beta.trade(100)))
    house.wait(1)
    return house, thin


def test_one_trade_proves_a_line_that_is_back_for_the_thin_shares_too() -> None:
    house, thin = house_of_trades_alone()
    alpha, beta = house["alpha"], house["beta"]
    house.say(alpha.reset("the line broke"), thin(alpha.reset("the line broke")))
    for _ in range(50):
        house.wait(1)
        house.say(alpha.trade(100), beta.quote_of(100, "100.02"), thin(beta.quote_of(100, "100.02")))
    assert house.source.feeds(house.clock.now())[SYMBOL].told_by == "Alpha"
    assert house.source.feeds(house.clock.now())["AAPL"].told_by == "Alpha"


def test_what_came_too_fast_is_no_lost_line() -> None:
    house, thin = house_of_trades_alone()
    house["alpha"].hear = house.source._intake._drop
    house.say(thin(house["alpha"].trade(100)))
    house.wait(20)
    assert house.source.timeline == []
    assert "1 messages came faster than they could be taken" in house.source.faults(house.clock.now())


def test_a_badge_names_who_shows_and_who_tells(house: House) -> None:
    alpha, beta = house["alpha"], house["beta"]
    assert house.source.feeds(house.clock.now())[SYMBOL].shown_by == ""
    house.say(alpha.book_of(BIDS, ASKS), alpha.trade(100), beta.trade(100))
    house.wait(2)
    feed = house.source.feeds(house.clock.now())[SYMBOL]
    assert (feed.shown_by, feed.told_by, feed.freshness, feed.limit_s) == ("Alpha", "Alpha", SourceKind.LIVE, 30.0)
    assert house.clock.now() - (feed.shown_at or 0) == house.clock.now() - (feed.told_at or 0) == 2 * S


def test_who_is_to_tell_the_trades_and_has_told_none_has_no_age_for_them(house: House) -> None:
    house.say(house["alpha"].book_of(BIDS, ASKS))
    house.wait(1)
    feed = house.source.feeds(house.clock.now())[SYMBOL]
    assert (feed.told_by, feed.told_at) == ("Alpha", None)


def test_what_is_fetched_again_is_neither_live_nor_stale_while_its_line_is_well(house: House) -> None:
    alpha, source = house["alpha"], house.source
    house.say(alpha.book_of(BIDS, ASKS))
    house.say(alpha.reset("checksum"))
    for _ in range(5):
        assert source.kind is SourceKind.RESYNC and source.order_fault(SYMBOL, house.clock.now())
        house.wait(1)
    house.say(alpha.book_of(BIDS, ASKS))
    assert source.kind is SourceKind.LIVE and source.order_fault(SYMBOL, house.clock.now()) is None
    house.say(alpha.lost())
    assert source.kind is SourceKind.RESYNC, "a line is often back within a second"
    house.wait(1.5)
    assert source.kind is SourceKind.STALE


@pytest.mark.parametrize(
    ("title", "feed", "badge"),
    [
        ("Kraken", Feed.CRYPTO, "Kraken"),
        ("IEX via Alpaca, about 2-3 % of volume", Feed.IEX, "IEX via Alpaca"),
        ("Alpaca", Feed.IEX, "IEX via Alpaca"),
        ("Polygon (Massive)", Feed.DELAYED, "Polygon, delayed"),
        ("Alpha Vantage", Feed.END_OF_DAY, "Alpha Vantage, end of day"),
    ],
)
def test_a_badge_says_what_part_of_the_market_it_is(title: str, feed: Feed, badge: str) -> None:
    assert badge_of(title, feed) == badge


def test_each_provider_has_its_own_last_price(house: House) -> None:
    alpha, beta = house["alpha"], house["beta"]
    house.say(alpha.quote_of(100, "100.02"), alpha.trade("100.01"), beta.quote_of(100, "100.02", last=dec("99.98")))
    house.say(alpha.trade("100.02", flags=frozenset({TradeFlag.NOT_LAST})))
    words = house.source.words(SYMBOL)
    assert {name: word[2] for name, word in words.items()} == {"alpha": dec("100.01"), "beta": dec("99.98")}


def test_a_delayed_word_is_as_old_as_the_moment_it_is_about(house: House) -> None:
    alpha, began = house["alpha"], house.clock.now()
    said = [alpha.quote_of(100, "100.02"), alpha.trade(100)]
    house.say(
        *(replace(each, origin=replace(each.origin, feed=Feed.DELAYED, ts_event=began - 900 * S)) for each in said)
    )
    house.wait(2)
    now = house.clock.now()
    feed = house.source.feeds(now)[SYMBOL]
    assert (feed.shown_by, feed.freshness, now - feed.shown_at) == ("Alpha, delayed", SourceKind.DELAYED, 2 * S)
    assert (feed.shown_of, feed.told_of) == (began - 900 * S, began - 900 * S)
    assert house.source.words(SYMBOL)["alpha"][3] == began - 900 * S
    assert house.source.quote_age_ns(SYMBOL, now) == 902 * S
    house.wait(29)
    assert house.source.order_fault(SYMBOL, house.clock.now()) == (
        "the quote of BTC/USD is 16 min old, wanted at most 30 s: it is not live"
    )


@pytest.mark.parametrize("kind", ["quote", "book"])
def test_a_stream_whose_words_are_late_is_stale_by_the_moment_they_are_about(house: House, kind: str) -> None:
    alpha, beta = house["alpha"], house["beta"]
    for _ in range(20):
        said = alpha.quote_of(100, "100.02") if kind == "quote" else alpha.book_of(BIDS, ASKS)
        house.say(replace(said, origin=alpha.origin(ago_s=600)))
        house.wait(0.5)
    now = house.clock.now()
    feed = house.source.feeds(now)[SYMBOL]
    assert (feed.freshness, feed.shown_of) == (SourceKind.STALE, now - 600 * S - S // 2)
    assert house.source.title == "Alpha stale" and house.source.quote_age_ns(SYMBOL, now) == 600 * S + S // 2
    assert house.source.order_fault(SYMBOL, now) == (
        "the quote of BTC/USD is 10 min old, wanted at most 30 s: it is not live"
    )
    house.say(beta.quote_of(100, "100.02"))
    assert house.source.title == "Beta live" and house.source.order_fault(SYMBOL, house.clock.now()) is None


def test_trades_that_come_late_are_printed_with_their_age(house: House) -> None:
    house.say(house["alpha"].trade(100, ago_s=60))
    now = house.clock.now()
    feed = house.source.feeds(now)[SYMBOL]
    assert volume(house) and (feed.told_by, feed.told_of) == ("Alpha", now - 60 * S)


def test_a_clock_that_is_ahead_is_put_right_before_the_age_is_judged(house: House) -> None:
    alpha = house["alpha"]
    for number in range(LEAD_WORDS + 1):
        house.say(alpha.trade(100, id_=str(number), ago_s=-60))
        house.wait(0.1)
    house.say(replace(alpha.quote_of(100, "100.02"), origin=alpha.origin(ago_s=-60)))
    now = house.clock.now()
    assert house.source.order_fault(SYMBOL, now) is None and house.source.quote_age_ns(SYMBOL, now) == 0


def test_a_line_that_is_late_from_its_first_word_on_is_not_live(house: House) -> None:
    alpha = house["alpha"]
    for number in range(LEAD_WORDS + 1):
        house.say(alpha.trade(100, id_=str(number), ago_s=40))
        house.wait(0.5)
    house.say(replace(alpha.book_of(BIDS, ASKS), origin=alpha.origin(ago_s=40)))
    house.wait(0.3)
    now = house.clock.now()
    assert house.source.title == "Alpha stale"
    assert house.source.order_fault(SYMBOL, now) == (
        "the quote of BTC/USD is 40 s old, wanted at most 30 s: it is not live"
    )
    assert "the words of Alpha are 40 s late, or our clock is ahead of its own" in house.source.faults(now)


@pytest.mark.parametrize(("feed", "last"), [(Feed.IEX, None), (Feed.REFERENCE, "100")])
def test_an_answer_of_long_ago_is_as_old_as_it_is(feed: Feed, last: str | None) -> None:
    house = House("alpha", feed=feed, streams=False).open(("AAPL",))
    alpha = house["alpha"]
    quote = alpha.quote_of(None, None, None, last=dec(last)) if last else alpha.quote_of(100, "100.02")
    alpha.answer_quote = replace(quote, symbol="AAPL", origin=alpha.origin(ago_s=3 * 3600))
    assert house.source.ask_quote("alpha", "AAPL")
    house.wait(0.3)
    assert house.source.title == "Alpha stale"
    assert house.source.order_fault("AAPL", house.clock.now()) == (
        "the quote of AAPL is 3 h old, wanted at most 60 s: it is not live"
    )


def test_a_closed_market_says_so_and_how_old_its_word_is() -> None:
    house = House("alpha", feed=Feed.IEX, streams=False)
    house.clock.advance(4 * 86_400 * S)
    house.open(("AAPL",))
    alpha = house["alpha"]
    alpha.answer_quote = replace(alpha.quote_of(100, "100.02"), symbol="AAPL", origin=alpha.origin(ago_s=20 * 3600))
    assert house.source.ask_quote("alpha", "AAPL")
    house.wait(0.3)
    now = house.clock.now()
    feed = house.source.feeds(now)["AAPL"]
    assert house.source.title == "Alpha closed" and feed.limit_s is None
    assert house.source.quote_age_ns("AAPL", now) == now - feed.shown_of == 20 * 3600 * S + 3 * S // 10


def test_many_stale_symbols_are_told_in_one_sentence() -> None:
    symbols = (SYMBOL, "AAPL")
    house = House("alpha").open(symbols)
    assert house.source.faults(NOON) == (f"the quotes of {SYMBOL} and AAPL were not all heard yet: they are not live",)
    alpha = house["alpha"]
    quotes = [replace(alpha.quote_of(100, "100.02"), symbol=symbol) for symbol in symbols]
    house.say(*quotes, *(replace(alpha.reset(), symbol=symbol) for symbol in symbols))
    house.wait(4)
    (said,) = house.source.faults(house.clock.now())
    wanted = f"the line of Alpha is gone, and the quotes of {SYMBOL} and AAPL are up to 4 s old: they are not live"
    assert said == wanted


def test_one_that_is_only_asked_and_dies_is_shown_with_its_true_age_until_it_is_stale() -> None:
    house = House("alpha", streams=False, able={Capability.QUOTE: "yes"}).open()
    alpha = house["alpha"]
    alpha.answer_quote = alpha.quote_of(100, 101)
    assert house.source.ask_quote("alpha", SYMBOL)
    house.wait(0)
    said_at = house.clock.now()
    alpha.answer_quote = RetryLater("down", 0.0)
    for second in range(1, 61):
        house.wait(1)
        house.source.ask_quote("alpha", SYMBOL)
        now = house.clock.now()
        feed = house.source.feeds(now)[SYMBOL]
        assert (feed.shown_by, feed.shown_at, feed.limit_s) == ("Alpha", said_at, 30.0)
        assert house.source.quote_age_ns(SYMBOL, now) == second * S
        assert feed.freshness is (SourceKind.LIVE if second <= 30 else SourceKind.STALE)
    assert house.source.order_fault(SYMBOL, now) == (
        "the quote of BTC/USD is 60 s old, wanted at most 30 s: it is not live"
    )


def test_two_books_far_apart_are_a_dispute_until_one_gives_in() -> None:
    house = House("alpha", "beta").open()

    def say(beta_bid: int) -> str | None:
        for _ in range(10):
            house.say(house["alpha"].book_of([(100, 1)], [(101, 1)]))
            house.say(house["beta"].book_of([(beta_bid, 1)], [(beta_bid + 1, 1)]))
            house.wait(0.3)
        return house.source.order_fault(SYMBOL, house.clock.now())

    assert say(100) is None
    assert say(130) == "BTC/USD is disputed: Beta says 130.50, Alpha says 100.50"
    assert say(100) is None
