"""Names for things. Same seed and same start: same names, so a session can be repeated to the byte."""

import random
import uuid


class Ids:
    """Version-4-shaped UUIDs from a seed; `start` (the journal's length) keeps names new after a restart.

    A session that is to be repeated gives a number; a desk that is not adds chance to it, so that no two share names.
    """

    def __init__(self, seed: int | str, start: int = 0) -> None:
        self._rng = random.Random(f"ids:{seed}:{start}")

    def next(self) -> str:
        return str(uuid.UUID(int=self._rng.getrandbits(128), version=4))
