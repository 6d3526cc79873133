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
        comparator=written("journalOpenFirst"),
        cellClass=written("journalClosedClass"),
    ),
    words("symbol", "Symbol", 78, cellClass="blotter-strong"),
    words("side", "Side", 46, cellClass=written("blotterSideClass")),
    figure("qty", "Quantity", 62, "blotterQty"),
    figure("entry", "Entry", 86, "blotterAverage"),
    figure("exit", "Exit", 86, "blotterAverage"),
    signed("net", "Net P&L", 76),
    figure("return", "%", 52, "blotterPercent", cellClass=written("blotterSignClass")),
    figure("r", "R", 52, "blotterSigned", headerTooltip="Net profit in multiples of what was risked to the stop"),
    figure("hold", "Held", 60, "journalHold"),
    words("setup", "Setup", 86, tooltipField="setup"),
    words("tags", "Tags", 68, valueFormatter=written("journalTags"), tooltipValueGetter=written("journalTags")),
    words("note", "Note", 64, tooltipField="note", flex=90),
]
