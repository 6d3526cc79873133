const test = require("node:test");
const assert = require("node:assert");
const { makeBoundary, panelFromStack, isHarmless, sentence } = require("../../assets/boundary.js");

function rig() {
  const seen = [];
  const boundary = makeBoundary({
    show: (panel, error) => seen.push(["show", panel, error.message]),
    clear: (panel) => seen.push(["clear", panel]),
    note: (panel, text) => seen.push(["note", panel, text]),
    repaint: (panel) => seen.push(["repaint", panel]),
    now: () => 7,
  });
  return { boundary, seen };
}

test("an error is shown once and counted every time", () => {
  const { boundary, seen } = rig();
  const paint = boundary.guard("tape", () => {
    throw new Error("no data");
  });
  paint();
  paint();
  assert.deepEqual(seen, [["show", "tape", "no data"]]);
  assert.equal(boundary.counts.tape, 2);
  assert.equal(boundary.isFailed("tape"), true);
  assert.equal(boundary.isFailed("ladder"), false);
});

test("a guarded function keeps its answer and its arguments", () => {
  const { boundary } = rig();
  assert.equal(boundary.guard("tape", (one, other) => one + other)(2, 3), 5);
});

test("a promise that is refused fails the panel", async () => {
  const { boundary } = rig();
  await boundary.guard("ticket", async () => {
    throw new Error("late");
  })();
  assert.equal(boundary.failure("ticket").message, "late");
});

test("retry clears, runs what was left for it, and paints again", () => {
  const { boundary, seen } = rig();
  let again = 0;
  boundary.onRetry("chart", () => (again += 1));
  boundary.fail("chart", new Error("lost"));
  boundary.retry("chart");
  assert.equal(again, 1);
  assert.deepEqual(seen.slice(1), [["clear", "chart"], ["repaint", "chart"]]);
  assert.equal(boundary.isFailed("chart"), false);
});

test("a retry that fails again is shown again", () => {
  const { boundary, seen } = rig();
  boundary.onRetry("chart", () => {
    throw new Error("still lost");
  });
  boundary.fail("chart", new Error("lost"));
  boundary.retry("chart");
  assert.deepEqual(seen.at(-1), ["show", "chart", "still lost"]);
});

test("break makes exactly the next painting throw", () => {
  const { boundary } = rig();
  const handler = boundary.guard("depth", () => "handled");
  const paint = boundary.guard("depth", () => "painted", true);
  boundary.break("depth");
  assert.equal(handler(), "handled");
  assert.equal(paint(), undefined);
  assert.equal(boundary.isFailed("depth"), true);
  boundary.retry("depth");
  assert.equal(paint(), "painted");
});

test("the log is bounded", () => {
  const { boundary } = rig();
  for (let at = 0; at < 50; at += 1) boundary.record("page", new Error("n" + at));
  assert.equal(boundary.log.length, 20);
  assert.equal(boundary.log.at(-1).message, "n49");
});

test("a stray error belongs to the panel whose script is highest in the stack", () => {
  const stack = "Error: x\n at f (http://h/assets/format.js:1:1)\n at g (http://h/assets/tape.js?m=1:2:2)\n at h (http://h/assets/chart.js:1:1)";
  assert.equal(panelFromStack(stack, ["chart", "tape"]), "tape");
  assert.equal(panelFromStack(stack, ["ladder"]), null);
  assert.equal(panelFromStack("at x (http://h/assets/chart_axes.js:3:1)", ["chart"]), "chart");
});

test("what browsers say of themselves breaks nothing", () => {
  assert.equal(isHarmless(new Error("ResizeObserver loop completed with undelivered notifications.")), true);
  assert.equal(isHarmless(new Error("boom")), false);
  assert.equal(sentence("Tape", new Error("no\n data")), "Tape stopped: no data.");
});
