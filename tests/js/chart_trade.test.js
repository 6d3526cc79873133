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
