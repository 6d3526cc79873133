"""What an execution costs. A fee is positive when the client pays, negative when it is a rebate."""

from collections.abc import Mapping
from decimal import ROUND_HALF_DOWN, ROUND_HALF_UP, Decimal

from msgspec import Struct

from tradesim.model.instrument import AssetClass, Instrument
from tradesim.model.orders import Liquidity

CENT = Decimal("0.01")
BPS = Decimal("0.0001")
ZERO = Decimal(0)


class FeeModel(Struct, frozen=True):
    """Basis points of the value and an amount per unit (share, coin), for adding and for taking liquidity."""

    maker_bps: Decimal = ZERO
    taker_bps: Decimal = ZERO
    maker_per_unit: Decimal = ZERO
    taker_per_unit: Decimal = ZERO

    def fee(self, instrument: Instrument, price: Decimal, qty: Decimal, liquidity: Liquidity) -> Decimal:
        """In whole cents of the instrument's currency; exactly half a cent is rounded against the client."""
        is_maker = liquidity is Liquidity.MAKER
        bps = self.maker_bps if is_maker else self.taker_bps
        per_unit = self.maker_per_unit if is_maker else self.taker_per_unit
        return to_cents(price * qty * bps * BPS + qty * per_unit)


def to_cents(amount: Decimal) -> Decimal:
    rounded = amount.quantize(CENT, ROUND_HALF_UP if amount > 0 else ROUND_HALF_DOWN)
    return rounded if rounded else Decimal("0.00")


COMMISSION_FREE = FeeModel()

EQUITY_MAKER_TAKER = FeeModel(maker_per_unit=Decimal("-0.0020"), taker_per_unit=Decimal("0.0030"))
"""A US exchange's own usual schedule per share: 0.0030 is the access-fee cap of Reg NMS rule 610."""

CRYPTO_BASE_TIER = FeeModel(maker_bps=Decimal(15), taker_bps=Decimal(25))
"""Alpaca's lowest crypto tier, charged here in the quote currency."""

FEES_BY_SCHEDULE: Mapping[str, Mapping[AssetClass, FeeModel]] = {
    "alpaca": {AssetClass.CRYPTO: CRYPTO_BASE_TIER},
    "exchange": {AssetClass.US_EQUITY: EQUITY_MAKER_TAKER, AssetClass.CRYPTO: CRYPTO_BASE_TIER},
    "none": {},
}
"""Where a class of instruments is not named nothing is charged."""
