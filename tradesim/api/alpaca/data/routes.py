"""Every address of Alpaca's market data, on one server."""

from collections.abc import Callable

from flask import Flask

from tradesim.api.alpaca.auth import Keys
from tradesim.api.alpaca.data import actions, assets, auctions, calendars, crypto, lists, stocks
from tradesim.api.alpaca.data.doors import Doors
from tradesim.api.alpaca.data.plan import Plan
from tradesim.desk.desk import Desk
from tradesim.desk.zones import Holidays

WITHOUT_LIMITS = Plan()


def register(
    server: Flask, desk: Desk, keys: Keys, holidays: Callable[[], Holidays], plan: Plan = WITHOUT_LIMITS
) -> Doors:
    """`holidays` are New York's; they are looked up when they are first wanted."""
    doors = Doors(desk, keys, plan)
    stocks.register(server, doors)
    crypto.register(server, doors)
    assets.register(server, doors)
    calendars.register(server, doors, holidays)
    lists.register(server, doors)
    actions.register(server, doors)
    auctions.register(server, doors)
    return doors
