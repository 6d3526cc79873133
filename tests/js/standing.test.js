const assert = require("node:assert/strict");
const { test } = require("node:test");
require("../../assets/format.js");
const { who, sentence, blind, deed, heldBack, notices, question, choiceOf } = require("../../assets/standing.js");

const when = () => "14:03";
const HALTED = { state: "halted", cause: "kill_switch", message: "the kill switch was pulled", since: 1, by: "person", is_desks: false };
const REDUCING = { ...HALTED, state: "reducing", cause: "max_day_loss", message: "the day's loss is 512.10, the limit is 500.00", by: "limit" };

test("a state is told plainly: what, by whom, since when, why", () => {
  assert.equal(sentence(HALTED, when), "HALTED by you, 14:03. Nothing but cancels is taken.");
  assert.equal(sentence({ ...HALTED, message: "lunch" }, when), "HALTED by you, 14:03: lunch. Nothing but cancels is taken.");
  assert.equal(sentence(REDUCING, when), "REDUCING by a limit, 14:03: the day's loss is 512.10, the limit is 500.00. Only what makes a position smaller is taken.");
  assert.equal(sentence({ ...HALTED, is_desks: true }, when), "The whole desk is HALTED by you, 14:03. Nothing but cancels is taken.");
  assert.equal(sentence({ ...HALTED, state: "active" }, when), null);
  assert.equal(sentence(null, when), null);
  assert.equal(who("momentum bot"), "by momentum bot");
  assert.equal(who("guard"), "by the runaway guard");
});

test("the ticket's button explains what would be refused, and nothing else", () => {
  assert.match(deed(HALTED, "sell", 100), /^Halted: only cancels are taken/);
  assert.equal(deed(REDUCING, "sell", 100), null);
  assert.equal(deed(REDUCING, "buy", -100), null);
  assert.match(deed(REDUCING, "buy", 100), /^Reducing: only what closes is taken/);
  assert.match(deed(REDUCING, "sell", 0), /^Reducing/);
  assert.equal(deed({ state: "active" }, "buy", 0), null);
  assert.equal(deed(null, "buy", 0), null);
});

test("a halt of the symbol or of the desk is told too, the gravest first", () => {
  assert.equal(deed({ state: "active" }, "buy", 0, "AAPL"), "Trading in AAPL is halted: only cancels are taken");
  assert.match(deed(REDUCING, "sell", 100, "AAPL"), /^Trading in AAPL is halted/);
  assert.match(deed(HALTED, "buy", 0, "AAPL"), /^Halted: only cancels/);
  assert.equal(deed({ ...HALTED, is_desks: true }, "buy", 0), "The whole desk is halted: only cancels are taken. Reactivate in Risk");
});

test("while a limit is still passed nothing is reactivated, and it says so", () => {
  const passed = { ...REDUCING, still_passed: "the day's loss is 512.10, the limit is 500.00" };
  assert.equal(heldBack(passed, null), "The day's loss is 512.10, the limit is 500.00: raise the limit first, or put it right.");
  assert.equal(heldBack({ ...HALTED, still_passed: "" }, null), "");
  assert.equal(heldBack(null, null), "");
  assert.match(heldBack({ ...passed, still_passed: "", is_desks: true }, passed), /^The day's loss/);
  assert.equal(heldBack({ ...passed, is_desks: true }, { ...HALTED, still_passed: "" }), "");
  const [notice] = notices(passed, null, when, true);
  assert.match(notice.text, /is taken\. The limit is still passed: raise it or put it right, then reactivate\.$/);
  assert.ok(notice.held);
  assert.equal(notices(HALTED, null, when)[0].held, "");
  assert.match(notices(HALTED, null, when)[0].brief, /^HALTED by [^:]+, [^.]+$/);
});

test("each choice of the kill switch says that it halts", () => {
  assert.deepEqual(["cancel", "flatten", "freeze"].map(choiceOf), ["Cancel all and halt", "Flatten and halt", "Freeze and halt"]);
});

test("a margin call stands before the state", () => {
  const found = notices(REDUCING, { margin_call: "equity 900.00 is below the maintenance margin of 1,000.00" }, when);
  assert.deepEqual(found.map(({ kind, act }) => [kind, act]), [["bad", "risk"], ["warn", "reactivate"]]);
  assert.match(found[0].text, /^Margin call: equity 900\.00 is below the maintenance margin of 1,000\.00\. Open orders/);
  assert.deepEqual(notices({ state: "active" }, { margin_call: null }, when), []);
  assert.deepEqual(notices(null, null, when), []);
});

test("the question says what is stopped and how much there is of it", () => {
  const { title, detail, yes } = question("flatten", "Paper", 1, 2);
  assert.equal(title, "Flatten in Paper, and halt?");
  assert.match(detail, /^1 order is open, 2 positions are held\. Every open order is cancelled/);
  assert.match(detail, /from here or from programs, until you reactivate\.$/);
  assert.equal(yes, "Flatten and halt");
});

test("orders wait while the page is not connected, not while it finds out", () => {
  for (const state of ["reconnecting", "offline"]) assert.match(blind({ state }), /^Not connected: these prices are old/);
  for (const state of ["connecting", "live", "silent"]) assert.equal(blind({ state }), null);
});
