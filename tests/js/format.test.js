const test = require("node:test");
const assert = require("node:assert");
const format = require("../../assets/format.js");

const apple = { tick: 0.01, lot: 1, pd: 2, qd: 0 };
const bitcoin = { tick: 1, lot: 0.0001, pd: 0, qd: 4 };

test("prices carry the instrument's decimals and thousands separators", () => {
  assert.equal(format.priceOf(22984, apple), "229.84");
  assert.equal(format.priceOf(97214, bitcoin), "97,214");
  assert.equal(format.priceOf(123456789, apple), "1,234,567.89");
  assert.equal(format.priceOf(null, apple), format.NONE);
  assert.equal(format.priceOf(1, undefined), format.NONE);
});

test("a long fraction is rounded to seven characters, and never to nothing", () => {
  assert.equal(format.brief(204.472349263, 0), "204.472");
  assert.equal(format.brief("-4.372349263", 0), "−4.37235");
  assert.equal(format.brief(12_345.123456789, 0), "12,345.1");
  assert.equal(format.brief(0.000000001, 0), "0.000000001");
  assert.equal(format.brief(123_456_789, 0), "123,456,789");
  assert.equal(format.brief(1234.5, 4), "1,234.5000");
  assert.equal(format.brief(100, 0), "100");
  assert.equal(format.brief("", 0), format.NONE);
});

test("quantities carry the lot's decimals", () => {
  assert.equal(format.qtyOf(1240, apple), "1,240");
  assert.equal(format.qtyOf(12345, bitcoin), "1.2345");
  const kraken = { tick: 0.1, lot: 1e-8, pd: 1, qd: 8 };
  assert.equal(format.qtyOf(310_000_000, kraken), "3.1");
  assert.equal(format.qtyOf(12_345_678, kraken), "0.12345678");
  assert.equal(format.sizeOf(12_345_678, kraken), "0.12346");
  assert.equal(format.sizeOf(1_234_567_891_234, kraken), "12,345.7");
  assert.equal(format.sizeOf(100_000_000, kraken), "1");
  assert.equal(format.sizeOf(1, kraken), "<0.00001");
  assert.equal(format.sizeOf(0, kraken), "0");
  assert.equal(format.sizeOf(12345, bitcoin), "1.2345");
});

test("decimal strings keep every digit that is shown", () => {
  assert.equal(format.number("12345678901234567.89"), "12,345,678,901,234,567.89");
  assert.equal(format.number("0.005"), "0.01");
  assert.equal(format.number("-0.004"), "0.00");
  assert.equal(format.number("-1284.6"), "−1,284.60");
  assert.equal(format.number("7", 0), "7");
  assert.equal(format.number("1E+3"), "1,000.00");
});

test("what is not a number is a dash", () => {
  for (const nothing of [null, undefined, "", "abc", NaN, Infinity]) assert.equal(format.number(nothing), format.NONE);
});

test("changes carry their sign, nothing carries none", () => {
  assert.equal(format.signed(0.27), "+0.27");
  assert.equal(format.signed("-0.14"), "−0.14");
  assert.equal(format.signed(0), "0.00");
  assert.equal(format.percent(1.284), "+1.28 %");
});

test("times are those of the market's zone, over daylight saving changes", () => {
  assert.equal(format.timeIn(Date.UTC(2026, 10, 20, 15, 42, 17, 9), "America/New_York", true), "10:42:17.009");
  assert.equal(format.timeIn(Date.UTC(2026, 6, 20, 15, 42, 17), "America/New_York"), "11:42:17");
  assert.equal(format.timeIn(Date.UTC(2026, 2, 8, 6, 59, 59), "America/New_York"), "01:59:59");
  assert.equal(format.timeIn(Date.UTC(2026, 2, 8, 7, 0, 0), "America/New_York"), "03:00:00");
  assert.equal(format.dateIn(Date.UTC(2026, 0, 1, 3), "America/New_York"), "2025-12-31");
  assert.equal(format.timeIn(0, "UTC"), format.NONE);
});

test("ages and sizes use the unit a person would", () => {
  assert.deepEqual([20, 1500, 59_000, 125_000, 7_300_000, 200_000_000].map(format.age), ["0.02 s", "1.5 s", "59 s", "2 min", "2 h", "2 days"]);
  assert.equal(format.bytes(123456), "121 KiB");
  assert.equal(format.compact(1_234_567), "1.23 M");
});

test("what is shown as zero has no colour", () => {
  assert.deepEqual(["1.5", -0.02, "0", "-0.004", 0.0049, null].map((value) => format.tone(value)), ["up", "down", "", "", "", ""]);
});
