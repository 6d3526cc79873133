"""Market data followed with the real alpaca-py: StockDataStream and CryptoDataStream, MessagePack and all."""

import asyncio
import logging
import threading
import time
from contextlib import contextmanager

import pytest

from tests.alpaca_stage import KEY, SECRET, Floor, running
from tests.waiting import eventually
from tradesim.model.commands import HaltTrading
from tradesim.model.market import Side

alpaca = pytest.importorskip("alpaca", reason="alpaca-py is not installed")

from alpaca.data.historical import CryptoHistoricalDataClient, StockHistoricalDataClient  # noqa: E402
from alpaca.data.live import CryptoDataStream, NewsDataStream, StockDataStream  # noqa: E402
from alpaca.data.requests import CryptoLatestOrderbookRequest, StockBarsRequest  # noqa: E402
from alpaca.data.timeframe import TimeFrame  # noqa: E402


@pytest.fixture
def house():
    with running(Floor()) as found:
        yield found


class Ear:
    """Keeps what it is told, by kind."""

    def __init__(self):
        self.heard = []

    async def hear(self, told):
        self.heard.append(told)

    def of(self, kind):
        return [each for each in self.heard if type(each).__name__ == kind]


@contextmanager
def listening(stream, house):
    """The client in a thread of its own, once the server knows what it follows."""
    before = house.streams.broadcaster.clients
    thread = threading.Thread(target=stream.run, daemon=True)
    thread.start()
    try:
        eventually(lambda: house.streams.broadcaster.clients > before)
        eventually(lambda: stream._running and follows(house))
        time.sleep(0.1)
        yield
    finally:
        stream.stop()


def follows(house):
    return any(
        any(names for names in each.subscriptions.values()) for each in tuple(house.streams.broadcaster._clients)
    )


def test_61_a_stream_of_shares_is_greeted_followed_and_left(house):
    ear = Ear()
    stream = StockDataStream(KEY, SECRET, url_override=house.ws + "/v2/iex")
    stream.subscribe_trades(ear.hear, "AAPL")
    stream.subscribe_quotes(ear.hear, "*")
    stream.subscribe_trading_statuses(ear.hear, "*")
    with listening(stream, house):
        for n in range(20):
            house.stage.deal(23_001, 1 + n)
            house.stage.agent(Side.BUY, 22_999, 10)
        eventually(lambda: len(ear.of("Trade")) == house.stage.desk.ticks("AAPL").trades.end)
        assert [trade.id for trade in ear.of("Trade")] == list(range(1, len(ear.of("Trade")) + 1))
        assert {quote.symbol for quote in ear.of("Quote")} == {"AAPL"}
        house.stage.ask(HaltTrading("AAPL"))
        eventually(lambda: [status.status_code for status in ear.of("TradingStatus")] == ["H"])
        stream.unsubscribe_trades("AAPL")
        eventually(lambda: not any(each.subscriptions.get("trades") for each in house.streams.broadcaster._clients))


def test_62_eight_thousand_symbols_are_followed(house):
    ear = Ear()
    stream = StockDataStream(KEY, SECRET, url_override=house.ws + "/v2/sip")
    stream.subscribe_trades(ear.hear, *(f"S{n:04d}" for n in range(8_000)), "AAPL")
    with listening(stream, house):
        house.stage.deal(23_001, 3)
        eventually(lambda: ear.of("Trade"))


def test_64_a_bad_key_is_refused(house, caplog):
    stream = StockDataStream("no", "no", url_override=house.ws + "/v2/iex")

    async def enter():
        await stream._start_ws()

    with caplog.at_level(logging.CRITICAL), pytest.raises(ValueError, match="auth failed"):
        asyncio.run(enter())


def test_65_bars_of_the_stream_are_those_of_rest(house):
    ear, coins = Ear(), Ear()
    stream = StockDataStream(KEY, SECRET, url_override=house.ws + "/v2/iex")
    stream.subscribe_bars(ear.hear, "AAPL")
    stream.subscribe_daily_bars(coins.hear, "AAPL")
    stream.subscribe_updated_bars(ear.hear, "AAPL")
    with listening(stream, house):
        for n in range(200):
            house.stage.deal(23_000 + n % 2, 1 + n % 5)
        eventually(lambda: len(ear.of("Bar")) >= 3)
        client = StockHistoricalDataClient(KEY, SECRET, url_override=house.url)
        ask = {"symbol_or_symbols": "AAPL", "start": ear.heard[0].timestamp.replace(hour=5, minute=0)}
        minutes = client.get_stock_bars(StockBarsRequest(timeframe=TimeFrame.Minute, **ask)).data["AAPL"]
        day = client.get_stock_bars(StockBarsRequest(timeframe=TimeFrame.Day, **ask)).data["AAPL"]
        eventually(lambda: ear.heard == minutes)
        eventually(lambda: coins.heard[-1:] == day)


@pytest.mark.parametrize("symbol", ["AAPL", "BTC/USD"])
def test_66_books_are_rebuilt_from_the_whole_and_its_changes(house, symbol):
    ear = Ear()
    stream = CryptoDataStream(KEY, SECRET, url_override=house.ws + "/v1beta3/crypto/us")
    stream.subscribe_orderbooks(ear.hear, symbol)
    stream.subscribe_trades(ear.hear, symbol)
    with listening(stream, house):
        eventually(lambda: ear.of("Orderbook"))
        touch = 23_000 if symbol == "AAPL" else 9_700_050
        for n in range(60):
            house.stage.agent(Side.BUY if n % 2 else Side.SELL, touch + n % 9 - 4, 3 + n, symbol)
        rest = CryptoHistoricalDataClient(url_override=house.url)
        wanted = rest.get_crypto_latest_orderbook(CryptoLatestOrderbookRequest(symbol_or_symbols=symbol))[symbol]
        eventually(lambda: rebuilt(ear.of("Orderbook")) == sides(wanted))
    books = ear.of("Orderbook")
    assert [book.reset for book in books] == [True] + [False] * (len(books) - 1)


def sides(book):
    return [{level.price: level.size for level in side} for side in (book.bids, book.asks)]


def rebuilt(messages):
    book = [{}, {}]
    for message in messages:
        if message.reset:
            book = [{}, {}]
        for kept, new in zip(book, sides(message), strict=True):
            kept.update(new)
    return [{price: size for price, size in side.items() if size} for side in book]


def test_the_test_stream_and_the_news_can_be_followed(house):
    ear = Ear()
    stream = StockDataStream(KEY, SECRET, url_override=house.ws + "/v2/test")
    stream.subscribe_quotes(ear.hear, "FAKEPACA")
    with listening(stream, house):
        eventually(lambda: ear.of("Quote"))
    news = NewsDataStream(KEY, SECRET)
    news._endpoint = house.ws + "/v1beta1/news"
    news.subscribe_news(ear.hear, "*")
    with listening(news, house):
        assert house.streams.broadcaster.clients
