// The stage: view, axes and the two canvases kept in step. Dirty bits in, one painting out.
(function (root) {
  "use strict";
  const ts = (root.tradesim = root.tradesim || {});
  const LIVE = 1;
  const HISTORY = 2;
  const LAYOUT = 4;
  const ALL = LIVE | HISTORY | LAYOUT;
  const LABEL_PX = 68;
  const PRICE_LABEL_PX = 56;
  const LOOK_AGAIN_MS = 80;
  const RESCALE_MS = 250;
  const BAR_PX = 7;
  const REFIT_BARS = 50;

  const differs = (a, b) => Math.abs(a - b) > 1e-9 * Math.max(1, Math.abs(a));
  const isSame = (a, b) => Boolean(a && b) && Object.keys(b).every((key) => a[key] === b[key]);

  // `hooks`: dirty(bits), instrument(), price(ticks), shown(frame), placed(tags), taken(), arranged(frame), lost(sentence), restored().
  function stage(panel, chart, hooks) {
    const V = ts.chartView;
    const part = (name) => panel.querySelector(`#chart-${name}`);
    const axes = ts.chartAxes.axes(part("graph-slot"), { onMoved, onDrawn, onFresh: forget });
    const state = { view: null, frame: null, sent: null, colors: null, history: null, live: null, labels: null, xTicks: null, rescaledAt: 0, isStretched: false };

    function paint(bits) {
      if (!isReady()) return false;
      let todo = bits;
      if (todo & LAYOUT) {
        arrange();
        todo |= HISTORY;
      }
      if (todo & HISTORY) {
        const ys = axes.box().yTicks.map((value) => value / hooks.instrument().tick);
        const xs = state.xTicks.at.filter((at) => at > state.view.x0 && at < state.view.x1);
        ts.chartScene.paintHistory(state.history, state.frame, chart, state.colors, xs, ys, hooks.instrument());
        paintOwnLabels(ys);
      }
      hooks.placed(ts.chartScene.paintLive(state.live, state.frame, chart, state.colors, hooks.shown(state.frame)));
      return true;
    }

    function paintOwnLabels(ys) {
      const times = axes.ownTimes();
      if (!times) return;
      const prices = ys.map((ticks) => ({ ticks, text: hooks.price(ticks) }));
      ts.chartFrame.paint(state.history.ctx, state.frame, prices, times, state.colors);
    }

    function isReady() {
      if (!hooks.instrument() || !axes.box()) {
        if (part("stage").clientWidth) root.setTimeout(() => hooks.dirty(ALL), LOOK_AGAIN_MS);
        return false;
      }
      if (!state.view) toNow();
      if (!state.history) open();
      return true;
    }

    function open() {
      const lost = () => hooks.lost("the browser took the drawing surface away");
      state.history = ts.chartScene.surface(part("history"), lost, hooks.restored);
      state.live = ts.chartScene.surface(part("live"), lost, hooks.restored);
      recolor();
    }

    function recolor() {
      if (state.live) state.colors = ts.chartScene.look(ts.page.color, root.getComputedStyle(panel).fontFamily);
      state.labels = null;
    }

    // Ranges and labels go to Plotly when they differ from what it has; then everything is measured from it.
    function arrange() {
      const bars = ts.chartModel.shown(chart);
      state.view = V.clamped(state.view, bars);
      const extent = ts.chartData.extent(bars, ...V.visible(state.view, bars));
      if (extent && state.view.auto) fitScale(extent);
      const sizes = ts.chartPanes.heights(chart.studies, room());
      const changes = { ...rangeChanges(), ...labelChanges(axes.box(), sizes) };
      if (Object.keys(changes).length) axes.set(changes);
      state.frame = ts.chartScene.frameOf(axes.box(), state.view, root.devicePixelRatio || 1);
      state.frame.volumeTop = extent ? extent.volume : 0;
      state.frame.panes = ts.chartPanes.placed(state.frame, chart.studies, sizes, ...V.visible(state.view, bars));
      hooks.arranged(state.frame);
    }

    // What bars and panes share; null while there are no axes.
    function room() {
      const box = axes.box();
      return box && { width: box.width, height: box.floor - box.top };
    }

    function fitScale(extent) {
      const scale = V.scaleFor(extent, chart.volume);
      const taken = hooks.taken();
      const wider = taken.length ? ts.chartEdges.taking(scale, taken) : scale;
      state.isStretched = wider.low < scale.low || wider.high > scale.high;
      Object.assign(state.view, wider);
    }

    function rangeChanges() {
      const { x0, x1, low, high } = state.view;
      const { tick } = hooks.instrument();
      const sent = state.sent || [];
      const y = [low * tick, high * tick];
      const changes = {};
      if (sent[0] !== x0 || sent[1] !== x1) changes["xaxis.range"] = [x0, x1];
      if (sent[2] !== y[0] || sent[3] !== y[1]) changes["yaxis.range"] = y;
      state.sent = [x0, x1, ...y];
      return changes;
    }

    // Labels are set for all loaded bars at once, so that panning moves the ranges only.
    function labelChanges(box, sizes) {
      const whole = box.floor - box.top;
      const below = sizes.reduce((sum, each) => sum + each, 0);
      const gap = ts.chartTime.gapFor(box.plotWidth / (state.view.x1 - state.view.x0), LABEL_PX);
      const texts = [hooks.price(state.view.high), hooks.price(state.view.low), "00:00:00"];
      const margin = ts.chartScene.scaleWidth(state.live.ctx, state.colors.family, texts);
      const nticks = Math.max(3, Math.round((whole - below) / PRICE_LABEL_PX));
      const share = below / whole;
      const wanted = { symbol: chart.symbol, timeframe: chart.frame, gap, margin, nticks, share, base: chart.bars.base };
      const isLike = isSame(state.labels, wanted);
      if (isLike && state.labels.n === chart.bars.n) return {};
      const isFresh = !isLike || Math.abs(chart.bars.n - state.labels.fitted) > REFIT_BARS;
      const ticks = ts.chartTime.ticks(chart.bars, gap, ts.chartModel.secondsOf(chart), isFresh ? undefined : state.xTicks.step);
      state.labels = { ...wanted, n: chart.bars.n, fitted: isFresh ? chart.bars.n : state.labels.fitted };
      if (isLike && state.xTicks.at.length === ticks.at.length) return {};
      state.xTicks = ticks;
      return {
        "xaxis.tickvals": ticks.at,
        "xaxis.ticktext": ticks.text,
        "yaxis.tickformat": `,.${hooks.instrument().pd}f`,
        "yaxis.nticks": nticks,
        "yaxis.domain": [share, 1],
        "margin.r": margin,
        "font.color": state.colors.muted,
        "font.family": state.colors.family,
      };
    }

    // A person or a tool moved the axes: that is what is wanted.
    function onMoved({ x, y }) {
      if (!state.view || !(x || y)) return;
      const { tick } = hooks.instrument();
      if (x) state.view = V.seen({ ...state.view, x0: x[0], x1: x[1] }, chart.bars);
      if (y) state.view = { ...state.view, low: y[0] / tick, high: y[1] / tick, auto: false };
      hooks.dirty(ALL);
    }

    // Plotly drew: when it shows other ranges or labels than ours they are said again, and its new measures are taken.
    function onDrawn() {
      const box = axes.box();
      if (!box || !state.sent || !state.labels) return;
      const isOurs = ![...box.x, ...box.y].some((value, at) => differs(value, state.sent[at])) && box.labels === state.xTicks.at.length;
      if (!isOurs) forget();
      else if (!fits(box)) hooks.dirty(ALL);
    }

    function fits(box) {
      const { frame } = state;
      const wanted = { width: box.plotWidth, height: box.plotHeight, floor: box.floor, left: box.left, totalWidth: box.width, totalHeight: box.height };
      return isSame(frame, wanted);
    }

    // Does the newest bar leave a scale, or tower over the volume in sight? At most four times a second.
    function isOutgrown() {
      const { view, frame } = state;
      if (!view || !frame || !V.isAtNow(view, chart.bars)) return false;
      const last = chart.bars.n - 1;
      const isOut = (view.auto && leavesScale(last)) || ts.chartPanes.isOutgrown(frame.panes, last);
      const now = root.performance.now();
      if (!isOut || now - state.rescaledAt < RESCALE_MS) return false;
      state.rescaledAt = now;
      return true;
    }

    function leavesScale(last) {
      const bars = ts.chartModel.shown(chart);
      return V.needsScale(state.view, bars.low[last], bars.high[last], chart.volume) || (chart.volume && bars.volume[last] > state.frame.volumeTop);
    }

    // Another Graph stands there, which was told nothing yet.
    function forget() {
      Object.assign(state, { sent: null, labels: null });
      hooks.dirty(ALL);
    }

    function setView(view) {
      state.view = view;
      hooks.dirty(LAYOUT);
    }

    // The newest bars, at the zoom that was chosen or else at one that reads well.
    function toNow() {
      const { view } = state;
      const span = view ? view.x1 - view.x0 : Math.max(40, Math.round((part("stage").clientWidth - 64) / BAR_PX));
      const scale = view && !view.auto ? { low: view.low, high: view.high, auto: false } : {};
      setView({ ...V.atNow(chart.bars, span), ...scale });
    }

    return {
      state,
      paint,
      recolor,
      isOutgrown,
      setView,
      room,
      toNow,
      change: (changes) => setView({ ...state.view, ...changes }),
      isAtNow: () => Boolean(state.view && state.view.follow && V.isAtNow(state.view, chart.bars)),
      isPending: axes.isPending,
      wipe() {
        if (state.history) state.history.wipe();
        if (state.live) state.live.wipe();
      },
    };
  }

  const ns = { LIVE, HISTORY, LAYOUT, ALL, stage };
  ts.chartStage = ns;
  if (typeof module !== "undefined") module.exports = ns;
})(typeof window === "undefined" ? globalThis : window);
