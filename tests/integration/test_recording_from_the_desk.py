"""Recording a provider of the open market: the desk's own line is opened anew, and the file replays."""

import gzip
import json
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.kraken_house import KrakenHouse
from tests.waiting import eventually
from tradesim.bootstrap import Markets
from tradesim.kernel.errors import Refused
from tradesim.model.feed import FeedBook
from tradesim.providers.live.source import LiveSource
from tradesim.providers.replay.recordings import TRAFFIC, kind_of
from tradesim.providers.traffic import deck
from tradesim.providers.traffic.player import played
from tradesim.settings import Settings

BTC, ETH = "BTC/USD", "ETH/USD"


@pytest.fixture
def markets(tmp_path: Path) -> Iterator[Markets]:
    with KrakenHouse() as house:
        markets = Markets(Settings(provider_urls=(("kraken", house.http_url, house.ws_url),)), tmp_path)
        yield markets
        markets.close_providers()


@pytest.fixture
def source(markets: Markets) -> Iterator[LiveSource]:
    source = markets.live("kraken", [BTC, ETH])
    eventually(lambda: bid(source))
    yield source
    source.close()


def bid(source: LiveSource, symbol: str = BTC) -> int | None:
    source.advance(time.time_ns())
    bids = source.venue.top(symbol, 1).bids
    return bids[0].price if bids else None


def frames(markets: Markets, source: LiveSource) -> int:
    source.advance(time.time_ns())
    return markets.recorders(source)["kraken"].frames


def test_a_recording_begins_with_whole_books_and_replays(markets, source, tmp_path) -> None:
    markets.record("kraken", source)
    eventually(lambda: frames(markets, source) > 20)
    view = markets.recorders(source)["kraken"]
    assert view.is_on and view.answers > 0 and view.seconds > 0
    eventually(lambda: bid(source))
    told = markets.stop_recording("kraken", source)
    path = tmp_path / "recordings" / told.name
    assert (told.is_on, told.fault, told.bytes) == (False, "", path.stat().st_size)
    assert kind_of([path]) == TRAFFIC and str(path) in [each[0] for each in markets.recordings()]
    recording = played(path)
    assert recording.symbols == (BTC, ETH)
    assert str(recording.listing(BTC).tick_size) == "0.1" and recording.bars(BTC)
    books = [each for each in recording.events if isinstance(each, FeedBook)]
    assert {each.symbol for each in books if each.is_snapshot} == {BTC, ETH}


def test_the_market_goes_on_after_it_and_nothing_more_is_written(markets, source, tmp_path) -> None:
    markets.record("kraken", source)
    eventually(lambda: frames(markets, source) > 5)
    told = markets.stop_recording("kraken", source)
    path = tmp_path / "recordings" / told.name
    size = path.stat().st_size
    eventually(lambda: bid(source))
    time.sleep(1.2)
    assert path.stat().st_size == size and source.order_fault(BTC, time.time_ns()) is None


def test_it_is_refused_in_a_sentence(markets, source) -> None:
    with pytest.raises(Refused, match="Coinbase is not in the open market"):
        markets.record("coinbase", source)
    with pytest.raises(Refused, match="Kraken is not being recorded"):
        markets.stop_recording("kraken", source)
    with pytest.raises(Refused, match="not in the open market"):
        markets.record("kraken", markets.simulated(0))
    assert markets.recorders(markets.simulated(0)) == {}
    markets.record("kraken", source)
    with pytest.raises(Refused, match=r"Kraken is being recorded into kraken .*\.traffic\.gz"):
        markets.record("kraken", source)


def test_it_ends_with_the_market(markets, source, tmp_path) -> None:
    markets.record("kraken", source)
    eventually(lambda: frames(markets, source) > 5)
    source.close()
    eventually(lambda: not markets.recorders(source)["kraken"].is_on)
    told = markets.recorders(source)["kraken"]
    lines = gzip.decompress((tmp_path / "recordings" / told.name).read_bytes()).splitlines()
    assert json.loads(lines[0])["kind"] == "begun" and told.fault == ""


def test_one_that_grows_too_large_ends_by_itself_and_says_so(markets, source, monkeypatch) -> None:
    monkeypatch.setattr(deck.Recording.__init__, "__defaults__", (1_000,))
    markets.record("kraken", source)
    eventually(lambda: not markets.recorders(source)["kraken"].is_on)
    assert markets.recorders(source)["kraken"].fault == "it was ended at 0 MiB"


def test_a_full_disk_ends_it_and_the_market_goes_on(markets, source, monkeypatch) -> None:
    def full(_self: object) -> None:
        raise OSError(28, "No space left on device")

    markets.record("kraken", source)
    eventually(lambda: frames(markets, source) > 2)
    monkeypatch.setattr(deck.TrafficFile, "flush", full)
    eventually(lambda: not markets.recorders(source)["kraken"].is_on)
    assert "No space left on device" in markets.recorders(source)["kraken"].fault
    monkeypatch.undo()
    eventually(lambda: bid(source))
