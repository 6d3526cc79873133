"""What the desk refused, in the words that Alpaca's clients compare letter by letter, with the figures they read."""

from decimal import Decimal
from typing import Any

from msgspec import Struct

from tradesim.api.alpaca.errors import (
    BAD_INPUT,
    DAY_TRADE,
    FORBIDDEN,
    TOO_MANY,
    UNPROCESSABLE,
    Problem,
    problem_of,
)
from tradesim.api.alpaca.forms import money, number
from tradesim.api.alpaca.rules import is_crypto
from tradesim.api.alpaca.situation import holding_of, may_short
from tradesim.desk.views import AccountView, MarketView
from tradesim.model.instrument import Instrument
from tradesim.model.market import Side
from tradesim.model.orders import Rejection, Shortfall, Throttled, WashTrade

DAY_TRADES = frozenset({"day_trade", "pattern_day_trader", "pdt"})
WASH = frozenset({"wash_trade"})
SUSPENDED = frozenset({"suspended", "account_suspended"})
FORM = frozenset(
    {
        "qty or notional is required",
        "only one of qty or notional is accepted",
        "notional must be >= 1.00",
        'only type="limit" is allowed for extended hours orders',
    }
)
"""Sentences about the body itself; Alpaca numbers them apart."""
SHORT_CAP = Decimal("1.03")
"""An opening sale is valued at the limit, or 3 % above the ask, whichever is more."""


class Asked(Struct, frozen=True):
    """What was to be done when the desk refused; `qty` None where only a notional was given."""

    instrument: Instrument
    side: Side
    qty: Decimal | None
    notional: Decimal | None
    limit_price: Decimal | None


def refusal_of(rejection: Rejection, asked: Asked, view: AccountView, market: MarketView | None) -> Problem:
    code, symbol = rejection.code, asked.instrument.symbol
    if rejection.message in FORM:
        return Problem(422, BAD_INPUT, rejection.message)
    if code == "client_order_id":
        return Problem(422, BAD_INPUT, "client_order_id must be unique")
    if code == "buying_power":
        return insufficient_power(rejection, asked, view, market)
    if code in ("short", "insufficient_qty") and not rejection.message.startswith("fractional"):
        return insufficient_qty(rejection, asked, view)
    if code in WASH:
        return wash_trade(rejection, view)
    if code in DAY_TRADES:
        return Problem(403, DAY_TRADE, "trade denied due to pattern day trading protection")
    if code in SUSPENDED:
        return Problem(403, FORBIDDEN, "new orders are rejected by user request")
    if isinstance(rejection, Throttled):
        return Problem(429, TOO_MANY, f"rate limit exceeded: {rejection.message}")
    if code == "unknown_symbol":
        return Problem(422, UNPROCESSABLE, f'asset "{symbol}" not found')
    if code in ("limit_price", "stop_price") and "multiple of" in rejection.message:
        wrong = asked.limit_price if code == "limit_price" and asked.limit_price is not None else None
        found = f" {number(wrong)}" if wrong is not None else ""
        sentence = f"invalid {code}{found}. sub-penny increment does not fulfill minimum pricing criteria"
        return Problem(422, UNPROCESSABLE, sentence)
    if code == "qty" and "multiple of" in rejection.message:
        return Problem(422, BAD_INPUT, rejection.message if is_crypto(asked.instrument) else "qty must be integer")
    if code == "short":
        return Problem(422, UNPROCESSABLE, rejection.message)
    if code == "unchanged":
        return Problem(422, UNPROCESSABLE, "order parameters are not changed")
    return problem_of(rejection)


def insufficient_power(rejection: Rejection, asked: Asked, view: AccountView, market: MarketView | None) -> Problem:
    """The figures that the desk measured, where it says them."""
    have, need = view.buying_power, cost_of(asked, market)
    if isinstance(rejection, Shortfall):
        have, need = rejection.available, rejection.needed
    extras = {"buying_power": money(have), "cost_basis": money(need)}
    if is_crypto(asked.instrument) and asked.side is Side.BUY:
        return insufficient_cash(asked, view, extras)
    return Problem(403, FORBIDDEN, "insufficient buying power", extras)


def insufficient_cash(asked: Asked, view: AccountView, extras: dict[str, Any]) -> Problem:
    """Coins are bought with money that is there."""
    unit, available = asked.instrument.currency, money(max(view.non_marginable_buying_power, Decimal(0)))
    sentence = f"insufficient balance for {unit} (requested: {extras['cost_basis']}, available: {available})"
    more = {"available": available, "balance": money(view.account.cash), "symbol": unit}
    return Problem(403, FORBIDDEN, sentence, {**more, **extras})


def cost_of(asked: Asked, market: MarketView | None) -> Decimal:
    """What the order is valued at: its limit, else the far touch; 3 % above the ask for a sale that opens."""
    if asked.notional is not None:
        return asked.notional
    ask = asked.instrument.price(market.ask.price) if market and market.ask else Decimal(0)
    price = asked.limit_price if asked.limit_price is not None else ask
    if asked.side is Side.SELL:
        price = max(asked.limit_price or Decimal(0), ask * SHORT_CAP)
    return price * (asked.qty or Decimal(0))


def insufficient_qty(rejection: Rejection, asked: Asked, view: AccountView) -> Problem:
    symbol, holding = asked.instrument.symbol, holding_of(view, asked.instrument.symbol)
    qty = rejection.needed if isinstance(rejection, Shortfall) else asked.qty or Decimal(0)
    requested = number(qty)
    if is_crypto(asked.instrument):
        base = symbol.partition("/")[0]
        extras: dict[str, Any] = {"available": number(holding.available), "symbol": base}
        sentence = f"insufficient balance for {base} (requested: {requested}, available: {number(holding.available)})"
        return Problem(403, FORBIDDEN, sentence, {**extras, "balance": number(max(holding.held, Decimal(0)))})
    if not holding.held:
        if not may_short(view):
            return Problem(403, FORBIDDEN, "account is not allowed to short")
        return Problem(403, FORBIDDEN, f'asset "{symbol}" cannot be sold short')
    return held_elsewhere(symbol, qty, view)


def held_elsewhere(symbol: str, requested: Decimal, view: AccountView) -> Problem:
    """More was asked than is free of the position."""
    holding = holding_of(view, symbol)
    available = number(holding.available)
    return Problem(
        403,
        FORBIDDEN,
        f"insufficient qty available for order (requested: {number(requested)}, available: {available})",
        {
            "available": available,
            "existing_qty": number(abs(holding.held)),
            "held_for_orders": number(holding.promised),
            "related_orders": [order.revision_id or order.id for order in holding.orders],
            "symbol": symbol,
        },
    )


def wash_trade(rejection: Rejection, view: AccountView) -> Problem:
    """The order that is there is named as it is called since it was last replaced."""
    met = rejection if isinstance(rejection, WashTrade) else WashTrade(rejection.code, rejection.message)
    names = (order.revision_id for order in view.orders if order.id == met.existing_order_id and order.revision_id)
    extras = {
        "existing_order_id": next(names, met.existing_order_id) or None,
        "reject_reason": f"opposite side {met.opposite} order exists",
        "detail": met.message,
    }
    return Problem(403, FORBIDDEN, "potential wash trade detected. use complex orders", extras)
