// The words over the chart: header price, values of the bar under the crosshair, messages, tooltip, the table of last resort.
(function (root) {
  "use strict";
  const ts = (root.tradesim = root.tradesim || {});
  const TABLE_ROWS = 50;

  // Change of the day against the previous close, as text: {change, percent}.
  function dayChange(market, instrument, format) {
    if (!market || market.l === null || market.l === undefined || !market.pc) return { change: "", percent: "" };
    const change = (market.l - market.pc) * instrument.tick;
    const percent = ((market.l - market.pc) / market.pc) * 100;
    return { change: format.signed(change, instrument.pd), percent: `${format.signed(percent, 2)} %` };
  }

  // Which way a figure points as it is read: what is shown as zero points nowhere.
  const directionOf = (text) => (text[0] === "+" ? "1" : text[0] === "−" ? "-1" : "0");

  function write(node, text) {
    if (node && node.textContent !== text) node.textContent = text;
  }

  function legend(panel) {
    const part = (name) => panel.querySelector(`#chart-${name}`);
    const cells = {};
    let words = 0;
    let due = 0;
    let waiting = 0;

    function build() {
      const host = part("legend");
      const made = ["O", "H", "L", "C", "V"].map((name) => {
        cells[name] = ts.chartMenu.make("span", { className: "chart-value" });
        return ts.chartMenu.make("span", { className: "chart-pair" }, ts.chartMenu.make("span", { className: "chart-name" }, name), cells[name]);
      });
      cells.change = ts.chartMenu.make("span", { className: "chart-value" });
      cells.averages = ts.chartMenu.make("span", { className: "chart-averages" });
      host.replaceChildren(...made, cells.change, cells.averages);
    }

    function values(readout, chart, colors) {
      if (!cells.change) build();
      part("legend").hidden = !readout;
      if (!readout) return;
      const { symbol } = chart;
      const price = (ticks) => ts.format.price(Math.round(ticks), symbol);
      write(cells.O, price(readout.open));
      write(cells.H, price(readout.high));
      write(cells.L, price(readout.low));
      write(cells.C, price(readout.close));
      write(cells.V, ts.format.qty(readout.volume, symbol));
      const instrument = ts.page.instruments[symbol];
      write(cells.change, `${ts.format.signed(readout.change * instrument.tick, instrument.pd)}  ${ts.format.signed(readout.percent, 2)} %`);
      cells.change.dataset.direction = directionOf(cells.change.textContent);
      averages(readout, chart, colors, price);
    }

    function averages(readout, chart, colors, price) {
      while (cells.averages.children.length > chart.averages.length) cells.averages.lastChild.remove();
      while (cells.averages.children.length < chart.averages.length) {
        const name = ts.chartMenu.make("span", { className: "chart-name" });
        cells.averages.append(ts.chartMenu.make("span", { className: "chart-pair" }, name, ts.chartMenu.make("span", { className: "chart-value" })));
      }
      chart.averages.forEach((line, index) => {
        const [name, value] = cells.averages.children[index].children;
        write(name, line.title);
        write(value, readout.averages[index].map((each) => (Number.isFinite(each) ? price(each) : "–")).join("  "));
        if (value.style.color !== colors[index]) value.style.color = colors[index];
      });
    }

    function header(chart) {
      const market = ts.live && ts.live.state.market && ts.live.state.market[chart.symbol];
      const instrument = ts.page.instruments[chart.symbol];
      write(part("symbol"), chart.symbol || "");
      if (!instrument) return;
      const last = market && market.l !== null && market.l !== undefined ? market.l : chart.bars.close[chart.bars.n - 1];
      const change = dayChange(market, instrument, ts.format);
      write(part("last"), chart.bars.n || market ? ts.format.price(last, chart.symbol) : "–");
      for (const name of ["change", "percent"]) {
        write(part(name), change[name]);
        part(name).dataset.direction = directionOf(change[name]);
      }
    }

    // One sentence instead of bars, after `delayMs` so that quick answers do not flash; with a Retry when one is given.
    function say(text, delayMs, onRetry) {
      root.clearTimeout(words);
      const show = () => {
        const host = part("message");
        host.hidden = !text;
        host.replaceChildren(text);
        if (!onRetry) return;
        const button = ts.chartMenu.make("button", { type: "button", className: "quiet-button" }, "Retry");
        button.addEventListener("click", onRetry);
        host.append(" ", button);
      };
      if (delayMs) words = root.setTimeout(show, delayMs);
      else show();
    }

    function tip(text, x, y) {
      const host = part("tip");
      host.hidden = !text;
      if (!text) return;
      write(host, text);
      const isLeft = x > part("stage").clientWidth / 2;
      host.style.transform = `translate(${Math.round(x + (isLeft ? -12 : 12))}px, ${Math.round(y - 30)}px)${isLeft ? " translateX(-100%)" : ""}`;
    }

    function table(chart, price) {
      const seconds = ts.chartModel.secondsOf(chart);
      const texts = ts.chartFallback.rows(chart.bars, TABLE_ROWS, {
        price,
        time: (wall) => ts.chartTime.barLabel(wall, seconds),
        qty: (lots) => ts.format.qty(lots, chart.symbol),
      });
      ts.chartFallback.fill(part("table").querySelector("tbody"), texts);
      header(chart);
    }

    // Runs at most once in `ms`, and once more at the end of it, so that the last word is the latest.
    function atMost(ms, fn) {
      const now = performance.now();
      if (now >= due) {
        due = now + ms;
        fn();
      } else if (!waiting) {
        waiting = root.setTimeout(() => {
          waiting = 0;
          due = performance.now() + ms;
          fn();
        }, due - now);
      }
    }

    return { values, header, say, tip, table, atMost, hurry: () => (due = 0) };
  }

  const ns = { dayChange, directionOf, legend };
  ts.chartLegend = ns;
  if (typeof module !== "undefined") module.exports = ns;
})(typeof window === "undefined" ? globalThis : window);
