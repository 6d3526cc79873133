// Averages drawn over the bars: simple, exponential, volume-weighted, and Bollinger's bands. Pure, and incremental from any bar on.
(function (root) {
  "use strict";
  const ts = (root.tradesim = root.tradesim || {});
  const NONE = new Float64Array(0);

  function average(choice) {
    return { ...choice, title: ts.chartIndicators.title(choice), values: NONE };
  }

  // Brings `line` up to date from index `from`; `anchorOf(wall)` names the span a VWAP is summed over.
  function extend(line, bars, from, anchorOf) {
    ts.chartSmoothing.column(line, "values", bars);
    EXTEND[line.kind](line, bars, Math.max(0, from), anchorOf);
    return line;
  }

  const EXTEND = {
    sma(line, bars, from) {
      const S = ts.chartSmoothing;
      S.mean(S.sourced(line, bars, from), line.values, line.period, 0, from, bars.n);
    },
    ema(line, bars, from) {
      const S = ts.chartSmoothing;
      S.exponential(S.sourced(line, bars, from), line.values, line.period, 0, from, bars.n);
    },
    vwap: volumeWeighted,
    bands,
  };

  function volumeWeighted(line, bars, from, anchorOf) {
    const turnover = ts.chartSmoothing.column(line, "turnover", bars);
    const traded = ts.chartSmoothing.column(line, "traded", bars);
    for (let i = from; i < bars.n; i += 1) {
      const goesOn = i > 0 && anchorOf(bars.wall[i]) === anchorOf(bars.wall[i - 1]);
      const typical = (bars.high[i] + bars.low[i] + bars.close[i]) / 3;
      turnover[i] = typical * bars.volume[i] + (goesOn ? turnover[i - 1] : 0);
      traded[i] = bars.volume[i] + (goesOn ? traded[i - 1] : 0);
      line.values[i] = traded[i] > 0 ? turnover[i] / traded[i] : typical;
    }
  }

  // John Bollinger, Bollinger on Bollinger Bands (2001): a simple mean, and the standard deviation of the same closes either side.
  function bands(line, bars, from) {
    const S = ts.chartSmoothing;
    const prices = S.sourced(line, bars, from);
    const upper = S.column(line, "upper", bars);
    const lower = S.column(line, "lower", bars);
    S.mean(prices, line.values, line.period, 0, from, bars.n);
    for (let i = from; i < bars.n; i += 1) {
      const away = i < line.period - 1 ? NaN : line.width * S.deviation(prices, line.values[i], line.period, i);
      upper[i] = line.values[i] + away;
      lower[i] = line.values[i] - away;
    }
  }

  // What the legend tells of one bar: the average, and between which bands.
  function at(line, index) {
    return line.kind === "bands" ? [line.values[index], line.upper[index], line.lower[index]] : [line.values[index]];
  }

  const ns = { average, extend, at };
  ts.chartAverages = ns;
  if (typeof module !== "undefined") module.exports = ns;
})(typeof window === "undefined" ? globalThis : window);
