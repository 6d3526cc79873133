// The ladder on screen: its window on the prices, when it moves, what it listens to. Rows are written in
// ladder_cells.js, orders sent in ladder_orders.js, hands read in ladder_hands.js, and ladder_rows.js decides what is shown.
(function (root) {
  "use strict";
  const ts = (root.tradesim = root.tradesim || {});
  const PANEL = "ladder";
  // Gestures that the list of keys tells of; the ladder itself hears them.
  const HELP = [
    ["up down", "The cursor one price on; Page ↑ and Page ↓ ten"],
    ["b s", "Buy, sell at the cursor"],
    ["x", "Cancel own orders at the cursor"],
    ["click", "Buy in the bids, sell in the asks: a limit order at that price"],
    ["shift+click", "A stop order at that price instead"],
    ["shift+b", "Buy on a stop at the ladder's cursor"],
    ["shift+s", "Sell on a stop at the ladder's cursor"],
  ];
  const ROOMY = 440;
  if (typeof document === "undefined") return;

  // What the ladder's files share: the window on the prices, the hand over it, and what is on the screen.
  const at = (ts.ladder = ts.ladder || {});
  const view = { step: 1, isAuto: true, isLevels: false, top: null, offset: 0, cursor: null, scale: 0, symbol: null, movedAt: 0 };
  const hand = { isInside: false, leftAt: 0, row: null, column: null, drag: null };
  const volume = { last: -1, at: new Map(), isShown: false };
  const flash = { price: null, side: 0 };
  const texts = { qty: new Map(), price: new Map() };
  const dom = { rows: [], seen: 41 };

  const $ = (id) => document.getElementById(`ladder-${id}`);
  const instrument = () => ts.page.instruments[ts.page.symbol];
  const dirty = () => ts.painter.dirty(PANEL);
  const state = () => ts.live.state;
  const now = () => root.performance.now();

  // The window: it follows the touch unless somebody is aiming.
  function mayMove() {
    if (hand.drag || view.cursor !== null) return false;
    return !hand.isInside && now() - hand.leftAt > at.CENTRE_AFTER_MS;
  }

  function centreOf(book) {
    return Math.ceil(ts.book.mid(book));
  }

  function centre(book) {
    view.offset = 0;
    const top = ts.ladderRows.topFor(centreOf(book), view.step, dom.rows.length);
    if (top !== view.top) view.movedAt = now();
    view.top = top;
  }

  function follow(book) {
    if (view.isAuto && (view.top === null || mayMove())) fitStep(ts.book.spread(book));
    if (view.top === null) return centre(book);
    const isAway = view.isLevels ? view.offset !== 0 : strays(book);
    dom.isAway = isAway;
    if (isAway && mayMove()) {
      centre(book);
      dom.isAway = false;
    }
    return undefined;
  }

  function fitStep(spread) {
    const step = ts.ladderRows.autoStep(view.top === null ? null : view.step, spread || 1);
    if (step === view.step) return;
    Object.assign(view, { step, top: null, scale: 0 });
  }

  function strays(book) {
    return ts.ladderRows.strays(centreOf(book), view.top, view.step, dom.rows.length, dom.seen);
  }

  function pricesFor(book, own) {
    if (!view.isLevels) return ts.ladderRows.tickPrices(view.top, view.step, dom.rows.length);
    const pricesOf = (side) => own.filter((order) => order.side === side).map((order) => order.price);
    return ts.ladderRows.levelPrices({ b: book.b, a: book.a, ownBuy: pricesOf("buy"), ownSell: pricesOf("sell") }, dom.rows.length, view.offset);
  }

  function lastTrade(bids) {
    const market = state().market[view.symbol] || {};
    const tape = state().tape[view.symbol];
    const print = tape && tape[tape.length - 1];
    const side = print && print[2] === market.l ? print[4] : 0;
    dom.lastSide = side;
    if (market.l == null) return { price: null, text: "", volume: NO_VOLUME };
    const sign = side > 0 ? "▲\u2009" : side < 0 ? "▼\u2009" : "";
    const price = ts.ladderRows.rowOfTrade(market.l, view.step, bids.length ? bids[0][0] : null);
    return { price, text: market.ls ? sign + at.qtyText(market.ls) : "", volume: NO_VOLUME };
  }

  const NO_VOLUME = new Map();

  function paint() {
    if (!dom.rows.length || !ts.live) return;
    adopt(ts.page.symbol);
    const condition = ts.book.condition(state(), view.symbol, { market: ts.live.marketNow(), age: ts.freshness.age() });
    showCondition(condition);
    if (condition.phase === "loading" || condition.phase === "empty") return;
    const book = state().book[view.symbol];
    follow(book);
    paintRows(book);
    showSpread(book);
    at.nameCursor();
    at.showHint();
  }

  function paintRows(book) {
    const bids = ts.book.groupLevels(book.b, view.step, "buy");
    const asks = ts.book.groupLevels(book.a, view.step, "sell");
    const own = ts.book.ownOrders(state().desk, view.symbol, dom.lot);
    const last = lastTrade(bids);
    const models = ts.ladderRows.rowsOf(pricesFor(book, own), bids, asks, ts.ladderRows.ownByPrice(own, view.step), last.price);
    view.scale = ts.ladderRows.barScale(view.scale, ts.ladderRows.largest(inSight(models)));
    if (volume.isShown) measureVolume(last, models);
    for (let i = 0; i < models.length; i++) at.writeRow(dom.rows[i], models[i], last);
    if (flash.price !== null) showFlash(last.price);
  }

  function inSight(models) {
    const out = Math.max(0, Math.floor((models.length - dom.seen) / 2));
    return models.slice(out, models.length - out);
  }

  function measureVolume(last, models) {
    last.volume = ts.ladderRows.volumeByRow(volume, view.step);
    dom.mostVolume = inSight(models).reduce((most, model) => Math.max(most, last.volume.get(model.price) || 0), 0);
  }

  function showFlash(price) {
    const row = dom.rows.find((candidate) => candidate.price === price);
    if (row && !ts.page.prefersLessMotion()) {
      const color = ts.page.color(flash.side < 0 ? "down-soft" : flash.side > 0 ? "up-soft" : "accent-soft");
      row.cells.price.element.animate([{ backgroundColor: color }, { backgroundColor: "transparent" }], 120);
    }
    flash.price = null;
  }

  // Another symbol is another book: nothing of the old one may stay on the rows.
  function adopt(symbol) {
    if (view.symbol === symbol) return;
    Object.assign(view, { symbol, top: null, offset: 0, cursor: null, scale: 0 });
    Object.assign(volume, { last: -1, at: new Map() });
    texts.qty.clear();
    texts.price.clear();
    const { lot } = instrument() || { lot: 1 };
    dom.lot = lot;
    const tape = state().tape[symbol];
    if (tape) ts.ladderRows.addPrints(volume, tape);
    measurePrices();
    at.buildSizes();
  }

  function measurePrices() {
    const book = state().book[view.symbol];
    const widest = book && book.a.length ? at.priceText(book.a[book.a.length - 1][0]).length : 7;
    $("grid").style.setProperty("--price-width", `${Math.max(6, widest) + 2}ch`);
  }

  function showCondition({ phase, text }) {
    const grid = $("grid");
    if (dom.phase === phase && dom.phaseText === text && phase !== "stale") return;
    if (dom.phase !== phase && phase === "live") measurePrices();
    Object.assign(dom, { phase, phaseText: text });
    grid.dataset.phase = phase;
    const line = $("condition");
    line.hidden = phase === "live";
    line.textContent = text;
    if (phase === "stale") root.setTimeout(dirty, 500);
    if (phase === "loading" || phase === "empty") writeSpread("Spread –");
  }

  function showSpread(book) {
    const spread = ts.book.spread(book);
    const market = state().market[view.symbol] || {};
    const auto = view.isAuto && view.step > 1 ? `Auto (${view.step})` : "Auto";
    if (dom.auto !== auto) $("step").options[0].textContent = dom.auto = auto;
    showAuction(market.ia);
    const text = market.ht ? "Halted" : spread === null ? "One side only" : `Spread ${at.priceText(spread)}`;
    writeSpread(text, Boolean(market.ht));
  }

  function writeSpread(text, isWarning = false) {
    if (dom.spread === text) return;
    dom.spread = text;
    $("spread").textContent = text;
    $("spread").classList.toggle("is-warn", isWarning);
  }

  // While orders are collected for an auction: where it would trade, how much is paired, what would be left over.
  function showAuction(found) {
    const text = found ? ts.ladderRows.auctionText(found, at.priceText, at.qtyText) : "";
    if (dom.auction === text) return;
    dom.auction = text;
    $("auction").textContent = text;
    $("auction").hidden = !text;
  }

  // Wiring.
  function want() {
    const { symbol } = ts.page;
    const isShown = ts.painter.isShown(PANEL);
    ts.live.want(PANEL, symbol && isShown ? ["status", "market", "desk", `book:${symbol}`, `tape:${symbol}`] : []);
  }

  function onTape(symbol) {
    const tape = state().tape[symbol];
    if (symbol !== view.symbol || !tape || !tape.length) return;
    const print = tape[tape.length - 1];
    ts.ladderRows.addPrints(volume, tape);
    Object.assign(flash, { price: print[2], side: print[4] });
    dirty();
  }

  const ofSymbol = (fn) => (key) => (!key || key === ts.page.symbol ? fn(ts.page.symbol) : undefined);

  function listen() {
    ts.live.on("book", ofSymbol(dirty));
    ts.live.on("market", dirty);
    ts.live.on("risk", dirty);
    ts.live.on("desk", dirty);
    ts.live.on("status", dirty);
    ts.live.on("connection", dirty);
    ts.live.on("tape", ofSymbol(onTape));
    const onSymbol = () => {
      want();
      dirty();
    };
    ts.page.onSymbol(onSymbol);
    ts.page.onInstruments(() => {
      view.symbol = null;
      onSymbol();
    });
    ts.painter.onShown((panel) => panel === PANEL && want());
  }

  function listenToHands() {
    const host = ts.fingers.hold($("rows"));
    const on = (event, fn, options) => host.addEventListener(event, ts.boundary.guard(PANEL, fn), options);
    on("pointermove", at.onMove);
    on("pointerenter", at.onEnter);
    on("pointerleave", at.onLeave);
    on("pointerdown", at.onDown);
    on("pointerup", at.onUp);
    on("pointercancel", at.dropDrag);
    on("click", at.onClick);
    on("auxclick", at.onMiddle);
    on("mousedown", (event) => event.button === 1 && event.preventDefault());
    on("wheel", at.onWheel, { passive: false });
    $("grid").addEventListener("keydown", ts.boundary.guard(PANEL, at.onKey));
    $("grid").addEventListener("focusout", (event) => $("grid").contains(event.relatedTarget) || at.leave());
    $("centre").addEventListener("click", at.goToTouch);
    $("one-click").addEventListener("click", () => at.setOneClick(!at.oneClick()));
    $("volume").addEventListener("click", () => showVolume(!volume.isShown));
    $("step").addEventListener("change", () => chooseStep($("step").value));
    $("actions").addEventListener("click", (event) => {
      const act = event.target.dataset && at.actions[event.target.dataset.act];
      if (act) act();
    });
    ts.keys.tell("Ladder", HELP);
    ts.keys.add("c", "Centre the ladder on the touch", at.goToTouch, { group: "Ladder" });
  }

  function showVolume(isShown) {
    volume.isShown = isShown;
    ts.page.store("ladder.volume", isShown);
    $("volume").setAttribute("aria-pressed", String(isShown));
    document.getElementById(PANEL).classList.toggle("has-volume", isShown);
    dirty();
  }

  function chooseStep(choice) {
    const step = Number(choice);
    const isStep = ts.ladderRows.STEPS.includes(step);
    Object.assign(view, { isLevels: choice === "levels", isAuto: choice !== "levels" && !isStep, step: isStep ? step : 1 });
    Object.assign(view, { top: null, offset: 0, scale: 0, cursor: null });
    ts.page.store("ladder.step", choice);
    $("step").value = view.isLevels ? "levels" : view.isAuto ? "auto" : choice;
    dirty();
  }

  function fit() {
    const host = $("rows");
    const least = parseFloat(getComputedStyle(document.getElementById(PANEL)).getPropertyValue("--ladder-row")) || 20;
    const isRoomy = host.clientWidth >= ROOMY;
    const rows = ts.ladderRows.wholeRows(host.clientHeight, least);
    dom.rowHeight = Math.max(least, host.clientHeight / rows);
    host.style.setProperty("--row", `${dom.rowHeight}px`);
    if (isRoomy === dom.isRoomy && rows === dom.seen) return;
    dom.isRoomy = isRoomy;
    dom.seen = rows;
    document.getElementById(PANEL).classList.toggle("is-roomy", isRoomy);
    if (at.rowCount() !== dom.rows.length) {
      at.buildRows();
      view.top = null;
    }
    dirty();
  }

  // The plain table of the server stands in while the rows cannot be drawn.
  function setFallback(isOn) {
    root.dash_clientside.set_props("ladder-fallback-timer", { disabled: !isOn });
    $("fallback").hidden = !isOn;
  }

  function watchFailure() {
    const panel = document.getElementById(PANEL);
    const look = () => setFallback(ts.boundary.isFailed(PANEL));
    new MutationObserver(look).observe(panel, { attributes: true, attributeFilter: ["class"] });
    ts.boundary.onRetry(PANEL, () => {
      at.buildRows();
      view.symbol = null;
    });
  }

  function start() {
    at.buildRows();
    chooseStep(String(ts.page.stored("ladder.step", "auto")));
    showVolume(Boolean(ts.page.stored("ladder.volume", false)));
    listen();
    listenToHands();
    watchFailure();
    new ResizeObserver(ts.boundary.guard(PANEL, fit)).observe($("rows"));
    if (ts.ticket && ts.ticket.on) ts.ticket.on(() => (at.showSize(), dirty()));
    ts.painter.add(PANEL, paint);
    want();
  }

  Object.assign(at, { $, view, hand, dom, volume, texts, instrument, dirty, state, now, centre, paint });
  document.addEventListener("DOMContentLoaded", () => ts.page.ready(start));
})(typeof window === "undefined" ? globalThis : window);
