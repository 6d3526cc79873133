const test = require("node:test");
const assert = require("node:assert");
const { chip, ageText } = require("../../assets/source_chip.js");

const here = { state: "live" };
const away = { state: "reconnecting" };
const live = { source: "live", title: "Kraken live" };
const feed = { q: "Kraken", qa: 9_000, t: "Coinbase", ta: 7_000, k: "live", max: 30 };

test("a market of our own has a name and no age", () => {
  assert.deepEqual(chip({ source: "simulated", title: "seed 42" }, here, undefined, "quote", 1), { tone: "quiet", name: "Simulated", age: "", says: "Simulated market" });
  assert.equal(chip({ source: "replay", title: "AMZN 2012-06-21" }, here, undefined, "quote", 1).name, "Replay AMZN 2012-06-21");
  assert.equal(chip({ source: "simulated" }, away, undefined, "quote", 1).tone, "stale");
});

test("prices and trades have each their own provider and age", () => {
  assert.deepEqual(chip(live, here, feed, "quote", 9_400), { tone: "live", name: "Kraken", age: "<1 s", says: "Prices from Kraken, <1 s old" });
  assert.deepEqual(chip(live, here, feed, "trades", 9_400), { tone: "live", name: "Coinbase", age: "2 s", says: "Trades from Coinbase, 2 s old" });
  assert.equal(chip(live, here, { ...feed, t: "", ta: null }, "trades", 9_400).name, "Kraken");
  const untold = chip(live, here, { ...feed, ta: null }, "trades", 9_400);
  assert.deepEqual([untold.age, untold.says], ["not heard yet", "Trades from Coinbase, not heard yet"]);
});

test("stale is said in words with the age, and never looks live", () => {
  const stale = chip({ source: "stale" }, here, { ...feed, k: "stale" }, "quote", 54_000);
  assert.deepEqual([stale.tone, stale.age], ["stale", "stale, 45 s"]);
  assert.equal(chip(live, away, feed, "quote", 9_400).tone, "stale");
  const again = chip({ source: "resync" }, here, { ...feed, k: "resync" }, "quote", 12_000);
  assert.deepEqual([again.tone, again.age], ["stale", "resync, 3 s"]);
  assert.equal(chip(live, here, feed, "quote", 40_000).tone, "stale");
  const closed = chip(live, here, { ...feed, max: null }, "quote", 4_000_000);
  assert.deepEqual([closed.tone, closed.age, closed.says], ["quiet", "closed, 66 min", "Prices from Kraken, 66 min old; the market is closed"]);
  assert.equal(chip(live, here, undefined, "quote", 1).name, "Nobody yet");
});

test("what comes late says so", () => {
  const late = chip({ source: "delayed" }, here, { ...feed, k: "delayed", q: "Polygon, delayed" }, "quote", 9_000);
  assert.deepEqual([late.tone, late.says], ["delayed", "Prices from Polygon, delayed, <1 s old; delayed"]);
});

test("what comes late is as old as the moment it is about, and goes stale by when it was heard", () => {
  const day = 86_400_000;
  const closing = { q: "Alpha Vantage, end of day", qa: day, qo: 1, t: "", ta: null, to: null, k: "delayed", max: 60 };
  const shown = chip({ source: "delayed" }, here, closing, "trades", day + 500);
  assert.deepEqual([shown.tone, shown.age, shown.says], ["delayed", "24 h", "Prices from Alpha Vantage, end of day, 24 h old; delayed"]);
  assert.equal(chip({ source: "delayed" }, here, closing, "quote", day + 61_000).age, "stale, 24 h");
  assert.equal(chip({ source: "delayed" }, here, { ...closing, t: "Polygon, delayed", ta: day, to: day - 900_000 }, "trades", day).age, "15 min");
});

test("ages count in whole units", () => {
  assert.deepEqual([null, 0, 999, 1_000, 119_999, 120_000, 7_200_000].map(ageText), ["", "<1 s", "<1 s", "1 s", "119 s", "2 min", "2 h"]);
});

test("what the page knows now of any symbol, for panels that show many", () => {
  const { of } = require("../../assets/source_chip.js");
  globalThis.tradesim.live = { state: { status: live, connection: here, feeds: { BTC: feed, ETH: { ...feed, k: "stale" } } }, marketNow: () => 9_400, silence: () => 0 };
  assert.deepEqual(["BTC", "ETH", "SOL"].map((symbol) => of(symbol, "quote").tone), ["live", "stale", "stale"]);
});
