"use strict";
const assert = require("node:assert/strict");
const { test } = require("node:test");
const { needsRow } = require("../../assets/chart_head.js");

test("timeframes that do not fit have a row of their own, and leave it only with room to spare", () => {
  assert.equal(needsRow(213, 171, false), true);
  assert.equal(needsRow(213, 213, false), false);
  assert.equal(needsRow(213, 219, true), true);
  assert.equal(needsRow(213, 240, true), false);
});
