"""The figures of the Performance view: equity over drawdown, days, results, excursions. Pure."""

import math
from collections.abc import Sequence
from decimal import Decimal
from typing import NamedTuple

import plotly.graph_objects as go
from plotly.subplots import make_subplots

from tradesim.desk.views import PerformanceView, TripView
from tradesim.ui.plots import Colors, dressed, soft, wall_times
from tradesim.ui.wording import duration, number, percent, signed

BINS = 40
LEAST_DAYS_ROOM = 15
"""A few days are drawn as narrow as these many."""
LEAST_DAYS_WITH_YEAR = 330


class Bin(NamedTuple):
    low: float
    high: float
    trips: int


def curve(view: PerformanceView, colors: Colors, zone: str) -> go.Figure:
    """Equity with drawdown below it, on one axis of time."""
    figure = make_subplots(rows=2, cols=1, shared_xaxes=True, row_heights=[0.7, 0.3], vertical_spacing=0.04)
    times = wall_times((at for at, _, _ in view.equity), zone)
    equity = [value for _, value, _ in view.equity]
    fall = [each * 100 for each in view.drawdown]
    figure.add_scatter(
        x=times,
        y=equity,
        mode="lines",
        line={"color": colors["accent"], "width": 1.5, "shape": "hv"},
        hovertemplate="%{x|%d %b %H:%M}<br>%{y:,.2f} " + view.currency + "<extra></extra>",
        row=1,
        col=1,
    )
    figure.add_scatter(
        x=times,
        y=fall,
        mode="lines",
        line={"color": colors["down"], "width": 1, "shape": "hv"},
        fill="tozeroy",
        fillcolor=soft(colors["down"], 0.18),
        hovertemplate="%{x|%d %b %H:%M}<br>%{y:.2f} % below the high<extra></extra>",
        row=2,
        col=1,
    )
    dressed(figure, colors, hovermode="x", uirevision=f"{view.account_id} {view.period}")
    figure.update_yaxes(tickformat=",.0f" if spread(equity) > 20 else ",.2f", row=1, col=1)
    figure.update_yaxes(ticksuffix=" %", nticks=3, rangemode="tozero", row=2, col=1)
    return figure.update_xaxes(showspikes=True, spikethickness=1, spikedash="dot", spikecolor=colors["muted"])


def days(view: PerformanceView, colors: Colors) -> go.Figure:
    """A bar a day, up or down; weekends without profit have none."""
    shown = view.days
    is_long = bool(shown) and (shown[-1].day - shown[0].day).days > LEAST_DAYS_WITH_YEAR
    figure = go.Figure(
        go.Bar(
            x=[f"{day.day:%-d %b %y}" if is_long else f"{day.day:%-d %b}" for day in shown],
            y=[day.value * 100 for day in shown],
            marker={"color": [colors["up" if day.value >= 0 else "down"] for day in shown], "line": {"width": 0}},
            customdata=[[f"{day.day:%a %-d %b %Y}", percent(day.value), signed(day.pl)] for day in shown],
            hovertemplate="%{customdata[0]}<br>%{customdata[1]}<br>%{customdata[2]} "
            + view.currency
            + "<extra></extra>",
        )
    )
    dressed(figure, colors, bargap=0.35)
    room = max(len(shown), LEAST_DAYS_ROOM)
    figure.update_xaxes(type="category", nticks=8, tickangle=0, range=[-0.6, room - 0.4])
    return figure.update_yaxes(zeroline=True, ticksuffix=" %")


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


def results(trips: Sequence[TripView], currency: str, colors: Colors) -> go.Figure:
    """How many trips brought how much."""
    found = bins([float(each.trip.net_pl) for each in trips])
    figure = go.Figure(
        go.Bar(
            x=[(each.low + each.high) / 2 for each in found],
            y=[each.trips for each in found],
            width=[(each.high - each.low) * 0.86 for each in found],
            marker={"color": [colors["up" if each.low >= 0 else "down"] for each in found], "line": {"width": 0}},
            customdata=[[signed(each.low, 0), signed(each.high, 0)] for each in found],
            hovertemplate="%{y} between %{customdata[0]} and %{customdata[1]} " + currency + "<extra></extra>",
        )
    )
    dressed(figure, colors)
    figure.update_xaxes(zeroline=True, tickformat="+,.0f")
    return figure.update_yaxes(tickformat=",.0f", rangemode="tozero")


def excursions(trips: Sequence[TripView], currency: str, colors: Colors) -> go.Figure:
    """Worst against best of each trip; triangles up won, down lost. `customdata[0]` is the trip's id."""
    figure = go.Figure()
    shown = [each for each in trips if each.mae is not None and each.mfe is not None]
    for name, color, symbol, is_win in (
        ("Won", colors["up"], "triangle-up", True),
        ("Lost", colors["down"], "triangle-down", False),
    ):
        group = [each for each in shown if (each.trip.net_pl > 0) is is_win]
        figure.add_scatter(
            x=[float(each.mae or 0) for each in group],
            y=[float(each.mfe or 0) for each in group],
            mode="markers",
            name=name,
            marker={"color": color, "symbol": symbol, "size": 8, "opacity": 0.8, "line": {"width": 0}},
            customdata=[excursion_words(each) for each in group],
            hovertemplate="%{customdata[1]}<br>%{customdata[2]} "
            + currency
            + ", %{customdata[3]}<br>worst %{customdata[4]}, best %{customdata[5]}<br>click opens it<extra></extra>",
        )
    dressed(figure, colors, hovermode="closest", clickmode="event")
    figure.update_xaxes(zeroline=True, tickformat="+,.0f", title=axis_title("Worst while held (MAE)"))
    return figure.update_yaxes(
        zeroline=True, showgrid=True, tickformat="+,.0f", title=axis_title("Best while held (MFE)")
    )


def axis_title(text: str) -> dict[str, object]:
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
