"use strict";
const test = require("node:test");
const assert = require("node:assert/strict");
const { viewOf, KEYS } = require("../../assets/views.js");
const { seenPanels } = require("../../assets/shell.js");

test("an address opens the view that it names, and the desk otherwise", () => {
  const known = Object.keys(KEYS);
  assert.equal(viewOf("#journal", known), "journal");
  for (const hash of ["", "#", "#nonsense", undefined]) assert.equal(viewOf(hash, known), "desk");
});

test("behind another view nothing of the floor is painted", () => {
  const seen = seenPanels({ page: "journal", tab: "ladder", lower: "depth" });
  assert.ok(seen.has("journal") && seen.has("header") && !seen.has("chart") && !seen.has("ladder"));
});
