const test = require("node:test");
const assert = require("node:assert");
const watchlist = require("../../assets/watchlist.js");

const here = { AAPL: {}, MSFT: {}, NVDA: {} };

test("kept rows that are traded here are shown, or the whole market", () => {
  assert.deepEqual(watchlist.rowsOf(["MSFT", "AMZN"], here), ["MSFT"]);
  assert.deepEqual(watchlist.rowsOf(["AMZN"], here), ["AAPL", "MSFT", "NVDA"]);
  assert.deepEqual(watchlist.rowsOf(null, here), ["AAPL", "MSFT", "NVDA"]);
});

test("rows of other markets survive a change here", () => {
  assert.deepEqual(watchlist.keptAfter(["AMZN", "AAPL"], ["MSFT", "AAPL"], here), ["MSFT", "AAPL", "AMZN"]);
});

test("a row moves to any place and never out of the list", () => {
  const rows = ["A", "B", "C"];
  assert.deepEqual(watchlist.movedTo(rows, "A", 1), ["B", "A", "C"]);
  assert.deepEqual(watchlist.movedTo(rows, "A", 9), ["B", "C", "A"]);
  assert.deepEqual(watchlist.movedTo(rows, "C", -1), ["C", "A", "B"]);
});

test("change is against the previous close, and unknown without one", () => {
  assert.deepEqual(watchlist.change({ l: 110, pc: 100 }), { ticks: 10, percent: 10 });
  assert.equal(watchlist.change({ l: 110, pc: null }), null);
  assert.equal(watchlist.change(undefined), null);
});

test("a sparkline follows the price and begins a point each minute", () => {
  const ring = watchlist.makeRing([1, 2, 3], null);
  watchlist.advance(ring, 4, 10);
  assert.deepEqual(ring.points, [1, 2, 4]);
  assert.equal(watchlist.advance(ring, 4, 10), false);
  watchlist.advance(ring, 5, 11);
  assert.deepEqual(ring.points, [1, 2, 4, 5]);
  for (let minute = 12; minute < 200; minute += 1) watchlist.advance(ring, minute, minute);
  assert.equal(ring.points.length, 60);
});

test("a line fills its box and a flat one lies still", () => {
  assert.deepEqual(watchlist.line([1, 3, 2], 10, 4), [[0, 4], [5, 0], [10, 2]]);
  assert.deepEqual(watchlist.line([5, 5], 10, 4), [[0, 4], [10, 4]]);
});

test("a market message says which rows it is about", () => {
  assert.deepEqual(watchlist.changedSymbols("market", { d: { MSFT: {} } }, ["AAPL", "MSFT"]), ["MSFT"]);
  assert.deepEqual(watchlist.changedSymbols("AAPL", undefined, ["AAPL", "MSFT"]), ["AAPL"]);
  assert.deepEqual(watchlist.changedSymbols(undefined, undefined, ["AAPL"]), ["AAPL"]);
});

test("a column is measured in digits and a large change drops its cents", () => {
  assert.equal(watchlist.widthOf("97,214.55"), 8);
  assert.equal(watchlist.changeDecimals(97030.5, 2), 0);
  assert.equal(watchlist.changeDecimals(3389.85, 2), 1);
  assert.equal(watchlist.changeDecimals(229.75, 2), 2);
});

test("a change is coloured as it is read", () => {
  assert.deepEqual(["+0.01", "−3", "0.00", "–"].map(watchlist.directionOf), ["up", "down", "", ""]);
});
