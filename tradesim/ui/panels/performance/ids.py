"""Ids of the Performance view; assets/performance.js uses the same."""

from enum import StrEnum


class Performance(StrEnum):
    PANEL = "performance"
    ACCOUNT = "performance-account"
    PERIODS = "performance-periods"
    PERIOD = "performance-period"
    """dcc.Store: one of PERIODS in layout.py."""
    EXPORTS = "performance-exports"
    TICK = "performance-tick"
    """dcc.Interval: runs while the view is open."""
    SUMMARY = "performance-summary"
    CURVES = "performance-curves"
    TRADES = "performance-trades"
    SEEN = "performance-seen"
    """dcc.Store: which trades are shown, so that they are drawn again only when there are others."""
    CURVE = "performance-curve"
    DAYS = "performance-days"
    RESULTS = "performance-results"
    EXCURSIONS = "performance-excursions"
