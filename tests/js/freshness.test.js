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
});

test("while the line is mute the age grows by the reader's time", () => {
  assert.equal(freshness.dataAge(10_000, { A: { ts: 9_900 } }, 1, {}, 4_000), 4_100);
  assert.equal(freshness.dataAge(10_000, { A: { ts: 9_000 } }, 10, {}, 4_000), 4_100);
  assert.equal(freshness.dataAge(10_000, {}, 1, {}, 4_000), null);
});

test("how old is too old follows the market", () => {
  const after = (gaps) => freshness.tooOld(gaps.reduce(freshness.usualGap, null));
  assert.equal(after([]), 10_000);
  assert.equal(after(Array(50).fill(60)), 2_500);
  assert.equal(after(Array(200).fill(400)), 8_000);
  assert.equal(after(Array(200).fill(60_000)), 30_000);
});

test("a pause is soon forgotten", () => {
  const usual = [...Array(100).fill(50), 3_600_000, ...Array(40).fill(50)].reduce(freshness.usualGap, null);
  assert.equal(freshness.tooOld(usual), 2_500);
});
