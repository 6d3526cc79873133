"""What the API view shows of keys, as plain data for assets/keys_view.js. Times in ms of the wall clock.

A secret is in one answer alone: that to the wish that made its key.
"""

from collections.abc import Mapping
from typing import Any, Protocol

from tradesim.kernel.clock import NS_PER_MS
from tradesim.kernel.errors import Refused
from tradesim.ui.programs import KeyHouse, Programs

BOT_NOTE = "bot "
"""How the label of a key begins that a bot has for one run."""
Wish = Mapping[str, Any]


class Accounts(Protocol):
    """The desk, as this view needs it."""

    def account_names(self) -> tuple[str, ...]: ...


def rows_data(desk: Accounts, keys: KeyHouse, wish: Wish) -> dict[str, Any]:
    """Newest first."""
    names = list(desk.account_names())
    default = names[0] if names else "Paper"
    rows = [row(key, keys, default) for key in reversed(keys.list())]
    return {"n": wish.get("n"), "accounts": names, "keys": rows}


def row(key: Any, keys: KeyHouse, default: str) -> dict[str, Any]:
    use = keys.uses.of(key.id)
    return {
        "id": key.id,
        "account": key.account or default,
        "label": key.note,
        "is_bots": key.note.startswith(BOT_NOTE),
        "created": key.created_at // NS_PER_MS,
        "used": use.last_used_at // NS_PER_MS if use else None,
        "today": use.requests if use else 0,
    }


def made_data(programs: Programs, wish: Wish) -> dict[str, Any]:
    """A new key with its secret, and what a client that shows it is answered."""
    account, label = str(wish.get("account") or "").strip(), str(wish.get("label") or "").strip()
    try:
        made = programs.keys.create(account, label)
    except Refused as refused:
        return {"n": wish.get("n"), "ok": False, "message": str(refused)}
    status, body = programs.try_out(made.key.id, made.secret)
    return {
        "n": wish.get("n"),
        "ok": True,
        "message": "The secret is not kept: this is the only time that it is shown.",
        "id": made.key.id,
        "secret": made.secret,
        "account": account,
        "trial": {"status": status, "body": body},
    }


def revoked_data(keys: KeyHouse, wish: Wish) -> dict[str, Any]:
    id_ = str(wish.get("id") or "")
    try:
        keys.revoke(id_)
    except Refused as refused:
        return {"n": wish.get("n"), "id": id_, "ok": False, "message": str(refused)}
    return {"n": wish.get("n"), "id": id_, "ok": True, "message": f"{id_} opens nothing any more."}
