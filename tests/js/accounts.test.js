const assert = require("node:assert/strict");
const { test } = require("node:test");
require("../../assets/format.js");
const { settled, remark, step } = require("../../assets/accounts.js");
const { openFault, moveFault, rulesOf, lossOf } = require("../../assets/accounts_forms.js");
const { owned } = require("../../assets/intents.js");

const HERE = { own: "paper", accounts: [{ id: "paper", name: "Paper" }, { id: "paper-bot-1", name: "Bot" }] };

test("the market's own account is the empty id, and what is here stays chosen", () => {
  assert.deepEqual(settled("", null, HERE), { id: "", why: null });
  assert.deepEqual(settled("paper", "Paper", HERE), { id: "", why: null });
  assert.deepEqual(settled("paper-bot-1", "Bot", HERE), { id: "paper-bot-1", why: null });
});

test("in another market the account of the same name is chosen, else the market's own, and it is said", () => {
  const alike = settled("live-bot-9", "bot", HERE);
  assert.equal(alike.id, "paper-bot-1");
  assert.match(alike.why, /Bot has an account of its own/);
  const own = settled("live-swing-2", "Swing", HERE);
  assert.equal(own.id, "");
  assert.match(own.why, /Swing does not trade in this market: the market's own account, Paper, is shown/);
  assert.match(settled("gone", null, HERE).why, /^The account does not trade/);
});

test("what is wrong with an account stands beside its name, the worst first", () => {
  assert.equal(remark({ state: "active", rules: {} }), null);
  assert.deepEqual(remark({ state: "reducing" }), { kind: "warn", text: "Reducing" });
  assert.deepEqual(remark({ state: "halted", margin_call: "equity is below" }), { kind: "bad", text: "Margin call" });
  assert.equal(remark({ state: "active", rules: { is_suspended: true } }).text, "Suspended");
});

test("arrows lead through the list and round", () => {
  assert.equal(step("ArrowDown", 1, 2), 0);
  assert.equal(step("ArrowUp", 0, 2), 1);
  assert.equal(step("End", 0, 3), 2);
  assert.equal(step("a", 0, 3), null);
  assert.equal(step("ArrowDown", -1, 0), null);
});

test("a wish carries the chosen account, unless it names one or concerns none", () => {
  assert.deepEqual(owned({ do: "submit" }, "bot"), { do: "submit", account: "bot" });
  assert.deepEqual(owned({ do: "submit", account: "" }, "bot"), { do: "submit", account: "" });
  assert.deepEqual(owned({ do: "submit" }, ""), { do: "submit" });
  assert.deepEqual(owned({ do: "play" }, "bot"), { do: "play" });
  assert.deepEqual(owned({ do: "open_account" }, "bot"), { do: "open_account" });
});

test("a form is refused before it is sent, with the field that is wrong", () => {
  assert.equal(openFault({ name: " ", cash: "1" }).field, "name");
  assert.equal(openFault({ name: "Bot", cash: "" }).field, "cash");
  assert.equal(openFault({ name: "Bot", cash: "100,000" }), null);
  assert.equal(moveFault({ amount: "0", way: "in" }, "5").field, "amount");
  assert.match(moveFault({ amount: "6", way: "out" }, "5").text, /5\.00/);
  assert.match(moveFault({ amount: "0.001", way: "in" }, "5").text, /whole cents/);
  assert.equal(moveFault({ amount: "6", way: "in" }, "5"), null);
});

test("rules are what the form has, and a reset says what is lost", () => {
  const rules = rulesOf({ multiplier: "4", shorting: false, fractional: true, dayTrades: "off", lots: "lifo" });
  assert.deepEqual(rules, { multiplier: "4", shorting_enabled: false, fractional_enabled: true, day_trade_rule: "off", lot_method: "lifo" });
  const said = lossOf({ orders: 1, positions: 2 }, "100,000.00");
  assert.match(said, /^1 open order cancelled; 2 positions written off/);
  assert.match(lossOf({ orders: 0, positions: 0 }, "5.00"), /^Its equity/);
});
