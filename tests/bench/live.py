"""A live market from one Kraken-shaped socket: what a message costs from its bytes to the view, and 5,000 a second.

The vendor is a process of its own that plays a random book of depth 10 with true checksums, and trades that carry the
moment they were sent.
"""

import json
import random
import subprocess
import sys
import threading
import time
import zlib
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from tests.bench.desk_app import percentile
from tests.fakes import MemoryJournal
from tradesim.desk.desk import Desk
from tradesim.desk.orders import TradingRules
from tradesim.kernel.clock import WallClock
from tradesim.model.instrument import AssetClass, Instrument
from tradesim.providers.kraken.provider import Kraken
from tradesim.providers.live.source import LiveRules, LiveSource

SYMBOL = "BTC/USD"
INSTRUMENT = Instrument(SYMBOL, "Bitcoin", AssetClass.CRYPTO, Decimal("0.1"), Decimal("0.00000001"), shortable=False)
DEPTH = 10
RATE = 5_000
TRADE_EVERY = 5


class Vendor:
    """A book of `DEPTH` levels that moves at random, in Kraken's words."""

    def __init__(self, seed: int) -> None:
        self.rng = random.Random(seed)
        self.bids = {628_000 - step: self.qty() for step in range(DEPTH)}
        self.asks = {628_001 + step: self.qty() for step in range(DEPTH)}
        self.trades = 0

    def qty(self) -> int:
        return self.rng.randrange(5_000, 500_000_000)

    def snapshot(self) -> str:
        return self.said("snapshot", self.rows(self.bids), self.rows(self.asks))

    def change(self) -> str:
        """One level of one side gets a new size; now and then the best one goes and a deep one comes."""
        side, sign = (self.bids, -1) if self.rng.random() < 0.5 else (self.asks, 1)
        prices = sorted(side, key=lambda price: price * sign)
        changed = {}
        if self.rng.random() < 0.1:
            other = max(self.bids) if sign > 0 else min(self.asks)
            inner = prices[0] - sign
            if (inner - other) * sign > 0:
                changed = {inner: self.qty()}
            else:
                changed = {prices[0]: 0, prices[-1] + sign: self.qty()}
        else:
            changed = {self.rng.choice(prices): self.qty()}
        for price, qty in changed.items():
            if qty:
                side[price] = qty
            else:
                del side[price]
        for price in sorted(side, key=lambda price: price * sign)[DEPTH:]:
            del side[price]
        rows = list(changed.items())
        return self.said("update", rows if sign < 0 else [], rows if sign > 0 else [])

    def trade(self, sent: str) -> str:
        self.trades += 1
        price = price_text(min(self.asks) if self.trades % 2 else max(self.bids))
        side = "buy" if self.trades % 2 else "sell"
        return (
            '{"channel":"trade","type":"update","data":[{"symbol":"' + SYMBOL + f'","side":"{side}","price":{price},'
            f'"qty":0.00012460,"ord_type":"limit","trade_id":{self.trades},"timestamp":"{sent}"' + "}]}"
        )

    def said(self, kind: str, bids: list[tuple[int, int]], asks: list[tuple[int, int]]) -> str:
        sides = ",".join(
            f'"{name}":[' + ",".join(f'{{"price":{price_text(p)},"qty":{qty_text(q)}}}' for p, q in rows) + "]"
            for name, rows in (("bids", bids), ("asks", asks))
        )
        return (
            f'{{"channel":"book","type":"{kind}","data":[{{"symbol":"{SYMBOL}",{sides},"checksum":{self.checksum()},'
            f'"timestamp":"{stamp()}"}}]}}'
        )

    def rows(self, side: dict[int, int]) -> list[tuple[int, int]]:
        return sorted(side.items(), reverse=side is self.bids)

    def checksum(self) -> int:
        rows = [*self.rows(self.asks), *self.rows(self.bids)]
        text = "".join(digits(price_text(p)) + digits(qty_text(q)) for p, q in rows)
        return zlib.crc32(text.encode())


def price_text(tenths: int) -> str:
    return f"{tenths // 10}.{tenths % 10}"


def qty_text(units: int) -> str:
    return f"{units // 10**8}.{units % 10**8:08d}"


def digits(text: str) -> str:
    return text.replace(".", "").lstrip("0")


def stamp() -> str:
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def play(seconds: float) -> None:
    """The vendor's process: its address on the first line, then messages at the rate, in steps of two milliseconds."""
    from tests.fault_server import Do, FaultServer, Mute

    vendor = Vendor(7)
    done = threading.Event()

    def talk(line: Any, _server: FaultServer) -> None:
        line.send('{"channel":"status","type":"update","data":[{"version":"2","system":"online","api_version":"v2"}]}')
        for _ in range(2):
            asked = json.loads(line.recv(timeout=5))
            params = {**asked["params"], "symbol": SYMBOL}
            line.send(json.dumps({"method": "subscribe", "result": params, "success": True, "req_id": asked["req_id"]}))
        line.send(vendor.snapshot())
        begun, sent = time.monotonic(), 0
        while (passed := time.monotonic() - begun) < seconds:
            while sent < passed * RATE:
                sent += 1
                line.send(vendor.trade(stamp()) if sent % TRADE_EVERY == 0 else vendor.change())
            time.sleep(0.002)
        print(json.dumps({"sent": sent}), flush=True)
        done.set()

    with FaultServer() as server:
        server.plays(Do(talk), Mute())
        print(server.ws_url, flush=True)
        done.wait(seconds + 30)
        time.sleep(1)


@contextmanager
def vendor_process(seconds: float) -> Iterator[tuple[str, Any]]:
    command = [sys.executable, "-m", "tests.bench.live", str(seconds)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        yield process.stdout.readline().strip(), process
        process.wait(60)


class Nobody:
    """A market opener that opens nothing else."""

    def bars(self, source: Any) -> Any:
        return source.bars


def desk_on(url: str, clock: WallClock) -> tuple[Desk, LiveSource]:
    kraken = Kraken(clock, random.Random(1), "http://127.0.0.1:9", url, DEPTH)
    source = LiveSource({"kraken": kraken}, {SYMBOL: INSTRUMENT}, clock, rules=LiveRules(history_wait_s=0.5))
    rules = TradingRules(latency_ns=lambda: 0, fee=lambda *_: Decimal(0))
    return Desk(Nobody(), MemoryJournal(), rules, clock, 1, source), source  # type: ignore[arg-type]


def measure_rate(seconds: float = 8.0) -> dict[str, Any]:
    """Milliseconds from the vendor's send to the view that has the trade, with the market thread running."""
    clock, ages, seen = WallClock(), list[float](), [0]
    with vendor_process(seconds) as (url, process):
        desk, source = desk_on(url, clock)

        def look() -> None:
            now, view = time.time_ns(), desk.market(SYMBOL)
            for trade in reversed(view.tape if view else ()):
                if trade.trade_id <= seen[0]:
                    break
                ages.append((now - trade.ts_event) / 1e6)
            if view and view.tape:
                seen[0] = view.tape[-1].trade_id

        desk.on_change(look)
        desk.start()
        began = time.process_time()
        with stream_of(desk) as port:
            follow = [sys.executable, "-m", "tests.bench.live", "page", str(port), str(seconds)]
            with subprocess.Popen(follow, stdout=subprocess.PIPE, text=True) as reader:
                sent = json.loads(process.stdout.readline())["sent"]
                busy = time.process_time() - began
                assert reader.stdout is not None
                chart = json.loads(reader.stdout.readline())
        link = source.providers["kraken"].stream().link()  # type: ignore[union-attr]
        status = desk.status()
        desk.stop()
    return {
        "sent": sent,
        "messages": link.messages,
        "per_s": sent / seconds,
        "trades_seen": len(ages),
        "age_p50_ms": percentile(ages, 50),
        "age_p99_ms": percentile(ages, 99),
        "age_max_ms": max(ages),
        "cpu": busy / seconds,
        "chart_frames_per_s": chart["frames"] / seconds,
        "chart_gap_p99_ms": chart["gap_p99_ms"],
        "errors": link.errors,
        "dropped": source._intake.dropped,
        "quarantined": {fault.value: count for fault, count in source.screen.counts.items()},
        "state": f"{status.source} {status.title}",
    }


def measure_cost(messages: int = 20_000) -> dict[str, Any]:
    """Microseconds of one message alone: parsed, screened, shown in the venue, in a fresh view."""
    from tradesim.providers.line import Line, Policy

    clock, vendor = WallClock(), Vendor(7)
    desk, source = desk_on("ws://127.0.0.1:9", clock)
    dialect: Any = source.providers["kraken"]._dialect  # type: ignore[attr-defined]
    line = Line(None, clock, Policy())  # type: ignore[arg-type]
    line.symbols = (SYMBOL,)
    dialect.opened(line)
    dialect.subscribe(line, [SYMBOL])
    source._intake.put(dialect.heard(line, vendor.snapshot(), clock.now()))
    texts = [vendor.trade(stamp()) if n % TRADE_EVERY == 0 else vendor.change() for n in range(messages)]
    parse, whole = [], []
    for text in texts:
        begun = time.perf_counter_ns()
        events = dialect.heard(line, text, clock.now())
        parsed = time.perf_counter_ns()
        source._intake.put(events)
        desk.turn()
        whole.append((time.perf_counter_ns() - begun) / 1e3)
        parse.append((parsed - begun) / 1e3)
    desk.stop()
    return {
        "messages": messages,
        "parse_p50_us": percentile(parse, 50),
        "parse_p99_us": percentile(parse, 99),
        "view_p50_us": percentile(whole, 50),
        "view_p99_us": percentile(whole, 99),
        "trades": vendor.trades,
        "quarantined": {fault.value: count for fault, count in source.screen.counts.items()},
    }


def page(port: int, seconds: float) -> None:
    """A page's process: follows chart, book and tape, and tells how old each frame of bars was when it came."""
    from tests.page import Page

    mine = Page(port)
    topics = [f"bars:{SYMBOL}:1m", f"book:{SYMBOL}", f"tape:{SYMBOL}", "status"]
    mine.say(op="subscribe", topics=topics)
    ends, count, gaps, last = time.monotonic() + seconds, 0, [], time.monotonic()
    while time.monotonic() < ends:
        before = len(mine.messages)
        with suppress(TimeoutError, AssertionError):
            mine.hear(lambda page, before=before: len(page.messages) > before, 0.2)
        fresh = [message for message in mine.messages[before:] if str(message.get("t", "")).startswith("bars:")]
        if fresh:
            now = time.monotonic()
            gaps.append(now - last)
            count, last = count + len(fresh), now
    mine.end()
    print(json.dumps({"frames": count, "gap_p99_ms": percentile([gap * 1e3 for gap in gaps], 99)}), flush=True)


@contextmanager
def stream_of(desk: Desk) -> Iterator[int]:
    """The desk's stream on a port of this machine."""
    from flask import Flask
    from werkzeug.serving import make_server

    from tests.stream_house import Quiet
    from tradesim.api.socket import register
    from tradesim.stream.hub import Hub

    hub, app = Hub(desk, 8), Flask("bench")
    register(app, hub, ())
    server = make_server("127.0.0.1", 0, app, threaded=True, request_handler=Quiet)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    hub.start()
    try:
        yield server.server_port
    finally:
        hub.stop()
        server.shutdown()


def market_of(*stands: Any) -> Any:
    """A live market of these adapters (tests/contract/stands), one server each; (source, servers)."""
    from tests.fault_server import FaultServer, Status
    from tradesim.providers.hooks import NO_HOOKS

    servers = [FaultServer().__enter__() for _ in stands]
    for server in servers:
        server.answers("*", Status(503))
    providers = {stand.name: stand.make(server, NO_HOOKS) for stand, server in zip(stands, servers, strict=True)}
    instruments = {SYMBOL: INSTRUMENT}
    return providers, servers, instruments


def measure_failover(rounds: int = 5) -> dict[str, Any]:
    """Seconds from the moment a serving line is reset, with no way back, to the next provider's book on the screen."""
    from tests.contract.stands import STANDS
    from tests.contract.test_faults import alive
    from tests.fault_server import Do, Drop, RefuseHandshake

    taken = []
    for _ in range(rounds):
        first, second = STANDS["kraken"], STANDS["coinbase"]
        providers, servers, instruments = market_of(first, second)
        kill, died = threading.Event(), list[float]()

        def until_killed(_line: Any, _server: Any, kill: Any = kill, died: Any = died) -> None:
            kill.wait(10)
            died.append(time.monotonic())

        servers[0].plays(*first.welcome(servers[0]), Do(until_killed), Drop())  # type: ignore[misc]
        servers[0].plays(RefuseHandshake(503))
        servers[1].plays(*second.welcome(servers[1]), alive(second))  # type: ignore[misc]
        clock = WallClock()
        source = LiveSource(providers, instruments, clock, rules=LiveRules(history_wait_s=0.01))
        wait_for(source, lambda source=source: shown_by(source) == "kraken")
        wait_for(source, lambda source=source: source.words(SYMBOL)["coinbase"][0] is not None)
        kill.set()
        wait_for(source, lambda source=source: shown_by(source) == "coinbase")
        taken.append(time.monotonic() - died[0])
        source.close()
        for server in servers:
            server.__exit__()
    return {"rounds": rounds, "median_s": percentile(taken, 50), "max_s": max(taken)}


def measure_mute(limit_s: float = 2.0) -> dict[str, Any]:
    """How long after its age limit a line that is open and mute is left."""
    from tests.contract.stands import STANDS
    from tests.fault_server import Mute

    stand = STANDS["kraken"]
    providers, servers, instruments = market_of(stand)
    servers[0].plays(*stand.welcome(servers[0]), Mute())  # type: ignore[misc]
    provider = providers["kraken"]
    provider.connection._dialect.silence_s = lambda *_: limit_s
    source = LiveSource(providers, instruments, WallClock(), rules=LiveRules(history_wait_s=0.01))
    wait_for(source, lambda: shown_by(source) == "kraken")
    heard = provider.connection.link().last_heard
    wait_for(source, lambda: provider.connection.link().error)
    late = (time.time_ns() - heard) / 1e9 - limit_s
    error = provider.connection.link().error
    source.close()
    servers[0].__exit__()
    return {"limit_s": limit_s, "after_limit_s": late, "said": error}


def shown_by(source: LiveSource) -> str | None:
    shown = source._showing.shown[SYMBOL]
    return shown[0] if shown and source.venue.top(SYMBOL, 1).bids else None


def wait_for(source: LiveSource, fact: Any, within_s: float = 15.0) -> None:
    ends = time.monotonic() + within_s
    while not fact():
        source.advance(time.time_ns())
        assert time.monotonic() < ends, "not in time"
        time.sleep(0.002)


def measure_hour(seeds: int = 5) -> dict[str, Any]:
    """The share of a scripted hour's questions that a person sees fail, with one answer in twenty at fault."""
    from tests.unit.live.test_hour import failures_of_an_hour

    shares = [failures_of_an_hour(seed)[0] for seed in range(seeds)]
    return {"faults": 0.05, "errors_max": max(shares), "errors_median": percentile(shares, 50)}


def measure() -> dict[str, Any]:
    return {
        "cost": measure_cost(),
        "rate": measure_rate(),
        "failover": measure_failover(),
        "mute": measure_mute(),
        "hour": measure_hour(),
    }


if __name__ == "__main__":
    if sys.argv[1] == "page":
        page(int(sys.argv[2]), float(sys.argv[3]))
    else:
        play(float(sys.argv[1]))
