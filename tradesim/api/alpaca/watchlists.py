"""`/v2/watchlists`: lists of symbols that a program keeps with its account, the same in every market."""

import uuid
from collections.abc import Callable
from typing import Any, Protocol

from flask import Blueprint, Response, g, request

from tradesim.api.alpaca import forms
from tradesim.api.alpaca.directory import Directory
from tradesim.api.alpaca.door import account_id, answer, nothing
from tradesim.api.alpaca.errors import not_found, unprocessable, wrong_input
from tradesim.api.alpaca.reading import Body, Query, body_of, word
from tradesim.desk.desk import Desk
from tradesim.model.instrument import Instrument

NAME = "watchlists"
LONGEST_NAME = 64
MOST_LISTS, MOST_SYMBOLS = 200, 500
Watchlist = dict[str, Any]


class Drawer(Protocol):
    """What storage.drawer.Drawer is to the doors."""

    def get(self, owner: str, name: str, default: Any = None) -> Any: ...

    def put(self, owner: str, name: str, value: Any) -> None: ...


class Watchlists:
    """By account's name. `show` gives the asset of an instrument."""

    def __init__(self, desk: Desk, drawer: Drawer, directory: Directory, show: Callable[[Instrument], Any]) -> None:
        self._desk, self._drawer, self._directory, self._show = desk, drawer, directory, show

    def all(self) -> list[dict[str, Any]]:
        return [self._head(each) for each in self._kept()]

    def create(self, body: Body) -> dict[str, Any]:
        kept = self._kept()
        name = self._new_name(word(body, "name"), kept)
        if len(kept) >= MOST_LISTS:
            raise unprocessable(f"at most {MOST_LISTS} watchlists can be kept")
        now = forms.moment(self._desk.status().now)
        id_ = str(uuid.uuid4())
        made = {"id": id_, "name": name, "created_at": now, "updated_at": now, "symbols": self._symbols(body)}
        self._keep([*kept, made])
        return self._whole(made)

    def find(self, key: str, value: str) -> dict[str, Any]:
        return self._whole(self._one(key, value))

    def update(self, key: str, value: str, body: Body) -> dict[str, Any]:
        """The name, the symbols, or both."""
        former = self._one(key, value)
        others = [each for each in self._kept() if each is not former]
        given = word(body, "name")
        name = former["name"] if given in (None, former["name"]) else self._new_name(given, others)
        symbols = former["symbols"] if body.get("symbols") is None else self._symbols(body)
        return self._changed(former, name=name, symbols=symbols)

    def add(self, key: str, value: str, body: Body) -> dict[str, Any]:
        former, given = self._one(key, value), word(body, "symbol")
        if given is None:
            raise wrong_input("symbol is required")
        symbol = self._symbol(given)
        if symbol in former["symbols"]:
            raise unprocessable("duplicate symbol")
        return self._changed(former, symbols=[*former["symbols"], symbol])

    def drop_symbol(self, key: str, value: str, given: str) -> dict[str, Any]:
        former = self._one(key, value)
        instrument = self._directory.find(given)
        symbol = instrument.symbol if instrument else given
        if symbol not in former["symbols"]:
            raise not_found(f"symbol not found in watchlist: {given}")
        return self._changed(former, symbols=[each for each in former["symbols"] if each != symbol])

    def delete(self, key: str, value: str) -> None:
        former = self._one(key, value)
        self._keep([each for each in self._kept() if each is not former])

    def _kept(self) -> list[Watchlist]:
        found: list[Watchlist] = self._drawer.get(g.alpaca_account or "", NAME, [])
        return found

    def _keep(self, lists: list[Watchlist]) -> None:
        self._drawer.put(g.alpaca_account or "", NAME, lists)

    def _one(self, key: str, value: str) -> Watchlist:
        found = next((each for each in self._kept() if each[key] == value), None)
        if found is None:
            raise not_found("watchlist not found")
        return found

    def _changed(self, former: Watchlist, **changes: Any) -> dict[str, Any]:
        made = {**former, **changes, "updated_at": forms.moment(self._desk.status().now)}
        self._keep([made if each is former else each for each in self._kept()])
        return self._whole(made)

    def _new_name(self, name: str | None, others: list[Watchlist]) -> str:
        if not name or len(name) > LONGEST_NAME:
            raise wrong_input(f"watchlist name must have 1 to {LONGEST_NAME} characters")
        if any(each["name"] == name for each in others):
            raise unprocessable("watchlist name must be unique")
        return name

    def _symbols(self, body: Body) -> list[str]:
        given = body.get("symbols") or []
        if not isinstance(given, list) or not all(isinstance(each, str) for each in given):
            raise wrong_input("invalid symbols")
        if len(given) > MOST_SYMBOLS:
            raise unprocessable(f"at most {MOST_SYMBOLS} symbols can be kept in a watchlist")
        return list(dict.fromkeys(self._symbol(each) for each in given))

    def _symbol(self, name: str) -> str:
        instrument = self._directory.find(name)
        if instrument is None:
            raise unprocessable(f"asset not found for {name}")
        return instrument.symbol

    def _head(self, kept: Watchlist) -> dict[str, Any]:
        account = forms.account_uuid(account_id(self._desk))
        return {"account_id": account, **{name: kept[name] for name in ("id", "name", "created_at", "updated_at")}}

    def _whole(self, kept: Watchlist) -> dict[str, Any]:
        found = (self._desk.instruments.get(symbol) for symbol in kept["symbols"])
        return {**self._head(kept), "assets": [self._show(instrument) for instrument in found if instrument]}


def body() -> Body:
    return body_of(request.get_data(cache=False))


def name_asked() -> str:
    name = Query(request.args).word("name")
    if not name:
        raise wrong_input("name is required")
    return name


def register(api: Blueprint, lists: Watchlists) -> None:
    @api.get("/v2/watchlists")
    def on_lists() -> Response:
        return answer(lists.all())

    @api.post("/v2/watchlists")
    def on_new_list() -> Response:
        return answer(lists.create(body()))

    @api.get("/v2/watchlists/<id_>")
    def on_list(id_: str) -> Response:
        return answer(lists.find("id", id_))

    @api.put("/v2/watchlists/<id_>")
    def on_update(id_: str) -> Response:
        return answer(lists.update("id", id_, body()))

    @api.post("/v2/watchlists/<id_>")
    def on_add(id_: str) -> Response:
        return answer(lists.add("id", id_, body()))

    @api.delete("/v2/watchlists/<id_>")
    def on_delete(id_: str) -> Response:
        lists.delete("id", id_)
        return nothing()

    @api.delete("/v2/watchlists/<id_>/<path:symbol>")
    def on_drop(id_: str, symbol: str) -> Response:
        return answer(lists.drop_symbol("id", id_, symbol))

    @api.get("/v2/watchlists:by_name")
    def on_named() -> Response:
        return answer(lists.find("name", name_asked()))

    @api.put("/v2/watchlists:by_name")
    def on_update_named() -> Response:
        return answer(lists.update("name", name_asked(), body()))

    @api.post("/v2/watchlists:by_name")
    def on_add_named() -> Response:
        return answer(lists.add("name", name_asked(), body()))

    @api.delete("/v2/watchlists:by_name")
    def on_delete_named() -> Response:
        lists.delete("name", name_asked())
        return nothing()
