// The watchlist: rows that are made once and patched, a sparkline each, an order that only the person changes.
(function (root) {
  "use strict";
  const ts = (root.tradesim = root.tradesim || {});
  const MINUTE = 60_000;
  const POINTS = 60;

  // The rows to show: what was kept and is traded here, or all of a market that has none of it.
  function rowsOf(kept, instruments) {
    const known = (kept || []).filter((symbol) => instruments[symbol]);
    return known.length ? known : Object.keys(instruments);
  }

  function without(rows, symbol) {
    return rows.filter((other) => other !== symbol);
  }

  function movedTo(rows, symbol, at) {
    const rest = without(rows, symbol);
    const place = Math.max(0, Math.min(rest.length, at));
    return [...rest.slice(0, place), symbol, ...rest.slice(place)];
  }

  // What is kept after a change: the shown rows, then kept symbols of other markets.
  function keptAfter(kept, rows, instruments) {
    return [...rows, ...(kept || []).filter((symbol) => !instruments[symbol])];
  }

  function change(market) {
    if (!market || market.l === null || market.l === undefined || !market.pc) return null;
    return { ticks: market.l - market.pc, percent: ((market.l - market.pc) / market.pc) * 100 };
  }

  // The class of a signed figure's colour.
  function directionOf(text) {
    return text[0] === "+" ? "up" : text[0] === "−" ? "down" : "";
  }

  // A column's width in digits: signs between digits are half as wide.
  function widthOf(text) {
    return [...text].reduce((sum, sign) => sum + (/[0-9]/.test(sign) ? 1 : 0.5), 0);
  }

  // The change of a large price needs no cents to be read. By the price, so that a symbol's digits stay as many.
  function changeDecimals(price, decimals) {
    return price >= 10000 ? 0 : price >= 1000 ? Math.min(1, decimals) : decimals;
  }

  // Symbols that a `market` message is about: its keys; all rows when it does not say.
  function changedSymbols(key, message, all) {
    if (all.includes(key)) return [key];
    const data = message && message.d ? message.d : null;
    return data ? Object.keys(data) : all;
  }

  // Minute closes with the present price as the last point; a new minute starts a new point.
  function makeRing(closes, minute) {
    return { points: closes.slice(-POINTS), minute };
  }

  function advance(ring, price, minute) {
    if (ring.minute === null || ring.points.length === 0 || minute > ring.minute) {
      if (ring.minute === null && ring.points.length) ring.points[ring.points.length - 1] = price;
      else ring.points.push(price);
      if (ring.points.length > POINTS) ring.points.shift();
      ring.minute = minute;
      return true;
    }
    if (ring.points[ring.points.length - 1] === price) return false;
    ring.points[ring.points.length - 1] = price;
    return true;
  }

  // Points of a line inside width x height, oldest at the left.
  function line(points, width, height) {
    const least = Math.min(...points);
    const span = Math.max(...points) - least || 1;
    const step = points.length > 1 ? width / (points.length - 1) : 0;
    return points.map((point, at) => [at * step, height - ((point - least) / span) * height]);
  }

  if (typeof module !== "undefined") module.exports = { directionOf, widthOf, changeDecimals, changedSymbols, rowsOf, without, movedTo, keptAfter, change, makeRing, advance, line };

  const rings = new Map();
  let closesBySymbol = {};
  function onCloses(closes) {
    closesBySymbol = closes || {};
    rings.clear();
    ts.watchlist.repaint();
    return root.dash_clientside.no_update;
  }
  ts.watchlist = { repaint() {} };
  root.dash_clientside = root.dash_clientside || {};
  root.dash_clientside.tradesim_watchlist = { on_closes: onCloses };
  if (typeof document === "undefined") return;

  const byId = (id) => document.getElementById(id);
  const rowBySymbol = new Map();
  const dirty = new Set();
  let sparkRoom = null;
  let rows = [];
  let isPercent = false;
  let finder = null;

  function ringOf(symbol) {
    if (!rings.has(symbol)) rings.set(symbol, makeRing(closesBySymbol[symbol] || [], null));
    return rings.get(symbol);
  }

  // Rows
  function cell(tag, name) {
    const made = document.createElement(tag);
    made.className = name;
    return made;
  }

  function textCell(name) {
    const made = cell("span", name);
    made.append(document.createTextNode(ts.format.NONE));
    return made;
  }

  function makeRow(symbol) {
    const item = cell("li", "watch-row");
    item.dataset.symbol = symbol;
    const main = cell("button", "watch-main");
    main.type = "button";
    main.title = ts.page.instruments[symbol].name;
    const sign = cell("span", "watch-symbol");
    sign.textContent = symbol;
    const spark = cell("canvas", "watch-spark");
    spark.setAttribute("aria-hidden", "true");
    const last = textCell("watch-last");
    const touch = textCell("watch-touch");
    const moved = textCell("watch-change");
    main.append(sign, spark, last, touch, moved);
    item.append(main, makeTools(symbol));
    return { item, main, spark, last, touch, moved, shown: {}, flip: false };
  }

  function makeTools(symbol) {
    const tools = cell("div", "watch-tools");
    const grip = ts.fingers.hold(cell("span", "watch-grip bi bi-grip-vertical"));
    grip.setAttribute("aria-hidden", "true");
    grip.title = "Drag to move; Alt with the arrows moves too";
    const remove = ts.dom.iconButton("x-lg", "Remove " + symbol + " from the watchlist", null, { tabindex: "-1" });
    remove.className = "watch-remove";
    tools.append(grip, remove);
    return tools;
  }

  function rebuild() {
    Object.assign(widest, { last: 0, moved: 0 });
    const kept = ts.page.stored("watchlist", null);
    rows = rowsOf(kept, ts.page.instruments);
    for (const symbol of rowBySymbol.keys()) if (!rows.includes(symbol)) rowBySymbol.delete(symbol);
    for (const symbol of rows) if (!rowBySymbol.has(symbol)) rowBySymbol.set(symbol, makeRow(symbol));
    byId("watchlist-rows").replaceChildren(...rows.map((symbol) => rowBySymbol.get(symbol).item));
    ts.live.watch(rows);
    markChosen();
    repaint();
  }

  function markChosen() {
    const tabbable = rows.includes(ts.page.symbol) ? ts.page.symbol : rows[0];
    for (const [symbol, row] of rowBySymbol) {
      const isChosen = symbol === ts.page.symbol;
      row.item.classList.toggle("is-chosen", isChosen);
      if (isChosen) row.main.setAttribute("aria-current", "true");
      else row.main.removeAttribute("aria-current");
      row.main.tabIndex = symbol === tabbable ? 0 : -1;
    }
  }

  function keep(next) {
    const kept = ts.page.stored("watchlist", null);
    ts.page.store("watchlist", keptAfter(kept, next, ts.page.instruments));
    rebuild();
  }

  function remove(symbol) {
    if (rows.length === 1) {
      ts.page.toast("info", "The last row stays: a watchlist needs at least one instrument.");
      return;
    }
    const at = rows.indexOf(symbol);
    keep(without(rows, symbol));
    focusRow(rows[Math.min(at, rows.length - 1)]);
  }

  function focusRow(symbol) {
    const row = rowBySymbol.get(symbol);
    if (row) row.main.focus();
  }

  // Painting
  function write(row, name, text) {
    if (row.shown[name] === text) return;
    row.shown[name] = text;
    row[name].firstChild.data = text;
  }

  // As the text says it: what is shown as zero has no colour.
  function tone(row, text) {
    const name = `watch-change ${directionOf(text)}`.trim();
    if (row.moved.className !== name) row.moved.className = name;
  }

  function flash(row, direction) {
    row.flip = !row.flip;
    row.last.className = "watch-last flash-" + (direction > 0 ? "up-" : "down-") + (row.flip ? "a" : "b");
  }

  function paintRow(symbol) {
    const row = rowBySymbol.get(symbol);
    const market = ts.live.state.market[symbol];
    if (!row || !market) return;
    const { format } = ts;
    const moved = change(market);
    const { tick, pd } = ts.page.instruments[symbol];
    write(row, "last", format.price(market.l, symbol));
    write(row, "touch", format.price(market.b, symbol) + " / " + format.price(market.a, symbol));
    const inPrice = () => format.signed(moved.ticks * tick, changeDecimals(market.l * tick, pd));
    const text = moved === null ? format.NONE : isPercent ? format.signed(moved.percent, 2) : inPrice();
    write(row, "moved", text);
    tone(row, text);
    if (row.price !== undefined && row.price !== market.l) flash(row, market.l - row.price);
    row.price = market.l;
    paintSpark(symbol, row, market, moved);
  }

  // One that is too old stands back alone, and says whose word it was.
  function showFreshness() {
    for (const [symbol, row] of rowBySymbol) {
      const { tone: of, says } = ts.sourceChip.of(symbol, "quote");
      const words = of === "stale" ? `${ts.page.instruments[symbol].name}: ${says}` : ts.page.instruments[symbol].name;
      if (row.main.title === words) continue;
      row.main.title = words;
      row.item.classList.toggle("is-stale", of === "stale");
    }
  }

  function paintSpark(symbol, row, market, moved) {
    if (market.l === null || market.l === undefined) return;
    const ring = ringOf(symbol);
    const isNew = advance(ring, market.l, Math.floor((market.lt || market.ts) / MINUTE));
    const color = !moved || !moved.ticks ? "muted" : moved.ticks < 0 ? "down" : "up";
    const look = ts.page.theme + ts.page.palette + color;
    if (!isNew && row.look === look) return;
    row.look = look;
    sparkRoom = sparkRoom || { width: row.spark.clientWidth, height: row.spark.clientHeight };
    draw(row.spark, sparkRoom, ring.points, ts.page.color(color));
  }

  function draw(canvas, { width, height }, points, color) {
    const scale = root.devicePixelRatio || 1;
    if (!width || points.length < 2) return;
    if (canvas.width !== width * scale || canvas.height !== height * scale) {
      canvas.width = width * scale;
      canvas.height = height * scale;
    }
    const pen = canvas.getContext("2d");
    pen.setTransform(scale, 0, 0, scale, 0, 0);
    pen.clearRect(0, 0, width, height);
    pen.strokeStyle = color;
    pen.lineWidth = 1.25;
    pen.lineJoin = "round";
    pen.beginPath();
    for (const [x, y] of line(points, width - 2, height - 6)) pen.lineTo(x + 1, y + 3);
    pen.stroke();
  }

  function paint() {
    for (const symbol of dirty) paintRow(symbol);
    dirty.clear();
    fit();
  }

  // Prices and changes have columns as wide as their widest, which never get narrower while the list stands.
  const widest = { last: 0, moved: 0 };
  function fit() {
    for (const name of Object.keys(widest)) {
      const needed = Math.max(...rows.map((symbol) => widthOf(rowBySymbol.get(symbol).shown[name] || "")));
      if (needed <= widest[name]) continue;
      repaint();
      widest[name] = needed;
      byId("watchlist").style.setProperty(`--watch-${name}`, needed + "ch");
    }
  }

  function repaint() {
    sparkRoom = null;
    for (const row of rowBySymbol.values()) row.look = null;
    for (const symbol of rows) dirty.add(symbol);
    ts.painter.dirty("watchlist");
  }

  // Hands
  const HELP = [
    ["up down", "Another row; Enter shows it everywhere"],
    ["alt+up alt+down", "Move the row"],
    ["delete", "Take the row out"],
  ];

  function rowAt(event) {
    const item = event.target.closest(".watch-row");
    return item && item.dataset.symbol;
  }

  function onKey(event) {
    const symbol = rowAt(event);
    if (!symbol) return;
    const at = rows.indexOf(symbol);
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step && event.altKey) {
      event.preventDefault();
      keep(movedTo(rows, symbol, at + step));
      focusRow(symbol);
    } else if (step || event.key === "Home" || event.key === "End") {
      event.preventDefault();
      const to = event.key === "Home" ? 0 : event.key === "End" ? rows.length - 1 : Math.max(0, Math.min(rows.length - 1, at + step));
      focusRow(rows[to]);
    } else if (event.key === "Delete" || event.key === "Backspace") {
      event.preventDefault();
      remove(symbol);
    }
  }

  function onClick(event) {
    const symbol = rowAt(event);
    if (!symbol) return;
    if (event.target.closest(".watch-remove")) remove(symbol);
    else if (event.target.closest(".watch-main")) ts.page.choose(symbol);
  }

  // A row follows the pointer; the others make room only when it is let go of, or as it passes their middle.
  function onGrip(event) {
    const grip = event.target.closest(".watch-grip");
    const symbol = grip && rowAt(event);
    if (!symbol) return;
    event.preventDefault();
    const { item } = rowBySymbol.get(symbol);
    const list = byId("watchlist-rows");
    item.classList.add("is-dragged");
    grip.setPointerCapture(event.pointerId);
    const move = (moved) => {
      const over = [...list.children].find((other) => other !== item && isOver(other, moved.clientY));
      if (over) pass(item, over);
    };
    const end = () => {
      grip.removeEventListener("pointermove", move);
      item.classList.remove("is-dragged");
      keep([...list.children].map((other) => other.dataset.symbol));
    };
    grip.addEventListener("pointermove", move);
    grip.addEventListener("lostpointercapture", end, { once: true });
  }

  // The others go past the row in the hand: one that is taken out of the document loses the pointer.
  function pass(item, over) {
    const isDown = isBelow(over, item);
    while (isBelow(over, item) === isDown) {
      if (isDown) item.before(item.nextElementSibling);
      else item.after(item.previousElementSibling);
    }
  }

  function isOver(item, y) {
    const box = item.getBoundingClientRect();
    return y >= box.top && y < box.bottom;
  }

  const isBelow = (one, other) => Boolean(other.compareDocumentPosition(one) & Node.DOCUMENT_POSITION_FOLLOWING);

  // Tools of a row appear once the pointer rests on its right end, so that they do not hide numbers in passing.
  function onPointer(event) {
    const item = event.target.closest(".watch-row");
    for (const row of rowBySymbol.values()) {
      const isHere = row.item === item && event.pointerType === "mouse" && row.item.getBoundingClientRect().right - event.clientX < 60;
      row.item.classList.toggle("has-tools", isHere);
    }
  }

  function showUnit() {
    const button = byId("watchlist-unit");
    button.textContent = isPercent ? "Change %" : "Change";
    button.title = isPercent ? "Show the change in money" : "Show the change in percent";
    repaint();
  }

  // A finger has no hover: the rows show their tools while editing.
  function toggleEditing() {
    const isEditing = byId("watchlist").classList.toggle("is-editing");
    byId("watchlist-edit").setAttribute("aria-pressed", String(isEditing));
  }

  function openFinder() {
    const host = byId("watchlist-finder");
    const isOpening = host.hidden;
    host.hidden = !isOpening;
    byId("watchlist-add").setAttribute("aria-expanded", String(isOpening));
    if (isOpening) finder.input.focus();
  }

  function closeFinder() {
    byId("watchlist-finder").hidden = true;
    byId("watchlist-add").setAttribute("aria-expanded", "false");
  }

  function addable() {
    return Object.fromEntries(Object.entries(ts.page.instruments).filter(([symbol]) => !rows.includes(symbol)));
  }

  function startFinder(guard) {
    finder = ts.combobox.make(byId("watchlist-finder"), {
      id: "watchlist-search",
      label: "Add an instrument",
      placeholder: "Symbol or name",
      offered: (query) => [...ts.combobox.matches(query, addable(), [], 50), ...ts.symbols.beyond(query)],
      nameOf: ts.symbols.nameOf,
      none: (query) => (Object.keys(addable()).length ? `No other instrument is called “${query}”.` : "Every instrument of this market is in the list."),
      onChoose: guard(async (symbol) => {
        closeFinder();
        if (!(await ts.symbols.listed(symbol))) return;
        if (!rows.includes(symbol)) keep([...rows, symbol]);
        focusRow(symbol);
      }),
      onLeave: () => {
        closeFinder();
        byId("watchlist-add").focus();
      },
    });
    ts.symbols.attend(finder);
    finder.input.addEventListener("blur", () => setTimeout(closeFinder, 150));
  }

  function start() {
    const guard = (fn) => ts.boundary.guard("watchlist", fn);
    isPercent = ts.page.stored("watchlist-percent", false);
    ts.watchlist.repaint = repaint;
    startFinder(guard);
    const list = byId("watchlist-rows");
    list.addEventListener("click", guard(onClick));
    list.addEventListener("keydown", guard(onKey));
    ts.keys.tell("Watchlist", HELP);
    list.addEventListener("pointerdown", guard(onGrip));
    list.addEventListener("pointermove", guard(onPointer));
    list.addEventListener("pointerleave", guard(onPointer));
    byId("watchlist-add").addEventListener("mousedown", (event) => event.preventDefault());
    byId("watchlist-add").addEventListener("click", guard(openFinder));
    byId("watchlist-edit").addEventListener("click", guard(toggleEditing));
    byId("watchlist-unit").addEventListener(
      "click",
      guard(() => {
        isPercent = !isPercent;
        ts.page.store("watchlist-percent", isPercent);
        showUnit();
      }),
    );
    ts.painter.add("watchlist", paint);
    ts.page.onSymbol(guard(markChosen));
    ts.page.onInstruments(guard(rebuild));
    ts.page.onTheme(guard(repaint));
    ts.painter.onShown((panel, isShown) => panel === "watchlist" && isShown && repaint());
    ts.boundary.onRetry("watchlist", rebuild);
    if (root.ResizeObserver) new ResizeObserver(guard(repaint)).observe(list);
    ts.live.want("watchlist", ["market"]);
    for (const kind of ["feeds", "connection"]) ts.live.on(kind, guard(showFreshness));
    ts.live.on("market", (key, message) => {
      for (const symbol of changedSymbols(key, message, rows)) dirty.add(symbol);
      ts.painter.dirty("watchlist");
    });
    rebuild();
    showUnit();
  }

  document.addEventListener("DOMContentLoaded", () => ts.page.ready(start));
})(typeof window === "undefined" ? globalThis : window);
