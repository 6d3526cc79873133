"""The simulated market as a source: agents and their past around a matching venue."""
