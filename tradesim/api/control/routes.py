"""The routes of `/sim/v1` and `/healthz`. Each reads, asks the desk once, and answers JSON."""

import logging
from collections.abc import Callable
from typing import Any

from flask import Blueprint, Flask, Response, request
from werkzeug.exceptions import RequestEntityTooLarge

from tradesim.api.control import bodies, performance_routes, risk_routes
from tradesim.api.control.answers import answer, asked
from tradesim.desk.desk import Desk
from tradesim.desk.views import MarketView
from tradesim.kernel.errors import JournalUnavailable
from tradesim.model.commands import (
    CancelAllOrders,
    CancelOrder,
    ClosePosition,
    Flatten,
    HaltTrading,
    OpenReplay,
    OpenSimulated,
    Pause,
    Play,
    ResumeTrading,
    SeekMarket,
    SetSpeed,
    StepMarket,
)
from tradesim.model.instrument import Instrument
from tradesim.model.market import Level, Timeframe
from tradesim.model.orders import Rejection

logger = logging.getLogger(__name__)

MOST_BARS = 10_000
METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
Health = Callable[[], dict[str, Any]]


def register(server: Flask, desk: Desk, health: Health) -> None:
    api = Blueprint("control", __name__, url_prefix="/sim/v1")

    @server.get("/healthz")
    def on_health() -> Response:
        report = health()
        return answer(report, 200 if report["status"] == "ok" else 503)

    @api.post("/orders")
    def on_new_order() -> Response:
        return asked(bodies.NewOrder, lambda body: desk.submit(body.command(account_id(desk))), 201)

    @api.get("/orders")
    def on_orders() -> Response:
        return answer(desk.account(account_id(desk)).orders)

    @api.delete("/orders")
    def on_cancel_all() -> Response:
        return answer(desk.submit(CancelAllOrders(account_id(desk), request.args.get("symbol"))))

    @api.get("/orders/<order_id>")
    def on_order(order_id: str) -> Response:
        order = desk.order(order_id)
        return answer(order or Rejection("unknown_order", f"there is no order {order_id}", "order_id"))

    @api.patch("/orders/<order_id>")
    def on_replace(order_id: str) -> Response:
        return asked(bodies.OrderChange, lambda body: desk.submit(body.command(account_id(desk), order_id)))

    @api.delete("/orders/<order_id>")
    def on_cancel(order_id: str) -> Response:
        return answer(desk.submit(CancelOrder(account_id(desk), order_id)))

    @api.get("/positions")
    def on_positions() -> Response:
        return answer(desk.account(account_id(desk)).positions)

    @api.delete("/positions")
    def on_flatten() -> Response:
        return answer(desk.submit(Flatten(account_id(desk))))

    @api.delete("/positions/<path:symbol>")
    def on_close(symbol: str) -> Response:
        return answer(desk.submit(ClosePosition(account_id(desk), symbol)))

    @api.get("/account")
    def on_account() -> Response:
        view = bodies.plain(desk.account(account_id(desk)))
        return answer({key: view[key] for key in view if key not in ("orders", "fills", "ledger", "positions")})

    @api.get("/fills")
    def on_fills() -> Response:
        return answer(desk.account(account_id(desk)).fills)

    @api.get("/ledger")
    def on_ledger() -> Response:
        return answer(desk.ledger())

    @api.get("/instruments")
    def on_instruments() -> Response:
        return answer(list(desk.instruments.values()))

    @api.get("/book/<path:symbol>")
    def on_book(symbol: str) -> Response:
        view = desk.market(symbol)
        return answer(book_of(view, desk.instruments[symbol]) if view else unknown_symbol(symbol))

    @api.get("/bars/<path:symbol>")
    def on_bars(symbol: str) -> Response:
        if symbol not in desk.instruments:
            return answer(unknown_symbol(symbol))
        frame, limit = request.args.get("timeframe", "1m"), request.args.get("limit", "500")
        if frame not in list(Timeframe):
            wanted = ", ".join(Timeframe)
            return answer(Rejection("bad_request", f"timeframe must be one of {wanted}, was {frame}", "timeframe"))
        if not (limit.isascii() and limit.isdigit() and 0 < int(limit) <= MOST_BARS):
            return answer(Rejection("bad_request", f"limit must be from 1 to {MOST_BARS:,}, was {limit}", "limit"))
        bars = desk.bars(symbol, Timeframe(frame), int(limit))
        names = ("start", "open", "high", "low", "close", "volume")
        return answer(dict(zip(names, (column.tolist() for column in bars.columns()), strict=True)))

    @api.get("/status")
    def on_status() -> Response:
        return answer(desk.status())

    register_controls(api, desk)
    risk_routes.register(api, desk)
    performance_routes.register(api, desk)
    register_errors(server, api)
    server.register_blueprint(api)


def register_controls(api: Blueprint, desk: Desk) -> None:
    """What moves the market's clock, opens a recording, halts and resumes."""

    @api.post("/play")
    def on_play() -> Response:
        return answer(desk.submit(Play()))

    @api.post("/pause")
    def on_pause() -> Response:
        return answer(desk.submit(Pause()))

    @api.post("/step")
    def on_step() -> Response:
        return answer(desk.submit(StepMarket()))

    @api.post("/speed")
    def on_speed() -> Response:
        return asked(bodies.Speed, lambda body: desk.submit(SetSpeed(body.speed)))

    @api.post("/seek")
    def on_seek() -> Response:
        return asked(bodies.Moment, lambda body: desk.submit(SeekMarket(body.to)))

    @api.post("/replay")
    def on_replay() -> Response:
        return asked(
            bodies.Recording,
            lambda body: desk.submit(OpenReplay(tuple(body.paths), tuple(body.mapping.items())), timeout_s=60),
        )

    @api.delete("/replay")
    def on_leave_replay() -> Response:
        return answer(desk.submit(OpenSimulated(), timeout_s=60))

    @api.post("/halt")
    def on_halt() -> Response:
        return answer(desk.submit(HaltTrading(request.args.get("symbol"))))

    @api.post("/resume")
    def on_resume() -> Response:
        return answer(desk.submit(ResumeTrading(request.args.get("symbol"))))


def register_errors(server: Flask, api: Blueprint) -> None:
    """Below /sim/v1 every answer is JSON, also the one that there is nothing."""

    @api.route("/", defaults={"rest": ""}, methods=METHODS)
    @api.route("/<path:rest>", methods=METHODS)
    def on_unknown(rest: str) -> Response:
        return answer(Rejection("unknown_route", f"there is no {request.method} {request.path}; see docs/api.md"))

    @server.errorhandler(RequestEntityTooLarge)
    def on_too_large(_error: RequestEntityTooLarge) -> Response:
        return answer(Rejection("too_large", f"a body may have at most {request.max_content_length:,} bytes"))

    @api.errorhandler(TimeoutError)
    @api.errorhandler(JournalUnavailable)
    def on_busy(error: Exception) -> Response:
        return answer(Rejection("busy", str(error) or "the desk is busy; try again in a moment"))

    @api.errorhandler(Exception)
    def on_fault(error: Exception) -> Response:
        logger.exception("%s %s failed", request.method, request.path, exc_info=error)
        return answer(Rejection("fault", "the desk could not do that; its log says why"))


def book_of(view: MarketView, instrument: Instrument) -> dict[str, Any]:
    """Prices and quantities as decimals, best first."""

    def side(levels: tuple[Level, ...]) -> list[dict[str, Any]]:
        return [
            {"price": instrument.price(level.price), "qty": instrument.qty(level.qty), "orders": level.orders}
            for level in levels
        ]

    return {"symbol": view.symbol, "ts": view.updated_at, "bids": side(view.top.bids), "asks": side(view.top.asks)}


def account_id(desk: Desk) -> str:
    return desk.status().account_id


def unknown_symbol(symbol: str) -> Rejection:
    return Rejection("unknown_symbol", f"there is no {symbol} in this market", "symbol")
