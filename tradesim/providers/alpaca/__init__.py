"""Alpaca market data: IEX live and SIP delayed on the free plan; `iex_alpaca` shows the IEX part alone."""

from tradesim.providers.alpaca.rest import Alpaca, AlpacaCrypto, IexViaAlpaca

__all__ = ["Alpaca", "AlpacaCrypto", "IexViaAlpaca"]
