"""How well an account traded: round trips, the equity curve, and what is counted of them. Pure."""
