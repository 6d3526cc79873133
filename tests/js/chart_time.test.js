"use strict";
const test = require("node:test");
const assert = require("node:assert/strict");
const data = require("../../assets/chart_data.js");
const time = require("../../assets/chart_time.js");

const MINUTE = 60000;
const HOUR = 60 * MINUTE;

function offsetIn(zone) {
  const format = new Intl.DateTimeFormat("en-US", { timeZone: zone, hourCycle: "h23", year: "numeric", month: "numeric", day: "numeric", hour: "numeric", minute: "numeric" });
  return (ms) => {
    const at = Object.fromEntries(format.formatToParts(ms).map((part) => [part.type, Number(part.value)]));
    return Date.UTC(at.year, at.month - 1, at.day, at.hour, at.minute) - Math.floor(ms / MINUTE) * MINUTE;
  };
}

function barsAt(starts, offsetAt = () => 0) {
  const bars = data.series();
  data.merge(bars, starts.map((start) => [start, 1, 1, 1, 1, 1]));
  time.setWalls(bars, 0, offsetAt);
  return bars;
}

function trading(days, offsetAt) {
  const starts = [];
  for (const day of days) for (let m = 0; m < 390; m += 1) starts.push(Date.parse(`${day}T09:30:00Z`) - offsetAt(Date.parse(`${day}T15:00:00Z`)) + m * MINUTE);
  return barsAt(starts, offsetAt);
}

test("a new day is labelled by its date, everything else by its time", () => {
  const bars = trading(["2026-11-19", "2026-11-20"], offsetIn("America/New_York"));
  const ticks = time.ticks(bars, 60, 60);
  assert.equal(ticks.at[ticks.text.indexOf("<b>Nov 20</b>")], 390);
  assert.ok(ticks.text.includes("12:00"));
});

test("labels keep their distance and ascend", () => {
  const bars = trading(["2026-11-18", "2026-11-19", "2026-11-20"], offsetIn("America/New_York"));
  for (const gap of [5, 17, 60, 200]) {
    const { at } = time.ticks(bars, gap, 60);
    for (let i = 1; i < at.length; i += 1) assert.ok(at[i] - at[i - 1] >= gap * 0.8);
  }
});

test("labels stand on one even step of the clock", () => {
  const { at, text } = time.ticks(trading(["2026-11-20"], offsetIn("America/New_York")), 14, 60);
  assert.deepEqual(text.slice(0, 4), ["09:45", "10:00", "10:15", "10:30"]);
  assert.ok(at.every((each, i) => i === 0 || each - at[i - 1] === 15));
});

test("across the change to winter time the session still begins at 09:30", () => {
  const offsetAt = offsetIn("America/New_York");
  const bars = trading(["2026-10-30", "2026-11-02"], offsetAt);
  assert.equal(time.barLabel(bars.wall[0], 60), "Fri 30 Oct 2026  09:30");
  assert.equal(time.barLabel(bars.wall[390], 60), "Mon 2 Nov 2026  09:30");
});

const evenness = (at, spacing) => {
  const apart = at.slice(1).map((each, i) => (each - at[i]) * spacing).sort((a, b) => a - b);
  return { least: apart[0], middle: apart[apart.length >> 1], most: apart[apart.length - 1] };
};

test("at every timeframe and zoom the labels are near enough and far enough, with no holes", () => {
  for (const [frame, seconds] of Object.entries(time.SECONDS)) {
    const end = Date.UTC(2026, 10, 23, 7, 30);
    const starts = Array.from({ length: 4000 }, (_each, i) => end - (3999 - i) * seconds * 1000);
    const bars = barsAt(starts.map((start) => start - (start % (seconds * 1000))));
    for (const span of [40, 90, 200, 450, 1000, 2200]) {
      const spacing = 600 / span;
      const { least, middle, most } = evenness(time.ticks(bars, time.gapFor(spacing, 68), seconds).at, spacing);
      assert.ok(least >= 50, `${frame} at ${span} bars: two labels ${least} px apart`);
      assert.ok(middle <= 180, `${frame} at ${span} bars: labels ${middle} px apart`);
      assert.ok(most <= 2.1 * middle, `${frame} at ${span} bars: a hole of ${most} px among ${middle}`);
    }
  }
});

test("where quiet seconds have no bar a label tells the even time that has just gone by", () => {
  const starts = Array.from({ length: 600 }, (_each, i) => i * 1000).filter((_start, i) => i % 60 > 2);
  const { text } = time.ticks(barsAt(starts), 50, 1);
  assert.deepEqual(text.slice(0, 3), ["00:01", "00:02", "00:03"]);
});

test("a market with weekends counts its working days, so that its days are even too", () => {
  const starts = Array.from({ length: 600 }, (_each, i) => Date.UTC(2025, 0, 1) + i * 24 * HOUR).filter((start) => new Date(start).getUTCDay() % 6);
  const { least, most } = evenness(time.ticks(barsAt(starts), 5, 86400).at, 1);
  assert.ok(least >= 4 && most <= 8, `${least} to ${most}`);
});

test("a step that is kept labels another bar as before", () => {
  const bars = trading(["2026-11-19", "2026-11-20"], offsetIn("America/New_York"));
  const first = time.ticks(bars, 60, 60);
  assert.deepEqual(time.ticks(bars, 60, 60, first.step).text, first.text);
});

test("years stand over months and months over days", () => {
  const starts = Array.from({ length: 80 }, (_each, i) => Date.UTC(2026, 10, 1) + i * 24 * HOUR);
  const { text } = time.ticks(barsAt(starts), 5, 86400);
  assert.ok(text.includes("<b>2027</b>") && text.includes("<b>Dec</b>"));
  assert.ok(text.some((each) => /^\d+$/.test(each)));
});

test("labels follow bars that were put in front", () => {
  const bars = barsAt([HOUR - 2 * MINUTE, HOUR - MINUTE, HOUR]);
  const before = time.ticks(bars, 1, 60);
  data.prepend(bars, { start: [HOUR - 3 * MINUTE], open: [1], high: [1], low: [1], close: [1], volume: [1] });
  time.setWalls(bars, 0, () => 0);
  const after = time.ticks(bars, 1, 60);
  assert.equal(before.at[before.text.indexOf("01:00")], after.at[after.text.indexOf("01:00")]);
});

test("a little zoom keeps the distance of labels", () => {
  assert.equal(time.gapFor(6.2, 80), time.gapFor(6.8, 80));
  assert.ok(time.gapFor(1, 80) >= 80);
  assert.equal(time.gapFor(200, 80), 1);
});

test("the countdown runs from the bar's length to nothing", () => {
  assert.equal(time.countdown(0, 60, 0), "1:00");
  assert.equal(time.countdown(0, 60, 18001), "0:42");
  assert.equal(time.countdown(0, 14400, 1000), "3:59:59");
  assert.equal(time.countdown(0, 60, 61001), "");
  assert.equal(time.countdown(0, 60, NaN), "");
});

test("seconds are told where bars are shorter than a minute", () => {
  assert.match(time.barLabel(Date.UTC(2026, 0, 5, 9, 30, 15), 5), /09:30:15$/);
  assert.match(time.barLabel(Date.UTC(2026, 0, 5), 86400), /^Mon 5 Jan 2026$/);
});

test("bars are shown one by one: in their own timeframe, else in the next longer one", () => {
  const { frameOf } = require("../../assets/chart_time.js");
  assert.deepEqual([3_600_000, 60_000, 1_800_000, 86_400_000, 604_800_000, null, undefined].map(frameOf), ["1h", "1m", "1h", "1D", "1D", null, null]);
});
