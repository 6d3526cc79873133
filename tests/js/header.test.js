const test = require("node:test");
const assert = require("node:assert");
require("../../assets/format.js");
const header = require("../../assets/header.js");

const live = { state: "live", attempt: 0, retryAt: 0, rtt: 4.2, since: 0 };

test("the badge says the desk's word, and of a desk that does not answer that it does not", () => {
  const status = { source: "simulated", playing: true, ended: false };
  assert.equal(header.badge(status, live, false), "simulated");
  for (const source of ["live", "delayed", "stale", "resync"]) assert.equal(header.badge({ ...status, source }, live, false), source);
  for (const state of ["silent", "reconnecting", "offline"]) assert.equal(header.badge(status, { ...live, state }, false), state);
  assert.equal(header.badge({ ...status, source: "live" }, live, true), "stale");
  assert.equal(header.badge({ ...status, playing: false }, live, true), "paused");
  assert.equal(header.badge({ ...status, source: "replay", playing: false }, live, true), "replay");
});

test("a silence that is unusual is an age in a word of its own", () => {
  assert.equal(header.ageWord("live", 2_000, 2_500), "age");
  assert.equal(header.ageWord("live", 3_000, 2_500), "quiet");
  assert.equal(header.ageWord("stale", 3_000, 2_500), "age");
  assert.equal(header.ageWord("delayed", 900_000, 2_500), "age");
});

test("the connection says the truth in words", () => {
  const at = (ms) => "at " + ms;
  assert.equal(header.connectionText(live, 0, at), "Connected 4 ms");
  assert.equal(header.connectionText(live, 0, at, true), "4 ms");
  assert.equal(header.connectionText({ state: "reconnecting", attempt: 3, retryAt: 4000 }, 100, at), "Reconnecting, try 3 in 4 s");
  assert.equal(header.connectionText({ state: "reconnecting", attempt: 3, retryAt: 4000 }, 100, at, true), "Try 3 in 4 s");
  assert.equal(header.connectionText({ state: "reconnecting", attempt: 0, retryAt: 0 }, 100, at), "Reconnecting, try 1 now");
  assert.equal(header.connectionText({ state: "silent", heardAt: 1000 }, 5900, at), "No answer for 4 s");
  assert.equal(header.connectionText({ state: "silent", heardAt: 1000 }, 5900, at, true), "4 s");
  assert.equal(header.connectionText({ state: "offline", since: 9 }, 100, at), "Offline since at 9");
});

test("the session is what hinders trading most", () => {
  assert.equal(header.sessionText({ playing: true }, { st: "regular", ht: 1 }), "halted");
  assert.equal(header.sessionText({ playing: false }, { st: "regular", ht: 0 }), "paused");
  assert.equal(header.sessionText({ source: "simulated", playing: true, speed: 10 }, { st: "always", ht: 0 }), "10×");
  assert.equal(header.sessionText({ playing: true }, { st: "always", ht: 0 }), "open always");
  assert.equal(header.sessionText({ ended: true, playing: false }, {}), "ended");
});

test("day P&L is a share of what the day began with", () => {
  assert.equal(header.dayShare("101000", "1000"), 1);
  assert.equal(header.dayShare("0", "0"), null);
});

test("the banner shows the journal before other faults", () => {
  const full = header.banner({ journal: "the disk is full", faults: ["x"] });
  assert.deepEqual(full, { isBad: true, text: "Orders are refused: the disk is full. Nothing is lost." });
  assert.deepEqual(header.banner({ journal: "ok", faults: ["One.", "Two."] }), { isBad: false, text: "One. Two." });
  assert.equal(header.banner({ journal: "ok", faults: [] }), null);
});

test("the sentence after stopping counts what went", () => {
  assert.equal(header.stoppedText(2, 1), "Stopped: 2 orders are cancelled, 1 position is closing.");
});

test("the question before stopping counts what will go", () => {
  assert.equal(header.stopDetail(1, 2), "1 open order is cancelled and 2 positions are closed at the market.");
});

test("the parts of the day add up to it, to the cent", () => {
  const parts = header.dayParts({ day_pl: "-47.004", day_rpl: "-28.004", day_fees: "0.004", day_income: "1.5" });
  assert.deepEqual(parts, [["Realised today", -28], ["Unrealised today", -20.5], ["Fees", -0], ["Interest, dividends", 1.5]]);
  assert.equal(parts.reduce((sum, [, value]) => sum + value, 0), -47);
});

test("a replay's own account is not called after the recording twice", () => {
  assert.equal(header.nameText("Replay of AMZN 2012-06-21", "replay"), "Replay");
  assert.equal(header.nameText("Swing", "replay"), "Swing");
  assert.equal(header.nameText(undefined, "simulated"), "Account");
});
