"""The account's tax lots as rows: the open ones, or the latest that were closed. What an open one is worth moves with
the page's own mark; see assets/blotter_lots.js."""

from collections.abc import Mapping
from typing import Any

from tradesim.desk import lots
from tradesim.desk.desk import Desk
from tradesim.desk.views import ClosedLotView, LotView
from tradesim.kernel.clock import NS_PER_MS

MOST_CLOSED = 500
Row = dict[str, Any]


def told(desk: Desk, wish: object, chosen: str = "") -> dict[str, Any]:
    """Of the chosen account (empty: the market's own): `{account, is_closed, count, rows}`; `count` are open."""
    account = chosen if desk.knows_account(chosen) else desk.status().account_id
    is_closed = isinstance(wish, Mapping) and wish.get("is_closed") is True
    if is_closed:
        rows = [closed_row(each) for each in lots.closed_lots(desk, account)[:MOST_CLOSED]]
        count = len(desk.lots(account))
    else:
        rows = [open_row(each) for each in lots.open_lots(desk, account)]
        count = len(rows)
    return {"account": account, "is_closed": is_closed, "count": count, "rows": rows}


def open_row(lot: LotView) -> Row:
    return {"id": lot.id, **shared(lot), "mark": lot.mark and float(lot.mark)}


def closed_row(lot: ClosedLotView) -> Row:
    return {
        "id": f"{lot.lot_id}:{lot.cause}:{lot.closed_at}",
        **shared(lot),
        "exit": float(lot.closing_price),
        "rpl": float(lot.realized_pl),
        "closed": lot.closed_at // NS_PER_MS,
    }


def shared(lot: LotView | ClosedLotView) -> Row:
    return {
        "symbol": lot.symbol,
        "side": "Long" if lot.qty > 0 else "Short",
        "size": format(abs(lot.qty), "f"),
        "qty": float(abs(lot.qty)),
        "price": float(lot.price),
        "cost": float(abs(lot.qty) * lot.price),
        "opened": lot.opened_at // NS_PER_MS,
        "term": "Long-term" if lot.is_long_term else "Short-term",
    }
