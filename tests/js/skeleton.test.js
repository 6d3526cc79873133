const test = require("node:test");
const assert = require("node:assert");

const { built } = require("../../assets/skeleton.js");

const element = (type, props, ...children) => ({ type, props, children });

test("a piece is drawn as it was laid out", () => {
  const tree = { type: "p", props: { className: "a" }, children: ["of ", { type: "b", props: {}, children: [3] }, null] };
  assert.deepEqual(built(tree, element), element("p", { className: "a" }, "of ", element("b", {}, 3), null));
});

test("children are handed over one by one, so that none needs a key", () => {
  let given = 0;
  built({ type: "p", props: {}, children: ["a", "b"] }, (...all) => { given = all.length; });
  assert.equal(given, 4);
});
