const test = require("node:test");
const assert = require("node:assert");
const edges = require("../../assets/chart_edges.js");

const FRAME = { left: 0, top: 0, width: 600, height: 400, low: 100, high: 200 };
const order = (id, ticks, more) => ({ kind: "order", id, ticks, priceText: `${ticks}.00`, text: "Buy 100 limit", ...more });
const width = (text) => text.length * 6;

test("only what is off the scale has a mark, and a limit goes with its stop", () => {
  const lines = [order("in", 150), order("up", 210), order("down", 90), order("its", 85, { isBehind: true })];
  const { above, below } = edges.beyond(lines, FRAME);
  assert.deepEqual([above.map((each) => each.id), below.map((each) => each.id)], [["up"], ["down"]]);
});

test("a mark names price and order and stands at its edge, the farthest outermost, below the words", () => {
  const marks = edges.placed([order("a", 210), order("b", 230), order("c", 50)], FRAME, width, 40);
  assert.deepEqual(marks.map((mark) => mark.id), ["b", "a", "c"]);
  assert.equal(marks[0].text, "▲ 230.00  Buy 100 limit");
  assert.equal(marks[2].text, "▼ 50.00  Buy 100 limit");
  assert.ok(marks[0].y > 40 && marks[1].y >= marks[0].y + 20 && marks[2].y < 400);
  for (const mark of marks) assert.equal(mark.x + mark.width, 594);
});

test("many marks fold: the nearest stay, the farthest leads the rest", () => {
  const lines = [210, 220, 230, 240, 250].map((ticks) => order(String(ticks), ticks));
  const marks = edges.placed(lines, FRAME, width);
  assert.deepEqual(marks.map((mark) => mark.text), ["▲ 3 more, to 250.00", "▲ 220.00  Buy 100 limit", "▲ 210.00  Buy 100 limit"]);
  assert.equal(marks[0].ticks, 250);
});

test("a price that is reached for is on the scale, with air, and the rest of the scale stays", () => {
  const view = edges.reaching({ low: 100, high: 200, auto: true }, [300]);
  assert.ok(view.high > 300 && view.low === 100 && !view.auto);
  assert.deepEqual(edges.reaching({ low: 100, high: 200 }, [150]), { low: 100, high: 200, auto: false });
});

test("a scale that fits itself takes in what is near enough, and bars stay readable", () => {
  const scale = { low: 100, high: 200 };
  const wider = edges.taking(scale, [250]);
  assert.ok(wider.high > 250 && wider.low === 100);
  assert.deepEqual(edges.taking(scale, [100000, 150]), scale);
  assert.deepEqual(edges.taking(scale, []), scale);
});
