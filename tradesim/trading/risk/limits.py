"""Limits: which of two is stricter, who may change them, and which of them an account has passed.

limit                    measured as                                              passed: the account is
max_day_loss             equity when the day began minus equity now (money)       REDUCING
max_exposure             gross value of positions / equity                        REDUCING
max_concentration        largest value held in one symbol / equity                REDUCING
max_consecutive_losses   round trips lost in a row, after fees                    REDUCING
max_drawdown             1 - equity / highest equity since the limits were set    HALTED
"""

from decimal import Decimal
from typing import Any

from msgspec import Struct
from msgspec.structs import fields, replace

from tradesim.kernel.counting import counted
from tradesim.model.orders import Rejection
from tradesim.model.risk import LimitUse, RiskLimits, RiskState
from tradesim.trading.money import money_text, number_text

ZERO = Decimal(0)
SEVERITY = {RiskState.ACTIVE: 0, RiskState.REDUCING: 1, RiskState.HALTED: 2}
SMALLEST, LARGEST = Decimal("1E-9"), Decimal("1E+12")
"""No size and no sum of money is beyond; what is cannot be reckoned with."""
FRACTIONS = frozenset({"price_collar", "max_drawdown"})
"""Limits that make no sense at 1 or above."""
NEVER_ZERO = frozenset({"max_order_qty", "max_order_value", "max_drawdown", "price_collar"})
STRICT_WHEN_LARGE = frozenset({"duplicate_window_ms"})


class Worth(Struct, frozen=True):
    """What the limits are measured on. `largest` is the symbol with the highest value held, `streak` losses in a row.

    `high` is the highest equity since the limits were set, at least the present one.
    """

    equity: Decimal
    day_pl: Decimal
    exposure: Decimal = ZERO
    largest: tuple[str, Decimal] = ("", ZERO)
    high: Decimal = ZERO
    streak: int = 0
    open_orders: int = 0
    sent: int = 0

    @property
    def drawdown(self) -> Decimal:
        return max(1 - self.equity / self.high, ZERO) if self.high > 0 else ZERO


class Breach(Struct, frozen=True):
    """A limit passed after the fact: what follows of it, and the sentence."""

    limit: str
    state: RiskState
    message: str


def breach(worth: Worth, limits: RiskLimits) -> Breach | None:
    """The gravest limit that is passed now."""
    found = [each for each in (check(worth, limits) for check in BREACHES) if each is not None]
    return max(found, key=lambda each: SEVERITY[each.state], default=None)


def still_passed(worth: Worth, limits: RiskLimits) -> Breach | None:
    """What would stop the account again at once. The high and the losses in a row are counted anew, so they are not."""
    return breach(replace(worth, high=worth.equity, streak=0), limits)


def drawdown(worth: Worth, limits: RiskLimits) -> Breach | None:
    most = limits.max_drawdown
    if most is None or worth.drawdown < most:
        return None
    found = f"equity {money_text(worth.equity)} is {percent(worth.drawdown)} below its high of {money_text(worth.high)}"
    return Breach("max_drawdown", RiskState.HALTED, f"{found}, the limit is {percent(most)}")


def day_loss(worth: Worth, limits: RiskLimits) -> Breach | None:
    most = limits.max_day_loss
    if most is None or -worth.day_pl < most or worth.day_pl >= 0:
        return None
    found = f"the day's loss is {money_text(-worth.day_pl)}"
    return Breach("max_day_loss", RiskState.REDUCING, f"{found}, the limit is {money_text(most)}")


def exposure(worth: Worth, limits: RiskLimits) -> Breach | None:
    most = limits.max_exposure
    if most is None or worth.exposure <= most * max(worth.equity, ZERO):
        return None
    found = f"positions are worth {money_text(worth.exposure)}, {times(worth.exposure, worth.equity)}"
    return Breach("max_exposure", RiskState.REDUCING, f"{found}, the limit is {number_text(most)} times")


def concentration(worth: Worth, limits: RiskLimits) -> Breach | None:
    most, (symbol, value) = limits.max_concentration, worth.largest
    if most is None or value <= most * max(worth.equity, ZERO):
        return None
    found = f"{symbol} is worth {money_text(value)}, {times(value, worth.equity)}"
    return Breach("max_concentration", RiskState.REDUCING, f"{found}, the limit is {number_text(most)} times")


def consecutive_losses(worth: Worth, limits: RiskLimits) -> Breach | None:
    most = limits.max_consecutive_losses
    if most is None or worth.streak < most:
        return None
    found = f"{counted(worth.streak, 'round trip')} in a row {'was' if worth.streak == 1 else 'were'} lost"
    return Breach("max_consecutive_losses", RiskState.REDUCING, f"{found}, the limit is {most:,}")


BREACHES = (drawdown, day_loss, exposure, concentration, consecutive_losses)


def is_watched(limits: RiskLimits) -> bool:
    """Whether there is anything to look at after an order was sent."""
    return any(
        limit is not None
        for limit in (
            limits.max_day_loss,
            limits.max_drawdown,
            limits.max_exposure,
            limits.max_concentration,
            limits.max_consecutive_losses,
        )
    )


def uses(worth: Worth, limits: RiskLimits) -> tuple[LimitUse, ...]:
    """How much of each limit is used, for the panel; also of those that are not set."""
    symbol, value = worth.largest
    equity = worth.equity if worth.equity > 0 else None
    return (
        LimitUse("max_day_loss", "Loss today", max(-worth.day_pl, ZERO), limits.max_day_loss, "money"),
        LimitUse("max_drawdown", "Below the highest equity", worth.drawdown, limits.max_drawdown, "fraction"),
        LimitUse("max_exposure", "Positions to equity", share(worth.exposure, equity), limits.max_exposure, "times"),
        LimitUse(
            "max_concentration",
            f"Largest position to equity ({symbol})" if symbol else "Largest position to equity",
            share(value, equity),
            limits.max_concentration,
            "times",
        ),
        LimitUse(
            "max_consecutive_losses",
            "Round trips lost in a row",
            Decimal(worth.streak),
            as_decimal(limits.max_consecutive_losses),
            "count",
        ),
        LimitUse("max_position_value", "Largest position", value, limits.max_position_value, "money"),
        LimitUse(
            "max_open_orders", "Open orders", Decimal(worth.open_orders), Decimal(limits.max_open_orders), "count"
        ),
        LimitUse(
            "max_orders_per_minute",
            "Orders in the last minute",
            Decimal(worth.sent),
            as_decimal(limits.max_orders_per_minute),
            "count",
        ),
    )


def strictest(one: RiskLimits, other: RiskLimits) -> RiskLimits:
    """What both allow."""
    numbers: dict[str, Any] = {
        name: stricter_number(name, getattr(one, name), getattr(other, name)) for name in NUMBERS
    }
    return replace(
        one,
        **numbers,
        wash_trades_allowed=one.wash_trades_allowed and other.wash_trades_allowed,
        allowed=one.allowed or other.allowed,
        restricted=union(one.restricted, other.restricted, not_in(one.allowed, other.allowed)),
    )


def raised(new: RiskLimits, old: RiskLimits) -> list[str]:
    """The names of the limits that `new` makes wider than `old` has them."""
    wider = [name for name in NUMBERS if is_wider(name, getattr(new, name), getattr(old, name))]
    if not_in(old.restricted, new.restricted or ("",)):
        wider.append("restricted")
    if old.allowed and (not new.allowed or not_in(new.allowed, old.allowed)):
        wider.append("allowed")
    if new.wash_trades_allowed and not old.wash_trades_allowed:
        wider.append("wash_trades_allowed")
    return wider


def wrong(limits: RiskLimits) -> Rejection | None:
    """Why these cannot be limits."""
    for name in NUMBERS:
        value = getattr(limits, name)
        if value is None:
            continue
        wanted = wanted_of(name, Decimal(value))
        if wanted is not None:
            return Rejection("risk_limits", f"{name} must be {wanted}, was {number_text(Decimal(value))}", name)
    return None


def wanted_of(name: str, number: Decimal) -> str | None:
    """What a limit that cannot be `number` must be."""
    if not number.is_finite() or number < 0 or (number == 0 and name in NEVER_ZERO):
        return "above 0" if name in NEVER_ZERO else "0 or more"
    if name in FRACTIONS and number >= 1:
        return "a fraction below 1 (0.05 is 5 %)"
    if number and not SMALLEST <= number <= LARGEST:
        return f"from {number_text(SMALLEST)} to {number_text(LARGEST)}"
    return None


def stricter_number(name: str, one: Decimal | int | None, other: Decimal | int | None) -> Decimal | int | None:
    if one is None or other is None:
        return other if one is None else one
    if name == "usual_orders_per_second" and not (one and other):
        return one or other
    return max(one, other) if name in STRICT_WHEN_LARGE else min(one, other)


def is_wider(name: str, new: Decimal | int | None, old: Decimal | int | None) -> bool:
    return new != old and stricter_number(name, new, old) != new


def union(*lists: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(each for symbols in lists for each in symbols))


def not_in(symbols: tuple[str, ...], others: tuple[str, ...]) -> tuple[str, ...]:
    """Those of `symbols` that `others` lacks; none when `others` is empty, which stands for any."""
    return tuple(each for each in symbols if others and each not in others)


LISTS = frozenset({"restricted", "allowed"})
NUMBERS = tuple(
    each.name for each in fields(RiskLimits) if each.name not in LISTS and each.name != "wash_trades_allowed"
)


def share(value: Decimal, equity: Decimal | None) -> Decimal:
    return value / equity if equity else ZERO


def times(value: Decimal, equity: Decimal) -> str:
    return f"{number_text(round(value / equity, 2))} times equity" if equity > 0 else "with no equity left"


def percent(fraction: Decimal) -> str:
    return f"{number_text(round(fraction * 100, 2))} %"


def as_decimal(number: int | None) -> Decimal | None:
    return None if number is None else Decimal(number)
