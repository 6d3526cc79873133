"""What is traded, and how its prices and quantities are counted."""

import re
from decimal import ROUND_HALF_EVEN, Decimal
from enum import StrEnum

from msgspec import Struct

LONGEST_SYMBOL = 24
SYMBOL = re.compile(rf"[A-Z0-9][A-Z0-9./_-]{{0,{LONGEST_SYMBOL - 1}}}")
"""How a symbol is written, wherever it comes from and wherever it goes: on the wire, in addresses and on the page."""
SYMBOL_IN_WORDS = f"1 to {LONGEST_SYMBOL} letters, digits and . / _ -, beginning with a letter or digit"


def is_symbol(text: str) -> bool:
    return SYMBOL.fullmatch(text) is not None


FRACTION = Decimal("1e-9")
"""The smallest part of a share that may be ordered where fractions are traded."""


class AssetClass(StrEnum):
    US_EQUITY = "us_equity"
    CRYPTO = "crypto"
    FOREX = "forex"


class Instrument(Struct, frozen=True):
    """`tick_size` is the smallest price step, `lot_size` the smallest quantity step, both above zero.

    `band` is the price band: the largest distance of a limit price from the reference price, as a
    fraction of it. Inside the venue a price is a whole number of ticks and a quantity of lots. Where it is
    `fractionable` a fraction of a lot may be ordered too: the desk deals it, no venue does. Only what is
    `easy_to_borrow` may be sold short; only what is `marginable` may be bought with borrowed money.
    """

    symbol: str
    name: str
    asset_class: AssetClass = AssetClass.US_EQUITY
    tick_size: Decimal = Decimal("0.01")
    lot_size: Decimal = Decimal("1")
    currency: str = "USD"
    shortable: bool = True
    band: Decimal = Decimal("0.20")
    easy_to_borrow: bool = True
    marginable: bool = True
    fractionable: bool = False

    def __post_init__(self) -> None:
        for name in ("tick_size", "lot_size"):
            if not getattr(self, name) > 0:
                raise ValueError(f"{name} of {self.symbol} must be above zero, was {getattr(self, name)}")

    @property
    def price_decimals(self) -> int:
        return decimals_of(self.tick_size)

    @property
    def qty_decimals(self) -> int:
        return decimals_of(self.lot_size)

    def price(self, ticks: int) -> Decimal:
        return self.tick_size * ticks

    def qty(self, lots: int) -> Decimal:
        return self.lot_size * lots

    def ticks(self, price: Decimal, rounding: str = ROUND_HALF_EVEN) -> int:
        """Whole ticks nearest to `price`; `is_on_tick` tells whether that is exact."""
        return int((price / self.tick_size).to_integral_value(rounding))

    def lots(self, qty: Decimal) -> int:
        """Whole lots in `qty`, rounded down; `is_on_lot` tells whether that is exact."""
        return int(qty // self.lot_size)

    def is_on_tick(self, price: Decimal) -> bool:
        return price % self.tick_size == 0

    def is_on_lot(self, qty: Decimal) -> bool:
        return qty % self.lot_size == 0


def decimals_of(step: Decimal) -> int:
    """Digits behind the point that a multiple of `step` needs."""
    exponent = step.normalize().as_tuple().exponent
    return max(0, -exponent) if isinstance(exponent, int) else 0
