const test = require("node:test");
const assert = require("node:assert");
const replay = { ...require("../../assets/replay.js"), ...require("../../assets/replay_dialog.js") };

const HOUR = 3_600_000;
const START = Date.UTC(2012, 5, 21, 13, 30);
const END = Date.UTC(2012, 5, 21, 20, 0);

test("speeds go up and down the scale and stop at its ends", () => {
  assert.equal(replay.nextSpeed(1, 1), 2);
  assert.equal(replay.nextSpeed(1, -1), 0.5);
  assert.equal(replay.nextSpeed(1000, 1), 1000);
  assert.equal(replay.nextSpeed(0.1, -1), 0.1);
  assert.equal(replay.nextSpeed(3, 1), 5);
  assert.equal(replay.nextSpeed(3, -1), 2);
});

test("where bars are played, speed is so many of them a second", () => {
  const hourly = replay.speedsFor(HOUR);
  assert.deepEqual(hourly.map((speed) => replay.speedText(speed, HOUR)), ["1×", "0.5 bars/s", "1 bar/s", "2 bars/s", "5 bars/s", "10 bars/s", "20 bars/s"]);
  assert.equal(replay.nextSpeed(3600, 1, hourly), 7200);
  assert.deepEqual(replay.speedsFor(24 * HOUR).at(-1), 864_000, "no clock is faster than a million");
  assert.deepEqual(replay.speedsFor(1000), [0.5, 1, 2, 5, 10, 20]);
  assert.equal(replay.speedText(1, 1000), "1 bar/s");
  assert.equal(replay.speedsFor(null), replay.SPEEDS);
  assert.equal(replay.speedText(250, null), "250×");
});

test("an arrow on the track of bars is one bar", () => {
  assert.equal(replay.timeByKey("ArrowRight", false, START, START, END, HOUR), START + HOUR);
  assert.equal(replay.timeByKey("ArrowLeft", false, START + 2 * HOUR, START, END, HOUR), START + HOUR);
});

test("the track's share and its time are each other's inverse", () => {
  for (const share of [0, 0.25, 0.5, 1]) {
    assert.ok(Math.abs(replay.shareOf(replay.timeAt(share, START, END), START, END) - share) < 1e-6);
  }
});

test("beyond its ends the track stays at them", () => {
  assert.equal(replay.shareOf(END + 1, START, END), 1);
  assert.equal(replay.shareOf(START - 1, START, END), 0);
  assert.equal(replay.timeAt(1.7, START, END), END);
  assert.equal(replay.shareOf(START, START, START), 0);
});

test("labels are round times of the market's zone and have room", () => {
  const times = replay.labelTimes(START, END, 600, 64, -4 * HOUR);
  assert.ok(times.length >= 3 && times.length <= 600 / 64 + 1, String(times.length));
  for (const at of times) assert.equal(((at - 4 * HOUR) / 60_000) % 30, 0);
  assert.deepEqual(replay.labelTimes(START, START, 600, 64, 0), []);
  assert.deepEqual(replay.labelTimes(START, END, 20, 64, 0), []);
});

test("labels of years of days do not run over", () => {
  const times = replay.labelTimes(0, 9 * 365 * 24 * HOUR, 400, 86, 0);
  assert.ok(times.length <= 13);
});

test("only a jump into the past is backward", () => {
  assert.equal(replay.isBackward(START, START + 5000), true);
  assert.equal(replay.isBackward(START + 5000, START), false);
  assert.equal(replay.isBackward(START, START), false);
});

test("keys on the track move by a minute, ten, a tenth, or to an end", () => {
  assert.equal(replay.timeByKey("ArrowRight", false, START, START, END), START + 60_000);
  assert.equal(replay.timeByKey("ArrowRight", true, START, START, END), START + 600_000);
  assert.equal(replay.timeByKey("ArrowLeft", false, START, START, END), START);
  assert.equal(replay.timeByKey("PageUp", false, START, START, END), START + 0.65 * HOUR);
  assert.equal(replay.timeByKey("End", false, START, START, END), END);
  assert.equal(replay.timeByKey("a", false, START, START, END), null);
});

test("a file is refused by name, for its ending, its size or its emptiness", () => {
  const most = 64 * 1024 * 1024;
  assert.equal(replay.refusal({ name: "a.zip", size: 10 }, [".zip"], most), null);
  assert.match(replay.refusal({ name: "a.exe", size: 10 }, [".zip"], most), /a\.exe: wanted a file that ends in \.zip/);
  assert.match(replay.refusal({ name: "a.zip", size: most * 2 }, [".zip"], most), /at most 64 MiB, was 128 MiB/);
  assert.match(replay.refusal({ name: "a.ZIP", size: 0 }, [".zip"], most), /empty/);
});

const UNKNOWN = "Refused: x.csv line 1: wanted columns for open, high, found a, b c; name them with --map open=COLUMN --map high=COLUMN";

test("columns are asked for only when the server did not know them", () => {
  assert.equal(replay.askedBy("x.csv line 7: wanted 6 columns, found 5").columns, false);
  assert.deepEqual(replay.askedBy(UNKNOWN), { columns: true, date: false, symbol: false, headings: ["a", "b c"] });
  assert.ok(replay.askedBy("x.csv: wanted the column Datum for time (as mapped), found a, b").columns);
});

test("a missing symbol or date is asked for", () => {
  assert.ok(replay.askedBy("the name 1.csv does not tell the symbol: give --map symbol=SYMBOL").symbol);
  assert.ok(replay.askedBy("wanted the date of the recording as --map date=YYYY-MM-DD, found x").date);
});

test("in the dialog a refusal speaks of the form, not of the command line", () => {
  assert.equal(replay.forTheForm(UNKNOWN), "Refused: x.csv line 1: wanted columns for open, high, found a, b c; name them below");
  assert.equal(replay.forTheForm("the name 1.csv does not tell the symbol: give --map symbol=SYMBOL"), "the name 1.csv does not tell the symbol: give the symbol below");
});

test("only filled fields become the mapping", () => {
  assert.deepEqual(replay.mappingOf({ symbol: " EUR/USD ", zone: "", time: "Date" }), { symbol: "EUR/USD", time: "Date" });
});

test("chosen recordings give all their files, in order", () => {
  const choices = [{ paths: ["a"] }, { paths: ["m", "o"] }, { paths: ["z"] }];
  assert.deepEqual(replay.pathsOf(choices, new Set([1, 2])), ["m", "o", "z"]);
});
