// The blotter's rows: what the stream knows of the desk as flat rows, and what changed between two lists of them.
(function (root) {
  "use strict";
  const ts = (root.tradesim = root.tradesim || {});
  const OPEN = new Set(["held", "accepted", "pending_new", "new", "partially_filled"]);
  const TYPES = { market: "Market", limit: "Limit", stop: "Stop", stop_limit: "Stop-limit", trailing_stop: "Trailing stop" };
  const number = (text) => (text === null || text === undefined || text === "" ? null : Number(text));

  function positionRow(position) {
    const qty = Number(position.qty);
    const cost = Math.abs(qty) * Number(position.avg);
    const upl = number(position.upl);
    return {
      id: position.symbol,
      symbol: position.symbol,
      side: qty > 0 ? "Long" : "Short",
      qty: Math.abs(qty),
      avg: number(position.avg),
      mark: number(position.mark),
      value: number(position.value),
      upl,
      uplPercent: cost && upl !== null ? (upl / cost) * 100 : null,
      rpl: number(position.rpl),
      day: number(position.day_pl),
      act: "Close",
    };
  }

  // Closed ones, which the desk keeps for what they earned, are no positions any more.
  function positionRows(desk) {
    return desk.positions.filter((position) => Number(position.qty) !== 0).map(positionRow);
  }

  // "Limit GTC post".
  function typeText(order) {
    return `${TYPES[order.type] || order.type} ${order.tif.toUpperCase()}${order.post_only ? " post" : ""}`;
  }

  // `leaving` are ids of orders that were asked to be cancelled; `lotOf(symbol)` the lot size.
  function orderRow(order, place, lot, isLeaving) {
    const isOpen = OPEN.has(order.status);
    return {
      id: order.id,
      time: order.created,
      symbol: order.symbol,
      side: order.side,
      type: typeText(order),
      isLimit: order.type === "limit",
      qty: number(order.qty),
      filled: number(order.filled),
      limit: number(order.limit),
      avg: number(order.avg),
      ahead: isOpen && place ? place[1] * lot : null,
      status: isOpen && isLeaving ? "leaving" : order.status,
      source: order.source,
      reason: order.reason || "",
      open: isOpen,
      act: isOpen ? "Cancel" : "",
    };
  }

  function orderRows(desk, lotOf, leaving, isAll) {
    const rows = [];
    for (const order of Object.values(desk.orders)) {
      if (isAll || OPEN.has(order.status)) rows.push(orderRow(order, desk.queue[order.id], lotOf(order.symbol), leaving.has(order.id)));
    }
    return rows;
  }

  function openCount(desk) {
    return Object.values(desk.orders).filter((order) => OPEN.has(order.status)).length;
  }

  function fillRow(fill) {
    return {
      id: fill.id,
      time: fill.at,
      symbol: fill.symbol,
      side: fill.side,
      qty: Number(fill.qty),
      price: Number(fill.price),
      value: Number(fill.qty) * Number(fill.price),
      fee: Number(fill.fee),
      liquidity: fill.liquidity,
      order: fill.order_id.slice(0, 8),
    };
  }

  const fillRows = (desk) => desk.fills.map(fillRow);

  function isSame(one, other) {
    for (const name of Object.keys(other)) if (one[name] !== other[name]) return false;
    return true;
  }

  // What turns the rows in `known` (a Map by id, which becomes the new one) into `rows`: {add, update, remove}.
  function difference(known, rows) {
    const add = [];
    const update = [];
    const gone = new Set(known.keys());
    for (const row of rows) {
      const before = known.get(row.id);
      gone.delete(row.id);
      if (!before) add.push(row);
      else if (!isSame(before, row)) update.push(row);
      else continue;
      known.set(row.id, row);
    }
    const remove = [...gone].map((id) => ({ id }));
    for (const id of gone) known.delete(id);
    return { add, update, remove };
  }

  const isEmpty = ({ add, update, remove }) => !add.length && !update.length && !remove.length;

  // "tradesim-orders-2026-11-23-153012.csv", in the market's time.
  function fileName(tab, date, time) {
    return `tradesim-${tab}-${date}-${time.replace(/:/g, "")}.csv`;
  }

  ts.blotterRows = { positionRow, positionRows, orderRow, orderRows, openCount, fillRow, fillRows, difference, isEmpty, fileName };
  if (typeof module !== "undefined") module.exports = ts.blotterRows;
})(typeof window === "undefined" ? globalThis : window);
