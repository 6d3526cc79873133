const { test } = require("node:test");
const assert = require("node:assert/strict");
const { isDue } = require("../../assets/welcome.js");

test("the first visit is greeted in the simulated market, until it is put away", () => {
  assert.equal(isDue(false, false, "simulated"), true);
  for (const [isWelcomed, isSolo, source] of [[true, false, "simulated"], [false, true, "simulated"], [false, false, "live"], [false, false, undefined]]) assert.equal(isDue(isWelcomed, isSolo, source), false);
});
