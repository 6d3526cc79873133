// The blotter on screen: tabs over grids that are made when first shown; what moves goes straight into the grid.
(function (root) {
  "use strict";
  const ts = (root.tradesim = root.tradesim || {});
  const PANEL = "blotter";
  const TABS = ["positions", "orders", "fills", "lots", "ledger"];
  const TIMES = new Set(["time", "opened", "closed"]);
  const CALM_MS = 200;
  const LEDGER_MS = 400;

  const state = { isRoomy: true, form: "fine", tab: "orders", isAll: true, chosen: null, chosenKind: null, isAsked: new Set(), ledger: { session: null, account: null, last: 0, entries: null, isStale: true } };
  const grids = new Map();
  const rows = new Map(TABS.map((tab) => [tab, new Map()]));
  const ledgerRows = new Map();
  let calmTimer = 0;
  let ledgerTimer = 0;

  const blotter = (ts.blotter = {
    // Has the reason a column of its own?
    isRoomy: () => state.isRoomy,
    isChosen: (id) => id === state.chosen,
    isOurs: (answer) => isOurs(answer),
    chosen: () => (state.chosen === null ? null : { kind: state.chosenKind, id: state.chosen }),
    refresh: () => ts.painter.dirty(PANEL),
    show: (tab) => showTab(tab),
  });

  root.dash_clientside = root.dash_clientside || {};
  root.dash_clientside.tradesim_blotter = {
    on_ledger(answer) {
      if (answer) takeLedger(answer);
      return root.dash_clientside.no_update;
    },
  };
  if (typeof document === "undefined") return;

  const coarse = root.matchMedia("(pointer: coarse)");
  const byId = (id) => document.getElementById(id);
  const dirty = () => ts.painter.dirty(PANEL);
  const desk = () => ts.live.state.desk;
  const lotOf = (symbol) => (ts.page.instruments[symbol] || { lot: 1 }).lot;
  const guardedOpen = (tab) => ts.boundary.guard(PANEL, openGrid)(tab);
  const setProps = (id, props) => root.dash_clientside.set_props(id, props);

  // ---- tabs

  function showTab(tab) {
    state.tab = tab;
    ts.page.store("blotter-tab", tab);
    for (const each of TABS) {
      const button = byId(`blotter-tab-${each}`);
      button.setAttribute("aria-selected", String(each === tab));
      button.tabIndex = each === tab ? 0 : -1;
      byId(`blotter-pane-${each}`).hidden = each !== tab;
    }
    byId("blotter-shown").hidden = tab !== "orders";
    byId("blotter-lots-shown").hidden = tab !== "lots";
    if (!state.isAsked.has(tab)) guardedOpen(tab);
    wantBooked();
    dirty();
  }

  // The server makes the grid; its rows are ours.
  async function openGrid(tab) {
    state.isAsked.add(tab);
    try {
      await ts.grids.load();
    } catch (error) {
      state.isAsked.delete(tab);
      throw error;
    }
    setProps(`blotter-wanted-${tab}`, { data: { at: Date.now() } });
    const api = await ts.grids.made(`blotter-${tab}`);
    grids.set(tab, api);
    api.addEventListener("cellFocused", ts.boundary.guard(PANEL, (event) => onFocused(tab, event)));
    api.addEventListener("cellKeyDown", ts.boundary.guard(PANEL, (event) => onCellKey(tab, event)));
    api.addEventListener("cellDoubleClicked", ts.boundary.guard(PANEL, (event) => onDoubleClick(tab, event)));
    api.addEventListener("cellValueChanged", ts.boundary.guard(PANEL, onEdited));
    api.addEventListener("cellClicked", ts.boundary.guard(PANEL, (event) => onTap(tab, event)));
    rows.set(tab, new Map());
    if (tab === "orders") api.setGridOption("postSortRows", nest);
    if (tab === "positions") api.setGridOption("postSortRows", ({ nodes }) => nodes.sort((one, other) => Number(other.data.open) - Number(one.data.open)));
    if (tab === "lots") ts.blotterLots.showKind(api);
    showRoom();
    api.setGridOption("rowData", []);
    dirty();
  }

  function nest({ nodes }) {
    const byRow = new Map(nodes.map((node) => [node.data, node]));
    const isSorted = grids.get("orders").getColumnState().some(({ sort }) => sort);
    const wanted = ts.blotterRows.nested(nodes.map((node) => node.data), isSorted);
    nodes.splice(0, nodes.length, ...wanted.map((row) => byRow.get(row)));
  }

  // Columns of the orders that a narrow dock does without, with the width from which they are there.
  const ROOMY = [["reason", 1090], ["trail", 1160], ["source", 1230], ["filled", 560], ["avg", 560]];
  const ROW_PX = { compact: 56, touch: 44, fine: 26 };

  const isCompact = () => state.form === "compact";
  const formAt = (width) => (width < ts.blotterCompact.NARROW ? "compact" : coarse.matches ? "touch" : "fine");

  function wideColumns(tab, api, width) {
    const all = api.getColumns().map((column) => column.getColId()).filter((column) => !ts.blotterCompact.isOwn(column));
    const missing = tab === "orders" ? ROOMY.filter(([, least]) => width < least).map(([column]) => column) : [];
    const other = tab === "lots" ? ts.blotterLots.hiddenColumns() : [];
    return all.filter((column) => !missing.includes(column) && !other.includes(column));
  }

  function showRoom() {
    const { clientWidth } = byId(PANEL);
    if (!clientWidth) return;
    const isRoomy = clientWidth >= ROOMY[0][1];
    const isNew = state.isRoomy !== isRoomy;
    state.isRoomy = isRoomy;
    state.form = formAt(clientWidth);
    byId(PANEL).dataset.form = state.form;
    for (const [tab, api] of grids) if (!api.isDestroyed()) fit(tab, api, clientWidth);
    const orders = grids.get("orders");
    if (isNew && orders && !orders.isDestroyed()) orders.refreshCells({ columns: ["status"], force: true });
  }

  function fit(tab, api, width) {
    const columns = api.getColumns().map((column) => column.getColId());
    const { shown, hidden } = ts.blotterCompact.columnsFor(columns, wideColumns(tab, api, width), state.form);
    api.setColumnsVisible(hidden, false);
    api.setColumnsVisible(shown, true);
    if (api.getGridOption("rowHeight") === ROW_PX[state.form]) return;
    api.setGridOption("rowHeight", ROW_PX[state.form]);
    api.setGridOption("headerHeight", isCompact() ? 0 : ROW_PX.fine);
    api.resetRowHeights();
  }

  // ---- rows

  const isStale = (symbol) => ts.sourceChip.of(symbol, "quote").tone === "stale";

  function rowsOf(tab) {
    if (tab === "positions") return ts.blotterRows.dayRows(desk(), isStale);
    if (tab === "orders") return ts.blotterRows.orderRows(desk(), lotOf, ts.blotterActs.leaving, state.isAll);
    if (tab === "fills") return ts.blotterRows.fillRows(desk());
    if (tab === "lots") return ts.blotterLots.rows().map((row) => (row.isLot ? { ...row, isStale: isStale(row.symbol) } : row));
    return [...ledgerRows.values()];
  }

  function paint() {
    ts.blotterActs.forget(desk().orders);
    showCounts();
    const { tab } = state;
    const now = rowsOf(tab);
    const isEmpty = now.length === 0;
    byId(`blotter-empty-${tab}`).hidden = !isEmpty;
    const api = grids.get(tab);
    if (!api || api.isDestroyed()) return;
    const change = ts.blotterRows.difference(rows.get(tab), now);
    if (!ts.blotterRows.isEmpty(change)) api.applyTransaction(change);
    if (tab === "positions") showSums(api, now);
    ts.blotterDetail.paint();
  }

  // Only what changed: a grid draws its foot anew whenever it is given one.
  function showSums(api, now) {
    const sums = ts.blotterRows.sumRows(desk(), now);
    const text = JSON.stringify(sums);
    if (api.sums === text) return;
    api.sums = text;
    api.setGridOption("pinnedBottomRowData", sums);
  }

  function count(tab, value) {
    const place = byId(`blotter-count-${tab}`);
    const text = value ? ts.format.number(value, 0) : "";
    if (place.textContent !== text) place.textContent = text;
  }

  function showCounts() {
    count("positions", desk().positions.filter((position) => Number(position.qty) !== 0).length);
    count("orders", ts.blotterRows.openCount(desk()));
    count("fills", desk().fills.length);
    count("lots", ts.blotterLots.count());
    count("ledger", state.ledger.isStale ? null : state.ledger.entries);
  }

  const isBooked = ({ fills, account }) => Boolean(fills || (account && account.cash !== undefined));

  // Orders and fills are shown at once; marks and places in queues at a calmer pace.
  function calmly() {
    calmTimer = calmTimer || root.setTimeout(() => ((calmTimer = 0), dirty()), CALM_MS);
  }

  function onDesk(_key, message) {
    const data = (message && message.d) || {};
    if (message && message.k === "d" && !data.orders && !isBooked(data)) return calmly();
    if (!message || message.k === "s" || isBooked(data)) booked();
    return dirty();
  }

  // ---- lots and the ledger, which are not in the stream: what was booked since they were read takes their numbers away

  function booked() {
    ledgerMoved();
    ts.blotterLots.forget();
    if (state.tab === "lots" && ts.painter.isShown(PANEL)) ts.blotterLots.soon();
  }

  function ledgerMoved() {
    state.ledger.isStale = true;
    if (state.tab === "ledger" && ts.painter.isShown(PANEL)) ledgerTimer = ledgerTimer || root.setTimeout(wantLedger, LEDGER_MS);
  }

  function wantBooked() {
    if (state.tab === "ledger") wantLedger();
    if (state.tab === "lots") ts.blotterLots.ask();
  }

  function wantLedger() {
    root.clearTimeout(ledgerTimer);
    ledgerTimer = 0;
    if (!state.ledger.isStale) return;
    const { session, account, last } = state.ledger;
    setProps("blotter-ledger-wish", { data: { session, account, after: last, at: Date.now() } });
  }

  // An answer may come when another account is looked at already.
  const isOurs = ({ account }) => !desk().account.id || account === desk().account.id;

  function takeLedger(answer) {
    const known = state.ledger;
    if (!isOurs(answer)) return;
    if (answer.after === 0) ledgerRows.clear();
    for (const row of answer.rows) ledgerRows.set(row.id, { ...row, amount: Number(row.amount) });
    Object.assign(known, { session: answer.session, account: answer.account, last: answer.last, entries: answer.entries, isStale: false });
    dirty();
  }

  // ---- hands

  function onFocused(tab, { api, rowIndex, rowPinned }) {
    const node = rowPinned || rowIndex === null || rowIndex === undefined ? null : api.getDisplayedRowAtIndex(rowIndex);
    if (node && node.data) choose(tab, node.data);
  }

  // The chosen row stays marked when the focus goes elsewhere; what it is about is told to the explanation.
  function choose(tab, row) {
    if (tab === "orders" || tab === "fills") ts.page.emit("why", { kind: tab === "orders" ? "order" : "fill", id: row.id });
    if (state.chosen === row.id) return;
    const before = state.chosen;
    state.chosen = row.id;
    state.chosenKind = { orders: "order", fills: "fill", positions: "position", lots: "lot", ledger: "entry" }[tab];
    for (const id of [before, row.id]) remark(id);
    if (tab === "positions" || tab === "lots") ts.page.choose(row.symbol);
  }

  function remark(id) {
    for (const api of grids.values()) {
      const node = id === null ? null : api.getRowNode(id);
      if (node) node.updateData(node.data);
    }
  }

  function onCellKey(tab, { event, data, colDef }) {
    if (event.key === "Enter" && ts.blotterCompact.isLine(colDef.colId)) return showDetail(tab, data);
    if (event.key === "Enter" && !colDef.field && data.act) {
      event.preventDefault();
      ts.blotterActs.act(data);
    } else if (event.key === "Delete" && data.act === "Cancel") {
      ts.blotterActs.cancel(data);
    }
    return undefined;
  }

  function onDoubleClick(tab, { data, colDef }) {
    if (tab !== "orders" || isCompact() || (data.open && (colDef.field === "qty" || (colDef.field === "limit" && data.isLimit)))) return;
    prefill(data);
  }

  function prefill({ symbol, side, qty, limit }) {
    const { qd, pd } = ts.page.instruments[symbol] || {};
    if (qd === undefined) return;
    ts.page.prefill({ symbol, side, qty: qty.toFixed(qd), price: limit === null ? null : limit.toFixed(pd) });
  }

  function onTap(tab, { data, colDef }) {
    if (data && ts.blotterCompact.isLine(colDef.colId)) showDetail(tab, data);
  }

  // The rest of a row, where the grid has no room for it.
  function showDetail(tab, row) {
    if (row.isSum) return;
    const { deed, name } = ts.blotterCompact.formOf(tab, row);
    const fields = tab === "orders" ? ts.blotterDetail.editable(row, canEdit) : [];
    const api = grids.get(tab);
    const { withRow } = ts.blotterDetail;
    const acts = {
      act: () => withRow(api, row.id, ts.blotterActs.act),
      why: () => ts.page.reveal("why"),
      prefill: tab === "orders" ? () => withRow(api, row.id, prefill) : null,
      change: (texts) => ts.blotterActs.change(row, texts),
    };
    ts.blotterDetail.show({ api, tab, row, title: `${name} ${deed}`.trim(), fields, acts });
  }

  function canEdit(row, field) {
    return field === "qty" || { limit: row.isLimit, stop: row.isStop, trail: row.isTrail }[field];
  }

  function onEdited({ data, colDef, oldValue, newValue }) {
    data[colDef.field] = oldValue;
    remark(data.id);
    if (String(newValue) !== String(oldValue)) ts.blotterActs.change(data, { [colDef.field]: String(newValue ?? "") });
  }

  const openOrders = () => ts.blotterRows.orderRows(desk(), lotOf, ts.blotterActs.leaving, false);

  function cancelChosen() {
    const order = state.chosenKind === "order" && openOrders().find((row) => row.id === state.chosen);
    if (order) ts.blotterActs.cancel(order);
    else ts.page.toast("info", "Choose an open order first: the one in focus in the orders is cancelled.");
  }

  function toggleShown() {
    state.isAll = !state.isAll;
    ts.page.store("blotter-all", state.isAll);
    showShown();
    dirty();
  }

  function showShown() {
    byId("blotter-shown").textContent = state.isAll ? "Open and recent" : "Open only";
    byId("blotter-shown").setAttribute("aria-pressed", String(!state.isAll));
  }

  // Plain numbers and UTC times, for a spreadsheet.
  function exportShown() {
    const api = grids.get(state.tab);
    if (!api || !rows.get(state.tab).size) {
      ts.page.toast("info", "There is nothing to export here yet.");
      return;
    }
    const now = ts.live.marketNow();
    const name = state.tab === "lots" ? ts.blotterLots.name() : state.tab;
    const other = state.tab === "lots" ? ts.blotterLots.hiddenColumns() : [];
    const isMissing = (column) => !column.getColDef().field || other.includes(column.getColId());
    api.exportDataAsCsv({
      skipPinnedBottom: true,
      fileName: ts.blotterRows.fileName(name, ts.format.date(now), ts.format.time(now)),
      columnKeys: api.getColumns().filter((column) => !isMissing(column)).map((column) => column.getColId()),
      processCellCallback: ({ column, value }) => (TIMES.has(column.getColId()) && value ? new Date(value).toISOString() : (value ?? "")),
    });
  }

  function onTabKey(event) {
    const at = TABS.indexOf(state.tab);
    const to = { ArrowRight: (at + 1) % TABS.length, ArrowLeft: (at + TABS.length - 1) % TABS.length, Home: 0, End: TABS.length - 1 }[event.key];
    if (to === undefined) return;
    event.preventDefault();
    showTab(TABS[to]);
    byId(`blotter-tab-${TABS[to]}`).focus();
  }

  function startKeys(acts) {
    const group = { group: "Orders" };
    ts.keys.add("x", "Cancel the chosen order", cancelChosen, group);
    ts.keys.add("shift+x", "Cancel all open orders", acts.cancelAll, group);
    ts.keys.tell("Orders", [["delete", "In the table: cancel the order of the row"]]);
  }

  function start() {
    const guard = (fn) => ts.boundary.guard(PANEL, fn);
    const acts = {
      cancelAll: guard(() => ts.blotterActs.cancelAll(openOrders())),
      flatten: guard(() => ts.blotterActs.flatten(openOrders(), ts.blotterRows.positionRows(desk()))),
    };
    state.isAll = ts.page.stored("blotter-all", true);
    byId("blotter-tabs").addEventListener("click", guard((event) => {
      const button = event.target.closest(".tab");
      if (button) showTab(button.dataset.tab);
    }));
    byId("blotter-tabs").addEventListener("keydown", guard(onTabKey));
    byId("blotter-shown").addEventListener("click", guard(toggleShown));
    byId("blotter-lots-shown").addEventListener("click", guard(() => (ts.blotterLots.toggle(grids.get("lots")), showRoom())));
    byId("blotter-cancel-all").addEventListener("click", acts.cancelAll);
    byId("blotter-flatten").addEventListener("click", acts.flatten);
    byId("blotter-export").addEventListener("click", guard(exportShown));
    startKeys(acts);
    showShown();
    ts.live.on("desk", guard(onDesk));
    for (const kind of ["feeds", "connection"]) ts.live.on(kind, calmly);
    ts.page.onInstruments(guard((_instruments, isOtherMarket) => isOtherMarket && booked()));
    ts.painter.add(PANEL, paint);
    new ResizeObserver(guard(showRoom)).observe(byId(PANEL));
    coarse.addEventListener("change", guard(showRoom));
    ts.painter.onShown((panel, isShown) => panel === PANEL && isShown && wantBooked());
    ts.boundary.onRetry(PANEL, () => showTab(state.tab));
    showTab(TABS.includes(ts.page.stored("blotter-tab", "orders")) ? ts.page.stored("blotter-tab", "orders") : "orders");
  }

  document.addEventListener("DOMContentLoaded", () => ts.page.ready(start));
})(typeof window === "undefined" ? globalThis : window);
