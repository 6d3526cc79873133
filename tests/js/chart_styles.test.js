"use strict";
const test = require("node:test");
const assert = require("node:assert/strict");
const S = require("../../assets/chart_styles.js");
const D = require("../../assets/chart_drawings.js");
const { wordsOf, setOf } = require("../../assets/chart_strip.js");

const line = { id: "a", kind: "line", points: [{ at: 1, price: 2 }] };

test("what is as usual is not kept, and what is chosen comes back", () => {
  const styled = S.styled(S.styled(line, { color: "red", width: "thick" }), { stroke: "dotted", width: "thin" });
  assert.deepEqual(styled, { ...line, style: { color: "red", stroke: "dotted" } });
  assert.deepEqual(S.styleOf(styled), { color: "red", stroke: "dotted", width: "thin" });
  assert.deepEqual(S.styled(styled, S.USUAL), line);
  assert.deepEqual(D.sound(JSON.parse(JSON.stringify({ ...styled, isLocked: true }))), { ...styled, isLocked: true });
});

test("a look that this version does not know is the usual one, and a note has a colour alone", () => {
  for (const style of [null, 7, "red", { color: "__proto__", stroke: 3, width: {} }, { color: "toString" }]) assert.deepEqual(D.sound({ ...line, style, isLocked: 1 }), line);
  const note = { ...line, kind: "note", text: "why" };
  assert.deepEqual(S.styled(note, { color: "blue", stroke: "dashed", width: "thick" }).style, { color: "blue" });
  assert.deepEqual([S.told(S.styled(note, { color: "blue" })), S.told(S.styled(line, { width: "medium" }))], ["Blue", "Violet, solid, medium"]);
});

test("the strip says the next step of a tool, else which drawing is chosen, and keeps its buttons while that is the same", () => {
  assert.equal(wordsOf({ tool: "fib", draft: null }, line), "Fibonacci retracement: press where the move began");
  assert.equal(wordsOf({ tool: "fib", draft: {} }, null), "Fibonacci retracement: press where the move ended");
  assert.deepEqual([wordsOf({ tool: null }, line), wordsOf({ tool: null }, null), setOf({ tool: null }, null)], ["Horizontal line", "", ""]);
  assert.equal(setOf({ tool: null }, line), setOf({ tool: null }, S.styled(line, { color: "red" })));
});
