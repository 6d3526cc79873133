// The blotter's tax lots: rows that the server tells when they are looked at, valued at the marks of the stream.
(function (root) {
  "use strict";
  const ts = (root.tradesim = root.tradesim || {});
  const DAY_MS = 86_400_000;
  const CALM_MS = 400;
  // Columns of the one kind of lots alone.
  const OF_OPEN = ["cost", "mark", "upl", "act"];
  const OF_CLOSED = ["exit", "rpl", "closed"];
  const lots = { account: null, isClosed: false, count: null, rows: [], timer: 0 };

  // A product of decimals, without the dust.
  const clean = (value) => Math.round(value * 1e6) / 1e6;
  const days = (from, until) => Math.max(0, Math.round(((until - from) / DAY_MS) * 1000) / 1000);

  // An open lot at the present mark of its symbol, or at the one that it came with.
  function openRow(row, mark, now) {
    const price = mark === null ? row.mark : mark;
    const upl = price === null ? null : clean((price - row.price) * row.qty * (row.side === "Long" ? 1 : -1));
    return { ...row, mark: price, upl, days: days(row.opened, now), act: row.side === "Long" ? "Sell" : "Buy", isLot: true };
  }

  const closedRow = (row) => ({ ...row, days: days(row.opened, row.closed) });

  function rowsOf({ isClosed, rows }, positions, now) {
    if (isClosed) return rows.map(closedRow);
    const marks = new Map(positions.map(({ symbol, mark }) => [symbol, mark === null || mark === undefined ? null : Number(mark)]));
    return rows.map((row) => openRow(row, marks.has(row.symbol) ? marks.get(row.symbol) : null, now));
  }

  // The order that closes this lot and no other.
  function closing(row) {
    return { do: "submit", symbol: row.symbol, side: row.side === "Long" ? "sell" : "buy", type: "market", tif: "day", qty: row.size, lots: [row.id], reduce_only: true, source: "blotter" };
  }

  const words = { openRow, closedRow, rowsOf, closing, columnsWithout: (isClosed) => (isClosed ? OF_OPEN : OF_CLOSED) };
  if (typeof module !== "undefined") module.exports = words;
  if (typeof document === "undefined") return;

  const shownButton = () => document.getElementById("blotter-lots-shown");

  function ask() {
    root.clearTimeout(lots.timer);
    lots.timer = 0;
    root.dash_clientside.set_props("blotter-lots-wish", { data: { is_closed: lots.isClosed, at: Date.now() } });
  }

  function take(answer) {
    if (answer.is_closed !== lots.isClosed || !ts.blotter.isOurs(answer)) return;
    Object.assign(lots, { account: answer.account, count: answer.count, rows: answer.rows });
    ts.blotter.refresh();
  }

  root.dash_clientside = root.dash_clientside || {};
  root.dash_clientside.tradesim_blotter_lots = {
    on_lots(answer) {
      if (answer) ts.boundary.guard("blotter", take)(answer);
      return root.dash_clientside.no_update;
    },
  };

  function showKind(api) {
    shownButton().textContent = lots.isClosed ? "Closed lots" : "Open lots";
    shownButton().setAttribute("aria-pressed", String(lots.isClosed));
    if (!api || api.isDestroyed()) return;
    const state = [lots.isClosed ? { colId: "closed", sort: "desc" } : { colId: "symbol", sort: "asc" }];
    api.applyColumnState({ state, defaultState: { sort: null } });
  }

  function toggle(api) {
    Object.assign(lots, { isClosed: !lots.isClosed, rows: [] });
    showKind(api);
    ask();
    ts.blotter.refresh();
  }

  ts.blotterLots = {
    ...words,
    ask,
    showKind,
    hiddenColumns: () => words.columnsWithout(lots.isClosed),
    toggle,
    soon: () => (lots.timer = lots.timer || root.setTimeout(ask, CALM_MS)),
    rows: () => rowsOf(lots, ts.live.state.desk.positions, ts.live.marketNow()),
    count: () => lots.count,
    forget: () => (lots.count = null),
    name: () => (lots.isClosed ? "closed-lots" : "lots"),
  };
})(typeof window === "undefined" ? globalThis : window);
