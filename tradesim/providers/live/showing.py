"""Whose word is shown of each symbol of a live market, whose trades are told, how fresh and how good that is."""

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal

from tradesim.desk.views import FeedView
from tradesim.kernel.clock import NS_PER_SECOND
from tradesim.marketdata.failover import FailoverRules
from tradesim.marketdata.freshness import LATE_FEEDS, AgeLimits, age_text, freshness, worst_alive
from tradesim.marketdata.ladder import Ladder
from tradesim.marketdata.screening import Screen
from tradesim.marketdata.sessions import Holidays, session_state
from tradesim.model.feed import Capability, Feed
from tradesim.model.instrument import Instrument
from tradesim.model.market import SessionState, SourceKind
from tradesim.providers.contract import Provider
from tradesim.providers.live.listing import badge_of, finished, short
from tradesim.providers.live.liveness import FLICKER_NS, Liveness
from tradesim.providers.live.routes import Routes
from tradesim.providers.live.words import Word

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
        rules: FailoverRules,
    ) -> None:
        self._instruments, self._providers, self._routes = instruments, providers, routes
        self._screen, self._ages, self._holidays = screen, ages, holidays
        self.words = {(name, symbol): Word(Ladder(instruments[symbol])) for name, symbol in routes.pairs()}
        self.liveness = Liveness(self.words, providers, routes, rules, self._limit_s)
        self.shown: dict[str, tuple[str, Capability] | None] = dict.fromkeys(instruments)
        self.telling: dict[str, str | None] = dict.fromkeys(instruments)
        self.shown_at: dict[str, int] = {}
        self._live_until: dict[str, int] = {}

    def take_up(self, symbols: Mapping[str, Instrument]) -> None:
        """More of them, before they are among the instruments. Of the market thread."""
        found = {
            (name, symbol): Word(Ladder(symbols[symbol])) for name, symbol in self._routes.pairs() if symbol in symbols
        }
        self.words = {**self.words, **found}
        self.liveness.take_up(found)
        self.shown |= dict.fromkeys(symbols)
        self.telling |= dict.fromkeys(symbols)

    def show(self, symbol: str, at: int) -> None:
        """What is shown counts from `at`."""
        self.shown_at[symbol] = at
        if self._late_of(symbol) is None:
            self._live_until[symbol] = at

    def is_overtaken(self, symbol: str, moment: int) -> bool:
        """Whether a later word than one of `moment` was shown as it happened: orders know more than that one tells."""
        return moment < self._live_until.get(symbol, 0)

    def shown_by(self, symbol: str) -> str | None:
        shown = self.shown[symbol]
        return shown[0] if shown else None

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
        """Who is overtaken comes after all others. Where nobody is shown yet, an old word is shown as what it is."""
        overtaken = None
        for name, kind in self._whole(symbol, now):
            if not self._is_young(name, symbol, kind, now):
                continue
            if not self._is_behind(name, symbol, kind):
                return name, kind
            overtaken = overtaken or (name, kind)
        return overtaken if overtaken or self.shown[symbol] else next(self._whole(symbol, now), None)

    def _whole(self, symbol: str, now: int) -> Iterator[tuple[str, Capability]]:
        """Whose word is whole, in the order of preference."""
        for kind in (Capability.BOOK, Capability.QUOTE):
            for name in self.liveness.in_order(symbol, kind, now):
                word = self.words[name, symbol]
                if kind is Capability.BOOK:
                    is_whole = word.book_at is not None and word.ladder.is_whole
                else:
                    is_whole = word.quote is not None and not word.is_void(now, FLICKER_NS, kind)
                if is_whole and word.wrong_since(kind) is None:
                    yield name, kind

    def teller(self, symbol: str, now: int) -> str | None:
        """Whose trades are printed: the one in charge if anything was heard of it lately, else the next that was."""
        limit = self._limit_s(symbol, now)
        for name in self.liveness.in_order(symbol, Capability.TRADES, now):
            spoke = self.words[name, symbol].spoke_at
            if spoke is not None and (limit is None or now - spoke <= limit * NS_PER_SECOND):
                return name
        return None

    def has_prints(self, symbol: str, now: int) -> bool:
        """Whether trades were told of it lately."""
        told = self.liveness.in_order(symbol, Capability.TRADES, now)
        return any(self._is_young(name, symbol, Capability.TRADES, now) for name in told)

    def _is_young(self, name: str, symbol: str, kind: Capability, now: int) -> bool:
        heard, limit = self.words[name, symbol].heard(kind), self._limit_s(symbol, now)
        return heard is not None and (limit is None or now - heard <= limit * NS_PER_SECOND)

    # -- how good it is

    def kind(self, now: int) -> SourceKind:
        return worst_alive([self.freshness(symbol, now) for symbol in self._awake])

    def title(self, now: int) -> str:
        """`Kraken live`, `IEX via Alpaca delayed`, `Alpaca closed`: who serves, and how fresh it is."""
        serving = [self.shown[symbol] for symbol in self._instruments]
        routes = [self._routes.of(symbol) for symbol in self._instruments]
        names = [shown[0] for shown in serving if shown] or [route[0] for route in routes if route]
        if not names:
            return f"nobody {SourceKind.STALE}"
        titles = dict.fromkeys(self._providers[name].title for name in names)
        sessions = {session_state(each.asset_class, now, self._holidays) for each in self._instruments.values()}
        how = "closed" if sessions == {SessionState.CLOSED} else self.kind(now).value
        return f"{', '.join(titles)} {how}"

    @property
    def _awake(self) -> list[str]:
        """Those that somebody wants."""
        return [symbol for symbol in self._instruments if symbol not in self.liveness.unwanted]

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
        by_age, shown = self._by_age(symbol, now), self.shown.get(symbol)
        if by_age is SourceKind.STALE or shown is None or not self._is_fetched_again(symbol, now):
            return by_age
        is_gone = self.words[shown[0], symbol].is_line_gone and self._is_fetched_again(symbol, now, FLICKER_NS)
        return SourceKind.STALE if is_gone else SourceKind.RESYNC

    def _is_fetched_again(self, symbol: str, now: int, longer_than: int = -1) -> bool:
        """Whether what is shown was found wrong, or is a book that is not whole, and for that long."""
        shown = self.shown.get(symbol)
        if shown is None:
            return False
        word = self.words[shown[0], symbol]
        wrong_since = word.wrong_since(shown[1])
        is_wrong = wrong_since is not None and now - wrong_since > longer_than
        return is_wrong or (shown[1] is Capability.BOOK and word.is_void(now, longer_than))

    def _by_age(self, symbol: str, now: int) -> SourceKind:
        shown = self.shown.get(symbol)
        if self._lost(symbol, now):
            return SourceKind.STALE
        feed = self.words[shown[0], symbol].feed if shown else Feed.CRYPTO
        return freshness(self.shown_at.get(symbol), now, self._limit_s(symbol, now), feed)

    def is_missed(self, symbol: str, now: int) -> bool:
        """Whether somebody wants it and no stream keeps it fresh."""
        return symbol not in self.liveness.unwanted and self._is_bad(symbol, now)

    def _is_bad(self, symbol: str, now: int) -> bool:
        """Old, or wrong for longer than it takes to be fetched again."""
        return self._by_age(symbol, now) is SourceKind.STALE or self._is_fetched_again(symbol, now, FLICKER_NS)

    def _crossed(self, symbol: str) -> str | None:
        """The sentence while what is shown is crossed, be it for a moment."""
        shown = self.shown.get(symbol)
        if shown is None:
            return None
        instrument = self._instruments[symbol]
        bid, ask = self.words[shown[0], symbol].touch(instrument)
        if bid is None or ask is None or bid <= ask:
            return None
        bid_price, ask_price = instrument.price(bid), instrument.price(ask)
        return f"{symbol} is crossed: the bid {bid_price} is above the ask {ask_price}, so one of them is old"

    def order_fault(self, symbol: str, now: int) -> str | None:
        """Why no order should be sent on what is shown of `symbol` now; None when it may be trusted."""
        shown = self.shown.get(symbol)
        if symbol in self.liveness.unwanted:
            return f"nobody has wanted {symbol} for a while, so it is not listened to: ask for it, and it is live again"
        if self._by_age(symbol, now) is SourceKind.STALE:
            at = self._shown_of(symbol)
            if shown and at is not None and self._lost(symbol, now):
                return f"{self._loss_words(shown[0], symbol, now)} {age_text(now - at)}: it is not live"
            limit = self._limit_s(symbol, now)
            wanted = f", wanted at most {limit:g} s" if limit is not None else ""
            return f"the quote of {symbol} {age_text(None if at is None else now - at)}{wanted}: it is not live"
        if self._is_fetched_again(symbol, now):
            if shown and shown[1] is Capability.QUOTE:
                title = short(self._providers[shown[0]].title)
                return f"what {title} says of {symbol} now cannot be shown, and its quote of before is withdrawn"
            return f"the book of {symbol} is being fetched again: what is shown cannot be trusted yet"
        return self._overtaken(symbol, now) or self._crossed(symbol) or self._dispute(symbol, now)

    def _is_behind(self, name: str, symbol: str, kind: Capability) -> bool:
        """Whether its feed is delayed, and tells what was before the last live word."""
        word = self.words[name, symbol]
        of = word.late_of(kind)
        return of is not None and word.feed in LATE_FEEDS and self.is_overtaken(symbol, of)

    def _overtaken(self, symbol: str, now: int) -> str | None:
        """The sentence while a delayed stand-in is shown that is behind."""
        shown, of = self.shown.get(symbol), self._late_of(symbol)
        if shown is None or of is None or not self._is_behind(shown[0], symbol, shown[1]):
            return None
        title, age = short(self._providers[shown[0]].title), age_text(now - of)
        return (
            f"what {title} tells of {symbol} {age}, from before its last live price: orders wait until it is past that"
        )

    def _dispute(self, symbol: str, now: int) -> str | None:
        name, route = self.shown_by(symbol) or "", self._routes.of(symbol)
        return self._screen.dispute(symbol, now, name, route[: route.index(name)] if name in route else ())

    def _loss_words(self, name: str, symbol: str, now: int) -> str:
        title = self._providers[name].title
        if self.liveness.is_line_gone(name, now):
            return f"the line of {title} is gone and the quote of {symbol}"
        return f"{title} has not quoted {symbol} since its line came back, and the quote of before"

    def faults(self, now: int) -> list[str]:
        """What is wrong with what is shown and who is missed, one sentence each; of those that are old in one."""
        old = [symbol for symbol in self._awake if self._is_bad(symbol, now)]
        found = [self._stale_words(old, now)] if len(old) > 1 else []
        rest = [symbol for symbol in self._awake if not found or symbol not in old]
        found += [f"{finished(why)} Others stand in until it is well" for why in self._routes.missed().values()]
        return found + [fault for symbol in rest if (fault := self.order_fault(symbol, now))]

    def _stale_words(self, symbols: Sequence[str], now: int) -> str:
        """One sentence of many symbols, with the age of the oldest."""
        named = symbols if len(symbols) <= MOST_NAMED else [*symbols[: MOST_NAMED - 1], f"{len(symbols) - 2} more"]
        which = f"{', '.join(named[:-1])} and {named[-1]}"
        heard = [self._shown_of(symbol) for symbol in symbols]
        if None in heard:
            return f"the quotes of {which} were not all heard yet: they are not live"
        lost = {shown[0] for symbol in symbols if (shown := self._lost(symbol, now))}
        gone = sorted(self._providers[name].title for name in lost if self.liveness.is_line_gone(name, now))
        why = f"the line of {' and '.join(gone)} is gone, and " if gone else ""
        oldest = age_text(now - min(at for at in heard if at is not None)).removeprefix("is ")
        return f"{why}the quotes of {which} are up to {oldest}: they are not live"

    def quote_age_ns(self, symbol: str, now: int) -> int | None:
        at = self._shown_of(symbol)
        return None if at is None else max(0, now - at)

    def _shown_of(self, symbol: str) -> int | None:
        """Of when what is shown is: long before it was heard where it comes delayed or late."""
        late = self._late_of(symbol)
        return self.shown_at.get(symbol) if late is None else late

    def _late_of(self, symbol: str) -> int | None:
        shown = self.shown.get(symbol)
        return self.words[shown[0], symbol].late_of(shown[1]) if shown else None

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
        return FeedView(
            shown_by=self._badge(shown[0], symbol) if shown else "",
            shown_at=shown_at,
            told_by=self._badge(teller, symbol) if teller else "",
            told_at=told.trade_at if told else None,
            freshness=self.freshness(symbol, now),
            limit_s=self._limit_s(symbol, now),
            shown_id=shown[0] if shown else "",
            told_id=teller or "",
            shown_of=self._late_of(symbol),
            told_of=told.trade_of if told else None,
        )

    def _badge(self, name: str, symbol: str) -> str:
        return badge_of(self._providers[name].title, self.words[name, symbol].feed)
