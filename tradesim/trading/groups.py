"""Orders that hang together: what must happen to the others of a group when something happened to one.

The rules, alike for bracket, OTO and OCO:

* Exits wait (HELD) until the entry is over. When it ends with something filled they are cut to that and activated,
  when it ends with nothing they are cancelled. The exits of an OCO have no entry and are active from the start.
* What one exit fills the others can no longer fill: they are cut to the rest, and cancelled when there is none.
* A triggered stop takes precedence: the exits beside it are cancelled.
* Whoever cancels one exit cancels the group, unless it was to go alone, and who cancels an entry its exits, as far as
  nothing was filled.
* An exit that expires, or that the venue would not take, leaves the others as they are: what still protects goes on.
"""

from collections.abc import Callable
from decimal import Decimal
from enum import StrEnum

from msgspec import Struct

from tradesim.model.orders import LegRole, Order, OrderClass, OrderStatus

Find = Callable[[str], Order | None]
ZERO = Decimal(0)


class Group(Struct, frozen=True):
    """`entry` is None for an OCO."""

    entry: Order | None
    exits: tuple[Order, ...]

    @property
    def orders(self) -> tuple[Order, ...]:
        return self.exits if self.entry is None else (self.entry, *self.exits)

    @property
    def closes(self) -> Decimal:
        """What the exits may fill together."""
        if self.entry is None:
            return max(each.qty for each in self.exits)
        return self.entry.filled_qty

    @property
    def left(self) -> Decimal:
        """What of it is not filled yet."""
        return self.closes - sum((each.filled_qty for each in self.exits), ZERO)


class Deed(StrEnum):
    CANCEL = "cancel"
    CUT = "cut"
    ACTIVATE = "activate"


class Consequence(Struct, frozen=True):
    """`qty` is the new total quantity of a cut."""

    order_id: str
    deed: Deed
    qty: Decimal = ZERO
    why: str = ""


def group_of(order: Order, find: Find) -> Group | None:
    """None for an order that stands alone."""
    parent = order if order.parent_id is None else find(order.parent_id)
    if parent is None or not parent.legs:
        return None
    legs = tuple(leg for leg_id in parent.legs if (leg := find(leg_id)) is not None)
    return Group(None, (parent, *legs)) if parent.order_class is OrderClass.OCO else Group(parent, legs)


def consequences(group: Group, is_exit_canceled: bool = False) -> list[Consequence]:
    """What must be done to the orders of `group` so that it holds its rules again; nothing when it does.

    `is_exit_canceled`: somebody has just cancelled one of its exits.
    """
    if is_exit_canceled and triggered_exit(group) is None:
        return canceled(group.orders, "Cancelled with another order of its group.")
    if group.entry is not None and group.entry.is_open:
        return []
    if group.left <= 0:
        filled = group.entry is None or group.entry.filled_qty > 0
        return canceled(
            group.exits,
            "The other exit was filled." if filled else "The entry ended without a fill.",
        )
    return [deed for each in group.exits if each.is_open for deed in for_exit(each, group)]


def for_exit(order: Order, group: Group) -> list[Consequence]:
    triggered = triggered_exit(group)
    if triggered is not None and triggered.id != order.id:
        return canceled((order,), "The stop of its group was triggered.")
    deeds = []
    allowed = order.filled_qty + group.left
    if order.qty > allowed:
        deeds.append(Consequence(order.id, Deed.CUT, allowed))
    if order.status is OrderStatus.HELD:
        deeds.append(Consequence(order.id, Deed.ACTIVATE))
    return deeds


def canceled(orders: tuple[Order, ...], why: str) -> list[Consequence]:
    return [Consequence(each.id, Deed.CANCEL, why=why) for each in orders if each.is_open]


def triggered_exit(group: Group) -> Order | None:
    """The stop that has been triggered and not come to its end."""
    return next((each for each in group.exits if each.triggered_at is not None and each.is_open), None)


def takes_nothing(order: Order, find: Find) -> bool:
    """Whether the order asks for nothing that another one does not ask for already.

    A leg that waits for its parent closes what is not there yet, and of two exits only one will fill: the stop is not
    counted beside its take-profit.
    """
    if order.status is OrderStatus.HELD:
        return True
    if order.role is not LegRole.STOP_LOSS:
        return False
    group = group_of(order, find)
    return group is not None and any(each.role is LegRole.TAKE_PROFIT and each.is_open for each in group.exits)


def is_needed(order: Order, find: Find) -> bool:
    """Whether an order that is over must still be known, because others of its group are open."""
    if not order.legs and order.parent_id is None:
        return False
    group = group_of(order, find)
    return group is not None and any(each.is_open for each in group.orders)
