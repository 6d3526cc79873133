"""`/v2/stocks/auctions`: what the call auctions at open and close came to, day by day."""

from collections.abc import Iterator
from datetime import date
from typing import Any

import numpy as np
from flask import Blueprint, Flask, Response, request

from tradesim.api.alpaca.data import shapes
from tradesim.api.alpaca.data.asking import Query, answered, checked
from tradesim.api.alpaca.data.doors import CATALOGUE, REFUSALS, Doors, guarded
from tradesim.api.alpaca.data.paging import paged
from tradesim.api.alpaca.data.showing import NOTHING, Pick, Picked, Showing
from tradesim.api.alpaca.data.stocks import ASOF, FEED, SPAN, SYMBOL, SYMBOLS, span_and_pick
from tradesim.api.alpaca.data.times import NEW_YORK, local, stamp
from tradesim.api.alpaca.listings import Listing
from tradesim.desk.zones import midnight
from tradesim.kernel.clock import NS_PER_SECOND

NOON = 12
OPENING, CLOSING = "O", "6"
AUCTIONS, AUCTIONS_OF_ONE = shapes.page("auctions", shapes.AuctionDay)


def register(server: Flask, doors: Doors) -> None:
    api = Blueprint("auctions", __name__, url_prefix="/v2/stocks")
    guarded(api, doors.keys)

    @CATALOGUE.serves(
        api, "GET", "/auctions", "Opening and closing auctions of many symbols.", AUCTIONS,
        parameters=(SYMBOLS, *SPAN, ASOF, *FEED), refusals=REFUSALS,
    )  # fmt: skip
    def on_many() -> Response:
        asked = Query(request.args)
        page = paged(asked.symbols(), span_and_pick(doors, asked, "trades")[0], held(doors.showing))
        return answered({"auctions": page.rows, "next_page_token": page.next_page_token})

    @CATALOGUE.serves(
        api, "GET", "/{symbol}/auctions", "Opening and closing auctions of one.", AUCTIONS_OF_ONE,
        parameters=(SYMBOL, *SPAN, ASOF, *FEED), refusals=REFUSALS,
    )  # fmt: skip
    def on_one(symbol: str) -> Response:
        asked, wanted = Query(request.args), checked(symbol)
        page = paged([wanted], span_and_pick(doors, asked, "trades")[0], held(doors.showing))
        rows = page.rows.get(wanted, [])
        return answered({"auctions": rows, "symbol": wanted, "next_page_token": page.next_page_token})

    server.register_blueprint(api)


def held(showing: Showing) -> Pick:
    """Those since the market was opened: one row a day."""

    def pick(symbol: str, start: int, end: int) -> Picked:
        ticks, listing = showing.desk.ticks(symbol), showing.listing(symbol)
        if ticks is None or listing is None or listing.is_coin:
            return NOTHING
        rows = [row for row in ticks.crosses.since(0)[1].tolist() if start <= row[0] <= end]
        days = sorted({local(row[0]).date() for row in rows})
        begins = np.array([midnight(day, NEW_YORK) * NS_PER_SECOND for day in days], np.int64)
        return Picked(begins, np.zeros(len(days), np.int64), lambda place: day_of(days[place], rows, listing))

    return pick


def day_of(day: date, rows: list[list[int]], listing: Listing) -> shapes.AuctionDay:
    own = [row for row in rows if local(row[0]).date() == day]
    return shapes.AuctionDay(
        day.isoformat(), list(crosses(own, listing, OPENING)), list(crosses(own, listing, CLOSING))
    )


def crosses(rows: list[list[int]], listing: Listing, condition: str) -> Iterator[Any]:
    for ts, price, lots, *_ in rows:
        if (local(ts).hour < NOON) == (condition == OPENING):
            yield shapes.AuctionPrint(stamp(ts), listing.exchange, listing.price(price), listing.qty(lots), condition)
