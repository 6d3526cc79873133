"""Stand-ins that keep the same contracts as the real thing, and small values to begin a test with."""

from decimal import Decimal
from typing import Any

from msgspec.structs import fields

from tradesim.kernel.clock import ManualClock
from tradesim.model.accounts import Account, AccountRules
from tradesim.model.instrument import AssetClass, Instrument
from tradesim.model.market import Side
from tradesim.model.orders import Fill, FillReason, Liquidity, Order, OrderType, TimeInForce
from tradesim.storage.memory import MemoryJournal

__all__ = ["INSTRUMENTS", "ManualClock", "MemoryJournal", "a_fill", "an_account", "an_order", "dec"]

AAPL = Instrument("AAPL", "Apple Inc.")
MSFT = Instrument("MSFT", "Microsoft Corp.", shortable=False)
BTC = Instrument("BTC/USD", "Bitcoin", AssetClass.CRYPTO, Decimal("0.01"), Decimal("0.0001"))
INSTRUMENTS = {each.symbol: each for each in (AAPL, MSFT, BTC)}


def dec(number: Any) -> Decimal:
    return Decimal(str(number))


def an_account(cash: Any = 100_000, **changes: Any) -> Account:
    """`changes` are of the account, or of its rules."""
    named = {each.name for each in fields(AccountRules)}
    rules = AccountRules(**{name: changes.pop(name) for name in list(changes) if name in named})
    return Account(**{"id": "paper", "name": "Paper", "cash": dec(cash), "opened_at": 0, "rules": rules, **changes})


def an_order(id_: str = "o1", side: Side = Side.BUY, qty: Any = 10, limit: Any = 100, **changes: Any) -> Order:
    """A limit order for AAPL, or a market order when `limit` is None."""
    given = {
        "client_order_id": f"client-{id_}",
        "account_id": "paper",
        "symbol": "AAPL",
        "type": OrderType.MARKET if limit is None else OrderType.LIMIT,
        "time_in_force": TimeInForce.DAY,
        "limit_price": None if limit is None else dec(limit),
        "created_at": 1,
        "updated_at": 1,
        **changes,
    }
    return Order(id=id_, side=side, qty=dec(qty), **given)


def a_fill(order: Order, qty: Any, price: Any, fee: Any = 0, id_: str = "f1", ts_event: int = 2) -> Fill:
    return Fill(
        id=id_,
        order_id=order.id,
        account_id=order.account_id,
        symbol=order.symbol,
        side=order.side,
        qty=dec(qty),
        price=dec(price),
        fee=dec(fee),
        liquidity=Liquidity.TAKER,
        ts_event=ts_event,
        reason=FillReason("order book"),
    )
