import random
from decimal import Decimal

import pytest

from tradesim.providers.levels import Levels


@pytest.mark.parametrize("is_bid", [True, False])
def test_a_side_equals_a_sorted_dictionary_whatever_happens(is_bid):
    rng, side, model = random.Random(7), Levels(is_bid), {}
    for _ in range(3_000):
        price = Decimal(rng.randrange(1, 60))
        if rng.random() < 0.4:
            side.remove(price)
            model.pop(price, None)
        else:
            model[price] = rng.random()
            side.set(price, model[price])
        if rng.random() < 0.1:
            kept = sorted(model, reverse=is_bid)[:20]
            assert set(side.truncate(20)) == set(model) - set(kept)
            model = {price: model[price] for price in kept}
        ordered = sorted(model.items(), reverse=is_bid)
        assert side.top(10) == ordered[:10]
        assert side.best() == (ordered[0] if ordered else None)
        assert len(side) == len(model)
