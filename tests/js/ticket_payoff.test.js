"use strict";
const assert = require("node:assert/strict");
const { test } = require("node:test");
const format = require("../../assets/format.js");
const { WIDTH, domain, scene, wordsOf, summary } = require("../../assets/ticket_payoff.js");

const AAPL = { tick: 0.01, lot: 1, pd: 2, qd: 0, cur: "USD" };
const PAYOFF = {
  dir: 1,
  entry: 22983,
  breakEven: 22983.5,
  ratio: 1.05,
  profit: { ticks: 23500, away: 5.17, percent: 2.25, pl: 516.5 },
  loss: { ticks: 22500, away: -4.83, percent: -2.1, pl: -483.5 },
};

test("losses are left of a purchase and below, profits right and above", () => {
  const found = scene(PAYOFF, 22990, wordsOf(PAYOFF, AAPL, format));
  const [loss, profit] = found.exits;
  assert.ok(loss.x < found.entry && found.entry < profit.x);
  assert.ok(loss.y > found.zero && found.zero > profit.y);
  assert.ok(found.live > found.entry && found.live < profit.x);
});

test("for a sale it is the other way round", () => {
  const sale = { ...PAYOFF, dir: -1, breakEven: 22982.5, profit: { ...PAYOFF.profit, ticks: 22500 }, loss: { ...PAYOFF.loss, ticks: 23500 } };
  const [loss, profit] = scene(sale, null, wordsOf(sale, AAPL, format)).exits;
  assert.ok(profit.x < loss.x && profit.y < loss.y);
});

test("the live price is in sight at the edge when it is far away", () => {
  assert.equal(scene(PAYOFF, 90_000, wordsOf(PAYOFF, AAPL, format)).live <= WIDTH, true);
  const [low, high] = domain(PAYOFF, 90_000);
  assert.ok(low === 22500 && high === 23750);
});

test("money above, price and distance below, each side at its edge", () => {
  const { labels } = scene(PAYOFF, null, wordsOf(PAYOFF, AAPL, format));
  const text = (kind) => labels.filter((each) => each.kind === kind).map((each) => each.text);
  assert.deepEqual(text("profit"), ["+516.50", "235.00", "+5.17 · +2.25 %"]);
  assert.deepEqual(text("loss"), ["−483.50", "225.00", "−4.83 · −2.10 %"]);
  assert.deepEqual(text("entry"), ["229.83"]);
  assert.equal(summary(PAYOFF, AAPL, format), "Risk 1 : 1.05 · break-even 229.835");
});

test("with one exit the line goes on to the other side", () => {
  const one = { ...PAYOFF, loss: null, ratio: null };
  const found = scene(one, null, wordsOf(one, AAPL, format));
  assert.equal(found.exits.length, 1);
  assert.ok(found.line[0][0] < found.entry);
});
