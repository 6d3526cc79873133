"""The columns of each grid. How a value is written is named here and done by assets/blotter_cells.js."""

from typing import Any

from tradesim.ui.panels.blotter.ids import Tab

Column = dict[str, Any]


def written(function: str) -> dict[str, str]:
    return {"function": f"{function}(params)"}


def words(field: str, header: str, width: int, **more: Any) -> Column:
    return {"field": field, "headerName": header, "minWidth": width, "flex": width, **more}


def figure(field: str, header: str, width: int, formatter: str, **more: Any) -> Column:
    """A number: to the right, in the instrument's decimals."""
    return {
        "field": field,
        "headerName": header,
        "minWidth": width,
        "flex": width,
        "type": "rightAligned",
        "valueFormatter": written(formatter),
        **more,
    }


def quantity(width: int, field: str = "qty", header: str = "Quantity", **more: Any) -> Column:
    """Fractions are rounded to the column; the tooltip and the export have all of them."""
    return figure(field, header, width, "blotterQty", tooltipValueGetter=written("blotterQtyTip"), **more)


def side() -> Column:
    return words("side", "Side", 48, cellClass=written("blotterSideClass"), valueFormatter=written("blotterSide"))


def time() -> Column:
    return figure("time", "Time", 108, "blotterTime", sort="desc", sortingOrder=["desc", "asc"])


def signed(field: str, header: str, width: int) -> Column:
    return figure(field, header, width, "blotterSigned", cellClass=written("blotterSignClass"))


def still(column: Column) -> Column:
    """As wide as what it holds; columns that can use it share the rest."""
    return {**{name: value for name, value in column.items() if name != "flex"}, "width": column["minWidth"]}


def act(header: str, width: int) -> Column:
    """A button: its words come with the row."""
    return {
        "colId": "act",
        "headerName": header,
        "headerClass": "blotter-act-head",
        "minWidth": width,
        "maxWidth": width,
        "pinned": "right",
        "sortable": False,
        "resizable": False,
        "cellRenderer": "BlotterAct",
        "cellClass": "blotter-act-cell",
    }


def compact(tab: Tab) -> list[Column]:
    """What stands instead of all others where it is narrow, see assets/blotter_compact.js; the button also on touch."""
    lines = [
        {
            "colId": name,
            "headerName": header,
            "flex": flex,
            "valueGetter": {"function": f"{getter}(params, '{tab}')"},
            "cellRenderer": renderer,
            "cellRendererParams": {"tab": tab.value},
            "cellClass": "blotter-compact-cell",
        }
        for name, header, flex, getter, renderer in (
            ("what", "What", 58, "blotterWhat", "BlotterWhat"),
            ("so", "How it is", 42, "blotterSo", "BlotterSo"),
        )
    ]
    return [{**each, "hide": True} for each in (*lines, {**act("Act", 60), "colId": "touch_act"})]


POSITIONS: list[Column] = [
    words("symbol", "Symbol", 84, cellClass="blotter-strong", sort="asc", colSpan=written("blotterSumSpan")),
    words("side", "Side", 52, cellClass=written("blotterSideClass")),
    quantity(84),
    figure("avg", "Average", 90, "blotterAverage"),
    figure("mark", "Mark", 84, "blotterPrice", tooltipValueGetter=written("blotterMarkTip")),
    figure("value", "Value", 100, "blotterMoney"),
    signed("upl", "Unrealised", 94),
    figure("uplPercent", "%", 72, "blotterPercent", cellClass=written("blotterSignClass")),
    {**signed("rpl", "Realised", 88), "headerTooltip": "Today, before fees"},
    {
        **signed("day", "Day P&L", 88),
        "headerTooltip": "Since the day began; fees, interest and dividends are in the total",
    },
    act("Close", 66),
]

ORDERS: list[Column] = [
    still(
        words(
            "symbol",
            "Symbol",
            82,
            valueFormatter=written("blotterSymbol"),
            cellClass=written("blotterSymbolClass"),
        )
    ),
    still({**side(), "minWidth": 44}),
    words("type", "Type", 138, tooltipField="type"),
    still(quantity(66, editable=written("blotterCanEdit"), cellDataType=False)),
    still(quantity(66, "filled", "Filled")),
    still(figure("limit", "Limit", 75, "blotterPrice", editable=written("blotterCanEditPrice"), cellDataType=False)),
    still(figure("stop", "Trigger", 75, "blotterPrice", editable=written("blotterCanEditStop"), cellDataType=False)),
    still(figure("trail", "Trail", 66, "blotterTrail", editable=written("blotterCanEditTrail"), cellDataType=False)),
    still(figure("avg", "Average", 84, "blotterAverage")),
    still(figure("ahead", "Ahead", 57, "blotterQty", headerTooltip="What stands ahead in the queue")),
    words(
        "status",
        "Status",
        142,
        valueFormatter=written("blotterStatus"),
        cellClass=written("blotterStatusClass"),
        tooltipValueGetter=written("blotterStatusTip"),
    ),
    still(
        figure(
            "time",
            "Time",
            108,
            "blotterTime",
            sortingOrder=["desc", "asc", None],
            headerTooltip="What works stands on top, the newest first; a click sorts by time alone",
        )
    ),
    still(words("source", "From", 62)),
    words("reason", "Reason", 100, tooltipField="reason", flex=200),
    act("Cancel", 34),
]

FILLS: list[Column] = [
    time(),
    words("symbol", "Symbol", 84, cellClass="blotter-strong"),
    side(),
    quantity(90),
    figure("price", "Price", 90, "blotterPrice"),
    figure("value", "Value", 104, "blotterMoney"),
    figure("fee", "Fee", 74, "blotterMoney"),
    words("liquidity", "As", 72, valueFormatter=written("blotterLiquidity")),
    words("order", "Order", 96),
]

LOTS: list[Column] = [
    words("symbol", "Symbol", 84, cellClass="blotter-strong", sort="asc"),
    words("side", "Side", 52, cellClass=written("blotterSideClass")),
    quantity(80),
    figure("price", "Price", 86, "blotterAverage"),
    figure("cost", "Cost", 100, "blotterMoney"),
    figure("mark", "Mark", 84, "blotterPrice", tooltipValueGetter=written("blotterMarkTip")),
    signed("upl", "Unrealised", 94),
    figure("exit", "Closed at", 86, "blotterAverage", hide=True),
    {**signed("rpl", "Realised", 94), "hide": True},
    figure("opened", "Opened", 136, "blotterMoment"),
    figure("closed", "Closed", 136, "blotterMoment", hide=True, sortingOrder=["desc", "asc"]),
    figure("days", "Days held", 76, "blotterDays"),
    words("term", "Term", 84, headerTooltip="Long-term is held for more than a year; what was sold short never is"),
    act("Sell this lot", 60),
]

LEDGER: list[Column] = [
    figure("seq", "No.", 62, "blotterCount", sort="desc", sortingOrder=["desc", "asc"]),
    figure("time", "Time", 104, "blotterTime"),
    words("kind", "Kind", 84),
    words("memo", "Memo", 180, tooltipField="memo", flex=260),
    words("book", "Book", 84),
    words("unit", "Unit", 74),
    figure("amount", "Amount", 112, "blotterAmount", cellClass=written("blotterSignClass")),
]

WIDE: dict[Tab, list[Column]] = {
    Tab.POSITIONS: POSITIONS,
    Tab.ORDERS: ORDERS,
    Tab.FILLS: FILLS,
    Tab.LOTS: LOTS,
    Tab.LEDGER: LEDGER,
}
COLUMNS: dict[Tab, list[Column]] = {tab: [*compact(tab), *columns] for tab, columns in WIDE.items()}
