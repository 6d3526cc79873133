// The ladder's rows: built once, each remembers what it shows, and only what changed is written.
(function (root) {
  "use strict";
  const ts = (root.tradesim = root.tradesim || {});
  if (typeof document === "undefined") return;

  const at = (ts.ladder = ts.ladder || {});
  const ROWS = 41;
  const COLUMNS = ["own-buy", "bid", "price", "ask", "own-sell", "volume"];

  // Writing a number as text is the dearest part of a row: each is written once.
  function remembered(cache, value, write) {
    let text = cache.get(value);
    if (text === undefined) {
      if (cache.size > 4000) cache.clear();
      cache.set(value, (text = write(value, at.view.symbol)));
    }
    return text;
  }

  const qtyText = (lots) => remembered(at.texts.qty, lots, ts.format.size);
  const shortQty = (lots) => (qtyText(lots).length > 5 ? ts.format.compact(lots * at.dom.lot).replace(" ", "") : qtyText(lots));
  const priceText = (ticks) => remembered(at.texts.price, ticks, ts.format.price);

  // Rows: built once; a row remembers what it shows.
  function buildRows() {
    const host = at.$("rows");
    host.textContent = "";
    at.dom.rows = Array.from({ length: rowCount() }, (_, i) => buildRow(i));
    host.append(...at.dom.rows.map((row) => row.element));
  }

  function rowCount() {
    const fit = Math.ceil(at.dom.seen) + 1;
    return Math.max(ROWS, fit + ((fit + 1) % 2));
  }

  function buildRow(index) {
    const element = document.createElement("div");
    element.className = "ladder-row";
    element.id = `ladder-row-${index}`;
    element.setAttribute("role", "row");
    const row = { index, element, price: null, flags: "", label: "", cells: {} };
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
    cell.element.style.backgroundSize = `${notch < 0 ? 0 : 2}px calc(100% - 2px), ${length}% calc(100% - 2px)`;
    cell.length = length;
    cell.notch = notch;
  }

  function writeOwn(cell, orders) {
    const text = ts.ladderRows.ownText(orders, at.dom.isRoomy ? qtyText : shortQty, at.dom.isRoomy);
    write(cell, text && `${ts.ladderRows.ownMark(orders)}\u2009${text}`);
    const isOwn = orders.length > 0;
    const isStop = isOwn && orders.every((order) => order.kind);
    if (cell.isStop !== isStop) cell.mark.classList.toggle("is-stop", (cell.isStop = isStop));
    if (cell.isOwn === isOwn) return;
    cell.isOwn = isOwn;
    cell.mark.hidden = cell.cancel.hidden = !isOwn;
  }

  function flagsOf(model, index) {
    let flags = "ladder-row";
    if (model.isBestBid) flags += " is-best-bid";
    if (model.isBestAsk) flags += " is-best-ask";
    if (model.isLast) flags += ` is-last is-${at.dom.lastSide < 0 ? "down" : at.dom.lastSide > 0 ? "up" : "even"} last-at-${lastColumn(model)}`;
    if (model.isSpread) flags += " is-spread";
    if (model.price !== null && model.price === at.view.cursor) flags += " is-cursor";
    if (at.hand.drag && at.hand.drag.isMoving && at.hand.drag.to === model.price) flags += " is-drop";
    return index === at.dom.hovered ? `${flags} is-hovered` : flags;
  }

  function writeRow(row, model, last) {
    row.price = model.price;
    row.model = model;
    const { cells } = row;
    write(cells.price, model.price === null ? "" : priceText(model.price));
    write(cells.bid, model.bid ? qtyText(model.bid) : lastIn("bid", model, last));
    write(cells.ask, model.ask ? qtyText(model.ask) : lastIn("ask", model, last));
    writeBar(cells.bid, Math.min(1, model.bid / at.view.scale), model.bid ? ts.ladderRows.placeInLevel(model.buy) : null);
    writeBar(cells.ask, Math.min(1, model.ask / at.view.scale), model.ask ? ts.ladderRows.placeInLevel(model.sell) : null);
    writeOwn(cells["own-buy"], model.buy);
    writeOwn(cells["own-sell"], model.sell);
    if (at.volume.isShown) writeVolume(cells.volume, last.volume.get(model.price) || 0);
    const flags = flagsOf(model, row.index);
    if (flags !== row.flags) row.element.className = row.flags = flags;
  }

  // The size of the last trade stands where the row has nothing waiting: bids' rows at the ask, asks' rows at the bid.
  const lastColumn = (model) => (model.ask && !model.bid ? "bid" : "ask");

  function lastIn(column, model, last) {
    return model.isLast && column === lastColumn(model) ? last.text : "";
  }

  function writeVolume(cell, lots) {
    write(cell, lots ? ts.format.compact(lots * at.dom.lot) : "");
    writeBar(cell, at.dom.mostVolume ? Math.min(1, lots / at.dom.mostVolume) : 0, null);
  }

  Object.assign(at, { buildRows, rowCount, writeRow, qtyText, priceText });
})(typeof window === "undefined" ? globalThis : window);
