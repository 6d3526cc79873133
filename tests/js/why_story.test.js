const assert = require("node:assert");
const { test } = require("node:test");
const format = require("../../assets/format.js");
const story = require("../../assets/why_story.js");

const AAPL = { tick: 0.01, lot: 1, pd: 2, qd: 0, cur: "USD" };
const BIDS = [[22999, 300, 2], [22998, 500, 3]];
const why = (changes) => ({ model: "order book", latency_ms: 5, quote_age_ms: 0, ahead: null, traded: 0, canceled: 0, before: [BIDS, [[23001, 100, 1], [23002, 300, 2]]], after: [BIDS, [[23002, 200, 2]]], ...changes });
const fill = (id, changes) => ({ id, order_id: "o1", symbol: "AAPL", side: "buy", qty: "100", price: "230.01", ticks: 23001, fee: "0.00", liquidity: "taker", at: 5000, why: why(), ...changes });
const order = (changes) => ({ id: "o1abcdefgh", symbol: "AAPL", side: "buy", type: "limit", tif: "day", qty: "200", filled: "0", avg: null, limit: "229.99", limit_ticks: 22999, status: "new", created: 1000, updated: 1000, reason: null, ...changes });

test("a sweep of several fills is one story with one average", () => {
  const done = story.execution([fill("a"), fill("b", { qty: "50", price: "230.02", ticks: 23002 }), fill("c", { at: 9000 })], "a");
  assert.strictEqual(done.qty, 150);
  const told = story.fillStory(done, null, null, AAPL, format);
  assert.strictEqual(told.title, "Why 150");
  assert.strictEqual(told.sentences[0], "Your order met the best ask 230.01 × 100 and walked 2 levels: average 230.0133, 0.33 ticks (0.50 USD) beyond the touch.");
  assert.strictEqual(told.sentences[1], "Latency 5 ms · model: order book");
});

test("a taker that stayed at the touch is told so", () => {
  const told = story.fillStory(story.execution([fill("a")], "a"), null, null, AAPL, format);
  assert.strictEqual(told.sentences[0], "Your order met the best ask 230.01 × 100 and took 100 of it, all at the touch.");
});

test("a maker hears what became of the queue before it, and who took", () => {
  const resting = fill("m", { liquidity: "maker", price: "229.99", ticks: 22999, at: 6900, qty: "120", why: why({ ahead: 860, traded: 640, canceled: 220, quote_age_ms: 3, after: [[[22999, 80, 1]], []] }) });
  const tape = [[1, 6900, 22999, 180, -1], [2, 6900, 22999, 120, -1], [3, 6900, 22999, 50, 1], [4, 6800, 22999, 70, -1]];
  const told = story.fillStory(story.execution([resting], "m"), order(), tape, AAPL, format);
  assert.strictEqual(told.title, "Why 120 of 200");
  assert.deepStrictEqual(told.sentences, [
    "You joined behind 860. In 5.9 s trades took 640 and cancels 220 ahead of you.",
    "A sell of 300 then took 120 of yours; 80 are left at 229.99.",
    "Quote 3 ms old · latency 5 ms · model: order book",
  ]);
});

test("without a tape the size of the other order is not guessed", () => {
  const resting = fill("m", { liquidity: "maker", price: "229.99", ticks: 22999, why: why({ ahead: 0, after: [[], []] }) });
  const told = story.fillStory(story.execution([resting], "m"), order(), null, AAPL, format);
  assert.strictEqual(told.sentences[0], "You joined 4.0 s before with nobody ahead of you at 229.99.");
  assert.strictEqual(told.sentences[1], "A sell then took 100 of yours; nothing is left at 229.99.");
});

test("an open order tells what is still ahead and where the touch is", () => {
  const told = story.orderStory(order(), [22999, 300, 860, 400, 160, 50, 350], { b: 23001, a: 23003 }, AAPL, format);
  assert.strictEqual(told.title, "200 waits");
  assert.deepStrictEqual(told.sentences, [
    "You joined behind 860: trades took 400 and cancels 160 so far.",
    "Still ahead of you: 300 of 350 at 229.99, 50 behind.",
    "The touch is 230.01 bid, 2 ticks better than your price; the other side is 4 ticks away.",
  ]);
  const front = story.orderStory(order({ side: "sell" }), [22999, 0, 0, 0, 0, 0, 100], { b: 22998, a: 22999 }, AAPL, format);
  assert.deepStrictEqual(front.sentences, ["Nothing is ahead of you at 229.99.", "Your price is the best ask; the other side is 1 tick away."]);
});

test("who is ahead where nothing is shown is not claimed", () => {
  const unknown = [22999, null, null, 0, 0, null, null];
  const outside = story.orderStory(order(), unknown, { b: 23001, a: 23003 }, AAPL, format);
  assert.strictEqual(outside.sentences[0], "229.99 is outside the prices that this market shows: its queue is known when it comes into view.");
  const bare = story.orderStory(order(), unknown, { b: null, a: null }, AAPL, format);
  assert.deepStrictEqual(bare.sentences, ["This market shows no queue: the order fills when a trade goes through 229.99."]);
});

test("an order that ended tells the reason", () => {
  const ended = story.orderStory(order({ status: "canceled", updated: 13_500, filled: "50", avg: "229.99", reason: "Cancelled on request." }), null, null, AAPL, format);
  assert.strictEqual(ended.title, "Why cancelled");
  assert.deepStrictEqual(ended.sentences, ["50 of 200 filled at 229.99. Cancelled on request.", `Sent at ${format.time(1000, true)}, ended at ${format.time(13_500, true)}, after 12 s.`]);
  const unfilled = story.orderStory(order({ status: "canceled", updated: 13_500 }), [22999, 300, 860, 400, 160, 50, 350], null, AAPL, format);
  assert.match(unfilled.sentences[1], /after 12 s; nothing of it had filled\.$/);
  assert.strictEqual(unfilled.sentences[2], "You had joined behind 860. Trades took 400 and cancels 160; 300 still stood ahead of you.");
  assert.deepStrictEqual(story.orderStory(order({ status: "rejected" }), null, null, AAPL, format).sentences, ["Rejected, no reason was given."]);
  assert.match(story.orderStory(order({ status: "pending_new" }), null, null, AAPL, format).sentences[0], /on its way/);
});

test("the receipt line follows the order's life", () => {
  const said = (changes) => story.receipt(order(changes), AAPL, format);
  assert.strictEqual(said({}), "Order o1abcdef is working in the book.");
  assert.strictEqual(said({ status: "pending_new" }), "Order o1abcdef is on its way.");
  assert.strictEqual(said({ status: "partially_filled", filled: "50", avg: "229.99" }), "Order o1abcdef partly filled: 50 at 229.99, 150 rests.");
  assert.strictEqual(said({ status: "filled", filled: "200", avg: "229.985" }), "Order o1abcdef filled: 200 at 229.9850.");
  assert.strictEqual(said({ status: "rejected", reason: "the day ended" }), "Order o1abcdef rejected: the day ended.");
  const withdrawn = { status: "canceled", reason: "Cancelled on request." };
  assert.strictEqual(said(withdrawn), "Order o1abcdef cancelled on request.");
  assert.strictEqual(said({ ...withdrawn, filled: "50", avg: "229.99" }), "Order o1abcdef cancelled after 50 at 229.99, on request.");
});

test("the small book shows both sides before and after, asks on top, with what was taken", () => {
  const rows = story.bookRows(why().before, why().after, 2, new Map([[23001, 100]]));
  assert.deepStrictEqual(rows.map(({ ticks, before, after, taken }) => [ticks, before, after, taken]), [
    [23002, 300, 200, 0],
    [23001, 100, 0, 100],
    [22999, 300, 300, 0],
    [22998, 500, 500, 0],
  ]);
});

test("what is explained: the chosen one, else what happened last", () => {
  const { subject, told } = require("../../assets/why.js");
  const desk = { fills: [fill("a")], orders: { o1: order({ id: "o1", status: "filled", updated: 5000 }), o2: order({ id: "o2", updated: 9000 }) } };
  assert.deepStrictEqual(subject({ kind: "fill", id: "a" }, desk), { kind: "fill", id: "a" });
  assert.deepStrictEqual(subject({ kind: "fill", id: "gone" }, desk), { kind: "order", id: "o2" });
  assert.deepStrictEqual(subject(null, { fills: desk.fills, orders: { o1: desk.orders.o1 } }), { kind: "fill", id: "a" });
  assert.strictEqual(subject(null, { fills: [], orders: {} }), null);
  assert.deepStrictEqual(told({ kind: "order", id: "o1" }, desk), { kind: "fill", id: "a" });
});

test("a bracket's first fill is told, and not the exits that it woke", () => {
  const { subject } = require("../../assets/why.js");
  const entry = order({ id: "o1", status: "filled", updated: 5000 });
  const [found] = [fill("a")];
  const exit = (changes) => order({ id: "o2", parent: found.order_id, status: "new", updated: found.at + 5, ...changes });
  const about = (leg) => subject(null, { fills: [found], orders: { o1: entry, o2: leg } });
  assert.deepStrictEqual(about(exit({})), { kind: "fill", id: "a" });
  assert.deepStrictEqual(about(exit({ updated: found.at + 9000 })), { kind: "order", id: "o2" });
  assert.deepStrictEqual(about(exit({ updated: found.at + 9000, type: "trailing_stop" })), { kind: "fill", id: "a" });
  assert.deepStrictEqual(about(exit({ status: "canceled" })), { kind: "order", id: "o2" });
});

test("a chosen order is let go once it is withdrawn, and kept when it fills", () => {
  const { stillChosen } = require("../../assets/why.js");
  const desk = (status) => ({ fills: [], orders: { o1: order({ id: "o1", status }) } });
  const chosen = stillChosen({ kind: "order", id: "o1" }, desk("new"));
  assert.deepStrictEqual(chosen, { kind: "order", id: "o1", isOpen: true });
  assert.strictEqual(stillChosen(chosen, desk("canceled")), null);
  assert.strictEqual(stillChosen(chosen, desk("filled")).id, "o1");
  assert.strictEqual(stillChosen({ kind: "order", id: "o1" }, desk("canceled")).id, "o1");
  assert.deepStrictEqual(stillChosen({ kind: "fill", id: "f" }, desk("canceled")), { kind: "fill", id: "f" });
  assert.strictEqual(stillChosen(null, desk("new")), null);
});

test("a fill is told in the steps of the market where it happened", () => {
  const story = require("../../assets/why_story.js");
  const why = { before: [[], []], after: [[], []], tick: "0.1", lot: "0.00000001" };
  const fill = { id: "f", order_id: "o", at: 1, liquidity: "taker", symbol: "BTC/USD", side: "buy", qty: "0.1", price: "97000.1", ticks: 194000, fee: "0", why };
  const done = story.execution([fill], "f");
  assert.equal(done.parts[0].ticks, 970001);
  assert.deepEqual(story.inOwnSteps(done, { tick: 0.5, lot: 0.0001, pd: 1, qd: 4, cur: "USD" }), { tick: 0.1, lot: 1e-8, pd: 1, qd: 8, cur: "USD" });
});

test("a sweep that went beyond the quote tells the rule that priced its last part", () => {
  const part = (id, ticks, model) => ({ id, order_id: "o", at: 5, liquidity: "taker", side: "buy", symbol: "AAPL", qty: "10", price: String(ticks / 100), ticks, fee: "0", why: why({ model }) });
  const done = story.execution([part("1", 23001, "shadow book"), part("2", 23002, "quote and impact: 1 tick")], "1");
  assert.equal(done.why.model, "quote and impact: 1 tick");
});

const told = (changes, find, market = { b: 22999, a: 23001, l: 23000 }) => story.orderStory(order(changes), null, market, AAPL, format, find).sentences;

test("a stop tells which trade it waits for and what it sends then", () => {
  const [waits, ...more] = told({ type: "stop", side: "sell", limit: null, limit_ticks: null, stop: "225.00", stop_ticks: 22500 });
  assert.equal(waits, "The desk waits for a trade at or below 225.00; quotes do not count. Then it sends a market order. The last trade was at 230.00, 500 ticks away.");
  assert.deepEqual(more, []);
  assert.match(told({ type: "stop_limit", stop: "231.00", stop_ticks: 23100, limit: "231.05" })[0], /at or above 231\.00.*a limit order at 231\.05/);
});

test("a trailing stop tells what it follows and that it never goes back", () => {
  const [, trail] = told({ type: "trailing_stop", side: "sell", limit: null, limit_ticks: null, stop: "228.85", stop_ticks: 22885, trail_percent: "0.5", hwm: "230.00" });
  assert.equal(trail, "It trails: the highest trade since it began, 230.00, has the stop 0.5 % below it. The stop moves with a better trade and never back.");
});

test("a held leg tells of its entry and of the exit beside it", () => {
  const orders = {
    entry: order({ id: "entry", legs: ["p", "l"], class: "bracket" }),
    p: order({ id: "p", parent: "entry", role: "take_profit", side: "sell", status: "held", limit: "235.00" }),
  };
  const leg = { id: "l", parent: "entry", role: "stop_loss", side: "sell", type: "stop", status: "held", limit: null, stop: "225.00", class: "bracket" };
  const [held, group] = told(leg, (id) => orders[id] || (id === "l" ? order(leg) : null));
  assert.equal(held, "Held until the entry, buy 200 at 229.99, has filled. If that ends in part, this goes to work for what was filled; if nothing was filled, it is cancelled.");
  assert.equal(group, "With it: take profit 235.00. What one exit fills the other no longer can: never both beyond the position. A cancel asks whether it goes alone or takes the group along.");
});

test("orders for an auction and for a session say what they wait for", () => {
  assert.match(told({ status: "accepted", tif: "opg" })[0], /opening auction/);
  assert.match(told({ status: "accepted", tif: "cls" })[0], /closing auction/);
  assert.match(told({ status: "accepted" })[0], /when its session begins/);
});

test("what an auction has collected has no place in the book, and tells where the auction would be", () => {
  const close = order({ tif: "cls" });
  const tell = (ia) => story.orderStory(close, null, { b: 22999, a: 23001, l: 23000, ia }, AAPL, format).sentences.slice(1);
  assert.deepEqual(tell(["C", 22994, 7623, 3077, -1]), ["As it stands, 7,623 would trade at 229.94."]);
  assert.deepEqual(tell(["C", null, 0, 300, 1]), ["Nothing would trade there yet."]);
  assert.deepEqual([tell(["O", 22994, 1, 0, 0]), tell(undefined)], [[], []]);
  assert.match(story.receipt(close, AAPL, format), /waits for the close\.$/);
});

test("fractions, auctions and the impact rule are told with the fill", () => {
  const tell = (model, changes) => story.fillStory(story.execution([fill("a", { ...changes, why: why({ model }) })], "a"), null, null, AAPL, format).sentences[0];
  assert.match(tell("desk as principal", { qty: "0.25" }), /^The desk itself dealt 0\.25, less than one lot, at 230\.01/);
  assert.match(tell("call auction"), /crossed all orders at one price: 100 of yours at 230\.01/);
  assert.match(tell("quote and impact: 1 tick", { qty: "400", price: "230.05", ticks: 23005 }), /square-root rule/);
});

test("a fill of a stop begins with the trade that reached it", () => {
  const reached = order({ type: "stop", stop: "225.00", limit: null, triggered: 1_767_625_200_000 });
  assert.match(story.fillStory(story.execution([fill("a")], "a"), reached, null, AAPL, format).sentences[0], /^A trade reached your stop 225\.00 at /);
});

test("a replaced order tells what it was", () => {
  const found = told({ was: [[1_767_625_200_000, "50", "229.00", null, null]] }).find((sentence) => sentence.startsWith("Replaced"));
  assert.match(found, /before it was 50, limit 229\.00\.$/);
});

const leg = (id, side, qty, at, more) => fill(id, { side, qty: String(qty), at, order_id: `o-${id}`, ...more });
const legsOf = (fills, id, held) => story.tripOf(fills, id, held).map((step) => `${step.word} ${step.ids.join("+")}`);

test("the entry and the exit of a trade stand together, whichever is told of", () => {
  const fills = [leg("a", "buy", 100, 1), leg("b", "sell", 100, 2)];
  for (const id of ["a", "b"]) assert.deepStrictEqual(legsOf(fills, id, 0), ["Entry a", "Exit b"]);
  assert.deepStrictEqual(legsOf(fills, "gone", 0), []);
});

test("a trade that goes on has no exit yet, and trades of other symbols or days are not its own", () => {
  const fills = [leg("x", "sell", 50, 1), leg("y", "buy", 50, 2), leg("a", "buy", 100, 3), leg("z", "buy", 7, 4, { symbol: "MSFT" }), leg("b", "buy", 50, 5), leg("c", "sell", 20, 6)];
  assert.deepStrictEqual(legsOf(fills, "c", 130), ["Entry a", "Added b", "Part out c"]);
  assert.deepStrictEqual(legsOf(fills, "y", 130), ["Entry x", "Exit y"]);
});

test("fills of one sweep are one step, and a turn ends one trade and begins the next", () => {
  const sweep = { order_id: "s", liquidity: "taker" };
  const fills = [leg("a", "buy", 60, 1, sweep), leg("b", "buy", 40, 1, sweep), leg("t", "sell", 150, 2), leg("c", "buy", 50, 3)];
  assert.deepStrictEqual(legsOf(fills, "a", 0), ["Entry a+b", "Exit and turn t"]);
  assert.deepStrictEqual(legsOf(fills, "c", 0), ["Entry t", "Exit c"]);
});

test("where no book was seen, none is drawn and the next print is named", () => {
  assert.equal(story.hasBook(fill("b", { why: why({ before: [[], []], after: [[], []] }) })), false);
  assert.equal(story.hasBook(fill("a", {})), true);
});
