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
from contextlib import contextmanager
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
        sent = json.loads(process.stdout.readline())["sent"]
        busy = time.process_time() - began
        time.sleep(0.5)
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
        "errors": link.errors,
        "dropped": source._intake.dropped,
        "quarantined": {fault.value: count for fault, count in source.screen.counts.items()},
        "state": f"{status.source} {status.title}",
    }


def measure_cost(messages: int = 20_000) -> dict[str, Any]:
    """Microseconds of one message alone: parsed, screened, shown in the venue, in a fresh view."""
    from tradesim.providers.connection import Line, Policy

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


def measure() -> dict[str, Any]:
    return {"cost": measure_cost(), "rate": measure_rate()}


if __name__ == "__main__":
    play(float(sys.argv[1]))
