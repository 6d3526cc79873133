"use strict";
const test = require("node:test");
const assert = require("node:assert/strict");
require("../../assets/format.js");
require("../../assets/chart_frame.js");
require("../../assets/chart_view.js");
require("../../assets/chart_paint.js");
require("../../assets/chart_smoothing.js");
const indicators = require("../../assets/chart_indicators.js");
const studies = require("../../assets/chart_studies.js");
const panes = require("../../assets/chart_panes.js");
const painter = require("../../assets/chart_panes_paint.js");
const view = require("../../assets/chart_panes_view.js");
const { walk } = require("./bars.js");

const WIDE = { width: 800, height: 600 };
const NARROW = { width: 390, height: 500 };
const shares = (...all) => all.map((share) => ({ share }));
const instrument = { tick: 0.01, pd: 2 };
const frame = { ratio: 1, left: 0, top: 4, width: 600, height: 300, floor: 404, x0: 0, x1: 60, low: 0, high: 1 };

function paneOf(choice, bars, i0 = 0) {
  const study = studies.extend(studies.study(indicators.choice(choice)), bars, 0);
  return panes.placed(frame, [study], [100], i0, bars.n)[0];
}

test("panes are as high as their share of the plot, and bars keep their room", () => {
  assert.deepEqual(panes.heights([], WIDE), []);
  assert.deepEqual(panes.heights(shares(0.2, 0.1), WIDE), [120, 60]);
  const crowded = panes.heights(shares(0.6, 0.6, 0.6), WIDE);
  assert.ok(crowded.every((each) => each >= 48) && crowded.reduce((a, b) => a + b) <= 600 - 140);
});

test("a narrow chart has one pane, lower than elsewhere, and a low one none", () => {
  assert.deepEqual(panes.heights(shares(0.2, 0.2, 0.2), NARROW), [85]);
  assert.equal(panes.roomFor(WIDE), 3);
  assert.equal(panes.roomFor({ width: 800, height: 240 }), 2);
  assert.equal(panes.roomFor({ width: 800, height: 170 }), 0);
});

test("a divider takes from what is above and gives to what is below, within bounds", () => {
  const moved = (index, dy) => panes.heights(panes.resized(shares(0.2, 0.2), WIDE, index, dy).map((share) => ({ share })), WIDE);
  assert.deepEqual(moved(0, -30), [150, 120]);
  assert.deepEqual(moved(1, -30), [90, 150]);
  assert.deepEqual(moved(1, 1000), [192, 48]);
  assert.deepEqual(moved(0, -1000), [340, 120]);
  const narrow = panes.resized(shares(0.2), NARROW, 0, -15).map((share) => ({ share }));
  assert.deepEqual(panes.heights(narrow, NARROW), [100]);
});

test("keys move a divider", () => {
  assert.equal(view.moveByKey("ArrowUp", false), -8);
  assert.equal(view.moveByKey("ArrowDown", true), 40);
  assert.ok(view.moveByKey("Home", false) < -1000);
  assert.equal(view.moveByKey("a", false), null);
});

test("panes stand below the bars, one under the other", () => {
  const bars = walk(60);
  const both = [{ kind: "rsi" }, { kind: "atr" }].map((choice) => studies.extend(studies.study(indicators.choice(choice)), bars, 0));
  const [first, second] = panes.placed(frame, both, [60, 40], 0, 60);
  assert.deepEqual([first.top, first.height, second.top, second.height], [305, 59, 365, 39]);
  const whole = { ...frame, panes: [first, second] };
  assert.equal(panes.paneAt(whole, 200), null);
  assert.equal(panes.paneAt(whole, 310), first);
  assert.equal(panes.paneAt(whole, 390), second);
  assert.equal(panes.paneAt(whole, 420), null);
});

test("bounded values have their whole scale, others what is in sight and zero", () => {
  const bars = walk(60);
  const rsi = paneOf({ kind: "rsi" }, bars);
  assert.deepEqual([rsi.low, rsi.high], [-8, 108]);
  const macd = paneOf({ kind: "macd" }, bars);
  assert.ok(macd.low < 0 && macd.high > 0);
  assert.ok(paneOf({ kind: "atr" }, walk(5)).isEmpty);
});

test("a value that leaves its pane, or is the first, asks for another scale", () => {
  const bars = walk(60);
  const pane = paneOf({ kind: "atr" }, bars);
  assert.equal(panes.isOutgrown([pane], 59), false);
  pane.study.values[59] = pane.high + 1;
  assert.equal(panes.isOutgrown([pane], 59), true);
  const empty = paneOf({ kind: "atr" }, walk(5));
  assert.equal(panes.isOutgrown([empty], 4), false);
  empty.study.values[4] = 3;
  assert.equal(panes.isOutgrown([empty], 4), true);
});

test("labels are guides, or round values in money with the decimals of their step", () => {
  const bars = walk(60);
  assert.deepEqual(panes.labels(paneOf({ kind: "rsi" }, bars), instrument), [{ value: 30, text: "30" }, { value: 70, text: "70" }]);
  const pane = { ...paneOf({ kind: "atr" }, bars), low: 9, high: 31 };
  assert.deepEqual(panes.labels(pane, instrument).map(({ text }) => text), ["0.1", "0.2", "0.3"]);
  assert.deepEqual(panes.labels({ ...pane, isEmpty: true }, instrument), []);
});

test("values are written as what they are", () => {
  const bars = walk(60);
  assert.equal(panes.text(paneOf({ kind: "rsi" }, bars).study, 61.238, instrument), "61.24");
  assert.equal(panes.text(paneOf({ kind: "macd" }, bars).study, -12.34, instrument), "−0.123");
  assert.equal(panes.text(paneOf({ kind: "rsi" }, bars).study, NaN, instrument), "–");
});

test("a histogram rises from zero and hangs below it, one column a pixel at the most", () => {
  const rects = [];
  const ctx = { fillRect: (x, y, width, height) => rects.push({ x, y, width, height, color: ctx.fillStyle }) };
  const colors = { up: "up", down: "down" };
  const pane = { ...frame, top: 0, height: 100, low: -10, high: 10, x0: -0.5, x1: 3.5, width: 40 };
  painter.histogram(ctx, Float64Array.of(NaN, 5, -10, 0), 0, 0, 4, pane, colors);
  assert.deepEqual(rects.map(({ y, height, color }) => [y, height, color]), [[25, 25, "up"], [50, 50, "down"], [50, 1, "up"]]);
  rects.length = 0;
  painter.histogram(ctx, Float64Array.from({ length: 4000 }, (_each, i) => (i % 100 === 50 ? -9 : 1)), 0, 0, 4000, { ...pane, x1: 3999.5 }, colors);
  assert.ok(rects.length <= 41 && rects.some(({ color, height }) => color === "down" && height === 45));
});
