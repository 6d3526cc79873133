import pytest
from msgspec.structs import replace

from tests.unit.venue.orders import AAPL, BUY, SELL, executions, limit, market, told
from tradesim.model.market import Level, Trade
from tradesim.model.orders import Liquidity, TimeInForce
from tradesim.venue.admission import SelfTrade
from tradesim.venue.queue_model import ConservativeQueue
from tradesim.venue.shadow import ShadowVenue

IOC, FOK = TimeInForce.IOC, TimeInForce.FOK
NOW = 1_000_000_000
BIDS = [(100, 50), (99, 40), (97, 30)]
ASKS = [(101, 20), (102, 30), (104, 40)]


def shadow(bids=BIDS, asks=ASKS, **options):
    venue = ShadowVenue({"AAPL": AAPL}, **options)
    if bids or asks:
        venue.on_book_snapshot("AAPL", bids, asks, NOW)
    venue.drain()
    return venue


def printed(price, qty, number=7):
    return Trade("AAPL", number, price, qty, None, NOW)


# --- taking displayed lots


def test_a_market_order_walks_the_displayed_levels():
    venue = shadow()
    venue.submit(market("a", BUY, 35), NOW)
    assert told(venue) == [("filled", "a", 101, 20, "taker"), ("filled", "a", 102, 15, "taker")]


def test_our_own_fills_are_not_printed_on_their_tape():
    venue = shadow()
    venue.submit(market("a", BUY, 5), NOW)
    (filled,) = executions(venue)
    assert filled.trade_id == 0


def test_what_a_market_order_cannot_find_is_cancelled():
    venue = shadow()
    venue.submit(market("a", SELL, 125), NOW)
    assert told(venue)[-1] == ("canceled", "a", 5, "no_liquidity")


def test_a_limit_order_takes_what_is_inside_its_limit_and_rests():
    venue = shadow()
    venue.submit(limit("a", BUY, 101, 25), NOW)
    assert told(venue) == [("filled", "a", 101, 20, "taker"), ("rested", "a", 101, 5, 0)]


@pytest.mark.parametrize(
    ("tif", "said"),
    [(IOC, [("filled", "a", 101, 20, "taker"), ("canceled", "a", 5, "ioc")]), (FOK, [("canceled", "a", 25, "fok")])],
)
def test_ioc_and_fok_against_displayed_lots(tif, said):
    venue = shadow()
    venue.submit(limit("a", BUY, 101, 25, tif), NOW)
    assert told(venue) == said


def test_lots_are_not_taken_twice():
    venue = shadow()
    venue.submit(market("a", BUY, 15), NOW)
    venue.submit(market("b", BUY, 10), NOW)
    assert told(venue)[1:] == [("filled", "b", 101, 5, "taker"), ("filled", "b", 102, 5, "taker")]
    assert venue.top("AAPL", 1).asks == (Level(102, 25),)


def test_the_same_level_told_again_gives_nothing_new():
    venue = shadow()
    venue.submit(market("a", BUY, 20), NOW)
    venue.on_level("AAPL", SELL, 101, 20, NOW)
    venue.on_book_snapshot("AAPL", BIDS, ASKS, NOW)
    assert venue.top("AAPL", 1).asks == (Level(102, 30),)


def test_lots_that_are_added_to_a_taken_level_can_be_taken():
    venue = shadow()
    venue.submit(market("a", BUY, 20), NOW)
    venue.on_level("AAPL", SELL, 101, 28, NOW)
    assert venue.top("AAPL", 1).asks == (Level(101, 8),)


def test_trades_at_a_taken_level_use_up_what_we_took_first():
    venue = shadow()
    venue.submit(market("a", BUY, 12), NOW)
    venue.on_level("AAPL", SELL, 101, 13, NOW, traded=7)
    assert venue.top("AAPL", 1).asks == (Level(101, 8),)


def test_a_level_that_left_and_returned_is_fresh():
    venue = shadow()
    venue.submit(market("a", BUY, 20), NOW)
    venue.on_level("AAPL", SELL, 101, 0, NOW)
    venue.on_level("AAPL", SELL, 101, 9, NOW)
    assert venue.top("AAPL", 1).asks == (Level(101, 9),)


def test_the_reason_tells_model_age_of_the_market_and_the_book():
    venue = shadow()
    venue.submit(limit("a", BUY, 101, 20, latency_ns=3), NOW + 500)
    (filled,) = executions(venue)
    assert (filled.reason.model, filled.reason.latency_ns, filled.reason.quote_age_ns) == ("shadow book", 3, 500)
    assert filled.reason.before.asks[0] == Level(101, 20)
    assert filled.reason.after.asks[0] == Level(102, 30)


# --- the queue


def test_an_order_rests_behind_everything_displayed_at_its_price():
    venue = shadow()
    venue.submit(limit("a", BUY, 100, 10), NOW)
    assert told(venue) == [("rested", "a", 100, 10, 50)]


def test_a_touch_never_fills():
    venue = shadow()
    venue.submit(limit("a", BUY, 100, 10), NOW)
    venue.on_level("AAPL", SELL, 101, 0, NOW)
    venue.on_level("AAPL", SELL, 100, 30, NOW)
    assert executions(venue) == []


def test_trades_at_its_price_move_it_up_and_then_fill_it():
    venue = shadow()
    venue.submit(limit("a", BUY, 100, 10), NOW)
    venue.on_trade(printed(100, 45), BUY)
    venue.on_level("AAPL", BUY, 100, 5, NOW, traded=45)
    assert executions(venue) == []
    assert venue.queue_position("a").ahead == 5
    venue.on_trade(printed(100, 9, 8), BUY)
    (filled,) = executions(venue)
    assert (filled.price, filled.qty, filled.liquidity, filled.trade_id) == (100, 4, Liquidity.MAKER, 8)
    reason = filled.reason
    assert (reason.ahead_at_entry, reason.ahead_traded, reason.ahead_canceled) == (50, 50, 0)


def test_the_executed_part_of_a_decrease_is_not_counted_twice():
    venue = shadow()
    venue.submit(limit("a", BUY, 100, 10), NOW)
    venue.on_trade(printed(100, 20), BUY)
    venue.on_level("AAPL", BUY, 100, 30, NOW)
    position = venue.queue_position("a")
    assert (position.ahead, position.ahead_traded, position.ahead_canceled) == (30, 20, 0)


def test_a_decrease_that_is_said_to_be_traded_moves_it_up_without_a_print():
    venue = shadow()
    venue.submit(limit("a", BUY, 100, 10), NOW)
    venue.on_level("AAPL", BUY, 100, 0, NOW, traded=50)
    assert venue.queue_position("a").ahead == 0
    venue.on_level("AAPL", BUY, 100, 30, NOW)
    assert venue.queue_position("a").ahead == 0
    assert venue.queue_position("a").behind == 30


def test_cancels_are_split_by_the_lengths_before_and_behind():
    venue = shadow()
    venue.submit(limit("a", BUY, 100, 10), NOW)
    venue.on_level("AAPL", BUY, 100, 100, NOW)
    venue.on_level("AAPL", BUY, 100, 80, NOW)
    position = venue.queue_position("a")
    assert (position.ahead, position.ahead_canceled) == (40, 10)


def test_the_conservative_model_lets_cancels_happen_behind():
    venue = shadow(queue_model=ConservativeQueue())
    venue.submit(limit("a", BUY, 100, 10), NOW)
    venue.on_level("AAPL", BUY, 100, 60, NOW)
    venue.on_level("AAPL", BUY, 100, 52, NOW)
    assert venue.queue_position("a").ahead == 50
    venue.on_level("AAPL", BUY, 100, 41, NOW)
    assert venue.queue_position("a").ahead == 41


def test_nobody_is_left_ahead_when_the_level_is_gone():
    venue = shadow()
    venue.submit(limit("a", BUY, 100, 10), NOW)
    venue.on_level("AAPL", BUY, 100, 0, NOW)
    position = venue.queue_position("a")
    assert (position.ahead, position.ahead_canceled, position.level_qty) == (0, 50, 10)
    venue.on_trade(printed(100, 4), BUY)
    assert [row.qty for row in executions(venue)] == [4]


def test_a_level_out_of_view_keeps_its_queue():
    venue = shadow()
    venue.submit(limit("a", BUY, 97, 10), NOW)
    venue.out_of_view("AAPL", BUY, 97, NOW)
    assert venue.queue_position("a").ahead == 30
    venue.on_level("AAPL", BUY, 97, 25, NOW)
    assert venue.queue_position("a").ahead == 25


def test_own_orders_at_one_price_fill_in_their_order_with_what_is_between_them():
    venue = shadow()
    venue.submit(limit("a", BUY, 100, 10), NOW)
    venue.on_level("AAPL", BUY, 100, 65, NOW)
    venue.submit(limit("b", BUY, 100, 10), NOW)
    assert venue.queue_position("b").ahead == 75
    venue.on_trade(printed(100, 78), BUY)
    assert told(venue)[-2:] == [("filled", "a", 100, 10, "maker"), ("filled", "b", 100, 3, "maker")]
    assert (venue.queue_position("b").ahead, venue.queue_position("b").ahead_traded) == (0, 75)


def test_a_trade_through_the_price_fills_up_to_its_size_at_the_own_price():
    venue = shadow()
    venue.submit(limit("a", BUY, 100, 10), NOW)
    venue.on_trade(printed(99, 6), BUY)
    venue.on_trade(printed(99, 6), BUY)
    assert [(row.price, row.qty) for row in executions(venue)] == [(100, 6), (100, 4)]


def test_a_trade_on_the_other_side_at_the_price_does_not_fill():
    venue = shadow()
    venue.submit(limit("a", SELL, 101, 10), NOW)
    venue.drain()
    venue.on_trade(printed(101, 500), BUY)
    assert executions(venue) == []


def test_the_side_that_rested_is_judged_by_the_touch_when_it_is_not_told():
    venue = shadow()
    venue.submit(limit("a", BUY, 100, 10), NOW)
    venue.on_trade(printed(100, 55))
    assert [row.qty for row in executions(venue)] == [5]


def test_a_trade_at_the_middle_fills_only_what_it_goes_through():
    venue = shadow(bids=[(98, 10)], asks=[(104, 10)])
    venue.submit(limit("a", BUY, 101, 10), NOW)
    venue.submit(limit("b", SELL, 102, 10), NOW)
    venue.on_trade(printed(101, 50))
    assert executions(venue) == []


def test_displayed_lots_through_the_price_fill_at_the_own_price():
    venue = shadow()
    venue.submit(limit("a", BUY, 100, 10), NOW)
    venue.drain()
    venue.on_book_snapshot("AAPL", [(97, 5)], [(99, 4), (101, 20)], NOW)
    assert told(venue) == [("filled", "a", 100, 4, "maker")]
    assert venue.top("AAPL", 1).asks == (Level(101, 20),)


def test_prices_beyond_the_displayed_window_fill_only_when_traded_through():
    venue = shadow()
    venue.submit(limit("a", BUY, 90, 10), NOW)
    assert told(venue) == [("rested", "a", 90, 10, None)]
    venue.on_trade(printed(90, 500), BUY)
    assert executions(venue) == []
    assert (venue.queue_position("a").ahead, venue.queue_position("a").level_qty) == (None, None)
    venue.on_level("AAPL", BUY, 90, 70, NOW)
    assert (venue.queue_position("a").ahead, venue.queue_position("a").ahead_at_entry) == (70, 70)
    venue.on_trade(printed(89, 500), BUY)
    assert [row.qty for row in executions(venue)] == [10]


def test_a_gap_in_the_displayed_window_has_nothing_ahead():
    venue = shadow()
    venue.submit(limit("a", BUY, 98, 10), NOW)
    venue.on_trade(printed(98, 3), BUY)
    assert [row.qty for row in executions(venue)] == [3]


# --- rules that every venue has


def test_replace_keeps_the_place_only_for_less_at_the_same_price():
    venue = shadow()
    venue.submit(limit("a", BUY, 100, 10), NOW)
    venue.on_level("AAPL", BUY, 100, 80, NOW)
    venue.drain()
    venue.replace("a", 4, 100, NOW)
    venue.replace("a", 5, 100, NOW)
    assert told(venue) == [("replaced", "a", 100, 4, True, 50), ("replaced", "a", 100, 5, False, 80)]


def test_a_new_price_that_crosses_takes_displayed_lots():
    venue = shadow()
    venue.submit(limit("a", BUY, 100, 10), NOW)
    venue.drain()
    venue.replace("a", 10, 101, NOW)
    assert told(venue) == [("replaced", "a", 101, 10, False, 0), ("filled", "a", 101, 10, "taker")]


def test_post_only_is_refused_against_the_displayed_touch():
    venue = shadow()
    venue.submit(limit("a", BUY, 101, 10, post_only=True), NOW)
    assert told(venue) == [("refused", "a", "post_only")]


@pytest.mark.parametrize(
    ("policy", "said"),
    [
        (SelfTrade.CANCEL_NEWEST, [("filled", "new", 101, 20, "taker"), ("canceled", "new", 30, "self_trade")]),
        (
            SelfTrade.CANCEL_OLDEST,
            [
                ("filled", "new", 101, 20, "taker"),
                ("canceled", "old", 5, "self_trade"),
                ("filled", "new", 102, 30, "taker"),
            ],
        ),
    ],
)
def test_own_orders_never_meet(policy, said):
    venue = shadow(self_trade=policy)
    venue.submit(limit("old", SELL, 101, 5), NOW)
    venue.drain()
    venue.submit(limit("new", BUY, 102, 50), NOW)
    assert told(venue) == said


def test_fok_counts_only_what_comes_before_an_own_order():
    venue = shadow()
    venue.submit(limit("old", SELL, 101, 5), NOW)
    venue.drain()
    venue.submit(limit("new", BUY, 102, 21, FOK), NOW)
    assert told(venue) == [("canceled", "new", 21, "fok")]


def test_two_clients_meet_behind_the_displayed_lots():
    venue = shadow()
    venue.submit(limit("one", SELL, 101, 5, owner="one"), NOW)
    venue.drain()
    venue.submit(limit("two", BUY, 101, 23, owner="two"), NOW)
    assert told(venue) == [
        ("filled", "two", 101, 20, "taker"),
        ("filled", "two", 101, 3, "taker"),
        ("filled", "one", 101, 3, "maker"),
    ]


def test_a_halted_symbol_neither_fills_nor_takes_orders():
    venue = shadow()
    venue.submit(limit("a", BUY, 100, 10), NOW)
    venue.halt("AAPL", NOW)
    venue.submit(market("b", BUY, 10), NOW)
    venue.on_trade(printed(100, 60), BUY)
    venue.on_trade(printed(99, 60), BUY)
    assert executions(venue) == []
    venue.resume("AAPL", NOW)
    venue.on_trade(printed(100, 2), BUY)
    assert [row.qty for row in executions(venue)] == [2]


def test_the_band_follows_their_tape():
    venue = shadow()
    venue.on_trade(printed(100, 1), BUY)
    venue.submit(limit("a", BUY, 121, 10), NOW)
    assert told(venue)[-1] == ("refused", "a", "price_band")


def test_a_jump_cancels_everything_and_forgets_the_market():
    venue = shadow()
    venue.submit(limit("a", BUY, 100, 10), NOW)
    venue.drain()
    venue.reset(NOW)
    assert told(venue) == [("canceled", "a", 10, "seek")]
    assert venue.top("AAPL", 5) == ((), ())


def test_their_tape_is_passed_on():
    venue = shadow()
    venue.on_trade(printed(100, 1), BUY)
    happened = venue.drain()
    assert happened.items == [printed(100, 1)]
    assert happened.touched == {"AAPL"}


# --- sources without sizes


def test_without_sizes_a_limit_order_fills_only_when_traded_through():
    venue = shadow(bids=(), asks=())
    venue.on_trade(printed(105, 100))
    venue.submit(limit("a", BUY, 100, 10), NOW)
    venue.on_trade(printed(100, 100))
    assert executions(venue) == []
    venue.on_trade(printed(99, 4, 9))
    venue.on_trade(printed(99, 0, 10))
    assert [(row.price, row.qty, row.trade_id) for row in executions(venue)] == [(100, 4, 9), (100, 6, 10)]


def test_without_sizes_what_reaches_the_last_print_is_reckoned_there_and_said_to_wait():
    venue = shadow(bids=(), asks=())
    assert venue.beyond("AAPL", BUY, 10, None) is None
    venue.on_trade(printed(105, 100))
    found = venue.beyond("AAPL", BUY, 10, None)
    assert (found.touch, found.levels, found.is_to_come) == (105, (Level(105, 10),), True)
    assert venue.beyond("AAPL", BUY, 10, 104) is None
    assert venue.beyond("AAPL", SELL, 10, 104).is_to_come


def test_nobody_knows_who_was_ahead_of_an_order_that_was_never_in_view():
    venue = shadow()
    venue.submit(limit("a", BUY, 90, 10), NOW)
    venue.on_trade(printed(89, 500), BUY)
    (filled,) = executions(venue)
    assert filled.reason.ahead_at_entry is None


def test_without_sizes_a_market_order_takes_from_print_after_print_until_it_is_filled():
    venue = shadow(bids=(), asks=())
    venue.on_trade(printed(105, 100))
    venue.submit(market("a", BUY, 10), NOW)
    assert executions(venue) == []
    venue.on_trade(printed(107, 3, 9))
    (filled,) = executions(venue)
    assert (filled.price, filled.qty, filled.liquidity, filled.trade_id) == (107, 3, Liquidity.TAKER, 9)
    venue.on_trade(printed(104, 50, 10))
    assert [(row.price, row.qty) for row in executions(venue)] == [(104, 7)]


def test_a_print_of_unknown_size_fills_whatever_waits():
    venue = shadow(bids=(), asks=())
    venue.submit(market("a", BUY, 10), NOW)
    venue.submit(market("b", SELL, 5_000), NOW)
    venue.on_trade(printed(107, 0))
    assert told(venue)[1:] == [("filled", "a", 107, 10, "taker"), ("filled", "b", 107, 5_000, "taker")]


def test_nobody_takes_what_another_took_of_a_print_and_resting_orders_come_first():
    venue = shadow(bids=(), asks=())
    venue.on_trade(printed(105, 100))
    venue.submit(limit("rests", BUY, 104, 4), NOW)
    venue.submit(market("first", BUY, 5), NOW)
    venue.submit(market("second", BUY, 5), NOW)
    venue.drain()
    venue.on_trade(printed(103, 10))
    assert told(venue)[1:] == [
        ("filled", "rests", 104, 4, "maker"),
        ("filled", "first", 103, 5, "taker"),
        ("filled", "second", 103, 1, "taker"),
    ]


def test_a_limit_beyond_the_last_price_takes_the_next_print_and_the_rest_of_it_rests():
    venue = shadow(bids=(), asks=())
    venue.on_trade(printed(9_950, 100))
    venue.submit(limit("a", BUY, 10_000, 100_000), NOW)
    venue.on_trade(printed(10_000, 1))
    assert told(venue)[1:] == [
        ("trade", 10_000, 1),
        ("filled", "a", 10_000, 1, "taker"),
        ("rested", "a", 10_000, 99_999, None),
    ]
    venue.on_trade(printed(10_000, 50))
    assert executions(venue) == []
    venue.on_trade(printed(9_999, 50))
    assert told(venue)[1:] == [("filled", "a", 10_000, 50, "maker")]


def test_a_limit_beyond_the_last_price_rests_when_the_next_print_is_worse():
    venue = shadow(bids=(), asks=())
    venue.on_trade(printed(105, 100))
    venue.submit(limit("a", BUY, 106, 2), NOW)
    venue.submit(limit("b", BUY, 105, 10), NOW)
    venue.submit(limit("c", BUY, 105, 10, IOC), NOW)
    venue.drain()
    venue.on_trade(printed(106, 3))
    assert told(venue)[1:] == [
        ("filled", "a", 106, 2, "taker"),
        ("rested", "b", 105, 10, None),
        ("canceled", "c", 10, "ioc"),
    ]


@pytest.mark.parametrize(
    ("tif", "said"),
    [(IOC, [("filled", "a", 105, 3, "taker"), ("canceled", "a", 7, "ioc")]), (FOK, [("canceled", "a", 10, "fok")])],
)
def test_ioc_and_fok_against_a_print(tif, said):
    venue = shadow(bids=(), asks=())
    venue.on_trade(printed(105, 100))
    venue.submit(limit("a", BUY, 106, 10, tif), NOW)
    venue.drain()
    venue.on_trade(printed(105, 3))
    assert told(venue)[1:] == said


def test_before_the_first_print_a_limit_takes_only_from_one_strictly_better():
    venue = shadow(bids=(), asks=())
    venue.submit(limit("at", BUY, 105, 10), NOW)
    venue.submit(limit("beyond", BUY, 106, 10), NOW)
    assert told(venue) == []
    venue.on_trade(printed(105, 100))
    assert told(venue)[1:] == [("rested", "at", 105, 10, None), ("filled", "beyond", 105, 10, "taker")]


def test_after_a_jump_the_last_price_is_known_so_that_limits_below_it_rest_at_once():
    venue = shadow(bids=(), asks=())
    venue.reset(NOW, {"AAPL": 105})
    assert venue.last_price("AAPL") == 105
    venue.submit(limit("a", BUY, 104, 10), NOW)
    venue.submit(limit("b", BUY, 105, 10), NOW)
    assert told(venue) == [("rested", "a", 104, 10, None)]


def test_a_post_only_order_never_waits():
    venue = shadow(bids=(), asks=())
    venue.submit(limit("a", BUY, 105, 10, post_only=True), NOW)
    assert told(venue) == [("rested", "a", 105, 10, None)]


def test_a_waiting_order_can_be_cancelled():
    venue = shadow(bids=(), asks=())
    venue.submit(market("a", BUY, 10), NOW)
    venue.submit(market("a", BUY, 10), NOW)
    venue.on_trade(printed(105, 4))
    venue.cancel("a", NOW)
    assert told(venue) == [
        ("refused", "a", "duplicate_order"),
        ("trade", 105, 4),
        ("filled", "a", 105, 4, "taker"),
        ("canceled", "a", 6, "client"),
    ]


def test_a_waiting_order_waits_on_with_its_new_terms():
    venue = shadow(bids=(), asks=())
    venue.on_trade(printed(105, 100))
    venue.submit(limit("a", BUY, 106, 10), NOW)
    venue.submit(limit("b", BUY, 106, 10), NOW)
    venue.drain()
    venue.replace("b", 4, 106, NOW)
    venue.replace("a", 20, 107, NOW)
    venue.on_trade(printed(107, 10))
    assert told(venue) == [
        ("replaced", "b", 106, 4, True, 0),
        ("replaced", "a", 107, 20, False, 0),
        ("trade", 107, 10),
        ("rested", "b", 106, 4, None),
        ("filled", "a", 107, 10, "taker"),
        ("rested", "a", 107, 10, None),
    ]


def test_a_waiting_order_rests_when_its_new_price_no_longer_reaches_the_market():
    venue = shadow(bids=(), asks=())
    venue.on_trade(printed(105, 100))
    venue.submit(limit("a", BUY, 106, 10), NOW)
    venue.drain()
    venue.replace("a", 12, 103, NOW)
    assert told(venue) == [("replaced", "a", 103, 12, False, 0), ("rested", "a", 103, 12, None)]
    venue.check()


def test_what_waits_in_a_halt_may_be_changed_and_a_mere_touch_after_it_does_not_fill():
    venue = shadow(bids=(), asks=())
    venue.on_trade(printed(105, 100))
    venue.submit(limit("a", BUY, 106, 10), NOW)
    venue.halt("AAPL", NOW)
    venue.replace("a", 11, 103, NOW)
    venue.on_trade(printed(103, 7))
    venue.on_trade(printed(105, 7))
    venue.resume("AAPL", NOW)
    venue.on_trade(printed(103, 7))
    assert [row for row in told(venue) if row[0] != "trade"] == [
        ("replaced", "a", 103, 11, False, 0),
        ("rested", "a", 103, 11, None),
    ]


def test_a_market_order_has_no_price_to_change():
    venue = shadow(bids=(), asks=())
    venue.submit(market("a", BUY, 10), NOW)
    venue.replace("a", 5, 100, NOW)
    venue.on_trade(printed(100, 20))
    assert told(venue) == [("refused", "a", "price"), ("trade", 100, 20), ("filled", "a", 100, 10, "taker")]


def test_without_sizes_two_clients_meet_where_one_would_rest_across_the_other():
    venue = shadow(bids=(), asks=())
    venue.on_trade(printed(100, 100))
    venue.submit(limit("one", SELL, 105, 5, owner="one"), NOW)
    venue.submit(limit("two", BUY, 110, 8, owner="two"), NOW)
    venue.drain()
    venue.on_trade(printed(102, 1))
    assert told(venue)[1:] == [
        ("filled", "two", 102, 1, "taker"),
        ("filled", "two", 105, 5, "taker"),
        ("filled", "one", 105, 5, "maker"),
        ("rested", "two", 110, 2, None),
    ]


def test_what_is_left_of_a_waiting_order_does_not_rest_across_an_own_one():
    venue = shadow(bids=(), asks=())
    venue.on_trade(printed(100, 100))
    venue.submit(limit("old", SELL, 105, 5), NOW)
    venue.submit(limit("new", BUY, 110, 5), NOW)
    venue.drain()
    venue.on_trade(printed(102, 1))
    assert told(venue)[1:] == [("filled", "new", 102, 1, "taker"), ("canceled", "new", 4, "self_trade")]


def test_with_a_touch_of_unknown_size_orders_fill_there_at_once():
    venue = shadow(bids=(), asks=())
    venue.on_touch("AAPL", 100, 101, NOW)
    venue.submit(market("a", BUY, 10), NOW)
    venue.submit(limit("b", SELL, 100, 10), NOW)
    venue.submit(limit("c", BUY, 100, 10), NOW)
    assert told(venue) == [
        ("filled", "a", 101, 10, "taker"),
        ("filled", "b", 100, 10, "taker"),
        ("rested", "c", 100, 10, None),
    ]
    assert venue.top("AAPL", 5) == ((Level(100, 0),), (Level(101, 0),))


@pytest.mark.parametrize(("ask", "left"), [(101, 8), (102, 20)])
def test_what_was_taken_stays_so_while_the_same_quote_is_told_without_sizes(ask, left):
    venue = shadow(bids=(), asks=())
    venue.on_quote("AAPL", (100, 20), (101, 20), NOW)
    venue.submit(market("a", BUY, 12), NOW)
    venue.on_touch("AAPL", 100, 101, NOW)
    venue.on_touch("AAPL", 100, ask, NOW)
    venue.on_quote("AAPL", (100, 20), (101, 20), NOW)
    assert venue.top("AAPL", 1).asks == (Level(101, left),)


def test_a_touch_that_moves_through_a_resting_order_fills_it():
    venue = shadow(bids=(), asks=())
    venue.on_touch("AAPL", 100, 101, NOW)
    venue.submit(limit("a", BUY, 100, 10), NOW)
    venue.drain()
    venue.on_touch("AAPL", 99, 100, NOW)
    assert executions(venue) == []
    venue.on_touch("AAPL", 98, 99, NOW)
    assert told(venue) == [("filled", "a", 100, 10, "maker")]


def test_orders_that_waited_are_served_when_sizes_appear():
    venue = shadow(bids=(), asks=())
    venue.submit(market("a", BUY, 10), NOW)
    venue.on_book_snapshot("AAPL", BIDS, ASKS, NOW)
    assert told(venue) == [("filled", "a", 101, 10, "taker")]


def test_a_waiting_order_does_not_meet_an_own_resting_one():
    venue = shadow(bids=(), asks=())
    venue.on_trade(printed(105, 100))
    venue.submit(limit("old", SELL, 106, 5), NOW)
    venue.submit(market("new", BUY, 5), NOW)
    venue.drain()
    venue.on_trade(printed(106, 5))
    assert told(venue)[1:] == [("canceled", "new", 5, "self_trade")]


def test_an_order_for_an_auction_trades_at_the_first_print_of_the_session_or_not_at_all():
    venue = ShadowVenue({"AAPL": AAPL}, {"AAPL": 10_000})
    venue.on_book_snapshot("AAPL", [(9_990, 50)], [(10_010, 50)], 1)
    for order in (
        market("any", BUY, 30, TimeInForce.OPG),
        limit("low", BUY, 9_000, 10, TimeInForce.OPG),
        limit("late", BUY, 10_100, 30, TimeInForce.OPG),
    ):
        venue.submit(replace(order, is_for_auction=True), 2)
    venue.on_trade(Trade("AAPL", 1, 10_005, 500, None, 3))
    told(venue)
    assert venue.holds("any") and venue.queue_position("any") is None
    venue.uncross("AAPL", 4)
    venue.on_trade(Trade("AAPL", 2, 10_020, 40, None, 5))
    assert told(venue)[1:] == [
        ("filled", "any", 10_020, 30, "taker"),
        ("canceled", "low", 10, "auction"),
        ("filled", "late", 10_020, 10, "taker"),
        ("canceled", "late", 20, "auction"),
    ]
