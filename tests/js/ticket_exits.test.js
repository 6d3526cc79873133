"use strict";
const assert = require("node:assert/strict");
const { test } = require("node:test");
const format = require("../../assets/format.js");
const exits = require("../../assets/ticket_exits.js");
const { sentence, asides, wishOf, fault, trigger, estimate } = require("../../assets/ticket_model.js");

const AAPL = { tick: 0.01, lot: 1, pd: 2, qd: 0, cls: "us_equity", cur: "USD", fractional: true };
const BTC = { tick: 0.01, lot: 0.0001, pd: 2, qd: 4, cls: "crypto", cur: "USD" };
const BOOK = { b: [[22979, 300, 3]], a: [[22983, 200, 2]] };
const leg = (changes) => ({ isOn: true, mode: "price", value: "", tif: "", ...changes });
const form = (changes = {}, profit = { isOn: false }, loss = { isOn: false }) => ({
  symbol: "AAPL", side: "buy", type: "limit", tif: "day", unit: "qty", size: "100", limit: "229.83", stop: "", trail: "", trailUnit: "percent",
  ...changes,
  exits: { of: changes.of || "order", profit: leg(profit), loss: leg({ kind: "stop", offset: "5", ...loss }) },
});
const found = (of, held = null, book = BOOK) => exits.resolved(of, AAPL, book, held);

test("an exit stands where it was given: by price, ticks, percent, money or R", () => {
  const at = (profit, loss = { value: "225.00" }) => found(form({}, profit, loss)).profit;
  assert.equal(at({ value: "235.00" }), 23500);
  assert.equal(at({ mode: "ticks", value: "50" }), 23033);
  assert.equal(at({ mode: "percent", value: "1" }), 23213);
  assert.equal(at({ mode: "money", value: "2.50" }), 23233);
  assert.equal(at({ mode: "r", value: "2" }), 22983 + 2 * 483);
});

test("a sale's exits are the other way round", () => {
  const of = found(form({ side: "sell" }, { mode: "ticks", value: "50" }, { mode: "ticks", value: "30" }));
  assert.deepEqual([of.dir, of.profit, of.loss], [-1, 22933, 23013]);
});

test("a market order begins at the touch, a stop at its trigger, a held position at its average", () => {
  const ticks = { mode: "ticks", value: "10" };
  assert.equal(found(form({ type: "market" }, ticks)).profit, 22993);
  assert.equal(found(form({ type: "stop", stop: "231.00" }, ticks)).profit, 23110);
  assert.equal(found(form({ of: "position" }, ticks), { qty: 5, avg: 200.005, text: "5" }).profit, 20011);
  assert.equal(found(form({ type: "market" }, ticks), null, null).profit, null);
});

test("both exits are a bracket, one is an OTO; the legs carry their own terms", () => {
  const both = form({ tif: "gtc" }, { value: "235.00" }, { value: "225.00", kind: "stop_limit", tif: "day" });
  assert.deepEqual(exits.wish(both, AAPL, found(both), null), {
    class: "bracket", take_profit: { limit: "235.00", tif: "gtc" }, stop_loss: { stop: "225.00", limit: "224.95", tif: "day" },
  });
  const one = form({}, { isOn: false }, { mode: "percent", value: "2", kind: "trailing_stop" });
  assert.deepEqual(exits.wish(one, AAPL, found(one), null), { class: "oto", stop_loss: { trail_percent: "2", tif: "gtc" } });
  const money = form({}, { isOn: false }, { mode: "money", value: "1.5", kind: "trailing_stop" });
  assert.deepEqual(exits.wish(money, AAPL, found(money), null).stop_loss, { trail: "1.50", tif: "gtc" });
});

test("the exits of a position are an OCO, or one order that only reduces", () => {
  const held = { qty: 100, avg: 229, text: "100" };
  const both = form({ of: "position", side: "sell" }, { value: "235.00" }, { value: "225.00" });
  assert.deepEqual(exits.wish(both, AAPL, found(both, held), held), {
    symbol: "AAPL", side: "sell", qty: "100", type: "limit", tif: "gtc", limit: "235.00", class: "oco", take_profit: { limit: "235.00" }, stop_loss: { stop: "225.00", tif: "gtc" },
  });
  const stop = form({ of: "position", side: "sell" }, { isOn: false }, { value: "225.00" });
  assert.deepEqual(exits.wish(stop, AAPL, found(stop, held), held), { symbol: "AAPL", side: "sell", qty: "100", type: "stop", tif: "gtc", stop: "225.00", reduce_only: true });
});

test("what cannot be is said with what was wanted and found", () => {
  const wrong = (of) => exits.fault(of, AAPL, found(of));
  assert.equal(wrong(form({}, { value: "229.00" })).text, "take profit must be above the entry 229.83, was 229.00");
  assert.equal(wrong(form({}, { isOn: false }, { value: "230.00" })).text, "stop must be below the entry 229.83, was 230.00");
  assert.equal(wrong(form({ side: "sell" }, { value: "231.00" })).text, "take profit must be below the entry 229.83, was 231.00");
  assert.equal(wrong(form({}, { value: "235.005" })).text, "take profit must be a multiple of 0.01, was 235.005");
  assert.match(wrong(form({}, { mode: "r", value: "2" })).text, /^R counts the risk to the stop/);
  assert.equal(wrong(form({}, { value: "" })).field, "take_profit");
  assert.equal(wrong(form({}, { value: "235.00" }, { value: "225.00" })), null);
});

test("the payoff counts the fees of the way in and of the way out", () => {
  const both = form({}, { value: "235.00" }, { value: "225.00" });
  const payoff = exits.payoff(found(both), 100, { entry: 1, profit: 2, loss: 3 }, AAPL);
  assert.ok(Math.abs(payoff.profit.pl - (517 - 3)) < 1e-6);
  assert.ok(Math.abs(payoff.loss.pl - (-483 - 4)) < 1e-6);
  assert.ok(Math.abs(payoff.breakEven - (22983 + 4)) < 1e-6);
  assert.ok(Math.abs(payoff.ratio - 514 / 487) < 1e-6);
  assert.ok(Math.abs(payoff.profit.percent - 2.2495) < 1e-3);
  assert.equal(exits.payoff(found(form({ type: "market" }, { mode: "ticks", value: "1" }), null, null), 100, { entry: 0, profit: 0, loss: 0 }, AAPL), null);
});

test("a size risks no more than asked, in whole lots, and says what is at risk", () => {
  const size = exits.sizing(1000, 22983, 22500, AAPL, 100_000, format);
  assert.equal(size.qty, "207");
  assert.equal(size.text, "207 × 4.83 to the stop at 225.00: at risk are 999.81 USD (1.00 % of equity), before fees.");
  assert.equal(exits.sizing(1, 22983, 22500, AAPL, 100_000, format).qty, null);
  assert.match(exits.sizing(1000, 22983, 22983, AAPL, 100_000, format).text, /away from the entry/);
  assert.equal(exits.sizing(50, 9_700_000, 9_600_000, BTC, 100_000, format).qty, "0.0500");
  assert.equal(exits.riskMoney({ value: "0.5", unit: "percent" }, 100_000), 500);
});

test("a seeded walk: the risk of a size is within what was asked, one lot more is not", () => {
  let seed = 11;
  const random = (most) => ((seed = (seed * 1103515245 + 12345) % 2147483648) % most) + 1;
  for (let step = 0; step < 500; step++) {
    const [risk, entry, away] = [random(5000), 10_000 + random(30_000), random(900)];
    const { lots, perUnit } = exits.sizing(risk, entry, entry - away, AAPL, 1e5, format);
    assert.ok(lots * perUnit <= risk + 1e-6);
    assert.ok((lots + 1) * perUnit > risk - 1e-6);
  }
});

test("the confirmation names everything", () => {
  const both = form({ tif: "gtc" }, { value: "235.00" }, { value: "225.00" });
  assert.equal(sentence(both, AAPL, format, exits.words(found(both), AAPL, format)), "Buy 100 AAPL at 229.83, take profit 235.00, stop 225.00");
  const trail = form({}, { isOn: false }, { mode: "percent", value: "2", kind: "trailing_stop" });
  assert.deepEqual(exits.words(found(trail), AAPL, format), ["stop that trails by 2 %"]);
  assert.deepEqual(asides({ ...both, postOnly: true, display: "10", tag: "gap" }), ["GTC", "post only", "shows 10", "tagged “gap”"]);
});

test("every type is said and sent in its own words", () => {
  const said = (changes) => sentence(form(changes), AAPL, format);
  const sent = (changes) => wishOf(form(changes));
  assert.equal(said({ type: "stop", side: "sell", stop: "225" }), "Sell 100 AAPL on a stop at 225.00");
  assert.equal(said({ type: "stop_limit", stop: "231", limit: "231.05" }), "Buy 100 AAPL on a stop at 231.00, limit 231.05");
  assert.equal(said({ type: "trailing_stop", trail: "0.5" }), "Buy 100 AAPL on a stop that trails by 0.5 %");
  assert.equal(said({ type: "market", size: "0.123456789" }), "Buy 0.123456789 AAPL at market");
  assert.equal(sent({ type: "stop", stop: "225" }).stop, "225");
  assert.equal(sent({ type: "stop", stop: "225" }).limit, undefined);
  assert.equal(sent({ type: "trailing_stop", trail: "1.5", trailUnit: "price" }).trail, "1.5");
  assert.equal(sent({ type: "trailing_stop", trail: "0.5" }).trail_percent, "0.5");
  assert.deepEqual([sent({ reduceOnly: true }).reduce_only, sent({ display: "10" }).display_qty, sent({ extended: true }).extended_hours], [true, "10", true]);
});

test("a stop and a trail are asked for in their own fields", () => {
  assert.equal(fault(form({ type: "stop", stop: "" }), AAPL).field, "stop_price");
  assert.equal(fault(form({ type: "trailing_stop", trail: "100" }), AAPL).field, "trail_percent");
  assert.equal(fault(form({ type: "trailing_stop", trail: "0.005", trailUnit: "price" }), AAPL).text, "trail must be a multiple of 0.01, was 0.005");
  assert.equal(fault(form({ type: "stop_limit", stop: "231", limit: "" }), AAPL).field, "limit_price");
  assert.equal(fault(form({ size: "0.5" }), AAPL), null);
  assert.equal(fault(form({ size: "0.5" }), { ...AAPL, fractional: false }).text, "quantity must be a multiple of 1, was 0.5");
  assert.equal(fault(form({ size: "0.1234567891" }), AAPL).field, "qty");
});

test("how far a trigger is, on the side where it waits; below zero it is reached at once", () => {
  assert.deepEqual(trigger(form({ type: "stop", side: "sell", stop: "225" }), AAPL, 22980), { ticks: 22500, away: 480, last: 22980 });
  assert.equal(trigger(form({ type: "stop", stop: "225" }), AAPL, 22980).away, -480);
  assert.equal(trigger(form({ type: "trailing_stop", side: "sell", trail: "1" }), AAPL, 22980).ticks, 22751);
  assert.equal(trigger(form({ type: "trailing_stop", trail: "1.50", trailUnit: "price" }), AAPL, 22980).ticks, 23130);
  assert.equal(estimate(form({ type: "stop", stop: "231" }), AAPL, BOOK), null);
});

test("an opened drawer switches on what was used last, or both", () => {
  assert.deepEqual(exits.usual(null), { profit: true, loss: true });
  assert.deepEqual(exits.usual({ profit: { isOn: false }, loss: { isOn: true } }), { profit: false, loss: true });
  assert.deepEqual(exits.usual({ profit: { isOn: false }, loss: { isOn: false } }), { profit: true, loss: true });
});

test("at first the exits stand at one and two times the risk", () => {
  const form = { side: "buy", type: "limit", limit: "200.00", exits: exits.blank() };
  form.exits.profit.isOn = form.exits.loss.isOn = true;
  const found = exits.resolved(form, AAPL, null, null);
  assert.deepEqual([found.loss, found.profit], [19900, 20200]);
});

test("a size by risk is no larger than buying power lets through, and says so", () => {
  const found = exits.sizing(1200, 10000, 9900, AAPL, 100_000, format, 380);
  assert.deepEqual([found.lots, found.qty, found.isCapped], [380, "380", true]);
  assert.match(found.text, /^Capped by buying power: wanted 1,200, affordable 380\. 380 × 1\.00 to the stop at 99\.00: at risk are 380\.00 USD/);
  assert.equal(exits.sizing(1200, 10000, 9900, AAPL, 100_000, format, 5000).isCapped, false);
  const none = exits.sizing(1200, 10000, 9900, AAPL, 100_000, format, 0);
  assert.deepEqual([none.qty, none.text], [null, "Capped by buying power: wanted 1,200, affordable 0."]);
});

test("a trail of what is held begins at the last trade, as the desk's does", () => {
  const held = { qty: 100, avg: 200, text: "100" };
  const trailing = { mode: "percent", value: "0.5", kind: "trailing_stop" };
  const of = form({ of: "position", side: "sell" }, { isOn: false }, trailing);
  assert.equal(exits.resolved(of, AAPL, BOOK, held, 22981).loss, 22866);
  assert.equal(exits.resolved(form({}, { isOn: false }, trailing), AAPL, BOOK, null, 22981).loss, 22868);
  const money = form({ of: "position", side: "sell" }, { isOn: false }, { ...trailing, mode: "money", value: "1.50" });
  const found = exits.resolved(money, AAPL, BOOK, held, 22981);
  assert.deepEqual([found.loss, found.trail], [22831, { price: "1.50" }]);
});
