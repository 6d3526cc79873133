"use strict";
const test = require("node:test");
const assert = require("node:assert/strict");
const data = require("../../assets/chart_data.js");
const orders = require("../../assets/chart_orders.js");
require("../../assets/why_story.js");
require("../../assets/chart_tags.js");
require("../../assets/format.js");

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
  assert.equal(orders.dropped(orders.dragMoved(begun, 202, 1), AAPL), null);
  const moved = orders.dragMoved(begun, 190, 0.54);
  assert.deepEqual(orders.dropped(moved, AAPL), { do: "replace", order_id: "a", limit: "229.45" });
  assert.equal(orders.dropped(orders.dragMoved(moved, 200, 0.54), AAPL), null);
  assert.equal(orders.dragMoved(begun, 90000, 1).to, 1);
});

test("a drag goes by the hand: the price stays where it is when the scale takes more in", () => {
  const begun = orders.dragMoved(orders.dragStarted({ id: "a", side: "buy", ticks: 22940 }, 200), 180, 1);
  assert.equal(begun.to, 22960);
  assert.equal(orders.dragMoved(begun, 180, 7).to, 22960);
  assert.equal(orders.dragMoved(begun, 179, 7).to, 22967);
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
  assert.deepEqual(lines.map((line) => line.text), ["Buy 100 limit", "Stop loss 100  −440.00 · held", "Take profit 100  +560.00 · held"]);
  assert.deepEqual(lines.map((line) => line.tone), ["up", "down", "up"]);
  lines.forEach((line, index) => (line.y = index * 100));
  assert.deepEqual(orders.bonds([...lines, { y: 50 }]), [{ top: 0, bottom: 200, ys: [0, 100, 200] }]);
  assert.deepEqual(orders.bonds(lines.slice(0, 1)), []);
});

test("an exit has the colour of what it pays, with the sum: a stop beyond the entry is a profit", () => {
  const entry = order("e", { status: "filled", avg: "229.00", legs: ["l"] });
  const loss = (ticks) => order("l", { parent: "e", role: "stop_loss", type: "stop", side: "sell", limit_ticks: null, stop_ticks: ticks });
  const exits = (ticks) => orders.orderLines(listed(entry, loss(ticks)), "AAPL", AAPL, new Map()).map((line) => [line.text, line.tone]);
  assert.deepEqual(exits(22800), [["Stop loss 100  −100.00", "down"]]);
  assert.deepEqual(exits(22950), [["Stop loss 100  +50.00", "up"]]);
  assert.deepEqual(exits(22900), [["Stop loss 100  0.00", "up"]]);
});

test("the exit of a position counts from its average, one of nobody knows what says its kind alone", () => {
  const profit = order("p", { role: "take_profit", side: "buy", limit_ticks: 22800 });
  const [known] = orders.orderLines(listed(profit), "AAPL", AAPL, new Map(), [{ symbol: "AAPL", qty: "-100", avg: "229.00" }]);
  assert.deepEqual([known.text, known.tone], ["Take profit 100  +100.00", "up"]);
  const [unknown] = orders.orderLines(listed(profit), "AAPL", AAPL, new Map(), [{ symbol: "AAPL", qty: "100", avg: "229.00" }]);
  assert.deepEqual([unknown.text, unknown.tone], ["Take profit 100", "up"]);
});

test("a bracket in the ticket has lines that say that nothing was sent", () => {
  const draft = { side: "sell", entry: 22900, isResting: true, profit: 22800, loss: 22950, qty: 10 };
  assert.deepEqual(orders.draftLines(draft, AAPL).map((line) => [line.kind, line.side, line.text, line.tone]), [
    ["draft", "sell", "Sell · not sent", "down"],
    ["draft", "buy", "Take profit  +10.00 · not sent", "up"],
    ["draft", "buy", "Stop loss  −5.00 · not sent", "down"],
  ]);
  assert.equal(orders.draftLines({ ...draft, isResting: false, loss: null }, AAPL).length, 1);
});

test("a dragged stop sends its stop, a dragged trail its distance in its own unit", () => {
  const moved = (changes, to) => {
    const [line] = orders.orderLines(listed(order("a", { limit_ticks: null, side: "sell", ...changes })), "AAPL", AAPL, new Map());
    return orders.dropped(orders.dragMoved(orders.dragStarted(line, 100), 120, (line.ticks - to) / 20), AAPL);
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

test("a mark at the edge is hit in its box alone", () => {
  const mark = { id: "a", isEdge: true, y: 20, x: 500, width: 90 };
  assert.equal(orders.hit([mark], 585, 22, 5).part, "edge");
  assert.equal(orders.hit([mark], 50, 20, 5), null);
});

test("of two marks that a finger touches the nearer is hit", () => {
  const marks = [{ id: "far", isEdge: true, y: 380, x: 500, width: 90 }, { id: "near", isEdge: true, y: 357, x: 500, width: 90 }];
  assert.equal(orders.hit(marks, 550, 362, 14).line.id, "near");
});
