// Paints the panes below the bars: grid, guides, lines, histogram, labels. Pure but for the context it is given.
(function (root) {
  "use strict";
  const ts = (root.tradesim = root.tradesim || {});
  const FONT = 11;
  const LINE = 1.4;
  const HISTOGRAM_ALPHA = 0.55;

  // Everything but the newest bar; `xs` are the bars that have a line of the grid.
  function history(ctx, panes, chart, colors, i0, i1, xs, instrument) {
    for (const pane of panes) {
      const labels = ts.chartPanes.labels(pane, instrument);
      ts.chartPaint.grid(ctx, pane, xs, labels.map((each) => each.value), colors.grid);
      values(ctx, pane, chart.bars.base, i0, i1, colors);
      legends(ctx, pane, labels, colors);
    }
  }

  // The newest bar, joined to the one before it.
  function newest(ctx, panes, chart, colors) {
    const last = chart.bars.n - 1;
    for (const pane of panes) values(ctx, pane, chart.bars.base, last - 1, last + 1, colors, last);
  }

  // Lines of bars i0 up to i1, and the histogram from `columnsFrom` on.
  function values(ctx, pane, base, i0, i1, colors, columnsFrom = i0) {
    ctx.save();
    ts.chartPaint.clip(ctx, pane);
    for (const { of, ink, isHistogram } of [...pane.study.lines].reverse()) {
      if (isHistogram) histogram(ctx, pane.study[of], base, columnsFrom, i1, pane, colors);
      else ts.chartPaint.jagged(ctx, pane.study[of], base, Math.max(0, i0), i1, pane, colors.averages[ink], LINE);
    }
    ctx.restore();
  }

  // Above zero it rises, below it hangs; where bars share a pixel the one farthest from zero is seen.
  function histogram(ctx, column, base, i0, i1, frame, colors) {
    const at = ts.chartPaint.lines(frame);
    const { body } = ts.chartView.widths(ts.chartPaint.spacingOf(frame), frame.ratio);
    const width = at.kx < 1.5 ? 1 : body;
    const zero = Math.round(at.by);
    at.bx -= width / 2;
    ctx.globalAlpha = HISTOGRAM_ALPHA;
    ts.chartPaint.eachPixel(column, base, i0, i1, at, (x, low, high) => {
      const value = high < -low ? low : high;
      const y = Math.round(at.ky * value + at.by);
      ctx.fillStyle = value < 0 ? colors.down : colors.up;
      ctx.fillRect(x, Math.min(zero, y), width, Math.max(1, Math.abs(y - zero)));
    });
    ctx.globalAlpha = 1;
  }

  // Guides are dashed through the pane, and the scale has its numbers.
  function legends(ctx, pane, labels, colors) {
    ctx.save();
    ctx.setTransform(pane.ratio, 0, 0, pane.ratio, 0, 0);
    ctx.strokeStyle = ctx.fillStyle = colors.muted;
    ctx.lineWidth = 1;
    ctx.setLineDash([4, 4]);
    ctx.globalAlpha = 0.6;
    ctx.beginPath();
    for (const guide of pane.study.guides) {
      const y = Math.round(ts.chartPaint.yOf(pane, guide)) + 0.5;
      ctx.moveTo(pane.left, y);
      ctx.lineTo(pane.left + pane.width, y);
    }
    ctx.stroke();
    ctx.globalAlpha = 1;
    ctx.font = `${FONT}px ${colors.family}`;
    ctx.textBaseline = "middle";
    ctx.textAlign = "left";
    for (const { value, text } of labels) {
      const y = ts.chartPaint.yOf(pane, value);
      const isClear = y - pane.top >= FONT / 2 && pane.top + pane.height - y >= FONT / 2;
      if (isClear) ctx.fillText(text, pane.left + pane.width + 1, y);
    }
    ctx.restore();
  }

  const ns = { history, newest, histogram };
  ts.chartPanesPaint = ns;
  if (typeof module !== "undefined") module.exports = ns;
})(typeof window === "undefined" ? globalThis : window);
