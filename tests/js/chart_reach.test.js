"use strict";
const test = require("node:test");
const assert = require("node:assert/strict");
const { reach } = require("../../assets/chart_reach.js");

const FRAME = { low: 100, high: 200 };
const line = (id, ticks, group) => ({ id, ticks, group });

test("nothing is taken in while nothing is set up", () => {
  const it = reach();
  assert.equal(it.follow([line("a", 900, "g")]), false);
  assert.deepEqual(it.taken([line("a", 900, "g")]), []);
});

test("a bracket in the ticket is taken in, and stays in sight when it was sent, until the scale is fitted", () => {
  const it = reach();
  it.follow([line("old", 50)]);
  assert.equal(it.setUp([line("draft-profit", 300, "draft")], FRAME), true);
  assert.equal(it.setUp([line("draft-profit", 150, "draft")], FRAME), false);
  assert.deepEqual(it.taken([line("old", 50)]), [150]);
  const listed = [line("old", 50), line("p", 300, "g"), line("l", 20, "g")];
  assert.equal(it.follow(listed), true);
  assert.equal(it.setUp([], FRAME), true);
  assert.deepEqual(it.taken(listed), [300, 20]);
  it.forget();
  assert.deepEqual(it.taken(listed), []);
});

test("what has left is forgotten", () => {
  const it = reach();
  it.setUp([line("draft-profit", 300, "draft")], FRAME);
  it.follow([line("p", 300, "g")]);
  it.setUp([], FRAME);
  assert.equal(it.isHolding(), true);
  it.follow([]);
  assert.equal(it.isHolding(), false);
});

test("a line in the hand takes its group in and the scale does not shrink before it is let go", () => {
  const it = reach();
  const listed = [line("p", 300, "g"), line("l", 20, "g"), line("x", 900)];
  const drag = (to, moved = true) => it.carry({ id: "p", group: "g", to, moved }, FRAME);
  assert.equal(drag(150, false), false);
  assert.equal(drag(150), true);
  assert.equal(drag(160), false);
  assert.equal(drag(210), true);
  drag(180);
  assert.deepEqual(it.taken(listed), [300, 20, 150, 210]);
  it.keep({ id: "p", group: "g" });
  assert.equal(it.letGo(), true);
  assert.deepEqual(it.taken(listed), [300, 20]);
});
