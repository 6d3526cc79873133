"use strict";
const test = require("node:test");
const assert = require("node:assert/strict");
const tags = require("../../assets/chart_tags.js");

const ROOM = { left: 12, right: 600, top: 0, bottom: 400 };
const lines = (...ys) => ys.map((y, at) => ({ id: String(at), y, width: 90 }));
const boxes = (placed) => placed.filter((line) => line.x !== undefined).map((line) => ({ x0: line.x, x1: line.x + line.width, y0: line.tagY - 10, y1: line.tagY + 10 }));

function apart(placed) {
  const all = boxes(placed);
  for (const a of all) for (const b of all) if (a !== b) assert.ok(a.x1 <= b.x0 || b.x1 <= a.x0 || a.y1 <= b.y0 || b.y1 <= a.y0, JSON.stringify([a, b]));
}

test("what is apart stands at its price, what is near moves as little as it must", () => {
  assert.deepEqual(tags.stacked([50, 200], 22, 0, 400), [50, 200]);
  assert.deepEqual(tags.stacked([100, 100], 22, 0, 400), [89, 111]);
  assert.deepEqual(tags.stacked([5, 395], 22, 0, 400), [11, 389]);
});

test("ten orders at nearly one price are ten tags that can be read, each with its leader", () => {
  const placed = tags.place(lines(...Array.from({ length: 10 }, (_each, at) => 200 + at * 2)), ROOM);
  apart(placed);
  assert.ok(placed.every((line) => line.x === 12 && line.tagY >= 10 && line.tagY <= 390));
  assert.equal(placed.filter((line) => tags.leader(line)).length, 10);
  const [first] = placed;
  assert.deepEqual(tags.leader(first).at(-1), [first.x + first.width + 14, first.y]);
});

test("order of prices is order of tags", () => {
  const placed = tags.place(lines(220, 200, 210, 205, 230, 208), ROOM);
  const by = (key) => [...placed].sort((a, b) => a[key] - b[key]).map((line) => line.id);
  assert.deepEqual(by("tagY"), by("y"));
});

test("a single order stands at its price, without a leader", () => {
  const [line] = tags.place(lines(200), ROOM);
  assert.deepEqual([line.x, line.tagY, tags.leader(line)], [12, 200, null]);
});

test("more than a column holds goes to the next, more than the plot holds keeps its lines alone", () => {
  const low = { ...ROOM, bottom: 88 };
  const placed = tags.place(lines(...Array.from({ length: 8 }, (_each, at) => 40 + at)), low);
  apart(placed);
  assert.equal(new Set(placed.map((line) => line.x)).size, 2);
  const many = tags.place(lines(...Array.from({ length: 60 }, (_each, at) => at)), low);
  apart(many);
  assert.ok(many.some((line) => line.x === undefined));
});

test("tags keep clear of the words at the top and at the bottom", () => {
  const words = [{ x: 6, y: 20, width: 300, height: 20 }, { x: 6, y: 385, width: 90, height: 20 }];
  const placed = tags.place(lines(8, 30, 392), ROOM, words);
  apart(placed);
  assert.ok(placed.every((line) => line.tagY - 10 >= 30 && line.tagY + 10 <= 375));
});

test("labels on the scale make room for the last price and for each other, within the scale", () => {
  const kept = { top: 92, bottom: 122 };
  const all = tags.label(lines(100, 98, 104, 111), kept, 0, 400).map((line) => line.labelY).sort((a, b) => a - b);
  for (let i = 1; i < all.length; i += 1) assert.ok(all[i] - all[i - 1] >= 18);
  assert.ok(all.every((y) => y + 9 <= 92 || y - 9 >= 122));
  const many = tags.label(lines(...Array.from({ length: 40 }, (_each, at) => 100 + at)), null, 0, 400);
  assert.ok(many.every((line) => line.labelY === undefined || (line.labelY >= 9 && line.labelY <= 391)));
  assert.equal(many[0].labelY !== undefined, true);
});
