"""The runaway guard: a program that loops is slowed, then stopped, and told why. Pure; time is the market's.

Four things are counted for each source of orders, and for the account as a whole:

    orders          orders and replacements that were taken
    repeats         those among them that are like one of the last few before
    quick cancels   orders that were cancelled unfilled within moments
    refusals        orders that were refused

Each may reach, in ten seconds, what is usual: the allowance of a source without a history, or three times its own
habit (an exponentially weighted rate with a memory of ten minutes), whichever is more. Beyond it new orders are
refused with the time to wait; who goes on all the same is halted. Cancels are never refused.
"""

from collections import deque
from collections.abc import Mapping
from enum import StrEnum

from msgspec import Struct, field

from tradesim.model.risk import Pace, SourceView
from tradesim.trading.origins import sender
from tradesim.trading.risk.pace import Count, Habit


class Measure(StrEnum):
    ORDERS = "orders"
    REPEATS = "repeats"
    QUICK_CANCELS = "quick_cancels"
    REFUSALS = "refusals"


class GuardRules(Struct, frozen=True):
    """`share` is how much of what is usual (orders per second x `window_s`) each measure may reach without a habit.

    `patience` refusals within `patience_s` seconds are the last: then the account is halted. The account as a whole
    may send `crowd` times as much as one source.
    """

    window_s: int = 10
    memory_s: float = 600.0
    factor: float = 3.0
    share: Mapping[Measure, float] = field(
        default_factory=lambda: {
            Measure.ORDERS: 1.25,
            Measure.REPEATS: 0.5,
            Measure.QUICK_CANCELS: 0.5,
            Measure.REFUSALS: 0.5,
        }
    )
    alike: int = 4
    quick_ns: int = 2_000_000_000
    patience: int = 100
    patience_s: int = 60
    crowd: int = 3
    most_sources: int = 64


STANDARD_GUARD = GuardRules()
MOST_KNOWN = 4_096
"""Beyond it those are forgotten that never had an order taken."""
WHOLE = ""
"""The source that stands for the whole account."""
DEED = {
    Measure.ORDERS: "sent {count:,} orders in {window_s} s",
    Measure.REPEATS: "sent the same orders again {count:,} times in {window_s} s",
    Measure.QUICK_CANCELS: "cancelled {count:,} orders in {window_s} s as soon as they were sent",
    Measure.REFUSALS: "had {count:,} orders refused in {window_s} s",
}


class Verdict(Struct, frozen=True):
    """Why no further order is taken now; `is_halt` says that it is over until a person looks at it."""

    measure: Measure
    message: str
    retry_after_s: int = 1
    is_halt: bool = False


class SourceDump(Struct, frozen=True):
    account_id: str
    source: str
    habits: dict[Measure, Habit]
    recent: tuple[str, ...]


class Source:
    """What one source did lately, and what it usually does."""

    __slots__ = ("counts", "habits", "recent", "strikes")

    def __init__(self, rules: GuardRules) -> None:
        self.counts = {measure: Count(rules.window_s) for measure in Measure}
        self.habits = {measure: Habit() for measure in Measure}
        self.strikes = Count(rules.patience_s)
        self.recent: deque[str] = deque(maxlen=rules.alike)

    @property
    def has_habits(self) -> bool:
        return any(habit.weight for habit in self.habits.values())


class RunawayGuard:
    """Told by what was done (`sent`, `canceled`, `refused`), asked before the next order (`verdict`)."""

    def __init__(self, rules: GuardRules = STANDARD_GUARD) -> None:
        self._rules = rules
        self._sources: dict[tuple[str, str], Source] = {}
        self._habitual: dict[str, dict[str, None]] = {}
        """The sources of each account that have a habit, the latest last; only so many may have one."""

    def verdict(self, account_id: str, source: str, now: int, usual_per_second: int) -> Verdict | None:
        """None: go on. Otherwise this attempt is counted against the source's patience."""
        if not usual_per_second:
            return None
        for name in self._names(source):
            found = self._judge(account_id, name, source, now, usual_per_second)
            if found:
                return found
        return None

    def seen(self, account_id: str, now: int, usual_per_second: int) -> tuple[SourceView, ...]:
        """Every source of the account by name, the account as a whole first. Counts nothing."""
        names = sorted(name for owner, name in self._sources if owner == account_id)
        return tuple(self._seen(each, self._sources[account_id, each], now, usual_per_second) for each in names)

    def sent(self, account_id: str, source: str, signature: str, now: int) -> None:
        """An order, or a replacement, was taken. `signature` is the same for orders that are alike."""
        names = self._names(source)
        self._remember(account_id, names)
        for each in (self._source(account_id, name) for name in names):
            self._count(each, Measure.ORDERS, now)
            if signature in each.recent:
                self._count(each, Measure.REPEATS, now)
            else:
                each.recent.append(signature)

    def canceled(self, account_id: str, source: str, sent_at: int, now: int) -> None:
        """An order was cancelled, at the client's wish, before anything of it was filled."""
        if now - sent_at <= self._rules.quick_ns:
            self._remember(account_id, self._names(source))
            for each in self._both(account_id, source):
                self._count(each, Measure.QUICK_CANCELS, now)

    def refused(self, account_id: str, source: str, now: int) -> None:
        """Not durable, so no habit comes of it."""
        for each in self._both(account_id, source):
            each.counts[Measure.REFUSALS].add(now)

    def pardon(self, account_id: str) -> None:
        """A person has looked at it: what was counted is forgotten, habits stay."""
        for (owner, _), each in self._sources.items():
            if account_id in ("", owner):
                for count in (*each.counts.values(), each.strikes):
                    count.clear()

    def forget(self, account_id: str) -> None:
        self._habitual.pop(account_id, None)
        for key in [key for key in self._sources if key[0] == account_id]:
            del self._sources[key]

    def dump(self) -> tuple[SourceDump, ...]:
        """Habits, by account, the latest last; what was counted in the last seconds is not kept."""
        return tuple(
            SourceDump(account_id, name, {m: h for m, h in each.habits.items() if h.weight}, tuple(each.recent))
            for account_id, names in sorted(self._habitual.items())
            for name in names
            for each in [self._sources[account_id, name]]
        )

    def load(self, dumped: tuple[SourceDump, ...]) -> None:
        for each in dumped:
            source = self._sources[each.account_id, each.source] = Source(self._rules)
            source.habits.update(each.habits)
            source.recent.extend(each.recent)
            self._habitual.setdefault(each.account_id, {})[each.source] = None

    @staticmethod
    def _names(source: str) -> tuple[str, ...]:
        """Under which names a source is counted."""
        name = sender(source)
        return (name, WHOLE) if name else (WHOLE,)

    def _remember(self, account_id: str, names: tuple[str, ...]) -> None:
        """That they have a habit; beyond the bound the one is forgotten that sent nothing for the longest time."""
        habitual = self._habitual.setdefault(account_id, {})
        for name in names:
            habitual.pop(name, None)
            habitual[name] = None
        while len(habitual) > self._rules.most_sources:
            oldest = next(iter(habitual))
            del habitual[oldest]
            self._sources.pop((account_id, oldest), None)

    def _both(self, account_id: str, source: str) -> list[Source]:
        return [self._source(account_id, name) for name in self._names(source)]

    def _source(self, account_id: str, name: str) -> Source:
        found = self._sources.get((account_id, name))
        if found is None:
            if len(self._sources) >= MOST_KNOWN:
                self._sources = {key: each for key, each in self._sources.items() if each.has_habits}
            found = self._sources[account_id, name] = Source(self._rules)
        return found

    def _count(self, source: Source, measure: Measure, now: int) -> None:
        source.counts[measure].add(now)
        source.habits[measure] = source.habits[measure].after_one(now, self._rules.memory_s)

    def _judge(self, account_id: str, name: str, source: str, now: int, usual_per_second: int) -> Verdict | None:
        known, rules = self._source(account_id, name), self._rules
        for measure in Measure:
            count = known.counts[measure].total(now)
            floor = self._floor(name, measure, usual_per_second)
            if count < floor or count < (allowed := max(floor, self._own(known, measure, now))):
                continue
            known.strikes.add(now)
            deed = self._deed(name, measure, count)
            if known.strikes.total(now) > rules.patience:
                went_on = f"and went on although it was refused {rules.patience} times"
                return Verdict(measure, f"the runaway guard stopped it: {deed}, {went_on}", is_halt=True)
            wait_s = known.counts[measure].seconds_until(allowed, now)
            return Verdict(measure, f"too fast: {deed}, at most {allowed:,} are usual; wait {wait_s} s", wait_s)
        return None

    def _deed(self, name: str, measure: Measure, count: int) -> str:
        return f"{name or 'the account'} {DEED[measure].format(count=count, window_s=self._rules.window_s)}"

    def _seen(self, name: str, known: Source, now: int, usual_per_second: int) -> SourceView:
        rules = self._rules
        paces = tuple(
            Pace(
                measure,
                known.counts[measure].total(now),
                max(self._floor(name, measure, usual_per_second), self._own(known, measure, now)),
                known.habits[measure].rate(now, rules.memory_s),
            )
            for measure in Measure
        )
        orders = paces[0]
        over = next((each for each in paces if usual_per_second and each.count >= each.allowed), None)
        return SourceView(
            source=name,
            per_second=orders.count / rules.window_s,
            usual=orders.usual,
            paces=paces,
            message=self._deed(name, Measure(over.measure), over.count) if over else "",
            wait_s=known.counts[Measure(over.measure)].seconds_until(over.allowed, now) if over else 0,
            refused=known.strikes.total(now),
            patience=rules.patience,
        )

    def _floor(self, name: str, measure: Measure, usual_per_second: int) -> int:
        """The allowance without a habit."""
        rules = self._rules
        return int(usual_per_second * rules.window_s * rules.share[measure] * (1 if name else rules.crowd))

    def _own(self, known: Source, measure: Measure, now: int) -> int:
        """The allowance that a habit gives."""
        rules = self._rules
        return int(known.habits[measure].rate(now, rules.memory_s) * rules.window_s * rules.factor)
