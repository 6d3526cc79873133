"""Kraken, spot: websocket v2 and REST, no key. Books proven by checksum."""

from tradesim.providers.kraken.provider import Kraken

__all__ = ["Kraken"]
