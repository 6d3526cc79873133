// Averages drawn over the bars: simple, exponential, volume-weighted. Pure, and incremental from any bar on.
(function (root) {
  "use strict";
  const ts = (root.tradesim = root.tradesim || {});
  const KINDS = { sma: "SMA", ema: "EMA", vwap: "VWAP" };
  const LONGEST = 500;

  // What a person typed or the browser had stored, as a list of at most six sound choices.
  function choices(stored) {
    if (!Array.isArray(stored)) return [];
    return stored
      .filter((choice) => choice && KINDS[choice.kind])
      .map((choice) => ({ kind: choice.kind, period: periodOf(choice.period) }))
      .slice(0, 6);
  }

  function periodOf(value) {
    const period = Math.round(Number(value));
    return Number.isFinite(period) ? Math.min(LONGEST, Math.max(2, period)) : 20;
  }

  function title(choice) {
    return choice.kind === "vwap" ? "VWAP" : `${KINDS[choice.kind]} ${choice.period}`;
  }

  function average(choice) {
    return { ...choice, title: title(choice), values: new Float64Array(0), turnover: null, traded: null };
  }

  function fit(values, capacity) {
    if (values && values.length >= capacity) return values;
    const wider = new Float64Array(capacity);
    if (values) wider.set(values);
    return wider;
  }

  // Brings `line.values` up to date from index `from`; `anchorOf(wall)` names the span a VWAP is summed over.
  function extend(line, bars, from, anchorOf) {
    line.values = fit(line.values, bars.start.length);
    if (line.kind === "sma") simple(line, bars, Math.max(0, from));
    else if (line.kind === "ema") exponential(line, bars, Math.max(0, from));
    else volumeWeighted(line, bars, Math.max(0, from), anchorOf);
    return line;
  }

  function simple(line, bars, from) {
    const { period, values } = line;
    let sum = 0;
    for (let i = Math.max(0, from - period); i < from; i += 1) sum += bars.close[i];
    for (let i = from; i < bars.n; i += 1) {
      sum += bars.close[i];
      if (i >= period) sum -= bars.close[i - period];
      values[i] = i >= period - 1 ? sum / period : NaN;
    }
  }

  function exponential(line, bars, from) {
    const { period, values } = line;
    const weight = 2 / (period + 1);
    for (let i = from; i < bars.n; i += 1) {
      if (i < period - 1) values[i] = NaN;
      else if (i === period - 1) values[i] = meanOfFirst(bars.close, period);
      else values[i] = values[i - 1] + weight * (bars.close[i] - values[i - 1]);
    }
  }

  function meanOfFirst(values, count) {
    let sum = 0;
    for (let i = 0; i < count; i += 1) sum += values[i];
    return sum / count;
  }

  function volumeWeighted(line, bars, from, anchorOf) {
    line.turnover = fit(line.turnover, bars.start.length);
    line.traded = fit(line.traded, bars.start.length);
    for (let i = from; i < bars.n; i += 1) {
      const goesOn = i > 0 && anchorOf(bars.wall[i]) === anchorOf(bars.wall[i - 1]);
      const typical = (bars.high[i] + bars.low[i] + bars.close[i]) / 3;
      line.turnover[i] = typical * bars.volume[i] + (goesOn ? line.turnover[i - 1] : 0);
      line.traded[i] = bars.volume[i] + (goesOn ? line.traded[i - 1] : 0);
      line.values[i] = line.traded[i] > 0 ? line.turnover[i] / line.traded[i] : typical;
    }
  }

  const ns = { KINDS, choices, title, average, extend };
  ts.chartAverages = ns;
  if (typeof module !== "undefined") module.exports = ns;
})(typeof window === "undefined" ? globalThis : window);
