"""The figures of the Performance view: equity over drawdown, days, results, excursions. Pure."""

import math
from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from tradesim.desk.views import PerformanceView, TripView
from tradesim.ui.plots import Colors, Figure, dates, dressed, soft, wall_times
from tradesim.ui.wording import duration, number, percent, short_day, signed

BINS = 40
LEAST_DAYS_ROOM = 15
FEW_TRIPS, LEAST_SPREAD = 6, 20.0
"""A few days are drawn as narrow as these many."""
LEAST_DAYS_WITH_YEAR = 330


class Bin(NamedTuple):
    low: float
    high: float
    trips: int


def curve(view: PerformanceView, colors: Colors, zone: str) -> Figure:
    """Equity with drawdown below it, on one axis of time."""
    times = wall_times((at for at, _, _ in view.equity), zone)
    equity = [round(value, 2) for _, value, _ in view.equity]
    line = {"type": "scatter", "mode": "lines", "x": times}
    return dressed(
        [
            {
                **line,
                "y": equity,
                "line": {"color": colors["accent"], "width": 1.5, "shape": "hv"},
                "hovertemplate": f"%{{x|%-d %b %H:%M}}<br>%{{y:,.2f}} {view.currency}<extra></extra>",
            },
            {
                **line,
                "y": [round(each * 100, 4) for each in view.drawdown],
                "yaxis": "y2",
                "line": {"color": colors["down"], "width": 1, "shape": "hv"},
                "fill": "tozeroy",
                "fillcolor": soft(colors["down"], 0.18),
                "hovertemplate": "%{x|%-d %b %H:%M}<br>%{y:.2f} % below the high<extra></extra>",
            },
        ],
        colors,
        hovermode="x",
        uirevision=f"{view.account_id} {view.period}",
        xaxis={
            "type": "date",
            **dates(),
            "anchor": "y2",
            "showspikes": True,
            "spikethickness": 1,
            "spikedash": "dot",
            "spikecolor": colors["muted"],
        },
        yaxis={"domain": [0.34, 1], "tickformat": ",.0f" if spread(equity) > 20 else ",.2f"},
        yaxis2={"domain": [0, 0.3], "ticksuffix": " %", "nticks": 3, "rangemode": "tozero"},
    )


def in_full(day: date) -> str:
    return f"{day:%a} {short_day(day)} {day:%Y}"


def days(view: PerformanceView, colors: Colors) -> Figure:
    """A bar a day, up or down; weekends without profit have none."""
    shown = view.days
    is_long = bool(shown) and (shown[-1].day - shown[0].day).days > LEAST_DAYS_WITH_YEAR
    room = max(len(shown), LEAST_DAYS_ROOM)
    bars = {
        "type": "bar",
        "x": [f"{short_day(day.day)} {day.day:%y}" if is_long else short_day(day.day) for day in shown],
        "y": [day.value * 100 for day in shown],
        "marker": {"color": [colors["up" if day.value >= 0 else "down"] for day in shown], "line": {"width": 0}},
        "customdata": [[in_full(day.day), percent(day.value), signed(day.pl)] for day in shown],
        "hovertemplate": "<br>".join(f"%{{customdata[{at}]}}" for at in range(3)) + f" {view.currency}<extra></extra>",
    }
    return dressed(
        [bars],
        colors,
        bargap=0.35,
        xaxis={"type": "category", "nticks": 8, "tickangle": 0, "range": [-0.6, room - 0.4]},
        yaxis={"zeroline": True, "ticksuffix": " %"},
    )


def bins(results: Sequence[float], most: int = BINS) -> list[Bin]:
    """Of one width that is easily read, with an edge at nothing; empty ones between others are kept."""
    if not results:
        return []
    width = step_of(spread([*results, 0.0]) / most)
    numbers = [math.floor(each / width) for each in results]
    counts = {number: numbers.count(number) for number in set(numbers)}
    return [Bin(at * width, (at + 1) * width, counts.get(at, 0)) for at in range(min(counts), max(counts) + 1)]


def step_of(least: float) -> float:
    """1, 2 or 5 times a power of ten, not below `least`."""
    if least <= 0:
        return 1.0
    power = 10.0 ** math.floor(math.log10(least))
    return next(power * each for each in (1, 2, 5, 10) if power * each >= least * (1 - 1e-9))


def spread(values: Sequence[float]) -> float:
    return max(values) - min(values) if values else 0.0


def results(trips: Sequence[TripView], currency: str, colors: Colors) -> Figure:
    """How many trips brought how much."""
    found = bins([float(each.trip.net_pl) for each in trips])
    bars = {
        "type": "bar",
        "x": [(each.low + each.high) / 2 for each in found],
        "y": [each.trips for each in found],
        "width": [(each.high - each.low) * 0.86 for each in found],
        "marker": {"color": [colors["up" if each.low >= 0 else "down"] for each in found], "line": {"width": 0}},
        "customdata": [[signed(each.low, 0), signed(each.high, 0)] for each in found],
        "hovertemplate": f"%{{y}} between %{{customdata[0]}} and %{{customdata[1]}} {currency}<extra></extra>",
    }
    across = {"zeroline": True, "tickformat": money_ticks([edge for each in found for edge in (each.low, each.high)])}
    up: Figure = {"tickformat": ",.0f", "rangemode": "tozero"}
    if max((each.trips for each in found), default=0) <= FEW_TRIPS:
        up["dtick"] = 1
    return dressed([bars], colors, xaxis=across, yaxis=up)


def money_ticks(values: Sequence[float]) -> str:
    """Cents where whole units would write the same tick twice."""
    return ",.2f" if spread(values) < LEAST_SPREAD else ",.0f"


def excursions(trips: Sequence[TripView], currency: str, colors: Colors) -> Figure:
    """Worst against best of each trip; triangles up won, down lost. `customdata[0]` is the trip's id."""
    shown = [each for each in trips if each.mae is not None and each.mfe is not None]
    worst, best = (money_ticks([float(getattr(each, name)) for each in shown]) for name in ("mae", "mfe"))
    won = [each for each in shown if each.trip.net_pl > 0]
    lost = [each for each in shown if each.trip.net_pl <= 0]
    return dressed(
        [
            points("Won", won, colors["up"], "triangle-up", currency),
            points("Lost", lost, colors["down"], "triangle-down", currency),
        ],
        colors,
        hovermode="closest",
        clickmode="event",
        xaxis={"zeroline": True, "tickformat": worst, "title": axis_title("Worst while held (MAE)")},
        yaxis={"zeroline": True, "tickformat": best, "title": axis_title("Best while held (MFE)")},
    )


def points(name: str, group: Sequence[TripView], color: str, symbol: str, currency: str) -> Figure:
    return {
        "type": "scatter",
        "mode": "markers",
        "name": name,
        "x": [float(each.mae or 0) for each in group],
        "y": [float(each.mfe or 0) for each in group],
        "marker": {"color": color, "symbol": symbol, "size": 8, "opacity": 0.8, "line": {"width": 0}},
        "customdata": [excursion_words(each) for each in group],
        "hovertemplate": f"%{{customdata[1]}}<br>%{{customdata[2]}} {currency}, %{{customdata[3]}}"
        "<br>worst %{customdata[4]}, best %{customdata[5]}<br>click opens it<extra></extra>",
    }


def axis_title(text: str) -> Figure:
    return {"text": text, "font": {"size": 11}, "standoff": 6}


def excursion_words(view: TripView) -> list[str]:
    trip = view.trip
    side = "Long" if trip.side.sign > 0 else "Short"
    return [
        trip.id,
        f"{side} {number(trip.qty, 0 if trip.qty == round(trip.qty) else 4)} {trip.symbol}",
        signed(trip.net_pl),
        duration(trip.hold_ns),
        signed(view.mae or Decimal(0)),
        signed(view.mfe or Decimal(0)),
    ]
