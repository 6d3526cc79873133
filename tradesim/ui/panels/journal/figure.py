"""The chart of a trip, drawn again from the bars that were kept: candles, fills, its prices, MAE and MFE. Pure."""

from decimal import Decimal
from typing import Any

import plotly.graph_objects as go

from tradesim.desk.views import ChartView, TripView
from tradesim.trading.performance.trips import Leg
from tradesim.ui.plots import Colors, dressed, wall_times
from tradesim.ui.wording import number, price, quantity, signed


def chart(found: ChartView, colors: Colors, zone: str, decimals: int) -> go.Figure:
    view, bars = found.view, found.bars
    figure = go.Figure()
    if bars:
        figure.add_trace(candles(found, colors, zone))
    for is_entry in (True, False):
        legs = [leg for leg in view.trip.legs if ((leg.qty > 0) == (view.trip.side.sign > 0)) is is_entry]
        if legs:
            figure.add_trace(marks(legs, is_entry, colors, zone, decimals))
    dressed(figure, colors, hovermode="closest", uirevision=view.trip.id, margin={"l": 4, "r": 4, "t": 6, "b": 4})
    figure.update_layout(shapes=[], annotations=[])
    for value, name, color, dash in lines(view):
        rule(figure, value, name, colors[color], dash, decimals)
    figure.update_xaxes(rangeslider={"visible": False}, nticks=6)
    return figure.update_yaxes(side="right", tickformat=f",.{decimals}f", nticks=6)


def candles(found: ChartView, colors: Colors, zone: str) -> go.Candlestick:
    bars = found.bars
    return go.Candlestick(
        x=wall_times((bar.start for bar in bars), zone),
        open=[float(bar.open) for bar in bars],
        high=[float(bar.high) for bar in bars],
        low=[float(bar.low) for bar in bars],
        close=[float(bar.close) for bar in bars],
        increasing={"line": {"color": colors["up"], "width": 1}, "fillcolor": colors["up"]},
        decreasing={"line": {"color": colors["down"], "width": 1}, "fillcolor": colors["down"]},
        opacity=0.6,
        name=found.view.trip.symbol,
    )


def marks(legs: list[Leg], is_entry: bool, colors: Colors, zone: str, decimals: int) -> go.Scatter:
    """Triangles in the direction that was traded; entries full, exits hollow."""
    buys = [leg.qty > 0 for leg in legs]
    return go.Scatter(
        x=wall_times((leg.fill.ts_event for leg in legs), zone),
        y=[float(leg.price) for leg in legs],
        mode="markers",
        name="Entry" if is_entry else "Exit",
        marker={
            "symbol": [("triangle-up" if buy else "triangle-down") + ("" if is_entry else "-open") for buy in buys],
            "size": 12,
            "color": colors["text"],
            "line": {"width": 2 if not is_entry else 1, "color": colors["text" if not is_entry else "surface"]},
        },
        customdata=[
            f"{'Entry' if is_entry else 'Exit'}: {'bought' if leg.qty > 0 else 'sold'} {quantity(abs(leg.qty))}"
            f" at {price(leg.price, decimals)}"
            for leg in legs
        ],
        hovertemplate="%{x|%H:%M:%S}<br>%{customdata}<extra></extra>",
    )


def lines(view: TripView) -> list[tuple[Decimal, str, str, str]]:
    """Price, words, colour and dash of each line."""
    trip = view.trip
    found: list[tuple[Decimal, str, str, str]] = [(trip.entry_price, "Entry", "accent", "solid")]
    if trip.exit_price is not None:
        found.append((trip.exit_price, "Exit", "accent", "dash"))
    if view.stop is not None:
        found.append((view.stop, "Stop", "warn", "dash"))
    for money, name, color in ((view.mae, "MAE", "down"), (view.mfe, "MFE", "up")):
        if money:
            found.append((reached(view, money), f"{name} {signed(money)}", color, "dot"))
    return found


def reached(view: TripView, money: Decimal) -> Decimal:
    """The price at which the whole trip would have been worth that much."""
    return view.trip.entry_price + money / view.trip.qty * view.trip.side.sign


def rule(figure: go.Figure, value: Decimal, name: str, color: str, dash: str, decimals: int) -> None:
    figure.add_shape(
        type="line",
        xref="paper",
        x0=0,
        x1=1,
        y0=float(value),
        y1=float(value),
        layer="below",
        line={"color": color, "width": 1, "dash": dash},
    )
    words: dict[str, Any] = {"size": 10, "color": color}
    figure.add_annotation(
        text=f"{name} · {number(value, decimals)}",
        xref="paper",
        x=0,
        y=float(value),
        xanchor="left",
        yanchor="bottom",
        showarrow=False,
        font=words,
    )
