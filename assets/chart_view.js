// What part of the bars is seen: ranges, zoom, pan, following the present, the price scale, widths in pixels. Pure.
// A view is {x0, x1} in bar numbers, {low, high} in ticks, `auto` (the price scale fits itself) and `follow`.
(function (root) {
  "use strict";
  const ts = (root.tradesim = root.tradesim || {});
  const FEWEST = 6;
  const KEPT_ON_SCREEN = 3;
  const MOST = 30000;
  const EMPTY_SHARE = 0.3;

  // The newest `span` bars with a little room on their right.
  function atNow(bars, span) {
    const last = bars.base + bars.n - 1;
    const x1 = last + roomRight(span);
    return { x0: x1 - span, x1, low: 0, high: 1, auto: true, follow: true };
  }

  function roomRight(span) {
    return Math.max(1.5, Math.min(12, span * 0.05));
  }

  const allowed = (span, bars) => Math.min(MOST, Math.max(120, bars.n * 1.15), Math.max(FEWEST, span));

  // A span that is too wide gives way at its left, so that what stands at the right stays.
  function clamped(view, bars) {
    const span = allowed(view.x1 - view.x0, bars);
    const kept = Math.min(KEPT_ON_SCREEN, bars.n);
    const first = bars.base + kept - 0.5 - span;
    const final = bars.base + bars.n - kept - 0.5;
    const x0 = Math.min(final, Math.max(first, view.x1 - span));
    return { ...view, x0, x1: x0 + span };
  }

  // Is the newest bar in sight? Only then does the view move along when another one begins.
  function isAtNow(view, bars) {
    const last = bars.base + bars.n - 1;
    return view.x1 >= last - 0.5 && view.x0 <= last;
  }

  // Is there more to see at now: a newest bar that is out of sight, or much empty room to the right of it?
  function isAway(view, bars) {
    const room = view.x1 - (bars.base + bars.n - 1);
    return !isAtNow(view, bars) || room > 1 + Math.max(roomRight(view.x1 - view.x0), (view.x1 - view.x0) * EMPTY_SHARE);
  }

  function panned(view, byBars, bars) {
    return seen(clamped({ ...view, x0: view.x0 + byBars, x1: view.x1 + byBars }, bars), bars);
  }

  // Zooms by `factor` (below 1: closer) and keeps the bar at `at` where it is, but never adds empty room for the future.
  function zoomed(view, factor, at, bars) {
    const span = allowed((view.x1 - view.x0) * factor, bars);
    const share = (at - view.x0) / (view.x1 - view.x0);
    const last = bars.base + bars.n - 1;
    const farthest = last + Math.max(roomRight(span), view.x1 - last);
    const x1 = Math.min(at + (1 - share) * span, factor > 1 ? farthest : Infinity);
    return seen(clamped({ ...view, x0: x1 - span, x1 }, bars), bars);
  }

  function seen(view, bars) {
    return { ...view, follow: isAtNow(view, bars) };
  }

  function following(view, appended) {
    return { ...view, x0: view.x0 + appended, x1: view.x1 + appended };
  }

  // Which indexes are in sight: [i0, i1).
  function visible(view, bars) {
    const i0 = Math.max(0, Math.floor(view.x0 - bars.base));
    const i1 = Math.min(bars.n, Math.ceil(view.x1 - bars.base) + 1);
    return [i0, Math.max(i0, i1)];
  }

  // The price scale for what is in sight: air above, and below room for the volume.
  function scaleFor(extent, hasVolume) {
    const middle = (extent.low + extent.high) / 2;
    const height = Math.max(extent.high - extent.low, 8, Math.abs(middle) * 0.00004);
    return { low: middle - height / 2 - height * (hasVolume ? 0.3 : 0.09), high: middle + height / 2 + height * 0.11 };
  }

  // A live price rescales only when it leaves the inner part of the scale, so that ticks do not shake the axis.
  function needsScale(view, low, high, hasVolume) {
    const height = view.high - view.low;
    return high > view.high - height * 0.02 || low < view.low + height * (hasVolume ? 0.14 : 0.02);
  }

  function scaled(view, factor) {
    const middle = (view.low + view.high) / 2;
    const half = Math.max(2, ((view.high - view.low) / 2) * factor);
    return { ...view, low: middle - half, high: middle + half, auto: false };
  }

  function lifted(view, byTicks) {
    return { ...view, low: view.low + byTicks, high: view.high + byTicks, auto: false };
  }

  // Widths in device pixels for a spacing in CSS pixels. Body and wick are both odd or both even, so that the wick
  // stands in the body's middle; a body is wider than its wick from 3 device pixels of spacing on.
  function widths(spacing, ratio) {
    const room = spacing * ratio;
    const wick = Math.max(1, Math.min(Math.floor(ratio), Math.floor(room / 3)));
    if (room < 3) return { body: 1, wick: 1 };
    const share = spacing < 4 ? 1 : 1 - 0.25 * (Math.atan((spacing - 4) / 4) / (Math.PI / 2));
    let body = Math.floor(room * share);
    if (body % 2 !== wick % 2) body -= 1;
    return { body: Math.max(wick + 2, body), wick };
  }

  const ns = {
    atNow, clamped, isAtNow, isAway, panned, zoomed, following, visible, scaleFor, needsScale, scaled, lifted, widths, seen,
  };
  ts.chartView = ns;
  if (typeof module !== "undefined") module.exports = ns;
})(typeof window === "undefined" ? globalThis : window);
