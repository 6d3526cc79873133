// Paints what moves, above Plotly's axes: last bar, last price, order and position lines, fill marks, crosshair.
// Works in CSS pixels on a context scaled by the frame's ratio. Pure but for the context it is given.
(function (root) {
  "use strict";
  const ts = (root.tradesim = root.tradesim || {});
  const FONT = 11;
  const TAG_LEFT = 12;
  const snap = (value, ratio) => (Math.floor(value * ratio) + 0.5) / ratio;

  function font(ctx, family, weight) {
    ctx.font = `${weight || 500} ${FONT}px ${family}`;
    ctx.textBaseline = "middle";
  }

  function rule(ctx, frame, y, color, dash, from, to) {
    ctx.strokeStyle = color;
    ctx.lineWidth = Math.max(1, Math.floor(frame.ratio)) / frame.ratio;
    ctx.setLineDash(dash);
    ctx.beginPath();
    ctx.moveTo(from, snap(y, frame.ratio));
    ctx.lineTo(to, snap(y, frame.ratio));
    ctx.stroke();
    ctx.setLineDash([]);
  }

  const isInside = (frame, y) => y >= frame.top - 0.5 && y <= frame.top + frame.height + 0.5;

  // A price on the scale: a filled label right of the plot, with an optional second line.
  function scaleLabel(ctx, frame, y, text, fill, ink, under) {
    const left = frame.left + frame.width + 1;
    const width = frame.totalWidth - left;
    const height = under ? 30 : 18;
    const top = Math.round(Math.min(frame.top + frame.height - height, Math.max(frame.top, y - 9)));
    ctx.fillStyle = fill;
    ctx.fillRect(left, top, width, height);
    ctx.fillStyle = ink;
    ctx.textAlign = "left";
    ctx.fillText(text, left + 5, top + 9.5);
    if (under) ctx.fillText(under, left + 5, top + 22);
  }

  function lastLine(ctx, frame, last, look) {
    const y = ts.chartPaint.yOf(frame, last.ticks);
    if (isInside(frame, y)) rule(ctx, frame, y, last.rises ? look.up : look.down, [3, 3], frame.left, frame.left + frame.width);
  }

  function lastLabel(ctx, frame, last, look) {
    const y = ts.chartPaint.yOf(frame, last.ticks);
    const color = last.rises ? look.up : look.down;
    font(ctx, look.family, 600);
    scaleLabel(ctx, frame, y, last.text, color, last.rises ? look.onUp : look.onDown, last.countdown);
  }

  function tagWidth(ctx, look, line) {
    font(ctx, look.family, 500);
    return Math.ceil(ctx.measureText(line.text).width) + (line.kind === "draft" ? 14 : 10 + ts.chartOrders.CLOSE_WIDTH);
  }

  const INKS = { up: "onUp", down: "onDown", accent: "onAccent" };
  const colorOf = (line, look) => look[line.tone];
  const inkOf = (line, look) => look[INKS[line.tone]];

  // Gives every line its y and the place of its tag, so that painting and hit-testing agree. `lastTicks` is the last
  // price, whose label keeps its place on the scale while the others make room; `words` is what already stands in the plot.
  function arrange(ctx, frame, lines, look, lastTicks, words = []) {
    for (const line of lines) {
      line.y = ts.chartPaint.yOf(frame, line.ticks);
      line.width = tagWidth(ctx, look, line);
    }
    const inside = lines.filter((line) => isInside(frame, line.y));
    const lastY = ts.chartPaint.yOf(frame, lastTicks);
    const [top, bottom] = [frame.top, frame.top + frame.height];
    ts.chartTags.label(ts.chartOrders.oneAPrice(inside), isInside(frame, lastY) ? { top: lastY - 9, bottom: lastY + 21 } : null, top, bottom);
    return ts.chartTags.place(inside, { left: frame.left + TAG_LEFT, right: frame.left + frame.width - 4, top, bottom }, words);
  }

  // The marks of what is off the scale, below the words at the top of the plot.
  function edges(ctx, frame, lines, look, words = []) {
    font(ctx, look.family, 500);
    const roof = Math.max(0, ...words.filter((each) => each.y < frame.top + frame.height / 2).map((each) => each.y + each.height / 2));
    return ts.chartEdges.placed(lines, frame, (text) => Math.ceil(ctx.measureText(text).width), roof);
  }

  function edge(ctx, mark, look, isHovered) {
    font(ctx, look.family, 500);
    ts.chartEdges.paint(ctx, mark, colorOf(mark, look), look, isHovered);
  }

  // A limit is dashed, a stop dotted, a trail both: what waits for a trigger is told apart without its colour.
  const DASHES = { limit: [6, 4], stop: [2, 3], trail: [9, 3, 2, 3] };
  const paleness = (line) => (line.isPending || line.isPale ? 0.55 : 1);

  // Entry and exits of one group: a bracket at the right edge of the plot, a dot at each.
  function bond(ctx, frame, { top, bottom, ys }, index, look) {
    const x = Math.round(frame.left + frame.width - 8 - index * 9) + 0.5;
    ctx.strokeStyle = ctx.fillStyle = look.muted;
    ctx.lineWidth = 1;
    ctx.beginPath();
    ctx.moveTo(x, top);
    ctx.lineTo(x, bottom);
    ctx.stroke();
    for (const y of ys) {
      ctx.beginPath();
      ctx.arc(x, y, 2.5, 0, 7);
      ctx.fill();
    }
  }

  // Where an auction would trade now: a line of its own and its figures.
  function auction(ctx, frame, found, look) {
    const y = ts.chartPaint.yOf(frame, found.ticks);
    if (!isInside(frame, y)) return;
    rule(ctx, frame, y, look.accent, [1, 3], frame.left, frame.left + frame.width);
    font(ctx, look.family, 600);
    const width = Math.ceil(ctx.measureText(found.text).width) + 14;
    const x = frame.left + frame.width - width - 6;
    ctx.fillStyle = look.accent;
    ctx.beginPath();
    ctx.roundRect(x, Math.round(y) - 10, width, 20, 3);
    ctx.fill();
    ctx.fillStyle = look.onAccent;
    ctx.textAlign = "left";
    ctx.fillText(found.text, x + 7, Math.round(y) + 0.5);
    scaleLabel(ctx, frame, y, found.priceText, look.accent, look.onAccent);
  }

  function orderRule(ctx, frame, line, look) {
    const dash = line.kind === "position" ? [] : line.isPending ? [2, 4] : DASHES[line.field] || DASHES.limit;
    ctx.globalAlpha = paleness(line);
    rule(ctx, frame, line.y, colorOf(line, look), dash, frame.left, frame.left + frame.width);
    ctx.globalAlpha = 1;
  }

  // The line's tag and its price on the scale; after all rules, so that none runs through a text.
  function orderTag(ctx, frame, line, look, isHovered) {
    const color = colorOf(line, look);
    ctx.globalAlpha = line.isPending ? 0.55 : line.isPale ? 0.8 : 1;
    if (line.x !== undefined) tag(ctx, line, color, look, isHovered);
    ctx.globalAlpha = 1;
    font(ctx, look.family, 600);
    if (line.labelY !== undefined) priceLabel(ctx, frame, line, color, look);
  }

  // What does not work yet has its price as an outline.
  function priceLabel(ctx, frame, line, color, look) {
    if (!line.isPale && !line.isPending) return scaleLabel(ctx, frame, line.labelY, line.priceText, color, inkOf(line, look));
    scaleLabel(ctx, frame, line.labelY, line.priceText, look.surface, color);
    const left = frame.left + frame.width + 1.5;
    ctx.strokeStyle = color;
    ctx.lineWidth = 1;
    ctx.strokeRect(left, Math.round(Math.min(frame.top + frame.height - 18, Math.max(frame.top, line.labelY - 9))) + 0.5, frame.totalWidth - left - 1, 17);
    return undefined;
  }

  // From the tag to its price, where it stands beside it.
  function leader(ctx, line, look) {
    const points = ts.chartTags.leader(line);
    if (!points) return;
    ctx.globalAlpha = paleness(line);
    ctx.strokeStyle = ctx.fillStyle = colorOf(line, look);
    ctx.lineWidth = 1;
    ctx.beginPath();
    for (const [x, y] of points) ctx.lineTo(x, y);
    ctx.stroke();
    ctx.beginPath();
    ctx.arc(...points[points.length - 1], 2, 0, 7);
    ctx.fill();
    ctx.globalAlpha = 1;
  }

  function tag(ctx, line, color, look, isHovered) {
    const height = ts.chartTags.HEIGHT;
    const top = Math.round(line.tagY) - height / 2;
    const closeAt = line.x + line.width - ts.chartOrders.CLOSE_WIDTH;
    ctx.beginPath();
    ctx.roundRect(line.x + 0.5, top + 0.5, line.width - 1, height - 1, 3);
    ctx.fillStyle = isHovered ? look.raised : look.surface;
    ctx.fill();
    ctx.strokeStyle = color;
    ctx.lineWidth = 1;
    ctx.stroke();
    font(ctx, look.family, 500);
    ctx.textAlign = "left";
    ctx.fillStyle = line.kind === "position" ? resultColor(line, look) : color;
    ctx.fillText(line.text, line.x + 7, top + height / 2 + 0.5);
    if (line.kind !== "draft") cross(ctx, closeAt + 10, top + height / 2, look.text);
  }

  function resultColor(line, look) {
    if (line.result > 0) return look.up;
    return line.result < 0 ? look.down : look.text;
  }

  function cross(ctx, x, y, color) {
    ctx.strokeStyle = color;
    ctx.lineWidth = 1.25;
    ctx.beginPath();
    ctx.moveTo(x - 3.5, y - 3.5);
    ctx.lineTo(x + 3.5, y + 3.5);
    ctx.moveTo(x + 3.5, y - 3.5);
    ctx.lineTo(x - 3.5, y + 3.5);
    ctx.stroke();
  }

  // Where a dragged order would go.
  function ghost(ctx, frame, drag, look, priceText) {
    const y = ts.chartPaint.yOf(frame, drag.to);
    const color = colorOf(drag, look);
    rule(ctx, frame, y, color, [2, 2], frame.left, frame.left + frame.width);
    const line = { kind: "order", tone: drag.tone, text: `Move to ${priceText}${drag.paysText}`, y };
    line.width = tagWidth(ctx, look, line) - ts.chartOrders.CLOSE_WIDTH + 6;
    line.x = frame.left + TAG_LEFT;
    ctx.beginPath();
    ctx.roundRect(line.x, Math.round(y) - 10, line.width, 20, 3);
    ctx.fillStyle = color;
    ctx.fill();
    ctx.fillStyle = inkOf(line, look);
    ctx.textAlign = "left";
    ctx.fillText(line.text, line.x + 8, Math.round(y) + 0.5);
    font(ctx, look.family, 600);
    scaleLabel(ctx, frame, y, priceText, color, inkOf(line, look));
  }

  // A triangle whose tip is at the fill's bar and price: bought points up from below, sold down from above.
  function mark(ctx, frame, each, look) {
    const x = ts.chartPaint.xOf(frame, each.bar);
    const y = ts.chartPaint.yOf(frame, each.ticks);
    if (!isInside(frame, y) || x < frame.left - 6 || x > frame.left + frame.width + 6) return;
    const away = each.side === "buy" ? 1 : -1;
    ctx.beginPath();
    ctx.moveTo(x, y + away);
    ctx.lineTo(x - 5.5, y + away * 10);
    ctx.lineTo(x + 5.5, y + away * 10);
    ctx.closePath();
    ctx.fillStyle = each.side === "buy" ? look.up : look.down;
    ctx.fill();
    ctx.strokeStyle = look.surface;
    ctx.lineWidth = 1.5;
    ctx.stroke();
  }

  function markAt(frame, marks, x, y) {
    for (let m = marks.length - 1; m >= 0; m -= 1) {
      const tipY = ts.chartPaint.yOf(frame, marks[m].ticks);
      const middle = tipY + (marks[m].side === "buy" ? 6 : -6);
      if (Math.abs(ts.chartPaint.xOf(frame, marks[m].bar) - x) <= 8 && Math.abs(middle - y) <= 8) return marks[m];
    }
    return null;
  }

  // `at.pane` is the pane below the bars that it stands in, if it does.
  function crosshair(ctx, frame, at, look) {
    const own = at.pane || frame;
    const x = snap(ts.chartPaint.xOf(frame, at.bar), frame.ratio);
    ctx.strokeStyle = look.muted;
    ctx.lineWidth = 1 / frame.ratio;
    ctx.setLineDash([3, 3]);
    ctx.beginPath();
    ctx.moveTo(x, frame.top);
    ctx.lineTo(x, frame.floor);
    ctx.moveTo(frame.left, snap(at.y, frame.ratio));
    ctx.lineTo(frame.left + frame.width, snap(at.y, frame.ratio));
    ctx.stroke();
    ctx.setLineDash([]);
    font(ctx, look.family, 500);
    scaleLabel(ctx, own, at.y, at.priceText, look.text, look.surface);
    if (!at.pane) plus(ctx, frame, at.y, look);
    timeLabel(ctx, frame, x, at.timeText, look);
  }

  // Beside the price of the crosshair: what can be ordered there, for hands without a second button.
  const PLUS = 18;
  const REACH = 15;

  function plus(ctx, frame, y, look) {
    const left = frame.left + frame.width - PLUS - 2;
    const top = Math.round(y) - PLUS / 2;
    ctx.beginPath();
    ctx.roundRect(left, top, PLUS, PLUS, 3);
    ctx.fillStyle = look.text;
    ctx.fill();
    ctx.fillStyle = look.surface;
    ctx.fillRect(left + 4, top + PLUS / 2 - 0.75, PLUS - 8, 1.5);
    ctx.fillRect(left + PLUS / 2 - 0.75, top + 4, 1.5, PLUS - 8);
  }

  const isOnPlus = (frame, hoverY, x, y) => Math.abs(y - hoverY) <= REACH && Math.abs(frame.left + frame.width - PLUS / 2 - 2 - x) <= REACH;

  function timeLabel(ctx, frame, x, text, look) {
    if (!text) return;
    const width = Math.ceil(ctx.measureText(text).width) + 14;
    const left = Math.min(frame.left + frame.width - width, Math.max(frame.left, x - width / 2));
    ctx.fillStyle = look.text;
    ctx.fillRect(Math.round(left), frame.floor + 1, width, 18);
    ctx.fillStyle = look.surface;
    ctx.textAlign = "left";
    ctx.fillText(text, Math.round(left) + 7, frame.floor + 10.5);
  }

  const ns = { FONT, scaleLabel, arrange, edges, edge, lastLine, lastLabel, orderRule, leader, bond, auction, orderTag, ghost, mark, markAt, crosshair, isOnPlus, colorOf };
  ts.chartLive = ns;
  if (typeof module !== "undefined") module.exports = ns;
})(typeof window === "undefined" ? globalThis : window);
