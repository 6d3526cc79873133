"""Several accounts at random on one desk, through worlds, days and restarts: no cent is made, none is lost."""

import random
from decimal import Decimal

import pytest
from msgspec.structs import replace

from tests.stage import Stage
from tradesim.model.accounts import AccountRules, DayTradeRule, LotMethod
from tradesim.model.commands import (
    ArchiveAccount,
    CancelAllOrders,
    ClosePosition,
    ConfigureAccount,
    MoveCash,
    OpenAccount,
    OpenReplay,
    OpenSimulated,
    ResetAccount,
    SubmitOrder,
)
from tradesim.model.market import Side
from tradesim.model.orders import OrderType, TimeInForce
from tradesim.trading.state import StateDump, TradingState

STEPS = 70
NAMES = ("Bot", "Swing", "Ünï")
HOUR_MS = 3_600_000


class Walk:
    def __init__(self, seed: int) -> None:
        self.rng = random.Random(seed)
        self.stage = Stage()

    @property
    def account_id(self) -> str:
        return self.rng.choice(list(self.stage.desk.accounts()))

    def step(self) -> None:
        happens = [self.order] * 8 + [self.open, self.configure, self.reset, self.move, self.archive, self.cancel]
        happens += [self.close, self.close, self.wait, self.wait, self.switch, self.restart]
        self.rng.choice(happens)()
        self.stage.pass_ms(self.rng.randint(0, 5_000))

    def order(self) -> None:
        symbol, price, step = self.rng.choice((("AAPL", 230, "0.01"), ("BTC/USD", 97_000, "0.01")))
        qty = Decimal(self.rng.randint(1, 300)) / (1 if symbol == "AAPL" else 1_000)
        limit = (Decimal(price) * Decimal(self.rng.randint(95, 105)) / 100).quantize(Decimal(step))
        kind = self.rng.choice([OrderType.MARKET, OrderType.LIMIT])
        self.stage.ask(
            SubmitOrder(
                self.account_id,
                symbol,
                self.rng.choice(list(Side)),
                kind,
                self.rng.choice((TimeInForce.DAY, TimeInForce.GTC)),
                qty,
                limit_price=limit if kind is OrderType.LIMIT else None,
            )
        )

    def open(self) -> None:
        self.stage.ask(OpenAccount(self.rng.choice(NAMES), Decimal(self.rng.randint(1_000, 80_000))))

    def configure(self) -> None:
        rules = AccountRules(
            multiplier=Decimal(self.rng.choice((1, 2, 4))),
            maintenance=Decimal(self.rng.choice((30, 60))) / 100,
            day_trade_rule=self.rng.choice(list(DayTradeRule)),
            lot_method=self.rng.choice(list(LotMethod)),
            credit_rate=Decimal("0.02"),
        )
        self.stage.ask(ConfigureAccount(self.account_id, rules))

    def reset(self) -> None:
        self.stage.ask(ResetAccount(self.account_id, self.rng.choice((None, Decimal(30_000)))))

    def move(self) -> None:
        self.stage.ask(MoveCash(self.account_id, Decimal(self.rng.randint(-500_000, 500_000)) / 100))

    def archive(self) -> None:
        self.stage.ask(ArchiveAccount(self.account_id))

    def cancel(self) -> None:
        self.stage.ask(CancelAllOrders(self.account_id))

    def close(self) -> None:
        self.stage.ask(ClosePosition(self.account_id, self.rng.choice(("AAPL", "BTC/USD"))))

    def wait(self) -> None:
        self.stage.pass_ms(self.rng.randint(1, 30) * HOUR_MS)

    def switch(self) -> None:
        is_simulated = self.stage.desk.status().account_id == "paper"
        self.stage.ask(OpenReplay(("day",)) if is_simulated else OpenSimulated())
        for name in self.rng.sample(self.stage.desk.account_names()[1:], 1) if self.has_named() else ():
            self.stage.desk.account_id_of(name)

    def has_named(self) -> bool:
        return len(self.stage.desk.account_names()) > 1

    def restart(self) -> None:
        before = self.state.dump()
        replayed = TradingState()
        for _, event in self.stage.journal.replay():
            replayed.apply(event)
        assert remembered(replayed.dump()) == remembered(before)
        assert TradingState.load(before).dump() == before
        self.stage = Stage(journal=self.stage.journal, clock=self.stage.clock)

    @property
    def state(self) -> TradingState:
        return self.stage.desk._orders.state

    def check(self) -> None:
        state, world = self.state, self.stage.desk.status().account_id
        state.check()
        views = self.stage.desk.accounts()
        assert next(iter(views)) == world
        for account_id, view in views.items():
            portfolio = state.portfolio(account_id)
            assert view.account is portfolio.account and view.account.home == world and not view.account.is_archived
            assert view.long_market_value + view.short_market_value + view.account.cash == view.equity
            assert min(view.buying_power, view.regt_buying_power, view.cash_withdrawable, view.maintenance_margin) >= 0
            assert all(order.account_id == account_id for order in view.orders)
        for portfolio in state.portfolios.values():
            assert not (portfolio.account.is_archived and portfolio.open)
            assert portfolio.account.home in ("paper", world) or not portfolio.open
        entered = [state.ledger.balance(each, "cash", "USD") for each in state.portfolios]
        assert entered == [portfolio.account.cash for portfolio in state.portfolios.values()]


def remembered(dumped: StateDump) -> StateDump:
    """Without the guard's counts: what was refused is no fact of the journal."""
    return replace(dumped, risk=replace(dumped.risk, sources=()))


@pytest.mark.parametrize("seed", range(8))
def test_the_books_of_every_account_hold_through_worlds_days_and_restarts(seed: int) -> None:
    walk = Walk(seed)
    for _ in range(STEPS):
        walk.step()
        walk.check()


def test_the_same_seed_and_commands_leave_the_same_journal() -> None:
    first, second = Walk(3), Walk(3)
    for _ in range(40):
        first.step()
        second.step()
    assert first.stage.journal.events == second.stage.journal.events
    assert first.stage.journal.kept_entries == second.stage.journal.kept_entries
