"""What an account, or the whole desk, is worth in the open market: what its limits are held against."""

from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from msgspec.structs import replace

from tradesim.desk.market import Market
from tradesim.trading.portfolio import Portfolio
from tradesim.trading.risk.limits import Worth
from tradesim.trading.state import TradingState
from tradesim.trading.valuation import NO_TOUCH, value_position

ZERO = Decimal(0)


class Worths:
    """Asked by the market thread."""

    def __init__(self, state: TradingState) -> None:
        self._state = state

    def of(self, account_id: str, market: Market) -> Worth:
        portfolio, standing = self._state.portfolio(account_id), self._state.risk.standing(account_id)
        values = {
            held.symbol: value_position(held, touch, ZERO).market_value for held, touch in touched(portfolio, market)
        }
        equity = portfolio.account.cash + sum(values.values(), ZERO)
        symbol = max(values, key=lambda each: abs(values[each]), default="")
        return Worth(
            equity=equity,
            day_pl=equity - portfolio.day.equity - portfolio.deposited_today,
            exposure=sum(map(abs, values.values()), ZERO),
            largest=(symbol, abs(values.get(symbol, ZERO))),
            high=max(equity, standing.high or equity),
            streak=standing.streak,
            open_orders=len(portfolio.open),
            sent=self._state.risk.sent_in_a_minute(account_id, market.reached),
        )

    def together(self, worths: Iterable[Worth], market: Market) -> Worth:
        """All accounts of the market as one, with the highest that they were together."""
        whole = added_up(worths)
        high = self._state.risk.desk_high(market.world)
        return replace(whole, high=whole.equity if high is None else max(high, whole.equity))

    def seen(self, account_id: str, market: Market) -> Worth:
        """Of the account, or of the desk as a whole under the empty id."""
        if account_id:
            return self.of(account_id, market)
        here = accounts_here(self._state, market)
        return self.together([self.of(each, market) for each in here], market)


def accounts_here(state: TradingState, market: Market) -> list[str]:
    """The accounts in use that trade in the open market, the oldest first."""
    return [account.id for account in state.accounts_of(market.world)]


def touched(portfolio: Portfolio, market: Market) -> list[tuple[Any, Any]]:
    """Every open position with the present touch of its symbol."""
    held = portfolio.open_positions
    touches = market.touches({each.symbol for each in held}) if held else {}
    return [(each, touches.get(each.symbol, NO_TOUCH)) for each in held]


def added_up(worths: Iterable[Worth]) -> Worth:
    """All accounts as one: money is added up, the largest position and the longest streak are the largest of any.

    Their highs are of different moments, and are not added up.
    """
    found = list(worths)
    return Worth(
        equity=sum((each.equity for each in found), ZERO),
        day_pl=sum((each.day_pl for each in found), ZERO),
        exposure=sum((each.exposure for each in found), ZERO),
        largest=max((each.largest for each in found), key=lambda each: each[1], default=("", ZERO)),
        streak=max((each.streak for each in found), default=0),
        open_orders=sum(each.open_orders for each in found),
        sent=sum(each.sent for each in found),
    )
