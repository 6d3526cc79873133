const test = require("node:test");
const assert = require("node:assert");
const { clampedSize, sizeByKey, seenPanels, nextTab, coveredPx } = require("../../assets/shell.js");

const wide = { solo: null, max: null, isNarrow: false, sheet: null, isStacked: false, tab: "ladder", lower: "depth", isPhone: false, dock: "blotter" };

test("an edge stops at its least, its most, and where the neighbour has no more room", () => {
  assert.equal(clampedSize("west", 10, 900), 150);
  assert.equal(clampedSize("west", 900, 900), 420);
  assert.equal(clampedSize("west", 400, 300), 300);
});

test("arrow keys move an edge the way they point", () => {
  assert.equal(sizeByKey("ArrowRight", false, 200, "west"), 208);
  assert.equal(sizeByKey("ArrowRight", true, 280, "east"), 248);
  assert.equal(sizeByKey("ArrowUp", false, 232, "dock"), 240);
  assert.equal(sizeByKey("ArrowUp", false, 232, "west"), null);
  assert.equal(sizeByKey("Home", false, 232, "west"), 150);
});

test("the chosen tab alone is seen, the ladder and one more when stacked", () => {
  const seen = seenPanels(wide);
  assert.deepEqual([seen.has("ladder"), seen.has("depth"), seen.has("tape")], [true, false, false]);
  const stacked = seenPanels({ ...wide, isStacked: true, tab: "tape" });
  assert.deepEqual([stacked.has("ladder"), stacked.has("depth"), stacked.has("tape")], [true, true, false]);
});

test("a narrow screen shows the chart and the open sheet", () => {
  const closed = seenPanels({ ...wide, isNarrow: true });
  assert.deepEqual([...closed].sort(), ["chart", "header", "replay"]);
  const orders = seenPanels({ ...wide, isNarrow: true, sheet: "dock" });
  assert.equal(orders.has("blotter") && orders.has("why"), true);
  const phone = { ...wide, isNarrow: true, isPhone: true, sheet: "dock" };
  assert.deepEqual([seenPanels(phone).has("blotter"), seenPanels(phone).has("why")], [true, false]);
  assert.deepEqual([seenPanels({ ...phone, dock: "why" }).has("blotter"), seenPanels({ ...phone, dock: "why" }).has("why")], [false, true]);
  const ladder = seenPanels({ ...wide, isNarrow: true, sheet: "middle", tab: "tape" });
  assert.deepEqual([ladder.has("tape"), ladder.has("ladder")], [true, false]);
});

test("a panel alone hides all but the header", () => {
  assert.deepEqual([...seenPanels({ ...wide, solo: "chart" })], ["header", "chart"]);
  assert.deepEqual([...seenPanels({ ...wide, max: "blotter" })], ["header", "blotter"]);
});

test("arrows walk round the tabs", () => {
  const tabs = ["ladder", "depth", "tape"];
  assert.equal(nextTab("ArrowRight", tabs, "tape"), "ladder");
  assert.equal(nextTab("ArrowLeft", tabs, "ladder"), "tape");
  assert.equal(nextTab("End", tabs, "ladder"), "tape");
  assert.equal(nextTab("x", tabs, "ladder"), null);
});

test("the keyboard covers what it leaves of the window, a page that was zoomed into is not covered", () => {
  assert.equal(coveredPx(844, { height: 508, scale: 1 }), 336);
  assert.equal(coveredPx(844, { height: 800, scale: 1 }), 0);
  assert.equal(coveredPx(844, { height: 422, scale: 2 }), 0);
});
