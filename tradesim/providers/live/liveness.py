"""Who is well enough to be shown: a line by all that it brings, a symbol by its own words.

A line that is gone, or silent on everything that it brought, moves all of its symbols to the next provider. One that
is silent on a single symbol loses that symbol alone: a thin share says nothing of the others.
"""

from collections import deque
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence

from msgspec import Struct

from tradesim.kernel.clock import NS_PER_SECOND
from tradesim.marketdata.failover import Failover, FailoverRules, Switch
from tradesim.marketdata.freshness import age_text
from tradesim.model.feed import Capability
from tradesim.providers.contract import Provider
from tradesim.providers.live.routes import STREAMED, Routes
from tradesim.providers.live.words import Word

FLICKER_NS = NS_PER_SECOND
"""A book that is asked for again is back sooner; nobody else is shown meanwhile."""
SWITCHES_KEPT = 200

LimitOf = Callable[[str, int], float | None]
"""(symbol, now) -> how old a word of it may be, in seconds; None where age proves nothing."""


class Verdict(Struct, frozen=True):
    """Of one provider on one symbol, heard at `heard` (UTC ns). `fault` is empty where it is well.

    `is_of_line`: it says something of the line too, not of the symbol alone.
    """

    symbol: str
    heard: int
    fault: str = ""
    is_of_line: bool = True


class Liveness:
    """Of the market thread. `words` are by provider and symbol."""

    def __init__(
        self,
        words: Mapping[tuple[str, str], Word],
        providers: Mapping[str, Provider],
        routes: Routes,
        rules: FailoverRules,
        limit_of: LimitOf,
    ) -> None:
        self._words, self._providers, self._routes, self._limit_of = words, providers, routes, limit_of
        self._rules = rules
        self._alone: dict[str, Failover] = {}
        self.unwanted: frozenset[str] = frozenset()
        """Symbols that nobody wants: their silence proves nothing."""
        self.take_up(words)
        self._stood_in: dict[str, str] = {}
        self._shown_by: dict[str, str] = {}
        self.switches: deque[Switch] = deque(maxlen=SWITCHES_KEPT)

    def take_up(self, words: Mapping[tuple[str, str], Word]) -> None:
        """More symbols."""
        self._words = {**self._words, **words}
        for symbol, names in names_by_symbol(words).items():
            self._alone[symbol] = Failover(dict.fromkeys(STREAMED, names), self._rules, timeline_kept=0)

    def in_order(self, symbol: str, kind: Capability, now: int) -> list[str]:
        """Whom to look at: who serves the line first, who lately fell silent on this symbol last."""
        failover, alone = self._routes.failover(symbol), self._alone[symbol]
        active = failover.active(kind, now)
        return sorted(failover.order(kind), key=lambda name: (not alone.is_well(kind, name, now), name != active))

    def judge(self, streaming: Collection[str], now: int) -> None:
        """Silence moves on to the next provider; flowing data proves one well."""
        for name in streaming:
            symbols = [symbol for symbol in self._routes.symbols_of(name) if symbol not in self.unwanted]
            for kind in STREAMED:
                self._judge(name, kind, [self._verdict(name, symbol, kind, now) for symbol in symbols], now)

    def line_is_back(self, provider: str, symbol: str) -> None:
        """A trade of one symbol proves the line for all that were lost with it: a thin share may not trade for long."""
        lost_at = self._words[provider, symbol].trade_void_since
        if lost_at is None:
            return
        for word in self._words_of(provider):
            if word.trade_void_since == lost_at:
                word.trade_void_since = None
                word.quote_void_since = word.quote_void_since if word.has_touch else None

    def is_line_gone(self, provider: str, now: int) -> bool:
        """Whether nothing at all of what it told is held any more."""
        told = [word for word in self._words_of(provider) if word.heard_at is not None]
        return all(word.is_void(now, FLICKER_NS, Capability.QUOTE) for word in told)

    def note_shown(self, symbol: str, kind: Capability, provider: str, now: int) -> None:
        """Tell of a symbol that went to another provider alone, and of its return."""
        former = self._shown_by.get(symbol, provider)
        self._shown_by[symbol] = provider
        if former != provider and (why := self._why_alone(symbol, kind, former, provider, now)):
            self.switches.append(Switch(kind, former, provider, why, now))

    def _why_alone(self, symbol: str, kind: Capability, former: str, chosen: str, now: int) -> str:
        """Empty where it went with its whole line, which the line's own failover tells."""
        serving = self._routes.failover(symbol).active(kind, now)
        if former == serving:
            self._stood_in[symbol] = chosen
            return self._alone[symbol].why(kind, former)
        is_return = self._stood_in.pop(symbol, "") == former and chosen == serving
        return f"{self._title(chosen)} has told of {symbol} again for a while" if is_return else ""

    def _judge(self, name: str, kind: Capability, found: Sequence[Verdict | None], now: int) -> None:
        verdicts = [each for each in found if each is not None]
        of_line = [each for each in verdicts if each.is_of_line]
        if of_line and all(each.fault for each in of_line):
            self._line_is_silent(name, kind, of_line, now)
            return
        if of_line:
            for failover in self._routes.failovers_of(name):
                failover.succeeded(kind, name, now)
        for each in verdicts:
            self._judge_alone(name, kind, each, now)

    def _judge_alone(self, name: str, kind: Capability, verdict: Verdict, now: int) -> None:
        alone = self._alone[verdict.symbol]
        if verdict.fault:
            alone.stale(kind, name, f"{self._title(name)}: {verdict.fault}", now)
        else:
            alone.succeeded(kind, name, now)

    def _line_is_silent(self, name: str, kind: Capability, verdicts: Sequence[Verdict], now: int) -> None:
        """Told by the symbol that was heard last."""
        last = max(verdicts, key=lambda each: each.heard)
        rest = ", and no other is younger" if len(verdicts) > 1 and last.symbol in last.fault else ""
        for failover in self._routes.failovers_of(name):
            failover.stale(kind, name, f"{self._title(name)}: {last.fault}{rest}", now)

    # -- symbols

    def _verdict(self, name: str, symbol: str, kind: Capability, now: int) -> Verdict | None:
        """None where nothing was heard of that kind yet."""
        word = self._words[name, symbol]
        if kind is Capability.TRADES:
            if word.is_told_alone:
                return self._verdict_by_loss(symbol, word, now)
            kind = Capability.BOOK if word.book_at is not None else Capability.QUOTE
        heard = word.heard(kind)
        if heard is None:
            return None
        if word.is_void(now, FLICKER_NS, kind):
            lost = "its line is gone" if kind is Capability.QUOTE else f"the book of {symbol} was lost"
            return Verdict(symbol, heard, lost)
        limit = self._limit_of(symbol, now)
        if limit is None or now - heard <= limit * NS_PER_SECOND:
            return Verdict(symbol, heard)
        is_of_line = kind is Capability.BOOK or word.has_touch
        return Verdict(symbol, heard, f"the {kind} of {symbol} {age_text(now - heard)}", is_of_line)

    def _verdict_by_loss(self, symbol: str, word: Word, now: int) -> Verdict:
        """Where trades are all that a line brings, its loss alone proves anything: a share may not trade for long."""
        heard, since = word.trade_at or 0, word.trade_void_since
        is_lost = since is not None and now - since > FLICKER_NS
        return Verdict(symbol, heard, "its line is gone" if is_lost else "")

    def _words_of(self, provider: str) -> Iterator[Word]:
        return (word for (name, _), word in self._words.items() if name == provider)

    def _title(self, name: str) -> str:
        return self._providers[name].title


def names_by_symbol(pairs: Iterable[tuple[str, str]]) -> dict[str, list[str]]:
    """Of pairs of provider and symbol."""
    found: dict[str, list[str]] = {}
    for name, symbol in pairs:
        found.setdefault(symbol, []).append(name)
    return found
