"""The skeleton of the API view; assets/keys_view.js fills it while it is looked at."""

from dash import dcc, html

from tradesim.desk.desk import Desk
from tradesim.ui.attributes import attributes
from tradesim.ui.panels.keys.ids import Keys

STORES = (Keys.ASKED, Keys.ROWS, Keys.MAKE, Keys.MADE, Keys.REVOKE, Keys.REVOKED)
COLUMNS = ("Key", "Account", "Label", "Created", "Last used", "Requests today", "")
NUMBERS = ("Created", "Last used", "Requests today")
DOCUMENTS = (
    ("/docs/api", "What programs can ask"),
    ("/alpaca/openapi.json", "OpenAPI of the Alpaca API"),
    ("/sim/v1/openapi.json", "OpenAPI of /sim/v1"),
)


def layout(_desk: Desk) -> html.Div:
    return html.Div(
        [
            head(),
            html.Div([keys_part(), clients_part()], className="programs-columns"),
            *(dcc.Store(id=name) for name in STORES),
        ],
        id=Keys.PANEL,
        className="panel programs",
        role="region",
        **attributes(aria_label="API and keys"),
    )


def head() -> html.Div:
    links = [html.A(text, href=address, target="_blank", className="programs-link") for address, text in DOCUMENTS]
    return html.Div(
        [html.H2("API and keys"), html.Nav(links, className="programs-links", **attributes(aria_label="Documents"))],
        className="view-head",
    )


def keys_part() -> html.Section:
    return html.Section(
        [
            html.H3("Keys"),
            html.P(
                "Programs written for Alpaca trade here with a key of this desk. A key opens one account, which is "
                "opened when it is first used.",
                className="programs-intro",
            ),
            html.Div(id=Keys.FORM),
            html.P(id=Keys.SAID, className="programs-said", role="status"),
            html.Div(id=Keys.MADE_BOX, hidden=True, className="keys-made", **attributes(aria_label="The new key")),
            table(),
            html.P(
                "Your keys will stand here. Create one, and the lines on this page are filled in with it.",
                id=Keys.EMPTY,
                className="panel-empty",
                hidden=True,
            ),
        ],
        className="programs-part",
        **attributes(aria_label="Keys"),
    )


def table() -> html.Div:
    headings = [
        html.Th(name or html.Span("Revoke", className="sr-only"), scope="col", className="num" * (name in NUMBERS))
        for name in COLUMNS
    ]
    return html.Div(
        html.Table([html.Thead(html.Tr(headings)), html.Tbody(id=Keys.LIST)], className="programs-table"),
        className="programs-scroll",
        tabIndex=0,
        role="group",
        **attributes(aria_label="Keys of this desk"),
    )


def clients_part() -> html.Section:
    return html.Section(
        [
            html.H3("Point a client at this desk"),
            html.Div(
                id=Keys.CHOICE_PART,
                className="keys-choice",
            ),
            html.Div(id=Keys.TABS, className="tabs", role="tablist", **attributes(aria_label="Clients")),
            html.Pre(
                id=Keys.SNIPPET,
                className="programs-code",
                role="tabpanel",
                tabIndex=0,
                **attributes(aria_label="What to paste"),
            ),
            html.P(id=Keys.SNIPPET_NOTE, className="programs-intro"),
        ],
        className="programs-part",
        **attributes(aria_label="Clients"),
    )
