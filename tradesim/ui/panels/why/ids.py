"""The explanation's ids, written once; assets/why.js uses the same."""

from enum import StrEnum


class Why(StrEnum):
    PANEL = "why"
    TITLE = "why-title"
    ABOUT = "why-about"
    LATEST = "why-latest"
    """Back from what was chosen to what happened last."""
    STEPS = "why-steps"
    """The executions of the trade that is told of: entry, exit and what is between."""
    STORY = "why-story"
    BOOK = "why-book"
    EMPTY = "why-empty"
