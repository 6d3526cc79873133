const assert = require("node:assert");
const { test } = require("node:test");
globalThis.tradesim = { ...globalThis.tradesim, page: { instruments: { AAPL: { tick: 0.01, lot: 1, pd: 2, qd: 0 } } }, blotter: { isRoomy: () => true } };
globalThis.tradesim.format = require("../../assets/format.js");
globalThis.tradesim.whyStory = require("../../assets/why_story.js");
require("../../assets/blotter_cells.js");
const { formOf, columnsFor } = require("../../assets/blotter_compact.js");
const { editable, changesOf, withRow } = require("../../assets/blotter_detail.js");

const order = (changes) => ({ id: "a", symbol: "AAPL", side: "buy", type: "Limit GTC", qty: 200, filled: 0, limit: 229.5, stop: null, trail: null, avg: null, ahead: 1700, status: "new", waits: "", open: true, depth: 0, time: 0, act: "Cancel", ...changes });

test("an order in two lines: what it asks for, where it stands", () => {
  const { name, deed, below, so, under } = formOf("orders", order());
  assert.deepStrictEqual([name, deed, below, so, under], ["AAPL", "Buy 200", "Limit GTC · at 229.50", "Working", "1,700 ahead"]);
  const stop = formOf("orders", order({ type: "Stop limit DAY", stop: 231.4, limit: 231.5, waits: "trigger", ahead: null }));
  assert.deepStrictEqual([stop.below, stop.so], ["Stop limit DAY · at 231.40 · limit 231.50", "Waits for its trigger"]);
  const part = formOf("orders", order({ status: "partially_filled", filled: 50, avg: 229.5 }));
  assert.strictEqual(part.under, "50 filled · at 229.50 · 1,700 ahead");
});

test("a position in two lines, coloured by what it earns", () => {
  const row = { symbol: "AAPL", side: "Short", qty: 60, avg: 230, mark: 231, upl: -60, uplPercent: -0.43 };
  const { deed, below, so, under, number } = formOf("positions", row);
  assert.deepStrictEqual([deed, below, so, under, number], ["Short 60", "at 230.00 · mark 231.00", "−60.00", "−0.43 %", -60]);
  assert.strictEqual(formOf("positions", { ...row, isStale: true }).below, "at 230.00 · stale 231.00");
});

test("where it is narrow the lines stand alone, with a finger's button where there is one", () => {
  const all = ["what", "so", "touch_act", "symbol", "qty", "act"];
  const wide = ["symbol", "qty", "act"];
  assert.deepStrictEqual(columnsFor(all, wide, "compact").shown, ["what", "so", "touch_act"]);
  assert.deepStrictEqual(columnsFor(all, wide, "touch").shown, ["symbol", "qty", "touch_act"]);
  assert.deepStrictEqual(columnsFor(all, wide, "fine").shown, wide);
  assert.deepStrictEqual(columnsFor(all, ["symbol", "qty"], "compact"), { shown: ["what", "so"], hidden: ["touch_act", "symbol", "qty", "act"] });
});

test("what may be changed depends on the order, and only what was typed anew is sent", () => {
  const canEdit = (row, field) => field === "qty" || (field === "limit" && row.limit !== null);
  assert.deepStrictEqual(editable(order(), canEdit).map(([field]) => field), ["qty", "limit"]);
  assert.deepStrictEqual(editable(order({ open: false }), canEdit), []);
  const written = { qty: "1200", limit: "229.50", trail: "0.13" };
  assert.deepStrictEqual(changesOf(written, { qty: "1200", limit: "229.40" }), { limit: "229.40" });
  assert.deepStrictEqual(changesOf(written, { limit: "2,2940" }), { limit: "2,2940" }, "no number: the desk says so");
  assert.deepStrictEqual(changesOf(written, { qty: "1,200", limit: " ", trail: "0.130" }), {});
});

test("what is done from a row's detail is done with the row as it is now", () => {
  const told = [];
  globalThis.tradesim.page.toast = (_kind, text) => told.push(text);
  const grid = new Map([["lot", { data: { id: "lot", size: "100" } }]]);
  const api = { getRowNode: (id) => grid.get(id) };
  grid.set("lot", { data: { id: "lot", size: "40" } });
  assert.strictEqual(withRow(api, "lot", (row) => row.size), "40");
  grid.clear();
  withRow(api, "lot", () => assert.fail("it is gone"));
  assert.deepStrictEqual(told, ["It is gone meanwhile: nothing was done."]);
});
