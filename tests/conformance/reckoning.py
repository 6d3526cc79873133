"""What a bot was told, what the facade shows and what the ledger holds, compared to the cent."""

from collections import defaultdict
from decimal import Decimal

from alpaca.trading.requests import GetOrdersRequest

ZERO = Decimal(0)


def paged(client, path, **query):
    """Everything, by the pages that a client asks for."""
    found, token = [], None
    while True:
        page = client.get(path, {"page_size": 100, **query, **({"page_token": token} if token else {})})
        if not page:
            return found
        found, token = found + page, page[-1]["id"]


def signed(row):
    return Decimal(row["qty"]) * (1 if row["side"] == "buy" else -1)


def every_order(client):
    """Of all times, legs and former names too."""
    return [
        each.model_dump(mode="json")
        for each in client.get_orders(GetOrdersRequest(status="all", limit=500, direction="asc"))
    ]


def require_agreement(house, client, updates):
    """Raises AssertionError where two of the five records of a session differ. Returns its fills, oldest first."""
    fills = paged(client, "/account/activities/FILL", direction="asc")
    require_same_fills(fills, [update for update in updates if update["event"] in ("fill", "partial_fill")])
    require_orders_hold(fills, every_order(client), updates)
    require_positions_hold(fills, client)
    require_money_holds(house, fills, client)
    return fills


def require_same_fills(fills, told):
    """The activities and the bot's own log tell of the same executions, once each and in the same order."""
    shown = [(row["id"].partition("::")[2], row["order_id"], row["price"], row["qty"], row["side"]) for row in fills]
    heard = [
        (each["execution_id"], each["order"]["id"], each["price"], each["qty"], each["order"]["side"]) for each in told
    ]
    assert shown == heard
    held = defaultdict(Decimal)
    for each in told:
        held[each["order"]["symbol"]] += Decimal(each["qty"]) * (1 if each["order"]["side"] == "buy" else -1)
        assert Decimal(each["position_qty"]) == held[each["order"]["symbol"]]


def require_orders_hold(fills, orders, updates):
    """Each order's quantity and average are those of its fills, and its last update says what REST says."""
    by_order = defaultdict(list)
    for row in fills:
        by_order[row["order_id"]].append(row)
    last = {update["order"]["id"]: update["order"] for update in updates}
    assert by_order.keys() <= {order["id"] for order in orders}
    for order in orders:
        own = by_order[order["id"]]
        qty = sum((Decimal(row["qty"]) for row in own), ZERO)
        assert Decimal(order["filled_qty"]) == qty, order["id"]
        if qty:
            average = sum((Decimal(row["qty"]) * Decimal(row["price"]) for row in own), ZERO) / qty
            assert abs(Decimal(order["filled_avg_price"]) - average) < Decimal("1E-8"), order["id"]
        if order["id"] in last:
            assert last[order["id"]]["filled_qty"] == order["filled_qty"]


def require_positions_hold(fills, client):
    held = defaultdict(Decimal)
    for row in fills:
        held[row["symbol"]] += signed(row)
    shown = {each.symbol: Decimal(each.qty) for each in client.get_all_positions()}
    assert shown == {symbol: qty for symbol, qty in held.items() if qty}


def require_money_holds(house, fills, client):
    """Cash by the activities, by the double-entry ledger and by the account; equity by the marks."""
    account = client.get_account()
    begun = house.desk.account().account.starting_cash or Decimal(100_000)
    other = [row for row in paged(client, "/account/activities") if row["activity_type"] != "FILL"]
    traded = sum((signed(row) * Decimal(row["price"]) for row in fills), ZERO)
    moved = sum((Decimal(row["net_amount"]) for row in other), ZERO)
    assert Decimal(account.cash) == begun - traded + moved
    own = house.desk.account().account.id
    entries = list(house.desk._journal.entries())
    legs = [leg for entry in entries for leg in entry.postings if leg.account_id == own]
    assert sum((leg.amount for leg in legs if leg.book == "cash"), ZERO) == Decimal(account.cash)
    for entry in entries:
        units = defaultdict(Decimal)
        for leg in entry.postings:
            units[leg.unit] += leg.amount
        assert not any(units.values()), entry
    positions = client.get_all_positions()
    for each in positions:
        in_ledger = sum((leg.amount for leg in legs if (leg.book, leg.unit) == ("position", each.symbol)), ZERO)
        assert in_ledger == Decimal(each.qty)
        assert Decimal(each.market_value) == Decimal(each.qty) * Decimal(each.current_price)
    worth = sum((Decimal(each.market_value) for each in positions), ZERO)
    assert Decimal(account.equity) == Decimal(account.cash) + worth
    history = client.get("/account/portfolio/history", {"period": "1D", "timeframe": "1Min"})
    assert Decimal(str(history["equity"][-1])) == Decimal(account.equity)
