"""Wishes from the browser's code (ladder, chart lines, keys, ticket) into commands: one door for all gestures."""

import logging
from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import Any

import msgspec
from flask import Flask, Response, jsonify, request
from msgspec.structs import fields, replace

from tradesim.desk.bookkeeping import MARGIN_CALL
from tradesim.desk.desk import Desk
from tradesim.desk.risk import KILL_SWITCH
from tradesim.kernel.clock import NS_PER_MS
from tradesim.kernel.counting import counted
from tradesim.model.accounts import STANDARD_RULES, Account, AccountRules
from tradesim.model.commands import (
    AnnotateTrip,
    ArchiveAccount,
    CancelAllOrders,
    CancelOrder,
    ClosePosition,
    ConfigureAccount,
    Flatten,
    HaltTrading,
    Kill,
    MoveCash,
    OpenAccount,
    OpenLive,
    OpenReplay,
    OpenSimulated,
    Pause,
    Play,
    Reactivate,
    ReplaceOrder,
    ResetAccount,
    ResumeTrading,
    SeekMarket,
    SetRiskLimits,
    SetSpeed,
    StepMarket,
    SubmitOrder,
    UseAccount,
)
from tradesim.model.market import Side
from tradesim.model.orders import ExitLeg, Order, OrderClass, OrderStatus, OrderType, Rejection, TimeInForce
from tradesim.model.risk import STANDARD_LIMITS, KillMode, RiskLimits, RiskState, RiskView
from tradesim.ui.wishes import BadIntent, Intent, names, number, one_of, real, text, whole

logger = logging.getLogger(__name__)

PATH = "/page/intents"
MOST_AT_ONCE = 50
MOST_DIGITS = 12
LONGEST_MEMO = 120
PATIENCE_S = 60.0
WHOLE_DESK = "desk"
"""The `scope` of an intent that concerns every account."""
NOT_THE_PAGES, BY_KEY = frozenset({MARGIN_CALL, KILL_SWITCH, "api"}), "alpaca:"
"""Sources of orders that are the desk's own, or programs'."""


def register(server: Flask, desk: Desk) -> None:
    """A route of the page's own: through Dash's renderer a click would take several frames longer."""

    @server.post(PATH)
    def on_intents() -> tuple[Response, int]:
        intents = read(request.get_data(cache=False)) if request.is_json else None
        if not isinstance(intents, list) or len(intents) > MOST_AT_ONCE:
            return jsonify({"code": "bad_request", "message": f"wanted a list of up to {MOST_AT_ONCE} intents"}), 400
        return jsonify([receipt(desk, intent) for intent in intents]), 200


def read(body: bytes) -> Any:
    """None for what is no JSON. Text that nobody can write down, such as half a surrogate pair, is none."""
    try:
        return msgspec.json.decode(body)
    except (ValueError, RecursionError):
        return None


def receipt(desk: Desk, intent: Intent) -> dict[str, Any]:
    """What came of one intent: `{id, ok, message, code?, field?, order_id?, status?}`."""
    if not isinstance(intent, dict):
        return told({}, Rejection("bad_request", f"an intent must be an object, was {type(intent).__name__}"))
    try:
        account_id = account_of(intent, desk)
        command = completed(command_of(intent, account_id), intent, desk)
    except BadIntent as bad:
        return told(intent, Rejection("bad_request", str(bad), bad.field))
    if isinstance(command, AnnotateTrip):
        return told(intent, desk.review.annotate(command.trip_id, command.note, command.tags, command.account_id))
    return told(intent, desk.submit(command, PATIENCE_S if isinstance(command, OpenReplay | OpenLive) else 5.0))


def completed(command: Any, intent: Intent, desk: Desk) -> Any:
    """What an intent leaves out of rules or limits stays as it is now."""
    match command:
        case ConfigureAccount(account_id=account_id):
            return ConfigureAccount(account_id, rules(intent, desk.account(account_id).account.rules))
        case SetRiskLimits(account_id=account_id):
            present = desk.risks().get(account_id)
            if present is None:
                raise BadIntent(f"account must be one of the open market, was {account_id}", "account")
            return SetRiskLimits(account_id, limits(intent, present.own_limits))
    return command


def account_of(intent: Intent, desk: Desk) -> str:
    """Whose intent it is: the account that it names, or the one that the open market has of its own."""
    named = intent.get("account")
    if named is None or named == "":
        return desk.status().account_id
    if not isinstance(named, str) or not desk.knows_account(named):
        raise BadIntent(f"account must be the id of an account, was {named!r:.60}", "account")
    return named


def told(intent: Intent, answer: Any) -> dict[str, Any]:
    if isinstance(answer, Rejection):
        logger.info("refused %s: %s", intent.get("do"), answer.message)
        return {
            "id": intent.get("id"),
            "ok": False,
            "message": f"Refused: {answer.message}",
            "code": answer.code,
            "field": answer.field,
        }
    if isinstance(answer, Account):
        message = f"{answer.name}: {money(answer.cash)} {answer.currency}"
        return {"id": intent.get("id"), "ok": True, "message": message, "order_id": None, "account_id": answer.id}
    order = {"order_id": answer.id, "status": answer.status.value} if isinstance(answer, Order) else {"order_id": None}
    return {"id": intent.get("id"), "ok": True, "message": done(intent, answer), **order}


AUCTION_WORDS = {TimeInForce.OPG: "waits for the open", TimeInForce.CLS: "waits for the close"}
STATUS_WORDS = {
    OrderStatus.HELD: "waits for its entry",
    OrderStatus.ACCEPTED: "waits for its session",
    OrderStatus.PENDING_NEW: "on its way",
    OrderStatus.NEW: "working",
    OrderStatus.PARTIALLY_FILLED: "partly filled",
    OrderStatus.FILLED: "filled",
    OrderStatus.CANCELED: "cancelled",
    OrderStatus.EXPIRED: "expired",
    OrderStatus.REJECTED: "rejected",
}


def status_words(order: Order) -> str:
    if order.status is OrderStatus.ACCEPTED and order.time_in_force in AUCTION_WORDS:
        return AUCTION_WORDS[order.time_in_force]
    return STATUS_WORDS[order.status]


def done(intent: Intent, answer: Any) -> str:
    do = intent.get("do")
    if isinstance(answer, Order):
        match do:
            case "cancel":
                return f"Cancelling: {wording(answer)}"
            case "replace":
                return f"Changing to: {wording(as_wished(answer, intent))}"
        return sentence(answer)
    if isinstance(answer, list):
        return summary(do, answer)
    if isinstance(answer, RiskView):
        return risk_sentence(do, answer)
    return "Saved" if do == "annotate" else "Done"


WISHED = {"qty": "qty", "limit": "limit_price", "stop": "stop_price"}
"""What a change names, as an order calls it."""


def as_wished(order: Order, intent: Intent) -> Order:
    """The order as it will be once the venue has the change: until then it is still the old one."""
    changes: dict[str, Any] = {field: number(intent, name) for name, field in WISHED.items()}
    trail = "trail_price" if order.trail_price is not None else "trail_percent"
    changes[trail] = number(intent, "trail")
    return replace(order, **{field: value for field, value in changes.items() if value is not None})


def summary(do: object, answers: Sequence[Order | Rejection]) -> str:
    """Of a command that concerned several orders: how many, and why the first refused one was."""
    refused = [each.message for each in answers if isinstance(each, Rejection)]
    sent = len(answers) - len(refused)
    what = counted(sent, "order") if sent else "no orders"
    text = f"Cancelling {what}" if do == "cancel_all" else f"Cancelling all, {what} sent to close positions"
    return text + (f"; refused: {refused[0]}" if refused else "")


RISK_WORDS = {
    RiskState.ACTIVE: "Active: orders are taken",
    RiskState.REDUCING: "Reducing: only what makes a position smaller is taken",
    RiskState.HALTED: "Halted: only cancels are taken",
}


def risk_sentence(do: object, view: RiskView) -> str:
    """What holds after limits were set, or the switch was pulled or put back."""
    whose = "The desk's limits are set" if not view.account_id else "The limits are set"
    if do == "set_limits" and view.state is RiskState.ACTIVE:
        return whose
    found = RISK_WORDS[view.state] + (f" ({view.message})" if view.state is not RiskState.ACTIVE else "")
    return f"{whose}. {found}" if do == "set_limits" else found


def sentence(order: Order) -> str:
    """`Buy 100 AAPL at 229.83: working`."""
    return f"{wording(order)}: {status_words(order)}"


def wording(order: Order) -> str:
    return f"{order.side.value.capitalize()} {order.qty:,f} {order.symbol} {terms(order)}"


def terms(order: Order) -> str:
    """At what price, as a trader says it."""
    limit = f"at {order.limit_price:,}" if order.limit_price is not None else "at market"
    if order.type is OrderType.TRAILING_STOP:
        distance = f"{order.trail_price:,}" if order.trail_price is not None else f"{order.trail_percent:,} %"
        return f"on a stop that trails by {distance}"
    if order.stop_price is None:
        return limit
    return f"on a stop at {order.stop_price:,}" + (f", {limit}" if order.limit_price is not None else "")


def command_of(intent: Intent, account_id: str) -> Any:
    """Raises BadIntent with what was wanted and found."""
    do = intent.get("do")
    build = COMMANDS.get(do) if isinstance(do, str) else None
    if build is None:
        raise BadIntent(f"do must be one of {', '.join(COMMANDS)}, was {do!r}", "do")
    return build(intent, account_id)


def submit(intent: Intent, account_id: str) -> SubmitOrder:
    return SubmitOrder(
        account_id=account_id,
        symbol=text(intent, "symbol"),
        side=one_of(intent, "side", Side),
        type=one_of(intent, "type", OrderType, OrderType.MARKET),
        time_in_force=one_of(intent, "tif", TimeInForce, TimeInForce.DAY),
        qty=number(intent, "qty"),
        notional=number(intent, "notional"),
        limit_price=number(intent, "limit"),
        post_only=bool(intent.get("post_only")),
        client_order_id=intent.get("id") if isinstance(intent.get("id"), str) else None,
        source=source(intent),
        reduce_only=bool(intent.get("reduce_only")),
        stop_price=number(intent, "stop"),
        trail_price=number(intent, "trail"),
        trail_percent=number(intent, "trail_percent"),
        order_class=one_of(intent, "class", OrderClass, OrderClass.SIMPLE),
        take_profit=exit_leg(intent, "take_profit"),
        stop_loss=exit_leg(intent, "stop_loss"),
        display_qty=number(intent, "display_qty"),
        extended_hours=bool(intent.get("extended_hours")),
        tag=text(intent, "tag", "") if intent.get("tag") else "",
        lots=names(intent, "lots", ()),
    )


def source(intent: Intent) -> str:
    """Which part of the page it came from; what the desk and programs are called is theirs."""
    found = text(intent, "source", "ticket")
    if found in NOT_THE_PAGES or found.startswith(BY_KEY):
        raise BadIntent(f"source must name a part of the page, was {found!r:.60}", "source")
    return found


def exit_leg(intent: Intent, name: str) -> ExitLeg | None:
    """`{limit, stop, trail, trail_percent, tif}`, whichever the exit has."""
    leg = intent.get(name)
    if leg is None:
        return None
    if not isinstance(leg, dict):
        raise BadIntent(f"{name} must be an object, was {leg!r}", name)
    try:
        return ExitLeg(
            limit_price=number(leg, "limit"),
            stop_price=number(leg, "stop"),
            trail_price=number(leg, "trail"),
            trail_percent=number(leg, "trail_percent"),
            time_in_force=one_of(leg, "tif", TimeInForce) if leg.get("tif") else None,
        )
    except BadIntent as bad:
        raise BadIntent(f"{name}: {bad}", name) from None


def change(intent: Intent, account_id: str) -> ReplaceOrder:
    return ReplaceOrder(
        account_id,
        text(intent, "order_id"),
        number(intent, "qty"),
        number(intent, "limit"),
        number(intent, "stop"),
        number(intent, "trail"),
        one_of(intent, "tif", TimeInForce) if intent.get("tif") else None,
    )


def money(amount: Decimal) -> str:
    return f"{amount:,.2f}"


def open_account(intent: Intent, _account_id: str) -> OpenAccount:
    wish = OpenAccount(text(intent, "name"), rules=rules(intent, STANDARD_RULES))
    cash = number(intent, "cash")
    return wish if cash is None else replace(wish, cash=cash)


def rules(intent: Intent, former: AccountRules) -> AccountRules:
    """`former` with what the intent's `rules` says otherwise."""
    said = intent.get("rules") or {}
    if not isinstance(said, dict):
        raise BadIntent(f"rules must be an object, was {said!r:.60}", "rules")
    known = {each.name: each for each in fields(AccountRules)}
    changes: dict[str, Any] = {}
    for name in said:
        if name not in known:
            raise BadIntent(f"a rule must be one of {', '.join(known)}, was {name!r:.60}", "rules")
        changes[name] = rule(said, name, getattr(former, name))
    return replace(former, **changes)


def rule(said: Intent, name: str, former: Any) -> Any:
    """The value of one rule, of the kind that it had."""
    if isinstance(former, bool):
        if not isinstance(said[name], bool):
            raise BadIntent(f"{name} must be true or false, was {said[name]!r:.60}", name)
        return said[name]
    if isinstance(former, Decimal):
        found = number(said, name)
        if found is None:
            raise BadIntent(f"{name} must be a number, was {said[name]!r:.60}", name)
        return found
    return one_of(said, name, type(former))


def limits(intent: Intent, former: RiskLimits) -> RiskLimits:
    """`former` with what the intent's `limits` says otherwise; null takes a limit away."""
    said = intent.get("limits")
    if not isinstance(said, dict) or not said:
        raise BadIntent(f"limits must be an object with a limit in it, was {said!r:.60}", "limits")
    known = {each.name for each in fields(RiskLimits)}
    unknown = next((name for name in said if name not in known), None)
    if unknown is not None:
        raise BadIntent(f"a limit must be one of {', '.join(sorted(known))}, was {unknown!r:.60}", "limits")
    return replace(former, **{name: limit(said, name) for name in said})


def limit(said: Intent, name: str) -> Any:
    """The value of one limit, of the kind that it is."""
    standard = getattr(STANDARD_LIMITS, name)
    if isinstance(standard, tuple):
        return names(said, name)
    if isinstance(standard, bool):
        return rule(said, name, standard)
    found = number(said, name)
    if found is None and standard is None:
        return None
    if found is None:
        raise BadIntent(f"{name} must be a number, was {said[name]!r:.60}", name)
    if name not in COUNTED:
        return found
    if found.adjusted() > MOST_DIGITS or found != int(found):
        raise BadIntent(f"{name} must be a whole number, was {found}", name)
    return int(found)


COUNTED = frozenset(each.name for each in fields(RiskLimits) if each.type in (int, int | None))
"""Limits that are whole numbers."""


def scope(intent: Intent, account_id: str) -> str:
    """The account that a risk command is about; empty for the whole desk."""
    found = intent.get("scope")
    if found not in (None, "", WHOLE_DESK):
        raise BadIntent(f"scope must be {WHOLE_DESK} or left out, was {found!r:.60}", "scope")
    return "" if found == WHOLE_DESK else account_id


def kill(intent: Intent, account_id: str) -> Kill:
    reason = intent.get("reason") or "the kill switch was pulled"
    return Kill(
        scope(intent, account_id), one_of(intent, "mode", KillMode, KillMode.CANCEL), str(reason)[:LONGEST_MEMO]
    )


def move_cash(intent: Intent, account_id: str) -> MoveCash:
    amount = number(intent, "amount")
    if amount is None:
        raise BadIntent(f"amount must be a number, was {intent.get('amount')!r:.60}", "amount")
    return MoveCash(account_id, amount, str(intent.get("memo") or "")[:LONGEST_MEMO])


def annotate(intent: Intent, account_id: str) -> AnnotateTrip:
    note = intent.get("note", "")
    if not isinstance(note, str):
        raise BadIntent(f"note must be text, was {note!r:.60}", "note")
    return AnnotateTrip(account_id, text(intent, "trip_id"), note, names(intent, "tags", ()))


def seek(intent: Intent, _account_id: str) -> SeekMarket:
    return SeekMarket(whole(intent, "to_ms") * NS_PER_MS)


def step(intent: Intent, _account_id: str) -> StepMarket:
    return StepMarket(whole(intent, "by_ms", 0) * NS_PER_MS, whole(intent, "bars", 0, "a whole number"))


def open_replay(intent: Intent, _account_id: str) -> OpenReplay:
    paths, mapping = intent.get("paths"), intent.get("mapping") or {}
    if not isinstance(paths, list) or not all(isinstance(path, str) for path in paths) or not paths:
        raise BadIntent(f"paths must be a list of recordings, was {paths!r}", "paths")
    if not isinstance(mapping, dict):
        raise BadIntent(f"mapping must name columns, was {mapping!r}", "mapping")
    return OpenReplay(tuple(paths), tuple((str(name), str(column)) for name, column in mapping.items() if column))


def open_live(intent: Intent, _account_id: str) -> OpenLive:
    return OpenLive(text(intent, "provider"), names(intent, "symbols"), names(intent, "backups", ()))


COMMANDS: dict[str, Callable[[Intent, str], Any]] = {
    "submit": submit,
    "cancel": lambda intent, account: CancelOrder(account, text(intent, "order_id"), intent.get("alone") is True),
    "cancel_all": lambda intent, account: CancelAllOrders(account, intent.get("symbol") or None),
    "replace": change,
    "close": lambda intent, account: ClosePosition(
        account, text(intent, "symbol"), source(intent), number(intent, "qty")
    ),
    "flatten": lambda intent, account: Flatten(account, source(intent)),
    "use_account": lambda intent, _account: UseAccount(text(intent, "name")),
    "open_account": open_account,
    "configure_account": lambda intent, account: ConfigureAccount(account, rules(intent, STANDARD_RULES)),
    "reset_account": lambda intent, account: ResetAccount(account, number(intent, "cash")),
    "archive_account": lambda _intent, account: ArchiveAccount(account),
    "move_cash": move_cash,
    "kill": kill,
    "reactivate": lambda intent, account: Reactivate(scope(intent, account)),
    "set_limits": lambda intent, account: SetRiskLimits(scope(intent, account), STANDARD_LIMITS),
    "annotate": annotate,
    "play": lambda _intent, _account: Play(),
    "pause": lambda _intent, _account: Pause(),
    "speed": lambda intent, _account: SetSpeed(real(intent, "speed")),
    "step": step,
    "seek": seek,
    "open_replay": open_replay,
    "open_live": open_live,
    "open_simulated": lambda _intent, _account: OpenSimulated(),
    "halt": lambda intent, _account: HaltTrading(intent.get("symbol") or None),
    "resume": lambda intent, _account: ResumeTrading(intent.get("symbol") or None),
}
