"""The live market: what providers say, screened and put together, with our orders in its shadow."""
