"""The Journal view: rows, the chart of a trip drawn again, reasons in words, and callbacks that rest while closed."""

import itertools
from decimal import Decimal
from pathlib import Path

import pytest
from dash import Dash, no_update
from msgspec.structs import replace

from tests.fakes import a_fill, an_order
from tests.stage import INSTRUMENTS, Stage
from tests.unit.desk.test_performance import traded
from tradesim.model.commands import SubmitOrder
from tradesim.model.market import BookTop, Level, Side
from tradesim.model.orders import FillReason, Liquidity, OrderType, TimeInForce
from tradesim.ui.accounts import chosen_account
from tradesim.ui.intents import receipt
from tradesim.ui.panels import journal
from tradesim.ui.panels.journal import detail, figure, rows
from tradesim.ui.panels.journal.callbacks import listed, told
from tradesim.ui.panels.journal.columns import COLUMNS
from tradesim.ui.panels.journal.ids import Journal
from tradesim.ui.panels.journal.layout import grid
from tradesim.ui.panels.journal.reasons import reason
from tradesim.ui.plots import colors_of

ASSETS = Path(__file__).parents[3] / "assets"
BUY = SubmitOrder("paper", "AAPL", Side.BUY, qty=Decimal(10))


@pytest.fixture
def stage() -> Stage:
    return traded()


@pytest.fixture(scope="module")
def colors():
    return colors_of(Dash("colours", assets_folder=str(ASSETS)))


def test_a_row_has_numbers_to_sort_by(stage):
    (view,) = stage.desk.review.round_trips()
    row = rows.row(view)
    assert (row["symbol"], row["side"], row["qty"], row["net"]) == ("AAPL", "Long", 10.0, -1.2)
    assert row["hold"] == 300_000
    assert row["r"] is None


def test_rows_are_sent_only_when_the_page_has_others(stage):
    first = rows.answer(stage.desk, "", None)
    assert first is not None
    assert rows.answer(stage.desk, "", first["digest"]) is None
    stage.desk.review.annotate(first["rows"][0]["id"], note="late")
    assert rows.answer(stage.desk, "", first["digest"]) is not None


def stopped(stop: str) -> Stage:
    """Bought, with a stop at once, and sold again."""
    stage = Stage()
    stage.ask(BUY)
    stage.pass_ms(1_000)
    stage.ask(
        replace(BUY, side=Side.SELL, type=OrderType.STOP, stop_price=Decimal(stop), time_in_force=TimeInForce.GTC)
    )
    stage.ask(replace(BUY, side=Side.SELL))
    stage.pass_ms(1_000)
    return stage


def test_what_was_risked_to_the_first_stop_is_one_r():
    (view,) = stopped("229.51").desk.review.round_trips()
    assert view.stop == Decimal("229.51")
    assert view.r_multiple == Decimal("-0.20") / Decimal("5.00")


def test_the_chart_shows_fills_prices_and_excursions(stage, colors):
    chart = stage.desk.review.trip_chart(stage.desk.review.round_trips()[0].trip.id)
    drawn = figure.chart(chart, colors(None), "America/New_York", 2)
    candles, entries, exits = drawn["data"]
    assert len(candles["x"]) == len(chart.bars)
    assert (entries["name"], entries["marker"]["symbol"]) == ("Entry", ["triangle-up"])
    assert (exits["name"], exits["marker"]["symbol"]) == ("Exit", ["triangle-down-open"])
    said = [each["text"] for each in drawn["layout"]["annotations"]]
    assert said == ["Entry · 230.01", "Exit · 229.99", "MAE −5.10 · 229.50", "MFE +7.90 · 230.80"]
    assert len(drawn["layout"]["shapes"]) == 4


def test_words_of_lines_do_not_stand_on_one_another():
    moved = figure.shifts([100.0, 100.1, 105.0, 100.05], (100.0, 110.0))
    places = sorted(
        (value - 100) * 19 + shift for value, shift in zip([100.0, 100.1, 105.0, 100.05], moved, strict=True)
    )
    assert all(later - one >= figure.WORDS - 1e-9 for one, later in itertools.pairwise(places))
    assert moved[2] == 0


def test_words_of_lines_at_the_top_stay_inside_the_plot():
    values = [109.0, 109.5, 109.9]
    moved = figure.shifts(values, (100.0, 110.0))
    places = [(value - 100) * 19 + shift for value, shift in zip(values, moved, strict=True)]
    assert places[-1] == figure.HEIGHT - figure.WORDS
    assert all(later - one == pytest.approx(figure.WORDS) for one, later in itertools.pairwise(places))


FILL = a_fill(an_order(), 10, "230.01")
BOOK = BookTop((Level(22_999, 100, 1),), (Level(23_001, 300, 2),))


@pytest.mark.parametrize(
    ("changes", "why", "said"),
    [
        (
            {"liquidity": Liquidity.TAKER},
            FillReason("order book", 25_000_000, before=BOOK),
            "Met the best ask 230.01 × 300 and took 10 at that price; travelled 25 ms.",
        ),
        (
            {"liquidity": Liquidity.TAKER, "price": Decimal("230.04")},
            FillReason("order book", 25_000_000, before=BOOK),
            "Met the best ask 230.01 × 300 and traded 3 ticks behind it; travelled 25 ms.",
        ),
        (
            {"liquidity": Liquidity.MAKER},
            FillReason("order book", ahead_at_entry=500, ahead_traded=300, ahead_canceled=200),
            "Rested behind 500: trades took 300 of it, cancels 200, then it was taken.",
        ),
        ({"liquidity": Liquidity.MAKER}, FillReason("order book", ahead_at_entry=0), "Rested with nobody ahead"),
        ({}, FillReason("call auction"), "Matched in the auction at its one price."),
        ({}, FillReason("desk as principal"), "Dealt by the desk as principal"),
    ],
)
def test_why_it_filled_is_told_in_a_sentence(changes, why, said):
    assert reason(replace(FILL, reason=why, **changes), INSTRUMENTS["AAPL"]).startswith(said)


def test_the_chosen_trip_is_told_whole(stage, colors):
    trip_id = stage.desk.review.round_trips()[0].trip.id
    title, chart, facts, fills = told(stage.desk, "", trip_id, None, colors)
    assert title == "Long 10 AAPL"
    assert chart[0].children.id == Journal.GRAPH
    text = str(facts.to_plotly_json()) + str([each.to_plotly_json() for each in fills])
    for word in ("−1.20", "5 min", "Bought", "Sold", "Met the best ask", "taker, fee 0.50"):
        assert word in text
    assert told(stage.desk, "", "nothing", None, colors) == (no_update,) * 4


def open_short(bought_back: str) -> tuple[str, str]:
    """Title and facts of ten sold short, of which some were bought back."""
    stage = Stage()
    stage.ask(replace(BUY, side=Side.SELL))
    stage.pass_ms(1_000)
    if bought_back:
        stage.ask(replace(BUY, qty=Decimal(bought_back)))
        stage.pass_ms(1_000)
    (view,) = stage.desk.review.round_trips()
    facts = detail.facts(view, detail.market_of(stage.desk, view)).to_plotly_json()
    pairs = [each.children for each in facts["props"]["children"]]
    return detail.title(view), "; ".join(f"{name.children} {value.children}" for name, value in pairs)


def test_an_open_short_reads_as_a_broker_lists_it():
    title, facts = open_short("")
    assert title == "Short 10 AAPL, open"
    assert facts.startswith("P&L at mark −0.20; Mark 230.01; R –") and "Realised" not in facts
    assert "Entry 229.99; Exit none yet" in facts and "Held 1 s" in facts and "Closed" not in facts


def test_what_was_taken_out_of_an_open_trade_is_realised():
    title, facts = open_short("4")
    assert title == "Short 6 of 10 AAPL, open"
    assert "P&L at mark −0.20; Mark 230.01; Realised −0.08" in facts and "Exit 230.01" in facts


def test_an_old_trip_says_that_its_fills_are_gone(stage):
    view = stage.desk.review.round_trips()[0]
    old = replace(view, trip=replace(view.trip, legs=()), mae=None, mfe=None)
    market = detail.market_of(stage.desk, old)
    assert "the export has them all" in str(detail.fills(old, market)[1])
    assert detail.facts(old, market) is not None


def test_a_note_goes_through_the_pages_own_door(stage):
    trip_id = stage.desk.review.round_trips()[0].trip.id
    wish = {"id": "1", "do": "annotate", "account": "paper", "trip_id": trip_id, "note": "late", "tags": ["setup:gap"]}
    assert (receipt(stage.desk, wish)["ok"], receipt(stage.desk, wish)["message"]) == (True, "Saved")
    assert stage.desk.review.round_trips()[0].setup == "gap"
    assert receipt(stage.desk, {**wish, "trip_id": "x"})["code"] == "unknown_trip"
    assert receipt(stage.desk, {**wish, "note": 7})["message"] == "Refused: note must be text, was 7"
    long = receipt(stage.desk, {**wish, "note": "x" * 4_001})
    assert long["message"] == "Refused: a note may have at most 4,000 characters, had 4,001"


def test_rows_come_with_their_account_and_its_exports(stage):
    found, digest, account, exports = listed(stage.desk, chosen_account(stage.desk, "nobody"), None)
    assert (found["account"], found["digest"], account) == ("paper", digest, "Paper, USD")
    assert "account=paper&format=parquet" in str(exports)
    assert listed(stage.desk, "", digest) == (no_update,) * 4


def posted(app: Dash, outputs, inputs, state):
    body = {
        "output": "..{}..".format("...".join(outputs)),
        "outputs": [dict(zip(("id", "property"), each.split("."), strict=True)) for each in outputs],
        "inputs": [{"id": name, "property": prop, "value": value} for name, prop, value in inputs],
        "state": [{"id": name, "property": prop, "value": value} for name, prop, value in state],
        "changedPropIds": [f"{inputs[0][0]}.{inputs[0][1]}"],
    }
    return app.server.test_client().post("/_dash-update-component", json=body)


def rows_asked(stage: Stage, opened: str):
    app = Dash("journal", assets_folder=str(ASSETS), suppress_callback_exceptions=True)
    app.layout = journal.layout(stage.desk)
    journal.register(app, stage.desk)
    outputs = ("journal-rows.data", "journal-digest.data", "journal-account.children", "journal-exports.children")
    inputs = [("view", "data", opened), ("account", "data", ""), (Journal.WISH, "data", None)]
    inputs.append((Journal.TICK, "n_intervals", 1))
    return posted(app, outputs, inputs, [(Journal.DIGEST, "data", None)])


def test_the_callback_answers_over_http_while_the_view_is_open(stage):
    found = rows_asked(stage, "journal").get_json()["response"]
    assert [row["symbol"] for row in found["journal-rows"]["data"]["rows"]] == ["AAPL"]


def test_nothing_is_computed_while_the_view_is_closed(stage, monkeypatch):
    monkeypatch.setattr(stage.desk.review, "round_trips", None)
    assert "journal-rows" not in str(rows_asked(stage, "desk").get_json(silent=True))


def test_every_id_the_browser_needs_is_in_the_skeleton(stage):
    text = str(journal.layout(stage.desk).to_plotly_json())
    made_later = {Journal.GRID, Journal.GRAPH}
    assert [each for each in Journal if each not in made_later and f"'{each.value}'" not in text] == []


def test_the_grid_takes_no_rows_through_dash():
    made = grid()
    assert getattr(made, "rowData", None) is None
    assert made.getRowId == "params.data.id"
    names = [column["field"] for column in COLUMNS]
    assert len(names) == len(set(names))
