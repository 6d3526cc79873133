"use strict";
const test = require("node:test");
const assert = require("node:assert/strict");
require("../../assets/chart_smoothing.js");
const panes = require("../../assets/chart_panes.js");
const indicators = require("../../assets/chart_indicators.js");
const { paneWords } = require("../../assets/chart_indicator_form.js");

test("choices from the browser's store are made sound", () => {
  const stored = [{ kind: "sma", period: "12" }, { kind: "magic", period: 3 }, { kind: "ema", period: 9999, source: "hl2" }, { kind: "vwap" }, { kind: "bands", width: "2.34" }, { kind: "rsi" }, { kind: "constructor" }, null];
  assert.deepEqual(indicators.choices(stored, "averages"), [
    { kind: "sma", period: 12, source: "close" },
    { kind: "ema", period: 500, source: "hl2" },
    { kind: "vwap" },
    { kind: "bands", period: 20, width: 2.3, source: "close" },
  ]);
  assert.deepEqual(indicators.choices("broken", "averages"), []);
});

test("studies have their own settings, usual ones where none are kept, and three are the most", () => {
  const share = panes.USUAL;
  const stored = [{ kind: "macd", fast: "", slow: 30, source: "toString" }, { kind: "rsi", share: 0.3 }, { kind: "stochastic", smooth: 0 }, { kind: "atr" }];
  assert.deepEqual(indicators.choices(stored, "studies"), [
    { kind: "macd", fast: 12, slow: 30, signal: 9, source: "close", share },
    { kind: "rsi", period: 14, source: "close", share: 0.3 },
    { kind: "stochastic", period: 14, smooth: 1, signal: 3, share },
  ]);
});

test("a title says the settings, and the source when it is not the close", () => {
  const titleOf = (given) => indicators.title(indicators.choice(given));
  assert.equal(titleOf({ kind: "rsi" }), "RSI 14");
  assert.equal(titleOf({ kind: "macd", source: "hlc3" }), "MACD 12 26 9 (H+L+C)/3");
  assert.equal(titleOf({ kind: "bands", width: 2.5 }), "Bollinger 20 2.5");
  assert.equal(titleOf({ kind: "vwap" }), "VWAP");
});

test("the menu says when there is no room for another pane", () => {
  assert.equal(paneWords(0, 3), null);
  assert.equal(paneWords(2, 3), null);
  assert.equal(paneWords(3, 3), "Three panes are the most.");
  assert.equal(paneWords(1, 1), "One pane has room here.");
  assert.equal(paneWords(2, 2), "Two panes have room here.");
  assert.equal(paneWords(3, 1), "One of three has room here.");
  assert.equal(paneWords(0, 0), "The chart is too low here for a pane.");
});
