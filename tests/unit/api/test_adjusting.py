"""Bars of the past adjusted on request, whether the past that the market has comes with its splits or without."""

from datetime import date, timedelta
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from tradesim.api.alpaca.data import adjusting
from tradesim.desk.zones import midnight
from tradesim.kernel.clock import NS_PER_SECOND
from tradesim.model.corporate import Basis, DayFactors, Dividend, Split
from tradesim.model.instrument import AssetClass, Instrument

NS_PER_HOUR = 3_600 * NS_PER_SECOND
NS_PER_DAY = 24 * NS_PER_HOUR
FIRST = date(2026, 1, 5)
DAYS = [FIRST + timedelta(days=number) for number in range(5)]
STARTS = np.array([midnight(day, "America/New_York") * NS_PER_SECOND for day in DAYS], np.int64)
DIVIDEND = Dividend("AAPL", DAYS[1], Decimal(4))
SPLIT = Split("AAPL", DAYS[3], Decimal(1), Decimal(2))
RAW = [400.0, 400.0, 400.0, 200.0, 200.0]
TOLD_WITH_SPLITS = [200.0, 200.0, 200.0, 200.0, 200.0]


def desk_with(closes: list[float], until: date | None, monkeypatch: pytest.MonkeyPatch) -> Any:
    bars = SimpleNamespace(start=STARTS, close=np.array([int(close * 100) for close in closes], np.int64))
    monkeypatch.setattr(adjusting, "columns", lambda *_: SimpleNamespace(bars=bars))
    return SimpleNamespace(
        corporate_actions=lambda after, until: [each for each in (DIVIDEND, SPLIT) if after < each.day <= until],
        split_adjusted_until=lambda: until,
        day_factors=lambda symbol, basis: None,
        instruments={"AAPL": Instrument("AAPL", "Apple", AssetClass.US_EQUITY)},
    )


@pytest.mark.parametrize("closes_and_day", [(RAW, None), (TOLD_WITH_SPLITS, DAYS[4]), (RAW, DAYS[2])], ids=str)
@pytest.mark.parametrize("wanted", ["raw", "split", "dividend", "all"])
def test_prices_and_volumes_are_what_was_asked_for_whatever_the_past_has(closes_and_day, wanted, monkeypatch) -> None:
    closes, until = closes_and_day
    desk = desk_with(closes, until, monkeypatch)
    found = adjusting.adjusting(desk, "AAPL", STARTS, frozenset({wanted}), int(STARTS[-1]))
    prices = np.array(closes) * (1 if found is None else found.prices)
    right = np.array(TOLD_WITH_SPLITS if wanted in ("split", "all") else RAW)
    if wanted in ("dividend", "all"):
        right[0] *= 1 - 4 / 400
    assert prices == pytest.approx(right)
    shares = np.array([1_000.0, 1_000, 1_000, 2_000, 2_000]) if closes is RAW else np.full(5, 2_000.0)
    volumes = shares / (1 if found is None else found.shares)
    assert volumes == pytest.approx(
        [2_000.0] * 5 if wanted in ("split", "all") else [1_000, 1_000, 1_000, 2_000, 2_000]
    )


@pytest.mark.parametrize(
    ("wanted", "basis"),
    [
        ({"raw"}, Basis.RAW),
        ({"split"}, Basis.SPLIT),
        ({"dividend"}, Basis.DIVIDEND),
        ({"split", "dividend"}, Basis.ALL),
        ({"all"}, Basis.ALL),
        ({"spin-off"}, Basis.RAW),
    ],
    ids=lambda each: each if isinstance(each, Basis) else "+".join(sorted(each)),
)
def test_where_nothing_is_known_the_days_of_a_provider_tell_and_today_stays_as_it_is(wanted, basis) -> None:
    """The provider has no third day."""
    asked = []
    told = DayFactors(STARTS[[0, 1, 3]], np.array([0.5, 0.8, 1.25]), np.array([2.0, 4.0, 1.0]))
    desk: Any = SimpleNamespace(
        corporate_actions=lambda after, until: [],
        split_adjusted_until=lambda: DAYS[4],
        day_factors=lambda *question: asked.append(question) or told,
    )
    starts = np.concatenate(([STARTS[0] - 7 * NS_PER_DAY], STARTS + 10 * NS_PER_HOUR))
    found = adjusting.adjusting(desk, "AAPL", starts, frozenset(wanted), int(starts[-1]))
    assert asked == [("AAPL", basis)] and found is not None
    assert list(found.prices) == [0.5, 0.5, 0.8, 0.8, 1.25, 1.0]
    assert list(found.shares) == [2.0, 2.0, 4.0, 4.0, 1.0, 1.0]


def test_for_bars_of_today_nobody_is_asked() -> None:
    desk: Any = SimpleNamespace(corporate_actions=lambda *_: [], split_adjusted_until=lambda: DAYS[4])
    assert adjusting.adjusting(desk, "AAPL", STARTS[4:], frozenset({"all"}), int(STARTS[4])) is None
