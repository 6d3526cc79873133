"""Why a fill happened as it did, in sentences. Pure."""

from collections.abc import Iterator
from decimal import Decimal

from tradesim.kernel.clock import NS_PER_MS
from tradesim.kernel.counting import counted
from tradesim.model.market import BookTop, Level, Side
from tradesim.model.orders import Fill, FillReason, Liquidity


def words_of(fill: Fill) -> Iterator[str]:
    reason, verb = fill.reason, "Bought" if fill.side is Side.BUY else "Sold"
    yield f"{verb} {fill.qty:f} {fill.symbol} at {fill.price:f}, matched by the {reason.model}."
    if fill.liquidity is Liquidity.TAKER:
        yield from taker_words(fill, reason)
    else:
        yield from maker_words(reason)
    if reason.latency_ns:
        yield f"The order took {reason.latency_ns / NS_PER_MS:g} ms to the venue."
    if reason.quote_age_ns:
        yield f"The quote it met was {reason.quote_age_ns / NS_PER_MS:g} ms old."
    if fill.fee:
        yield f"The fee was {fill.fee:f}." if fill.fee > 0 else f"The rebate was {-fill.fee:f}."


def taker_words(fill: Fill, reason: FillReason) -> Iterator[str]:
    """What stood on the other side when the order came, and what it left."""
    before, after = opposite(reason.before, fill.side), opposite(reason.after, fill.side)
    if not before:
        yield "It took what was there; the other side of the book was not seen before."
        return
    price, qty, _ = before[0]
    yield f"It took liquidity: {amount(qty, reason.lot_size)} stood first at {cost(price, reason.tick_size)}."
    if after and after[0].price != price:
        yield f"After it the best price on that side was {cost(after[0].price, reason.tick_size)}."
    elif not after:
        yield "After it nothing stood on that side."


def maker_words(reason: FillReason) -> Iterator[str]:
    """How the queue before a resting order went away."""
    if reason.ahead_at_entry is None:
        yield "It rested where the market showed no queue, until it was traded through."
        return
    ahead = amount(reason.ahead_at_entry, reason.lot_size)
    traded, gone = amount(reason.ahead_traded, reason.lot_size), amount(reason.ahead_canceled, reason.lot_size)
    yield f"It rested in the book with {ahead} before it; {traded} of that traded and {gone} was cancelled."


def opposite(top: BookTop, side: Side) -> tuple[Level, ...]:
    return top.asks if side is Side.BUY else top.bids


def amount(lots: int, lot: Decimal | None) -> str:
    return counted(lots, "lot") if lot is None else f"{lot * lots:f}"


def cost(ticks: int, tick: Decimal | None) -> str:
    return counted(ticks, "tick") if tick is None else f"{tick * ticks:f}"
