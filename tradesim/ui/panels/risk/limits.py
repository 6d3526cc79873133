"""The limits and checks in a trader's words, in the order in which they are asked."""

from enum import StrEnum

from msgspec import Struct


class Unit(StrEnum):
    """How a limit is written: `percent` is a fraction that people say in percent, `times` one of equity."""

    MONEY = "money"
    PERCENT = "percent"
    TIMES = "times"
    COUNT = "count"
    NUMBER = "number"
    MS = "ms"
    SYMBOLS = "symbols"
    FLAG = "flag"
    NONE = "none"


class LimitWords(Struct, frozen=True):
    """One check: `name` of its limit (empty: it is always on), what it is called and what it does."""

    name: str
    title: str
    sentence: str
    unit: Unit = Unit.NONE


BEFORE = (
    LimitWords("", "State", "Halted: nothing but cancels is taken. Reducing: only what makes a position smaller."),
    LimitWords(
        "usual_orders_per_second",
        "Runaway guard, orders a second",
        "How many a new source usually sends. Far beyond it orders are refused, then the account is halted. "
        "0 switches it off.",
        Unit.COUNT,
    ),
    LimitWords("max_order_qty", "Order quantity", "An order for more is refused.", Unit.NUMBER),
    LimitWords("max_order_value", "Order value", "An order worth more is refused.", Unit.MONEY),
    LimitWords("max_open_orders", "Open orders", "Beyond it no order is taken until one is done.", Unit.COUNT),
    LimitWords("", "Quote that cannot be trusted", "On a stale, crossed or disputed quote nothing is opened."),
    LimitWords(
        "max_orders_per_minute",
        "Orders a minute",
        "Beyond it orders are refused, and told how long to wait.",
        Unit.COUNT,
    ),
    LimitWords("restricted", "Restricted symbols", "They can only be closed.", Unit.SYMBOLS),
    LimitWords("allowed", "Allowed symbols", "Where any are named, nothing else can be opened.", Unit.SYMBOLS),
    LimitWords(
        "max_position_value",
        "Position in one symbol",
        "An order is refused when the position with all open orders would be worth more.",
        Unit.MONEY,
    ),
    LimitWords(
        "duplicate_window_ms",
        "Same order again",
        "Refused when it comes again within so many milliseconds; 0 allows it.",
        Unit.MS,
    ),
    LimitWords(
        "price_collar",
        "Price collar",
        "How far through the touch an order may reach.",
        Unit.PERCENT,
    ),
    LimitWords(
        "wash_trades_allowed",
        "Orders may meet own orders",
        "If not, an order that could trade with one of the same account is refused.",
        Unit.FLAG,
    ),
)
AFTER = (
    LimitWords(
        "max_day_loss",
        "Loss of the day",
        "Lost as much since the day began: only what closes is taken (reducing).",
        Unit.MONEY,
    ),
    LimitWords(
        "max_exposure",
        "Positions to equity",
        "All positions, long and short, worth more than so many times equity: reducing.",
        Unit.TIMES,
    ),
    LimitWords(
        "max_concentration",
        "Largest position to equity",
        "One symbol worth more than so many times equity: reducing.",
        Unit.TIMES,
    ),
    LimitWords(
        "max_consecutive_losses",
        "Losses in a row",
        "So many trades closed at a loss one after the other: reducing.",
        Unit.COUNT,
    ),
    LimitWords(
        "max_drawdown",
        "Below the highest equity",
        "Fallen further from its highest since limits were set: every order is cancelled and none taken (halted).",
        Unit.PERCENT,
    ),
)
