"""Alpha Vantage: REST alone; 25 calls a day on the free plan, and an HTTP 200 for everything."""

from tradesim.providers.alphavantage.rest import AlphaVantage

__all__ = ["AlphaVantage"]
