"""What is known of the chosen trip, as components: title, chart, facts, fills with their reasons."""

from decimal import Decimal
from typing import NamedTuple

from dash import html
from dash.development.base_component import Component

from tradesim.desk.desk import Desk
from tradesim.desk.views import ChartView, Leg, TripView
from tradesim.model.instrument import Instrument
from tradesim.ui.attributes import attributes
from tradesim.ui.panels.journal.figure import chart
from tradesim.ui.panels.journal.ids import Journal
from tradesim.ui.panels.journal.reasons import decimals, reason
from tradesim.ui.plots import Colors, graph
from tradesim.ui.wording import (
    duration,
    local,
    moment,
    number,
    percent,
    price,
    quantity,
    short_day,
    sign_class,
    signed,
)

Fact = tuple[str, str, str]
"""Name, value, tone."""
MOST_FILLS = 100
NO_BARS = "No bars were kept around this trade; they are kept while the market is open."
NO_FILLS = "Of trades this old only the sums are kept here; the export has them all."


class Market(NamedTuple):
    """What is needed of the market to write its prices and times, and to value what is held: `mark`, at `now`."""

    zone: str
    instrument: Instrument | None
    mark: Decimal | None = None
    now: int = 0

    @property
    def decimals(self) -> int:
        return 2 if self.instrument is None else self.instrument.price_decimals


def market_of(desk: Desk, view: TripView) -> Market:
    status, trip = desk.status(), view.trip
    held = () if trip.is_closed else desk.account(trip.account_id).positions
    mark = next((each.mark for each in held if each.position.symbol == trip.symbol), None)
    return Market(status.zone, desk.instruments.get(trip.symbol), mark, status.now)


def title(view: TripView) -> str:
    trip = view.trip
    side = "Long" if trip.side.sign > 0 else "Short"
    if trip.is_closed:
        return f"{side} {quantity(trip.qty)} {trip.symbol}"
    left = quantity(abs(trip.left))
    return f"{side} {left if abs(trip.left) == trip.qty else f'{left} of {quantity(trip.qty)}'} {trip.symbol}, open"


def chart_part(found: ChartView, market: Market, colors: Colors) -> list[Component]:
    drawn = chart(found, colors, market.zone, market.decimals)
    parts: list[Component] = [graph(Journal.GRAPH, drawn, f"Chart of {title(found.view)}")]
    if not found.bars:
        parts.append(html.P(NO_BARS, className="muted"))
    return parts


def facts(view: TripView, market: Market) -> html.Dl:
    trip, digits = view.trip, market.decimals
    rows: list[Fact] = [
        *(won(view) if trip.is_closed else open_now(view, market)),
        ("R", signed(view.r_multiple), sign_class(view.r_multiple) if view.r_multiple else ""),
        ("Fees", number(trip.fees), ""),
        ("Entry", price(trip.entry_price, digits), ""),
        ("Exit", price(trip.exit_price, digits) if trip.exit_qty else "none yet", ""),
        ("Stop", price(view.stop, digits), ""),
        ("Held", duration(trip.hold_ns if trip.is_closed else max(market.now - trip.entry_at, 0)), ""),
        ("Worst", signed(view.mae), sign_class(view.mae)),
        ("Best", signed(view.mfe), sign_class(view.mfe)),
        ("Entered and closed" if trip.is_closed else "Entered", times(view, market.zone), ""),
    ]
    return html.Dl(
        [html.Div([html.Dt(name), html.Dd(value, className=tone)]) for name, value, tone in rows], className="facts"
    )


def won(view: TripView) -> list[Fact]:
    trip = view.trip
    return [
        ("Net P&L", signed(trip.net_pl), sign_class(trip.net_pl)),
        ("Return", percent(trip.net_return), sign_class(trip.net_return)),
    ]


def open_now(view: TripView, market: Market) -> list[Fact]:
    """As a broker lists a position: what it is worth at the mark, and what was taken out of it already."""
    trip = view.trip
    total = None if market.mark is None else at_mark(view, market.mark)
    rows: list[Fact] = [
        ("P&L at mark", signed(total), sign_class(total)),
        ("Mark", price(market.mark, market.decimals), ""),
    ]
    if trip.exit_qty:
        rows.append(("Realised", signed(trip.net_pl), sign_class(trip.net_pl)))
    return rows


def at_mark(view: TripView, mark: Decimal) -> Decimal:
    """After fees: what came in less what went out, the rest at `mark`."""
    trip = view.trip
    out = trip.exit_qty * (trip.exit_price or 0) - trip.qty * trip.entry_price
    return trip.side.sign * out + trip.left * mark + trip.cash_in_lieu - trip.fees


def times(view: TripView, zone: str) -> str:
    """The end's time alone when it was on the day of the entry."""
    trip = view.trip
    entered = short(trip.entry_at, zone)
    if trip.exit_at is None:
        return entered
    is_same_day = local(trip.exit_at, zone).date() == local(trip.entry_at, zone).date()
    return f"{entered} – {f'{local(trip.exit_at, zone):%H:%M}' if is_same_day else short(trip.exit_at, zone)}"


def short(at: int, zone: str) -> str:
    """Without the year; the fills have it."""
    told = local(at, zone)
    return f"{short_day(told)} {told:%H:%M}"


def fills(view: TripView, market: Market) -> list[Component]:
    legs = view.trip.legs
    if not legs:
        return [html.H4("Fills"), html.P(NO_FILLS, className="muted")]
    more = [html.P(f"and {len(legs) - MOST_FILLS} more", className="muted")] if len(legs) > MOST_FILLS else []
    shown = [fill_row(leg, market) for leg in legs[:MOST_FILLS]]
    return [html.H4(f"Fills, {market.zone.replace('_', ' ')}"), html.Ul(shown, **attributes(aria_label="Fills")), *more]


def fill_row(leg: Leg, market: Market) -> html.Li:
    fill = leg.fill
    word, tone = ("Bought", "up") if leg.qty > 0 else ("Sold", "down")
    digits = decimals(fill.reason.tick_size) if fill.reason.tick_size else market.decimals
    return html.Li(
        [
            html.Div(
                [
                    html.Span(word, className=tone),
                    f" {quantity(abs(leg.qty))} at {price(leg.price, digits)}",
                    html.Span(
                        f"{moment(fill.ts_event, market.zone)} · {fill.liquidity.value}, fee {number(leg.fee)}",
                        className="muted",
                    ),
                ],
                className="fill-line",
            ),
            html.P(reason(fill, market.instrument)),
        ]
    )
