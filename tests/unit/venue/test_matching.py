from decimal import Decimal

import pytest

from tests.unit.venue.orders import AAPL, BUY, SELL, executions, limit, market, told
from tradesim.model.instrument import Instrument
from tradesim.model.market import Level
from tradesim.model.orders import Liquidity, TimeInForce
from tradesim.model.venue import CancelCause, Rested, VenueOrder, VenueRefusal
from tradesim.venue.admission import SelfTrade
from tradesim.venue.matching import MatchingVenue

IOC, FOK, GTC = TimeInForce.IOC, TimeInForce.FOK, TimeInForce.GTC
NOW = 1_000_000_000


def venue_with(asks=(), bids=(), **options):
    venue = MatchingVenue({"AAPL": AAPL, "MSFT": Instrument("MSFT", "Microsoft")}, **options)
    for side, rows in ((SELL, asks), (BUY, bids)):
        for price, qty in rows:
            assert venue.agent_limit("AAPL", f"~{side}", side, price, qty, 0)
    venue.drain()
    return venue


def test_a_limit_order_that_crosses_nobody_rests():
    venue = venue_with(bids=[(100, 30)])
    venue.submit(limit("a", BUY, 100, 10), NOW)
    assert told(venue) == [("rested", "a", 100, 10, 30)]


def test_a_crossing_limit_order_takes_the_best_price_first_and_rests_what_is_left():
    venue = venue_with(asks=[(102, 5), (101, 5), (104, 5)])
    venue.submit(limit("a", BUY, 103, 12), NOW)
    assert told(venue) == [
        ("trade", 101, 5),
        ("filled", "a", 101, 5, "taker"),
        ("trade", 102, 5),
        ("filled", "a", 102, 5, "taker"),
        ("rested", "a", 103, 2, 0),
    ]


def test_orders_at_one_price_are_met_oldest_first_and_each_match_is_printed():
    venue = venue_with(asks=[(101, 5), (101, 7)])
    assert venue.agent_market("AAPL", "~n", BUY, 8, NOW) == 8
    trades = venue.drain().items
    assert [(t.trade_id, t.qty, t.aggressor) for t in trades] == [(1, 5, BUY), (2, 3, BUY)]


def test_a_market_order_takes_what_there_is_and_the_rest_is_cancelled():
    venue = venue_with(asks=[(101, 5)])
    venue.submit(market("a", BUY, 9), NOW)
    assert told(venue)[-1] == ("canceled", "a", 4, "no_liquidity")


def test_a_market_order_stops_at_the_band():
    venue = venue_with(asks=[(101, 5), (119, 5)], references={"AAPL": 100})
    venue.agent_limit("AAPL", "~s", SELL, 120, 5, 0)
    tight = venue_with(asks=[(101, 5)], references={"AAPL": 100})
    tight.book("AAPL").add("~old", SELL, 121, 5)
    venue.submit(market("a", BUY, 15), NOW)
    tight.submit(market("a", BUY, 15), NOW)
    assert told(venue)[-1] == ("filled", "a", 120, 5, "taker")
    assert told(tight)[-1] == ("canceled", "a", 10, "no_liquidity")


def test_ioc_takes_what_it_can_and_never_rests():
    venue = venue_with(asks=[(101, 5)])
    venue.submit(limit("a", BUY, 101, 9, IOC), NOW)
    assert told(venue) == [("trade", 101, 5), ("filled", "a", 101, 5, "taker"), ("canceled", "a", 4, "ioc")]
    assert venue.top("AAPL", 5) == ((), ())


@pytest.mark.parametrize("make", [lambda: limit("a", BUY, 102, 11, FOK), lambda: market("a", BUY, 11, FOK)])
def test_fok_does_nothing_unless_it_can_have_all(make):
    venue = venue_with(asks=[(101, 5), (102, 5)])
    venue.submit(make(), NOW)
    assert told(venue) == [("canceled", "a", 11, "fok")]
    assert venue.best_ask("AAPL") == (101, 5)


def test_fok_takes_all_when_all_is_there():
    venue = venue_with(asks=[(101, 5), (102, 5)])
    venue.submit(limit("a", BUY, 102, 10, FOK), NOW)
    assert [row[0] for row in told(venue)] == ["trade", "filled", "trade", "filled"]


def test_fok_does_not_count_own_orders():
    venue = venue_with(asks=[(101, 5)])
    venue.submit(limit("mine", SELL, 102, 5), NOW)
    venue.drain()
    venue.submit(limit("a", BUY, 102, 10, FOK), NOW)
    assert told(venue) == [("canceled", "a", 10, "fok")]


def closing_venue(held: int, *sales: VenueOrder) -> MatchingVenue:
    """Somebody's sales rest, who holds `held` lots."""
    venue = venue_with()
    venue.held = lambda owner, _symbol: held if owner == "holder" else 0
    for sale in sales:
        venue.submit(sale, NOW)
    venue.drain()
    return venue


CLOSES = {"owner": "holder", "only_closes": True}
TWO_EXITS = (limit("x", SELL, 101, 10, **CLOSES), limit("y", SELL, 102, 10, **CLOSES))


@pytest.mark.parametrize(
    ("held", "sales", "most"),
    [
        (10, TWO_EXITS, 10),
        (15, TWO_EXITS, 15),
        (0, TWO_EXITS, 0),
        (-5, TWO_EXITS, 0),
        (10, (limit("p", SELL, 101, 6, owner="holder"), TWO_EXITS[1]), 10),
        (10, (limit("p", SELL, 101, 14, owner="holder"), TWO_EXITS[1]), 14),
        (8, (limit("x", SELL, 101, 10, display=2, **CLOSES), limit("p", SELL, 101, 3, owner="holder")), 8),
    ],
    ids=["one", "one and a half", "none", "short", "after a plain sale", "past zero", "iceberg beside a plain sale"],
)
def test_fok_counts_no_more_of_closing_orders_than_they_may_give(held, sales, most):
    venue = closing_venue(held, *sales)
    venue.submit(limit("a", BUY, 102, most + 1, FOK), NOW)
    assert told(venue) == [("canceled", "a", most + 1, "fok")]
    if most:
        venue.submit(limit("b", BUY, 102, most, FOK), NOW)
        filled = [each for each in executions(venue) if each.order_id == "b"]
        assert sum(each.qty for each in filled) == most


def test_post_only_rests_when_it_would_not_cross():
    venue = venue_with(asks=[(101, 5)])
    venue.submit(limit("a", BUY, 100, 1, post_only=True), NOW)
    assert told(venue) == [("rested", "a", 100, 1, 0)]


def test_post_only_is_refused_with_the_touch_when_it_would_cross():
    venue = venue_with(asks=[(10101, 5)])
    venue.submit(limit("a", BUY, 10101, 1, post_only=True), NOW)
    (refusal,) = venue.drain().items
    assert refusal.code == "post_only"
    assert refusal.message == (
        "a post-only buy must be below the best ask of 101.01 so as not to trade at once, was 101.01"
    )
    assert venue.best_bid("AAPL") is None


def test_post_only_must_be_able_to_rest():
    venue = venue_with()
    venue.submit(limit("a", BUY, 100, 1, IOC, post_only=True), NOW)
    (refusal,) = venue.drain().items
    assert refusal.message == "a post-only order must be able to rest: a day or gtc limit order, was ioc"


@pytest.mark.parametrize(
    ("order", "code"),
    [
        (limit("a", BUY, 100, 0), "qty"),
        (limit("a", BUY, 0, 1), "price"),
        (limit("a", BUY, None, 1), "price"),
        (VenueOrder("a", "paper", "ZZZ", BUY, limit("x", BUY, 1, 1).type, GTC, 1, 1), "unknown_symbol"),
    ],
    ids=["no quantity", "no price above zero", "no price", "not listed"],
)
def test_nonsense_is_refused(order, code):
    venue = venue_with()
    venue.submit(order, NOW)
    assert told(venue) == [("refused", "a", code)]


def test_an_id_is_used_once_while_it_is_open():
    venue = venue_with()
    venue.submit(limit("a", BUY, 100, 1), NOW)
    venue.submit(limit("a", BUY, 99, 1), NOW)
    assert told(venue)[-1] == ("refused", "a", "duplicate_order")


def test_a_price_outside_the_band_is_refused_with_the_band():
    venue = venue_with(references={"AAPL": 10000})
    venue.submit(limit("a", BUY, 12001, 1), NOW)
    venue.submit(limit("b", SELL, 7999, 1), NOW)
    venue.submit(limit("c", BUY, 8000, 1), NOW)
    first, second, third = venue.drain().items
    assert first == VenueRefusal(
        "a",
        "AAPL",
        "price_band",
        "price must be from 80.00 to 120.00, within 20% of the reference 100.00, was 120.01",
        NOW,
    )
    assert second.code == "price_band"
    assert isinstance(third, Rested)


def test_the_band_follows_trades_every_half_minute():
    venue = venue_with(asks=[(110, 1), (111, 1), (112, 1)], references={"AAPL": 100})
    second = 1_000_000_000
    venue.agent_market("AAPL", "~n", BUY, 1, second)
    venue.agent_market("AAPL", "~n", BUY, 1, 20 * second)
    assert venue.agent_limit("AAPL", "~s", SELL, 133, 1, 21 * second) == 0
    assert venue.band_reference("AAPL") == 110
    venue.agent_market("AAPL", "~n", BUY, 1, 32 * second)
    assert venue.band_reference("AAPL") == 112
    assert venue.agent_limit("AAPL", "~s", SELL, 133, 1, 33 * second)


# --- cancel and replace


def test_cancel_reports_what_was_left():
    venue = venue_with()
    venue.submit(limit("a", SELL, 101, 9), NOW)
    venue.agent_market("AAPL", "~n", BUY, 4, NOW)
    venue.drain()
    venue.cancel("a", NOW)
    venue.cancel("a", NOW, CancelCause.EXPIRED)
    assert told(venue) == [("canceled", "a", 5, "client"), ("refused", "a", "unknown_order")]


def test_less_quantity_at_the_same_price_keeps_the_place():
    venue = venue_with(bids=[(100, 30)])
    venue.submit(limit("a", BUY, 100, 10), NOW)
    venue.agent_limit("AAPL", "~late", BUY, 100, 5, NOW)
    venue.drain()
    venue.replace("a", 4, 100, NOW)
    assert told(venue) == [("replaced", "a", 100, 4, True, 30)]
    position = venue.queue_position("a")
    assert (position.ahead, position.behind, position.level_qty) == (30, 5, 39)


@pytest.mark.parametrize(("qty", "price", "ahead"), [(11, 100, 35), (10, 99, 0), (3, 99, 0)])
def test_more_quantity_or_a_new_price_loses_the_place(qty, price, ahead):
    venue = venue_with(bids=[(100, 30)])
    venue.submit(limit("a", BUY, 100, 10), NOW)
    venue.agent_limit("AAPL", "~late", BUY, 100, 5, NOW)
    venue.drain()
    venue.replace("a", qty, price, NOW)
    assert told(venue) == [("replaced", "a", price, qty, False, ahead)]
    assert venue.queue_position("a").ahead_at_entry == ahead
    venue.check()


def test_a_new_price_that_crosses_executes():
    venue = venue_with(asks=[(101, 5)])
    venue.submit(limit("a", BUY, 99, 10), NOW)
    venue.drain()
    venue.replace("a", 8, 101, NOW)
    assert told(venue) == [
        ("replaced", "a", 101, 8, False, 0),
        ("trade", 101, 5),
        ("filled", "a", 101, 5, "taker"),
    ]
    assert venue.best_bid("AAPL") == (101, 3)


def test_a_refused_replacement_leaves_the_order_alone():
    venue = venue_with(asks=[(101, 5)], references={"AAPL": 100})
    venue.submit(limit("a", BUY, 99, 10, post_only=True), NOW)
    venue.drain()
    for qty, price in ((10, 101), (10, 200), (0, 99), (10, 0)):
        venue.replace("a", qty, price, NOW)
    venue.replace("zzz", 1, 1, NOW)
    codes = ["post_only", "price_band", "qty", "price", "unknown_order"]
    assert [row[2] for row in told(venue)] == codes
    assert venue.best_bid("AAPL") == (99, 10)


# --- self-trade


def test_by_default_the_newer_order_gives_way():
    venue = venue_with(asks=[(101, 3)])
    venue.submit(limit("old", SELL, 102, 5), NOW)
    venue.drain()
    venue.submit(limit("new", BUY, 103, 9), NOW)
    assert told(venue) == [
        ("trade", 101, 3),
        ("filled", "new", 101, 3, "taker"),
        ("canceled", "new", 6, "self_trade"),
    ]
    assert venue.best_ask("AAPL") == (102, 5)


def test_the_older_order_gives_way_when_so_configured():
    venue = venue_with(asks=[(103, 3)], self_trade=SelfTrade.CANCEL_OLDEST)
    venue.submit(limit("old", SELL, 102, 5), NOW)
    venue.drain()
    venue.submit(limit("new", BUY, 103, 9), NOW)
    assert told(venue) == [
        ("canceled", "old", 5, "self_trade"),
        ("trade", 103, 3),
        ("filled", "new", 103, 3, "taker"),
        ("rested", "new", 103, 6, 0),
    ]


@pytest.mark.parametrize("policy", list(SelfTrade))
def test_an_agent_never_trades_with_itself_and_nothing_is_said_of_it(policy):
    venue = venue_with(asks=[(101, 3)], self_trade=policy)
    rested = venue.agent_limit("AAPL", "~sell", BUY, 101, 2, NOW)
    assert venue.drain().items == []
    assert bool(rested) == (policy is SelfTrade.CANCEL_OLDEST)
    venue.check()


def test_two_clients_may_meet_and_both_are_told():
    venue = venue_with()
    venue.submit(limit("a", SELL, 101, 5, owner="one"), NOW)
    venue.drain()
    venue.submit(limit("b", BUY, 101, 5, owner="two"), NOW)
    assert told(venue) == [
        ("trade", 101, 5),
        ("filled", "b", 101, 5, "taker"),
        ("filled", "a", 101, 5, "maker"),
    ]


# --- halts


def test_a_halt_refuses_orders_and_allows_cancels_and_reductions():
    venue = venue_with(asks=[(101, 3)])
    venue.submit(limit("a", BUY, 99, 5), NOW)
    venue.submit(limit("b", BUY, 98, 5), NOW)
    venue.halt("AAPL", NOW)
    venue.drain()
    venue.submit(market("c", BUY, 1), NOW)
    venue.replace("a", 3, 99, NOW)
    venue.replace("a", 3, 101, NOW)
    venue.cancel("b", NOW)
    assert told(venue) == [
        ("refused", "c", "halted"),
        ("replaced", "a", 99, 3, True, 0),
        ("refused", "a", "halted"),
        ("canceled", "b", 5, "client"),
    ]
    assert venue.is_halted("AAPL") and not venue.is_halted("MSFT")


def test_agents_are_halted_too_and_may_cancel():
    venue = venue_with()
    order_id = venue.agent_limit("AAPL", "~m", SELL, 101, 5, NOW)
    venue.halt("AAPL", NOW)
    assert venue.agent_limit("AAPL", "~n", BUY, 101, 1, NOW) == 0
    assert venue.agent_market("AAPL", "~n", BUY, 1, NOW) == 0
    assert venue.agent_cancel("AAPL", order_id, NOW)


def test_trading_goes_on_after_the_halt():
    venue = venue_with(asks=[(101, 3)])
    venue.halt("AAPL", NOW)
    venue.resume("AAPL", NOW)
    venue.submit(market("c", BUY, 1), NOW)
    assert told(venue) == [("trade", 101, 1), ("filled", "c", 101, 1, "taker")]


# --- agents


def test_agents_hear_of_their_fills_on_both_sides():
    venue = venue_with()
    heard = []
    venue.on_agent_fill = lambda *fill: heard.append(fill)
    maker = venue.agent_limit("AAPL", "~m", SELL, 101, 5, NOW)
    taker = venue.agent_limit("AAPL", "~t", BUY, 102, 8, NOW)
    venue.agent_market("AAPL", "~n", SELL, 1, NOW)
    assert heard == [
        ("AAPL", "~m", maker, SELL, 101, 5),
        ("AAPL", "~t", taker, BUY, 101, 5),
        ("AAPL", "~t", taker, BUY, 102, 1),
        ("AAPL", "~n", 0, SELL, 102, 1),
    ]


def test_only_the_agent_hears_when_it_meets_a_client():
    venue = venue_with()
    heard = []
    venue.on_agent_fill = lambda *fill: heard.append(fill)
    venue.submit(limit("a", SELL, 101, 5), NOW)
    venue.agent_market("AAPL", "~n", BUY, 2, NOW)
    assert heard == [("AAPL", "~n", 0, BUY, 101, 2)]
    assert told(venue)[1:] == [("trade", 101, 2), ("filled", "a", 101, 2, "maker")]


def test_an_agent_cannot_cancel_a_clients_order():
    venue = venue_with()
    venue.submit(limit("a", SELL, 101, 5), NOW)
    (order_id,) = venue.book("AAPL").orders
    assert not venue.agent_cancel("AAPL", order_id, NOW)
    assert not venue.agent_cancel("AAPL", 99, NOW)


def test_agents_orders_are_taken_only_when_sound_and_inside_the_band():
    venue = venue_with(references={"AAPL": 100})
    assert venue.agent_limit("AAPL", "~m", BUY, 100, 0, NOW) == 0
    assert venue.agent_limit("AAPL", "~m", BUY, 79, 1, NOW) == 0
    assert venue.agent_limit("AAPL", "~m", BUY, 0, 1, NOW) == 0
    assert venue.agent_market("AAPL", "~m", BUY, 0, NOW) == 0


def test_an_agent_that_comes_by_the_clients_door_is_not_reported():
    venue = venue_with()
    venue.submit(limit("a", SELL, 101, 5, owner="~m"), NOW)
    venue.agent_market("AAPL", "~n", BUY, 2, NOW)
    venue.replace("a", 9, 102, NOW)
    venue.cancel("a", NOW)
    assert told(venue) == [("trade", 101, 2)]


# --- reasons, queue, drain


def test_a_takers_fill_shows_the_book_before_and_after_each_match():
    venue = venue_with(asks=[(101, 5), (102, 5)], bids=[(99, 1)])
    venue.submit(limit("a", BUY, 102, 7, latency_ns=5_000_000), NOW)
    first, second = executions(venue)
    assert first.reason.model == "order book"
    assert first.reason.latency_ns == 5_000_000
    assert first.reason.ahead_at_entry is None
    assert first.reason.before.asks == (Level(101, 5, 1), Level(102, 5, 1))
    assert first.reason.after == second.reason.before
    assert second.reason.after == ((Level(99, 1, 1),), (Level(102, 3, 1),))


def test_a_makers_fill_tells_what_became_of_the_queue_before_it():
    venue = venue_with(asks=[(101, 5), (101, 4)])
    (first, second) = venue.book("AAPL").orders
    venue.submit(limit("a", SELL, 101, 6), NOW)
    venue.agent_cancel("AAPL", second, NOW)
    venue.agent_market("AAPL", "~n", BUY, 7, NOW)
    (filled,) = executions(venue)
    assert (filled.qty, filled.liquidity) == (2, Liquidity.MAKER)
    reason = filled.reason
    assert (reason.ahead_at_entry, reason.ahead_traded, reason.ahead_canceled) == (9, 5, 4)
    assert reason.before.asks[0] == Level(101, 6, 1)
    assert reason.after.asks[0] == Level(101, 4, 1)
    assert first == 1


def test_queue_position_is_known_while_the_order_rests():
    venue = venue_with(asks=[(101, 5)])
    venue.submit(limit("a", SELL, 101, 6), NOW)
    venue.agent_limit("AAPL", "~m", SELL, 101, 3, NOW)
    venue.agent_market("AAPL", "~n", BUY, 2, NOW)
    position = venue.queue_position("a")
    assert (position.ahead, position.ahead_at_entry, position.ahead_traded) == (3, 5, 2)
    assert (position.behind, position.level_qty) == (3, 12)
    venue.cancel("a", NOW)
    assert venue.queue_position("a") is None


def test_drain_empties_and_names_the_symbols_whose_book_changed():
    venue = venue_with()
    venue.agent_limit("MSFT", "~m", SELL, 101, 5, NOW)
    assert venue.drain().touched == {"MSFT"}
    assert venue.drain().touched == set()


def test_the_band_of_an_instrument_is_its_own():
    wide = Instrument("BTC/USD", "Bitcoin", band=Decimal("0.5"))
    venue = MatchingVenue({"BTC/USD": wide}, {"BTC/USD": 100})
    assert venue.agent_limit("BTC/USD", "~m", SELL, 150, 1, NOW)
    assert not venue.agent_limit("BTC/USD", "~m", SELL, 151, 1, NOW)
