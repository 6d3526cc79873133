const test = require("node:test");
const assert = require("node:assert");
require("../../assets/source_chip.js");
require("../../assets/why_story.js");
const book = require("../../assets/book.js");

const BOOK = { b: [[100, 10, 1], [99, 20, 2], [96, 30, 1]], a: [[102, 5, 1], [103, 15, 1], [107, 40, 3]], ts: 0 };

test("a grouped bid rounds down and a grouped ask rounds up", () => {
  assert.equal(book.grouped(99, 5, "buy"), 95);
  assert.equal(book.grouped(101, 5, "sell"), 105);
  assert.equal(book.grouped(100, 5, "buy"), 100);
  assert.equal(book.grouped(100, 5, "sell"), 100);
});

test("grouping keeps the total size and the order best first", () => {
  assert.deepEqual(book.groupLevels(BOOK.b, 5, "buy"), [[100, 10, 1], [95, 50, 3]]);
  assert.deepEqual(book.groupLevels(BOOK.a, 5, "sell"), [[105, 20, 2], [110, 40, 3]]);
});

test("grouping by one tick is the book itself", () => {
  assert.equal(book.groupLevels(BOOK.b, 1, "buy"), BOOK.b);
});

test("the two sides of a grouped book never share a row", () => {
  for (let bid = 100; bid < 140; bid++) {
    for (const step of [5, 10, 25]) {
      assert.ok(book.grouped(bid, step, "buy") < book.grouped(bid + 1, step, "sell"));
    }
  }
});

test("cumulative size never falls", () => {
  assert.deepEqual(book.cumulative(BOOK.a), [[102, 5], [103, 20], [107, 60]]);
});

test("imbalance is between -1 and 1 and null for an empty book", () => {
  assert.equal(book.imbalance({ b: [[1, 30]], a: [[2, 10]] }, 10), 0.5);
  assert.equal(book.imbalance({ b: [], a: [[2, 10]] }, 10), -1);
  assert.equal(book.imbalance({ b: [], a: [] }, 10), null);
});

test("imbalance looks only at the levels asked for", () => {
  assert.equal(book.imbalance({ b: [[9, 10], [8, 1000]], a: [[10, 10]] }, 1), 0);
});

test("walking to a price takes everything up to it and no more", () => {
  const { qty, average, slippage } = book.walk(BOOK.a, 103, "buy");
  assert.equal(qty, 20);
  assert.equal(average, (102 * 5 + 103 * 15) / 20);
  assert.equal(slippage, average - 102);
  assert.equal(book.walk(BOOK.a, 101, "buy").qty, 0);
  assert.equal(book.walk(BOOK.b, 99, "sell").qty, 30);
});

test("own orders are the open limit orders of the symbol, with their place in the queue", () => {
  const desk = {
    orders: {
      o1: { symbol: "AAPL", side: "buy", status: "new", limit_ticks: 100, qty: "100", filled: "40", created: 2 },
      o2: { symbol: "AAPL", side: "sell", status: "filled", limit_ticks: 102, qty: "5", filled: "5", created: 1 },
      o3: { symbol: "MSFT", side: "buy", status: "new", limit_ticks: 100, qty: "1", filled: "0", created: 3 },
      o4: { symbol: "AAPL", side: "buy", status: "pending_new", limit_ticks: null, qty: "1", filled: "0", created: 3 },
    },
    queue: { o1: [100, 1240, 2100, 640, 220, 60, 1400] },
  };
  const own = book.ownOrders(desk, "AAPL", 1);
  assert.equal(own.length, 1);
  assert.equal(own[0].qty, 60);
  assert.equal(own[0].place.ahead, 1240);
  assert.equal(own[0].place.canceled, 220);
});

test("open lots are whole even where the lot is a fraction", () => {
  assert.equal(book.openLots({ qty: "0.3", filled: "0.1" }, 0.0001), 2000);
});

test("the condition of a book is loading, empty, stale or live", () => {
  const live = { connection: { state: "live" }, status: { source: "simulated", symbols: ["AAPL"] }, book: {} };
  assert.equal(book.condition({}, "AAPL").phase, "loading");
  assert.equal(book.condition(live, "AAPL").phase, "loading");
  assert.match(book.condition(live, "XYZ").text, /XYZ is not traded/);
  const now = { market: 60_000, age: 4_000 };
  assert.equal(book.condition({ ...live, book: { AAPL: BOOK } }, "AAPL", now).phase, "live");
  const lost = { ...live, connection: { state: "reconnecting" }, book: { AAPL: BOOK } };
  assert.deepEqual(book.condition(lost, "AAPL", now), { phase: "stale", text: "Reconnecting · book of 4 s ago" });
});

test("a book whose provider is silent is as old as what was last heard of it, whatever the page's line did, and alone", () => {
  const feeds = { AAPL: { q: "Kraken", qa: 15_000, k: "stale" }, MSFT: { q: "Kraken", qa: 59_900, k: "live" }, SPY: { q: "Polygon, delayed", qa: 59_000, qo: 1, k: "stale" } };
  const state = { connection: { state: "live" }, status: { source: "live" }, feeds, book: { AAPL: BOOK, MSFT: BOOK, SPY: BOOK } };
  const now = { market: 60_000, age: 0 };
  assert.deepEqual(book.condition(state, "AAPL", now), { phase: "stale", text: "Nothing new from Kraken · book of 45 s ago" });
  assert.equal(book.condition(state, "MSFT", now).phase, "live");
  assert.equal(book.condition(state, "SPY", now).text, "Nothing new from Polygon, delayed · book of 59 s ago");
  assert.equal(book.condition({ ...state, status: { source: "simulated" } }, "AAPL", now).phase, "live");
});

test("a book that is being fetched again is not called empty", () => {
  const of = (found) => book.condition({ connection: { state: "live" }, status: { source: "resync" }, feeds: { AAPL: { q: "Kraken", qa: 1, k: "resync" } }, book: { AAPL: found } }, "AAPL", { market: 2, age: 1 });
  assert.deepEqual(of({ b: [], a: [] }), { phase: "empty", text: "What Kraken says of AAPL is being fetched again" });
  assert.equal(of(BOOK).phase, "stale");
});

test("a replayed bar file says why it has no book", () => {
  const state = { connection: { state: "live" }, status: { source: "replay" }, book: { A: { b: [], a: [], ts: 0 } } };
  assert.match(book.condition(state, "A").text, /bar files have trades only/);
});

test("ticks become exact decimal text", () => {
  assert.equal(book.decimal(22983, 0.01, 2), "229.83");
  assert.equal(book.decimal(3, 0.1, 1), "0.3");
});

test("a stop that waits stands at its trigger; once reached, at its limit", () => {
  const order = (changes) => ({ symbol: "AAPL", side: "sell", qty: "10", filled: "0", status: "new", created: 1, limit_ticks: null, ...changes });
  const orders = {
    a: order({ type: "stop", stop_ticks: 22500 }),
    b: order({ type: "stop_limit", stop_ticks: 22400, limit_ticks: 22390, created: 2 }),
    c: order({ type: "stop_limit", stop_ticks: 22400, limit_ticks: 22390, triggered: 5, created: 3 }),
    d: order({ type: "limit", limit_ticks: 23000, status: "held", created: 4 }),
    e: order({ type: "limit", limit_ticks: 23000, tif: "cls", created: 5 }),
  };
  const own = book.ownOrders({ orders, queue: {} }, "AAPL", 1);
  assert.deepEqual(own.map(({ id, price, kind, limit, pending }) => [id, price, kind, limit, pending]), [
    ["a", 22500, "stop", null, false],
    ["b", 22400, "stop", 22390, false],
    ["c", 22390, undefined, undefined, false],
    ["d", 23000, undefined, undefined, true],
    ["e", 23000, undefined, undefined, true],
  ]);
});
