"""What a market's hours mean for orders: when one may trade, when it waits, and when its time is over."""

from tradesim.desk.days import day_is_over, next_boundary
from tradesim.desk.market import Market
from tradesim.kernel.clock import NS_PER_SECOND
from tradesim.model.commands import SubmitOrder
from tradesim.model.market import SessionState
from tradesim.model.orders import Order, OrderStatus, TimeInForce

COLLECTED_BEFORE_OPEN_NS = 120 * NS_PER_SECOND
COLLECTED_BEFORE_CLOSE_NS = 600 * NS_PER_SECOND
"""Orders for the opening are collected from 09:28, for the closing from 15:50, as at Nasdaq."""
CORE = frozenset({SessionState.ALWAYS, SessionState.REGULAR})
EXTENDED = frozenset({SessionState.PRE, SessionState.POST})
FURTHEST_BOUNDARIES = 100
"""As far ahead as a session is looked for: more than a week."""
TO_TRADE_AT_ONCE = frozenset({TimeInForce.IOC, TimeInForce.FOK})
FOR_ONE_SESSION = TO_TRADE_AT_ONCE | {TimeInForce.CLS}


def may_trade(order: Order, market: Market) -> bool:
    """Whether `order` may go to the venue now. Its symbol must be traded in `market`."""
    now, session = market.reached, market.source.session
    if order.time_in_force is TimeInForce.OPG:
        return opens_soon(order.symbol, market)
    state = session(order.symbol, now)
    if order.time_in_force is TimeInForce.CLS:
        return state is SessionState.REGULAR and (
            session(order.symbol, now + COLLECTED_BEFORE_CLOSE_NS) is not SessionState.REGULAR
        )
    if state in CORE or (state in EXTENDED and order.extended_hours):
        return True
    return joins_opening(order, market)


def trades_from(order: SubmitOrder, market: Market) -> int | None:
    """When `order` can first trade, UTC ns; None where that is now, or nobody can tell. Its symbol must be traded."""
    sessions = CORE | EXTENDED if order.extended_hours else CORE
    is_on = market.source.session(order.symbol, market.reached) in sessions
    if order.time_in_force not in (TimeInForce.OPG, TimeInForce.CLS):
        return None if is_on else _next_change(order.symbol, market, sessions, begins=True)
    return _next_change(order.symbol, market, CORE, begins=order.time_in_force is TimeInForce.OPG)


def _next_change(symbol: str, market: Market, sessions: frozenset[SessionState], begins: bool) -> int | None:
    """The next moment at which one of `sessions` begins, or ends."""
    moment = market.reached
    was_on = market.source.session(symbol, moment) in sessions
    for _ in range(FURTHEST_BOUNDARIES):
        moment = next_boundary(moment)
        is_on = market.source.session(symbol, moment) in sessions
        if is_on is begins and was_on is not begins:
            return moment
        was_on = is_on
    return None


def opens_soon(symbol: str, market: Market) -> bool:
    """Whether orders for the opening auction are being collected."""
    now, session = market.reached, market.source.session
    if session(symbol, now) in CORE:
        return False
    return session(symbol, now + COLLECTED_BEFORE_OPEN_NS) is SessionState.REGULAR


def joins_opening(order: Order, market: Market) -> bool:
    """Whether an order for the core session takes part in the opening auction that is being prepared."""
    if not market.source.venue.holds_auctions or order.time_in_force in TO_TRADE_AT_ONCE or order.post_only:
        return False
    return not order.type.waits_for_trigger and not order.extended_hours and opens_soon(order.symbol, market)


def is_for_auction(order: Order, market: Market) -> bool:
    """Whether the venue must keep the order for its next auction."""
    if order.time_in_force in (TimeInForce.OPG, TimeInForce.CLS):
        return True
    return market.source.session(order.symbol, market.reached) not in CORE and joins_opening(order, market)


def trades_with_stops(symbol: str, market: Market, at: int) -> bool:
    """Stops are not reached by trades outside the core session."""
    return market.source.session(symbol, at) in CORE


def changes_session(symbol: str, market: Market) -> bool:
    """Whether a core session has just begun or ended: the moment of an auction."""
    session, now = market.source.session, market.reached
    return (session(symbol, now) is SessionState.REGULAR) != (session(symbol, now - 1) is SessionState.REGULAR)


def is_over(order: Order, session: SessionState, now: int) -> bool:
    """Whether the time of a working order ends at the boundary `now`."""
    if order.expires_at is not None and order.expires_at <= now:
        return True
    if order.status in (OrderStatus.HELD, OrderStatus.ACCEPTED) and order.triggered_at is None:
        return False
    if order.time_in_force in (TimeInForce.OPG, TimeInForce.CLS):
        return session is SessionState.CLOSED
    if order.time_in_force is not TimeInForce.DAY:
        return False
    return is_over_for_the_day(order, session, now)


def has_expired(order: Order, market: Market) -> bool:
    """Whether the time of an order has ended between the beginning of its day and now, while nobody looked."""
    now, session = market.reached, market.source.session
    if order.expires_at is not None and order.expires_at <= now:
        return True
    if order.status is OrderStatus.HELD:
        return False
    if order.time_in_force is not TimeInForce.DAY:
        return has_missed(order, market)
    is_traded = market.instrument(order.symbol) is not None
    has_begun = order.status is not OrderStatus.ACCEPTED or order.triggered_at is not None
    boundary = next_boundary(max(order.created_at, order.triggered_at or 0, order.day_from or 0))
    while boundary <= now:
        state = session(order.symbol, boundary) if is_traded else SessionState.ALWAYS
        if has_begun and is_over_for_the_day(order, state, boundary):
            return True
        has_begun = has_begun or state in CORE or (order.extended_hours and state in EXTENDED)
        boundary = next_boundary(boundary)
    return False


def has_missed(order: Order, market: Market) -> bool:
    """Whether the auction, or the core session, that the order was sent for is over."""
    opens, closes = order.time_in_force is TimeInForce.OPG, order.time_in_force in FOR_ONE_SESSION
    if not (opens or closes) or (order.type.waits_for_trigger and order.triggered_at is None):
        return False
    session, moment = market.source.session, max(order.created_at, order.day_from or 0)
    was_on = session(order.symbol, moment) in CORE
    while (moment := next_boundary(moment)) <= market.reached:
        is_on = session(order.symbol, moment) in CORE
        if is_on is opens and was_on is not opens:
            return True
        was_on = is_on
    return False


def is_over_for_the_day(order: Order, session: SessionState, now: int) -> bool:
    if order.extended_hours and session is not SessionState.ALWAYS:
        return session is SessionState.CLOSED
    return day_is_over(session, now)
