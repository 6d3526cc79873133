"use strict";
const test = require("node:test");
const assert = require("node:assert/strict");
const data = require("../../assets/chart_data.js");
require("../../assets/chart_time.js");
for (const name of ["smoothing", "panes", "indicators", "averages", "studies"]) require(`../../assets/chart_${name}.js`);
const models = require("../../assets/chart_model.js");
const fallback = require("../../assets/chart_fallback.js");
const feed = require("../../assets/chart_feed.js");

const row = (start, close = 100) => [start, close, close + 1, close - 1, close, 10];
const columns = (starts, changes = {}) => ({
  ...Object.fromEntries(data.FIELDS.map((field, f) => [field, starts.map((start) => row(start)[f])])),
  ...changes,
});
const loaded = (...starts) => {
  const chart = models.model(models.settings({ frame: "1m", type: "heikin", averages: [{ kind: "sma", period: 2 }] }));
  models.load(chart, columns(starts), []);
  return chart;
};

test("settings that make no sense become the usual ones", () => {
  assert.deepEqual(models.settings({ frame: "7m", type: "pie", volume: 0, averages: "x" }), { ...models.DEFAULTS, volume: true });
  assert.deepEqual(models.settings(null).frame, "1m");
  assert.deepEqual(models.settings({ averages: [] }).averages, []);
});

test("live rows that overlap the answer are put on top of it", () => {
  const chart = models.model(models.settings(null));
  models.load(chart, columns([0, 60000]), [row(60000, 105), row(120000)]);
  assert.equal(chart.bars.n, 3);
  assert.equal(chart.bars.close[1], 105);
});

test("live rows that leave a hole are not put on top", () => {
  const chart = models.model(models.settings(null));
  models.load(chart, columns([0, 60000]), [row(180000)]);
  assert.equal(chart.bars.n, 2);
});

test("a snapshot that begins after our last bar says that bars are missing", () => {
  const chart = loaded(0, 60000);
  assert.deepEqual(models.live(chart, [row(180000)], true), { from: -1, appended: 0, hasGap: true });
  assert.deepEqual(models.live(chart, [row(60000, 101), row(120000)], true), { from: 1, appended: 1, hasGap: false });
});

test("a snapshot that ends before our last bar says that the market went back in time", () => {
  assert.equal(models.live(loaded(0, 60000, 120000), [row(0), row(60000)], true).hasGap, true);
});

test("what is derived follows every tick", () => {
  const chart = loaded(0, 60000, 120000);
  models.live(chart, [row(120000, 120)], false);
  assert.equal(chart.averages[0].values[2], 110);
  assert.equal(models.shown(chart).close[2], (120 + 121 + 119 + 120) / 4);
});

test("older bars end when the desk has no more", () => {
  const chart = loaded(600000, 660000);
  assert.ok(models.wantsOlder(chart, { x0: 10 }));
  assert.equal(models.older(chart, columns([480000, 540000], { complete: false })), 2);
  assert.ok(models.wantsOlder(chart, { x0: 0 }));
  assert.equal(models.older(chart, columns([], { complete: false })), 0);
  assert.equal(models.wantsOlder(chart, { x0: 0 }), false);
});

test("the readout's change is against the close before", () => {
  const chart = models.model(models.settings(null));
  models.load(chart, columns([0, 60000]), [row(60000, 102)]);
  const readout = models.readout(chart, 1);
  assert.equal(readout.change, 2);
  assert.ok(Math.abs(readout.percent - 2) < 1e-9);
  assert.equal(models.readout(chart, 2), null);
});

test("three faults in a row lower the chart, a painting between forgives", () => {
  const heard = [];
  const ladder = fallback.ladder((level) => heard.push(level));
  ladder.struck(new Error("a"));
  ladder.struck(new Error("b"));
  ladder.painted();
  ladder.struck(new Error("c"));
  ladder.struck(new Error("d"));
  assert.equal(ladder.state.level, 0);
  ladder.struck(new Error("e"));
  assert.equal(ladder.state.level, 1);
  ladder.lower(2, "worse");
  ladder.lower(1, "never up by itself");
  ladder.reset();
  assert.deepEqual(heard, [1, 2, 0]);
});

test("a level that a test broke fails until it is reset", () => {
  const ladder = fallback.ladder(() => {});
  ladder.probe(1);
  ladder.break(1);
  assert.throws(() => ladder.probe(1));
  ladder.reset();
  ladder.probe(1);
});

test("Plotly is taken for dead only after its patience is over", () => {
  let isBusy = true;
  const watch = fallback.watch(() => isBusy);
  for (let s = 0; s < 8; s += 1) assert.equal(watch.isDead(), false);
  assert.equal(watch.isDead(), true);
  isBusy = false;
  assert.equal(watch.isDead(), false);
});

test("the table shows the newest bars first", () => {
  const chart = loaded(0, 60000, 120000);
  const plain = { price: String, time: String, qty: String };
  const rows = fallback.rows(chart.bars, 2, plain);
  assert.deepEqual(rows.map((each) => each[0]), ["120000", "60000"]);
});

test("only the answer to the latest ask is taken", () => {
  const asked = feed.asks();
  const first = asked.make("AAPL", "1m", "s");
  const second = asked.make("AAPL", "5m", "s", 1000);
  assert.equal(asked.takes({ ask: first.ask }), false);
  assert.ok(asked.isWaiting());
  assert.equal(second.before, 1000);
  assert.equal(asked.takes({ ask: second.ask }), true);
  assert.equal(asked.takes({ ask: second.ask }), false);
});
