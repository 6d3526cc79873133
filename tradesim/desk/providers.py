"""The providers as people meet them: who there is, how each is, what it lists, keys, recordings of its traffic.

Everything but `words` is answered on the caller's thread; what asks a provider takes seconds.
"""

from collections.abc import Callable, Collection, Mapping, Sequence

from tradesim.desk.accounts import traded_symbols
from tradesim.desk.leases import Leases
from tradesim.desk.marketthread import Asking
from tradesim.desk.opener import MarketOpener, unless_refused
from tradesim.desk.ports import MarketSource
from tradesim.desk.views import FeedView, RecorderView, SwitchView, VendorView, WordView
from tradesim.desk.window import Shown
from tradesim.model.feed import Listing, ProviderHealth
from tradesim.model.orders import Rejection


class Providers:
    """Safe to call from any thread. `shown` is the present market with its accounts, `ask` asks the market thread."""

    def __init__(self, opener: MarketOpener, shown: Callable[[], Shown], ask: Asking, now: Callable[[], int]) -> None:
        self._opener, self._shown, self._ask = opener, shown, ask
        self.leases = Leases(now)

    def vendors(self) -> Sequence[VendorView]:
        """Who could be opened as a live market, and which keys are there."""
        return self._opener.vendors(self._source())

    def health(self) -> Sequence[ProviderHealth]:
        """How every provider is now. Asks nobody."""
        return self._opener.providers(self._source())

    def switches(self) -> Sequence[SwitchView]:
        """Who served what in the present market, newest first."""
        return self._opener.switches(self._source())

    def words(self, symbol: str) -> Sequence[WordView]:
        """What each provider of the present market says of `symbol`. Raises TimeoutError when the market is busy."""
        return self._ask(lambda: self._opener.words(self._source(), symbol))

    def feeds(self) -> Mapping[str, FeedView]:
        """Whose word each symbol of a live market is now; nothing in other markets."""
        return self._opener.feeds(self._source())

    def prefer(self, order: Sequence[str], stand_ins: Sequence[str]) -> Rejection | None:
        """Keep in which order a person wants the providers, preferred first, and which of them stand in."""
        return unless_refused("order", lambda: self._opener.prefer(order, stand_ins))

    def _source(self) -> MarketSource:
        return self._shown().market.source

    def _traded(self) -> set[str]:
        """What is held or ordered in the open world."""
        return set().union(*map(traded_symbols, self._shown().accounts.values()))

    def follow(self, ranks: Sequence[Collection[str]]) -> None:
        """Have a live market listen to what is held or ordered, then to `ranks`, most wanted first. For a scheduler."""
        self._opener.follow(self._source(), (self._traded(), *ranks))

    def unlisted(self) -> list[str]:
        """What is held or ordered and is not an instrument of the present market."""
        return sorted(self._traded().difference(self._source().instruments))

    def poll(self, provider: str, watched: Collection[str] = ()) -> None:
        """Ask one provider for what no stream of the present market brings, where it is due. For the scheduler."""
        self._opener.poll(self._source(), provider, watched)

    def probe(self, provider: str) -> str | Rejection:
        """Asks a provider one thing; takes seconds."""
        return unless_refused("provider", lambda: self._opener.probe(provider, self._source()))

    def recorders(self) -> Mapping[str, RecorderView]:
        """The recordings of the present market's traffic, by provider."""
        return self._opener.recorders(self._source())

    def record(self, provider: str) -> Rejection | None:
        """Write down what a provider of the present market says, into the shelf of recordings, until told to stop."""
        return unless_refused("provider", lambda: self._opener.record(provider, self._source()))

    def stop_recording(self, provider: str) -> RecorderView | Rejection:
        """What was written."""
        return unless_refused("provider", lambda: self._opener.stop_recording(provider, self._source()))

    def search(self, text: str, provider: str = "") -> Sequence[Listing] | Rejection:
        """What one provider, or all of them, list under `text`; takes seconds."""
        return unless_refused("symbols", lambda: self._opener.search(text, provider))

    def keep_key(self, name: str, key: str) -> Rejection | None:
        """Keep a vendor's key; an empty one is forgotten. It is never given out again."""
        return unless_refused(name, lambda: self._opener.keep_key(name, key))
