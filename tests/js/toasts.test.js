const test = require("node:test");
const assert = require("node:assert");
const toasts = require("../../assets/toasts.js");

const bad = (text) => ({ kind: "bad", text });
const good = (text) => ({ kind: "good", text });

test("an error stays until it is dismissed, the rest leaves by itself", () => {
  assert.equal(toasts.lifeOf("bad"), null);
  assert.ok(toasts.lifeOf("good") > 0 && toasts.lifeOf("warn") > toasts.lifeOf("info"));
});

test("messages stand over the plot, over a sheet at the top, else below the view", () => {
  const wide = { page: "desk", solo: null, max: null, isPhone: false, isCovered: false };
  assert.equal(toasts.placeOf(wide), "plot");
  assert.equal(toasts.placeOf({ ...wide, max: "chart" }), "plot");
  assert.equal(toasts.placeOf({ ...wide, isPhone: true }), "plot");
  assert.equal(toasts.placeOf({ ...wide, isPhone: true, isCovered: true }), "sheet");
  assert.equal(toasts.placeOf({ ...wide, isCovered: true }), "foot");
  assert.equal(toasts.placeOf({ ...wide, isPhone: true, isCovered: true, isTyping: true }), "head");
  assert.equal(toasts.placeOf({ ...wide, max: "blotter" }), "foot");
  assert.equal(toasts.placeOf({ ...wide, solo: "ladder" }), "foot");
  assert.equal(toasts.placeOf({ ...wide, page: "risk" }), "foot");
});

test("over the plot they stand beside the tags of own lines, whose crosses cancel", () => {
  assert.deepEqual(toasts.laneOf(556, 0), { left: 98, width: 360 });
  assert.deepEqual(toasts.laneOf(556, 145), { left: 153, width: 360 });
  assert.deepEqual(toasts.laneOf(556, 200), { left: 208, width: 336 });
  assert.deepEqual(toasts.laneOf(322, 145), { left: 12, width: 298 });
});

test("what says the same again replaces what it said, and errors outlive the others", () => {
  assert.deepEqual(toasts.keptWith([bad("a"), good("b")], bad("a")).map((each) => each.text), ["b", "a"]);
  const many = [bad("first"), ...Array.from({ length: 19 }, (_none, at) => good(String(at)))];
  const kept = toasts.keptWith(many, bad("last"));
  assert.equal(kept.length, 20);
  assert.deepEqual([kept[0].text, kept[1].text, kept[19].text], ["first", "1", "last"]);
});

test("of many messages the errors are seen first, in the order in which they came", () => {
  const seen = toasts.seenOf([bad("a"), good("b"), good("c"), bad("d"), good("e")]);
  assert.deepEqual(seen.map((each) => each.text), ["a", "d", "e"]);
  assert.deepEqual(toasts.seenOf([good("a"), good("b"), good("c"), good("d")]).map((each) => each.text), ["b", "c", "d"]);
  assert.deepEqual(toasts.seenOf([good("a"), bad("b"), good("c")], 1).map((each) => each.text), ["b"]);
});

test("only as many messages are seen as there is room for", () => {
  assert.equal(toasts.mostAt("plot", 600), 3);
  assert.equal(toasts.mostAt("plot", 150), 1);
  assert.equal(toasts.mostAt("sheet", 600), 1);
  assert.equal(toasts.mostAt("foot", 0), 3);
});
