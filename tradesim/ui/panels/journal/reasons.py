"""Why a fill came about, in one sentence for the list of a trip's fills. Pure."""

from decimal import Decimal

from tradesim.kernel.counting import counted
from tradesim.model.instrument import Instrument
from tradesim.model.market import Level, Side
from tradesim.model.orders import Fill, FillReason, Liquidity
from tradesim.ui.wording import number, price, quantity

IN_AUCTION = "Matched in the auction at its one price."
BY_THE_DESK = "Dealt by the desk as principal: the part of a share that no venue trades."
STEPS = Instrument("?", "?")
"""Where a fill does not say its market's steps."""


def reason(fill: Fill, instrument: Instrument | None) -> str:
    """`instrument` for old fills that do not name the steps of their market."""
    why = fill.reason
    tick = why.tick_size or (instrument or STEPS).tick_size
    lot = why.lot_size or (instrument or STEPS).lot_size
    if why.model == "call auction":
        return IN_AUCTION
    if why.model == "desk as principal":
        return BY_THE_DESK
    return taken(fill, tick, lot) if fill.liquidity is Liquidity.TAKER else rested(why, lot)


def taken(fill: Fill, tick: Decimal, lot: Decimal) -> str:
    touch = best(fill)
    word = "ask" if fill.side is Side.BUY else "bid"
    if touch is None:
        return f"Took what was there on the other side; travelled {travel(fill.reason)}."
    at, size = touch.price * tick, quantity(touch.qty * lot)
    beyond = (fill.price - at) * fill.side.sign
    met = f"Met the best {word} {price(at, decimals(tick))} × {size}"
    if beyond > 0:
        return f"{met} and traded {counted(round(beyond / tick), 'tick')} behind it; travelled {travel(fill.reason)}."
    return f"{met} and took {quantity(fill.qty)} at that price; travelled {travel(fill.reason)}."


def rested(why: FillReason, lot: Decimal) -> str:
    if why.ahead_at_entry is None:
        return "Rested at a price that the market did not show, until it was traded through."
    if not why.ahead_at_entry:
        return "Rested with nobody ahead until it was taken."
    return (
        f"Rested behind {quantity(why.ahead_at_entry * lot)}: trades took {quantity(why.ahead_traded * lot)} of it,"
        f" cancels {quantity(why.ahead_canceled * lot)}, then it was taken."
    )


def best(fill: Fill) -> Level | None:
    levels = fill.reason.before.asks if fill.side is Side.BUY else fill.reason.before.bids
    return levels[0] if levels else None


def travel(why: FillReason) -> str:
    return f"{number(why.latency_ns / 1_000_000, 0)} ms"


def decimals(step: Decimal) -> int:
    exponent = step.normalize().as_tuple().exponent
    return max(0, -exponent) if isinstance(exponent, int) else 2
