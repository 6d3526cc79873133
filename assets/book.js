// What every panel that shows a book shares: levels summed, walked and judged. Prices in ticks, sizes in lots.
(function (root) {
  "use strict";
  const ts = (root.tradesim = root.tradesim || {});

  // The row a price belongs to: bids round down and asks round up, so that a row never looks better than it is.
  function grouped(price, step, side) {
    return side === "buy" ? Math.floor(price / step) * step : Math.ceil(price / step) * step;
  }

  // Levels [[price, qty, orders]…], best first, merged into rows of `step` ticks; best first.
  function groupLevels(levels, step, side) {
    if (step === 1) return levels;
    const rows = [];
    for (const [price, qty, orders] of levels) {
      const at = grouped(price, step, side);
      const last = rows[rows.length - 1];
      if (last && last[0] === at) {
        last[1] += qty;
        last[2] += orders || 0;
      } else {
        rows.push([at, qty, orders || 0]);
      }
    }
    return rows;
  }

  // [[price, sum of sizes up to and including it]…], best first.
  function cumulative(levels) {
    let sum = 0;
    return levels.map(([price, qty]) => [price, (sum += qty)]);
  }

  // (B-A)/(B+A) over the best `depth` levels: 1 all bids, -1 all asks, null without any.
  function imbalance(book, depth) {
    const bids = total(book.b, depth);
    const asks = total(book.a, depth);
    return bids + asks > 0 ? (bids - asks) / (bids + asks) : null;
  }

  function total(levels, depth) {
    let sum = 0;
    for (let i = 0; i < levels.length && i < depth; i++) sum += levels[i][1];
    return sum;
  }

  function spread(book) {
    return book.b.length && book.a.length ? book.a[0][0] - book.b[0][0] : null;
  }

  // Ticks between the best bid and ask, a half possible; with one side only, that side's best.
  function mid(book) {
    if (book.b.length && book.a.length) return (book.a[0][0] + book.b[0][0]) / 2;
    if (book.b.length) return book.b[0][0];
    return book.a.length ? book.a[0][0] : null;
  }

  // Taking every level up to `price` from the touch: lots taken, their value in ticks x lots, the average
  // price and its distance from the touch (slippage), in ticks. `levels` is the side that is taken.
  function walk(levels, price, side) {
    let qty = 0;
    let value = 0;
    for (const [at, size] of levels) {
      if (side === "buy" ? at > price : at < price) break;
      qty += size;
      value += at * size;
    }
    if (!qty) return { qty: 0, value: 0, average: null, slippage: null };
    const average = value / qty;
    return { qty, value, average, slippage: Math.abs(average - levels[0][0]) };
  }

  // Lots of an order that are still open, with their fraction where it has one. `lot` is the instrument's lot size.
  function openLots(order, lot) {
    return Math.max(0, Number(((Number(order.qty) - Number(order.filled || 0)) / lot).toFixed(9)));
  }

  const OPEN = { held: 1, accepted: 1, pending_new: 1, new: 1, partially_filled: 1 };
  const ABSENT = { held: 1, accepted: 1, pending_new: 1 };
  const isKnown = (ticks) => ticks !== null && ticks !== undefined;

  // Our open orders in `symbol` that stand at a price, each {id, side, price, qty, pending, place} and, where it waits for
  // a trigger, {kind: "stop" | "trail", limit}, or for something else, {waits} in words; oldest first. `pending` are those that the market has not (yet).
  function ownOrders(desk, symbol, lot) {
    const orders = [];
    const all = (desk && desk.orders) || {};
    for (const id of Object.keys(all)) {
      const order = all[id];
      if (order.symbol !== symbol || !OPEN[order.status]) continue;
      const isWaiting = isKnown(order.stop_ticks) && !order.triggered;
      if (!isWaiting && !isKnown(order.limit_ticks)) continue;
      orders.push({
        id,
        side: order.side,
        price: isWaiting ? order.stop_ticks : order.limit_ticks,
        qty: openLots(order, lot),
        created: order.created,
        pending: Boolean(ABSENT[order.status]) || ts.whyStory.isForAuction(order),
        place: placeOf((desk.queue || {})[id]),
        ...(isWaiting ? stopPart(order) : {}),
        ...waitsPart(order),
      });
    }
    return orders.sort((a, b) => a.created - b.created);
  }

  function waitsPart(order) {
    if (order.status === "held") return { waits: "held until the entry fills" };
    return order.status === "accepted" || ts.whyStory.isForAuction(order) ? { waits: ts.whyStory.waitsForSession(order) } : {};
  }

  function stopPart(order) {
    return { kind: order.type === "trailing_stop" ? "trail" : "stop", limit: isKnown(order.limit_ticks) ? order.limit_ticks : null };
  }

  function placeOf(row) {
    if (!row || row[1] === null) return null;
    const [price, ahead, aheadAtEntry, traded, canceled, behind, level] = row;
    return { price, ahead, aheadAtEntry, traded, canceled, behind, level };
  }

  // What a panel should say about the book of `symbol` now: {phase: loading|empty|stale|live, text}; `now` is
  // {market, age}: its time, and how old all is that the page shows, ms.
  function condition(state, symbol, now) {
    const book = state.book && state.book[symbol];
    const status = state.status || {};
    const connection = (state.connection && state.connection.state) || "connecting";
    if (!book) return withoutBook(status, symbol, connection);
    const feed = ts.sourceChip.LIVE.has(status.source) && state.feeds ? state.feeds[symbol] : null;
    const isEmpty = !book.b.length && !book.a.length;
    if (connection === "live" && feed && feed.k === "resync") return { phase: isEmpty ? "empty" : "stale", text: `What ${feed.q} says of ${symbol} is being fetched again` };
    if (isEmpty) return { phase: "empty", text: emptyBook(status, symbol) };
    if (connection !== "live") return { phase: "stale", text: aged(lost(connection), now.age) };
    if (feed && feed.k === "stale") return { phase: "stale", text: aged(`Nothing new from ${feed.q || "any provider"}`, ageOf(feed, now.market)) };
    return { phase: "live", text: "" };
  }

  const ageOf = ({ qo, qa }, now) => (qo || qa ? now - (qo || qa) : null);

  function aged(text, age) {
    return Number.isFinite(age) ? `${text} · book of ${ts.sourceChip.ageText(age)} ago` : text;
  }

  function withoutBook(status, symbol, connection) {
    if (connection !== "live") return { phase: "loading", text: "Connecting to the desk…" };
    if (status.symbols && !status.symbols.includes(symbol)) {
      return { phase: "empty", text: `${symbol} is not traded in this market. Choose another symbol with /.` };
    }
    return { phase: "loading", text: `Waiting for the book of ${symbol}…` };
  }

  function emptyBook(status, symbol) {
    return status.source === "replay"
      ? "No book for this market: bar files have trades only. Open an order-by-order file to see one."
      : `The book of ${symbol} is empty: nobody is quoting now.`;
  }

  // Why nothing new comes, in a word or two.
  function lost(connection) {
    return { offline: "Offline", silent: "No answer" }[connection] || "Reconnecting";
  }

  // A whole number of ticks or lots as the decimal text that orders are sent with.
  function decimal(units, step, decimals) {
    return (units * step).toFixed(decimals);
  }

  ts.book = {
    grouped, groupLevels, cumulative, imbalance, total, spread, mid, walk, openLots, ownOrders, placeOf, condition, lost,
    decimal,
  };
  if (typeof module !== "undefined") module.exports = ts.book;
})(typeof window === "undefined" ? globalThis : window);
