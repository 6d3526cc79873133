"""The chart's skeleton: header, stage with two canvases around a Graph, and what stands in when they fail.

The Graph is mounted once the canvases are painted: Plotly's library takes the browser a while to read.
"""

from dash import dcc, html

from tradesim.model.market import Timeframe
from tradesim.ui.panels.chart import figure
from tradesim.ui.panels.chart.ids import Chart

HANDS_LABEL = (
    "Price chart. Left and right arrows pan, plus and minus zoom, up and down stretch the price scale, "
    "End goes to now, Shift with an arrow walks from bar to bar, with a drawing tool Enter sets a point there, "
    "Shift F10 opens the menu."
)
COLUMNS = ("Time", "Open", "High", "Low", "Close", "Volume")


def panel() -> html.Div:
    return html.Div(
        [header(), stage(), *stores()],
        id=Chart.PANEL,
        className="panel",
        role="region",
        **{"aria-label": "Chart", "data-level": "0"},
    )


def header() -> html.Div:
    cells = [html.Span(id=each) for each in (Chart.SYMBOL, Chart.LAST, Chart.CHANGE, Chart.PERCENT)]
    title = html.H2(cells, className="chart-title")
    tools = html.Div(
        [
            html.Button("Candles", id=Chart.TYPE, type="button", **{"aria-haspopup": "menu", "aria-expanded": "false"}),
            html.Button(
                "Indicators",
                id=Chart.INDICATORS,
                type="button",
                **{"aria-haspopup": "dialog", "aria-expanded": "false"},
            ),
            html.Button(
                html.I(className="bi bi-pencil", **{"aria-hidden": "true"}),
                id=Chart.DRAW,
                type="button",
                title="Draw",
                **{"aria-label": "Draw", "aria-haspopup": "menu", "aria-expanded": "false"},
            ),
        ],
        className="chart-tools",
    )
    return html.Div([title, timeframes(), tools], className="panel-head chart-head")


def timeframes() -> html.Div:
    buttons = [
        html.Button(each.value, type="button", **{"data-frame": each.value, "aria-pressed": "false"})
        for each in Timeframe
    ]
    return html.Div(buttons, className="chart-frames", role="group", **{"aria-label": "Timeframe"})


def stage() -> html.Div:
    hidden = {"aria-hidden": "true"}
    return html.Div(
        [
            html.Canvas(id=Chart.HISTORY, **hidden),
            html.Div(id=Chart.GRAPH_SLOT, **hidden),
            html.Canvas(id=Chart.LIVE, **hidden),
            html.Div(
                id=Chart.HANDS,
                tabIndex=0,
                role="application",
                **{"aria-label": HANDS_LABEL, "data-keys": "own"},
            ),
            html.Div(id=Chart.PANES),
            html.Div(id=Chart.LEGEND, hidden=True),
            html.P(id=Chart.MESSAGE, role="status", hidden=True),
            html.Div(id=Chart.TIP, role="tooltip", hidden=True),
            html.Div(
                [
                    html.Div(id=Chart.DRAWING, role="group", hidden=True, **{"aria-label": "Drawing"}),
                    html.Button(
                        "Fit prices", id=Chart.FIT, type="button", title="Let the scale fit itself", hidden=True
                    ),
                    html.Button("Go to now →", id=Chart.NOW, type="button", hidden=True),
                ],
                className="chart-jumps",
            ),
            html.Div(id=Chart.SIMPLE_SLOT),
            table(),
        ],
        id=Chart.STAGE,
    )


def graph(graph_id: str) -> dcc.Graph:
    config = {"displayModeBar": False, "scrollZoom": False, "doubleClick": False, "showTips": False}
    return dcc.Graph(id=graph_id, figure=figure.axes(), config=config, responsive=True)


def table() -> html.Div:
    heads = html.Thead(html.Tr([html.Th(each, scope="col") for each in COLUMNS]))
    return html.Div(
        html.Table([html.Caption("The last 50 bars, newest first"), heads, html.Tbody()]), id=Chart.TABLE, tabIndex=0
    )


def stores() -> list[dcc.Store | dcc.Interval]:
    return [
        dcc.Store(id=Chart.WANTED),
        dcc.Store(id=Chart.BARS),
        dcc.Store(id=Chart.MOUNT),
        dcc.Interval(id=Chart.SIMPLE_TICK, interval=1_000, disabled=True),
    ]
