const assert = require("node:assert");
const { test } = require("node:test");
const format = require("../../assets/format.js");
const model = require("../../assets/ticket_model.js");

const AAPL = { tick: 0.01, lot: 1, pd: 2, qd: 0, cls: "us_equity", cur: "USD" };
const BTC = { tick: 0.5, lot: 0.0001, pd: 1, qd: 4, cls: "crypto", cur: "USD" };
const BOOK = { b: [[22999, 300, 2], [22998, 500, 3]], a: [[23001, 100, 1], [23002, 200, 2], [23005, 1000, 4]] };
const form = (changes) => ({ symbol: "AAPL", side: "buy", type: "limit", tif: "day", unit: "qty", size: "100", limit: "229.99", postOnly: false, ...changes });

test("numbers are read as people type them", () => {
  assert.deepStrictEqual(["100", "1,000", "0.5", ".5", "2k", "1.5m", "5."].map(model.number), [100, 1000, 0.5, 0.5, 2000, 1_500_000, 5]);
  assert.deepStrictEqual(["", "abc", "-5", "1e5", "1.2.3", null, undefined].map(model.number), Array(7).fill(null));
});

test("what is sent keeps every digit that was typed", () => {
  assert.strictEqual(model.plain("1,234.567890123456789"), "1234.567890123456789");
  assert.strictEqual(model.plain("2k"), "2000");
  assert.strictEqual(model.plain("abc"), "abc");
  assert.strictEqual(model.plain(" 1 000"), "1000");
  assert.strictEqual(model.number("1,000.5"), 1000.5);
  for (const text of ["1,5", "0,01", "229,80", "1,000,5", "10,5k"]) assert.strictEqual(model.number(text), null, text);
  assert.strictEqual(model.plain("0,01"), "0,01");
});

test("a value that is no whole number of steps has no units", () => {
  assert.strictEqual(model.units(229.99, 0.01), 22999);
  assert.strictEqual(model.units(0.05, 0.0001), 500);
  assert.strictEqual(model.units(229.995, 0.01), null);
  assert.strictEqual(model.units(null, 1), null);
});

test("price follows the chosen part of the touch; the middle rounds to the own side", () => {
  assert.strictEqual(model.touchPrice(BOOK, "bid", "buy"), 22999);
  assert.strictEqual(model.touchPrice(BOOK, "ask", "buy"), 23001);
  assert.strictEqual(model.touchPrice({ b: [[10, 1]], a: [[13, 1]] }, "mid", "buy"), 11);
  assert.strictEqual(model.touchPrice({ b: [[10, 1]], a: [[13, 1]] }, "mid", "sell"), 12);
  assert.strictEqual(model.touchPrice({ b: [], a: [[13, 1]] }, "bid", "buy"), 13);
  assert.strictEqual(model.touchPrice({ b: [], a: [] }, "mid", "buy"), null);
  assert.strictEqual(model.touchPrice({ b: [], a: [] }, "bid", "buy", 23000), 23000);
  assert.strictEqual(model.touchPrice(null, "bid", "buy", 23000), null);
});

test("arrow keys move one tick, and first onto the grid", () => {
  assert.strictEqual(model.steppedPrice("229.99", 1, AAPL, null), 23000);
  assert.strictEqual(model.steppedPrice("229.99", -10, AAPL, null), 22989);
  assert.strictEqual(model.steppedPrice("229.555", 1, AAPL, null), 22956);
  assert.strictEqual(model.steppedPrice("229.555", -1, AAPL, null), 22955);
  assert.strictEqual(model.steppedPrice("0.01", -1, AAPL, null), 1);
  assert.strictEqual(model.steppedPrice("", 1, AAPL, 23000), 23000);
});

test("a quantity steps by its leading digit and never below a lot", () => {
  assert.deepStrictEqual([["7", 1], ["100", 1], ["100", -1], ["1", -1], ["", 1]].map(([text, step]) => model.steppedQty(text, step, 1)), [8, 200, 90, 1, 1]);
  assert.strictEqual(model.steppedQty("0.05", 1, 0.0001).toFixed(4), "0.0600");
});

test("an order that crosses walks the levels up to its limit", () => {
  const found = model.estimate(form({ limit: "230.02", size: "400" }), AAPL, BOOK);
  assert.strictEqual(found.now, 300);
  assert.strictEqual(found.rests, 100);
  assert.strictEqual(found.levels, 2);
  assert.ok(Math.abs(found.average - (100 * 230.01 + 200 * 230.02) / 300) < 1e-9);
  assert.ok(Math.abs(found.slippageTicks - 200 / 300) < 1e-9);
  assert.ok(Math.abs(found.slippageMoney - 2) < 1e-9);
  assert.ok(Math.abs(found.value - (100 * 230.01 + 200 * 230.02 + 100 * 230.02)) < 1e-6);
  assert.strictEqual(found.queue, 0);
});

test("an order that rests stands behind what is at its price", () => {
  assert.strictEqual(model.estimate(form(), AAPL, BOOK).queue, 300);
  assert.strictEqual(model.estimate(form({ limit: "230.00" }), AAPL, BOOK).queue, 0);
  assert.strictEqual(model.estimate(form({ limit: "200.00" }), AAPL, BOOK).queue, null);
  assert.strictEqual(model.estimate(form({ side: "sell", limit: "230.02" }), AAPL, BOOK).queue, 200);
});

test("time in force and post only decide what is taken", () => {
  assert.strictEqual(model.estimate(form({ type: "market", size: "2000", tif: "day" }), AAPL, BOOK).lost, 700);
  assert.strictEqual(model.estimate(form({ limit: "230.01", tif: "ioc", size: "150" }), AAPL, BOOK).lost, 50);
  assert.strictEqual(model.estimate(form({ limit: "230.01", tif: "fok", size: "150" }), AAPL, BOOK).now, 0);
  const posted = model.estimate(form({ limit: "230.01", postOnly: true }), AAPL, BOOK);
  assert.deepStrictEqual([posted.now, posted.crosses], [0, true]);
});

test("nothing is estimated without a book, a size or a price", () => {
  assert.strictEqual(model.estimate(form(), AAPL, null), null);
  assert.strictEqual(model.estimate(form({ size: "" }), AAPL, BOOK), null);
  assert.strictEqual(model.estimate(form({ limit: "229.995" }), AAPL, BOOK), null);
});

test("money buys whole lots at the limit, or at the touch", () => {
  assert.strictEqual(model.lotsWanted(form({ unit: "notional", size: "1000", limit: "229.99" }), AAPL, BOOK), 4);
  const coins = { b: [[200_000, 5]], a: [[200_002, 5]] };
  assert.strictEqual(model.lotsWanted(form({ unit: "notional", size: "1000", type: "market" }), BTC, coins), 99);
});

test("a share of the buying power walks the book at market and stops at the limit otherwise", () => {
  const account = { buying_power: "46003", cash: "46003", reserved: "0" };
  assert.strictEqual(model.shareOf(100, form({ type: "market" }), AAPL, BOOK, account, []), 200);
  assert.strictEqual(model.shareOf(50, form(), AAPL, BOOK, account, []), 100);
  assert.strictEqual(model.shareOf(100, form({ side: "sell" }), AAPL, BOOK, account, [{ symbol: "AAPL", qty: "75" }]), 75);
  assert.strictEqual(model.shareOf(50, form(), AAPL, BOOK, account, [{ symbol: "AAPL", qty: "-75" }]), 37);
});

test("what buying power lets through counts fees, what closes for nothing, and short sales dearer", () => {
  const account = { buying_power: "10000", cash: "10000", reserved: "0" };
  assert.strictEqual(model.affordable(form(), AAPL, 10000, account, []), 100);
  assert.strictEqual(model.affordable(form(), AAPL, 10000, account, [], 1), 99);
  assert.strictEqual(model.affordable(form({ side: "sell" }), AAPL, 10000, account, []), 97);
  assert.strictEqual(model.affordable(form({ side: "sell" }), AAPL, 10000, account, [{ symbol: "AAPL", qty: "75" }]), 172);
  assert.strictEqual(model.affordable(form(), AAPL, null, account, []), Infinity);
});

test("coins are bought with cash, not with leverage", () => {
  const account = { buying_power: "200000", cash: "100000", reserved: "1000" };
  assert.strictEqual(model.shareOf(100, form({ limit: "100000" }), BTC, BOOK, account, []), 9900);
});

test("faults say what was wanted and what was found, and which field", () => {
  const said = (changes, instrument = AAPL) => Object.values(model.fault(form(changes), instrument) || {}).join(": ");
  assert.strictEqual(said({}), "");
  assert.strictEqual(said({ size: "" }), "qty: quantity must be a number above 0, was empty");
  assert.strictEqual(said({ size: "ten" }), "qty: quantity must be a number above 0, was “ten”");
  assert.strictEqual(said({ size: "1.5" }), "qty: quantity must be a multiple of 1, was 1.5");
  assert.strictEqual(said({ size: "0.00005" }, BTC), "qty: quantity must be a multiple of 0.0001, was 0.00005");
  assert.strictEqual(said({ limit: "229.995" }), "limit_price: limit price must be a multiple of 0.01, was 229.995");
  assert.strictEqual(said({ limit: "", type: "market" }), "");
});

test("the button says the order as a sentence", () => {
  const said = (changes, instrument = AAPL) => model.sentence(form(changes), instrument, format);
  assert.strictEqual(said({ size: "1000" }), "Buy 1,000 AAPL at 229.99");
  assert.strictEqual(said({ side: "sell", type: "market", size: "0.5", symbol: "BTC/USD" }, BTC), "Sell 0.5000 BTC/USD at market");
  assert.strictEqual(said({ unit: "notional", size: "5k", type: "market" }), "Buy 5,000.00 USD of AAPL at market");
  assert.strictEqual(said({ size: "", limit: "" }), "Buy … AAPL at …");
});

test("the wish carries decimal text, and a limit only where there is one", () => {
  assert.deepStrictEqual(model.wishOf(form({ postOnly: true })), { symbol: "AAPL", side: "buy", type: "limit", tif: "day", qty: "100", limit: "229.99", post_only: true });
  assert.deepStrictEqual(model.wishOf(form({ type: "market", unit: "notional", size: "1,000", postOnly: true })), { symbol: "AAPL", side: "buy", type: "market", tif: "day", notional: "1000", post_only: false });
});

test("the way of an order is told in milliseconds since the click", () => {
  assert.strictEqual(model.timingText({ click: 100, receipt: null, painted: null }), "");
  assert.strictEqual(model.timingText({ click: 100, receipt: 104.2, painted: null }), "sent → durable 4 ms");
  assert.strictEqual(model.timingText({ click: 100, receipt: 104, painted: 111 }), "sent → durable 4 ms → filled 11 ms");
  assert.strictEqual(model.timingText({ click: 100, receipt: 115, painted: 111 }), "sent → durable 11 ms → filled 11 ms");
});

test("where nothing is quoted the page claims nothing, and counts sizes at the last trade", () => {
  const bare = { b: [], a: [] };
  const market = form({ type: "market", size: "200" });
  assert.strictEqual(model.estimate(market, AAPL, bare), null);
  assert.deepStrictEqual(model.worth(market, AAPL, bare, 10000), { lots: 200, value: 20000 });
  assert.deepStrictEqual(model.worth({ ...market, unit: "notional", size: "1,050" }, AAPL, bare, 10000), { lots: 10, value: 1000 });
  assert.strictEqual(model.shareOf(50, market, AAPL, bare, { buying_power: "4000" }, [], 10000), 20);
});
