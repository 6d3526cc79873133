"""Do the exits of a bracket, OTO or OCO fit its entry and each other? A stop on the wrong side closes at once."""

from decimal import Decimal

from tradesim.model.commands import SubmitOrder
from tradesim.model.instrument import Instrument
from tradesim.model.market import Side
from tradesim.model.orders import ExitLeg, OrderClass, OrderType, Rejection
from tradesim.trading.checks.context import Check, Context, off_tick, wrong_with
from tradesim.trading.checks.form import AT_AUCTION, LASTING, trail_refusal
from tradesim.trading.money import number_text

LEGS_WANTED = {
    OrderClass.SIMPLE: "a simple order has no exits",
    OrderClass.BRACKET: "a bracket needs a take-profit and a stop-loss",
    OrderClass.OTO: "an OTO needs exactly one of take-profit and stop-loss",
    OrderClass.OCO: "an OCO needs a stop-loss beside its own limit",
}

ENTERING = frozenset({OrderClass.BRACKET, OrderClass.OTO})


def class_has_its_legs(order: SubmitOrder, context: Context, instrument: Instrument) -> Rejection | None:
    has_profit, has_loss = order.take_profit is not None, order.stop_loss is not None
    is_right = {
        OrderClass.SIMPLE: not has_profit and not has_loss,
        OrderClass.BRACKET: has_profit and has_loss,
        OrderClass.OTO: has_profit != has_loss,
        OrderClass.OCO: has_loss,
    }
    if is_right[order.order_class]:
        return None
    names = {(True, True): "both", (True, False): "a take-profit", (False, True): "a stop-loss"}
    found = names.get((has_profit, has_loss), "none")
    return wrong_with("order_class", f"{LEGS_WANTED[order.order_class]}, had {found}")


def group_can_last(order: SubmitOrder, context: Context, instrument: Instrument) -> Rejection | None:
    if order.order_class is OrderClass.SIMPLE:
        return None
    if order.time_in_force in AT_AUCTION:
        sentence = f"an order of a {order.order_class} must not wait for an auction, was {order.time_in_force}"
        return wrong_with("time_in_force", sentence)
    if order.order_class is OrderClass.OCO and (
        order.type is not OrderType.LIMIT or order.time_in_force not in LASTING
    ):
        found = f"{order.type} and {order.time_in_force}"
        return wrong_with("type", f"an OCO must be a limit order that is day or gtc, was {found}")
    return None


def entry_opens(order: SubmitOrder, context: Context, instrument: Instrument) -> Rejection | None:
    """Exits of an entry that closes something would have nothing to close."""
    if order.order_class not in ENTERING or context.held * order.side.sign >= 0:
        return None
    found = f"{number_text(context.held)} {order.symbol} is held"
    sentence = f"the entry of a {order.order_class} must open a position or add to one: {found}"
    return wrong_with("order_class", sentence)


def take_profit_is_a_limit(order: SubmitOrder, context: Context, instrument: Instrument) -> Rejection | None:
    leg = order.take_profit
    if leg is None:
        return None
    if leg.limit_price is None or (leg.stop_price, leg.trail_price, leg.trail_percent) != (None, None, None):
        return wrong_with("take_profit", "a take-profit needs a limit price and nothing else")
    if order.order_class is OrderClass.OCO and order.limit_price not in (None, leg.limit_price):
        own, found = number_text(order.limit_price or Decimal(0)), number_text(leg.limit_price)
        return wrong_with("take_profit", f"the take-profit of an OCO is its own limit {own}, was {found}")
    return off_tick("take-profit", leg.limit_price, instrument, "take_profit") or lasting_leg(leg, "take_profit")


def stop_loss_is_a_stop(order: SubmitOrder, context: Context, instrument: Instrument) -> Rejection | None:
    leg = order.stop_loss
    if leg is None:
        return None
    trails = leg.trail_price is not None or leg.trail_percent is not None
    if (leg.stop_price is None) != trails or (trails and leg.limit_price is not None):
        sentence = "a stop-loss needs either a stop price, with a limit price or without one, or a trail"
        return wrong_with("stop_loss", sentence)
    if trails:
        no = trail_refusal(OrderType.TRAILING_STOP, leg.trail_price, leg.trail_percent, instrument)
        return wrong_with("stop_loss", no.message) if no else lasting_leg(leg, "stop_loss")
    return (
        off_tick("stop of the stop-loss", leg.stop_price, instrument, "stop_loss")
        or off_tick("limit of the stop-loss", leg.limit_price, instrument, "stop_loss")
        or lasting_leg(leg, "stop_loss")
    )


def lasting_leg(leg: ExitLeg, field: str) -> Rejection | None:
    if leg.time_in_force in (None, *LASTING):
        return None
    return wrong_with(field, f"an exit must be day or gtc, was {leg.time_in_force}")


def exits_are_around_the_entry(order: SubmitOrder, context: Context, instrument: Instrument) -> Rejection | None:
    return misplaced_exit(order, entry_of(order))


def exits_are_around_the_market(order: SubmitOrder, context: Context, instrument: Instrument) -> Rejection | None:
    """An entry at the market is near the last trade, and within the quote."""
    if order.type is not OrderType.MARKET or order.order_class not in ENTERING:
        return None
    return misplaced_exit(order, context.touch.entry)


def misplaced_exit(order: SubmitOrder, entry: Decimal | None) -> Rejection | None:
    """Seen by the exits, which are on the other side: the profit is taken at the better price."""
    profit, loss = profit_of(order), order.stop_loss.stop_price if order.stop_loss else None
    exit_side = order.side if order.order_class is OrderClass.OCO else order.side.opposite
    better, worse = ("above", "below") if exit_side is Side.SELL else ("below", "above")
    if profit is not None and loss is not None and (profit - loss) * -exit_side.sign <= 0:
        found = f"{number_text(profit)} against {number_text(loss)}"
        return wrong_with("take_profit", f"the take-profit must be {better} the stop-loss, was {found}")
    if profit is not None and entry is not None and (profit - entry) * -exit_side.sign <= 0:
        found = f"{number_text(profit)} against {number_text(entry)}"
        return wrong_with("take_profit", f"the take-profit must be {better} the entry, was {found}")
    if loss is not None and entry is not None and (loss - entry) * -exit_side.sign >= 0:
        found = f"{number_text(loss)} against {number_text(entry)}"
        return wrong_with("stop_loss", f"the stop-loss must be {worse} the entry, was {found}")
    return None


def entry_of(order: SubmitOrder) -> Decimal | None:
    """The price named for the entry; of a stop and its limit the one that is nearer to the stop-loss."""
    if order.order_class is OrderClass.OCO:
        return None
    named = [price for price in (order.stop_price, order.limit_price) if price is not None]
    return (min if order.side is Side.BUY else max)(named, default=None)


def profit_of(order: SubmitOrder) -> Decimal | None:
    if order.take_profit is not None:
        return order.take_profit.limit_price
    return order.limit_price if order.order_class is OrderClass.OCO else None


def profit_is_within_reach(order: SubmitOrder, context: Context, instrument: Instrument) -> Rejection | None:
    """A venue takes no limit beyond its price band, and the exit should not learn that only after the entry."""
    profit = profit_of(order)
    base = order.limit_price or order.stop_price or context.touch.reference
    if profit is None or base is None or abs(profit - base) <= base * instrument.band:
        return None
    percent, found = number_text(instrument.band * 100), number_text(profit)
    sentence = f"the take-profit must be within {percent} % of the entry's {number_text(base)}, was {found}"
    return Rejection("price_band", sentence, "take_profit")


def oco_closes(order: SubmitOrder, context: Context, instrument: Instrument) -> Rejection | None:
    if order.order_class is not OrderClass.OCO or order.qty is None or order.qty <= context.free_to_close:
        return None
    free, asked = number_text(context.free_to_close), number_text(order.qty)
    sentence = f"an OCO closes a position: {free} {order.symbol} is free to close, {asked} was asked"
    return Rejection("oco", sentence, "qty")


LEG_CHECKS: tuple[Check, ...] = (
    class_has_its_legs,
    group_can_last,
    entry_opens,
    take_profit_is_a_limit,
    stop_loss_is_a_stop,
    exits_are_around_the_entry,
    exits_are_around_the_market,
    profit_is_within_reach,
    oco_closes,
)
