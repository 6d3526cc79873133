"""Market data asked for with the real clients: alpaca-py's REST clients, and ccxt's `alpaca` in a place of its own.

Numbers are those of the conformance list. Skipped, by name, where a client is not installed.
"""

from datetime import UTC, datetime, timedelta

import pytest

from tests.alpaca_stage import KEY, SECRET, Floor, running
from tests.conformance.house import simulated_house
from tests.conformance.test_data_other_clients import HERE, PLACE, run_beside
from tradesim.model.market import Side

alpaca = pytest.importorskip("alpaca", reason="alpaca-py is not installed")

from alpaca.common.exceptions import APIError  # noqa: E402
from alpaca.data.enums import Adjustment, DataFeed, MarketType, MostActivesBy  # noqa: E402
from alpaca.data.historical import CryptoHistoricalDataClient, StockHistoricalDataClient  # noqa: E402
from alpaca.data.historical.corporate_actions import CorporateActionsClient  # noqa: E402
from alpaca.data.historical.news import NewsClient  # noqa: E402
from alpaca.data.historical.screener import ScreenerClient  # noqa: E402
from alpaca.data.requests import (  # noqa: E402
    CorporateActionsRequest,
    CryptoBarsRequest,
    CryptoLatestOrderbookRequest,
    CryptoLatestQuoteRequest,
    CryptoSnapshotRequest,
    CryptoTradesRequest,
    MarketMoversRequest,
    MostActivesRequest,
    NewsRequest,
    StockBarsRequest,
    StockLatestBarRequest,
    StockLatestQuoteRequest,
    StockLatestTradeRequest,
    StockQuotesRequest,
    StockSnapshotRequest,
    StockTradesRequest,
)
from alpaca.data.timeframe import TimeFrame, TimeFrameUnit  # noqa: E402
from alpaca.trading.client import TradingClient  # noqa: E402
from alpaca.trading.enums import AssetClass, AssetStatus  # noqa: E402
from alpaca.trading.requests import GetAssetsRequest, GetCalendarRequest  # noqa: E402

START = datetime(2026, 1, 5, 14, tzinfo=UTC)
END = START + timedelta(hours=6)


@pytest.fixture(scope="module")
def house():
    floor = Floor()
    for n in range(300):
        floor.deal(23_000 + n % 2, 1 + n % 9, after_ms=7_000)
        floor.agent(Side.BUY, 22_999, 1 + n % 7)
        if n % 3 == 0:
            floor.deal(9_700_050, 5 + n, "BTC/USD", after_ms=1)
    with running(floor) as found:
        yield found


@pytest.fixture(scope="module")
def stocks(house):
    return StockHistoricalDataClient(KEY, SECRET, url_override=house.url)


@pytest.fixture(scope="module")
def simulated():
    with simulated_house() as served:
        yield StockHistoricalDataClient(served.api_key, served.secret, url_override=served.url)


@pytest.fixture(scope="module")
def coins(house):
    return CryptoHistoricalDataClient(url_override=house.url)


@pytest.fixture(scope="module")
def trading(house):
    return TradingClient(KEY, SECRET, url_override=house.url)


def test_2_a_bad_key_is_an_error_that_can_be_read(house):
    with pytest.raises(APIError) as refused:
        StockHistoricalDataClient("no", "no", url_override=house.url).get_stock_latest_trade(
            StockLatestTradeRequest(symbol_or_symbols="AAPL")
        )
    assert (refused.value.status_code, refused.value.code) == (401, 40110000)
    assert refused.value.message == "request is not authorized."


def test_4_basic_authentication_works_on_data(house):
    client = StockHistoricalDataClient(KEY, SECRET, use_basic_auth=True, url_override=house.url)
    assert client.get_stock_latest_trade(StockLatestTradeRequest(symbol_or_symbols="AAPL"))["AAPL"].price > 0


def test_6_the_clock_has_the_markets_own_time(house, trading):
    clock = trading.get_clock()
    assert clock.is_open and clock.timestamp.utcoffset() == timedelta(hours=-5)
    assert int(clock.timestamp.timestamp()) == house.stage.desk.status().now // 1_000_000_000
    assert clock.timestamp < clock.next_close < clock.next_open


def test_7_the_calendar_of_a_market_that_never_closes_can_be_read(trading):
    days = trading.get_calendar(GetCalendarRequest(start=START.date(), end=END.date()))
    assert [(str(day.date), day.open.hour, day.close.hour, day.close.minute) for day in days] == [
        ("2026-01-05", 0, 23, 59)
    ]


def test_8_assets_are_filtered_by_status_and_class(trading):
    found = trading.get_all_assets(GetAssetsRequest(status=AssetStatus.ACTIVE, asset_class=AssetClass.CRYPTO))
    assert [asset.symbol for asset in found] == ["BTC/USD"]
    assert trading.get_all_assets(GetAssetsRequest(status=AssetStatus.INACTIVE)) == []


def test_9_an_asset_is_found_by_symbol_and_by_id(trading):
    share = trading.get_asset("AAPL")
    assert trading.get_asset(share.id) == share
    assert trading.get_asset("BTC/USD").id == trading.get_asset("BTCUSD").id


def test_10_an_unknown_asset_is_a_404(trading):
    with pytest.raises(APIError) as refused:
        trading.get_asset("NOPE")
    assert (refused.value.status_code, refused.value.code) == (404, 40410000)


@pytest.mark.parametrize("kind", ["bars", "trades", "quotes"])
def test_67_pages_across_symbols_are_the_whole(stocks, kind):
    def ask(limit):
        request = {"symbol_or_symbols": ["AAPL", "BTC/USD"], "start": START, "end": END, "limit": limit}
        if kind == "bars":
            return stocks.get_stock_bars(StockBarsRequest(timeframe=TimeFrame.Minute, **request)).data
        if kind == "trades":
            return stocks.get_stock_trades(StockTradesRequest(**request)).data
        return stocks.get_stock_quotes(StockQuotesRequest(**request)).data

    whole = ask(None)
    assert sum(map(len, whole.values())) > 20
    part = ask(17)
    assert sum(map(len, part.values())) == 17
    assert part["AAPL"] == whole["AAPL"][:17]


def test_67_descending_is_the_other_way_round(stocks):
    request = {"symbol_or_symbols": "AAPL", "start": START, "end": END}
    up = stocks.get_stock_trades(StockTradesRequest(**request, sort="asc")).data["AAPL"]
    down = stocks.get_stock_trades(StockTradesRequest(**request, sort="desc")).data["AAPL"]
    assert down == up[::-1]


@pytest.mark.parametrize("frame", [(5, "Min"), (1, "Hour"), (1, "Day"), (1, "Week"), (3, "Month")], ids=str)
def test_68_every_timeframe_is_joined_from_minutes(stocks, frame):
    def bars(timeframe):
        request = StockBarsRequest(
            symbol_or_symbols="AAPL",
            timeframe=timeframe,
            start=datetime(2026, 1, 1, tzinfo=UTC),
            end=END,
            adjustment=Adjustment.ALL,
            feed=DataFeed.SIP,
        )
        return stocks.get_stock_bars(request).df

    minutes, found = bars(TimeFrame.Minute), bars(TimeFrame(frame[0], TimeFrameUnit(frame[1])))
    assert found["volume"].sum() == minutes["volume"].sum()
    assert found["trade_count"].sum() == minutes["trade_count"].sum()
    assert (found["high"].max(), found["low"].min()) == (minutes["high"].max(), minutes["low"].min())
    assert found["close"].iloc[-1] == minutes["close"].iloc[-1]


@pytest.mark.parametrize("frame", [(1, "Min"), (1, "Hour"), (1, "Day"), (1, "Week"), (1, "Month")], ids=str)
def test_68_a_past_that_nobody_heard_has_trades_and_a_vwap_in_each_bar(simulated, frame):
    def bars(timeframe, since):
        request = StockBarsRequest(symbol_or_symbols="AAPL", timeframe=timeframe, start=since)
        return simulated.get_stock_bars(request).df.loc["AAPL"]

    now = datetime.now(UTC)
    found = bars(TimeFrame(frame[0], TimeFrameUnit(frame[1])), now - timedelta(days=2 if frame[1] == "Min" else 400))
    assert len(found) > 10 and not found.isna().any(axis=None)
    assert (found["trade_count"] > 0).all() and found["vwap"].between(found["low"], found["high"]).all()
    lots = found["volume"] / found["trade_count"]
    assert 100 < lots.mean() < 240
    if frame == (1, "Day"):
        yesterday, today = found.index[-2], found.index[-1]
        minutes = bars(TimeFrame.Minute, yesterday)
        inside = minutes[minutes.index < today]
        assert found["trade_count"].loc[yesterday] == inside["trade_count"].sum()
        value = (inside["vwap"] * inside["volume"]).sum()
        assert found["vwap"].loc[yesterday] == pytest.approx(value / inside["volume"].sum())


def test_69_the_latest_and_snapshots_have_their_shapes(stocks, coins):
    one = {"symbol_or_symbols": "AAPL"}
    trade = stocks.get_stock_latest_trade(StockLatestTradeRequest(**one))["AAPL"]
    quote = stocks.get_stock_latest_quote(StockLatestQuoteRequest(**one))["AAPL"]
    bar = stocks.get_stock_latest_bar(StockLatestBarRequest(**one))["AAPL"]
    shown = stocks.get_stock_snapshot(StockSnapshotRequest(**one))["AAPL"]
    assert (shown.latest_trade, shown.latest_quote, shown.minute_bar) == (trade, quote, bar)
    assert quote.bid_price < quote.ask_price and shown.daily_bar.volume >= bar.volume
    coin = {"symbol_or_symbols": "BTC/USD"}
    snapshot = coins.get_crypto_snapshot(CryptoSnapshotRequest(**coin))["BTC/USD"]
    assert snapshot.latest_quote == coins.get_crypto_latest_quote(CryptoLatestQuoteRequest(**coin))["BTC/USD"]
    assert coins.get_crypto_trades(CryptoTradesRequest(**coin, start=START, end=END)).data["BTC/USD"][0].price > 0


def test_70_a_symbol_without_data_is_empty_and_its_frame_too(stocks, coins):
    request = {"symbol_or_symbols": "ZZZZ", "timeframe": TimeFrame.Minute, "start": START, "end": END}
    assert stocks.get_stock_bars(StockBarsRequest(**request)).df.empty
    assert coins.get_crypto_bars(CryptoBarsRequest(**request)).df.empty
    assert stocks.get_stock_snapshot(StockSnapshotRequest(symbol_or_symbols="ZZZZ")) == {}


def test_books_of_shares_come_through_the_client_for_coins(coins):
    book = coins.get_crypto_latest_orderbook(CryptoLatestOrderbookRequest(symbol_or_symbols=["AAPL", "BTC/USD"]))
    assert len(book["AAPL"].bids) == 10 and book["BTC/USD"].asks[0].price == 97_001


def test_screener_news_and_corporate_actions_can_be_read(house):
    entry = {"api_key": KEY, "secret_key": SECRET, "url_override": house.url}
    actives = ScreenerClient(**entry).get_most_actives(MostActivesRequest(by=MostActivesBy.TRADES, top=3))
    assert actives.most_actives[0].symbol == "AAPL"
    movers = ScreenerClient(**entry).get_market_movers(MarketMoversRequest(market_type=MarketType.STOCKS))
    assert movers.market_type == MarketType.STOCKS
    assert NewsClient(**entry).get_news(NewsRequest(symbols="AAPL")).data == {"news": []}
    assert CorporateActionsClient(**entry).get_corporate_actions(CorporateActionsRequest(symbols=["AAPL"])).data == {}


def test_74_ccxt_reads_the_book_bars_and_trades_without_a_key(house):
    python = PLACE / "ccxt" / "bin" / "python"
    if not python.exists():
        pytest.skip("ccxt has no Python of its own here; make conformance makes one")
    seen = run_beside(
        house, [str(python), str(HERE / "ccxt_reader.py"), house.url, str(int(START.timestamp() * 1_000))]
    )
    assert seen == {"touch": [97_000, 97_001], "bars": 5, "trades": True}
