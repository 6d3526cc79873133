"""People: the Dash page. Speaks to `desk` alone."""
