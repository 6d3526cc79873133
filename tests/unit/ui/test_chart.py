from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from dash import Dash, no_update

from tradesim.model.instrument import Instrument
from tradesim.model.market import Timeframe
from tradesim.model.series import Bars
from tradesim.ui.panels import chart
from tradesim.ui.panels.chart import callbacks, columns, figure
from tradesim.ui.panels.chart.ids import Chart

MINUTE = 60_000_000_000
START = 1_795_446_000_000_000_000


def bars_of(count: int) -> Bars:
    numbers = np.arange(count, dtype=np.int64)
    close = 22_900 + numbers % 50
    return Bars(START + numbers * MINUTE, close - 1, close + 3, close - 4, close, numbers + 1)


class FakeDesk:
    def __init__(self, count: int) -> None:
        self.instruments = {
            "AAPL": Instrument("AAPL", "Apple"),
            "F": Instrument("F", "Ford", tick_size=Decimal("0.001")),
        }
        self.all = bars_of(count)

    def bars(self, _symbol: str, _timeframe: Timeframe, limit: int = 5_000, before: int | None = None) -> Bars:
        end = len(self.all) if before is None else int(np.searchsorted(self.all.start, before))
        return self.all[max(0, end - limit) : end]

    def status(self) -> Any:
        return SimpleNamespace(zone="America/New_York")


def wanted(**changes: Any) -> dict[str, Any]:
    return {"ask": 1, "symbol": "AAPL", "timeframe": "1m", "session": "s", "before": None, **changes}


def test_the_answer_carries_ticks_lots_and_milliseconds_as_plain_numbers() -> None:
    answer = columns.answer(FakeDesk(3), wanted())
    assert answer["start"] == [START // 1_000_000 + 60_000 * n for n in range(3)]
    assert answer["close"] == [22_900, 22_901, 22_902]
    assert (answer["ask"], answer["zone"], answer["complete"]) == (1, "America/New_York", True)
    names = ("start", "open", "high", "low", "close", "volume")
    assert {type(value) for name in names for value in answer[name]} == {int}


def test_older_bars_are_asked_for_in_milliseconds_and_come_before_that_moment() -> None:
    before = START // 1_000_000 + 60_000 * 8
    answer = columns.answer(FakeDesk(20), wanted(before=before), limit=5)
    assert answer["start"][-1] == before - 60_000
    assert answer["complete"] is False


@pytest.mark.parametrize(
    ("raw", "said"),
    [
        (None, "must be an object, was NoneType"),
        (wanted(timeframe="7m"), "was '7m'"),
        (wanted(before="yesterday"), "was 'yesterday'"),
        (wanted(symbol=7), "were 1 and 7"),
        (wanted(symbol="XYZ"), "XYZ is not traded in this market."),
    ],
    ids=["nothing", "timeframe", "before", "symbol", "unknown"],
)
def test_a_wrong_request_is_answered_with_a_sentence(raw: object, said: str) -> None:
    assert said in columns.answer(FakeDesk(3), raw)["error"]


def test_the_axes_have_no_marks_and_no_grid_of_their_own() -> None:
    made = figure.axes()
    assert len(made.data) == 1
    assert made.data[0].marker.opacity == 0
    assert not made.layout.xaxis.showgrid
    assert not made.layout.yaxis.showgrid
    assert made.layout.yaxis.side == "right"


def test_the_simple_chart_shows_at_most_550_bars_in_money() -> None:
    desk = FakeDesk(2_000)
    made = figure.simple(desk.all, desk.instruments["AAPL"], Timeframe.M1, "America/New_York")
    assert len(made.data[0].x) == figure.SIMPLE_BARS
    assert made.data[0].close[-1] == pytest.approx(229.49)
    assert made.layout.yaxis.tickformat == ",.2f"
    assert len(made.layout.xaxis.ticktext) == len(made.layout.xaxis.tickvals)


def test_the_simple_chart_of_no_bars_is_still_a_figure() -> None:
    made = figure.simple(Bars.empty(), FakeDesk(0).instruments["F"], Timeframe.D1, "UTC")
    assert made.layout.yaxis.tickformat == ",.3f"
    assert len(made.data[0].x) == 0


@pytest.mark.parametrize(
    ("timeframe", "text"),
    [(Timeframe.S5, "10:00:00"), (Timeframe.M1, "23 Nov 10:00"), (Timeframe.D1, "23 Nov 2026")],
)
def test_a_label_is_on_the_markets_clock(timeframe: Timeframe, text: str) -> None:
    assert figure.label(START, timeframe, "America/New_York") == text


def test_the_simple_chart_waits_until_a_chart_was_asked_for() -> None:
    assert callbacks.simple_graph(FakeDesk(5), None) is no_update
    assert callbacks.simple_graph(FakeDesk(5), wanted()).id == Chart.SIMPLE


def test_every_id_the_browser_needs_is_in_the_skeleton() -> None:
    text = str(chart.layout(FakeDesk(1)).to_plotly_json())
    mounted_later = {Chart.SIMPLE, Chart.GRAPH}
    assert [each for each in Chart if each not in mounted_later and f"'{each.value}'" not in text] == []


def test_the_callbacks_answer_over_http() -> None:
    app = Dash(__name__)
    desk = FakeDesk(4)
    app.layout = chart.layout(desk)
    chart.register(app, desk)
    body = {
        "output": "chart-bars.data",
        "outputs": {"id": "chart-bars", "property": "data"},
        "inputs": [{"id": "chart-wanted", "property": "data", "value": wanted(ask=9)}],
        "changedPropIds": ["chart-wanted.data"],
    }
    reply = app.server.test_client().post("/_dash-update-component", json=body)
    assert reply.get_json()["response"]["chart-bars"]["data"]["ask"] == 9
