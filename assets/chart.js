// The chart panel: puts bars, axes, canvases, hands, menus and fallbacks together. Dirty bits in, one painting out.
(function (root) {
  "use strict";
  const ts = (root.tradesim = root.tradesim || {});
  const LEGEND_MS = 100;
  const RESCALE_MS = 250;

  function chartPanel(panel) {
    const { LIVE, HISTORY, LAYOUT } = ts.chartScene;
    const V = ts.chartView;
    const part = (name) => panel.querySelector(`#chart-${name}`);
    const chart = ts.chartModel.model(ts.chartModel.settings(ts.page.stored("chart", null)));
    const seen = { lines: [], placed: [], marks: [], hover: null, hovered: null, drag: null, pending: new Map() };
    const state = { view: null, frame: null, sent: null, dirty: 0, colors: null, history: null, live: null, xTicks: null, tickKey: "", rescaledAt: 0 };
    const axes = ts.chartAxes.axes(part("graph-slot"), onAxesMoved);
    const menu = ts.chartMenu.popover(panel);
    const levels = ts.chartFallback.ladder(onLevel);
    const watch = ts.chartFallback.watch(() => axes.isPending());
    const feed = ts.chartFeed.feed({ onBars, onLive, onSilence });
    const legend = ts.chartLegend.legend(panel);
    const instrument = () => ts.page.instruments[chart.symbol];
    const price = (ticks) => ts.format.price(Math.round(ticks), chart.symbol);

    function dirty(bits) {
      state.dirty |= bits;
      ts.painter.dirty("chart");
    }

    // ---- bars in

    function show(symbol, frame) {
      const isOther = symbol !== chart.symbol || frame !== chart.frame;
      chart.symbol = symbol;
      chart.frame = frame;
      if (isOther) ts.chartModel.clear(chart);
      abortDrag();
      seen.pending.clear();
      seen.hover = null;
      state.tickKey = "";
      ts.chartMenu.showChoice(panel, chart);
      legend.say(`Loading ${frame} bars of ${symbol}…`, 300);
      relist();
      if (symbol) feed.ask(symbol, frame);
      dirty(LIVE | HISTORY | LAYOUT);
    }

    function onBars(answer) {
      if (answer.error) return legend.say(answer.error);
      const zone = answer.zone;
      chart.offsetAt = (ms) => ts.format.zoneOffset(ms, zone);
      if (answer.before !== null) ts.chartModel.older(chart, answer);
      else loaded(answer);
      relist();
      legend.say(chart.bars.n ? "" : `No trades yet in ${chart.frame} bars of ${chart.symbol}; the first will appear here.`);
      dirty(LIVE | HISTORY | LAYOUT);
      return undefined;
    }

    function loaded(answer) {
      const span = state.view ? state.view.x1 - state.view.x0 : spanFor();
      const keeps = state.view && !state.view.follow && chart.bars.n > 0;
      ts.chartModel.load(chart, answer, feed.liveRows());
      if (!keeps) state.view = V.atNow(chart.bars, span);
    }

    function spanFor() {
      return Math.max(40, Math.round((part("stage").clientWidth - 64) / 7));
    }

    function onLive(rows, isSnapshot) {
      if (!chart.bars.n && feed.isWaiting()) return;
      const wasAtNow = state.view && V.isAtNow(state.view, chart.bars);
      const first = !chart.bars.n;
      const outcome = ts.chartModel.live(chart, rows, isSnapshot);
      if (outcome.hasGap && !feed.isWaiting()) feed.ask(chart.symbol, chart.frame);
      if (outcome.from < 0) return;
      if (first) state.view = V.atNow(chart.bars, spanFor());
      if (first) legend.say("");
      const isOnlyNewest = outcome.from === chart.bars.n - 1 && !outcome.appended;
      if (outcome.appended && wasAtNow && state.view.follow) state.view = V.following(state.view, outcome.appended);
      if (outcome.appended) relist();
      dirty(isOnlyNewest && !outgrown() ? LIVE : LIVE | HISTORY | LAYOUT);
    }

    // Does the newest bar leave the scale, or tower over the volume in sight? At most four times a second.
    function outgrown() {
      const { view, frame } = state;
      const last = chart.bars.n - 1;
      if (!view || !frame || !view.auto || !V.isAtNow(view, chart.bars)) return false;
      const isOut = V.needsScale(view, chart.bars.low[last], chart.bars.high[last], chart.volume);
      const isTall = chart.volume && chart.bars.volume[last] > frame.volumeTop;
      if (!isOut && !isTall) return false;
      const now = performance.now();
      if (now - state.rescaledAt < RESCALE_MS) return false;
      state.rescaledAt = now;
      return true;
    }

    function onSilence(wanted) {
      if (!chart.bars.n) legend.say(`The ${wanted.timeframe} bars of ${wanted.symbol} did not arrive.`, 0, () => show(chart.symbol, chart.frame));
    }

    function relist() {
      const desk = (ts.live && ts.live.state && ts.live.state.desk) || {};
      const known = instrument();
      if (!known) return;
      for (const [id, ticks] of seen.pending) {
        const order = desk.orders && desk.orders[id];
        if (!order || order.limit_ticks === ticks) seen.pending.delete(id);
      }
      const position = ts.chartOrders.positionLine(desk.positions, chart.symbol, known);
      seen.lines = ts.chartOrders.orderLines(desk.orders, chart.symbol, known, seen.pending).concat(position || []);
      for (const line of seen.lines) line.priceText = price(line.ticks);
      seen.marks = ts.chartOrders.fillMarks(desk.fills, chart.symbol, chart.bars, ts.chartData.indexAt);
      dirty(LIVE);
    }

    // ---- painting

    function paint() {
      const bits = state.dirty;
      state.dirty = 0;
      if (levels.state.level === 2) return legend.table(chart, price);
      if (levels.state.level === 1 || !chart.bars.n) return paintNothing(bits);
      try {
        levels.probe(1);
        paintCanvas(bits);
        levels.painted();
      } catch (error) {
        levels.struck(error);
        if (!levels.state.level) dirty(LIVE | HISTORY | LAYOUT);
      }
      return undefined;
    }

    function paintNothing(bits) {
      if (levels.state.level || !state.frame || !(bits & LAYOUT)) return;
      state.history.wipe();
      state.live.wipe();
      legend.header(chart);
      legend.values(null);
    }

    function paintCanvas(bits) {
      if (!ready()) return;
      let todo = bits;
      if (todo & LAYOUT) {
        arrange();
        todo |= HISTORY | LIVE;
      }
      if (todo & HISTORY) {
        const ys = axes.box().yTicks.map((value) => value / instrument().tick);
        ts.chartScene.paintHistory(state.history, state.frame, chart, state.colors, inSight(state.xTicks), ys);
      }
      seen.placed = ts.chartScene.paintLive(state.live, state.frame, chart, state.colors, shownNow());
      legend.atMost(LEGEND_MS, () => readOut());
      part("now").hidden = state.view.follow;
    }

    function ready() {
      if (!instrument() || !axes.box()) {
        root.setTimeout(() => dirty(LIVE | HISTORY | LAYOUT), 60);
        return false;
      }
      if (!state.view) state.view = V.atNow(chart.bars, spanFor());
      if (state.history) return true;
      const restored = () => ts.boundary.retry("chart");
      const lost = () => levels.lower(1, "the browser took the drawing surface away");
      state.history = ts.chartScene.surface(part("history"), lost, restored);
      state.live = ts.chartScene.surface(part("live"), lost, restored);
      recolor();
      return true;
    }

    // Ranges and labels go to Plotly when they differ from what it has; then everything is measured from it.
    function arrange() {
      const bars = ts.chartModel.shown(chart);
      state.view = V.clamped(state.view, bars);
      const extent = ts.chartData.extent(bars, ...V.visible(state.view, bars));
      if (extent && state.view.auto) Object.assign(state.view, V.scaleFor(extent, chart.volume));
      const changes = { ...rangeChanges(), ...labelChanges() };
      if (Object.keys(changes).length) axes.set(changes);
      state.frame = ts.chartScene.frameOf(axes.box(), state.view, root.devicePixelRatio || 1);
      state.frame.volumeTop = extent ? extent.volume : 0;
      if (ts.chartModel.wantsOlder(chart, state.view)) feed.askOlder(chart.symbol, chart.frame, chart.bars.start[0]);
    }

    function rangeChanges() {
      const { x0, x1, low, high } = state.view;
      const { tick } = instrument();
      const wanted = [x0, x1, low * tick, high * tick];
      if (state.sent && wanted.every((value, at) => value === state.sent[at])) return {};
      state.sent = wanted;
      return { "xaxis.range": [x0, x1], "yaxis.range": [wanted[2], wanted[3]] };
    }

    function labelChanges() {
      const box = axes.box();
      const gap = ts.chartTime.gapFor(box.plotWidth / (state.view.x1 - state.view.x0), ts.chartScene.LABEL_PX);
      const room = ts.chartScene.scaleWidth(state.live.ctx, state.colors.family, [price(state.view.high), price(state.view.low), "00:00"]);
      const key = `${chart.symbol} ${chart.frame} ${gap} ${chart.bars.base} ${chart.bars.n} ${room} ${ts.page.theme} ${ts.page.palette}`;
      if (key === state.tickKey) return {};
      const before = state.tickKey.replace(/^((?:\S+ ){4})\S+ /, "$1");
      const isOnlyLonger = before === key.replace(/^((?:\S+ ){4})\S+ /, "$1");
      state.tickKey = key;
      const ticks = ts.chartTime.ticks(chart.bars, gap, ts.chartModel.secondsOf(chart));
      if (isOnlyLonger && state.xTicks && state.xTicks.at.length === ticks.at.length) return {};
      state.xTicks = ticks;
      return {
        "xaxis.tickvals": ticks.at,
        "xaxis.ticktext": ticks.text,
        "yaxis.tickformat": `,.${instrument().pd}f`,
        "yaxis.nticks": Math.max(3, Math.round(box.plotHeight / 56)),
        "margin.r": room,
        "font.color": state.colors.muted,
      };
    }

    function inSight(ticks) {
      return ticks.at.filter((at) => at > state.view.x0 && at < state.view.x1);
    }

    function shownNow() {
      const last = chart.bars.n - 1;
      return { ...seen, last: lastNow(last), hover: hoverNow(), hovered: seen.hovered };
    }

    function lastNow(last) {
      const now = ts.live && ts.live.marketNow ? ts.live.marketNow() : NaN;
      return {
        ticks: chart.bars.close[last],
        text: price(chart.bars.close[last]),
        rises: chart.bars.close[last] >= chart.bars.open[last],
        countdown: ts.chartTime.countdown(chart.bars.start[last], ts.chartModel.secondsOf(chart), now),
      };
    }

    function hoverNow() {
      if (!seen.hover || seen.drag) return null;
      const index = seen.hover.bar - chart.bars.base;
      const wall = index >= 0 && index < chart.bars.n ? chart.bars.wall[index] : NaN;
      const ticks = ts.chartPaint.ticksAt(state.frame, seen.hover.y);
      const timeText = wall === wall ? ts.chartTime.barLabel(wall, ts.chartModel.secondsOf(chart)) : "";
      return { ...seen.hover, priceText: price(ticks), timeText };
    }

    function readOut() {
      const index = seen.hover ? seen.hover.bar - chart.bars.base : chart.bars.n - 1;
      legend.header(chart);
      const readout = ts.chartModel.readout(chart, Math.min(chart.bars.n - 1, Math.max(0, index)));
      legend.values(readout, chart, state.colors.averages, Boolean(seen.hover));
    }

    function recolor() {
      const family = root.getComputedStyle(panel).fontFamily;
      state.colors = ts.chartScene.look(ts.page.color, family);
      state.tickKey = "";
    }

    // Somebody else moved the axes, or Plotly measured itself anew: what it says is right.
    function onAxesMoved() {
      const box = axes.box();
      if (!box || !state.sent || levels.state.level) return;
      const now = [...box.x, ...box.y];
      const isMoved = now.some((value, at) => Math.abs(value - state.sent[at]) > 1e-9 * Math.max(1, Math.abs(value)));
      const { frame } = state;
      if (isMoved) adopt(box, now);
      else if (frame && frame.width === box.plotWidth && frame.height === box.plotHeight && frame.left === box.left && frame.totalWidth === box.width) return;
      dirty(LIVE | HISTORY | LAYOUT);
    }

    function adopt(box, now) {
      const { tick } = instrument();
      const isScaled = now[2] !== state.sent[2] || now[3] !== state.sent[3];
      const y = isScaled ? { low: box.y[0] / tick, high: box.y[1] / tick, auto: false } : {};
      state.view = V.seen({ ...state.view, x0: box.x[0], x1: box.x[1], ...y }, chart.bars);
      state.sent = now;
    }

    // ---- hands

    const hands = ts.chartHands.hands(part("hands"), {
      frame: () => (levels.state.level ? null : state.frame),
      view: () => state.view,
      bars: () => chart.bars,
      setView(view) {
        state.view = view;
        dirty(LAYOUT);
      },
      lineAt: (x, y, slop) => ts.chartOrders.hit(seen.placed, x, y, slop),
      hover(x, y, found) {
        const bar = Math.round(ts.chartPaint.barAt(state.frame, x));
        seen.hover = { x, y, bar };
        seen.hovered = found ? found.line.id : null;
        const mark = found ? null : ts.chartLive.markAt(state.frame, seen.marks, x, y);
        legend.tip(mark && ts.chartOrders.markText(mark, price(mark.ticks), instrument().qd), x, y);
        legend.hurry();
        dirty(LIVE);
      },
      leave() {
        seen.hover = seen.hovered = null;
        legend.tip(null);
        legend.hurry();
        dirty(LIVE);
      },
      step(by) {
        const from = seen.hover ? seen.hover.bar : chart.bars.base + chart.bars.n;
        const bar = Math.max(chart.bars.base, Math.min(chart.bars.base + chart.bars.n - 1, from + by));
        const y = ts.chartPaint.yOf(state.frame, chart.bars.close[bar - chart.bars.base]);
        seen.hover = { bar, x: ts.chartPaint.xOf(state.frame, bar), y };
        legend.hurry();
        dirty(LIVE);
      },
      fit() {
        state.view = { ...state.view, auto: true };
        dirty(LAYOUT);
      },
      menu: (x, y) => openPriceMenu(x, y),
      close: (line) => (line.kind === "position" ? closePosition(line) : ts.intents.send({ do: "cancel", order_id: line.id })),
      drag(begun, y) {
        if (begun) seen.drag = begun;
        else if (seen.drag) seen.drag = ts.chartOrders.dragMoved(seen.drag, y, ts.chartPaint.ticksAt(state.frame, y));
        if (seen.drag) seen.drag.priceText = price(seen.drag.to);
        dirty(LIVE);
      },
      drop: () => drop(),
      abort: () => abortDrag(),
    });

    function abortDrag() {
      seen.drag = null;
      dirty(LIVE);
    }

    async function drop() {
      const drag = seen.drag;
      seen.drag = null;
      dirty(LIVE);
      const intent = drag && ts.chartOrders.dropped(drag, instrument());
      if (!intent) return;
      seen.pending.set(drag.id, drag.to);
      relist();
      const isTaken = await ts.chartTrade.send(intent);
      if (!isTaken) seen.pending.delete(drag.id);
      relist();
    }

    function openPriceMenu(x, y) {
      if (!state.frame) return;
      const at = { x: x === undefined ? state.frame.left + state.frame.width / 2 : x, y: y === undefined ? state.frame.top + state.frame.height / 2 : y };
      if (x === undefined && seen.hover) Object.assign(at, seen.hover);
      const ticks = Math.max(1, Math.round(ts.chartPaint.ticksAt(state.frame, at.y)));
      const place = { x: at.x + 4, y: at.y + part("stage").offsetTop, label: `At ${price(ticks)}`, role: "menu", from: part("hands") };
      const items = ts.chartTrade.priceItems(menu, chart.symbol, ticks, instrument(), price(ticks));
      menu.open(place, ...items, ts.chartMenu.item("Fit the price scale", () => (menu.close(), hands.fit && hands.fit())), ts.chartMenu.item("Go to now", () => (menu.close(), goToNow())));
    }

    function closePosition(line) {
      const place = { x: line.x, y: line.y + part("stage").offsetTop + 12, label: "Close the position", role: "dialog", from: part("hands") };
      ts.chartTrade.closePosition(menu, place, chart.symbol, line.text);
    }

    function goToNow() {
      if (!chart.bars.n) return;
      const now = V.atNow(chart.bars, state.view.x1 - state.view.x0);
      state.view = { ...now, low: state.view.low, high: state.view.high, auto: state.view.auto };
      dirty(LAYOUT);
    }

    // ---- choices

    function choose(changes) {
      Object.assign(chart, changes);
      if (changes.averages) chart.averages = changes.averages.map(ts.chartAverages.average);
      ts.page.store("chart", keptOf(chart));
      ts.chartModel.derive(chart, 0);
      ts.chartMenu.showChoice(panel, chart);
      legend.hurry();
      dirty(LIVE | HISTORY | LAYOUT);
    }

    const keptOf = ({ frame, type, volume, averages }) => ({ frame, type, volume, averages: averages.map(({ kind, period }) => ({ kind, period })) });

    function chooseFrame(frame) {
      if (frame === chart.frame || !ts.chartTime.SECONDS[frame]) return;
      if (state.view) state.view = { ...state.view, follow: true, auto: true };
      show(chart.symbol, frame);
      ts.page.store("chart", keptOf(chart));
    }

    function under(button) {
      const box = button.getBoundingClientRect();
      const host = panel.getBoundingClientRect();
      return { x: box.right - host.left, y: box.bottom - host.top + 2, from: button, alignRight: true };
    }

    panel.addEventListener("click", (event) => {
      const button = event.target.closest("button");
      if (!button) return;
      if (button.dataset.frame) chooseFrame(button.dataset.frame);
      else if (button.id === "chart-now") goToNow();
      else if (button.id === "chart-type") menu.open({ ...under(button), label: "Chart type", role: "menu" }, ...ts.chartMenu.typeItems(chart.type, (type) => (menu.close(), choose({ type }))));
      else if (button.id === "chart-indicators") menu.open({ ...under(button), label: "Indicators", role: "dialog" }, ts.chartMenu.indicatorForm(keptOf(chart), (n) => state.colors.averages[n], ({ volume, averages }) => choose({ volume, averages })));
    });

    // ---- fallbacks

    function onLevel(level, reason) {
      panel.dataset.level = String(level);
      root.dash_clientside.set_props("chart-simple-tick", { disabled: level !== 1 });
      ts.boundary.fallback("chart", ts.chartFallback.sentence(level, reason));
      dirty(LIVE | HISTORY | LAYOUT);
    }

    function retry() {
      const isDead = axes.isPending() || levels.state.level > 0;
      levels.reset();
      watch.reset();
      if (isDead) root.dash_clientside.set_props("chart-mount", { data: Date.now() });
      Object.assign(state, { sent: null, tickKey: "", xTicks: null });
      show(chart.symbol, chart.frame);
    }

    function everySecond() {
      if (document.visibilityState !== "visible") return;
      if (levels.state.level === 0 && watch.isDead()) levels.lower(1, "Plotly does not answer");
      if (levels.state.level === 1) checkSimple();
      dirty(LIVE);
    }

    const simpleWatch = ts.chartFallback.watch(() => !part("simple-slot").querySelector(".js-plotly-plot:not(.dash-graph--pending) .plot"));
    function checkSimple() {
      if (levels.state.broken >= 2) levels.lower(2, "broken on purpose, for a test");
      else if (chart.bars.n && simpleWatch.isDead()) levels.lower(2, "the simple chart did not arrive either");
    }

    // ---- life

    ts.painter.add("chart", paint);
    ts.boundary.onRetry("chart", retry);
    ts.page.onSymbol((symbol) => show(symbol, chart.frame));
    ts.page.onInstruments((_all, isOtherMarket) => isOtherMarket && show(ts.page.symbol, chart.frame));
    ts.page.onTheme(() => {
      if (state.live) recolor();
      dirty(LIVE | HISTORY | LAYOUT);
    });
    if (ts.live) ts.live.on("desk", relist);
    if (ts.live) ts.live.on("market", () => legend.atMost(LEGEND_MS, () => legend.header(chart)));
    new ResizeObserver(() => dirty(LIVE | HISTORY | LAYOUT)).observe(part("stage"));
    root.setInterval(everySecond, 1000);
    ts.chartTime.FRAMES.forEach((frame, at) => ts.keys.add(String(at + 1), `${frame} bars`, () => chooseFrame(frame), { group: "Chart" }));
    show(ts.page.symbol, chart.frame);

    return { chart, state, seen, levels, take: feed.take, chooseFrame, choose, goToNow };
  }

  let shown = null;
  let early = null;
  ts.chart = {
    panel: () => shown,
    // Makes painting fail on that level until Retry: 1 leaves the simple chart, 2 leaves the table.
    break(level) {
      shown.levels.break(level);
      ts.painter.dirty("chart");
    },
  };

  root.dash_clientside = root.dash_clientside || {};
  root.dash_clientside.tradesim_chart = {
    on_bars(answer) {
      if (shown) shown.take(answer);
      else early = answer;
    },
  };

  if (typeof module !== "undefined") module.exports = ts.chart;
  if (typeof document === "undefined") return;

  function start() {
    const panel = document.getElementById("chart");
    if (!panel || shown) return;
    shown = chartPanel(panel);
    if (early) shown.take(early);
  }

  const whenLoaded = () => ts.page.ready(start);
  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", whenLoaded);
  else whenLoaded();
})(typeof window === "undefined" ? globalThis : window);
