"use strict";
const assert = require("node:assert/strict");
const { test, beforeEach } = require("node:test");

const AAPL = { tick: 0.01, lot: 1, pd: 2, qd: 0 };
const LOT = { id: "l1", qty: "100", price: "229.80", opened_at: 1, is_long_term: false };
const WORDS = "the lot 100 @ 229.80 of 3 Nov";

// An element is its value and children; the desk answers with `answer`, null for none.
const element = (_tag, attributes, ...children) => ({ ...attributes, children, addEventListener(_kind, fn) { this.fire = fn; }, replaceChildren: function (...all) { this.children = all; } });
const it = { later: [], changes: 0, asked: [], answer: [LOT] };
globalThis.document = {};
globalThis.setTimeout = (fn) => it.later.push(fn);
globalThis.fetch = async (url) => (it.asked.push(url), it.answer ? { ok: true, json: async () => it.answer } : { ok: false });
const ts = (globalThis.tradesim = {
  dom: { element },
  format: { quantity: String, number: (value, pd) => value.toFixed(pd), date: () => "3 Nov", counted: (count, word) => `${count} ${word}` },
  boundary: { guard: (_panel, fn) => fn },
  painter: { dirty: () => ts.ticketLots.paint(it.isOpen) },
  ticketSend: { isBusy: () => false },
  ticketForm: { form: {}, instrument: () => AAPL, changed: () => (it.changes += 1), setQuantity: (text) => (it.quantity = text) },
  live: { state: { desk: {} } },
  page: { account: "a" },
});
const lots = require("../../assets/ticket_lots.js");
const row = lots.build();
const choice = row.children[1];
const { form } = ts.ticketForm;

const hold = (qty) => (ts.live.state.desk.positions = [{ symbol: "AAPL", qty }]);
const answered = () => new Promise(setImmediate);
const paint = (isOpen) => ((it.isOpen = isOpen), lots.paint(isOpen), answered());
const boxes = () => choice.children.map((label) => label.children[0]);
const offered = () => boxes().map((box) => box.value);
const tick = (at, checked) => (Object.assign(boxes()[at], { checked }), boxes()[at].fire());

beforeEach(async () => {
  Object.assign(it, { later: [], changes: 0, asked: [], answer: [LOT] });
  ts.page.account = "a";
  lots.reset();
  hold("100");
  Object.assign(form, { symbol: "AAPL", side: "sell" });
});

async function chosen() {
  await paint(true);
  Object.assign(form, { lots: ["l1"], lotWords: WORDS });
}

test("without a lot the account's rule stands", () => assert.deepEqual([offered(), row.children[0].children[1].textContent], [[], "By the account's rule"]));

test("any number of lots are ticked, in their order, and the quantity is what they come to", async () => {
  it.answer = [LOT, { ...LOT, id: "l2", qty: "20.5" }];
  await paint(true);
  tick(1, true);
  assert.deepEqual([form.lots, it.quantity], [["l2"], "20.5"]);
  tick(0, true);
  assert.deepEqual([form.lots, it.quantity, row.children[0].children[1].textContent], [["l2", "l1"], "120.5", "2 lot first, then by the rule"]);
  tick(1, false);
  assert.deepEqual([form.lots, form.lotWords, it.quantity], [["l1"], WORDS, "100"]);
  tick(0, false);
  assert.deepEqual([form.lots, form.lotWords, it.changes], [[], "", 1]);
});

test("a lot that is named is looked after behind a closed drawer: told anew when it shrinks, gone when it is gone", async () => {
  await chosen();
  it.answer = [{ ...LOT, qty: "40" }];
  hold("40");
  await paint(false);
  assert.deepEqual([form.lots, form.lotWords, it.changes], [["l1"], "the lot 40 @ 229.80 of 3 Nov", 1]);
  it.answer = [{ ...LOT, id: "l2" }];
  hold("60");
  await paint(false);
  assert.deepEqual([form.lots, form.lotWords, it.changes], [[], "", 2]);
});

test("a closed drawer without a lot asks nothing, and another lot beside the named one changes nothing", async () => {
  await paint(false);
  assert.deepEqual(it.asked, []);
  await chosen();
  it.answer = [LOT, { ...LOT, id: "l2" }];
  hold("200");
  await paint(false);
  assert.deepEqual([form.lotWords, it.changes, offered()], [WORDS, 0, ["l1", "l2"]]);
});

test("another account's lots are not this one's, also when it has none", async () => {
  await chosen();
  lots.reset();
  ts.page.account = "b";
  assert.deepEqual([form.lots, form.lotWords, offered()], [[], "", []]);
  it.answer = [];
  await paint(true);
  assert.deepEqual(offered(), []);
});

test("where nobody answers it is asked again", async () => {
  it.answer = null;
  await paint(true);
  await paint(true);
  assert.equal(it.asked.length, 1);
  it.answer = [LOT];
  it.later[0]();
  await answered();
  assert.deepEqual([it.asked.length, offered()], [2, ["l1"]]);
});
