"""The explanation's skeleton; assets/why.js writes it."""

from dash import html

from tradesim.desk.desk import Desk
from tradesim.ui.attributes import attributes
from tradesim.ui.panels.why.ids import Why

EMPTY = (
    "What became of an order",
    "Who stood ahead of you, whom you met in the book and what it cost is told here, order by order and fill by fill.",
)


def layout(_desk: Desk) -> html.Div:
    return html.Div(
        [
            html.Div(
                [
                    html.H2("Why", id=Why.TITLE, className="panel-title"),
                    html.Span("", id=Why.ABOUT, className="why-about muted"),
                    html.Button(
                        "Latest",
                        id=Why.LATEST,
                        className="why-latest",
                        title="Follow what happened last",
                        hidden=True,
                    ),
                ],
                className="panel-head",
            ),
            html.Div(
                id=Why.STEPS,
                className="why-steps",
                role="group",
                hidden=True,
                **attributes(aria_label="This trade, from entry to exit"),
            ),
            html.Div(
                [
                    html.Div(id=Why.STORY, className="why-story", **attributes(aria_live="polite")),
                    html.Table(id=Why.BOOK, className="why-book", hidden=True),
                ],
                className="why-body",
                tabIndex="0",
                role="group",
                **attributes(aria_label="Explanation"),
            ),
            html.P([html.B(EMPTY[0]), html.Br(), EMPTY[1]], id=Why.EMPTY, className="panel-empty"),
        ],
        id=Why.PANEL,
        className="panel why",
        role="region",
        **attributes(aria_label="Why"),
    )
