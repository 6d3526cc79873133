"""Alpaca market data: IEX live and SIP delayed on the free plan; `iex_alpaca` shows the IEX part alone."""

from tradesim.providers.alpaca.rest import Alpaca, IexViaAlpaca

__all__ = ["Alpaca", "IexViaAlpaca"]
