"""IEX: recorded answers of the discontinued IEX Cloud, and the exchange's own HIST captures."""

from tradesim.providers.iex.cloud import IexCloud

__all__ = ["IexCloud"]
