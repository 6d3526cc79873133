"""Who may serve which symbol, in order: a failover for each route, and those who could not be asked when it opened.

A provider that cannot be asked (`Absent`) is on the routes where it is wanted and serves nothing. It is asked again, in
the background and less and less often; when it answers it joins, and leads again where it is preferred once it has been
well for a while.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from tradesim.kernel.clock import NS_PER_SECOND, Clock
from tradesim.marketdata.failover import FailoverRules, Switch
from tradesim.model.feed import Capability
from tradesim.providers.contract import YES, Provider
from tradesim.providers.live.answers import Answers, AnswerStore
from tradesim.providers.live.shared import SharedFailover

STREAMED = (Capability.BOOK, Capability.QUOTE, Capability.TRADES)
ASKED = (Capability.BARS_INTRADAY, Capability.BARS_DAILY)
SOONEST_S, LATEST_S = 15.0, 240.0


@dataclass(slots=True)
class Doubt:
    """Who serves and could not be asked of some added symbols, by the routes that they would have with it."""

    routes: dict[str, tuple[str, ...]]
    due: int
    wait_s: float = SOONEST_S


@dataclass(slots=True)
class Absent:
    """`why` is the sentence of what it said last; asked again at `due` (UTC ns)."""

    why: str
    due: int
    wait_s: float = SOONEST_S


class Routes:
    """`wanted` names the providers of each symbol, preferred first; `absent` those that could not be asked, and why.

    Changed by the market thread alone; may be read from any.
    """

    def __init__(
        self,
        providers: Mapping[str, Provider],
        wanted: Mapping[str, Sequence[str]],
        absent: Mapping[str, str],
        clock: Clock,
        rules: FailoverRules,
        store: AnswerStore | None = None,
    ) -> None:
        self._providers, self._clock, self._rules, self._store = providers, clock, rules, store
        self._route = {symbol: tuple(names) for symbol, names in wanted.items()}
        self._failovers: dict[tuple[str, ...], SharedFailover] = {}
        self._answers: dict[tuple[str, ...], Answers] = {}
        self._doubts: dict[str, Doubt] = {}
        now = clock.now()
        self._absent = {name: Absent(why, now + int(SOONEST_S * NS_PER_SECOND)) for name, why in absent.items()}
        for route in dict.fromkeys(self._route.values()):
            self._add(route, self._begun(route))

    def take_up(self, symbol: str, names: Sequence[str], doubted: Collection[str] = ()) -> None:
        """One more symbol, with who may serve it, and those of them of whom that is not known yet."""
        route = tuple(name for name in names if name not in doubted)
        due = self._clock.now() + int(SOONEST_S * NS_PER_SECOND)
        for name in doubted:
            known = self._doubts.get(name) or Doubt({}, due)
            self._doubts = {
                **self._doubts,
                name: Doubt({**known.routes, symbol: tuple(names)}, known.due, known.wait_s),
            }
        if route not in self._failovers:
            self._add(route, self._begun(route))
        self._route = {**self._route, symbol: route}

    def on_trial(self, names: Sequence[str]) -> Answers:
        """Who may serve a symbol that is not taken up yet, to be asked about it. From any thread."""
        return Answers(self._providers, self._begun(names), self._clock, self._store)

    def of(self, symbol: str) -> tuple[str, ...]:
        """All that may serve it now, preferred first."""
        return tuple(name for name in self._route[symbol] if name not in self._absent)

    def pairs(self) -> list[tuple[str, str]]:
        """Provider and symbol, those that are absent or doubted included."""
        doubted = [(name, symbol) for name, doubt in self._doubts.items() for symbol in doubt.routes]
        return [(name, symbol) for symbol, route in self._route.items() for name in route] + doubted

    def symbols_of(self, provider: str) -> list[str]:
        return [symbol for symbol in self._route if provider in self.of(symbol)]

    def failover(self, symbol: str) -> SharedFailover:
        return self._failovers[self._route[symbol]]

    def failovers_of(self, provider: str) -> list[SharedFailover]:
        """Those of the routes that it is on now."""
        routes = dict.fromkeys(self._route.values())
        return [self._failovers[route] for route in routes if provider in route and provider not in self._absent]

    def answers(self, symbol: str) -> Answers:
        return self._answers[self._route[symbol]]

    @property
    def timeline(self) -> list[Switch]:
        """Every switch, oldest first; one that several routes made at once is told once."""
        every = dict.fromkeys(switch for each in tuple(self._failovers.values()) for switch in tuple(each.timeline))
        return sorted(every, key=lambda switch: switch.at)

    # -- those who could not be asked

    @property
    def absent(self) -> Mapping[str, str]:
        """Name and sentence."""
        return {name: each.why for name, each in tuple(self._absent.items())}

    def missed(self) -> dict[str, str]:
        """Those absent that are preferred somewhere, with the sentence."""
        first = {route[0] for route in self._route.values() if route}
        return {name: why for name, why in self.absent.items() if name in first}

    def wanted_of(self, absent: str, now: int) -> list[str]:
        """The symbols that it is to be asked about now; none before its time."""
        found, doubt = self._absent.get(absent), self._doubts.get(absent)
        if found is None:
            return list(doubt.routes) if doubt is not None and now >= doubt.due else []
        return [symbol for symbol, route in self._route.items() if absent in route] if now >= found.due else []

    def put_off(self, absent: str, why: str, after_s: float, now: int) -> None:
        """It still cannot be asked."""
        found = self._absent.get(absent)
        if found is not None:
            wait_s = min(LATEST_S, found.wait_s * 2)
            self._absent[absent] = Absent(why, now + int(max(wait_s, after_s) * NS_PER_SECOND), wait_s)
        elif (doubt := self._doubts.get(absent)) is not None:
            wait_s = min(LATEST_S, doubt.wait_s * 2)
            due = now + int(max(wait_s, after_s) * NS_PER_SECOND)
            self._doubts = {**self._doubts, absent: Doubt(doubt.routes, due, wait_s)}

    def settle(self, doubted: str, asked: Collection[str], listed: Collection[str]) -> bool:
        """It serves, and answered of the added symbols that were `asked`: whether it has some."""
        doubt = self._doubts.get(doubted)
        if doubt is None:
            return False
        rest = {symbol: route for symbol, route in doubt.routes.items() if symbol not in asked}
        others = {name: each for name, each in self._doubts.items() if name != doubted}
        self._doubts = {**others, doubted: Doubt(rest, doubt.due)} if rest else others
        found = [symbol for symbol in doubt.routes if symbol in asked and symbol in listed]
        for symbol in found:
            self.take_up(symbol, [name for name in doubt.routes[symbol] if name in (doubted, *self._route[symbol])])
        return bool(found)

    def admit(self, absent: str, listed: Collection[str], now: int) -> list[str]:
        """It answered, and trades `listed`: the symbols that it may serve from now on."""
        if self._absent.pop(absent, None) is None:
            return []
        for symbol, route in list(self._route.items()):
            if absent in route and symbol not in listed:
                self._shorten(symbol, route, absent)
        for failover in self._enlisted(absent):
            failover.admit(absent, now)
        return self.symbols_of(absent)

    def readmit(self, provider: str, why: str) -> None:
        """A person mended its key or plan: what it was taken out of, or never was in, it may serve. From any thread."""
        for failover in self._enlisted(provider):
            failover.readmit(provider, why, self._clock.now())

    def hasten(self, absent: str) -> None:
        """A person mended its key or plan: it is to be asked again now."""
        found = self._absent.get(absent)
        if found is not None:
            self._absent[absent] = Absent(found.why, self._clock.now())

    def _enlisted(self, provider: str) -> list[SharedFailover]:
        """Those of its routes, with all that it says it can give now."""
        kinds = gives(self._providers[provider])
        routes = [route for route in dict.fromkeys(self._route.values()) if provider in route]
        for route in routes:
            self._failovers[route].enlist(provider, kinds, route)
        return [self._failovers[route] for route in routes]

    def _begun(self, route: Sequence[str]) -> SharedFailover:
        failover = SharedFailover(orders_of(route, self._providers), self._rules)
        for name, why in self.absent.items():
            failover.leave_out(name, why, self._clock.now())
        return failover

    def _shorten(self, symbol: str, route: tuple[str, ...], without: str) -> None:
        shorter = tuple(name for name in route if name != without)
        if shorter not in self._failovers:
            self._add(shorter, self._failovers[route].without(without))
        self._route[symbol] = shorter

    def _add(self, route: tuple[str, ...], failover: SharedFailover) -> None:
        self._answers = {**self._answers, route: Answers(self._providers, failover, self._clock, self._store)}
        self._failovers = {**self._failovers, route: failover}


def orders_of(route: Iterable[str], providers: Mapping[str, Provider]) -> dict[Capability, tuple[str, ...]]:
    """Who can give what, in the order of the route. What is learned later takes providers out, and a person in."""
    able = {name: gives(providers[name]) for name in route}
    return {kind: tuple(name for name, kinds in able.items() if kind in kinds) for kind in (*STREAMED, *ASKED)}


def gives(provider: Provider) -> tuple[Capability, ...]:
    says = provider.capabilities()
    return tuple(kind for kind in (*STREAMED, *ASKED) if says.get(kind) == YES)
