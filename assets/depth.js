// Depth: what waits up to each price, as two stepped areas on a canvas under Plotly's axes.
(function (root) {
  "use strict";
  const ts = (root.tradesim = root.tradesim || {});
  if (typeof document === "undefined") return;
  const PANEL = "depth";
  const TOP = 10;
  const RANGE_EVERY_MS = 500;
  const PATIENCE_MS = 4000;
  const MARGIN = { left: 8, right: 52, top: 8, bottom: 24 };

  const view = { symbol: null, zoom: 1, window: null, height: 0, at: null, rangedAt: 0, asked: "" };
  const dom = { under: null, over: null, isDrawn: false, isGraphWanted: false, plotlySince: 0, failed: "" };

  const $ = (id) => document.getElementById(`depth-${id}`);
  const state = () => ts.live.state;
  const dirty = () => ts.painter.dirty(PANEL);
  const instrument = () => ts.page.instruments[view.symbol];
  const now = () => root.performance.now();

  // The only place that knows Plotly's insides: where the axes stand, in CSS pixels of the stage. Until its library has
  // been read, where they will stand.
  function axes() {
    const graph = $("graph-slot").querySelector(".js-plotly-plot");
    const full = graph && graph._fullLayout;
    if (!full || !full.xaxis || !full.xaxis._length) return ownPlace();
    return { graph, left: full.xaxis._offset, width: full.xaxis._length, top: full.yaxis._offset, height: full.yaxis._length };
  }

  function ownPlace() {
    const width = dom.size.width - MARGIN.left - MARGIN.right;
    const height = dom.size.height - MARGIN.top - MARGIN.bottom;
    return width > 0 && height > 0 ? { graph: null, left: MARGIN.left, width, top: MARGIN.top, height } : null;
  }

  function layer(id) {
    const canvas = document.createElement("canvas");
    canvas.setAttribute("aria-hidden", "true");
    $(id).replaceChildren(canvas);
    const context = canvas.getContext("2d");
    if (context) canvas.addEventListener("contextlost", () => lose("The browser took the canvas away"));
    return context;
  }

  // Canvas pixels follow the stage's size; drawing is in CSS pixels.
  function fitted(context) {
    const { canvas } = context;
    const ratio = root.devicePixelRatio || 1;
    const { width, height } = dom.size;
    if (canvas.width !== Math.round(width * ratio) || canvas.height !== Math.round(height * ratio)) {
      canvas.width = Math.round(width * ratio);
      canvas.height = Math.round(height * ratio);
      canvas.style.width = `${width}px`;
      canvas.style.height = `${height}px`;
    }
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    context.clearRect(0, 0, width, height);
    return context;
  }

  function paint() {
    if (!dom.under || !ts.live || dom.failed) return undefined;
    adopt(ts.page.symbol);
    const condition = ts.book.condition(state(), view.symbol, { market: ts.live.marketNow(), age: ts.freshness.age() });
    showCondition(condition);
    if (condition.phase === "loading" || condition.phase === "empty") return clear();
    const book = state().book[view.symbol];
    showHead(book);
    const place = axes();
    if (place && !place.graph) wantGraph();
    return place ? draw(book, place) : undefined;
  }

  function adopt(symbol) {
    if (view.symbol === symbol) return;
    Object.assign(view, { symbol, window: null, height: 0, at: null, asked: "" });
  }

  function clear() {
    fitted(dom.under);
    fitted(dom.over);
    put("mid", "Mid –");
    put("spread", "Spread –");
    $("readout").hidden = true;
  }

  // Plotly's library comes after the page, on a slow line long after: until then the canvas has axes of its own. When it
  // is there and draws none, the table stands in.
  function wantGraph() {
    if (isPlotlyMissing()) return lose("Plotly's axes are missing", "table");
    if (root.Plotly && !dom.plotlySince) dom.plotlySince = now();
    if (!dom.isGraphWanted) {
      dom.isGraphWanted = true;
      ts.page.later(() => root.dash_clientside.set_props("depth-mount", { data: Date.now() }));
    }
    root.setTimeout(dirty, 100);
    return undefined;
  }

  const isPlotlyMissing = () => dom.plotlySince > 0 && now() - dom.plotlySince > PATIENCE_MS;

  function draw(book, place) {
    const mid = ts.book.mid(book);
    const bids = ts.book.cumulative(book.b);
    const asks = ts.book.cumulative(book.a);
    view.window = ts.depthModel.steadyWindow(view.window, ts.depthModel.wantedWindow(book, mid, view.zoom));
    const [from, to] = view.window;
    view.height = ts.depthModel.steadyHeight(view.height, Math.max(ts.depthModel.largestIn(bids, from, to), ts.depthModel.largestIn(asks, from, to)));
    askRange(place);
    const scale = scaleOf(place);
    const context = fitted(dom.under);
    drawSide(context, scale, ts.depthModel.corners(bids, from), "up");
    drawSide(context, scale, ts.depthModel.corners(asks, to), "down");
    drawMid(context, scale, mid);
    drawOwn(context, scale, bids, asks);
    drawReach(book, scale, mid, bids, asks);
  }

  function scaleOf(place) {
    const [from, to] = view.window;
    return {
      ...place,
      x: (price) => place.left + ((price - from) / (to - from)) * place.width,
      y: (sum) => place.top + place.height * (1 - sum / view.height),
      price: (x) => from + ((x - place.left) / place.width) * (to - from),
    };
  }

  // The axes follow at most twice a second: moving them is the only thing here that Plotly has to do.
  function askRange({ graph }) {
    if (!graph) return undefined;
    const { tick, lot, pd } = instrument();
    const x = view.window.map((ticks) => ticks * tick);
    const range = [...x, view.height * lot, ts.page.theme, ts.page.palette].join("|");
    if (range === view.asked) return undefined;
    if (now() - view.rangedAt < RANGE_EVERY_MS) return root.setTimeout(dirty, RANGE_EVERY_MS);
    Object.assign(view, { asked: range, rangedAt: now() });
    const [muted, line] = [ts.page.color("muted"), ts.page.color("line")];
    const colors = { "xaxis.color": muted, "yaxis.color": muted, "yaxis.gridcolor": line, "xaxis.tickcolor": line };
    const ranges = { "xaxis.range": x, "yaxis.range": [0, view.height * lot], "xaxis.tickformat": `,.${pd}f` };
    const told = () => ($("graph-slot").dataset.told = "");
    return root.Plotly.relayout(graph, { ...colors, ...ranges }).then(told).catch((error) => lose(`Plotly stopped: ${error.message}`, "table"));
  }

  function clip(context, { left, top, width, height }) {
    context.save();
    context.beginPath();
    context.rect(left, top, width, height);
    context.clip();
  }

  function drawSide(context, scale, points, color) {
    if (!points.length) return;
    clip(context, scale);
    context.beginPath();
    for (const [price, sum] of points) context.lineTo(scale.x(price), scale.y(sum));
    context.strokeStyle = ts.page.color(color);
    context.lineWidth = 1.5;
    context.stroke();
    context.lineTo(scale.x(points[points.length - 1][0]), scale.y(0));
    context.closePath();
    context.fillStyle = ts.page.color(`${color}-soft`);
    context.fill();
    context.restore();
  }

  function drawMid(context, scale, mid) {
    context.save();
    context.strokeStyle = ts.page.color("muted");
    context.setLineDash([3, 4]);
    line(context, scale.x(mid), scale.top, scale.x(mid), scale.top + scale.height);
    context.restore();
  }

  function line(context, x0, y0, x1, y1) {
    context.beginPath();
    context.moveTo(x0, y0);
    context.lineTo(x1, y1);
    context.stroke();
  }

  // Own orders stand on the curve where their queue does: a dot, and their quantity where there is room.
  function drawOwn(context, scale, bids, asks) {
    const [from, to] = view.window;
    context.save();
    context.font = `600 11px ${getComputedStyle(document.body).fontFamily}`;
    context.fillStyle = context.strokeStyle = ts.page.color("accent");
    let stops = 0;
    for (const order of ts.depthModel.merged(ts.book.ownOrders(state().desk, view.symbol, instrument().lot))) {
      if (order.price < from || order.price > to) continue;
      if (order.isStop) drawStop(context, scale, order, stops++);
      else drawOrder(context, scale, order, ts.depthModel.sumAt(order.side === "buy" ? bids : asks, order.price, order.side === "buy" ? "sell" : "buy"));
    }
    context.restore();
  }

  function drawOrder(context, scale, order, sum) {
    const x = scale.x(order.price);
    const y = scale.y(sum);
    line(context, x, scale.top + scale.height, x, y);
    context.beginPath();
    context.arc(x, y, 3.5, 0, 7);
    context.fill();
    context.textAlign = order.side === "buy" ? "right" : "left";
    context.fillText(ts.format.qty(order.qty, view.symbol), x + (order.side === "buy" ? -6 : 6), y - 6);
  }

  // A stop is in no queue: a dotted line at its trigger and a diamond on the floor; words of neighbours stand in steps.
  function drawStop(context, scale, order, index) {
    const x = scale.x(order.price);
    const floor = scale.top + scale.height;
    context.save();
    context.fillStyle = context.strokeStyle = ts.page.color("warn");
    context.setLineDash([2, 3]);
    line(context, x, scale.top, x, floor);
    context.beginPath();
    for (const [dx, dy] of [[0, -9], [4.5, -4.5], [0, 0], [-4.5, -4.5]]) context.lineTo(x + dx, floor + dy);
    context.fill();
    context.textAlign = order.side === "buy" ? "left" : "right";
    context.fillText(`Stop ${ts.format.qty(order.qty, view.symbol)}`, x + (order.side === "buy" ? 7 : -7), floor - 5 - (index % 4) * 13);
    context.restore();
  }

  function drawReach(book, scale, mid, bids, asks) {
    const context = fitted(dom.over);
    if (view.at === null) return hideReach();
    const price = Math.max(view.window[0], Math.min(view.window[1], view.at));
    const at = ts.depthModel.reachOf(book, price, mid);
    const x = scale.x(price);
    const y = scale.y(ts.depthModel.sumAt(at.side === "buy" ? asks : bids, price, at.side));
    context.strokeStyle = context.fillStyle = ts.page.color("text");
    context.setLineDash([2, 3]);
    line(context, x, scale.top, x, scale.top + scale.height);
    line(context, scale.left, y, scale.left + scale.width, y);
    context.beginPath();
    context.arc(x, y, 3, 0, 7);
    context.fill();
    return showReach(book, at, Math.round(price), x > scale.left + scale.width / 2);
  }

  function hideReach() {
    $("readout").hidden = true;
    $("stage").setAttribute("aria-valuetext", "no price chosen");
  }

  function showReach(book, at, price, isRight) {
    const text = reachText(book, at, price);
    const box = $("readout");
    box.hidden = false;
    box.classList.toggle("is-left", isRight);
    if (box.textContent !== text) box.innerText = text;
    $("stage").setAttribute("aria-valuenow", String(price));
    $("stage").setAttribute("aria-valuetext", text.replaceAll("\n", ", "));
  }

  function reachText(book, at, price) {
    const { tick, lot, pd } = instrument();
    const word = at.side === "buy" ? "Buy up to" : "Sell down to";
    const head = `${word} ${ts.format.price(price, view.symbol)}`;
    if (!at.qty) return `${head}\nnothing waits there`;
    const touch = (at.side === "buy" ? book.a : book.b)[0][0];
    const average = ts.format.number(at.average * tick, pd + 2);
    const slippage = `${ts.format.number(at.slippage * tick, pd + 2)} (${ts.depthModel.bps(at.slippage, touch).toFixed(1)} bp)`;
    const value = ts.format.money(at.value * tick * lot);
    const word2 = at.side === "buy" ? "Cost" : "Proceeds";
    return `${head}\n${ts.format.qty(at.qty, view.symbol)} · average ${average}\nSlippage ${slippage}\n${word2} ${value}`;
  }

  function showHead(book) {
    const mid = ts.book.mid(book);
    const { tick, pd } = instrument();
    const spread = ts.book.spread(book);
    put("mid", `Mid ${ts.format.number(mid * tick, pd + (Number.isInteger(mid) ? 0 : 1))}`);
    put("spread", spread === null ? "One side only" : `Spread ${ts.format.price(spread, view.symbol)} · ${ts.depthModel.bps(spread, mid).toFixed(1)} bp`);
    showImbalance(ts.book.imbalance(book, TOP));
  }

  function put(id, text) {
    if (dom[id] === text) return;
    dom[id] = text;
    $(id).textContent = text;
  }

  function showImbalance(value) {
    put("imbalance-text", ts.depthModel.imbalanceText(value));
    const share = `${Math.round(((value || 0) + 1) * 50)}%`;
    if (dom.share === share) return;
    dom.share = share;
    $("imbalance").style.width = share;
  }

  function showCondition({ phase, text }) {
    if (phase === "stale") root.setTimeout(dirty, 500);
    if (dom.phase === phase && dom.conditionText === text) return;
    Object.assign(dom, { phase, conditionText: text });
    $("stage").dataset.phase = phase;
    $("condition").hidden = phase === "live";
    $("condition").textContent = text;
  }

  // Without a canvas Plotly draws the curve; without Plotly a table says it.
  function lose(why, kind = "figure") {
    if (dom.failed) return;
    dom.failed = why;
    const stand = kind === "figure" ? "Plotly draws the curve once a second instead" : "a table stands in, once a second";
    ts.boundary.fallback(PANEL, `${why}: ${stand}.`);
    showFallback(kind);
  }

  function showFallback(kind) {
    const colors = Object.fromEntries(["up", "down", "muted", "line"].map((name) => [name, ts.page.color(name)]));
    root.dash_clientside.set_props("depth-fallback-mode", { data: { kind, colors } });
    root.dash_clientside.set_props("depth-fallback-timer", { disabled: false });
    document.getElementById(PANEL).classList.add("has-fallback");
  }

  function hideFallback() {
    root.dash_clientside.set_props("depth-fallback-timer", { disabled: true });
    document.getElementById(PANEL).classList.remove("has-fallback");
    ts.boundary.fallback(PANEL, "");
  }

  function watchFailure() {
    const look = () => {
      const isFailed = ts.boundary.isFailed(PANEL);
      if (isFailed === dom.isFailed) return;
      dom.isFailed = isFailed;
      if (isFailed) showFallback(isPlotlyMissing() ? "table" : "figure");
    };
    new MutationObserver(look).observe(document.getElementById(PANEL), { attributes: true, attributeFilter: ["class"] });
    ts.boundary.onRetry(PANEL, () => {
      Object.assign(dom, { failed: "", isFailed: false, isGraphWanted: false, plotlySince: 0 });
      view.symbol = null;
      hideFallback();
      buildLayers();
      dirty();
    });
  }

  function buildLayers() {
    dom.under = layer("under");
    dom.over = layer("over");
    if (!dom.under || !dom.over) lose("This browser has no canvas");
  }

  function zoom(by) {
    view.zoom = Math.max(0.04, Math.min(1, view.zoom * by));
    view.window = null;
    ts.page.store("depth.zoom", view.zoom);
    dirty();
  }

  function onMove(event) {
    const place = axes();
    if (!place || !view.window) return;
    const box = $("stage").getBoundingClientRect();
    view.at = scaleOf(place).price(event.clientX - box.left);
    dirty();
  }

  function leave() {
    view.at = null;
    dirty();
  }

  function choose(ticks) {
    if (!view.window) return;
    const book = state().book[view.symbol];
    const from = view.at === null ? Math.round(ts.book.mid(book)) : Math.round(view.at);
    view.at = Math.max(view.window[0], Math.min(view.window[1], from + ticks));
    dirty();
  }

  const KEYS = {
    ArrowLeft: (event) => choose(event.shiftKey ? -10 : -1),
    ArrowRight: (event) => choose(event.shiftKey ? 10 : 1),
    "+": () => zoom(0.8),
    "-": () => zoom(1.25),
    Escape: leave,
  };

  const HELP = [
    ["left right", "The price that is read, a tick on; with Shift ten"],
    ["+ -", "Nearer, further"],
  ];

  function onKey(event) {
    const act = KEYS[event.key];
    if (!act || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    event.stopPropagation();
    act(event);
  }

  function onWheel(event) {
    event.preventDefault();
    zoom(event.deltaY > 0 ? 1.15 : 1 / 1.15);
  }

  function want() {
    const { symbol } = ts.page;
    ts.live.want(PANEL, symbol && ts.painter.isShown(PANEL) ? ["status", "desk", `book:${symbol}`] : []);
  }

  function listen() {
    const onSymbol = () => {
      want();
      dirty();
    };
    for (const kind of ["book", "desk", "status", "connection"]) ts.live.on(kind, dirty);
    ts.page.onSymbol(onSymbol);
    ts.page.onInstruments(() => {
      view.symbol = null;
      onSymbol();
    });
    ts.page.onTheme(dirty);
    ts.painter.onShown((panel) => panel === PANEL && want());
    const guarded = (fn) => ts.boundary.guard(PANEL, fn);
    $("stage").addEventListener("pointermove", guarded(onMove));
    $("stage").addEventListener("pointerdown", guarded(onMove));
    $("stage").addEventListener("pointerleave", guarded(leave));
    $("stage").addEventListener("blur", guarded(leave));
    $("stage").addEventListener("keydown", guarded(onKey));
    ts.keys.tell("Depth", HELP);
    $("stage").addEventListener("wheel", guarded(onWheel), { passive: false });
  }

  function measure() {
    const { clientWidth: width, clientHeight: height } = $("stage");
    dom.size = { width, height };
    view.asked = "";
    dirty();
  }

  function start() {
    view.zoom = ts.page.stored("depth.zoom", 1);
    measure();
    buildLayers();
    listen();
    watchFailure();
    new ResizeObserver(ts.boundary.guard(PANEL, measure)).observe($("stage"));
    ts.painter.add(PANEL, paint);
    want();
  }

  document.addEventListener("DOMContentLoaded", () => ts.page.ready(start));
})(typeof window === "undefined" ? globalThis : window);
