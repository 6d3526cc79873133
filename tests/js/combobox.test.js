const test = require("node:test");
const assert = require("node:assert");
const { matches, remembered, moved } = require("../../assets/combobox.js");

const market = { AAPL: { name: "Apple Inc." }, AMZN: { name: "Amazon.com, Inc." }, F: { name: "Ford Motor Company" }, META: { name: "Meta Platforms, Inc." }, "BTC/USD": { name: "Bitcoin" } };

test("the exact symbol first, then its beginning, then the name", () => {
  assert.deepEqual(matches("f", market)[0], "F");
  assert.deepEqual(matches("a", market).slice(0, 2), ["AAPL", "AMZN"]);
  assert.deepEqual(matches("ford", market), ["F"]);
  assert.deepEqual(matches("usd", market), ["BTC/USD"]);
  assert.deepEqual(matches("platforms", market), ["META"]);
  assert.deepEqual(matches("zzz", market), []);
});

test("without a query the recent ones come first, then the market's order", () => {
  assert.deepEqual(matches("", market, ["META", "GONE"]), ["META", "AAPL", "AMZN", "F", "BTC/USD"]);
});

test("recent symbols are few and not twice", () => {
  assert.deepEqual(remembered(["A", "B"], "B"), ["B", "A"]);
  assert.equal(remembered([..."ABCDEFGHIJ"], "Z").length, 8);
});

test("arrows walk round the list", () => {
  assert.equal(moved("ArrowDown", 2, 3), 0);
  assert.equal(moved("ArrowUp", 0, 3), 2);
  assert.equal(moved("ArrowUp", -1, 3), 2);
  assert.equal(moved("ArrowDown", 0, 0), -1);
});
