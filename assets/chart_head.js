// The chart's head: all timeframes in one row with the title and the tools, or in a second row where they would not fit.
(function (root) {
  "use strict";
  const ts = (root.tradesim = root.tradesim || {});
  const SPARE_PX = 7;

  // Whether the timeframes need a row of their own: `needed` and `room` in px. Back in one row only with a digit to spare, so
  // that a price does not move the chart up and down.
  function needsRow(needed, room, hasRow) {
    return needed > room - (hasRow ? SPARE_PX : 0);
  }

  const ns = { needsRow };
  ts.chartHead = ns;
  if (typeof module !== "undefined") module.exports = ns;
  if (typeof document === "undefined") return;

  const OWN_ROW = "has-row-of-frames";

  function arrange(head, frames) {
    const hasRow = head.classList.contains(OWN_ROW);
    head.classList.remove(OWN_ROW);
    const needed = [...frames.children].reduce((sum, button) => sum + button.getBoundingClientRect().width, 0);
    head.classList.toggle(OWN_ROW, needsRow(needed, frames.clientWidth, hasRow));
  }

  function start() {
    const head = document.querySelector("#chart .chart-head");
    const frames = head && head.querySelector(".chart-frames");
    if (!frames) return;
    const seen = new ResizeObserver(ts.boundary.guard("chart", () => arrange(head, frames)));
    for (const each of [head, ...head.querySelector(".chart-title").children, head.querySelector(".chart-tools")]) seen.observe(each);
  }

  document.addEventListener("DOMContentLoaded", () => ts.page.ready(start));
})(typeof window === "undefined" ? globalThis : window);
