"""Whose word is shown of each symbol of a live market, whose trades are told, how fresh and how good that is."""

from collections.abc import Collection, Mapping, Sequence
from decimal import Decimal

from tradesim.desk.views import FeedView
from tradesim.kernel.clock import NS_PER_SECOND
from tradesim.marketdata.freshness import AgeLimits, age_text, freshness, worst_alive
from tradesim.marketdata.ladder import Ladder
from tradesim.marketdata.screening import Screen
from tradesim.marketdata.sessions import Holidays, session_state
from tradesim.model.feed import Capability, Feed
from tradesim.model.instrument import Instrument
from tradesim.model.market import SourceKind
from tradesim.providers.contract import Provider
from tradesim.providers.live.listing import badge_of, finished
from tradesim.providers.live.routes import Routes
from tradesim.providers.live.shared import SharedFailover
from tradesim.providers.live.words import Word

FLICKER_NS = NS_PER_SECOND
"""A book that is asked for again is back sooner; nobody else is shown meanwhile."""
MOST_NAMED = 3


class Showing:
    """Changed by the market thread; may be asked from any. `shown` and `telling` are by symbol, `words` by both."""

    def __init__(
        self,
        instruments: Mapping[str, Instrument],
        providers: Mapping[str, Provider],
        routes: Routes,
        screen: Screen,
        ages: AgeLimits,
        holidays: Holidays,
    ) -> None:
        self._instruments, self._providers, self._routes = instruments, providers, routes
        self._screen, self._ages, self._holidays = screen, ages, holidays
        self.words = {(name, symbol): Word(Ladder(instruments[symbol])) for name, symbol in routes.pairs()}
        self.shown: dict[str, tuple[str, Capability] | None] = dict.fromkeys(instruments)
        self.telling: dict[str, str | None] = dict.fromkeys(instruments)
        self.shown_at: dict[str, int] = {}
        self.crossed: dict[str, str] = {}

    def is_shown(self, provider: str, symbol: str, kind: Capability) -> bool:
        return self.shown[symbol] == (provider, kind)

    # -- whose word it is

    def choice(self, symbol: str, now: int) -> tuple[str, Capability] | None:
        """Whose book, else whose quote, is to be shown instead; None while it stays as it is."""
        shown = self.shown[symbol]
        if shown is not None and shown[1] is Capability.BOOK:
            word = self.words[shown[0], symbol]
            if word.void_since is not None and not word.is_void(now, FLICKER_NS):
                return None
        chosen = self._best(symbol, now)
        return None if chosen == shown else chosen

    def _best(self, symbol: str, now: int) -> tuple[str, Capability] | None:
        failover = self._routes.failover(symbol)
        for kind in (Capability.BOOK, Capability.QUOTE):
            active = failover.active(kind, now)
            names = ([active] if active else []) + [name for name in failover.order(kind) if name != active]
            for name in names:
                if self._is_usable(name, symbol, kind, now):
                    return name, kind
        return None

    def teller(self, symbol: str, now: int) -> str | None:
        """Whose trades are printed: the one in charge if anything was heard of it lately, else the next that was."""
        failover, limit = self._routes.failover(symbol), self._limit_s(symbol, now)
        active, order = failover.active(Capability.TRADES, now), failover.order(Capability.TRADES)
        for name in sorted(order, key=lambda name: name != active):
            heard = self.words[name, symbol].heard_at
            if heard is not None and (limit is None or now - heard <= limit * NS_PER_SECOND):
                return name
        return None

    def _is_usable(self, name: str, symbol: str, kind: Capability, now: int) -> bool:
        """Whether a provider's word is whole and young enough to be shown."""
        word, limit = self.words[name, symbol], self._limit_s(symbol, now)
        heard = word.heard(kind)
        if heard is None or (limit is not None and now - heard > limit * NS_PER_SECOND):
            return False
        if kind is Capability.BOOK:
            return word.ladder.is_whole
        return word.quote is not None and not word.is_void(now, FLICKER_NS, kind)

    def judge_providers(self, symbol: str, streaming: Collection[str], now: int) -> None:
        """Silence of a stream moves on to the next provider; flowing data proves one well."""
        failover = self._routes.failover(symbol)
        for kind in (Capability.BOOK, Capability.QUOTE):
            for name in filter(streaming.__contains__, failover.order(kind)):
                self._judge_provider(failover, kind, name, symbol, now)
        for name in filter(streaming.__contains__, failover.order(Capability.TRADES)):
            self._judge_teller(failover, name, symbol, now)

    def line_is_back(self, provider: str, symbol: str) -> None:
        """A trade of one symbol proves the line for all that were lost with it: a thin share may not trade for long."""
        lost_at = self.words[provider, symbol].trade_void_since
        if lost_at is None:
            return
        for (name, _), word in self.words.items():
            if name == provider and word.trade_void_since == lost_at:
                word.trade_void_since = None
                word.quote_void_since = word.quote_void_since if word.has_touch else None

    def _judge_teller(self, failover: SharedFailover, name: str, symbol: str, now: int) -> None:
        """Where trades are all that a line brings, its loss alone proves anything: a share may not trade for long."""
        word = self.words[name, symbol]
        if not word.is_told_alone:
            return
        if word.trade_void_since is None:
            failover.succeeded(Capability.TRADES, name, now)
        elif now - word.trade_void_since > FLICKER_NS:
            failover.stale(Capability.TRADES, name, f"{self._providers[name].title}: its line is gone", now)

    def _judge_provider(self, failover: SharedFailover, kind: Capability, name: str, symbol: str, now: int) -> None:
        word, limit = self.words[name, symbol], self._limit_s(symbol, now)
        heard = word.heard(kind)
        if heard is None:
            return
        is_lost = word.is_void(now, FLICKER_NS, kind)
        if is_lost or (limit is not None and now - heard > limit * NS_PER_SECOND):
            title = self._providers[name].title
            lost = "its line is gone" if kind is Capability.QUOTE else f"the book of {symbol} was lost"
            why = f"{title}: {lost if is_lost else f'the {kind} of {symbol} {age_text(now - heard)}'}"
            failover.stale(kind, name, why, now)
            failover.stale(Capability.TRADES, name, why, now)
        elif kind is not Capability.BOOK or word.ladder.is_whole:
            failover.succeeded(kind, name, now)
            failover.succeeded(Capability.TRADES, name, now)

    # -- how good it is

    def kind(self, now: int) -> SourceKind:
        return worst_alive([self.freshness(symbol, now) for symbol in self._instruments])

    def title(self, now: int) -> str:
        """`Kraken live`, `IEX via Alpaca delayed`: who serves, and how fresh it is."""
        serving = [self.shown[symbol] for symbol in self._instruments]
        names = [shown[0] for shown in serving if shown] or [self._routes.of(symbol)[0] for symbol in self._instruments]
        titles = dict.fromkeys(self._providers[name].title for name in names)
        return f"{', '.join(titles)} {self.kind(now).value}"

    def _limit_s(self, symbol: str, now: int) -> float | None:
        asset_class = self._instruments[symbol].asset_class
        return self._ages.limit_s(symbol, asset_class, session_state(asset_class, now, self._holidays))

    def _lost(self, symbol: str, now: int) -> tuple[str, Capability] | None:
        """Who shows the quote, when its line is gone; a book is void then and shown no more."""
        shown = self.shown.get(symbol)
        if shown is None or shown[1] is Capability.BOOK:
            return None
        is_void = self.words[shown[0], symbol].is_void(now, FLICKER_NS, Capability.QUOTE)
        return shown if is_void else None

    def freshness(self, symbol: str, now: int) -> SourceKind:
        shown = self.shown.get(symbol)
        if self._lost(symbol, now):
            return SourceKind.STALE
        feed = self.words[shown[0], symbol].feed if shown else Feed.CRYPTO
        return freshness(self.shown_at.get(symbol), now, self._limit_s(symbol, now), feed)

    def judge_cross(self, symbol: str, now: int) -> None:
        """Whether what is shown has been crossed for too long."""
        shown = self.shown[symbol]
        if shown is None:
            return
        instrument = self._instruments[symbol]
        bid, ask = (
            None if ticks is None else instrument.price(ticks)
            for ticks in self.words[shown[0], symbol].touch(instrument)
        )
        if self._screen.crossed(symbol, f"shown by {shown[0]}", bid, ask, now):
            self.crossed[symbol] = f"{symbol} is crossed: the bid {bid} is above the ask {ask}, so one of them is old"
        else:
            self.crossed.pop(symbol, None)

    def watch_cross(self, symbol: str, ladder: Ladder, now: int) -> None:
        """A cross counts from the message that made it."""
        bid, ask = ladder.bids.best(), ladder.asks.best()
        if symbol in self.crossed or (bid is not None and ask is not None and bid > ask):
            self.judge_cross(symbol, now)

    def order_fault(self, symbol: str, now: int) -> str | None:
        """Why no order should be sent on what is shown of `symbol` now; None when it may be trusted."""
        shown = self.shown.get(symbol)
        if self.freshness(symbol, now) is SourceKind.STALE:
            at = self._shown_of(symbol)
            if shown and at is not None and self._lost(symbol, now):
                title = self._providers[shown[0]].title
                return f"the line of {title} is gone and the quote of {symbol} {age_text(now - at)}: it is not live"
            limit = self._limit_s(symbol, now)
            wanted = f", wanted at most {limit:g} s" if limit is not None else ""
            return f"the quote of {symbol} {age_text(None if at is None else now - at)}{wanted}: it is not live"
        if shown and shown[1] is Capability.BOOK and not self.words[shown[0], symbol].ladder.is_whole:
            return f"the book of {symbol} is being fetched again: what is shown cannot be trusted yet"
        return self.crossed.get(symbol) or self._screen.dispute(symbol, now, shown[0] if shown else "")

    def faults(self, now: int) -> list[str]:
        """What is wrong with what is shown and who is missed, one sentence each; of those that are old in one."""
        old = [symbol for symbol in self._instruments if self.freshness(symbol, now) is SourceKind.STALE]
        found = [self._stale_words(old, now)] if len(old) > 1 else []
        rest = [symbol for symbol in self._instruments if not found or symbol not in old]
        found += [f"{finished(why)} Others stand in until it is well" for why in self._routes.missed().values()]
        return found + [fault for symbol in rest if (fault := self.order_fault(symbol, now))]

    def _stale_words(self, symbols: Sequence[str], now: int) -> str:
        """One sentence of many symbols, with the age of the oldest."""
        named = symbols if len(symbols) <= MOST_NAMED else [*symbols[: MOST_NAMED - 1], f"{len(symbols) - 2} more"]
        which = f"{', '.join(named[:-1])} and {named[-1]}"
        heard = [self._shown_of(symbol) for symbol in symbols]
        if None in heard:
            return f"the quotes of {which} were not all heard yet: they are not live"
        lost = {self._providers[shown[0]].title for symbol in symbols if (shown := self._lost(symbol, now))}
        why = f"the line of {' and '.join(sorted(lost))} is gone, and " if lost else ""
        oldest = age_text(now - min(at for at in heard if at is not None)).removeprefix("is ")
        return f"{why}the quotes of {which} are up to {oldest}: they are not live"

    def quote_age_ns(self, symbol: str, now: int) -> int | None:
        at = self._shown_of(symbol)
        return None if at is None else max(0, now - at)

    def _shown_of(self, symbol: str) -> int | None:
        """Of when what is shown is: long before it was heard where it comes delayed."""
        shown = self.shown.get(symbol)
        late = self.words[shown[0], symbol].quote_of if shown and shown[1] is Capability.QUOTE else None
        return self.shown_at.get(symbol) if late is None else late

    def said(self, symbol: str) -> dict[str, tuple[int | None, int | None, Decimal | None, int | None]]:
        """Bid and ask in ticks, last price and of when that is (UTC ns), by provider: for comparing providers."""
        found = {}
        for name in self._routes.of(symbol):
            word = self.words[name, symbol]
            found[name] = (*word.touch(self._instruments[symbol]), word.last, word.said_of)
        return found

    def feeds(self, now: int) -> dict[str, FeedView]:
        """Who gives each symbol, for the badges of panels. May be asked from any thread."""
        return {symbol: self._feed_of(symbol, now) for symbol in self._instruments}

    def _feed_of(self, symbol: str, now: int) -> FeedView:
        shown, teller = self.shown[symbol], self.telling[symbol]
        shown_at = self.shown_at.get(symbol)
        told = self.words[teller, symbol] if teller else None
        told_at = told.trade_at if told else None
        shown_of = self._shown_of(symbol)
        return FeedView(
            shown_by=self._badge(shown[0], symbol) if shown else "",
            shown_at=shown_at,
            told_by=self._badge(teller, symbol) if teller else "",
            told_at=shown_at if teller and told_at is None else told_at,
            freshness=self.freshness(symbol, now),
            limit_s=self._limit_s(symbol, now),
            shown_id=shown[0] if shown else "",
            told_id=teller or "",
            shown_of=shown_of if shown_of != shown_at else None,
            told_of=told.trade_of if told else None,
        )

    def _badge(self, name: str, symbol: str) -> str:
        return badge_of(self._providers[name].title, self.words[name, symbol].feed)
