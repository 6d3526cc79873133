"""Symbols that a live market is about to take up: their past is asked for before anybody trades in them."""

import threading
from collections.abc import Callable, Collection, Mapping, Sequence

from tradesim.model.instrument import Instrument
from tradesim.providers.live.answers import Answers
from tradesim.providers.live.listing import Listed
from tradesim.providers.live.routes import Routes


class Growth:
    """`known` are all instruments, those that are not taken up yet included. From any thread."""

    def __init__(self, instruments: Mapping[str, Instrument], routes: Routes) -> None:
        self.known = Listed(instruments)
        self._listed, self._routes = instruments, routes
        self._waiting: dict[str, tuple[Instrument, Sequence[str], Collection[str]]] = {}
        self._enlisting = threading.Lock()

    def enlist(
        self,
        instruments: Mapping[str, Instrument],
        routes: Mapping[str, Sequence[str]],
        prepare: Callable[[Instrument], object],
        doubted: Collection[str] = (),
    ) -> dict[str, Instrument]:
        """Those that are new, each prepared before anybody knows of it; of two who ask at once, one has them."""
        with self._enlisting:
            new = {symbol: each for symbol, each in instruments.items() if symbol not in self.known}
            for symbol, instrument in new.items():
                prepare(instrument)
                self._waiting[symbol] = instrument, routes[symbol], doubted
            self.known.add(new)
        return new

    def take_up(self, symbols: Sequence[str]) -> dict[str, Instrument]:
        """Those of `symbols` that waited for it, with their routes. Of the market thread."""
        found = {}
        for symbol in symbols:
            if symbol not in self._listed:
                found[symbol], names, doubted = self._waiting.pop(symbol)
                self._routes.take_up(symbol, names, doubted)
        return found

    def answers(self, symbol: str) -> Answers:
        """Who is to be asked about it."""
        waiting = self._waiting.get(symbol)
        if not waiting:
            return self._routes.answers(symbol)
        _, names, doubted = waiting
        return self._routes.on_trial([name for name in names if name not in doubted])
