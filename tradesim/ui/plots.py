"""What figures of the views have in common: transparent, small, in the page's colours, without clutter.

Figures are Plotly's own dictionaries: its Python objects take ten times as long, which a view that is drawn anew
every few seconds cannot give.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from dash import Dash, dcc, html

from tradesim.ui import wording
from tradesim.ui.attributes import attributes
from tradesim.ui.theme import colours, look_of

CLEAR = "rgba(0,0,0,0)"
FONT = "system-ui, -apple-system, Segoe UI, Roboto, Helvetica Neue, Noto Sans, DejaVu Sans, sans-serif"
CONFIG: Any = {"displayModeBar": False, "responsive": True, "doubleClick": "reset"}
Colors = Mapping[str, str]
ColorsOf = Callable[[object], Colors]
Figure = dict[str, Any]


def colors_of(app: Dash) -> ColorsOf:
    """Gives the page's colours for what its `look` store says."""
    found = colours((Path(app.config.assets_folder) / "tokens.css").read_text(encoding="utf-8"))
    return lambda said: found[look_of(said)]


def dressed(data: Sequence[Figure], colors: Colors, **layout: Any) -> Figure:
    """A figure of these traces; `layout` over what all have, its axes over what all axes have."""
    found: Figure = {
        "paper_bgcolor": CLEAR,
        "plot_bgcolor": CLEAR,
        "showlegend": False,
        "margin": {"l": 8, "r": 12, "t": 8, "b": 8},
        "font": {"color": colors["muted"], "family": FONT, "size": 11},
        "hoverlabel": {
            "bgcolor": colors["raised"],
            "bordercolor": colors["line"],
            "font": {"color": colors["text"], "family": FONT, "size": 12},
        },
        "dragmode": False,
        "xaxis": {},
        "yaxis": {},
        **layout,
    }
    for name in [name for name in found if name.startswith(("xaxis", "yaxis"))]:
        found[name] = {**axis(colors, is_across=name.startswith("xaxis")), **found[name]}
    return {"data": list(data), "layout": found}


def axis(colors: Colors, is_across: bool) -> Figure:
    return {
        "gridcolor": colors["line"],
        "linecolor": colors["line"],
        "showline": True,
        "showgrid": not is_across,
        "zeroline": False,
        "zerolinecolor": colors["muted"],
        "zerolinewidth": 1,
        "tickfont": {"size": 11},
        "color": colors["muted"],
        "automargin": True,
        **({} if is_across else {"nticks": 5}),
    }


def dates() -> Figure:
    """An axis of time as the page writes dates: the day under the time where it changes."""
    minute, day = 60_000, 86_400_000
    return {
        "tickformatstops": [
            {"dtickrange": [None, minute - 1], "value": "%H:%M:%S\n%-d %b"},
            {"dtickrange": [minute, day - 1], "value": "%H:%M\n%-d %b"},
            {"dtickrange": [day, "M1"], "value": "%-d %b"},
            {"dtickrange": ["M1", None], "value": "%b %Y"},
        ]
    }


def graph(name: str, figure: Figure, label: str, kind: str = "") -> html.Div:
    """The same name draws into the same place; `label` says to a screen reader what it shows."""
    drawn = dcc.Graph(id=name, figure=figure, config=CONFIG, responsive=True, className="view-graph")
    return html.Div(drawn, className=f"view-plot {kind}", role="group", **attributes(aria_label=label))


def soft(color: str, alpha: float) -> str:
    """`#rrggbb` with an alpha."""
    red, green, blue = (int(color[at : at + 2], 16) for at in (1, 3, 5))
    return f"rgba({red},{green},{blue},{alpha:g})"


def wall_times(moments: Iterable[int], zone: str) -> list[str]:
    """On the wall of the market's zone, which is what Plotly's axes show."""
    return [f"{wording.local(at, zone):%Y-%m-%dT%H:%M:%S}" for at in moments]
