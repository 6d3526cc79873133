"use strict";
const test = require("node:test");
const assert = require("node:assert/strict");
const data = require("../../assets/chart_data.js");
require("../../assets/chart_paint.js");
require("../../assets/format.js");
require("../../assets/chart_styles.js");
require("../../assets/chart_drawings.js");
require("../../assets/chart_shapes.js");
require("../../assets/chart_shelf.js");
const { pencil: makePencil } = require("../../assets/chart_pencil.js");

const MINUTE = 60000;
const FRAME = { left: 0, top: 0, width: 400, height: 200, x0: 0, x1: 100, low: 22800, high: 23000 };

function bench(kept = {}) {
  const bars = data.series();
  data.merge(bars, Array.from({ length: 100 }, (_each, i) => [i * MINUTE, 22950, 22960, 22940, 22955, 1]));
  const said = [];
  const store = new Map(Object.entries(kept));
  const page = {
    isKept: true,
    stored: (key, otherwise) => (store.has(key) ? JSON.parse(store.get(key)) : otherwise),
    store(key, value) {
      if (value === null) store.delete(key);
      else store.set(key, JSON.stringify(value));
      return page.isKept;
    },
  };
  let ids = 0;
  const hooks = {
    page,
    say: (kind, text) => said.push(text),
    id: () => `d${(ids += 1)}`,
    price: String,
    textWidth: (text) => text.length * 6,
    place: () => ({ bars, seconds: 60, frame: FRAME, instrument: { tick: 0.01, pd: 2 } }),
    ask: (text, _point, then) => (hooks.asked = { text, then }),
    changed() {},
  };
  const pencil = makePencil(hooks);
  pencil.open("AAPL");
  const click = (x, y) => (pencil.press({ x, y }, {}), pencil.release({ x, y }));
  return { pencil, click, said, store, page, hooks, drawn: () => pencil.shelf.state.drawings, kept: () => JSON.parse(store.get("drawings:AAPL") || "[]") };
}

const drawTrend = ({ pencil, click }) => (pencil.arm("trend"), click(40, 100), pencil.follow({ x: 80, y: 50 }, {}), click(80, 50));

test("two presses draw a trend line, which is kept, chosen, and ends the tool", () => {
  const it = bench();
  drawTrend(it);
  assert.deepEqual(it.kept(), [{ id: "d1", kind: "trend", points: [{ at: 10 * MINUTE, price: 229 }, { at: 20 * MINUTE, price: 229.5 }] }]);
  assert.deepEqual([it.pencil.isArmed(), it.pencil.state.chosen], [false, "d1"]);
});

test("one press that is drawn out does the same; a press and a press at one place draw nothing", () => {
  const it = bench();
  it.pencil.arm("box");
  it.pencil.press({ x: 40, y: 100 }, {});
  it.pencil.follow({ x: 80, y: 50 }, {});
  it.pencil.release({ x: 80, y: 50 });
  assert.equal(it.drawn()[0].kind, "box");
  it.pencil.arm("trend");
  it.click(40, 100);
  it.click(40, 100);
  assert.equal(it.drawn().length, 1);
});

test("a ray is a trend line that goes on; a horizontal line needs one press", () => {
  const it = bench();
  it.pencil.arm("ray");
  it.click(40, 100);
  it.click(80, 50);
  it.pencil.arm("line");
  it.click(40, 100);
  assert.deepEqual(it.drawn().map((each) => [each.kind, Boolean(each.isRay), each.points.length]), [["trend", true, 2], ["line", false, 1]]);
  it.pencil.extend(it.drawn()[0]);
  assert.equal(it.drawn()[0].isRay, undefined);
});

test("a measure is kept nowhere and gone at the next press", () => {
  const it = bench();
  it.pencil.arm("measure");
  it.click(40, 100);
  it.click(80, 50);
  assert.deepEqual(it.drawn(), []);
  assert.ok(it.pencil.state.measure && !it.pencil.isArmed());
  it.pencil.unmeasure();
  assert.equal(it.pencil.shown(), null);
});

test("a note asks for its words, and without any there is none", () => {
  const it = bench();
  it.pencil.arm("note");
  it.click(40, 100);
  assert.deepEqual(it.drawn(), []);
  it.hooks.asked.then("support");
  assert.equal(it.drawn()[0].text, "support");
  it.pencil.edit(it.drawn()[0]);
  it.hooks.asked.then("broken support");
  assert.equal(it.kept()[0].text, "broken support");
});

test("Esc leaves the anchor, then the tool, then the choice", () => {
  const it = bench();
  drawTrend(it);
  it.pencil.arm("trend");
  it.click(40, 100);
  assert.equal(it.pencil.leave() && it.pencil.state.draft === null && it.pencil.isArmed(), true);
  assert.equal(it.pencil.leave() && it.pencil.isArmed(), false);
  it.pencil.choose("d1");
  assert.equal(it.pencil.leave(), true);
  assert.equal(it.pencil.leave(), false);
});

test("a drawing is dragged by its body, a handle alone by itself; a press without a way moves nothing", () => {
  const it = bench();
  drawTrend(it);
  const drag = (from, to) => (assert.ok(it.pencil.grab(from, 5)), it.pencil.pull(to, {}), it.pencil.drop());
  drag({ x: 60, y: 75 }, { x: 62, y: 76 });
  assert.equal(it.pencil.shelf.state.past.length, 1);
  drag({ x: 60, y: 75 }, { x: 100, y: 95 });
  assert.deepEqual(it.drawn()[0].points, [{ at: 20 * MINUTE, price: 228.8 }, { at: 30 * MINUTE, price: 229.3 }]);
  drag({ x: 120, y: 70 }, { x: 160, y: 50 });
  assert.deepEqual(it.drawn()[0].points, [{ at: 20 * MINUTE, price: 228.8 }, { at: 40 * MINUTE, price: 229.5 }]);
  assert.equal(it.pencil.grab({ x: 300, y: 190 }, 5), false);
});

test("every step goes back and forth, removing too", () => {
  const it = bench();
  drawTrend(it);
  it.pencil.arm("line");
  it.click(40, 100);
  it.pencil.removeChosen();
  assert.equal(it.kept().length, 1);
  it.pencil.shelf.undo();
  assert.equal(it.kept().length, 2);
  it.pencil.removeAll();
  assert.equal(it.store.has("drawings:AAPL"), false);
  assert.match(it.said[0], /2 drawings of AAPL removed/);
  it.pencil.shelf.undo();
  it.pencil.shelf.undo();
  assert.equal(it.kept().length, 1);
  it.pencil.shelf.redo();
  assert.equal(it.kept().length, 2);
  while (it.pencil.shelf.undo());
  assert.deepEqual(it.drawn(), []);
});

test("each symbol has its own, and they come back", () => {
  const it = bench();
  drawTrend(it);
  it.pencil.open("MSFT");
  assert.deepEqual(it.drawn(), []);
  assert.equal(it.pencil.shelf.undo(), false);
  it.pencil.open("AAPL");
  assert.equal(it.drawn().length, 1);
});

test("locked and hidden drawings are not touched; a tool brings hidden ones back; the habits are kept", () => {
  const it = bench();
  drawTrend(it);
  it.pencil.set({ isLocked: true });
  assert.equal(it.pencil.grab({ x: 60, y: 75 }, 5), false);
  assert.equal(it.pencil.shown().shapes.length, 1);
  it.pencil.set({ isLocked: false, isHidden: true });
  assert.equal(it.pencil.shown(), null);
  it.pencil.arm("line");
  assert.equal(it.pencil.state.isHidden, false);
  assert.deepEqual(it.page.stored("drawing"), { isLocked: false, isHidden: false, hasMagnet: false });
});

test("the magnet pulls when it is on, and the held key turns it round", () => {
  const it = bench();
  it.pencil.arm("line");
  it.pencil.press({ x: 40, y: 30 }, { ctrlKey: true });
  it.pencil.release({ x: 40, y: 30 });
  it.pencil.set({ hasMagnet: true });
  it.pencil.arm("line");
  it.pencil.press({ x: 40, y: 30 }, { ctrlKey: true });
  it.pencil.release({ x: 40, y: 30 });
  assert.deepEqual(it.drawn().map((each) => each.points[0].price), [229.6, 229.7]);
});

test("what cannot be read is said once, what is full is said, and so is a browser that keeps nothing", () => {
  const line = (id) => ({ id, kind: "line", points: [{ at: 1, price: 2 }] });
  const bad = bench({ "drawings:AAPL": JSON.stringify([{ id: "x" }, line("a")]) });
  assert.deepEqual([bad.said, bad.drawn().length], [["1 drawing of AAPL could not be read and is left out."], 1]);
  const full = bench({ "drawings:AAPL": JSON.stringify(Array.from({ length: 200 }, (_each, at) => line(String(at)))) });
  full.pencil.arm("line");
  full.click(40, 100);
  assert.deepEqual([full.said, full.drawn().length], [["AAPL has 200 drawings, which is the most: remove one first."], 200]);
  const shut = bench();
  shut.page.isKept = false;
  drawTrend(shut);
  drawTrend(shut);
  assert.deepEqual([shut.said.length, shut.drawn().length], [1, 2]);
});

test("while bars are on their way nothing is drawn and nothing moves", () => {
  const it = bench();
  drawTrend(it);
  const { bars } = it.hooks.place();
  it.pencil.grab({ x: 60, y: 75 }, 5);
  data.replace(bars, { start: [], open: [], high: [], low: [], close: [], volume: [] });
  it.pencil.pull({ x: 100, y: 95 }, {});
  it.pencil.drop();
  it.pencil.arm("line");
  it.click(40, 100);
  assert.deepEqual([it.drawn().length, it.drawn()[0].points[0].at, it.pencil.shown()], [1, 10 * MINUTE, null]);
});

test("while nothing is drawn there is nothing to paint, and the earliest sloping line asks for its bars", () => {
  const it = bench();
  assert.equal(it.pencil.shown(), null);
  assert.equal(it.pencil.earliest(), Infinity);
  drawTrend(it);
  assert.equal(it.pencil.earliest(), 10 * MINUTE);
});

test("a drawing's look is kept with it, is a step back, and the next of its kind has it too", () => {
  const it = bench();
  drawTrend(it);
  it.pencil.restyle(it.drawn()[0], { color: "red", stroke: "dashed" });
  assert.deepEqual(it.kept()[0].style, { color: "red", stroke: "dashed" });
  it.pencil.shelf.undo();
  assert.equal(it.kept()[0].style, undefined);
  drawTrend(it);
  it.pencil.arm("line");
  it.click(40, 150);
  assert.deepEqual(it.drawn().map(({ style }) => style), [undefined, { color: "red", stroke: "dashed" }, undefined]);
  it.pencil.restyle(it.drawn()[1], { color: "violet", stroke: "solid" });
  drawTrend(it);
  assert.equal(it.drawn()[3].style, undefined);
});

test("a locked drawing is chosen, but neither moved nor removed until it is unlocked", () => {
  const it = bench();
  drawTrend(it);
  const [before] = it.drawn();
  it.pencil.lock(before);
  it.pencil.choose(null);
  assert.ok(it.pencil.grab({ x: 60, y: 75 }, 5));
  it.pencil.pull({ x: 100, y: 95 }, {});
  it.pencil.drop();
  assert.deepEqual([it.pencil.state.chosen, it.kept()], ["d1", [{ ...before, isLocked: true }]]);
  assert.ok(it.pencil.removeChosen());
  assert.deepEqual([it.kept().length, it.said], [1, ["Trend line is locked: unlock it to remove it."]]);
  it.pencil.lock(it.pencil.chosen());
  assert.deepEqual(it.kept(), [before]);
  it.pencil.removeChosen();
  assert.deepEqual(it.kept(), []);
});

test("keys go through the drawings in sight, round and round", () => {
  const it = bench();
  assert.equal(it.pencil.chooseNext(), false);
  drawTrend(it);
  it.pencil.arm("line");
  it.click(40, 150);
  const next = () => (it.pencil.chooseNext(), it.pencil.state.chosen);
  assert.deepEqual([next(), next(), next()], ["d1", "d2", "d1"]);
});
