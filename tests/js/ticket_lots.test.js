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

test("lots that are named are told one by one, or in sum where they are many", () => {
  const more = (...ids) => ids.map((id) => ({ ...LOT, id, qty: "-0.1" }));
  assert.equal(lots.phrase([], AAPL, format), "");
  assert.equal(lots.phrase([LOT], AAPL, format), "the lot 100 @ 229.80 of 3 Nov");
  assert.equal(lots.phrase([LOT, ...more("a")], AAPL, format), "the lots 100 @ 229.80 of 3 Nov and 0.1 @ 229.80 of 3 Nov");
  assert.equal(lots.phrase([LOT, ...more("a", "b", "c")], AAPL, format), "4 lots of 100.3 together");
});

test("what lots come to has no dust and no exponent", () => {
  const sum = (...all) => lots.sum(all.map((qty) => ({ qty })));
  assert.deepEqual([sum("0.1", "0.2"), sum("100"), sum("-100", "-20"), sum("0.000000001")], ["0.3", "100", "120", "0.000000001"]);
});

test("lots keep the order in which they were named, without those that are gone", () => {
  const known = ["a", "b", "c"].map((id) => ({ id }));
  assert.deepEqual(lots.still(["c", "x", "a"], known), [{ id: "c" }, { id: "a" }]);
});

test("a lot that is named is sent and asked for", () => {
  const form = { symbol: "AAPL", side: "sell", type: "limit", tif: "day", unit: "qty", size: "100", limit: "230" };
  assert.equal("lots" in model.wishOf({ ...form, lots: [], lotWords: "" }), false);
  const named = { ...form, lots: ["l1", "l2"], lotWords: "the lot 100 @ 229.80 of 3 Nov" };
  assert.deepEqual(model.wishOf(named).lots, ["l1", "l2"]);
  assert.deepEqual(model.asides(named), ["closes the lot 100 @ 229.80 of 3 Nov"]);
});
