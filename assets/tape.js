// Time and sales: every print, newest on top, in rows that are recycled.
(function (root) {
  "use strict";
  const ts = (root.tradesim = root.tradesim || {});
  const PANEL = "tape";
  const WINDOW_MS = 10_000;
  const BIG = 5;
  const ID = 0;
  const MS = 1;
  const PRICE = 2;
  const QTY = 3;
  const SIDE = 4;

  // Prints newer than `last` that pass the filter, oldest first. Newer means a higher id.
  function fresh(prints, last, minimum) {
    const found = [];
    for (let i = prints.length - 1; i >= 0 && prints[i][ID] > last; i--) if (prints[i][QTY] >= minimum) found.push(prints[i]);
    return found.reverse();
  }

  // The newest `count` prints that pass the filter, oldest first.
  function newest(prints, minimum, count) {
    return fresh(prints, -Infinity, minimum).slice(-count);
  }

  // 1 above the print before it, -1 below, 0 the same or not known.
  function directions(prints) {
    const ticks = new Map();
    for (let i = 1; i < prints.length; i++) ticks.set(prints[i][ID], Math.sign(prints[i][PRICE] - prints[i - 1][PRICE]));
    return ticks;
  }

  // From how many lots a print is big: five times the median of what was seen.
  function bigFrom(prints) {
    if (prints.length < 10) return Infinity;
    const sizes = prints.map((print) => print[QTY]).sort((a, b) => a - b);
    return Math.max(2, sizes[Math.floor(sizes.length / 2)] * BIG);
  }

  // Prints and lots a second of market time over the window before `now`; the tape may begin inside it.
  function rate(prints, now, windowMs) {
    const begin = now - windowMs;
    let count = 0;
    let lots = 0;
    let i = prints.length - 1;
    for (; i >= 0 && prints[i][MS] > begin; i--) {
      count += 1;
      lots += prints[i][QTY];
    }
    const reached = i < 0 && prints.length >= FULL ? now - prints[0][MS] : windowMs;
    const seconds = Math.max(reached, 1) / 1000;
    return { count: count / seconds, lots: lots / seconds };
  }

  const FULL = 200;

  // What tells one of our fills on the tape: time, price, size. `lot` is the instrument's lot size.
  function fillKeys(fills, symbol, lot) {
    const keys = new Set();
    for (const fill of fills) {
      if (fill.symbol === symbol) keys.add(keyOf(fill.at, fill.ticks, Math.round(Number(fill.qty) / lot)));
    }
    return keys;
  }

  function keyOf(ms, price, lots) {
    return `${Math.floor(ms)}|${price}|${lots}`;
  }

  function isOwn(print, keys) {
    return keys.size > 0 && keys.has(keyOf(print[MS], print[PRICE], print[QTY]));
  }

  // A smallest size typed by a person, in lots; 0 for none, null for what is not a number.
  function minimumLots(text, lot) {
    const value = Number(String(text).replace(/[,\s]/g, "") || "0");
    return Number.isFinite(value) && value >= 0 ? Math.ceil(value / lot - 1e-9) : null;
  }

  // A quantity a second in few signs, small ones with their decimals.
  function volumeText(value) {
    if (value >= 1000) return ts.format.compact(value);
    return value >= 10 || value === 0 ? String(Math.round(value)) : value.toFixed(value >= 1 ? 1 : 3);
  }

  function perSecond(value) {
    return value >= 10 ? String(Math.round(value)) : value.toFixed(1);
  }

  ts.tape = { fresh, newest, directions, bigFrom, rate, fillKeys, isOwn, minimumLots, perSecond, volumeText };
  if (typeof module !== "undefined") module.exports = ts.tape;
  if (typeof document === "undefined") return;

  const view = { symbol: null, last: -Infinity, minimum: 0, isPaused: false, waiting: 0, isStale: true };
  const dom = { rows: [], first: 0, rate: "", phase: "" };
  let ratedAt = 0;

  const $ = (id) => document.getElementById(`tape-${id}`);
  const state = () => ts.live.state;
  const dirty = () => ts.painter.dirty(PANEL);
  const prints = () => state().tape[view.symbol] || [];
  const instrument = () => ts.page.instruments[view.symbol];

  function buildRow() {
    const element = document.createElement("div");
    element.className = "tape-row";
    element.setAttribute("role", "row");
    const row = { element, flags: "tape-row", cells: {} };
    for (const name of ["time", "price", "size", "side"]) row.cells[name] = buildCell(element, name);
    return row;
  }

  function buildCell(row, name) {
    const cell = document.createElement("span");
    cell.className = `tape-cell is-${name}`;
    cell.setAttribute("role", "cell");
    const text = document.createTextNode("");
    cell.append(text);
    row.append(cell);
    return { text, shown: "" };
  }

  function buildRows() {
    const count = Math.max(1, Math.ceil($("rows").clientHeight / dom.rowHeight) || 40);
    dom.rows = Array.from({ length: count }, buildRow);
    dom.first = 0;
    $("rows").replaceChildren(...dom.rows.map((row) => row.element));
    view.isStale = true;
  }

  function write(cell, text) {
    if (cell.shown !== text) cell.text.data = cell.shown = text;
  }

  const SIGN = { 1: "▲", 0: "·", "-1": "▼" };
  const TICK = { 1: "+", 0: " ", "-1": "−" };

  function writeRow(row, print, context) {
    const side = print[SIDE];
    const direction = context.ticks.get(print[ID]) || 0;
    const own = isOwn(print, context.own);
    write(row.cells.time, ts.format.time(print[MS], true));
    write(row.cells.price, `${ts.format.price(print[PRICE], view.symbol)} ${TICK[direction]}`);
    write(row.cells.size, ts.format.size(print[QTY], view.symbol));
    write(row.cells.side, own ? `● ${SIGN[side]}` : SIGN[side]);
    const color = side > 0 ? " is-up" : side < 0 ? " is-down" : "";
    const flags = `tape-row${color}${print[QTY] >= context.big ? " is-big" : ""}${own ? " is-own" : ""}`;
    if (row.flags !== flags) row.element.className = row.flags = flags;
  }

  function clearRow(row) {
    for (const cell of Object.values(row.cells)) write(cell, "");
    if (row.flags !== "tape-row") row.element.className = row.flags = "tape-row";
  }

  // The last row becomes the first: one node moves, one row is written.
  function push(print, context) {
    dom.first = (dom.first + dom.rows.length - 1) % dom.rows.length;
    const row = dom.rows[dom.first];
    writeRow(row, print, context);
    $("rows").prepend(row.element);
  }

  function contextOf(all) {
    const { lot } = instrument() || { lot: 1 };
    const fills = (state().desk && state().desk.fills) || [];
    return { ticks: directions(all), big: bigFrom(all), own: fillKeys(fills.slice(-200), view.symbol, lot) };
  }

  function repaintAll(all) {
    const shown = newest(all, view.minimum, dom.rows.length).reverse();
    const context = contextOf(all);
    dom.rows.forEach((_, i) => {
      const row = dom.rows[(dom.first + i) % dom.rows.length];
      if (shown[i]) writeRow(row, shown[i], context);
      else clearRow(row);
    });
    view.isStale = false;
    view.last = all.length ? all[all.length - 1][ID] : -Infinity;
  }

  function pushFresh(all) {
    const found = fresh(all, view.last, view.minimum);
    if (found.length > dom.rows.length) return repaintAll(all);
    view.last = all[all.length - 1][ID];
    if (!found.length) return undefined;
    const context = contextOf(all);
    for (const print of found) push(print, context);
    return undefined;
  }

  function paint() {
    if (!dom.rows.length || !ts.live) return;
    if (view.symbol !== ts.page.symbol) adopt(ts.page.symbol);
    const all = prints();
    showCondition(all);
    showRate(all);
    if (view.isPaused && !view.isStale) return showPaused(all);
    showPaused(null);
    if (view.isStale || isRestarted(all)) repaintAll(all);
    else if (all.length) pushFresh(all);
  }

  // After a seek or a new market the ids begin anew.
  function isRestarted(all) {
    return all.length > 0 && all[all.length - 1][ID] < view.last;
  }

  function adopt(symbol) {
    Object.assign(view, { symbol, last: -Infinity, isStale: true });
    const input = $("minimum-input");
    input.value = ts.page.stored(`tape.minimum.${symbol}`, "");
    takeMinimum(input.value);
  }

  function showPaused(all) {
    const count = all ? fresh(all, view.last, view.minimum).length : 0;
    const text = all ? (count ? `Paused · ${count >= FULL ? "200 or more" : count} new` : "Paused") : "";
    if (dom.paused === text) return;
    dom.paused = text;
    $("paused").hidden = !text;
    $("paused").textContent = text;
  }

  function conditionOf(all) {
    const connection = state().connection.state;
    if (!all.length && connection !== "live") return ["loading", "Connecting to the desk…"];
    if (!all.length) return ["empty", `Nothing of ${view.symbol} has traded yet. Prints appear here as they happen.`];
    if (connection !== "live") return ["stale", `${ts.book.lost(connection)} · tape of ${ts.freshness.text()} ago`];
    if (!newest(all, view.minimum, 1).length) return ["empty", "No print passes the size filter yet."];
    return ["live", ""];
  }

  function showCondition(all) {
    const [phase, text] = conditionOf(all);
    if (phase === "stale") root.setTimeout(dirty, 500);
    if (dom.phase === phase && dom.text === text) return;
    Object.assign(dom, { phase, text });
    $("table").dataset.phase = phase;
    $("condition").hidden = phase === "live";
    $("condition").textContent = text;
  }

  function showRate(all) {
    if (root.performance.now() - ratedAt < 250) return;
    ratedAt = root.performance.now();
    const { count, lots } = rate(all, ts.live.marketNow(), WINDOW_MS);
    const { lot } = instrument() || { lot: 1 };
    const text = `${perSecond(count)}/s · ${volumeText(lots * lot)}/s`;
    if (dom.rate === text) return;
    dom.rate = text;
    $("rate").textContent = text;
  }

  function takeMinimum(text) {
    const { lot } = instrument() || { lot: 1 };
    const lots = minimumLots(text, lot);
    $("minimum-input").setAttribute("aria-invalid", String(lots === null));
    if (lots === null) return;
    view.minimum = lots;
    view.isStale = true;
    ts.page.store(`tape.minimum.${view.symbol}`, text || null);
    dirty();
  }

  function buildMinimum() {
    const input = document.createElement("input");
    Object.assign(input, { id: "tape-minimum-input", type: "text", inputMode: "decimal", placeholder: "any", autocomplete: "off" });
    input.addEventListener("input", () => takeMinimum(input.value));
    $("minimum").replaceChildren(input);
  }

  function fit() {
    dom.rowHeight = dom.rows[0] ? dom.rows[0].element.offsetHeight || 20 : 20;
    const count = Math.max(1, Math.ceil($("rows").clientHeight / dom.rowHeight));
    if (count === dom.rows.length) return;
    buildRows();
    dirty();
  }

  function want() {
    const { symbol } = ts.page;
    ts.live.want(PANEL, symbol && ts.painter.isShown(PANEL) ? ["status", "desk", `tape:${symbol}`] : []);
  }

  function pause(isPaused) {
    view.isPaused = isPaused;
    dirty();
  }

  function listen() {
    const onSymbol = () => {
      want();
      dirty();
    };
    ts.live.on("tape", (symbol, message) => {
      if (message && message.k === "s") view.isStale = true;
      dirty();
    });
    ts.live.on("desk", (_key, message) => {
      if (!message || !message.d || message.d.fills) view.isStale = true;
      dirty();
    });
    ts.live.on("connection", dirty);
    ts.page.onSymbol(onSymbol);
    ts.page.onInstruments(() => {
      view.symbol = null;
      onSymbol();
    });
    ts.painter.onShown((panel) => panel === PANEL && want());
    root.setInterval(() => ts.painter.isShown(PANEL) && document.visibilityState === "visible" && dirty(), 1000);
    $("rows").addEventListener("pointerenter", (event) => event.pointerType !== "touch" && pause(true));
    $("rows").addEventListener("pointerleave", () => pause(false));
  }

  function watchFailure() {
    const look = () => {
      const isFailed = ts.boundary.isFailed(PANEL);
      root.dash_clientside.set_props("tape-fallback-timer", { disabled: !isFailed });
      $("fallback").hidden = !isFailed;
    };
    new MutationObserver(look).observe(document.getElementById(PANEL), { attributes: true, attributeFilter: ["class"] });
    ts.boundary.onRetry(PANEL, () => {
      buildRows();
      view.symbol = null;
    });
  }

  function start() {
    buildMinimum();
    dom.rowHeight = 20;
    buildRows();
    fit();
    listen();
    watchFailure();
    new ResizeObserver(ts.boundary.guard(PANEL, fit)).observe($("rows"));
    ts.painter.add(PANEL, paint);
    want();
  }

  document.addEventListener("DOMContentLoaded", () => ts.page.ready(start));
})(typeof window === "undefined" ? globalThis : window);
