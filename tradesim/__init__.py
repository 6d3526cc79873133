"""TradeSim: a trading desk in the browser on top of a real exchange simulator."""

__version__ = "0.1.0"
