"""What a vendor writes of its stream: what to say, and how to read what is heard."""

from collections.abc import Sequence

from tradesim.model.feed import Feed, FeedEvent
from tradesim.providers.line import Address, Line
from tradesim.providers.resting import Rest


class Dialect:
    """What one vendor says and hears. Called on the stream's thread only; state of a line begins anew in `opened`.

    Raise the errors of kernel.errors: BadKey and NotEntitled end all attempts until `Connection.retry`;
    RateLimited and RetryLater close and wait (at least `after_s`); BadPayload is counted and the line goes on.
    """

    provider: str = ""
    feed: Feed = Feed.CRYPTO

    def address(self) -> Address:
        raise NotImplementedError

    def opened(self, line: Line) -> None:
        """The line is open: log in here. `line.ready()`, now or when the answer came, has the symbols asked for."""
        line.ready()

    def subscribe(self, line: Line, symbols: Sequence[str]) -> None:
        """Ask for `symbols` (never empty). `line.expect(key)` each answer that must come."""
        raise NotImplementedError

    def unsubscribe(self, line: Line, symbols: Sequence[str]) -> None:
        raise NotImplementedError

    def heard(self, line: Line, message: str | bytes, received: int) -> Sequence[FeedEvent]:
        """What `message` says, heard at `received` (UTC ns). [] for pings, acks and other talk."""
        raise NotImplementedError

    def due(self, line: Line, now: int) -> Sequence[FeedEvent]:
        """What time alone brings about, and answers that came from elsewhere (REST); called a few times a second.

        It is no sign that the line is alive.
        """
        return ()

    def silence_s(self, symbols: Sequence[str], now: int) -> float | None:
        """Seconds without data after which a line with these symbols is mute; None while silence proves nothing."""
        return 30.0

    def symbol_silence_s(self, symbol: str, now: int) -> float | None:
        """Seconds without data after which this symbol is asked for again; None: never."""
        return None

    def rest_after(self, code: int, reason: str) -> Rest | None:
        """This vendor's own meaning of a close code; None for the usual one."""
        return None

    def secrets(self) -> Sequence[str]:
        return ()
