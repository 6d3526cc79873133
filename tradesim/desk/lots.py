"""Tax lots as they are read: what each open one is worth at the mark, how long each was held, and its term."""

from collections.abc import Sequence
from datetime import date
from typing import TYPE_CHECKING

from tradesim.desk.views import ClosedLotView, LotView
from tradesim.kernel.clock import NS_PER_SECOND
from tradesim.marketdata.days import NEW_YORK, date_of
from tradesim.trading.lots import is_long_term

if TYPE_CHECKING:
    from tradesim.desk.desk import Desk


def open_lots(desk: "Desk", account_id: str = "", symbol: str = "") -> Sequence[LotView]:
    """Of `symbol` or of all, each symbol's oldest first. Raises as `Desk.lots`."""
    lots, now = desk.lots(account_id, symbol), desk.status().now
    marks = {each.position.symbol: each.mark for each in desk.account(account_id).positions}
    return [
        LotView(
            lot.id,
            lot.account_id,
            lot.symbol,
            lot.qty,
            lot.price,
            lot.qty * lot.price,
            lot.opened_at,
            lot.order_id,
            max(0, now - lot.opened_at),
            is_long_term(lot.qty, day_of(lot.opened_at), day_of(now)),
            mark := marks.get(lot.symbol),
            None if mark is None else (mark - lot.price) * lot.qty,
        )
        for lot in lots
    ]


def closed_lots(desk: "Desk", account_id: str = "", symbol: str = "") -> Sequence[ClosedLotView]:
    """The latest that were closed, newest first. Raises as `Desk.closed_lots`."""
    return [
        ClosedLotView(
            lot.lot_id,
            lot.account_id,
            lot.symbol,
            lot.qty,
            lot.price,
            lot.closing_price,
            lot.opened_at,
            lot.closed_at,
            lot.closed_at - lot.opened_at,
            is_long_term(lot.qty, day_of(lot.opened_at), day_of(lot.closed_at)),
            lot.realized_pl,
            lot.cause,
        )
        for lot in desk.closed_lots(account_id, symbol)
    ]


def day_of(ts: int) -> date:
    """New York's, by which taxes go."""
    return date_of(ts // NS_PER_SECOND, NEW_YORK)
