"""How many of something, in words: the one form for one, the other for all else."""


def counted(count: int, one: str, many: str = "") -> str:
    """`1 order`, `1,200 orders`; `many` where it is not `one` with an s."""
    return f"{count:,} {one if count == 1 else many or one + 's'}"
