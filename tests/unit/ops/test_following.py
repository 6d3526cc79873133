"""A live market is told what is wanted, and takes up what is held or ordered there."""

from typing import Any

import pytest

from tradesim.model.commands import AddSymbols
from tradesim.model.market import SourceKind
from tradesim.model.orders import Rejection
from tradesim.ops.following import Follower


class Desk:
    """`unlisted` is what is held or ordered and not listed; what it is asked is kept."""

    def __init__(self, source: SourceKind = SourceKind.LIVE) -> None:
        self.providers, self.session_id, self.source = self, "s1", source
        self.unlisted_symbols = ["ETH/USD", "SOL/USD"]
        self.ranks: Any = None
        self.asked: list[AddSymbols] = []

    def status(self) -> Any:
        return self

    def follow(self, ranks: Any) -> None:
        self.ranks = ranks

    def unlisted(self) -> list[str]:
        return self.unlisted_symbols

    def submit(self, command: AddSymbols, timeout_s: float) -> Any:
        self.asked.append(command)
        return Rejection("refused", "not listed there")


def test_wishes_are_told_in_their_order() -> None:
    desk: Any = Desk()
    Follower(desk, lambda: {"A"}, lambda: ["B"]).follow()
    assert desk.ranks == [{"A"}, ["B"]]


def test_what_is_held_is_added_once_in_each_market() -> None:
    desk: Any = Desk()
    follower = Follower(desk)
    follower.restore()
    follower.restore()
    assert desk.asked == [AddSymbols(("ETH/USD",)), AddSymbols(("SOL/USD",))]
    desk.session_id = "s2"
    follower.restore()
    assert len(desk.asked) == 4


@pytest.mark.parametrize("source", [SourceKind.SIMULATED, SourceKind.REPLAY])
def test_only_a_live_market_is_asked(source: SourceKind) -> None:
    desk: Any = Desk(source)
    Follower(desk).restore()
    assert not desk.asked
