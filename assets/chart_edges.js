// Own orders and the position whose price is off the scale: marks at the top and bottom edge of the plot. Prices in ticks.
(function (root) {
  "use strict";
  const ts = (root.tradesim = root.tradesim || {});
  const HEIGHT = 20;
  const GAP = 3;
  const MOST = 3;
  const PAD = 14;
  const AIR = 0.08;
  const FARTHEST = 6;

  // Lines above and below the scale of `frame`, each from the farthest to the nearest; the limit behind a stop goes with its stop.
  function beyond(lines, frame) {
    const own = lines.filter((line) => !line.isBehind);
    return {
      above: own.filter((line) => line.ticks > frame.high).sort((a, b) => b.ticks - a.ticks),
      below: own.filter((line) => line.ticks < frame.low).sort((a, b) => a.ticks - b.ticks),
    };
  }

  // At most three marks an edge: the nearest prices, and the rest as one that leads to the farthest.
  function folded(lines, arrow) {
    const one = (line) => ({ ...line, isEdge: true, text: `${arrow} ${line.priceText}  ${line.text}` });
    if (lines.length <= MOST) return lines.map(one);
    const hidden = lines.slice(0, lines.length - MOST + 1);
    const rest = { ...hidden[0], isEdge: true, result: undefined, text: `${arrow} ${hidden.length} more, to ${hidden[0].priceText}` };
    return [rest, ...lines.slice(hidden.length).map(one)];
  }

  // The marks with their places, right edges together: the farthest price stands outermost. `roof` is where the words end
  // that stand at the top of the plot.
  function placed(lines, frame, widthOf, roof = 0) {
    const { above, below } = beyond(lines, frame);
    const right = frame.left + frame.width - 6;
    const stand = (mark, y) => {
      const width = Math.min(frame.width - 12, widthOf(mark.text) + PAD);
      return { ...mark, y, width, x: right - width };
    };
    const step = HEIGHT + GAP;
    const top = Math.max(frame.top, roof) + 4 + HEIGHT / 2;
    const floor = frame.top + frame.height - 4 - HEIGHT / 2;
    return [
      ...folded(above, "▲").map((mark, at) => stand(mark, top + at * step)),
      ...folded(below, "▼").map((mark, at) => stand(mark, floor - at * step)),
    ];
  }

  // A scale that fits itself takes in what is being set up, with a little air; what would flatten the bars stays beyond.
  function taking(scale, prices) {
    const height = scale.high - scale.low;
    const near = prices.filter((ticks) => ticks > scale.low - height * FARTHEST && ticks < scale.high + height * FARTHEST);
    return stretched(scale, near);
  }

  function stretched(scale, prices) {
    const low = Math.min(scale.low, ...prices);
    const high = Math.max(scale.high, ...prices);
    const air = (high - low) * AIR;
    return { low: low < scale.low ? low - air : low, high: high > scale.high ? high + air : high };
  }

  // The price scale with `prices` on it and a little air beyond them; it holds still until it is fitted again.
  function reaching(view, prices) {
    return { ...view, ...stretched(view, prices), auto: false };
  }

  function paint(ctx, mark, color, look, isHovered) {
    const top = Math.round(mark.y) - HEIGHT / 2;
    ctx.globalAlpha = mark.isPale || mark.isPending ? 0.8 : 1;
    ctx.beginPath();
    ctx.roundRect(Math.round(mark.x) + 0.5, top + 0.5, mark.width - 1, HEIGHT - 1, 3);
    ctx.fillStyle = isHovered ? look.raised : look.surface;
    ctx.fill();
    ctx.strokeStyle = color;
    ctx.lineWidth = 1;
    ctx.stroke();
    ctx.fillStyle = color;
    ctx.textAlign = "left";
    ctx.fillText(mark.text, Math.round(mark.x) + PAD / 2, top + HEIGHT / 2 + 0.5, mark.width - PAD);
    ctx.globalAlpha = 1;
  }

  const ns = { beyond, placed, taking, reaching, paint };
  ts.chartEdges = ns;
  if (typeof module !== "undefined") module.exports = ns;
})(typeof window === "undefined" ? globalThis : window);
