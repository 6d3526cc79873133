"""The row of figures: each with its value, what belongs to it, and how it is made, in a sentence. Pure."""

from typing import NamedTuple

from dash import html

from tradesim.desk.views import PerformanceView
from tradesim.ui.attributes import attributes
from tradesim.ui.wording import NONE, Number, duration, number, percent, share, sign_class, signed

LEAST_DAYS = 5
"""Fewer daily returns say nothing of how they spread."""


class Tile(NamedTuple):
    """`tone` is `up`, `down` or nothing; signs and words say the same."""

    name: str
    value: str
    beside: str
    formula: str
    tone: str = ""


def tiles(view: PerformanceView) -> list[Tile]:
    return [*result_tiles(view), *ratio_tiles(view), *trade_tiles(view), *use_tiles(view)]


def result_tiles(view: PerformanceView) -> list[Tile]:
    earned = sum(day.pl for day in view.days)
    total = view.ratios.total_return if view.days else None
    return [
        Tile(
            "Net P&L",
            signed(earned if view.days else None),
            view.currency,
            "Equity at the end less equity at the beginning of the period, without what was paid in or out;"
            " open positions count at their present mark.",
            tone(earned),
        ),
        Tile(
            "Return",
            percent(total),
            f"a year {percent(view.ratios.annual_return, 1)}" if len(view.days) >= LEAST_DAYS else "",
            "The product of all daily returns, 1 + r each, less 1: money paid in or out is no profit.",
            tone(total),
        ),
    ]


def ratio_tiles(view: PerformanceView) -> list[Tile]:
    days, ratios, fall = len(view.days), view.ratios, view.deepest
    is_enough = days >= LEAST_DAYS
    wanted = "" if is_enough else f" Shown from {LEAST_DAYS} days on, now {days}."
    seen = f"{days} days" if is_enough else f"{days} of {LEAST_DAYS} days"
    calmar = ratios.calmar if is_enough else None
    return [
        Tile(
            "Sharpe",
            number(ratios.sharpe if is_enough else None),
            seen,
            f"Mean of the daily returns over their standard deviation (n − 1), times √252; risk-free rate 0.{wanted}",
        ),
        Tile(
            "Sortino",
            number(ratios.sortino if is_enough else None),
            seen,
            "Mean of the daily returns over the root mean square of the negative ones, taken over all days,"
            f" times √252.{wanted}",
        ),
        Tile("Calmar", number(calmar), seen, f"Return a year over the largest drawdown of the period.{wanted}"),
        Tile(
            "Max drawdown",
            percent(fall.fraction) if view.days else NONE,
            f"{signed(fall.money)}" if fall.money else "",
            "The deepest fall of equity below its highest so far, as a share of that high.",
            tone(fall.fraction),
        ),
    ]


def trade_tiles(view: PerformanceView) -> list[Tile]:
    found = view.figures
    return [
        Tile(
            "Win rate",
            share(found.win_rate),
            f"{found.wins} won, {found.losses} lost",
            "Round trips that brought more than nothing after fees, over all that were closed in the period.",
        ),
        Tile(
            "Expectancy",
            signed(found.expectancy),
            "a trade",
            "Mean net profit of a closed round trip, after fees.",
            tone(found.expectancy),
        ),
        Tile(
            "Profit factor",
            number(found.profit_factor),
            f"payoff {number(found.payoff)}",
            "Sum of all wins over the sum of all losses; payoff is the mean win over the mean loss.",
        ),
        Tile(
            "Trades",
            number(found.trips, 0),
            f"{view.open_trips} open" if view.open_trips else "closed",
            "Round trips, from flat to flat, that were closed in the period; those still open do not count.",
        ),
        Tile(
            "Average hold",
            duration(found.average_hold_ns),
            f"median {duration(found.median_hold_ns)}",
            "Mean time from the first fill of a round trip to its last.",
        ),
    ]


def use_tiles(view: PerformanceView) -> list[Tile]:
    has_curve = len(view.equity) > 1
    return [
        Tile(
            "Fees",
            number(view.figures.fees if view.figures.trips else None),
            view.currency,
            "Sum of the fees of every fill of the closed round trips, rebates taken off.",
        ),
        Tile(
            "Turnover",
            f"{number(view.turnover, 1)} ×" if view.figures.trips else NONE,
            "of equity",
            "Value of all fills of the closed round trips over the average equity.",
        ),
        Tile(
            "Exposure",
            share(view.mean_exposure, 1) if has_curve else NONE,
            f"in market {share(view.time_in_market)}",
            "Gross value of all positions over equity, weighted by time; beside it the time with any position.",
        ),
    ]


def tone(value: Number | None) -> str:
    return sign_class(value) if value else ""


def tile_list(view: PerformanceView) -> html.Dl:
    return html.Dl([drawn(tile) for tile in tiles(view)], className="tiles")


def drawn(tile: Tile) -> html.Div:
    """Its formula shows on hover and on focus, and is read out as its description."""
    tip = f"tile-tip-{tile.name.lower().replace(' ', '-').replace('&', '')}"
    return html.Div(
        [
            html.Dt(tile.name),
            html.Dd(tile.value, className=f"tile-value {tile.tone}"),
            html.Dd(tile.beside, className="tile-beside"),
            html.Dd(tile.formula, id=tip, className="tile-tip", role="tooltip"),
        ],
        className="tile",
        tabIndex="0",
        **attributes(aria_describedby=tip),
    )
