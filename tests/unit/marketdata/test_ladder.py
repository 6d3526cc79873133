"""A book in finer steps than the market's, merged outwards."""

from collections import defaultdict
from decimal import ROUND_CEILING, ROUND_FLOOR
from random import Random

from tests.live_house import dec
from tradesim.marketdata.ladder import Ladder
from tradesim.model.feed import Feed, FeedBook, Origin
from tradesim.model.instrument import AssetClass, Instrument

COARSE = Instrument("BTC/USD", "Bitcoin", AssetClass.CRYPTO, dec("0.1"), dec("0.01"))


def book(bids=(), asks=(), is_snapshot=False):
    rows = [tuple((dec(price), dec(qty)) for price, qty in side) for side in (bids, asks)]
    return FeedBook("BTC/USD", *rows, is_snapshot, Origin("coinbase", Feed.CRYPTO, 1, 1))


def test_levels_between_steps_are_merged_outwards_and_their_lots_added():
    ladder = Ladder(COARSE)
    ladder.apply(book([("60000.17", 1), ("60000.1", 2), ("59999.99", 3)], [("60000.21", 1), ("60000.3", 2)], True))
    assert ladder.bids.rows() == [(600_001, 300), (599_999, 300)]
    assert ladder.asks.rows() == [(600_003, 300)]


def test_what_changes_between_steps_changes_its_part_alone():
    ladder = Ladder(COARSE)
    ladder.apply(book([("60000.1", 2)], [], True))
    assert ladder.apply(book([("60000.15", 1)]))[0] == [(600_001, 300)]
    assert ladder.apply(book([("60000.1", 0)]))[0] == [(600_001, 100)]
    assert ladder.apply(book([("60000.15", 0)]))[0] == [(600_001, 0)]
    assert ladder.bids.best() is None


def test_a_merged_book_is_what_its_levels_come_to_whatever_happened_to_them():
    rng, ladder, told = Random(7), Ladder(COARSE), {"bids": {}, "asks": {}}
    ladder.apply(book(is_snapshot=True))
    for _ in range(3_000):
        side, price, qty = rng.choice(["bids", "asks"]), dec(600_000 + rng.randrange(60)) / 100, rng.randrange(4)
        told[side][price] = qty
        ladder.apply(book(**{side: [(price, qty)]}))
    for side, rounding in (("bids", ROUND_FLOOR), ("asks", ROUND_CEILING)):
        merged = defaultdict(int)
        for price, qty in told[side].items():
            merged[COARSE.ticks(price, rounding)] += COARSE.lots(dec(qty))
        assert dict(getattr(ladder, side).rows()) == {at: lots for at, lots in merged.items() if lots}
