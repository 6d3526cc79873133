"""A whole simulated session, held against what real markets measure: every must, for three kinds of instrument."""

import pytest

from tradesim.providers.simulated.scoring import scorecard
from tradesim.simulator.score import SESSION_S


@pytest.mark.slow
@pytest.mark.parametrize("symbol", ["META", "F", "AAPL"], ids=["small tick", "large tick", "mid tick"])
def test_every_must_of_a_real_market_holds(symbol):
    rows = scorecard(symbol, SESSION_S, 42)
    assert not [str(row) for row in rows if row.must and not row.ok]
    assert sum(row.ok for row in rows) >= 0.9 * len(rows)
