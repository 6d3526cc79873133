"""Programs: JSON over HTTP. Speaks to `desk` alone."""
