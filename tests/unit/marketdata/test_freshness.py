"""How old is old, by asset class and session."""

import pytest

from tradesim.kernel.clock import NS_PER_SECOND
from tradesim.marketdata.freshness import AgeLimits, age_text, freshness, worst_alive
from tradesim.model.feed import Feed
from tradesim.model.instrument import AssetClass
from tradesim.model.market import SessionState, SourceKind

LIVE, DELAYED, STALE = SourceKind.LIVE, SourceKind.DELAYED, SourceKind.STALE


@pytest.mark.parametrize(
    ("age_s", "feed", "kind"),
    [
        (0, Feed.IEX, LIVE),
        (60, Feed.SIP, LIVE),
        (61, Feed.SIP, STALE),
        (1, Feed.DELAYED, DELAYED),
        (61, Feed.DELAYED, STALE),
    ],
)
def test_a_word_is_called_by_its_age_and_feed(age_s: int, feed: Feed, kind: SourceKind) -> None:
    assert freshness(0, age_s * NS_PER_SECOND, 60.0, feed) is kind


def test_never_heard_is_stale_and_a_closed_market_has_no_limit() -> None:
    assert freshness(None, 0, None, Feed.SIP) is STALE
    limits = AgeLimits(by_symbol={"THIN": 300.0})
    assert limits.limit_s("AAPL", AssetClass.US_EQUITY, SessionState.CLOSED) is None
    assert limits.limit_s("THIN", AssetClass.US_EQUITY, SessionState.CLOSED) is None
    assert limits.limit_s("THIN", AssetClass.US_EQUITY, SessionState.REGULAR) == 300
    assert limits.limit_s("AAPL", AssetClass.US_EQUITY, SessionState.PRE) == 600
    assert freshness(0, 10**18, None, Feed.SIP) is LIVE


def test_many_symbols_get_one_word() -> None:
    assert worst_alive([LIVE, STALE]) is LIVE and worst_alive([LIVE, DELAYED]) is DELAYED
    assert worst_alive([STALE, STALE]) is STALE and worst_alive([]) is STALE


def test_ages_are_said_in_words() -> None:
    assert [age_text(s * NS_PER_SECOND) for s in (5, 300, 10_800)] == ["is 5 s old", "is 5 min old", "is 3 h old"]
