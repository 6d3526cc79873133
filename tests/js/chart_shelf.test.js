"use strict";
const test = require("node:test");
const assert = require("node:assert/strict");
require("../../assets/format.js");
require("../../assets/chart_styles.js");
require("../../assets/chart_drawings.js");
const { shelf: makeShelf } = require("../../assets/chart_shelf.js");

const KEY = "drawings:AAPL";
const line = (id, price = 1) => ({ id, kind: "line", points: [{ at: 1, price }] });

// A browser with one store and two windows on the same symbol.
function browser(kept) {
  const store = new Map(kept ? [[KEY, JSON.stringify(kept)]] : []);
  const page = {
    stored: (key, otherwise) => (store.has(key) ? JSON.parse(store.get(key)) : otherwise),
    store: (key, value) => (value === null ? store.delete(key) : store.set(key, JSON.stringify(value)), true),
  };
  const window = () => makeShelf(page, () => {}, () => {});
  const [one, two] = [window(), window()];
  for (const each of [one, two]) each.open("AAPL");
  const ids = () => (page.stored(KEY, []) || []).map((each) => each.id);
  return { one, two, store, page, ids };
}

const shown = (window) => window.state.drawings.map((each) => each.id);

test("what another window drew stays when this one, which has not heard of it, draws", () => {
  const { one, two, ids } = browser();
  one.add(line("a1"));
  one.add(line("a2"));
  two.add(line("b1"));
  assert.deepEqual([ids(), shown(two)], [["a1", "a2", "b1"], ["a1", "a2", "b1"]]);
  two.remove("a1");
  one.replace(line("a2", 9));
  assert.deepEqual(ids(), ["a2", "b1"]);
  one.replace(line("a1", 9));
  assert.deepEqual(ids(), ["a2", "b1"]);
});

test("a step back is this window's own, also after it heard of the other", () => {
  const { one, two, ids } = browser();
  one.add(line("a"));
  two.add(line("b"));
  one.heard(`tradesim:${KEY}`);
  assert.deepEqual(shown(one), ["a", "b"]);
  assert.equal(one.undo(), true);
  assert.deepEqual(ids(), ["b"]);
  assert.equal(one.redo(), true);
  assert.deepEqual(ids(), ["a", "b"]);
  assert.equal(two.undo(), true);
  assert.deepEqual(ids(), ["a"]);
});

test("a change to what another window removed is not done again", () => {
  const { one, two, ids } = browser([line("a")]);
  one.replace(line("a", 2));
  two.remove("a");
  one.undo();
  assert.deepEqual(ids(), []);
  two.undo();
  assert.deepEqual(ids(), ["a"]);
});

test("what was removed comes back in its place", () => {
  const { one, ids } = browser([line("a"), line("b"), line("c")]);
  one.remove("b");
  one.undo();
  assert.deepEqual(ids(), ["a", "b", "c"]);
  assert.equal(one.clear(), 3);
  one.undo();
  assert.deepEqual(ids(), ["a", "b", "c"]);
});

test("what this version cannot read is kept as it was", () => {
  const channel = { id: "new", kind: "channel", points: [1, 2] };
  const { one, page } = browser([channel, line("a")]);
  one.add(line("b"));
  assert.deepEqual(page.stored(KEY), [line("a"), line("b"), channel]);
  one.clear();
  assert.deepEqual(page.stored(KEY), [channel]);
});

test("a store that was emptied elsewhere shows nothing; another symbol's key is not heard", () => {
  const { one, store } = browser([line("a")]);
  store.clear();
  one.heard("tradesim:drawings:MSFT");
  assert.deepEqual(shown(one), ["a"]);
  one.heard(null);
  assert.deepEqual(shown(one), []);
});
