"""How our instruments are called at Alpaca: ids, exchanges, tapes, and numbers out of ticks and lots."""

from collections.abc import Iterable, Mapping
from functools import lru_cache

from msgspec import Struct

from tradesim.api.alpaca.forms import asset_id, exchange
from tradesim.model.instrument import AssetClass, Instrument

ROUND_LOT = 100
MIC_BY_EXCHANGE = {"NASDAQ": ("Q", "C"), "NYSE": ("N", "A"), "ARCA": ("P", "B"), "CRYPTO": ("", "")}


def is_coin(instrument: Instrument) -> bool:
    """Alpaca has words for shares and coins; currencies trade as coins do."""
    return instrument.asset_class is not AssetClass.US_EQUITY


class Listing(Struct, frozen=True):
    """One instrument on the wire. A price is `ticks * up / down`, exactly the decimal's nearest float."""

    symbol: str
    is_coin: bool
    exchange: str
    tape: str
    tick_up: int
    tick_down: int
    lot_up: int
    lot_down: int
    quote_lot_up: int
    quote_lot_down: int

    def price(self, ticks: int) -> float:
        return ticks * self.tick_up / self.tick_down

    def qty(self, lots: int) -> int | float:
        return lots * self.lot_up if self.lot_down == 1 else lots * self.lot_up / self.lot_down

    def quoted(self, lots: int) -> int | float:
        """A quote's size: round lots of a share (rounded up, so that what is there is seen), units of a coin."""
        if self.quote_lot_up == 0:
            return self.qty(lots)
        return -(-lots * self.quote_lot_up // self.quote_lot_down)

    def vwap(self, value: float, lots: int) -> float:
        """Of ticks times lots over `lots`."""
        return round(value * self.tick_up / self.tick_down / lots, 9)


@lru_cache(maxsize=4096)
def listing_of(instrument: Instrument, in_lots: bool = True, as_coin: bool | None = None) -> Listing:
    """With `in_lots` the sizes of shares in quotes are in round lots of 100. `as_coin`: in whose shapes it is shown."""
    mic, tape = MIC_BY_EXCHANGE[exchange(instrument)]
    tick, lot = instrument.tick_size.as_integer_ratio(), instrument.lot_size.as_integer_ratio()
    has_coin_shapes = is_coin(instrument) if as_coin is None else as_coin
    is_rounded = in_lots and not has_coin_shapes and not is_coin(instrument)
    quote_lot = (lot[0], lot[1] * ROUND_LOT) if is_rounded else (0, 1)
    return Listing(instrument.symbol, has_coin_shapes, mic, tape, *tick, *lot, *quote_lot)


def found(wanted: str, instruments: Mapping[str, Instrument]) -> Instrument | None:
    """By symbol (`BTC/USD` or `BTCUSD`) or by id."""
    name = wanted.upper()
    return instruments.get(name) or next(
        (each for each in instruments.values() if is_called(each, name)),
        None,
    )


def is_called(instrument: Instrument, name: str) -> bool:
    slashless = is_coin(instrument) and instrument.symbol.replace("/", "") == name
    return slashless or asset_id(instrument.symbol).upper() == name


def shares(instruments: Iterable[Instrument]) -> list[Instrument]:
    return [each for each in instruments if not is_coin(each)]
