"""A recorded market played, jumped in and traded in; and never a word of what comes after."""

import random
from decimal import Decimal
from pathlib import Path

import numpy as np
import pytest

from tests.unit.replay.samples import BARS, HALT_DAY, NAME, random_bars, random_day
from tradesim.kernel.errors import Refused
from tradesim.marketdata.bars import BarStore
from tradesim.model.market import SessionState, Side, SourceKind, Timeframe, Trade
from tradesim.model.orders import OrderType, TimeInForce
from tradesim.model.series import Bars, History
from tradesim.model.venue import CancelCause, Canceled, Execution, Rested, VenueOrder
from tradesim.providers.replay.source import ReplaySource

SECOND = 1_000_000_000
MIDNIGHT = 1_340_251_200 * SECOND


def day_source(folder: Path, seed: int = 1, **sizes: int) -> ReplaySource:
    return ReplaySource([random_day(seed, **sizes).write_zip(folder)])


def played(source: ReplaySource) -> list[Trade]:
    """Everything to the end, moment by moment."""
    trades: list[Trade] = []
    while (due := source.next_due()) is not None:
        source.advance(due)
        trades += [each for each in source.venue.drain().items if isinstance(each, Trade)]
    return trades


def as_rows(bars: Bars) -> list[tuple[int, ...]]:
    return [tuple(int(value) for value in row) for row in zip(*bars.columns(), strict=True)]


def as_lists(history: History) -> list[list[tuple[int, ...]]]:
    return [as_rows(part) for part in (history.seconds, history.minutes, history.days)]


def top_of(line: str) -> tuple[list[tuple[int, int]], list[tuple[int, int]]]:
    cells = [int(cell) for cell in line.split(",")]
    levels = list(zip(*(cells[place::4] for place in range(4)), strict=True))
    bids = [(bid // 100, size) for _, _, bid, size in levels if size]
    return bids, [(ask // 100, size) for ask, size, _, _ in levels if size]


def shown(source: ReplaySource, symbol: str = "ACME") -> tuple[list[tuple[int, int]], list[tuple[int, int]]]:
    top = source.venue.top(symbol, 50)
    return [level[:2] for level in top.bids], [level[:2] for level in top.asks]


def test_a_recording_says_what_it_is(tmp_path: Path):
    source = day_source(tmp_path)
    assert source.kind is SourceKind.REPLAY
    assert source.title == "ACME 2012-06-21"
    assert list(source.instruments) == ["ACME"]
    assert source.start < (source.end or 0)
    assert source.session("ACME", source.start) is SessionState.REGULAR
    source.close()


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("levels", [1, 3, 10])
def test_the_book_is_the_recorded_one_at_every_moment(tmp_path: Path, seed: int, levels: int):
    sample = random_day(seed, levels)
    source = ReplaySource([sample.write_zip(tmp_path)])
    times = [int(line.split(",")[0].replace(".", "")) + MIDNIGHT for line in sample.messages]
    while (due := source.next_due()) is not None:
        source.advance(due)
        last_row = int(np.searchsorted(times, due, side="right")) - 1
        assert shown(source) == top_of(sample.books[last_row])
        source.venue.check()


def test_executions_displayed_and_hidden_are_the_tape(tmp_path: Path):
    sample = random_day(3)
    source = ReplaySource([sample.write_zip(tmp_path)])
    trades = played(source)
    wanted = [line.split(",") for line in sample.messages[1:] if line.split(",")[1] in "45"]
    assert [(trade.qty, trade.aggressor) for trade in trades] == [
        (int(size), Side.SELL if direction == "1" else Side.BUY) for _, _, _, size, _, direction in wanted
    ]
    assert len({trade.trade_id for trade in trades}) == len(trades)


def test_a_hidden_print_between_two_ticks_is_told_as_such(tmp_path: Path):
    trades = played(ReplaySource([HALT_DAY.write_zip(tmp_path)]))
    assert [(each.price, each.is_between) for each in trades] == [(10000, False), (10000, False), (9999, True)]


def test_a_halt_stops_matching_until_trading_resumes(tmp_path: Path):
    source = ReplaySource([HALT_DAY.write_zip(tmp_path)])
    halted = {}
    while (due := source.next_due()) is not None:
        source.advance(due)
        halted[(due - MIDNIGHT) // SECOND] = source.venue.is_halted("ACME")
    assert halted == {
        36001: False,
        36002: False,
        36003: False,
        36023: True,
        36323: True,
        36723: False,
        36724: False,
        36725: False,
    }
    for second, wanted in ((36100, True), (36400, True), (36723, False), (36010, False)):
        source.seek(MIDNIGHT + second * SECOND)
        assert source.venue.is_halted("ACME") is wanted


def test_an_auction_is_a_print_of_no_side_and_one_without_shares_is_none(tmp_path: Path):
    sample = HALT_DAY.cut(10)
    sample.messages[8:] = ["36724.0,6,-1,5000,1000000,-1", "36725.0,6,-1,0,0,-1"]
    sample.books[8:] = sample.books[7:8] * 2
    last = played(ReplaySource([sample.write_zip(tmp_path)]))[-1]
    assert (last.price, last.qty, last.aggressor, last.ts_event) == (10000, 5000, None, MIDNIGHT + 36_724 * SECOND)


def test_rows_of_one_moment_happen_together(tmp_path: Path):
    source = ReplaySource([HALT_DAY.write_zip(tmp_path)])
    source.advance(MIDNIGHT + 36_001 * SECOND)
    source.venue.drain()
    assert source.next_due() == MIDNIGHT + 36_002_500_000_000
    source.advance(MIDNIGHT + 36_002_500_000_000)
    assert [each.qty for each in source.venue.drain().items if isinstance(each, Trade)] == [40, 10]


@pytest.mark.parametrize("seed", range(5))
def test_seeking_and_playing_reach_the_same_book_and_history(tmp_path: Path, seed: int):
    path = random_day(seed).write_zip(tmp_path)
    playing, jumping = ReplaySource([path]), ReplaySource([path])
    rng = random.Random(seed)
    assert playing.end is not None
    for moment in sorted(rng.randrange(playing.start, playing.end) for _ in range(10)):
        playing.advance(moment)
        jumping.seek(rng.randrange(playing.start, playing.end))
        jumping.seek(moment)
        assert shown(jumping) == shown(playing)
        assert as_lists(jumping.history("ACME")) == as_lists(playing.history("ACME"))
        assert jumping.next_due() == playing.next_due()


@pytest.mark.parametrize("seed", range(8))
def test_the_future_of_an_order_file_never_leaks(tmp_path: Path, seed: int):
    """At any moment, everything that can be asked is what a file that ends there would answer."""
    sample, rng = random_day(seed), random.Random(seed)
    whole = ReplaySource([sample.write_zip(tmp_path)])
    for _ in range(6):
        rows = rng.randint(2, 300)
        folder = tmp_path / f"cut at {rows}"
        folder.mkdir(exist_ok=True)
        ended = ReplaySource([sample.cut(rows).write_zip(folder)])
        assert ended.end is not None
        ended.advance(ended.end)
        later = [int(line.split(",")[0].replace(".", "")) + MIDNIGHT for line in sample.messages[rows:]]
        if later and later[0] == ended.end:
            continue
        whole.seek(ended.end)
        assert shown(whole) == shown(ended)
        assert as_lists(whole.history("ACME")) == as_lists(ended.history("ACME"))


@pytest.mark.parametrize("seed", range(8))
def test_the_future_of_a_bars_file_never_leaks(tmp_path: Path, seed: int):
    """Whatever the file says after a bar, history until its end is the same."""
    text, rng = random_bars(seed), random.Random(seed)
    path = tmp_path / "ACME.csv"
    path.write_text(text)
    whole = ReplaySource([path])
    lines = text.strip().split("\n")
    for _ in range(6):
        kept = rng.randint(20, len(lines) - 1)
        other = [line.replace(",", ",9", 4) for line in lines[kept + 1 :]]
        ended = tmp_path / "other" / "ACME.csv"
        ended.parent.mkdir(exist_ok=True)
        ended.write_text("\n".join(lines[: kept + 1] + other) + "\n")
        changed = ReplaySource([ended])
        for place in range(4):
            moment = int(whole._feeds["ACME"].times[4 * (kept - 1) + place])
            whole.seek(moment)
            changed.seek(moment)
            assert as_lists(whole.history("ACME")) == as_lists(changed.history("ACME"))


@pytest.mark.parametrize("seed", range(4))
def test_played_bars_are_the_files_bars(tmp_path: Path, seed: int):
    path = tmp_path / "ACME.csv"
    path.write_text(random_bars(seed))
    source = ReplaySource([path])
    store = BarStore(source.instruments)
    history = source.history("ACME")
    store.load("ACME", history)
    assert len(history.minutes) == 13
    for trade in played(source):
        store.add(trade)
    found = [row[1:] for row in as_rows(store.bars("ACME", Timeframe.M1))]
    lines = [line.split(",")[1:] for line in random_bars(seed).strip().split("\n")[1:]]
    assert found == [
        tuple(round(float(cell) * (1 if place == 4 else 100)) for place, cell in enumerate(line)) for line in lines
    ]


def test_a_bar_is_four_prints_spread_over_its_time(tmp_path: Path):
    path = tmp_path / "ACME.csv"
    path.write_text(BARS)
    tape = ReplaySource([path])._feeds["ACME"].tape
    prices, sizes = tape.price.reshape(-1, 4), tape.qty.reshape(-1, 4)
    assert prices[:2, [0, 3]].tolist() == [[10000, 10100], [10100, 9875]]
    assert np.sort(prices[:2, 1:3]).tolist() == [[9975, 10150], [9850, 10125]]
    assert sizes.sum(axis=1).tolist() == [1003, 0, 2, 400, 80, 10]
    assert (sizes[[0, 3, 4, 5]] > 0).all(), "a size of 0 means not known"
    assert [(time - tape.time[0]) // 10**6 for time in tape.time[:5].tolist()] == [0, 20_000, 40_000, 59_999, 60_000]


def test_daily_bars_of_shares_trade_in_the_regular_session(tmp_path: Path):
    path = tmp_path / "ACME.csv"
    rows = "".join(f"2024-03-{day:02},10,12,9,11,400\n" for day in (4, 5, 6, 7, 8, 11, 12, 13))
    path.write_text("Date,Open,High,Low,Close,Volume\n" + rows)
    source = ReplaySource([path])
    trades = played(source)
    assert {source.session("ACME", trade.ts_event) for trade in trades} == {SessionState.REGULAR}
    store = BarStore(source.instruments)
    store.load("ACME", source.history("ACME"))
    assert as_rows(store.bars("ACME", Timeframe.D1))[0][1:] == (1000, 1200, 900, 1100, 400)
    assert len(store.bars("ACME", Timeframe.D1)) == 8


def test_bars_show_no_quotes_and_a_market_order_fills_at_the_next_print(tmp_path: Path):
    path = tmp_path / "ACME.csv"
    path.write_text(BARS)
    source = ReplaySource([path])
    assert shown(source) == ([], [])
    order = VenueOrder("1", "me", "ACME", Side.BUY, OrderType.MARKET, TimeInForce.DAY, 10)
    source.venue.submit(order, source.start)
    due = source.next_due()
    assert due is not None
    source.advance(due)
    (fill,) = [each for each in source.venue.drain().items if isinstance(each, Execution)]
    assert (fill.qty, fill.ts_event) == (10, due)


def test_an_order_queues_behind_what_is_displayed_and_seeking_takes_it_out(tmp_path: Path):
    source = ReplaySource([HALT_DAY.write_zip(tmp_path)])
    source.seek(MIDNIGHT + 36_001 * SECOND)
    order = VenueOrder("1", "me", "ACME", Side.SELL, OrderType.LIMIT, TimeInForce.DAY, 5, 10000)
    source.venue.submit(order, source.start)
    (rested,) = [each for each in source.venue.drain().items if isinstance(each, Rested)]
    assert rested.ahead == 100
    source.advance(MIDNIGHT + 36_010 * SECOND)
    place = source.venue.queue_position("1")
    assert place is not None
    assert (place.ahead, place.ahead_traded) == (50, 50)
    source.seek(MIDNIGHT + 36_001 * SECOND)
    (gone,) = [each for each in source.venue.drain().items if isinstance(each, Canceled)]
    assert gone.cause is CancelCause.SEEK
    assert source.venue.queue_position("1") is None


def test_several_recordings_share_one_clock(tmp_path: Path):
    first = random_day(1).write_pair(tmp_path, "AAA")
    second = random_day(2).write_pair(tmp_path, "BBB", packing=".gz")
    source = ReplaySource([first[0], second[1], first[1], second[0]])
    assert source.title == "AAA 2012-06-21, BBB 2012-06-21"
    at_once = ReplaySource([*first, *second])
    at_once.venue.drain()
    assert at_once.end is not None
    at_once.advance(at_once.end)
    trades = [each for each in at_once.venue.drain().items if isinstance(each, Trade)]
    assert [trade.ts_event for trade in trades] == sorted(trade.ts_event for trade in trades)
    assert {trade.symbol for trade in trades} == {"AAA", "BBB"}
    assert played(source) == trades
    for symbol, seed in (("AAA", 1), ("BBB", 2)):
        assert shown(source, symbol) == shown(at_once, symbol) == top_of(random_day(seed).books[-1])


def test_a_recording_that_has_not_begun_tells_no_price(tmp_path: Path):
    early, late = random_bars(1), HALT_DAY.write_zip(tmp_path)
    bars = tmp_path / "BETA.csv"
    bars.write_text(early.replace("2024-03-08", "2012-06-20"))
    source = ReplaySource([bars, late])
    assert source.venue.last_price("BETA") == int(source.history("BETA").minutes.close[-1])
    assert source.venue.last_price("ACME") is None


def test_messages_alone_are_played_from_a_seed_book(tmp_path: Path):
    sample = random_day(5, levels=60)
    messages, books = sample.write_pair(tmp_path)
    seed = tmp_path / "first_book.csv"
    seed.write_text(sample.books[0] + "\n")
    books.unlink()
    with pytest.raises(Refused, match="has messages alone"):
        ReplaySource([messages])
    source = ReplaySource([messages], [("seed_book", str(seed))])
    assert source.end is not None
    source.advance(source.end)
    bids, asks = top_of(sample.books[-1])
    assert shown(source) == (bids[:10], asks[:10])


def test_an_option_that_means_nothing_to_the_recordings_is_refused(tmp_path: Path):
    messages, books = random_day(5).write_pair(tmp_path)
    with pytest.raises(Refused, match="--map knows date, seed_book, symbol for such recordings, found tick"):
        ReplaySource([messages, books], [("tick", "0.1")])
    bars = tmp_path / "BETA.csv"
    bars.write_text("Date,Open,High,Low,Close\n2012-06-20,1,1,1,1\n2012-06-21,1,1,1,1\n")
    with pytest.raises(Refused, match="found colour"):
        ReplaySource([bars], [("colour", "red")])
    assert ReplaySource([messages, books, bars], [("tick", "0.01")]).instruments["BETA"].tick_size == Decimal("0.01")


def test_what_cannot_be_played_is_refused_in_words(tmp_path: Path):
    source = day_source(tmp_path)
    assert source.end is not None
    with pytest.raises(Refused, match=r"the recording goes from 2012-06-21 .* wanted 2012-06-2"):
        source.seek(source.end + 1)
    with pytest.raises(Refused, match="at least one recording"):
        ReplaySource([])
    with pytest.raises(Refused, match="as is another of the files"):
        ReplaySource([random_day(1).write_zip(tmp_path), *random_day(1).write_pair(tmp_path)])
    nameless = tmp_path / "message.csv", tmp_path / "orderbook.csv"
    for path, lines in zip(nameless, (HALT_DAY.messages, HALT_DAY.books), strict=True):
        path.write_text("\n".join(lines))
    with pytest.raises(Refused, match="does not tell the symbol"):
        ReplaySource(nameless)
    with pytest.raises(Refused, match="wanted the date of the recording"):
        ReplaySource(nameless, [("symbol", "acme"), ("date", "June")])
    named = ReplaySource(nameless, [("symbol", "acme"), ("date", "2024-03-08")])
    assert named.title == "ACME 2024-03-08"
    assert NAME.format(symbol="ACME", what="message", levels=3) in {path.name for path in tmp_path.iterdir()}
