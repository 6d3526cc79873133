"""The machine room: scheduler, health, logs, and the servers that carry the app."""
