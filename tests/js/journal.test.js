"use strict";
const test = require("node:test");
const assert = require("node:assert/strict");
const rows = require("../../assets/journal_rows.js");
const { makeDrafts, keyOf, partsOf } = require("../../assets/journal_note.js");
const { tripOf, periodByKey } = require("../../assets/performance.js");

const DAY = 86_400_000;
const dateOf = (ms) => new Date(ms).toISOString().slice(0, 10);
const trip = (more) => ({
  id: "t", symbol: "AAPL", side: "Long", qty: 10, left: 0, entryAt: DAY, entry: 100, exitAt: 2 * DAY, exit: 101, exitQty: 10,
  fees: 1, net: 9, return: 0.9, hold: DAY, r: null, tag: "", tags: [], setup: "", note: "", ...more,
});

test("a setup is a tag that says so, and goes back among the tags", () => {
  const found = rows.apart(["late", "setup:gap", "calm"]);
  assert.deepEqual(found, { setup: "gap", tags: ["late", "calm"] });
  assert.deepEqual(rows.together(found), ["setup:gap", "late", "calm"]);
  assert.deepEqual(rows.together({ setup: "  ", tags: ["late"] }), ["late"]);
});

test("a tag is added once, without commas or spaces around it", () => {
  assert.deepEqual(rows.withTag(["late"], " calm, "), ["late", "calm"]);
  const same = ["late"];
  assert.equal(rows.withTag(same, "late"), same);
  assert.equal(rows.withTag(same, " "), same);
});

test("rows are sifted by symbol, side, result, tag, setup and day", () => {
  const row = trip({ tag: "news", tags: ["setup:gap", "late"], setup: "gap" });
  for (const filters of [{}, { symbol: "AAPL" }, { side: "Long" }, { result: "won" }, { tag: "late" }, { tag: "news" }, { tag: "setup:gap" }, { since: "1970-01-03" }, { until: "1970-01-03" }])
    assert.ok(rows.matches(row, filters, dateOf), JSON.stringify(filters));
  for (const filters of [{ symbol: "MSFT" }, { side: "Short" }, { result: "lost" }, { result: "open" }, { tag: "gap" }, { tag: "setup:late" }, { since: "1970-01-04" }, { until: "1970-01-02" }])
    assert.ok(!rows.matches(row, filters, dateOf), JSON.stringify(filters));
});

test("an open trip counts from the day it was entered and comes before all closed ones", () => {
  const open = trip({ exitAt: null });
  assert.ok(rows.matches(open, { result: "open", since: "1970-01-02" }, dateOf));
  assert.deepEqual([5, null, 9].sort((a, b) => rows.openFirst(b, a)), [null, 9, 5]);
});

test("an open trip is worth what came in, less what went out, the rest at the mark", () => {
  const long = trip({ exitAt: null, qty: 10, exitQty: 4, exit: 102, left: 6, hold: null });
  const now = rows.atMark(long, "103", DAY + 90_500);
  assert.equal(now.net, 4 * 102 + 6 * 103 - 10 * 100 - 1);
  assert.equal(now.hold, 90_000);
  assert.equal(now.mark, 103);
  const short = trip({ side: "Short", exitAt: null, qty: 10, exitQty: 0, exit: null, left: -10 });
  assert.equal(rows.atMark(short, 99, DAY).net, 1000 - 990 - 1);
  const closed = trip();
  assert.equal(rows.atMark(closed, 50, DAY), closed);
  assert.equal(rows.atMark(long, undefined, DAY), long);
});

test("columns give way until the others fit the table", () => {
  const columns = [["exitAt", 98], ["symbol", 76], ["qty", 74], ["net", 86], ["return", 58], ["r", 58], ["hold", 78], ["entry", 92], ["exit", 108], ["setup", 98], ["tags", 62], ["note", 50]];
  assert.deepEqual(rows.columnsFor(columns, 938).hidden, []);
  assert.deepEqual(rows.columnsFor(columns, 937).hidden, ["note"]);
  assert.deepEqual(rows.columnsFor(columns, 320).shown, ["exitAt", "symbol", "net", "return"]);
  for (const room of [260, 390, 768, 844, 1024]) {
    const { shown, hidden } = rows.columnsFor(columns, room);
    assert.ok(columns.reduce((sum, [name, width]) => sum + (shown.includes(name) ? width : 0), 0) <= room);
    assert.equal(shown.length + hidden.length, columns.length);
  }
});

test("how long is told as the server tells it", () => {
  assert.deepEqual([null, 45_000, 720_000, 12_000_000, 10_800_000, 4 * DAY + 7_200_000].map(rows.held), ["–", "45 s", "12 min", "3 h 20 min", "3 h", "4 d 2 h"]);
});

test("the choices are those that the rows have", () => {
  const found = rows.offered([trip({ tags: ["b", "setup:x"], setup: "x" }), trip({ symbol: "F", tag: "a" })]);
  assert.deepEqual(found, { symbols: ["AAPL", "F"], tags: ["a", "b"], setups: ["x"] });
});

test("what is typed is kept until the desk has it, and what was typed since stays", () => {
  let kept = null;
  const drafts = makeDrafts(() => kept, (all) => (kept = all && structuredClone(all)));
  const key = keyOf("replay-1:x", "trip");
  drafts.set(key, { note: "too", tags: [] });
  const sent = drafts.of(key);
  drafts.set(key, { note: "too early", tags: [] });
  drafts.saved(key, sent);
  assert.deepEqual(kept, { [key]: { note: "too early", tags: [] } });
  assert.deepEqual(makeDrafts(() => kept, () => {}).of(key), { note: "too early", tags: [] });
  drafts.saved(key, { note: "too early", tags: [] });
  assert.equal(kept, null);
  assert.deepEqual(partsOf(keyOf("paper", "t:1")), { account: "paper", trip: "t:1" });
});

test("a click on a point names its trip, a click beside it none", () => {
  assert.equal(tripOf({ points: [{ customdata: ["t1", "Long 5 AAPL"] }] }), "t1");
  for (const click of [null, {}, { points: [] }, { points: [{}] }]) assert.equal(tripOf(click), null);
});

test("arrows go through the periods and round their ends", () => {
  const periods = ["1D", "1W", "all"];
  assert.equal(periodByKey("ArrowRight", periods, "all"), "1D");
  assert.equal(periodByKey("ArrowLeft", periods, "1D"), "all");
  assert.equal(periodByKey("x", periods, "1D"), null);
});
