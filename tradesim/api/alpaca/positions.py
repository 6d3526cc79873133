"""`/v2/positions`: what is held, and closing it."""

from decimal import ROUND_DOWN, Decimal
from typing import Any

import msgspec
from flask import Blueprint, Response, request

from tradesim.api.alpaca import forms
from tradesim.api.alpaca.door import account_id, answer, source
from tradesim.api.alpaca.errors import BROKEN, Denied, Problem, no_position, problem_of, unprocessable, wrong_input
from tradesim.api.alpaca.orders import OrderDoor, lone_face
from tradesim.api.alpaca.reading import Query
from tradesim.api.alpaca.refusals import Asked, held_elsewhere, refusal_of
from tradesim.api.alpaca.situation import holding_of
from tradesim.desk.views import AccountView, MarketView, PositionView
from tradesim.model.commands import CancelAllOrders, ClosePosition
from tradesim.model.instrument import Instrument
from tradesim.model.orders import Order, Rejection

ZERO, FINEST, RATIO = Decimal(0), Decimal("1E-9"), Decimal("1E-18")


class PositionShape(msgspec.Struct):
    asset_id: str
    symbol: str
    exchange: str
    asset_class: str
    asset_marginable: bool
    qty: str
    qty_available: str
    avg_entry_price: str
    side: str
    market_value: str
    cost_basis: str
    unrealized_pl: str
    unrealized_plpc: str
    unrealized_intraday_pl: str
    unrealized_intraday_plpc: str
    current_price: str
    lastday_price: str
    change_today: str


def position_shape(held: PositionView, instrument: Instrument | None, market: MarketView | None) -> PositionShape:
    """A short's quantity, value and cost are negative. Ratios are fractions: 0.05 is five percent."""
    position = held.position
    basis = position.avg_entry_price * position.qty
    mark = held.mark if held.mark is not None else position.avg_entry_price
    before = lastday_price(held, instrument, market)
    basis_today = held.market_value - held.day_pl
    return PositionShape(
        asset_id=forms.asset_id(position.symbol),
        symbol=symbol_on_wire(position.symbol),
        exchange=forms.exchange(instrument, position.symbol),
        asset_class=forms.asset_class(instrument, position.symbol),
        asset_marginable=forms.asset_class(instrument, position.symbol) == "us_equity",
        qty=forms.number(position.qty),
        qty_available=forms.number(held.qty_available),
        avg_entry_price=forms.number(position.avg_entry_price),
        side="long" if position.qty > 0 else "short",
        market_value=forms.number(held.market_value),
        cost_basis=forms.number(basis),
        unrealized_pl=forms.number(held.unrealized_pl),
        unrealized_plpc=ratio(held.unrealized_pl, abs(basis)),
        unrealized_intraday_pl=forms.number(held.day_pl),
        unrealized_intraday_plpc=ratio(held.day_pl, abs(basis_today)),
        current_price=forms.number(mark),
        lastday_price=forms.number(mark if before is None else before),
        change_today=ratio(mark - before, before) if before else "0",
    )


def symbol_on_wire(symbol: str) -> str:
    """Positions in coins are written without the slash at Alpaca."""
    return symbol.replace("/", "")


def ratio(part: Decimal, whole: Decimal) -> str:
    return f"{(part / whole).quantize(RATIO).normalize():f}" if whole else "0"


def lastday_price(held: PositionView, instrument: Instrument | None, market: MarketView | None) -> Decimal | None:
    """Its mark when the day began; where it was opened since, the close before."""
    if held.last_day_price is not None:
        return held.last_day_price
    if instrument is None or market is None or market.prev_close is None:
        return None
    return instrument.price(market.prev_close)


class PositionDoor:
    def __init__(self, orders: OrderDoor) -> None:
        self._orders, self._desk, self._directory = orders, orders.desk, orders.directory

    def all(self) -> list[PositionShape]:
        view = self._desk.account(account_id(self._desk))
        return [self._shape(held) for held in view.positions]

    def one(self, name: str) -> PositionShape:
        view = self._desk.account(account_id(self._desk))
        return self._shape(self._held(name, view))

    def close(self, name: str, query: Query) -> Any:
        """The order that closes it. Raises Denied."""
        view = self._desk.account(account_id(self._desk))
        held = self._held(name, view)
        qty = qty_to_close(abs(held.position.qty), query)
        done = self._close(held, qty, view)
        if isinstance(done, Problem):
            raise Denied(done)
        return self._shown(done)

    def close_all(self, query: Query) -> Response:
        account = account_id(self._desk)
        if query.flag("cancel_orders"):
            self._desk.submit(CancelAllOrders(account))
        view = self._desk.account(account)
        are_free = query.flag("cancel_orders")
        done = [(held, self._close(held, None, view, are_free)) for held in view.positions]
        rows = [self._row(held, answer_) for held, answer_ in done]
        is_failed = bool(rows) and all(isinstance(answer_, Problem) for _, answer_ in done)
        if is_failed:
            raise Denied(Problem(500, BROKEN, "failed to liquidate", {"positions": rows}))
        return answer(rows, 207)

    def _close(
        self, held: PositionView, qty: Decimal | None, view: AccountView, are_free: bool = False
    ) -> Order | Problem:
        """`are_free`: what open orders had promised is being taken back."""
        symbol = held.position.symbol
        wanted = qty if qty is not None else abs(held.position.qty)
        if not are_free and wanted > holding_of(view, symbol).available:
            return held_elsewhere(symbol, wanted, view)
        done = self._desk.submit(ClosePosition(view.account.id, symbol, source(), qty))
        return self._problem(done, held, wanted, view) if isinstance(done, Rejection) else done

    def _problem(self, done: Rejection, held: PositionView, wanted: Decimal, view: AccountView) -> Problem:
        instrument = self._directory.find(held.position.symbol)
        if instrument is None:
            return problem_of(done)
        asked = Asked(instrument, holding_of(view, instrument.symbol).closing_side, wanted, None, None)
        return refusal_of(done, asked, view, self._desk.market(instrument.symbol))

    def _row(self, held: PositionView, done: Order | Problem) -> dict[str, Any]:
        symbol = symbol_on_wire(held.position.symbol)
        if isinstance(done, Problem):
            return {"symbol": symbol, "status": done.status, "body": done.body}
        return {"symbol": symbol, "status": 200, "body": self._shown(done)}

    def _shown(self, order: Order) -> Any:
        face = self._orders.updates.records(order.account_id).current(order.id) or lone_face(order)
        return self._orders.shape(face)

    def _held(self, name: str, view: AccountView) -> PositionView:
        instrument = self._directory.find(name)
        symbol = instrument.symbol if instrument else name
        found = next((each for each in view.positions if each.position.symbol == symbol), None)
        if found is None:
            raise no_position()
        return found

    def _shape(self, held: PositionView) -> PositionShape:
        symbol = held.position.symbol
        return position_shape(held, self._desk.instruments.get(symbol), self._desk.market(symbol))


def qty_to_close(held: Decimal, query: Query) -> Decimal | None:
    """None for all of it. A part of whole shares is whole shares. Raises Denied."""
    qty, percentage = query.number("qty"), query.number("percentage")
    if qty is not None and percentage is not None:
        raise wrong_input("only one of qty or percentage is accepted")
    if qty is not None:
        if qty <= 0:
            raise unprocessable("qty must be > 0")
        return qty
    if percentage is None:
        return None
    if not 0 < percentage <= 100:
        raise unprocessable("percentage must be between 0 and 100")
    part = (held * percentage / 100).quantize(Decimal(1) if held % 1 == 0 else FINEST, ROUND_DOWN)
    if not part:
        raise unprocessable("qty must be > 0")
    return part


def register(api: Blueprint, door: PositionDoor) -> None:
    @api.get("/v2/positions")
    def on_positions() -> Response:
        return answer(door.all())

    @api.delete("/v2/positions")
    def on_close_all() -> Response:
        return door.close_all(Query(request.args))

    @api.get("/v2/positions/<path:name>")
    def on_position(name: str) -> Response:
        return answer(door.one(name))

    @api.delete("/v2/positions/<path:name>")
    def on_close(name: str) -> Response:
        return answer(door.close(name, Query(request.args)))
