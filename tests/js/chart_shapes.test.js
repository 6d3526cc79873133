"use strict";
const test = require("node:test");
const assert = require("node:assert/strict");
require("../../assets/chart_styles.js");
require("../../assets/chart_drawings.js");
const S = require("../../assets/chart_shapes.js");

const FRAME = { left: 0, top: 0, width: 400, height: 200 };
const at = ({ at: x, price: y }) => [x, y];
const wide = (text) => text.length * 6;
const drawing = (kind, points, more) => ({ id: kind, kind, points: points.map(([x, y]) => ({ at: x, price: y })), ...more });
const shapeOf = (...all) => S.shapeOf(drawing(...all), FRAME, at, wide);

test("a segment is cut at the plot's edge, and is nothing outside it", () => {
  assert.deepEqual(S.clipped([-100, 100, 500, 100], FRAME), [0, 100, 400, 100]);
  assert.deepEqual(S.clipped([100, -100, 100, 100], FRAME), [100, 0, 100, 100]);
  assert.deepEqual(S.clipped([10, 10, 20, 20], FRAME), [10, 10, 20, 20]);
  assert.equal(S.clipped([-10, 300, 500, 300], FRAME), null);
  assert.equal(S.clipped([500, 0, 500, 100], FRAME), null);
  const [x1, y1, x2, y2] = S.clipped([-1e9, -1e9, 1e9, 1e9], FRAME);
  for (const value of [x1, y1, x2, y2]) assert.ok(value >= -1e-6 && value <= 400);
});

test("however a segment lies, what is left of it is inside and on it", () => {
  let seed = 5;
  const next = () => ((seed = (seed * 16807) % 2147483647) / 2147483647 - 0.5) * 2000;
  for (let n = 0; n < 500; n += 1) {
    const whole = [next(), next(), next(), next()];
    const part = S.clipped(whole, FRAME);
    if (!part) continue;
    const [x1, y1, x2, y2] = part;
    for (const [x, y] of [[x1, y1], [x2, y2]]) {
      assert.ok(x > -1e-6 && x < 400 + 1e-6 && y > -1e-6 && y < 200 + 1e-6);
      assert.ok(S.distance(whole, x, y) < 1e-6);
    }
  }
});

test("a ray between anchors that are very far apart, as on a fine timeframe, goes through the plot", () => {
  const [[x1, , x2]] = shapeOf("trend", [[-2e6, 100], [10, 100]], { isRay: true }).segments;
  assert.deepEqual([x1, x2].map(Math.round), [0, 400]);
});

test("a trend line ends at its points, a ray goes on to the edge", () => {
  assert.deepEqual(shapeOf("trend", [[100, 100], [200, 50]]).segments, [[100, 100, 200, 50]]);
  const [[x1, y1, x2, y2]] = shapeOf("trend", [[100, 100], [200, 50]], { isRay: true }).segments;
  assert.deepEqual([x1, y1].map(Math.round), [100, 100]);
  assert.deepEqual([x2, y2].map(Math.round), [300, 0]);
  const [[, , left]] = shapeOf("trend", [[200, 50], [100, 50]], { isRay: true }).segments;
  assert.equal(Math.round(left), 0);
});

test("what is out of sight has no shape", () => {
  assert.equal(shapeOf("trend", [[500, 10], [600, 20]]), null);
  assert.equal(shapeOf("line", [[100, 300]]), null);
  assert.equal(shapeOf("box", [[-50, -50], [-10, -10]]), null);
  assert.equal(shapeOf("note", [[-300, 100]], { text: "here" }), null);
});

test("a rectangle larger than the plot is still there", () => {
  const shape = shapeOf("box", [[-50, -50], [900, 900]]);
  assert.deepEqual(shape.segments, []);
  assert.ok(shape.box);
});

test("the ratios lie between both ends of the move, counted from where it ended", () => {
  const { levels, segments } = shapeOf("fib", [[100, 180], [200, 80]]);
  const y = (ratio) => levels.find((each) => each.ratio === ratio).y;
  assert.deepEqual([y(0), y(0.5), y(1)], [80, 130, 180]);
  assert.ok(Math.abs(y(0.618) - 141.8) < 1e-9);
  assert.equal(segments.length, 8);
});

test("a handle of the chosen drawing comes before all, then the newest that is near", () => {
  const shapes = [shapeOf("trend", [[100, 100], [200, 100]]), shapeOf("line", [[150, 102]]), shapeOf("box", [[50, 50], [300, 150]])];
  assert.equal(S.hit(shapes, 150, 101, 5, null).shape.drawing.kind, "line");
  assert.deepEqual([S.hit(shapes, 101, 103, 5, "trend").shape.drawing.kind, S.hit(shapes, 101, 103, 5, "trend").handle], ["trend", 0]);
  assert.equal(S.hit(shapes, 50, 80, 5, null).shape.drawing.kind, "box");
  assert.deepEqual(S.hit(shapes, 51, 149, 5, "box").handle, 2);
  assert.equal(S.hit(shapes, 120, 70, 5, null), null, "inside a rectangle the chart can be moved");
});

test("a note is hit on its words", () => {
  const shapes = [shapeOf("note", [[100, 100]], { text: "support" })];
  assert.equal(S.hit(shapes, 140, 105, 5, null).shape.drawing.text, "support");
  assert.equal(S.hit(shapes, 240, 105, 5, null), null);
});

test("two handles of a rectangle are its other corners, in the order in which they are moved", () => {
  assert.deepEqual(shapeOf("box", [[10, 20], [110, 120]]).handles, [[10, 20], [110, 120], [10, 120], [110, 20]]);
});
