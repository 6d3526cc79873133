// Own orders, the position and fills as the chart shows them: lines with tags, what a pointer hits, dragging. Pure.
(function (root) {
  "use strict";
  const ts = (root.tradesim = root.tradesim || {});
  const OPEN = new Set(["held", "accepted", "pending_new", "new", "partially_filled"]);
  const ROLES = { take_profit: "Take profit", stop_loss: "Stop loss" };
  const CLOSE_WIDTH = 22;

  const quantity = (value, decimals) =>
    Math.abs(Number(value)).toLocaleString("en-US", { maximumFractionDigits: decimals === undefined ? 8 : decimals });

  // How many digits of a quantity are behind its point: a fraction of a lot keeps those that it has.
  function fractionDigits(text) {
    return (String(text).split(".")[1] || "").replace(/0+$/, "").length;
  }

  // A price on the tick, as the decimal text that an intent carries.
  function decimal(ticks, instrument) {
    return (ticks * instrument.tick).toFixed(instrument.pd);
  }

  // The lines of the symbol's open orders, oldest first: one at a limit, one at a stop that waits. `pending` maps a line's
  // key to the ticks it was sent to; `positions` tell what an exit without an entry of its own would close.
  function orderLines(orders, symbol, instrument, pending, positions) {
    const entryOf = entries(orders, (positions || []).find((each) => each.symbol === symbol), instrument);
    return Object.values(orders || {})
      .filter((order) => order.symbol === symbol && OPEN.has(order.status))
      .sort((a, b) => (a.created || 0) - (b.created || 0) || (a.id < b.id ? -1 : 1))
      .flatMap((order) => fieldsOf(order).map((field) => orderLine(order, field, instrument, pending && pending.get(keyOf(order.id, field)), entryOf(order))));
  }

  // For an exit the price at which its position began or will begin, in ticks; null for other orders, and while nobody knows.
  function entries(orders, position, instrument) {
    return (order) => {
      if (!ROLES[order.role]) return null;
      const parent = (orders || {})[order.parent];
      if (parent && parent.side !== order.side) return parent.avg ? Number(parent.avg) / instrument.tick : parent.limit_ticks || parent.stop_ticks || null;
      const closes = position && Number(position.qty) !== 0 && Number(position.qty) > 0 === (order.side === "sell");
      return closes ? Number(position.avg) / instrument.tick : null;
    };
  }

  // What an exit brings at a price, before fees; null where its entry is not known.
  function pays(line, ticks, instrument) {
    if (!Number.isFinite(line.entry) || line.entry === null) return null;
    return (ticks - line.entry) * (line.side === "sell" ? 1 : -1) * line.open * instrument.tick;
  }

  const cents = (value) => Math.round(value * 100) / 100;

  // The token of a line's colour: an exit by what it pays, other orders by their side.
  function toneOf({ role, side }, paid) {
    if (!ROLES[role]) return side === "buy" ? "up" : "down";
    if (paid === null) return role === "take_profit" ? "up" : "down";
    return cents(paid) < 0 ? "down" : "up";
  }

  const isKnown = (ticks) => ticks !== null && ticks !== undefined;
  const keyOf = (id, field) => (field === "limit" ? id : `${id}:${field}`);
  function waitsOf(order) {
    if (order.status === "held") return "held";
    return order.status === "accepted" || ts.whyStory.isForAuction(order) ? ts.whyStory.waitsForSession(order) : "";
  }

  const ticksOf = (order, field) => (field === "limit" ? order.limit_ticks : order.stop_ticks);

  // Which of its prices an order shows: a stop that was reached has none any more.
  function fieldsOf(order) {
    const fields = [];
    if (isKnown(order.stop_ticks) && !order.triggered) fields.push(order.type === "trailing_stop" ? "trail" : "stop");
    if (isKnown(order.limit_ticks)) fields.push("limit");
    return fields;
  }

  function orderLine(order, field, instrument, wanted, entry) {
    const open = Number(order.qty) - Number(order.filled || 0);
    const isPending = wanted !== undefined && wanted !== ticksOf(order, field);
    const isBehind = field === "limit" && isKnown(order.stop_ticks) && !order.triggered;
    const ticks = isPending ? wanted : ticksOf(order, field);
    const paid = pays({ entry, side: order.side, open }, ticks, instrument);
    const waits = waitsOf(order);
    return {
      kind: "order",
      id: order.id,
      key: keyOf(order.id, field),
      field,
      side: order.side,
      role: order.role,
      tone: toneOf(order, paid),
      entry,
      open,
      ticks,
      text: `${lineText(order, field, isBehind, instrument)}${paid === null || isBehind ? "" : `  ${ts.format.signed(paid)}`}${waits ? ` · ${waits}` : ""}${isPending ? " · sending" : ""}`,
      isPending,
      isPale: Boolean(waits) || isBehind,
      isBehind,
      group: order.parent || (order.legs && order.legs.length ? order.id : null),
      ...(field === "trail" ? { water: Number(order.hwm) / instrument.tick, trailsByPercent: Boolean(order.trail_percent) } : {}),
    };
  }

  function lineText(order, field, isBehind, instrument) {
    const open = quantity(Number(order.qty) - Number(order.filled || 0), Math.max(instrument.qd, fractionDigits(order.qty)));
    if (isBehind) return "its limit";
    const verb = ROLES[order.role] ? ROLES[order.role] : order.side === "buy" ? "Buy" : "Sell";
    const kind = field === "trail" ? "" : ROLES[order.role] ? "" : ` ${{ stop: "stop", limit: order.type === "stop_limit" ? "limit" : order.type || "limit" }[field]}`;
    return `${verb} ${open}${kind}${field === "trail" ? ` ${trailText(order)}` : ""}`;
  }

  function trailText(order) {
    return `trails ${order.trail_percent ? `${Number(order.trail_percent)} %` : order.trail}`;
  }

  // The position's line at its average price, with what it would bring now; null when there is none.
  function positionLine(positions, symbol, instrument) {
    const position = (positions || []).find((each) => each.symbol === symbol && Number(each.qty) !== 0);
    if (!position) return null;
    const result = cents(Number(position.upl));
    const direction = Number(position.qty) > 0 ? "Long" : "Short";
    return {
      kind: "position",
      id: "position",
      side: Number(position.qty) > 0 ? "buy" : "sell",
      tone: "accent",
      ticks: Number(position.avg) / instrument.tick,
      text: `${direction} ${ts.format.brief(Math.abs(Number(position.qty)), instrument.qd)}  ${ts.format.signed(result)}`,
      result,
      isPending: false,
    };
  }

  // The lines of a bracket that is being set up in the ticket: {side, entry, isResting, profit, loss, qty}, prices in ticks.
  function draftLines(draft, instrument) {
    const exitSide = draft.side === "buy" ? "sell" : "buy";
    const base = { kind: "draft", isPale: true, group: "draft", entry: draft.entry, open: draft.qty };
    const exit = (role, ticks) => {
      const line = { ...base, id: `draft-${role}`, role, field: role === "take_profit" ? "limit" : "stop", side: exitSide, ticks };
      const paid = pays(line, ticks, instrument);
      return { ...line, tone: toneOf(line, paid), text: `${ROLES[role]}${paid === null ? "" : `  ${ts.format.signed(paid)}`} · not sent` };
    };
    return [
      ...(draft.isResting ? [{ ...base, id: "draft-entry", field: "limit", side: draft.side, tone: draft.side === "buy" ? "up" : "down", ticks: draft.entry, text: `${draft.side === "buy" ? "Buy" : "Sell"} · not sent` }] : []),
      ...(draft.profit === null ? [] : [exit("take_profit", draft.profit)]),
      ...(draft.loss === null ? [] : [exit("stop_loss", draft.loss)]),
    ];
  }

  // The lines whose price stands on the scale: the first of each price and kind.
  function oneAPrice(lines) {
    const seen = new Set();
    return lines.filter((line) => {
      const key = `${line.kind} ${line.side} ${line.priceText}`;
      line.labelY = undefined;
      return !seen.has(key) && seen.add(key);
    });
  }

  // What is under the pointer: {line, part: "edge" | "close" | "tag" | "line"}, tags before lines; null for nothing.
  function hit(placedLines, x, y, slop) {
    const away = (line) => Math.abs(y - (line.tagY ?? line.y));
    const isIn = (line) => away(line) <= ts.chartTags.HEIGHT / 2 + slop / 2 && x >= line.x && x <= line.x + line.width;
    const [tagged] = placedLines.filter(isIn).sort((a, b) => away(a) - away(b));
    if (tagged) return { line: tagged, part: partOf(tagged, x) };
    let nearest = null;
    for (const line of placedLines) {
      const distance = Math.abs(y - line.y);
      if (!line.isEdge && distance <= slop && (!nearest || distance < nearest.distance)) nearest = { line, part: "line", distance };
    }
    return nearest && { line: nearest.line, part: "line" };
  }

  function partOf(line, x) {
    if (line.isEdge) return "edge";
    return x >= line.x + line.width - CLOSE_WIDTH ? "close" : "tag";
  }

  // A drag begins to count after 3 px. It goes by how far the hand moved, so that the price stays when the scale takes more in.
  function dragStarted(line, y) {
    const { id, key, field, side, water, trailsByPercent, tone, role, entry, open, group } = line;
    return { id, key, field, side, water, trailsByPercent, tone, role, entry, open, group, from: line.ticks, to: line.ticks, exact: line.ticks, startY: y, y, moved: false };
  }

  function dragMoved(drag, y, ticksPerPx) {
    const moved = drag.moved || Math.abs(y - drag.startY) > 3;
    const exact = drag.exact + (drag.y - y) * ticksPerPx;
    return { ...drag, moved, exact, y, to: moved ? Math.max(1, Math.round(exact)) : drag.from };
  }

  // The intent that a drop sends; null when the order stays where it is.
  function dropped(drag, instrument) {
    if (!drag.moved || drag.to === drag.from) return null;
    const change = drag.field === "trail" ? trailChange(drag, instrument) : { [drag.field || "limit"]: decimal(drag.to, instrument) };
    return change && { do: "replace", order_id: drag.id, ...change };
  }

  // A trailing stop is moved by its distance from the best price so far, in its own unit.
  function trailChange({ side, to, water, trailsByPercent }, instrument) {
    const away = Math.round(side === "sell" ? water - to : to - water);
    if (!(away >= 1)) return null;
    return { trail: trailsByPercent ? String(Number(((away / water) * 100).toFixed(4))) : decimal(away, instrument) };
  }

  // Lines that hang together, each group from its highest to its lowest: [{top, bottom, ys}]; of lines that are placed.
  function bonds(placed) {
    const groups = new Map();
    for (const line of placed) if (line.group) groups.set(line.group, [...(groups.get(line.group) || []), line.y]);
    return [...groups.values()].filter((ys) => ys.length > 1).map((ys) => ({ top: Math.min(...ys), bottom: Math.max(...ys), ys }));
  }

  // Fills of the symbol, together where they share bar, side, price and liquidity: [{index, side, ticks, qty, fees, liquidity, at}].
  function fillMarks(fills, symbol, bars, indexAt) {
    const byKey = new Map();
    for (const fill of fills || []) {
      if (fill.symbol !== symbol || !bars.n || fill.at < bars.start[0]) continue;
      const bar = bars.base + indexAt(bars, fill.at);
      const key = `${bar} ${fill.side} ${fill.ticks} ${fill.liquidity}`;
      const mark = byKey.get(key);
      if (mark) {
        mark.qty += Number(fill.qty);
        mark.fee += Number(fill.fee || 0);
      } else {
        byKey.set(key, { bar, side: fill.side, ticks: fill.ticks, qty: Number(fill.qty), fee: Number(fill.fee || 0), liquidity: fill.liquidity, at: fill.at });
      }
    }
    return [...byKey.values()];
  }

  function markText(mark, priceText, decimals) {
    return `${mark.side === "buy" ? "Bought" : "Sold"} ${quantity(mark.qty, decimals)} at ${priceText}, ${mark.liquidity || "taker"}`;
  }

  const ns = {
    CLOSE_WIDTH, decimal, orderLines, positionLine, draftLines, pays, toneOf, oneAPrice, hit, dragStarted, dragMoved, dropped, bonds, fractionDigits, fillMarks, markText,
  };
  ts.chartOrders = ns;
  if (typeof module !== "undefined") module.exports = ns;
})(typeof window === "undefined" ? globalThis : window);
