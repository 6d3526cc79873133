"""Who may ask for market data, and how refusals look there."""

import logging

from flask import Blueprint, Response, request
from msgspec import Struct

from tradesim.api.alpaca.auth import Keys, account_named, has_credentials
from tradesim.api.alpaca.data.asking import Refused
from tradesim.api.alpaca.data.plan import Plan
from tradesim.api.alpaca.data.shapes import Refusal
from tradesim.api.alpaca.data.showing import Showing
from tradesim.api.operations import Catalogue
from tradesim.desk.desk import Desk

logger = logging.getLogger(__name__)

UNAUTHORIZED = 40_110_000
REFUSALS = (400, 401, 403, 404)
KEYS = {
    "key": {"type": "apiKey", "in": "header", "name": "APCA-API-KEY-ID"},
    "basic": {"type": "http", "scheme": "basic"},
    "bearer": {"type": "http", "scheme": "bearer"},
}
TAGS = {
    "orders": "Orders, in all types and classes.",
    "account": "The account, its rules, its past.",
    "positions": "What is held.",
    "watchlists": "Lists of symbols.",
    "stocks": "Bars, trades and quotes of shares.",
    "crypto": "The same of coins, without a key; order books of everything that trades here, shares included.",
    "market": "What moved, what there is to trade, when it trades.",
}
CATALOGUE = Catalogue(
    "TradeSim: the desk in Alpaca's words",
    "What programs written for Alpaca ask of their broker, answered by this desk. Times are the market's own: "
    "simulated, replayed or real. Every refusal is JSON with `code` and `message`.",
    Refusal,
    TAGS,
    KEYS,
)


class Doors(Struct, frozen=True):
    """What the routes need."""

    desk: Desk
    keys: Keys
    plan: Plan

    @property
    def showing(self) -> Showing:
        return Showing(self.desk, self.plan.in_lots)

    @property
    def coins(self) -> Showing:
        return Showing(self.desk, self.plan.in_lots, as_coins=True)


def guarded(blueprint: Blueprint, keys: Keys, is_open: bool = False) -> None:
    """Only those who have a key may ask; where it is open, those who show none too."""

    @blueprint.before_request
    def on_request() -> Response | None:
        if is_open and not has_credentials(request.headers):
            return None
        if account_named(request.headers, keys) is None:
            return Refused("request is not authorized.", 401, UNAUTHORIZED).answer
        return None

    @blueprint.errorhandler(Refused)
    def on_refused(refused: Refused) -> Response:
        return refused.answer

    @blueprint.errorhandler(TimeoutError)
    def on_busy(_error: TimeoutError) -> Response:
        return Refused("the desk is busy; try again in a moment", 503).answer

    @blueprint.errorhandler(Exception)
    def on_fault(error: Exception) -> Response:
        logger.exception("%s %s failed", request.method, request.path, exc_info=error)
        return Refused("internal server error occurred", 500).answer
