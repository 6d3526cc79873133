"""Alpha Vantage's documented quotas on the free plan, less two calls a day for a person's own clicks."""

from tradesim.providers.budget import Quota

BASE_URL = "https://www.alphavantage.co"
QUOTAS = (Quota("second", 1, 1.2), Quota("day", 23, 86_400.0))
COMPACT_ROWS = 100
LONGEST_MONTHS = 3
