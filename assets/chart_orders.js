// Own orders, the position and fills as the chart shows them: lines with tags, what a pointer hits, dragging. Pure.
(function (root) {
  "use strict";
  const ts = (root.tradesim = root.tradesim || {});
  const OPEN = new Set(["held", "accepted", "pending_new", "new", "partially_filled"]);
  const WAITS = { held: "held", accepted: "waits for its session" };
  const ROLES = { take_profit: "Take profit", stop_loss: "Stop loss" };
  const TAG_HEIGHT = 20;
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
  // key to the ticks it was sent to.
  function orderLines(orders, symbol, instrument, pending) {
    return Object.values(orders || {})
      .filter((order) => order.symbol === symbol && OPEN.has(order.status))
      .sort((a, b) => (a.created || 0) - (b.created || 0) || (a.id < b.id ? -1 : 1))
      .flatMap((order) => fieldsOf(order).map((field) => orderLine(order, field, instrument, pending && pending.get(keyOf(order.id, field)))));
  }

  const isKnown = (ticks) => ticks !== null && ticks !== undefined;
  const keyOf = (id, field) => (field === "limit" ? id : `${id}:${field}`);
  const ticksOf = (order, field) => (field === "limit" ? order.limit_ticks : order.stop_ticks);

  // Which of its prices an order shows: a stop that was reached has none any more.
  function fieldsOf(order) {
    const fields = [];
    if (isKnown(order.stop_ticks) && !order.triggered) fields.push(order.type === "trailing_stop" ? "trail" : "stop");
    if (isKnown(order.limit_ticks)) fields.push("limit");
    return fields;
  }

  function orderLine(order, field, instrument, wanted) {
    const isPending = wanted !== undefined && wanted !== ticksOf(order, field);
    const isBehind = field === "limit" && isKnown(order.stop_ticks) && !order.triggered;
    return {
      kind: "order",
      id: order.id,
      key: keyOf(order.id, field),
      field,
      side: order.side,
      ticks: isPending ? wanted : ticksOf(order, field),
      text: `${lineText(order, field, isBehind, instrument)}${WAITS[order.status] ? ` · ${WAITS[order.status]}` : ""}${isPending ? " · sending" : ""}`,
      isPending,
      isPale: Boolean(WAITS[order.status]) || isBehind,
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
    const result = Math.round(Number(position.upl) * 100) / 100;
    const sign = result > 0 ? "+" : result < 0 ? "−" : "";
    const amount = Math.abs(result).toLocaleString("en-US", { minimumFractionDigits: 2, maximumFractionDigits: 2 });
    const direction = Number(position.qty) > 0 ? "Long" : "Short";
    return {
      kind: "position",
      id: "position",
      side: Number(position.qty) > 0 ? "buy" : "sell",
      ticks: Number(position.avg) / instrument.tick,
      text: `${direction} ${quantity(position.qty, Math.max(instrument.qd, fractionDigits(position.qty)))}  ${sign}${amount}`,
      result,
      isPending: false,
    };
  }

  // Where the tags stand: from `left` on, over the oldest bars in sight; one that would cover another, or words of the plot
  // (`kept`: {x, y (its middle), width, height}), moves right of it. Each item needs {y, width}; each gets {x} (left edge).
  // The first in the list keeps the left edge.
  function place(items, left, right, kept = []) {
    const standing = [...kept];
    for (const item of items) {
      let x = left;
      for (const other of [...standing].sort((a, b) => a.x - b.x)) {
        const isNear = Math.abs(other.y - item.y) < (TAG_HEIGHT + (other.height || TAG_HEIGHT)) / 2;
        if (isNear && x < other.x + other.width + 4 && x + item.width + 4 > other.x) x = other.x + other.width + 6;
      }
      item.x = Math.max(left, Math.min(right - item.width, x));
      standing.push(item);
    }
    return items;
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

  // Where the labels on the price scale stand, so that none covers another: each line gets `labelY`. Those above the
  // middle of `kept` ({top, bottom} of the last price's label) make room upwards, the others downwards.
  function spread(lines, kept) {
    const middle = kept ? kept.top + 9 : -Infinity;
    const above = lines.filter((line) => line.y < middle).sort((a, b) => b.y - a.y);
    const below = lines.filter((line) => line.y >= middle).sort((a, b) => a.y - b.y);
    let edge = kept ? kept.top : Infinity;
    for (const line of above) edge = (line.labelY = Math.min(line.y, edge - 9)) - 9;
    edge = kept ? kept.bottom : -Infinity;
    for (const line of below) edge = (line.labelY = Math.max(line.y, edge + 9)) + 9;
    return lines;
  }

  // What is under the pointer: {line, part: "edge" | "close" | "tag" | "line"}, tags before lines; null for nothing.
  function hit(placedLines, x, y, slop) {
    const isIn = (line) => Math.abs(y - line.y) <= TAG_HEIGHT / 2 + slop / 2 && x >= line.x && x <= line.x + line.width;
    const [tagged] = placedLines.filter(isIn).sort((a, b) => Math.abs(y - a.y) - Math.abs(y - b.y));
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

  // A drag is {id, field, side, from, to (ticks), startY, moved}: it begins to count after 3 px.
  function dragStarted(line, y) {
    const { id, key, field, side, water, trailsByPercent } = line;
    return { id, key, field, side, water, trailsByPercent, from: line.ticks, to: line.ticks, startY: y, moved: false };
  }

  function dragMoved(drag, y, ticks) {
    const moved = drag.moved || Math.abs(y - drag.startY) > 3;
    return { ...drag, moved, to: moved ? Math.max(1, Math.round(ticks)) : drag.from };
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
    TAG_HEIGHT, CLOSE_WIDTH, decimal, orderLines, positionLine, place, oneAPrice, spread, hit, dragStarted, dragMoved, dropped, bonds, fractionDigits, fillMarks, markText,
  };
  ts.chartOrders = ns;
  if (typeof module !== "undefined") module.exports = ns;
})(typeof window === "undefined" ? globalThis : window);
