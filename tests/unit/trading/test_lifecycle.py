from decimal import Decimal
from itertools import product

import pytest
from msgspec.structs import replace

from tests.fakes import a_fill, an_order, dec
from tradesim.kernel.errors import IllegalTransition
from tradesim.model.orders import Change, OrderType
from tradesim.model.orders import OrderStatus as S
from tradesim.trading import lifecycle

LEGAL = {
    (S.PENDING_NEW, S.HELD),
    (S.PENDING_NEW, S.ACCEPTED),
    (S.HELD, S.ACCEPTED),
    (S.HELD, S.PENDING_NEW),
    (S.HELD, S.NEW),
    (S.HELD, S.CANCELED),
    (S.HELD, S.EXPIRED),
    (S.HELD, S.REJECTED),
    (S.ACCEPTED, S.PENDING_NEW),
    (S.ACCEPTED, S.NEW),
    (S.ACCEPTED, S.CANCELED),
    (S.ACCEPTED, S.EXPIRED),
    (S.ACCEPTED, S.REJECTED),
    (S.NEW, S.ACCEPTED),
    (S.NEW, S.REJECTED),
    (S.PENDING_NEW, S.NEW),
    (S.PENDING_NEW, S.PARTIALLY_FILLED),
    (S.PENDING_NEW, S.FILLED),
    (S.PENDING_NEW, S.CANCELED),
    (S.PENDING_NEW, S.EXPIRED),
    (S.PENDING_NEW, S.REJECTED),
    (S.NEW, S.PARTIALLY_FILLED),
    (S.NEW, S.FILLED),
    (S.NEW, S.CANCELED),
    (S.NEW, S.EXPIRED),
    (S.PARTIALLY_FILLED, S.PARTIALLY_FILLED),
    (S.PARTIALLY_FILLED, S.FILLED),
    (S.PARTIALLY_FILLED, S.CANCELED),
    (S.PARTIALLY_FILLED, S.EXPIRED),
}


@pytest.mark.parametrize(("now", "to"), list(product(S, S)), ids=lambda status: status.value)
def test_every_move_is_legal_or_refused(now, to):
    if (now, to) in LEGAL:
        assert lifecycle.advance(now, to) is to
    else:
        with pytest.raises(IllegalTransition, match=f"order cannot go from {now} to {to}"):
            lifecycle.advance(now, to)


def test_what_is_not_open_is_the_end():
    assert {status for status in S if not lifecycle.NEXT[status]} == {status for status in S if not status.is_open}


def test_fills_average_exactly_over_a_repeating_decimal():
    order = an_order(qty=7)
    for qty, price in ((3, "10.00"), (3, "10.01"), (1, "10.03")):
        order = lifecycle.filled(order, a_fill(order, qty, price))
    assert order.status is S.FILLED
    assert order.filled_avg_price == Decimal("70.06") / 7


def test_a_thousand_small_fills_do_not_drift():
    order, notional = an_order(qty="100"), Decimal(0)
    for n in range(1000):
        price = dec("64321.07") + Decimal(n) / 100
        order = lifecycle.filled(order, a_fill(order, "0.0001", price))
        notional += price * dec("0.0001")
    assert order.filled_avg_price == notional / dec("0.1")
    assert order.status is S.PARTIALLY_FILLED


def test_a_fill_beyond_the_quantity_is_a_bug():
    with pytest.raises(IllegalTransition, match="cannot take a fill of 11"):
        lifecycle.filled(an_order(qty=10), a_fill(an_order(), 11, 100))


def test_an_order_filled_on_arrival_stays_partially_filled_when_it_rests():
    order = lifecycle.filled(an_order(qty=10), a_fill(an_order(), 4, 100))
    assert lifecycle.opened(order, 9).status is S.PARTIALLY_FILLED
    assert lifecycle.opened(an_order(), 9).status is S.NEW


def test_replacing_keeps_the_status_and_must_leave_something_open():
    order = lifecycle.filled(an_order(qty=10), a_fill(an_order(), 4, 100))
    assert lifecycle.replaced(order, Change(qty=dec(5), limit_price=dec(99)), 9) == replace(
        order, qty=dec(5), limit_price=dec(99), updated_at=9
    )
    with pytest.raises(IllegalTransition, match="cannot be replaced to 4"):
        lifecycle.replaced(order, Change(qty=dec(4), limit_price=dec(99)), 9)


def test_a_revision_makes_history_of_what_the_order_was():
    order = an_order(qty=10, client_order_id="mine")
    first = Change(qty=dec(5), limit_price=dec(99), revision_id="r1", client_order_id="new")
    order = lifecycle.replaced(lifecycle.asked(order, first, 3), first, 4)
    order = lifecycle.replaced(order, Change(limit_price=dec(98), revision_id="r2"), 5)
    assert (order.id, order.revision_id, order.client_order_id, order.requested) == ("o1", "r2", "new", None)
    assert [
        (each.id, each.client_order_id, each.qty, each.limit_price, each.replaced_at) for each in order.revisions
    ] == [
        ("o1", "mine", 10, 100, 4),
        ("r1", "new", 5, 99, 5),
    ]


def test_a_change_keeps_the_unit_of_a_trail():
    by_price = an_order(limit=None, type=OrderType.TRAILING_STOP, trail_price=dec(2))
    by_percent = an_order(limit=None, type=OrderType.TRAILING_STOP, trail_percent=dec(2))
    assert lifecycle.replaced(by_price, Change(trail=dec(3)), 2).trail_price == 3
    changed = lifecycle.replaced(by_percent, Change(trail=dec(3)), 2)
    assert (changed.trail_price, changed.trail_percent) == (None, 3)


def test_only_a_stop_that_waits_is_triggered_and_once():
    order = lifecycle.held(an_order(limit=None, type=OrderType.STOP, stop_price=dec(99)), S.NEW, 2)
    done = lifecycle.triggered(order, 3)
    assert (done.status, done.triggered_at) == (S.NEW, 3)
    for wrong in (done, an_order(), an_order(type=OrderType.STOP)):
        with pytest.raises(IllegalTransition, match="does not wait for a trigger"):
            lifecycle.triggered(wrong, 4)


def test_an_order_that_is_partly_filled_stays_so_while_it_waits():
    order = lifecycle.filled(an_order(qty=10), a_fill(an_order(), 4, 100))
    waiting = lifecycle.held(order, S.PARTIALLY_FILLED, 5)
    assert lifecycle.activated(waiting, 6).status is S.PARTIALLY_FILLED
    assert lifecycle.activated(lifecycle.held(an_order(), S.ACCEPTED, 5), 6).status is S.PENDING_NEW


def test_an_end_is_dated():
    assert lifecycle.filled(an_order(qty=4), a_fill(an_order(), 4, 100, ts_event=7)).ended_at == 7
    assert lifecycle.filled(an_order(qty=5), a_fill(an_order(), 4, 100, ts_event=7)).ended_at is None
    assert lifecycle.expired(an_order(), "the day ended", 8).ended_at == 8


@pytest.mark.parametrize(
    ("end", "status"),
    [(lifecycle.canceled, S.CANCELED), (lifecycle.expired, S.EXPIRED), (lifecycle.rejected, S.REJECTED)],
)
def test_an_end_carries_its_sentence(end, status):
    order = end(an_order(), "by hand", 7)
    assert (order.status, order.reason, order.updated_at) == (status, "by hand", 7)
