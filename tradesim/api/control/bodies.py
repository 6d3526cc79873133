"""What programs may send, read strictly: a wrong field or type is named in a sentence."""

from decimal import Decimal
from typing import Any, TypeVar

import msgspec

from tradesim.api.control.wording import told
from tradesim.model.commands import ReplaceOrder, SubmitOrder
from tradesim.model.market import Side
from tradesim.model.orders import ExitLeg, OrderClass, OrderType, Rejection, TimeInForce

T = TypeVar("T")
LARGEST = 16 * 1024
FINEST = 9
"""Digits behind the point that an answer shows at most."""


class Exit(msgspec.Struct, forbid_unknown_fields=True):
    """One exit of a bracket, OCO or OTO: a limit, a stop with a limit or without one, or a trail."""

    limit_price: Decimal | None = None
    stop_price: Decimal | None = None
    trail_price: Decimal | None = None
    trail_percent: Decimal | None = None
    time_in_force: TimeInForce | None = None

    def leg(self) -> ExitLeg:
        return ExitLeg(self.limit_price, self.stop_price, self.trail_price, self.trail_percent, self.time_in_force)


class NewOrder(msgspec.Struct, forbid_unknown_fields=True):
    """Body of `POST /sim/v1/orders`. Either `qty` or `notional`; numbers may be JSON numbers or strings."""

    symbol: str
    side: Side
    type: OrderType = OrderType.MARKET
    time_in_force: TimeInForce = TimeInForce.DAY
    qty: Decimal | None = None
    notional: Decimal | None = None
    limit_price: Decimal | None = None
    post_only: bool = False
    client_order_id: str | None = None
    reduce_only: bool = False
    stop_price: Decimal | None = None
    trail_price: Decimal | None = None
    trail_percent: Decimal | None = None
    order_class: OrderClass = OrderClass.SIMPLE
    take_profit: Exit | None = None
    stop_loss: Exit | None = None
    display_qty: Decimal | None = None
    extended_hours: bool = False
    tag: str = ""
    lots: tuple[str, ...] = ()

    def command(self, account_id: str) -> SubmitOrder:
        return SubmitOrder(
            account_id=account_id,
            symbol=self.symbol,
            side=self.side,
            type=self.type,
            time_in_force=self.time_in_force,
            qty=self.qty,
            notional=self.notional,
            limit_price=self.limit_price,
            post_only=self.post_only,
            client_order_id=self.client_order_id,
            reduce_only=self.reduce_only,
            stop_price=self.stop_price,
            trail_price=self.trail_price,
            trail_percent=self.trail_percent,
            order_class=self.order_class,
            take_profit=self.take_profit.leg() if self.take_profit else None,
            stop_loss=self.stop_loss.leg() if self.stop_loss else None,
            display_qty=self.display_qty,
            extended_hours=self.extended_hours,
            tag=self.tag,
            lots=self.lots,
        )


class OrderChange(msgspec.Struct, forbid_unknown_fields=True):
    """Body of `PATCH /sim/v1/orders/ID`: the new total quantity and the new prices, whichever should change.

    `trail` is in the unit of the order's own trail.
    """

    qty: Decimal | None = None
    limit_price: Decimal | None = None
    stop_price: Decimal | None = None
    trail: Decimal | None = None
    time_in_force: TimeInForce | None = None
    client_order_id: str | None = None

    def command(self, account_id: str, order_id: str) -> ReplaceOrder:
        return ReplaceOrder(
            account_id,
            order_id,
            self.qty,
            self.limit_price,
            self.stop_price,
            self.trail,
            self.time_in_force,
            self.client_order_id,
        )


class Speed(msgspec.Struct, forbid_unknown_fields=True):
    speed: float


class Moment(msgspec.Struct, forbid_unknown_fields=True):
    """`to` in UTC nanoseconds."""

    to: int


class Recording(msgspec.Struct, forbid_unknown_fields=True):
    paths: list[str]
    mapping: dict[str, str] = {}


def read(body: bytes, kind: type[T]) -> T | Rejection:
    """The body as `kind`, or the sentence that says what was wanted and found."""
    if len(body) > LARGEST:
        return too_large(len(body))
    try:
        return msgspec.json.decode(body, type=kind)
    except msgspec.DecodeError as error:
        sentence, field = told(error, kind, body)
        return Rejection("bad_request", sentence, field)
    except (ValueError, RecursionError) as error:
        return Rejection("bad_request", f"the body is not JSON: {type(error).__name__}")


def too_large(size: int) -> Rejection:
    return Rejection("too_large", f"a body may have at most {LARGEST:,} bytes, had {size:,}")


def plain(value: Any) -> Any:
    """Any of our values as JSON-able data: decimals as strings, without the dust of long divisions."""
    return without_dust(msgspec.to_builtins(value, str_keys=True, builtin_types=(Decimal,)))


def without_dust(value: Any) -> Any:
    if isinstance(value, Decimal):
        exponent = value.as_tuple().exponent
        is_fine = isinstance(exponent, int) and exponent < -FINEST
        return f"{round(value, FINEST).normalize() if is_fine else value:f}"
    if isinstance(value, dict):
        return {key: without_dust(each) for key, each in value.items()}
    return [without_dust(each) for each in value] if isinstance(value, list | tuple) else value
