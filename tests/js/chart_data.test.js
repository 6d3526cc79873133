"use strict";
const test = require("node:test");
const assert = require("node:assert/strict");
const data = require("../../assets/chart_data.js");

const row = (start, close = 100, volume = 1) => [start, close, close + 2, close - 2, close, volume];
const filled = (...starts) => {
  const bars = data.series();
  data.merge(bars, starts.map((start) => row(start)));
  return bars;
};
const columns = (rows) => Object.fromEntries(data.FIELDS.map((field, f) => [field, rows.map((each) => each[f])]));

test("a later bar is appended and the same bar is replaced", () => {
  const bars = filled(10, 20);
  assert.deepEqual(data.merge(bars, [row(20, 105), row(30)]), { from: 1, appended: 1, missed: false });
  assert.equal(bars.close[1], 105);
  assert.equal(bars.n, 3);
});

test("a bar that did not change is no change", () => {
  const bars = filled(10, 20);
  assert.deepEqual(data.merge(bars, [row(20)]), { from: -1, appended: 0, missed: false });
});

test("a bar that belongs between known bars says that some were missed", () => {
  const bars = filled(10, 30);
  assert.equal(data.merge(bars, [row(20)]).missed, true);
  assert.equal(bars.n, 2);
});

test("a bar older than the first is left out", () => {
  const bars = filled(10, 20);
  assert.deepEqual(data.merge(bars, [row(5)]), { from: -1, appended: 0, missed: false });
});

test("older bars go in front and no bar changes its number", () => {
  const bars = filled(30, 40);
  const came = data.prepend(bars, columns([row(10), row(20), row(30)]));
  assert.equal(came, 2);
  assert.equal(bars.base, -2);
  assert.deepEqual([...bars.start.subarray(0, bars.n)], [10, 20, 30, 40]);
  assert.equal(bars.base + data.indexAt(bars, 30), 0);
});

test("growing past the first capacity keeps every bar", () => {
  const bars = data.series();
  for (let i = 0; i < 5000; i += 1) data.merge(bars, [row(i * 10, i)]);
  assert.equal(bars.n, 5000);
  assert.equal(bars.close[0], 0);
  assert.equal(bars.close[4999], 4999);
});

test("the oldest bars are forgotten in blocks and the rest keep their numbers", () => {
  const bars = data.series();
  for (let i = 0; i < 30; i += 1) data.merge(bars, [row(i, i)]);
  assert.equal(data.forget(bars, 25, 10), 10);
  assert.equal(bars.n, 20);
  assert.equal(bars.start[0] , 10);
  assert.equal(bars.base, 10);
});

test("a moment belongs to the bar that had begun", () => {
  const bars = filled(10, 20, 30);
  assert.deepEqual([5, 10, 19, 20, 99].map((ms) => data.indexAt(bars, ms)), [-1, 0, 0, 1, 2]);
});

test("Heikin-Ashi from any bar on equals Heikin-Ashi from the first", () => {
  const bars = data.series();
  for (let i = 0; i < 50; i += 1) data.merge(bars, [row(i, 100 + ((i * 37) % 23))]);
  const whole = data.heikinAshi(bars, data.series(), 0);
  const stepped = data.heikinAshi(bars, data.series(), 0);
  data.merge(bars, [[49, 90, 140, 80, 130, 9]]);
  data.heikinAshi(bars, whole, 0);
  data.heikinAshi(bars, stepped, 49);
  for (const field of ["open", "high", "low", "close"]) {
    assert.deepEqual([...stepped[field].subarray(0, 50)], [...whole[field].subarray(0, 50)]);
  }
  assert.equal(whole.close[49], (90 + 140 + 80 + 130) / 4);
});

test("the extent of nothing is nothing", () => {
  assert.equal(data.extent(data.series(), 0, 10), null);
  assert.deepEqual(data.extent(filled(10, 20), -5, 10), { low: 98, high: 102, volume: 1 });
});
