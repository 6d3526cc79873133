"""What an account's positions tie up, whether that is too much, and what is closed when it is.

    margin call    equity below the maintenance margin
    liquidation    positions are closed until equity is 10 % above what the rest needs, the one that frees most first

Closing a part of a position frees its share of the maintenance margin and leaves the equity as it is.
"""

from collections.abc import Callable, Iterable, Mapping
from decimal import ROUND_DOWN, ROUND_UP, Decimal

from msgspec import Struct

from tradesim.model.instrument import Instrument
from tradesim.trading.money import CENT, money_text
from tradesim.trading.portfolio import Portfolio
from tradesim.trading.requirements import initial, leverage, maintenance
from tradesim.trading.valuation import AccountValue, PositionValue, day_trading_power

ZERO, ONE = Decimal(0), Decimal(1)
CUSHION = Decimal("1.10")
REG_T_MULTIPLIER = Decimal(2)


class Margins(Struct, frozen=True):
    """As desk.views.AccountView has them."""

    long_market_value: Decimal
    short_market_value: Decimal
    initial_margin: Decimal
    maintenance_margin: Decimal
    regt_buying_power: Decimal
    daytrading_buying_power: Decimal
    sma: Decimal
    margin_call: str | None


class Closing(Struct, frozen=True):
    """How much of a position is to be closed, signed as the position is."""

    symbol: str
    qty: Decimal


def margins(portfolio: Portfolio, value: AccountValue, instruments: Mapping[str, Instrument]) -> Margins:
    rules = portfolio.account.rules
    needed = maintenance_margin(portfolio, value.positions, instruments)
    opened = sum((initial_of(portfolio, each, instruments) for each in value.positions), ZERO)
    values = [each.market_value for each in value.positions]
    regt = multiplied(min(leverage(rules, value.equity), REG_T_MULTIPLIER), value.equity, opened)
    daytrading = day_trading_power(portfolio, value.positions) - value.reserved
    return Margins(
        long_market_value=sum((each for each in values if each > 0), ZERO),
        short_market_value=sum((each for each in values if each < 0), ZERO),
        initial_margin=opened,
        maintenance_margin=needed,
        regt_buying_power=max(regt - value.reserved, ZERO),
        daytrading_buying_power=max(daytrading, ZERO) if rules.multiplier > REG_T_MULTIPLIER else ZERO,
        sma=max(value.equity - opened, ZERO),
        margin_call=call(value.equity, needed),
    )


def multiplied(multiplier: Decimal, equity: Decimal, initial_margin: Decimal) -> Decimal:
    return multiplier * (equity - initial_margin)


def initial_of(portfolio: Portfolio, held: PositionValue, instruments: Mapping[str, Instrument]) -> Decimal:
    qty, value = held.position.qty, held.market_value
    instrument = instruments.get(held.position.symbol)
    return abs(value) * initial(instrument, portfolio.account.rules, qty > 0, value / qty)


def maintenance_of(portfolio: Portfolio, held: PositionValue, instruments: Mapping[str, Instrument]) -> Decimal:
    qty, value = held.position.qty, held.market_value
    instrument = instruments.get(held.position.symbol)
    return abs(value) * maintenance(instrument, portfolio.account.rules, qty > 0, value / qty)


def maintenance_margin(
    portfolio: Portfolio, positions: Iterable[PositionValue], instruments: Mapping[str, Instrument]
) -> Decimal:
    return sum((maintenance_of(portfolio, each, instruments) for each in positions), ZERO)


def call(equity: Decimal, needed: Decimal) -> str | None:
    """The sentence of a margin call; None while there is enough."""
    if equity >= needed:
        return None
    missing = money_text(needed - equity)
    return (
        f"margin call: equity {money_text(equity)} is below the maintenance margin {money_text(needed)}; "
        f"positions are closed until {missing} is covered"
    )


def liquidation(
    portfolio: Portfolio,
    value: AccountValue,
    instruments: Mapping[str, Instrument],
    can_close: Callable[[str], bool],
) -> list[Closing]:
    """What must be closed now, in order; nothing while the equity covers the maintenance margin.

    `can_close` says whether a symbol trades now. Equal ones go by symbol.
    """
    freed = {each.position.symbol: maintenance_of(portfolio, each, instruments) for each in value.positions}
    needed = sum(freed.values(), ZERO)
    if value.equity >= needed:
        return []
    target, closings = max(value.equity, ZERO) / CUSHION, []
    for held in sorted(value.positions, key=lambda each: (-freed[each.position.symbol], each.position.symbol)):
        symbol = held.position.symbol
        instrument = instruments.get(symbol)
        if needed <= target or instrument is None or not freed[symbol] or not can_close(symbol):
            continue
        share = min((needed - target) / freed[symbol], ONE)
        qty = whole_lots(held.position.qty, share, instrument)
        closings.append(Closing(symbol, qty))
        needed -= freed[symbol] * qty / held.position.qty
    return closings


def whole_lots(held: Decimal, share: Decimal, instrument: Instrument) -> Decimal:
    """At least `share` of what is held, in whole lots where there are any; all of it rather than a rest below a lot."""
    lots = (abs(held) * share / instrument.lot_size).to_integral_value(ROUND_UP)
    qty = min(lots * instrument.lot_size, abs(held))
    rest = abs(held) - qty
    qty = abs(held) if rest < instrument.lot_size else qty
    return qty if held > 0 else -qty


def withdrawable(value: AccountValue) -> Decimal:
    """What may be taken out: cash that is nobody's collateral."""
    return value.cash_power.quantize(CENT, ROUND_DOWN)
