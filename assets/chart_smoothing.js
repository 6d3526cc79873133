// Means, smoothings and spreads over columns of numbers, each brought up to date from any bar on. Pure.
// `first` is the index of the first number that counts; what has too few numbers behind it is NaN.
(function (root) {
  "use strict";
  const ts = (root.tradesim = root.tradesim || {});
  const SOURCES = { close: "close", open: "open", high: "high", low: "low", hl2: "(H+L)/2", hlc3: "(H+L+C)/3", ohlc4: "(O+H+L+C)/4" };
  const MIXED = {
    hl2: (bars, i) => (bars.high[i] + bars.low[i]) / 2,
    hlc3: (bars, i) => (bars.high[i] + bars.low[i] + bars.close[i]) / 3,
    ohlc4: (bars, i) => (bars.open[i] + bars.high[i] + bars.low[i] + bars.close[i]) / 4,
  };

  // The column `name` of `line`, long enough for `bars`; what it held stays.
  function column(line, name, bars) {
    const held = line[name];
    if (held && held.length >= bars.start.length) return held;
    line[name] = new Float64Array(bars.start.length);
    if (held) line[name].set(held);
    return line[name];
  }

  // The prices that `line` is made of.
  function sourced(line, bars, from) {
    const mix = MIXED[line.source];
    if (!mix) return bars[line.source];
    const prices = column(line, "prices", bars);
    for (let i = from; i < bars.n; i += 1) prices[i] = mix(bars, i);
    return prices;
  }

  function mean(input, out, length, first, from, n) {
    const ready = first + length - 1;
    let sum = 0;
    for (let i = Math.max(first, from - length); i < from; i += 1) sum += input[i];
    for (let i = from; i < n; i += 1) {
      if (i >= first) sum += input[i];
      if (i > ready) sum -= input[i - length];
      out[i] = i >= ready ? sum / length : NaN;
    }
  }

  // Each number moves it by `weight` of the way; it begins at the mean of the first `length` numbers.
  function smoothed(input, out, length, weight, first, from, n) {
    const ready = first + length - 1;
    for (let i = from; i < n; i += 1) {
      if (i < ready) out[i] = NaN;
      else if (i === ready) out[i] = meanOf(input, first, i);
      else out[i] = out[i - 1] + weight * (input[i] - out[i - 1]);
    }
  }

  const exponential = (input, out, length, first, from, n) => smoothed(input, out, length, 2 / (length + 1), first, from, n);

  // J. Welles Wilder, New Concepts in Technical Trading Systems (1978): the newest counts one part in `length`.
  const wilder = (input, out, length, first, from, n) => smoothed(input, out, length, 1 / length, first, from, n);

  function meanOf(input, i0, i1) {
    let sum = 0;
    for (let i = i0; i <= i1; i += 1) sum += input[i];
    return sum / (i1 - i0 + 1);
  }

  // Standard deviation of the last `length` numbers about their mean `middle`, divided by `length` as Bollinger does.
  function deviation(input, middle, length, i) {
    let squares = 0;
    for (let k = i - length + 1; k <= i; k += 1) squares += (input[k] - middle) ** 2;
    return Math.sqrt(squares / length);
  }

  function lowest(input, length, i) {
    let found = Infinity;
    for (let k = i - length + 1; k <= i; k += 1) if (input[k] < found) found = input[k];
    return found;
  }

  function highest(input, length, i) {
    let found = -Infinity;
    for (let k = i - length + 1; k <= i; k += 1) if (input[k] > found) found = input[k];
    return found;
  }

  const ns = { SOURCES, column, sourced, mean, exponential, wilder, deviation, lowest, highest };
  ts.chartSmoothing = ns;
  if (typeof module !== "undefined") module.exports = ns;
})(typeof window === "undefined" ? globalThis : window);
