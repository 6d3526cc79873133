"use strict";
// Bars for tests of what is made of them: a seeded walk, or as given.
const data = require("../../assets/chart_data.js");
const time = require("../../assets/chart_time.js");

function walk(count, seed = 3) {
  const bars = data.series();
  let state = seed;
  const next = () => (state = (state * 16807) % 2147483647) / 2147483647;
  let price = 1000;
  for (let i = 0; i < count; i += 1) {
    const open = price;
    price = Math.max(10, price + Math.round((next() - 0.5) * 20));
    data.merge(bars, [[i * 60000, open, Math.max(open, price) + 2, Math.min(open, price) - 2, price, Math.round(next() * 100)]]);
  }
  time.setWalls(bars, 0, () => 0);
  return bars;
}

// Each of `rows` is a close, or [high, low, close].
function given(rows) {
  const bars = data.series();
  rows.forEach((row, i) => {
    const [high, low, close] = Array.isArray(row) ? row : [row, row, row];
    data.merge(bars, [[i * 60000, close, high, low, close, 1]]);
  });
  time.setWalls(bars, 0, () => 0);
  return bars;
}

// Feeds `count` rows, four ticks a bar, and calls `after(from)` for each: bars are begun and moved about as in a live market.
function ticks(bars, count, after) {
  for (let i = 0; i < count; i += 1) {
    const last = bars.n - 1;
    const start = i % 4 === 0 ? bars.start[last] + 60000 : bars.start[last];
    const close = 1000 + Math.round(40 * Math.sin(i / 3));
    const { from } = data.merge(bars, [[start, 1000, Math.max(1000, close) + 2 + (i % 3), Math.min(1000, close) - 2, close, 10 + i]]);
    time.setWalls(bars, from, () => 0);
    after(from);
  }
}

const alike = (one, other) => (Number.isNaN(other) ? Number.isNaN(one) : Math.abs(one - other) < 1e-6);

module.exports = { walk, given, ticks, alike };
