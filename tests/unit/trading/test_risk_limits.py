"""Limits: the stricter of two, who may widen them, and which were passed."""

import pytest
from msgspec.structs import fields, replace

from tests.fakes import dec
from tradesim.model.risk import STANDARD_LIMITS, RiskLimits, RiskState
from tradesim.trading.risk.limits import Worth, breach, is_watched, raised, strictest, uses, wrong

WORTH = Worth(equity=dec(100_000), day_pl=dec(0), high=dec(100_000))


@pytest.mark.parametrize(
    ("limits", "worth", "name", "state", "message"),
    [
        (
            {"max_day_loss": dec(1_000)},
            {"day_pl": dec(-1_000)},
            "max_day_loss",
            RiskState.REDUCING,
            "the day's loss is 1,000.00, the limit is 1,000.00",
        ),
        (
            {"max_drawdown": dec("0.10")},
            {"equity": dec(90_000)},
            "max_drawdown",
            RiskState.HALTED,
            "equity 90,000.00 is 10 % below its high of 100,000.00, the limit is 10 %",
        ),
        (
            {"max_exposure": dec("1.5")},
            {"exposure": dec(150_001)},
            "max_exposure",
            RiskState.REDUCING,
            "positions are worth 150,001.00, 1.5 times equity, the limit is 1.5 times",
        ),
        (
            {"max_concentration": dec("0.5")},
            {"largest": ("AAPL", dec(60_000))},
            "max_concentration",
            RiskState.REDUCING,
            "AAPL is worth 60,000.00, 0.6 times equity, the limit is 0.5 times",
        ),
        (
            {"max_consecutive_losses": 3},
            {"streak": 3},
            "max_consecutive_losses",
            RiskState.REDUCING,
            "3 round trips in a row were lost, the limit is 3",
        ),
    ],
    ids=lambda each: each if isinstance(each, str) and each.startswith("max_") else "",
)
def test_a_passed_limit_says_so(limits, worth, name, state, message):
    found = breach(replace(WORTH, **worth), RiskLimits(**limits))
    assert (found.limit, found.state, found.message) == (name, state, message)


def test_nothing_is_passed_where_no_limit_is_set():
    ruined = Worth(dec(-5), dec(-100_005), dec(900_000), ("AAPL", dec(900_000)), dec(100_000), 99)
    assert breach(ruined, STANDARD_LIMITS) is None
    assert not is_watched(STANDARD_LIMITS)


def test_the_gravest_of_several_counts():
    both = RiskLimits(max_day_loss=dec(1), max_drawdown=dec("0.01"))
    assert breach(replace(WORTH, equity=dec(90_000), day_pl=dec(-10_000)), both).state is RiskState.HALTED


def test_exposure_without_equity_is_beyond_any_limit():
    found = breach(Worth(dec(-5), dec(0), dec(10)), RiskLimits(max_exposure=dec(4)))
    assert found.message == "positions are worth 10.00, with no equity left, the limit is 4 times"


def test_a_profit_is_no_loss_even_where_none_is_allowed():
    assert breach(replace(WORTH, day_pl=dec(5)), RiskLimits(max_day_loss=dec(0))) is None
    assert breach(replace(WORTH, day_pl=dec(0)), RiskLimits(max_day_loss=dec(0))) is None


def test_the_stricter_of_two_limits_holds():
    one = RiskLimits(max_day_loss=dec(500), max_open_orders=10, allowed=("AAPL", "MSFT"), duplicate_window_ms=100)
    two = RiskLimits(max_drawdown=dec("0.1"), max_open_orders=20, allowed=("MSFT",), restricted=("GME",))
    both = strictest(one, two)
    assert (both.max_day_loss, both.max_drawdown, both.max_open_orders) == (dec(500), dec("0.1"), 10)
    assert (both.duplicate_window_ms, set(both.restricted)) == (100, {"GME", "AAPL"})
    assert both.wash_trades_allowed
    assert not strictest(one, replace(two, wash_trades_allowed=False)).wash_trades_allowed
    assert strictest(STANDARD_LIMITS, one) == one
    assert strictest(one, STANDARD_LIMITS) == one


WIDER = {
    "max_order_qty": (5, 6),
    "max_order_value": (5, 6),
    "max_open_orders": (5, 6),
    "max_position_value": (5, None),
    "max_orders_per_minute": (5, 6),
    "price_collar": (dec("0.01"), dec("0.02")),
    "restricted": (("GME",), ()),
    "allowed": (("GME",), ("GME", "AMC")),
    "duplicate_window_ms": (100, 50),
    "wash_trades_allowed": (False, True),
    "usual_orders_per_second": (20, 0),
    "max_day_loss": (5, 6),
    "max_drawdown": (dec("0.01"), None),
    "max_exposure": (5, 6),
    "max_concentration": (5, None),
    "max_consecutive_losses": (5, 6),
}


@pytest.mark.parametrize("field", [each.name for each in fields(RiskLimits)])
def test_every_limit_knows_what_wider_is(field):
    narrow, wide = (replace(STANDARD_LIMITS, **{field: value}) for value in WIDER[field])
    assert raised(wide, narrow) == [field]
    assert raised(narrow, wide) == []
    assert raised(narrow, narrow) == []
    assert strictest(narrow, wide) == strictest(wide, narrow) or field == "allowed"


RECKONED = "from 0.000000001 to 1,000,000,000,000"


@pytest.mark.parametrize(
    ("limits", "message"),
    [
        ({"max_order_qty": dec(0)}, "max_order_qty must be above 0, was 0"),
        ({"max_day_loss": dec(-1)}, "max_day_loss must be 0 or more, was -1"),
        ({"max_exposure": dec("NaN")}, "max_exposure must be 0 or more, was NaN"),
        ({"max_drawdown": dec(5)}, "max_drawdown must be a fraction below 1 (0.05 is 5 %), was 5"),
        ({"max_exposure": dec("1e999999")}, f"max_exposure must be {RECKONED}, was 1E+999999"),
        ({"max_day_loss": dec("1e-10")}, f"max_day_loss must be {RECKONED}, was 0.0000000001"),
        ({"max_open_orders": 10**13}, f"max_open_orders must be {RECKONED}, was 10,000,000,000,000"),
    ],
    ids=str,
)
def test_what_cannot_be_a_limit_is_refused_by_name(limits, message):
    assert wrong(RiskLimits(**limits)).message == message
    assert wrong(STANDARD_LIMITS) is None


def test_the_use_of_every_limit_is_shown():
    worth = replace(WORTH, day_pl=dec(-250), equity=dec(99_000), exposure=dec(49_500), largest=("AAPL", dec(24_750)))
    by_name = {each.name: each for each in uses(worth, RiskLimits(max_day_loss=dec(1_000)))}
    assert by_name["max_day_loss"].share == dec("0.25")
    assert by_name["max_drawdown"].used == dec("0.01")
    assert by_name["max_exposure"].used == dec("0.5")
    assert by_name["max_concentration"].used == dec("0.25")
    assert by_name["max_concentration"].share is None
