"""What the page and the server each say of the account, in the same words, so that they can be compared."""

from decimal import Decimal
from typing import Any

from tests.browser.serving import Serving

Told = dict[str, Any]


def told_by_page(state: dict) -> Told:
    """`state` is the desk's part of the live state."""
    return {
        "cash": Decimal(state["account"]["cash"]),
        "equity": Decimal(state["account"]["equity"]),
        "fills": [(each["id"], Decimal(each["qty"]), Decimal(each["price"])) for each in state["fills"]],
        "orders": sorted((each["id"], each["status"], Decimal(each["filled"])) for each in state["orders"].values()),
        "positions": sorted(
            (each["symbol"], Decimal(each["qty"]), Decimal(each["avg"])) for each in state["positions"]
        ),
    }


def told_by_server(serving: Serving) -> Told:
    account = serving.get("account")
    held = [each["position"] for each in serving.get("positions")]
    return {
        "cash": Decimal(account["account"]["cash"]),
        "equity": Decimal(account["equity"]),
        "fills": [
            (each["id"], Decimal(each["qty"]), Decimal(each["price"])) for each in reversed(serving.get("fills"))
        ],
        "orders": sorted((each["id"], each["status"], Decimal(each["filled_qty"])) for each in serving.get("orders")),
        "positions": sorted((each["symbol"], Decimal(each["qty"]), Decimal(each["avg_entry_price"])) for each in held),
    }


def book_of(serving: Serving, symbol: str, tick: Decimal = Decimal("0.01")) -> dict[str, list[tuple[int, int]]]:
    """The server's book as [ticks, lots] a side, best first, for whole lots."""
    book = serving.get(f"book/{symbol}")
    return {
        mine: [(round(Decimal(level["price"]) / tick), int(Decimal(level["qty"]))) for level in book[theirs]]
        for mine, theirs in (("b", "bids"), ("a", "asks"))
    }
