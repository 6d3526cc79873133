"""A live market is told what is wanted, and takes up what is held or ordered there."""

from typing import Any

import pytest

from tradesim.model.commands import AddSymbols
from tradesim.model.market import SourceKind
from tradesim.model.orders import Rejection
from tradesim.ops.following import MOST_ROUNDS, Follower


class Desk:
    """`unlisted` is what is held or ordered and not listed; what it is asked is kept."""

    def __init__(self, source: SourceKind = SourceKind.LIVE) -> None:
        self.providers, self.session_id, self.source = self, "s1", source
        self.unlisted_symbols = ["ETH/USD", "SOL/USD"]
        self.ranks: Any = None
        self.asked: list[AddSymbols] = []
        self.answer: Any = Rejection("refused", "not listed there")
        self.warnings: tuple[str, ...] = ()

    def status(self) -> Any:
        return self

    def follow(self, ranks: Any) -> None:
        self.ranks = ranks

    def unlisted(self) -> list[str]:
        return self.unlisted_symbols

    def submit(self, command: AddSymbols, timeout_s: float) -> Any:
        self.asked.append(command)
        if not isinstance(self.answer, Rejection):
            self.unlisted_symbols = []
        return self.answer

    def warn(self, sentences: tuple[str, ...], of: str) -> None:
        assert of == "unlisted"
        self.warnings = sentences


def test_wishes_are_told_in_their_order() -> None:
    desk: Any = Desk()
    Follower(desk, lambda: {"A"}, lambda: ["B"]).follow()
    assert desk.ranks == [{"A"}, ["B"]]


def test_what_is_held_is_asked_for_again_less_and_less_often_and_said_until_it_is_listed() -> None:
    desk: Any = Desk()
    desk.unlisted_symbols = ["ETH/USD"]
    follower = Follower(desk)
    tried = []
    for attempt in range(40):
        follower.restore()
        tried += [attempt] * len(desk.asked)
        desk.asked.clear()
    assert tried == [0, 2, 5, 10, 19, 36]
    (said,) = desk.warnings
    assert said == (
        "ETH/USD is held or ordered and has no price in this market (not listed there): it is asked for again and again"
    )
    desk.answer = ("ETH/USD",)
    for _ in range(40):
        follower.restore()
    assert len(desk.asked) == 1 and desk.warnings == ()


def test_in_another_market_it_is_asked_for_at_once() -> None:
    desk: Any = Desk()
    follower = Follower(desk)
    follower.restore()
    assert desk.asked == [AddSymbols(("ETH/USD",)), AddSymbols(("SOL/USD",))]
    desk.session_id = "s2"
    follower.restore()
    assert len(desk.asked) == 4


def test_it_is_asked_for_an_hour_apart_at_most() -> None:
    desk: Any = Desk()
    desk.unlisted_symbols = ["ETH/USD"]
    follower = Follower(desk)
    for _ in range(3 * MOST_ROUNDS):
        follower.restore()
    desk.asked.clear()
    for _ in range(MOST_ROUNDS + 1):
        follower.restore()
    assert len(desk.asked) == 1


def test_what_is_not_held_any_more_is_not_missed() -> None:
    desk: Any = Desk()
    follower = Follower(desk)
    follower.restore()
    desk.unlisted_symbols = []
    follower.restore()
    assert desk.warnings == ()


@pytest.mark.parametrize("source", [SourceKind.SIMULATED, SourceKind.REPLAY])
def test_only_a_live_market_is_asked(source: SourceKind) -> None:
    desk: Any = Desk(source)
    Follower(desk).restore()
    assert not desk.asked
