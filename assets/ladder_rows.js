// What the ladder's rows show: which prices, what waits there, whose orders. Pure: book in, rows out.
(function (root) {
  "use strict";
  const ts = (root.tradesim = root.tradesim || {});
  const book = () => ts.book || require("./book.js");
  const STEPS = [1, 5, 10, 25, 50, 100];

  // The price of the first row such that `centre` falls into the middle one.
  function topFor(centre, step, count) {
    return Math.round(centre / step) * step + Math.floor(count / 2) * step;
  }

  // How many rows of at least `least` px fill `height`: an odd number, so that one is in the middle and none is cut.
  function wholeRows(height, least) {
    const fit = Math.max(1, Math.floor(height / least));
    return fit % 2 ? fit : fit - 1;
  }

  function tickPrices(top, step, count) {
    const prices = new Array(count);
    for (let i = 0; i < count; i++) prices[i] = top - i * step;
    return prices;
  }

  // Only prices where something waits; the best bid stands right below the middle, `offset` rows further down
  // when the person has scrolled. Rows beyond the book are null.
  function levelPrices(levels, count, offset) {
    const asks = distinct(levels.a, levels.ownSell, (a, b) => a - b);
    const bids = distinct(levels.b, levels.ownBuy, (a, b) => b - a);
    const middle = Math.floor(count / 2) + offset;
    const prices = new Array(count);
    for (let i = 0; i < count; i++) {
      const price = i < middle ? asks[middle - 1 - i] : bids[i - middle];
      prices[i] = price === undefined ? null : price;
    }
    return prices;
  }

  function distinct(levels, own, order) {
    const prices = levels.map((level) => level[0]);
    return own && own.length ? [...new Set([...prices, ...own])].sort(order) : prices;
  }

  // How far a window of levels may be scrolled so that a row of the book stays in sight.
  function clampOffset(offset, bids, asks) {
    return Math.max(-bids, Math.min(asks, offset));
  }

  // Whether the touch has left the middle half of what is seen.
  function strays(centre, top, step, count, seen) {
    return Math.abs((top - centre) / step - Math.floor(count / 2)) > seen / 4;
  }

  function bySide(levels) {
    const rows = new Map();
    for (const level of levels) rows.set(level[0], level);
    return rows;
  }

  // Own orders by row: {price: {buy: [...], sell: [...]}}.
  function ownByPrice(orders, step) {
    const rows = new Map();
    for (const order of orders) {
      const price = book().grouped(order.price, step, order.side);
      if (!rows.has(price)) rows.set(price, { buy: [], sell: [] });
      rows.get(price)[order.side].push(order);
    }
    return rows;
  }

  // The row of the last trade: prices in the spread belong to the side they are nearer to.
  function rowOfTrade(price, step, bestBid) {
    return book().grouped(price, step, bestBid !== null && price <= bestBid ? "buy" : "sell");
  }

  // Ticks a row for a spread that should take a few rows: coarser when it would take more than a dozen, finer only
  // when it is small in the finer rows too, so that a restless spread does not turn the ladder over and over.
  function autoStep(current, spread) {
    const wanted = STEPS.find((step) => spread / step <= 8) || STEPS[STEPS.length - 1];
    if (!current || spread / current > 12) return wanted;
    return wanted < current && spread / wanted <= 4 ? wanted : current;
  }

  // Full length of a depth bar: grows at once, shrinks only when far too long, so that bars do not breathe.
  function barScale(previous, largest) {
    if (largest <= 0) return previous || 1;
    return largest > previous || largest < previous * 0.6 ? largest : previous;
  }

  // One object a row: {price, bid, ask, bidOrders, askOrders, buy, sell, isBestBid, isBestAsk, isLast, isSpread}.
  // `own` is the answer of ownByPrice.
  function rowsOf(prices, bids, asks, own, last) {
    const bestBid = bids.length ? bids[0][0] : null;
    const bestAsk = asks.length ? asks[0][0] : null;
    const bid = bySide(bids);
    const ask = bySide(asks);
    return prices.map((price) => {
      const mine = own.get(price);
      const bidLevel = bid.get(price);
      const askLevel = ask.get(price);
      return {
        price,
        bid: bidLevel ? bidLevel[1] : 0,
        ask: askLevel ? askLevel[1] : 0,
        bidOrders: bidLevel ? bidLevel[2] || 0 : 0,
        askOrders: askLevel ? askLevel[2] || 0 : 0,
        buy: mine ? mine.buy : NOTHING,
        sell: mine ? mine.sell : NOTHING,
        isBestBid: price !== null && price === bestBid,
        isBestAsk: price !== null && price === bestAsk,
        isLast: price !== null && price === last,
        isSpread: price !== null && bestBid !== null && bestAsk !== null && price > bestBid && price < bestAsk,
      };
    });
  }

  const NOTHING = [];

  function largest(rows) {
    let size = 0;
    for (const row of rows) size = Math.max(size, row.bid, row.ask);
    return size;
  }

  // Where the first of our orders stands in the level's queue, 0 (front) to 1 (end); null when not known.
  function placeInLevel(orders) {
    const known = orders.filter((order) => order.place && order.place.level > 0);
    if (!known.length) return null;
    const { ahead, level } = nearest(known).place;
    return Math.max(0, Math.min(1, ahead / level));
  }

  function nearest(orders) {
    return orders.reduce((best, order) => (order.place.ahead < best.place.ahead ? order : best));
  }

  function openQty(orders) {
    return orders.reduce((sum, order) => sum + order.qty, 0);
  }

  // "100 · 1,240 ahead", or "100" where there is little room; `qty` writes lots as text.
  function ownText(orders, qty, isRoomy) {
    if (!orders.length) return "";
    if (!isRoomy) return qty(openQty(orders));
    const text = qty(openQty(orders)) + (orders.length > 1 ? ` in ${orders.length}` : "");
    const known = orders.filter((order) => order.place);
    return known.length ? `${text} · ${qty(nearest(known).place.ahead)} ahead` : text;
  }

  // What stands before the quantity: an order in the book, one that is not there yet, one that waits for a trigger.
  function ownMark(orders) {
    if (orders.every((order) => order.kind)) return orders.some((order) => order.pending) ? "◇" : "◆";
    return orders.some((order) => order.pending) ? "○" : "●";
  }

  // "Open 229.83 × 12,400 · 800 to buy over" of [auction, price, paired, imbalance, its side].
  function auctionText([kind, ticks, paired, over, side], price, qty) {
    const name = kind === "O" ? "Open" : "Close";
    const rest = over ? ` · ${qty(over)} to ${side > 0 ? "buy" : "sell"} over` : "";
    return ticks === null ? `${name}: no price yet${rest}` : `${name} ${price(ticks)} × ${qty(paired)}${rest}`;
  }

  // The whole story of the orders in one cell, for people who ask.
  function ownStory(orders, qty, price) {
    return orders.map((order) => orderStory(order, qty, price)).join("; ");
  }

  function orderStory(order, qty, price) {
    const verb = `${order.side === "buy" ? "Buy" : "Sell"} ${qty(order.qty)}`;
    const what = order.kind ? `${verb} on a stop at ${price(order.price)}${order.limit == null ? "" : `, limit ${price(order.limit)}`}` : `${verb} at ${price(order.price)}`;
    if (order.waits) return `${what}: ${order.waits}`;
    if (order.pending) return `${what}: on its way`;
    if (order.kind) return `${what}: ${order.kind === "trail" ? "follows the market, waits" : "waits"} for a trade there`;
    if (!order.place) return what;
    const { ahead, aheadAtEntry, traded, canceled, level } = order.place;
    const gone = aheadAtEntry > ahead ? `; joined behind ${qty(aheadAtEntry)}, traded ${qty(traded)}, cancelled ${qty(canceled)}` : "";
    return `${what}: ${qty(ahead)} of ${qty(level)} ahead${gone}`;
  }

  // Ready quantities of an instrument, in lots: a hundredth of a coin to ten, ten shares to a thousand.
  function sizeChoices(instrument) {
    const sizes = instrument.cls === "crypto" ? [0.01, 0.1, 1] : instrument.cls === "forex" ? [1_000, 10_000, 100_000] : [10, 100, 1_000];
    return sizes.filter((size) => size >= instrument.lot);
  }

  // Volume at price since the page opened, fed with prints [[id, ms, price, qty, side]…]; each counts once.
  function addPrints(volume, prints) {
    for (const [id, , price, qty] of prints) {
      if (id <= volume.last) continue;
      volume.last = id;
      volume.at.set(price, (volume.at.get(price) || 0) + qty);
    }
    return volume;
  }

  function volumeByRow(volume, step) {
    if (step === 1) return volume.at;
    const rows = new Map();
    for (const [price, qty] of volume.at) {
      const at = book().grouped(price, step, "buy");
      rows.set(at, (rows.get(at) || 0) + qty);
    }
    return rows;
  }

  // A quantity typed by a person, as a number that is a whole number of lots; null when it is not.
  function quantity(text, lot) {
    const value = Number(String(text).replace(/[,\s]/g, ""));
    if (!Number.isFinite(value) || value <= 0) return null;
    const lots = value / lot;
    return Math.abs(lots - Math.round(lots)) < 1e-6 ? value : null;
  }

  ts.ladderRows = {
    STEPS, topFor, wholeRows, tickPrices, levelPrices, clampOffset, strays, ownByPrice, rowOfTrade, autoStep, barScale, rowsOf, largest,
    placeInLevel, openQty, ownText, ownMark, ownStory, auctionText, sizeChoices, addPrints, volumeByRow, quantity,
  };
  if (typeof module !== "undefined") module.exports = ts.ladderRows;
})(typeof window === "undefined" ? globalThis : window);
