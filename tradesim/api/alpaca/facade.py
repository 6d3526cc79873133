"""The trading half of the Alpaca facade, put together."""

from flask import Flask
from msgspec import Struct

from tradesim.api.alpaca import account, activities, door, events, history, orders, positions, stream, watchlists
from tradesim.api.alpaca.data import assets
from tradesim.api.alpaca.directory import Directory
from tradesim.api.alpaca.door import Door
from tradesim.api.alpaca.line import Lines
from tradesim.api.alpaca.seats import Seats
from tradesim.api.alpaca.updates import Updates
from tradesim.api.alpaca.watchlists import Drawer
from tradesim.api.treatment import Treating, faithfully
from tradesim.desk.desk import Desk


class Facade(Struct, frozen=True):
    """What must be ended when the house closes, and what others may build on."""

    updates: Updates
    directory: Directory
    lines: Lines
    events: events.Events

    def stop(self) -> None:
        self.lines.stop()
        self.events.stop()


def register(
    server: Flask,
    desk: Desk,
    door_: Door,
    drawer: Drawer,
    treat: Treating = faithfully,
    seats: Seats | None = None,
) -> Facade:
    """Serve `desk` to Alpaca's clients. Who follows trade updates takes one of `seats`."""
    door.register(server, door_)
    seats = seats or Seats()
    api = door.blueprint("alpaca_trading")
    updates, directory = Updates(desk), Directory(desk)
    order_door = orders.OrderDoor(desk, updates, directory)
    orders.register(api, order_door)
    positions.register(api, positions.PositionDoor(order_door))
    account.register(api, desk, account.Configurations(desk, drawer))
    activities.register(api, activities.Activities(desk, updates))
    history.register(api, history.History(desk, updates))
    watchlists.register(api, watchlists.Watchlists(desk, drawer, directory, assets.asset))
    reading = events.register(api, desk, updates, door_.keys, seats)
    server.register_blueprint(api)
    return Facade(updates, directory, stream.register(server, desk, door_.keys, updates, seats, treat), reading)
