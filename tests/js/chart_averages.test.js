"use strict";
const test = require("node:test");
const assert = require("node:assert/strict");
const data = require("../../assets/chart_data.js");
const time = require("../../assets/chart_time.js");
require("../../assets/chart_smoothing.js");
require("../../assets/chart_panes.js");
const indicators = require("../../assets/chart_indicators.js");
const averages = require("../../assets/chart_averages.js");
const { walk, given, ticks, alike } = require("./bars.js");

const anchorOf = time.anchorOf(60);
const made = (bars, choice) => averages.extend(averages.average(indicators.choice(choice)), bars, 0, anchorOf);
const valuesOf = (line, bars, of = "values") => [...line[of].subarray(0, bars.n)];

test("a simple average is the mean of its last closes and absent before", () => {
  const bars = walk(30);
  const line = made(bars, { kind: "sma", period: 5 });
  assert.ok(Number.isNaN(line.values[3]));
  for (let i = 4; i < 30; i += 1) {
    const mean = [...bars.close.subarray(i - 4, i + 1)].reduce((a, b) => a + b) / 5;
    assert.ok(alike(line.values[i], mean));
  }
});

test("an exponential average begins at the mean and then weighs the newest", () => {
  const bars = walk(10);
  const line = made(bars, { kind: "ema", period: 3 });
  const first = (bars.close[0] + bars.close[1] + bars.close[2]) / 3;
  assert.ok(Number.isNaN(line.values[1]));
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
  assert.deepEqual(valuesOf(made(bars, { kind: "vwap" }), bars), [10, 20, 27.5, 27.5]);
});

test("Bollinger bands stand the standard deviation either side of the mean, by hand", () => {
  // Mean 5, and the squares of the distances from it sum to 32: deviation 2 when they are divided by all eight.
  const bars = given([2, 4, 4, 4, 5, 5, 7, 9]);
  const line = made(bars, { kind: "bands", period: 8, width: 2 });
  assert.deepEqual(averages.at(line, 7), [5, 9, 1]);
  assert.deepEqual(averages.at(line, 6), [NaN, NaN, NaN]);
  assert.deepEqual(averages.at(made(bars, { kind: "bands", period: 8, width: 1.5 }), 7), [5, 8, 2]);
});

test("Bollinger bands of a price that stands still lie on it, also far from zero", () => {
  const bars = given(Array(40).fill(98_765_432));
  assert.deepEqual(averages.at(made(bars, { kind: "bands" }), 39), [98_765_432, 98_765_432, 98_765_432]);
});

test("a source other than the close is used", () => {
  const bars = given([[12, 6, 9], [16, 8, 15], [20, 10, 12]]);
  const last = (source) => made(bars, { kind: "sma", period: 2, source }).values[2];
  assert.deepEqual(["close", "high", "low", "hl2"].map(last), [13.5, 18, 9, 13.5]);
  assert.equal(last("hlc3"), ((16 + 8 + 15) / 3 + 14) / 2);
  assert.equal(last("ohlc4"), ((15 + 16 + 8 + 15) / 4 + (12 + 20 + 10 + 12) / 4) / 2);
});

for (const kind of ["sma", "ema", "vwap", "bands"]) {
  for (const source of ["close", "ohlc4"]) {
    test(`${kind} of ${source}: tick by tick equals all at once`, () => {
      const bars = walk(400);
      const line = made(bars, { kind, period: 20, source });
      ticks(bars, 500, (from) => averages.extend(line, bars, from, anchorOf));
      const whole = made(bars, { kind, period: 20, source });
      for (const of of kind === "bands" ? ["values", "upper", "lower"] : ["values"]) {
        valuesOf(whole, bars, of).forEach((value, i) => assert.ok(alike(line[of][i], value), `${of} ${i}: ${line[of][i]} and ${value}`));
      }
    });
  }
}

test("without bars, and with fewer than it needs, there is nothing", () => {
  for (const kind of ["sma", "ema", "bands"]) {
    assert.deepEqual(valuesOf(made(given([]), { kind }), given([])), []);
    assert.ok(valuesOf(made(walk(5), { kind, period: 6 }), walk(5)).every(Number.isNaN));
  }
});
