"""What is known of a market's past and present: bars of every length, days, sessions, whether data is sound. Pure."""
