"""The trading half of the Alpaca facade, put together."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from flask import Flask

from tradesim.api.alpaca import account, activities, door, events, forms, history, orders, positions, stream, watchlists
from tradesim.api.alpaca.directory import Directory
from tradesim.api.alpaca.door import Door
from tradesim.api.alpaca.line import Lines
from tradesim.api.alpaca.updates import Updates
from tradesim.api.alpaca.watchlists import Drawer
from tradesim.desk.desk import Desk
from tradesim.model.instrument import Instrument

ShowAsset = Callable[[Instrument], dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Facade:
    """What must be ended when the house closes, and what others may build on."""

    updates: Updates
    directory: Directory
    lines: Lines
    events: events.Events

    def stop(self) -> None:
        self.lines.stop()
        self.events.stop()


def register(server: Flask, desk: Desk, door_: Door, drawer: Drawer, show_asset: ShowAsset | None = None) -> Facade:
    """Serve `desk` to Alpaca's clients. `show_asset` renders an instrument inside a watchlist."""
    door.register(server, door_)
    api = door.blueprint("alpaca_trading")
    updates, directory = Updates(desk), Directory(desk)
    order_door = orders.OrderDoor(desk, updates, directory)
    orders.register(api, order_door)
    positions.register(api, positions.PositionDoor(order_door))
    account.register(api, desk, account.Configurations(desk, drawer))
    activities.register(api, activities.Activities(desk, updates))
    history.register(api, history.History(desk, updates))
    watchlists.register(api, watchlists.Watchlists(desk, drawer, directory, show_asset or asset_shape))
    reading = events.register(api, desk, updates)
    server.register_blueprint(api)
    return Facade(updates, directory, stream.register(server, desk, door_.keys, updates), reading)


def asset_shape(instrument: Instrument) -> dict[str, Any]:
    """As an asset stands in a watchlist."""
    is_share = forms.asset_class(instrument) == "us_equity"
    return {
        "id": forms.asset_id(instrument.symbol),
        "class": forms.asset_class(instrument),
        "exchange": forms.exchange(instrument),
        "symbol": instrument.symbol,
        "name": instrument.name,
        "status": "active",
        "tradable": True,
        "marginable": is_share,
        "shortable": instrument.shortable and is_share,
        "easy_to_borrow": instrument.shortable and is_share,
        "fractionable": True,
        "attributes": [],
    }
