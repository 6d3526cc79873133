"""IEX: recorded answers of the discontinued IEX Cloud, and the exchange's own HIST captures."""
