"""The vendors on this machine speak as the adapters expect, so that what is shown with them is what would be shown."""

import random
import time
from decimal import Decimal

import pytest

from tests.contract.test_providers_equities_streams import QUICK
from tests.fake_vendors import KEYS, FakeVendors
from tests.noon import is_open, shift_s
from tests.waiting import eventually
from tradesim.kernel.clock import NS_PER_SECOND, ManualClock
from tradesim.kernel.errors import NotEntitled, ProviderError, UnknownSymbol
from tradesim.model.feed import FeedQuote, FeedTrade
from tradesim.model.market import Timeframe
from tradesim.providers.vendor import Wiring
from tradesim.providers.vendors import ROWS, Built

SHIFT = shift_s(time.time())
NAMES = ("alpaca", "iex_alpaca", "polygon", "finnhub", "alphavantage")


class Shifted(ManualClock):
    def now(self) -> int:
        return time.time_ns() + SHIFT * NS_PER_SECOND


@pytest.fixture(scope="module")
def vendors():
    with FakeVendors(SHIFT) as vendors:
        yield vendors


@pytest.fixture(params=NAMES)
def provider(request, vendors):
    row = next(row for row in ROWS if row.id == request.param)
    urls = vendors["alpaca" if row.id == "iex_alpaca" else row.id].urls.split()
    wiring = Wiring(Shifted(), random.Random(1), policy=QUICK)
    built = row.build(Built(wiring, tuple(KEYS[key] for key in row.keys), *urls))
    yield built
    built.close()


def test_a_noon_is_one_of_a_trading_day() -> None:
    assert is_open(time.time() + SHIFT) and SHIFT < 0


def test_it_quotes_what_it_trades_and_knows_nothing_else(provider) -> None:
    quote = provider.quote("AAPL")
    assert Decimal(180) < quote.last < Decimal(280) and quote.origin.provider == provider.id
    time.sleep(1.3 if provider.id == "alphavantage" else 0)
    with pytest.raises(UnknownSymbol):
        provider.quote("NOPE")


def test_its_days_are_sound_bars_of_trading_days(provider) -> None:
    now = Shifted().now()
    try:
        bars = provider.bars("MSFT", Timeframe.D1, now - 60 * 86_400 * NS_PER_SECOND, now)
    except NotEntitled:
        assert provider.id == "finnhub"
        return
    assert 35 < len(bars) < 45
    assert all(bar.low <= min(bar.open, bar.close) <= max(bar.open, bar.close) <= bar.high for bar in bars)


def test_its_stream_tells_of_what_is_wanted(provider) -> None:
    if provider.id == "alphavantage":
        assert provider.stream() is None
        return
    heard: list = []
    stream = provider.stream()
    stream.want(["AAPL"])
    stream.start(heard.extend)
    eventually(lambda: any(isinstance(event, FeedTrade) for event in heard))
    assert {event.symbol for event in heard} == {"AAPL"}
    assert any(isinstance(event, FeedQuote) for event in heard) == (provider.id != "finnhub")


def test_it_echoes_the_key_when_told_to_and_the_adapter_never_does(provider, vendors, caplog) -> None:
    caplog.set_level("DEBUG")
    vendor = vendors["alpaca" if provider.id == "iex_alpaca" else provider.id]
    vendor.echoes = True
    try:
        with pytest.raises(ProviderError) as raised:
            provider.quote("AAPL")
    finally:
        vendor.echoes = False
    words = f"{raised.value} {provider.health()} {caplog.text}"
    assert not [name for name, key in KEYS.items() if key in words]
