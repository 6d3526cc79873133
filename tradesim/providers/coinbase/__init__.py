"""Coinbase Exchange: websocket and REST, no key."""

from tradesim.providers.coinbase.provider import Coinbase

__all__ = ["Coinbase"]
