"""`/v2/assets`: what trades in the open market."""

from collections.abc import Callable

import msgspec
from flask import Blueprint, Flask, Response, request

from tradesim.api.alpaca.data import shapes
from tradesim.api.alpaca.data.asking import Query, Refused, answered, shortened
from tradesim.api.alpaca.data.doors import CATALOGUE, REFUSALS, Doors, guarded
from tradesim.api.alpaca.forms import asset_id, exchange, number
from tradesim.api.alpaca.listings import found, is_coin
from tradesim.api.operations import query
from tradesim.model.instrument import Instrument

CLASSES = ("us_equity", "us_option", "crypto", "crypto_perp")
STATUSES = ("active", "inactive")
EXCHANGES = ("AMEX", "ARCA", "BATS", "NYSE", "NASDAQ", "NYSEARCA", "OTC", "CRYPTO")
NOT_FOUND = 40_410_000
MAINTENANCE = {False: 30, True: 100}
FILTERS = (
    query("status", "All here are active.", enum=list(STATUSES)),
    query("asset_class", "Shares, where it is not given.", enum=list(CLASSES)),
    query("exchange", "", enum=list(EXCHANGES)),
    query("attributes", "Comma-separated; one of them is enough."),
)


def register(server: Flask, doors: Doors) -> None:
    api = Blueprint("assets", __name__, url_prefix="/v2/assets")
    guarded(api, doors.keys)

    @CATALOGUE.serves(
        api, "GET", "", "What trades here.", list[shapes.Asset], tag="market", parameters=FILTERS, refusals=REFUSALS
    )
    def on_assets() -> Response:
        wanted = filters(Query(request.args))
        return answered([each for each in map(asset, doors.desk.instruments.values()) if wanted(each)])

    @CATALOGUE.serves(
        api,
        "GET",
        "/{symbol_or_asset_id}",
        "One asset, by symbol (`BTC/USD` or `BTCUSD`) or id.",
        shapes.Asset,
        tag="market",
        refusals=REFUSALS,
    )
    def on_asset(symbol_or_asset_id: str) -> Response:
        instrument = found(symbol_or_asset_id, doors.desk.instruments)
        if instrument is None:
            raise Refused(f"asset not found for {shortened(symbol_or_asset_id)}", 404, NOT_FOUND)
        return answered(asset(instrument))

    server.register_blueprint(api)


def filters(asked: Query) -> Callable[[shapes.Asset], bool]:
    status = asked.one_of("status", STATUSES, "active")
    asset_class = asked.one_of("asset_class", CLASSES, "us_equity")
    listed_at = asked.one_of("exchange", EXCHANGES, "NASDAQ") if asked.text("exchange") else None
    attributes = {each.strip() for each in asked.text("attributes").split(",") if each.strip()}

    def is_wanted(each: shapes.Asset) -> bool:
        is_right = each.status == status and each.class_ == asset_class and listed_at in (None, each.exchange)
        return is_right and (not attributes or bool(attributes & set(each.attributes)))

    return is_wanted


def asset(instrument: Instrument) -> shapes.Asset:
    """As it may be traded here. Coins are neither sold short nor bought on margin."""
    coin = is_coin(instrument)
    shortable = instrument.shortable and not coin
    is_lent = shortable and instrument.easy_to_borrow
    fractionable = coin or instrument.fractionable
    return shapes.Asset(
        id=asset_id(instrument.symbol),
        class_="crypto" if coin else "us_equity",
        cusip=None,
        exchange=exchange(instrument),
        symbol=instrument.symbol,
        name=instrument.name,
        status="active",
        tradable=True,
        marginable=not coin and instrument.marginable,
        shortable=shortable,
        easy_to_borrow=is_lent,
        borrow_status="easy_to_borrow" if is_lent else "hard_to_borrow" if shortable else "not_available",
        fractionable=fractionable,
        maintenance_margin_requirement=MAINTENANCE[coin],
        margin_requirement_long=str(MAINTENANCE[coin]),
        margin_requirement_short="100" if coin else "30",
        attributes=["fractional_eh_enabled"] if fractionable and not coin else [],
        min_order_size=number(instrument.lot_size) if coin else msgspec.UNSET,
        min_trade_increment=number(instrument.lot_size) if coin else msgspec.UNSET,
        price_increment=number(instrument.tick_size) if coin else msgspec.UNSET,
    )
