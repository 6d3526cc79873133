"""What may pass from a provider to the market. Odd but true is accepted; what cannot be true is quarantined.

Accepted: vwap outside the range, equal times, zero volume, price updates without size, a locked market, a cross
that goes away. Not: prices of zero or less, a cross that stays, time that runs back or comes from the future,
prices far from what other providers say (delayed ones are of another moment and are not measured). Corrections
are answered with the print that they undo.
"""

from collections import OrderedDict, deque
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from decimal import Decimal
from statistics import median

from msgspec import Struct
from msgspec.structs import replace

from tradesim.kernel.clock import NS_PER_SECOND
from tradesim.marketdata.forms import Fault, Timed, number_fault
from tradesim.marketdata.freshness import LATE_FEEDS
from tradesim.model.feed import (
    FeedBar,
    FeedBook,
    FeedCorrection,
    FeedEvent,
    FeedHalt,
    FeedQuote,
    FeedReset,
    FeedTrade,
    Origin,
    TradeFlag,
)

FINE = Decimal("0.00000001")
LEAD_WORDS = 20
"""A clock is judged by so many words in a row; a single one from the future is set aside."""
LATE_SPAN_NS = 5 * NS_PER_SECOND


class Quarantined(Struct, frozen=True):
    """An event that goes no further. `why` says what was wanted and found."""

    event: FeedEvent
    fault: Fault
    why: str


class Undone(Struct, frozen=True):
    """An earlier print is void; `replaced_by` is what it should have been. `last` is its provider's last price now."""

    print: FeedTrade
    replaced_by: FeedTrade | None
    origin: Origin
    last: Decimal | None = None

    @property
    def symbol(self) -> str:
        return self.print.symbol


Passed = FeedEvent | Undone


class ScreenRules(Struct, frozen=True):
    """Seconds, and `outlier` as a fraction of the median that other providers say."""

    back_s: float = 5.0
    future_s: float = 5.0
    cross_s: float = 2.0
    outlier: Decimal = Decimal("0.05")
    reference_s: float = 30.0
    prints_kept: int = 20_000
    skew_s: float = 120.0
    """A clock that is ahead by no more is put right; beyond it nothing of the provider is taken."""


class Outlying(Struct, frozen=True):
    """What a provider says against all others, since when, and when it last did (our clock)."""

    price: Decimal
    since: int
    at: int


@dataclass(slots=True)
class Lead:
    """How far a provider's times are before ours, over windows of its words (ns; below zero: behind).

    `ahead` is set while every word of the last window was from the future; `late` while every one was old: a clock
    that is behind cannot be told from a line that is late, so words are as old as they say.
    """

    count: int = 0
    since: int = 0
    least: int = 0
    most: int = 0
    ahead: int = 0
    late: int = 0

    def note(self, lead: int, now: int, rules: ScreenRules) -> None:
        if not self.count:
            self.least = self.most = lead
            self.since = now
        elif lead < self.least:
            self.least = lead
        elif lead > self.most:
            self.most = lead
        self.count += 1
        if self.count >= LEAD_WORDS:
            self._judge(now, rules)

    def _judge(self, now: int, rules: ScreenRules) -> None:
        """A past that is fetched at once says nothing of anybody's clock, so being late needs time to be shown."""
        limit, is_long = int(rules.future_s * NS_PER_SECOND), now - self.since >= LATE_SPAN_NS
        is_ahead = self.least > limit
        if not (is_ahead or self.ahead or is_long):
            return
        self.count = 0
        self.ahead = self.most if is_ahead else 0
        if is_long:
            self.late = -self.most if -self.most > limit else 0


class Effects(Struct, frozen=True):
    """What a print moves."""

    last: bool
    high_low: bool
    volume: bool


def effects(trade: FeedTrade) -> Effects:
    """By its flags. A print without size moves prices, never volume."""
    flags = trade.flags
    return Effects(
        last=TradeFlag.NOT_LAST not in flags,
        high_low=TradeFlag.NOT_HIGH_LOW not in flags,
        volume=TradeFlag.NOT_VOLUME not in flags and trade.qty > 0,
    )


class Screen:
    """One for all providers of a market: each is measured against itself in time and against the others in price."""

    def __init__(
        self,
        rules: ScreenRules | None = None,
        quarantine_kept: int = 200,
        called: Callable[[str], str] = str,
        steps: Callable[[str], tuple[Decimal, Decimal]] = lambda _symbol: (FINE, FINE),
    ) -> None:
        """`called` gives a provider's name in sentences, `steps` the least price and size of a symbol."""
        self._rules, self._called, self._steps = rules or ScreenRules(), called, steps
        self._latest: dict[tuple[str, str, str], int] = {}
        self._prints: dict[tuple[str, str], OrderedDict[str, FeedTrade]] = {}
        self._word: dict[str, dict[str, tuple[Decimal, int]]] = {}
        self._outlying: dict[str, dict[str, Outlying]] = {}
        self._crossed_since: dict[tuple[str, str], int] = {}
        self._leads: dict[str, Lead] = {}
        self.quarantine: deque[Quarantined] = deque(maxlen=quarantine_kept)
        self.counts: dict[Fault, int] = {}

    def passed(self, event: FeedEvent) -> Passed | Quarantined:
        """The event (or what it undoes), or why it is held back."""
        match event:
            case FeedReset() | FeedHalt():
                return self._reset(event)
            case FeedCorrection():
                return self._correction(event)
        event = self._put_right(event)
        found = self._fault(event)
        if found is not None:
            return self._held(event, *found)
        self._remember(event)
        return event

    def set_failed_aside(self, event: FeedEvent, error: Exception) -> None:
        """It passed, but could not be carried on."""
        self._held(event, Fault.FAILED, f"it cannot be taken in ({type(error).__name__})")

    def weigh(self, symbol: str, provider: str, price: Decimal, at: int) -> None:
        """The middle of a provider's whole book, heard at `at`: it is measured against the others as a quote is."""
        if self._contradicting(symbol, provider, price, at) is None:
            self._word.setdefault(symbol, {})[provider] = price, at

    def skew(self, provider: str) -> str | None:
        """The sentence when a provider's clock and ours differ, or its words are late; None when they agree."""
        lead = self._leads.get(provider)
        if lead is None or not (lead.ahead or lead.late):
            return None
        name = self._called(provider)
        if lead.late:
            return f"the words of {name} are {lead.late / NS_PER_SECOND:.0f} s late, or our clock is ahead of its own"
        said = f"the clock of {name} is {lead.ahead / NS_PER_SECOND:.0f} s ahead of ours"
        if lead.ahead > self._rules.skew_s * NS_PER_SECOND:
            return f"{said}, wanted at most {self._rules.skew_s:g} s: nothing of it is taken"
        return f"{said}: its times are set back by that"

    def set_aside(self, provider: str, now: int, within_s: float = 30.0) -> str | None:
        """What was held back of a provider lately, in a sentence; None when nothing was."""
        oldest = now - int(within_s * NS_PER_SECOND)
        held = [each for each in self.quarantine if each.event.origin.provider == provider]
        held = [each for each in held if each.event.origin.ts_received >= oldest]
        if not held:
            return None
        return f"{len(held)} of {self._called(provider)} set aside, the last of {held[-1].event.symbol}: {held[-1].why}"

    def crossed(self, symbol: str, provider: str, bid: Decimal | None, ask: Decimal | None, now: int) -> str | None:
        """The sentence when a book has been crossed for too long; a locked one, or a moment's cross, is none."""
        key = (provider, symbol)
        if bid is None or ask is None or bid <= ask:
            self._crossed_since.pop(key, None)
            return None
        since = self._crossed_since.setdefault(key, now)
        if now - since < self._rules.cross_s * NS_PER_SECOND:
            return None
        age = (now - since) / NS_PER_SECOND
        name = self._called(provider)
        return f"{symbol} of {name}: wanted the bid below the ask, found {bid} over {ask} for {age:.0f} s"

    def reference(self, symbol: str, without: str, now: int) -> Decimal | None:
        """The median of what the other providers said lately; None when nobody did."""
        oldest = now - int(self._rules.reference_s * NS_PER_SECOND)
        words = [p for name, (p, at) in self._word.get(symbol, {}).items() if name != without and at >= oldest]
        return median(words) if words else None

    def dispute(self, symbol: str, now: int, shown: str = "", preferred: Collection[str] = ()) -> str | None:
        """The sentence when two providers disagree by more than the outlier rule; None when they agree.

        One that several others contradict is not believed, unless it is the one that is `shown`; of one against one
        nobody knows who is right. One that is `preferred` to who is shown is heeded until another has spoken since.
        """
        oldest = now - int(self._rules.reference_s * NS_PER_SECOND)
        if contradicted := self._contradicted(symbol, oldest, shown, preferred):
            return contradicted
        words = sorted((p, name) for name, (p, at) in self._word.get(symbol, {}).items() if at >= oldest)
        if len(words) < 2 or words[-1][0] - words[0][0] <= self._rules.outlier * words[0][0]:
            return None
        (low, low_name), (high, high_name) = words[0], words[-1]
        said = f"{self._called(low_name)} says {low}, {self._called(high_name)} says {high}"
        return f"{symbol} is disputed: {said}"

    def _contradicted(self, symbol: str, oldest: int, shown: str, preferred: Collection[str]) -> str | None:
        """The sentence when one provider has said something else for a while than the only other one, or than all."""
        for name, said in self._outlying.get(symbol, {}).items():
            words = {other: word for other, word in self._word[symbol].items() if other != name and word[1] >= oldest}
            others = {other: price for other, (price, _) in words.items()}
            lasts = said.at - said.since >= self._rules.cross_s * NS_PER_SECOND
            is_heeded = lasts and (len(others) == 1 or name == shown)
            is_unanswered = name in preferred and all(at <= said.since for _, at in words.values())
            if not others or said.at < oldest or not (is_heeded or is_unanswered):
                continue
            if self._differ(said.price, median(others.values())):
                who = self._called(next(iter(others))) + " says" if len(others) == 1 else "others say"
                what = f"{self._called(name)} says {said.price}, {who} {median(others.values())}"
                return f"{symbol} is disputed: {what}"
        return None

    def _put_right(self, event: Timed) -> Timed:
        """The event with its time on our clock, where its provider's clock is known to be ahead.

        What it gave no time (it has that of its receipt) says nothing of its clock, and so does a quote that is old:
        nobody may have quoted since.
        """
        origin = event.origin
        if isinstance(event, FeedBar) or origin.feed in LATE_FEEDS or origin.ts_event == origin.ts_received:
            return event
        lead = self._leads.get(origin.provider)
        if lead is None:
            lead = self._leads[origin.provider] = Lead()
        before = origin.ts_event - origin.ts_received
        if not isinstance(event, FeedQuote) or before >= -self._rules.future_s * NS_PER_SECOND:
            lead.note(before, origin.ts_received, self._rules)
        if lead.ahead and lead.ahead <= self._rules.skew_s * NS_PER_SECOND:
            return replace(event, origin=replace(origin, ts_event=origin.ts_event - lead.ahead))
        return event

    # -- faults, each answers with what is wrong

    def _fault(self, event: FeedTrade | FeedQuote | FeedBook | FeedBar) -> tuple[Fault, str] | None:
        return (
            self._number_fault(event) or self._time_fault(event) or self._duplicate(event) or self._price_fault(event)
        )

    def _number_fault(self, event: Timed) -> tuple[Fault, str] | None:
        return number_fault(event, *self._steps(event.symbol))

    def _time_fault(self, event: FeedTrade | FeedQuote | FeedBook | FeedBar) -> tuple[Fault, str] | None:
        origin, rules = event.origin, self._rules
        ahead = (origin.ts_event - origin.ts_received) / NS_PER_SECOND
        if ahead > rules.future_s:
            return Fault.FUTURE, f"wanted a time up to {rules.future_s:g} s after ours, found {ahead:.1f} s"
        if isinstance(event, FeedBar):
            return None
        latest = self._latest.get(self._line_of(event))
        if latest is not None and latest - origin.ts_event > rules.back_s * NS_PER_SECOND:
            back = (latest - origin.ts_event) / NS_PER_SECOND
            return Fault.BACKWARDS, f"time ran back by {back:.1f} s, wanted at most {rules.back_s:g} s"
        return None

    def _duplicate(self, event: FeedEvent) -> tuple[Fault, str] | None:
        if not isinstance(event, FeedTrade) or event.trade_id is None:
            return None
        if event.trade_id in self._prints.get((event.origin.provider, event.symbol), ()):
            return Fault.DUPLICATE, f"print {event.trade_id} was heard before"
        return None

    def _price_fault(self, event: FeedTrade | FeedQuote | FeedBook | FeedBar) -> tuple[Fault, str] | None:
        if isinstance(event, FeedQuote):
            origin = event.origin
            sentence = self.crossed(event.symbol, origin.provider, event.bid, event.ask, origin.ts_received)
            if sentence is not None:
                return Fault.CROSSED, sentence
        price = word_of(event)
        if price is None or event.origin.feed in LATE_FEEDS:
            return None
        others = self._contradicting(event.symbol, event.origin.provider, price, event.origin.ts_received)
        if others is None:
            return None
        away = abs(price - others) / others * 100
        return Fault.OUTLIER, f"{price} is {away:.1f} % from {others}, which other providers say"

    def _contradicting(self, symbol: str, provider: str, price: Decimal, at: int) -> Decimal | None:
        """What the others say, where that is far from what `provider` says."""
        others = self.reference(symbol, provider, at)
        if others is None or not self._differ(price, others) or self._is_seconded(symbol, provider, price, others, at):
            self._outlying.get(symbol, {}).pop(provider, None)
            return None
        self._note_outlying(symbol, provider, price, at)
        return others

    def _differ(self, price: Decimal, other: Decimal) -> bool:
        return abs(price - other) > self._rules.outlier * other

    def _is_seconded(self, symbol: str, provider: str, price: Decimal, middle: Decimal, now: int) -> bool:
        """The market itself has leapt: another provider, held back or believed, is as far from the middle."""
        oldest = now - int(self._rules.reference_s * NS_PER_SECOND)
        said = [(name, each.price, each.at) for name, each in self._outlying.get(symbol, {}).items()]
        words = self._word.get(symbol, {}).items()
        said += [(name, other, at) for name, (other, at) in words if self._differ(other, middle)]
        others = [other for name, other, at in said if name != provider and at >= oldest]
        return any(not self._differ(price, other) for other in others)

    def _note_outlying(self, symbol: str, provider: str, price: Decimal, now: int) -> None:
        said = self._outlying.setdefault(symbol, {})
        before = said.get(provider)
        is_going_on = before is not None and now - before.at < self._rules.reference_s * NS_PER_SECOND
        said[provider] = Outlying(price, before.since if before and is_going_on else now, now)

    # -- what is remembered

    def _remember(self, event: FeedTrade | FeedQuote | FeedBook | FeedBar) -> None:
        if isinstance(event, FeedBar):
            return
        line, origin = self._line_of(event), event.origin
        self._latest[line] = max(self._latest.get(line, 0), origin.ts_event)
        price = word_of(event)
        if price is not None and origin.feed not in LATE_FEEDS:
            self._word.setdefault(event.symbol, {})[origin.provider] = (price, origin.ts_received)
        if isinstance(event, FeedTrade) and event.trade_id is not None:
            prints = self._prints.setdefault((origin.provider, event.symbol), OrderedDict())
            prints[event.trade_id] = event
            if len(prints) > self._rules.prints_kept:
                prints.popitem(last=False)

    def _reset(self, event: FeedReset | FeedHalt) -> FeedEvent:
        if isinstance(event, FeedReset):
            self._crossed_since.pop((event.origin.provider, event.symbol), None)
        return event

    def _correction(self, event: FeedCorrection) -> Undone | Quarantined:
        """A replacement is judged by its form alone: its time is that of the print it replaces."""
        line = event.origin.provider, event.symbol
        undone = self._prints.get(line, OrderedDict()).get(event.trade_id)
        if undone is None:
            return self._held(event, Fault.UNKNOWN_PRINT, f"print {event.trade_id} is not known, so nothing is undone")
        better = event.replaced_by
        if better is not None and better.symbol != event.symbol:
            return self._held(
                event, Fault.FORM, f"wanted a print of {event.symbol} in its place, found {better.symbol}"
            )
        if better is not None and (wrong := self._number_fault(better)):
            self._held(event, *wrong)
            better = None
        if better is not None:
            better = replace(better, origin=replace(better.origin, ts_event=undone.origin.ts_event))
        prints = self._prints[line] = amended(self._prints[line], event.trade_id, better)
        standing = next((each for each in reversed(prints.values()) if effects(each).last), None)
        self._take_back(undone, standing)
        return Undone(undone, better, event.origin, standing.price if standing else None)

    def _take_back(self, undone: FeedTrade, standing: FeedTrade | None) -> None:
        """Others are not measured against a print that never was, but against the one that stands."""
        said, provider = self._word.get(undone.symbol, {}), undone.origin.provider
        if said.get(provider) != (undone.price, undone.origin.ts_received):
            return
        del said[provider]
        if standing is not None:
            said[provider] = standing.price, standing.origin.ts_received

    def _held(self, event: FeedEvent, fault: Fault, why: str) -> Quarantined:
        held = Quarantined(event, fault, why)
        self.counts[fault] = self.counts.get(fault, 0) + 1
        if fault is not Fault.DUPLICATE:
            self.quarantine.append(held)
        return held

    @staticmethod
    def _line_of(event: FeedEvent) -> tuple[str, str, str]:
        return event.origin.provider, event.symbol, type(event).__name__


def amended(prints: Mapping[str, FeedTrade], wrong: str, right: FeedTrade | None) -> OrderedDict[str, FeedTrade]:
    """The prints without the one called `wrong`, with `right` in its place where it can be told apart."""
    found: OrderedDict[str, FeedTrade] = OrderedDict()
    for name, each in prints.items():
        if name != wrong:
            found[name] = each
        elif right is not None and right.trade_id is not None:
            found[right.trade_id] = right
    return found


def word_of(event: FeedEvent) -> Decimal | None:
    """The one price an event stands for: a print that moves the last price, or the middle of a quote."""
    if isinstance(event, FeedTrade):
        return event.price if effects(event).last else None
    if isinstance(event, FeedQuote):
        if event.bid is not None and event.ask is not None and event.bid <= event.ask:
            return (event.bid + event.ask) / 2
        return event.last
    return None
