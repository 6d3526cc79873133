"""Who is meant by a symbol, however it is written, or by an asset's id."""

from collections.abc import Mapping

from tradesim.api.alpaca.forms import asset_id
from tradesim.api.alpaca.wanted import symbol_key
from tradesim.desk.desk import Desk
from tradesim.model.instrument import Instrument


class Directory:
    """Of the market that is open. Made anew when another one is."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._instruments: Mapping[str, Instrument] = {}
        self._by_key: dict[str, Instrument] = {}

    def find(self, name: str) -> Instrument | None:
        """`BTC/USD`, `BTCUSD`, `btc-usd` and the asset's id are one."""
        instruments = self._desk.instruments
        found = instruments.get(name)
        if found is not None:
            return found
        if instruments is not self._instruments:
            self._by_key = keys_of(instruments)
            self._instruments = instruments
        return self._by_key.get(symbol_key(name)) or self._by_key.get(name.lower())

    def symbols(self, names: frozenset[str]) -> frozenset[str]:
        """The symbols meant; what is not traded here stays as it was written."""
        found = ((name, self.find(name)) for name in names)
        return frozenset(instrument.symbol if instrument else name.upper() for name, instrument in found)


def keys_of(instruments: Mapping[str, Instrument]) -> dict[str, Instrument]:
    by_key: dict[str, Instrument] = {}
    for instrument in instruments.values():
        by_key[symbol_key(instrument.symbol)] = instrument
        by_key[asset_id(instrument.symbol)] = instrument
    return by_key
