"""What tests write into journals, and what must be read out of them again."""

from tests.fakes import a_fill, an_account, an_order
from tradesim.model.events import AccountOpened, OrderAccepted, OrderFilled
from tradesim.trading.state import TradingState


def some_events(n=5):
    """An account, and `n` orders with a fill each: 1 + 2n rows."""
    events = [AccountOpened(an_account(), 0)]
    for k in range(n):
        events += [OrderAccepted(an_order(str(k)), k), OrderFilled(a_fill(an_order(str(k)), 10, 100, "0.05"), k)]
    return events


def a_state(events):
    state = TradingState()
    for each in events:
        state.apply(each)
    return state


def entries_of(events):
    state = TradingState()
    return [entry for each in events if (entry := state.apply(each))]


def saved(journal, *snapshots):
    for snapshot in snapshots:
        journal.save_snapshot(snapshot)
        journal._snapshots._pending.result(20)
    journal.close()
