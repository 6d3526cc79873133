"""What a subscription at Alpaca entitles to, for those who want to see how their bot does on the free one."""

from msgspec import Struct

from tradesim.api.alpaca.data.asking import DELAY_NS, Refused

FREE_SYMBOLS = 30
NOT_PERMITTED = 42_210_000


class Plan(Struct, frozen=True):
    """Without limits, unless it is the free one.

    `connections` is how many sockets one account may have at each address; 0: any number.
    """

    is_free: bool = False
    in_lots: bool = True
    connections: int = 0

    @property
    def symbols(self) -> int | None:
        """How many a socket may follow by trades and by quotes; None: any number."""
        return FREE_SYMBOLS if self.is_free else None

    def latest(self, feed: str, now: int, is_history: bool = True) -> int:
        """The last moment that may be seen. Raises Refused for what the plan does not have."""
        if feed == "delayed_sip":
            return now - DELAY_NS
        if self.is_free and feed == "sip" and not is_history:
            raise not_permitted()
        return now

    def check_span(self, feed: str, end: int, now: int) -> None:
        if self.is_free and feed == "sip" and end > now - DELAY_NS:
            raise not_permitted()


def not_permitted() -> Refused:
    return Refused("subscription does not permit querying recent SIP data", 403, NOT_PERMITTED)
