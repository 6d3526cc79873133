"""Days and hours of markets, for the floors above, which ask the desk and not its engines."""

from tradesim.marketdata.days import date_of, day_bounds, midnight, zone, zone_name
from tradesim.marketdata.sessions import CLOSES, OPENS, PRE_OPENS, Holidays, post_closes

__all__ = [
    "CLOSES",
    "OPENS",
    "PRE_OPENS",
    "Holidays",
    "date_of",
    "day_bounds",
    "midnight",
    "post_closes",
    "zone",
    "zone_name",
]
