// The chart panel: puts bars, stage, overlay, menus and fallbacks together.
(function (root) {
  "use strict";
  const ts = (root.tradesim = root.tradesim || {});
  const LEGEND_MS = 100;
  const LOADING_MS = 300;

  function chartPanel(panel) {
    const { LIVE, ALL } = ts.chartStage;
    const part = (name) => panel.querySelector(`#chart-${name}`);
    const chart = ts.chartModel.model(ts.chartModel.settings(ts.page.stored("chart", null)));
    const instrument = () => ts.page.instruments[chart.symbol];
    const price = (ticks) => ts.format.price(Math.round(ticks), chart.symbol);
    const menu = ts.chartMenu.popover(panel);
    const legend = ts.chartLegend.legend(panel);
    const levels = ts.chartFallback.ladder(onLevel);
    const feed = ts.chartFeed.feed({ onBars, onLive, onSilence });
    const draw = ts.chartDraw.draw(panel, chart, { stage: () => stage, dirty: () => dirty(LIVE), instrument, price, menu });
    const overlay = ts.chartOverlay.overlay(panel, chart, { stage: () => stage, dirty, instrument, price, menu, legend, draw, goToNow, removeStudy });
    const panes = ts.chartPanesView.view(panel, {
      studies: () => chart.studies,
      resize: resizePane,
      kept: keep,
      reset: resetPane,
      remove: (index) => removeStudy(chart.studies[index]),
    });
    const stage = ts.chartStage.stage(panel, chart, {
      dirty,
      instrument,
      price,
      shown: overlay.shown,
      placed: overlay.placed,
      taken: overlay.taken,
      arranged: (frame) => panes.place(frame.panes, stage.room().height),
      lost: (reason) => levels.lower(1, reason),
      restored: () => ts.boundary.retry("chart"),
    });
    let bits = 0;
    let isGraphWanted = false;

    function dirty(more) {
      bits |= more;
      ts.painter.dirty("chart");
    }

    // ---- bars

    function show(symbol, frame) {
      if (symbol !== chart.symbol || frame !== chart.frame) ts.chartModel.clear(Object.assign(chart, { symbol, frame }));
      overlay.forget();
      draw.open(symbol);
      ts.chartMenu.showChoice(panel, chart);
      legend.say(`Loading ${frame} bars of ${symbol}…`, LOADING_MS);
      if (symbol) feed.ask(symbol, frame);
      dirty(ALL);
    }

    function onBars(answer) {
      if (answer.error) return legend.say(answer.error, 0, reload);
      chart.offsetAt = (ms) => ts.format.zoneOffset(ms, answer.zone);
      if (answer.before !== null) ts.chartModel.older(chart, answer);
      else loaded(answer);
      overlay.relist();
      legend.say(chart.bars.n ? "" : `No trades yet in ${chart.frame} bars of ${chart.symbol}; the first will appear here.`);
      return dirty(ALL);
    }

    function loaded(answer) {
      const stays = chart.bars.n > 0 && stage.state.view && !stage.state.view.follow;
      ts.chartModel.load(chart, answer, feed.liveRows());
      if (!stays) stage.toNow();
    }

    const reload = () => show(chart.symbol, chart.frame);

    function onLive(rows, isSnapshot) {
      const isFirst = !chart.bars.n;
      if (isFirst && feed.isWaiting()) return;
      const wasAtNow = stage.isAtNow();
      const outcome = ts.chartModel.live(chart, rows, isSnapshot);
      if (outcome.hasGap && !feed.isWaiting()) feed.ask(chart.symbol, chart.frame);
      if (outcome.from < 0) return;
      if (isFirst) begun();
      else if (outcome.appended && wasAtNow) stage.setView(ts.chartView.following(stage.state.view, outcome.appended));
      if (outcome.appended) overlay.relist();
      const isOnlyNewest = !outcome.appended && outcome.from === chart.bars.n - 1;
      dirty(isOnlyNewest && !stage.isOutgrown() ? LIVE : ALL);
    }

    function begun() {
      stage.toNow();
      legend.say("");
    }

    function onSilence(wanted) {
      if (!chart.bars.n) legend.say(`The ${wanted.timeframe} bars of ${wanted.symbol} did not arrive.`, 0, reload);
    }

    // ---- painting

    function paint() {
      const todo = bits;
      bits = 0;
      if (levels.state.level === 2) legend.table(chart, price);
      else if (levels.state.level === 1) legend.atMost(LEGEND_MS, () => legend.header(chart));
      else if (!chart.bars.n) paintNothing();
      else paintCanvas(todo);
    }

    function paintNothing() {
      stage.wipe();
      panes.place([], 0);
      legend.header(chart);
      legend.values(null);
      part("now").hidden = part("fit").hidden = true;
    }

    function paintCanvas(todo) {
      try {
        levels.probe(1);
        if (stage.paint(todo)) painted();
        levels.painted();
      } catch (error) {
        ts.boundary.record("chart", error);
        levels.struck(error);
        dirty(ALL);
      }
    }

    // Plotly's library takes the browser a while to read: the page comes first.
    function wantGraph() {
      if (isGraphWanted) return;
      isGraphWanted = true;
      ts.page.later(mountGraph);
    }

    function mountGraph() {
      isGraphWanted = true;
      root.dash_clientside.set_props("chart-mount", { data: Date.now() });
    }

    function painted() {
      wantGraph();
      const { view, colors } = stage.state;
      part("now").hidden = !ts.chartView.isAway(view, chart.bars);
      part("fit").hidden = view.auto && !(stage.state.isStretched && overlay.isHolding());
      legend.atMost(LEGEND_MS, () => {
        legend.header(chart);
        legend.values(ts.chartModel.readout(chart, overlay.pointedAt()), chart, colors.averages);
        panes.values(overlay.pointedAt(), colors, instrument());
      });
      if (ts.chartModel.wantsOlder(chart, view) || draw.wantsOlder()) feed.askOlder(chart.symbol, chart.frame, chart.bars.start[0]);
    }

    // ---- choices

    const kept = () => ({
      frame: chart.frame,
      type: chart.type,
      volume: chart.volume,
      averages: chart.averages.map(ts.chartIndicators.choice),
      studies: chart.studies.map(ts.chartIndicators.choice),
    });

    function keep() {
      ts.page.store("chart", kept());
    }

    function choose(changes) {
      Object.assign(chart, changes);
      if (changes.averages) chart.averages = changes.averages.map(ts.chartAverages.average);
      if (changes.studies) chart.studies = changes.studies.map(ts.chartStudies.study);
      keep();
      ts.chartModel.derive(chart, 0);
      ts.chartMenu.showChoice(panel, chart);
      legend.hurry();
      dirty(ALL);
    }

    function chooseFrame(frame) {
      if (frame === chart.frame || !ts.chartTime.SECONDS[frame]) return;
      if (stage.state.view) stage.change({ follow: true, auto: true });
      show(chart.symbol, frame);
      keep();
    }

    // A recording of bars opens on its own timeframe, once; the next market on the one that was chosen before.
    function takeOwnFrame() {
      const { session, bar } = ts.live.state.status;
      const opened = ts.page.stored("chart.opened", null) || {};
      if (!session || session === opened.session) return;
      ts.page.store("chart.opened", { session, isOwn: Boolean(bar) });
      const frame = ts.chartTime.frameOf(bar) || (opened.isOwn ? ts.chartModel.settings(ts.page.stored("chart", null)).frame : chart.frame);
      if (frame === chart.frame) return;
      if (stage.state.view) stage.change({ follow: true, auto: true });
      show(chart.symbol, frame);
    }

    function goToNow() {
      if (chart.bars.n) stage.toNow();
    }

    // ---- panes below the bars

    function share(shares) {
      shares.forEach((each, at) => (chart.studies[at].share = each));
      dirty(ALL);
    }

    function resizePane(index, dy, studies) {
      share(ts.chartPanes.resized(studies, stage.room(), index, dy));
    }

    function resetPane(index) {
      share(chart.studies.map((each, at) => (at === index ? ts.chartPanes.USUAL : each.share)));
      keep();
    }

    function removeStudy(study) {
      choose({ studies: kept().studies.filter((_each, at) => chart.studies[at] !== study) });
      part("hands").focus({ preventScroll: true });
    }

    function chooseType(button) {
      const items = ts.chartMenu.typeItems(chart.type, (type) => {
        menu.close();
        choose({ type });
      });
      menu.open({ ...ts.chartMenu.under(button, panel), label: "Chart type", role: "menu" }, ...items);
    }

    function chooseIndicators(button) {
      const color = (index) => ts.page.color(`chart-average-${index + 1}`);
      const room = { color, panes: stage.room() ? ts.chartPanes.roomFor(stage.room()) : ts.chartIndicators.MOST.studies };
      const form = ts.chartIndicatorForm.form(kept(), room, ({ volume, averages, studies }) => choose({ volume, averages, studies }));
      menu.open({ ...ts.chartMenu.under(button, panel), label: "Indicators", role: "dialog", className: "chart-indicator-menu" }, form);
    }

    panel.addEventListener("click", (event) => {
      const button = event.target.closest("button");
      if (!button) return;
      if (button.dataset.frame) chooseFrame(button.dataset.frame);
      else if (button.id === "chart-now") goToNow();
      else if (button.id === "chart-fit") overlay.fit();
      else if (button.id === "chart-type") chooseType(button);
      else if (button.id === "chart-indicators") chooseIndicators(button);
      else if (button.id === "chart-draw") draw.openMenu(button);
    });

    // ---- fallbacks

    // While Plotly is on its way the canvas has axes of its own: only a Plotly that is there can fail to answer.
    const canvasWatch = ts.chartFallback.watch(() => isGraphWanted && Boolean(root.Plotly) && part("stage").clientWidth > 0 && stage.isPending());
    const simpleWatch = ts.chartFallback.watch(() => !part("simple-slot").querySelector(".js-plotly-plot:not(.dash-graph--pending) .cartesianlayer .subplot"));

    function onLevel(level, reason) {
      panel.dataset.level = String(level);
      root.dash_clientside.set_props("chart-simple-tick", { disabled: level !== 1 });
      if (level !== 1) root.dash_clientside.set_props("chart-simple-slot", { children: null });
      ts.boundary.fallback("chart", ts.chartFallback.sentence(level, reason));
      dirty(ALL);
    }

    // Starts over on the canvas, under a fresh Graph when the old one is not to be trusted.
    function retry() {
      const isFresh = levels.state.level > 0 || stage.isPending();
      levels.reset();
      canvasWatch.reset();
      simpleWatch.reset();
      if (isFresh) mountGraph();
      reload();
    }

    function everySecond() {
      if (document.visibilityState !== "visible") return;
      if (levels.state.level === 0 && canvasWatch.isDead()) levels.lower(1, "Plotly does not answer");
      if (levels.state.level === 1 && levels.state.broken >= 2) levels.lower(2, "broken on purpose, for a test");
      if (levels.state.level === 1 && simpleWatch.isDead()) levels.lower(2, "the simple chart did not arrive either");
      dirty(LIVE);
    }

    // ---- life

    ts.painter.add("chart", paint);
    ts.boundary.onRetry("chart", retry);
    ts.page.onSymbol((symbol) => show(symbol, chart.frame));
    ts.page.onInstruments((_all, isOtherMarket) => isOtherMarket && show(ts.page.symbol, chart.frame));
    ts.page.onTheme(() => {
      stage.recolor();
      dirty(ALL);
    });
    ts.live.on("status", takeOwnFrame);
    ts.live.on("desk", overlay.relist);
    ts.page.on("exits", overlay.setUp);
    ts.live.on("market", () => chart.bars.n || legend.atMost(LEGEND_MS, () => legend.header(chart)));
    new ResizeObserver(() => dirty(ALL)).observe(part("stage"));
    root.setInterval(everySecond, 1000);
    ts.chartTime.FRAMES.forEach((frame, at) => {
      ts.keys.add(String(at + 1), `${frame} bars`, () => chooseFrame(frame), { group: "Chart" });
    });
    show(ts.page.symbol, chart.frame);
    takeOwnFrame();

    return { chart, stage, overlay, draw, levels, take: feed.take, chooseFrame, choose, goToNow, dirty };
  }

  let shown = null;
  let early = null;
  ts.chart = {
    panel: () => shown,
    // Makes a level fail until Retry: 1 leads to the simple chart, 2 to the table.
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
