from dataclasses import replace

import pytest

from tests.fakes import a_fill, an_account, an_order, dec
from tradesim.kernel.errors import Refused
from tradesim.model.events import (
    EVENT_KINDS,
    AccountClosed,
    AccountOpened,
    BarsKept,
    DayOpened,
    EquityMarked,
    OrderAccepted,
    OrderCanceled,
    OrderCancelRequested,
    OrderExpired,
    OrderFilled,
    OrderOpened,
    OrderRejected,
    OrderReplaced,
    OrderReplaceRejected,
    OrderReplaceRequested,
    RiskLimitsSet,
    RiskStateChanged,
    TripAnnotated,
)
from tradesim.model.market import BookTop, Level
from tradesim.model.orders import FillReason, Rejection
from tradesim.model.risk import RiskLimits, RiskState
from tradesim.storage.rows import account_of, entry_of, entry_row, event_of, event_row, posting_rows
from tradesim.trading.postings import entry_for

REASON = FillReason(
    "order book", 250, 9, 700, 500, 200, BookTop((Level(1, 2, 3),), ()), BookTop((), (Level(2, 5, 1), Level(3, 1)))
)
FILLED = OrderFilled(replace(a_fill(an_order(), "0.00010", "64321.070", "0.01"), reason=REASON), 4)
EVENTS = [
    AccountOpened(an_account("100000.00"), 0),
    OrderAccepted(an_order(limit=None), 1),
    OrderRejected(an_order(), Rejection("qty", "quantity must be a multiple of 1, was 0.5", "qty"), 2),
    OrderOpened("paper", "o1", 7, 3),
    FILLED,
    OrderReplaced("paper", "o1", dec("8"), None, True, 5),
    AccountClosed("paper", 9),
    OrderReplaceRequested("paper", "o1", dec("8"), dec("99.5"), 5),
    OrderCancelRequested("paper", "o1", 6),
    OrderReplaceRejected("paper", "o1", Rejection("halted", "trading in AAPL is halted"), 6),
    OrderCanceled("paper", "o1", "venue: halted", "trading in AAPL is halted, “by hand”", 6),
    OrderExpired("paper", "o1", "the day ended", 7),
    DayOpened("paper", dec("99999.90"), (("AAPL", dec("100.01")),), 8),
    RiskLimitsSet("paper", RiskLimits(max_drawdown=dec("0.10"), restricted=("GME",)), "person", 9),
    RiskStateChanged("paper", RiskState.HALTED, "max_drawdown", "10 % below", "limit", 9),
    EquityMarked("paper", dec("99999.90"), dec("23001.00"), 10),
    BarsKept("paper", "AAPL", dec("0.01"), dec("1"), ((60, 1, 4, 0, 2, 100),), 11),
    TripAnnotated("paper", "f1", "too early", ("fomo",), 12),
]


def test_every_kind_is_tried():
    assert {type(event) for event in EVENTS} == set(EVENT_KINDS.values())


@pytest.mark.parametrize("event", EVENTS, ids=lambda event: type(event).__name__)
def test_an_event_is_read_as_it_was_written(event):
    seq, ts_event, account_id, kind, body = event_row(3, event)
    assert (seq, ts_event, account_id, account_id) == (3, event.ts_event, "paper", account_of(event))
    assert event_of(seq, kind, body) == event
    assert repr(event_of(seq, kind, body)) == repr(event)


def test_an_entry_is_read_as_it_was_written():
    entry = entry_for(FILLED, 1)
    assert repr(entry_of(entry_row(entry), posting_rows(entry))) == repr(entry)


def test_a_row_of_an_unknown_kind_is_refused_by_its_number():
    with pytest.raises(Refused, match=r"row 9 of the journal must be one of AccountOpened, .*, was OrderEaten"):
        event_of(9, "OrderEaten", "{}")


def test_a_damaged_row_is_refused_by_its_number():
    with pytest.raises(Refused, match="row 9 of the journal is damaged: OrderOpened expected"):
        event_of(9, "OrderOpened", '{"account_id": "pa')
