"use strict";
const test = require("node:test");
const assert = require("node:assert/strict");
const data = require("../../assets/chart_data.js");
require("../../assets/chart_view.js");
const paint = require("../../assets/chart_paint.js");

const frameOf = (x0, x1, ratio = 1) => ({ ratio, left: 0, top: 0, width: 600, height: 400, x0, x1, low: 0, high: 200, volumeTop: 10 });

function recorder() {
  const rects = [];
  const points = [];
  return {
    rects,
    points,
    fillRect: (x, y, width, height) => rects.push({ x, y, width, height }),
    beginPath() {},
    moveTo: (x, y) => points.push([x, y]),
    lineTo: (x, y) => points.push([x, y]),
    stroke() {},
  };
}

function walk(count) {
  const bars = data.series();
  for (let i = 0; i < count; i += 1) {
    const open = 100 + Math.round(40 * Math.sin(i / 9));
    const close = 100 + Math.round(40 * Math.sin((i + 1) / 9));
    data.merge(bars, [[i, open, Math.max(open, close) + 3, Math.min(open, close) - 3, close, 1 + (i % 10)]]);
  }
  return bars;
}

test("pixels to bars and ticks and back", () => {
  const frame = frameOf(10, 110);
  assert.ok(Math.abs(paint.barAt(frame, paint.xOf(frame, 42)) - 42) < 1e-9);
  assert.ok(Math.abs(paint.ticksAt(frame, paint.yOf(frame, 77)) - 77) < 1e-9);
});

test("every rectangle of a candle lies on whole device pixels", () => {
  for (const ratio of [1, 1.5, 2]) {
    const ctx = recorder();
    paint.candles(ctx, walk(60), 0, 60, frameOf(0, 61, ratio), { up: "u", down: "d" }, true);
    assert.ok(ctx.rects.length >= 120);
    for (const rect of ctx.rects) for (const side of Object.values(rect)) assert.equal(side, Math.round(side));
  }
});

test("more bars than pixels cost one column a pixel and lose no extreme", () => {
  const bars = walk(5000);
  bars.high[2500] = 190;
  const ctx = recorder();
  paint.candles(ctx, bars, 0, 5000, frameOf(0, 5000), { up: "u", down: "d" }, false);
  assert.ok(ctx.rects.length <= 602);
  assert.equal(Math.min(...ctx.rects.map((rect) => rect.y)), 20);
});

test("every bar is in exactly one column", () => {
  const bars = walk(1000);
  let count = 0;
  paint.eachColumn(bars, 0, 1000, paint.lines(frameOf(0, 5000)), (column) => (count += column.last - column.first + 1));
  assert.equal(count, 1000);
});

test("volume stands on the floor and the largest reaches its share", () => {
  const ctx = recorder();
  paint.volume(ctx, walk(50), 0, 50, frameOf(0, 51), { up: "u", down: "d", volumeAlpha: 0.4 });
  assert.ok(ctx.rects.every((rect) => rect.y + rect.height === 400));
  assert.equal(Math.max(...ctx.rects.map((rect) => rect.height)), Math.round(400 * paint.VOLUME_SHARE));
});

test("a line visits few points however many values share a column, and begins where values begin", () => {
  const values = Float64Array.from({ length: 20000 }, (_each, i) => (i < 100 ? NaN : 100 + Math.sin(i)));
  const ctx = recorder();
  paint.trace(ctx, values, 0, 0, 20000, frameOf(0, 20000));
  assert.ok(ctx.points.length <= 601 * 4);
  assert.ok(ctx.points.every(([x, y]) => Number.isFinite(x) && Number.isFinite(y)));
  assert.equal(paint.trace(recorder(), values, 0, 0, 50, frameOf(0, 100)), null);
});

test("a jagged line is one upright a pixel from its lowest to its highest, joined to the one before", () => {
  const values = Float64Array.from({ length: 3000 }, (_each, i) => (i < 10 ? NaN : 100 + 50 * Math.sin(i)));
  const ctx = recorder();
  paint.jagged(ctx, values, 0, 0, 3000, frameOf(0, 3000), "ink", 1.4);
  assert.ok(ctx.rects.length >= 598 && ctx.rects.length <= 601 && ctx.points.length === 0);
  assert.ok(ctx.rects.every(({ y, height }) => y >= 99 && y + height <= 301));
  for (let at = 1; at < ctx.rects.length; at += 1) {
    const [one, next] = [ctx.rects[at - 1], ctx.rects[at]];
    assert.ok(next.y <= one.y + one.height && next.y + next.height >= one.y, `a gap at ${next.x}`);
  }
  const sparse = recorder();
  paint.jagged(sparse, values, 0, 0, 100, frameOf(0, 100), "ink", 1.4);
  assert.ok(sparse.points.length === 90 && sparse.rects.length === 0);
});

test("Bollinger bands are filled between and absent before there are any", () => {
  const upper = Float64Array.of(NaN, NaN, 150, 160, 155);
  const lower = Float64Array.of(NaN, NaN, 50, 40, 45);
  const ctx = Object.assign(recorder(), { fill() {} });
  paint.bands(ctx, { upper, lower }, 0, 0, 5, frameOf(0, 5), "ink");
  const filled = ctx.points.slice(0, 6).map(([x, y]) => [Math.round(x), Math.round(y)]);
  assert.deepEqual(filled, [[240, 100], [360, 80], [480, 90], [480, 310], [360, 320], [240, 300]]);
});
