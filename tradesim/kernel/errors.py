"""What can go wrong below the words of trading, sorted by what the caller should do.

What a person or a vendor can cause and must be told is a value (`Rejection`), not an exception.
"""


class TradeSimError(Exception):
    """Root of every error that this program raises on purpose."""


class Refused(TradeSimError):
    """A file, setting or start-up condition that a person must mend; the message is for them."""


class IllegalTransition(TradeSimError):
    """An order was asked to make a move that its life cycle does not have: a bug."""


class Unbalanced(TradeSimError):
    """Postings of one ledger entry do not sum to zero: a bug."""


class JournalUnavailable(TradeSimError):
    """The journal could not be written now: try again when the disk has room."""


class ProviderError(TradeSimError):
    """A data provider did not give what was asked."""


class RetryLater(ProviderError):
    def __init__(self, message: str, after_s: float) -> None:
        super().__init__(message)
        self.after_s = after_s


class RateLimited(RetryLater):
    """The provider's quota is used up."""


class BadPayload(ProviderError):
    """An answer arrived that does not have the documented form."""


class NotEntitled(ProviderError):
    """The key's plan does not include what was asked: remember it, ask another provider, do not ask again."""


class BadKey(ProviderError):
    """The provider does not know the key: stop asking until a person mends it."""


class UnknownSymbol(ProviderError):
    """The provider does not trade it: no other provider is asked because of this."""


class NoData(ProviderError):
    """Nothing happened in what was asked: a fact, not a failure."""


class NotOffered(ProviderError):
    """The vendor has no such thing at all."""
