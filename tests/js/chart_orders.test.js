"use strict";
const test = require("node:test");
const assert = require("node:assert/strict");
const data = require("../../assets/chart_data.js");
const orders = require("../../assets/chart_orders.js");

const AAPL = { tick: 0.01, lot: 1, pd: 2, qd: 0 };
const order = (id, changes = {}) => ({ id, symbol: "AAPL", side: "buy", type: "limit", status: "new", qty: "100", filled: "0", limit_ticks: 22940, created: 1, ...changes });
const listed = (...all) => Object.fromEntries(all.map((each) => [each.id, each]));

test("open limit orders of the symbol have lines, others have none", () => {
  const all = listed(
    order("a"),
    order("b", { symbol: "MSFT" }),
    order("c", { status: "filled" }),
    order("d", { type: "market", limit_ticks: null }),
    order("e", { status: "partially_filled", filled: "40", side: "sell", created: 0 }),
  );
  const lines = orders.orderLines(all, "AAPL", AAPL, new Map());
  assert.deepEqual(lines.map((line) => [line.id, line.text]), [["e", "Sell 60 limit"], ["a", "Buy 100 limit"]]);
});

test("a moved order stands at its new price as sending, until the desk has it there", () => {
  const pending = new Map([["a", 22950]]);
  const [line] = orders.orderLines(listed(order("a")), "AAPL", AAPL, pending);
  assert.equal(line.ticks, 22950);
  assert.ok(line.isPending && line.text.includes("sending"));
  const [arrived] = orders.orderLines(listed(order("a", { limit_ticks: 22950 })), "AAPL", AAPL, pending);
  assert.equal(arrived.isPending, false);
});

test("the position says which way, how much and what it brings", () => {
  const line = orders.positionLine([{ symbol: "AAPL", qty: "-1200", avg: "229.835", upl: "-45.5" }], "AAPL", AAPL);
  assert.equal(line.text, "Short 1,200  −45.50");
  assert.ok(Math.abs(line.ticks - 22983.5) < 1e-6);
  assert.equal(orders.positionLine([{ symbol: "AAPL", qty: "0", avg: "1", upl: "0" }], "AAPL", AAPL), null);
});

test("tags never cover each other", () => {
  const items = orders.place([{ y: 100, width: 90 }, { y: 110, width: 90 }, { y: 105, width: 80 }, { y: 300, width: 90 }], 12, 600);
  assert.equal(items[0].x, 12);
  assert.equal(items[3].x, 12);
  for (const a of items.slice(0, 3)) for (const b of items.slice(0, 3)) if (a !== b) assert.ok(a.x + a.width <= b.x || b.x + b.width <= a.x);
});

test("labels on the scale make room for the last price and for each other", () => {
  const lines = orders.spread([{ y: 100 }, { y: 98 }, { y: 104 }, { y: 111 }], { top: 92, bottom: 122 });
  const ys = lines.map((line) => line.labelY).sort((a, b) => a - b);
  for (let i = 1; i < ys.length; i += 1) assert.ok(ys[i] - ys[i - 1] >= 18 || (ys[i - 1] <= 83 && ys[i] >= 131));
  assert.ok(ys.every((y) => y <= 83 || y >= 131));
});

test("a pointer hits the cross, the tag, the line, or nothing", () => {
  const line = { id: "a", kind: "order", y: 100, x: 500, width: 90 };
  assert.equal(orders.hit([line], 585, 102, 5).part, "close");
  assert.equal(orders.hit([line], 510, 95, 5).part, "tag");
  assert.equal(orders.hit([line], 50, 104, 5).part, "line");
  assert.equal(orders.hit([line], 50, 130, 5), null);
});

test("of two near lines the nearer is hit", () => {
  const lines = [{ id: "a", y: 100, x: 500, width: 90 }, { id: "b", y: 106, x: 400, width: 90 }];
  assert.equal(orders.hit(lines, 10, 104, 5).line.id, "b");
});

test("a drag counts after three pixels, snaps to the tick and sends the price as text", () => {
  const begun = orders.dragStarted({ id: "a", side: "buy", ticks: 22940 }, 200);
  assert.equal(orders.dropped(orders.dragMoved(begun, 202, 22945.4), AAPL), null);
  const moved = orders.dragMoved(begun, 190, 22945.4);
  assert.deepEqual(orders.dropped(moved, AAPL), { do: "replace", order_id: "a", limit: "229.45" });
  assert.equal(orders.dropped(orders.dragMoved(moved, 200, 22940.2), AAPL), null);
  assert.equal(orders.dragMoved(begun, 900, -50).to, 1);
});

test("prices of small and large ticks are exact text", () => {
  assert.equal(orders.decimal(3, { tick: 0.1, pd: 1 }), "0.3");
  assert.equal(orders.decimal(972140, { tick: 0.1, pd: 1 }), "97214.0");
  assert.equal(orders.decimal(123456, { tick: 0.0001, pd: 4 }), "12.3456");
});

test("fills of one bar at one price are one mark with their sum", () => {
  const bars = data.series();
  data.merge(bars, [[0, 1, 1, 1, 1, 1], [60000, 1, 1, 1, 1, 1]]);
  const fill = (at, changes = {}) => ({ symbol: "AAPL", side: "buy", ticks: 22940, qty: "10", fee: "0.1", liquidity: "maker", at, ...changes });
  const marks = orders.fillMarks([fill(61000), fill(62000), fill(1000, { side: "sell" }), fill(-5), fill(9, { symbol: "F" })], "AAPL", bars, data.indexAt);
  assert.deepEqual(marks.map((mark) => [mark.bar, mark.side, mark.qty]), [[1, "buy", 20], [0, "sell", 10]]);
  assert.equal(orders.markText(marks[0], "229.40", 0), "Bought 20 at 229.40, maker");
});

test("a price stands on the scale once, however many orders share it", () => {
  const lines = [
    { kind: "order", side: "buy", priceText: "229.60" },
    { kind: "order", side: "buy", priceText: "229.60", labelY: 4 },
    { kind: "position", side: "buy", priceText: "229.60" },
  ];
  assert.deepEqual(orders.oneAPrice(lines), [lines[0], lines[2]]);
  assert.equal(lines[1].labelY, undefined);
});

test("a stop that waits has a line at its trigger, a stop limit one at its limit too, paler", () => {
  const stop = order("a", { type: "stop", limit_ticks: null, stop_ticks: 22900, side: "sell" });
  const both = order("b", { type: "stop_limit", stop_ticks: 23050, limit_ticks: 23060, created: 2 });
  const lines = orders.orderLines(listed(stop, both), "AAPL", AAPL, new Map());
  assert.deepEqual(lines.map((line) => [line.key, line.ticks, line.text, line.isPale]), [
    ["a:stop", 22900, "Sell 100 stop", false],
    ["b:stop", 23050, "Buy 100 stop", false],
    ["b", 23060, "its limit", true],
  ]);
});

test("a stop that was reached shows its limit alone", () => {
  const [line, none] = orders.orderLines(listed(order("b", { type: "stop_limit", stop_ticks: 23050, limit_ticks: 23060, triggered: 5 })), "AAPL", AAPL, new Map());
  assert.deepEqual([line.field, line.text, line.isPale, none], ["limit", "Buy 100 limit", false, undefined]);
});

test("exits say what they are, wait paler and hang together with their entry", () => {
  const entry = order("e", { legs: ["p", "l"], class: "bracket" });
  const profit = order("p", { parent: "e", role: "take_profit", side: "sell", status: "held", limit_ticks: 23500 });
  const loss = order("l", { parent: "e", role: "stop_loss", type: "stop", side: "sell", status: "held", limit_ticks: null, stop_ticks: 22500 });
  const lines = orders.orderLines(listed(entry, profit, loss), "AAPL", AAPL, new Map());
  assert.deepEqual(lines.map((line) => line.text), ["Buy 100 limit", "Stop loss 100 · held", "Take profit 100 · held"]);
  lines.forEach((line, index) => (line.y = index * 100));
  assert.deepEqual(orders.bonds([...lines, { y: 50 }]), [{ top: 0, bottom: 200, ys: [0, 100, 200] }]);
  assert.deepEqual(orders.bonds(lines.slice(0, 1)), []);
});

test("a dragged stop sends its stop, a dragged trail its distance in its own unit", () => {
  const moved = (changes, to) => {
    const [line] = orders.orderLines(listed(order("a", { limit_ticks: null, side: "sell", ...changes })), "AAPL", AAPL, new Map());
    return orders.dropped(orders.dragMoved(orders.dragStarted(line, 100), 120, to), AAPL);
  };
  assert.deepEqual(moved({ type: "stop", stop_ticks: 22900 }, 22880), { do: "replace", order_id: "a", stop: "228.80" });
  assert.deepEqual(moved({ type: "trailing_stop", stop_ticks: 22900, trail: "1.00", hwm: "230.00" }, 22850), { do: "replace", order_id: "a", trail: "1.50" });
  assert.deepEqual(moved({ type: "trailing_stop", stop_ticks: 22885, trail_percent: "0.5", hwm: "230.00" }, 22770), { do: "replace", order_id: "a", trail: "1" });
  assert.equal(moved({ type: "trailing_stop", stop_ticks: 22900, trail: "1.00", hwm: "230.00" }, 23010), null);
});

test("a fraction of a share keeps its digits", () => {
  assert.equal(orders.orderLines(listed(order("a", { qty: "1.25" })), "AAPL", AAPL, new Map())[0].text, "Buy 1.25 limit");
  assert.equal(orders.positionLine([{ symbol: "AAPL", qty: "0.5", avg: "229.83", upl: "0" }], "AAPL", AAPL).text.split("  ")[0], "Long 0.5");
});

test("tags stand beside the words of the plot, not under them", () => {
  const words = { x: 6, y: 380, width: 90, height: 20 };
  const [low, high] = orders.place([{ y: 390, width: 90 }, { y: 300, width: 90 }], 12, 600, [words]);
  assert.ok(low.x >= 96);
  assert.equal(high.x, 12);
});

test("a mark at the edge is hit in its box alone", () => {
  const mark = { id: "a", isEdge: true, y: 20, x: 500, width: 90 };
  assert.equal(orders.hit([mark], 585, 22, 5).part, "edge");
  assert.equal(orders.hit([mark], 50, 20, 5), null);
});

test("of two marks that a finger touches the nearer is hit", () => {
  const marks = [{ id: "far", isEdge: true, y: 380, x: 500, width: 90 }, { id: "near", isEdge: true, y: 357, x: 500, width: 90 }];
  assert.equal(orders.hit(marks, 550, 362, 14).line.id, "near");
});
