// The chart's head: all timeframes in one row with the title and the tools; where they would not fit, without the change in
// percent, and where that is not enough, in a second row.
(function (root) {
  "use strict";
  const ts = (root.tradesim = root.tradesim || {});
  const SPARE_PX = 7;

  // Whether the timeframes need more room: `needed` and `room` in px. What was given up comes back only with a digit to spare,
  // so that a price does not move the chart up and down.
  function needsRow(needed, room, hadTooLittle) {
    return needed > room - (hadTooLittle ? SPARE_PX : 0);
  }

  const ns = { needsRow };
  ts.chartHead = ns;
  if (typeof module !== "undefined") module.exports = ns;
  if (typeof document === "undefined") return;

  const TIGHT = "is-tight";
  const OWN_ROW = "has-row-of-frames";
  const STEPS = [TIGHT, OWN_ROW];

  function arrange(head, frames) {
    const had = STEPS.map((name) => head.classList.contains(name));
    head.classList.remove(...STEPS);
    const needed = [...frames.children].reduce((sum, button) => sum + button.getBoundingClientRect().width, 0);
    const isShort = (hadTooLittle) => needsRow(needed, frames.clientWidth, hadTooLittle);
    if (!isShort(had[0] || had[1])) return;
    head.classList.add(TIGHT);
    if (isShort(had[1])) head.classList.replace(TIGHT, OWN_ROW);
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
