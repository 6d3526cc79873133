"""The control API, `/sim/v1`: the desk for programs, in its own words."""
