"""The simulated market: seeded agents who trade in an order book, on market time, and the past that led up to them.

An engine: it is handed a venue (`AgentVenue`), opening hours and a seed, and touches no clock, disk or network.
"""
