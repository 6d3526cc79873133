"""What an exchange takes for taking and pays for adding is in fills, cash and the ledger, to the cent."""

from decimal import Decimal

from msgspec.structs import replace

from tests.stage import Stage
from tradesim.bootstrap import fee_of
from tradesim.model.commands import SubmitOrder
from tradesim.model.market import Side
from tradesim.model.orders import Liquidity, OrderType

BUY = SubmitOrder("paper", "AAPL", Side.BUY, qty=Decimal(100))


def test_who_takes_pays_and_who_adds_is_paid():
    stage = Stage(fee=fee_of("exchange"))
    before = stage.desk.account().account.cash
    stage.ask(BUY)
    stage.ask(replace(BUY, side=Side.SELL, type=OrderType.LIMIT, limit_price=Decimal("230.02")))
    stage.lift(23_002, 1_000)
    added, taken = stage.desk.account().fills
    assert (taken.liquidity, taken.fee) == (Liquidity.TAKER, Decimal("0.30"))
    assert (added.liquidity, added.fee) == (Liquidity.MAKER, Decimal("-0.20"))
    traded = sum(-fill.price * fill.signed_qty for fill in (added, taken))
    assert stage.desk.account().account.cash == before + traded - Decimal("0.10")
    fees = [leg.amount for entry in stage.desk.ledger() for leg in entry.postings if leg.book == "fees"]
    assert sum(fees) == Decimal("0.10")
