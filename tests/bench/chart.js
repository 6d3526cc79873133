// What the chart's bench does inside the browser: one frame of work for ours and for the peer, on the same bars.
(function (root) {
  "use strict";
  const TICKS = { tick: 0.01, lot: 1, pd: 2, qd: 0, name: "Apple", cls: "us_equity", cur: "USD" };
  const bench = (root.bench = { frames: 0, work: 0, run: 0 });

  function random(seed) {
    let state = seed;
    return () => (state = (state * 16807) % 2147483647) / 2147483647;
  }

  // Counts frames while `work` runs once in each; nothing is counted before `start` and after `stop`.
  bench.start = function start(kind) {
    const next = random(11);
    let step = 0;
    const run = (bench.run += 1);
    bench.frames = bench.work = 0;
    const frame = () => {
      if (bench.run !== run) return;
      root.requestAnimationFrame(frame);
      bench.frames += 1;
      if (bench.side[kind]) bench.side[kind](next, (step += 1));
      bench.work += 1;
    };
    root.requestAnimationFrame(frame);
  };
  bench.stop = () => (bench.run += 1);

  // ---- ours: the real panel, with a quiet stand-in for the socket and for orders

  bench.stub = function stub() {
    const ts = root.tradesim;
    const heard = {};
    const desk = { orders: {}, positions: [], fills: [], queue: {} };
    ts.live = {
      state: { status: { zone: "America/New_York" }, connection: { state: "live" }, market: {}, bars: {}, desk },
      on: (kind, fn) => (heard[kind] = [...(heard[kind] || []), fn]),
      tell: (kind, key, message) => (heard[kind] || []).forEach((fn) => fn(key, message)),
      want() {},
      marketNow: () => bench.now,
    };
    ts.intents = { send: async () => ({ ok: true }) };
    ts.page.store("chart", { frame: "1m", type: "candles", volume: true, averages: [{ kind: "sma", period: 20 }, { kind: "ema", period: 50 }, { kind: "sma", period: 200 }] });
    ts.page.setInstruments({ AAPL: TICKS }, "bench");
  };

  bench.ours = function ours() {
    const ts = root.tradesim;
    const panel = ts.chart.panel();
    const { bars } = panel.chart;
    const last = bars.n - 1;
    bench.now = bars.start[last] + 1000;
    [-60, -30, 30, 60].forEach((away, n) => {
      ts.live.state.desk.orders[n] = { id: String(n), symbol: "AAPL", side: away < 0 ? "buy" : "sell", type: "limit", status: "new", qty: "100", filled: "0", limit_ticks: bars.close[last] + away, created: n };
    });
    ts.live.tell("desk", "desk", {});
    const all = { ...panel.stage.state.view, x0: -1, x1: bars.n + 20, follow: true };
    panel.stage.setView(all);
    const middle = bars.close[last];
    bench.side = {
      update(next) {
        const close = Math.round(middle + (next() - 0.5) * 12);
        const row = [bars.start[last], bars.open[last], Math.max(bars.high[last], close), Math.min(bars.low[last], close), close, bars.volume[last] + 1];
        ts.live.state.market.AAPL = { l: close, pc: middle - 40 };
        ts.live.tell("bars", "AAPL:1m", { k: "d", d: [row] });
        ts.live.tell("market", "AAPL", {});
      },
      pan(_next, step) {
        const span = bars.n * 0.8;
        const x0 = bars.n * 0.1 + Math.sin(step / 20) * bars.n * 0.1;
        panel.stage.setView({ ...all, x0, x1: x0 + span, follow: false });
      },
    };
    return { bars: bars.n, averages: panel.chart.averages.length };
  };

  // ---- the peer: lightweight-charts with the same bars, volume, averages and price lines

  function averageOf(closes, period) {
    let sum = 0;
    return closes.map((close, i) => {
      sum += close;
      if (i >= period) sum -= closes[i - period];
      return i >= period - 1 ? sum / period : null;
    });
  }

  bench.peer = function peer(columns, isConflated) {
    const { createChart, CandlestickSeries, HistogramSeries, LineSeries } = root.LightweightCharts;
    const chart = createChart(document.getElementById("peer"), {
      autoSize: true,
      timeScale: { timeVisible: true, minBarSpacing: 0.01, enableConflation: isConflated },
    });
    const times = columns.start.map((ms) => ms / 1000);
    const money = (ticks) => ticks * TICKS.tick;
    const candles = chart.addSeries(CandlestickSeries, {});
    const volume = chart.addSeries(HistogramSeries, { priceScaleId: "volume", priceFormat: { type: "volume" } });
    chart.priceScale("volume").applyOptions({ scaleMargins: { top: 0.85, bottom: 0 } });
    const bar = (i) => ({ time: times[i], open: money(columns.open[i]), high: money(columns.high[i]), low: money(columns.low[i]), close: money(columns.close[i]) });
    candles.setData(times.map((_time, i) => bar(i)));
    volume.setData(times.map((time, i) => ({ time, value: columns.volume[i] })));
    const lines = [20, 50, 200].map((period) => {
      const line = chart.addSeries(LineSeries, { lineWidth: 1, priceLineVisible: false, lastValueVisible: false });
      line.setData(averageOf(columns.close, period).flatMap((value, i) => (value === null ? [] : [{ time: times[i], value: money(value) }])));
      return line;
    });
    const last = times.length - 1;
    for (const away of [-60, -30, 30, 60]) candles.createPriceLine({ price: money(columns.close[last] + away), title: "Buy 100 limit", lineStyle: 2 });
    const scale = chart.timeScale();
    scale.setVisibleLogicalRange({ from: -1, to: times.length + 20 });
    bench.side = {
      update(next) {
        const close = Math.round(columns.close[last] + (next() - 0.5) * 12);
        candles.update({ ...bar(last), high: money(Math.max(columns.high[last], close)), low: money(Math.min(columns.low[last], close)), close: money(close) });
        volume.update({ time: times[last], value: columns.volume[last] + 1 });
        for (const line of lines) line.update({ time: times[last], value: money(close) });
      },
      pan(_next, step) {
        const from = times.length * 0.1 + Math.sin(step / 20) * times.length * 0.1;
        scale.setVisibleLogicalRange({ from, to: from + times.length * 0.8 });
      },
    };
    return { bars: times.length, averages: lines.length };
  };
})(window);
