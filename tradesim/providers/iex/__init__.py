"""IEX: its cloud, shut down, and its HIST files, which the desk replays."""
