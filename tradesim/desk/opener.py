"""How another market is opened: its source is built outside the market thread, which then adopts it."""

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any, Protocol, TypeVar

from tradesim.desk.board import BarKeeper
from tradesim.desk.ports import MarketSource
from tradesim.desk.views import FeedView, RecorderView, SwitchView, VendorView, WordView
from tradesim.kernel.errors import Refused
from tradesim.model.commands import AddSymbols, OpenLive, OpenReplay, OpenSimulated
from tradesim.model.feed import Listing, ProviderHealth
from tradesim.model.market import SourceKind
from tradesim.model.orders import Rejection

T = TypeVar("T")


class MarketOpener(Protocol):
    """Builds sources; called outside the market thread because reading a recording takes seconds."""

    def simulated(self, now: int, seed: int | None = None) -> MarketSource:
        """As it was left; with a `seed` a new one."""
        ...

    def replay(self, paths: Sequence[str], mapping: Mapping[str, str]) -> MarketSource:
        """Raises Refused with file and line."""
        ...

    def live(self, provider: str, symbols: Sequence[str], backups: Sequence[str] = ()) -> MarketSource:
        """Raises Refused with what the provider said."""
        ...

    def vendors(self, open_now: MarketSource) -> Sequence[VendorView]:
        """Who could be opened as a live market."""
        ...

    def providers(self, open_now: MarketSource) -> Sequence[ProviderHealth]:
        """How every provider is, those of the open market and the others."""
        ...

    def switches(self, open_now: MarketSource) -> Sequence[SwitchView]:
        """Who served what, newest first."""
        ...

    def words(self, open_now: MarketSource, symbol: str) -> Sequence[WordView]:
        """What each provider of the open market says of `symbol`. Asked on the market thread."""
        ...

    def feeds(self, open_now: MarketSource) -> Mapping[str, FeedView]:
        """Whose word each symbol of a live market is; nothing for others. Asks nobody."""
        ...

    def prefer(self, order: Sequence[str], stand_ins: Sequence[str]) -> None:
        """Keep in which order a person wants the providers, and who stands in for them. Raises Refused."""
        ...

    def follow(self, open_now: MarketSource, ranks: Sequence[Collection[str]]) -> None:
        """Have the open market listen to what is wanted, most first; called again and again. Asks nobody."""
        ...

    def enlist(self, open_now: MarketSource, symbols: Sequence[str]) -> Sequence[str]:
        """Have the open market learn of more symbols, which takes seconds; as they are spelled. Raises Refused."""
        ...

    def poll(self, open_now: MarketSource, provider: str, watched: Collection[str] = ()) -> None:
        """Ask one provider for what no stream of the open market brings, where it is due; `watched` symbols first."""
        ...

    def probe(self, provider: str, open_now: MarketSource) -> str:
        """Asks the provider one thing, within a time limit; the sentence of what it said. Raises Refused."""
        ...

    def search(self, text: str, provider: str = "") -> Sequence[Listing]:
        """What one provider, or every one that can be searched, lists. Raises Refused when none answered."""
        ...

    def keep_key(self, name: str, key: str) -> None:
        """Keep the vendor's key called `name`; an empty one is forgotten. Raises Refused."""
        ...

    def recorders(self, open_now: MarketSource) -> Mapping[str, RecorderView]:
        """By provider: the recordings of the open market's traffic that are written, or were."""
        ...

    def record(self, provider: str, open_now: MarketSource) -> None:
        """Write down what a provider of the open market says, from now on. Raises Refused."""
        ...

    def stop_recording(self, provider: str, open_now: MarketSource) -> RecorderView:
        """What was written. Raises Refused when nothing is."""
        ...

    def bars(self, source: MarketSource) -> BarKeeper: ...

    def recordings(self) -> Sequence[tuple[str, str, int]]:
        """Path, title and bytes of every recording that can be replayed."""
        ...

    def save_recording(self, name: str, content: bytes) -> str:
        """The path of the saved file. Raises Refused."""
        ...


class AdoptMarket:
    """Internal command: trade in `source` from now on."""

    def __init__(self, source: MarketSource) -> None:
        self.source = source


class AdoptSymbols:
    """Internal command: `source` learned of `symbols`, which are traded there from now on."""

    def __init__(self, source: MarketSource, symbols: Sequence[str]) -> None:
        self.source, self.symbols = source, tuple(symbols)


def with_its_market(command: Any, opener: MarketOpener, open_now: MarketSource, simulated_now: int) -> Any:
    """`command`, or the market that it asks for: read from files, asked of providers, drawn. Raises Refused.

    A simulated market goes on at `simulated_now`.
    """
    match command:
        case OpenReplay():
            return AdoptMarket(opener.replay(command.paths, dict(command.mapping)))
        case OpenLive():
            return AdoptMarket(opener.live(command.provider, command.symbols, command.backups))
        case OpenSimulated(seed=int(seed)):
            return AdoptMarket(opener.simulated(simulated_now, seed))
        case AddSymbols():
            return AdoptSymbols(open_now, opener.enlist(open_now, command.symbols))
        case OpenSimulated() if open_now.kind is SourceKind.SIMULATED:
            raise Refused("the simulated market is open already")
        case OpenSimulated():
            return AdoptMarket(opener.simulated(simulated_now))
    return command


def unless_refused(field: str, act: Callable[[], T]) -> T | Rejection:
    """What came of `act`, or its refusal, which is about `field`."""
    try:
        return act()
    except Refused as refused:
        return Rejection("refused", str(refused), field)
