"use strict";
const assert = require("node:assert/strict");
const { test } = require("node:test");
const { partners, question, told } = require("../../assets/cancels.js");

const entry = { id: "e", symbol: "MSFT", side: "buy", status: "filled", role: "none", legs: ["p", "l"] };
const profit = { id: "p", symbol: "MSFT", side: "sell", status: "new", role: "take_profit", parent: "e", qty: "100", filled: "0", limit: "425" };
const loss = { id: "l", symbol: "MSFT", side: "sell", status: "new", role: "stop_loss", parent: "e", qty: "100", filled: "0", stop: "415" };
const orders = (...list) => Object.fromEntries(list.map((each) => [each.id, each]));
const ids = (list) => list.map(({ id }) => id);
const terms = (each) => each.limit || each.stop || "at market";
const asked = (order, others) => question(order, others, terms, (qty) => String(qty));

test("an exit hangs together with the other one, and with its entry while that waits", () => {
  assert.deepEqual(ids(partners(profit, orders(entry, profit, loss))), ["l"]);
  const waiting = { ...entry, status: "new" };
  assert.deepEqual(ids(partners(loss, orders(waiting, { ...profit, status: "held" }, loss))), ["e", "p"]);
});

test("an entry, an order of its own and a last exit are cancelled without a question", () => {
  assert.deepEqual(partners({ ...entry, status: "new" }, orders({ ...entry, status: "new" }, profit, loss)), []);
  assert.deepEqual(partners(undefined, {}), []);
  assert.deepEqual(partners(profit, orders(entry, profit, { ...loss, status: "canceled" })), []);
  assert.equal(asked(profit, []), null);
});

test("of an OCO the first exit is the head of the group", () => {
  const head = { ...profit, parent: null, legs: ["l"] };
  const leg = { ...loss, parent: "p" };
  assert.deepEqual(ids(partners(head, orders(head, leg))), ["l"]);
  assert.deepEqual(ids(partners(leg, orders(head, leg))), ["p"]);
});

test("the question says what goes too and what is unprotected then", () => {
  const found = asked(profit, [loss]);
  assert.equal(found.title, "Cancel the take profit (425)?");
  assert.equal(found.detail, "The stop loss (415) hangs on it: cancelled together, 100 MSFT stay unprotected. Cancelled alone, the rest stays at work.");
  assert.deepEqual([found.both, found.alone], ["All exits", "Only the take profit"]);
  assert.equal(asked(loss, [{ ...entry, status: "new" }]).both, "The whole group");
});

test("the message names what went with it, or what stays", () => {
  assert.equal(told("Cancelling: Sell 100 MSFT at 425", [], terms, false), "Cancelling: Sell 100 MSFT at 425");
  assert.equal(told("Cancelling: Sell 100 MSFT at 425", [loss], terms, false), "Cancelling: Sell 100 MSFT at 425, and with it the stop loss (415).");
  assert.equal(told("Cancelling: Sell 100 MSFT at 425", [loss], terms, true), "Cancelling: Sell 100 MSFT at 425. The stop loss (415) stays.");
});
