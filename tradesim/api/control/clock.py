"""Which market is open and how its clock runs; halts; beginning anew."""

from decimal import Decimal
from typing import Annotated, Any

import msgspec
from flask import Blueprint, Response, request

from tradesim.api.control import bodies
from tradesim.api.control.answers import CATALOGUE, REFUSALS, AccountFigures, answer, asked, figures
from tradesim.api.control.callers import Callers
from tradesim.api.operations import query
from tradesim.desk.desk import Desk
from tradesim.desk.opening import MOST_BARS
from tradesim.desk.views import StatusView
from tradesim.kernel.clock import NS_PER_MS
from tradesim.model.commands import (
    HaltTrading,
    OpenReplay,
    OpenSimulated,
    Pause,
    Play,
    ResetAccount,
    ResumeTrading,
    SeekMarket,
    SetSpeed,
    StepMarket,
)
from tradesim.model.market import SourceKind
from tradesim.model.orders import Rejection

OPENING_S = 60
LONGEST_STEP_MS = 86_400_000
ABOUT: dict[str, Any] = {"tag": "clock", "refusals": REFUSALS}


class ClockState(msgspec.Struct):
    """`now`, `start` and `end` in UTC ns of the market. A live market's clock cannot be moved."""

    now: int
    speed: float
    is_playing: bool
    is_ended: bool
    can_be_moved: bool
    start: int
    end: int | None


class Seed(msgspec.Struct):
    """None while another market than the simulated one is open."""

    seed: int | None
    title: str


class Step(msgspec.Struct, forbid_unknown_fields=True):
    """`by_ms` of market time, or `bars` of a replay of bars, the forming one first; 0: to whatever happens next."""

    by_ms: Annotated[int, msgspec.Meta(ge=0, le=LONGEST_STEP_MS)] = 0
    bars: Annotated[int, msgspec.Meta(ge=0, le=MOST_BARS)] = 0


class Beginning(msgspec.Struct, forbid_unknown_fields=True):
    """`seed` begins the simulated market anew; `cash` is what the account begins with, as before where not given."""

    seed: Annotated[int, msgspec.Meta(ge=0, le=2**31 - 1)] | None = None
    cash: Annotated[Decimal, msgspec.Meta(extra_json_schema={"examples": ["100000"]})] | None = None


def register(api: Blueprint, desk: Desk, callers: Callers) -> None:
    clock(api, desk, callers)
    market(api, desk, callers)
    halts(api, desk, callers)


def clock(api: Blueprint, desk: Desk, callers: Callers) -> None:
    def moved(command: Play | Pause | StepMarket | SetSpeed | SeekMarket) -> Any:
        return callers.unless_alone("move the clock while there are keys") or desk.submit(command)

    @CATALOGUE.serves(api, "GET", "/clock", "The market's clock.", ClockState, **ABOUT)
    def on_clock() -> Response:
        return answer(clock_of(desk.status()))

    @CATALOGUE.serves(api, "POST", "/play", "Let the clock run.", None, **ABOUT)
    def on_play() -> Response:
        return answer(moved(Play()))

    @CATALOGUE.serves(api, "POST", "/pause", "Stop the clock.", None, **ABOUT)
    def on_pause() -> Response:
        return answer(moved(Pause()))

    @CATALOGUE.serves(
        api, "POST", "/step", "Go on a little and stop; without a body to what happens next.", int, **ABOUT
    )
    def on_step() -> Response:
        if not request.content_length:
            return answer(moved(StepMarket()))
        return asked(Step, lambda body: moved(StepMarket(body.by_ms * NS_PER_MS, body.bars)))

    @CATALOGUE.serves(api, "POST", "/speed", "How fast the clock runs.", None, body=bodies.Speed, **ABOUT)
    def on_speed() -> Response:
        return asked(bodies.Speed, lambda body: moved(SetSpeed(body.speed)))

    @CATALOGUE.serves(api, "POST", "/seek", "Go to another moment.", int, body=bodies.Moment, **ABOUT)
    def on_seek() -> Response:
        return asked(bodies.Moment, lambda body: moved(SeekMarket(body.to)))


def market(api: Blueprint, desk: Desk, callers: Callers) -> None:
    @CATALOGUE.serves(
        api, "POST", "/replay", "Open recordings of the desk's folder.", None, body=bodies.Recording, **ABOUT
    )
    def on_replay() -> Response:
        return asked(
            bodies.Recording,
            lambda body: (
                callers.unless_person("open a market")
                or desk.submit(OpenReplay(tuple(body.paths), tuple(body.mapping.items())), timeout_s=OPENING_S)
            ),
        )

    @CATALOGUE.serves(api, "DELETE", "/replay", "Return to the simulated market.", None, **ABOUT)
    def on_leave_replay() -> Response:
        return answer(callers.unless_person("open a market") or desk.submit(OpenSimulated(), timeout_s=OPENING_S))

    @CATALOGUE.serves(api, "GET", "/seed", "What the simulated market is made from.", Seed, **ABOUT)
    def on_seed() -> Response:
        status = desk.status()
        return answer(Seed(seed_of(status), status.title))

    @CATALOGUE.serves(
        api, "POST", "/reset", "Begin anew: the account, and with a seed the simulated market.", AccountFigures,
        body=Beginning, **ABOUT,
    )  # fmt: skip
    def on_reset() -> Response:
        return asked(Beginning, lambda body: callers.unless_person("begin anew") or begin_anew(desk, body))


def halts(api: Blueprint, desk: Desk, callers: Callers) -> None:
    def switched(command: HaltTrading | ResumeTrading) -> Response:
        return answer(callers.unless_alone("halt the market while there are keys") or desk.submit(command))

    only = {"parameters": (query("symbol", "Only one; all, where it is not given."),), **ABOUT}

    @CATALOGUE.serves(api, "POST", "/halt", "Stop matching; cancels stay possible.", None, **only)
    def on_halt() -> Response:
        return switched(HaltTrading(request.args.get("symbol")))

    @CATALOGUE.serves(api, "POST", "/resume", "Match again.", None, **only)
    def on_resume() -> Response:
        return switched(ResumeTrading(request.args.get("symbol")))


def clock_of(status: StatusView) -> ClockState:
    return ClockState(
        status.now,
        status.speed,
        status.is_playing,
        status.is_ended,
        status.source in (SourceKind.REPLAY, SourceKind.SIMULATED),
        status.start,
        status.end,
    )


def seed_of(status: StatusView) -> int | None:
    word, _, number = status.title.partition(" ")
    return int(number) if status.source is SourceKind.SIMULATED and word == "seed" and number.isdigit() else None


def begin_anew(desk: Desk, wish: Beginning) -> Any:
    if wish.cash is not None and not (wish.cash.is_finite() and wish.cash > 0):
        return Rejection("bad_request", f"cash must be above 0, was {wish.cash}", "cash")
    if wish.seed is not None:
        opened = desk.submit(OpenSimulated(wish.seed), timeout_s=OPENING_S)
        if isinstance(opened, Rejection):
            return opened
    done = desk.submit(ResetAccount(desk.status().account_id, wish.cash))
    return done if isinstance(done, Rejection) else figures(desk.account())
