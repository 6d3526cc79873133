// How the blotter's grids write their values, which rows stand out, and the grids' theme from the page's tokens.
(function (root) {
  "use strict";
  const ts = (root.tradesim = root.tradesim || {});
  const functions = (root.dashAgGridFunctions = root.dashAgGridFunctions || {});
  const components = (root.dashAgGridComponentFunctions = root.dashAgGridComponentFunctions || {});
  const instrument = ({ data }) => (ts.page && data && ts.page.instruments[data.symbol]) || { tick: 0.01, lot: 1, pd: 2, qd: 0 };
  const NONE = "–";
  // A sum has no word where there is nothing to add up.
  const isBlank = ({ data, value }) => Boolean(data && data.isSum && (value === null || value === undefined));
  const figure = (written) => (params) => (isBlank(params) ? "" : written(params));

  functions.blotterQty = figure((params) => ts.format.brief(params.value, instrument(params).qd));
  functions.blotterQtyTip = figure((params) => ts.format.quantity(params.value, instrument(params).qd));
  functions.blotterPrice = figure((params) => ts.format.number(params.value, instrument(params).pd));
  functions.blotterMarkTip = ({ data }) => (data && !data.isSum ? ts.sourceChip.of(data.symbol, "quote").says : "");
  functions.blotterIsStale = ({ data }) => Boolean(data && data.isStale);
  functions.blotterAverage = figure((params) => ts.whyStory.price(params.value, instrument(params), ts.format));
  functions.blotterMoney = figure((params) => ts.format.money(params.value));
  functions.blotterSigned = figure((params) => ts.format.signed(params.value, 2));
  functions.blotterPercent = figure((params) => ts.format.signed(params.value, 2));
  functions.blotterCount = (params) => ts.format.number(params.value, 0);
  functions.blotterMoment = ({ value }) => (value ? `${ts.format.date(value)} ${ts.format.time(value).slice(0, 5)}` : NONE);
  functions.blotterDays = ({ value }) => ts.format.number(value, value < 10 ? 2 : 0);
  functions.blotterTime = (params) => ts.format.time(params.value, true);
  functions.blotterSide = ({ value }) => (value === "buy" ? "Buy" : value === "sell" ? "Sell" : value || "");
  functions.blotterSideClass = ({ value }) => (value === "buy" || value === "Long" ? "up" : value === "sell" || value === "Short" ? "down" : "muted");
  functions.blotterSignClass = ({ value }) => ["ag-right-aligned-cell", ts.format.tone(value) || "muted"];
  functions.blotterSumSpan = ({ data }) => (data && data.isSum ? 3 : 1);
  functions.blotterStatus = (params) => statusText(params.data, params.value);
  functions.blotterStatusTip = ({ data }) => (data && data.reason ? ts.whyStory.withReason(ts.whyStory.statusText(data.status), data.reason) : statusText(data, data && data.status));
  functions.blotterSymbol = ({ data, value }) => (data && data.depth ? `└ ${value}` : value || "");
  functions.blotterSymbolClass = ({ data }) => (data && data.depth ? "blotter-leg" : "blotter-strong");
  functions.blotterTrail = (params) => (params.data && params.data.isPercent ? `${ts.format.number(params.value, 2)} %` : functions.blotterPrice(params));
  functions.blotterCanEditStop = ({ data }) => Boolean(data && data.open && data.isStop);
  functions.blotterCanEditTrail = ({ data }) => Boolean(data && data.open && data.isTrail);
  functions.blotterStatusClass = ({ value }) => (value === "rejected" ? "down" : "");
  functions.blotterLiquidity = ({ value }) => (value === "maker" ? "Maker" : "Taker");
  functions.blotterAmount = ({ data, value }) => amount(data, value);
  functions.blotterIsChosen = ({ data }) => Boolean(data && ts.blotter && ts.blotter.isChosen(data.id));
  functions.blotterIsClosed = ({ data }) => Boolean(data && data.open === false);
  functions.blotterIsHeld = ({ data }) => Boolean(data && data.open && (data.status === "held" || data.status === "accepted"));
  functions.blotterCanEdit = ({ data }) => Boolean(data && data.open);
  functions.blotterCanEditPrice = ({ data }) => Boolean(data && data.open && data.isLimit);

  const WAITS = { trigger: "Waits for its trigger", entry: "Held for its entry", open: "Waits for the open", close: "Waits for the close", session: "Waits for its session" };

  // Reasons that are met often, as short as a narrow column needs them; the tooltip and Why say them whole.
  const BRIEF = {
    "Cancelled on request, without the others of its group.": "Cancelled alone",
    "Cancelled with another order of its group.": "Cancelled with its group",
    "The other exit was filled.": "Cancelled: exit filled",
    "The stop of its group was triggered.": "Cancelled: stop reached",
    "The entry ended without a fill.": "Cancelled: no entry",
    "The position that it was to reduce was closed.": "Cancelled: closed",
    "The position was closed while this order was on its way.": "Cancelled: closed",
  };

  // What the order does now, in words: "Waits for its trigger", "Working, replaced".
  function statusText(row, value) {
    if (!value) return "";
    if (value === "leaving") return "Cancelling…";
    if (row && row.waits) return WAITS[row.waits];
    if (row && !row.open && row.reason && !ts.blotter.isRoomy()) return BRIEF[row.reason] || ts.whyStory.withReason(ts.whyStory.statusText(value), row.reason);
    return ts.whyStory.statusText(value) + (row && row.open && row.isReplaced ? ", replaced" : "");
  }

  // A letter on a cell is a key of the page; only digits begin an edit.
  functions.blotterLeavesKey = ({ event, editing }) => !editing && event.key.length === 1 && !/[0-9.]/.test(event.key);

  // Money with cents, coins and shares with as many digits as they have.
  function amount(row, value) {
    if (!row || value === null || value === undefined) return NONE;
    const known = ts.page.instruments[row.unit];
    return ts.format.signed(value, known ? known.qd : 2);
  }

  let theme = null;
  functions.blotterTheme = (base) => {
    theme = theme || base.withParams({
      backgroundColor: "var(--surface)",
      foregroundColor: "var(--text)",
      textColor: "var(--text)",
      headerTextColor: "var(--muted)",
      headerBackgroundColor: "var(--surface)",
      headerFontWeight: 400,
      headerFontSize: "11px",
      accentColor: "var(--accent)",
      borderColor: "var(--line)",
      borderWidth: 1,
      borderRadius: 0,
      wrapperBorderRadius: 0,
      wrapperBorder: false,
      rowBorder: false,
      columnBorder: false,
      headerRowBorder: true,
      headerColumnResizeHandleColor: "transparent",
      pinnedColumnBorder: false,
      oddRowBackgroundColor: "var(--surface)",
      rowHoverColor: "var(--raised)",
      selectedRowBackgroundColor: "var(--accent-soft)",
      fontFamily: "inherit",
      fontSize: "13px",
      dataFontSize: "13px",
      spacing: "4px",
      cellHorizontalPadding: "6px",
      tooltipBackgroundColor: "var(--raised)",
      tooltipTextColor: "var(--text)",
      tooltipBorder: { color: "var(--line)" },
      menuBackgroundColor: "var(--surface)",
      inputBackgroundColor: "var(--bg)",
      focusShadow: "none",
    });
    return theme;
  };

  function actLabel({ act, side, qty, symbol, isLot }) {
    if (act === "Cancel") return `Cancel ${side} ${qty} ${symbol}`;
    return isLot ? `${act} this lot: ${qty} ${symbol}` : `Close ${symbol}`;
  }

  // The button at a row's end. A class of its own is not needed: one element, one click.
  components.BlotterAct = function BlotterAct({ data }) {
    if (!data || !data.act) return null;
    const isCancel = data.act === "Cancel";
    const label = actLabel(data);
    const onClick = (event) => {
      event.stopPropagation();
      ts.blotterActs.act(data);
    };
    return root.React.createElement("button", { type: "button", className: isCancel ? "blotter-cancel" : "blotter-close", "aria-label": label, title: label, tabIndex: -1, onClick }, isCancel ? "×" : data.act);
  };

  if (typeof module !== "undefined") module.exports = { functions, amount, statusText };
})(typeof window === "undefined" ? globalThis : window);
