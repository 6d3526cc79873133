"""Names for things. Same seed and same start: same names, so a session can be repeated to the byte."""

import random
import uuid


class Ids:
    """Version-4-shaped UUIDs from a seed; `start` (the journal's length) keeps names new after a restart."""

    def __init__(self, seed: int, start: int = 0) -> None:
        self._rng = random.Random(f"ids:{seed}:{start}")

    def next(self) -> str:
        return str(uuid.UUID(int=self._rng.getrandbits(128), version=4))
