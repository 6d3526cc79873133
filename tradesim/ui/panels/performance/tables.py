"""The tables of the Performance view: months, and figures of groups of trips. Pure."""

from calendar import day_name, month_abbr
from collections.abc import Callable, Iterable, Mapping, Sequence

from dash import html

from tradesim.desk.views import Figures, PerformanceView
from tradesim.ui.attributes import attributes
from tradesim.ui.wording import number, percent, share, sign_class, signed

SETUP = "setup:"
STRONGEST = 60
"""Percent of a colour in the cell of the best or worst month."""


def months_table(view: PerformanceView) -> html.Table:
    """Years by months: the return of each with its sign, deeper coloured the larger it is."""
    by_month = {month: (value, pl) for month, value, pl in view.months}
    years = sorted({month[:4] for month in by_month}, reverse=True)
    largest = max((abs(value) for value, _ in by_month.values()), default=0.0)
    head = html.Tr([html.Th("Year", scope="col"), *(html.Th(month_abbr[at], scope="col") for at in range(1, 13))])
    head.children.append(html.Th("Year", scope="col"))
    rows = [
        html.Tr(
            [
                html.Th(year, scope="row"),
                *(month_cell(by_month.get(f"{year}-{at:02}"), largest, view.currency) for at in range(1, 13)),
                year_cell([by_month[month] for month in by_month if month.startswith(year)]),
            ]
        )
        for year in years
    ]
    caption = html.Caption("Return by month, in percent")
    return html.Table([caption, html.Thead(head), html.Tbody(rows)], className="month-table")


def month_cell(found: tuple[float, float] | None, largest: float, currency: str) -> html.Td:
    if found is None:
        return html.Td("", className="is-none")
    value, pl = found
    depth = round(STRONGEST * abs(value) / largest) if largest else 0
    return html.Td(
        signed(value * 100),
        className=f"is-{sign_class(value)}",
        style={"--depth": f"{depth}%"},
        title=f"{signed(pl)} {currency}",
    )


def year_cell(found: Sequence[tuple[float, float]]) -> html.Td:
    total = 1.0
    for value, _ in found:
        total *= 1 + value
    return html.Td(signed((total - 1) * 100), className=f"month-year {sign_class(total - 1)}")


def as_is(name: str) -> str:
    return name


def side_word(name: str) -> str:
    return name.capitalize()


def hour_words(name: str) -> str:
    return f"{name}:00"


def weekday_words(name: str) -> str:
    return day_name[int(name) - 1]


def source_words(name: str) -> str:
    """The page's own places by their names, keys as keys, programs as they are called."""
    kind, _, key = name.partition(":")
    if key:
        return f"Key {key}"
    return WORDS.get(kind) or (kind.capitalize() if kind.replace(" ", "").isalpha() else kind)


WORDS = {"": "Not told", "api": "API"}
GROUPS: Sequence[tuple[str, str, Callable[[str], str], str]] = (
    ("Symbol", "by_symbol", as_is, ""),
    ("Side", "by_side", side_word, ""),
    ("Setup", "by_setup", as_is, "A tag setup:NAME, at the order or in the journal, names the setup of a trade."),
    ("Tag", "by_tag", as_is, "Tag your orders in the ticket or your trades in the journal to compare them here."),
    ("Hour of entry", "by_hour", hour_words, ""),
    ("Weekday of entry", "by_weekday", weekday_words, ""),
    ("Placed from", "by_source", source_words, ""),
)
HEADS = ("Trades", "Won", "Net P&L", "Expectancy", "Factor")


def group_tables(view: PerformanceView) -> list[html.Div]:
    return [group_table(title, shown(name, getattr(view, name)), words, hint) for title, name, words, hint in GROUPS]


def shown(name: str, groups: Mapping[str, Figures]) -> Mapping[str, Figures]:
    """Tags that name a setup are in a table of their own."""
    if name != "by_tag":
        return groups
    return {tag: found for tag, found in groups.items() if not tag.startswith(SETUP)}


def group_table(title: str, groups: Mapping[str, Figures], words: Callable[[str], str], hint: str) -> html.Div:
    if not groups:
        return html.Div([html.H3(f"By {title.lower()}"), html.P(hint, className="muted")], className="group")
    head = html.Tr([html.Th(title, scope="col"), *(html.Th(word, scope="col", className="num") for word in HEADS)])
    rows = [group_row(words(name), found) for name, found in ranked(title, groups)]
    table = html.Table(
        [html.Thead(head), html.Tbody(rows)], className="group-table", **attributes(aria_label=f"By {title.lower()}")
    )
    return html.Div([html.H3(f"By {title.lower()}"), html.Div(table, className="group-scroll")], className="group")


def ranked(title: str, groups: Mapping[str, Figures]) -> Iterable[tuple[str, Figures]]:
    """The best first; hours and days in their own order."""
    if title in ("Hour of entry", "Weekday of entry"):
        return groups.items()
    return sorted(groups.items(), key=lambda each: (-each[1].net_pl, each[0]))


def group_row(name: str, found: Figures) -> html.Tr:
    return html.Tr(
        [
            html.Th(name, scope="row"),
            html.Td(number(found.trips, 0), className="num"),
            html.Td(share(found.win_rate), className="num"),
            html.Td(signed(found.net_pl), className=f"num {sign_class(found.net_pl)}"),
            html.Td(signed(found.expectancy), className=f"num {sign_class(found.expectancy)}"),
            html.Td(number(found.profit_factor), className="num"),
        ]
    )


def drawdown_words(view: PerformanceView) -> str:
    fall = view.deepest
    return f"deepest {percent(fall.fraction)}" if fall.fraction else "never below its high"
