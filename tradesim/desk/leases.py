"""Symbols that programs ask about or trade by single questions: each stays wanted for a while, renewed by the next."""

from collections.abc import Callable, Iterable

from tradesim.kernel.clock import NS_PER_SECOND

LEASE_NS = 600 * NS_PER_SECOND
"""A program that looks once in five minutes may miss one turn."""


class Leases:
    """Safe from any thread: of two who renew at once, each of them counts or is just overtaken by the next question."""

    def __init__(self, now: Callable[[], int]) -> None:
        self._now = now
        self._renewed: dict[str, int] = {}

    def renew(self, symbols: Iterable[str]) -> None:
        now = self._now()
        self._renewed = {**self._standing(now), **dict.fromkeys(symbols, now)}

    def held(self) -> list[str]:
        return list(self._standing(self._now()))

    def _standing(self, now: int) -> dict[str, int]:
        return {symbol: at for symbol, at in self._renewed.items() if now - at <= LEASE_NS}
