"""What the Bots view shows, as plain data for assets/bots.js. Times in ms, money as text."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any, Protocol

from tradesim.desk.views import AccountView, ThrottleView
from tradesim.kernel.clock import NS_PER_MS
from tradesim.kernel.errors import Refused
from tradesim.model.risk import RiskState, RiskView
from tradesim.ui.programs import BotHouse, Programs

LOG_LINES = 400
SHOWN_RUNS = 50
CENT = Decimal("0.01")
Wish = Mapping[str, Any]


class Watching(Protocol):
    """The desk, as this view needs it."""

    def account_names(self) -> tuple[str, ...]: ...

    def accounts(self) -> Mapping[str, AccountView]: ...

    def risks(self) -> Mapping[str, RiskView]: ...

    def throttles(self) -> Sequence[ThrottleView]: ...


def rows_data(desk: Watching, programs: Programs, wish: Wish, now_s: float) -> dict[str, Any]:
    """`now_s` is the wall clock's; `files` and `examples` only when they were asked for."""
    bots, default = programs.bots, desk.account_names()[0]
    labels = {key.id: key.note for key in programs.keys.list()}
    found: dict[str, Any] = {
        "n": wish.get("n"),
        "runs": [run_row(bot, bots, default, now_s) for bot in bots.list()[:SHOWN_RUNS]],
        "programs": program_rows(desk, bots, labels),
    }
    if wish.get("log"):
        found["log"] = log_data(bots, str(wish["log"]))
    if wish.get("files"):
        found |= files_data(bots)
    return found


def files_data(bots: BotHouse) -> dict[str, Any]:
    examples = [{"name": name, "title": title} for name, title in bots.examples()]
    files = [{"name": path.name, "path": str(path)} for path in bots.available()]
    return {
        "files": files,
        "examples": examples,
        "takes_no_files": bots.takes_no_files,
    }


def run_row(bot: Any, bots: BotHouse, default: str, now_s: float) -> dict[str, Any]:
    run = bot.run
    is_running = run.state == "running"
    left_s = None if run.time_limit_s is None or not is_running else run.started_at + run.time_limit_s - now_s
    return {
        "id": run.id,
        "name": run.name,
        "account": run.account or default,
        "key": run.key,
        "state": run.state,
        "since": int(run.started_at * 1_000),
        "ran_s": max((run.ended_at or now_s) - run.started_at, 0),
        "left_s": None if left_s is None else max(left_s, 0),
        "code": run.exit_code,
        "line": bots.last_line(run),
        **performance(bot.performance),
    }


def performance(done: Any) -> dict[str, Any]:
    return {
        "orders": done.orders,
        "rate": done.orders_per_s,
        "fills": done.fills,
        "profit": str(done.profit.quantize(CENT)),
    }


def program_rows(desk: Watching, bots: BotHouse, labels: Mapping[str, str]) -> list[dict[str, Any]]:
    """Each with what the runaway guard says of it: halted now, or told to wait the last time."""
    accounts, risks = desk.accounts(), desk.risks()
    throttles = {(each.account_id, each.source): each for each in desk.throttles()}
    return [
        {
            "source": program.source,
            "key": program.key,
            "label": labels.get(program.key, ""),
            "account": name_of(accounts.get(program.account_id)),
            **performance(program.performance),
            "last": last_order(program.last),
            "last_at": program.last.created_at // NS_PER_MS,
            **standing(risks.get(program.account_id), throttles.get((program.account_id, program.source))),
        }
        for program in bots.programs()
    ]


def name_of(view: AccountView | None) -> str:
    return view.account.name if view else "another market's"


def last_order(order: Any) -> str:
    price = "" if order.limit_price is None else f" at {order.limit_price:,}"
    return f"{order.side.value.capitalize()} {order.qty:,f} {order.symbol}{price}"


def standing(risk: RiskView | None, throttle: ThrottleView | None) -> dict[str, Any]:
    """`halted`, `reducing`, `throttled` (and when, in market time), or free."""
    if risk is not None and risk.state is not RiskState.ACTIVE:
        return {"standing": risk.state.value, "why": risk.message, "at": risk.since // NS_PER_MS}
    if throttle is not None:
        return {"standing": "throttled", "why": throttle.message, "at": throttle.at // NS_PER_MS}
    return {"standing": "", "why": "", "at": None}


def log_data(bots: BotHouse, id_: str) -> dict[str, Any]:
    try:
        return {"id": id_, "text": bots.tail(id_, LOG_LINES)}
    except Refused as refused:
        return {"id": id_, "text": str(refused)}
