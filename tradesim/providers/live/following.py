"""Which symbols of a live market somebody wants, and how much: what nobody wants any more is let go after a while."""

from collections.abc import Collection, Iterable, Sequence

from tradesim.kernel.clock import NS_PER_SECOND

GRACE_NS = 60 * NS_PER_SECOND
"""So long a symbol stays as wanted as it was: who looks at another one is often back soon."""
LEAST = 1_000
"""The rank of what the market was opened with while nobody wants it more."""


class Following:
    """`standing` is what the market was opened with: it is wanted for as long as that is open.

    One thread tells what is wanted, another may ask.
    """

    def __init__(self, standing: Iterable[str]) -> None:
        self._standing = frozenset(standing)
        self._wanted_at: dict[tuple[str, int], int] = {}

    def want(self, ranks: Sequence[Collection[str]], now: int) -> None:
        """Symbols by how much they are wanted at `now` (UTC ns), most first."""
        still = {key: at for key, at in self._wanted_at.items() if now - at <= GRACE_NS}
        still.update({(symbol, rank): now for rank, symbols in enumerate(ranks) for symbol in symbols})
        self._wanted_at = still

    def in_order(self, symbols: Iterable[str], now: int) -> tuple[str, ...]:
        """Those of `symbols` that are wanted, most first; alike ones as they came."""
        rank_of = {symbol: LEAST for symbol in symbols if symbol in self._standing}
        listed = list(symbols)
        for (symbol, rank), at in self._wanted_at.items():
            if now - at <= GRACE_NS:
                rank_of[symbol] = min(rank, rank_of.get(symbol, LEAST))
        return tuple(sorted((symbol for symbol in listed if symbol in rank_of), key=rank_of.__getitem__))
