"""The depth panel's figures: empty axes for the canvas beneath, and the whole curve for when there is no canvas."""

from collections.abc import Iterable, Mapping
from itertools import accumulate

import plotly.graph_objects as go

from tradesim.desk.views import MarketView
from tradesim.model.instrument import Instrument
from tradesim.model.market import Level

MARGIN = {"l": 8, "r": 52, "t": 8, "b": 24}
CLEAR = "rgba(0,0,0,0)"
WORDS = {"b": "Bid", "a": "Offered"}


def axes() -> go.Figure:
    """Axes without a curve; one invisible point keeps Plotly from inventing ranges."""
    figure = go.Figure(go.Scatter(x=[0], y=[0], mode="markers", marker={"opacity": 0}, hoverinfo="skip"))
    return dressed(figure)


def dressed(figure: go.Figure, muted: str = "#8f99ab", line: str = "#232a36") -> go.Figure:
    axis = {"fixedrange": True, "zeroline": False, "tickcolor": line, "color": muted, "tickfont": {"size": 11}}
    return figure.update_layout(
        margin=MARGIN,
        paper_bgcolor=CLEAR,
        plot_bgcolor=CLEAR,
        showlegend=False,
        dragmode=False,
        hovermode=False,
        font={"color": muted},
        xaxis={**axis, "showgrid": False, "nticks": 5},
        yaxis={**axis, "gridcolor": line, "side": "right", "rangemode": "tozero", "nticks": 5, "tickformat": "~s"},
    )


def curve(view: MarketView, instrument: Instrument, colors: Mapping[str, str]) -> go.Figure:
    """Both sides as filled steps, price by cumulative quantity."""
    figure = go.Figure()
    for key, levels in (("b", view.top.bids), ("a", view.top.asks)):
        prices, sizes = steps(levels, instrument)
        color = colors["up" if key == "b" else "down"]
        line = {"color": color, "width": 1.5, "shape": "vh"}
        figure.add_scatter(x=prices, y=sizes, name=WORDS[key], mode="lines", line=line, fill="tozeroy")
    dressed(figure, colors["muted"], colors["line"])
    return figure.update_layout(hovermode="x", xaxis_tickformat=f",.{instrument.price_decimals}f")


def steps(levels: Iterable[Level], instrument: Instrument) -> tuple[list[float], list[float]]:
    """Prices and the quantity up to and including each, best first; floats, for drawing only."""
    rows = tuple(levels)
    prices = [float(instrument.price(level.price)) for level in rows]
    sizes = [float(instrument.qty(lots)) for lots in accumulate(level.qty for level in rows)]
    return prices, sizes
