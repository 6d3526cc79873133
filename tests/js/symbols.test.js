const test = require("node:test");
const assert = require("node:assert");
const { beyond, nameOf } = require("../../assets/symbols.js");

const market = { "BTC/USD": { name: "Bitcoin" } };
const found = { text: "sol", rows: [{ symbol: "SOL/USD", name: "Solana" }, { symbol: "BTC/USD", name: "Bitcoin" }] };

test("what a provider found and is not in the market comes first, then what was typed", () => {
  assert.deepEqual(beyond(" sol ", found, market), ["SOL/USD", "SOL"]);
  assert.deepEqual(beyond("SOL/USD", { ...found, text: "SOL/USD" }, market), ["SOL/USD"]);
});

test("an answer to something else is no answer", () => {
  assert.deepEqual(beyond("eth", found, market), ["ETH"]);
});

test("what is there already, or is not written like a symbol, is not asked for", () => {
  assert.deepEqual(beyond("btc/usd", found, market), []);
  assert.deepEqual(beyond("two words", found, market), []);
  assert.deepEqual(beyond("", found, market), []);
});

test("beside a symbol stands its name, and that it is added", () => {
  assert.equal(nameOf("BTC/USD", found, market), "Bitcoin");
  assert.equal(nameOf("SOL/USD", found, market), "Solana · adds it");
  assert.equal(nameOf("SOL", found, market), "Ask for it and add it");
});
