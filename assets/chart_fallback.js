// When the chart cannot be painted: first a simple Plotly chart from the server, then a table; Retry starts over.
(function (root) {
  "use strict";
  const ts = (root.tradesim = root.tradesim || {});
  const STRIKES = 3;
  const PATIENCE = 8;

  // Counts faults in a row and says on which level the chart stands: 0 canvas, 1 simple chart, 2 table.
  function ladder(onLevel) {
    const state = { level: 0, reason: "", strikes: 0, broken: 0 };
    function lower(to, reason) {
      if (to <= state.level) return;
      state.level = to;
      state.reason = reason;
      state.strikes = 0;
      onLevel(to, reason);
    }
    return {
      state,
      lower,
      painted() {
        state.strikes = 0;
      },
      struck(error) {
        state.strikes += 1;
        if (state.strikes >= STRIKES) lower(1, `drawing failed three times (${error.message || error})`);
      },
      // A test breaks a level on purpose: painting on it fails until Retry.
      break(level) {
        state.broken = Math.max(state.broken, level);
      },
      probe(level) {
        if (state.broken >= level) throw new Error("broken on purpose, for a test");
      },
      reset() {
        Object.assign(state, { level: 0, reason: "", strikes: 0, broken: 0 });
        onLevel(0, "");
      },
    };
  }

  // What the strip under the panel says.
  function sentence(level, reason) {
    if (level === 1) return `Simple chart: ${reason}. Bars come once a second; order lines, drawings and indicators are missing.`;
    if (level === 2) return `Table of the last bars: ${reason}.`;
    return "";
  }

  // Rows for the table, newest first: [time, open, high, low, close, volume] as text.
  function rows(bars, count, format) {
    const made = [];
    for (let i = bars.n - 1; i >= Math.max(0, bars.n - count); i -= 1) {
      const prices = [bars.open[i], bars.high[i], bars.low[i], bars.close[i]].map(format.price);
      made.push([format.time(bars.wall[i]), ...prices, format.qty(bars.volume[i])]);
    }
    return made;
  }

  // Writes rows into a table body and touches only the cells that changed.
  function fill(body, wanted) {
    while (body.rows.length < wanted.length) {
      const row = body.insertRow();
      for (let c = 0; c < 6; c += 1) row.insertCell().append("");
    }
    while (body.rows.length > wanted.length) body.deleteRow(-1);
    wanted.forEach((texts, r) => {
      texts.forEach((text, c) => {
        const node = body.rows[r].cells[c].firstChild;
        if (node.data !== text) node.data = text;
      });
    });
  }

  // Seconds that Plotly has been busy without an end; past the patience its queue is taken for dead.
  function watch(isPending) {
    let seconds = 0;
    return {
      isDead() {
        seconds = isPending() ? seconds + 1 : 0;
        return seconds > PATIENCE;
      },
      reset() {
        seconds = 0;
      },
    };
  }

  const ns = { ladder, sentence, rows, fill, watch };
  ts.chartFallback = ns;
  if (typeof module !== "undefined") module.exports = ns;
})(typeof window === "undefined" ? globalThis : window);
