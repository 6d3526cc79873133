from types import SimpleNamespace
from typing import Any

from dash import Dash

from tradesim.desk.views import MarketView
from tradesim.model.instrument import Instrument
from tradesim.model.market import BookTop, Level
from tradesim.ui.panels import ladder
from tradesim.ui.panels.ladder.callbacks import table_of
from tradesim.ui.panels.ladder.ids import Ladder
from tradesim.ui.panels.ladder.layout import STEPS
from tradesim.ui.panels.ladder.rows import BookRow, book_rows

AAPL = Instrument("AAPL", "Apple")
BOOK = BookTop((Level(22_983, 1_240, 3), Level(22_982, 50, 1)), (Level(22_984, 7, 1),))


def desk(view: MarketView | None) -> Any:
    return SimpleNamespace(instruments={"AAPL": AAPL}, market=lambda symbol: view if symbol == "AAPL" else None)


def texts(component: Any) -> str:
    return str(component.to_plotly_json())


def test_rows_are_best_first_with_the_instruments_decimals() -> None:
    rows = book_rows(MarketView("AAPL", BOOK), AAPL)
    assert rows[0] == BookRow("1,240", "229.83", "229.84", "7")


def test_a_side_with_fewer_levels_is_dashed() -> None:
    assert book_rows(MarketView("AAPL", BOOK), AAPL)[1] == BookRow("50", "229.82", "–", "–")


def test_no_more_levels_than_asked_for() -> None:
    assert len(book_rows(MarketView("AAPL", BOOK), AAPL, shown=1)) == 1


def test_the_stand_in_says_when_there_is_no_book() -> None:
    assert "No book of AAPL now." in texts(table_of(desk(MarketView("AAPL")), "AAPL"))
    assert "No book of XYZ now." in texts(table_of(desk(None), "XYZ"))
    assert "No book of any symbol now." in texts(table_of(desk(None), None))


def test_the_stand_in_is_a_table_of_the_book() -> None:
    assert "Best levels of AAPL" in texts(table_of(desk(MarketView("AAPL", BOOK)), "AAPL"))


def test_every_part_that_the_browser_needs_is_laid_out_once() -> None:
    found = [component.id for component in ladder.layout(desk(None))._traverse() if getattr(component, "id", None)]
    assert set(found) == {part for part in Ladder if part is not Ladder.PANEL}
    assert len(found) == len(set(found))


def test_the_row_heights_are_those_of_the_desk() -> None:
    assert [step for step, _text in STEPS] == [1, 5, 10, 25, 50, 100]


def test_the_panel_registers_its_callback() -> None:
    app = Dash("test", suppress_callback_exceptions=True)
    ladder.register(app, desk(None))
    assert any(Ladder.FALLBACK in key for key in app.callback_map)
