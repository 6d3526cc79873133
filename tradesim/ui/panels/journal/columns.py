"""The columns of the journal. How a value is written is named here and done by assets/journal_cells.js."""

from typing import Any

Column = dict[str, Any]


def written(function: str) -> dict[str, str]:
    return {"function": f"{function}(params)"}


def words(field: str, header: str, width: int, **more: Any) -> Column:
    return {"field": field, "headerName": header, "minWidth": width, "flex": width, **more}


def figure(field: str, header: str, width: int, formatter: str, **more: Any) -> Column:
    more = {"valueFormatter": written(formatter), **more}
    return {"field": field, "headerName": header, "minWidth": width, "flex": width, "type": "rightAligned", **more}


def signed(field: str, header: str, width: int, **more: Any) -> Column:
    return figure(field, header, width, "blotterSigned", cellClass=written("blotterSignClass"), **more)


COLUMNS: list[Column] = [
    figure(
        "exitAt",
        "Closed",
        100,
        "journalMoment",
        sort="desc",
        sortingOrder=["desc", "asc"],
        comparator={"function": "journalOpenFirst"},
        cellClass=written("journalClosedClass"),
    ),
    words("symbol", "Symbol", 78, cellClass="blotter-strong"),
    words("side", "Side", 54, cellClass=written("blotterSideClass")),
    figure("qty", "Quantity", 84, "journalQty", valueGetter=written("journalOpenQty")),
    figure("entry", "Entry", 88, "blotterAverage"),
    figure(
        "exit",
        "Exit",
        120,
        "journalExit",
        valueGetter=written("journalExitOrMark"),
        cellClass=written("journalExitClass"),
        headerTooltip="Average exit; of what is open, the price at which it is valued now",
    ),
    signed("net", "Net P&L", 78),
    figure("return", "%", 56, "blotterPercent", cellClass=written("blotterSignClass")),
    figure("r", "R", 52, "blotterSigned", headerTooltip="Net profit in multiples of what was risked to the stop"),
    figure("hold", "Held", 66, "journalHold"),
    words("setup", "Setup", 68, tooltipField="setup"),
    words("tags", "Tags", 58, valueFormatter=written("journalTags"), tooltipValueGetter=written("journalTags")),
    words("note", "Note", 58, tooltipField="note", flex=90),
]
