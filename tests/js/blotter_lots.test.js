const assert = require("node:assert");
const { test } = require("node:test");
const { rowsOf, closing, columnsWithout } = require("../../assets/blotter_lots.js");

const DAY = 86_400_000;
const lot = (changes) => ({ id: "f1", symbol: "AAPL", side: "Long", size: "100", qty: 100, price: 230, cost: 23000, opened: 0, term: "Short-term", mark: 231, ...changes });

test("an open lot is worth what the stream's mark says, or the mark it came with", () => {
  const seen = (rows, positions) => rowsOf({ isClosed: false, rows }, positions, 2 * DAY).map(({ mark, upl, days, act }) => [mark, upl, days, act]);
  assert.deepStrictEqual(seen([lot()], [{ symbol: "AAPL", mark: "229.50" }]), [[229.5, -50, 2, "Sell"]]);
  assert.deepStrictEqual(seen([lot({ side: "Short" })], []), [[231, -100, 2, "Buy"]]);
  assert.deepStrictEqual(seen([lot({ mark: null })], [{ symbol: "AAPL", mark: null }]), [[null, null, 2, "Sell"]]);
});

test("a closed lot was held from its opening to its closing and has no button", () => {
  const [row] = rowsOf({ isClosed: true, rows: [lot({ closed: 1.5 * DAY, exit: 231, rpl: 100 })] }, [], 9 * DAY);
  assert.deepStrictEqual([row.days, row.rpl, row.act], [1.5, 100, undefined]);
});

test("the order that closes a lot names it, is for all of it, and opens nothing", () => {
  const { side, qty, lots, reduce_only, type } = closing(lot());
  assert.deepStrictEqual([side, qty, lots, reduce_only, type], ["sell", "100", ["f1"], true, "market"]);
  assert.strictEqual(closing(lot({ side: "Short" })).side, "buy");
});

test("each kind of lots does without the columns of the other", () => {
  assert.ok(columnsWithout(true).includes("act") && !columnsWithout(false).includes("act"));
  assert.deepStrictEqual(columnsWithout(true).filter((column) => columnsWithout(false).includes(column)), []);
});
