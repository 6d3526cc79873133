"""What a program wants ordered, out of the body that it sent."""

from decimal import Decimal
from enum import StrEnum

from msgspec import Struct

from tradesim.api.alpaca.errors import unprocessable, wrong_input
from tradesim.api.alpaca.reading import Body, amount, choice, flag, inner, word
from tradesim.model.commands import ReplaceOrder, SubmitOrder
from tradesim.model.market import Side
from tradesim.model.orders import ExitLeg, OrderClass, OrderType, TimeInForce

LONGEST_CLIENT_ID = 128


class Intent(StrEnum):
    """What an order means to do to the position."""

    BUY_TO_OPEN = "buy_to_open"
    BUY_TO_CLOSE = "buy_to_close"
    SELL_TO_OPEN = "sell_to_open"
    SELL_TO_CLOSE = "sell_to_close"


class Wanted(Struct, frozen=True):
    """As sent; `symbol` may still be an asset's id."""

    symbol: str
    side: Side
    type: OrderType
    time_in_force: TimeInForce
    qty: Decimal | None
    notional: Decimal | None
    limit_price: Decimal | None
    stop_price: Decimal | None
    trail_price: Decimal | None
    trail_percent: Decimal | None
    extended_hours: bool
    client_order_id: str | None
    order_class: OrderClass
    take_profit: ExitLeg | None
    stop_loss: ExitLeg | None
    intent: Intent | None = None

    def command(self, account_id: str, symbol: str, source: str = "alpaca") -> SubmitOrder:
        return SubmitOrder(
            account_id=account_id,
            symbol=symbol,
            side=self.side,
            type=self.type,
            time_in_force=self.time_in_force,
            qty=self.qty,
            notional=self.notional,
            limit_price=self.limit_price,
            client_order_id=self.client_order_id,
            source=source,
            stop_price=self.stop_price,
            trail_price=self.trail_price,
            trail_percent=self.trail_percent,
            order_class=self.order_class,
            take_profit=self.take_profit,
            stop_loss=self.stop_loss,
            extended_hours=self.extended_hours,
            is_strict=True,
        )


def wanted_of(body: Body) -> Wanted:
    """Raises Denied."""
    if body.get("legs") or word(body, "order_class") == "mleg":
        raise unprocessable("mleg orders are not supported")
    symbol = word(body, "symbol")
    if symbol is None:
        raise wrong_input("symbol is required")
    return Wanted(
        symbol=symbol.strip(),
        side=choice(body, "side", Side),
        type=choice(body, "type", OrderType),
        time_in_force=choice(body, "time_in_force", TimeInForce),
        qty=amount(body, "qty"),
        notional=amount(body, "notional"),
        limit_price=amount(body, "limit_price"),
        stop_price=amount(body, "stop_price"),
        trail_price=amount(body, "trail_price"),
        trail_percent=amount(body, "trail_percent"),
        extended_hours=flag(body, "extended_hours"),
        client_order_id=client_order_id(body),
        order_class=choice(body, "order_class", OrderClass, OrderClass.SIMPLE),
        take_profit=exit_leg(body, "take_profit"),
        stop_loss=exit_leg(body, "stop_loss"),
        intent=choice(body, "position_intent", Intent) if word(body, "position_intent") else None,
    )


def exit_leg(body: Body, name: str) -> ExitLeg | None:
    """A stop-loss may also trail, which Alpaca itself does not have."""
    given = inner(body, name)
    if given is None:
        return None
    return ExitLeg(
        amount(given, "limit_price"),
        amount(given, "stop_price"),
        amount(given, "trail_price"),
        amount(given, "trail_percent"),
    )


def client_order_id(body: Body) -> str | None:
    given = word(body, "client_order_id")
    if given is not None and len(given) > LONGEST_CLIENT_ID:
        raise wrong_input(f"client_order_id must be no more than {LONGEST_CLIENT_ID} characters")
    return given


def symbol_key(text: str) -> str:
    """What symbols are compared by: `BTC/USD`, `BTCUSD` and `btc-usd` are one."""
    return text.upper().replace("/", "").replace("-", "")


def change_of(body: Body, account_id: str, order_id: str) -> ReplaceOrder:
    """Raises Denied."""
    changes = ReplaceOrder(
        account_id,
        order_id,
        qty=amount(body, "qty"),
        limit_price=amount(body, "limit_price"),
        stop_price=amount(body, "stop_price"),
        trail=amount(body, "trail"),
        time_in_force=choice(body, "time_in_force", TimeInForce) if word(body, "time_in_force") else None,
        client_order_id=client_order_id(body),
        is_revision=True,
    )
    if amount(body, "notional") is not None:
        raise unprocessable("notional orders cannot be replaced")
    return changes
