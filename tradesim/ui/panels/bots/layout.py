"""The skeleton of the Bots view; assets/bots.js fills it while it is looked at."""

from dash import dcc, html

from tradesim.desk.desk import Desk
from tradesim.ui.attributes import attributes
from tradesim.ui.panels.bots.ids import Bots

STORES = (Bots.ASKED, Bots.ROWS, Bots.WISH, Bots.DONE)
RUN_COLUMNS = (
    ("Bot", ""),
    ("Account", ""),
    ("State", ""),
    ("Since", "num"),
    ("Left", "num"),
    ("Orders/s", "num"),
    ("Orders", "num"),
    ("Fills", "num"),
    ("P&L", "num"),
    ("Last said", ""),
    ("Code", "num"),
    ("", ""),
)
PROGRAM_COLUMNS = (
    ("Key", ""),
    ("Account", ""),
    ("Orders/s", "num"),
    ("Orders", "num"),
    ("Fills", "num"),
    ("P&L", "num"),
    ("Last order", ""),
    ("At", "num"),
    ("Runaway guard", ""),
)


def layout(_desk: Desk) -> html.Div:
    return html.Div(
        [
            head(),
            html.Div([start_part(), runs_part(), log_part(), programs_part()], className="programs-stack"),
            *(dcc.Store(id=name) for name in STORES),
        ],
        id=Bots.PANEL,
        className="panel programs",
        role="region",
        **attributes(aria_label="Bots"),
    )


def head() -> html.Div:
    note = html.Span(
        "Programs that trade here, each a process with a key, a log and limits of its own.", className="muted"
    )
    return html.Div([html.H2("Bots"), note], className="view-head")


def start_part() -> html.Section:
    return html.Section(
        [
            html.H3("Start one"),
            html.Div(id=Bots.FORM),
            html.P(id=Bots.SAID, className="programs-said", role="status"),
            html.Div(id=Bots.GET, className="bots-get"),
        ],
        className="programs-part",
        **attributes(aria_label="Start a bot"),
    )


def runs_part() -> html.Section:
    return html.Section(
        [
            html.H3("Bots"),
            table(Bots.LIST, RUN_COLUMNS, "Bots that run or ran"),
            html.P(
                "Bots that run, and those that ran, will stand here with what they sent and earned. Take an example, "
                "and start it.",
                id=Bots.EMPTY,
                className="panel-empty",
                hidden=True,
            ),
        ],
        className="programs-part",
        **attributes(aria_label="Bots that run or ran"),
    )


def log_part() -> html.Section:
    return html.Section(
        [
            html.Div(
                [
                    html.H3("Log", id=Bots.LOG_TITLE),
                    html.Button("Pause", id=Bots.FOLLOW, type="button", className="quiet-button"),
                    html.Button("Copy", id=Bots.COPY, type="button", className="quiet-button"),
                    html.Button("Close", id=Bots.CLOSE, type="button", className="quiet-button"),
                ],
                className="bots-log-head",
            ),
            html.Pre(id=Bots.LOG, className="programs-code bots-log", tabIndex=0, **attributes(aria_label="Log")),
        ],
        id=Bots.LOG_PART,
        className="programs-part",
        hidden=True,
        **attributes(aria_label="Log of a bot"),
    )


def programs_part() -> html.Section:
    return html.Section(
        [
            html.H3("Programs by key"),
            html.P(
                "Whoever else traded through the API since the desk started, wherever it runs.",
                className="programs-intro",
            ),
            table(Bots.PROGRAMS, PROGRAM_COLUMNS, "Programs by key"),
            html.P(
                "Nobody yet. Point a client at this desk with a key of the API view, and its orders are counted here.",
                id=Bots.PROGRAMS_EMPTY,
                className="panel-empty",
                hidden=True,
            ),
        ],
        className="programs-part",
        **attributes(aria_label="Programs by key"),
    )


def table(body: Bots, columns: tuple[tuple[str, str], ...], label: str) -> html.Div:
    headings = [
        html.Th(name or html.Span("Log and stop", className="sr-only"), scope="col", className=kind)
        for name, kind in columns
    ]
    return html.Div(
        html.Table([html.Thead(html.Tr(headings)), html.Tbody(id=body)], className="programs-table"),
        className="programs-scroll",
        tabIndex=0,
        role="group",
        **attributes(aria_label=label),
    )
