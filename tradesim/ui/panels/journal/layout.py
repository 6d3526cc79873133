"""The skeleton of the Journal view: filters over a table of round trips, beside it what is known and said of one."""

import dash_ag_grid as dag
from dash import dcc, html

from tradesim.desk.desk import Desk
from tradesim.desk.views import LONGEST_NOTE, LONGEST_TAG
from tradesim.ui.attributes import attributes
from tradesim.ui.panels.journal.columns import COLUMNS
from tradesim.ui.panels.journal.ids import Journal
from tradesim.ui.panels.performance.layout import export_links

REFRESH_MS = 5_000
EMPTY = (
    "Every round trip, from flat to flat, will stand here with its fills, its chart, and what you note of it."
    " Buy something on the desk (B) and sell it again (S)."
)
NOTHING_CHOSEN = "Choose a trade: its chart, its fills with their reasons and your notes will stand here."


def layout(_desk: Desk) -> html.Div:
    return html.Div(
        [
            html.Div(
                [
                    html.H2("Journal"),
                    html.Span(id=Journal.ACCOUNT, className="muted"),
                    filters(),
                    html.Div(export_links(""), id=Journal.EXPORTS, className="view-exports"),
                ],
                className="view-head",
            ),
            html.Div([trips(), detail()], className="journal-body"),
            dcc.Interval(id=Journal.TICK, interval=REFRESH_MS, disabled=True),
            *(
                dcc.Store(id=each)
                for each in (Journal.WANTED, Journal.WISH, Journal.ROWS, Journal.DIGEST, Journal.CHOSEN)
            ),
        ],
        id=Journal.PANEL,
        className="panel journal",
        role="region",
        **attributes(aria_label="Journal"),
    )


def filters() -> html.Div:
    """assets/journal.js fills the choices and sifts the rows; nothing of it goes to the server."""
    return html.Div(
        [
            choice(Journal.SYMBOL, "Symbol", ("", "All symbols")),
            choice(Journal.SIDE, "Side", ("", "Both sides"), ("Long", "Long"), ("Short", "Short")),
            choice(Journal.RESULT, "Result", ("", "All results"), ("open", "Open"), ("won", "Won"), ("lost", "Lost")),
            choice(Journal.TAG, "Tag or setup", ("", "All tags")),
            day(Journal.SINCE, "Closed on or after"),
            html.Span("to", className="muted"),
            day(Journal.UNTIL, "Closed on or before"),
            html.Button("Clear", id=Journal.CLEAR, className="quiet-button", hidden=True),
            html.Span(id=Journal.COUNT, className="muted", **attributes(aria_live="polite")),
        ],
        id=Journal.FILTERS,
        className="journal-filters",
        role="group",
        **attributes(aria_label="Filters"),
    )


def choice(name: str, label: str, *options: tuple[str, str]) -> html.Select:
    return html.Select(
        [html.Option(text, value=value) for value, text in options],
        id=name,
        className="journal-choice",
        **attributes(aria_label=label),
    )


def entry(name: str, label: str, **how: str) -> html.Span:
    """A place in which assets/journal.js puts an input of this name."""
    return html.Span(className="journal-entry", **attributes(data_input=name, data_label=label, **how))


def day(name: str, label: str) -> html.Span:
    return entry(name, label, data_type="date")


def trips() -> html.Div:
    return html.Div(
        [
            html.Div(id=Journal.PLACE, className="journal-place"),
            html.P(EMPTY, id=Journal.EMPTY, className="panel-empty", hidden=True),
        ],
        id=Journal.LIST,
        className="journal-list",
    )


def detail() -> html.Div:
    return html.Div(
        [
            html.Button(
                id=Journal.GRIP,
                className="journal-grip",
                title="Back to the list",
                **attributes(aria_label="Back to the list"),
            ),
            html.P(NOTHING_CHOSEN, id=Journal.NOTHING, className="panel-empty"),
            html.Div(
                [
                    html.H3(id=Journal.TITLE),
                    html.Div(id=Journal.CHART, className="journal-chart"),
                    html.Div(id=Journal.FACTS),
                    said(),
                    html.Div(id=Journal.FILLS, className="journal-fills"),
                ],
                id=Journal.ABOUT,
                hidden=True,
            ),
        ],
        id=Journal.DETAIL,
        className="journal-detail",
        role="region",
        tabIndex="-1",
        **attributes(aria_label="Chosen trade"),
    )


def said() -> html.Div:
    """Tags, setup and note; assets/journal_note.js keeps and saves them."""
    return html.Div(
        [
            html.Div(
                [
                    html.Span("Setup", className="muted"),
                    word(Journal.SETUP, "Setup", "What made you trade, e.g. gap", Journal.SETUPS_KNOWN),
                    html.Span("Tags", className="muted"),
                    html.Div(
                        [
                            html.Span(
                                id=Journal.TAGS, className="journal-chips", role="list", **attributes(aria_label="Tags")
                            ),
                            word(Journal.TAG_NEW, "New tag", "Add a tag, Enter", Journal.TAGS_KNOWN),
                        ],
                        className="journal-tagging",
                    ),
                ],
                className="journal-pairs",
            ),
            html.Textarea(
                id=Journal.NOTE,
                placeholder="Note: what did you see, what did you do, what would you do again?",
                maxLength=LONGEST_NOTE,
                rows=4,
                **attributes(aria_label="Note"),
            ),
            html.Div(
                [
                    html.Button("Save", id=Journal.SAVE, className="quiet-button", title="Save (Ctrl Enter)"),
                    html.Span(id=Journal.STATE, className="muted", role="status"),
                ],
                className="journal-saving",
            ),
        ],
        id=Journal.WORDS,
        className="journal-words",
    )


def word(name: str, label: str, placeholder: str, known: str) -> html.Span:
    """A field that offers what was said before."""
    field = entry(name, label, data_type="text", data_most=str(LONGEST_TAG), data_list=known, data_hint=placeholder)
    return html.Span([field, html.Datalist(id=known)], className="journal-word")


def grid() -> dag.AgGrid:
    """Rows come from the browser's code."""
    return dag.AgGrid(
        id=Journal.GRID,
        columnDefs=COLUMNS,
        defaultColDef={
            "sortable": True,
            "resizable": True,
            "suppressHeaderMenuButton": True,
            "suppressKeyboardEvent": {"function": "blotterLeavesKey(params)"},
        },
        getRowId="params.data.id",
        rowClassRules={"is-chosen": "journalIsChosen(params)"},
        dashGridOptions={
            "theme": {"function": "blotterTheme(themeQuartz)"},
            "rowHeight": 28,
            "headerHeight": 28,
            "animateRows": False,
            "suppressDragLeaveHidesColumns": True,
            "suppressNoRowsOverlay": True,
            "loading": False,
            "tooltipShowDelay": 400,
            "valueCache": False,
        },
        className="blotter-grid journal-grid",
        style={"height": "100%", "width": "100%"},
    )
