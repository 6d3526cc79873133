"""Finnhub: quotes and search by REST, live trades by websocket; bars, bid and ask are of paid plans."""

from tradesim.providers.finnhub.rest import Finnhub

__all__ = ["Finnhub"]
