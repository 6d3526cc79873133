// The journal on screen: filters over a table of round trips, the chosen one beside it; open ones move with the market.
(function (root) {
  "use strict";
  const ts = (root.tradesim = root.tradesim || {});
  const PANEL = "journal";
  const FILTERS = { symbol: "journal-symbol", side: "journal-side", result: "journal-result", tag: "journal-tag", since: "journal-since", until: "journal-until" };
  const CALM_MS = 500;

  const state = { isToFind: false, account: null, rows: new Map(), filters: {}, chosen: null, wished: null, api: null, shown: new Map(), isGridAsked: false, calm: 0 };

  ts.journal = {
    isChosen: (id) => id === state.chosen,
    chosen: () => state.chosen,
    // Opens the view with this trip; one that is not in the list yet is chosen when it comes.
    open(id) {
      state.wished = id;
      ts.views.go(PANEL);
      takeWish();
    },
    noted(id, words) {
      const row = state.rows.get(id);
      if (!row) return;
      const { setup } = ts.journalRows.apart(words.tags);
      const own = row.tag.startsWith(ts.journalRows.SETUP) ? row.tag.slice(ts.journalRows.SETUP.length).trim() : "";
      state.rows.set(id, { ...row, ...words, setup: setup || own });
      offer();
      dirty();
    },
  };

  root.dash_clientside = root.dash_clientside || {};
  root.dash_clientside.tradesim_journal = {
    is_closed: (view) => view !== PANEL,
    on_rows(answer) {
      if (answer) ts.boundary.guard(PANEL, take)(answer);
      return root.dash_clientside.no_update;
    },
  };
  if (typeof document === "undefined") return;

  const byId = (id) => document.getElementById(id);
  const dirty = () => ts.painter.dirty(PANEL);
  const setProps = (id, props) => root.dash_clientside.set_props(id, props);
  const isOpenView = () => ts.views.open === PANEL;

  // ---- rows

  function take({ account, rows }) {
    if (account !== state.account) {
      state.account = account;
      choose(null);
    }
    state.rows = new Map(rows.map((row) => [row.id, row]));
    offer();
    takeWish();
    if (state.chosen) tellNote();
    dirty();
  }

  function takeWish() {
    if (!state.wished || !state.rows.has(state.wished)) return;
    const id = state.wished;
    state.wished = null;
    if (!ts.journalRows.matches(state.rows.get(id), state.filters, ts.format.date)) clear();
    choose(id);
    ts.painter.dirty(PANEL);
  }

  // The mark of what is open, where the stream tells of this account.
  function marks() {
    const { desk } = ts.live.state;
    if (desk.account.id !== state.account) return new Map();
    return new Map(desk.positions.map((position) => [position.symbol, position.mark]));
  }

  function shownRows() {
    const now = ts.live.marketNow();
    const at = marks();
    const rows = [];
    for (const row of state.rows.values()) {
      if (ts.journalRows.matches(row, state.filters, ts.format.date)) rows.push(ts.journalRows.atMark(row, at.get(row.symbol), now));
    }
    return rows;
  }

  function paint() {
    const rows = shownRows();
    const total = state.rows.size;
    byId("journal-empty").hidden = state.account === null || total > 0;
    byId("journal-count").textContent = total ? (rows.length === total ? "" : `${rows.length} of `) + ts.format.counted(total, "trade") : "";
    byId("journal-clear").hidden = !ts.journalRows.isFiltered(state.filters);
    byId("journal-place").classList.toggle("is-empty", total === 0);
    if (!state.api || state.api.isDestroyed()) return;
    const change = ts.blotterRows.difference(state.shown, rows);
    if (!ts.blotterRows.isEmpty(change)) state.api.applyTransaction(change);
    if (state.isToFind) find();
  }

  // Brings the chosen trip into sight.
  function find() {
    const node = state.chosen && state.api.getRowNode(state.chosen);
    if (!node) return;
    state.isToFind = false;
    state.api.ensureNodeVisible(node);
  }

  async function openGrid() {
    if (state.isGridAsked) return;
    state.isGridAsked = true;
    try {
      await ts.grids.load();
    } catch (error) {
      state.isGridAsked = false;
      throw error;
    }
    setProps("journal-wanted", { data: { at: Date.now() } });
    const api = await ts.grids.made("journal-grid");
    state.api = api;
    state.shown = new Map();
    api.addEventListener("cellFocused", ts.boundary.guard(PANEL, onFocused));
    api.addEventListener("cellClicked", ts.boundary.guard(PANEL, ({ data }) => data && choose(data.id)));
    api.setGridOption("rowData", []);
    fit();
    dirty();
  }

  // What has no room in the table is said of the chosen trade.
  function fit() {
    const room = byId("journal-list").clientWidth;
    if (!room || !state.api || state.api.isDestroyed()) return;
    const isNarrow = ts.page.isNarrow() && root.innerWidth < 600;
    const columns = state.api.getColumns().map((column) => [column.getColId(), column.getMinWidth()]);
    const { shown, hidden } = ts.journalRows.columnsFor(columns, room);
    state.api.setColumnsVisible(hidden, false);
    state.api.setColumnsVisible(shown, true);
    state.api.setGridOption("rowHeight", root.matchMedia("(pointer: coarse)").matches || isNarrow ? 44 : 28);
    state.api.resetRowHeights();
  }

  function onFocused({ api, rowIndex }) {
    const node = rowIndex === null || rowIndex === undefined ? null : api.getDisplayedRowAtIndex(rowIndex);
    if (node && node.data && !ts.page.isNarrow()) choose(node.data.id);
  }

  // ---- the chosen trip

  function choose(id) {
    const before = state.chosen;
    const isSheet = id !== null && ts.page.isNarrow();
    byId("journal-detail").classList.toggle("is-open", id !== null);
    if (id === before) return;
    state.chosen = id;
    for (const each of [before, id]) remark(each);
    byId("journal-nothing").hidden = id !== null;
    byId("journal-about").hidden = id === null;
    const row = id === null ? null : state.rows.get(id);
    setProps("journal-chosen", { data: row ? { id, open: ts.journalRows.isOpen(row) } : null });
    if (!row) return ts.journalNote.hide();
    byId("journal-detail").scrollTop = 0;
    tellNote();
    state.isToFind = true;
    dirty();
    if (isSheet) byId("journal-detail").focus({ preventScroll: true });
  }

  function tellNote() {
    const row = state.rows.get(state.chosen);
    if (!row) return;
    ts.journalNote.show(state.account, row);
    setProps("journal-chosen", { data: { id: row.id, open: ts.journalRows.isOpen(row), seen: row.exitAt } });
  }

  function remark(id) {
    const node = id === null || !state.api ? null : state.api.getRowNode(id);
    if (node) node.updateData(node.data);
  }

  function step(by) {
    if (!state.api) return false;
    const now = state.chosen && state.api.getRowNode(state.chosen);
    const at = now && now.rowIndex !== null ? now.rowIndex + by : 0;
    const node = state.api.getDisplayedRowAtIndex(at);
    if (!node) return false;
    choose(node.data.id);
    return true;
  }

  function back() {
    const detail = byId("journal-detail");
    if (!ts.page.isNarrow() || !detail.classList.contains("is-open")) return false;
    detail.classList.remove("is-open");
    const chosen = state.chosen;
    choose(null);
    const node = state.api && state.api.getRowNode(chosen);
    if (node && node.rowIndex !== null) state.api.setFocusedCell(node.rowIndex, "symbol");
    return true;
  }

  // ---- filters

  function offer() {
    const found = ts.journalRows.offered([...state.rows.values()]);
    options("symbol", found.symbols.map((symbol) => [symbol, symbol]));
    options("tag", [...found.setups.map((setup) => [ts.journalRows.SETUP + setup, `Setup: ${setup}`]), ...found.tags.map((tag) => [tag, tag])]);
    ts.journalNote.offer(found);
  }

  function options(name, wanted) {
    const field = byId(FILTERS[name]);
    const text = JSON.stringify(wanted);
    if (field.dataset.options === text) return;
    field.dataset.options = text;
    field.replaceChildren(field.options[0], ...wanted.map(([value, words]) => ts.dom.element("option", { value }, words)));
    field.value = state.filters[name] || "";
    if (field.selectedIndex < 0) field.value = state.filters[name] = "";
  }

  function sift() {
    for (const [name, id] of Object.entries(FILTERS)) state.filters[name] = byId(id).value;
    dirty();
  }

  function clear() {
    for (const id of Object.values(FILTERS)) byId(id).value = "";
    sift();
  }

  // ---- hearing

  function onDesk(_key, message) {
    if (!isOpenView()) return;
    const data = (message && message.d) || {};
    if (message && message.k === "d" && data.fills) setProps("journal-wish", { data: { at: Date.now() } });
    state.calm = state.calm || root.setTimeout(() => ((state.calm = 0), dirty()), CALM_MS);
  }

  function onView(name) {
    if (name === PANEL) ts.boundary.guard(PANEL, openGrid)();
  }

  function makeFields() {
    for (const place of document.querySelectorAll("#journal [data-input]")) {
      const { input, label, type, most, list, hint } = place.dataset;
      const attributes = { id: input, type, "aria-label": label, maxlength: most, list, placeholder: hint, "data-hint": hint, autocomplete: "off" };
      place.replaceChildren(ts.dom.element("input", attributes));
    }
  }

  function startKeys() {
    const when = isOpenView;
    const group = { group: "Journal", when };
    ts.keys.add("up", "The trade before", () => step(-1), group);
    ts.keys.add("down", "The next trade", () => step(1), group);
    ts.keys.tell("Journal", [["ctrl+enter", "In a note: save it"]]);
    ts.keys.add("n", "Write a note", () => (state.chosen ? (byId("journal-note").focus(), true) : false), group);
    ts.keys.add("esc", "", () => leaveField() || back(), { when, typing: true, hidden: true });
  }

  function leaveField() {
    const field = document.activeElement;
    if (!field || !field.closest("#journal-words") || !field.matches("input, textarea")) return false;
    field.blur();
    byId("journal-detail").focus({ preventScroll: true });
    return true;
  }

  function start() {
    const guard = (fn) => ts.boundary.guard(PANEL, fn);
    makeFields();
    ts.journalNote.start();
    for (const id of Object.values(FILTERS)) byId(id).addEventListener("change", guard(sift));
    byId("journal-clear").addEventListener("click", guard(clear));
    byId("journal-grip").addEventListener("click", guard(back));
    startKeys();
    ts.live.on("desk", guard(onDesk));
    ts.painter.add(PANEL, paint);
    ts.views.on(onView);
    onView(ts.views.open);
    new ResizeObserver(guard(fit)).observe(byId("journal-list"));
    root.matchMedia("(pointer: coarse)").addEventListener("change", guard(fit));
    ts.boundary.onRetry(PANEL, () => {
      setProps("journal-digest", { data: null });
      setProps("journal-wish", { data: { at: Date.now() } });
      openGrid();
    });
  }

  document.addEventListener("DOMContentLoaded", () => ts.page.ready(start));
})(typeof window === "undefined" ? globalThis : window);
