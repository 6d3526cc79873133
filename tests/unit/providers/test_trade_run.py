from decimal import Decimal

from tradesim.model.feed import Feed, FeedTrade, Origin, TradeFlag
from tradesim.providers.trade_run import Gap, TradeRun


def a_trade(number: int) -> FeedTrade:
    return FeedTrade("BTC/USD", Decimal(1), Decimal(1), Origin("x", Feed.CRYPTO, number, number, number), str(number))


def test_prints_in_a_row_are_news_and_repeats_are_not():
    run = TradeRun()
    assert run.take(a_trade(5)) == (True, None)
    assert run.take(a_trade(6)) == (True, None)
    assert run.take(a_trade(6)) == (False, None)
    assert run.take(a_trade(3)) == (False, None)
    assert run.duplicates == 2


def test_a_hole_is_found_and_filled_oldest_first_without_what_was_heard():
    run = TradeRun()
    run.take(a_trade(5))
    is_news, gap = run.take(a_trade(9))
    assert (is_news, gap) == (True, Gap(5, 9))
    filled = run.fill(gap, [a_trade(number) for number in (10, 9, 8, 7, 6, 5, 4)])
    assert [trade.origin.sequence for trade in filled] == [6, 7, 8]
    assert all(TradeFlag.MISSED in trade.flags for trade in filled)


def test_the_newest_print_before_we_listened_is_where_the_count_begins():
    run = TradeRun()
    assert run.begin(5) is None
    assert run.take(a_trade(6)) == (True, None)


def test_after_a_break_the_prints_in_between_are_missing_the_newest_included():
    run = TradeRun()
    run.take(a_trade(5))
    gap = run.begin(8)
    assert gap == Gap(5, 9)
    assert len(run.fill(gap, map(a_trade, range(1, 9)))) == 3
    assert run.take(a_trade(9)) == (True, None)
