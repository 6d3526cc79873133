// The chart's own axes, until Plotly's library has been read: the same place, the same steps, the same labels.
(function (root) {
  "use strict";
  const ts = (root.tradesim = root.tradesim || {});
  const TOP = 4;
  const BOTTOM = 24;
  const RIGHT = 64;
  const FONT = 11;
  const STEPS = [2, 5, 10];

  // Prices that are labelled, about `count` of them, in steps as Plotly chooses them.
  function pricesBetween(low, high, count) {
    const rough = (high - low) / Math.max(1, count);
    if (!(rough > 0) || !Number.isFinite(rough)) return [];
    const base = Math.pow(10, Math.floor(Math.log10(rough)));
    const step = base * STEPS.find((each) => each >= rough / base - 1e-9);
    const prices = [];
    for (let n = Math.ceil(low / step - 1e-9); n * step <= high; n += 1) prices.push(n * step);
    return prices;
  }

  // Takes the changes that Plotly would be told, and measures itself as chart_axes.boxOf does.
  function frame(slot) {
    const said = { "xaxis.range": [0, 1], "yaxis.range": [0, 1], "xaxis.tickvals": [], "xaxis.ticktext": [], "yaxis.nticks": 6, "yaxis.domain": [0, 1], "margin.r": RIGHT };

    function box() {
      const width = slot.clientWidth;
      const height = slot.clientHeight;
      const plotWidth = width - said["margin.r"];
      const room = height - TOP - BOTTOM;
      if (!(plotWidth > 0 && room > 0)) return null;
      return {
        width,
        height,
        left: 0,
        top: TOP,
        plotWidth,
        plotHeight: Math.round(room * (1 - said["yaxis.domain"][0])),
        floor: TOP + room,
        x: said["xaxis.range"],
        y: said["yaxis.range"],
        yTicks: pricesBetween(...said["yaxis.range"], said["yaxis.nticks"]),
        labels: said["xaxis.tickvals"].length,
      };
    }

    return {
      box,
      set: (changes) => Object.assign(said, changes),
      times: () => said["xaxis.tickvals"].map((at, n) => ({ at, text: said["xaxis.ticktext"][n] })),
    };
  }

  // `prices` are {ticks, text}, `times` {at, text} with the heavy ones in <b>.
  function paint(ctx, frameOf, prices, times, colors) {
    ctx.setTransform(frameOf.ratio, 0, 0, frameOf.ratio, 0, 0);
    ctx.fillStyle = colors.muted;
    ctx.font = `${FONT}px ${colors.family}`;
    ctx.textBaseline = "middle";
    ctx.textAlign = "left";
    for (const { ticks, text } of prices) {
      ctx.fillText(text, frameOf.left + frameOf.width + 1, ts.chartPaint.yOf(frameOf, ticks));
    }
    ctx.textBaseline = "top";
    ctx.textAlign = "center";
    for (const { at, text } of times) {
      if (at < frameOf.x0 || at > frameOf.x1) continue;
      ctx.font = `${text.startsWith("<b>") ? "bold " : ""}${FONT}px ${colors.family}`;
      ctx.fillText(text.replace(/<\/?b>/g, ""), ts.chartPaint.xOf(frameOf, at), frameOf.floor + 4);
    }
  }

  const ns = { frame, paint, pricesBetween };
  ts.chartFrame = ns;
  if (typeof module !== "undefined") module.exports = ns;
})(typeof window === "undefined" ? globalThis : window);
