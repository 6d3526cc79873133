"use strict";
const assert = require("node:assert/strict");
const { test } = require("node:test");
const { blank } = require("../../assets/ticket_exits.js");
const terms = require("../../assets/ticket_terms.js");

const AAPL = { tick: 0.01, lot: 1, fractional: true };
const form = (changes = {}) => ({ symbol: "AAPL", side: "buy", type: "limit", tif: "day", unit: "qty", size: "100", display: "", exits: blank(), ...changes });
const withExit = (of = "order") => ({ ...blank(), of, loss: { ...blank().loss, isOn: true } });

test("which times in force a type takes", () => {
  const taken = (changes, session = "open") => ["day", "gtc", "ioc", "fok", "opg", "cls"].filter((tif) => !terms.tifRefusal(tif, form(changes), AAPL, session));
  assert.deepEqual(taken({}), ["day", "gtc", "ioc", "fok", "opg", "cls"]);
  assert.deepEqual(taken({}, "always"), ["day", "gtc", "ioc", "fok"]);
  for (const type of ["stop", "stop_limit", "trailing_stop"]) assert.deepEqual(taken({ type }), ["day", "gtc"]);
  assert.deepEqual(taken({ exits: withExit() }), ["day", "gtc", "ioc", "fok"]);
  assert.deepEqual(taken({ exits: withExit("position") }), ["day", "gtc"]);
  assert.deepEqual(taken({ size: "0.5" }), ["day", "gtc", "ioc", "fok"]);
});

test("what is not there says why", () => {
  assert.equal(terms.tifRefusal("opg", form(), AAPL, "always"), "AAPL trades around the clock here: there is no auction");
  assert.match(terms.optionRefusal("postOnly", form({ type: "market" }), AAPL, "open"), /limit order/);
  assert.match(terms.optionRefusal("postOnly", form({ tif: "ioc" }), AAPL, "open"), /DAY or GTC/);
  assert.match(terms.optionRefusal("reduceOnly", form({ exits: withExit() }), AAPL, "open"), /opens a position/);
  assert.equal(terms.optionRefusal("reduceOnly", form({ exits: withExit("position") }), AAPL, "open"), null);
  assert.match(terms.optionRefusal("extended", form({ type: "market" }), AAPL, "open"), /limit orders/);
  assert.equal(terms.optionRefusal("display", form(), AAPL, "open"), null);
  assert.match(terms.optionRefusal("display", form({ size: "1.5" }), AAPL, "open"), /fraction/);
});

test("what a change does not allow any more gives way", () => {
  assert.deepEqual(terms.mended(form({ type: "stop", tif: "ioc", postOnly: true, display: "10", extended: true }), AAPL, "open"), { tif: "day", postOnly: false, extended: false, display: "" });
  assert.deepEqual(terms.mended(form({ postOnly: true, display: "10" }), AAPL, "open"), {});
});
