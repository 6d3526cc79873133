"use strict";
const assert = require("node:assert/strict");
const { test } = require("node:test");
const { deeds } = require("../../assets/closing.js");

test("a position is closed, halved or turned; a coin is never sold short", () => {
  const share = { lot: 1, cls: "us_equity" };
  assert.deepEqual(deeds("AAPL", 101, share), [
    ["Close at market", { do: "close", symbol: "AAPL" }],
    ["Close 50 %", { do: "close", symbol: "AAPL", qty: "50" }],
    ["Reverse to short", { do: "submit", symbol: "AAPL", side: "sell", type: "market", tif: "day", qty: "202" }],
  ]);
  assert.deepEqual(deeds("AAPL", -1, share).map(([words]) => words), ["Close at market", "Reverse to long"]);
  assert.deepEqual(deeds("BTC/USD", 0.5, { lot: 0.0001, cls: "crypto" }).map(([words, { qty }]) => [words, qty]), [["Close at market", undefined], ["Close 50 %", "0.25"]]);
  assert.deepEqual(deeds("GONE", 5, undefined), [["Close at market", { do: "close", symbol: "GONE" }]]);
});
