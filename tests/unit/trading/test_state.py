import json

import msgspec
import pytest

from tests.fakes import a_fill, an_account, an_order, dec
from tradesim.kernel.errors import IllegalTransition, Refused, Unbalanced
from tradesim.model.events import (
    EVENT_KINDS,
    AccountOpened,
    DayOpened,
    OrderAccepted,
    OrderCanceled,
    OrderExpired,
    OrderFilled,
    OrderOpened,
    OrderRejected,
    OrderReplaced,
)
from tradesim.model.market import Side
from tradesim.model.orders import OrderStatus, Rejection
from tradesim.trading import portfolio
from tradesim.trading.state import APPLY, TradingState

REJECTION = Rejection("buying_power", "buying power 1.00 is less than 2.00", "qty")


def a_state():
    state = TradingState()
    state.apply(AccountOpened(an_account(), 0))
    return state


def busy_state():
    """One order in every stage of its life."""
    state = a_state()
    for id_ in ("resting", "partial", "filled", "canceled", "expired"):
        state.apply(OrderAccepted(an_order(id_, qty=10), 1))
    state.apply(OrderRejected(an_order("refused", status=OrderStatus.REJECTED), REJECTION, 1))
    state.apply(OrderOpened("paper", "resting", 5, 2))
    state.apply(OrderReplaced("paper", "resting", dec(8), dec("99.50"), True, 3))
    state.apply(OrderFilled(a_fill(an_order("partial"), 4, "99.99", "0.02", "f1"), 4))
    state.apply(OrderFilled(a_fill(an_order("filled"), 10, "100.00", "0.05", "f2"), 5))
    state.apply(DayOpened("paper", dec("99999.90"), (("AAPL", dec("100.01")),), 6))
    state.apply(OrderCanceled("paper", "canceled", "client", "canceled by hand", 7))
    state.apply(OrderExpired("paper", "expired", "the day ended", 8))
    return state


def test_every_kind_of_event_is_applied():
    assert set(APPLY) == set(EVENT_KINDS.values())


def test_orders_are_where_their_status_says():
    state = busy_state()
    assert [(order.id, order.status.value) for order in state.open_orders("paper")] == [
        ("resting", "new"),
        ("partial", "partially_filled"),
    ]
    assert state.order("resting").qty == 8
    assert state.order("expired").reason == "the day ended"
    assert state.order("refused").status is OrderStatus.REJECTED
    assert state.by_client_order_id("paper", "client-filled").id == "filled"
    assert state.order("nobody") is None
    assert (state.orders_total, state.fills_total, state.version) == (6, 2, 14)


def test_cash_positions_and_ledger_agree():
    state = busy_state()
    state.check()
    assert state.accounts["paper"].cash == dec("100000") - dec("399.96") - 1_000 - dec("0.07")
    assert state.position("paper", "AAPL").qty == 14
    assert state.ledger.balance("paper", "position", "AAPL") == 14
    assert state.ledger.balance("paper", "fees", "USD") == dec("0.07")


def test_check_finds_cash_that_the_ledger_does_not_have():
    state = busy_state()
    state.portfolio("paper").account = an_account(1)
    with pytest.raises(Unbalanced, match="cash of paper must hold 1 USD"):
        state.check()


def test_what_is_loaded_equals_what_was_dumped_and_goes_on_alike():
    state = busy_state()
    loaded = TradingState.load(json.loads(msgspec.json.encode(state.dump())))
    assert loaded == state
    later = OrderFilled(a_fill(an_order("resting"), 8, "99.50", "0.01", "f3"), 9)
    assert loaded.apply(later) == state.apply(later)
    assert loaded == state
    loaded.check()


def test_entries_can_be_known_before_they_are_applied():
    state = a_state()
    events = [
        OrderAccepted(an_order("a"), 1),
        OrderFilled(a_fill(an_order("a"), 3, 100, id_="f1"), 2),
        OrderFilled(a_fill(an_order("a"), 7, 101, id_="f2"), 3),
    ]
    before = state.entries_for(events)
    assert [entry for event in events if (entry := state.apply(event))] == before
    assert [entry.seq for entry in before] == [2, 3]


def test_an_accepted_order_that_the_venue_refuses_is_rejected_with_its_sentence():
    state = a_state()
    state.apply(OrderAccepted(an_order("a"), 1))
    state.apply(OrderRejected(an_order("a", status=OrderStatus.REJECTED), REJECTION, 2))
    assert state.order("a").status is OrderStatus.REJECTED
    assert state.order("a").reason == REJECTION.message
    assert state.orders_total == 1


@pytest.mark.parametrize(
    ("event", "sentence"),
    [
        (OrderFilled(a_fill(an_order("ghost"), 1, 1), 2), "account paper has no order ghost"),
        (OrderCanceled("nobody", "o", "client", "", 2), "account nobody was never opened"),
        (AccountOpened(an_account(), 2), "account paper is already open"),
        (OrderOpened("paper", "done", 0, 2), "order cannot go from canceled to new"),
    ],
    ids=["unknown order", "unknown account", "opened twice", "late report"],
)
def test_a_fact_that_cannot_be_is_a_bug_and_changes_nothing(event, sentence):
    state = a_state()
    state.apply(OrderAccepted(an_order("done"), 1))
    state.apply(OrderCanceled("paper", "done", "client", "by hand", 1))
    before = state.dump()
    with pytest.raises(IllegalTransition, match=sentence):
        state.apply(event)
    assert state.dump() == before


def test_the_oldest_closed_orders_are_forgotten_and_open_ones_never(monkeypatch):
    monkeypatch.setattr(portfolio, "KEPT_ORDERS", 3)
    state = a_state()
    state.apply(OrderAccepted(an_order("stays", side=Side.SELL, limit=200), 1))
    for n in range(6):
        state.apply(OrderAccepted(an_order(str(n)), 1))
        state.apply(OrderCanceled("paper", str(n), "client", "by hand", 1))
    assert list(state.portfolio("paper").closed) == ["3", "4", "5"]
    assert state.by_client_order_id("paper", "client-0") is None
    for each in (state, TradingState.load(msgspec.json.encode(state.dump()))):
        used = [each.portfolio("paper").has_used(f"client-{n}") for n in (0, 5, 99)]
        assert used == [True, True, False], "a name is used once, however long ago"
    assert state.by_client_order_id("paper", "client-5").id == "5"
    assert state.order("stays").is_open
    assert TradingState.load(state.dump()) == state


def test_a_dump_stands_still_while_the_state_goes_on():
    state = busy_state()
    dumped = state.dump()
    before = msgspec.json.encode(dumped)
    state.apply(OrderAccepted(an_order("later"), 9))
    assert msgspec.json.encode(dumped) == before
    assert TradingState.load(dumped).order("later") is None


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (b"{", "must be a dump of the trading state"),
        (b"{}", "must be a dump of the trading state"),
        ({"version": 1}, "must be a dump of the trading state"),
        (msgspec.json.encode(busy_state().dump()).replace(b'"format":3', b'"format":9'), "format 3, was of 9"),
    ],
    ids=["torn", "empty", "partial", "other format"],
)
def test_what_is_no_dump_is_refused(data, sentence):
    with pytest.raises(Refused, match=sentence):
        TradingState.load(data)
