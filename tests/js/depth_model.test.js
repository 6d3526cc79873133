const test = require("node:test");
const assert = require("node:assert");
const book = require("../../assets/book.js");
const depth = require("../../assets/depth_model.js");

const BOOK = { b: [[100, 10, 1], [99, 20, 1], [95, 30, 1]], a: [[102, 5, 1], [103, 15, 1], [110, 40, 1]], ts: 0 };

test("the window reaches as far as the deeper side, on both sides of the mid", () => {
  assert.deepEqual(depth.wantedWindow(BOOK, 101, 1), [92, 110]);
  assert.deepEqual(depth.wantedWindow(BOOK, 101, 0.5), [96.5, 105.5]);
});

test("a book of one level still has a window", () => {
  const [from, to] = depth.wantedWindow({ b: [[100, 1]], a: [] }, 100, 1);
  assert.ok(to > from);
});

test("the window stands still until a tenth of it is off", () => {
  const current = [90, 110];
  assert.equal(depth.steadyWindow(current, [91, 111]), current);
  assert.deepEqual(depth.steadyWindow(current, [93, 113]), [93, 113]);
  assert.deepEqual(depth.steadyWindow(null, [1, 2]), [1, 2]);
});

test("the height grows when the curve would leave it and shrinks only when far too high", () => {
  assert.equal(depth.steadyHeight(100, 90), 100);
  assert.ok(depth.steadyHeight(100, 120) > 120);
  assert.ok(depth.steadyHeight(100, 40) < 100);
  assert.ok(depth.steadyHeight(0, 0) > 0);
});

test("steps rise at each level and run to the edge", () => {
  const points = depth.corners(book.cumulative(BOOK.a), 120);
  assert.deepEqual(points, [[102, 0], [102, 5], [103, 5], [103, 20], [110, 20], [110, 60], [120, 60]]);
  assert.deepEqual(depth.corners([], 120), []);
});

test("the sum at a price is what waits up to it", () => {
  const asks = book.cumulative(BOOK.a);
  assert.equal(depth.sumAt(asks, 101, "buy"), 0);
  assert.equal(depth.sumAt(asks, 105, "buy"), 20);
  assert.equal(depth.sumAt(book.cumulative(BOOK.b), 99, "sell"), 30);
});

test("only what is in sight decides the height", () => {
  assert.equal(depth.largestIn(book.cumulative(BOOK.a), 100, 105), 20);
});

test("above the mid one buys, below it one sells", () => {
  const up = depth.reachOf(BOOK, 103, 101);
  assert.equal(up.side, "buy");
  assert.equal(up.qty, 20);
  const down = depth.reachOf(BOOK, 99.4, 101);
  assert.equal(down.side, "sell");
  assert.equal(down.qty, 10);
});

test("own orders at one price are one mark", () => {
  const orders = [{ side: "buy", price: 9, qty: 1 }, { side: "buy", price: 9, qty: 2 }, { side: "sell", price: 9, qty: 4 }];
  assert.deepEqual(depth.merged(orders).map((mark) => mark.qty), [3, 4]);
});

test("imbalance is said with a sign and a side", () => {
  assert.equal(depth.imbalanceText(0.42), "+42 % bid");
  assert.equal(depth.imbalanceText(-0.42), "−42 % offered");
  assert.equal(depth.imbalanceText(0.001), "even");
  assert.equal(depth.imbalanceText(null), "–");
});

test("a lone order far away does not squeeze the book", () => {
  const near = Array.from({ length: 20 }, (_each, i) => [100 - i, 10]);
  const [from, to] = depth.wantedWindow({ b: [...near, [-3000, 1]], a: [[101, 5]] }, 100.5, 1);
  assert.ok(to - from < 60);
});
