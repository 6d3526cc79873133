"""Every fill of an account once and by time, however often it is heard."""

from decimal import Decimal

from msgspec.structs import replace

from tests.fakes import a_fill, an_order
from tradesim.api.alpaca.records import Records
from tradesim.desk.views import OrderUpdate
from tradesim.model.events import OrderFilled


def test_a_fill_that_was_in_the_past_which_was_read_is_not_told_twice_when_it_is_heard():
    first, second = (a_fill(an_order(), 5, 100, id_=id_, ts_event=at) for id_, at in (("f1", 2), ("f2", 3)))
    order = replace(an_order(), filled_qty=Decimal(5), filled_avg_price=Decimal(100))
    records = Records()
    records.seed([replace(order, filled_qty=Decimal(10))], [first, second])
    for fill, filled in ((first, Decimal(5)), (second, Decimal(10))):
        records.take(OrderUpdate(OrderFilled(fill, fill.ts_event), replace(order, filled_qty=filled), filled))
    assert [(each.id, each.cum_qty) for each in records.executions] == [("f1", 5), ("f2", 10)]
