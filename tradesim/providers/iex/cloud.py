"""IEX Cloud, shut down on 2024-08-31: shown as what it is, asked nothing. `parse` reads what was recorded of it."""

from collections.abc import Mapping

from tradesim.kernel.errors import NotOffered
from tradesim.model.feed import Capability, FeedBar, FeedBook, FeedQuote, LinkState, Listing, ProviderHealth
from tradesim.model.market import Timeframe
from tradesim.providers.contract import Stream
from tradesim.providers.iex.parse import PROVIDER

DISCONTINUED = "discontinued 2024-08-31: use IEX via Alpaca, or replay IEX HIST captures"


class IexCloud:
    id = PROVIDER
    title = "IEX Cloud"
    needs_key = True
    is_discontinued = True

    def capabilities(self) -> Mapping[Capability, str]:
        return dict.fromkeys(Capability, DISCONTINUED)

    def quote(self, symbol: str) -> FeedQuote:
        raise gone()

    def book(self, symbol: str) -> FeedBook:
        raise gone()

    def bars(self, symbol: str, timeframe: Timeframe, start: int, end: int) -> list[FeedBar]:
        raise gone()

    def search(self, text: str) -> list[Listing]:
        raise gone()

    def stream(self) -> Stream | None:
        return None

    def health(self) -> ProviderHealth:
        return ProviderHealth(self.id, self.title, LinkState.OFF, dict(self.capabilities()), error=DISCONTINUED)

    def try_again(self) -> None:
        """There is nothing to try."""

    def close(self) -> None:
        """Nothing is open."""


def gone() -> NotOffered:
    return NotOffered(f"IEX Cloud: {DISCONTINUED}")
