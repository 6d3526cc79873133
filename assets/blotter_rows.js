// The blotter's rows: what the stream knows of the desk as flat rows, and what changed between two lists of them.
(function (root) {
  "use strict";
  const ts = (root.tradesim = root.tradesim || {});
  const OPEN = new Set(["held", "accepted", "pending_new", "new", "partially_filled"]);
  const TYPES = { market: "Market", limit: "Limit", stop: "Stop", stop_limit: "Stop limit", trailing_stop: "Trail" };
  const ROLES = { take_profit: "Take profit", stop_loss: "Stop loss" };
  const number = (text) => (text === null || text === undefined || text === "" ? null : Number(text));

  // `isStale`: its mark is older than it may be, so it is not what it would bring now.
  function positionRow(position, isStale = false) {
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
      rpl: number(position.day_rpl),
      day: number(position.day_pl),
      isStale,
      open: true,
      act: "Close",
    };
  }

  const flat = { qty: null, avg: null, mark: null, value: null, upl: null, uplPercent: null, act: "" };

  // A symbol that was traded today and of which nothing is left.
  function closedRow({ symbol, day_rpl: rpl, day_pl: day }) {
    return { ...flat, id: `${symbol} closed`, symbol, side: "Closed", rpl: number(rpl), day: number(day), open: false };
  }

  // What is held, and what was closed today.
  const dayRows = (desk, isStale) => [...positionRows(desk, isStale), ...(desk.account.closed || []).map(closedRow)];

  // The foot of the positions: fees and other money of the day where there are any, and the total, whose P&L of the day is
  // the account's own.
  function sumRows(desk, rows) {
    if (!rows.length) return [];
    const { day_fees: fees, day_income: income, day_pl: day } = desk.account;
    const sum = (name) => rows.reduce((total, row) => total + (row[name] || 0), 0);
    const extra = (id, symbol, value) => (Math.abs(value) >= 0.005 ? [{ ...flat, id, symbol, side: "", rpl: null, day: value, isSum: true }] : []);
    return [
      ...extra("fees", "Fees", -Number(fees || 0)),
      ...extra("income", "Interest, dividends", Number(income || 0)),
      { ...flat, id: "total", symbol: "Total", side: "", value: sum("value"), upl: sum("upl"), rpl: sum("rpl"), day: number(day), isSum: true },
    ];
  }

  // Closed ones, which the desk keeps for what they earned, are no positions any more.
  function positionRows(desk, isStale = () => false) {
    return desk.positions.filter((position) => Number(position.qty) !== 0).map((position) => positionRow(position, isStale(position.symbol)));
  }

  // "Limit GTC post", "Stop loss GTC", "Trail 0.5 % DAY".
  function typeText(order) {
    const marks = [order.post_only && "post", order.reduce_only && !order.role && "reduce", order.display_qty && "iceberg", order.extended_hours && "ext"].filter(Boolean);
    const trail = trailText(order);
    return [ROLES[order.role] || TYPES[order.type] || order.type, trail, order.tif.toUpperCase(), ...marks].filter(Boolean).join(" ");
  }

  function trailText(order) {
    if (order.trail_percent) return `${Number(order.trail_percent)} %`;
    return order.trail || "";
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
      isLimit: order.limit !== null && order.limit !== undefined,
      isStop: Boolean(order.stop) && !order.triggered && order.type !== "trailing_stop",
      isTrail: order.type === "trailing_stop" && !order.triggered,
      qty: number(order.qty),
      filled: number(order.filled),
      limit: number(order.limit),
      stop: number(order.stop),
      trail: number(order.trail_percent || order.trail),
      isPercent: Boolean(order.trail_percent),
      avg: number(order.avg),
      ahead: isOpen && place && place[1] !== null ? place[1] * lot : null,
      status: isOpen && isLeaving ? "leaving" : order.status,
      waits: waitsFor(order),
      isReplaced: Boolean(order.was && order.was.length),
      parent: order.parent || "",
      head: order.parent || order.id,
      depth: order.parent ? 1 : 0,
      source: order.source,
      reason: order.reason || "",
      open: isOpen,
      act: isOpen ? "Cancel" : "",
    };
  }

  // What an open order waits for, where that is not its turn in the book: "trigger", "open", "close", "session", "entry".
  function waitsFor(order) {
    if (order.status === "held") return "entry";
    if (order.status === "accepted" || ts.whyStory.isForAuction(order)) return { opg: "open", cls: "close" }[order.tif] || "session";
    return OPEN.has(order.status) && order.stop && !order.triggered ? "trigger" : "";
  }

  // Legs under their parent; a leg whose parent is not among the rows stands for itself. What a person has sorted stays as
  // it is sorted; else what works stands on top, the newest first.
  function nested(rows, isSorted) {
    if (isSorted) return grouped(rows).flatMap(inARow);
    const all = grouped([...rows].sort((one, other) => other.time - one.time));
    return [...all.filter((group) => group.isOpen), ...all.filter((group) => !group.isOpen)].flatMap(inARow);
  }

  const inARow = ({ parent, legs }) => [...(parent ? [parent] : []), ...legs];

  function grouped(rows) {
    const present = new Set(rows.map((row) => row.id));
    const headOf = (row) => (present.has(row.head) ? row.head : row.parent || row.id);
    const groups = new Map();
    for (const row of rows) {
      const head = headOf(row);
      const group = groups.get(head) || groups.set(head, { isOpen: false, parent: null, legs: [] }).get(head);
      group.isOpen = group.isOpen || row.open;
      if (row.id === head) group.parent = row;
      else group.legs.push(row);
    }
    return [...groups.values()];
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

  ts.blotterRows = { positionRow, positionRows, dayRows, sumRows, orderRow, orderRows, nested, waitsFor, openCount, fillRow, fillRows, difference, isEmpty, fileName };
  if (typeof module !== "undefined") module.exports = ts.blotterRows;
})(typeof window === "undefined" ? globalThis : window);
