"use strict";
const test = require("node:test");
const assert = require("node:assert/strict");
const V = require("../../assets/chart_view.js");
require("../../assets/chart_orders.js");
const hands = require("../../assets/chart_hands.js");
const axes = require("../../assets/chart_axes.js");

const bars = { n: 500, base: -100 };
const at = (x0, x1) => ({ x0, x1, low: 0, high: 100, auto: true, follow: true });

test("now shows the newest bar with room on its right", () => {
  const view = V.atNow(bars, 100);
  assert.ok(view.x1 > 399 && view.x1 - view.x0 === 100 && view.follow);
});

test("zooming keeps the bar under the pointer where it is", () => {
  const view = at(200, 300);
  for (const factor of [0.5, 0.9, 1.3]) {
    const zoomed = V.zoomed(view, factor, 275, bars);
    assert.ok(Math.abs((275 - zoomed.x0) / (zoomed.x1 - zoomed.x0) - 0.75) < 1e-9);
  }
});

test("zooming out adds no empty future", () => {
  const view = V.atNow(bars, 100);
  const zoomed = V.zoomed(view, 4, 340, bars);
  assert.ok(zoomed.x1 - 399 <= Math.max(view.x1 - 399, 12) && zoomed.x1 - zoomed.x0 === 400);
});

test("panning away from the newest bar stops following, panning back follows again", () => {
  const away = V.panned(at(300, 410), -60, bars);
  assert.equal(away.follow, false);
  assert.equal(V.panned(away, 60, bars).follow, true);
});

test("some bars always stay on the screen", () => {
  for (const by of [-1e6, 1e6]) {
    const view = V.panned(at(300, 400), by, bars);
    assert.ok(view.x1 >= bars.base + 2 && view.x0 <= bars.base + bars.n - 3);
    assert.ok(Math.abs(view.x1 - view.x0 - 100) < 1e-9);
  }
});

test("zoom has a closest and a widest", () => {
  assert.equal(V.zoomed(at(300, 400), 1e-6, 350, bars).x1 - V.zoomed(at(300, 400), 1e-6, 350, bars).x0, 6);
  const wide = V.zoomed(at(300, 400), 1e6, 350, bars);
  assert.ok(Math.abs(wide.x1 - wide.x0 - 575) < 1e-6);
});

test("a span that is wider than the bars allow gives way at its left", () => {
  const wide = { ...V.atNow({ n: 500, base: 0 }, 450), follow: true };
  const few = { n: 40, base: 0 };
  const { x0, x1 } = V.clamped({ ...V.atNow(few, wide.x1 - wide.x0) }, few);
  assert.ok(V.isAtNow({ x0, x1 }, few) && Math.abs(x1 - x0 - 120) < 1e-9);
});

test("zooming out as far as it goes keeps the bar under the pointer", () => {
  const view = at(200, 300);
  const zoomed = V.zoomed(view, 100, 260, bars);
  assert.ok(Math.abs((260 - zoomed.x0) / (zoomed.x1 - zoomed.x0) - 0.6) < 1e-9 || zoomed.x1 <= 399 + 12);
});

test("there is a way to now when the newest bar is out of sight or much empty room lies before it", () => {
  assert.equal(V.isAway(V.atNow(bars, 100), bars), false);
  assert.equal(V.isAway(V.panned(V.atNow(bars, 100), -60, bars), bars), true);
  const future = V.panned(V.atNow(bars, 100), 60, bars);
  assert.equal(future.follow, true);
  assert.equal(V.isAway(future, bars), true);
  assert.equal(V.isAway(V.atNow({ n: 1, base: 0 }, 120), { n: 1, base: 0 }), false);
});

test("the scale leaves air above and room for volume below", () => {
  const scale = V.scaleFor({ low: 1000, high: 1100 }, true);
  assert.ok(scale.high > 1100 && scale.low < 975);
  assert.ok(V.scaleFor({ low: 1000, high: 1000 }, false).high > 1000);
});

test("a price inside the scale does not move it, one at its edge does", () => {
  const view = { ...at(0, 10), low: 0, high: 100 };
  assert.equal(V.needsScale(view, 40, 60, true), false);
  assert.equal(V.needsScale(view, 40, 99, true), true);
  assert.equal(V.needsScale(view, 5, 60, true), true);
});

test("body and wick share their parity, and a body is wider than its wick from three device pixels on", () => {
  for (const ratio of [1, 1.25, 1.5, 2, 3]) {
    for (let spacing = 0.5; spacing < 60; spacing += 0.13) {
      const { body, wick } = V.widths(spacing, ratio);
      assert.equal((body - wick) % 2, 0);
      if (spacing * ratio >= 3) assert.ok(body > wick, `${spacing} at ${ratio}`);
      if (spacing * ratio >= 3) assert.ok(body <= Math.ceil(spacing * ratio), `${body} in ${spacing * ratio}`);
    }
  }
});

test("which bars are in sight", () => {
  assert.deepEqual(V.visible(at(-120, -90), bars), [0, 11]);
  assert.deepEqual(V.visible(at(395, 420), bars), [495, 500]);
});

test("where a point is", () => {
  const frame = { left: 0, top: 4, width: 600, height: 300, floor: 404 };
  assert.equal(hands.zoneOf(frame, 10, 10), "plot");
  assert.equal(hands.zoneOf(frame, 620, 10), "price");
  assert.equal(hands.zoneOf(frame, 10, 310), "pane");
  assert.equal(hands.zoneOf(frame, 620, 310), "off");
  assert.equal(hands.zoneOf(frame, 10, 410), "time");
});

test("the wheel zooms out downwards, alike for lines and pixels", () => {
  assert.ok(hands.wheelFactor({ deltaY: 100, deltaMode: 0 }) > 1);
  assert.ok(hands.wheelFactor({ deltaY: -3, deltaMode: 1 }) < 1);
  assert.ok(hands.wheelFactor({ deltaY: 1e9, deltaMode: 0 }) < 2);
});

test("two fingers apart come closer, two fingers aside pan", () => {
  const frame = { left: 0, top: 0, width: 600, height: 300 };
  const view = at(200, 300);
  const closer = hands.pinched(view, frame, { middle: 300, distance: 100 }, { middle: 300, distance: 200 }, bars);
  assert.ok(Math.abs(closer.x1 - closer.x0 - 50) < 1e-9 && Math.abs(closer.x0 - 225) < 1e-9);
  const aside = hands.pinched(view, frame, { middle: 300, distance: 100 }, { middle: 360, distance: 100 }, bars);
  assert.ok(Math.abs(aside.x0 - 190) < 1e-9);
});

test("keys pan, zoom and go to now; others are left alone", () => {
  const view = at(200, 300);
  assert.equal(hands.keyed("ArrowLeft", view, bars).x0, 190);
  assert.ok(hands.keyed("+", view, bars).x1 - hands.keyed("+", view, bars).x0 < 100);
  assert.ok(hands.keyed("End", view, bars).follow);
  assert.equal(hands.keyed("ArrowUp", view, bars).auto, false);
  assert.equal(hands.keyed("q", view, bars), null);
});

test("the adapter reads a box from Plotly's layout, and none from a graph without axes", () => {
  const axis = (offset, length, range, vals) => ({ _offset: offset, _length: length, range, _vals: vals });
  const layout = { width: 700, height: 400, _size: { t: 4, h: 372 }, xaxis: axis(0, 640, [1, 9], []), yaxis: axis(4, 370, [10, 20], [{ x: 12 }, { x: NaN }]) };
  const box = axes.boxOf({ _fullLayout: layout });
  assert.deepEqual(box, { width: 700, height: 400, left: 0, top: 4, plotWidth: 640, plotHeight: 370, floor: 376, x: [1, 9], y: [10, 20], yTicks: [12], labels: 0 });
  assert.deepEqual(axes.rangesIn({ "xaxis.range[0]": 1, "xaxis.range[1]": "9" }), { x: [1, 9] });
  assert.deepEqual(axes.rangesIn({ "yaxis.range": [3, 4], "shapes[0].x0": 7 }), { y: [3, 4] });
  assert.deepEqual(axes.rangesIn(undefined), {});
  assert.equal(axes.boxOf({ _fullLayout: {} }), null);
  assert.equal(axes.boxOf(null), null);
});
