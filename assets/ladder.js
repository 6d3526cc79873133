// The ladder on screen: fixed rows, of which only what changed is written; a click, a key or a drag trades.
(function (root) {
  "use strict";
  const ts = (root.tradesim = root.tradesim || {});
  const PANEL = "ladder";
  const ROWS = 41;
  const COLUMNS = ["own-buy", "bid", "price", "ask", "own-sell", "volume"];
  const SIDE_OF_COLUMN = { bid: "buy", ask: "sell" };
  const ROOMY = 440;
  const SETTLED_MS = 300;
  const CENTRE_AFTER_MS = 1000;

  // What a click means: {do: "send" | "prefill", text}. Pure, so that the hint and the deed cannot differ.
  function deed(side, qty, price, isOneClick) {
    const word = side === "buy" ? "buy" : "sell";
    if (!isOneClick) return { do: "prefill", text: `To the ticket: ${word} ${qty} at ${price}` };
    return { do: "send", text: `${word === "buy" ? "Buy" : "Sell"} ${qty} at ${price} now` };
  }

  if (typeof module !== "undefined") module.exports = { deed };
  if (typeof document === "undefined") return;

  let rowsOf = null;
  const view = { step: 1, isLevels: false, top: null, offset: 0, cursor: null, scale: 0, symbol: null, movedAt: 0 };
  const hand = { isInside: false, leftAt: 0, row: null, column: null, drag: null };
  const volume = { last: -1, at: new Map(), isShown: false };
  const flash = { price: null, side: 0 };
  const texts = { qty: new Map(), price: new Map() };
  const dom = { rows: [] };
  let seen = ROWS;
  let receiptTimer = 0;

  const $ = (id) => document.getElementById(`ladder-${id}`);
  const instrument = () => ts.page.instruments[ts.page.symbol];
  const dirty = () => ts.painter.dirty(PANEL);
  const state = () => ts.live.state;
  const now = () => root.performance.now();

  // Writing a number as text is the dearest part of a row: each is written once.
  function remembered(cache, value, write) {
    let text = cache.get(value);
    if (text === undefined) {
      if (cache.size > 4000) cache.clear();
      cache.set(value, (text = write(value, view.symbol)));
    }
    return text;
  }

  const qtyText = (lots) => remembered(texts.qty, lots, ts.format.qty);
  const priceText = (ticks) => remembered(texts.price, ticks, ts.format.price);

  // Rows: built once; a row remembers what it shows.
  function buildRows() {
    const host = $("rows");
    host.textContent = "";
    dom.rows = Array.from({ length: rowCount() }, (_, i) => buildRow(i));
    host.append(...dom.rows.map((row) => row.element));
  }

  function rowCount() {
    const fit = Math.ceil(seen) + 1;
    return Math.max(ROWS, fit + ((fit + 1) % 2));
  }

  function buildRow(index) {
    const element = document.createElement("div");
    element.className = "ladder-row";
    element.id = `ladder-row-${index}`;
    element.setAttribute("role", "row");
    const row = { index, element, price: null, flags: "", label: "", cells: {}, own: {} };
    for (const column of COLUMNS) element.append(buildCell(row, column));
    return row;
  }

  function buildCell(row, column) {
    const element = document.createElement("div");
    element.className = `ladder-cell is-${column}`;
    element.setAttribute("role", "gridcell");
    element.aim = { row, column };
    const text = document.createTextNode("");
    const cell = (row.cells[column] = { element, text, shown: "", length: 0, notch: -1, isOwn: false, isRight: column !== "ask" });
    if (column.startsWith("own-")) return buildOwn(element, cell);
    element.append(text);
    return element;
  }

  function buildOwn(element, cell) {
    const mark = document.createElement("span");
    mark.className = "ladder-own";
    mark.append(cell.text);
    const cancel = document.createElement("button");
    cancel.className = "ladder-cancel";
    cancel.type = "button";
    cancel.tabIndex = -1;
    cancel.textContent = "×";
    cell.mark = mark;
    cell.cancel = cancel;
    mark.hidden = cancel.hidden = true;
    element.append(mark, cancel);
    return element;
  }

  function write(cell, text) {
    if (cell.shown === text) return;
    cell.shown = text;
    cell.text.data = text;
  }

  // The depth bar is the cell's background, and so costs no element; it begins at the price. The bar is the level's
  // queue, its end at the price is the front: a notch shows where our order stands in it.
  function writeBar(cell, share, place) {
    const length = Math.round(share * 100);
    const notch = place === null ? -1 : Math.round(place * length);
    if (cell.length === length && cell.notch === notch) return;
    if (notch >= 0) cell.element.style.backgroundPositionX = cell.isRight ? `${100 - notch}%, right` : `${notch}%, left`;
    cell.element.style.backgroundSize = `${notch < 0 ? 0 : 2}px 18px, ${length}% 18px`;
    cell.length = length;
    cell.notch = notch;
  }

  function writeOwn(cell, orders) {
    const text = rowsOf.ownText(orders, qtyText, dom.isRoomy);
    write(cell, text && (orders.some((order) => order.pending) ? `○ ${text}` : `● ${text}`));
    const isOwn = orders.length > 0;
    if (cell.isOwn === isOwn) return;
    cell.isOwn = isOwn;
    cell.mark.hidden = cell.cancel.hidden = !isOwn;
  }

  function flagsOf(model, index) {
    let flags = "ladder-row";
    if (model.isBestBid) flags += " is-best-bid";
    if (model.isBestAsk) flags += " is-best-ask";
    if (model.isLast) flags += dom.lastSide < 0 ? " is-last is-down" : dom.lastSide > 0 ? " is-last is-up" : " is-last";
    if (model.isSpread) flags += " is-spread";
    if (model.price !== null && model.price === view.cursor) flags += " is-cursor";
    if (hand.drag && hand.drag.isMoving && hand.drag.to === model.price) flags += " is-drop";
    return index === dom.hovered ? `${flags} is-hovered` : flags;
  }

  function writeRow(row, model, last) {
    row.price = model.price;
    row.model = model;
    const { cells } = row;
    write(cells.price, model.price === null ? "" : priceText(model.price));
    write(cells.bid, model.bid ? qtyText(model.bid) : lastIn("bid", model, last));
    write(cells.ask, model.ask ? qtyText(model.ask) : lastIn("ask", model, last));
    writeBar(cells.bid, Math.min(1, model.bid / view.scale), model.bid ? rowsOf.placeInLevel(model.buy) : null);
    writeBar(cells.ask, Math.min(1, model.ask / view.scale), model.ask ? rowsOf.placeInLevel(model.sell) : null);
    writeOwn(cells["own-buy"], model.buy);
    writeOwn(cells["own-sell"], model.sell);
    if (volume.isShown) writeVolume(cells.volume, last.volume.get(model.price) || 0);
    const flags = flagsOf(model, row.index);
    if (flags !== row.flags) row.element.className = row.flags = flags;
  }

  // The size of the last trade stands where the row has nothing waiting: bids' rows at the ask, asks' rows at the bid.
  function lastIn(column, model, last) {
    if (!model.isLast || !last.text) return "";
    const isHere = column === "ask" ? model.bid || !model.ask : model.ask > 0;
    return isHere ? last.text : "";
  }

  function writeVolume(cell, lots) {
    write(cell, lots ? ts.format.compact(lots * dom.lot) : "");
    writeBar(cell, dom.mostVolume ? Math.min(1, lots / dom.mostVolume) : 0, null);
  }

  // The window: it follows the touch unless somebody is aiming.
  function mayMove() {
    if (hand.drag || view.cursor !== null) return false;
    return !hand.isInside && now() - hand.leftAt > CENTRE_AFTER_MS;
  }

  function centreOf(book) {
    return Math.ceil(ts.book.mid(book));
  }

  function centre(book) {
    view.offset = 0;
    const top = rowsOf.topFor(centreOf(book), view.step, dom.rows.length);
    if (top !== view.top) view.movedAt = now();
    view.top = top;
  }

  function follow(book) {
    if (view.top === null) return centre(book);
    const isAway = view.isLevels ? view.offset !== 0 : strays(book);
    dom.isAway = isAway;
    if (isAway && mayMove()) {
      centre(book);
      dom.isAway = false;
    }
    return undefined;
  }

  function strays(book) {
    return rowsOf.strays(centreOf(book), view.top, view.step, dom.rows.length, seen);
  }

  function pricesFor(book, own) {
    if (!view.isLevels) return rowsOf.tickPrices(view.top, view.step, dom.rows.length);
    const at = (side) => own.filter((order) => order.side === side).map((order) => order.price);
    return rowsOf.levelPrices({ b: book.b, a: book.a, ownBuy: at("buy"), ownSell: at("sell") }, dom.rows.length, view.offset);
  }

  function lastTrade(bids) {
    const market = state().market[view.symbol] || {};
    const tape = state().tape[view.symbol];
    const print = tape && tape[tape.length - 1];
    const side = print && print[2] === market.l ? print[4] : 0;
    dom.lastSide = side;
    if (market.l == null) return { price: null, text: "", volume: NO_VOLUME };
    const sign = side > 0 ? "▲ " : side < 0 ? "▼ " : "";
    const price = rowsOf.rowOfTrade(market.l, view.step, bids.length ? bids[0][0] : null);
    return { price, text: sign + qtyText(market.ls || 0), volume: NO_VOLUME };
  }

  const NO_VOLUME = new Map();

  function paint() {
    if (!dom.rows.length || !ts.live) return;
    adopt(ts.page.symbol);
    const condition = ts.book.condition(state(), view.symbol);
    showCondition(condition);
    if (condition.phase === "loading" || condition.phase === "empty") return;
    const book = state().book[view.symbol];
    follow(book);
    paintRows(book);
    showSpread(book);
    showHint();
  }

  function paintRows(book) {
    const bids = ts.book.groupLevels(book.b, view.step, "buy");
    const asks = ts.book.groupLevels(book.a, view.step, "sell");
    const own = ts.book.ownOrders(state().desk, view.symbol, dom.lot);
    const last = lastTrade(bids);
    const models = rowsOf.rowsOf(pricesFor(book, own), bids, asks, rowsOf.ownByPrice(own, view.step), last.price);
    view.scale = rowsOf.barScale(view.scale, rowsOf.largest(inSight(models)));
    if (volume.isShown) measureVolume(last, models);
    for (let i = 0; i < models.length; i++) writeRow(dom.rows[i], models[i], last);
    if (flash.price !== null) showFlash(last.price);
  }

  function inSight(models) {
    const out = Math.max(0, Math.floor((models.length - seen) / 2));
    return models.slice(out, models.length - out);
  }

  function measureVolume(last, models) {
    last.volume = rowsOf.volumeByRow(volume, view.step);
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
    if (tape) rowsOf.addPrints(volume, tape);
    measurePrices();
    buildSizes();
  }

  function measurePrices() {
    const book = state().book[view.symbol];
    const widest = book && book.a.length ? priceText(book.a[book.a.length - 1][0]).length : 7;
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
    line.textContent = phase === "stale" ? `${text} · book of ${ageText()} ago` : text;
    if (phase === "stale") root.setTimeout(dirty, 500);
    if (phase === "loading" || phase === "empty") $("spread").textContent = "Spread –";
  }

  function ageText() {
    const { since } = state().connection || {};
    return ts.format.age(since ? Date.now() - since : 0);
  }

  function showSpread(book) {
    const spread = ts.book.spread(book);
    const market = state().market[view.symbol] || {};
    const text = market.ht ? "Halted" : spread === null ? "One side only" : `Spread ${priceText(spread)}`;
    if (dom.spread === text) return;
    dom.spread = text;
    $("spread").textContent = text;
    $("spread").classList.toggle("is-warn", Boolean(market.ht));
  }

  // Quantity and one-click are the ticket's when there is one.
  function oneClick() {
    return ts.ticket && ts.ticket.oneClick ? Boolean(ts.ticket.oneClick()) : Boolean(ts.page.stored("one-click", false));
  }

  function setOneClick(isOn) {
    if (ts.ticket && ts.ticket.setOneClick) ts.ticket.setOneClick(isOn);
    else ts.page.store("one-click", isOn);
    showOneClick();
  }

  function showOneClick() {
    const isOn = oneClick();
    if (dom.isOneClick === isOn) return;
    dom.isOneClick = isOn;
    const button = $("one-click");
    button.textContent = isOn ? "1-click ON" : "1-click off";
    button.setAttribute("aria-pressed", String(isOn));
    $("actions").hidden = !isOn;
    document.getElementById(PANEL).classList.toggle("is-one-click", isOn);
  }

  function buildSizes() {
    const found = instrument();
    if (!found) return;
    const input = document.createElement("input");
    Object.assign(input, { type: "text", inputMode: "decimal", id: "ladder-qty", className: "ladder-qty", autocomplete: "off" });
    input.setAttribute("aria-label", "Quantity");
    input.addEventListener("input", () => takeSize(input.value));
    input.addEventListener("focus", () => input.select());
    const choices = rowsOf.sizeChoices(found).map((size) => sizeButton(size));
    $("size").replaceChildren(input, ...choices);
    showSize();
  }

  function sizeButton(size) {
    const button = document.createElement("button");
    Object.assign(button, { type: "button", className: "ladder-button", textContent: size < 1000 ? String(size) : `${size / 1000}k` });
    button.setAttribute("aria-label", `Quantity ${size}`);
    button.addEventListener("click", () => {
      takeSize(String(size));
      showSize();
    });
    return button;
  }

  function takeSize(text) {
    const { lot } = instrument();
    const isGood = rowsOf.quantity(text, lot) !== null;
    $("qty").setAttribute("aria-invalid", String(!isGood));
    if (!isGood) return say(`Quantity must be a multiple of ${lot} above zero, was ${text || "nothing"}.`, "bad");
    ts.page.store(`ladder.qty.${view.symbol}`, text);
    if (ts.ticket && ts.ticket.setQuantity) ts.ticket.setQuantity(String(rowsOf.quantity(text, lot)));
    say("");
    return showHint();
  }

  function sizeText() {
    const shared = ts.ticket && ts.ticket.quantity ? ts.ticket.quantity() : null;
    const first = rowsOf.sizeChoices(instrument())[0];
    return String(shared || ts.page.stored(`ladder.qty.${view.symbol}`, null) || (first === 10 ? 100 : first));
  }

  function showSize() {
    const input = $("qty");
    if (!input || document.activeElement === input) return;
    const text = sizeText();
    if (input.value !== text) input.value = text;
    input.setAttribute("aria-invalid", "false");
  }

  function size() {
    return rowsOf.quantity($("qty").value, instrument().lot);
  }

  // Deeds.
  function say(text, kind) {
    const line = $("receipt");
    line.textContent = line.title = text;
    line.dataset.kind = kind || "";
    root.clearTimeout(receiptTimer);
    if (text && kind !== "bad") receiptTimer = root.setTimeout(() => say(""), 4000);
  }

  // `doing` says what was asked for, `done` what came of it; a refusal speaks for itself.
  async function send(intent, doing, done) {
    if (!ts.intents) return say("Orders cannot be sent yet: the page is still starting.", "bad");
    say(`${doing}…`);
    const receipt = await ts.intents.send(intent, { quiet: true });
    return say(receipt.ok ? done || receipt.message : receipt.message, receipt.ok ? "good" : "bad");
  }

  function limitText(price) {
    const { tick, pd } = instrument();
    return ts.book.decimal(price, tick, pd);
  }

  function trade(side, price) {
    const qty = size();
    if (price === null) return undefined;
    if (qty === null) return say(`Quantity must be a multiple of ${instrument().lot} above zero, was ${$("qty").value || "nothing"}.`, "bad");
    const meant = deed(side, ts.format.number(qty, instrument().qd), priceText(price), oneClick());
    if (meant.do === "prefill") return prefill({ symbol: view.symbol, side, price: limitText(price), ticks: price, qty: String(qty) });
    const order = { do: "submit", symbol: view.symbol, side, type: "limit", tif: "day", qty: String(qty) };
    return send({ ...order, limit: limitText(price), post_only: false, source: "ladder" }, "Sending", `Sent: ${meant.text.replace(" now", "").toLowerCase()}`);
  }

  function prefill(wish) {
    if (ts.page.prefill) ts.page.prefill(wish);
    else document.dispatchEvent(new CustomEvent("tradesim:prefill", { detail: wish, bubbles: true }));
    const word = wish.side ? `${wish.side === "buy" ? "Buy" : "Sell"} ${wish.qty} at ${priceText(wish.ticks)}` : priceText(wish.ticks);
    say(`${word} is in the ticket.`);
  }

  function atMarket(side) {
    const qty = size();
    if (qty === null) return say(`Quantity must be a multiple of ${instrument().lot} above zero.`, "bad");
    const order = { do: "submit", symbol: view.symbol, side, type: "market", tif: "day", qty: String(qty), source: "ladder" };
    return send(order, "Sending", `Sent: ${side} ${ts.format.number(qty, instrument().qd)} at market`);
  }

  function cancel(orders) {
    for (const order of orders) {
      const text = `${order.side} ${qtyText(order.qty)} at ${priceText(order.price)}`;
      send({ do: "cancel", order_id: order.id }, `Canceling ${text}`, `Canceled ${text}`);
    }
  }

  function move(orders, price) {
    for (const order of orders) {
      const text = `${order.side} ${qtyText(order.qty)} from ${priceText(order.price)} to ${priceText(price)}`;
      send({ do: "replace", order_id: order.id, limit: limitText(price) }, `Moving ${text}`, `Moved ${text}`);
    }
  }

  const ACTIONS = {
    buy: () => atMarket("buy"),
    sell: () => atMarket("sell"),
    "cancel-all": () => send({ do: "cancel_all", symbol: view.symbol }, `Canceling all in ${view.symbol}`, `Canceled all in ${view.symbol}`),
    flatten: () => send({ do: "flatten" }, "Closing every position"),
  };

  // The pointer.
  function aimOf(event) {
    const cell = event.target.closest && event.target.closest(".ladder-rows .ladder-cell");
    return cell ? cell.aim : null;
  }

  function ordersAt(aim) {
    if (!aim || !aim.row.model) return [];
    if (aim.column === "own-buy") return aim.row.model.buy;
    return aim.column === "own-sell" ? aim.row.model.sell : [];
  }

  function onMove(event) {
    if (hand.drag) return onDrag(event);
    const aim = event.pointerType === "touch" ? null : aimOf(event);
    hand.row = aim ? aim.row : null;
    hand.column = aim ? aim.column : null;
    dom.hovered = aim ? aim.row.index : -1;
    return dirty();
  }

  function onEnter(event) {
    hand.isInside = event.pointerType !== "touch";
  }

  function onLeave() {
    Object.assign(hand, { isInside: false, leftAt: now(), row: null, column: null });
    dom.hovered = -1;
    dirty();
    root.setTimeout(dirty, CENTRE_AFTER_MS + 20);
  }

  function onDown(event) {
    hand.leftAt = now();
    hand.wasDragged = false;
    const aim = aimOf(event);
    const orders = ordersAt(aim);
    if (event.button !== 0 || event.target.closest(".ladder-cancel")) return;
    hand.pressed = aim && { price: aim.row.price, column: aim.column, at: now() };
    if (orders.length) return startDrag(event, orders, aim.row.price);
    if (event.pointerType === "touch") hand.drag = { scrollFrom: event.clientY, top: view.top, offset: view.offset, isMoving: false };
  }

  function startDrag(event, orders, from) {
    hand.drag = { orders, from, to: from, isMoving: false };
    $("rows").setPointerCapture(event.pointerId);
  }

  function onDrag(event) {
    const { drag } = hand;
    if (drag.orders) {
      const row = rowUnder(event.clientY);
      drag.to = row ? row.price : drag.to;
      drag.isMoving = drag.isMoving || drag.to !== drag.from;
    } else {
      const rows = Math.round((event.clientY - drag.scrollFrom) / dom.rowHeight);
      drag.isMoving = drag.isMoving || rows !== 0;
      view.top = drag.top + rows * view.step;
      view.offset = drag.offset + rows;
    }
    dirty();
  }

  function rowUnder(y) {
    const first = dom.rows[0].element.getBoundingClientRect();
    return dom.rows[Math.floor((y - first.top) / first.height)] || null;
  }

  function onUp() {
    const { drag } = hand;
    if (!drag) return;
    hand.drag = null;
    hand.wasDragged = drag.isMoving;
    if (drag.orders && drag.isMoving && drag.to !== drag.from && drag.to !== null) move(drag.orders, drag.to);
    dirty();
  }

  function dropDrag() {
    if (!hand.drag) return false;
    hand.drag = null;
    hand.wasDragged = true;
    dirty();
    return true;
  }

  function onClick(event) {
    const aim = aimOf(event);
    if (!aim) return undefined;
    if (event.target.closest(".ladder-cancel")) return cancel(ordersAt(aim));
    if (hand.wasDragged || !isAimed(aim)) return undefined;
    const side = SIDE_OF_COLUMN[aim.column];
    if (side) return trade(side, aim.row.price);
    if (aim.column === "price" && aim.row.price !== null) return prefill({ symbol: view.symbol, price: limitText(aim.row.price), ticks: aim.row.price });
    return undefined;
  }

  // Pressed and released on the same price, and the rows had not just moved by themselves under the finger.
  function isAimed(aim) {
    const { pressed } = hand;
    if (!pressed || pressed.price !== aim.row.price || pressed.column !== aim.column) return false;
    return pressed.at - view.movedAt > SETTLED_MS;
  }

  function onMiddle(event) {
    const orders = event.button === 1 ? ordersAt(aimOf(event)) : [];
    if (!orders.length) return;
    event.preventDefault();
    cancel(orders);
  }

  function onWheel(event) {
    event.preventDefault();
    hand.wheel = (hand.wheel || 0) + (event.deltaMode === 1 ? event.deltaY * 16 : event.deltaY);
    const rows = Math.trunc(hand.wheel / 33);
    hand.wheel -= rows * 33;
    scroll(-rows);
  }

  // Up the ladder by `rows`.
  function scroll(rows) {
    if (!rows || view.top === null) return;
    if (view.isLevels) {
      const { b, a } = state().book[view.symbol] || { b: [], a: [] };
      view.offset = rowsOf.clampOffset(view.offset + rows, b.length, a.length);
    } else {
      view.top += rows * view.step;
    }
    dirty();
  }

  // The keyboard.
  function moveCursor(rows) {
    const prices = dom.rows.map((row) => row.price);
    const from = prices.indexOf(view.cursor);
    const start = from < 0 ? Math.floor(prices.length / 2) : from;
    const to = Math.max(0, Math.min(prices.length - 1, from < 0 ? start : start + rows));
    if (prices[to] === null) return;
    view.cursor = prices[to];
    keepInSight(to);
    dirty();
    $("grid").setAttribute("aria-activedescendant", `ladder-row-${to}`);
    nameRow(dom.rows[to]);
  }

  function keepInSight(index) {
    const middle = Math.floor(dom.rows.length / 2);
    const beyond = Math.abs(index - middle) - Math.floor(seen / 2) + 1;
    if (beyond > 0) scroll(index < middle ? beyond : -beyond);
  }

  function nameRow(row) {
    const { model } = row;
    const parts = [priceText(model.price)];
    if (model.bid) parts.push(`bid ${qtyText(model.bid)}`);
    if (model.ask) parts.push(`offered ${qtyText(model.ask)}`);
    const own = [...model.buy, ...model.sell];
    if (own.length) parts.push(`own: ${rowsOf.ownStory(own, qtyText, priceText)}`);
    row.element.setAttribute("aria-label", parts.join(", "));
  }

  function ownAtCursor() {
    const row = dom.rows.find((candidate) => candidate.price === view.cursor);
    return row && row.model ? [...row.model.buy, ...row.model.sell] : [];
  }

  function leave() {
    if (dropDrag()) return;
    view.cursor = null;
    $("grid").removeAttribute("aria-activedescendant");
    dirty();
  }

  const KEYS = {
    ArrowUp: () => moveCursor(-1),
    ArrowDown: () => moveCursor(1),
    PageUp: () => moveCursor(-10),
    PageDown: () => moveCursor(10),
    b: () => view.cursor !== null && trade("buy", view.cursor),
    s: () => view.cursor !== null && trade("sell", view.cursor),
    x: () => cancel(ownAtCursor()),
    Escape: leave,
    Home: () => goToTouch(),
  };

  function onKey(event) {
    if (event.ctrlKey || event.metaKey || event.altKey || event.shiftKey) return;
    const act = KEYS[event.key.length === 1 ? event.key.toLowerCase() : event.key];
    const needsCursor = "bsx".includes(event.key.toLowerCase()) && view.cursor === null;
    if (!act || needsCursor) return;
    event.preventDefault();
    event.stopPropagation();
    act();
  }

  function goToTouch() {
    const book = state().book[view.symbol];
    if (!book || ts.book.mid(book) === null) return;
    centre(book);
    view.cursor = null;
    dom.isAway = false;
    dirty();
  }

  // The line that says what the hand would do.
  function hintText() {
    const { drag } = hand;
    if (drag && drag.orders && drag.isMoving) return `Move to ${priceText(drag.to)}; Esc leaves it at ${priceText(drag.from)}`;
    const row = hand.row || dom.rows.find((candidate) => candidate.price === view.cursor);
    if (!row || !row.model || row.price === null) return dom.isAway ? "The touch is out of the middle: C centres" : "";
    const own = hand.row ? ordersAt({ row, column: hand.column }) : ownAtCursor();
    if (own.length) return rowsOf.ownStory(own, qtyText, priceText);
    const side = SIDE_OF_COLUMN[hand.row ? hand.column : ""];
    const qty = size();
    return side && qty !== null ? deed(side, ts.format.number(qty, instrument().qd), priceText(row.price), oneClick()).text + levelText(row.model) : "";
  }

  function levelText(model) {
    const lots = model.bid || model.ask;
    const orders = model.bidOrders || model.askOrders;
    return lots && orders ? ` · ${qtyText(lots)} in ${orders} ${orders === 1 ? "order" : "orders"}` : "";
  }

  function showHint() {
    const text = hintText();
    showOneClick();
    if (dom.hint !== text) {
      dom.hint = text;
      $("hint").textContent = $("hint").title = text;
    }
    if (dom.wasAway !== dom.isAway) {
      dom.wasAway = dom.isAway;
      $("centre").classList.toggle("is-called", Boolean(dom.isAway));
    }
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
    rowsOf.addPrints(volume, tape);
    Object.assign(flash, { price: print[2], side: print[4] });
    dirty();
  }

  const ofSymbol = (fn) => (key) => (!key || key === ts.page.symbol ? fn(ts.page.symbol) : undefined);

  function listen() {
    ts.live.on("book", ofSymbol(dirty));
    ts.live.on("market", dirty);
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
    const host = $("rows");
    const on = (event, fn, options) => host.addEventListener(event, ts.boundary.guard(PANEL, fn), options);
    on("pointermove", onMove);
    on("pointerenter", onEnter);
    on("pointerleave", onLeave);
    on("pointerdown", onDown);
    on("pointerup", onUp);
    on("pointercancel", dropDrag);
    on("click", onClick);
    on("auxclick", onMiddle);
    on("mousedown", (event) => event.button === 1 && event.preventDefault());
    on("wheel", onWheel, { passive: false });
    $("grid").addEventListener("keydown", ts.boundary.guard(PANEL, onKey));
    $("grid").addEventListener("focusout", (event) => $("grid").contains(event.relatedTarget) || leave());
    $("centre").addEventListener("click", goToTouch);
    $("one-click").addEventListener("click", () => setOneClick(!oneClick()));
    $("volume").addEventListener("click", () => showVolume(!volume.isShown));
    $("step").addEventListener("change", () => chooseStep($("step").value));
    $("actions").addEventListener("click", (event) => {
      const act = event.target.dataset && ACTIONS[event.target.dataset.act];
      if (act) act();
    });
    ts.keys.add("c", "Centre the ladder on the touch", goToTouch, { group: "Ladder" });
  }

  function showVolume(isShown) {
    volume.isShown = isShown;
    ts.page.store("ladder.volume", isShown);
    $("volume").setAttribute("aria-pressed", String(isShown));
    document.getElementById(PANEL).classList.toggle("has-volume", isShown);
    dirty();
  }

  function chooseStep(choice) {
    view.isLevels = choice === "levels";
    view.step = view.isLevels ? 1 : rowsOf.STEPS.includes(Number(choice)) ? Number(choice) : 1;
    Object.assign(view, { top: null, offset: 0, scale: 0, cursor: null });
    ts.page.store("ladder.step", choice);
    $("step").value = view.isLevels ? "levels" : String(view.step);
    dirty();
  }

  function fit() {
    const host = $("rows");
    dom.rowHeight = dom.rows[0].element.offsetHeight || 20;
    const isRoomy = host.clientWidth >= ROOMY;
    const rows = Math.max(1, host.clientHeight / dom.rowHeight);
    if (isRoomy === dom.isRoomy && rows === seen) return;
    dom.isRoomy = isRoomy;
    seen = rows;
    document.getElementById(PANEL).classList.toggle("is-roomy", isRoomy);
    if (rowCount() !== dom.rows.length) {
      buildRows();
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
      buildRows();
      view.symbol = null;
    });
  }

  function start() {
    rowsOf = ts.ladderRows;
    buildRows();
    chooseStep(String(ts.page.stored("ladder.step", "1")));
    showVolume(Boolean(ts.page.stored("ladder.volume", false)));
    listen();
    listenToHands();
    watchFailure();
    new ResizeObserver(ts.boundary.guard(PANEL, fit)).observe($("rows"));
    if (ts.ticket && ts.ticket.on) ts.ticket.on(() => (showSize(), dirty()));
    ts.painter.add(PANEL, paint);
    want();
  }

  ts.ladder = { view, centre: goToTouch, paint };
  document.addEventListener("DOMContentLoaded", () => ts.page.ready(start));
})(typeof window === "undefined" ? globalThis : window);
