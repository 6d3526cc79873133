"""Figures of the chart: the axes under which the canvas lies, and the simple chart that stands in for it. Pure."""

from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from plotly import graph_objects as go

from tradesim.kernel.clock import NS_PER_SECOND
from tradesim.model.instrument import Instrument
from tradesim.model.market import Timeframe
from tradesim.model.series import Bars

SIMPLE_BARS = 550
LABELS = 8
CLEAR = "rgba(0,0,0,0)"
MUTED = "#808a9c"
UP, DOWN = "#1c9c82", "#e0504f"


def axes() -> go.Figure:
    """Axes without marks: one invisible trace keeps them alive, the browser's code sets ranges, labels and colours.

    The bars' labels stay at the bottom when the prices give room to panes below them.
    """
    anchor = go.Scatter(x=[0, 1], y=[0, 1], mode="markers", marker={"opacity": 0, "size": 1}, hoverinfo="skip")
    look = _look()
    bars = {**look["xaxis"], "anchor": "free", "position": 0}
    return go.Figure([anchor], {**look, "xaxis": bars, "margin": {"l": 0, "r": 64, "t": 4, "b": 24, "pad": 0}})


def _look() -> dict[str, Any]:
    axis = {"showgrid": False, "zeroline": False, "showline": False, "autorange": False, "ticks": "", "range": [0, 1]}
    return {
        "paper_bgcolor": CLEAR,
        "plot_bgcolor": CLEAR,
        "showlegend": False,
        "dragmode": False,
        "hovermode": False,
        "font": {"size": 11, "color": MUTED, "family": "system-ui, -apple-system, Segoe UI, Roboto, sans-serif"},
        "xaxis": {**axis, "tickmode": "array", "tickvals": [], "ticktext": [], "tickangle": 0},
        "yaxis": {**axis, "side": "right", "automargin": False, "tickformat": ",.2f", "hoverformat": ",.2f"},
    }


def simple(bars: Bars, instrument: Instrument, timeframe: Timeframe, zone: str) -> go.Figure:
    """The last bars as Plotly candles by bar number, labelled by the market's time."""
    recent = bars[-SIMPLE_BARS:]
    tick = float(instrument.tick_size)
    numbers = list(range(len(recent)))
    candles = go.Candlestick(
        x=numbers,
        open=recent.open * tick,
        high=recent.high * tick,
        low=recent.low * tick,
        close=recent.close * tick,
        increasing={"line": {"color": UP, "width": 1}, "fillcolor": UP},
        decreasing={"line": {"color": DOWN, "width": 1}, "fillcolor": DOWN},
        name=instrument.symbol,
    )
    return go.Figure([candles], simple_layout(recent, instrument, timeframe, zone))


def simple_layout(recent: Bars, instrument: Instrument, timeframe: Timeframe, zone: str) -> dict[str, Any]:
    labelled = list(range(0, len(recent), max(1, len(recent) // LABELS)))
    texts = [label(int(recent.start[n]), timeframe, zone) for n in labelled]
    look = _look()
    return {
        **look,
        "uirevision": f"{instrument.symbol} {timeframe}",
        "dragmode": "pan",
        "margin": {"l": 8, "r": 72, "t": 28, "b": 24},
        "xaxis": {**look["xaxis"], "tickvals": labelled, "ticktext": texts, "rangeslider": {"visible": False}}
        | {"autorange": True, "range": None},
        "yaxis": {
            **look["yaxis"],
            "autorange": True,
            "range": None,
            "showgrid": True,
            "gridcolor": "rgba(128,138,156,0.2)",
        }
        | {"tickformat": f",.{instrument.price_decimals}f"},
    }


def label(start: int, timeframe: Timeframe, zone: str) -> str:
    """A bar's start on the market's clock: the day for daily bars, else the time."""
    at = datetime.fromtimestamp(start / NS_PER_SECOND, UTC).astimezone(ZoneInfo(zone))
    if timeframe is Timeframe.D1:
        return f"{at:%d %b %Y}"
    return f"{at:%H:%M:%S}" if timeframe.seconds < 60 else f"{at:%d %b %H:%M}"
