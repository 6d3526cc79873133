"""An account as its owner sees it: valued at the present market, bounded, immutable."""

from collections.abc import Mapping
from decimal import Decimal
from itertools import islice, takewhile

from tradesim.desk.market import Market
from tradesim.desk.views import AccountView, PositionView
from tradesim.model.accounts import LedgerEntry
from tradesim.model.market import Side
from tradesim.model.orders import Fill, Order
from tradesim.model.venue import QueuePosition
from tradesim.trading import accrual, margin
from tradesim.trading.portfolio import Portfolio
from tradesim.trading.state import TradingState
from tradesim.trading.today import realized_today, today
from tradesim.trading.valuation import PositionValue, Touch, closable, value_account

SHOWN_ORDERS = 500
SHOWN_FILLS = 500
SHOWN_ENTRIES = 500


def account_view(
    portfolio: Portfolio,
    market: Market,
    touches: Mapping[str, Touch],
    former: AccountView | None = None,
    queue: Mapping[str, QueuePosition] | None = None,
) -> AccountView:
    """An account at the prices `touches`; what did not change since `former` is the same object as there.

    `queue` is where its orders stand, None for a look at it now.
    """
    is_same = former is not None and former.version == portfolio.version
    instruments = market.source.instruments
    value = value_account(portfolio, touches, instruments)
    margins = margin.margins(portfolio, value, instruments)
    tonight = accrual.charges(portfolio.account.cash, value, portfolio.account.rules, 1)
    available = available_by_symbol(portfolio)
    return AccountView(
        account=portfolio.account,
        equity=value.equity,
        buying_power=value.buying_power,
        reserved=value.reserved,
        day_pl=value.day_pl,
        unrealized_pl=value.unrealized_pl,
        realized_pl=value.realized_pl,
        fees=value.fees,
        positions=tuple(position_view(each, portfolio, available) for each in value.positions),
        orders=former.orders if former and is_same else shown_orders(portfolio),
        queue=queue_of(portfolio, market) if queue is None else queue,
        fills=former.fills if former and is_same else tuple(islice(reversed(portfolio.fills), SHOWN_FILLS)),
        version=portfolio.version,
        long_market_value=margins.long_market_value,
        short_market_value=margins.short_market_value,
        initial_margin=margins.initial_margin,
        maintenance_margin=margins.maintenance_margin,
        last_equity=portfolio.day.equity,
        last_maintenance_margin=portfolio.day.maintenance,
        regt_buying_power=margins.regt_buying_power,
        daytrading_buying_power=margins.daytrading_buying_power,
        non_marginable_buying_power=value.cash_power,
        cash_withdrawable=margin.withdrawable(value),
        sma=margins.sma,
        accrued_fees=-sum((each.amount for each in tonight if each.amount < 0), Decimal(0)),
        daytrade_count=portfolio.day_trades.count(market.reached),
        margin_call=margins.margin_call,
        today=today(portfolio, value),
    )


def traded_symbols(view: AccountView) -> set[str]:
    """What is held or has open orders; those come before the others."""
    working = takewhile(lambda order: order.is_open, view.orders)
    return {each.position.symbol for each in view.positions} | {each.symbol for each in working}


def account_names(state: TradingState, own: str) -> tuple[str, ...]:
    """Of the accounts in use: that of the account `own` first, then every named one."""
    known = [each.account for each in tuple(state.portfolios.values()) if not each.account.is_archived]
    first = next(each.name for each in known if each.id == own)
    return (first, *dict.fromkeys(each.name for each in known if each.id != each.home))


def retired_names(state: TradingState) -> tuple[str, ...]:
    """Of archived accounts whose name no account in use bears; no key opens one of that name anew."""
    known = [each.account for each in tuple(state.portfolios.values())]
    in_use = {each.name.casefold() for each in known if not each.is_archived}
    return tuple(dict.fromkeys(each.name for each in known if each.is_archived and each.name.casefold() not in in_use))


def symbols_of(portfolio: Portfolio) -> set[str]:
    """What the account holds or has orders in."""
    return {*portfolio.positions, *(symbol for symbol, _ in portfolio.ladders)}


def position_view(value: PositionValue, portfolio: Portfolio, available: Mapping[str, Decimal]) -> PositionView:
    symbol = value.position.symbol
    return PositionView(
        value.position,
        value.mark,
        value.market_value,
        value.unrealized_pl,
        value.day_pl,
        portfolio.day.marks.get(symbol),
        available.get(symbol, value.position.qty),
        realized_today(portfolio, symbol),
    )


def available_by_symbol(portfolio: Portfolio) -> dict[str, Decimal]:
    """What no open order would close already, of each symbol in which one would."""
    closing = ((held.symbol, Side.SELL if held.qty > 0 else Side.BUY) for held in portfolio.open_positions)
    ordered = (each for each in closing if each in portfolio.ladders)
    return {symbol: -side.sign * closable(portfolio, symbol, side) for symbol, side in ordered}


def shown_orders(portfolio: Portfolio) -> tuple[Order, ...]:
    """All open, then the most recent closed, newest first."""
    open_orders = reversed(portfolio.open.values())
    return (*open_orders, *islice(reversed(portfolio.closed.values()), SHOWN_ORDERS))


def all_orders(portfolio: Portfolio) -> tuple[Order, ...]:
    """By the time they were made, newest first."""
    known = (*portfolio.closed.values(), *portfolio.open.values())
    return tuple(sorted(known, key=lambda order: order.created_at))[::-1]


def shown_entries(state: TradingState, account_id: str) -> tuple[LedgerEntry, ...]:
    own = (entry for entry in reversed(state.ledger.entries) if entry.postings[0].account_id == account_id)
    return tuple(islice(own, SHOWN_ENTRIES))


def past_of(portfolio: Portfolio) -> tuple[tuple[Order, ...], tuple[Fill, ...]]:
    """All that is kept, in the order in which it was made."""
    orders = sorted((*portfolio.closed.values(), *portfolio.open.values()), key=lambda order: order.created_at)
    return tuple(orders), tuple(portfolio.fills)


def queue_of(portfolio: Portfolio, market: Market) -> dict[str, QueuePosition]:
    positions = ((order_id, market.source.venue.queue_position(order_id)) for order_id in portfolio.open)
    return {order_id: position for order_id, position in positions if position is not None}
