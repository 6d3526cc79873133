// What the chart shows, without a screen: bars of one symbol and timeframe, their indicators, and what must be asked for.
(function (root) {
  "use strict";
  const ts = (root.tradesim = root.tradesim || {});
  const TYPES = { candles: "Candles", hollow: "Hollow candles", ohlc: "OHLC bars", heikin: "Heikin-Ashi", line: "Line", area: "Area" };
  const DEFAULTS = { frame: "1m", type: "candles", volume: true, averages: [{ kind: "ema", period: 20, source: "close" }], studies: [] };
  const OLDER_WHEN_CLOSER_THAN = 40;

  // Kept settings, with sound values where the browser had none or others.
  function settings(kept) {
    const from = kept && typeof kept === "object" ? kept : {};
    return {
      frame: ts.chartTime.SECONDS[from.frame] ? from.frame : DEFAULTS.frame,
      type: TYPES[from.type] ? from.type : DEFAULTS.type,
      volume: from.volume !== false,
      averages: Array.isArray(from.averages) ? ts.chartIndicators.choices(from.averages, "averages") : DEFAULTS.averages,
      studies: ts.chartIndicators.choices(from.studies, "studies"),
    };
  }

  function model(chosen) {
    return {
      symbol: null,
      ...chosen,
      averages: chosen.averages.map(ts.chartAverages.average),
      studies: chosen.studies.map(ts.chartStudies.study),
      bars: ts.chartData.series(),
      smoothed: ts.chartData.series(),
      isComplete: false,
      offsetAt: () => 0,
    };
  }

  const secondsOf = (chart) => ts.chartTime.SECONDS[chart.frame];

  // The bars that are painted: as traded, or Heikin-Ashi.
  const shown = (chart) => (chart.type === "heikin" ? chart.smoothed : chart.bars);

  function derive(chart, from) {
    ts.chartTime.setWalls(chart.bars, from, chart.offsetAt);
    if (chart.type === "heikin") ts.chartData.heikinAshi(chart.bars, chart.smoothed, from);
    const anchorOf = ts.chartTime.anchorOf(secondsOf(chart));
    for (const line of chart.averages) ts.chartAverages.extend(line, chart.bars, from, anchorOf);
    for (const study of chart.studies) ts.chartStudies.extend(study, chart.bars, from);
  }

  function clear(chart) {
    ts.chartData.replace(chart.bars, { start: [], open: [], high: [], low: [], close: [], volume: [] });
    chart.isComplete = false;
    derive(chart, 0);
  }

  // A whole answer of the desk; live rows that were already here are newer and are put back on top.
  function load(chart, columns, liveRows) {
    ts.chartData.replace(chart.bars, columns);
    chart.isComplete = columns.start.length === 0 || Boolean(columns.complete);
    if (liveRows && liveRows.length) ts.chartData.merge(chart.bars, joining(chart.bars, liveRows));
    derive(chart, 0);
  }

  // Live rows count only when they overlap what the desk answered: otherwise there would be a hole between.
  function joining(bars, rows) {
    return bars.n && rows[0][0] > bars.start[bars.n - 1] ? [] : rows;
  }

  function older(chart, columns) {
    const came = ts.chartData.prepend(chart.bars, columns);
    chart.isComplete = Boolean(columns.complete) || came === 0;
    if (came) derive(chart, 0);
    return came;
  }

  // Live rows. {from, appended, hasGap}: `hasGap` when our bars do not join these and must be asked for anew: some are
  // missing between, or the market went back in time and ours are not there yet.
  function live(chart, rows, isSnapshot) {
    if (!rows.length) return { from: -1, appended: 0, hasGap: false };
    if (isSnapshot && !isJoint(chart.bars, rows)) return { from: -1, appended: 0, hasGap: true };
    const outcome = ts.chartData.merge(chart.bars, rows);
    if (outcome.from >= 0) derive(chart, outcome.from);
    if (ts.chartData.forget(chart.bars)) derive(chart, 0);
    return { from: outcome.from, appended: outcome.appended, hasGap: outcome.missed };
  }

  function isJoint(bars, rows) {
    const newest = bars.n ? bars.start[bars.n - 1] : -Infinity;
    return !bars.n || (rows[0][0] <= newest && rows[rows.length - 1][0] >= newest);
  }

  function wantsOlder(chart, view) {
    return chart.bars.n > 0 && !chart.isComplete && view.x0 - chart.bars.base < OLDER_WHEN_CLOSER_THAN;
  }

  // The numbers of one bar for the legend; the change is against the close before.
  function readout(chart, index) {
    const bars = shown(chart);
    if (index < 0 || index >= bars.n) return null;
    const before = index > 0 ? chart.bars.close[index - 1] : chart.bars.open[index];
    return {
      start: bars.start[index],
      wall: chart.bars.wall[index],
      open: bars.open[index],
      high: bars.high[index],
      low: bars.low[index],
      close: bars.close[index],
      volume: bars.volume[index],
      change: chart.bars.close[index] - before,
      percent: before ? ((chart.bars.close[index] - before) / before) * 100 : 0,
      averages: chart.averages.map((line) => ts.chartAverages.at(line, index)),
    };
  }

  const ns = { TYPES, DEFAULTS, settings, model, secondsOf, shown, derive, clear, load, older, live, wantsOlder, readout };
  ts.chartModel = ns;
  if (typeof module !== "undefined") module.exports = ns;
})(typeof window === "undefined" ? globalThis : window);
