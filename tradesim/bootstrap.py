"""Builds everything, once, and hands each room what it needs. The only module that knows them all."""

import logging
import random
import secrets
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from functools import partial
from pathlib import Path
from threading import Event, Thread
from typing import IO, Any

from flask import Flask, request
from msgspec import Struct

from tradesim.api import faults as faulty
from tradesim.api import guard, leasing, pages, socket, strays, trial
from tradesim.api.alpaca import facade
from tradesim.api.alpaca.auth import account_named, has_program_key
from tradesim.api.alpaca.data import routes as data
from tradesim.api.alpaca.data import sockets
from tradesim.api.alpaca.data.plan import Plan as DataPlan
from tradesim.api.alpaca.data.sockets import Streams
from tradesim.api.alpaca.door import Door
from tradesim.api.alpaca.front import is_ours
from tradesim.api.alpaca.quota import Quota
from tradesim.api.alpaca.seats import Seats
from tradesim.api.control import bot_routes, callers, routes
from tradesim.api.control.callers import Callers
from tradesim.api.faults import Faults
from tradesim.api.guard import Doorkeeper
from tradesim.chores import KEY_USES, housekeeper, on_screen, save_market, save_uses, saved_market
from tradesim.desk.board import BarKeeper
from tradesim.desk.bookkeeping import PAPER
from tradesim.desk.desk import Desk
from tradesim.desk.orders import FeeOf, TradingRules
from tradesim.desk.ports import MarketSource
from tradesim.kernel.clock import NS_PER_MS, NS_PER_SECOND, ManualClock, WallClock
from tradesim.kernel.errors import Refused
from tradesim.kernel.precedence import Precedence
from tradesim.marketdata.bars import BarStore
from tradesim.model.events import AccountClosed, DeskEvent
from tradesim.model.findings import Finding
from tradesim.model.instrument import Instrument
from tradesim.model.orders import Liquidity
from tradesim.model.risk import RiskLimits
from tradesim.ops import health, logs, script
from tradesim.ops.bots import Bots
from tradesim.ops.following import Follower
from tradesim.ops.reach import trusted_url
from tradesim.ops.scheduler import Housekeeper
from tradesim.ops.worker import FAREWELLS, HOUSE, PRECEDENCE, REFUSAL
from tradesim.providers.live.markets import LiveMarkets
from tradesim.providers.live.opening import opened_within, sound_symbols
from tradesim.providers.live.source import LiveSource
from tradesim.providers.replay.recordings import recordings
from tradesim.providers.replay.source import FILE_OPTIONS, ReplaySource
from tradesim.providers.simulated.calendar import new_york_holidays
from tradesim.providers.simulated.source import SimulatedSource
from tradesim.providers.vendors import ROWS, PaidPlan, Row, Vendors
from tradesim.settings import Settings
from tradesim.storage.apikeys import ApiKeys
from tradesim.storage.budgets import BudgetFiles
from tradesim.storage.cache import MarketCache
from tradesim.storage.datafolder import data_folder, runtime_folder
from tradesim.storage.drawer import Drawer
from tradesim.storage.journal import SqlJournal
from tradesim.storage.keys import KeyRing
from tradesim.storage.lock import InstanceLock, KeyLock
from tradesim.storage.memory import MemoryJournal
from tradesim.storage.person import person_token
from tradesim.storage.preferences import ProviderOrder
from tradesim.storage.shelf import shelf_in, shelve
from tradesim.stream.hub import Hub
from tradesim.ui.app import create_app
from tradesim.ui.programs import Programs
from tradesim.venue.fees import COMMISSION_FREE, FEES_BY_SCHEDULE
from tradesim.venue.latency import LatencyModel

logger = logging.getLogger(__name__)

ASSETS = Path(__file__).resolve().parent.parent / "assets"
DRAWER_FILE = "alpaca.json"
TURN_PATIENCE_S = 20.0
"""For the desk before this one to let go of the database; a server has a minute in all to begin."""
OPENING_S = 40.0
"""Shorter than a worker that does not serve yet may take."""
WANTED = "wanted by bots"
SCRIPT_START = 1_767_625_200 * NS_PER_SECOND
"""2026-01-05 10:00 New York, a Monday: where a scripted session begins."""


class LivePlan(Struct, frozen=True):
    """A live market; `backups` None: those of the person's own choice."""

    provider: str
    symbols: tuple[str, ...]
    backups: tuple[str, ...] | None = None


class Plan(Struct, frozen=True):
    """What to open first: recordings to replay, a live market, or nothing for the simulated market."""

    files: tuple[str, ...] = ()
    mapping: tuple[tuple[str, str], ...] = ()
    live: LivePlan | None = None
    bots: tuple[str, ...] = ()
    """Files that may be started as bots besides those in the data folder."""

    @property
    def named(self) -> tuple[str, ...]:
        """Every file that the person at the keyboard named."""
        return (*self.files, *(path for option, path in self.mapping if option in FILE_OPTIONS))


class Markets(LiveMarkets):
    """Opens the sources of a market and what belongs to each. Implements desk.opener.MarketOpener."""

    def __init__(
        self,
        settings: Settings,
        folder: Path | None = None,
        cache: MarketCache | None = None,
        named: Sequence[str] = (),
        rows: Sequence[Row] = ROWS,
    ) -> None:
        """`rows` are the vendors; `named` the recordings named on the command line, wherever they lie."""
        keys, clock = KeyRing(folder, settings.keys), WallClock()
        urls = addresses_of(settings)
        locks, plans = partial(KeyLock, runtime_folder()), plans_of(settings)
        budgets = BudgetFiles(folder) if folder else None
        vendors = Vendors(clock, keys, cache, urls, rows, locks, new_york_holidays, plans=plans, budgets=budgets)
        super().__init__(vendors, keys, clock, cache, preferences=ProviderOrder(folder))
        self._settings, self._folder, self._cache = settings, folder, cache
        self._named = frozenset(str(Path(path).resolve()) for path in named)

    def simulated(self, now: int, seed: int | None = None) -> SimulatedSource:
        """Goes on where it was left: saved bars, then the gap, then the live tape; a new one with a `seed`."""
        saved = saved_market(self._cache) if self._cache and seed is None else {}
        start = max(now, *(each.ts for each in saved.values())) if saved else now
        return SimulatedSource(self._settings.seed if seed is None else seed, start, self._settings.hours, saved)

    def replay(self, paths: Sequence[str], mapping: Mapping[str, str]) -> ReplaySource:
        """Only what lies on the shelf, or was named at the start: a page must not read other files of this machine."""
        options = {key: str(self._shelved(each)) if key in FILE_OPTIONS else each for key, each in mapping.items()}
        return ReplaySource([self._shelved(path) for path in paths], tuple(options.items()))

    def bars(self, source: MarketSource) -> BarKeeper:
        return source.bars if isinstance(source, LiveSource) else BarStore(source.instruments)

    def recordings(self) -> list[tuple[str, str, int]]:
        return [
            (str(path), found.title if len(found.paths) == 1 else path.name, found.size // len(found.paths))
            for found in recordings(self._shelf())
            for path in found.paths
        ]

    def save_recording(self, name: str, content: bytes) -> str:
        return str(shelve(self._shelf(), name, content))

    def _shelved(self, path: str) -> Path:
        if "\0" in path:
            raise Refused("a path has no zero byte in it")
        found = Path(path).resolve()
        if str(found) not in self._named and not found.is_relative_to(self._shelf().resolve()):
            raise Refused(f"{found.name}: wanted one of the desk's recordings; drop the file on the page first")
        return found

    def _shelf(self) -> Path:
        if self._folder is None:
            raise Refused("a scripted session has no folder for recordings")
        return shelf_in(self._folder)


@dataclass(slots=True)
class House:
    """Everything that runs. `start` before serving; `stop` once after, whatever thread it comes from."""

    server: Flask
    desk: Desk
    hub: Hub
    housekeeper: Housekeeper
    lock: InstanceLock
    cache: MarketCache
    markets: Markets
    bots: Bots
    keys: ApiKeys
    _is_running: bool = field(default=False)

    def start(self) -> None:
        self.desk.start()
        self.hub.start()
        self.housekeeper.start()
        self._is_running = True

    def stop(self) -> None:
        if not self._is_running:
            return
        self._is_running = False
        self.bots.stop_all()
        self.hub.stop()
        self.housekeeper.stop()
        save_market(self.desk, self.cache)
        save_uses(self.keys, self.cache)
        self.desk.stop()
        self.markets.close_providers()
        self.cache.close()
        self.lock.release()


def open_house(settings: Settings, plan: Plan | None = None) -> Flask:
    """Build, start, and give the application to serve. It stops what it was built on, see ops.worker."""
    house = create_house(settings, plan or Plan())
    house.server.extensions[HOUSE] = house
    house.start()
    return house.server


def market_of(server: Flask) -> str:
    """`simulated market, seed 42`: what the house of this application has open."""
    status = server.extensions[HOUSE].desk.status()
    return f"{status.source.value} market, {status.title}"


def create_house(settings: Settings, plan: Plan) -> House:
    """Raises Refused with the sentence for the person at the keyboard."""
    logs.configure(settings.log_level)
    folder = data_folder(settings.data)
    lock = InstanceLock(folder)
    lock.acquire()
    cache = MarketCache(folder / "cache")
    markets = Markets(settings, folder, cache, plan.named)
    clock = WallClock()
    journal = journal_of(settings, folder)
    source, note = first_source(markets, plan, max(clock.now(), journal.last_moment(PAPER)))
    precedence = Precedence()
    seed = f"{settings.seed}:{secrets.token_hex(8)}"
    desk = Desk(markets, journal, rules(settings), clock, seed, source, note, precedence)
    hub = Hub(desk, settings.sockets, precedence=precedence)
    keys = ApiKeys(folder, clock.now)
    keys.uses.remember(cache.get(KEY_USES, {}))
    desk.subscribe(partial(revoke_archived, desk, keys))
    asking = callers_of(keys, person_token(folder))
    server = create_server(settings, desk, hub, keys, Drawer(folder / DRAWER_FILE), asking)
    find = partial(trusted_url, settings.url, settings.trusted)
    bots = Bots(folder, find, keys, desk, plan.bots, takes_no_files(settings), settings.trusted)
    bot_routes.register(server, bots, asking)
    create_app(server, desk, str(ASSETS), Programs(keys, bots, partial(trial.answer, server)))
    server.extensions[PRECEDENCE] = precedence
    server.extensions[REFUSAL] = strays.body_of
    providers = [row.id for row in ROWS if not row.is_discontinued]
    asked_for = desk.providers.leases.held
    follower = Follower(desk, partial(on_screen, hub), server.extensions[WANTED], asked_for, lambda: hub.watched)
    keeper = housekeeper(desk, cache, hub, keys, shelf_in(folder), providers, follower)
    return House(server, desk, hub, keeper, lock, cache, markets, bots, keys)


def journal_of(settings: Settings, folder: Path) -> SqlJournal:
    """A desk that is just being replaced has a while to let go of its database."""
    return SqlJournal.open(settings.database_url or folder, patience_s=TURN_PATIENCE_S)


def first_source(markets: Markets, plan: Plan, now: int) -> tuple[MarketSource, str]:
    """What the plan opens; the simulated market, and why, when a live one cannot be had now."""
    if plan.files:
        return markets.replay(plan.files, dict(plan.mapping)), ""
    if plan.live is None:
        return markets.simulated(now), ""
    live = plan.live
    try:
        backups = markets.stand_ins(live.provider) if live.backups is None else live.backups
        return opened_within(OPENING_S, lambda: markets.live(live.provider, live.symbols, backups)), ""
    except Refused as refused:
        logger.warning("no live market: %s", refused)
        note = f"{refused}. So this is the simulated market; another one is chosen by the badge in the header"
        return markets.simulated(now), note


def callers_of(keys: ApiKeys, token: str) -> Callers:
    return Callers(
        token,
        lambda: has_program_key(request.headers, keys),
        lambda: account_named(request.headers, keys),
        lambda: bool(keys.list()),
    )


def doorkeeper(settings: Settings) -> Doorkeeper:
    return Doorkeeper(settings.host, settings.hosts, settings.origins, settings.password, is_ours, settings.own_name)


class Server(Flask):
    """No function here is a coroutine, so none is asked at each request whether it is."""

    def ensure_sync(self, func: Callable[..., Any]) -> Callable[..., Any]:
        return func


def create_server(settings: Settings, desk: Desk, hub: Hub, keys: ApiKeys, drawer: Drawer, asking: Callers) -> Flask:
    server = Server("tradesim")
    guard.register(server, doorkeeper(settings))
    faults = Faults(desk.warn)
    routes.register(server, desk, health.reporter(desk, hub), faults, asking)
    callers.register(server, asking)
    leasing.register(server, desk)
    socket.register(server, hub, settings.origins)
    serve_alpaca(server, settings, desk, keys, drawer, faults)
    pages.register(server)
    return server


def serve_alpaca(server: Flask, settings: Settings, desk: Desk, keys: ApiKeys, drawer: Drawer, faults: Faults) -> None:
    def has_password() -> bool:
        return guard.has_password(settings.password)

    door, seats = Door(keys, Quota(settings.api_rate), has_password), Seats(settings.bot_sockets)
    served = facade.register(server, desk, door, drawer, faults.treat, seats)
    faulty.register(server, faults, is_ours)
    plan = DataPlan(settings.alpaca_plan == "free", settings.quote_sizes == "lots", settings.data_connections)
    doors = data.register(server, desk, keys, new_york_holidays, plan)
    streams = Streams(doors, WallClock().now, seats, faults.treat, faults.at_knock)
    sockets.register(server, streams, keys)
    server.extensions.setdefault(FAREWELLS, []).extend((served.stop, streams.stop))
    server.extensions[WANTED] = streams.wanted


def revoke_archived(desk: Desk, keys: ApiKeys, events: Sequence[DeskEvent]) -> None:
    """The keys of an account that is archived open nothing any more. The market thread waits for no disk."""
    for event in events:
        if isinstance(event, AccountClosed) and event.is_archived:
            name = desk.account(event.account_id).account.name
            Thread(target=keys.revoke_all, args=(name,), name="revoke keys", daemon=True).start()


def rules(settings: Settings) -> TradingRules:
    latency = LatencyModel(int(settings.latency_ms * NS_PER_MS), int(settings.latency_jitter_ms * NS_PER_MS))
    return TradingRules(
        latency_ns=partial(latency.delay, random.Random(f"latency:{settings.seed}")),
        fee=fee_of(settings.fees),
        limits=RiskLimits(max_order_value=settings.max_order_value),
        starting_cash=settings.cash,
        multiplier=settings.margin,
    )


def fee_of(name: str) -> FeeOf:
    models = FEES_BY_SCHEDULE[name]

    def fee(instrument: Instrument, price: Decimal, qty: Decimal, liquidity: Liquidity) -> Decimal:
        return models.get(instrument.asset_class, COMMISSION_FREE).fee(instrument, price, qty, liquidity)

    return fee


def takes_no_files(settings: Settings) -> str:
    """Why no bot may be handed in on the page: it would run as whoever started the desk."""
    if not doorkeeper(settings).lets_strangers_in:
        return ""
    return (
        "this desk answers to other machines and asks for no password, so its page takes no programs: put the file "
        "into the data folder's bots folder yourself, or set TRADESIM_PASSWORD"
    )


def scripted(seed: int, text: str, name: str, duration_ms: int, log: IO[bytes]) -> int:
    """A session without screen, disk or wall clock; see ops.script. Returns the number of facts."""
    settings = Settings(seed=seed)
    clock = ManualClock(SCRIPT_START)
    markets = Markets(settings)
    desk = Desk(markets, MemoryJournal(), rules(settings), clock, seed, markets.simulated(SCRIPT_START))
    return script.play(desk, clock, script.read_script(text, name, PAPER), duration_ms, log)


def addresses_of(settings: Settings) -> dict[str, tuple[str, str]]:
    """Other addresses of providers, by name: REST and stream. Raises Refused."""
    names = [row.id for row in ROWS]
    for name, _, _ in settings.provider_urls:
        if name not in names:
            raise Refused(f"TRADESIM_PROVIDER_URLS must begin with one of {', '.join(names)}, was {name!r}")
    return {name: (rest, stream) for name, rest, stream in settings.provider_urls}


def plans_of(settings: Settings) -> dict[str, PaidPlan]:
    """The quotas of paid plans, by provider. Raises Refused."""
    names = [row.id for row in ROWS if row.keys]
    for name, _ in settings.provider_plans:
        if name not in names:
            raise Refused(f"TRADESIM_PROVIDER_PLANS must begin with one of {', '.join(names)}, was {name!r}")
    return dict(settings.provider_plans)


def vendors_of(settings: Settings, folder: Path) -> tuple[Vendors, MarketCache]:
    """The vendors with this machine's keys, budgets and locks, for a verb beside a running desk."""
    keys, cache = KeyRing(folder, settings.keys), MarketCache(folder / "cache")
    urls = addresses_of(settings)
    locks, plans, budgets = partial(KeyLock, runtime_folder()), plans_of(settings), BudgetFiles(folder)
    vendors = Vendors(WallClock(), keys, cache, urls, ROWS, locks, new_york_holidays, plans=plans, budgets=budgets)
    return vendors, cache


def recorded(
    settings: Settings, provider: str, symbols: Sequence[str], path: Path, seconds: float | None, stopping: Event
) -> str:
    """Record raw traffic until `stopping` or `seconds` are over; the sentence of what was written. Raises Refused."""
    from tradesim.providers.traffic.recorder import record

    vendors, cache = vendors_of(settings, data_folder(settings.data))
    try:
        wanted = sound_symbols(symbols or vendors.row(provider).symbols)
        return record(vendors, provider, wanted, path, WallClock(), stopping, seconds, progress=print_in_place)
    finally:
        cache.close()


def examined(settings: Settings, providers: Sequence[str] = ()) -> list[Finding]:
    """What `tradesim doctor` tells of the house and of every provider. Bounded in time."""
    from tradesim.ops import doctor
    from tradesim.providers.checkup import checked

    try:
        folder = data_folder(settings.data)
    except Refused as refused:
        return [doctor.unusable_folder(refused)]
    is_running = False
    try:
        InstanceLock(folder).probe()
    except Refused:
        is_running = True
    found = doctor.house_findings(folder, is_running, settings.host, settings.port)
    vendors, cache = vendors_of(settings, folder)
    try:
        return [*found, *checked(vendors, WallClock(), providers)]
    finally:
        vendors.close()
        cache.close()


def print_in_place(words: str) -> None:
    """On a terminal alone: one line that moves on."""
    if sys.stdout.isatty():
        sys.stdout.write(f"\r{words}  ")
        sys.stdout.flush()
