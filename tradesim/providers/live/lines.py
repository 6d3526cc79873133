"""The streams of a live market: one of each provider that has one, asked for what is wanted, the most wanted first."""

from collections.abc import Collection, Iterator, Mapping, Sequence

from tradesim.providers.contract import Hear, Provider, Stream
from tradesim.providers.live.following import Following
from tradesim.providers.live.routes import Routes


class Lines:
    """Of the market thread, but for `want` and `stop`. `symbols` are all of the market, and `followed` now."""

    def __init__(self, providers: Mapping[str, Provider], routes: Routes, hear: Hear, symbols: Collection[str]) -> None:
        self._providers, self._routes, self._hear = providers, routes, hear
        self._streams: dict[str, Stream] = {}
        self._symbols, self._following = symbols, Following(symbols)
        self._followed = tuple(symbols)

    def __iter__(self) -> Iterator[str]:
        """The providers that stream."""
        return iter(self._streams)

    def open(self, name: str) -> None:
        """Anew, where its provider was built anew."""
        self._streams.pop(name, None)
        stream = self._providers[name].stream() if self._routes.symbols_of(name) else None
        if stream is not None:
            stream.want(self._of(name))
            stream.start(self._hear)
            self._streams[name] = stream

    def widen(self, name: str) -> None:
        """It may serve more symbols: they are asked for on its line."""
        stream = self._streams.get(name)
        if stream is None:
            self.open(name)
        else:
            stream.want(self._of(name))

    def want(self, ranks: Sequence[Collection[str]], now: int) -> None:
        """Symbols by how much they are wanted at `now`, most first. Called again and again."""
        self._following.want(ranks, now)

    def follow(self, now: int) -> list[str]:
        """Ask for what is wanted now, and for nothing else; the symbols that were let go."""
        followed, former = self._following.in_order(self._symbols, now), self._followed
        if followed == former:
            return []
        self._followed = followed
        for name, stream in self._streams.items():
            stream.want(self._of(name))
        return [symbol for symbol in former if symbol not in followed]

    @property
    def unwanted(self) -> frozenset[str]:
        """Those of the market that are not followed."""
        return frozenset(self._symbols).difference(self._followed)

    def ask_again(self, name: str, symbol: str) -> None:
        """Its book is not to be trusted."""
        if (stream := self._streams.get(name)) is not None:
            stream.ask_again(symbol)

    def retry(self) -> None:
        for stream in self._streams.values():
            stream.retry()

    def stop(self) -> None:
        for stream in tuple(self._streams.values()):
            stream.stop()

    def _of(self, name: str) -> list[str]:
        able = set(self._routes.symbols_of(name))
        return [symbol for symbol in self._followed if symbol in able]
