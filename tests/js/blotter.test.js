const assert = require("node:assert");
const { test } = require("node:test");
require("../../assets/why_story.js");
const rows = require("../../assets/blotter_rows.js");
const { amount } = require("../../assets/blotter_cells.js");

const order = (id, changes) => ({ id, symbol: "AAPL", side: "buy", type: "limit", tif: "day", post_only: false, qty: "100", filled: "0", avg: null, limit: "229.99", limit_ticks: 22999, status: "new", source: "ticket", created: 1000, updated: 1000, reason: null, ...changes });

test("a position's profit is also told as a share of what it cost", () => {
  const row = rows.positionRow({ symbol: "NVDA", qty: "-200", avg: "141.00", mark: "140.30", value: "-28060.00", upl: "140.00", day_rpl: "0.00", day_pl: "-1.50" });
  assert.deepStrictEqual([row.side, row.qty, row.value, row.day], ["Short", 200, -28060, -1.5]);
  assert.ok(Math.abs(row.uplPercent - 0.4964539) < 1e-6);
  assert.strictEqual(rows.positionRow({ symbol: "X", qty: "5", avg: "0", mark: null, value: "0", upl: null, rpl: "0", day_pl: "0" }).uplPercent, null);
});

test("a position whose price is too old says so, and the others do not", () => {
  const position = { qty: "5", avg: "10", mark: "11", value: "55", upl: "5", rpl: "0", day_pl: "0" };
  const desk = { positions: [{ ...position, symbol: "THIN" }, { ...position, symbol: "BUSY" }] };
  assert.deepStrictEqual(rows.positionRows(desk, (symbol) => symbol === "THIN").map(({ symbol, isStale }) => [symbol, isStale]), [["THIN", true], ["BUSY", false]]);
});

test("what is closed is no position", () => {
  assert.deepStrictEqual(rows.positionRows({ positions: [{ symbol: "A", qty: "0.0000" }] }), []);
});

test("an open order shows its live place in the queue, in units", () => {
  const desk = { orders: { a: order("a"), b: order("b", { status: "filled" }) }, queue: { a: [22999, 500, 900, 300, 100, 20, 520] } };
  const all = rows.orderRows(desk, () => 0.5, new Set(), true);
  assert.deepStrictEqual(all.map(({ id, ahead, act }) => [id, ahead, act]), [["a", 250, "Cancel"], ["b", null, ""]]);
  assert.deepStrictEqual(rows.orderRows(desk, () => 1, new Set(), false).map(({ id }) => id), ["a"]);
  assert.strictEqual(rows.openCount(desk), 1);
});

test("an order that was asked to be cancelled says so until the desk answers", () => {
  const desk = { orders: { a: order("a") }, queue: {} };
  assert.strictEqual(rows.orderRows(desk, () => 1, new Set(["a"]), true)[0].status, "leaving");
});

test("a fill carries its value and the order it belongs to", () => {
  const row = rows.fillRow({ id: "f", order_id: "0123456789", symbol: "AAPL", side: "buy", qty: "100", price: "229.99", fee: "-0.20", liquidity: "maker", at: 5 });
  assert.deepStrictEqual([row.value, row.fee, row.order], [22999, -0.2, "01234567"]);
});

test("only what changed goes into the grid", () => {
  const known = new Map();
  const first = rows.difference(known, [{ id: "a", qty: 1 }, { id: "b", qty: 2 }]);
  assert.deepStrictEqual([first.add.length, first.update.length, first.remove.length], [2, 0, 0]);
  const second = rows.difference(known, [{ id: "b", qty: 3 }, { id: "c", qty: 4 }]);
  assert.deepStrictEqual(second, { add: [{ id: "c", qty: 4 }], update: [{ id: "b", qty: 3 }], remove: [{ id: "a" }] });
  assert.ok(rows.isEmpty(rows.difference(known, [{ id: "b", qty: 3 }, { id: "c", qty: 4 }])));
  assert.deepStrictEqual([...known.keys()], ["b", "c"]);
});

test("a seeded walk of rows: the grid always holds what the desk does", () => {
  let seed = 7;
  const random = (most) => ((seed = (seed * 1103515245 + 12345) % 2147483648) % most);
  const known = new Map();
  const grid = new Map();
  for (let step = 0; step < 300; step++) {
    const now = Array.from({ length: random(8) }, (_, at) => ({ id: String(at + random(3)), value: random(4) })).filter((row, at, all) => all.findIndex((other) => other.id === row.id) === at);
    const { add, update, remove } = rows.difference(known, now);
    for (const row of remove) assert.ok(grid.delete(row.id));
    for (const row of update) assert.ok(grid.has(row.id)), grid.set(row.id, row);
    for (const row of add) assert.ok(!grid.has(row.id)), grid.set(row.id, row);
    assert.deepStrictEqual([...grid.values()].sort((a, b) => (a.id < b.id ? -1 : 1)), [...now].sort((a, b) => (a.id < b.id ? -1 : 1)));
  }
});

test("an exported file says what it holds and when", () => {
  assert.strictEqual(rows.fileName("orders", "2026-11-23", "15:30:12"), "tradesim-orders-2026-11-23-153012.csv");
});

test("amounts of the ledger have the digits of their unit", () => {
  globalThis.tradesim.format = require("../../assets/format.js");
  globalThis.tradesim.page = { instruments: { "BTC/USD": { qd: 4 } } };
  assert.strictEqual(amount({ unit: "USD" }, 22999), "+22,999.00");
  assert.strictEqual(amount({ unit: "BTC/USD" }, -0.05), "−0.0500");
  assert.strictEqual(amount(null, 1), "–");
  delete globalThis.tradesim.page;
});

test("legs stand under their parent, and what works above what is over", () => {
  const desk = {
    orders: {
      old: order("old", { status: "filled", created: 9000 }),
      leg: order("leg", { parent: "entry", role: "stop_loss", type: "stop", stop: "225.00", limit: null, created: 3000 }),
      entry: order("entry", { status: "filled", legs: ["leg"], class: "bracket", created: 3000 }),
      plain: order("plain", { created: 5000 }),
    },
    queue: {},
  };
  const sorted = rows.orderRows(desk, () => 1, new Set(), true).sort((a, b) => b.time - a.time);
  assert.deepStrictEqual(rows.nested(sorted).map(({ id, depth }) => [id, depth]), [["plain", 0], ["entry", 0], ["leg", 1], ["old", 0]]);
  const open = rows.orderRows(desk, () => 1, new Set(), false).sort((a, b) => b.time - a.time);
  assert.deepStrictEqual(rows.nested(open).map(({ id }) => id), ["plain", "leg"]);
  assert.deepStrictEqual(rows.nested([...sorted].reverse()).map(({ id }) => id), ["plain", "entry", "leg", "old"]);
  assert.deepStrictEqual(rows.nested(sorted, true).map(({ id }) => id), ["old", "plain", "entry", "leg"]);
});

test("an order says what it waits for", () => {
  const { statusText } = require("../../assets/blotter_cells.js");
  globalThis.tradesim.whyStory = require("../../assets/why_story.js");
  globalThis.tradesim.blotter = { isRoomy: () => false };
  const said = (changes) => {
    const row = rows.orderRow(order("a", changes), null, 1, false);
    return statusText(row, row.status);
  };
  assert.strictEqual(said({ type: "stop", stop: "225.00", limit: null }), "Waits for its trigger");
  assert.strictEqual(said({ type: "stop", stop: "225.00", limit: null, triggered: 5 }), "Working");
  assert.strictEqual(said({ status: "held" }), "Held for its entry");
  assert.strictEqual(said({ status: "accepted", tif: "opg" }), "Waits for the open");
  assert.strictEqual(said({ status: "new", tif: "cls" }), "Waits for the close");
  assert.strictEqual(said({ status: "accepted" }), "Waits for its session");
  assert.strictEqual(said({ was: [[1, "50", "229.00", null, null]] }), "Working, replaced");
  assert.strictEqual(said({ status: "rejected", reason: "no" }), "Rejected: no");
  assert.strictEqual(said({ status: "canceled", reason: "Cancelled on request." }), "Cancelled on request");
});

test("what a price of an order can be changed by", () => {
  const row = (changes) => rows.orderRow(order("a", changes), null, 1, false);
  assert.deepStrictEqual([row({}).isLimit, row({}).isStop], [true, false]);
  const trail = row({ type: "trailing_stop", limit: null, stop: "229.00", trail_percent: "0.5" });
  assert.deepStrictEqual([trail.isStop, trail.isTrail, trail.trail, trail.type], [false, true, 0.5, "Trail 0.5 % DAY"]);
  assert.strictEqual(row({ role: "take_profit", tif: "gtc" }).type, "Take profit GTC");
  assert.strictEqual(row({ post_only: true, display_qty: "10" }).type, "Limit DAY post iceberg");
});

test("what was closed today stands below what is held, and the total is the account's own", () => {
  const held = { symbol: "MSFT", qty: "10", avg: "100", mark: "99", value: "990", upl: "-10", rpl: "5", day_rpl: "5", day_pl: "-7" };
  const account = { day_pl: "-36.50", day_fees: "1.50", day_income: "0", closed: [{ symbol: "AAPL", day_pl: "-28", day_rpl: "-28" }] };
  const found = rows.dayRows({ positions: [held], account });
  assert.deepStrictEqual(found.map(({ id, side, rpl, day, open }) => [id, side, rpl, day, open]), [["MSFT", "Long", 5, -7, true], ["AAPL closed", "Closed", -28, -28, false]]);
  const sums = rows.sumRows({ account }, found);
  assert.deepStrictEqual(sums.map(({ symbol, rpl, day }) => [symbol, rpl, day]), [["Fees", null, -1.5], ["Total", -23, -36.5]]);
  assert.strictEqual(found.reduce((sum, row) => sum + row.day, 0) + sums[0].day, sums[1].day);
  assert.deepStrictEqual(rows.sumRows({ account }, []), []);
});
