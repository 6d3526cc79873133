"""How much of its own money an account must hold against a position: fractions of the position's value.

Alpaca's figures for margin accounts (Regulation T and FINRA 4210):

    initial             50 %, or the maintenance where that is more; 100 % of what is not marginable
    maintenance long    30 % (or the house's own), 100 % below 2.50 a share
    maintenance short   below 5.00: the larger of 2.50 a share and 100 %, else the larger of 5.00 a share and 30 %

Below 2,000 of equity nothing is lent, and at a multiplier of 1 nothing ever. At a multiplier of 4 the maintenance is
at most 25 %: more leverage than the maintenance allows would be called on the spot.
"""

from decimal import Decimal

from tradesim.model.accounts import AccountRules
from tradesim.model.instrument import AssetClass, Instrument

ONE = Decimal(1)
REG_T = Decimal("0.5")
LOW_PRICE, LOW_SHORT_PRICE = Decimal("2.50"), Decimal(5)
SHORT_MAINTENANCE = Decimal("0.30")
LEAST_EQUITY = Decimal(2_000)
"""What an account must be worth before anything is lent to it."""


def leverage(rules: AccountRules, equity: Decimal) -> Decimal:
    """The multiplier that counts now."""
    return rules.multiplier if equity >= LEAST_EQUITY else ONE


def is_levered(instrument: Instrument | None) -> bool:
    """Whether it may be bought with borrowed money."""
    return instrument is None or (instrument.asset_class is not AssetClass.CRYPTO and instrument.marginable)


def house(rules: AccountRules) -> Decimal:
    """The maintenance of an ordinary position."""
    return min(rules.maintenance, ONE / rules.multiplier) if rules.multiplier > 2 else rules.maintenance


def maintenance(instrument: Instrument | None, rules: AccountRules, is_long: bool, price: Decimal) -> Decimal:
    """The fraction for a position marked at `price`."""
    if not is_levered(instrument):
        return ONE
    if not is_long:
        if price < LOW_SHORT_PRICE:
            return max(LOW_PRICE / price, ONE) if price > 0 else ONE
        return max(LOW_SHORT_PRICE / price, SHORT_MAINTENANCE, house(rules))
    return ONE if price < LOW_PRICE else house(rules)


def initial(instrument: Instrument | None, rules: AccountRules, is_long: bool, price: Decimal) -> Decimal:
    """The fraction that must be there to open it (overnight: Regulation T)."""
    return max(REG_T, maintenance(instrument, rules, is_long, price)) if rules.multiplier > 1 else ONE


def weight(
    multiplier: Decimal, instrument: Instrument | None, rules: AccountRules, is_long: bool, price: Decimal
) -> Decimal:
    """How much buying power one unit of money in the position takes: never less than the maintenance asks for."""
    return max(ONE, multiplier * maintenance(instrument, rules, is_long, price))


def is_ordinary(is_long: bool, price: Decimal) -> bool:
    """Whether no rule for low prices can touch it."""
    return price >= LOW_PRICE if is_long else price >= ORDINARY_SHORT_PRICE


ORDINARY_SHORT_PRICE = LOW_SHORT_PRICE / SHORT_MAINTENANCE
