"""Polygon.io, since 2025 Massive: aggregates on the free plan, quotes, trades and the stream on paid ones."""

from tradesim.providers.polygon.rest import Polygon

__all__ = ["Polygon"]
