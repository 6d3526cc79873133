"use strict";
const test = require("node:test");
const assert = require("node:assert/strict");
const freshness = require("../../assets/freshness.js");

test("data is as old as its newest instrument, in the reader's time", () => {
  assert.equal(freshness.dataAge(10_000, { A: { ts: 4000 }, B: { ts: 9980 } }, 1), 20);
  assert.equal(freshness.dataAge(10_000, { A: { ts: 0 + 5000 } }, 10), 500);
  assert.equal(freshness.dataAge(10_000, {}, 1), null);
  assert.equal(freshness.dataAge(10_000, { A: { ts: 9_900 }, B: { ts: 9_900 } }, 1, { A: { qo: 4_000 }, B: { qo: 2_000 } }), 6_000);
  assert.equal(freshness.dataAge(10_000, { A: { ts: 10_050 } }, 1), 0);
  assert.equal(freshness.dataAge(10_000, { A: { ts: 9_990 } }, 1, { A: { qa: 4_000, k: "resync" } }), 6_000);
});

test("while the line is mute the age grows by the reader's time", () => {
  assert.equal(freshness.dataAge(10_000, { A: { ts: 9_900 } }, 1, {}, 4_000), 4_100);
  assert.equal(freshness.dataAge(10_000, { A: { ts: 9_000 } }, 10, {}, 4_000), 4_100);
  assert.equal(freshness.dataAge(10_000, {}, 1, {}, 4_000), null);
});

test("from when on a market is quiet follows how often it speaks", () => {
  const after = (gaps) => freshness.quietFrom(gaps.reduce(freshness.usualGap, null));
  assert.equal(after([]), 10_000);
  assert.equal(after(Array(50).fill(60)), 2_500);
  assert.equal(after(Array(200).fill(400)), 8_000);
  assert.equal(after(Array(200).fill(60_000)), 30_000);
});

test("a pause is soon forgotten", () => {
  const usual = [...Array(100).fill(50), 3_600_000, ...Array(40).fill(50)].reduce(freshness.usualGap, null);
  assert.equal(freshness.quietFrom(usual), 2_500);
});

test("too old is what the desk's own limits say, by when it heard, of a closed market never", () => {
  assert.equal(freshness.isOverdue(0, {}, 30_001), true);
  assert.equal(freshness.isOverdue(0, {}, null), false);
  const [old, young, closed] = [{ qa: 0, max: 30 }, { qa: 0, qo: -900_000, max: 60 }, { qa: 0, max: null }];
  assert.equal(freshness.isOverdue(31_000, { old }, 31_000), true);
  assert.equal(freshness.isOverdue(31_000, { old, young }, 31_000), false);
  assert.equal(freshness.isOverdue(90_000, { old, closed }, 90_000), false);
});
