// What the depth chart shows, worked out of a book: the prices in sight, the steps, what an order up to a price would meet.
(function (root) {
  "use strict";
  const ts = (root.tradesim = root.tradesim || {});

  // How far a side's levels lie from the mid, in ticks; a few that stand alone far away do not count.
  function reachOfSide(levels, mid) {
    if (!levels.length) return 0;
    const away = (index) => Math.abs(levels[index][0] - mid);
    return Math.min(away(levels.length - 1), 1.5 * away(Math.ceil((levels.length - 1) * 0.9)));
  }

  // Prices seen: the deeper side's reach on both sides of the mid, times `zoom` (1 all, less is nearer). Ticks.
  function wantedWindow(book, mid, zoom) {
    const far = (levels) => reachOfSide(levels, mid);
    const reach = Math.max(1.5, Math.max(far(book.b), far(book.a)) * zoom);
    return [mid - reach, mid + reach];
  }

  // Stays as it is until the mid has wandered or the reach has changed by a tenth of what is seen.
  function steadyWindow(current, wanted) {
    if (!current) return wanted;
    const span = current[1] - current[0];
    const off = Math.max(Math.abs(current[0] - wanted[0]), Math.abs(current[1] - wanted[1]));
    return off > span * 0.1 ? wanted : current;
  }

  // The largest sum in sight, a little air above it; shrinks only when it is far too high.
  function steadyHeight(current, largest) {
    const wanted = Math.max(largest, 1) * 1.12;
    return !current || largest > current * 0.98 || wanted < current * 0.8 ? wanted : current;
  }

  function largestIn(sums, from, to) {
    let size = 0;
    for (const [price, sum] of sums) if (price >= from && price <= to) size = Math.max(size, sum);
    return size;
  }

  // Corner points [price, sum] of one side's steps from the touch outwards, ending at the edge `end`.
  function corners(sums, end) {
    if (!sums.length) return [];
    const points = [[sums[0][0], 0]];
    for (let i = 0; i < sums.length; i++) {
      if (i) points.push([sums[i][0], sums[i - 1][1]]);
      points.push([sums[i][0], sums[i][1]]);
    }
    points.push([end, sums[sums.length - 1][1]]);
    return points;
  }

  function sumAt(sums, price, side) {
    let sum = 0;
    for (const [at, upTo] of sums) {
      if (side === "buy" ? at > price : at < price) break;
      sum = upTo;
    }
    return sum;
  }

  // Which side a price stands for: at or above the mid one buys from the asks, below one sells to the bids.
  function reachOf(book, price, mid) {
    const side = price >= mid ? "buy" : "sell";
    return { side, ...ts.book.walk(side === "buy" ? book.a : book.b, price, side) };
  }

  // Own orders at one price and side as one mark.
  function merged(orders) {
    const marks = new Map();
    for (const { side, price, qty, kind } of orders) {
      const key = side + price + (kind ? "stop" : "");
      const mark = marks.get(key) || { side, price, qty: 0, ...(kind ? { isStop: true } : {}) };
      mark.qty += qty;
      marks.set(key, mark);
    }
    return [...marks.values()];
  }

  function bps(slippage, touch) {
    return touch ? (slippage / touch) * 10_000 : 0;
  }

  function imbalanceText(value) {
    if (value === null) return "–";
    const percent = Math.round(value * 100);
    return percent === 0 ? "even" : percent > 0 ? `+${percent} % bid` : `−${-percent} % offered`;
  }

  ts.depthModel = { wantedWindow, steadyWindow, steadyHeight, largestIn, corners, sumAt, reachOf, merged, bps, imbalanceText };
  if (typeof module !== "undefined") module.exports = ts.depthModel;
})(typeof window === "undefined" ? globalThis : window);
