// The chart's bars as typed columns: prices in ticks, volume in lots, starts in ms. Pure: no DOM.
// Bar i of a series stands at x = base + i, so that older bars can be put in front without moving anything.
(function (root) {
  "use strict";
  const ts = (root.tradesim = root.tradesim || {});
  const FIELDS = ["start", "open", "high", "low", "close", "volume"];
  const MOST_BARS = 60000;
  const DROPPED_AT_ONCE = 20000;

  function series() {
    const made = { n: 0, base: 0 };
    for (const field of FIELDS) made[field] = new Float64Array(512);
    return made;
  }

  function grow(bars, size) {
    if (bars.start.length >= size) return;
    const capacity = Math.max(size, Math.ceil(bars.start.length * 1.5));
    for (const field of FIELDS) {
      const wider = new Float64Array(capacity);
      wider.set(bars[field].subarray(0, bars.n));
      bars[field] = wider;
    }
  }

  // Forgets what was there. `columns` holds equal-length arrays by field name.
  function replace(bars, columns) {
    bars.n = 0;
    bars.base = 0;
    grow(bars, columns.start.length);
    for (const field of FIELDS) bars[field].set(columns[field]);
    bars.n = columns.start.length;
  }

  // Puts older bars in front; what is not older than the first bar is left out. Returns how many came.
  function prepend(bars, columns) {
    const first = bars.n ? bars.start[0] : Infinity;
    let count = columns.start.length;
    while (count > 0 && columns.start[count - 1] >= first) count -= 1;
    if (!count) return 0;
    grow(bars, bars.n + count);
    for (const field of FIELDS) {
      bars[field].copyWithin(count, 0, bars.n);
      bars[field].set(columns[field].slice(0, count), 0);
    }
    bars.n += count;
    bars.base -= count;
    return count;
  }

  // Index of the bar that contains `ms`: the last one with start <= ms; -1 when all are later.
  function indexAt(bars, ms) {
    let low = 0;
    let high = bars.n;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (bars.start[middle] <= ms) low = middle + 1;
      else high = middle;
    }
    return low - 1;
  }

  function write(bars, at, row) {
    for (let f = 0; f < FIELDS.length; f += 1) bars[FIELDS[f]][at] = row[f];
  }

  // Rows are [start, open, high, low, close, volume], ascending. Same start: replaced; later: appended.
  // Returns {from: first changed index or -1, appended, missed: a row that belongs between known bars}.
  function merge(bars, rows) {
    const outcome = { from: -1, appended: 0, missed: false };
    for (const row of rows) {
      const last = bars.n - 1;
      if (last < 0 || row[0] > bars.start[last]) {
        grow(bars, bars.n + 1);
        write(bars, bars.n, row);
        bars.n += 1;
        outcome.appended += 1;
        if (outcome.from < 0) outcome.from = bars.n - 1;
        continue;
      }
      const at = row[0] === bars.start[last] ? last : indexAt(bars, row[0]);
      if (at < 0) continue;
      if (bars.start[at] !== row[0]) {
        outcome.missed = true;
        continue;
      }
      if (isSame(bars, at, row)) continue;
      write(bars, at, row);
      if (outcome.from < 0 || at < outcome.from) outcome.from = at;
    }
    return outcome;
  }

  function isSame(bars, at, row) {
    for (let f = 0; f < FIELDS.length; f += 1) if (bars[FIELDS[f]][at] !== row[f]) return false;
    return true;
  }

  // Keeps memory flat on a desk that stays open for days. Returns how many of the oldest bars went.
  function forget(bars, most, atOnce) {
    if (bars.n <= (most || MOST_BARS)) return 0;
    const gone = Math.min(bars.n - 1, atOnce || DROPPED_AT_ONCE);
    for (const field of FIELDS) bars[field].copyWithin(0, gone, bars.n);
    bars.n -= gone;
    bars.base += gone;
    return gone;
  }

  // Heikin-Ashi of `bars` into `out`, from index `from` on; start and volume are shared with `bars`.
  function heikinAshi(bars, out, from) {
    for (const field of ["open", "high", "low", "close"]) {
      if (out[field].length < bars.start.length) out[field] = copyOf(out[field], bars.start.length);
    }
    out.n = bars.n;
    out.base = bars.base;
    out.start = bars.start;
    out.volume = bars.volume;
    for (let i = Math.max(0, from); i < bars.n; i += 1) {
      const close = (bars.open[i] + bars.high[i] + bars.low[i] + bars.close[i]) / 4;
      const open = i ? (out.open[i - 1] + out.close[i - 1]) / 2 : (bars.open[0] + bars.close[0]) / 2;
      out.open[i] = open;
      out.close[i] = close;
      out.high[i] = Math.max(bars.high[i], open, close);
      out.low[i] = Math.min(bars.low[i], open, close);
    }
    return out;
  }

  function copyOf(values, capacity) {
    const wider = new Float64Array(capacity);
    wider.set(values);
    return wider;
  }

  // Lowest low, highest high and largest volume of the bars from index i0 up to, not including, i1; null when none.
  function extent(bars, i0, i1) {
    const from = Math.max(0, i0);
    const to = Math.min(bars.n, i1);
    if (from >= to) return null;
    let low = Infinity;
    let high = -Infinity;
    let volume = 0;
    for (let i = from; i < to; i += 1) {
      if (bars.low[i] < low) low = bars.low[i];
      if (bars.high[i] > high) high = bars.high[i];
      if (bars.volume[i] > volume) volume = bars.volume[i];
    }
    return { low, high, volume };
  }

  const ns = { FIELDS, series, replace, prepend, merge, forget, indexAt, heikinAshi, extent };
  ts.chartData = ns;
  if (typeof module !== "undefined") module.exports = ns;
})(typeof window === "undefined" ? globalThis : window);
