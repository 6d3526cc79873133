"""What a bar's first prints tell of the rest of it: nothing."""

import random
from decimal import Decimal

import numpy as np
import pytest

from tradesim.model.instrument import Instrument
from tradesim.model.series import Bars
from tradesim.providers.replay.bars_file import RecordedBars
from tradesim.providers.replay.prints import tape_of

MINUTE = 60 * 1_000_000_000
COUNT = 4_000


def recorded(seed: int, symbol: str = "ACME") -> RecordedBars:
    rng = random.Random(seed)
    rows = []
    for number in range(COUNT):
        opened, close = 10_000, 10_000 + rng.choice([-1, 1]) * rng.randint(1, 50)
        high, low = max(opened, close) + rng.randint(1, 9), min(opened, close) - rng.randint(1, 9)
        rows.append((number * MINUTE, opened, high, low, close, rng.choice([0, 1, 3, 4, rng.randrange(100_000)])))
    bars = Bars(*(np.array(column, np.int64) for column in zip(*rows, strict=True)))
    return RecordedBars("bars", Instrument(symbol, symbol, tick_size=Decimal("0.01")), "UTC", MINUTE, bars)


def prints(found: RecordedBars) -> tuple[np.ndarray, np.ndarray]:
    tape = tape_of(found)
    return tape.price.reshape(-1, 4), tape.qty.reshape(-1, 4)


@pytest.mark.parametrize("seed", range(3))
def test_the_order_of_the_extremes_does_not_tell_the_close(seed: int):
    found = recorded(seed)
    prices, _ = prints(found)
    is_low_first, rises = prices[:, 1] == found.bars.low, found.bars.close > found.bars.open
    for group in (is_low_first[rises], is_low_first[~rises]):
        assert 0.46 < group.mean() < 0.54
    mirrored = Bars(
        found.bars.start, *(20_000 - found.bars.columns()[place] for place in (1, 3, 2, 4)), found.bars.volume
    )
    other, _ = prints(RecordedBars("bars", found.instrument, "UTC", MINUTE, mirrored))
    assert ((other[:, 1] == mirrored.low) == is_low_first).all()


@pytest.mark.parametrize("seed", range(3))
def test_the_first_print_does_not_tell_the_volume(seed: int):
    found = recorded(seed)
    _, sizes = prints(found)
    assert (sizes.sum(axis=1) == found.bars.volume).all()
    assert (sizes >= (found.bars.volume >= 4)[:, None]).all()
    is_large = found.bars.volume > 1_000
    shares = sizes[is_large] / found.bars.volume[is_large, None]
    assert np.abs(shares.mean(axis=0) - 0.25).max() < 0.03
    assert (shares.std(axis=0) > 0.15).all()


def test_another_symbol_is_drawn_otherwise_and_the_same_one_alike():
    first, again, other = (prints(recorded(1, symbol)) for symbol in ("ACME", "ACME", "BETA"))
    for place in range(2):
        assert (first[place] == again[place]).all()
        assert (first[place] != other[place]).any(axis=1).mean() > 0.2
