"use strict";
const test = require("node:test");
const assert = require("node:assert/strict");
require("../../assets/chart_smoothing.js");
require("../../assets/chart_panes.js");
const indicators = require("../../assets/chart_indicators.js");
const studies = require("../../assets/chart_studies.js");
const { walk, given, ticks, alike } = require("./bars.js");

const made = (bars, choice) => studies.extend(studies.study(indicators.choice(choice)), bars, 0);
const rounded = (values, decimals) => values.map((value) => Number(value.toFixed(decimals)));
const column = (study, bars, of = "values") => [...study[of].subarray(0, bars.n)];

// ---- written anew from the definitions, each bar from the beginning

const mean = (values) => values.reduce((sum, each) => sum + each, 0) / values.length;
const averaged = (values, length, weight) =>
  values.length < length ? NaN : values.slice(length).reduce((before, value) => before * (1 - weight) + value * weight, mean(values.slice(0, length)));

const NAIVE = {
  rsi(bars, i, { period }) {
    const closes = [...bars.close.subarray(0, i + 1)];
    const changes = closes.slice(1).map((close, at) => close - closes[at]);
    const gain = averaged(changes.map((each) => Math.max(each, 0)), period, 1 / period);
    const loss = averaged(changes.map((each) => Math.max(-each, 0)), period, 1 / period);
    return { values: 100 - 100 / (1 + gain / loss) };
  },
  macd(bars, i, { fast, slow, signal }) {
    const closes = [...bars.close.subarray(0, i + 1)];
    const distances = closes.map((_close, at) => {
      const until = closes.slice(0, at + 1);
      return averaged(until, fast, 2 / (fast + 1)) - averaged(until, slow, 2 / (slow + 1));
    });
    const smoothed = averaged(distances.filter((each) => !Number.isNaN(each)), signal, 2 / (signal + 1));
    return { values: distances[i], signalLine: smoothed, histogram: distances[i] - smoothed };
  },
  atr(bars, i, { period }) {
    const ranges = [...Array(i + 1).keys()].map((at) => {
      const [high, low, before] = [bars.high[at], bars.low[at], bars.close[at - 1]];
      return at ? Math.max(high - low, Math.abs(high - before), Math.abs(low - before)) : high - low;
    });
    return { values: averaged(ranges, period, 1 / period) };
  },
  stochastic(bars, i, { period, smooth, signal }) {
    const place = (at) => {
      if (at < period - 1) return NaN;
      const low = Math.min(...bars.low.subarray(at - period + 1, at + 1));
      const high = Math.max(...bars.high.subarray(at - period + 1, at + 1));
      return ((bars.close[at] - low) / (high - low)) * 100;
    };
    const back = (of, count) => (at) => mean([...Array(count).keys()].map((by) => of(at - by)));
    const fast = back(place, smooth);
    return { values: fast(i), signalLine: back(fast, signal)(i) };
  },
};
const CHOICES = [{ kind: "rsi" }, { kind: "macd" }, { kind: "macd", fast: 9, slow: 4, signal: 1 }, { kind: "atr" }, { kind: "stochastic" }, { kind: "stochastic", smooth: 3 }];

for (const choice of CHOICES) {
  const study = studies.study(indicators.choice(choice));
  test(`${study.title} is what its definition says at each bar, and absent before it has enough of them`, () => {
    const bars = walk(90, 7);
    studies.extend(study, bars, 0);
    for (let i = 0; i < bars.n; i += 1) {
      for (const [of, value] of Object.entries(NAIVE[study.kind](bars, i, study))) {
        assert.ok(alike(study[of][i], value), `${of} of bar ${i}: ${study[of][i]} instead of ${value}`);
      }
    }
  });

  test(`${study.title}: tick by tick equals all at once`, () => {
    const bars = walk(300);
    const stepped = made(bars, choice);
    ticks(bars, 1000, (from) => studies.extend(stepped, bars, from));
    const whole = made(bars, choice);
    for (const { of } of whole.lines) column(whole, bars, of).forEach((value, i) => assert.ok(alike(stepped[of][i], value), `${of} ${i}`));
  });

  test(`${study.title} has no value of too few bars, and none of none`, () => {
    assert.deepEqual(column(made(given([]), choice), given([])), []);
    const few = walk(3);
    assert.ok(study.lines.every(({ of }) => column(made(few, choice), few, of).every(Number.isNaN)));
  });
}

test("the first value comes with the bar that completes it", () => {
  const bars = walk(60);
  const first = (choice, of = "values") => column(made(bars, choice), bars, of).findIndex((value) => !Number.isNaN(value));
  assert.equal(first({ kind: "rsi", period: 14 }), 14, "fourteen changes need fifteen bars");
  assert.equal(first({ kind: "atr", period: 14 }), 13);
  assert.equal(first({ kind: "macd" }), 25);
  assert.equal(first({ kind: "macd" }, "signalLine"), 33);
  assert.equal(first({ kind: "macd" }, "histogram"), 33);
  assert.equal(first({ kind: "stochastic", period: 14, smooth: 3, signal: 3 }), 15);
  assert.equal(first({ kind: "stochastic", period: 14, smooth: 3, signal: 3 }, "signalLine"), 17);
});

// The worked example of RSI that is handed round in spreadsheets: QQQQ, 20 closes from 14 December 2009.
test("RSI of a published example", () => {
  const closes = [44.3389, 44.0902, 44.1497, 43.6124, 44.3278, 44.8264, 45.0955, 45.4245, 45.8433, 46.0826, 45.8931, 46.0328, 45.614, 46.282, 46.282, 46.0028, 46.0328, 46.4116, 46.2222, 45.6439];
  const bars = given(closes);
  assert.deepEqual(rounded(column(made(bars, { kind: "rsi" }), bars).slice(14), 2), [70.53, 66.32, 66.55, 69.41, 66.36, 57.97]);
});

test("RSI by hand", () => {
  // Of two: gains 2, 0 and losses 0, 1 make means of 1 and 0.5; a gain of 3 then makes 2 and 0.25.
  const bars = given([10, 12, 11, 14]);
  assert.deepEqual(rounded(column(made(bars, { kind: "rsi", period: 2 }), bars).slice(2), 4), [66.6667, 88.8889]);
});

test("RSI is 100 when nothing fell, 0 when nothing rose, 50 when nothing moved", () => {
  const last = (closes) => made(given(closes), { kind: "rsi", period: 3 }).values[closes.length - 1];
  assert.equal(last([1, 2, 3, 4, 5]), 100);
  assert.equal(last([5, 4, 3, 2, 1]), 0);
  assert.equal(last([7, 7, 7, 7, 7]), 50);
});

test("MACD by hand", () => {
  // Averages of one (the close) and of two: 9, 15 → 12, then 21 → 18 and 15 → 16.
  const bars = given([9, 15, 21, 15]);
  const study = made(bars, { kind: "macd", fast: 2, slow: 3, signal: 2 });
  const fast = [NaN, 12, 18, 16];
  const slow = [NaN, NaN, 15, 15];
  assert.deepEqual(column(study, bars), fast.map((each, i) => each - slow[i]));
  assert.deepEqual(column(study, bars, "signalLine"), [NaN, NaN, NaN, 2]);
  assert.deepEqual(column(study, bars, "histogram"), [NaN, NaN, NaN, -1]);
});

test("ATR counts a gap from the close before, by hand", () => {
  // Ranges: 4, then 12 − 9 = 3 within but 12 − 8 = 4 from the close, then 9 − 3 = 6 from a close of 9 down to 3.
  const bars = given([[10, 6, 8], [12, 9, 9], [5, 3, 4]]);
  assert.deepEqual(column(made(bars, { kind: "atr", period: 2 }), bars), [NaN, 4, 5]);
});

test("a stochastic stands at 100 on the high, at 0 on the low, and in the middle without a range", () => {
  const value = (rows) => made(given(rows), { kind: "stochastic", period: 2 }).values[rows.length - 1];
  assert.equal(value([[10, 5, 7], [12, 8, 12]]), 100);
  assert.equal(value([[10, 5, 7], [12, 4, 4]]), 0);
  assert.equal(value([[10, 6, 7], [12, 8, 9]]), 50);
  assert.equal(value([5, 5]), 50);
});

test("older bars put in front are counted in", () => {
  const data = require("../../assets/chart_data.js");
  const whole = walk(120);
  const late = data.series();
  const rows = (i0, i1) => Object.fromEntries(data.FIELDS.map((field) => [field, [...whole[field].subarray(i0, i1)]]));
  data.replace(late, rows(50, 120));
  const study = made(late, { kind: "rsi" });
  data.prepend(late, rows(0, 50));
  studies.extend(study, late, 0);
  column(made(whole, { kind: "rsi" }), whole).forEach((value, i) => assert.ok(alike(study.values[i], value)));
});

test("what is in sight is measured, and nothing where there is nothing", () => {
  const bars = walk(60);
  const study = made(bars, { kind: "macd" });
  const { low, high } = studies.extent(study, 40, 60);
  const seen = ["values", "signalLine", "histogram"].flatMap((of) => column(study, bars, of).slice(40));
  assert.deepEqual([low, high], [Math.min(...seen), Math.max(...seen)]);
  assert.equal(studies.extent(study, 0, 20), null);
});
