"""Orders, executions and trade updates in Alpaca's JSON: every key is there, numbers are strings."""

from collections.abc import Callable, Mapping

import msgspec

from tradesim.api.alpaca import forms
from tradesim.api.alpaca.records import Execution, Face
from tradesim.model.instrument import Instrument
from tradesim.model.orders import OrderClass, OrderType

FaceOf = Callable[[str], Face | None]
"""The face of a desk order as it is called now."""


class OrderShape(msgspec.Struct):
    id: str
    client_order_id: str
    created_at: str
    updated_at: str
    submitted_at: str
    filled_at: str | None
    expired_at: str | None
    expires_at: str | None
    canceled_at: str | None
    failed_at: str | None
    replaced_at: str | None
    replaced_by: str | None
    replaces: str | None
    asset_id: str
    symbol: str
    asset_class: str
    notional: str | None
    qty: str | None
    filled_qty: str
    filled_avg_price: str | None
    order_class: str
    order_type: str
    type: str
    side: str
    position_intent: str | None
    time_in_force: str
    limit_price: str | None
    stop_price: str | None
    status: str
    extended_hours: bool
    legs: "list[OrderShape] | None"
    trail_percent: str | None
    trail_price: str | None
    hwm: str | None
    ratio_qty: str | None
    subtag: str | None
    source: str | None


class ExecutionShape(msgspec.Struct):
    id: str
    activity_type: str
    transaction_time: str
    type: str
    price: str
    qty: str
    side: str
    symbol: str
    leaves_qty: str
    cum_qty: str
    order_id: str
    order_status: str


class UpdateShape(msgspec.Struct, omit_defaults=True):
    """A trade update; price, qty and position_qty with fills only."""

    event: str
    execution_id: str
    order: OrderShape
    timestamp: str
    at: str
    event_id: str
    price: str | None = None
    qty: str | None = None
    position_qty: str | None = None


def order_shape(face: Face, instruments: Mapping[str, Instrument], legs_by: FaceOf | None = None) -> OrderShape:
    """With `legs_by` the legs are inside their parent."""
    order = face.entry.order
    submitted, ended = forms.moment(face.submitted_at), ended_at(face)
    trail = forms.optional(face.trail)
    return OrderShape(
        id=face.id,
        client_order_id=face.client_order_id,
        created_at=submitted,
        updated_at=forms.moment(face.updated_at),
        submitted_at=submitted,
        filled_at=ended if face.status == "filled" else None,
        expired_at=ended if face.status == "expired" else None,
        expires_at=forms.moment(face.expires_at) if face.expires_at else None,
        canceled_at=ended if face.status == "canceled" else None,
        failed_at=ended if face.status == "rejected" else None,
        replaced_at=ended if face.status == "replaced" else None,
        replaced_by=face.replaced_by,
        replaces=face.replaces,
        asset_id=forms.asset_id(order.symbol),
        symbol=order.symbol,
        asset_class=forms.asset_class(instruments.get(order.symbol), order.symbol),
        notional=forms.optional(order.notional),
        qty=forms.number(face.qty) if order.notional is None else None,
        filled_qty=forms.number(face.filled_qty),
        filled_avg_price=forms.optional(face.filled_avg_price),
        order_class="" if order.order_class is OrderClass.SIMPLE else order.order_class.value,
        order_type=order.type.value,
        type=order.type.value,
        side=order.side.value,
        position_intent=f"{order.side.value}_to_{order.intent}" if order.intent else None,
        time_in_force=face.time_in_force.value,
        limit_price=forms.optional(face.limit_price),
        stop_price=forms.optional(face.stop_price),
        status=face.status,
        extended_hours=order.extended_hours,
        legs=leg_shapes(face, instruments, legs_by) if legs_by and order.legs else None,
        trail_percent=trail if order.trail_percent is not None else None,
        trail_price=trail if order.trail_price is not None else None,
        hwm=forms.optional(order.high_water) if order.type is OrderType.TRAILING_STOP else None,
        ratio_qty=None,
        subtag=None,
        source=None,
    )


def leg_shapes(face: Face, instruments: Mapping[str, Instrument], legs_by: FaceOf) -> list[OrderShape]:
    found = (legs_by(leg_id) for leg_id in face.entry.order.legs)
    return [order_shape(leg, instruments) for leg in found if leg is not None]


def ended_at(face: Face) -> str | None:
    return None if face.ended_at is None else forms.moment(face.ended_at)


def execution_shape(execution: Execution) -> ExecutionShape:
    fill = execution.fill
    is_last = not execution.leaves_qty
    return ExecutionShape(
        id=activity_id(fill.ts_event, fill.id),
        activity_type="FILL",
        transaction_time=forms.moment(fill.ts_event),
        type="fill" if is_last else "partial_fill",
        price=forms.number(fill.price),
        qty=forms.number(fill.qty),
        side=fill.side.value,
        symbol=fill.symbol,
        leaves_qty=forms.number(execution.leaves_qty),
        cum_qty=forms.number(execution.cum_qty),
        order_id=execution.order_id,
        order_status="filled" if is_last else "partially_filled",
    )


def activity_id(at: int, name: str) -> str:
    """`YYYYMMDDHHMMSSmmm::name`, in UTC."""
    text = forms.moment(at)
    return "".join(letter for letter in text[:23] if letter.isdigit()) + f"::{name}"
