"""The ticket's skeleton: heads, choices and places; assets/ticket.js fills and moves it."""

from collections.abc import Sequence

from dash import dcc, html

from tradesim.desk.desk import Desk
from tradesim.ui.attributes import attributes
from tradesim.ui.panels.ticket.ids import Ticket

SIDES = (("buy", "Buy"), ("sell", "Sell"))
TYPES = (
    ("market", "Market", "At once, at what the book offers"),
    ("limit", "Limit", "At this price or a better one"),
    ("stop", "Stop", "A market order once a trade reaches the stop"),
    ("stop_limit", "Stop limit", "A limit order once a trade reaches the stop"),
    ("trailing_stop", "Trail", "A stop that follows the best price at a distance"),
)
TIFS = (
    ("day", "DAY", "Until the trading day ends"),
    ("gtc", "GTC", "Good till cancelled"),
    ("ioc", "IOC", "Immediate or cancel: what cannot trade at once is cancelled"),
    ("fok", "FOK", "Fill or kill: all of it at once, or nothing"),
    ("opg", "OPG", "On the open: in the opening auction alone"),
    ("cls", "CLS", "On the close: in the closing auction alone"),
)
TOUCH = (
    ("bid", "Bid", "Follow the best bid"),
    ("mid", "Mid", "Follow the middle"),
    ("ask", "Ask", "Follow the best ask"),
)
DRAWERS = (
    (Ticket.EXITS, "Exits", "Take profit and stop loss (E)"),
    (Ticket.SIZING, "Size by risk", "How much to trade for a given risk"),
    (Ticket.MORE, "More", "Reduce only, extended hours, iceberg, tag"),
)
FIGURES = (
    ("value", "Value"),
    ("fee", "Fee"),
    ("average", "Average price"),
    ("slippage", "Slippage"),
    ("now", "Fills now"),
    ("queue", "Queue ahead"),
    ("position", "Position"),
    ("power", "Buying power after"),
)


def layout(_desk: Desk) -> html.Div:
    return html.Div(
        [
            head(),
            html.Div(
                [
                    instrument(),
                    choices(Ticket.SIDE, "Side", [(value, label, "") for value, label in SIDES]),
                    choices(Ticket.TYPE, "Order type", TYPES),
                    *size(),
                    *trigger(),
                    price(),
                    choices(Ticket.TIF, "Time in force", TIFS),
                    *drawers(),
                    estimate(),
                    refusal(Ticket.REFUSAL),
                    deed(),
                ],
                id=Ticket.FORM,
                className="ticket-form",
                role="form",
                **attributes(aria_label="Order"),
            ),
            dcc.Store(id=Ticket.WISH),
            dcc.Store(id=Ticket.ANSWER),
        ],
        id=Ticket.PANEL,
        className="panel ticket",
        role="region",
        **attributes(aria_label="Order ticket"),
    )


def head() -> html.Div:
    return html.Div(
        [
            html.H2("Order", className="panel-title"),
            html.Button(
                "1-click off",
                id=Ticket.ONE_CLICK,
                className="ticket-one-click",
                title="Send orders without asking once more",
                **attributes(aria_pressed="false"),
            ),
        ],
        className="panel-head",
    )


def instrument() -> html.Div:
    return html.Div(
        [
            html.Span("–", id=Ticket.SYMBOL, className="ticket-symbol"),
            html.Span("", id=Ticket.NAME, className="ticket-name muted"),
            html.Span("–", id=Ticket.LAST, className="ticket-last num"),
        ],
        className="ticket-instrument",
    )


def choices(name: Ticket, label: str, offered: Sequence[tuple[str, str, str]]) -> html.Div:
    """One of a few: arrows move, as in any group of radio buttons."""
    return html.Div(
        [choice(name, *each) for each in offered],
        id=name,
        className=f"ticket-choices is-{name.removeprefix('ticket-')}",
        role="radiogroup",
        **attributes(aria_label=label),
    )


def choice(name: str, value: str, label: str, title: str) -> html.Button:
    return html.Button(
        label,
        id=f"{name}-{value}",
        className="ticket-choice",
        role="radio",
        title=title or None,
        **attributes(data_value=value, aria_checked="false"),
    )


def size() -> tuple[html.Div, html.P, html.Div]:
    unit = html.Button("Shares", id=Ticket.UNIT, className="ticket-unit", title="Shares or money")
    return (
        field(Ticket.SIZE, "Quantity", Ticket.QTY_DOWN, Ticket.QTY_UP, unit),
        refusal(Ticket.REFUSAL_QTY),
        html.Div(id=Ticket.QUICK, className="ticket-quick", role="group", **attributes(aria_label="Ready quantities")),
    )


def price() -> html.Div:
    touch = [
        html.Button(
            label,
            id=f"{Ticket.TOUCH}-{value}",
            className="ticket-small",
            title=title,
            **attributes(data_value=value, aria_pressed="false"),
        )
        for value, label, title in TOUCH
    ]
    return html.Div(
        [
            field(Ticket.LIMIT, "Limit price", Ticket.PRICE_DOWN, Ticket.PRICE_UP, None),
            refusal(Ticket.REFUSAL_PRICE),
            html.Div(
                [
                    html.Div(
                        touch,
                        id=Ticket.TOUCH,
                        className="ticket-quick",
                        role="group",
                        **attributes(aria_label="Price follows"),
                    ),
                    post_only(),
                ],
                className="ticket-follow",
            ),
        ],
        id=Ticket.PRICE_ROWS,
        className="ticket-price-rows",
    )


def trigger() -> tuple[html.Div, html.Div, html.P]:
    """The price that a stop waits for, or the distance at which it follows."""
    unit = html.Button("%", id=Ticket.TRAIL_UNIT, className="ticket-unit", title="Percent or money")
    return (
        field(Ticket.STOP_ROW, "Stop price", Ticket.STOP_DOWN, Ticket.STOP_UP, None),
        field(Ticket.TRAIL_ROW, "Trails by", Ticket.TRAIL_DOWN, Ticket.TRAIL_UP, unit),
        refusal(Ticket.REFUSAL_STOP),
    )


def drawers() -> list[html.Div]:
    buttons = [
        html.Button(
            label,
            id=f"ticket-open-{name.removeprefix('ticket-')}",
            className="ticket-small",
            title=title,
            **attributes(aria_expanded="false", aria_controls=name.value),
        )
        for name, label, title in DRAWERS
    ]
    places = [
        html.Div(id=name, className="ticket-drawer", hidden=True, role="group", **attributes(aria_label=label))
        for name, label, _title in DRAWERS
    ]
    return [html.Div(buttons, id=Ticket.DRAWERS, className="ticket-quick ticket-drawers"), *places]


def field(name: Ticket, label: str, down: Ticket, up: Ticket, unit: html.Button | None) -> html.Div:
    """A label, the place of an input (made by the browser's code, which owns its text), and steps down and up."""
    parts = [
        html.Span(label, className="ticket-label", id=f"{name}-label"),
        html.Span(id=f"{name}-input", className="ticket-input"),
        unit,
        step(down, "−", f"{label}: one step down"),
        step(up, "+", f"{label}: one step up"),
    ]
    return html.Div([part for part in parts if part is not None], id=name, className="ticket-field")


def step(name: Ticket, sign: str, label: str) -> html.Button:
    return html.Button(sign, id=name, className="ticket-step", tabIndex=-1, title=label, **attributes(aria_label=label))


def post_only() -> html.Button:
    return html.Button(
        [html.Span(className="ticket-check", **attributes(aria_hidden="true")), "Post only"],
        id=Ticket.POST_ONLY,
        className="ticket-post-only",
        role="checkbox",
        title="Only join the queue: refused when it would trade at once",
        **attributes(aria_checked="false"),
    )


def estimate() -> html.Dl:
    rows = [
        html.Div(
            [html.Dt(label, id=f"ticket-{name}-label"), html.Dd("–", id=f"ticket-{name}")],
            id=f"ticket-{name}-row",
            className="ticket-figure",
        )
        for name, label in FIGURES
    ]
    return html.Dl(rows, id=Ticket.ESTIMATE, className="ticket-estimate", **attributes(aria_label="Estimate"))


def refusal(name: Ticket) -> html.P:
    return html.P(id=name, className="ticket-refusal", role="alert")


def deed() -> html.Div:
    return html.Div(
        [
            html.Button(
                [
                    html.Span(id=Ticket.ASK, className="ticket-ask"),
                    html.Span("Waiting for a market…", id=Ticket.DEED),
                ],
                id=Ticket.SUBMIT,
                className="ticket-submit",
                disabled=True,
            ),
            html.Button(
                ["Leave it", html.Span(" (Esc)", className="ticket-esc")],
                id=Ticket.LEAVE,
                className="quiet-button ticket-leave",
                hidden=True,
            ),
            receipt(),
        ],
        className="ticket-deed",
    )


def receipt() -> html.Div:
    return html.Div(
        [
            html.P(id=Ticket.RECEIPT, className="ticket-receipt", role="status"),
            html.P(
                [html.Span(id=Ticket.TIMING), html.Span(id=Ticket.TOLD, className="ticket-told")],
                className="ticket-timing muted",
            ),
        ],
        id=Ticket.AFTER,
        className="ticket-after",
    )
