"""The chart of a trip, drawn again from the bars that were kept: candles, fills, its prices, MAE and MFE. Pure."""

from collections.abc import Sequence
from decimal import Decimal

from tradesim.desk.views import ChartView, Leg, TripView
from tradesim.ui.plots import Colors, Figure, dates, dressed, soft, wall_times
from tradesim.ui.wording import number, price, quantity, signed

Line = tuple[Decimal, str, str, str]
HEIGHT, WORDS = 190.0, 14.0
"""Pixels of the plot, and of a line of words, about."""
MARGIN = 0.06
"""Of what the prices span, kept free above and below."""
FOR_WORDS = 0.4
"""Of what the bars span, kept free before them: there the words of the lines stand."""


def chart(found: ChartView, colors: Colors, zone: str, decimals: int) -> Figure:
    view = found.view
    entries = [leg for leg in view.trip.legs if leg.fill.side is view.trip.side]
    exits = [leg for leg in view.trip.legs if leg.fill.side is not view.trip.side]
    drawn = lines(view)
    moved = shifts([float(line[0]) for line in drawn], low_high(found))
    return dressed(
        [
            *([candles(found, colors, zone)] if found.bars else []),
            *(
                marks(legs, is_entry, colors, zone, decimals)
                for legs, is_entry in ((entries, True), (exits, False))
                if legs
            ),
        ],
        colors,
        hovermode="closest",
        uirevision=view.trip.id,
        margin={"l": 4, "r": 4, "t": 6, "b": 4},
        xaxis={"type": "date", "rangeslider": {"visible": False}, "nticks": 6, **dates(), **across(found, zone)},
        yaxis={"side": "right", "tickformat": f",.{decimals}f", "nticks": 6, "range": low_high(found)},
        shapes=[rule(line, colors) for line in drawn],
        annotations=[named(line, shift, colors, decimals) for line, shift in zip(drawn, moved, strict=True)],
    )


def candles(found: ChartView, colors: Colors, zone: str) -> Figure:
    bars = found.bars
    return {
        "type": "candlestick",
        "x": wall_times((bar.start for bar in bars), zone),
        "open": [float(bar.open) for bar in bars],
        "high": [float(bar.high) for bar in bars],
        "low": [float(bar.low) for bar in bars],
        "close": [float(bar.close) for bar in bars],
        "increasing": {"line": {"color": colors["up"], "width": 1}, "fillcolor": colors["up"]},
        "decreasing": {"line": {"color": colors["down"], "width": 1}, "fillcolor": colors["down"]},
        "opacity": 0.6,
        "name": found.view.trip.symbol,
    }


def marks(legs: Sequence[Leg], is_entry: bool, colors: Colors, zone: str, decimals: int) -> Figure:
    """Triangles in the direction that was traded; entries full, exits hollow."""
    word, hollow = ("Entry", "") if is_entry else ("Exit", "-open")
    rim = {"width": 1, "color": colors["surface"]} if is_entry else {"width": 2, "color": colors["text"]}
    return {
        "type": "scatter",
        "mode": "markers",
        "name": word,
        "x": wall_times((leg.fill.ts_event for leg in legs), zone),
        "y": [float(leg.price) for leg in legs],
        "marker": {
            "symbol": [f"triangle-{'up' if leg.qty > 0 else 'down'}{hollow}" for leg in legs],
            "size": 12,
            "color": colors["text"],
            "line": rim,
        },
        "customdata": [
            f"{word}: {'bought' if leg.qty > 0 else 'sold'} {quantity(abs(leg.qty))} at {price(leg.price, decimals)}"
            for leg in legs
        ],
        "hovertemplate": "%{x|%H:%M:%S}<br>%{customdata}<extra></extra>",
    }


def lines(view: TripView) -> list[Line]:
    """Price, words, colour and dash of each line."""
    trip = view.trip
    found: list[Line] = [(trip.entry_price, "Entry", "accent", "solid")]
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


def across(found: ChartView, zone: str) -> Figure:
    """From before the first bar, so that no word stands on a candle; Plotly's own choice where there are no bars."""
    if len(found.bars) < 2:
        return {}
    first, last = found.bars[0].start, found.bars[-1].start
    bar = found.bars[1].start - first
    return {"range": wall_times((round(first - FOR_WORDS * (last - first)), last + bar), zone)}


def low_high(found: ChartView) -> tuple[float, float]:
    """What the axis of prices spans."""
    prices = [float(each) for bar in found.bars for each in (bar.low, bar.high)]
    prices += [float(line[0]) for line in lines(found.view)]
    low, high = min(prices), max(prices)
    free = (high - low or abs(high) or 1.0) * MARGIN
    return low - free, high + free


def shifts(values: Sequence[float], span: tuple[float, float]) -> list[float]:
    """By how many pixels the words of each line are moved up so that none stand on one another or leave the plot."""
    low, high = span
    scale = HEIGHT / (high - low) if high > low else 0.0
    wanted = [(value - low) * scale for value in values]
    order = sorted(range(len(values)), key=lambda each: wanted[each])
    places, floor = list(wanted), -WORDS
    for at in order:
        places[at] = floor = max(wanted[at], floor + WORDS)
    roof = HEIGHT
    for at in reversed(order):
        places[at] = roof = min(places[at], roof - WORDS)
    return [place - value for place, value in zip(places, wanted, strict=True)]


def rule(line: Line, colors: Colors) -> Figure:
    value, _, tone, dash = line
    style = {"color": colors[tone], "width": 1, "dash": dash}
    across = {"type": "line", "xref": "paper", "x0": 0, "x1": 1, "layer": "below"}
    return {**across, "y0": float(value), "y1": float(value), "line": style}


def named(line: Line, shift: float, colors: Colors, decimals: int) -> Figure:
    value, name, tone, _ = line
    return {
        "text": f"{name} · {number(value, decimals)}",
        "xref": "paper",
        "x": 0,
        "y": float(value),
        "xanchor": "left",
        "yanchor": "bottom",
        "yshift": shift,
        "showarrow": False,
        "font": {"size": 10, "color": colors[tone]},
        "bgcolor": soft(colors["surface"], 0.92),
        "borderpad": 0,
    }
