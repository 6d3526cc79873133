"""What a fill does to a position. Signed quantity: long is positive, short is negative; average cost."""

from decimal import Decimal

from msgspec.structs import replace

from tradesim.model.accounts import Position
from tradesim.model.events import PositionSplit
from tradesim.model.orders import Fill


def apply_fill(position: Position, fill: Fill) -> Position:
    """The position after the fill: adding averages the entry price, reducing realises, crossing zero does both."""
    closing = closed_qty(position.qty, fill.signed_qty)
    qty = position.qty + fill.signed_qty
    return replace(
        position,
        qty=qty,
        avg_entry_price=entry_price_after(position, fill, closing, qty),
        realized_pl=position.realized_pl + (fill.price - position.avg_entry_price) * closing,
    )


def apply_split(position: Position, split: PositionSplit) -> Position:
    """More pieces at a smaller cost each; the piece of a share that was paid out is sold at what was paid."""
    cost = position.avg_entry_price / split.ratio
    paid_out = position.qty * split.ratio - split.qty
    return replace(
        position,
        qty=split.qty,
        avg_entry_price=cost if split.qty else Decimal(0),
        realized_pl=position.realized_pl + split.cash_in_lieu - paid_out * cost,
    )


def closed_qty(held: Decimal, traded: Decimal) -> Decimal:
    """How much of `held` a trade of signed `traded` closes, with the sign of `held`."""
    if held * traded >= 0:
        return Decimal(0)
    return min(held, -traded) if held > 0 else max(held, -traded)


def entry_price_after(position: Position, fill: Fill, closing: Decimal, qty: Decimal) -> Decimal:
    if not qty:
        return Decimal(0)
    if not closing:
        return (position.avg_entry_price * position.qty + fill.price * fill.signed_qty) / qty
    return position.avg_entry_price if abs(closing) == abs(fill.qty) else fill.price
