from types import SimpleNamespace
from typing import Any

from dash import Dash

from tradesim.desk.views import MarketView
from tradesim.model.instrument import Instrument
from tradesim.model.market import BookTop, Level
from tradesim.ui.panels import depth
from tradesim.ui.panels.depth.callbacks import COLORS, fallback_of
from tradesim.ui.panels.depth.figure import axes, curve, steps
from tradesim.ui.panels.depth.ids import Depth
from tradesim.ui.panels.depth.rows import DepthRow, depth_rows

AAPL = Instrument("AAPL", "Apple")
BOOK = BookTop((Level(22_983, 100), Level(22_982, 50)), (Level(22_984, 7),))
VIEW = MarketView("AAPL", BOOK)


def desk(view: MarketView | None) -> Any:
    return SimpleNamespace(instruments={"AAPL": AAPL}, market=lambda _symbol: view)


def test_steps_add_up_from_the_touch() -> None:
    assert steps(BOOK.bids, AAPL) == ([229.83, 229.82], [100.0, 150.0])


def test_the_curve_has_a_side_each_in_its_colour() -> None:
    figure = curve(VIEW, AAPL, COLORS)
    assert [trace.name for trace in figure.data] == ["Bid", "Offered"]
    assert [trace.line.color for trace in figure.data] == [COLORS["up"], COLORS["down"]]


def test_the_axes_alone_draw_nothing_and_cannot_be_dragged() -> None:
    figure = axes()
    assert figure.data[0].marker.opacity == 0
    assert figure.layout.xaxis.fixedrange is True
    assert figure.layout.paper_bgcolor == "rgba(0,0,0,0)"


def test_rows_carry_the_quantity_up_to_each_level() -> None:
    assert depth_rows(VIEW, AAPL) == [
        DepthRow("100", "229.83", "229.84", "7"),
        DepthRow("150", "229.82", "–", "–"),
    ]


def test_without_a_canvas_the_figure_stands_in() -> None:
    assert type(fallback_of(desk(VIEW), "AAPL", {"kind": "figure"})).__name__ == "Graph"


def test_without_plotly_the_table_stands_in() -> None:
    assert type(fallback_of(desk(VIEW), "AAPL", {"kind": "table"})).__name__ == "Table"


def test_a_colour_that_is_none_gives_the_table() -> None:
    mode = {"kind": "figure", "colors": {"up": "not a colour"}}
    assert type(fallback_of(desk(VIEW), "AAPL", mode)).__name__ == "Table"


def test_without_a_book_it_says_so() -> None:
    assert "No book of AAPL now." in str(fallback_of(desk(None), "AAPL", {}).to_plotly_json())


def test_every_part_that_the_browser_needs_is_laid_out_once() -> None:
    found = [component.id for component in depth.layout(desk(None))._traverse() if getattr(component, "id", None)]
    assert set(found) == {part for part in Depth if part not in (Depth.PANEL, Depth.GRAPH)}
    assert len(found) == len(set(found))


def test_the_panel_registers_its_callback() -> None:
    app = Dash("test", suppress_callback_exceptions=True)
    depth.register(app, desk(None))
    assert any(Depth.FALLBACK in key for key in app.callback_map)
