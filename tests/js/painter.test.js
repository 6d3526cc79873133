const test = require("node:test");
const assert = require("node:assert");
const { makePainter } = require("../../assets/painter.js");

function rig() {
  const frames = [];
  const failed = new Set();
  const painter = makePainter({ request: (frame) => frames.push(frame), guard: (_panel, paint) => paint, isFailed: (panel) => failed.has(panel), now: () => 0 });
  const run = () => frames.splice(0).forEach((frame) => frame());
  return { painter, run, failed, frames };
}

test("many dirty marks make one frame and one painting", () => {
  const { painter, run, frames } = rig();
  let painted = 0;
  painter.add("ladder", () => (painted += 1));
  for (let at = 0; at < 100; at += 1) painter.dirty("ladder");
  assert.equal(frames.length, 1);
  run();
  assert.equal(painted, 1);
  assert.equal(frames.length, 0);
});

test("a hidden panel is not painted, and is painted once when it is shown", () => {
  const { painter, run, frames } = rig();
  let painted = 0;
  painter.add("tape", () => (painted += 1));
  run();
  painter.hide("tape");
  painter.dirty("tape");
  painter.dirty("tape");
  assert.equal(frames.length, 0);
  painter.show("tape");
  run();
  assert.equal(painted, 2);
});

test("a failed panel waits and its neighbours go on", () => {
  const { painter, run, failed } = rig();
  const painted = [];
  painter.add("chart", () => painted.push("chart"));
  painter.add("tape", () => painted.push("tape"));
  failed.add("chart");
  run();
  assert.deepEqual(painted, ["tape"]);
  failed.clear();
  painter.dirtyPanel("chart");
  run();
  assert.deepEqual(painted, ["tape", "chart"]);
});

test("parts of a panel are painted apart and hidden together", () => {
  const { painter, run } = rig();
  const painted = [];
  painter.add("chart:history", () => painted.push("history"));
  painter.add("chart:live", () => painted.push("live"));
  run();
  painter.dirty("chart:live");
  run();
  painter.hide("chart");
  painter.dirty("chart:live");
  run();
  assert.deepEqual(painted, ["history", "live", "live"]);
});

test("asleep nothing is painted; awake everything is, once", () => {
  const { painter, run, frames } = rig();
  let painted = 0;
  painter.add("ladder", () => (painted += 1));
  run();
  painter.sleep();
  painter.dirty("ladder");
  assert.equal(frames.length, 0);
  painter.wake();
  run();
  assert.equal(painted, 2);
});

test("what becomes dirty while painting is painted in the next frame", () => {
  const { painter, run } = rig();
  const painted = [];
  painter.add("a", () => painted.push("a") === 1 && painter.dirty("a"));
  run();
  assert.deepEqual(painted, ["a"]);
  run();
  assert.deepEqual(painted, ["a", "a"]);
});
