// What a person draws on the chart, as values: kinds, anchors in time and price, moving, reading back what was kept. Pure.
// A drawing is {id, kind, points: [{at (UTC ms), price (in the instrument's currency)}…], isRay?, text?,
// style? (chart_styles.js), isLocked?}.
(function (root) {
  "use strict";
  const ts = (root.tradesim = root.tradesim || {});
  const MOST = 200;
  const MOST_TEXT = 120;
  const KINDS = {
    trend: { title: "Trend line", points: 2 },
    line: { title: "Horizontal line", points: 1 },
    box: { title: "Rectangle", points: 2 },
    fib: { title: "Fibonacci retracement", points: 2 },
    note: { title: "Note", points: 1 },
  };
  // What can be taken in the hand: a tool makes a drawing of its kind, or measures and leaves nothing.
  const TOOLS = {
    trend: { kind: "trend", title: "Trend line", icon: "slash-lg", key: "alt+t" },
    ray: { kind: "trend", title: "Ray", icon: "arrow-up-right", isRay: true },
    line: { kind: "line", title: "Horizontal line", icon: "dash-lg", key: "alt+h" },
    box: { kind: "box", title: "Rectangle", icon: "square", key: "alt+r" },
    fib: { kind: "fib", title: "Fibonacci retracement", icon: "list", key: "alt+f" },
    note: { kind: "note", title: "Note", icon: "chat-left-text", key: "alt+n" },
    measure: { kind: "measure", title: "Measure", icon: "rulers", key: "alt+m" },
  };
  const RATIOS = [0, 0.236, 0.382, 0.5, 0.618, 0.786, 1];
  const MAGNET_PX = 40;

  const pointsOf = (kind) => (kind === "measure" ? 2 : KINDS[kind].points);
  const titleOf = (drawing) => (drawing.isRay ? TOOLS.ray.title : KINDS[drawing.kind].title);

  function make(tool, id, points) {
    const { kind, isRay } = TOOLS[tool];
    return { id, kind, points: points.slice(0, pointsOf(kind)), ...(isRay ? { isRay } : {}) };
  }

  // ---- what was kept

  const isPoint = (point) => Boolean(point) && Number.isFinite(point.at) && Number.isFinite(point.price) && Math.abs(point.at) < 8.64e15;

  // A kept drawing with what belongs to it and nothing else; null when it cannot be drawn.
  function sound(raw) {
    const known = raw && typeof raw === "object" && Object.hasOwn(KINDS, raw.kind) && typeof raw.id === "string" && Array.isArray(raw.points);
    if (!known || raw.points.length !== KINDS[raw.kind].points || !raw.points.every(isPoint)) return null;
    if (raw.kind === "note" && !(typeof raw.text === "string" && raw.text.trim())) return null;
    const style = ts.chartStyles.sound(raw.style, raw.kind);
    return {
      id: raw.id,
      kind: raw.kind,
      points: raw.points.map(({ at, price }) => ({ at, price })),
      ...(raw.isRay === true && raw.kind === "trend" ? { isRay: true } : {}),
      ...(raw.kind === "note" ? { text: raw.text.trim().slice(0, MOST_TEXT) } : {}),
      ...(style ? { style } : {}),
      ...(raw.isLocked === true ? { isLocked: true } : {}),
    };
  }

  // {drawings, unread: as they were kept, those that cannot be read or are too many}; of two with one id the first counts.
  function read(raw) {
    if (raw === null || raw === undefined) return { drawings: [], unread: [] };
    const byId = new Map();
    const unread = [];
    for (const each of Array.isArray(raw) ? raw : [raw]) {
      const drawing = sound(each);
      if (drawing && byId.has(drawing.id)) continue;
      if (drawing && byId.size < MOST) byId.set(drawing.id, drawing);
      else unread.push(each);
    }
    return { drawings: [...byId.values()], unread };
  }

  // ---- time and bars

  // The bar number of a moment: between two bars it is on its way through the earlier one; beyond the bars the clock counts on.
  function barOf(bars, at, seconds) {
    const length = seconds * 1000;
    const index = ts.chartData.indexAt(bars, at);
    if (index < 0) return bars.base + (at - bars.start[0]) / length;
    const past = (at - bars.start[index]) / length;
    return bars.base + index + (index === bars.n - 1 ? past : Math.min(past, 0.999));
  }

  function timeOf(bars, bar, seconds) {
    const length = seconds * 1000;
    const index = Math.max(0, Math.min(bars.n - 1, Math.floor(bar - bars.base + 1e-9)));
    return Math.round(bars.start[index] + (bar - bars.base - index) * length);
  }

  // Where a hand is, as an anchor: on a bar's start and on the tick, or on the bar's nearest price when the magnet pulls.
  function anchor({ bars, seconds, frame, instrument }, x, y, isPulled) {
    const bar = Math.round(ts.chartPaint.barAt(frame, x));
    const hand = ts.chartPaint.ticksAt(frame, y);
    const pulled = isPulled ? pricesOf(bars, bar).find((ticks) => Math.abs(ts.chartPaint.yOf(frame, ticks) - y) <= MAGNET_PX && isNearest(ticks, hand, pricesOf(bars, bar))) : undefined;
    return { at: timeOf(bars, bar, seconds), price: priceAt(pulled === undefined ? hand : pulled, instrument) };
  }

  function pricesOf(bars, bar) {
    const index = bar - bars.base;
    return index >= 0 && index < bars.n ? [bars.high[index], bars.low[index], bars.open[index], bars.close[index]] : [];
  }

  const isNearest = (ticks, hand, all) => all.every((each) => Math.abs(ticks - hand) <= Math.abs(each - hand));
  const priceAt = (ticks, { tick, pd }) => Number((Math.max(1, Math.round(ticks)) * tick).toFixed(pd));

  // ---- moving

  // The drawing after the hand went by `bars` and `ticks`; as a whole it goes no lower than one tick.
  function moved(drawing, by, { bars, seconds, instrument }) {
    const lowest = Math.min(...drawing.points.map(({ price }) => price / instrument.tick));
    const ticks = Math.max(by.ticks, 1 - lowest);
    const shift = ({ at, price }) => ({
      at: by.bars ? timeOf(bars, barOf(bars, at, seconds) + by.bars, seconds) : at,
      price: priceAt(price / instrument.tick + ticks, instrument),
    });
    return { ...drawing, points: drawing.points.map(shift) };
  }

  // With one of its handles at `point`. A rectangle's handle 2 is the corner with the first anchor's time
  // and the second's price, 3 the other one.
  function reshaped(drawing, handle, point) {
    const [a, b] = drawing.points;
    if (handle === 2) return { ...drawing, points: [{ at: point.at, price: a.price }, { at: b.at, price: point.price }] };
    if (handle === 3) return { ...drawing, points: [{ at: a.at, price: point.price }, { at: point.at, price: b.price }] };
    return { ...drawing, points: drawing.points.map((each, at) => (at === handle ? point : each)) };
  }

  // ---- words

  // How long: "32 min", "1 h 05 min", "2 d 3 h".
  function lasting(ms) {
    const seconds = Math.round(Math.abs(ms) / 1000);
    const [days, hours, minutes] = [Math.floor(seconds / 86400), Math.floor(seconds / 3600) % 24, Math.floor(seconds / 60) % 60];
    if (days) return hours ? `${days} d ${hours} h` : `${days} d`;
    if (hours) return minutes ? `${hours} h ${minutes} min` : `${hours} h`;
    if (minutes) return seconds % 60 ? `${minutes} min ${seconds % 60} s` : `${minutes} min`;
    return `${seconds} s`;
  }

  // What a measure tells: ["+1.24 · +0.54 %", "32 bars · 32 min"].
  function measured([from, to], bars, instrument, format) {
    const change = to.price - from.price;
    const percent = from.price ? (change / from.price) * 100 : 0;
    const count = Math.round(bars);
    const sign = count < 0 ? "−" : "";
    return [
      `${format.signed(change, instrument.pd)} · ${format.signed(percent, 2)} %`,
      `${sign}${Math.abs(count)} ${Math.abs(count) === 1 ? "bar" : "bars"} · ${sign}${lasting(to.at - from.at)}`,
    ];
  }

  // What is said of a drawing: its kind and its prices.
  function told(drawing, price) {
    if (drawing.kind === "note") return `Note “${drawing.text}”`;
    return `${titleOf(drawing)} ${drawing.points.map((point) => price(point.price)).join(" to ")}`;
  }

  const ns = { MOST, MOST_TEXT, KINDS, TOOLS, RATIOS, pointsOf, titleOf, make, sound, read, barOf, timeOf, anchor, priceAt, moved, reshaped, lasting, measured, told };
  ts.chartDrawings = ns;
  if (typeof module !== "undefined") module.exports = ns;
})(typeof window === "undefined" ? globalThis : window);
