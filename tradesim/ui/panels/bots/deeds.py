"""What the Bots view does: starting, stopping, taking a file. The answer is data for assets/bots.js."""

import shlex
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from tradesim.desk.bookkeeping import LONGEST_NAME, is_default
from tradesim.kernel.errors import Refused
from tradesim.ui.programs import BotHouse

LONGEST_S = 7 * 86_400
LONGEST_ARGUMENTS = 2_000
UNITS = {"s": 1, "m": 60, "h": 3_600}
Wish = Mapping[str, Any]
Deed = Callable[[BotHouse, Wish], dict[str, Any]]


def done_data(bots: BotHouse, wish: Wish, retired: Sequence[str] = ()) -> dict[str, Any]:
    """`{n, do, ok, message}`, with the `id` of what was started or the `file` that was taken.

    `retired` are names of archived accounts: no bot's key opens one of that name.
    """
    deeds: dict[str, Deed] = {"start": partial(start, retired=retired), "stop": stop, "save": save, "example": example}
    do = deeds.get(str(wish.get("do")))
    told = {"n": wish.get("n"), "do": wish.get("do")}
    try:
        if do is None:
            raise Refused(f"wanted one of {', '.join(deeds)}, was {str(wish.get('do'))[:40]!r}")
        return {**told, "ok": True, **do(bots, wish)}
    except Refused as refused:
        return {**told, "ok": False, "message": str(refused)}


def start(bots: BotHouse, wish: Wish, retired: Sequence[str] = ()) -> dict[str, Any]:
    path = str(wish.get("file") or "")
    if not path:
        raise Refused("choose a bot first; the example is one")
    account, arguments = account_of(path, wish, retired), arguments_of(str(wish.get("arguments") or ""))
    run = bots.start(path, account, limit_of(wish), arguments).run
    return {"id": run.id, "message": f"{run.name} runs, in the account {run.account}."}


def account_of(path: str, wish: Wish, retired: Sequence[str] = ()) -> str:
    """The account that was chosen, else one of the bot's own, called after its file: its orders meet nobody else's.

    Where that one was archived the next is called `NAME 2`. Raises Refused for a chosen name that is retired.
    """
    chosen = " ".join(str(wish.get("account") or "").split())
    stem = Path(path).stem[:LONGEST_NAME]
    own = free_name(chosen or (f"{stem} bot" if is_default(stem) else stem), retired)
    if chosen and own != chosen:
        raise Refused(f"the account {chosen} was archived, and no bot opens it anew: take another name, such as {own}")
    return own


def free_name(name: str, retired: Sequence[str]) -> str:
    """The first of `name`, `name 2`, `name 3` … that is not retired; as assets/bots_account.js says it."""
    gone = {each.casefold() for each in retired}
    endings = ("", *(f" {number}" for number in range(2, len(gone) + 2)))
    return next(found for each in endings if (found := name[: LONGEST_NAME - len(each)] + each).casefold() not in gone)


def limit_of(wish: Wish) -> float | None:
    """Seconds; None without a limit. Raises Refused."""
    text = str(wish.get("limit") or "").strip()
    if not text:
        return None
    try:
        seconds = float(text) * UNITS[str(wish.get("unit") or "s")]
    except (ValueError, KeyError):
        seconds = -1.0
    if not 0 < seconds <= LONGEST_S:
        raise Refused(f"the time limit must be a number from above 0 to 7 days, was {text[:20]!r}")
    return seconds


def arguments_of(text: str) -> list[str]:
    """As a shell splits them, without running anything. Raises Refused."""
    try:
        return shlex.split(text[:LONGEST_ARGUMENTS])
    except ValueError as error:
        raise Refused(f"the arguments cannot be split: {str(error).lower()}") from None


def stop(bots: BotHouse, wish: Wish) -> dict[str, Any]:
    run = bots.stop(str(wish.get("id") or "")).run
    return {"id": run.id, "message": f"{run.name} was stopped."}


def save(bots: BotHouse, wish: Wish) -> dict[str, Any]:
    kept = bots.save(str(wish.get("name") or ""), str(wish.get("content") or "").encode("utf-8", "replace"))
    return {"file": str(kept), "message": f"{kept.name} lies in the bots folder. It runs as you."}


def example(bots: BotHouse, wish: Wish) -> dict[str, Any]:
    kept = bots.take_example(str(wish.get("name") or ""))
    return {"file": str(kept), "message": f"{kept.name} lies in the bots folder, for you to read, start and change."}
