"""The depth panel's ids, written once; assets/depth.js uses the same."""

from enum import StrEnum


class Depth(StrEnum):
    PANEL = "depth"
    MID = "depth-mid"
    SPREAD = "depth-spread"
    IMBALANCE = "depth-imbalance"
    IMBALANCE_TEXT = "depth-imbalance-text"
    STAGE = "depth-stage"
    UNDER = "depth-under"
    GRAPH = "depth-graph"
    GRAPH_SLOT = "depth-graph-slot"
    MOUNT = "depth-mount"
    """dcc.Store: set by the browser when it wants the Graph."""
    OVER = "depth-over"
    READOUT = "depth-readout"
    CONDITION = "depth-condition"
    FALLBACK = "depth-fallback"
    FALLBACK_TIMER = "depth-fallback-timer"
    FALLBACK_MODE = "depth-fallback-mode"
    """dcc.Store: {kind: figure | table, colors: {up, down, muted, line}}, set by the browser."""
