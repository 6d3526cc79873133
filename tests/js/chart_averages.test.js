"use strict";
const test = require("node:test");
const assert = require("node:assert/strict");
const data = require("../../assets/chart_data.js");
const time = require("../../assets/chart_time.js");
const averages = require("../../assets/chart_averages.js");

function walk(count, seed = 3) {
  const bars = data.series();
  let state = seed;
  const next = () => (state = (state * 16807) % 2147483647) / 2147483647;
  let price = 1000;
  for (let i = 0; i < count; i += 1) {
    const open = price;
    price = Math.max(10, price + Math.round((next() - 0.5) * 20));
    data.merge(bars, [[i * 60000, open, Math.max(open, price) + 2, Math.min(open, price) - 2, price, Math.round(next() * 100)]]);
  }
  time.setWalls(bars, 0, () => 0);
  return bars;
}
const anchorOf = time.anchorOf(60);
const valuesOf = (line, bars) => [...line.values.subarray(0, bars.n)];

test("a simple average is the mean of its last closes and absent before", () => {
  const bars = walk(30);
  const line = averages.extend(averages.average({ kind: "sma", period: 5 }), bars, 0, anchorOf);
  assert.ok(Number.isNaN(line.values[3]));
  for (let i = 4; i < 30; i += 1) {
    const mean = [...bars.close.subarray(i - 4, i + 1)].reduce((a, b) => a + b) / 5;
    assert.ok(Math.abs(line.values[i] - mean) < 1e-9);
  }
});

test("an exponential average begins at the mean and then weighs the newest", () => {
  const bars = walk(10);
  const line = averages.extend(averages.average({ kind: "ema", period: 3 }), bars, 0, anchorOf);
  const first = (bars.close[0] + bars.close[1] + bars.close[2]) / 3;
  assert.equal(line.values[2], first);
  assert.equal(line.values[3], first + 0.5 * (bars.close[3] - first));
});

test("a VWAP starts anew with the day and stands still without volume", () => {
  const bars = data.series();
  const day = 86400000;
  data.merge(bars, [
    [day - 60000, 10, 10, 10, 10, 5],
    [day, 20, 20, 20, 20, 1],
    [day + 60000, 30, 30, 30, 30, 3],
    [day + 120000, 90, 90, 90, 90, 0],
  ]);
  time.setWalls(bars, 0, () => 0);
  const line = averages.extend(averages.average({ kind: "vwap", period: 2 }), bars, 0, anchorOf);
  assert.deepEqual(valuesOf(line, bars), [10, 20, 27.5, 27.5]);
});

for (const kind of ["sma", "ema", "vwap"]) {
  test(`${kind}: tick by tick equals all at once`, () => {
    const bars = walk(400);
    const line = averages.extend(averages.average({ kind, period: 20 }), bars, 0, anchorOf);
    for (let i = 0; i < 50; i += 1) {
      const last = bars.n - 1;
      const isNew = i % 5 === 0;
      const start = isNew ? bars.start[last] + 60000 : bars.start[last];
      const outcome = data.merge(bars, [[start, 1000, 1010 + i, 980, 990 + i, 10 + i]]);
      time.setWalls(bars, outcome.from, () => 0);
      averages.extend(line, bars, outcome.from, anchorOf);
    }
    const whole = averages.extend(averages.average({ kind, period: 20 }), bars, 0, anchorOf);
    const pairs = valuesOf(line, bars).map((value, i) => [value, whole.values[i]]);
    for (const [stepped, expected] of pairs) assert.ok(Number.isNaN(expected) ? Number.isNaN(stepped) : Math.abs(stepped - expected) < 1e-6);
  });
}

test("choices from the browser's store are made sound", () => {
  const stored = [{ kind: "sma", period: "12" }, { kind: "magic", period: 3 }, { kind: "ema", period: 9999 }, { kind: "vwap" }, null];
  assert.deepEqual(averages.choices(stored), [{ kind: "sma", period: 12 }, { kind: "ema", period: 500 }, { kind: "vwap", period: 20 }]);
  assert.deepEqual(averages.choices("broken"), []);
});
