// Indicators with a pane of their own below the bars: RSI, MACD, ATR, stochastic. Pure, and incremental from any bar on.
(function (root) {
  "use strict";
  const ts = (root.tradesim = root.tradesim || {});
  const MIDDLE = 50;

  // What is drawn of each: `lines` are columns of numbers by name, inked in a colour of the averages or, as a histogram, by their sign;
  // the first one lies on top; `guides` are levels that are ruled, `scale` the bounds of values that have some; `isPrice`: they are in ticks.
  const LOOKS = {
    rsi: { lines: [{ of: "values", label: "", ink: 2 }], guides: [30, 70], scale: { low: 0, high: 100 } },
    macd: {
      lines: [
        { of: "values", label: "", ink: 1 },
        { of: "signalLine", label: "Signal", ink: 0 },
        { of: "histogram", label: "Hist", isHistogram: true },
      ],
      guides: [0],
      isPrice: true,
    },
    atr: { lines: [{ of: "values", label: "", ink: 4 }], guides: [], isPrice: true },
    stochastic: {
      lines: [
        { of: "values", label: "%K", ink: 1 },
        { of: "signalLine", label: "%D", ink: 0 },
      ],
      guides: [20, 80],
      scale: { low: 0, high: 100 },
    },
  };

  function study(choice) {
    return { ...choice, ...LOOKS[choice.kind], title: ts.chartIndicators.title(choice) };
  }

  // Brings `made` up to date from index `from`.
  function extend(made, bars, from) {
    const S = ts.chartSmoothing;
    const own = (name) => S.column(made, name, bars);
    for (const { of } of made.lines) own(of);
    EXTEND[made.kind](made, bars, Math.max(0, from), own, S);
    return made;
  }

  const EXTEND = { rsi: strength, macd: convergence, atr: trueRange, stochastic };

  // Relative strength index, Wilder 1978: smoothed gains against smoothed losses. A price that stood still is in the middle.
  function strength(made, bars, from, own, S) {
    const prices = S.sourced(made, bars, from);
    const [gains, losses, up, down] = ["gains", "losses", "up", "down"].map(own);
    for (let i = Math.max(1, from); i < bars.n; i += 1) {
      const change = prices[i] - prices[i - 1];
      gains[i] = Math.max(0, change);
      losses[i] = Math.max(0, -change);
    }
    S.wilder(gains, up, made.period, 1, from, bars.n);
    S.wilder(losses, down, made.period, 1, from, bars.n);
    for (let i = from; i < bars.n; i += 1) {
      const moved = up[i] + down[i];
      made.values[i] = moved === 0 ? MIDDLE : (100 * up[i]) / moved;
    }
  }

  // Gerald Appel, The Moving Average Convergence-Divergence Trading Method (1979): a fast less a slow exponential average,
  // its own exponential average as the signal, and the distance between the two.
  function convergence(made, bars, from, own, S) {
    const prices = S.sourced(made, bars, from);
    const [fast, slow] = ["fastAverage", "slowAverage"].map(own);
    const { values, signalLine: signal, histogram } = made;
    S.exponential(prices, fast, made.fast, 0, from, bars.n);
    S.exponential(prices, slow, made.slow, 0, from, bars.n);
    for (let i = from; i < bars.n; i += 1) values[i] = fast[i] - slow[i];
    S.exponential(values, signal, made.signal, Math.max(made.fast, made.slow) - 1, from, bars.n);
    for (let i = from; i < bars.n; i += 1) histogram[i] = values[i] - signal[i];
  }

  // Average true range, Wilder 1978; the first bar has no close before it, so its range is its own.
  function trueRange(made, bars, from, own, S) {
    const ranges = own("ranges");
    for (let i = from; i < bars.n; i += 1) {
      const before = i ? bars.close[i - 1] : bars.low[i];
      ranges[i] = Math.max(bars.high[i], before) - Math.min(bars.low[i], before);
    }
    S.wilder(ranges, made.values, made.period, 0, from, bars.n);
  }

  // George Lane's stochastic, Lane's Stochastics (1984): where the close stands between the lowest low and the highest high,
  // smoothed as %K, and its mean as %D. Without a range it is in the middle.
  function stochastic(made, bars, from, own, S) {
    const { period, smooth, signal } = made;
    const places = own("places");
    for (let i = from; i < bars.n; i += 1) {
      if (i < period - 1) continue;
      const low = S.lowest(bars.low, period, i);
      const range = S.highest(bars.high, period, i) - low;
      places[i] = range ? (100 * (bars.close[i] - low)) / range : MIDDLE;
    }
    S.mean(places, made.values, smooth, period - 1, from, bars.n);
    S.mean(made.values, made.signalLine, signal, period + smooth - 2, from, bars.n);
  }

  // What the legend tells of one bar: [{label, value, ink, isHistogram}…].
  function at(made, index) {
    return made.lines.map(({ of, label, ink, isHistogram }) => ({ label, ink, isHistogram, value: made[of][index] }));
  }

  // Lowest and highest value of bars i0 up to, not including, i1; null while there is none.
  function extent(made, i0, i1) {
    let low = Infinity;
    let high = -Infinity;
    for (const { of } of made.lines) {
      const values = made[of];
      for (let i = Math.max(0, i0); i < i1; i += 1) {
        if (values[i] < low) low = values[i];
        if (values[i] > high) high = values[i];
      }
    }
    return low <= high ? { low, high } : null;
  }

  const ns = { study, extend, at, extent };
  ts.chartStudies = ns;
  if (typeof module !== "undefined") module.exports = ns;
})(typeof window === "undefined" ? globalThis : window);
