"""Every vendor there is, a row each: what it is called, which keys it wants, how it is built, what to begin with.

A vendor's own room, and the network libraries with it, is imported when it is first asked, not when the desk starts.
"""

import random
import threading
from collections.abc import Callable, Mapping, Sequence
from importlib import import_module
from typing import TYPE_CHECKING, Any, Protocol

from msgspec import Struct
from msgspec.structs import replace

from tradesim.kernel.clock import Clock
from tradesim.kernel.errors import Refused
from tradesim.marketdata.sessions import Calendar, no_holidays
from tradesim.model.instrument import AssetClass
from tradesim.providers.contract import Provider

if TYPE_CHECKING:
    from tradesim.providers.budget import Budgets, BudgetStore
    from tradesim.providers.hooks import Hooks
    from tradesim.providers.line import OneSocket
    from tradesim.providers.vendor import Wiring

COINS = ("BTC/USD", "ETH/USD", "SOL/USD")
SHARES = ("AAPL", "MSFT", "NVDA", "SPY")
FINNHUB, POLYGON, ALPHAVANTAGE = "FINNHUB_API_KEY", "POLYGON_API_KEY", "ALPHAVANTAGE_API_KEY"
ALPACA = ("ALPACA_API_KEY_ID", "ALPACA_API_SECRET_KEY")

PaidPlan = tuple[tuple[str, int, float], ...]
"""Of each quota the window's name, how much may be asked in it, and its seconds."""


class Keys(Protocol):
    """`storage.keys.KeyRing` is one."""

    def get(self, name: str) -> str: ...

    def held(self, name: str) -> str: ...


class Built(Struct, frozen=True):
    """What a row builds a provider with: its keys in the row's order, and addresses other than the vendor's own."""

    wiring: "Wiring"
    keys: tuple[str, ...]
    rest_url: str = ""
    stream_url: str = ""

    def addresses(self, rest: str, stream: str = "") -> dict[str, str]:
        """By the names that the vendor's constructor gives them."""
        return {name: url for name, url in ((rest, self.rest_url), (stream, self.stream_url)) if name and url}


class Row(Struct, frozen=True):
    """`note` is for a person who chooses; `symbols` what to begin with; `poll_s` how often to ask for quotes that no
    stream brings, per symbol."""

    id: str
    title: str
    note: str
    asset_class: AssetClass
    symbols: tuple[str, ...]
    keys: tuple[str, ...]
    build: Callable[[Built], Provider]
    poll_s: float = 5.0
    is_discontinued: bool = False
    of_pairs: str = ""
    """What is to be said more when a provider of shares is asked for a pair."""


def shares_key(one: Row, other: Row) -> bool:
    return bool(set(one.keys) & set(other.keys))


def keyless(room: str, name: str) -> Callable[[Built], Provider]:
    def build(given: Built) -> Provider:
        wiring, addresses = given.wiring, given.addresses("rest_url", "stream_url")
        policy = {"policy": wiring.policy} if wiring.policy is not None else {}
        kept = {"budgets": wiring.budgets, "hooks": wiring.hooks, **policy}
        made: Provider = class_in(room, name)(wiring.clock, wiring.rng, **kept, **addresses)
        return made

    return build


def keyed(room: str, name: str, stream: str = "stream_url") -> Callable[[Built], Provider]:
    def build(given: Built) -> Provider:
        addresses = given.addresses("base_url", stream)
        made: Provider = class_in(room, name)(*given.keys, given.wiring, **addresses)
        return made

    return build


def gone(_given: Built) -> Provider:
    made: Provider = class_in("iex.cloud", "IexCloud")()
    return made


def class_in(room: str, name: str) -> Any:
    return getattr(import_module(f"tradesim.providers.{room}"), name)


CRYPTO, US = AssetClass.CRYPTO, AssetClass.US_EQUITY
ROWS = (
    Row(
        "kraken",
        "Kraken",
        "Crypto with a real order book, checked by its own checksum. No key needed.",
        CRYPTO,
        COINS,
        (),
        keyless("kraken", "Kraken"),
    ),
    Row(
        "coinbase",
        "Coinbase",
        "Crypto with a real order book, every level of it. No key needed.",
        CRYPTO,
        COINS,
        (),
        keyless("coinbase", "Coinbase"),
    ),
    Row(
        "binance",
        "Binance",
        "Crypto against USDT with a real order book. No key needed.",
        CRYPTO,
        ("BTC/USDT", "ETH/USDT", "SOL/USDT"),
        (),
        keyless("binance", "Binance"),
    ),
    Row(
        "alpaca",
        "Alpaca",
        "US shares: IEX live, all exchanges after fifteen minutes.",
        US,
        SHARES,
        ALPACA,
        keyed("alpaca", "Alpaca"),
    ),
    Row(
        "iex_alpaca",
        "IEX via Alpaca, about 2-3 % of volume",
        "US shares on the exchange IEX alone, with Alpaca's keys.",
        US,
        SHARES,
        ALPACA,
        keyed("alpaca", "IexViaAlpaca"),
    ),
    Row(
        "finnhub",
        "Finnhub",
        "US shares: last prices and live trades, no bid and ask on the free plan.",
        US,
        SHARES,
        (FINNHUB,),
        keyed("finnhub", "Finnhub"),
        poll_s=2.0,
    ),
    Row(
        "polygon",
        "Polygon (Massive)",
        "US shares: daily and minute bars free, live prices on paid plans.",
        US,
        SHARES,
        (POLYGON,),
        keyed("polygon", "Polygon"),
        poll_s=15.0,
        of_pairs=" (its crypto socket is not listened to: no session of it was ever recorded)",
    ),
    Row(
        "alphavantage",
        "Alpha Vantage",
        "US shares at the end of the day; the free plan answers 25 questions a day.",
        US,
        SHARES[:1],
        (ALPHAVANTAGE,),
        keyed("alphavantage", "AlphaVantage", stream=""),
        poll_s=3_600.0,
    ),
    Row(
        "alpaca_crypto",
        "Alpaca crypto",
        "Crypto with a real order book, with Alpaca's free keys.",
        CRYPTO,
        COINS,
        ALPACA,
        keyed("alpaca", "AlpacaCrypto"),
    ),
    Row("iexcloud", "IEX Cloud", "Shut down on 2024-08-31.", US, (), (), gone, is_discontinued=True),
)


class Vendors:
    """Builds providers by name, with the keys and addresses of now. Safe from any thread.

    `urls` gives other addresses, by name: REST and stream, an empty one stays the vendor's own.
    """

    def __init__(
        self,
        clock: Clock,
        keys: Keys,
        store: "BudgetStore | None" = None,
        urls: Mapping[str, tuple[str, str]] | None = None,
        rows: Sequence[Row] = ROWS,
        lock_of: "Callable[[str, str], OneSocket] | None" = None,
        holidays: Calendar = no_holidays,
        rng_of: Callable[[], random.Random] = random.Random,
        plans: Mapping[str, PaidPlan] | None = None,
        budgets: "BudgetStore | None" = None,
    ) -> None:
        """`lock_of` a provider and its key: one socket per key and machine. `holidays` are those of US shares.

        `plans`, by name, are what a key bears whose plan is not the free one. `budgets` is where those are kept; with
        none, they are as long as the process.
        """
        self._clock, self._keys, self._store, self._urls = clock, keys, store, dict(urls or {})
        self._lock_of, self._holidays, self._rng_of, self._kept_budgets = lock_of, holidays, rng_of, budgets
        self._plans = {row.id: plan_of(row, rows, plans or {}) for row in rows}
        self._rows = {row.id: paced(row, self._plans[row.id]) for row in rows}
        self._asked: dict[str, Provider] = {}
        self._budgets: Budgets | None = None
        self._lock = threading.RLock()

    @property
    def rows(self) -> tuple[Row, ...]:
        return tuple(self._rows.values())

    def row(self, name: str) -> Row:
        """Raises Refused."""
        if name not in self._rows:
            raise Refused(f"wanted one of the providers {', '.join(self._rows)}, was {name[:40]!r}")
        return self._rows[name]

    def missing_keys(self, name: str) -> tuple[str, ...]:
        return tuple(key for key in self.row(name).keys if not self._keys.get(key))

    def keys_of(self, name: str) -> tuple[str, ...]:
        """The keys themselves, for what must take them out of texts."""
        return tuple(filter(None, (self._keys.get(key) for key in self.row(name).keys)))

    def held(self, key: str) -> str:
        """Where a key is kept: `environment`, `file`, or nothing."""
        return self._keys.held(key)

    def refusal(self, name: str) -> str | None:
        """Why the provider cannot be opened now; None when it can."""
        row, missing = self.row(name), self.missing_keys(name)
        if missing:
            them = "it" if len(missing) == 1 else "them"
            return (
                f"{row.title} needs {' and '.join(missing)}: enter {them} under Keys, or set {them} in the environment"
            )
        return f"{row.title}: it is gone for good" if row.is_discontinued else None

    def symbol_fault(self, name: str, symbol: str) -> str | None:
        """Why the provider cannot be asked for a symbol of this form; None when it can."""
        row = self.row(name)
        if row.asset_class is not AssetClass.US_EQUITY or "/" not in symbol:
            return None
        said = f"{row.title} is asked for US shares here, and {symbol} is a pair{row.of_pairs}"
        return f"{said}: Kraken, Coinbase and Binance have pairs with no key, Alpaca crypto with Alpaca's"

    def asked(self, name: str) -> Provider:
        """The one instance for questions outside of any market: search, test, the panel."""
        with self._lock:
            if name not in self._asked:
                self._asked[name] = self.build(name)
            return self._asked[name]

    def build(self, name: str, hooks: "Hooks | None" = None) -> Provider:
        """A new instance, for a market that will close it."""
        from tradesim.providers.budget import Quota
        from tradesim.providers.hooks import NO_HOOKS
        from tradesim.providers.vendor import Wiring

        row, hooks = self.row(name), hooks or NO_HOOKS
        keys = tuple(self._keys.get(key) for key in row.keys)
        one_socket = self._lock_of(row.keys[0], keys[0]) if self._lock_of and keys and all(keys) else None
        holidays = self._holidays if row.asset_class is AssetClass.US_EQUITY else no_holidays
        wiring = Wiring(
            self._clock,
            hooks.dice(self._rng_of()),
            self._store,
            one_socket,
            holidays=holidays,
            hooks=hooks,
            budgets=self._shared_budgets(),
            plan=tuple(Quota(*each) for each in self._plans[name]),
        )
        return row.build(Built(wiring, keys, *self._urls.get(name, ("", ""))))

    def _shared_budgets(self) -> "Budgets":
        """Of every provider that is built here: a market's, and those that are asked outside of it."""
        from tradesim.providers.budget import Budgets

        with self._lock:
            self._budgets = self._budgets or Budgets(self._clock, self._kept_budgets)
            return self._budgets

    def forget(self, key: str) -> None:
        """The key called so has changed: who wants it is built anew when next asked."""
        with self._lock:
            gone = [self._asked.pop(row.id) for row in self.rows if key in row.keys and row.id in self._asked]
        for provider in gone:
            provider.close()

    def stand_ins(self, name: str) -> tuple[str, ...]:
        """Who shows the same kind of instruments and could be opened: not who shares the key, which has one socket."""
        mine = self.row(name)
        others = (row for row in self.rows if row.asset_class is mine.asset_class and row.id != name)
        return tuple(row.id for row in others if self.refusal(row.id) is None and not shares_key(row, mine))

    def close(self) -> None:
        with self._lock:
            gone, self._asked = list(self._asked.values()), {}
        for provider in gone:
            provider.close()


def plan_of(row: Row, rows: Sequence[Row], plans: Mapping[str, PaidPlan]) -> PaidPlan:
    """Its own, or that of one with the same key."""
    alike = (row, *(each for each in rows if shares_key(each, row)))
    return next((plans[each.id] for each in alike if each.id in plans), ())


def paced(row: Row, plan: PaidPlan) -> Row:
    """Asked as often as the plan bears, not more than every second."""
    if not plan:
        return row
    from tradesim.providers.budget import Quota, every_s

    return replace(row, poll_s=max(1.0, every_s([Quota(*each) for each in plan])))
