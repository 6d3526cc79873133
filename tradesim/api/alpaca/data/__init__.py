"""Market data as Alpaca serves it, over REST and WebSocket, out of the desk's views, bars and ticks."""
