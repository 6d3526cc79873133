"""Orders larger than the displayed quote, where nothing stands behind it: displayed lots first, then the rule."""

import random
from decimal import Decimal

import numpy as np
import pytest

from tests.unit.venue.orders import AAPL, BUY, SELL, executions, limit, market, told
from tradesim.model.market import Side
from tradesim.model.orders import TimeInForce
from tradesim.model.series import Bars
from tradesim.venue.impact import DailyScale, Impact, scale_of
from tradesim.venue.shadow import ShadowVenue

NOW = 1_000_000_000
SCALE = DailyScale(0.016, 40_000_000)
"""A day moves 1.6 % and trades 40 million lots: at 20,000 ticks, 10,000 lots move the price by 320 x sqrt(1/4000)."""


def quoted(bid=(20_000, 200), ask=(20_001, 100), scale: DailyScale | None = SCALE) -> ShadowVenue:
    venue = ShadowVenue({"AAPL": AAPL})
    venue.on_scale("AAPL", scale)
    venue.on_quote("AAPL", bid, ask, NOW)
    venue.drain()
    return venue


def prints(venue: ShadowVenue) -> list[tuple[int, int]]:
    return [(each.price, each.qty) for each in executions(venue)]


def test_the_displayed_lots_go_first_and_then_the_price_moves_slice_by_slice():
    venue = quoted()
    venue.submit(market("a", BUY, 1_000), NOW)
    assert prints(venue) == [(20_001, 100), (20_002, 100), (20_003, 200), (20_004, 400), (20_005, 200)]


def test_a_sale_moves_the_bid_down():
    """At 400 lots the law says 1.01 ticks, so two; at 800 it says 1.43."""
    venue = quoted()
    venue.submit(market("a", SELL, 700), NOW)
    assert prints(venue) == [(20_000, 200), (19_998, 200), (19_998, 300)]


def test_a_large_order_pays_the_square_root_law():
    """At 102,400 lots: 0.016 x 20,001 x sqrt(102,400 / 40,000,000) = 16.19 ticks, rounded up."""
    venue = quoted()
    venue.submit(market("a", BUY, 100_000), NOW)
    found = prints(venue)
    assert found[-1][0] == 20_001 + 17
    assert sum(qty for _, qty in found) == 100_000


def test_where_days_are_not_known_the_price_moves_with_the_displayed_size():
    venue = quoted(scale=None)
    venue.submit(market("a", BUY, 1_000), NOW)
    assert prints(venue) == [(20_001, 100), (20_002, 100), (20_004, 200), (20_008, 400), (20_016, 200)]


def test_an_order_in_parts_pays_what_it_pays_in_one_piece():
    one, many = quoted(), quoted()
    one.submit(market("a", BUY, 5_000), NOW)
    for number in range(50):
        many.submit(market(str(number), BUY, 100), NOW)
    assert sum(p * q for p, q in prints(one)) == sum(p * q for p, q in prints(many))


def test_the_same_quote_again_gives_nothing_new_and_new_lots_begin_anew():
    venue = quoted()
    venue.submit(market("a", BUY, 200), NOW)
    venue.on_quote("AAPL", (20_000, 200), (20_001, 100), NOW)
    venue.submit(market("b", BUY, 100), NOW)
    venue.on_quote("AAPL", (20_000, 200), (20_001, 150), NOW)
    venue.submit(market("c", BUY, 60), NOW)
    venue.on_quote("AAPL", (20_000, 200), (20_002, 100), NOW)
    venue.submit(market("d", BUY, 110), NOW)
    assert prints(venue) == [
        (20_001, 100),
        (20_002, 100),
        (20_003, 100),
        (20_001, 50),
        (20_002, 10),
        (20_002, 100),
        (20_003, 10),
    ]


def test_a_limit_bounds_the_impact_and_the_rest_rests():
    venue = quoted()
    venue.submit(limit("a", BUY, 20_003, 1_000), NOW)
    assert told(venue) == [
        ("filled", "a", 20_001, 100, "taker"),
        ("filled", "a", 20_002, 100, "taker"),
        ("filled", "a", 20_003, 200, "taker"),
        ("rested", "a", 20_003, 600, 0),
    ]


@pytest.mark.parametrize(("qty", "is_filled"), [(400, True), (401, False)])
def test_fill_or_kill_counts_what_the_rule_gives(qty, is_filled):
    venue = quoted()
    venue.submit(limit("a", BUY, 20_003, qty, TimeInForce.FOK), NOW)
    found = told(venue)
    assert (found[0][0] == "filled") is is_filled
    assert sum(each[3] for each in found if each[0] == "filled") == (qty if is_filled else 0)


def test_a_market_order_stops_at_the_edge_of_the_price_band():
    venue = ShadowVenue({"AAPL": AAPL}, {"AAPL": 100})
    venue.on_quote("AAPL", (100, 10), (101, 10), NOW)
    venue.drain()
    venue.submit(market("a", BUY, 10_000), NOW)
    found = told(venue)
    assert found[-1] == ("canceled", "a", 9_840, "no_liquidity")
    assert max(each[2] for each in found[:-1]) == 101 + 15


def test_the_reason_says_what_was_displayed_and_what_was_impact():
    venue = quoted()
    venue.submit(market("a", BUY, 300), NOW)
    shown, first, second = (each.reason.model for each in executions(venue))
    assert shown == "shadow book"
    assert first.startswith("quote and impact: 1 tick beyond the quote's 100 lots, by the square root of volume")
    assert second.startswith("quote and impact: 2 ticks") and "1.60% and 40,000,000 lots a day" in second


def test_a_book_shows_what_stands_behind_the_touch_so_nothing_is_added_to_it():
    venue = quoted()
    venue.on_book_snapshot("AAPL", [(20_000, 200)], [(20_001, 100)], NOW)
    venue.submit(market("a", BUY, 300), NOW)
    assert told(venue) == [("filled", "a", 20_001, 100, "taker"), ("canceled", "a", 200, "no_liquidity")]


def test_one_sided_quotes_sell_nothing_on_the_empty_side():
    venue = quoted(ask=None)
    venue.submit(market("a", BUY, 10), NOW)
    assert told(venue) == [("canceled", "a", 10, "no_liquidity")]


def test_what_is_known_of_days_outlives_a_reset():
    venue = quoted()
    venue.reset(NOW)
    venue.on_quote("AAPL", (20_000, 200), (20_001, 100), NOW)
    venue.submit(market("a", BUY, 300), NOW)
    assert "square root" in executions(venue)[-1].reason.model


@pytest.mark.parametrize("seed", range(10))
def test_the_price_never_gets_better_with_size(seed):
    rng = random.Random(seed)
    scale = DailyScale(rng.uniform(0.001, 0.1), rng.uniform(1e3, 1e9)) if rng.random() < 0.8 else None
    impact = Impact(rng.randrange(100, 10_000_000), rng.randrange(1, 5_000), scale)
    sizes = sorted(rng.randrange(1, 10_000_000) for _ in range(200))
    ticks = [impact.ticks(size) for size in sizes]
    assert ticks == sorted(ticks) and ticks[0] >= 1
    for size, each in zip(sizes, ticks, strict=True):
        assert size <= impact.reach(each)
        assert sum(piece.lots for piece in impact.slices(0, size, each)) == size
        assert impact.ticks(impact.reach(each)) == each


def test_impact_in_money_is_that_of_the_published_law():
    """A tenth of a percent of a day's volume at 2 % a day costs 0.02 x sqrt(0.001) = 6.3 bp at the slice's end."""
    impact = Impact(100_000, 1_000, DailyScale(0.02, 1_024_000_000))
    assert impact.ticks(1_024_000 - 1_000) == 64
    assert Decimal(impact.ticks(1_024_000 - 1_000)) / 100_000 < Decimal("0.00065")


def days(closes, volumes):
    starts = np.arange(len(closes), dtype=np.int64) * 86_400 * 10**9
    prices = np.array(closes, np.int64)
    return Bars(starts, prices, prices, prices, prices, np.array(volumes, np.int64))


def test_the_scale_is_that_of_the_last_twenty_days():
    closes = [1] * 30 + [100_000, 101_000] * 11
    found = scale_of(days(closes, [9] * 32 + [1_000, 3_000] * 10))
    assert found is not None
    assert found.volatility == pytest.approx(0.00995, abs=1e-4)
    assert found.volume == 2_000


def test_too_few_days_or_days_without_volume_give_no_scale():
    assert scale_of(days([100] * 5, [1] * 5)) is None
    assert scale_of(days([100] * 30, [0] * 30)) is None
    assert scale_of(days([0] * 30, [1] * 30)) is None


@pytest.mark.parametrize("scale", [SCALE, None], ids=["square root", "multiples"])
@pytest.mark.parametrize("side", [BUY, SELL])
@pytest.mark.parametrize("lots", [1, 100, 101, 1_000, 5_000])
def test_what_is_foretold_is_what_is_paid(scale: DailyScale | None, side: Side, lots: int):
    venue = quoted(scale=scale)
    for _ in range(2):
        shown = venue.top("AAPL", 10)
        levels = shown.asks if side is BUY else shown.bids
        displayed = min(lots, sum(each.qty for each in levels))
        beyond = venue.beyond("AAPL", side, lots - displayed, None) if lots > displayed else None
        told = [(each.price, min(each.qty, displayed)) for each in levels if displayed]
        told += [(each.price, each.qty) for each in beyond.levels] if beyond else []
        venue.submit(market("a", side, lots), NOW)
        assert prints(venue) == told
        venue.drain()


def test_what_is_foretold_names_its_rule():
    assert quoted(scale=None).beyond("AAPL", BUY, 300, None).rule == (
        "300 lots beyond what is displayed trade by the impact rule, the last 3 ticks from the quote: "
        "a tick for each multiple of them"
    )
    assert (
        "by the square root of volume (1.60% and 40,000,000 lots a day)" in quoted().beyond("AAPL", BUY, 1, None).rule
    )


def test_nothing_is_foretold_beyond_a_limit_or_where_a_book_is_shown():
    assert quoted().beyond("AAPL", BUY, 300, 20_001) is None
    venue = ShadowVenue({"AAPL": AAPL})
    venue.on_book_snapshot("AAPL", [(19_999, 5)], [(20_001, 5)], NOW)
    assert venue.beyond("AAPL", BUY, 300, None) is None


def test_a_touch_without_sizes_takes_all_at_its_price():
    venue = ShadowVenue({"AAPL": AAPL})
    assert venue.beyond("AAPL", BUY, 300, None) is None
    venue.on_touch("AAPL", 20_000, 20_001, NOW)
    beyond = venue.beyond("AAPL", BUY, 300, None)
    assert beyond is not None and [tuple(each)[:2] for each in beyond.levels] == [(20_001, 300)]
    assert venue.beyond("AAPL", BUY, 300, 20_000) is None
