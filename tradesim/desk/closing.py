"""Orders that may only close: what they find to close, who binds them to it and who lets them go."""

from decimal import Decimal
from itertools import takewhile

from tradesim.desk.making import CLOSE
from tradesim.desk.market import Market
from tradesim.desk.records import Records, is_in_vain
from tradesim.model.events import OrderBound, OrderReleased
from tradesim.model.orders import LegRole, Order, TimeInForce
from tradesim.trading.lifecycle import awaits_trigger
from tradesim.trading.working import bound_in_vain

LASTING = frozenset({TimeInForce.DAY, TimeInForce.GTC})


class Closing:
    def __init__(self, records: Records) -> None:
        self._records = records

    def left(self, order: Order) -> Decimal:
        """What it would find to close."""
        return max(-self._records.state.position(order.account_id, order.symbol).qty * order.side.sign, Decimal(0))

    def taken_before(self, order: Order) -> Decimal:
        """What market orders before this one will close; where only prints are known they may wait for long.

        One with a limit may never trade: it gives way, and is cut when this one has. What bound it was sent later.
        """
        find = self._records.state.order
        beside = self._records.reducing.get((order.account_id, order.symbol), ())
        ids = takewhile(lambda each: each != order.id, beside)
        before = (each for each in ids if each not in order.bound_by)
        earlier = (each for order_id in before if (each := find(order_id)) is not None and each.side is order.side)
        sure = (each for each in earlier if each.limit_price is None and not awaits_trigger(each))
        return sum((each.remaining for each in sure if not is_canceling(each)), Decimal(0))

    def lots_held(self, account_id: str, symbol: str, market: Market) -> int:
        qty, instrument = self._records.state.position(account_id, symbol).qty, market.instrument(symbol)
        return 0 if instrument is None else instrument.lots(abs(qty)) * (1 if qty > 0 else -1)

    def bind(self, order: Order, by: str, market: Market) -> None:
        """It may only close from now on, wherever it is, unless `by` closes nothing."""
        self._records.record(OrderBound(order.account_id, order.id, market.reached, by))
        market.source.venue.bind(order.id, only_closes=True)

    def release(self, closing_id: str, market: Market) -> None:
        """What this order had bound is as it was: it has ended, so that it closes nothing any more."""
        closing = self._records.state.order(closing_id)
        if closing is None:
            return
        for order in bound_in_vain(self._records.state.portfolio(closing.account_id), closing):
            self._records.record(OrderReleased(order.account_id, order.id, closing_id, market.reached))
            if order.bound_by == (closing_id,):
                market.source.venue.bind(order.id, only_closes=False)

    def was_in_vain(self, closing_id: str) -> bool:
        closing = self._records.state.order(closing_id)
        return closing is not None and is_in_vain(closing)


def protects(order: Order) -> bool:
    """Whether it is to close a position and must not be lost because the market cannot take it now."""
    is_exit = order.role is not LegRole.NONE or (order.triggered_at is not None and order.intent == CLOSE)
    return is_exit and order.time_in_force in LASTING and not is_canceling(order)


def is_canceling(order: Order) -> bool:
    return order.requested is not None and order.requested.is_cancel
