"""Who makes the request at hand: a person, a program that shows a key, or one that shows none.

The page's own doors are a person's. To `/sim/v1` a person shows the token of the data folder; who shows a program's
key is never a person, whatever else is shown.
"""

import hmac
from collections.abc import Callable

from flask import Flask, Response, request
from msgspec import Struct

from tradesim.api.control.answers import answer
from tradesim.desk.desk import Desk
from tradesim.desk.risk import GUARD, LIMIT, PERSON
from tradesim.kernel.errors import Refused
from tradesim.model.orders import Rejection

HEADER = "X-TradeSim-Person"
PAGE_DOORS = frozenset({"/page/intents", "/_dash-update-component"})
DESKS_OWN = frozenset({PERSON, LIMIT, GUARD})
"""What a program cannot call itself."""


class Callers(Struct, frozen=True):
    """`is_bot`: the request shows a program's key, be it a wrong one. `account_name`: of the account that it opens.

    Without a `token` nobody is a person. `has_keys`: there are programs with keys, who share the market.
    """

    token: str = ""
    is_bot: Callable[[], bool] = lambda: False
    account_name: Callable[[], str | None] = lambda: None
    has_keys: Callable[[], bool] = lambda: False

    @property
    def is_person(self) -> bool:
        given = request.headers.get(HEADER, "").encode("utf-8", "surrogatepass")
        return bool(self.token) and hmac.compare_digest(given, self.token.encode()) and not self.is_bot()

    def named(self, by: str) -> str | Rejection:
        """What the desk is told of who asks: a program is what it calls itself."""
        if self.is_person:
            return PERSON
        return person_needed(f"only a person may act as {by}") if by in DESKS_OWN else by

    def unless_person(self, deed: str) -> Rejection | None:
        """None for a person; `deed` is what only a person may do."""
        return None if self.is_person else person_needed(f"only a person may {deed}")

    def unless_alone(self, deed: str) -> Rejection | None:
        """None for a person, and for any program while there are no keys: who changes the market does it for all."""
        return self.unless_person(deed) if self.has_keys() else None

    def unless_own(self, desk: Desk, account_id: str) -> Rejection | None:
        """A program with a key looks after the account that its key opens, one without after the desk's own."""
        if not self.is_bot():
            is_own = account_id in ("", desk.status().account_id) or self.is_person
            why = "while there are keys, a program without one is for the desk's own account alone"
            return None if is_own or not self.has_keys() else person_needed(why)
        name = self.account_name()
        try:
            own = None if name is None else desk.account_id_of(name)
        except Refused:
            own = None
        return None if own == account_id else person_needed("a bot's key is for its own account alone")


def person_needed(why: str) -> Rejection:
    return Rejection("person_needed", f"{why}: show {HEADER}, see `tradesim person`; a bot's key is never a person's")


def register(server: Flask, callers: Callers) -> None:
    """The page's doors are for the page: a browser says whose page asks, and shows no program's key."""

    @server.before_request
    def on_request() -> Response | None:
        if request.path not in PAGE_DOORS or (request.headers.get("Origin") and not callers.is_bot()):
            return None
        return answer(person_needed("only the page asks here"))
