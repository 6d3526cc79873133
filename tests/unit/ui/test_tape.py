from types import SimpleNamespace
from typing import Any

from dash import Dash

from tradesim.desk.views import MarketView
from tradesim.model.instrument import Instrument
from tradesim.model.market import Side, Trade
from tradesim.ui.panels import tape
from tradesim.ui.panels.tape.callbacks import table_of
from tradesim.ui.panels.tape.ids import Tape
from tradesim.ui.panels.tape.rows import PrintRow, print_rows

AAPL = Instrument("AAPL", "Apple")
AT = 1_340_285_400_123_456_789
PRINTS = (
    Trade("AAPL", 1, 22_983, 100, Side.BUY, AT),
    Trade("AAPL", 2, 22_982, 1_250, Side.SELL, AT + 1_000_000_000),
    Trade("AAPL", 3, 22_982, 1, None, AT + 2_000_000_000),
)
VIEW = MarketView("AAPL", tape=PRINTS)


def desk(view: MarketView | None) -> Any:
    status = SimpleNamespace(zone="America/New_York")
    return SimpleNamespace(instruments={"AAPL": AAPL}, market=lambda _symbol: view, status=lambda: status)


def test_the_newest_print_comes_first_in_the_markets_zone() -> None:
    rows = print_rows(VIEW, AAPL, "America/New_York")
    assert rows[0] == PrintRow("09:30:02.123", "229.82", "1", "–")
    assert rows[1] == PrintRow("09:30:01.123", "229.82", "1,250", "▼ sell")
    assert rows[2] == PrintRow("09:30:00.123", "229.83", "100", "▲ buy")


def test_no_more_prints_than_asked_for() -> None:
    assert len(print_rows(VIEW, AAPL, "UTC", shown=2)) == 2


def test_the_stand_in_says_when_nothing_has_traded() -> None:
    assert "No print of AAPL yet." in str(table_of(desk(MarketView("AAPL")), "AAPL").to_plotly_json())
    assert "No print of any symbol yet." in str(table_of(desk(None), None).to_plotly_json())


def test_the_stand_in_is_a_table_of_the_tape() -> None:
    assert "Newest prints of AAPL" in str(table_of(desk(VIEW), "AAPL").to_plotly_json())


def test_every_part_that_the_browser_needs_is_laid_out_once() -> None:
    found = [component.id for component in tape.layout(desk(None))._traverse() if getattr(component, "id", None)]
    assert set(found) == {part for part in Tape if part is not Tape.PANEL}
    assert len(found) == len(set(found))


def test_a_tape_never_speaks_by_itself() -> None:
    table = next(part for part in tape.layout(desk(None))._traverse() if getattr(part, "id", None) == Tape.TABLE)
    assert table.to_plotly_json()["props"]["aria-live"] == "off"


def test_the_panel_registers_its_callback() -> None:
    app = Dash("test", suppress_callback_exceptions=True)
    tape.register(app, desk(None))
    assert any(Tape.FALLBACK in key for key in app.callback_map)
