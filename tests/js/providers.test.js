const test = require("node:test");
const assert = require("node:assert");
const rows = require("../../assets/providers_rows.js");

const kraken = { state: "live", can: ["quote", "book"], cannot: {}, error: null, budget: { second: 1 }, heard: 900, latency: 12.4, requests: 7, errors: 0, attempt: 0, retry: null };

test("a provider's state is told in words, with the next try", () => {
  assert.equal(rows.stateText(kraken, 1000), "Live");
  assert.equal(rows.stateText({ ...kraken, state: "waiting", attempt: 2, retry: 13_000 }, 1000), "Waiting to try again, try 3 in 12 s");
  assert.equal(rows.stateText({ ...kraken, state: "connecting", attempt: 2 }, 1000), "Connecting, try 2");
});

test("without a key nothing was refused", () => {
  const alpaca = { ...kraken, state: "refused", can: [], cannot: { quote: "needs a key: enter one in the settings" } };
  assert.equal(rows.stateText(alpaca, 0), "Needs a key");
  assert.equal(rows.stateText({ ...alpaca, error: "the key is not known" }, 0), "Refused");
});

test("facts name their units, and say when nothing is known", () => {
  assert.deepEqual(Object.fromEntries(rows.facts(kraken, 1000)), {
    Gives: "quotes, order book",
    "Last heard": "0.1 s ago",
    Latency: "12 ms",
    "Questions left": "1 a second",
    "Questions asked": "7",
    Failures: "0",
  });
  const quiet = Object.fromEntries(rows.facts({ ...kraken, can: [], heard: null, latency: null, budget: {} }, 1000));
  assert.deepEqual([quiet.Gives, quiet["Last heard"], quiet.Latency, quiet["Questions left"]], ["nothing now", "never", "not measured", "no limit known"]);
});

test("the same reason for several kinds is told once", () => {
  assert.deepEqual(rows.withheld({ quote: "not in the plan", book: "not in the plan", search: "not offered" }), ["Quotes, order book: not in the plan", "Search: not offered"]);
});

test("a switch says who serves now, who did, and why", () => {
  assert.equal(rows.switchText({ kind: "book", former: null, chosen: "Kraken", why: "first" }), "Order book from Kraken: first");
  assert.equal(rows.switchText({ kind: "book", former: "Kraken", chosen: "Coinbase", why: "it is 31 s old" }), "Order book from Coinbase instead of Kraken: it is 31 s old");
});

test("those in use come first, those without anything last", () => {
  const named = (id, is_open, can) => ({ id, is_open, can });
  const found = rows.ordered([named("a", false, []), named("b", false, ["quote"]), named("c", true, ["quote"])]);
  assert.deepEqual(found.map((row) => row.id), ["c", "b", "a"]);
});

test("symbols are cleaned and never doubled", () => {
  assert.deepEqual(rows.withSymbol(["BTC/USD"], " eth/usd "), ["BTC/USD", "ETH/USD"]);
  assert.deepEqual(rows.withSymbol(["BTC/USD"], "btc/usd"), ["BTC/USD"]);
  assert.deepEqual(rows.withSymbol(["BTC/USD"], "  "), ["BTC/USD"]);
});

test("a provider moves one place or to the place where it was dropped, and never out of the list", () => {
  const order = ["a", "b", "c"];
  assert.deepEqual(rows.moved(order, "c", -1), ["a", "c", "b"]);
  assert.equal(rows.moved(order, "a", -1), order);
  assert.equal(rows.moved(order, "c", 1), order);
  assert.deepEqual(rows.placed(order, "a", 2), ["b", "c", "a"]);
  assert.equal(rows.placed(order, "z", 0), order);
});

test("providers are ordered among those that can stand in for each other", () => {
  const vendor = (id, kind, symbols = ["S"]) => ({ id, kind, symbols });
  const found = rows.groups([vendor("alpaca", "us_equity"), vendor("kraken", "crypto"), vendor("gone", "us_equity", []), vendor("polygon", "us_equity")]);
  assert.deepEqual(found, [["Crypto", ["kraken"]], ["US shares", ["alpaca", "polygon"]]]);
});

test("how far each is off is counted from the middle of all", () => {
  const found = rows.differences([
    { bid: "99", ask: "101", last: "1" },
    { bid: null, ask: null, last: "1,000" },
    { bid: "100", ask: null, last: "100" },
    { bid: null, ask: null, last: null },
  ]);
  assert.deepEqual(found.map((share) => share && Number(share.toFixed(3))), [0, 9, 0, null]);
  assert.deepEqual(rows.differences([{ bid: "1", ask: "2", last: null }]), [null]);
});

test("the first visit is told of the network in a sentence", () => {
  const at = (ok, ...titles) => titles.map((title) => ({ ok, title }));
  assert.equal(rows.reachText(null, false), "No provider's key is kept. Looking which live markets can be reached…");
  assert.equal(rows.reachText(at(false, "Kraken", "Coinbase"), false), "No provider's key is kept. There seems to be no network: Kraken and Coinbase cannot be reached from here. The simulated market and recordings need neither.");
  assert.equal(rows.reachText([...at(true, "Kraken"), ...at(false, "Binance")], true), "Kraken can be reached and needs no key; Binance cannot be reached from here.");
});

test("a recording tells its size, how long it goes on, and why it ended", () => {
  const recording = { name: "kraken 1.traffic.gz", is_on: true, seconds: 42.4, bytes: 1_300_000, frames: 1_200, answers: 4, fault: "" };
  assert.equal(rows.recordingText(null), "");
  assert.equal(rows.recordingText(recording), "Recording · 1.2 MB · 0:42 · 1,204 messages · kraken 1.traffic.gz");
  const ended = { ...recording, is_on: false, seconds: 3_723, bytes: 812, fault: "it was ended: no space" };
  assert.equal(rows.recordingText(ended), "Recorded · 812 B · 1:02:03 · 1,204 messages · kraken 1.traffic.gz · it was ended: no space");
});
