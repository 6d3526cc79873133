"""How like a real market a simulated day is: stylised facts of a run, held against measured bands.

The bands come from order-by-order days of AAPL, AMZN and GOOG (small tick), from IBM (mid tick) and from BAC and AIG
(large tick); musts hold for every market, the others only for their regime.
"""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from tradesim.kernel.clock import NS_PER_SECOND
from tradesim.model.market import Auction, BookTop, Indicative, Side
from tradesim.simulator.door import AgentFill, AgentVenue
from tradesim.simulator.hours import AlwaysOpen
from tradesim.simulator.simulator import Simulator
from tradesim.simulator.universe import Profile

Floats = NDArray[np.float64]

SESSION_S = 23_400
HALF_HOUR_S = 1_800
SHORTEST_S = 600
WEDNESDAY_OPEN = int(datetime(2024, 11, 20, 14, 30, tzinfo=UTC).timestamp()) * NS_PER_SECOND


class Row(Struct, frozen=True):
    """One fact: what was measured and where it should lie. `must` facts make a market a market."""

    fact: str
    measured: float
    low: float
    high: float
    must: bool

    @property
    def ok(self) -> bool:
        return self.low <= self.measured <= self.high

    @property
    def is_known(self) -> bool:
        """False where the run was too short to measure it."""
        return not math.isnan(self.measured)

    def __str__(self) -> str:
        if not self.is_known:
            return f"short  {self.fact:<62} {'':>10}   too short a run to say; wanted {self.low:g} to {self.high:g}"
        verdict = "ok    " if self.ok else "MISSED" if self.must else "off   "
        return f"{verdict} {self.fact:<62} {self.measured:>10.4g}   wanted {self.low:g} to {self.high:g}"


@dataclass(slots=True)
class Run:
    """What was recorded. Mids and spreads in ticks once a second, aggressive orders one row each."""

    mids: list[float] = field(default_factory=list)
    spreads: list[int] = field(default_factory=list)
    touches: list[int] = field(default_factory=list)
    levels: list[int] = field(default_factory=list)
    seconds: list[float] = field(default_factory=list)
    signs: list[int] = field(default_factory=list)
    sizes: list[int] = field(default_factory=list)
    touch_before: list[int] = field(default_factory=list)
    mid_before: list[float] = field(default_factory=list)
    mid_after: list[float] = field(default_factory=list)
    lives: list[float] = field(default_factory=list)
    adds: int = 0
    fills: int = 0
    cancels: int = 0
    cancelled_unfilled: int = 0
    ended: int = 0


class RecordingVenue:
    """Passes everything on to `venue` and writes down what agents do in it."""

    def __init__(self, venue: AgentVenue, start: int) -> None:
        self.run = Run()
        self.on_agent_fill: AgentFill | None = None
        self._venue = venue
        self._start = start
        self._born: dict[int, int] = {}
        self._left: dict[int, int] = {}
        self._touched: set[int] = set()
        self._taken = 0
        venue.on_agent_fill = self._on_fill

    def agent_limit(self, symbol: str, owner: str, side: Side, price: int, qty: int, now: int) -> int:
        before = self._before(symbol, side)
        order_id = self._venue.agent_limit(symbol, owner, side, price, qty, now)
        taken = self._note_aggression(symbol, side, now, before)
        if order_id:
            self.run.adds += 1
            self._born[order_id] = now
            self._left[order_id] = qty - taken
        return order_id

    def agent_market(self, symbol: str, owner: str, side: Side, qty: int, now: int) -> int:
        before = self._before(symbol, side)
        filled = self._venue.agent_market(symbol, owner, side, qty, now)
        self._note_aggression(symbol, side, now, before)
        return filled

    def agent_cancel(self, symbol: str, order_id: int, now: int) -> bool:
        was_there = self._venue.agent_cancel(symbol, order_id, now)
        if was_there:
            self.run.cancels += 1
            self.run.ended += 1
            self.run.cancelled_unfilled += order_id not in self._touched
            self.run.lives.append((now - self._born.pop(order_id)) / NS_PER_SECOND)
            self._forget(order_id)
        return was_there

    def call_auction(self, symbol: str, kind: Auction, now: int) -> None:
        self._venue.call_auction(symbol, kind, now)

    def agent_auction(self, symbol: str, owner: str, side: Side, price: int | None, qty: int, now: int) -> bool:
        return self._venue.agent_auction(symbol, owner, side, price, qty, now)

    def uncross(self, symbol: str, now: int) -> None:
        self._venue.uncross(symbol, now)

    def indicative(self, symbol: str, now: int) -> Indicative | None:
        return self._venue.indicative(symbol, now)

    def best_bid(self, symbol: str) -> tuple[int, int] | None:
        return self._venue.best_bid(symbol)

    def best_ask(self, symbol: str) -> tuple[int, int] | None:
        return self._venue.best_ask(symbol)

    def top(self, symbol: str, levels: int) -> BookTop:
        return self._venue.top(symbol, levels)

    def sample(self, symbol: str) -> None:
        """Write down the state of the book; a one-sided book repeats the last state."""
        bid, ask = self.best_bid(symbol), self.best_ask(symbol)
        run = self.run
        if bid and ask:
            run.mids.append((bid[0] + ask[0]) / 2)
            run.spreads.append(ask[0] - bid[0])
            run.touches.extend((bid[1], ask[1]))
        else:
            run.mids.append(run.mids[-1])
            run.spreads.append(run.spreads[-1])

    def _before(self, symbol: str, side: Side) -> tuple[int, float]:
        bid, ask = self.best_bid(symbol), self.best_ask(symbol)
        self._taken = 0
        touch = ask if side is Side.BUY else bid
        return (touch[1] if touch else 0, (bid[0] + ask[0]) / 2 if bid and ask else math.nan)

    def _note_aggression(self, symbol: str, side: Side, now: int, before: tuple[int, float]) -> int:
        taken, self._taken = self._taken, 0
        if taken:
            run = self.run
            bid, ask = self.best_bid(symbol), self.best_ask(symbol)
            run.seconds.append((now - self._start) / NS_PER_SECOND)
            run.signs.append(side.sign)
            run.sizes.append(taken)
            run.touch_before.append(before[0])
            run.mid_before.append(before[1])
            run.mid_after.append((bid[0] + ask[0]) / 2 if bid and ask else math.nan)
        return taken

    def _on_fill(self, symbol: str, owner: str, order_id: int, side: Side, price: int, qty: int) -> None:
        if order_id in self._born:
            self.run.fills += 1
            self._taken += qty
            self._touched.add(order_id)
            self._left[order_id] -= qty
            if self._left[order_id] <= 0:
                self.run.ended += 1
                del self._born[order_id]
                self._forget(order_id)
        if self.on_agent_fill is not None:
            self.on_agent_fill(symbol, owner, order_id, side, price, qty)

    def _forget(self, order_id: int) -> None:
        self._touched.discard(order_id)
        self._left.pop(order_id, None)


def record(venue: AgentVenue, profile: Profile, seconds: int, seed: int, start: int = WEDNESDAY_OPEN) -> Run:
    """Let the agents of one instrument trade for `seconds` from `start` in an empty `venue`."""
    recording = RecordingVenue(venue, start)
    simulator = Simulator(recording, [profile], {profile.symbol: AlwaysOpen()}, seed, start)
    for second in range(seconds):
        simulator.advance(start + second * NS_PER_SECOND)
        recording.sample(profile.symbol)
        if second % 60 == 0:
            top = recording.top(profile.symbol, 50)
            recording.run.levels.append(min(len(top.bids), len(top.asks)))
    return recording.run


def scorecard(profile: Profile, seconds: int, seed: int, new_venue: Callable[[], AgentVenue]) -> list[Row]:
    """Facts of a fresh run against their bands, musts first. The day's shape is judged from a whole session on."""
    return rows(facts(record(new_venue(), profile, seconds, seed)), profile)


def rows(measured: Mapping[str, float], profile: Profile) -> list[Row]:
    """Every fact that has a band for this kind of instrument, musts first."""
    musts = MUSTS | (EXCHANGE_DAY if profile.market == "equity" else {})
    bands = [(fact, band, True) for fact, band in musts.items()]
    bands += [(fact, band, False) for fact, band in REGIMES[regime_of(profile)].items()]
    return [Row(fact, measured[fact], low, high, must) for fact, (low, high), must in bands if fact in measured]


def regime_of(profile: Profile) -> str:
    if profile.market == "crypto":
        return "coin"
    return "large" if profile.is_large_tick else "small" if profile.spread >= 4 else "mid"


def facts(run: Run) -> dict[str, float]:
    """Every fact that the run is long enough for, by name."""
    return order_facts(run) | flow_facts(run) | price_facts(run) | impact_facts(run) | day_facts(run)


def order_facts(run: Run) -> dict[str, float]:
    seconds = max(1, len(run.mids))
    return {
        "cancelled unfilled share": run.cancelled_unfilled / max(1, run.ended),
        "adds per fill": run.adds / max(1, run.fills),
        "adds a second": run.adds / seconds,
        "cancels a second": run.cancels / seconds,
        "median life of cancelled orders, s": float(np.median(run.lives)) if run.lives else math.nan,
        "spread, ticks": float(np.mean(run.spreads)),
        "share of one-tick spreads": float(np.mean(np.asarray(run.spreads) == 1)),
        "median touch size, lots": float(np.median(run.touches)),
        "fewest levels shown": float(min(run.levels)),
    }


def flow_facts(run: Run) -> dict[str, float]:
    signs = np.asarray(run.signs, float)
    gaps = np.diff(np.asarray(run.seconds))
    whole = np.asarray(run.sizes) == np.asarray(run.touch_before)
    lags = [autocorrelation(signs, lag) for lag in range(1, 11)]
    return {
        "sign autocorrelation, lag 1": lags[0],
        "smallest sign autocorrelation to lag 10": min(lags),
        "sign autocorrelation, lag 10": lags[9],
        "aggressive orders a second": len(signs) / max(1, len(run.mids)),
        "median aggressive size, lots": float(np.median(run.sizes)),
        "aggressive orders taking exactly the touch": float(whole.mean()),
        "variation of the time between trades": float(gaps.std() / gaps.mean()),
    }


def price_facts(run: Run) -> dict[str, float]:
    mids = np.log(np.asarray(run.mids))
    second, minute, five = np.diff(mids), np.diff(mids[::60]), np.diff(mids[::300])
    found = {
        "return autocorrelation at 1 s": autocorrelation(second, 1),
        "kurtosis at 1 s": kurtosis(second),
        "share of zero 1 s returns": float(np.mean(second == 0)),
        "1 min volatility, bp": float(minute.std() * 1e4),
    }
    if len(five) >= 60:
        clustering = [autocorrelation(np.abs(minute), lag) for lag in range(1, 11)]
        found["kurtosis at 5 min"] = kurtosis(five)
        found["mean autocorrelation of absolute 1 min returns, lags 1 to 10"] = float(np.mean(clustering))
    return found


def impact_facts(run: Run) -> dict[str, float]:
    """Ticks of mid in the aggressor's direction; `from 100 to 1000` is how much ten times the size adds."""
    signs, sizes = np.asarray(run.signs), np.asarray(run.sizes, float)
    before, after = np.asarray(run.mid_before), np.asarray(run.mid_after)
    below = sizes < np.asarray(run.touch_before)
    mids = np.asarray(run.mids)
    later = np.floor(np.asarray(run.seconds)).astype(np.int64) + 11
    known = (later < len(mids)) & np.isfinite(before) & np.isfinite(after)
    impact = signs[known] * (mids[later[known]] - before[known])
    return {
        "impact at once below the touch, ticks": float(np.abs((after - before)[known & below]).max(initial=0.0)),
        "impact at once, ticks": float((signs * (after - before))[known].mean()),
        "impact after 10 s, ticks": float(impact.mean()),
        "impact after 10 s of ten times the size, ratio": decade_ratio(sizes[known], impact),
    }


def day_facts(run: Run) -> dict[str, float]:
    if len(run.mids) < SESSION_S:
        return {}
    part = np.minimum(12, (np.asarray(run.seconds) // HALF_HOUR_S).astype(np.int64))
    volume = np.bincount(part, np.asarray(run.sizes, float), 13)
    spread = np.asarray(run.spreads[:SESSION_S], float).reshape(13, HALF_HOUR_S).mean(axis=1)
    return {
        "volume of the first half hour over 12:30's": float(volume[0] / volume[6]),
        "volume of the last half hour over 12:30's": float(volume[12] / volume[6]),
        "largest half hour is the first or last": float(max(volume[0], volume[12]) / volume.max()),
        "spread of the first half hour over the widest other": float(spread[0] / spread[1:].max()),
    }


def autocorrelation(series: Floats, lag: int) -> float:
    centred = series - series.mean()
    total = float((centred * centred).sum())
    return float((centred[lag:] * centred[:-lag]).sum() / total) if total > 0 and len(series) > lag else 0.0


def kurtosis(series: Floats) -> float:
    """3 for a normal distribution."""
    centred = series - series.mean()
    variance = float((centred**2).mean())
    return float((centred**4).mean() / variance**2) if variance > 0 else math.nan


def decade_ratio(sizes: Floats, impact: Floats) -> float:
    """How many times larger the impact of a ten times larger order is, between the small half and the large tenth."""
    small, large = sizes <= np.median(sizes), sizes >= np.quantile(sizes, 0.9)
    low, high = float(impact[small].mean()), float(impact[large].mean())
    decades = math.log10(float(sizes[large].mean()) / float(sizes[small].mean()))
    return (high / low) ** (1 / decades) if low > 0 and high > 0 and decades > 0 else math.nan


Band = tuple[float, float]

MUSTS: dict[str, Band] = {
    "cancelled unfilled share": (0.85, 0.97),
    "adds per fill": (7.0, 13.0),
    "sign autocorrelation, lag 1": (0.3, 0.7),
    "smallest sign autocorrelation to lag 10": (0.0, 1.0),
    "return autocorrelation at 1 s": (-0.1, 0.1),
    "kurtosis at 1 s": (10.0, math.inf),
    "kurtosis at 5 min": (2.5, 9.0),
    "mean autocorrelation of absolute 1 min returns, lags 1 to 10": (0.0, 1.0),
    "impact at once below the touch, ticks": (0.0, 0.0),
    "impact after 10 s of ten times the size, ratio": (1.0, 2.0),
}

EXCHANGE_DAY: dict[str, Band] = {
    "volume of the first half hour over 12:30's": (1.25, math.inf),
    "volume of the last half hour over 12:30's": (1.25, math.inf),
    "largest half hour is the first or last": (1.0, 1.0),
    "spread of the first half hour over the widest other": (0.99, math.inf),
}

REGIMES: dict[str, dict[str, Band]] = {
    "small": {
        "share of zero 1 s returns": (0.35, 0.8),
        "spread, ticks": (3.0, 20.0),
        "median touch size, lots": (50, 200),
        "median aggressive size, lots": (50, 200),
        "aggressive orders taking exactly the touch": (0.4, 0.75),
        "aggressive orders a second": (0.13, 1.6),
        "adds a second": (2.0, 25.0),
        "cancels a second": (2.0, 25.0),
        "median life of cancelled orders, s": (0.15, 3.4),
        "variation of the time between trades": (1.2, 5.2),
        "impact after 10 s, ticks": (1.0, 9.2),
        "sign autocorrelation, lag 10": (0.02, 0.2),
        "fewest levels shown": (20, math.inf),
    },
    "mid": {
        "share of zero 1 s returns": (0.35, 0.9),
        "spread, ticks": (1.0, 6.0),
        "median touch size, lots": (150, 3_000),
        "median aggressive size, lots": (50, 300),
        "aggressive orders a second": (0.5, 2.5),
        "adds a second": (2.0, 25.0),
        "variation of the time between trades": (1.2, 5.2),
        "impact after 10 s, ticks": (0.4, 4.0),
        "fewest levels shown": (20, math.inf),
    },
    "coin": {
        "share of zero 1 s returns": (0.1, 0.6),
        "spread, ticks": (1.0, 15.0),
        "aggressive orders a second": (0.5, 33.0),
        "adds a second": (2.0, 60.0),
        "sign autocorrelation, lag 10": (0.05, 0.35),
        "fewest levels shown": (20, math.inf),
    },
    "large": {
        "share of zero 1 s returns": (0.9, 1.0),
        "share of one-tick spreads": (0.95, 1.0),
        "spread, ticks": (1.0, 1.06),
        "median touch size, lots": (10_000, 160_000),
        "median aggressive size, lots": (100, 400),
        "aggressive orders a second": (0.3, 5.0),
        "adds a second": (2.0, 30.0),
        "impact after 10 s, ticks": (0.04, 0.8),
        "sign autocorrelation, lag 10": (0.1, 0.5),
        "fewest levels shown": (20, math.inf),
    },
}
