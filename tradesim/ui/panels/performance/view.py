"""What the Performance view shows of an account, as components."""

from collections.abc import Sequence
from typing import NamedTuple

from dash import html
from dash.development.base_component import Component

from tradesim.desk.desk import Desk
from tradesim.desk.views import PerformanceView, TripView
from tradesim.kernel.counting import counted
from tradesim.model.orders import Rejection
from tradesim.ui.accounts import chosen_account
from tradesim.ui.panels.performance import figures
from tradesim.ui.panels.performance.ids import Performance
from tradesim.ui.panels.performance.layout import PERIODS
from tradesim.ui.panels.performance.tables import drawdown_words, group_tables, months_table
from tradesim.ui.plots import Colors, graph

MOST_TRIPS = 500
NOTHING_TRADED = (
    "No round trip was closed in this period. Buy and sell again on the desk (B, S), or choose a longer period:"
    " results, excursions and figures by symbol, side, tag and hour will stand here."
)


class Wish(NamedTuple):
    """What the page asks to see; `account_id` empty for the default one."""

    account_id: str
    period: str


def wish_of(desk: Desk, account: object, period: object) -> Wish:
    """What is not there becomes the default account, and all of its time."""
    return Wish(chosen_account(desk, account), period if isinstance(period, str) and period in PERIODS else "all")


def performance_of(desk: Desk, wish: Wish) -> PerformanceView:
    found = desk.review.performance(wish.account_id, wish.period)
    if isinstance(found, Rejection):
        raise ValueError(found.message)
    return found


def seen(view: PerformanceView, look: object) -> str:
    """The same as long as the trades, what is said of them, and their colours are the same."""
    tagged = sorted((name, each.trips) for name, each in view.by_tag.items())
    found = view.figures
    return repr((view.account_id, view.period, found.trips, found.net_pl, view.begin // (60 * 10**9), tagged, look))


def account_words(desk: Desk, view: PerformanceView) -> str:
    account = desk.account(view.account_id).account
    return f"{account.name}, {account.currency}"


def curves(view: PerformanceView, colors: Colors, zone: str) -> list[Component]:
    return [
        html.Section(
            [
                html.H3(["Equity and drawdown ", html.Span(drawdown_words(view), className="muted")]),
                graph(Performance.CURVE, figures.curve(view, colors, zone), "Equity, and drawdown below it", "is-tall"),
            ],
            className="block is-wide",
        ),
        html.Section(
            [
                html.H3("Return by day"),
                graph(Performance.DAYS, figures.days(view, colors), "Return of each day, in percent"),
                html.Div(months_table(view), className="group-scroll"),
            ],
            className="block",
        ),
    ]


def trades(view: PerformanceView, trips: Sequence[TripView], colors: Colors) -> Component:
    """`trips` as the journal has them; only those closed in the period are drawn."""
    shown = [each for each in trips if each.trip.exit_at is not None and each.trip.exit_at >= view.begin]
    if not view.figures.trips:
        return html.P(NOTHING_TRADED, className="panel-empty")
    newest = f" of the newest {len(shown)}" if len(shown) < view.figures.trips else ""
    return html.Div(
        [
            html.Div([results_block(view, shown, newest, colors), excursions_block(view, shown, newest, colors)]),
            html.Div(group_tables(view), className="groups"),
        ],
        className="performance-trades",
    )


def results_block(view: PerformanceView, shown: Sequence[TripView], newest: str, colors: Colors) -> html.Section:
    drawn = figures.results(shown, view.currency, colors)
    title = [f"Results of trades{newest} ", html.Span(f"{view.currency} after fees", className="muted")]
    return html.Section([html.H3(title), graph(Performance.RESULTS, drawn, "How many trades brought how much")])


def excursions_block(view: PerformanceView, shown: Sequence[TripView], newest: str, colors: Colors) -> html.Section:
    drawn = figures.excursions(shown, view.currency, colors)
    keys = html.Span(
        [html.Span("▲ won", className="up"), " ", html.Span("▼ lost", className="down"), " · a click opens the trade"],
        className="muted",
    )
    unmeasured = sum(each.mae is None for each in shown)
    brief = f" · {counted(unmeasured, 'trade')} without a whole minute between fills left out" if unmeasured else ""
    title = [f"Worst and best of trades{newest} ", keys, html.Span(brief, className="muted")]
    label = "Worst against best of each trade while it was held; the journal has the same as a table"
    return html.Section([html.H3(title), graph(Performance.EXCURSIONS, drawn, label)])
