"""Numbers that no market has, and prices that the steps of ours cannot carry: what is wrong with a word by itself."""

from collections.abc import Iterable, Sequence
from decimal import Decimal
from enum import StrEnum

from tradesim.model.feed import FeedBar, FeedBook, FeedQuote, FeedTrade, PriceLevel

Timed = FeedTrade | FeedQuote | FeedBook | FeedBar
LARGEST = Decimal(10) ** 12
MOST_STEPS = 2**56
"""Of price or size: what is told beyond is held back, and some hundred of them together still fit 64 bits."""
LEAST_STEPS = 50
"""A price between two steps is told at one of them from here on: it is then off by less than one in fifty. So a share
that is opened above a dollar goes on below it, down to half of one."""


class Fault(StrEnum):
    PRICE = "price"
    SIZE = "size"
    CROSSED = "crossed"
    BACKWARDS = "backwards"
    FUTURE = "future"
    OUTLIER = "outlier"
    DUPLICATE = "duplicate"
    UNKNOWN_PRINT = "unknown_print"
    FORM = "form"
    FAILED = "failed"


def number_fault(event: Timed, tick: Decimal, lot: Decimal) -> tuple[Fault, str] | None:
    """Numbers that no market has, or that one with these steps of price and size cannot carry."""
    return form_fault(event, most_of(tick), most_of(lot)) or steps_fault(event, tick)


def form_fault(event: Timed, price: Decimal = LARGEST, size: Decimal = LARGEST) -> tuple[Fault, str] | None:
    """Numbers that no market has: beyond `price` and `size`, for one."""
    match event:
        case FeedTrade():
            return first(price_fault("price", [event.price], price), size_fault("size", [event.qty], size))
        case FeedQuote():
            prices = price_fault("quote", [event.bid, event.ask, event.last], price)
            return first(prices, size_fault("size", [event.bid_qty, event.ask_qty], size))
        case FeedBook():
            levels: Sequence[PriceLevel] = (*event.bids, *event.asks)
            prices = price_fault("level", [p for p, _ in levels], price)
            return first(prices, size_fault("level's size", [q for _, q in levels], size))
    return bar_fault(event, price)


def most_of(step: Decimal) -> Decimal:
    return min(LARGEST, MOST_STEPS * step)


def steps_fault(event: Timed, tick: Decimal) -> tuple[Fault, str] | None:
    """Prices that the steps of the market would make others of."""
    match event:
        case FeedTrade():
            return off_steps("price", [event.price], tick)
        case FeedQuote():
            return off_steps("quote", [event.bid, event.ask, event.last], tick)
        case FeedBook():
            return off_steps("level", [price for price, _ in (*event.bids, *event.asks)], tick)
    return off_steps("bar", [event.open, event.high, event.low, event.close], tick)


def off_steps(what: str, prices: Iterable[Decimal | None], tick: Decimal) -> tuple[Fault, str] | None:
    for price in prices:
        if price is not None and price < LEAST_STEPS * tick and price % tick:
            return Fault.PRICE, f"wanted a {what} in steps of {tick:f}, found {price:f}"
    return None


def bar_fault(bar: FeedBar, most: Decimal) -> tuple[Fault, str] | None:
    prices = (bar.open, bar.high, bar.low, bar.close)
    wrong = first(price_fault("bar", prices, most), size_fault("volume", [bar.volume], LARGEST))
    if wrong is not None:
        return wrong
    if not bar.low <= min(bar.open, bar.close) or not max(bar.open, bar.close) <= bar.high:
        found = " ".join(str(price) for price in prices)
        return Fault.FORM, f"wanted open and close between low and high, found {found}"
    return None


def price_fault(what: str, prices: Iterable[Decimal | None], most: Decimal) -> tuple[Fault, str] | None:
    for price in prices:
        if price is not None and not (price.is_finite() and 0 < price <= most):
            return Fault.PRICE, f"wanted a {what} above 0{roof(price, most)}, found {price}"
    return None


def size_fault(what: str, sizes: Iterable[Decimal | None], most: Decimal) -> tuple[Fault, str] | None:
    for size in sizes:
        if size is not None and not (size.is_finite() and 0 <= size <= most):
            return Fault.SIZE, f"wanted a {what} of 0 or more{roof(size, most)}, found {size}"
    return None


def roof(found: Decimal, most: Decimal) -> str:
    return f", at most {most}" if found.is_finite() and found > most else ""


def first(*faults: tuple[Fault, str] | None) -> tuple[Fault, str] | None:
    return next((fault for fault in faults if fault is not None), None)
