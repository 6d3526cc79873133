"""Where an order came from: `ticket`, `ladder`, `alpaca:KEY`, and of a program `alpaca:KEY/NAME`."""

NAMED = "/"
"""What follows it is who sent the order, however often it was started: `alpaca:PK…/my_bot.py`."""


def sender(source: str) -> str:
    """A program's name, which outlives its keys; else the source itself."""
    return source.partition(NAMED)[2] or source


def origin(source: str) -> str:
    """` from the ticket`, ` from my_bot.py`, ` from key PK…`: where an order came from, as a person knows it."""
    if not source:
        return ""
    key, _, program = source.partition(NAMED)
    if program:
        return f" from {program}"
    kind, _, id_ = key.partition(":")
    if id_:
        return f" from key {id_}"
    return f" from the {'API' if kind == 'api' else kind}"
