"""What closed round trips add up to: win rate, expectancy, profit factor and the like. Money, after fees.

win rate        wins / closed trips; a trip that brought exactly nothing is neither a win nor a loss
expectancy      mean net profit of a trip
profit factor   sum of wins / sum of losses; None without a loss
payoff          mean win / mean loss
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from decimal import Decimal

from msgspec import Struct

from tradesim.trading.performance.trips import RoundTrip

ZERO = Decimal(0)


class Figures(Struct, frozen=True):
    """`turnover` is the value of all fills. Times in ns; None where nothing was there to count."""

    trips: int = 0
    wins: int = 0
    losses: int = 0
    net_pl: Decimal = ZERO
    gross_pl: Decimal = ZERO
    fees: Decimal = ZERO
    turnover: Decimal = ZERO
    win_rate: Decimal | None = None
    expectancy: Decimal | None = None
    profit_factor: Decimal | None = None
    payoff: Decimal | None = None
    average_win: Decimal | None = None
    average_loss: Decimal | None = None
    best: Decimal | None = None
    worst: Decimal | None = None
    most_wins_in_a_row: int = 0
    most_losses_in_a_row: int = 0
    average_hold_ns: int | None = None
    median_hold_ns: int | None = None


def figures(trips: Sequence[RoundTrip]) -> Figures:
    """Of closed trips, in the order in which they ended."""
    if not trips:
        return Figures()
    results = [trip.net_pl for trip in trips]
    wins, losses = [each for each in results if each > 0], [each for each in results if each < 0]
    won, lost = sum(wins, ZERO), -sum(losses, ZERO)
    average_win = won / len(wins) if wins else None
    average_loss = lost / len(losses) if losses else None
    holds = sorted(trip.hold_ns or 0 for trip in trips)
    return Figures(
        trips=len(trips),
        wins=len(wins),
        losses=len(losses),
        net_pl=won - lost,
        gross_pl=sum((trip.gross_pl + trip.cash_in_lieu for trip in trips), ZERO),
        fees=sum((trip.fees for trip in trips), ZERO),
        turnover=sum((turnover(trip) for trip in trips), ZERO),
        win_rate=Decimal(len(wins)) / len(trips),
        expectancy=(won - lost) / len(trips),
        profit_factor=won / lost if lost else None,
        payoff=average_win / average_loss if average_win and average_loss else None,
        average_win=average_win,
        average_loss=average_loss,
        best=max(results),
        worst=min(results),
        most_wins_in_a_row=longest_run(results, lambda each: each > 0),
        most_losses_in_a_row=longest_run(results, lambda each: each < 0),
        average_hold_ns=sum(holds) // len(holds),
        median_hold_ns=(holds[(len(holds) - 1) // 2] + holds[len(holds) // 2]) // 2,
    )


def turnover(trip: RoundTrip) -> Decimal:
    return trip.entry_price * trip.qty + (trip.exit_price or ZERO) * trip.exit_qty


def longest_run(results: Iterable[Decimal], is_one: Callable[[Decimal], bool]) -> int:
    """A result of exactly nothing neither lengthens nor ends a run."""
    longest = run = 0
    for each in results:
        if each:
            run = run + 1 if is_one(each) else 0
        longest = max(longest, run)
    return longest


def grouped(trips: Sequence[RoundTrip], names_of: Callable[[RoundTrip], Iterable[str]]) -> Mapping[str, Figures]:
    """Figures of every group, by name; a trip may be in several."""
    groups: dict[str, list[RoundTrip]] = {}
    for trip in trips:
        for name in names_of(trip):
            groups.setdefault(name, []).append(trip)
    return {name: figures(groups[name]) for name in sorted(groups)}
