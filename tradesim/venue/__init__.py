"""Where orders match: the order book, its rules, queue positions, fees and latency, for our market and for others'."""
