"""The ground floor: clock, inbox, bus, ids, errors, backoff. Knows nothing of trading."""
