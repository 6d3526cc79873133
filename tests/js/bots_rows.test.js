const test = require("node:test");
const assert = require("node:assert");
const rows = require("../../assets/bots_rows.js");

test("a bot that ended with a code failed; one that was stopped did not", () => {
  assert.deepEqual(rows.stateOf({ state: "running", code: null }), { text: "running", tone: "on" });
  assert.deepEqual(rows.stateOf({ state: "ended", code: 1 }), { text: "failed", tone: "bad" });
  assert.deepEqual(rows.stateOf({ state: "ended", code: 0 }), { text: "ended", tone: "off" });
  assert.deepEqual(rows.stateOf({ state: "stopped", code: 143 }), { text: "stopped", tone: "off" });
  assert.equal(rows.stateOf({ state: "timed_out", code: 124 }).text, "time was up");
});

test("spans are short", () => {
  assert.deepEqual([0, 8.9, 65, 3_729, 90_000].map(rows.span), ["0 s", "8 s", "1:05", "1:02:09", "1 d 1 h"]);
  assert.equal(rows.left({ state: "running", left_s: null }), "no limit");
  assert.equal(rows.left({ state: "running", left_s: 12 }), "12 s");
  assert.equal(rows.left({ state: "ended", left_s: null }), "–");
});

test("who sent orders is named, with or without a key", () => {
  assert.equal(rows.keyText({ key: "PK1", source: "alpaca:PK1" }), "PK1");
  assert.equal(rows.keyText({ key: "", source: "api" }), "/sim/v1, no key");
  assert.equal(rows.keyText({ key: "", source: "alpaca:" }), "a token");
});

test("what the guard says is told in words", () => {
  assert.deepEqual(["", "throttled", "reducing", "halted"].map((standing) => rows.standingText({ standing })), ["lets it through", "Told to wait", "Only closing", "Halted"]);
});

test("numbers are as exact as they can be read", () => {
  assert.deepEqual([0, 0.3, 12.34].map(rows.rateText), ["0.0", "0.3", "12"]);
  assert.deepEqual([null, 0, 143].map(rows.codeText), ["–", "0", "143"]);
});

test("a dropped file that cannot be a bot is refused before it is read", () => {
  assert.equal(rows.fileRefusal({ name: "my_bot.py", size: 100 }), "");
  assert.match(rows.fileRefusal({ name: "my bot.txt", size: 100 }), /wanted a Python file/);
  assert.match(rows.fileRefusal({ name: "a.py", size: 0 }), /wanted up to 512 KB/);
  assert.match(rows.fileRefusal({ name: "a.py", size: 600_000 }), /was 600,000 bytes/);
});
