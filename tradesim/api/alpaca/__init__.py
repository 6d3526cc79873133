"""The desk as Alpaca's clients know their broker: same addresses, same shapes, same refusals. It translates."""
