const assert = require("node:assert");
const { test } = require("node:test");
const format = require("../../assets/format.js");
const { figures, positionText, placeOf, capital } = require("../../assets/ticket_view.js");

const AAPL = { tick: 0.01, lot: 1, pd: 2, qd: 0, cls: "us_equity", cur: "USD" };
const LIMIT = { type: "limit", tif: "day", postOnly: false };
const FOUND = { lots: 400, now: 300, rests: 100, lost: 0, levels: 2, value: 92008, average: 230.016667, slippageTicks: 0.667, slippageMoney: 2, queue: 0, crosses: true };

test("figures of an order that fills in part and rests", () => {
  const shown = figures(FOUND, { fee: "0.00", buying_power_after: "107992.00" }, LIMIT, AAPL, format);
  assert.deepStrictEqual(shown, { value: "92,008.00", fee: "0.00", feeLabel: "Fee (taker, maker)", average: "230.0167", slippage: "0.67 ticks · 2.00", now: "300, 100 rests", queue: "0", power: "107,992.00" });
});

test("without an answer the fee is awaited; without an estimate everything is a dash", () => {
  assert.strictEqual(figures(FOUND, null, LIMIT, AAPL, format).fee, "…");
  assert.deepStrictEqual(new Set(Object.values(figures(null, null, LIMIT, AAPL, format))), new Set(["–", "Fee"]));
});

test("behind a quote without a book the desk's rule is shown, and named", () => {
  const seen = { ...FOUND, now: 100, rests: 0, lost: 300, value: 100, average: 1, slippageTicks: 0, slippageMoney: 0 };
  const answer = { rule: "300 lots beyond …", fills_now: 400, rests: 0, value: "92012", avg: "230.03", slippage_ticks: "1.50", fee: "0.00", buying_power_after: "1" };
  const shown = figures(seen, answer, { ...LIMIT, type: "market" }, AAPL, format);
  assert.deepStrictEqual([shown.value, shown.average, shown.slippage, shown.now], ["92,012.00", "230.0300", "1.50 ticks · 6.00", "all, by the impact rule"]);
  const part = figures(seen, { ...answer, fills_now: 200 }, { ...LIMIT, type: "market" }, AAPL, format);
  assert.strictEqual(part.now, "200, 200 cancelled");
});

test("where prints are all there is, the desk's word stands: the next print, about the last one", () => {
  const answer = { value: "1096.90", fee: "0.05", avg: "1.0969", fills_now: 0, rests: 0, waits: 1000, buying_power_after: "98903.05" };
  const shown = figures(null, answer, { ...LIMIT, type: "market" }, { ...AAPL, pd: 5 }, format);
  assert.deepStrictEqual(shown, { value: "1,096.90", fee: "0.05", feeLabel: "Fee (taker)", average: "about 1.09690", slippage: "–", now: "at the next print", queue: "–", power: "98,903.05" });
  const resting = figures(null, { ...answer, avg: null, waits: 0, rests: 1000 }, LIMIT, AAPL, format);
  assert.deepStrictEqual([resting.now, resting.feeLabel, resting.average], ["none, 1,000 rests", "Fee (maker)", "–"]);
});

test("an order that waits for its session neither fills nor rests: the ticket says from when it can trade", () => {
  const answer = { value: "2295.00", fee: "0.00", fills_now: 0, rests: 0, buying_power_after: "1", trades_from: Date.UTC(2026, 10, 24, 14, 30) };
  const shown = figures(FOUND, answer, LIMIT, AAPL, format);
  assert.deepStrictEqual([shown.now, shown.queue, shown.average, shown.value], ["none before 11-24 09:30", "–", "–", "2,295.00"]);
});

test("what will not happen is said", () => {
  const now = (found, form) => figures({ ...FOUND, ...found }, null, { ...LIMIT, ...form }, AAPL, format).now;
  assert.strictEqual(now({ now: 0, rests: 400 }, {}), "none, 400 rests");
  assert.strictEqual(now({ now: 0, rests: 400, crosses: true }, { postOnly: true }), "would trade: refused");
  assert.strictEqual(now({ now: 0, rests: 0, lost: 400 }, { tif: "fok" }), "not whole: killed");
  assert.strictEqual(now({ now: 300, rests: 0, lost: 100 }, { tif: "ioc" }), "300, 100 cancelled");
  assert.strictEqual(now({ now: 400, rests: 0, levels: 1 }, {}), "all, 1 level");
});

test("a refusal stands under its field, or above the button", () => {
  assert.strictEqual(placeOf({ field: "qty" }, LIMIT), "refusal-qty");
  assert.strictEqual(placeOf({ field: "limit_price" }, LIMIT), "refusal-price");
  assert.strictEqual(placeOf({ field: "limit_price" }, { type: "market" }), "refusal");
  assert.strictEqual(placeOf({ field: "symbol" }, LIMIT), "refusal");
  assert.strictEqual(capital("buying power is less"), "Buying power is less");
});

test("what closes is said, and what may open because other orders close the position already", () => {
  const said = (answer, form, held) => positionText({ ...answer }, { side: "sell", unit: "qty", size: "100", ...form }, held, AAPL, format);
  assert.strictEqual(said({}, {}, 100), "closes 100");
  assert.strictEqual(said({ opens: "100" }, {}, 100), "may open a short of 100");
  assert.strictEqual(said({ opens: "50" }, { size: "150" }, 100), "closes 100, opens a short of 50");
  assert.strictEqual(said({ opens: "100" }, {}, 0), "opens a short of 100");
  assert.strictEqual(said({ opens: "100" }, {}, -50), "adds 100 to the short");
  assert.strictEqual(said({ opens: "100" }, { side: "buy" }, 0), "");
  assert.strictEqual(said({}, { side: "buy" }, -100), "closes 100");
  assert.strictEqual(said({ refusal: "no" }, {}, 100), "");
});
