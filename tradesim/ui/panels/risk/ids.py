"""Ids of the Risk view."""

from enum import StrEnum


class Risk(StrEnum):
    PANEL = "risk"
    SCOPE = "risk-scope"
    STATES = "risk-states"
    LIMITS = "risk-limits"
    LIMITS_NOTE = "risk-limits-note"
    DEEDS = "risk-deeds"
    MARGIN = "risk-margin"
    MARGIN_TITLE = "risk-margin-title"
    EXPOSURE = "risk-exposure"
    GUARD = "risk-guard"
    HISTORY = "risk-history"
    TICK = "risk-tick"
    WISH = "risk-wish"
    FACTS = "risk-facts"
