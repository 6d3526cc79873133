"use strict";
const test = require("node:test");
const assert = require("node:assert");
const { frame, pricesBetween } = require("../../assets/chart_frame.js");

const slot = { clientWidth: 900, clientHeight: 428 };

test("prices are labelled in steps of 1, 2 or 5, inside the scale", () => {
  const prices = pricesBetween(229.43, 230.04, 7).map((price) => price.toFixed(2));
  assert.deepStrictEqual(prices, ["229.50", "229.60", "229.70", "229.80", "229.90", "230.00"]);
  assert.deepStrictEqual(pricesBetween(10, 100, 6), [20, 40, 60, 80, 100]);
  assert.deepStrictEqual(pricesBetween(5, 5, 6), []);
});

test("the frame leaves the room that Plotly would", () => {
  const own = frame(slot);
  own.set({ "margin.r": 72, "xaxis.range": [10, 110], "yaxis.range": [1, 2], "yaxis.nticks": 5, "xaxis.tickvals": [20, 40], "xaxis.ticktext": ["a", "b"] });
  const { left, top, plotWidth, plotHeight, x, y, labels } = own.box();
  assert.deepStrictEqual([left, top, plotWidth, plotHeight, labels], [0, 4, 828, 400, 2]);
  assert.deepStrictEqual([x, y], [[10, 110], [1, 2]]);
  assert.deepStrictEqual(own.times(), [{ at: 20, text: "a" }, { at: 40, text: "b" }]);
});

test("panes below the bars take from the plot's height, down to the floor", () => {
  const own = frame(slot);
  own.set({ "yaxis.domain": [0.25, 1] });
  const { top, plotHeight, floor } = own.box();
  assert.deepStrictEqual([top, plotHeight, floor], [4, 300, 404]);
});

test("without room there is no frame", () => {
  assert.strictEqual(frame({ clientWidth: 40, clientHeight: 428 }).box(), null);
});
