"""What may stand between a provider and the network: an ear that writes down, or a recording that answers instead."""

import random
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from msgspec import Struct

from tradesim.providers.errands import ThreadedErrands

if TYPE_CHECKING:
    from tradesim.providers.line import Connect, Tap, Wait

Params = Mapping[str, str]


class Exchange(Struct, frozen=True):
    """One question by REST and what came of it: an answer, or the sentence of why there was none."""

    path: str
    params: Params
    status: int = 0
    headers: Mapping[str, str] | None = None
    body: bytes = b""
    received: int = 0
    took_ns: int = 0
    failed: str = ""


Overhear = Callable[[Exchange], None]
"""Gets every exchange as it came; keys are still in it."""

Recorded = Callable[[str, Params], Exchange]
"""Answers from a recording instead of the network."""

ErrandsOf = Callable[[str, Callable[[Any], Any]], Any]
"""Makes the errands of a stream from a name and what runs one."""


Dice = Callable[[random.Random], random.Random]
"""What a stream rolls its rests with, made of what it would roll with."""


def as_they_fall(rng: random.Random) -> random.Random:
    return rng


class Hooks(Struct, frozen=True):
    """Nothing of it is set in ordinary life. `tap` gets every frame, `overhear` every REST exchange."""

    tap: "Tap | None" = None
    connect: "Connect | None" = None
    overhear: Overhear | None = None
    recorded: Recorded | None = None
    wait: "Wait | None" = None
    errands: ErrandsOf = ThreadedErrands
    dice: Dice = as_they_fall


NO_HOOKS = Hooks()
