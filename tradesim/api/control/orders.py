"""Orders, positions, fills and the ledger of the account that trades in the present market."""

from typing import Any

from flask import Blueprint, Response, request

from tradesim.api.control import bodies
from tradesim.api.control.answers import CATALOGUE, REFUSALS, AccountFigures, answer, asked, figures
from tradesim.api.operations import Parameter, query
from tradesim.desk.desk import Desk
from tradesim.desk.views import PositionView
from tradesim.model.accounts import LedgerEntry
from tradesim.model.commands import CancelAllOrders, CancelOrder, ClosePosition, Flatten
from tradesim.model.orders import Fill, Order, Rejection

ORDER_ID = Parameter("order_id", {"type": "string", "minLength": 1}, "As an order's `id`.", "path")
SYMBOL = Parameter("symbol", {"type": "string", "minLength": 1}, "As in `/instruments`.", "path")
ABOUT: dict[str, Any] = {"tag": "orders", "refusals": REFUSALS}


def register(api: Blueprint, desk: Desk) -> None:
    orders(api, desk)
    positions(api, desk)


def orders(api: Blueprint, desk: Desk) -> None:
    @CATALOGUE.serves(
        api, "POST", "/orders", "Send an order; answered once it is durable.", Order,
        body=bodies.NewOrder, status=201, **ABOUT,
    )  # fmt: skip
    def on_new_order() -> Response:
        return asked(bodies.NewOrder, lambda body: desk.submit(body.command(account_id(desk))), 201)

    @CATALOGUE.serves(
        api, "GET", "/orders", "All open orders and the latest closed, newest first.", list[Order], **ABOUT
    )
    def on_orders() -> Response:
        return answer(desk.account(account_id(desk)).orders)

    only = query("symbol", "Only those of one symbol.")

    @CATALOGUE.serves(api, "DELETE", "/orders", "Cancel all.", list[Order], parameters=(only,), **ABOUT)
    def on_cancel_all() -> Response:
        return answer(desk.submit(CancelAllOrders(account_id(desk), request.args.get("symbol"))))

    one = {"parameters": (ORDER_ID,), **ABOUT}

    @CATALOGUE.serves(api, "GET", "/orders/{order_id}", "One order.", Order, **one)
    def on_order(order_id: str) -> Response:
        order = desk.order(order_id)
        return answer(order or Rejection("unknown_order", f"there is no order {order_id}", "order_id"))

    @CATALOGUE.serves(
        api, "PATCH", "/orders/{order_id}", "Change its quantity or price.", Order, body=bodies.OrderChange, **one
    )
    def on_replace(order_id: str) -> Response:
        return asked(bodies.OrderChange, lambda body: desk.submit(body.command(account_id(desk), order_id)))

    @CATALOGUE.serves(api, "DELETE", "/orders/{order_id}", "Cancel it.", Order, **one)
    def on_cancel(order_id: str) -> Response:
        return answer(desk.submit(CancelOrder(account_id(desk), order_id)))


def positions(api: Blueprint, desk: Desk) -> None:
    @CATALOGUE.serves(api, "GET", "/positions", "Holdings at present marks.", list[PositionView], **ABOUT)
    def on_positions() -> Response:
        return answer(desk.account(account_id(desk)).positions)

    @CATALOGUE.serves(api, "DELETE", "/positions", "Cancel all orders, then close everything.", list[Order], **ABOUT)
    def on_flatten() -> Response:
        return answer(desk.submit(Flatten(account_id(desk))))

    @CATALOGUE.serves(
        api, "DELETE", "/positions/{symbol}", "Close one position at the market.", Order, parameters=(SYMBOL,), **ABOUT
    )
    def on_close(symbol: str) -> Response:
        return answer(desk.submit(ClosePosition(account_id(desk), symbol)))

    @CATALOGUE.serves(api, "GET", "/account", "Cash, equity, buying power, queue positions.", AccountFigures, **ABOUT)
    def on_account() -> Response:
        return answer(figures(desk.account(account_id(desk))))

    @CATALOGUE.serves(api, "GET", "/fills", "Executions with their reasons, newest first.", list[Fill], **ABOUT)
    def on_fills() -> Response:
        return answer(desk.account(account_id(desk)).fills)

    @CATALOGUE.serves(
        api, "GET", "/ledger", "The latest double-entry postings, newest first.", list[LedgerEntry], **ABOUT
    )
    def on_ledger() -> Response:
        return answer(desk.ledger())


def account_id(desk: Desk) -> str:
    return desk.status().account_id
