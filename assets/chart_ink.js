// Paints drawings above the bars, in CSS pixels on a context scaled by the frame's ratio. Pure but for the context it is given.
(function (root) {
  "use strict";
  const ts = (root.tradesim = root.tradesim || {});
  const FONT = 11;
  const LIVELY_PX = 0.75;
  const snap = (value) => Math.round(value) + 0.5;

  // `shown` is {shapes, chosen, hovered, measure, price(value)}; nothing is touched when there is nothing to paint.
  function paint(ctx, frame, shown, look) {
    if (!shown || !(shown.shapes.length || shown.measure)) return;
    ctx.save();
    ctx.beginPath();
    ctx.rect(frame.left, frame.top, frame.width, frame.height);
    ctx.clip();
    ctx.font = `500 ${FONT}px ${look.family}`;
    ctx.textBaseline = "middle";
    for (const shape of shown.shapes) {
      const { id } = shape.drawing;
      one(ctx, frame, shape, look, shown, id === shown.chosen || id === shown.hovered);
      if (id === shown.chosen) handles(ctx, shape, look);
    }
    if (shown.measure) measure(ctx, frame, shown.measure, look);
    ctx.restore();
  }

  // The prices of horizontal lines on the scale, beneath the labels of orders.
  function priceLabels(ctx, frame, shown, look, label) {
    if (!shown) return;
    for (const { drawing, handles: [[, y]] } of shown.shapes) {
      if (drawing.kind !== "line" || y < frame.top || y > frame.top + frame.height) continue;
      ctx.font = `600 ${FONT}px ${look.family}`;
      ctx.textBaseline = "middle";
      label(ctx, frame, y, shown.price(drawing.points[0].price), look.raised, inkOf(drawing, look));
    }
  }

  const inkOf = (drawing, look) => look.inks[ts.chartStyles.styleOf(drawing).color];

  function one(ctx, frame, shape, look, shown, isLively) {
    const { kind } = shape.drawing;
    const ink = inkOf(shape.drawing, look);
    if (kind === "box") fill(ctx, shape.box, ink, 0.1);
    if (kind === "fib") bands(ctx, shape, ink);
    if (kind === "note") note(ctx, shape, look, ink, isLively);
    else lines(ctx, shape, ink, isLively);
    if (kind === "fib") ratios(ctx, frame, shape, look, shown);
  }

  function lines(ctx, { drawing, segments }, ink, isLively) {
    const { STROKES, WIDTHS, styleOf } = ts.chartStyles;
    const { stroke, width } = styleOf(drawing);
    ctx.strokeStyle = ink;
    ctx.lineCap = stroke === "dotted" ? "round" : "butt";
    ctx.lineWidth = WIDTHS[width].px + (isLively ? LIVELY_PX : 0);
    segments.forEach(([x1, y1, x2, y2], at) => {
      const isFlat = Math.abs(y1 - y2) < 0.01;
      const isMove = drawing.kind === "fib" && at === 0 && !isFlat;
      ctx.setLineDash(isMove ? [3, 4] : STROKES[stroke].dash.map((part) => part * Math.max(1, WIDTHS[width].px / 2)));
      ctx.beginPath();
      ctx.moveTo(x1, isFlat ? snap(y1) : y1);
      ctx.lineTo(x2, isFlat ? snap(y2) : y2);
      ctx.stroke();
    });
    ctx.setLineDash([]);
    ctx.lineCap = "butt";
  }

  function fill(ctx, { left, top, right, bottom }, color, alpha) {
    ctx.globalAlpha = alpha;
    ctx.fillStyle = color;
    ctx.fillRect(left, top, right - left, bottom - top);
    ctx.globalAlpha = 1;
  }

  // The golden middle, between 0.382 and 0.618, is a shade deeper than the rest.
  function bands(ctx, { levels }, ink) {
    for (let at = 1; at < levels.length; at += 1) {
      const [a, b] = [levels[at - 1], levels[at]];
      const isMiddle = a.ratio >= 0.382 && b.ratio <= 0.618;
      fill(ctx, { left: a.left, right: a.right, top: Math.min(a.y, b.y), bottom: Math.max(a.y, b.y) }, ink, isMiddle ? 0.14 : 0.06);
    }
  }

  // A ratio and its price stand on each level that is far enough from the one before.
  function ratios(ctx, frame, { levels, drawing }, look, shown) {
    const [a, b] = drawing.points;
    let before = Infinity;
    ctx.fillStyle = look.text;
    ctx.textAlign = "left";
    for (const { ratio, y, left } of levels) {
      if (Math.abs(y - before) < FONT + 2) continue;
      before = y;
      ctx.fillText(`${ratio}  ${shown.price(b.price + (a.price - b.price) * ratio)}`, Math.max(frame.left + 4, left + 4), y - 7);
    }
  }

  function note(ctx, { box, label }, look, ink, isLively) {
    ctx.beginPath();
    ctx.roundRect(Math.round(box.left) + 0.5, Math.round(box.top) + 0.5, box.right - box.left, box.bottom - box.top, 4);
    ctx.fillStyle = look.raised;
    ctx.fill();
    ctx.strokeStyle = ink;
    ctx.lineWidth = isLively ? 2 : 1;
    ctx.stroke();
    ctx.fillStyle = look.text;
    ctx.textAlign = "left";
    ctx.fillText(label, Math.round(box.left) + 8, (box.top + box.bottom) / 2 + 0.5);
  }

  function handles(ctx, shape, look) {
    ctx.fillStyle = look.surface;
    ctx.strokeStyle = inkOf(shape.drawing, look);
    ctx.lineWidth = 2;
    for (const [x, y] of shape.handles) {
      ctx.beginPath();
      ctx.arc(x, y, 4.5, 0, 7);
      ctx.fill();
      ctx.stroke();
    }
  }

  // {from, to: [x, y], words, rises}: a field with an arrow each way, and what it tells beside its end.
  function measure(ctx, frame, { from, to, words, rises }, look) {
    const color = rises ? look.up : look.down;
    const [middleX, middleY] = [(from[0] + to[0]) / 2, (from[1] + to[1]) / 2];
    fill(ctx, { left: Math.min(from[0], to[0]), right: Math.max(from[0], to[0]), top: Math.min(from[1], to[1]), bottom: Math.max(from[1], to[1]) }, color, 0.16);
    arrow(ctx, [middleX, from[1]], [middleX, to[1]], color);
    arrow(ctx, [from[0], middleY], [to[0], middleY], color);
    tell(ctx, frame, [middleX, to[1]], words, color, rises ? look.onUp : look.onDown, rises);
  }

  function arrow(ctx, [x1, y1], [x2, y2], color) {
    const length = Math.hypot(x2 - x1, y2 - y1);
    if (length < 8) return;
    const [ux, uy] = [(x2 - x1) / length, (y2 - y1) / length];
    ctx.strokeStyle = color;
    ctx.lineWidth = 1;
    ctx.beginPath();
    ctx.moveTo(x1, y1);
    ctx.lineTo(x2, y2);
    for (const side of [1, -1]) {
      ctx.moveTo(x2, y2);
      ctx.lineTo(x2 - 6 * ux + side * 4 * uy, y2 - 6 * uy - side * 4 * ux);
    }
    ctx.stroke();
  }

  function tell(ctx, frame, [x, y], words, color, ink, isAbove) {
    const width = Math.ceil(Math.max(...words.map((each) => ctx.measureText(each).width))) + 16;
    const height = words.length * 15 + 8;
    const left = Math.max(frame.left + 2, Math.min(frame.left + frame.width - width - 2, x - width / 2));
    const top = Math.max(frame.top + 2, Math.min(frame.top + frame.height - height - 2, isAbove ? y - height - 6 : y + 6));
    ctx.beginPath();
    ctx.roundRect(left, top, width, height, 4);
    ctx.fillStyle = color;
    ctx.fill();
    ctx.fillStyle = ink;
    ctx.textAlign = "center";
    words.forEach((each, at) => ctx.fillText(each, left + width / 2, top + 12 + at * 15));
  }

  ts.chartInk = { paint, priceLabels };
  if (typeof module !== "undefined") module.exports = ts.chartInk;
})(typeof window === "undefined" ? globalThis : window);
