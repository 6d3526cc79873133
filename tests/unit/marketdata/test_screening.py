"""Odd but true passes, what cannot be true does not."""

from decimal import Decimal
from typing import Any

import pytest
from msgspec.structs import replace

from tests.live_house import NOON, FakeProvider
from tradesim.kernel.clock import NS_PER_SECOND, ManualClock
from tradesim.marketdata.screening import Fault, Quarantined, Screen, Undone, effects
from tradesim.model.feed import Feed, FeedBook, FeedEvent, FeedTrade, Origin, TradeFlag
from tradesim.model.market import Timeframe

CLOCK = ManualClock(NOON)
A, B, C = (FakeProvider(name, CLOCK) for name in "abc")


def fault_of(screen: Screen, event: FeedEvent) -> Fault | None:
    passed = screen.passed(event)
    return passed.fault if isinstance(passed, Quarantined) else None


def at(event: Any, seconds: float) -> Any:
    return replace(event, origin=replace(event.origin, ts_event=NOON + int(seconds * NS_PER_SECOND)))


ODD_BUT_TRUE = {
    "vwap outside the range": A.bar(NOON, 10, vwap=Decimal(11)),
    "no volume": A.bar(NOON, 10, volume=Decimal(0)),
    "a price update": A.trade(10, 0),
    "no bid": A.quote_of(None, 10),
    "no sides": A.quote_of(None, None),
    "a locked market": A.quote_of(10, 10),
    "a moment's cross": A.quote_of(11, 10),
    "removal of a level": A.book_of([(10, 0)], []),
    "an empty book": A.book_of([], []),
    "old news": at(A.trade(10), -3600),
    "a little ahead of our clock": at(A.trade(10), 2),
}
WRONG = {
    "price zero": (A.trade(0), Fault.PRICE),
    "price below zero": (A.quote_of(-1, 10), Fault.PRICE),
    "not a number": (A.trade("NaN"), Fault.PRICE),
    "infinite": (A.book_of([("Infinity", 1)], []), Fault.PRICE),
    "absurd": (A.trade("1e30"), Fault.PRICE),
    "size below zero": (A.trade(10, -1), Fault.SIZE),
    "size not a number": (A.book_of([(10, "NaN")], []), Fault.SIZE),
    "from the future": (at(A.trade(10), 60), Fault.FUTURE),
    "bar upside down": (A.bar(NOON, 10, high=Decimal(9)), Fault.FORM),
    "bar of nothing": (A.bar(NOON, 0), Fault.PRICE),
    "correction of nothing": (A.correction("never"), Fault.UNKNOWN_PRINT),
}


@pytest.mark.parametrize("name", ODD_BUT_TRUE)
def test_odd_but_true_is_accepted(name: str) -> None:
    assert Screen().passed(ODD_BUT_TRUE[name]) is ODD_BUT_TRUE[name]


@pytest.mark.parametrize("name", WRONG)
def test_what_cannot_be_true_is_quarantined_with_its_reason(name: str) -> None:
    event, fault = WRONG[name]
    screen = Screen()
    held = screen.passed(event)
    assert isinstance(held, Quarantined) and held.fault is fault and held.why
    assert screen.counts == {fault: 1} and list(screen.quarantine) == [held]


def test_equal_times_pass_and_time_may_run_back_a_little_but_not_far() -> None:
    screen = Screen()
    assert [fault_of(screen, at(A.trade(10), s)) for s in (0, 0, -4, -6)] == [None, None, None, Fault.BACKWARDS]
    assert fault_of(screen, at(B.trade(10), -6)) is None, "each provider is measured against itself"


def test_one_wrong_future_print_does_not_shut_out_the_rest() -> None:
    screen = Screen()
    assert fault_of(screen, at(A.trade(10), 3_600)) is Fault.FUTURE
    assert fault_of(screen, at(A.trade(10), 0)) is None


def test_a_cross_that_stays_is_quarantined_until_it_goes() -> None:
    screen, clock = Screen(), ManualClock(NOON)
    provider = FakeProvider("a", clock)
    assert fault_of(screen, provider.quote_of(11, 10)) is None
    clock.advance(3 * NS_PER_SECOND)
    assert fault_of(screen, provider.quote_of(11, 10)) is Fault.CROSSED
    assert fault_of(screen, provider.quote_of(9, 10)) is None
    assert fault_of(screen, provider.quote_of(11, 10)) is None


def test_outliers_are_measured_against_the_median_of_the_others() -> None:
    screen = Screen()
    for provider, price in ((A, 100), (B, 101), (C, 99)):
        assert fault_of(screen, provider.trade(price)) is None
    assert fault_of(screen, A.trade(104)) is None
    assert fault_of(screen, A.trade(106)) is Fault.OUTLIER
    assert screen.reference("BTC/USD", "a", NOON) == 100


def test_a_gap_of_the_market_itself_is_no_outlier_when_nobody_else_speaks() -> None:
    screen = Screen()
    assert [fault_of(screen, A.trade(price)) for price in (100, 50)] == [None, None]


def test_providers_that_disagree_are_told_apart() -> None:
    screen = Screen()
    for provider, price in ((A, 100), (B, 104)):
        screen.passed(provider.trade(price))
    screen.passed(B.trade(105))
    assert screen.dispute("BTC/USD", NOON) is None
    screen.passed(C.trade(107))
    assert screen.dispute("BTC/USD", NOON) == "BTC/USD is disputed: a says 100, c says 107"


def heard(event: FeedTrade, seconds: float) -> FeedTrade:
    moment = NOON + int(seconds * NS_PER_SECOND)
    return replace(event, origin=replace(event.origin, ts_event=moment, ts_received=moment))


def test_of_one_against_one_nobody_knows_who_is_right() -> None:
    screen = Screen()
    for second in range(4):
        assert fault_of(screen, heard(A.trade(100), second)) is None
        assert screen.dispute("BTC/USD", NOON + second * NS_PER_SECOND) is None or second == 3, "a moment is none"
        assert fault_of(screen, heard(B.trade(110), second + 0.5)) is Fault.OUTLIER
    now = NOON + 4 * NS_PER_SECOND
    assert screen.dispute("BTC/USD", now) == "BTC/USD is disputed: b says 110, a says 100"
    screen.passed(heard(C.trade(101), 4))
    assert screen.dispute("BTC/USD", now) is None, "two against one"
    assert screen.dispute("BTC/USD", now, "b") == "BTC/USD is disputed: b says 110, others say 100.5", "b is shown"
    assert fault_of(screen, heard(B.trade(100), 5)) is None
    assert screen.dispute("BTC/USD", now + NS_PER_SECOND, "b") is None, "b came round"


def test_a_leap_that_a_second_provider_tells_too_is_believed() -> None:
    screen = Screen()
    assert [fault_of(screen, each.trade(100)) for each in (A, B)] == [None, None]
    assert fault_of(screen, A.trade(90)) is Fault.OUTLIER
    assert [fault_of(screen, each.trade(90)) for each in (B, A)] == [None, None]
    assert screen.dispute("BTC/USD", NOON) is None


def test_both_that_tell_a_leap_are_believed_while_a_third_is_stuck() -> None:
    screen = Screen()
    for provider in (A, B, C):
        screen.passed(heard(provider.trade(100), 0))
    assert fault_of(screen, heard(B.trade(130), 1)) is Fault.OUTLIER
    for second in range(1, 40):
        assert fault_of(screen, heard(A.trade(100), second)) in (None, Fault.OUTLIER)
        assert [fault_of(screen, heard(each.trade(130), second + 0.1)) for each in (C, B)] == [None, None]
    now = NOON + 40 * NS_PER_SECOND
    assert screen.dispute("BTC/USD", now, "b") is None
    assert screen.dispute("BTC/USD", now, "a") == "BTC/USD is disputed: a says 100, others say 130"


def test_a_contradiction_is_over_when_the_other_one_comes_round_too() -> None:
    screen = Screen()
    for second in range(4):
        screen.passed(heard(A.trade(100), second))
        assert fault_of(screen, heard(B.trade(110), second + 0.5)) is Fault.OUTLIER
    assert screen.dispute("BTC/USD", NOON + 4 * NS_PER_SECOND, "a")
    screen.passed(heard(A.trade(110), 4))
    assert screen.dispute("BTC/USD", NOON + 5 * NS_PER_SECOND, "a") is None, "b is silent since"


@pytest.mark.parametrize("feed", [Feed.DELAYED, Feed.END_OF_DAY])
def test_a_delayed_price_is_of_another_moment_and_contradicts_nobody(feed: Feed) -> None:
    screen = Screen()
    for second in range(6):
        late = B.trade(90)
        moment = NOON + second * NS_PER_SECOND
        origin = Origin("b", feed, moment - 900 * NS_PER_SECOND, moment)
        assert fault_of(screen, heard(A.trade(100), second)) is None
        assert fault_of(screen, replace(late, origin=origin)) is None
    for shown in "ab":
        assert screen.dispute("BTC/USD", NOON + 6 * NS_PER_SECOND, shown) is None


def test_a_correction_names_the_print_it_undoes_once() -> None:
    screen = Screen()
    first = A.trade(10, 1, "t1")
    screen.passed(first)
    undone = screen.passed(A.correction("t1", A.trade(11, 1, "t1")))
    assert isinstance(undone, Undone) and undone.print is first
    assert undone.replaced_by and undone.replaced_by.price == 11
    again = screen.passed(A.correction("t1"))
    assert isinstance(again, Undone) and again.print.price == 11
    assert fault_of(screen, A.correction("t1")) is Fault.UNKNOWN_PRINT


def test_nobody_is_measured_against_a_print_that_never_was() -> None:
    screen = Screen()
    screen.passed(A.trade(10, 1, "t1"))
    screen.passed(A.trade(11, 1, "t2"))
    screen.passed(A.correction("t2"))
    assert screen.reference("BTC/USD", "beta", A.clock.now()) == 10
    screen.passed(A.correction("t1", A.trade(12, 1, "t3")))
    assert screen.reference("BTC/USD", "beta", A.clock.now()) == 12
    screen.passed(A.correction("t3"))
    assert screen.reference("BTC/USD", "beta", A.clock.now()) is None


def test_what_was_said_after_a_cancelled_print_stays_the_measure() -> None:
    screen = Screen()
    screen.passed(A.trade(10, 1, "t1"))
    screen.passed(A.quote_of(11, 11))
    screen.passed(A.correction("t1"))
    assert screen.reference("BTC/USD", "beta", A.clock.now()) == 11


def test_a_correction_to_nonsense_undoes_and_puts_nothing_in_its_place() -> None:
    screen = Screen()
    screen.passed(A.trade(10, 1, "t1"))
    undone = screen.passed(A.correction("t1", A.trade(-5, 1, "t1")))
    assert isinstance(undone, Undone) and undone.replaced_by is None


def test_what_a_print_moves() -> None:
    nothing = frozenset({TradeFlag.NOT_LAST, TradeFlag.NOT_HIGH_LOW, TradeFlag.NOT_VOLUME})
    moved = effects(A.trade(10, 1, flags=nothing))
    assert (moved.last, moved.high_low, moved.volume) == (False, False, False)
    moved = effects(A.trade(10, 0))
    assert (moved.last, moved.high_low, moved.volume) == (True, True, False)


def test_daily_bars_of_old_days_pass() -> None:
    screen = Screen()
    for day in (5, 3, 4):
        assert fault_of(screen, A.bar(NOON - day * 86_400 * NS_PER_SECOND, 10, Timeframe.D1)) is None


# --- a provider whose clock is not ours


def skewed(screen, ahead_s, count, first=0, step_s=1.0):
    found = []
    for number in range(first, first + count):
        now = NOON + int(number * step_s * 10**9)
        origin = Origin("kraken", Feed.CRYPTO, now + int(ahead_s * 10**9), now)
        found.append(screen.passed(FeedTrade("BTC/USD", Decimal(100), Decimal(1), origin, str(number))))
    return found


def test_a_clock_that_is_ahead_is_told_and_put_right_instead_of_setting_all_aside_for_ever():
    screen = Screen()
    first = skewed(screen, 30, 19)
    assert all(isinstance(each, Quarantined) and each.fault is Fault.FUTURE for each in first)
    assert screen.skew("kraken") is None
    later = skewed(screen, 30, 5, first=19)
    assert all(isinstance(each, FeedTrade) for each in later)
    assert all(each.origin.ts_event == each.origin.ts_received for each in later)
    assert "30 s ahead of ours: its times are set back" in screen.skew("kraken")


def test_a_clock_that_is_ahead_is_learned_from_quotes_and_books_alone():
    for said in (A.quote_of(10, 11), A.book_of([(10, 1)], [])):
        screen = Screen()
        faults = [fault_of(screen, at(said, 30)) for _ in range(25)]
        assert faults == [Fault.FUTURE] * 19 + [None] * 6
        assert "30 s ahead of ours" in screen.skew("a")


def test_a_word_without_a_time_of_its_own_says_nothing_of_the_clock_and_is_taken_as_it_is():
    screen = Screen()
    skewed(screen, 30, 19)
    snapshot = FeedBook("BTC/USD", (), (), True, Origin("kraken", Feed.CRYPTO, NOON, NOON))
    assert screen.passed(snapshot) is snapshot
    assert isinstance(skewed(screen, 30, 1, first=19)[0], FeedTrade)
    change = replace(snapshot, is_snapshot=False, origin=replace(snapshot.origin, ts_event=NOON + 30 * NS_PER_SECOND))
    assert isinstance(screen.passed(change), FeedBook)
    assert screen.passed(snapshot) is snapshot, "it does not run back by what its provider is ahead"


def test_an_old_quote_is_no_clock():
    screen = Screen()
    skewed(screen, 30, 25)
    assert fault_of(screen, replace(at(A.quote_of(10, 11), -600), symbol="quiet")) is None
    for _ in range(30):
        screen.passed(at(replace(A.quote_of(10, 11), origin=Origin("kraken", Feed.CRYPTO, 0, NOON)), -600))
    assert "30 s ahead" in screen.skew("kraken")


def test_one_tick_of_the_far_future_is_not_a_clock():
    screen = Screen()
    for number in range(60):
        (found,) = skewed(screen, 3_600 if number % 10 == 5 else 0, 1, first=number)
        assert isinstance(found, Quarantined) is (number % 10 == 5)
    assert screen.skew("kraken") is None


def test_a_clock_that_is_hours_ahead_is_not_believed():
    screen = Screen()
    assert all(isinstance(each, Quarantined) for each in skewed(screen, 3_600, 50))
    assert "nothing of it is taken" in screen.skew("kraken")


def test_when_the_clock_is_right_again_times_are_taken_as_they_are():
    screen = Screen()
    skewed(screen, 30, 25)
    skewed(screen, -0.1, 40, first=60)
    assert screen.skew("kraken") is None
    (last,) = skewed(screen, -0.1, 1, first=120)
    assert last.origin.ts_event == last.origin.ts_received - NS_PER_SECOND // 10


def lags(found):
    return [(each.origin.ts_received - each.origin.ts_event) / NS_PER_SECOND for each in found]


LATE = "the words of kraken are {} s late, or our clock is ahead of its own"


@pytest.mark.parametrize("step_s", [1.0, 0.01])
@pytest.mark.parametrize("late_s", [12, 55, 61])
def test_what_is_late_from_its_first_word_on_is_as_old_as_it_says(late_s, step_s):
    screen = Screen()
    assert set(lags(skewed(screen, -late_s, int(25 / step_s), step_s=step_s))) == {late_s}
    assert screen.skew("kraken") == LATE.format(late_s)


def test_words_that_are_late_by_more_and_less_are_late_by_the_least():
    screen = Screen()
    for number in range(60):
        skewed(screen, -20 - number % 3, 1, first=number)
    assert screen.skew("kraken") == LATE.format(20)


def test_words_that_are_on_time_again_are_not_late_any_more():
    screen = Screen()
    skewed(screen, -30, 25)
    found = skewed(screen, -0.5, 30, first=25)
    assert all(isinstance(each, FeedTrade) for each in found)
    assert screen.skew("kraken") is None


def test_a_past_that_comes_at_once_is_no_line_that_is_late():
    screen = Screen()
    skewed(screen, -30, 60, step_s=0.0001)
    assert screen.skew("kraken") is None


def test_what_was_set_aside_lately_is_told_in_a_sentence():
    screen = Screen()
    skewed(screen, 3_600, 2)
    assert screen.set_aside("kraken", NOON).startswith("2 of kraken set aside, the last of BTC/USD")
    assert screen.set_aside("kraken", NOON + 60 * 10**9) is None and screen.set_aside("alpaca", NOON) is None


def test_a_size_of_more_steps_than_can_be_counted_is_held_back():
    screen = Screen(steps=lambda _symbol: (Decimal("0.1"), Decimal("0.00000001")))
    huge = A.trade(10, Decimal(10) ** 11)
    held = screen.passed(huge)
    assert isinstance(held, Quarantined) and held.fault is Fault.SIZE
    assert "at most" in held.why
