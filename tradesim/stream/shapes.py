"""Views as the page sees them: docs/stream.md in code. Prices in ticks, sizes in lots, money as text, times in ms."""

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any

from tradesim.desk.views import AccountView, FeedView, MarketView, Outcome, PositionView, StatusView
from tradesim.kernel.clock import NS_PER_MS
from tradesim.model.instrument import Instrument
from tradesim.model.market import BookTop, Indicative, Level, Side, Trade
from tradesim.model.orders import Fill, FillReason, Order, OrderClass, Revision
from tradesim.model.risk import RiskView
from tradesim.model.series import Bars
from tradesim.model.venue import QueuePosition

Fields = dict[str, Any]
Row = list[Any]
AGGRESSOR = {Side.BUY: 1, Side.SELL: -1, None: 0}


def ms(at_ns: int) -> int:
    return at_ns // NS_PER_MS


def text(amount: Decimal | None) -> str | None:
    """A decimal without an exponent."""
    return None if amount is None else format(amount, "f")


def status_fields(status: StatusView, symbols: Iterable[str]) -> Fields:
    return {
        "source": status.source,
        "title": status.title,
        "now": ms(status.now),
        "speed": status.speed,
        "playing": status.is_playing,
        "ended": status.is_ended,
        "start": ms(status.start),
        "end": None if status.end is None else ms(status.end),
        "session": status.session_id,
        "zone": status.zone,
        "journal": status.journal,
        "faults": list(status.faults),
        "account": status.account_id,
        "symbols": list(symbols),
        "bar": None if status.bar_ns is None else ms(status.bar_ns),
    }


def market_fields(view: MarketView) -> Fields:
    bids, asks = view.top
    bid, bid_qty = bids[0][:2] if bids else (None, 0)
    ask, ask_qty = asks[0][:2] if asks else (None, 0)
    return {
        "b": bid,
        "bs": bid_qty,
        "a": ask,
        "as": ask_qty,
        "l": view.last,
        "ls": view.last_qty,
        "lt": ms(view.last_at),
        "o": view.open,
        "h": view.high,
        "lo": view.low,
        "v": view.volume,
        "pc": view.prev_close,
        "st": view.session,
        "ht": int(view.is_halted),
        "ts": ms(view.updated_at),
        "ia": view.indicative and indicative_row(view.indicative),
    }


def feed_fields(view: FeedView) -> Fields:
    return {
        "q": view.shown_by,
        "qa": None if view.shown_at is None else ms(view.shown_at),
        "t": view.told_by,
        "ta": None if view.told_at is None else ms(view.told_at),
        "k": view.freshness,
        "max": view.limit_s,
        "qo": None if view.shown_of is None else ms(view.shown_of),
        "to": None if view.told_of is None else ms(view.told_of),
    }


def indicative_row(found: Indicative) -> Row:
    """[auction, price, paired, imbalance, side of the imbalance]."""
    return [found.auction, found.price, found.paired, found.imbalance, AGGRESSOR[found.side]]


def changed_fields(before: Fields, after: Fields) -> Fields:
    return {name: value for name, value in after.items() if name not in before or before[name] != value}


def changed_levels(before: Sequence[Level], after: Sequence[Level]) -> list[Level]:
    """What turns one side into the other: levels that left with quantity 0, then those new or changed."""
    if before is after:
        return []
    stood = {level.price: level for level in before}
    stands = {level.price for level in after}
    left = [Level(level.price, 0, 0) for level in before if level.price not in stands]
    return left + [level for level in after if stood.get(level.price) != level]


def book_sides(top: BookTop) -> Row:
    return [top.bids, top.asks]


def print_row(trade: Trade) -> Row:
    return [trade.trade_id, ms(trade.ts_event), trade.price, trade.qty, AGGRESSOR[trade.aggressor]]


def bar_rows(bars: Bars) -> list[Row]:
    columns = ((bars.start // NS_PER_MS).tolist(), *(column.tolist() for column in bars.columns()[1:]))
    return [list(row) for row in zip(*columns, strict=True)]


def account_fields(view: AccountView) -> Fields:
    return {
        "id": view.account.id,
        "name": view.account.name,
        "cash": text(view.account.cash),
        "equity": text(view.equity),
        "buying_power": text(view.buying_power),
        "reserved": text(view.reserved),
        "day_pl": text(view.day_pl),
        "unrealized_pl": text(view.unrealized_pl),
        "realized_pl": text(view.realized_pl),
        "day_rpl": text(view.today.realized_pl),
        "day_fees": text(view.today.fees),
        "day_income": text(view.today.income),
        "closed": [outcome_row(each) for each in view.today.closed],
        "fees": text(view.fees),
        "last_equity": text(view.last_equity),
        "initial_margin": text(view.initial_margin),
        "maintenance_margin": text(view.maintenance_margin),
        "withdrawable": text(view.cash_withdrawable),
        "day_trades": view.daytrade_count,
        "multiplier": text(view.account.multiplier),
        "margin_call": view.margin_call,
        "currency": view.account.currency,
    }


def position_row(view: PositionView) -> Fields:
    return {
        "symbol": view.position.symbol,
        "qty": text(view.position.qty),
        "avg": text(view.position.avg_entry_price),
        "mark": text(view.mark),
        "value": text(view.market_value),
        "upl": text(view.unrealized_pl),
        "rpl": text(view.position.realized_pl),
        "day_pl": text(view.day_pl),
        "day_rpl": text(view.realized_today),
    }


def outcome_row(outcome: Outcome) -> Fields:
    return {"symbol": outcome.symbol, "day_pl": text(outcome.day_pl), "day_rpl": text(outcome.realized_pl)}


def ticks_of(price: Decimal | None, instrument: Instrument | None) -> int | None:
    return instrument.ticks(price) if instrument and price is not None else None


def order_row(order: Order, instrument: Instrument | None) -> Fields:
    return {
        "id": order.id,
        "cid": order.client_order_id,
        "symbol": order.symbol,
        "side": order.side,
        "type": order.type,
        "tif": order.time_in_force,
        "qty": text(order.qty),
        "filled": text(order.filled_qty),
        "avg": text(order.filled_avg_price),
        "limit": text(order.limit_price),
        "limit_ticks": ticks_of(order.limit_price, instrument),
        "status": order.status,
        "post_only": order.post_only,
        "source": order.source,
        "created": ms(order.created_at),
        "updated": ms(order.updated_at),
        "reason": order.reason,
        **{name: value for name, value in order_extras(order, instrument) if value},
    }


def order_extras(order: Order, instrument: Instrument | None) -> tuple[tuple[str, Any], ...]:
    """What only some orders have; left out where it is empty, so that the many plain orders stay short."""
    return (
        ("stop", text(order.stop_price)),
        ("stop_ticks", ticks_of(order.stop_price, instrument)),
        ("trail", text(order.trail_price)),
        ("trail_percent", text(order.trail_percent)),
        ("hwm", text(order.high_water)),
        ("triggered", order.triggered_at and ms(order.triggered_at)),
        ("class", order.order_class if order.order_class is not OrderClass.SIMPLE else ""),
        ("role", order.role),
        ("parent", order.parent_id),
        ("legs", list(order.legs)),
        ("display_qty", text(order.display_qty)),
        ("extended_hours", order.extended_hours),
        ("reduce_only", order.reduce_only),
        ("notional", text(order.notional)),
        ("expires", order.expires_at and ms(order.expires_at)),
        ("ended", order.ended_at and ms(order.ended_at)),
        ("tag", order.tag),
        ("was", [revision_row(each) for each in order.revisions[-1:]]),
    )


def revision_row(was: Revision) -> Row:
    """[replaced at, quantity, limit, stop, trail] before the latest replacement."""
    return [ms(was.replaced_at), text(was.qty), text(was.limit_price), text(was.stop_price), text(was.trail)]


def fill_row(fill: Fill, instrument: Instrument | None) -> Fields:
    return {
        "id": fill.id,
        "order_id": fill.order_id,
        "symbol": fill.symbol,
        "side": fill.side,
        "qty": text(fill.qty),
        "price": text(fill.price),
        "ticks": ticks_of(fill.price, instrument),
        "fee": text(fill.fee),
        "liquidity": fill.liquidity,
        "at": ms(fill.ts_event),
        "why": why_fields(fill.reason),
    }


def why_fields(reason: FillReason) -> Fields:
    return {
        "model": reason.model,
        "latency_ms": reason.latency_ns / NS_PER_MS,
        "quote_age_ms": reason.quote_age_ns / NS_PER_MS,
        "ahead": reason.ahead_at_entry,
        "traded": reason.ahead_traded,
        "canceled": reason.ahead_canceled,
        "before": book_sides(reason.before),
        "after": book_sides(reason.after),
        "tick": None if reason.tick_size is None else text(reason.tick_size),
        "lot": None if reason.lot_size is None else text(reason.lot_size),
    }


def risk_fields(view: RiskView) -> Fields:
    return {
        "state": view.state,
        "cause": view.cause,
        "message": view.message,
        "since": ms(view.since),
        "by": view.by,
        "is_desks": view.is_desks,
        "still_passed": view.still_passed,
        "uses": [
            {"name": use.name, "title": use.title, "used": text(use.used), "limit": text(use.limit), "unit": use.unit}
            for use in view.uses
        ],
    }


def queue_rows(queue: Mapping[str, QueuePosition] | None) -> dict[str, Row]:
    return {order_id: queue_row(place) for order_id, place in (queue or {}).items()}


def queue_row(place: QueuePosition) -> Row:
    """[price, ahead, ahead at entry, traded, cancelled, behind, level quantity]."""
    return [
        place.price,
        place.ahead,
        place.ahead_at_entry,
        place.ahead_traded,
        place.ahead_canceled,
        place.behind,
        place.level_qty,
    ]
