"""The part of desk.opener.MarketOpener that is about providers: who there is, how they are, what they answer."""

import logging
import threading
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Protocol
from weakref import WeakKeyDictionary

from msgspec.structs import replace

from tradesim.desk.ports import MarketSource
from tradesim.desk.views import FeedView, KeyView, RecorderView, SwitchView, VendorView, WordView
from tradesim.kernel.clock import Clock
from tradesim.kernel.errors import Refused
from tradesim.model.feed import Listing, ProviderHealth
from tradesim.model.instrument import AssetClass
from tradesim.providers.background import in_background
from tradesim.providers.contract import Provider
from tradesim.providers.live.answers import AnswerStore
from tradesim.providers.live.opening import Wanted, enlist, found_by, open_live, probed, told_of
from tradesim.providers.live.polling import Turns
from tradesim.providers.live.source import LiveRules, LiveSource
from tradesim.providers.vendors import Keys, Row, Vendors

if TYPE_CHECKING:
    from tradesim.providers.traffic.deck import Deck

logger = logging.getLogger(__name__)

SHOWN_SWITCHES = 100
TITLE_BY_KEY = {
    "FINNHUB_API_KEY": "Finnhub key",
    "ALPACA_API_KEY_ID": "Alpaca key id",
    "ALPACA_API_SECRET_KEY": "Alpaca secret key",
    "POLYGON_API_KEY": "Polygon (Massive) key",
    "ALPHAVANTAGE_API_KEY": "Alpha Vantage key",
}


class KeyKeeper(Keys, Protocol):
    def keep(self, name: str, key: str) -> None:
        """Raises Refused."""
        ...


class Preferences(Protocol):
    """`storage.preferences.ProviderOrder` is one."""

    order: tuple[str, ...]
    stand_ins: tuple[str, ...]

    def keep(self, order: Sequence[str], stand_ins: Sequence[str]) -> None:
        """Raises Refused."""
        ...


class NoPreferences:
    """The vendors' own order, and nobody stands in unasked."""

    order: tuple[str, ...] = ()
    stand_ins: tuple[str, ...] = ()

    def keep(self, order: Sequence[str], stand_ins: Sequence[str]) -> None:
        self.order, self.stand_ins = tuple(order), tuple(stand_ins)


class LiveMarkets:
    """Safe from any thread. Providers of an open market are its own; questions outside of it go to others."""

    def __init__(
        self,
        vendors: Vendors,
        keys: KeyKeeper,
        clock: Clock,
        store: AnswerStore | None = None,
        rules: LiveRules | None = None,
        preferences: Preferences | None = None,
    ) -> None:
        self._decks: WeakKeyDictionary[LiveSource, Deck] = WeakKeyDictionary()
        self._preferences = preferences or NoPreferences()
        self._vendors, self._keys, self._clock, self._store, self._rules = vendors, keys, clock, store, rules
        self._turns: dict[str, Turns] = {}
        self._polling = threading.Lock()

    def live(self, provider: str, symbols: Sequence[str], backups: Sequence[str] = ()) -> LiveSource:
        wanted = Wanted(provider, tuple(symbols), tuple(backups))
        rules = self._rules or rules_of(self._vendors.row(provider))
        from tradesim.providers.traffic.deck import Deck

        deck = Deck(self._vendors, self._clock, self._shelf)
        source = open_live(self._vendors, wanted, self._clock, rules, self._store, deck.hooks_of)
        self._decks[source] = deck
        return source

    def vendors(self, open_now: MarketSource) -> list[VendorView]:
        serving = serving_in(open_now)
        first = next(iter(serving), "")
        return [replace(self._vendor(row, row.id in serving), is_first=row.id == first) for row in self._rows()]

    def prefer(self, order: Sequence[str], stand_ins: Sequence[str]) -> None:
        for name in (*order, *stand_ins):
            self._vendors.row(name)
        self._preferences.keep(order, stand_ins)

    def stand_ins(self, provider: str) -> tuple[str, ...]:
        """Who stands in for `provider` by the person's choice, in order, and could be opened now."""
        able, wanted = set(self._vendors.stand_ins(provider)), self._preferences.stand_ins
        return tuple(row.id for row in self._rows() if row.id in able and row.id in wanted)

    def providers(self, open_now: MarketSource) -> list[ProviderHealth]:
        return [self._provider(row.id, open_now).health() for row in self._rows()]

    def switches(self, open_now: MarketSource) -> list[SwitchView]:
        told = open_now.timeline[-SHOWN_SWITCHES:] if isinstance(open_now, LiveSource) else []
        return [SwitchView(each.at, each.kind.value, each.former, each.chosen, each.why) for each in reversed(told)]

    def words(self, open_now: MarketSource, symbol: str) -> list[WordView]:
        instrument = open_now.instruments.get(symbol)
        if instrument is None or not isinstance(open_now, LiveSource):
            return []
        price = instrument.price
        return [
            WordView(name, None if bid is None else price(bid), None if ask is None else price(ask), said_at, last)
            for name, (bid, ask, last, said_at) in open_now.words(symbol).items()
        ]

    def feeds(self, open_now: MarketSource) -> dict[str, FeedView]:
        return open_now.feeds(self._clock.now()) if isinstance(open_now, LiveSource) else {}

    def poll(self, open_now: MarketSource, provider: str, watched: Collection[str] = ()) -> None:
        """Ask one provider what no stream brings, as often as its plan can bear; in the background, so that clicks
        come first. Symbols that are `watched` come first."""
        if not isinstance(open_now, LiveSource):
            return
        now = self._clock.now()
        with in_background():
            self._ask_again(open_now, provider, now)
        if provider not in open_now.providers:
            return
        with self._polling:
            turns = self._turns.setdefault(provider, Turns(self._vendors.row(provider).poll_s))
            symbol = turns.take(open_now.to_ask(provider, now), watched, now)
        if symbol is not None:
            if deck := self._deck_of(open_now):
                deck.polled(provider, symbol)
            with in_background():
                open_now.ask_quote(provider, symbol)

    def follow(self, open_now: MarketSource, ranks: Sequence[Collection[str]]) -> None:
        if isinstance(open_now, LiveSource):
            open_now.follow(ranks)

    def enlist(self, open_now: MarketSource, symbols: Sequence[str]) -> Sequence[str]:
        if not isinstance(open_now, LiveSource):
            raise Refused("only a live market takes up more symbols: all that this one has is there")
        return enlist(self._vendors, open_now, symbols)

    def _ask_again(self, open_now: LiveSource, absent: str, now: int) -> None:
        """Whether one that could not be asked, when the market opened or grew, can be asked now."""
        symbols = open_now.to_ask_again(absent, now)
        if not symbols:
            return
        told = told_of(self._vendors, absent, symbols)
        if told.fault:
            logger.info("%s cannot serve yet: %s", absent, told.fault)
            open_now.put_off(absent, told.fault, told.after_s)
        elif absent in open_now.absent:
            open_now.admit(absent, told.listings)
        else:
            open_now.settle(absent, symbols, told.listings)

    def probe(self, provider: str, open_now: MarketSource) -> str:
        row, refusal = self._vendors.row(provider), self._vendors.refusal(provider)
        if refusal:
            raise Refused(refusal)
        said = probed(self._provider(provider, open_now), row.symbols[0], self._clock)
        if isinstance(open_now, LiveSource):
            open_now.readmit(provider, f"{row.title} passed its test")
        return said

    def recorders(self, open_now: MarketSource) -> Mapping[str, RecorderView]:
        deck = self._deck_of(open_now)
        return deck.views() if deck else {}

    def record(self, provider: str, open_now: MarketSource) -> None:
        title, deck = self._vendors.row(provider).title, self._deck_of(open_now)
        if not deck or not isinstance(open_now, LiveSource) or provider not in open_now.providers:
            raise Refused(f"{title} is not in the open market: what the desk listens to can be recorded")
        deck.start(open_now.providers[provider], open_now.symbols_of(provider), open_now.closed)

    def stop_recording(self, provider: str, open_now: MarketSource) -> RecorderView:
        title, deck = self._vendors.row(provider).title, self._deck_of(open_now)
        if not deck:
            raise Refused(f"{title} is not being recorded")
        return deck.stop(provider)

    def search(self, text: str, provider: str = "") -> list[Listing]:
        return found_by(self._vendors, text, provider)

    def keep_key(self, name: str, key: str) -> None:
        """A market that is open goes on with it at once. Returns when the lines with the former key are closed."""
        former = self._keys.get(name)
        self._keys.keep(name, key)
        self._vendors.forget(name)
        if self._keys.get(name) != former:
            for source, deck in list(self._decks.items()):
                self._rebuild(source, deck, name)

    def close_providers(self) -> None:
        for deck in list(self._decks.values()):
            deck.close()
        self._vendors.close()

    def _rebuild(self, source: LiveSource, deck: "Deck", key: str) -> None:
        """A recording ends: it cuts the former key out of what it writes, and knows no other."""
        inside = {*source.providers, *source.absent} if not source.closed.is_set() else set()
        for row in self._vendors.rows:
            if row.id in inside and key in row.keys:
                deck.end(row.id, "it was ended: the key was changed")
                source.take_over(self._vendors.build(row.id, deck.hooks_of(row.id)), f"the key of {row.title} changed")

    def _deck_of(self, open_now: MarketSource) -> "Deck | None":
        return self._decks.get(open_now) if isinstance(open_now, LiveSource) else None

    def _shelf(self) -> Path:
        """Where recordings are kept. Raises Refused where there is no such place."""
        raise Refused("this session has no folder for recordings")

    def _provider(self, name: str, open_now: MarketSource) -> Provider:
        return serving_in(open_now).get(name) or self._vendors.asked(name)

    def _rows(self) -> list[Row]:
        """In the person's order; those never placed behind, as the vendors' list has them."""
        place = {name: at for at, name in enumerate(self._preferences.order)}
        return sorted(self._vendors.rows, key=lambda row: place.get(row.id, len(place)))

    def _vendor(self, row: Row, is_open: bool) -> VendorView:
        able = self._vendors.stand_ins(row.id)
        return VendorView(
            id=row.id,
            title=row.title,
            note=row.note,
            symbols=row.symbols,
            keys=tuple(KeyView(name, TITLE_BY_KEY.get(name, name), self._vendors.held(name)) for name in row.keys),
            backups=tuple(each.id for each in self._rows() if each.id in able),
            is_open=is_open,
            refusal=self._vendors.refusal(row.id),
            kind=row.asset_class.value,
            stands_in=row.id in self._preferences.stand_ins,
        )


def serving_in(source: MarketSource) -> dict[str, Provider]:
    return dict(source.providers) if isinstance(source, LiveSource) else {}


def rules_of(row: Row) -> LiveRules:
    """Shares rest on New York's holidays."""
    if row.asset_class is not AssetClass.US_EQUITY:
        return LiveRules()
    from tradesim.providers.simulated.calendar import new_york_holidays

    return LiveRules(holidays=new_york_holidays())
