const assert = require("node:assert/strict");
const { test } = require("node:test");
require("../../assets/format.js");
const { shown, parsed, isWider, isSame, meter, scopeNote, exposure, guardState, paces, marginRows } = require("../../assets/risk_model.js");
const { makeTyped, leaving } = require("../../assets/risk_typed.js");

const format = {
  money: (value) => Number(value).toFixed(2),
  number: (value, decimals = 0) => Number(value).toFixed(decimals),
};

test("a limit is shown as people write it, and read back as the desk wants it", () => {
  assert.equal(shown("10000000", "money"), "10,000,000");
  assert.equal(shown("1234.5", "number"), "1,234.5");
  assert.equal(shown("0.05", "percent"), "5");
  assert.equal(shown(["GME", "AMC"], "symbols"), "GME, AMC");
  assert.equal(shown(null, "money"), "");
  assert.deepEqual(parsed("5", "percent", "max_drawdown"), { value: "0.05" });
  assert.deepEqual(parsed("0.07 %", "percent", "price_collar"), { value: "0.0007" });
  assert.deepEqual(parsed("1,500.50", "money", "max_day_loss"), { value: "1500.50" });
  assert.deepEqual(parsed("gme amc,", "symbols", "restricted"), { value: ["GME", "AMC"] });
  assert.deepEqual(parsed(" ", "money", "max_day_loss"), { value: null });
});

test("what is no limit is refused with a sentence", () => {
  assert.match(parsed("", "money", "max_order_value").fault, /cannot be empty/);
  assert.match(parsed("-1", "money", "max_day_loss").fault, /0 or more is wanted, was -1/);
  assert.match(parsed("lots", "count", "max_open_orders").fault, /was lots/);
  assert.match(parsed("2,5", "percent", "max_drawdown").fault, /was 2,5/);
  assert.match(parsed("1.5", "count", "max_open_orders").fault, /whole number/);
  assert.match(parsed("100", "percent", "max_drawdown").fault, /below 100/);
});

test("wider is what allows more, whatever the limit's kind", () => {
  assert.ok(isWider("max_day_loss", "600", "500"));
  assert.ok(!isWider("max_day_loss", "400", "500"));
  assert.ok(isWider("max_day_loss", null, "500"));
  assert.ok(!isWider("max_day_loss", "500", null));
  assert.ok(isWider("duplicate_window_ms", "0", "500"));
  assert.ok(!isWider("duplicate_window_ms", "500", "0"));
  assert.ok(isWider("usual_orders_per_second", "0", "20"));
  assert.ok(!isWider("usual_orders_per_second", "5", "0"));
  assert.ok(isWider("restricted", [], ["GME"]));
  assert.ok(!isWider("restricted", ["GME", "AMC"], ["GME"]));
  assert.ok(isWider("allowed", [], ["AAPL"]));
  assert.ok(!isWider("allowed", ["AAPL"], []));
  assert.ok(isWider("wash_trades_allowed", true, false));
  assert.ok(isSame("5.0", "5") && !isSame("5", null) && isSame(["A"], ["A"]));
});

test("a meter says it in words too", () => {
  const use = { used: "400", limit: "500", unit: "money" };
  assert.deepEqual(meter(use, format), { share: 0.8, kind: "warn", text: "400.00 of 500.00 · 80 %, close" });
  assert.deepEqual(meter({ ...use, used: "600" }, format), { share: 1, kind: "bad", text: "600.00 of 500.00 · 120 %, passed" });
  assert.deepEqual(meter({ ...use, limit: null }, format), { share: null, kind: "none", text: "400.00, no limit" });
  assert.equal(meter({ used: "0.025", limit: "0.1", unit: "fraction" }, format).text, "2.50 % of 10.00 % · 25 %");
  assert.equal(meter({ used: "0", limit: "0", unit: "money" }, format).kind, "good");
  assert.equal(meter(undefined, format), null);
  assert.equal(meter({ ...use, name: "max_day_loss" }, format).text, "400.00 of 500.00 lost today · 80 %, close");
  assert.equal(meter({ ...use, name: "max_day_loss", limit: null }, format).text, "400.00 lost today, no limit");
});

test("the note says for whom the limits hold", () => {
  assert.match(scopeNote(false, "Swing", 2), /^These hold for Swing alone\./);
  assert.match(scopeNote(true, "Swing", 2), /^These hold for all 2 accounts of this market together/);
  assert.match(scopeNote(true, "Swing", 1), /the one account/);
});

test("what was typed is kept for the account it was typed for, until it is set or left", () => {
  const kept = new Map();
  const store = { getItem: (name) => kept.get(name) ?? null, setItem: (name, text) => kept.set(name, text), removeItem: (name) => kept.delete(name) };
  const typed = makeTyped(store);
  typed.put("account a", "max_day_loss", "5x");
  typed.put("account a", "wash_trades_allowed", false);
  typed.put("desk", "max_day_loss", "9");
  assert.deepEqual(typed.of("account a"), { max_day_loss: "5x", wash_trades_allowed: false });
  typed.drop("account a", "max_day_loss");
  typed.clear("desk");
  assert.deepEqual([typed.of("account a"), typed.of("desk"), kept.size], [{ wash_trades_allowed: false }, {}, 1]);
  kept.set("tradesim:risk-typed:desk", "{");
  assert.deepEqual(typed.of("desk"), {});
});

test("a browser that keeps nothing loses nothing else", () => {
  const no = () => {
    throw new Error("denied");
  };
  const typed = makeTyped({ getItem: no, setItem: no, removeItem: no });
  typed.put("desk", "max_day_loss", "9");
  assert.deepEqual(typed.of("desk"), {});
  assert.equal(leaving(1, "Paper"), "1 limit of Paper typed, not set yet: what you typed waits in Risk.");
  assert.equal(leaving(0, "Paper"), "");
});

test("exposure is sorted by what it is worth, without what is flat or has no mark", () => {
  const positions = [
    { symbol: "AAPL", qty: "10", value: "2300" },
    { symbol: "MSFT", qty: "-20", value: "-8400" },
    { symbol: "F", qty: "0", value: "0" },
    { symbol: "X", qty: "1", value: null },
  ];
  assert.deepEqual(exposure(positions, "10000").map(({ symbol, share }) => [symbol, share]), [["MSFT", 0.84], ["AAPL", 0.23]]);
  assert.equal(exposure(positions, "-5")[0].share, null);
});

test("the guard's word on a source: usual, slowed or halted, with what was counted", () => {
  const source = { source: "api", message: "", wait_s: 0, refused: 0, patience: 100, paces: [["orders", 12, 250], ["repeats", 0, 100], ["refusals", 3, 100]] };
  assert.equal(guardState(source, null).text, "Usual");
  assert.equal(paces(source, format), "12 of 250 orders, 3 of 100 refusals");
  assert.match(guardState({ ...source, message: "api sent 250 orders in 10 s", wait_s: 3, refused: 7 }, null).text, /^Slowed: api sent 250 orders in 10 s; wait 3 s \(7 of 100/);
  const halted = { state: "halted", cause: "runaway_orders", message: "the runaway guard stopped it: api sent 250 orders" };
  assert.equal(guardState(source, halted).kind, "bad");
  assert.equal(guardState({ ...source, source: "ticket" }, halted).kind, "good");
});

test("margin says what is left, or what is missing", () => {
  const account = { equity: "1000", initial_margin: "500", maintenance_margin: "300", buying_power: "1000", multiplier: "2", reserved: "0", withdrawable: "500", day_trades: 1 };
  const names = (rows) => rows.map(([name, text]) => `${name} ${text}`);
  assert.ok(names(marginRows(account, null, format)).includes("Excess over maintenance 700.00"));
  const short = marginRows({ ...account, equity: "200" }, { day_trade_rule: "legacy_pdt" }, format);
  assert.ok(names(short).includes("Missing to maintenance 100.00"));
  assert.match(short.at(-1)[1], /^1 in five days; at most 3/);
});
