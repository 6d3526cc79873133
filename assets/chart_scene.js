// What is painted on the two canvases and in which order. Owns pixels, decides nothing.
(function (root) {
  "use strict";
  const ts = (root.tradesim = root.tradesim || {});

  // A canvas that follows the graph's size in device pixels; `onLost` hears when the browser takes it away.
  function surface(canvas, onLost, onRestored) {
    const ctx = canvas.getContext("2d");
    if (!ctx) throw new Error("this browser gives no 2d canvas");
    canvas.addEventListener("contextlost", onLost);
    canvas.addEventListener("contextrestored", onRestored);
    return {
      ctx,
      fit(frame) {
        const width = Math.round(frame.totalWidth * frame.ratio);
        const height = Math.round(frame.totalHeight * frame.ratio);
        if (canvas.width === width && canvas.height === height) return;
        canvas.width = width;
        canvas.height = height;
        canvas.style.width = `${width / frame.ratio}px`;
        canvas.style.height = `${height / frame.ratio}px`;
      },
      wipe() {
        ctx.setTransform(1, 0, 0, 1, 0, 0);
        ctx.globalAlpha = 1;
        ctx.clearRect(0, 0, canvas.width, canvas.height);
      },
    };
  }

  // The colours of the theme, by what they are for.
  function look(color, family) {
    return {
      family,
      up: color("up"),
      down: color("down"),
      accent: color("accent"),
      surface: color("surface"),
      raised: color("raised"),
      grid: color("chart-grid"),
      text: color("text"),
      muted: color("muted"),
      onUp: color("on-up"),
      onDown: color("on-down"),
      onAccent: color("on-accent"),
      line: color("accent"),
      inks: Object.fromEntries(Object.keys(ts.chartStyles.COLORS).map((name) => [name, color(`chart-ink-${name}`)])),
      areaTop: color("chart-area-top"),
      areaFloor: color("chart-area-floor"),
      volumeAlpha: Number(color("chart-volume-alpha")) || 0.4,
      averages: [1, 2, 3, 4, 5, 6].map((n) => color(`chart-average-${n}`)),
    };
  }

  function frameOf(box, view, ratio) {
    return {
      ratio,
      left: box.left,
      top: box.top,
      width: box.plotWidth,
      height: box.plotHeight,
      floor: box.floor,
      panes: [],
      totalWidth: box.width,
      totalHeight: box.height,
      x0: view.x0,
      x1: view.x1,
      low: view.low,
      high: view.high,
      volumeTop: 0,
    };
  }

  // Everything but the newest bar, which is alive and painted above.
  function paintHistory(surfaceOf, frame, chart, colors, xs, ys, instrument) {
    const { ctx } = surfaceOf;
    const bars = ts.chartModel.shown(chart);
    const [i0, i1] = ts.chartView.visible(frame, bars);
    const closed = Math.min(i1, bars.n - 1);
    surfaceOf.fit(frame);
    surfaceOf.wipe();
    ts.chartPaint.grid(ctx, frame, xs, ys, colors.grid);
    ctx.save();
    ts.chartPaint.clip(ctx, frame);
    if (chart.volume) ts.chartPaint.volume(ctx, bars, i0, closed, frame, colors);
    ts.chartPaint.price(ctx, bars, i0, closed, frame, colors, chart.type);
    paintAverages(ctx, frame, chart, colors, i0, closed);
    ctx.restore();
    ts.chartPanesPaint.history(ctx, frame.panes, chart, colors, i0, closed, xs, instrument);
  }

  function paintAverages(ctx, frame, chart, colors, i0, i1) {
    chart.averages.forEach((line, index) => {
      const color = colors.averages[index];
      if (line.kind === "bands") ts.chartPaint.bands(ctx, line, chart.bars.base, i0, i1, frame, color);
      ts.chartPaint.stroke(ctx, line.values, chart.bars.base, i0, i1, frame, color, 1.4);
    });
  }

  function paintNewestBar(ctx, frame, chart, colors) {
    const bars = ts.chartModel.shown(chart);
    const last = bars.n - 1;
    if (last < 0 || bars.base + last > frame.x1 + 1 || bars.base + last < frame.x0 - 1) return;
    ctx.save();
    ts.chartPaint.clip(ctx, frame);
    if (chart.volume) ts.chartPaint.volume(ctx, bars, last, last + 1, frame, colors);
    ts.chartPaint.price(ctx, bars, last, last + 1, frame, colors, chart.type);
    paintAverages(ctx, frame, chart, colors, Math.max(0, last - 1), last + 1);
    ctx.restore();
    ts.chartPanesPaint.newest(ctx, frame.panes, chart, colors);
  }

  // `shown` is what stands above the bars: {last, lines, marks, words, drawn, hover, drag, hovered}. Returns the tags as placed.
  function paintLive(surfaceOf, frame, chart, colors, shown) {
    const { ctx } = surfaceOf;
    surfaceOf.fit(frame);
    surfaceOf.wipe();
    paintNewestBar(ctx, frame, chart, colors);
    ctx.setTransform(frame.ratio, 0, 0, frame.ratio, 0, 0);
    ctx.save();
    ctx.beginPath();
    ctx.rect(frame.left, frame.top, frame.width, frame.height);
    ctx.clip();
    for (const each of shown.marks) ts.chartLive.mark(ctx, frame, each, colors);
    ctx.restore();
    const placed = ts.chartLive.arrange(ctx, frame, shown.lines, colors, shown.last.ticks, shown.words);
    const edges = ts.chartLive.edges(ctx, frame, shown.lines, colors, shown.words);
    ts.chartInk.priceLabels(ctx, frame, shown.drawn, colors, ts.chartLive.scaleLabel);
    ts.chartLive.lastLine(ctx, frame, shown.last, colors);
    for (const line of placed) ts.chartLive.orderRule(ctx, frame, line, colors);
    ts.chartInk.paint(ctx, frame, shown.drawn, colors);
    ts.chartOrders.bonds(placed).forEach((bond, index) => ts.chartLive.bond(ctx, frame, bond, index, colors));
    if (shown.auction) ts.chartLive.auction(ctx, frame, shown.auction, colors);
    for (const line of placed) ts.chartLive.leader(ctx, line, colors);
    for (const line of placed) ts.chartLive.orderTag(ctx, frame, line, colors, line.id === shown.hovered);
    for (const mark of edges) ts.chartLive.edge(ctx, mark, colors, mark.id === shown.hovered);
    ts.chartLive.lastLabel(ctx, frame, shown.last, colors);
    if (shown.hover) ts.chartLive.crosshair(ctx, frame, shown.hover, colors);
    if (shown.drag && shown.drag.moved) ts.chartLive.ghost(ctx, frame, shown.drag, colors, shown.drag.priceText);
    return [...edges, ...placed.filter((line) => line.kind !== "draft")];
  }

  // Room for the longest price on the scale, in steps, so that it does not jump.
  function scaleWidth(ctx, family, texts) {
    ctx.font = `600 ${ts.chartLive.FONT}px ${family}`;
    const widest = Math.max(...texts.map((text) => ctx.measureText(text).width));
    return Math.max(56, Math.ceil((widest + 14) / 8) * 8);
  }

  const ns = { surface, look, frameOf, paintHistory, paintLive, scaleWidth };
  ts.chartScene = ns;
  if (typeof module !== "undefined") module.exports = ns;
})(typeof window === "undefined" ? globalThis : window);
