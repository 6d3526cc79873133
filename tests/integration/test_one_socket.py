"""Two providers with one key have one socket between them: neither deadlocks, neither takes the other's line."""

import time
from collections.abc import Iterator

import pytest

from tests.fake_vendors import FakeVendors
from tests.noon import shift_s
from tests.waiting import eventually
from tradesim.bootstrap import Markets
from tradesim.model.feed import LinkState
from tradesim.providers.live.source import LiveSource
from tradesim.providers.vendor import Vendor
from tradesim.settings import Settings


@pytest.fixture
def markets(tmp_path, monkeypatch) -> Iterator[Markets]:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    with FakeVendors(shift_s(time.time())) as vendors:
        markets = Markets(Settings.from_env(vendors.environment), tmp_path)
        yield markets
        markets.close_providers()


def link(source: LiveSource, name: str):
    provider = source.providers[name]
    assert isinstance(provider, Vendor) and provider.connection is not None
    return provider.connection.link()


@pytest.mark.parametrize(("first", "other"), [("alpaca", "iex_alpaca"), ("iex_alpaca", "alpaca")])
def test_one_does_not_stand_in_for_the_other(markets, first: str, other: str) -> None:
    source = markets.live(first, ["AAPL"], [other, "finnhub"])
    try:
        assert list(source.providers) == [first, "finnhub"]
        eventually(lambda: link(source, first).state is LinkState.LIVE)
        assert markets.stand_ins(first) == () and other not in source.absent
    finally:
        source.close()


def test_the_next_market_waits_for_the_socket_and_has_it_as_soon_as_it_is_let_go(markets) -> None:
    before = markets.live("alpaca", ["AAPL"])
    eventually(lambda: link(before, "alpaca").state is LinkState.LIVE)
    after = markets.live("iex_alpaca", ["AAPL"])
    try:
        eventually(lambda: "a key takes one socket" in (link(after, "iex_alpaca").error or ""))
        assert link(before, "alpaca").connects == 1 and link(before, "alpaca").state is LinkState.LIVE
        before.close()
        after.on_arrival(lambda: None)
        eventually(lambda: link(after, "iex_alpaca").state is LinkState.LIVE)
    finally:
        before.close()
        after.close()


def test_two_that_share_a_key_and_stand_behind_a_third_are_one(markets) -> None:
    source = markets.live("finnhub", ["AAPL"], ["alpaca", "iex_alpaca"])
    try:
        assert list(source.providers) == ["finnhub", "alpaca"]
        eventually(lambda: link(source, "alpaca").state is LinkState.LIVE)
    finally:
        source.close()
