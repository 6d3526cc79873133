// Which indicators there are, what can be set for each, and what a person or the browser's store chose of them. Pure.
(function (root) {
  "use strict";
  const ts = (root.tradesim = root.tradesim || {});
  const MOST_AVERAGES = 6;
  const MOST_STUDIES = 3;
  const length = (usual, name = "period", label = "Length", least = 2) => ({ name, label, usual, least, most: 500, step: 1 });
  const PLACES = {
    averages: {
      sma: { title: "SMA", fields: [length(50)], hasSource: true },
      ema: { title: "EMA", fields: [length(20)], hasSource: true },
      vwap: { title: "VWAP", fields: [] },
      bands: { title: "Bollinger", fields: [length(20), { name: "width", label: "Deviations", usual: 2, least: 0.1, most: 10, step: 0.1 }], hasSource: true },
    },
    studies: {
      rsi: { title: "RSI", fields: [length(14)], hasSource: true },
      macd: { title: "MACD", fields: [length(12, "fast", "Fast length"), length(26, "slow", "Slow length"), length(9, "signal", "Signal length", 1)], hasSource: true },
      atr: { title: "ATR", fields: [length(14)] },
      stochastic: { title: "Stochastic", fields: [length(14), length(1, "smooth", "Smoothing of %K", 1), length(3, "signal", "Length of %D", 1)] },
    },
  };
  const MOST = { averages: MOST_AVERAGES, studies: MOST_STUDIES };
  const KINDS = { ...PLACES.averages, ...PLACES.studies };

  // A list of sound choices for one place, "averages" over the bars or "studies" below them, no more than it has room for.
  function choices(stored, place) {
    if (!Array.isArray(stored)) return [];
    return stored
      .filter((choice) => choice && Object.hasOwn(PLACES[place], choice.kind))
      .map(choice)
      .slice(0, MOST[place]);
  }

  function choice(given) {
    const { fields, hasSource } = KINDS[given.kind];
    const made = { kind: given.kind };
    for (const field of fields) made[field.name] = sound(given[field.name], field);
    if (hasSource) made.source = Object.hasOwn(ts.chartSmoothing.SOURCES, given.source) ? given.source : "close";
    if (PLACES.studies[given.kind]) made.share = ts.chartPanes.soundShare(given.share);
    return made;
  }

  function sound(value, { usual, least, most, step }) {
    const number = value === null || value === "" ? NaN : Number(value);
    if (!Number.isFinite(number)) return usual;
    const steps = Math.round(number / step);
    return Math.min(most, Math.max(least, step < 1 ? steps / Math.round(1 / step) : steps));
  }

  // As it stands in the legend: name, settings, and its source when that is not the close.
  function title(chosen) {
    const { title: name, fields } = KINDS[chosen.kind];
    const source = chosen.source && chosen.source !== "close" ? [ts.chartSmoothing.SOURCES[chosen.source]] : [];
    return [name, ...fields.map((field) => chosen[field.name]), ...source].join(" ");
  }

  const ns = { PLACES, KINDS, MOST, choices, choice, title };
  ts.chartIndicators = ns;
  if (typeof module !== "undefined") module.exports = ns;
})(typeof window === "undefined" ? globalThis : window);
