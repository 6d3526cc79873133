"""Each topic: what it says when something changed, and that deltas add up to the snapshot."""

import json
from decimal import Decimal

import pytest
from msgspec.structs import replace

from tests.fake_desk import START, FakeDesk, Walk, account, book, status, trade
from tradesim.desk.views import FeedView, PositionView
from tradesim.kernel.clock import NS_PER_SECOND
from tradesim.model.accounts import Position
from tradesim.model.market import BookTop, Level, Side, SourceKind
from tradesim.model.orders import Fill, FillReason, Liquidity, Order, OrderStatus, OrderType, TimeInForce
from tradesim.model.risk import RiskState, RiskView
from tradesim.model.venue import QueuePosition
from tradesim.stream.checksum import book_checksum
from tradesim.stream.topics import RING, topic_called


@pytest.fixture
def desk():
    return FakeDesk("AAPL", "MSFT")


def said(topic, desk):
    message = topic.advance(desk.status())
    return message and json.loads(message)


def snapshot(topic):
    return json.loads(topic.snapshot())


def order(number, **changes):
    limit = Decimal("100.05")
    first = Order(
        id=f"o{number}",
        client_order_id=f"c{number}",
        account_id="paper",
        symbol="AAPL",
        side=Side.BUY,
        type=OrderType.LIMIT,
        time_in_force=TimeInForce.DAY,
        qty=Decimal(10),
        limit_price=limit,
        created_at=START,
        updated_at=START,
        status=OrderStatus.NEW,
    )
    return replace(first, **changes)


def fill(number):
    return Fill(
        id=f"f{number}",
        order_id="o1",
        account_id="paper",
        symbol="AAPL",
        side=Side.BUY,
        qty=Decimal("1E+1"),
        price=Decimal("100.05"),
        fee=Decimal("0.01"),
        liquidity=Liquidity.MAKER,
        ts_event=START,
        reason=FillReason("order book", latency_ns=5_500_000, before=BookTop((Level(1, 2, 3),), ())),
    )


@pytest.mark.parametrize(
    "name",
    ["status", "market", "desk", "desk:paper-bot-2", "book:AAPL", "tape:BTC/USD", "bars:AAPL:1m", "book:" + "N" * 24],
)
def test_a_topic_has_a_name(desk, name):
    assert topic_called(name, desk).name == name


@pytest.mark.parametrize(
    "name",
    [
        *["", "books:AAPL", "book", "book:", "book:AAPL:1m", "bars:AAPL", "bars:AAPL:2m", "status:AAPL", "book:a b"],
        *["book:^GSPC", "tape:EURUSD=X", "bars:BRK&B:1m", "book:aapl", "book:É", "book:" + "A" * 25],
    ],
)
def test_there_is_no_other(desk, name):
    assert topic_called(name, desk) is None


def test_sequence_numbers_have_no_gap_and_nothing_is_said_of_nothing(desk):
    topic = topic_called("book:AAPL", desk)
    assert said(topic, desk)["s"] == 1
    assert said(topic, desk) is None
    desk.move("AAPL", top=book(10_001))
    assert said(topic, desk)["s"] == 2
    assert snapshot(topic)["s"] == 2


def test_a_market_delta_has_only_what_changed(desk):
    topic = topic_called("market", desk)
    assert set(said(topic, desk)["d"]) == {"AAPL", "MSFT"}
    desk.move("MSFT", last=10_007, updated_at=START)
    assert said(topic, desk)["d"] == {"MSFT": {"l": 10_007, "ts": START // 1_000_000}}
    assert snapshot(topic)["d"]["MSFT"]["l"] == 10_007


def test_that_only_the_time_moved_is_told_once_a_second(desk):
    topic = topic_called("market", desk)
    desk.move("AAPL", updated_at=START)
    said(topic, desk)
    desk.move("AAPL", updated_at=START + NS_PER_SECOND // 2)
    assert said(topic, desk) is None
    desk.move("AAPL", updated_at=START + NS_PER_SECOND)
    assert list(said(topic, desk)["d"]["AAPL"]) == ["ts"]


def test_the_clock_runs_by_itself_on_the_page(desk):
    topic = topic_called("status", desk)
    assert said(topic, desk)["d"]["symbols"] == ["AAPL", "MSFT"]
    desk.status_view = status(now=START + NS_PER_SECOND // 2)
    assert said(topic, desk) is None
    desk.status_view = status(now=START + NS_PER_SECOND)
    assert said(topic, desk)["d"] == {"now": (START + NS_PER_SECOND) // 1_000_000}
    desk.status_view = status(now=START + NS_PER_SECOND + 5_000_000, is_playing=False)
    assert set(said(topic, desk)["d"]) == {"now", "playing"}
    desk.status_view = status(now=START + NS_PER_SECOND + 6_000_000, is_playing=False)
    assert set(said(topic, desk)["d"]) == {"now"}


def test_a_fast_clock_is_not_told_every_frame(desk):
    topic = topic_called("status", desk)
    desk.status_view = status(speed=1_000.0)
    said(topic, desk)
    desk.status_view = status(speed=1_000.0, now=START + 5 * NS_PER_SECOND)
    assert said(topic, desk) is None


def test_a_book_delta_names_new_changed_and_gone_levels(desk):
    topic = topic_called("book:AAPL", desk)
    desk.move("AAPL", top=BookTop((Level(99, 5, 1), Level(98, 5, 1)), (Level(101, 5, 1),)))
    said(topic, desk)
    top = BookTop((Level(100, 1, 1), Level(99, 7, 2)), (Level(101, 5, 1),))
    desk.move("AAPL", top=top)
    data = said(topic, desk)["d"]
    assert data["b"] == [[98, 0, 0], [100, 1, 1], [99, 7, 2]]
    assert data["a"] == []
    assert data["crc"] == book_checksum(top) == snapshot(topic)["d"]["crc"]


def test_an_equal_book_is_not_news(desk):
    topic = topic_called("book:AAPL", desk)
    said(topic, desk)
    desk.move("AAPL", top=book(10_000))
    assert said(topic, desk) is None


def test_a_tape_delta_has_the_new_prints(desk):
    topic = topic_called("tape:AAPL", desk)
    first = trade("AAPL", 1, 100)
    desk.move("AAPL", tape=(first,))
    assert [row[0] for row in said(topic, desk)["d"]] == [1]
    desk.move("AAPL", tape=(first, trade("AAPL", 2, 101, 5, Side.SELL), trade("AAPL", 3, 102, 5, None)))
    assert [row[0::4] for row in said(topic, desk)["d"]] == [[2, -1], [3, 0]]


def test_a_tape_that_lost_a_print_is_said_whole(desk):
    topic = topic_called("tape:AAPL", desk)
    prints = tuple(trade("AAPL", number, 100) for number in range(1, 4))
    desk.move("AAPL", tape=prints)
    said(topic, desk)
    desk.move("AAPL", tape=(prints[0], prints[2], trade("AAPL", 4, 101)))
    message = said(topic, desk)
    assert message["k"] == "s" and [row[0] for row in message["d"]] == [1, 3, 4]
    desk.move("AAPL", tape=())
    assert said(topic, desk)["d"] == []


def test_a_tape_that_ran_too_far_is_said_whole(desk):
    topic = topic_called("tape:AAPL", desk)
    desk.move("AAPL", tape=tuple(trade("AAPL", number, 100) for number in range(500)))
    said(topic, desk)
    desk.move("AAPL", tape=tuple(trade("AAPL", number, 100) for number in range(1_000, 1_500)))
    message = said(topic, desk)
    assert (message["k"], message["s"], len(message["d"]), message["d"][-1][0]) == ("s", 2, 200, 1_499)


def test_bars_are_replaced_by_start_and_appended(desk):
    topic = topic_called("bars:AAPL:1m", desk)
    desk.rows["AAPL"] = [[START, 1, 1, 1, 1, 1]]
    assert said(topic, desk)["k"] == "s"
    desk.rows["AAPL"] = [[START, 1, 2, 1, 2, 5], [START + NS_PER_SECOND, 2, 2, 2, 2, 1]]
    desk.move("AAPL", last=2)
    message = said(topic, desk)
    assert message["k"] == "d"
    assert [row[1:] for row in message["d"]] == [[1, 2, 1, 2, 5], [2, 2, 2, 2, 1]]
    desk.move("AAPL", updated_at=START)
    assert said(topic, desk) is None
    assert len(snapshot(topic)["d"]) == 2


def test_bars_that_do_not_follow_are_said_whole(desk):
    topic = topic_called("bars:AAPL:1m", desk)
    desk.rows["AAPL"] = [[START, 1, 1, 1, 1, 1]]
    said(topic, desk)
    desk.rows["AAPL"] = [[START + each * NS_PER_SECOND, 1, 1, 1, 1, 1] for each in range(100, 500)]
    desk.move("AAPL", last=3)
    message = said(topic, desk)
    assert (message["k"], len(message["d"])) == ("s", 300)


def test_bars_of_before_that_were_told_anew_are_said_whole(desk):
    topic = topic_called("bars:AAPL:1m", desk)
    desk.rows["AAPL"] = [[START + each * NS_PER_SECOND, 1, 1, 1, 1, 1] for each in range(9)]
    said(topic, desk)
    desk.rows["AAPL"][0] = [START, 1, 2, 1, 1, 1]
    desk.move("AAPL", last=1, revision=1)
    message = said(topic, desk)
    assert message["k"] == "s" and message["d"][0][2] == 2
    desk.rows["AAPL"] = []
    desk.move("AAPL", last=None, revision=2)
    assert said(topic, desk)["d"] == []


def test_the_desk_says_only_the_parts_that_changed(desk):
    topic = topic_called("desk", desk)
    assert set(said(topic, desk)["d"]) == {"account", "positions", "queue"}
    place = QueuePosition("o1", 10_005, 300, 500, 150, 50, 20, 330)
    desk.account_view = account(orders=(order(1),), queue={"o1": place})
    data = said(topic, desk)["d"]
    assert set(data) == {"orders", "queue"}
    assert data["orders"][0]["limit_ticks"] == 10_005
    assert data["queue"] == {"o1": [10_005, 300, 500, 150, 50, 20, 330]}
    desk.account_view = account(equity=Decimal("1E+5"), orders=desk.account_view.orders, queue={"o1": place})
    assert said(topic, desk) is None
    desk.account_view = account(equity=Decimal("99.5"), orders=(order(2), *desk.account_view.orders))
    data = said(topic, desk)["d"]
    assert data["account"] == {"equity": "99.5"}
    assert [row["id"] for row in data["orders"]] == ["o2"]
    assert data["queue"] == {}


def test_positions_are_told_whole_also_when_none_is_left(desk):
    topic = topic_called("desk", desk)
    held = PositionView(Position("paper", "AAPL", Decimal(5)), None, Decimal(0), Decimal(0), Decimal(0))
    desk.account_view = account(positions=(held,))
    assert said(topic, desk)["d"]["positions"][0]["qty"] == "5"
    desk.account_view = account()
    assert said(topic, desk)["d"] == {"positions": []}


def test_fills_come_oldest_first_and_once(desk):
    topic = topic_called("desk", desk)
    said(topic, desk)
    desk.account_view = account(fills=(fill(2), fill(1)))
    rows = said(topic, desk)["d"]["fills"]
    assert [row["id"] for row in rows] == ["f1", "f2"]
    assert (rows[0]["qty"], rows[0]["ticks"]) == ("10", 10_005)
    assert rows[0]["why"] | {"after": 0} == {
        "model": "order book",
        "latency_ms": 5.5,
        "quote_age_ms": 0.0,
        "ahead": None,
        "traded": 0,
        "canceled": 0,
        "before": [[[1, 2, 3]], []],
        "after": 0,
        "tick": None,
        "lot": None,
    }
    desk.account_view = account(fills=(fill(3), fill(2), fill(1)))
    assert [row["id"] for row in said(topic, desk)["d"]["fills"]] == ["f3"]
    assert [row["id"] for row in snapshot(topic)["d"]["fills"]] == ["f1", "f2", "f3"]


@pytest.mark.parametrize("name", ["status", "market", "book:AAPL", "tape:AAPL", "bars:AAPL:1m", "desk"])
def test_another_market_is_said_whole_and_the_numbers_go_on(desk, name):
    topic = topic_called(name, desk)
    said(topic, desk)
    before = topic.sequence
    desk.status_view = status(session_id="second")
    message = said(topic, desk)
    assert (message["k"], message["s"]) == ("s", before + 1)


def walked(name, steps):
    desk = FakeDesk("AAPL")
    topic, market = topic_called(name, desk), Walk(desk)
    for _ in range(steps):
        market.step()
        topic.advance(desk.status())
    return topic


def test_one_who_comes_back_gets_the_missed_deltas():
    topic = walked("tape:AAPL", 100)
    missed = [json.loads(message) for message in topic.since(topic.sequence - 20)]
    assert [message["k"] for message in missed] == ["d"] * 20
    assert missed[-1]["s"] == topic.sequence
    assert topic.since(topic.sequence) == []


@pytest.mark.parametrize("known", [None, -5, 0, 10_000], ids=["new", "nonsense", "too old", "of the future"])
def test_one_who_knows_too_little_gets_a_snapshot(known):
    topic = walked("tape:AAPL", RING + 50)
    (message,) = topic.since(known)
    assert json.loads(message)["k"] == "s"


def test_a_snapshot_is_sent_where_it_is_shorter():
    topic = walked("book:AAPL", 200)
    (message,) = topic.since(topic.sequence - 100)
    assert json.loads(message)["k"] == "s"


@pytest.mark.parametrize("seed", range(5))
def test_deltas_add_up_to_the_snapshot(seed):
    desk = FakeDesk("AAPL")
    market = Walk(desk, seed)
    topic = topic_called("book:AAPL", desk)
    sides = {"b": {}, "a": {}}
    for _ in range(100):
        market.step()
        message = said(topic, desk)
        data = message["d"] if message else {"b": [], "a": []}
        for side, levels in sides.items():
            for price, qty, orders in data[side]:
                levels.pop(price, None)
                if qty:
                    levels[price] = (qty, orders)
    whole = snapshot(topic)["d"]
    for side, levels in sides.items():
        assert {price: (qty, orders) for price, qty, orders in whole[side]} == levels


def test_every_account_has_a_topic_of_its_own(desk):
    desk.others["paper-bot"] = replace(account(), account=replace(account().account, id="paper-bot", name="Bot"))
    own, bot = topic_called("desk", desk), topic_called("desk:paper-bot", desk)
    assert said(own, desk)["d"]["account"]["id"] == "paper"
    assert said(bot, desk)["d"]["account"]["name"] == "Bot"
    desk.others["paper-bot"] = replace(desk.others["paper-bot"], equity=Decimal(7), margin_call="margin call: …")
    assert said(own, desk) is None
    assert said(bot, desk)["d"]["account"] == {"equity": "7", "margin_call": "margin call: …"}


def test_the_topic_of_an_account_that_there_is_not_is_empty_until_there_is(desk):
    topic = topic_called("desk:paper-late", desk)
    assert said(topic, desk) is None
    assert json.loads(topic.snapshot())["d"] == {"account": {}, "positions": [], "orders": [], "fills": [], "queue": {}}
    desk.others["paper-late"] = account()
    assert said(topic, desk)["d"]["account"]["id"] == "paper"


@pytest.mark.parametrize("name", ["desk:", "desk:Paper", "desk:-a", "desk:a:b", "desk:" + "a" * 44, "desk:a b"])
def test_an_account_is_written_in_small_letters(desk, name):
    assert topic_called(name, desk) is None


def feed(at=START, **changes):
    return replace(FeedView("Kraken", at, "Kraken", at, SourceKind.LIVE, 30.0), **changes)


def test_feeds_say_who_gives_a_symbol_and_a_time_alone_only_when_it_moved_enough(desk):
    topic = topic_called("feeds", desk)

    def said(topic, desk):
        desk.status_view = replace(desk.status_view, now=desk.status_view.now + NS_PER_SECOND)
        message = topic.advance(desk.status())
        return message and json.loads(message)

    assert said(topic, desk) is None and snapshot(topic)["d"] == {}
    desk.feed_views = {"AAPL": feed()}
    at = START // 1_000_000
    whole = {"q": "Kraken", "qa": at, "t": "Kraken", "ta": at, "k": "live", "max": 30.0, "qo": None, "to": None}
    assert said(topic, desk)["d"] == {"AAPL": whole}
    desk.feed_views = {"AAPL": feed(START + 499 * 1_000_000)}
    assert said(topic, desk) is None
    desk.feed_views = {"AAPL": feed(START + 500 * 1_000_000)}
    assert said(topic, desk)["d"] == {"AAPL": {"qa": at + 500, "ta": at + 500}}
    desk.feed_views = {"AAPL": feed(START + 500 * 1_000_000, freshness=SourceKind.STALE, told_at=None)}
    assert said(topic, desk)["d"] == {"AAPL": {"ta": None, "k": "stale"}}
    assert snapshot(topic)["d"] == {"AAPL": {**whole, "qa": at + 500, "ta": None, "k": "stale"}}


def test_feeds_are_looked_at_a_few_times_a_second(desk):
    topic = topic_called("feeds", desk)
    assert said(topic, desk) is None
    desk.feed_views = {"AAPL": feed()}
    desk.status_view = replace(desk.status_view, now=START + 199 * 1_000_000)
    assert said(topic, desk) is None
    desk.status_view = replace(desk.status_view, now=START + 200 * 1_000_000)
    assert said(topic, desk)["d"]["AAPL"]["q"] == "Kraken"
    desk.feed_views = {"AAPL": feed(told_by="Coinbase")}
    desk.status_view = replace(desk.status_view, session_id="second")
    assert said(topic, desk)["k"] == "s"


def test_risk_tells_the_accounts_that_changed(desk):
    topic = topic_called("risk", desk)
    assert set(said(topic, desk)["d"]) == {"", "paper"}
    assert said(topic, desk) is None
    halted = RiskView("paper", RiskState.HALTED, "kill_switch", "enough", START, by="person", still_passed="a limit is")
    desk.risk_views = {"": desk.risk_views[""], "paper": halted}
    row = said(topic, desk)["d"]["paper"]
    assert (row["state"], row["cause"], row["message"]) == ("halted", "kill_switch", "enough")
    assert (row["since"], row["by"], row["is_desks"], row["uses"]) == (START // 1_000_000, "person", False, [])
    assert row["still_passed"] == "a limit is"
    desk.risk_views = {"": desk.risk_views[""]}
    assert said(topic, desk)["d"] == {"paper": None}
    assert set(snapshot(topic)["d"]) == {""}
