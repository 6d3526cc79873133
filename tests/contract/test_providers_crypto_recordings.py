"""Every recording of the crypto exchanges, without loss: books proven by the exchanges' own means.

Counts are asserted exactly: a frame that is skipped shows as a number that is too small.
"""

import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

import pytest
from msgspec.structs import replace

from tests.crypto_recordings import (
    binance,
    binance_captured,
    captured,
    hftbacktest,
    lines,
    recording,
    wrapped,
)
from tradesim.model.feed import FeedBar, FeedBook, FeedEvent, FeedQuote, FeedReset, FeedTrade
from tradesim.model.market import Side, Timeframe
from tradesim.providers.binance import parse as binance_parse
from tradesim.providers.binance.book import BinanceBook
from tradesim.providers.coinbase import parse as coinbase_parse
from tradesim.providers.coinbase.book import CoinbaseBook
from tradesim.providers.kraken import parse as kraken_parse
from tradesim.providers.kraken import recording as kraken_v1
from tradesim.providers.kraken.book import KrakenBook

KRAKEN_D10 = "providers/kraken/ws_v2_book_d10_btcusd_20260816.jsonl"
COINBASE = "providers/coinbase/exchange_level2_ticker_matches_20210417.jsonl"
NEVER_CUT = 10**9


# --- Kraken


@dataclass
class Proof:
    """How many book messages came, how many carried a checksum, how many of those were right."""

    books: dict[str, KrakenBook] = field(default_factory=dict)
    changes: int = 0
    told: int = 0
    resets: list[FeedReset] = field(default_factory=list)

    @property
    def proven(self) -> int:
        return sum(book.proven for book in self.books.values())

    def take(self, change: kraken_parse.BookChange, depth: int) -> tuple[FeedEvent, ...]:
        self.changes += 1
        self.told += change.checksum is not None
        book = self.books.setdefault(change.symbol, KrakenBook(change.symbol, depth))
        events = book.apply(change, 1)
        self.resets += [event for event in events if isinstance(event, FeedReset)]
        return events


def v2_changes(path: str) -> Iterator[kraken_parse.BookChange]:
    for frame in lines(path):
        yield from (each for each in kraken_parse.messages(frame, 1) if isinstance(each, kraken_parse.BookChange))


def proof_of(changes: Iterable[kraken_parse.BookChange], depth: int) -> Proof:
    proof = Proof()
    for change in changes:
        proof.take(change, depth)
    return proof


@pytest.mark.parametrize(
    ("name", "depth", "changes"),
    [
        ("ws_v2_book_d10_btcusd_20260816", 10, 52),
        ("ws_v2_book_d10_ethusd_20250506", 10, 2),
        ("ws_v2_book_checksum_doc_example", 10, 1),
        ("DERIVED_ws_v2_shape_book1000_xmrusd", 1000, 847),
    ],
)
def test_kraken_v2_checksums_are_all_right(name: str, depth: int, changes: int) -> None:
    proof = proof_of(v2_changes(f"providers/kraken/{name}.jsonl"), depth)
    assert (proof.changes, proof.told, proof.proven, proof.resets) == (changes, changes, changes, [])


@pytest.mark.parametrize(
    ("frames", "changes", "told"),
    [
        (lambda: wrapped("providers/kraken/ws_v1_book1000_3pairs_20210417.jsonl"), 1956, 1953),
        (lambda: captured("market/crypto_ws/KRAKEN_book1000_openpairs.ws.gz"), 2099, 2094),
    ],
    ids=["3 pairs", "5 pairs"],
)
def test_kraken_v1_checksums_are_all_right(frames, changes: int, told: int) -> None:
    found = (kraken_v1.book_change(frame) for _at, frame in frames())
    proof = proof_of((change for change in found if change), 1000)
    assert (proof.changes, proof.told, proof.proven, proof.resets) == (changes, told, told, [])


def wrong_checksums(changes: Iterable[kraken_parse.BookChange], depth: int) -> tuple[int, int]:
    """Wrong ones of all, where a book goes on regardless."""
    blind, wrong, all_ = KrakenBook("BTC/USD", depth), 0, 0
    for change in changes:
        blind.apply(replace(change, checksum=None), 1)
        wrong += blind.checksum() != change.checksum
        all_ += 1
    return wrong, all_


def test_without_the_cut_to_the_subscribed_depth_kraken_checksums_fail() -> None:
    assert wrong_checksums(v2_changes(KRAKEN_D10), NEVER_CUT) == (35, 52)


def test_read_as_floats_no_kraken_checksum_is_right() -> None:
    def floats(rows: tuple[tuple[str, str], ...]) -> tuple[tuple[str, str], ...]:
        return tuple((str(float(price)), str(float(qty))) for price, qty in rows)

    changes = (replace(each, bids=floats(each.bids), asks=floats(each.asks)) for each in v2_changes(KRAKEN_D10))
    assert wrong_checksums(changes, 10) == (52, 52)


def test_whoever_mirrors_kraken_needs_no_rule_of_its_own() -> None:
    """Cuts are told as removals: a plain mirror of the events has the same book, level by level."""
    book, mirror = KrakenBook("BTC/USD", 10), ({}, {})
    for change in v2_changes(KRAKEN_D10):
        for event in book.apply(change, 1):
            if isinstance(event, FeedBook):
                mirrored(mirror, event)
        assert len(mirror[0]) <= 10
        assert len(mirror[1]) <= 10
        assert (max(mirror[0].items()), min(mirror[1].items())) == book.best()


def mirrored(mirror: tuple[dict, dict], event: FeedBook) -> None:
    for side, rows in zip(mirror, (event.bids, event.asks), strict=True):
        if event.is_snapshot:
            side.clear()
        for price, qty in rows:
            if qty:
                side[price] = qty
            else:
                side.pop(price, None)


def test_kraken_v1_prints_and_tickers_are_all_read() -> None:
    trades = [
        trade
        for at, frame in wrapped("providers/kraken/ws_v1_trade_20210417.jsonl")
        for trade in kraken_v1.trades(frame, at)
    ]
    quotes = [kraken_v1.quote(frame, at) for at, frame in wrapped("providers/kraken/ws_v1_ticker_20210417.jsonl")]
    assert (len(trades), sum(quote is not None for quote in quotes)) == (10, 18)


def test_kraken_control_frames_say_what_they_are() -> None:
    frames = wrapped("providers/kraken/ws_v2_control_frames.jsonl")
    kinds: Counter[str] = Counter()
    for _at, frame in frames:
        if b'"method":"subscribe","params"' in frame:
            continue
        kinds.update(type(each).__name__ for each in kraken_parse.messages(frame.split(b',"note"')[0], 1))
    assert kinds == {"Status": 1, "Answer": 1, "Alive": 1, "BookChange": 1}


def test_kraken_rest_answers_are_all_read() -> None:
    def body(name: str) -> bytes:
        return recording(f"providers/kraken/http_{name}.json").read_bytes()

    bars = kraken_parse.rest_bars(body("ohlc"), "BTC/USDT", Timeframe.M1, 1)
    trades = kraken_parse.rest_trades(body("trades"), "BTC/USDT", 1)
    book = kraken_parse.rest_book(body("order_book"), "BTC/USDT", 1)
    quote = kraken_parse.rest_quote(body("ticker"), "BTC/USDT", 1)
    (listing,) = kraken_parse.listings(body("asset_pairs"))
    assert len(bars) == 721
    assert [bar.is_final for bar in bars[-2:]] == [True, False]
    numbers = [trade.origin.sequence for trade in trades]
    assert numbers == list(range(10218208, 10219208))
    assert (str(quote.bid), str(quote.ask), str(quote.last)) == ("105944.20000", "105944.30000", "105899.40000")
    assert book.bids[0][0] < book.asks[0][0]
    assert (listing.symbol, str(listing.tick_size), str(listing.lot_size)) == ("BTC/USDT", "0.1", "1E-8")
    assert kraken_parse.system_status(body("system_status")).system == "online"


# --- Binance


@dataclass
class Heard:
    """What a Binance recording held, and what its books made of it."""

    books: dict[str, BinanceBook] = field(default_factory=dict)
    kinds: Counter[str] = field(default_factory=Counter)
    resets: list[FeedReset] = field(default_factory=list)
    trade_ids: dict[str, list[int]] = field(default_factory=lambda: defaultdict(list))

    def book(self, name: str) -> BinanceBook:
        return self.books.setdefault(name, BinanceBook(name))

    def take(self, name: str | None, frame: bytes) -> None:
        events: tuple[FeedEvent | None, ...] = ()
        if name is not None:
            self.kinds["snapshot"] += 1
            events = self.book(name).snapshot(binance_parse.snapshot_of(frame), 1)
        else:
            message = binance_parse.message_of(frame, 1)
            kind = message.event if isinstance(message, binance_parse.Named) else message
            self.kinds[type(kind).__name__] += 1
            if isinstance(message, binance_parse.DepthDiff):
                events = self.book(message.name).change(message, 1)
            elif isinstance(kind, FeedQuote):
                events = (self.book(kind.symbol).quote(kind, 1),)
            elif isinstance(kind, FeedTrade):
                self.trade_ids[kind.symbol].append(int(kind.trade_id or 0))
        self.resets += [event for event in events if isinstance(event, FeedReset)]


BINANCE = {
    "spot 2021": (
        lambda: binance("providers/binance/spot_depth_ws_plus_snapshots_20211012.jsonl"),
        {"DepthDiff": 177, "FeedQuote": 84, "FeedTrade": 2, "FeedBar": 2, "snapshot": 4},
        26,
    ),
    "binance.us 2021": (
        lambda: binance("providers/binance/binanceus_depth_ws_plus_snapshots_20211012.jsonl"),
        {"DepthDiff": 336, "FeedQuote": 128, "FeedTrade": 11, "FeedBar": 5, "snapshot": 4},
        56,
    ),
    "spot 2021, as captured": (
        lambda: binance_captured("market/crypto_ws/BINANCE.ws.1.0.gz", "market/crypto_ws/BINANCE.http.0.0.gz"),
        {"DepthDiff": 177, "FeedQuote": 84, "FeedTrade": 2, "FeedBar": 2, "snapshot": 4},
        26,
    ),
    "binance.us 2021, as captured": (
        lambda: binance_captured("market/crypto_ws/BINANCE_US.ws.1.0.gz", "market/crypto_ws/BINANCE_US.http.0.0.gz"),
        {"DepthDiff": 336, "FeedQuote": 128, "FeedTrade": 11, "FeedBar": 5, "snapshot": 4},
        56,
    ),
    "spot 2024": (
        lambda: hftbacktest("market/binance_l2/spot_ethusdt_20240808.gz", "ETHUSDT"),
        {"DepthDiff": 3434, "FeedQuote": 24077, "FeedTrade": 6106, "snapshot": 1},
        577,
    ),
    "futures 2024": (
        lambda: hftbacktest("market/binance_l2/usdm_ethusdt_20240808.gz", "ETHUSDT"),
        {"DepthDiff": 6586, "FeedQuote": 53992, "FeedTrade": 14076, "snapshot": 1},
        551,
    ),
}


@pytest.mark.parametrize("name", BINANCE)
def test_binance_books_equal_its_own_best_prices_at_every_shared_change(name: str) -> None:
    frames, kinds, shared = BINANCE[name]
    heard = Heard()
    for pair, frame in frames():
        heard.take(pair, frame)
    assert heard.kinds == kinds
    assert heard.resets == []
    assert all(book.is_live for book in heard.books.values())
    assert sum(book.compared for book in heard.books.values()) == shared


@pytest.mark.parametrize("name", ["spot 2024", "futures 2024"])
def test_binance_prints_have_no_holes(name: str) -> None:
    heard = Heard()
    for pair, frame in BINANCE[name][0]():
        if pair is None and b"@trade" in frame[:40]:
            heard.take(pair, frame)
    (numbers,) = heard.trade_ids.values()
    assert numbers == list(range(numbers[0], numbers[0] + len(numbers)))


@pytest.mark.parametrize("name", ["spot 2021", "binance.us 2021"])
def test_the_documents_wording_of_binance_first_change_is_true_of_no_recorded_symbol(name: str) -> None:
    """ "The first event should have lastUpdateId within [U;u]": the proof that our rule is the one that works."""
    last_id: dict[str, int] = {}
    first: dict[str, binance_parse.DepthDiff] = {}
    for pair, frame in BINANCE[name][0]():
        if pair is not None:
            last_id[pair] = binance_parse.snapshot_of(frame).last_id
            continue
        message = binance_parse.message_of(frame, 1)
        if isinstance(message, binance_parse.DepthDiff) and message.last_id > last_id.get(message.name, 10**18):
            first.setdefault(message.name, message)
    assert len(first) == 4
    assert not any(each.first_id <= last_id[pair] <= each.last_id for pair, each in first.items())
    assert all(each.first_id <= last_id[pair] + 1 <= each.last_id for pair, each in first.items())


def test_binance_control_frames_say_what_they_are() -> None:
    frames = [frame.split(b',"note"')[0] for _at, frame in wrapped("providers/binance/ws_control_frames.jsonl")]
    _subscribe, ack, farewell = frames
    assert binance_parse.message_of(ack, 1) == binance_parse.Ack(1)
    assert isinstance(binance_parse.message_of(farewell, 1), binance_parse.ShuttingDown)


# --- Coinbase


COINBASES = {
    "5 products": (
        lambda: wrapped(COINBASE),
        {
            "BookUpdate": 4093,
            "BookSnapshot": 5,
            "FeedQuote": 71,
            "FeedTrade": 66,
            "LastMatch": 5,
            "Subscribed": 3,
        },
        (1109, 71, 68),
    ),
    "10 products": (
        lambda: captured("market/crypto_ws/COINBASE.ws.28.0.gz"),
        {
            "BookUpdate": 9719,
            "BookSnapshot": 10,
            "FeedQuote": 107,
            "FeedTrade": 97,
            "LastMatch": 10,
            "Subscribed": 3,
        },
        (2634, 107, 100),
    ),
}


@pytest.mark.parametrize("name", COINBASES)
def test_coinbase_books_never_cross_and_prints_have_no_holes(name: str) -> None:
    frames, kinds, (removals, compared, agreed) = COINBASES[name]
    counted: Counter[str] = Counter()
    books: dict[str, CoinbaseBook] = {}
    last: dict[str, int] = {}
    removed = 0
    for at, frame in frames():
        message = coinbase_parse.message_of(frame, at)
        counted[type(message).__name__] += 1
        events: tuple[FeedEvent | None, ...] = ()
        match message:
            case coinbase_parse.BookSnapshot():
                events = books.setdefault(message.symbol, CoinbaseBook(message.symbol)).snapshot(message, at)
            case coinbase_parse.BookUpdate():
                events = books[message.symbol].update(message, at)
                removed += sum(not qty for _side, _price, qty in message.changes)
            case FeedQuote() if message.symbol in books:
                events = (books[message.symbol].ticker(message, at),)
            case coinbase_parse.LastMatch():
                last[message.trade.symbol] = int(message.trade.trade_id or 0)
            case FeedTrade():
                assert int(message.trade_id or 0) == last[message.symbol] + 1
                last[message.symbol] += 1
        assert not any(isinstance(event, FeedReset) for event in events)
    assert counted == kinds
    tickers = (sum(book.compared for book in books.values()), sum(book.agreed for book in books.values()))
    assert (removed, *tickers) == (removals, compared, agreed)


def test_coinbase_match_and_ticker_tell_the_aggressor_alike_once_the_match_is_turned() -> None:
    sides: dict[tuple[str, int], Side] = {}
    pairs = 0
    for at, frame in wrapped(COINBASE):
        told = json.loads(frame)
        if told["type"] == "match":
            trade = coinbase_parse.message_of(frame, at)
            assert isinstance(trade, FeedTrade)
            assert trade.aggressor is not None
            sides[told["product_id"], told["trade_id"]] = trade.aggressor
    for _at, frame in wrapped(COINBASE):
        told = json.loads(frame)
        key = (told.get("product_id"), told.get("trade_id"))
        if told["type"] == "ticker" and key in sides:
            pairs += 1
            assert sides[key] == told["side"]
    assert pairs == 66


def test_coinbase_control_frames_say_what_they_are() -> None:
    frames = [frame.split(b',"note"')[0] for _at, frame in wrapped("providers/coinbase/ws_control_frames.jsonl")]
    refused, removal, heartbeat = (coinbase_parse.message_of(frame, 1) for frame in frames[1:])
    assert isinstance(refused, coinbase_parse.Refusal)
    assert isinstance(removal, coinbase_parse.BookUpdate)
    assert removal.changes[0][2] == 0
    assert heartbeat == coinbase_parse.Heartbeat("BTC/USD", 20)


def test_binance_bars_are_final_when_binance_says_so() -> None:
    bars = [
        message.event
        for pair, frame in BINANCE["binance.us 2021"][0]()
        if pair is None
        and isinstance(message := binance_parse.message_of(frame, 1), binance_parse.Named)
        and isinstance(message.event, FeedBar)
    ]
    assert [bar.timeframe for bar in bars] == [Timeframe.M1] * 5
    assert sum(bar.is_final for bar in bars) == 1
