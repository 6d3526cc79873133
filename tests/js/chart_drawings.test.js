"use strict";
const test = require("node:test");
const assert = require("node:assert/strict");
const data = require("../../assets/chart_data.js");
require("../../assets/chart_paint.js");
require("../../assets/chart_styles.js");
const D = require("../../assets/chart_drawings.js");

const MINUTE = 60000;
const AAPL = { tick: 0.01, lot: 1, pd: 2, qd: 0 };
const FRAME = { left: 0, top: 0, width: 100, height: 100, x0: 0, x1: 100, low: 22900, high: 23000 };
const format = { signed: (value, decimals) => `${value < 0 ? "−" : "+"}${Math.abs(value).toFixed(decimals)}` };

function minutes(count, from = 0, seconds = 60) {
  const bars = data.series();
  data.merge(bars, Array.from({ length: count }, (_each, i) => [from + i * seconds * 1000, 22950, 22960, 22940, 22955, 1]));
  return bars;
}
const trend = (id, ...points) => ({ id, kind: "trend", points: points.map(([at, price]) => ({ at, price })) });

test("what was kept comes back, with nothing that does not belong to it", () => {
  const kept = [
    { ...trend("a", [0, 1], [5, 2]), isRay: true, colour: "pink" },
    { id: "b", kind: "note", points: [{ at: 1, price: 2 }], text: "  why  " },
  ];
  const { drawings, unread } = D.read(JSON.parse(JSON.stringify(kept)));
  assert.deepEqual(unread, []);
  assert.deepEqual(drawings[0], { ...trend("a", [0, 1], [5, 2]), isRay: true });
  assert.equal(drawings[1].text, "why");
});

test("what cannot be read is counted, the rest stays", () => {
  const bad = [
    null,
    7,
    "line",
    { id: "x", kind: "circle", points: [] },
    { id: "x", kind: "toString", points: [] },
    { id: "x", kind: "trend", points: [{ at: 1, price: 2 }] },
    { id: "x", kind: "line", points: [{ at: "1", price: 2 }] },
    { id: "x", kind: "line", points: [{ at: 1e99, price: 2 }] },
    { id: "x", kind: "line", points: [{ at: 1, price: null }] },
    { id: "x", kind: "note", points: [{ at: 1, price: 2 }], text: " " },
    { id: 5, kind: "line", points: [{ at: 1, price: 2 }] },
  ];
  const good = { id: "a", kind: "line", points: [{ at: 1, price: 2 }] };
  assert.deepEqual(D.read([...bad, good, good]), { drawings: [good], unread: bad });
  assert.deepEqual(D.read({ a: 1 }), { drawings: [], unread: [{ a: 1 }] });
  assert.deepEqual(D.read(null), { drawings: [], unread: [] });
  const many = Array.from({ length: D.MOST + 5 }, (_each, at) => ({ ...good, id: String(at) }));
  assert.deepEqual([D.read(many).drawings.length, D.read(many).unread.length], [D.MOST, 5]);
});

test("a moment has the same bar whatever was put in front, and every timeframe has a place for it", () => {
  const bars = minutes(60, 60 * MINUTE);
  const at = 90 * MINUTE;
  assert.equal(D.barOf(bars, at, 60), 30);
  data.prepend(bars, { start: [59 * MINUTE], open: [1], high: [1], low: [1], close: [1], volume: [1] });
  assert.equal(D.barOf(bars, at, 60), 30);
  assert.equal(D.barOf(minutes(2, 60 * MINUTE, 3600), at, 3600), 0.5);
  assert.equal(D.timeOf(bars, D.barOf(bars, at, 60), 60), at);
});

test("before and beyond the bars the clock counts on, in a hole between them time stands", () => {
  const bars = minutes(10);
  assert.equal(D.barOf(bars, -3 * MINUTE, 60), -3);
  assert.equal(D.barOf(bars, 14 * MINUTE, 60), 14);
  assert.equal(D.timeOf(bars, 14, 60), 14 * MINUTE);
  assert.equal(D.timeOf(bars, -3, 60), -3 * MINUTE);
  data.merge(bars, [[1000 * MINUTE, 1, 1, 1, 1, 1]]);
  const inHole = D.barOf(bars, 500 * MINUTE, 60);
  assert.ok(inHole > 9 && inHole < 10);
});

test("an anchor stands on a bar and on the tick, with the magnet on the bar's nearest price", () => {
  const place = { bars: minutes(100), seconds: 60, frame: FRAME, instrument: AAPL };
  assert.deepEqual(D.anchor(place, 20.3, 30.4, false), { at: 20 * MINUTE, price: 229.7 });
  assert.deepEqual(D.anchor(place, 20.3, 30.4, true), { at: 20 * MINUTE, price: 229.6 });
  assert.deepEqual(D.anchor({ ...place, frame: { ...FRAME, height: 1000 } }, 20, 10, true).price, 229.99, "nothing is near");
  assert.deepEqual(D.anchor(place, 99.6, 30, true).at, 100 * MINUTE, "there is no bar yet");
});

test("a drawing goes by bars and ticks, over a hole as on the screen", () => {
  const bars = minutes(10);
  data.merge(bars, [[1000 * MINUTE, 1, 1, 1, 1, 1]]);
  const moved = D.moved(trend("a", [0, 229], [9 * MINUTE, 230]), { bars: 1, ticks: -50 }, { bars, seconds: 60, instrument: AAPL });
  assert.deepEqual(moved.points, [{ at: MINUTE, price: 228.5 }, { at: 1000 * MINUTE, price: 229.5 }]);
  assert.equal(D.moved(trend("a", [7, 229], [8, 230]), { bars: 0, ticks: 1 }, { bars, seconds: 60, instrument: AAPL }).points[0].at, 7, "time stays as it is");
});

test("a drawing that is pulled to the floor keeps its shape", () => {
  const prices = (by) => D.moved(trend("a", [0, 0.05], [1, 0.5]), { bars: 0, ticks: by }, { bars: minutes(2), seconds: 60, instrument: AAPL }).points.map(({ price }) => price);
  assert.deepEqual(prices(-20), [0.01, 0.46]);
  assert.deepEqual(prices(-4), [0.01, 0.46]);
  assert.deepEqual(prices(-3), [0.02, 0.47]);
});

test("each handle moves what it holds", () => {
  const box = { id: "b", kind: "box", points: [{ at: 1, price: 10 }, { at: 5, price: 20 }] };
  const to = { at: 3, price: 15 };
  const points = (handle) => D.reshaped(box, handle, to).points.map(({ at, price }) => [at, price]);
  assert.deepEqual(points(0), [[3, 15], [5, 20]]);
  assert.deepEqual(points(1), [[1, 10], [3, 15]]);
  assert.deepEqual(points(2), [[3, 10], [5, 15]]);
  assert.deepEqual(points(3), [[1, 15], [3, 20]]);
});

test("a measure tells change, percent, bars and time", () => {
  const [from, to] = [{ at: 0, price: 200 }, { at: 65 * MINUTE, price: 201 }];
  assert.deepEqual(D.measured([from, to], 65, AAPL, format), ["+1.00 · +0.50 %", "65 bars · 1 h 5 min"]);
  assert.deepEqual(D.measured([to, from], -1, AAPL, format), ["−1.00 · −0.50 %", "−1 bar · −1 h 5 min"]);
  assert.deepEqual([45e3, 90e3, 3600e3, 86400e3, 90000e3].map(D.lasting), ["45 s", "1 min 30 s", "1 h", "1 d", "1 d 1 h"]);
});
