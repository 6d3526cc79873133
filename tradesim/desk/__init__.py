"""The one door: commands in, immutable views out. Owns the market thread and ties the engines together."""
