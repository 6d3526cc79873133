"""The ladder's ids, written once; assets/ladder.js uses the same."""

from enum import StrEnum


class Ladder(StrEnum):
    PANEL = "ladder"
    SPREAD = "ladder-spread"
    AUCTION = "ladder-auction"
    """What an auction would do, while orders are collected for one."""
    STEP = "ladder-step"
    VOLUME = "ladder-volume"
    CENTRE = "ladder-centre"
    ONE_CLICK = "ladder-one-click"
    GRID = "ladder-grid"
    ROWS = "ladder-rows"
    HINT = "ladder-hint"
    RECEIPT = "ladder-receipt"
    CONDITION = "ladder-condition"
    SIZE = "ladder-size"
    ACTIONS = "ladder-actions"
    FALLBACK = "ladder-fallback"
    FALLBACK_TIMER = "ladder-fallback-timer"
