"""A small market on the real venue that only we move, and a desk on it: for tests of the desk and what is above."""

from decimal import Decimal
from types import MappingProxyType

from msgspec.structs import replace

from tests.fakes import ManualClock, MemoryJournal
from tradesim.desk.desk import Desk
from tradesim.desk.orders import TradingRules
from tradesim.kernel.clock import NS_PER_MS, NS_PER_SECOND
from tradesim.kernel.errors import Refused
from tradesim.marketdata.bars import BarStore
from tradesim.model.commands import ConfigureAccount, SubmitOrder
from tradesim.model.instrument import AssetClass, Instrument
from tradesim.model.market import SessionState, Side, SourceKind, Trade
from tradesim.model.orders import ExitLeg, OrderClass, TimeInForce
from tradesim.model.series import Bars, History
from tradesim.venue.matching import MatchingVenue

START = 1_767_625_200 * NS_PER_SECOND
INSTRUMENTS = MappingProxyType(
    {
        "AAPL": Instrument("AAPL", "Apple"),
        "BTC/USD": Instrument(
            "BTC/USD",
            "Bitcoin",
            AssetClass.CRYPTO,
            tick_size=Decimal("0.01"),
            lot_size=Decimal("0.0001"),
            shortable=False,
        ),
    }
)
WITH_FRACTIONS = MappingProxyType({**INSTRUMENTS, "F": Instrument("F", "Ford", fractionable=True)})
TOUCH = {"AAPL": (22_999, 23_001, 100), "F": (1_049, 1_050, 500), "BTC/USD": (9_700_000, 9_700_100, 5_000)}
TOUCH |= {"PENY": (4_499, 4_501, 1_000), "HARD": (1_999, 2_001, 100)}


class StillMarket:
    """Ten levels a side from agents that never move. `kind` and `end` stage a replay, `hours` an exchange."""

    def __init__(
        self,
        start: int = START,
        kind: SourceKind = SourceKind.SIMULATED,
        end: int | None = None,
        hours=None,
        instruments=INSTRUMENTS,
    ) -> None:
        self.kind, self.title, self.start, self.end = kind, "still", start, end
        self.instruments = instruments
        touches = {symbol: TOUCH[symbol] for symbol in instruments}
        self.venue = MatchingVenue(instruments, {symbol: (bid + ask) // 2 for symbol, (bid, ask, _) in touches.items()})
        self.session_state = SessionState.ALWAYS
        self.hours = hours
        self.is_closed = False
        for symbol, (bid, ask, qty) in touches.items():
            for step in range(10):
                self.venue.agent_limit(symbol, "~maker", Side.BUY, bid - step, qty, start)
                self.venue.agent_limit(symbol, "~maker", Side.SELL, ask + step, qty, start)

    def history(self, symbol: str) -> History:
        return History(Bars.empty(), Bars.empty(), Bars.empty())

    def next_due(self) -> int | None:
        return None

    def advance(self, to: int) -> None:
        pass

    def seek(self, to: int) -> None:
        if self.kind is not SourceKind.REPLAY:
            raise Refused("only a replay can jump")

    def session(self, symbol: str, now: int) -> SessionState:
        return self.session_state if self.hours is None else self.hours.state(now)

    def close(self) -> None:
        self.is_closed = True


class StillMarkets:
    """Opens still markets; `replay` refuses what is called `bad`."""

    def simulated(self, now: int, seed: int | None = None) -> StillMarket:
        return StillMarket(now)

    def replay(self, paths, mapping) -> StillMarket:
        if "bad" in paths:
            raise Refused("bad: wanted a recording, found nothing of the kind")
        return StillMarket(START, SourceKind.REPLAY, START + 3_600 * NS_PER_SECOND)

    def live(self, provider, symbols, backups=()):
        raise Refused(f"{provider}: there is no network here")

    def vendors(self, open_now) -> list:
        return []

    def providers(self, open_now) -> list:
        return []

    def switches(self, open_now) -> list:
        return []

    def words(self, open_now, symbol) -> list:
        return []

    def feeds(self, open_now) -> dict:
        return {}

    def recorders(self, open_now) -> dict:
        return {}

    def record(self, provider, open_now) -> None:
        raise Refused(f"{provider} is not in the open market")

    def stop_recording(self, provider, open_now):
        raise Refused(f"{provider} is not being recorded")

    def prefer(self, order, stand_ins) -> None:
        raise Refused("this session has no folder for preferences")

    def poll(self, open_now, provider, watched=()) -> None:
        pass

    def probe(self, provider, open_now) -> str:
        raise Refused(f"{provider}: there is no network here")

    def search(self, text, provider="") -> list:
        raise Refused("there is no network here")

    def keep_key(self, name, key) -> None:
        raise Refused("this session has no folder for keys")

    def bars(self, source) -> BarStore:
        return BarStore(source.instruments)

    def recordings(self) -> list[tuple[str, str, int]]:
        return []

    def save_recording(self, name: str, content: bytes) -> str:
        return name


def no_fee(_instrument, _price, _qty, _liquidity) -> Decimal:
    return Decimal(0)


def a_bracket(take_profit: str, stop_loss: str, **changes) -> SubmitOrder:
    """Buys 100 shares at the market and sells them at either price."""
    bracket = SubmitOrder(
        "paper",
        "AAPL",
        Side.BUY,
        qty=Decimal(100),
        time_in_force=TimeInForce.GTC,
        order_class=OrderClass.BRACKET,
        take_profit=ExitLeg(limit_price=Decimal(take_profit)),
        stop_loss=ExitLeg(stop_price=Decimal(stop_loss)),
    )
    return replace(bracket, **changes)


def order_of(event) -> str | None:
    for name in ("order", "fill"):
        if hasattr(event, name):
            return getattr(event, name).order_id if name == "fill" else event.order.id
    return getattr(event, "order_id", None)


class Stage:
    """A desk on a still market, driven by hand: `ask` sends a command, lets the latency pass and gives the answer."""

    def __init__(
        self, journal=None, latency_ms: int = 0, clock: ManualClock | None = None, source=None, markets=None, **rules
    ) -> None:
        self.clock = clock or ManualClock(START)
        self.journal = journal if journal is not None else MemoryJournal()
        self.market = source or StillMarket(self.clock.now())
        self.events: list = []
        self.desk = Desk(
            markets or StillMarkets(),
            self.journal,
            TradingRules(latency_ns=lambda: latency_ms * NS_PER_MS, fee=rules.pop("fee", no_fee), **rules),
            self.clock,
            7,
            self.market,
        )
        self.desk.review._submit = self.ask
        self.desk.subscribe(self.events.extend)

    def book(self, order_id: str):
        """The order, as the state has it now."""
        return self.desk._orders.state.order(order_id)

    def legs(self, group) -> tuple:
        """The exits of `group`, as they are now."""
        return tuple(self.book(leg) for leg in self.book(group.id).legs)

    def held(self, symbol: str = "AAPL") -> Decimal:
        """What the desk's own account holds, short below zero."""
        return self.desk._orders.state.position("paper", symbol).qty

    def configure(self, **rules) -> None:
        """Change these rules of the desk's own account."""
        own = self.desk._orders.state.portfolio("paper").account.rules
        self.ask(ConfigureAccount("paper", replace(own, **rules)))

    def kinds(self, order_id: str) -> list[str]:
        """The names of all facts about an order, in order."""
        return [type(event).__name__ for event in self.events if order_of(event) == order_id]

    def print(self, price: int, qty: int = 1, symbol: str = "AAPL") -> None:
        """Two strangers trade at `price` beside the book, seen by the desk at its next turn."""
        out = self.desk._opening.market.source.venue._out
        out.items.append(Trade(symbol, 1_000_000 + len(out.items), price, qty, None, self.clock.now()))
        self.desk.turn()

    def lift(self, price: int, qty: int, symbol: str = "AAPL") -> None:
        """A stranger buys all that is offered below `price`, and `qty` there."""
        venue = self.desk._opening.market.source.venue
        below = sum(level.qty for level in venue.top(symbol, 100).asks if level.price < price)
        self.agent(Side.BUY, price, below + qty, symbol)

    def ask(self, command):
        reply = self.desk.post(command)
        self.desk.turn()
        return reply.result(0)

    def pass_ms(self, ms: int) -> None:
        self.clock.advance(ms * NS_PER_MS)
        self.desk.turn()
        while self.desk.is_behind:
            self.desk.turn()

    def agent(self, side: Side, price: int, qty: int, symbol: str = "AAPL") -> int:
        """Somebody else's limit order, seen by the desk at its next turn."""
        rests = self.desk._opening.market.source.venue.agent_limit(symbol, "~other", side, price, qty, self.clock.now())
        self.desk.turn()
        return rests
