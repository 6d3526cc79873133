const { test } = require("node:test");
const assert = require("node:assert/strict");
const { about } = require("../../assets/market_clock.js");

test("only the simulated market's clock is the person's, and the menu says why", () => {
  assert.match(about({ source: "simulated", playing: true }), /^Stop it, and orders wait/);
  assert.match(about({ source: "simulated", playing: false }), /^It stands: orders are taken and kept/);
  assert.match(about({ source: "replay" }), /bar below the chart/);
  for (const source of ["live", "delayed", "stale"]) assert.match(about({ source }), /the world's/);
});
