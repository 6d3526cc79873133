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
    if (order.status === "new") return `${name} is working in the book.`;
    if (order.status === "pending_new") return `${name} is on its way.`;
    return `${name} ${statusText(order.status).toLowerCase()}${filled ? ` after ${filled}` : ""}: ${order.reason || "no reason was given"}`;
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
    if (!touch) return [`Your order traded ${qty} at ${price(done.average, instrument, format)}.`];
    const met = `Your order met the best ${word} ${format.priceOf(touch[0], instrument)} × ${format.qtyOf(touch[1], instrument)}`;
    if (lots.size === 1 && lots.has(touch[0])) return [`${met} and took ${qty} of it, all at the touch.`];
    const beyond = Math.abs(done.average / instrument.tick - touch[0]);
    const cost = beyond * instrument.tick * done.qty;
    const distance = beyond < 0.005 ? "none of it" : `${format.number(beyond, 2)} ticks (${format.money(cost)} ${instrument.cur})`;
    return [`${met} and walked ${lots.size} level${lots.size === 1 ? "" : "s"}: average ${price(done.average, instrument, format)}, ${distance} beyond the touch.`];
  }

  function makerStory(done, order, tape, instrument, format) {
    const { ahead, traded, canceled } = done.why;
    const qty = (lots) => format.qtyOf(lots, instrument);
    const waited = order ? format.age(done.at - order.created) : null;
    const sentences = [];
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
    const story = done.liquidity === "maker" ? makerStory(done, order, tape, instrument, format) : takerStory(done, instrument, format);
    const fee = Number(done.fee) ? `Fee ${format.money(done.fee)} ${instrument.cur} · ` : "";
    const note = fee + footnote(done.why, format);
    return {
      title: `Why ${qty}${of}`,
      about: `${done.symbol} ${done.side} ${price(done.average, instrument, format)}`,
      sentences: [...story, note],
      note,
    };
  }

  // {title, about, sentences} of an order that has not filled, or what of it still waits.
  function orderStory(order, place, market, instrument, format) {
    const about = `${order.symbol} ${order.side} ${order.limit === null ? "at market" : format.number(order.limit, instrument.pd)}`;
    const filled = Number(order.filled) > 0 ? ` of ${format.quantity(order.qty, instrument.qd)}` : "";
    const left = format.quantity(Number(order.qty) - Number(order.filled), instrument.qd);
    if (!isOpen(order)) return { title: `Why ${statusText(order.status).toLowerCase()}`, about, sentences: [endedSentence(order, instrument, format)] };
    if (order.status === "pending_new") return { title: `${left} on its way`, about, sentences: ["The order is on its way to the market: it will show its place in the queue once it is there."] };
    return { title: `${left}${filled} waits`, about, sentences: [...placeSentences(order, place, instrument, format), touchSentence(order, market, instrument, format)].filter(Boolean) };
  }

  function endedSentence(order, instrument, format) {
    const filled = Number(order.filled);
    const before = filled ? `${format.quantity(filled, instrument.qd)} of ${format.quantity(order.qty, instrument.qd)} filled at ${price(order.avg, instrument, format)}. ` : "";
    if (order.status === "filled") return `All ${format.quantity(order.qty, instrument.qd)} filled at ${price(order.avg, instrument, format)}.`;
    return before + asSentence(order.reason || `${statusText(order.status)}, no reason was given`);
  }

  function asSentence(text) {
    return text[0].toUpperCase() + text.slice(1) + (/[.!?]$/.test(text) ? "" : ".");
  }

  function placeSentences(order, place, instrument, format) {
    if (!place) return ["Its place in the queue is not known here."];
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
    if (best === null || best === undefined || order.limit_ticks === null) return "";
    const away = order.side === "buy" ? best - order.limit_ticks : order.limit_ticks - best;
    const word = order.side === "buy" ? "bid" : "ask";
    const touch = `${format.priceOf(best, instrument)} ${word}`;
    const gap = other === null || other === undefined ? "" : `; the other side is ${Math.abs(other - order.limit_ticks)} tick${Math.abs(other - order.limit_ticks) === 1 ? "" : "s"} away`;
    if (away <= 0) return `Your price is the best ${word}${gap}.`;
    return `The touch is ${touch}, ${away} tick${away === 1 ? "" : "s"} better than your price${gap}.`;
  }

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

  ts.whyStory = { isOpen, statusText, receipt, price, execution, inOwnSteps, summed, lotsByPrice, fillStory, orderStory, footnote, bookRows, sweepLots, verb };
  if (typeof module !== "undefined") module.exports = ts.whyStory;
})(typeof window === "undefined" ? globalThis : window);
