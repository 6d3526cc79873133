"""What an account is worth now, and how much of it is still free to trade with.

    equity         cash + market value of every position
    buying power   multiplier x equity - market value of positions - value reserved by open orders

What carries no leverage (crypto, what is not marginable, shares below 2.50) counts `multiplier` times against buying
power, and crypto is bought with cash alone. At a multiplier above 2 the buying power is besides never more than
multiplier x (the day's first equity - its maintenance margin), less what was opened since and what is reserved.
An open order reserves the value of the part that would open or add to a position; closing is free.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from decimal import ROUND_DOWN, Decimal

from msgspec import Struct

from tradesim.model.accounts import DayTradeRule, Position
from tradesim.model.commands import SubmitOrder
from tradesim.model.instrument import Instrument
from tradesim.model.market import BookTop, Side
from tradesim.model.orders import Liquidity, Order
from tradesim.trading.groups import takes_nothing
from tradesim.trading.ladders import EXACT, Pricing, Reserve, at_most
from tradesim.trading.ladders import FeeOf as FeeOf
from tradesim.trading.money import CENT
from tradesim.trading.portfolio import Portfolio
from tradesim.trading.requirements import is_levered as is_levered
from tradesim.trading.requirements import leverage, weight

ZERO = Decimal(0)
SHORT_MARGIN = Decimal("1.03")
"""An opening short sale is worth the ask and this much more of it."""
REG_T_MULTIPLIER = Decimal(2)


class Touch(Struct, frozen=True):
    """The best prices of one instrument and its last trade; None when there is none."""

    bid: Decimal | None = None
    ask: Decimal | None = None
    last: Decimal | None = None

    @property
    def reference(self) -> Decimal | None:
        """What a price band is measured from: the last trade, else the middle, else the one side there is."""
        if self.last is not None:
            return self.last
        if self.bid is not None and self.ask is not None:
            return (self.bid + self.ask) / 2
        return self.bid if self.bid is not None else self.ask

    @property
    def entry(self) -> Decimal | None:
        """About where an order at the market would trade: the reference, but never outside of the quote."""
        price = self.reference
        if price is None or self.bid is None or self.ask is None:
            return price
        return min(max(price, self.bid), self.ask)

    def to_trade(self, side: Side) -> Decimal | None:
        """The price at which an order of `side` would meet the book now."""
        return self.ask if side is Side.BUY else self.bid

    def shared_out(self, old: "Touch", ratio: Decimal) -> "Touch":
        """Prices that are still those of `old` are of shares of which each has become `ratio`."""
        prices = ((self.bid, old.bid), (self.ask, old.ask), (self.last, old.last))
        return Touch(*(now / ratio if now is not None and now == before else now for now, before in prices))


NO_TOUCH = Touch()


def no_fee(_instrument: Instrument, _price: Decimal, _qty: Decimal, _liquidity: Liquidity) -> Decimal:
    return ZERO


def touch_of(instrument: Instrument, top: BookTop, last: int | None) -> Touch:
    """From the market's ticks to money."""
    return Touch(
        instrument.price(top.bids[0].price) if top.bids else None,
        instrument.price(top.asks[0].price) if top.asks else None,
        None if last is None else instrument.price(last),
    )


class PositionValue(Struct, frozen=True):
    """As desk.views.PositionView has it."""

    position: Position
    mark: Decimal | None
    market_value: Decimal
    unrealized_pl: Decimal
    day_pl: Decimal


class AccountValue(Struct, frozen=True):
    """`cash_power` is what may be spent on an instrument without leverage; neither power is ever below zero."""

    equity: Decimal
    buying_power: Decimal
    cash_power: Decimal
    reserved: Decimal
    day_pl: Decimal
    unrealized_pl: Decimal
    realized_pl: Decimal
    fees: Decimal
    positions: tuple[PositionValue, ...]


def value_account(
    portfolio: Portfolio,
    touch_by_symbol: Mapping[str, Touch],
    instruments: Mapping[str, Instrument],
    without: str | None = None,
    fee_of: FeeOf | None = None,
) -> AccountValue:
    """The account valued at the present touch of each symbol; `positions` are those that are not flat.

    `without` is an order taken as if it were gone: what a replacement of it may use.
    """
    positions = tuple(
        value_position(position, touch_by_symbol.get(position.symbol, NO_TOUCH), portfolio.day_costs[position.symbol])
        for position in portfolio.open_positions
    )
    reserves = reserves_of(portfolio, touch_by_symbol, instruments, without, fee_of)
    return value_with(portfolio, positions, reserves, instruments)


def value_with(
    portfolio: Portfolio,
    positions: tuple[PositionValue, ...],
    reserves: Sequence[Reserve],
    instruments: Mapping[str, Instrument],
) -> AccountValue:
    """The account with its positions and what is reserved beside them."""
    account = portfolio.account
    equity = account.cash + sum((each.market_value for each in positions), ZERO)
    power, cash_power = buying_powers(portfolio, equity, positions, reserves, instruments)
    return AccountValue(
        equity=equity,
        buying_power=power,
        cash_power=cash_power,
        reserved=sum((each.value for each in reserves), ZERO),
        day_pl=equity - portfolio.day.equity - portfolio.deposited_today,
        unrealized_pl=sum((each.unrealized_pl for each in positions), ZERO),
        realized_pl=portfolio.realized_pl,
        fees=portfolio.fees,
        positions=positions,
    )


def value_position(position: Position, touch: Touch, day_cost: Decimal) -> PositionValue:
    """Without any price the position stands at what it cost."""
    mark = mark_of(position.qty, touch)
    market_value = position.qty * (position.avg_entry_price if mark is None else mark)
    cost = position.qty * position.avg_entry_price
    return PositionValue(position, mark, market_value, market_value - cost, market_value - day_cost)


def mark_of(qty: Decimal, touch: Touch) -> Decimal | None:
    """The side on which the position could be closed, else the last trade."""
    close_out = touch.to_trade(Side.SELL if qty > 0 else Side.BUY)
    return touch.last if close_out is None else close_out


def buying_powers(
    portfolio: Portfolio,
    equity: Decimal,
    positions: Iterable[PositionValue],
    reserves: Iterable[Reserve],
    instruments: Mapping[str, Instrument],
) -> tuple[Decimal, Decimal]:
    """Buying power, and the part of it that may be spent without leverage."""
    account, rules = portfolio.account, portfolio.account.rules
    multiplier = leverage(rules, equity)
    power = multiplier * equity
    cash = account.cash
    for each in positions:
        qty, value = each.position.qty, each.market_value
        power -= weight(multiplier, instruments.get(each.position.symbol), rules, qty > 0, value / qty) * abs(value)
        cash += value if qty < 0 else ZERO
    taken = ZERO
    for reserve in reserves:
        is_buy = reserve.side is Side.BUY
        factor = weight(multiplier, instruments.get(reserve.symbol), rules, is_buy, reserve.price)
        taken = EXACT.add(taken, factor * reserve.value)
        if is_buy:
            cash -= reserve.value
    power -= taken
    if multiplier > REG_T_MULTIPLIER and rules.day_trade_rule is not DayTradeRule.INTRADAY_MARGIN:
        power = min(power, day_trading_power(portfolio, positions) - taken)
    unlevered = (power / multiplier).quantize(CENT, ROUND_DOWN)
    return max(power, ZERO), max(min(cash, unlevered), ZERO)


def day_trading_power(portfolio: Portfolio, positions: Iterable[PositionValue]) -> Decimal:
    """What may be open at once during the day, beside what was held when it began; before open orders."""
    day = portfolio.day
    whole = portfolio.account.rules.multiplier * (day.equity - day.maintenance + portfolio.deposited_today)
    opened = ZERO
    for each in positions:
        qty, before = each.position.qty, day.qtys.get(each.position.symbol, ZERO)
        added = abs(qty) - (min(abs(qty), abs(before)) if qty * before > 0 else ZERO)
        opened += abs(each.market_value) * added / abs(qty) if added else ZERO
    return whole - opened


def reserves_of(
    portfolio: Portfolio,
    touch_by_symbol: Mapping[str, Touch],
    instruments: Mapping[str, Instrument],
    without: str | None = None,
    fee_of: FeeOf | None = None,
) -> list[Reserve]:
    """What all open orders reserve: the sum of `reservations`, in few parts that weigh alike each."""
    free = closable_by_side(portfolio)
    return [
        reserve
        for (symbol, side), ladder in portfolio.ladders.items()
        for reserve in ladder.reserves(
            Pricing(touch_by_symbol.get(symbol, NO_TOUCH), instruments.get(symbol), fee_of, price_reserved),
            free.get((symbol, side), ZERO),
            without,
        )
    ]


def price_reserved(order: Order, touch: Touch) -> Decimal | None:
    return reserved_price(order.side, order.limit_price, touch, stop_now(order, touch))


def reservations(
    portfolio: Portfolio,
    touch_by_symbol: Mapping[str, Touch],
    without: str | None = None,
    instruments: Mapping[str, Instrument] | None = None,
    fee_of: FeeOf | None = None,
) -> list[tuple[Order, Decimal]]:
    """Every open order that reserves something, with the value that it reserves: a purchase with its fee.

    Looks at them all: `reserves_of` is the same in sum, and quick.
    """
    free = closable_by_side(portfolio)
    reserves: list[tuple[Order, Decimal]] = []
    for order in map(at_most, portfolio.open.values()):
        if order.id == without or order.reduce_only or takes_nothing(order, portfolio.order):
            continue
        side, opening = order.side, order.qty - order.filled_qty
        closable = free.get((order.symbol, side), ZERO) if free else ZERO
        if closable:
            closing = min(opening, closable)
            free[order.symbol, side] = closable - closing
            opening -= closing
        if opening:
            touch = touch_by_symbol.get(order.symbol, NO_TOUCH)
            price = price_reserved(order, touch)
            fee = fee_reserved(order, opening, price, instruments, fee_of)
            reserves.append((order, opening * (price or ZERO) + fee))
    return reserves


def fee_reserved(
    order: Order,
    opening: Decimal,
    price: Decimal | None,
    instruments: Mapping[str, Instrument] | None,
    fee_of: FeeOf | None,
) -> Decimal:
    instrument = (instruments or {}).get(order.symbol)
    if fee_of is None or instrument is None or price is None or order.side is Side.SELL:
        return ZERO
    return fee_of(instrument, price, opening, Liquidity.TAKER)


def closable_by_side(portfolio: Portfolio) -> defaultdict[tuple[str, Side], Decimal]:
    """How much of each position an order of the side that closes it may take for free."""
    free: defaultdict[tuple[str, Side], Decimal] = defaultdict(Decimal)
    for position in portfolio.open_positions:
        free[position.symbol, Side.SELL if position.qty > 0 else Side.BUY] = abs(position.qty)
    return free


def closable(portfolio: Portfolio, symbol: str, side: Side, without: str | None = None) -> Decimal:
    """What a new order of `side` may still close, after what open orders (except `without`) already would."""
    held = portfolio.position(symbol).qty * -side.sign
    if held <= 0:
        return ZERO
    ladder = portfolio.ladders.get((symbol, side))
    return max(held - ladder.asked(without), ZERO) if ladder else held


def stop_now(order: Order | SubmitOrder, touch: Touch) -> Decimal | None:
    """Where the stop stands; of a trailing one that has not begun to trail, where it would begin."""
    trails = order.trail_price is not None or order.trail_percent is not None
    if order.stop_price is not None or not trails or touch.reference is None:
        return order.stop_price
    trail = order.trail_price
    if trail is None:
        trail = touch.reference * (order.trail_percent or ZERO) / 100
    return touch.reference + order.side.sign * trail


def reserved_price(
    side: Side, limit_price: Decimal | None, touch: Touch, stop_price: Decimal | None = None
) -> Decimal | None:
    """What a unit of the order may be worth when it fills: an opening short sale is worth 3 % more than the ask.

    A stop without a limit fills near its stop, but a purchase never below the market.
    """
    if side is Side.BUY and limit_price is not None:
        return limit_price
    at_market = touch.to_trade(side)
    if side is Side.SELL:
        market = touch.last if touch.ask is None else touch.ask
        market = at_market if market is None else market
        asked = limit_price if limit_price is not None else stop_price
        worth = None if market is None else market * SHORT_MARGIN
        return worth if asked is None else max(asked, worth or asked)
    if stop_price is not None:
        return stop_price if at_market is None else max(stop_price, at_market)
    return touch.last if at_market is None else at_market
