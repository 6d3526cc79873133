"""Recorded markets, played on a virtual clock: LOBSTER order files and bars. The future stays in here."""
