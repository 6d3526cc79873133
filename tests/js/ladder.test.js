const test = require("node:test");
const assert = require("node:assert");
const { groupLevels } = require("../../assets/book.js");
const { deed } = require("../../assets/ladder_orders.js");
const rows = require("../../assets/ladder_rows.js");

const BIDS = [[100, 10, 1], [99, 20, 2], [96, 30, 1]];
const ASKS = [[102, 5, 1], [103, 15, 1], [107, 40, 3]];
const text = String;

test("the window is centred on the touch and contiguous", () => {
  const prices = rows.tickPrices(rows.topFor(101, 1, 41), 1, 41);
  assert.equal(prices[20], 101);
  assert.equal(prices[0], 121);
  assert.equal(prices[40], 81);
});

test("a grouped window stands on multiples of its step", () => {
  const prices = rows.tickPrices(rows.topFor(10_013.5, 25, 5), 25, 5);
  assert.deepEqual(prices, [10_075, 10_050, 10_025, 10_000, 9_975]);
});

test("every level of a grouped book has a row in the window", () => {
  for (const step of rows.STEPS) {
    const prices = new Set(rows.tickPrices(rows.topFor(101, step, 41), step, 41));
    for (const [price] of groupLevels(BIDS, step, "buy")) assert.ok(prices.has(price), `${price} at ${step}`);
    for (const [price] of groupLevels(ASKS, step, "sell")) assert.ok(prices.has(price), `${price} at ${step}`);
  }
});

test("only levels: asks end above the middle and bids begin at it", () => {
  const prices = rows.levelPrices({ b: BIDS, a: ASKS }, 8, 0);
  assert.deepEqual(prices, [null, 107, 103, 102, 100, 99, 96, null]);
});

test("only levels: scrolling moves the same prices", () => {
  assert.deepEqual(rows.levelPrices({ b: BIDS, a: ASKS }, 4, 1), [107, 103, 102, 100]);
  assert.deepEqual(rows.levelPrices({ b: BIDS, a: ASKS }, 4, -1), [102, 100, 99, 96]);
});

test("only levels: an own order beyond the displayed book has its row", () => {
  const prices = rows.levelPrices({ b: BIDS, a: ASKS, ownBuy: [98], ownSell: [] }, 8, 0);
  assert.deepEqual(prices.slice(4), [100, 99, 98, 96]);
});

test("only levels: the window never leaves the book", () => {
  assert.equal(rows.clampOffset(99, 3, 5), 5);
  assert.equal(rows.clampOffset(-99, 3, 5), -3);
});

test("the touch strays when it leaves the middle half of what is seen", () => {
  const top = rows.topFor(100, 1, 41);
  assert.equal(rows.strays(100, top, 1, 41, 20), false);
  assert.equal(rows.strays(105, top, 1, 41, 20), false);
  assert.equal(rows.strays(106, top, 1, 41, 20), true);
  assert.equal(rows.strays(94, top, 1, 41, 20), true);
});

test("rows carry sizes, the touch, the spread and the last trade", () => {
  const prices = rows.tickPrices(103, 1, 5);
  const [a3, a2, gap, b0, b9] = rows.rowsOf(prices, BIDS, ASKS, new Map(), 102);
  assert.equal(a3.ask, 15);
  assert.ok(a2.isBestAsk && a2.isLast && !a2.isSpread);
  assert.ok(gap.isSpread && !gap.bid && !gap.ask);
  assert.ok(b0.isBestBid);
  assert.equal(b9.bid, 20);
  assert.equal(b9.bidOrders, 2);
});

test("own orders go to the row of their side", () => {
  const own = rows.ownByPrice([{ id: "1", side: "buy", price: 98, qty: 5 }, { id: "2", side: "sell", price: 98, qty: 7 }], 5);
  assert.equal(own.get(95).buy[0].id, "1");
  assert.equal(own.get(100).sell[0].id, "2");
});

test("the last trade is shown on the side of the book that it hit", () => {
  assert.equal(rows.rowOfTrade(98, 5, 99), 95);
  assert.equal(rows.rowOfTrade(101, 5, 99), 105);
});

test("a row is as high as the spread asks for", () => {
  assert.equal(rows.autoStep(null, 1), 1);
  assert.equal(rows.autoStep(null, 33), 5);
  assert.equal(rows.autoStep(null, 5000), 100);
});

test("a restless spread does not change the height of the rows", () => {
  assert.equal(rows.autoStep(5, 50), 5);
  assert.equal(rows.autoStep(5, 61), 10);
  assert.equal(rows.autoStep(5, 7), 5);
  assert.equal(rows.autoStep(5, 3), 1);
});

test("bars grow at once and shrink only when far too long", () => {
  assert.equal(rows.barScale(100, 120), 120);
  assert.equal(rows.barScale(100, 80), 100);
  assert.equal(rows.barScale(100, 50), 50);
  assert.equal(rows.barScale(100, 0), 100);
  assert.equal(rows.barScale(0, 0), 1);
});

const waiting = (ahead, level) => ({ id: "1", side: "buy", price: 100, qty: 100, place: { ahead, aheadAtEntry: 2100, traded: 640, canceled: 220, level } });

test("an own order says its quantity and how much is ahead of it", () => {
  assert.equal(rows.ownText([waiting(1240, 1400)], text, true), "100 · 1240 ahead");
  assert.equal(rows.ownText([waiting(1240, 1400)], text, false), "100");
  assert.equal(rows.ownText([waiting(5, 9), waiting(7, 9)], text, false), "200");
  assert.equal(rows.ownText([waiting(5, 9), waiting(7, 9)], text, true), "200 in 2 · 5 ahead");
  assert.equal(rows.ownText([], text, true), "");
});

test("the place within the level is the part of it that is ahead", () => {
  assert.equal(rows.placeInLevel([waiting(350, 1400)]), 0.25);
  assert.equal(rows.placeInLevel([waiting(700, 1400), waiting(0, 1400)]), 0);
  assert.equal(rows.placeInLevel([{ ...waiting(1, 1), place: null }]), null);
});

test("the story of an order tells what became of the queue before it", () => {
  assert.equal(
    rows.ownStory([waiting(1240, 1400)], text, text),
    "Buy 100 at 100: 1240 of 1400 ahead; joined behind 2100, traded 640, cancelled 220",
  );
  assert.equal(rows.ownStory([{ ...waiting(1, 1), pending: true }], text, text), "Buy 100 at 100: on its way");
});

test("volume at price counts each print once and follows the grouping", () => {
  const volume = { last: 0, at: new Map() };
  rows.addPrints(volume, [[1, 0, 100, 5, 1], [2, 0, 101, 7, -1]]);
  rows.addPrints(volume, [[2, 0, 101, 7, -1], [3, 0, 101, 1, 1]]);
  assert.equal(volume.at.get(101), 8);
  assert.equal(rows.volumeByRow(volume, 5).get(100), 13);
});

test("a typed quantity is a positive whole number of lots or nothing", () => {
  assert.equal(rows.quantity("1,000", 1), 1000);
  assert.equal(rows.quantity("0.3", 0.1), 0.3);
  assert.equal(rows.quantity("0.05", 0.1), null);
  assert.equal(rows.quantity("-1", 1), null);
  assert.equal(rows.quantity("ten", 1), null);
});

test("ready sizes are never below the lot", () => {
  assert.deepEqual(rows.sizeChoices({ cls: "us_equity", lot: 100 }), [100, 1000]);
  assert.deepEqual(rows.sizeChoices({ cls: "crypto", lot: 0.0001 }), [0.01, 0.1, 1]);
});

test("a click fills the ticket, and sends only with one-click on", () => {
  assert.deepEqual(deed("buy", "100", "229.83", false), { do: "prefill", text: "To the ticket: buy 100 at 229.83" });
  assert.deepEqual(deed("sell", "100", "229.83", true), { do: "send", text: "Sell 100 at 229.83 now" });
});

test("rows fill their room whole, one of them in the middle", () => {
  assert.equal(rows.wholeRows(515, 20), 25);
  assert.equal(rows.wholeRows(499, 20), 23);
  assert.equal(rows.wholeRows(5, 20), 1);
});

test("stops have a mark and a story of their own", () => {
  const stop = { side: "sell", qty: 100, price: 225, kind: "stop", limit: null, pending: false, place: null };
  const text = (value) => String(value);
  assert.equal(rows.ownMark([stop]), "◆");
  assert.equal(rows.ownMark([{ ...stop, pending: true }]), "◇");
  assert.equal(rows.ownMark([stop, { side: "sell", qty: 1, price: 225, pending: false }]), "●");
  assert.equal(rows.ownStory([stop], text, text), "Sell 100 on a stop at 225: waits for a trade there");
  assert.equal(rows.ownStory([{ ...stop, limit: 224, waits: "held until the entry fills" }], text, text), "Sell 100 on a stop at 225, limit 224: held until the entry fills");
});

test("the auction's figures: price, paired and what is over", () => {
  const text = (value) => String(value);
  assert.equal(rows.auctionText(["O", 22983, 12400, 800, 1], text, text), "Open 22983 × 12400 · 800 to buy over");
  assert.equal(rows.auctionText(["C", 22983, 12400, 0, 0], text, text), "Close 22983 × 12400");
  assert.equal(rows.auctionText(["O", null, 0, 300, -1], text, text), "Open: no price yet · 300 to sell over");
});
