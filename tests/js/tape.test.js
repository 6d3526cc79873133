const test = require("node:test");
const assert = require("node:assert");
const tape = require("../../assets/tape.js");

const PRINTS = [
  [1, 1_000, 100, 10, 1],
  [2, 2_000, 101, 300, 1],
  [3, 2_500, 101, 20, -1],
  [4, 9_000, 99, 50, 0],
];

test("only prints that were not shown yet come, oldest first", () => {
  assert.deepEqual(tape.fresh(PRINTS, 2, 0).map((print) => print[0]), [3, 4]);
  assert.deepEqual(tape.fresh(PRINTS, 4, 0), []);
});

test("the size filter keeps what is at least as large", () => {
  assert.deepEqual(tape.fresh(PRINTS, 0, 50).map((print) => print[0]), [2, 4]);
});

test("the newest that pass the filter fill the rows", () => {
  assert.deepEqual(tape.newest(PRINTS, 0, 2).map((print) => print[0]), [3, 4]);
  assert.deepEqual(tape.newest(PRINTS, 50, 5).map((print) => print[0]), [2, 4]);
});

test("a print is an uptick, a downtick or neither", () => {
  const ticks = tape.directions(PRINTS);
  assert.equal(ticks.get(1), undefined);
  assert.equal(ticks.get(2), 1);
  assert.equal(ticks.get(3), 0);
  assert.equal(ticks.get(4), -1);
});

test("a big print is five times the median, and nothing is big before ten prints", () => {
  const sized = (qty, id) => [id, 0, 100, qty, 1];
  assert.equal(tape.bigFrom(PRINTS), Infinity);
  assert.equal(tape.bigFrom(Array.from({ length: 11 }, (_, i) => sized(100 + i, i))), 525);
});

test("the rate counts the window of market time before now", () => {
  const { count, lots } = tape.rate(PRINTS, 10_000, 8_000);
  assert.equal(count, 2 / 8);
  assert.equal(lots, 70 / 8);
  assert.deepEqual(tape.rate([], 10_000, 8_000), { count: 0, lots: 0 });
});

test("the rate of a tape that is fuller than its memory uses the time it covers", () => {
  const fast = Array.from({ length: 200 }, (_, i) => [i, 1_000 + i, 100, 1, 1]);
  assert.ok(tape.rate(fast, 1_200, 10_000).count > 900);
});

test("our fills are found on the tape by time, price and size", () => {
  const fills = [{ symbol: "A", at: 2_000, ticks: 101, qty: "300" }, { symbol: "B", at: 9_000, ticks: 99, qty: "50" }];
  const keys = tape.fillKeys(fills, "A", 1);
  assert.deepEqual(PRINTS.map((print) => tape.isOwn(print, keys)), [false, true, false, false]);
});

test("fills in fractions are found too", () => {
  const keys = tape.fillKeys([{ symbol: "BTC/USD", at: 5, ticks: 7, qty: "0.0300" }], "BTC/USD", 0.0001);
  assert.ok(tape.isOwn([9, 5, 7, 300, 1], keys));
});

test("volume a second keeps its decimals where it is small", () => {
  assert.equal(tape.volumeText(0), "0");
  assert.equal(tape.volumeText(0.0123), "0.012");
  assert.equal(tape.volumeText(53.4), "53");
});

test("a smallest size is a number or nothing", () => {
  assert.equal(tape.minimumLots("", 1), 0);
  assert.equal(tape.minimumLots("1,000", 1), 1000);
  assert.equal(tape.minimumLots("0.3", 0.1), 3);
  assert.equal(tape.minimumLots("many", 1), null);
  assert.equal(tape.minimumLots("-5", 1), null);
});
