// The reducer as a table of cases.
"use strict";
const test = require("node:test");
const assert = require("node:assert/strict");
const zlib = require("node:zlib");
const live = require("../../assets/live_state.js");
const { aBook } = require("./books.js");

function reader() {
  const memory = { state: live.emptyState(), sequences: new Map(), awaited: new Map() };
  memory.take = (t, k, s, d) => live.apply(memory.state, memory.sequences, memory.awaited, { t, k, s, d });
  return memory;
}

test("the checksum is the CRC-32 that everybody computes", () => {
  assert.equal(live.crc32("123456789"), 0xcbf43926);
  assert.equal(live.crc32(""), 0);
  if (zlib.crc32) assert.equal(live.crc32("10:5|9:1"), zlib.crc32("10:5|9:1"));
});

test("the book's checksum takes ten bids, then ten asks", () => {
  const book = aBook(1000, 12);
  const levels = [...book.b.slice(0, 10), ...book.a.slice(0, 10)];
  assert.equal(live.checksum(book), live.crc32(levels.map(([price, qty]) => `${price}:${qty}`).join("|")));
  assert.equal(live.checksum({ b: [[10, 5, 1]], a: [] }), live.crc32("10:5"));
});

test("levels stay sorted, best first, whatever comes", () => {
  let seed = 7;
  const random = (below) => (seed = (seed * 1103515245 + 12345) % 2147483648) % below;
  for (const isBid of [true, false]) {
    const side = [];
    const naive = new Map();
    for (let step = 0; step < 2000; step++) {
      const level = [random(60), random(4), 1];
      live.placeLevel(side, level, isBid);
      if (level[1]) naive.set(level[0], level);
      else naive.delete(level[0]);
      const sorted = [...naive.values()].sort((one, other) => (isBid ? other[0] - one[0] : one[0] - other[0]));
      assert.deepEqual(side, sorted);
    }
  }
});

test("a bar replaces the one with its start, or is put in its place", () => {
  const bars = [[1, "a"], [3, "a"]];
  live.placeBar(bars, [3, "b"]);
  live.placeBar(bars, [4, "c"]);
  live.placeBar(bars, [2, "d"]);
  assert.deepEqual(bars, [[1, "a"], [2, "d"], [3, "b"], [4, "c"]]);
});

test("a snapshot, then deltas in order", () => {
  const { state, take } = reader();
  assert.equal(take("market", "s", 4, { AAPL: { l: 1, b: 2 } }), "applied");
  assert.equal(take("market", "d", 5, { AAPL: { l: 3 }, MSFT: { l: 9 } }), "applied");
  assert.deepEqual(state.market, { AAPL: { l: 3, b: 2 }, MSFT: { l: 9 } });
});

test("what is known already is not applied twice", () => {
  const { state, take } = reader();
  take("tape:AAPL", "s", 4, [[1, 0, 10, 1, 1]]);
  take("tape:AAPL", "d", 5, [[2, 0, 10, 1, 1]]);
  assert.equal(take("tape:AAPL", "d", 5, [[2, 0, 10, 1, 1]]), "known");
  assert.equal(take("tape:AAPL", "d", 4, [[1, 0, 10, 1, 1]]), "known");
  assert.equal(take("tape:AAPL", "s", 4, []), "known");
  assert.deepEqual(state.tape.AAPL.map(([id]) => id), [1, 2]);
});

test("a gap is seen, and deltas wait for the snapshot that was asked for", () => {
  const { state, take, awaited } = reader();
  assert.equal(take("status", "d", 1, { speed: 1 }), "gap");
  take("status", "s", 4, { speed: 1 });
  assert.equal(take("status", "d", 6, { speed: 2 }), "gap");
  awaited.set("status", 0);
  assert.equal(take("status", "d", 7, { speed: 3 }), "waiting");
  assert.equal(take("status", "s", 7, { speed: 4 }), "applied");
  assert.equal(take("status", "d", 8, { speed: 5 }), "applied");
  assert.equal(state.status.speed, 5);
});

test("a book that is not the server's is found out", () => {
  const { state, take } = reader();
  assert.equal(take("book:AAPL", "s", 1, aBook(1000)), "applied");
  const next = aBook(1000);
  next.b.splice(1, 1);
  const crc = live.checksum(next);
  assert.equal(take("book:AAPL", "d", 2, { b: [[998, 0, 0]], a: [], crc, ts: 2 }), "applied");
  assert.equal(take("book:AAPL", "d", 3, { b: [[997, 7, 1]], a: [], crc, ts: 3 }), "checksum");
  assert.equal(take("book:AAPL", "s", 3, aBook(1001)), "applied");
  assert.equal(state.book.AAPL.b[0][0], 1000);
});

test("the tape and the bars are bounded", () => {
  const { state, take } = reader();
  take("tape:AAPL", "s", 0, []);
  take("bars:AAPL:1m", "s", 0, []);
  for (let step = 1; step <= 600; step++) {
    take("tape:AAPL", "d", step, [[step, 0, 1, 1, 0]]);
    take("bars:AAPL:1m", "d", step, [1, 2, 3, 4, 5].map((each) => [step * 5 + each]));
  }
  assert.equal(state.tape.AAPL.length, 500);
  assert.equal(state.tape.AAPL[499][0], 600);
  assert.equal(state.bars["AAPL:1m"].length, 2000);
});

test("the desk keeps orders by id and fills newest last", () => {
  const { state, take } = reader();
  const account = { id: "paper", cash: "1" };
  take("desk", "s", 1, { account, positions: [], orders: [{ id: "o1", status: "new" }], fills: [{ id: "f1" }], queue: {} });
  take("desk", "d", 2, { account: { cash: "2" }, orders: [{ id: "o1", status: "filled" }, { id: "o2", status: "new" }] });
  take("desk", "d", 3, { fills: [{ id: "f2" }, { id: "f3" }], positions: [{ symbol: "AAPL" }], queue: { o2: [1] } });
  assert.deepEqual(state.desk.account, { id: "paper", cash: "2" });
  assert.deepEqual(Object.keys(state.desk.orders), ["o1", "o2"]);
  assert.equal(state.desk.orders.o1.status, "filled");
  assert.deepEqual(state.desk.fills.map(({ id }) => id), ["f1", "f2", "f3"]);
  assert.deepEqual(live.summaryOf(state).orders, 1);
  take("desk", "d", 4, { positions: [], queue: {} });
  assert.deepEqual([state.desk.positions, state.desk.queue], [[], {}]);
});

test("of very many orders the oldest closed ones are forgotten, never an open one", () => {
  const { state, take } = reader();
  take("desk", "s", 0, { account: {}, positions: [], orders: [{ id: "open", status: "new", updated: 0 }], fills: [], queue: {} });
  const orders = Array.from({ length: 1500 }, (_, each) => ({ id: `o${each}`, status: "filled", updated: each + 1 }));
  take("desk", "d", 1, { orders });
  assert.equal(Object.keys(state.desk.orders).length, 1000);
  assert.ok(state.desk.orders.open && state.desk.orders.o1499 && !state.desk.orders.o0);
});

test("risk is kept by account, whole, and what is no longer shown is gone", () => {
  const { state, take } = reader();
  take("risk", "s", 1, { "": { state: "active" }, paper: { state: "active" }, bot: { state: "active" } });
  take("risk", "d", 2, { paper: { state: "halted" }, bot: null });
  assert.deepEqual(state.risk, { "": { state: "active" }, paper: { state: "halted" } });
});
