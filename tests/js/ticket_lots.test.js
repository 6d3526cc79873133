"use strict";
const assert = require("node:assert/strict");
const { test } = require("node:test");
const lots = require("../../assets/ticket_lots.js");
const model = require("../../assets/ticket_model.js");

const AAPL = { tick: 0.01, lot: 1, pd: 2, qd: 0 };
const format = { quantity: (value) => String(value), number: (value, pd) => value.toFixed(pd), date: () => "3 Nov" };
const LOT = { id: "l1", qty: "100", price: "229.80", opened_at: 1, is_long_term: false };
const held = (qty) => [{ symbol: "AAPL", qty }];

test("lots are for an order that closes something", () => {
  assert.equal(lots.closes({ symbol: "AAPL", side: "sell" }, held("100")), "AAPL 100");
  assert.equal(lots.closes({ symbol: "AAPL", side: "buy" }, held("100")), null);
  assert.equal(lots.closes({ symbol: "AAPL", side: "buy" }, held("-7")), "AAPL -7");
  assert.equal(lots.closes({ symbol: "F", side: "sell" }, held("100")), null);
});

test("a lot in a line", () => {
  assert.equal(lots.words({ ...LOT, is_long_term: true }, AAPL, format), "100 @ 229.80 of 3 Nov, long-term");
  assert.equal(lots.words({ ...LOT, qty: "-100" }, AAPL, format), "100 @ 229.80 of 3 Nov");
});

test("lots that are as they were are not shown anew under the hand", () => {
  assert.equal(lots.isSame([LOT], [{ ...LOT, mark: 1 }]), true);
  assert.equal(lots.isSame([LOT], [{ ...LOT, qty: "40" }]), false);
  assert.equal(lots.isSame([LOT], []), false);
});

test("the account's rule is the first choice", () => {
  assert.deepEqual(lots.options([LOT], AAPL, format), [["", "By the account's rule"], ["l1", "100 @ 229.80 of 3 Nov"]]);
});

test("a lot that is named is sent and asked for", () => {
  const form = { symbol: "AAPL", side: "sell", type: "limit", tif: "day", unit: "qty", size: "100", limit: "230" };
  assert.equal("lots" in model.wishOf({ ...form, lots: [], lotWords: "" }), false);
  const named = { ...form, lots: ["l1"], lotWords: "100 @ 229.80 of 3 Nov" };
  assert.deepEqual(model.wishOf(named).lots, ["l1"]);
  assert.deepEqual(model.asides(named), ["closes the lot 100 @ 229.80 of 3 Nov"]);
});
