// Hands on the ladder: pointer, wheel and keys, and the line that says what they would do.
(function (root) {
  "use strict";
  const ts = (root.tradesim = root.tradesim || {});
  if (typeof document === "undefined") return;

  const at = (ts.ladder = ts.ladder || {});
  const SIDE_OF_COLUMN = { bid: "buy", ask: "sell" };
  const SETTLED_MS = 300;
  const CENTRE_AFTER_MS = 1000;

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
    if (at.hand.drag) return onDrag(event);
    const aim = event.pointerType === "touch" ? null : aimOf(event);
    at.hand.row = aim ? aim.row : null;
    at.hand.column = aim ? aim.column : null;
    at.hand.isStop = event.shiftKey;
    at.dom.hovered = aim ? aim.row.index : -1;
    return at.dirty();
  }

  function onEnter(event) {
    at.hand.isInside = event.pointerType !== "touch";
  }

  function onLeave() {
    Object.assign(at.hand, { isInside: false, leftAt: at.now(), row: null, column: null });
    at.dom.hovered = -1;
    at.dirty();
    root.setTimeout(at.dirty, CENTRE_AFTER_MS + 20);
  }

  function onDown(event) {
    at.hand.leftAt = at.now();
    at.hand.wasDragged = false;
    const aim = aimOf(event);
    const orders = ordersAt(aim);
    if (event.button !== 0 || event.target.closest(".ladder-cancel")) return;
    at.hand.pressed = aim && { price: aim.row.price, column: aim.column, at: at.now() };
    if (orders.length) return startDrag(event, orders, aim.row.price);
    if (event.pointerType === "touch") at.hand.drag = { scrollFrom: event.clientY, top: at.view.top, offset: at.view.offset, isMoving: false };
  }

  function startDrag(event, orders, from) {
    at.hand.drag = { orders, from, to: from, isMoving: false };
    at.$("rows").setPointerCapture(event.pointerId);
  }

  function onDrag(event) {
    const { drag } = at.hand;
    if (drag.orders) {
      const row = rowUnder(event.clientY);
      drag.to = row ? row.price : drag.to;
      drag.isMoving = drag.isMoving || drag.to !== drag.from;
    } else {
      const rows = Math.round((event.clientY - drag.scrollFrom) / at.dom.rowHeight);
      drag.isMoving = drag.isMoving || rows !== 0;
      at.view.top = drag.top + rows * at.view.step;
      at.view.offset = drag.offset + rows;
    }
    at.dirty();
  }

  function rowUnder(y) {
    const first = at.dom.rows[0].element.getBoundingClientRect();
    return at.dom.rows[Math.floor((y - first.top) / first.height)] || null;
  }

  function onUp() {
    const { drag } = at.hand;
    if (!drag) return;
    at.hand.drag = null;
    at.hand.wasDragged = drag.isMoving;
    if (drag.orders && drag.isMoving && drag.to !== drag.from && drag.to !== null) at.move(drag.orders, drag.to);
    at.dirty();
  }

  function dropDrag() {
    if (!at.hand.drag) return false;
    at.hand.drag = null;
    at.hand.wasDragged = true;
    at.dirty();
    return true;
  }

  function onClick(event) {
    const aim = aimOf(event);
    if (!aim) return undefined;
    if (event.target.closest(".ladder-cancel")) return at.cancel(ordersAt(aim));
    if (at.hand.wasDragged || !isAimed(aim)) return undefined;
    const side = SIDE_OF_COLUMN[aim.column];
    if (side) return at.trade(side, aim.row.price, event.shiftKey);
    if (aim.column === "price" && aim.row.price !== null) return at.prefill({ symbol: at.view.symbol, price: at.limitText(aim.row.price), ticks: aim.row.price });
    return undefined;
  }

  // Pressed and released on the same price, and the rows had not just moved by themselves under the finger.
  function isAimed(aim) {
    const { pressed } = at.hand;
    if (!pressed || pressed.price !== aim.row.price || pressed.column !== aim.column) return false;
    return pressed.at - at.view.movedAt > SETTLED_MS;
  }

  function onMiddle(event) {
    const orders = event.button === 1 ? ordersAt(aimOf(event)) : [];
    if (!orders.length) return;
    event.preventDefault();
    at.cancel(orders);
  }

  function onWheel(event) {
    event.preventDefault();
    at.hand.wheel = (at.hand.wheel || 0) + (event.deltaMode === 1 ? event.deltaY * 16 : event.deltaY);
    const rows = Math.trunc(at.hand.wheel / 33);
    at.hand.wheel -= rows * 33;
    scroll(-rows);
  }

  // Up the ladder by `rows`.
  function scroll(rows) {
    if (!rows || at.view.top === null) return;
    if (at.view.isLevels) {
      const { b, a } = at.state().book[at.view.symbol] || { b: [], a: [] };
      at.view.offset = ts.ladderRows.clampOffset(at.view.offset + rows, b.length, a.length);
    } else {
      at.view.top += rows * at.view.step;
    }
    at.dirty();
  }

  // The keyboard.
  function moveCursor(rows) {
    const prices = at.dom.rows.map((row) => row.price);
    const from = prices.indexOf(at.view.cursor);
    const start = from < 0 ? Math.floor(prices.length / 2) : from;
    const to = Math.max(0, Math.min(prices.length - 1, from < 0 ? start : start + rows));
    if (prices[to] === null) return;
    at.view.cursor = prices[to];
    keepInSight(to);
    at.dirty();
  }

  function keepInSight(index) {
    const middle = Math.floor(at.dom.rows.length / 2);
    const beyond = Math.abs(index - middle) - Math.floor(at.dom.seen / 2) + 1;
    if (beyond > 0) scroll(index < middle ? beyond : -beyond);
  }

  // The row under the cursor says itself in words; the others keep their cells.
  function nameCursor() {
    const row = at.view.cursor === null ? null : at.dom.rows.find((candidate) => candidate.price === at.view.cursor);
    const { named } = at.hand;
    if (named && named !== row) {
      named.element.removeAttribute("aria-label");
      named.label = "";
    }
    at.hand.named = row || null;
    if (!row) return;
    const words = wordsOf(row.model);
    if (row.label !== words) row.element.setAttribute("aria-label", (row.label = words));
    if (named !== row) at.$("grid").setAttribute("aria-activedescendant", row.element.id);
  }

  function wordsOf(model) {
    const parts = [at.priceText(model.price)];
    if (model.bid) parts.push(`bid ${at.qtyText(model.bid)}`);
    if (model.ask) parts.push(`offered ${at.qtyText(model.ask)}`);
    const own = [...model.buy, ...model.sell];
    if (own.length) parts.push(`own: ${ts.ladderRows.ownStory(own, at.qtyText, at.priceText)}`);
    return parts.join(", ");
  }

  function ownAtCursor() {
    const row = at.dom.rows.find((candidate) => candidate.price === at.view.cursor);
    return row && row.model ? [...row.model.buy, ...row.model.sell] : [];
  }

  function leave() {
    if (dropDrag()) return;
    at.view.cursor = null;
    at.$("grid").removeAttribute("aria-activedescendant");
    at.dirty();
  }

  const KEYS = {
    ArrowUp: () => moveCursor(-1),
    ArrowDown: () => moveCursor(1),
    PageUp: () => moveCursor(-10),
    PageDown: () => moveCursor(10),
    b: () => at.view.cursor !== null && at.trade("buy", at.view.cursor),
    s: () => at.view.cursor !== null && at.trade("sell", at.view.cursor),
    x: () => at.cancel(ownAtCursor()),
    Escape: leave,
    Home: () => goToTouch(),
  };

  const SHIFTED = {
    b: () => at.trade("buy", at.view.cursor, true),
    s: () => at.trade("sell", at.view.cursor, true),
  };

  function onKey(event) {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
    const act = (event.shiftKey ? SHIFTED : KEYS)[key];
    const needsCursor = "bsx".includes(event.key.toLowerCase()) && at.view.cursor === null;
    if (!act || needsCursor) return;
    event.preventDefault();
    event.stopPropagation();
    act();
  }

  function goToTouch() {
    const book = at.state().book[at.view.symbol];
    if (!book || ts.book.mid(book) === null) return;
    at.centre(book);
    at.view.cursor = null;
    at.dom.isAway = false;
    at.dirty();
  }

  // The line that says what the hand would do.
  function hintText() {
    const { drag } = at.hand;
    if (drag && drag.orders && drag.isMoving) return `Move to ${at.priceText(drag.to)}; Esc leaves it at ${at.priceText(drag.from)}`;
    const row = at.hand.row || at.dom.rows.find((candidate) => candidate.price === at.view.cursor);
    if (!row || !row.model || row.price === null) return (at.stop("buy") && at.stop("sell")) || (at.dom.isAway ? "The touch is out of the middle: C centres" : positionText());
    const own = at.hand.row ? ordersAt({ row, column: at.hand.column }) : ownAtCursor();
    if (own.length) return ts.ladderRows.ownStory(own, at.qtyText, at.priceText);
    const side = SIDE_OF_COLUMN[at.hand.row ? at.hand.column : ""];
    if (side && at.stop(side)) return at.stop(side);
    const qty = at.size();
    return side && qty !== null ? at.deed(side, ts.format.quantity(qty, at.instrument().qd), at.priceText(row.price), at.oneClick(), Boolean(at.hand.row && at.hand.isStop)).text + levelText(row.model) : "";
  }

  // What is held, while no hand is on the ladder.
  function positionText() {
    const held = ts.chartOrders.positionLine(at.state().desk.positions, at.view.symbol, at.instrument());
    return held ? held.text : "";
  }

  function levelText(model) {
    const lots = model.bid || model.ask;
    const orders = model.bidOrders || model.askOrders;
    return lots && orders ? ` · ${at.qtyText(lots)} in ${ts.format.counted(orders, "order")}` : "";
  }

  function showHint() {
    const text = hintText();
    at.showOneClick();
    at.showActions();
    if (at.dom.hint !== text) {
      at.dom.hint = text;
      at.$("hint").textContent = at.$("hint").title = text;
    }
    if (at.dom.wasAway !== at.dom.isAway) {
      at.dom.wasAway = at.dom.isAway;
      at.$("centre").classList.toggle("is-called", Boolean(at.dom.isAway));
    }
  }

  Object.assign(at, { CENTRE_AFTER_MS, onMove, onEnter, onLeave, onDown, onUp, onClick, onMiddle, onWheel, onKey });
  Object.assign(at, { dropDrag, leave, goToTouch, nameCursor, showHint });
})(typeof window === "undefined" ? globalThis : window);
