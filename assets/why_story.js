// Why an order filled, waits or ended, in sentences. Pure: orders and fills as docs/stream.md has them in, text out.
(function (root) {
  "use strict";
  const ts = (root.tradesim = root.tradesim || {});
  const STATUS = {
    held: "Waits for its entry",
    accepted: "Waits for its session",
    pending_new: "On its way",
    new: "Working",
    partially_filled: "Partly filled",
    filled: "Filled",
    canceled: "Cancelled",
    expired: "Expired",
    rejected: "Rejected",
  };
  const OPEN = new Set(["held", "accepted", "pending_new", "new", "partially_filled"]);
  const CLASSES = { bracket: "bracket", oto: "order with an exit", oco: "OCO" };

  const isOpen = (order) => OPEN.has(order.status);
  const statusText = (status) => STATUS[status] || status;
  const opposite = (side) => (side === "buy" ? "sell" : "buy");
  const verb = (side) => (side === "buy" ? "Buy" : "Sell");

  // "Order 3f2a… filled 100 at 229.84": the ticket's receipt line.
  function receipt(order, instrument, format) {
    const qty = (text) => format.quantity(text, instrument ? instrument.qd : 0);
    const name = `Order ${order.id.slice(0, 8)}`;
    const filled = Number(order.filled) > 0 ? `${qty(order.filled)} at ${price(order.avg, instrument, format)}` : "";
    if (order.status === "filled") return `${name} filled: ${filled}.`;
    if (order.status === "partially_filled") return `${name} partly filled: ${filled}, ${qty(Number(order.qty) - Number(order.filled))} rests.`;
    if (order.status === "held") return `${name} is held until the entry fills.`;
    if (order.status === "accepted" || isForAuction(order)) return `${name} ${waitsForSession(order)}.`;
    if (isWaiting(order)) return `${name} waits for trigger ${price(order.stop, instrument, format)}.`;
    if (order.status === "new") return `${name} is working in the book.`;
    if (order.status === "pending_new") return `${name} is on its way.`;
    const after = filled ? ` after ${filled}` : "";
    return `${name} ${lowered(withReason(statusText(order.status), order.reason || "no reason was given", after))}.`;
  }

  // "Rejected: no cash", "Cancelled on request": the status is said once, also where the reason begins with it.
  function withReason(status, reason, after = "") {
    const said = reason.replace(/\.$/, "");
    if (!said.startsWith(`${status} `)) return `${status}${after}: ${said}`;
    return after ? `${status}${after}, ${said.slice(status.length + 1)}` : said;
  }

  const lowered = (text) => text[0].toLowerCase() + text.slice(1);

  const isWaiting = (order) => isOpen(order) && Boolean(order.stop) && !order.triggered;

  const AUCTIONS = { opg: "opening", cls: "closing" };
  // An order for an auction has no place in the book: the market collects it.
  const isForAuction = (order) => isOpen(order) && order.tif in AUCTIONS;

  function waitsForSession(order) {
    return { opg: "waits for the open", cls: "waits for the close" }[order.tif] || "waits for its session";
  }

  // An average may lie between ticks: two more digits where it does.
  function price(value, instrument, format) {
    if (value === null || value === undefined) return format.NONE;
    const { tick = 0.01, pd = 2 } = instrument || {};
    const ticks = Number(value) / tick;
    const isOnTick = Math.abs(ticks - Math.round(ticks)) < 1e-6;
    return format.number(value, isOnTick ? pd : pd + 2);
  }

  // Fills of one order at one moment on one side of the trade belong together: one sweep, one story.
  function execution(fills, id) {
    const found = fills.find((fill) => fill.id === id);
    if (!found) return null;
    const belongs = (fill) => fill.order_id === found.order_id && fill.at === found.at && fill.liquidity === found.liquidity;
    return summed(fills.filter(belongs).map(inOwnTicks));
  }

  // The same symbol may have other steps in the market that is open now than where the fill happened.
  function inOwnTicks(fill) {
    const tick = Number(fill.why.tick);
    return tick > 0 ? { ...fill, ticks: Math.round(Number(fill.price) / tick) } : fill;
  }

  function inOwnSteps(done, instrument) {
    const { tick, lot } = done.why;
    const decimals = (text) => (text.split(".")[1] || "").replace(/0+$/, "").length;
    return Number(tick) > 0 && Number(lot) > 0 ? { ...instrument, tick: Number(tick), lot: Number(lot), pd: decimals(tick), qd: decimals(lot) } : instrument;
  }

  function summed(parts) {
    const first = parts[0];
    const qty = parts.reduce((sum, fill) => sum + Number(fill.qty), 0);
    const value = parts.reduce((sum, fill) => sum + Number(fill.qty) * Number(fill.price), 0);
    const fee = parts.reduce((sum, fill) => sum + Number(fill.fee), 0);
    const before = first.why.before;
    const { after, model } = parts[parts.length - 1].why;
    return { ...first, qty, average: value / qty, fee, parts, why: { ...first.why, before, after, model } };
  }

  const ROLES = { opens: "Entry", adds: "Added", reduces: "Part out", closes: "Exit", turns: "Exit and turn" };
  const isNone = (qty) => Math.abs(qty) < 1e-9;

  // What an execution does to a position that was `before` and is `after` it.
  function roleOf(before, after) {
    if (isNone(before)) return "opens";
    if (isNone(after)) return "closes";
    if (before * after < 0) return "turns";
    return Math.abs(after) > Math.abs(before) ? "adds" : "reduces";
  }

  // The executions of one symbol, oldest first, with what each did; `held` is the signed position now.
  function steps(fills, symbol, held) {
    const own = fills.filter((fill) => fill.symbol === symbol);
    const signed = (fill) => (fill.side === "buy" ? 1 : -1) * Number(fill.qty);
    let after = Number(held) - own.reduce((sum, fill) => sum + signed(fill), 0);
    const found = [];
    for (const fill of own) {
      const last = found[found.length - 1];
      const before = after;
      after += signed(fill);
      const isSame = last && last.fill.order_id === fill.order_id && last.fill.at === fill.at && last.fill.liquidity === fill.liquidity;
      if (isSame) Object.assign(last, { after, ids: [...last.ids, fill.id] });
      else found.push({ fill, before, after, ids: [fill.id] });
    }
    return found.map((step) => ({ ...step, role: roleOf(step.before, step.after) }));
  }

  // All executions from flat to flat around the one with this fill: [{id, ids, role, word}], oldest first.
  function tripOf(fills, id, held) {
    const chosen = fills.find((fill) => fill.id === id);
    if (!chosen) return [];
    const all = steps(fills, chosen.symbol, held);
    const at = all.findIndex(({ ids }) => ids.includes(id));
    let [from, to] = [at, at];
    while (from > 0 && !["opens", "turns"].includes(all[from].role)) from -= 1;
    while (to < all.length - 1 && !(to > from && all[to].role === "turns") && all[to].role !== "closes") to += 1;
    return all.slice(from, to + 1).map(({ fill, ids, role }) => ({ id: fill.id, ids, role, word: role === "turns" && fill.id === all[from].fill.id ? ROLES.opens : ROLES[role] }));
  }

  // The prices that an execution traded at: Map of ticks to lots.
  function lotsByPrice(done, instrument) {
    const lots = new Map();
    for (const { ticks, qty } of done.parts) lots.set(ticks, (lots.get(ticks) || 0) + Math.round(Number(qty) / instrument.lot));
    return lots;
  }

  function takerStory(done, instrument, format) {
    const lots = lotsByPrice(done, instrument);
    const touch = done.why.before[done.side === "buy" ? 1 : 0][0];
    const word = done.side === "buy" ? "ask" : "bid";
    const qty = format.quantity(done.qty, instrument.qd);
    if (!touch && !hasBook(done)) return [`This market shows trades alone: your order traded ${qty} with the next, at ${price(done.average, instrument, format)}.`];
    if (!touch) return [`Your order traded ${qty} at ${price(done.average, instrument, format)}.`];
    const met = `Your order met the best ${word} ${format.priceOf(touch[0], instrument)} × ${format.qtyOf(touch[1], instrument)}`;
    if (lots.size === 1 && lots.has(touch[0])) return [`${met} and took ${qty} of it, all at the touch.`];
    const beyond = Math.abs(done.average / instrument.tick - touch[0]);
    const cost = beyond * instrument.tick * done.qty;
    const rule = done.why.model.startsWith("quote and impact") ? " Nobody shows what stands behind that quote: beyond it the price moves by the square-root rule, a tick or more for each doubling of what is taken." : "";
    const distance = beyond < 0.005 ? "none of it" : `${format.number(beyond, 2)} ticks (${format.money(cost)} ${instrument.cur})`;
    return [`${met} and walked ${format.counted(lots.size, "level")}: average ${price(done.average, instrument, format)}, ${distance} beyond the touch.${rule}`];
  }

  function makerStory(done, order, tape, instrument, format) {
    const { ahead, traded, canceled } = done.why;
    const qty = (lots) => format.qtyOf(lots, instrument);
    const waited = order ? format.age(done.at - order.created) : null;
    const sentences = [];
    if (ahead === null) sentences.push(`It rested at ${price(done.price, instrument, format)}, where this market showed no queue, until a trade went through it.`);
    if (ahead) sentences.push(`You joined behind ${qty(ahead)}.${waited ? ` In ${waited}` : ""} trades took ${qty(traded)} and cancels ${qty(canceled)} ahead of you.`);
    else if (ahead === 0) sentences.push(`You joined ${waited ? `${waited} before ` : ""}with nobody ahead of you at ${price(done.price, instrument, format)}.`);
    sentences.push(takenSentence(done, order, tape, instrument, format));
    return sentences;
  }

  function takenSentence(done, order, tape, instrument, format) {
    const own = format.quantity(done.qty, instrument.qd);
    const whole = sweepLots(done, tape);
    const taken = Math.round(done.qty / instrument.lot);
    const what = whole > taken ? `A ${opposite(done.side)} of ${format.qtyOf(whole, instrument)} then took ${own} of yours` : `A ${opposite(done.side)} then took ${own} of yours`;
    const level = done.why.after[done.side === "buy" ? 0 : 1].find(([ticks]) => ticks === done.ticks);
    const left = level ? `; ${format.qtyOf(level[1], instrument)} ${level[1] === 1 ? "is" : "are"} left at ${format.priceOf(done.ticks, instrument)}` : `; nothing is left at ${format.priceOf(done.ticks, instrument)}`;
    return `${what}${left}.`;
  }

  // What the other side's order took in all, as far as the tape of that moment tells; 0 when it does not.
  function sweepLots(done, tape) {
    const aggressor = done.side === "buy" ? -1 : 1;
    return (tape || []).reduce((sum, [, at, , lots, side]) => (at === done.at && side === aggressor ? sum + lots : sum), 0);
  }

  // What happened outside the queue: the desk dealt a fraction, an auction crossed all at one price.
  function modelStory(done, instrument, format) {
    const qty = format.quantity(done.qty, instrument.qd);
    const at = price(done.average, instrument, format);
    if (done.why.model === "desk as principal") return [`The desk itself dealt ${qty}, less than one lot, at ${at}: the price at which the whole lots traded last, or else the touch. No venue takes a part of a lot.`];
    if (done.why.model === "call auction") return [`The auction crossed all orders at one price: ${qty} of yours at ${at}. It is the price at which most trades, with the smallest imbalance.`];
    return null;
  }

  function footnote(why, format) {
    const parts = [];
    const ms = (value) => `${format.number(value, value < 10 && Math.round(value * 10) % 10 ? 1 : 0)} ms`;
    if (why.quote_age_ms) parts.push(`Quote ${ms(why.quote_age_ms)} old`);
    parts.push(`${parts.length ? "latency" : "Latency"} ${ms(why.latency_ms)}`);
    parts.push(`model: ${why.model}`);
    return parts.join(" · ");
  }

  // {title, about, sentences, note} of an execution; the note is the last of the sentences.
  function fillStory(done, order, tape, instrument, format) {
    const qty = format.quantity(done.qty, instrument.qd);
    const of = order && Number(order.qty) > done.qty ? ` of ${format.quantity(order.qty, instrument.qd)}` : "";
    const story = modelStory(done, instrument, format) || (done.liquidity === "maker" ? makerStory(done, order, tape, instrument, format) : takerStory(done, instrument, format));
    const first = order ? triggeredSentences(order, instrument, format) : [];
    const fee = Number(done.fee) ? `Fee ${format.money(done.fee)} ${instrument.cur} · ` : "";
    const note = fee + footnote(done.why, format);
    return {
      title: `Why ${qty}${of}`,
      about: `${done.symbol} ${done.side} ${price(done.average, instrument, format)}`,
      sentences: [...first, ...story, note],
      note,
    };
  }

  // {title, about, sentences} of an order that has not filled, or what of it still waits. `find` gives an order by its id.
  function orderStory(order, place, market, instrument, format, find = () => null) {
    const about = `${order.symbol} ${order.side} ${termsText(order, instrument, format)}`;
    const filled = Number(order.filled) > 0 ? ` of ${format.quantity(order.qty, instrument.qd)}` : "";
    const left = format.quantity(Number(order.qty) - Number(order.filled), instrument.qd);
    const group = groupSentence(order, find, instrument, format);
    if (!isOpen(order)) return { title: `Why ${statusText(order.status).toLowerCase()}`, about, sentences: [...triggeredSentences(order, instrument, format), endedSentence(order, instrument, format), withdrawnSentence(order, format), placeAtEnd(place, instrument, format), group].filter(Boolean) };
    if (order.status === "held") return { title: `${left} held`, about, sentences: [...heldSentences(order, find, instrument, format), group].filter(Boolean) };
    if (order.status === "accepted") return { title: `${left} waits`, about, sentences: [acceptedSentence(order), group].filter(Boolean) };
    if (order.status === "pending_new") return { title: `${left} on its way`, about, sentences: ["The order is on its way to the market: it will show its place in the queue once it is there."] };
    if (isForAuction(order)) return { title: `${left}${filled} waits`, about, sentences: [acceptedSentence(order), indicativeSentence(order, market, instrument, format), group].filter(Boolean) };
    if (isWaiting(order)) return { title: `${left}${filled} waits for a trigger`, about, sentences: [...triggerSentences(order, market, instrument, format), replacedSentence(order, instrument, format), group].filter(Boolean) };
    const sentences = [...triggeredSentences(order, instrument, format), ...placeSentences(order, place, market, instrument, format), touchSentence(order, market, instrument, format), fractionSentence(order, instrument), icebergSentence(order, instrument, format), replacedSentence(order, instrument, format), group];
    return { title: `${left}${filled} waits`, about, sentences: sentences.filter(Boolean) };
  }

  function termsText(order, instrument, format) {
    const limit = order.limit === null || order.limit === undefined ? "" : format.number(order.limit, instrument.pd);
    if (!order.stop) return limit || "at market";
    const stop = `stop ${price(order.stop, instrument, format)}`;
    return limit ? `${stop} limit ${limit}` : stop;
  }

  // Stops look at trades, not at quotes.
  function triggerSentences(order, market, instrument, format) {
    const stop = price(order.stop, instrument, format);
    const way = order.side === "buy" ? "at or above" : "at or below";
    const then = order.limit === null || order.limit === undefined ? "a market order" : `a limit order at ${format.number(order.limit, instrument.pd)}`;
    const last = market && market.l;
    const away = last === null || last === undefined || !order.stop_ticks ? null : (order.stop_ticks - last) * (order.side === "buy" ? 1 : -1);
    const distance = away === null ? "" : ` The last trade was at ${format.priceOf(last, instrument)}, ${format.counted(away, "tick")} away.`;
    return [`The desk waits for a trade ${way} ${stop}; quotes do not count. Then it sends ${then}.${distance}`, trailSentence(order, instrument, format)];
  }

  function trailSentence(order, instrument, format) {
    if (order.type !== "trailing_stop") return "";
    const distance = order.trail_percent ? `${Number(order.trail_percent)} %` : format.number(order.trail, instrument.pd);
    const [word, kept] = order.side === "sell" ? ["highest", "below"] : ["lowest", "above"];
    const water = order.hwm ? `, ${format.number(order.hwm, instrument.pd)},` : "";
    return `It trails: the ${word} trade since it began${water} has the stop ${distance} ${kept} it. The stop moves with a better trade and never back.`;
  }

  function triggeredSentences(order, instrument, format) {
    if (!order.triggered) return [];
    const trailed = order.type === "trailing_stop" && order.hwm ? ` It had followed the market to ${format.number(order.hwm, instrument.pd)}.` : "";
    const then = order.limit === null || order.limit === undefined ? "a market order" : "a limit order";
    return [`A trade reached your stop ${price(order.stop, instrument, format)} at ${format.time(order.triggered, true)}: the order went to the market as ${then}.${trailed}`];
  }

  function heldSentences(order, find, instrument, format) {
    const parent = order.parent && find(order.parent);
    const entry = parent ? `${verb(parent.side).toLowerCase()} ${format.quantity(parent.qty, instrument.qd)} ${parent.limit && !parent.stop ? "at " : ""}${termsText(parent, instrument, format)}` : "entry";
    return [`Held until the ${parent ? `entry, ${entry},` : entry} has filled. If that ends in part, this goes to work for what was filled; if nothing was filled, it is cancelled.`];
  }

  function acceptedSentence(order) {
    if (isForAuction(order)) return `Waits for the ${AUCTIONS[order.tif]} auction: it trades there at the one price of all, or is cancelled.`;
    return "The market is closed for it: it goes to the market when its session begins.";
  }

  // What the auction would do with the orders that it has so far.
  function indicativeSentence(order, market, instrument, format) {
    const [kind, ticks, paired] = (market && market.ia) || [];
    if (kind !== { opg: "O", cls: "C" }[order.tif]) return "";
    if (ticks === null) return "Nothing would trade there yet.";
    return `As it stands, ${format.qtyOf(paired, instrument)} would trade at ${format.priceOf(ticks, instrument)}.`;
  }

  // What hangs together with it, and what becomes of that.
  function groupSentence(order, find, instrument, format) {
    const exits = order.legs && order.legs.length ? order.legs.map(find).filter(Boolean) : order.parent ? siblings(order, find) : [];
    const live = exits.filter(isOpen);
    if (!live.length) return "";
    const words = live.map((leg) => `${leg.role === "take_profit" || !leg.stop ? "take profit" : "stop loss"} ${termsText(leg, instrument, format)}`).join(" and ");
    if (order.parent || order.class === "oco") return `${isOpen(order) ? "With it" : "Still there"}: ${words}. What one exit fills the other no longer can: never both beyond the position. A cancel asks whether it goes alone or takes the group along.`;
    return `Its ${live.length === 1 ? "exit" : "exits"}: ${words}${CLASSES[order.class] ? ` (${CLASSES[order.class]})` : ""}.`;
  }

  function siblings(order, find) {
    const parent = find(order.parent);
    if (!parent) return [];
    const others = (parent.legs || []).filter((id) => id !== order.id).map(find).filter(Boolean);
    return parent.class === "oco" ? [parent, ...others] : others;
  }

  function replacedSentence(order, instrument, format) {
    const [was] = order.was || [];
    if (!was) return "";
    const [at, qty, limit, stop, trail] = was;
    const parts = [`${format.quantity(qty, instrument.qd)}`];
    if (limit) parts.push(`limit ${format.number(limit, instrument.pd)}`);
    if (stop && order.type !== "trailing_stop") parts.push(`stop ${format.number(stop, instrument.pd)}`);
    if (trail) parts.push(`trail ${Number(trail)}`);
    return `Replaced at ${format.time(at)}; before it was ${parts.join(", ")}.`;
  }

  function fractionSentence(order, instrument) {
    const lots = Number(order.qty) / instrument.lot;
    return Math.abs(lots - Math.round(lots)) > 1e-9 ? "Whole lots go to the market; the desk itself deals the fraction at the price at which the last of them trades." : "";
  }

  function icebergSentence(order, instrument, format) {
    return order.display_qty ? `An iceberg: ${format.quantity(order.display_qty, instrument.qd)} of it is shown at a time; each new part joins the end of the queue.` : "";
  }

  function endedSentence(order, instrument, format) {
    const filled = Number(order.filled);
    const before = filled ? `${format.quantity(filled, instrument.qd)} of ${format.quantity(order.qty, instrument.qd)} filled at ${price(order.avg, instrument, format)}. ` : "";
    if (order.status === "filled") return `All ${format.quantity(order.qty, instrument.qd)} filled at ${price(order.avg, instrument, format)}.`;
    return before + asSentence(order.reason || `${statusText(order.status)}, no reason was given`);
  }

  // When it left the market without being refused, and after how long.
  function withdrawnSentence(order, format) {
    if (order.status !== "canceled" && order.status !== "expired") return "";
    const nothing = Number(order.filled) ? "" : "; nothing of it had filled";
    return `Sent at ${format.time(order.created, true)}, ended at ${format.time(order.updated, true)}, after ${format.age(order.updated - order.created)}${nothing}.`;
  }

  // `place` is the last one that was known of an order that is over.
  function placeAtEnd(place, instrument, format) {
    if (!place || place[1] === null) return "";
    const [, ahead, entry, traded, canceled] = place;
    const qty = (lots) => format.qtyOf(lots, instrument);
    const left = ahead ? `${qty(ahead)} still stood ahead of you` : "nothing stood ahead of you any more";
    return entry ? `You had joined behind ${qty(entry)}. Trades took ${qty(traded)} and cancels ${qty(canceled)}; ${left}.` : asSentence(left);
  }

  function asSentence(text) {
    return text[0].toUpperCase() + text.slice(1) + (/[.!?]$/.test(text) ? "" : ".");
  }

  function unseenSentence(order, market, instrument, format) {
    const isShown = market && (order.side === "buy" ? market.b : market.a);
    const at = format.number(order.limit, instrument.pd);
    if (isShown) return `${at} is outside the prices that this market shows: its queue is known when it comes into view.`;
    return `This market shows no queue: the order fills when a trade goes through ${at}.`;
  }

  function placeSentences(order, place, market, instrument, format) {
    if (!place && order.type !== "limit" && !order.limit) return ["It works in the market."];
    if (!place) return ["Its place in the queue is not known here."];
    if (place[1] === null) return [unseenSentence(order, market, instrument, format)];
    const [, ahead, entry, traded, canceled, behind, level] = place;
    const qty = (lots) => format.qtyOf(lots, instrument);
    const now = ahead ? `Still ahead of you: ${qty(ahead)} of ${qty(level)} at ${format.number(order.limit, instrument.pd)}` : `Nothing is ahead of you at ${format.number(order.limit, instrument.pd)}`;
    const back = behind ? `, ${qty(behind)} behind.` : ".";
    if (!entry) return [now + back];
    return [`You joined behind ${qty(entry)}: trades took ${qty(traded)} and cancels ${qty(canceled)} so far.`, now + back];
  }

  function touchSentence(order, market, instrument, format) {
    const best = market && (order.side === "buy" ? market.b : market.a);
    const other = market && (order.side === "buy" ? market.a : market.b);
    if (best === null || best === undefined || order.limit_ticks === null || order.limit_ticks === undefined) return "";
    const away = order.side === "buy" ? best - order.limit_ticks : order.limit_ticks - best;
    const word = order.side === "buy" ? "bid" : "ask";
    const touch = `${format.priceOf(best, instrument)} ${word}`;
    const gap = other === null || other === undefined ? "" : `; the other side is ${format.counted(Math.abs(other - order.limit_ticks), "tick")} away`;
    if (away <= 0) return `Your price is the best ${word}${gap}.`;
    return `The touch is ${touch}, ${format.counted(away, "tick")} better than your price${gap}.`;
  }

  // Was there a book to be seen, before or after?
  const hasBook = ({ why }) => [...why.before, ...why.after].some((side) => side.length > 0);

  // Rows of a small book: `depth` levels a side, asks on top, with what was there before and after.
  function bookRows(before, after, depth, marked) {
    const rows = (side) => {
      const now = new Map((after[side] || []).map(([ticks, qty]) => [ticks, qty]));
      const was = new Map((before[side] || []).map(([ticks, qty]) => [ticks, qty]));
      const prices = [...new Set([...was.keys(), ...now.keys()])].sort((a, b) => (side === 0 ? b - a : a - b)).slice(0, depth);
      return prices.map((ticks) => ({ side: side === 0 ? "bid" : "ask", ticks, before: was.get(ticks) || 0, after: now.get(ticks) || 0, taken: marked.get(ticks) || 0 }));
    };
    return [...rows(1).reverse(), ...rows(0)];
  }

  ts.whyStory = { tripOf, isOpen, isWaiting, isForAuction, waitsForSession, statusText, termsText, withReason, receipt, price, execution, inOwnSteps, summed, lotsByPrice, fillStory, orderStory, footnote, hasBook, bookRows, sweepLots, verb };
  if (typeof module !== "undefined") module.exports = ts.whyStory;
})(typeof window === "undefined" ? globalThis : window);
