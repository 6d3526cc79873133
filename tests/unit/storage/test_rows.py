import pytest
from msgspec.structs import replace

from tests.fakes import a_fill, an_account, an_order, dec
from tradesim.kernel.errors import Refused
from tradesim.model.accounts import STANDARD_RULES, AccountRules, LotMethod
from tradesim.model.events import (
    EVENT_KINDS,
    AccountClosed,
    AccountConfigured,
    AccountOpened,
    AccountReset,
    BarsKept,
    CashMoved,
    DayOpened,
    DeskMarked,
    EquityMarked,
    OrderAccepted,
    OrderActivated,
    OrderBound,
    OrderCanceled,
    OrderCancelRequested,
    OrderExpired,
    OrderFilled,
    OrderHeld,
    OrderOpened,
    OrderRejected,
    OrderReleased,
    OrderReplaced,
    OrderReplaceRejected,
    OrderReplaceRequested,
    OrderTrailed,
    OrderTriggered,
    PositionSplit,
    RiskLimitsSet,
    RiskStateChanged,
    TripAnnotated,
)
from tradesim.model.market import BookTop, Level
from tradesim.model.orders import FillReason, OrderStatus, Rejection
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
    DayOpened("paper", dec("99999.90"), (("AAPL", dec("100.01")),), 8, dec("30.00")),
    RiskLimitsSet("paper", RiskLimits(max_drawdown=dec("0.10"), restricted=("GME",)), "person", 9),
    RiskStateChanged("paper", RiskState.HALTED, "max_drawdown", "10 % below", "limit", 9),
    EquityMarked("paper", dec("99999.90"), dec("23001.00"), 10),
    OrderBound("paper", "o1", 10, "o2"),
    OrderReleased("paper", "o1", "o2", 11),
    DeskMarked("paper", "paper", dec("199999.90"), 10),
    BarsKept("paper", "AAPL", dec("0.01"), dec("1"), ((60, 1, 4, 0, 2, 100),), 11),
    TripAnnotated("paper", "f1", "too early", ("fomo",), 12),
    AccountConfigured("paper", AccountRules(dec(4), lot_method=LotMethod.LIFO, is_suspended=True), 10),
    AccountReset("paper", dec("50000.00"), 11),
    CashMoved("m1", "paper", "dividend", dec("12.50"), "AAPL paid 0.25 a share", 12, "AAPL", dec(50), dec("0.25")),
    PositionSplit("s1", "paper", "AAPL", dec("1.5"), dec(15), dec("3.20"), 13),
    OrderHeld("paper", "o1", OrderStatus.ACCEPTED, 7),
    OrderActivated("paper", "o1", 7),
    OrderTriggered("paper", "o1", dec("99.50"), 7),
    OrderTrailed("paper", "o1", dec("101.00"), dec("99.50"), 7),
]


def test_every_kind_is_tried():
    assert {type(event) for event in EVENTS} == set(EVENT_KINDS.values())


def test_rows_of_before_the_new_words_are_read():
    body = '{"account_id":"paper","order_id":"o1","qty":"8","limit_price":null,"kept_place":true,"ts_event":5}'
    assert event_of(1, "OrderReplaced", body) == OrderReplaced("paper", "o1", dec("8"), None, True, 5)


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


def test_an_account_of_the_first_desks_keeps_its_leverage():
    """As they wrote it: leverage and short selling were fields of the account."""
    body = (
        '{"account":{"id":"paper","name":"Paper","cash":"100000","opened_at":5,"currency":"USD","multiplier":"4",'
        '"starting_cash":"100000","shorting_enabled":false},"ts_event":5}'
    )
    account = event_of(1, "AccountOpened", body).account
    assert account.rules == replace(STANDARD_RULES, multiplier=dec(4), shorting_enabled=False)
    assert (account.home, account.cash, account.is_archived) == ("paper", dec(100_000), False)
    oldest = event_of(1, "AccountOpened", '{"account":{"id":"a","name":"A","cash":"1","opened_at":0},"ts_event":0}')
    assert oldest.account.rules == STANDARD_RULES
