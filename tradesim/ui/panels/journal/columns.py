"""The columns of the journal. How a value is written is named here and done by assets/journal_cells.js."""

from typing import Any

from tradesim.ui.panels.blotter.columns import Column, still, words, written


def figure(field: str, header: str, width: int, formatter: str, **more: Any) -> Column:
    more = {"valueFormatter": written(formatter), **more}
    return still({"field": field, "headerName": header, "minWidth": width, "type": "rightAligned", **more})


def signed(field: str, header: str, width: int, **more: Any) -> Column:
    return figure(field, header, width, "blotterSigned", cellClass=written("blotterSignClass"), **more)


COLUMNS: list[Column] = [
    figure(
        "exitAt",
        "Closed",
        98,
        "journalMoment",
        sort="desc",
        sortingOrder=["desc", "asc"],
        comparator={"function": "journalOpenFirst"},
        cellClass=written("journalClosedClass"),
    ),
    still(words("symbol", "Symbol", 76, cellClass="blotter-strong")),
    still(words("side", "Side", 50, cellClass=written("blotterSideClass"))),
    figure("qty", "Quantity", 90, "journalQty", valueGetter=written("journalOpenQty")),
    figure("entry", "Entry", 92, "blotterAverage"),
    figure(
        "exit",
        "Exit",
        108,
        "journalExit",
        valueGetter=written("journalExitOrMark"),
        cellClass=written("journalExitClass"),
        headerTooltip="Average exit; of what is open, the price at which it is valued now",
    ),
    signed("net", "Net P&L", 86),
    figure("return", "%", 58, "blotterPercent", cellClass=written("blotterSignClass")),
    figure("r", "R", 58, "blotterSigned", headerTooltip="Net profit in multiples of what was risked to the stop"),
    figure("hold", "Held", 78, "journalHold"),
    words("setup", "Setup", 82, tooltipField="setup"),
    words("tags", "Tags", 62, valueFormatter=written("journalTags"), tooltipValueGetter=written("journalTags")),
    words("note", "Note", 50, tooltipField="note", flex=90),
]
