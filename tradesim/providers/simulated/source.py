"""The simulated market, ready to trade in: implements `desk.ports.MarketSource`.

The books are warm when it is built: agents have traded for a while before `start`, and their prints are the end
of the history. After a restart it goes on from the saved prices: the saved bars, the gap bridged, then live.
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, date
from types import MappingProxyType
from typing import NamedTuple

from tradesim.desk.ports import Venue
from tradesim.kernel.clock import NS_PER_SECOND
from tradesim.kernel.errors import Refused
from tradesim.model.corporate import Dividend
from tradesim.model.instrument import AssetClass, Instrument
from tradesim.model.market import SessionState, SourceKind, Trade
from tradesim.model.series import Bars, History, Traded
from tradesim.simulator import past
from tradesim.simulator.dividends import Dividends
from tradesim.simulator.hours import NS_PER_DAY, NS_PER_MINUTE, AlwaysOpen, Hours, Session, date_of
from tradesim.simulator.simulator import Simulator, second_vol
from tradesim.simulator.universe import UNIVERSE, Profile
from tradesim.venue.matching import MatchingVenue

WARM_UP_NS = 15 * NS_PER_SECOND
"""Agents trade for at least as long before the start, from the full minute before that."""
LONGEST_BRIDGE_NS = 21 * NS_PER_DAY


class Saved(NamedTuple):
    """What a restart needs of one symbol: its price in ticks at `ts` (UTC ns), and the bars up to then if kept.

    Without bars the past is drawn anew so that it ends at this price.
    """

    price: int
    ts: int
    history: History | None = None


class SimulatedSource:
    """The same arguments and the same client orders at the same times give the same market, to the last lot."""

    kind = SourceKind.SIMULATED
    end: int | None = None
    split_adjusted_until: date | None = None

    def __init__(
        self,
        seed: int,
        start: int,
        hours: str = "always",
        saved: Mapping[str, Saved] | None = None,
        profiles: Mapping[str, Profile] = UNIVERSE,
    ) -> None:
        """`start` is market time, UTC ns, cut to the second; `hours` is `always` or `exchange`."""
        self.title = f"seed {seed}"
        self.start = start - start % NS_PER_SECOND
        self._seed = seed
        self._profiles = dict(profiles)
        self._saved = {symbol: to_the_second(each) for symbol, each in (saved or {}).items() if symbol in profiles}
        self._hours = {symbol: hours_of(profile.instrument, hours) for symbol, profile in profiles.items()}
        self._sessions: dict[Hours, list[Session]] = {}
        self._live_from = self._first_moment()
        self._bridged = {symbol: self._bridge(symbol) for symbol in self._profiles}
        self.instruments: Mapping[str, Instrument] = MappingProxyType(
            {symbol: profile.instrument for symbol, profile in profiles.items()}
        )
        prices = {symbol: self._first_price(symbol) for symbol in self._profiles}
        matching = MatchingVenue(self.instruments, prices)
        self.venue: Venue = matching
        self._simulator = Simulator(
            matching, list(profiles.values()), self._hours, seed_at(seed, self._live_from), self._live_from, prices
        )
        self._first_prints = self._warm_up()
        self._dividends = Dividends(seed, self._profiles)
        self._dividends.begin(self._simulator, date_of(self.start))

    def history(self, symbol: str) -> History:
        """The past up to `start`. Raises Refused for a symbol that does not trade here."""
        self._profile(symbol)
        before, prints = self._before_live(symbol), self._first_prints[symbol]
        seconds = past.continued(before.seconds, prints.bars(NS_PER_SECOND))
        minutes = past.continued(before.minutes, prints.bars(NS_PER_MINUTE))
        return History(
            past.closed_before(seconds, self.start, NS_PER_SECOND),
            past.closed_before(minutes, self.start, NS_PER_MINUTE),
            self._days_up_to_now(symbol, before.days, minutes),
        )

    def traded(self, symbol: str, bars: Bars) -> Traded:
        """What bars from before `start` stand for. Raises Refused for a symbol that does not trade here."""
        return past.traded_in(bars, self._profile(symbol))

    def next_due(self) -> int | None:
        return self._simulator.next_due()

    def advance(self, to: int) -> None:
        self._simulator.advance(to)

    def seek(self, to: int) -> None:
        raise Refused(
            "the simulated market cannot jump to another time, because its future is not made yet: speed it up"
        )

    def session(self, symbol: str, now: int) -> SessionState:
        return self._hours[symbol].state(now)

    def corporate_actions(self, after: date, until: date) -> Sequence[Dividend]:
        """The dividends of the days later than `after` and not later than `until`, oldest first."""
        return self._dividends.between(after, until)

    def close(self) -> None:
        """Nothing is held open."""

    def save(self) -> dict[str, Saved]:
        """What a restart needs: pass it on as `saved`, with the bars kept elsewhere if there are any."""
        now = self._simulator.now
        return {
            symbol: Saved(max(1, round(floor.mid() if floor.is_open else floor.value)), now)
            for symbol, floor in self._simulator.floors.items()
        }

    def _profile(self, symbol: str) -> Profile:
        if symbol not in self._profiles:
            raise Refused(f"symbol must be one of {', '.join(self._profiles)}, was {symbol}")
        return self._profiles[symbol]

    def _first_moment(self) -> int:
        """When agents begin to trade: the full minute before the warm-up, but not before what was saved."""
        begin = self.start - WARM_UP_NS
        begin -= begin % NS_PER_MINUTE
        saved = [each.ts for each in self._saved.values() if each.ts <= self.start]
        return max([begin, *saved])

    def _sessions_of(self, symbol: str) -> list[Session]:
        hours = self._hours[symbol]
        if hours not in self._sessions:
            self._sessions[hours] = past.sessions_before(hours, self.start)
        return self._sessions[hours]

    def _second_vol(self, symbol: str) -> float:
        return second_vol(self._profiles[symbol], self._hours[symbol])

    def _bridge(self, symbol: str) -> Bars:
        """The minutes between what was saved and the live tape; none when nothing was, or too long ago."""
        saved = self._saved.get(symbol)
        if saved is None or not self._live_from - LONGEST_BRIDGE_NS < bridge_start(saved) < self._live_from:
            return Bars.empty()
        sessions, vol = self._sessions_of(symbol), self._second_vol(symbol)
        profile, since = self._profiles[symbol], bridge_start(saved)
        return past.minutes_from(profile, self._seed, sessions, vol, since, saved.price, self._live_from)

    def _first_price(self, symbol: str) -> int:
        """The price at which the live tape begins."""
        if len(self._bridged[symbol]):
            return int(self._bridged[symbol].close[-1])
        saved = self._saved.get(symbol)
        return saved.price if saved else self._profiles[symbol].price

    def _before_live(self, symbol: str) -> History:
        """Seconds, minutes and days up to the moment at which the agents began."""
        saved = self._saved.get(symbol)
        rate = self._profiles[symbol].trade_rate
        bridge = self._bridged[symbol]
        is_recent = saved is not None and saved.ts > self._live_from - LONGEST_BRIDGE_NS
        if saved is None or saved.history is None or not is_recent:
            until = bridge_start(saved) if saved and len(bridge) else self._live_from
            price = saved.price if saved else self._first_price(symbol)
            drawn = self._drawn(symbol, until - until % NS_PER_MINUTE, price)
            minutes = past.continued(drawn.minutes, bridge)
            recent = minutes[-past.SECONDS_FOR_MINUTES :]
            seconds = past.seconds_within(recent, self._seed, symbol, rate, until=self._live_from)
            return History(seconds, minutes, drawn.days)
        kept = up_to(saved.history, min(saved.ts, self._live_from))
        recent = bridge[-past.SECONDS_FOR_MINUTES :]
        within = past.seconds_within(recent, self._seed, symbol, rate, saved.ts, self._live_from)
        days = self._days_over(symbol, kept.days, min(saved.ts, self.start))
        return History(past.continued(kept.seconds, within), past.continued(minutes_known(kept), bridge), days)

    def _days_up_to_now(self, symbol: str, days: Bars, minutes: Bars) -> Bars:
        """`days`, and those that are over since, joined from `minutes`."""
        known = int(days.start[-1]) if len(days) else 0
        sessions = [session for session in self._sessions_of(symbol) if session.day > known]
        since = first_at(minutes, sessions[0].day) if sessions else len(minutes)
        return days.joined(past.days_of(minutes[since:], sessions, self.start))

    def _days_over(self, symbol: str, days: Bars, moment: int) -> Bars:
        over = [session.day for session in self._sessions_of(symbol) if session.close <= moment]
        return days[: first_at(days, over[-1] + 1)] if over else Bars.empty()

    def _drawn(self, symbol: str, until: int, price: float) -> History:
        """A past out of nothing that ends at `price`; days before the first of the minutes."""
        profile, sessions = self._profiles[symbol], self._sessions_of(symbol)
        minutes = past.minutes_ending_at(profile, self._seed, sessions, self._second_vol(symbol), until, price)
        first = next(session for session in sessions if session.close > int(minutes.start[0]))
        volume_a_day = float(minutes.volume.mean()) * (first.close - first.open) / NS_PER_MINUTE
        opened = float(minutes.open[0])
        days = past.days_ending_at(profile, self._seed, sessions, first.day, opened, volume_a_day)
        return History(Bars.empty(), minutes, days)

    def _warm_up(self) -> "dict[str, Prints]":
        """Let the agents come up to `start`; their prints, which belong to the past."""
        prints = {symbol: Prints() for symbol in self._profiles}
        if self._live_from < self.start:
            self._simulator.advance(self.start - 1)
            self._simulator.print_once()
        self._simulator.advance(self.start - 1 if self._live_from < self.start else self.start)
        for item in self.venue.drain().items:
            if isinstance(item, Trade):
                prints[item.symbol].add(item)
        return prints


class Prints:
    """Trades of one symbol, as columns."""

    def __init__(self) -> None:
        self._times: list[int] = []
        self._prices: list[int] = []
        self._lots: list[int] = []

    def add(self, trade: Trade) -> None:
        self._times.append(trade.ts_event)
        self._prices.append(trade.price)
        self._lots.append(trade.qty)

    def bars(self, step_ns: int) -> Bars:
        return past.bars_from_trades(self._times, self._prices, self._lots, step_ns)


def hours_of(instrument: Instrument, hours: str) -> Hours:
    """Coins never close and count their days in UTC. Raises Refused for other `hours` than the two there are."""
    if hours not in ("always", "exchange"):
        raise Refused(f"hours must be `always` or `exchange`, were {hours!r}")
    if instrument.asset_class is AssetClass.CRYPTO:
        return COIN_HOURS
    if hours == "always":
        return SHARE_HOURS
    from tradesim.providers.simulated.calendar import new_york_hours

    return new_york_hours()


COIN_HOURS = AlwaysOpen(UTC)
SHARE_HOURS = AlwaysOpen()


def seed_at(seed: int, moment: int) -> int:
    """A seed for the agents that differs after each restart, so that they do not repeat themselves."""
    return seed ^ (moment // NS_PER_SECOND << 32)


def to_the_second(saved: Saved) -> Saved:
    return saved._replace(ts=-(-saved.ts // NS_PER_SECOND) * NS_PER_SECOND)


def bridge_start(saved: Saved) -> int:
    """Where what was saved ends; without bars there is nothing in the minute of the saved price yet."""
    return saved.ts if saved.history is not None else saved.ts - saved.ts % NS_PER_MINUTE


def minutes_known(history: History) -> Bars:
    """The minutes, and those after them of which only seconds are known."""
    minutes = history.minutes
    since = int(minutes.start[-1]) + NS_PER_MINUTE if len(minutes) else 0
    later = history.seconds[first_at(history.seconds, since) :]
    return minutes.joined(past.joined_by(later, later.start - later.start % NS_PER_MINUTE))


def up_to(history: History, moment: int) -> History:
    """What had begun before `moment`."""
    return History(*(bars[: first_at(bars, moment)] for bars in (history.seconds, history.minutes, history.days)))


def first_at(bars: Bars, moment: int) -> int:
    """Row of the first bar that starts at or after `moment`."""
    return int(bars.start.searchsorted(moment, side="left"))
