"""Binance, spot: combined streams and REST, no key. Books joined to a REST snapshot without a gap."""

from tradesim.providers.binance.provider import Binance

__all__ = ["Binance"]
