const test = require("node:test");
const assert = require("node:assert");
const { makeKeys, comboOf, shown } = require("../../assets/keys.js");

const field = { tagName: "INPUT", type: "text", closest: () => null };
const buttonLike = { tagName: "BUTTON", closest: (selector) => (selector.includes("button") ? {} : null) };
const body = { tagName: "BODY", closest: () => null };

test("a combination is named alike however the keyboard makes it", () => {
  assert.equal(comboOf({ key: "X", shiftKey: true }), "shift+x");
  assert.equal(comboOf({ key: "?", shiftKey: true }), "?");
  assert.equal(comboOf({ key: " " }), "space");
  assert.equal(comboOf({ key: "ArrowUp", altKey: true }), "alt+up");
  assert.equal(comboOf({ key: "Escape" }), "esc");
  assert.equal(comboOf({ key: "c", metaKey: true }), "ctrl+c");
  assert.equal(comboOf({ key: "†", code: "KeyT", altKey: true }), "alt+t");
  assert.equal(comboOf({ key: "Dead", code: "KeyN", altKey: true }), "alt+n");
  assert.equal(comboOf({ key: "z", code: "KeyW", altKey: true }), "alt+z");
});

test("typing in a field is never a command, unless the key asks for it", () => {
  const keys = makeKeys();
  const pressed = [];
  keys.add("b", "Buy", () => pressed.push("b"));
  keys.add("esc", "Leave", () => pressed.push("esc"), { typing: true });
  keys.press({ key: "b", target: field });
  keys.press({ key: "Escape", target: field });
  keys.press({ key: "b", target: body });
  assert.deepEqual(pressed, ["esc", "b"]);
});

test("space and enter belong to the control in focus", () => {
  const keys = makeKeys();
  const pressed = [];
  keys.add("space", "Play", () => pressed.push("play"));
  keys.press({ key: " ", target: buttonLike });
  assert.deepEqual(pressed, []);
  keys.press({ key: " ", target: body });
  assert.deepEqual(pressed, ["play"]);
});

test("the newest entry is asked first and may pass a key on", () => {
  const keys = makeKeys();
  const pressed = [];
  keys.add("esc", "Old", () => pressed.push("old"));
  const drop = keys.add("esc", "New", () => (pressed.push("new"), false));
  keys.press({ key: "Escape", target: body });
  drop();
  keys.press({ key: "Escape", target: body });
  assert.deepEqual(pressed, ["new", "old", "old"]);
});

test("a handled event is left alone, as is a key whose time has not come", () => {
  const keys = makeKeys();
  keys.add("f", "Flatten", () => assert.fail("must not run"), { when: () => false });
  assert.equal(keys.press({ key: "f", target: body }), false);
  keys.add("g", "Go", () => assert.fail("must not run"));
  assert.equal(keys.press({ key: "g", target: body, defaultPrevented: true }), false);
});

test("what a panel takes by itself is listed and left to it", () => {
  const keys = makeKeys();
  const pressed = [];
  keys.add("x", "Cancel", () => pressed.push("x"), { group: "Orders" });
  keys.tell("Ladder", [["x", "Cancel at the cursor"], ["up down", "The cursor"]]);
  assert.equal(keys.press({ key: "x", target: body }), true);
  assert.equal(keys.press({ key: "ArrowUp", target: body }), false);
  assert.deepEqual(pressed, ["x"]);
  assert.deepEqual(keys.list()[1], ["Ladder", [[["x"], "Cancel at the cursor"], [["up", "down"], "The cursor"]]]);
});

test("the list groups keys and joins those that do the same", () => {
  const keys = makeKeys();
  keys.add("1", "Timeframe", () => {}, { group: "Chart" });
  keys.add("2", "Timeframe", () => {}, { group: "Chart" });
  keys.add("esc", "", () => {}, { hidden: true });
  assert.deepEqual(keys.list(), [["Chart", [[["1", "2"], "Timeframe"]]]]);
  assert.deepEqual(shown("shift+x"), ["Shift", "X"]);
  assert.deepEqual(shown("+"), ["+"]);
});
