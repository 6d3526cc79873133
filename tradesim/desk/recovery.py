"""Starting up: the newest sound snapshot, then every event after it. There is no separate recovery."""

import logging

from tradesim.desk.ports import Journal
from tradesim.kernel.errors import Refused, Unbalanced
from tradesim.trading.state import TradingState

logger = logging.getLogger(__name__)

LEDGER_TAIL = 100


def restored(journal: Journal) -> tuple[TradingState, int]:
    """The state that the journal adds up to, and its last row's number. Raises Refused when it does not add up."""
    state, last = from_snapshot(journal)
    for seq, event in journal.replay(after=last):
        state.apply(event)
        last = seq
    try:
        state.check()
    except Unbalanced as wrong:
        raise Refused(f"the journal does not add up: {wrong}") from None
    tail = list(state.ledger.entries)[-LEDGER_TAIL:]
    if tail and list(journal.entries(after=tail[0].seq - 1)) != tail:
        raise Refused("the journal's ledger is not what its events add up to; it was changed by something else")
    return state, last


def from_snapshot(journal: Journal) -> tuple[TradingState, int]:
    """Where the newest sound snapshot ends; the very beginning without one."""
    snapshot = journal.snapshot()
    if snapshot is None:
        return TradingState(), 0
    try:
        state = TradingState.load(snapshot.state)
        state.check()
        return state, snapshot.seq
    except (Refused, Unbalanced) as wrong:
        logger.warning("the snapshot is set aside, the whole journal is read: %s", wrong)
        return TradingState(), 0
