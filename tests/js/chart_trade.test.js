"use strict";
const assert = require("node:assert/strict");
const { test } = require("node:test");
const { offers } = require("../../assets/chart_trade.js");

test("above the market a stop buys and a bracket sells; below it is the other way round", () => {
  const above = offers(23100, 23000, "231.00", "231.00");
  assert.deepEqual(above.map(([words]) => words), ["Buy limit at 231.00", "Sell limit at 231.00", "Buy stop at 231.00", "Bracket from 231.00: sell, with both exits"]);
  assert.deepEqual(above[2][1], { side: "buy", stop: "231.00" });
  assert.deepEqual(above[3][1], { side: "sell", price: "231.00", isBracket: true });
  const below = offers(22900, 23000, "229.00", "229.00");
  assert.deepEqual([below[2][1].side, below[3][1].side], ["sell", "buy"]);
});

test("a position is closed, halved or turned; a coin is never sold short", () => {
  const { deeds } = require("../../assets/chart_trade.js");
  const share = { lot: 1, cls: "us_equity" };
  assert.deepEqual(deeds("AAPL", 101, share), [
    ["Close at market", { do: "close", symbol: "AAPL" }],
    ["Close 50 %", { do: "close", symbol: "AAPL", qty: "50" }],
    ["Reverse to short", { do: "submit", symbol: "AAPL", side: "sell", type: "market", tif: "day", qty: "202" }],
  ]);
  assert.deepEqual(deeds("AAPL", -1, share).map(([words]) => words), ["Close at market", "Reverse to long"]);
  assert.deepEqual(deeds("BTC/USD", 0.5, { lot: 0.0001, cls: "crypto" }).map(([words, { qty }]) => [words, qty]), [["Close at market", undefined], ["Close 50 %", "0.25"]]);
});
