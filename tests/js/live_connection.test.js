// The connection in a world of its own: a clock that is moved by hand.
"use strict";
const test = require("node:test");
const assert = require("node:assert/strict");
require("../../assets/live_state.js");
const { aBook } = require("./books.js");
const live = require("../../assets/live_connection.js");

test("delays are full jitter, bounded, and longest for our own faults", () => {
  assert.equal(live.retryDelay(0, 1, 1006), 500);
  assert.equal(live.retryDelay(3, 0.5, 1012), 2000);
  assert.equal(live.retryDelay(50, 1, 1006), 30000);
  assert.equal(live.retryDelay(5, 0, 1006), 0);
  for (const code of [4400, 4409, 4429]) assert.equal(live.retryDelay(0, 0, code), 30000);
});

test("the round-trip time is smoothed", () => {
  assert.equal(live.smoothed(null, 8), 8);
  assert.equal(live.smoothed(8, 16), 9);
});

class World {
  constructor() {
    this.time = 0;
    this.timers = [];
    this.sockets = [];
    this.published = [];
    this.complaints = [];
    this.hidden = false;
    this.online = true;
    this.isLocal = false;
    this.chance = 0.5;
    this.hasStore = true;
    this.live = live.createLive(this);
  }

  open(handlers) {
    const socket = { handlers, said: [], isClosed: false };
    this.sockets.push(socket);
    return { send: (text) => socket.said.push(JSON.parse(text)), close: () => { socket.isClosed = true; } };
  }

  now() { return 1e12 + this.time; }
  elapsed() { return this.time; }
  random() { return this.chance; }
  isHidden() { return this.hidden; }
  isOnline() { return this.online; }
  complain(error) { this.complaints.push(error); }

  publish(summary) {
    if (this.hasStore) this.published.push({ at: this.time, ...summary });
    return this.hasStore;
  }

  later(fn, ms) {
    const timer = { at: this.time + ms, fn };
    this.timers.push(timer);
    return () => { this.timers = this.timers.filter((each) => each !== timer); };
  }

  pass(ms) {
    const until = this.time + ms;
    for (;;) {
      const due = this.timers.filter((each) => each.at <= until).sort((one, other) => one.at - other.at)[0];
      if (!due) break;
      this.timers = this.timers.filter((each) => each !== due);
      this.time = Math.max(this.time, due.at);
      due.fn();
    }
    this.time = until;
  }

  get socket() { return this.sockets[this.sockets.length - 1]; }
  get connection() { return this.live.state.connection; }
  said(op) { return this.socket.said.filter((message) => message.op === op); }
  hear(...messages) { this.socket.handlers.message(JSON.stringify(messages)); }
  welcome(epoch = "run-1") {
    this.socket.handlers.open();
    this.hear({ t: "welcome", d: { v: 1, epoch, heartbeat_s: 5, now: 1000 } });
  }
}

function connected(...topics) {
  const world = new World();
  if (topics.length) world.live.want("test", topics);
  world.live.start();
  world.welcome();
  world.pass(1);
  return world;
}

test("it connects, subscribes, and is live with the welcome", () => {
  const world = new World();
  assert.equal(world.connection.state, "connecting");
  world.live.start();
  world.socket.handlers.open();
  assert.equal(world.connection.state, "connecting");
  assert.deepEqual(world.said("subscribe"), [{ op: "subscribe", topics: ["status", "market", "desk", "risk"] }]);
  world.welcome();
  assert.equal(world.connection.state, "live");
  assert.equal(world.connection.since, world.now());
});

test("the union of what is wanted is subscribed, in one message a turn", () => {
  const world = connected();
  world.live.want("ladder", ["book:AAPL", "tape:AAPL"]);
  world.live.want("depth", ["book:AAPL"]);
  world.pass(1);
  assert.deepEqual(world.said("subscribe").slice(1), [{ op: "subscribe", topics: ["book:AAPL", "tape:AAPL"] }]);
  world.hear({ t: "book:AAPL", k: "s", s: 1, d: aBook(1000) });
  world.live.want("ladder", ["book:MSFT"]);
  world.pass(1);
  assert.deepEqual(world.said("unsubscribe"), [{ op: "unsubscribe", topics: ["tape:AAPL"] }]);
  assert.ok(world.live.state.book.AAPL);
  world.live.want("depth", []);
  world.pass(1);
  assert.equal(world.live.state.book.AAPL, undefined);
  world.hear({ t: "book:AAPL", k: "d", s: 2, d: {} });
  assert.equal(world.connection.faults, 0);
});

test("listeners hear after the state changed, and one that throws hurts nobody", () => {
  const world = connected("book:AAPL");
  const heard = [];
  world.live.on("book", () => { throw new Error("broken panel"); });
  const stop = world.live.on("book", (key, message) => heard.push([key, message.s, world.live.state.book[key].b[0][0]]));
  world.hear({ t: "book:AAPL", k: "s", s: 1, d: aBook(1000) });
  assert.deepEqual(heard, [["AAPL", 1, 999]]);
  assert.equal(world.complaints.length, 1);
  stop();
  world.hear({ t: "book:AAPL", k: "s", s: 2, d: aBook(1000) });
  assert.equal(heard.length, 1);
  assert.throws(() => world.live.on("books", () => {}), /wanted one of/);
});

test("after a gap a snapshot is asked for, once", () => {
  const world = connected();
  world.hear({ t: "market", k: "s", s: 1, d: {} });
  for (const s of [3, 4, 5, 6]) world.hear({ t: "market", k: "d", s, d: {} });
  assert.deepEqual(world.said("snapshot"), [{ op: "snapshot", topic: "market" }]);
  assert.equal(world.connection.faults, 1);
  world.hear({ t: "market", k: "s", s: 6, d: { AAPL: { l: 1 } } }, { t: "market", k: "d", s: 7, d: { AAPL: { l: 2 } } });
  assert.equal(world.live.state.market.AAPL.l, 2);
});

test("a book that stays wrong is asked for once a second, not in a storm", () => {
  const world = connected("book:AAPL");
  const wrong = { ...aBook(1000), crc: 1 };
  for (let s = 1; s < 200; s++) {
    world.hear({ t: "book:AAPL", k: "s", s, d: wrong });
    world.pass(10);
  }
  const asked = world.said("snapshot").filter(({ topic }) => topic === "book:AAPL").length;
  assert.ok(asked >= 2 && asked <= 3, `asked ${asked} times`);
  assert.ok(world.connection.faults >= 199);
});

test("a snapshot that never comes is asked for again", () => {
  const world = connected("book:AAPL");
  world.hear({ t: "book:AAPL", k: "d", s: 9, d: {} });
  assert.equal(world.said("snapshot").length, 0);
  world.pass(2500);
  assert.ok(world.said("snapshot").some(({ topic }) => topic === "book:AAPL"));
  assert.equal(world.connection.faults, 0);
});

test("it pings every 5 s and smooths the round trip", () => {
  const world = connected();
  const echo = world.said("ping")[0].echo;
  world.pass(8);
  world.hear({ t: "pong", d: { echo, now: 1 } });
  assert.ok(Math.abs(world.connection.rtt - 9) < 0.01);
  for (let second = 0; second < 11; second++) {
    world.pass(1000);
    world.hear({ t: "hb", d: { now: 1 } });
  }
  assert.equal(world.said("ping").length, 3);
});

test("a socket that is silent for 12 s is given up", () => {
  const world = connected();
  world.pass(11500);
  assert.ok(!world.sockets[0].isClosed);
  world.pass(2000);
  assert.ok(world.sockets[0].isClosed);
  assert.equal(world.connection.state, "reconnecting");
});

test("a lost connection is tried again with a growing delay that can be told", () => {
  const world = connected();
  world.socket.handlers.close(1006, "");
  assert.deepEqual(
    [world.connection.state, world.connection.attempt, world.connection.retryAt - world.now()], ["reconnecting", 1, 250]);
  world.pass(249);
  assert.equal(world.sockets.length, 1);
  world.pass(1);
  assert.equal(world.sockets.length, 2);
  assert.equal(world.connection.retryAt, null);
  world.socket.handlers.close(1006, "");
  assert.deepEqual([world.connection.attempt, world.connection.retryAt - world.now()], [2, 500]);
  world.pass(500);
  world.welcome();
  assert.deepEqual([world.connection.state, world.connection.attempt], ["live", 2]);
  for (let second = 0; second < 11; second++) {
    world.pass(1000);
    world.hear({ t: "hb", d: { now: 1 } });
  }
  assert.equal(world.connection.attempt, 0);
});

test("it resumes from what it has, and shows nothing twice", () => {
  const world = connected("tape:AAPL");
  world.hear({ t: "tape:AAPL", k: "s", s: 7, d: [[1, 0, 1, 1, 1]] }, { t: "market", k: "s", s: 3, d: {} });
  world.socket.handlers.close(1012, "");
  world.pass(500);
  world.socket.handlers.open();
  const [{ topics, resume }] = world.said("subscribe");
  assert.deepEqual(new Set(topics), new Set(["status", "market", "desk", "risk", "tape:AAPL"]));
  assert.deepEqual(resume, { epoch: "run-1", seq: { market: 3, "tape:AAPL": 7 } });
  world.hear({ t: "welcome", d: { v: 1, epoch: "run-1", now: 1 } });
  world.hear({ t: "tape:AAPL", k: "d", s: 7, d: [[1, 0, 1, 1, 1]] }, { t: "tape:AAPL", k: "d", s: 8, d: [[2, 0, 1, 1, 1]] });
  assert.deepEqual(world.live.state.tape.AAPL.map(([id]) => id), [1, 2]);
  assert.equal(world.connection.faults, 0);
});

test("after a restart of the server every number starts anew", () => {
  const world = connected();
  world.hear({ t: "market", k: "s", s: 900, d: { AAPL: { l: 1 } } });
  world.socket.handlers.close(1012, "");
  world.pass(500);
  world.welcome("run-2");
  assert.equal(world.live.state.market.AAPL.l, 1);
  world.hear({ t: "market", k: "s", s: 1, d: { AAPL: { l: 2 } } }, { t: "market", k: "d", s: 2, d: { AAPL: { l: 3 } } });
  assert.equal(world.live.state.market.AAPL.l, 3);
  assert.equal(world.connection.faults, 0);
});

test("our own fault waits longest and says why", () => {
  const world = connected();
  world.hear({ t: "error", d: { code: 4400, message: "wanted a topic, found 'x'" } });
  world.socket.handlers.close(4400, "cut");
  assert.equal(world.connection.reason, "wanted a topic, found 'x'");
  assert.equal(world.connection.retryAt - world.now(), 30000);
});

test("a message that is not JSON is a fault, not an end", () => {
  const world = connected();
  world.socket.handlers.message("{");
  assert.equal(world.connection.faults, 1);
  world.hear({ t: "market", k: "s", s: 1, d: { AAPL: {} } });
  assert.ok(world.live.state.market.AAPL);
});

test("a hidden tab pauses after a moment and resumes at once", () => {
  const world = connected();
  world.hidden = true;
  world.live.visibilityChanged();
  world.pass(500);
  world.hidden = false;
  world.live.visibilityChanged();
  assert.equal(world.said("pause").length + world.said("resume").length, 0);
  world.hidden = true;
  world.live.visibilityChanged();
  world.pass(1000);
  assert.equal(world.said("pause").length, 1);
  world.hidden = false;
  world.live.visibilityChanged();
  assert.equal(world.said("resume").length, 1);
});

test("a tab that reconnects while hidden is paused from the start", () => {
  const world = connected();
  world.hidden = true;
  world.live.visibilityChanged();
  world.pass(1000);
  world.socket.handlers.close(1006, "");
  world.pass(500);
  world.welcome();
  assert.deepEqual(world.socket.said.map(({ op }) => op), ["subscribe", "ping", "pause"]);
});

test("offline is said, and online tries at once", () => {
  const world = connected();
  world.online = false;
  world.live.wentOffline();
  assert.equal(world.connection.state, "live");
  world.pass(5000);
  assert.equal(world.connection.state, "offline");
  world.online = true;
  world.live.cameOnline();
  assert.equal(world.sockets.length, 2);
  world.welcome();
  assert.equal(world.connection.state, "live");
});

test("a desk on this machine does not care for the network", () => {
  const world = connected();
  world.isLocal = true;
  world.online = false;
  world.live.wentOffline();
  world.pass(2000);
  assert.equal(world.connection.state, "live");
  world.socket.handlers.close(1006, "");
  assert.equal(world.connection.state, "reconnecting");
});

test("after leaving nothing is tried any more", () => {
  const world = connected();
  world.live.leave();
  world.pass(60000);
  assert.equal(world.sockets.length, 1);
  world.live.retryNow();
  assert.equal(world.sockets.length, 2);
});

test("what an abandoned socket still says is not heard", () => {
  const world = connected();
  const old = world.socket;
  world.live.leave();
  old.handlers.message(JSON.stringify([{ t: "market", k: "s", s: 1, d: { AAPL: {} } }]));
  old.handlers.close(1000, "");
  assert.deepEqual(world.live.state.market, {});
  world.pass(60000);
  assert.equal(world.sockets.length, 1);
});

test("market time runs with the market's speed and stands while it is paused", () => {
  const world = connected();
  world.hear({ t: "status", k: "s", s: 1, d: { now: 1000, speed: 10, playing: true, ended: false } });
  world.pass(100);
  assert.equal(world.live.marketNow(), 2000);
  world.hear({ t: "status", k: "d", s: 2, d: { now: 2500, playing: false } });
  world.pass(100);
  assert.equal(world.live.marketNow(), 2500);
});

test("a summary goes to Dash at most four times a second, and only when it changed", () => {
  const world = connected();
  world.hear({ t: "desk", k: "s", s: 0, d: { account: {}, positions: [], orders: [], fills: [], queue: {} } });
  for (let s = 1; s <= 100; s++) {
    world.hear({ t: "desk", k: "d", s, d: { account: { equity: String(s) } } });
    world.pass(10);
  }
  world.pass(500);
  assert.ok(world.published.length >= 3 && world.published.length <= 6);
  for (let each = 1; each < world.published.length; each++) {
    assert.ok(world.published[each].at - world.published[each - 1].at >= 250);
  }
  assert.equal(world.published[world.published.length - 1].account.equity, "100");
  const count = world.published.length;
  for (let s = 1; s < 20; s++) {
    world.hear({ t: "status", k: "s", s, d: { now: s, speed: 1, playing: true } });
    world.pass(300);
  }
  assert.equal(world.published.length, count + 1);
});

test("where no store is on the page nothing is published, until there is one", () => {
  const world = new World();
  world.hasStore = false;
  world.live.start();
  world.welcome();
  world.pass(1000);
  assert.equal(world.published.length, 0);
  world.hasStore = true;
  world.hear({ t: "status", k: "s", s: 1, d: { now: 1 } });
  world.pass(1000);
  assert.equal(world.published.length, 1);
});

test("another account takes the desk's place at once, and nothing of the former one is left", () => {
  const world = connected();
  const heard = [];
  world.live.on("desk", (_key, message) => heard.push([message.t, message.k]));
  const affairs = (id) => ({ account: { id }, positions: [{ symbol: "AAPL" }], orders: [], fills: [], queue: {} });
  world.hear({ t: "desk", k: "s", s: 1, d: affairs("paper") });
  world.live.follow("bot");
  assert.deepEqual(world.live.state.desk.positions, []);
  assert.deepEqual(world.said("unsubscribe"), [{ op: "unsubscribe", topics: ["desk"] }]);
  assert.deepEqual(world.said("subscribe").at(-1), { op: "subscribe", topics: ["desk:bot"] });
  world.hear({ t: "desk", k: "d", s: 2, d: { positions: [{ symbol: "MSFT" }] } });
  assert.deepEqual(world.live.state.desk.positions, []);
  world.hear({ t: "desk:bot", k: "s", s: 1, d: affairs("bot") });
  world.hear({ t: "desk:bot", k: "d", s: 2, d: { account: { cash: "5" } } });
  assert.deepEqual(world.live.state.desk.account, { id: "bot", cash: "5" });
  assert.deepEqual(heard, [["desk", "s"], ["desk:bot", "s"], ["desk:bot", "s"], ["desk:bot", "d"]]);
  world.live.want("ladder", ["desk"]);
  world.live.follow("bot");
  world.pass(1);
  assert.equal(world.said("subscribe").length, 2);
});

test("a line that says nothing is asked, and is silent when it does not answer", () => {
  const world = connected("status");
  world.hear({ t: "status", k: "s", s: 1, d: { now: 5000, playing: true, speed: 1 } });
  const asked = world.said("ping").length;
  world.pass(2000);
  assert.equal(world.said("ping").length, asked + 1);
  assert.equal(world.connection.state, "live");
  world.pass(1500);
  assert.equal(world.connection.state, "silent");
  assert.equal(world.live.marketNow(), 5000, "the clock stands where it was last heard");
  assert.equal(world.live.silence(), 3500);
  world.hear({ t: "hb", d: { now: 9000 } });
  assert.deepEqual([world.connection.state, world.live.silence(), world.live.marketNow()], ["live", 0, 9000]);
});

test("a quiet market whose server answers is not silent", () => {
  const world = connected();
  for (let at = 0; at < 20; at += 1) {
    const asked = world.said("ping").length;
    world.pass(500);
    if (world.said("ping").length > asked) world.hear({ t: "pong", d: { echo: 0, now: 1 } });
    assert.equal(world.connection.state, "live");
  }
  assert.ok(world.said("ping").length <= 12);
});

test("a hidden page is told heartbeats alone, and is not silent between them", () => {
  const world = connected();
  world.hidden = true;
  world.live.visibilityChanged();
  world.pass(5500);
  assert.equal(world.connection.state, "live");
});

test("the watchlist is told when it changes and on every new line, and by nobody who has none", () => {
  const world = new World();
  const said = (at) => world.sockets[at].said.filter((message) => message.op === "watch");
  world.live.start();
  world.live.watch(["AAPL", "F"]);
  world.sockets[0].handlers.open();
  assert.deepEqual(said(0), [{ op: "watch", symbols: ["AAPL", "F"] }]);
  world.live.watch(["AAPL"]);
  assert.deepEqual(said(0)[1], { op: "watch", symbols: ["AAPL"] });
  world.sockets[0].handlers.close(1006, "");
  world.pass(1000);
  world.sockets[1].handlers.open();
  assert.deepEqual(said(1), [{ op: "watch", symbols: ["AAPL"] }]);
});
