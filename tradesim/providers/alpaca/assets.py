"""What Alpaca trades and in which steps, asked of its trading side: a symbol at a time, once a day."""

import logging
from collections.abc import Mapping
from contextlib import suppress
from decimal import Decimal
from typing import Any
from urllib.parse import quote

from tradesim.kernel.clock import NS_PER_SECOND, Clock
from tradesim.kernel.errors import BadPayload, ProviderError
from tradesim.model.feed import Listing
from tradesim.model.instrument import AssetClass
from tradesim.providers.budget import BudgetStore, Forgetful
from tradesim.providers.decoding import decoded
from tradesim.providers.fields import amount_or_none, members, text
from tradesim.providers.http import HttpClient

logger = logging.getLogger(__name__)

FRESH_NS = 86_400 * NS_PER_SECOND
KEPT_S = 30 * 86_400.0
CLASSES = {"us_equity": AssetClass.US_EQUITY, "crypto": AssetClass.CRYPTO}


class Assets:
    """Safe from any thread. Answers outlive the process where there is a `store`."""

    def __init__(self, http: HttpClient, clock: Clock, store: BudgetStore | None = None) -> None:
        self._http, self._clock, self._store = http, clock, store or Forgetful()

    def of(self, symbol: str, provider: str) -> Listing | None:
        """None where Alpaca does not tell: its market data goes on without. An older answer stands in for a new one."""
        received, kept = self._kept(symbol, provider)
        if kept is not None and self._clock.now() - received < FRESH_NS:
            return kept
        try:
            answer = self._http.get(f"v2/assets/{quote(symbol, safe='')}")
            listing = listing_of(answer.json(), symbol, provider)
        except ProviderError as error:
            words = self._http.redact(error)
            logger.info("%s: what %s is, and its steps, is not told: %s", provider, symbol, words)
            return kept
        self._store.set(place_of(symbol), [answer.received, answer.text], KEPT_S)
        return listing

    def _kept(self, symbol: str, provider: str) -> tuple[int, Listing | None]:
        """And when it was received."""
        kept: Any = self._store.get(place_of(symbol))
        with suppress(BadPayload, TypeError, ValueError):
            received, body = kept
            return int(received), listing_of(decoded(str(body)), symbol, provider)
        return 0, None


def place_of(symbol: str) -> str:
    return f"alpaca/1/asset/{symbol}"


def listing_of(found: Any, symbol: str, provider: str) -> Listing:
    """`/v2/assets/{symbol}`: coins come with their steps. Raises BadPayload."""
    row = members(found, "an asset")
    kind = CLASSES.get(text(row.get("class"), "class"))
    if kind is None:
        raise BadPayload(f"class of {symbol} must be one of {', '.join(CLASSES)}, was {row.get('class')!r:.40}")
    price, size = step(row, "price_increment"), step(row, "min_trade_increment")
    return Listing(symbol, str(row.get("name") or symbol), kind, provider, str(row.get("exchange", "")), price, size)


def step(row: Mapping[str, Any], name: str) -> Decimal | None:
    """None where shares have none."""
    found = amount_or_none(row.get(name), name)
    if found is not None and not found > 0:
        raise BadPayload(f"{name} must be above zero, was {found}")
    return found
