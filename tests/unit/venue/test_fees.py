from decimal import Decimal

import pytest

from tradesim.model.instrument import AssetClass, Instrument
from tradesim.model.orders import Liquidity
from tradesim.venue.fees import CRYPTO_BASE_TIER, EQUITY_MAKER_TAKER, FEES_BY_SCHEDULE, FeeModel

AAPL = Instrument("AAPL", "Apple")
D = Decimal
MAKER, TAKER = Liquidity.MAKER, Liquidity.TAKER


def test_stocks_are_free_of_commission_unless_an_exchange_charges():
    charged = {name for name, models in FEES_BY_SCHEDULE.items() if AssetClass.US_EQUITY in models}
    assert charged == {"exchange"}


@pytest.mark.parametrize(("liquidity", "fee"), [(MAKER, "97.50"), (TAKER, "162.50")])
def test_crypto_pays_basis_points_of_the_value(liquidity, fee):
    assert CRYPTO_BASE_TIER.fee(AAPL, D(65000), D(1), liquidity) == D(fee)


def test_an_exchange_pays_makers_and_charges_takers_per_share():
    assert EQUITY_MAKER_TAKER.fee(AAPL, D(100), D(1000), TAKER) == D("3.00")
    assert EQUITY_MAKER_TAKER.fee(AAPL, D(100), D(1000), MAKER) == D("-2.00")


@pytest.mark.parametrize(
    ("per_unit", "fee"), [("0.005", "0.01"), ("0.0049", "0.00"), ("-0.005", "0.00"), ("-0.006", "-0.01")]
)
def test_half_a_cent_goes_against_the_client(per_unit, fee):
    rounded = FeeModel(taker_per_unit=D(per_unit)).fee(AAPL, D(1), D(1), TAKER)
    assert str(rounded) == fee
