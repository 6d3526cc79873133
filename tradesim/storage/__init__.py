"""What stays: the journal (durable, SQL), the market cache (may be lost), the data folder and its lock."""
