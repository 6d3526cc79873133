const test = require("node:test");
const assert = require("node:assert");

const kept = new Map();
globalThis.localStorage = { getItem: (key) => (kept.has(key) ? kept.get(key) : null), setItem: (key, value) => kept.set(key, value), removeItem: (key) => kept.delete(key) };
const { firstSymbol, listeners, stored, store, page } = require("../../assets/page.js");

test("the first symbol is the wish that this market has, else its first", () => {
  const instruments = { AAPL: {}, MSFT: {} };
  assert.equal(firstSymbol(instruments, null, "TSLA", "MSFT"), "MSFT");
  assert.equal(firstSymbol(instruments, null), "AAPL");
  assert.equal(firstSymbol({}), null);
});

test("what is kept comes back, and damaged keeping is as good as none", () => {
  store("list", ["A"]);
  assert.deepEqual(stored("list", []), ["A"]);
  kept.set("tradesim:list", "{");
  assert.deepEqual(stored("list", ["B"]), ["B"]);
  store("list", null);
  assert.equal(kept.has("tradesim:list"), false);
});

test("one listener's error does not silence the others", () => {
  const heard = [];
  const reported = [];
  globalThis.reportError = (error) => reported.push(error.message);
  const on = listeners();
  on(() => {
    throw new Error("mine");
  });
  const leave = on((value) => heard.push(value));
  on.tell(1);
  leave();
  on.tell(2);
  assert.deepEqual([heard, reported], [[1], ["mine", "mine"]]);
});

test("choosing tells once, and only what the market has", () => {
  const heard = [];
  page.setInstruments({ AAPL: {}, MSFT: {} }, "one");
  page.onSymbol((symbol) => heard.push(symbol));
  page.choose("MSFT");
  page.choose("MSFT");
  page.choose("NONE");
  assert.deepEqual(heard, ["MSFT"]);
  assert.equal(stored("symbol", null), "MSFT");
});

test("another market keeps the symbol if it can and says that it is another", () => {
  const heard = [];
  page.onInstruments((instruments, isOther) => heard.push([Object.keys(instruments), isOther]));
  page.setInstruments({ AMZN: {} }, "two");
  assert.equal(page.symbol, "AMZN");
  assert.deepEqual(heard, [[["AMZN"], true]]);
});

test("panels speak through the page", () => {
  const heard = [];
  const leave = page.on("price-chosen", (data) => heard.push(data));
  page.emit("price-chosen", 1);
  leave();
  page.emit("price-chosen", 2);
  assert.deepEqual(heard, [1]);
});
