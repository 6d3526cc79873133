"""What the browser must know of each instrument to write its prices and quantities."""

from collections.abc import Mapping
from typing import Any

from tradesim.model.instrument import Instrument


def instruments_data(instruments: Mapping[str, Instrument]) -> dict[str, dict[str, Any]]:
    """{symbol: {name, tick, lot, pd, qd, cls, cur, fractional}}, in the market's order; tick and lot as numbers."""
    return {symbol: instrument_data(instrument) for symbol, instrument in instruments.items()}


def instrument_data(instrument: Instrument) -> dict[str, Any]:
    return {
        "name": instrument.name,
        "tick": float(instrument.tick_size),
        "lot": float(instrument.lot_size),
        "pd": instrument.price_decimals,
        "qd": instrument.qty_decimals,
        "cls": instrument.asset_class.value,
        "cur": instrument.currency,
        "fractional": instrument.fractionable,
    }
