"""Builds everything, once, and hands each room what it needs. The only module that knows them all."""

import logging
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

from flask import Flask

from tradesim.api import guard, socket
from tradesim.api.control import routes
from tradesim.desk.board import BarKeeper
from tradesim.desk.desk import Desk
from tradesim.desk.orders import FeeOf, TradingRules
from tradesim.desk.ports import MarketSource
from tradesim.kernel.clock import NS_PER_MS, NS_PER_SECOND, ManualClock, WallClock
from tradesim.kernel.errors import Refused
from tradesim.marketdata.bars import BarStore
from tradesim.model.market import SourceKind
from tradesim.ops import health, logs, script
from tradesim.ops.scheduler import Housekeeper, Job
from tradesim.providers.replay.source import ReplaySource, recordings
from tradesim.providers.simulated.source import SimulatedSource
from tradesim.settings import Settings
from tradesim.storage.cache import MarketCache
from tradesim.storage.datafolder import data_folder
from tradesim.storage.journal import SqlJournal
from tradesim.storage.lock import InstanceLock
from tradesim.stream.hub import Hub
from tradesim.trading.checks import RiskLimits
from tradesim.ui.app import create_app
from tradesim.venue.fees import fee_model
from tradesim.venue.latency import LatencyModel

logger = logging.getLogger(__name__)

ASSETS = Path(__file__).resolve().parent.parent / "assets"
SAVE_EVERY_S = 20
LARGEST_RECORDING = 64 * 1024 * 1024
SCRIPT_START = 1_767_625_200 * NS_PER_SECOND
"""2026-01-05 10:00 New York, a Monday: where a scripted session begins."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What to open first: recordings to replay, or nothing for the simulated market."""

    files: tuple[str, ...] = ()
    mapping: tuple[tuple[str, str], ...] = ()


class Markets:
    """Opens the sources of a market and what belongs to each. Implements desk.MarketOpener."""

    def __init__(self, settings: Settings, folder: Path, cache: MarketCache) -> None:
        self._settings, self._folder, self._cache = settings, folder, cache

    def simulated(self, now: int) -> SimulatedSource:
        """Goes on where it was left: saved bars, then the gap, then the live tape."""
        return SimulatedSource(self._settings.seed, now, self._settings.hours, self._cache.saved_market())

    def replay(self, paths: Sequence[str], mapping: Mapping[str, str]) -> ReplaySource:
        return ReplaySource([Path(path) for path in paths], mapping)

    def bars(self, source: MarketSource) -> BarKeeper:
        return BarStore(source.instruments)

    def recordings(self) -> list[tuple[str, str, int]]:
        return [(str(found.path), found.title, found.size) for found in recordings(self._recordings_folder)]

    def save_recording(self, name: str, content: bytes) -> str:
        if len(content) > LARGEST_RECORDING:
            wanted = f"{LARGEST_RECORDING // 2**20} MiB"
            raise Refused(f"{name}: a recording may have at most {wanted}, had {len(content) / 2**20:.1f} MiB")
        path = self._recordings_folder / Path(name).name
        path.write_bytes(content)
        return str(path)

    @property
    def _recordings_folder(self) -> Path:
        folder = self._folder / "recordings"
        folder.mkdir(exist_ok=True)
        return folder


@dataclass(slots=True)
class House:
    """Everything that runs. `start` before serving, `stop` once after; both from one thread."""

    server: Flask
    desk: Desk
    hub: Hub
    housekeeper: Housekeeper
    lock: InstanceLock
    cache: MarketCache
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
        self.hub.stop()
        self.housekeeper.stop()
        save_market(self.desk, self.cache)
        self.desk.stop()
        self.cache.close()
        self.lock.release()


def check(settings: Settings, plan: Plan) -> None:
    """Raises Refused for what can be known to fail before anything is built: the folder, another instance, files."""
    folder = data_folder(settings.data)
    InstanceLock(folder).probe()
    for file in plan.files:
        if not Path(file).is_file():
            raise Refused(f"{file}: wanted a recording, found no such file")


def create_house(settings: Settings, plan: Plan | None = None) -> House:
    """Raises Refused with the sentence for the person at the keyboard."""
    plan = plan or Plan()
    logs.configure(settings.log_level)
    folder = data_folder(settings.data)
    lock = InstanceLock(folder)
    lock.acquire()
    cache = MarketCache(folder / "cache")
    markets = Markets(settings, folder, cache)
    clock = WallClock()
    source = markets.replay(plan.files, dict(plan.mapping)) if plan.files else markets.simulated(clock.now())
    journal = SqlJournal.open(settings.database_url or folder)
    desk = Desk(markets, journal, rules(settings), clock, settings.seed, source)
    hub = Hub(desk, settings.sockets, settings.origins)
    return House(create_server(settings, desk, hub), desk, hub, housekeeper(desk, cache), lock, cache)


def create_server(settings: Settings, desk: Desk, hub: Hub) -> Flask:
    server = Flask("tradesim")
    guard.register(server, settings.host, settings.origins)
    routes.register(server, desk, health.reporter(desk, hub.figures))
    socket.register(server, hub)
    create_app(server, desk, str(ASSETS))
    return server


def rules(settings: Settings) -> TradingRules:
    latency = LatencyModel(
        int(settings.latency_ms * NS_PER_MS),
        int(settings.latency_jitter_ms * NS_PER_MS),
        random.Random(f"latency:{settings.seed}"),
    )
    return TradingRules(
        latency_ns=latency.next,
        fee=fee_for(settings.fees),
        limits=RiskLimits(max_order_value=settings.max_order_value),
        starting_cash=settings.cash,
        multiplier=settings.margin,
    )


def fee_for(name: str) -> FeeOf:
    return fee_model(name)


def housekeeper(desk: Desk, cache: MarketCache) -> Housekeeper:
    return Housekeeper(
        [
            Job("save market", SAVE_EVERY_S, lambda: save_market(desk, cache)),
            Job("trim cache", 3_600, cache.trim),
        ]
    )


def save_market(desk: Desk, cache: MarketCache) -> None:
    """Keep what the simulated market needs to go on after a restart. May be lost."""
    if desk.status().source is SourceKind.SIMULATED:
        cache.save_market(desk.saved_market())


def scripted(seed: int, text: str, name: str, duration_ms: int, log: IO[bytes]) -> int:
    """A session without screen, disk or wall clock; see ops.script. Returns the number of facts."""
    from tradesim.storage.memory import MemoryJournal

    clock = ManualClock(SCRIPT_START)
    settings = Settings(seed=seed)
    source = SimulatedSource(seed, SCRIPT_START, settings.hours)
    opener = ScriptMarket()
    desk = Desk(opener, MemoryJournal(), rules(settings), clock, seed, source)
    return script.play(desk, clock, script.read_script(text, name, "paper"), duration_ms, log)
