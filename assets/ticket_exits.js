// Exits of an order or of a position: where they stand, what they bring after fees, and how large an order may be for a
// given risk. Pure. Prices in ticks, money in the instrument's currency.
(function (root) {
  "use strict";
  const ts = (root.tradesim = root.tradesim || {});
  const model = () => ts.ticketModel || require("./ticket_model.js");
  const MODES = { price: "price", ticks: "ticks", percent: "%", money: "USD", r: "R" };
  const FULL = 1e-9;

  const blank = () => ({
    of: "order",
    profit: { isOn: false, mode: "r", value: "2", tif: "" },
    loss: { isOn: false, kind: "stop", mode: "percent", value: "0.5", offset: "5", tif: "" },
  });

  // Which exits an opened drawer switches on: those of the last time, else both.
  function usual(kept) {
    const wasOn = (name) => Boolean(kept && kept[name] && kept[name].isOn);
    return wasOn("profit") || wasOn("loss") ? { profit: wasOn("profit"), loss: wasOn("loss") } : { profit: true, loss: true };
  }

  // 1 where the exits sell, that is where a long position is protected, else -1.
  function direction(form, held) {
    if (form.exits.of === "position" && held) return held.qty > 0 ? 1 : -1;
    return form.side === "buy" ? 1 : -1;
  }

  // The open position as numbers; null when there is none.
  function heldOf(positions, symbol) {
    const found = (positions || []).find((each) => each.symbol === symbol && Number(each.qty) !== 0);
    return found ? { qty: Number(found.qty), avg: Number(found.avg), text: String(found.qty).replace(/^-/, "").replace(/\.?0+$/, (zeros) => (String(found.qty).includes(".") ? "" : zeros)) } : null;
  }

  // Where the position begins: at the average of what is held, the limit, the stop, or the touch; where nothing is quoted, at
  // the `last` trade. Ticks, perhaps between two.
  function entryOf(form, instrument, book, held, last = null) {
    if (form.exits.of === "position") return held ? held.avg / instrument.tick : null;
    const { number, touchPrice } = model();
    const own = form.type === "limit" || form.type === "stop_limit" ? number(form.limit) : form.type === "stop" ? number(form.stop) : null;
    if (own) return own / instrument.tick;
    return form.type === "limit" || form.type === "stop_limit" || form.type === "stop" ? null : touchPrice(book, form.side === "buy" ? "ask" : "bid", form.side, last);
  }

  // The distance of a leg from the entry in ticks, whatever it is given in; null where it cannot be known.
  function distance(leg, entry, instrument, risk) {
    const value = model().number(leg.value);
    if (value === null || value <= 0) return null;
    if (leg.mode === "ticks") return value;
    if (leg.mode === "money") return value / instrument.tick;
    if (leg.mode === "percent") return entry === null ? null : (entry * value) / 100;
    if (leg.mode === "r") return risk ? value * risk : null;
    return entry === null ? null : Math.abs(value / instrument.tick - entry);
  }

  function legTicks(leg, entry, sign, instrument, risk, round = Math.round) {
    if (leg.mode === "price") return model().units(model().number(leg.value), instrument.tick);
    const away = distance(leg, entry, instrument, risk);
    if (entry === null || away === null) return null;
    return Math.max(1, round(entry + sign * away));
  }

  // {dir, entry, profit, loss, lossLimit (ticks or null each), trail: {price} | {percent} | null} of what is switched on.
  // A trail of what is held already begins at the `last` trade, wherever the position began.
  function resolved(form, instrument, book, held, last = null) {
    const { profit, loss } = form.exits;
    const dir = direction(form, held);
    const entry = entryOf(form, instrument, book, held, last);
    const isLate = form.exits.of === "position" && loss.kind === "trailing_stop" && last !== null;
    const from = isLate ? last : entry;
    const stop = loss.isOn ? legTicks(loss, from, -dir, instrument, null, !isLate ? Math.round : dir > 0 ? Math.floor : Math.ceil) : null;
    const risk = stop === null || from === null ? null : (from - stop) * dir;
    const isLimited = loss.isOn && loss.kind === "stop_limit" && stop !== null;
    return {
      dir,
      entry,
      loss: stop,
      lossLimit: isLimited ? Math.max(1, stop - dir * (model().number(loss.offset) || 0)) : null,
      trail: loss.isOn && loss.kind === "trailing_stop" ? trailOf(loss, from, stop, instrument) : null,
      profit: profit.isOn ? legTicks(profit, entry, dir, instrument, risk) : null,
    };
  }

  function trailOf(leg, entry, stop, instrument) {
    if (leg.mode === "percent") return { percent: model().plain(leg.value) };
    if (stop === null || entry === null) return null;
    return { price: decimal(Math.max(1, Math.round(Math.abs(entry - stop))), instrument) };
  }

  const decimal = (ticks, instrument) => (ticks * instrument.tick).toFixed(instrument.pd);

  // What is wrong with the exits as typed: {field, text}, or null.
  function fault(form, instrument, found) {
    const { profit, loss } = form.exits;
    if (loss.isOn) {
      const wrong = legFault("stop", "stop_loss", loss, found.loss, instrument) || offsetFault(loss);
      if (wrong) return wrong;
    }
    if (profit.isOn && profit.mode === "r" && !loss.isOn) return { field: "take_profit", text: "R counts the risk to the stop: switch the stop on, or give the take profit in another way" };
    const wrong = profit.isOn ? legFault("take profit", "take_profit", profit, found.profit, instrument) : null;
    return wrong || sideFault(form, instrument, found);
  }

  function legFault(word, field, leg, ticks, instrument) {
    const value = model().number(leg.value);
    if (value === null || value <= 0) return { field, text: `${word} must be a number above 0, was ${leg.value ? `“${leg.value}”` : "empty"}` };
    if (leg.mode === "price" && ticks === null) return { field, text: `${word} must be a multiple of ${instrument.tick}, was ${model().plain(leg.value)}` };
    return ticks === null ? { field, text: `${word}: there is no price yet to count the distance from` } : null;
  }

  function offsetFault(loss) {
    if (loss.kind !== "stop_limit") return null;
    const offset = model().number(loss.offset);
    return offset === null || model().units(offset, 1) === null ? { field: "stop_loss", text: `the limit's distance from the stop must be whole ticks, was ${loss.offset || "empty"}` } : null;
  }

  function sideFault(form, instrument, { dir, entry, profit, loss }) {
    const words = dir > 0 ? ["above", "below"] : ["below", "above"];
    const text = (ticks) => decimal(ticks, instrument);
    if (form.exits.of === "order" && entry !== null) {
      if (profit !== null && (profit - entry) * dir <= 0) return { field: "take_profit", text: `take profit must be ${words[0]} the entry ${text(entry)}, was ${text(profit)}` };
      if (loss !== null && (loss - entry) * dir >= 0) return { field: "stop_loss", text: `stop must be ${words[1]} the entry ${text(entry)}, was ${text(loss)}` };
    }
    if (profit !== null && loss !== null && (profit - loss) * dir <= 0) return { field: "take_profit", text: `take profit must be ${words[0]} the stop ${text(loss)}, was ${text(profit)}` };
    return null;
  }

  // The fields that a submit intent gains: class, legs, and for a position the order that the exits are.
  function wish(form, instrument, found, held) {
    if (form.exits.of === "position") return closing(form, instrument, found, held);
    const { profit, loss } = form.exits;
    return {
      ...(profit.isOn || loss.isOn ? { class: profit.isOn && loss.isOn ? "bracket" : "oto" } : {}),
      ...(profit.isOn ? { take_profit: profitLeg(form, instrument, found) } : {}),
      ...(loss.isOn ? { stop_loss: lossLeg(form, instrument, found) } : {}),
    };
  }

  // What protects a position lasts as long as it does, unless it is told otherwise.
  const tifOf = (leg) => leg.tif || "gtc";
  const profitLeg = (form, instrument, found) => ({ limit: decimal(found.profit, instrument), tif: tifOf(form.exits.profit) });

  function lossLeg(form, instrument, found) {
    const tif = tifOf(form.exits.loss);
    if (found.trail) return { ...(found.trail.percent ? { trail_percent: found.trail.percent } : { trail: found.trail.price }), tif };
    const limit = found.lossLimit === null ? {} : { limit: decimal(found.lossLimit, instrument) };
    return { stop: decimal(found.loss, instrument), ...limit, tif };
  }

  function closing(form, instrument, found, held) {
    const { profit, loss } = form.exits;
    const base = { symbol: form.symbol, side: held.qty > 0 ? "sell" : "buy", qty: model().plain(form.size) };
    if (profit.isOn) {
      const order = { ...base, type: "limit", tif: tifOf(profit), limit: decimal(found.profit, instrument) };
      if (!loss.isOn) return { ...order, reduce_only: true };
      return { ...order, class: "oco", take_profit: { limit: order.limit }, stop_loss: lossLeg(form, instrument, found) };
    }
    const { tif, ...leg } = lossLeg(form, instrument, found);
    return { ...base, type: loss.kind, tif, ...leg, reduce_only: true };
  }

  // "take profit 235.00, stop 225.00 limit 224.95", as the confirmation says it.
  function words(found, instrument, format) {
    const price = (ticks) => format.number(ticks * instrument.tick, instrument.pd);
    const parts = [];
    if (found.profit !== null) parts.push(`take profit ${price(found.profit)}`);
    if (found.trail) parts.push(`stop that trails by ${found.trail.percent ? `${found.trail.percent} %` : found.trail.price}`);
    else if (found.loss !== null) parts.push(`stop ${price(found.loss)}${found.lossLimit === null ? "" : ` limit ${price(found.lossLimit)}`}`);
    return parts;
  }

  // What each exit brings: {entry, dir, breakEven, ratio, profit, loss}, an exit {ticks, away, percent, pl} or null. `fees` are
  // {entry, profit, loss} in money. `qty` is in units.
  function payoff(found, qty, fees, instrument) {
    const { dir, entry } = found;
    if (entry === null || !qty) return null;
    const exit = (ticks, fee) => ticks !== null && exitAt(ticks, fee, found, qty, fees.entry, instrument);
    const profit = exit(found.profit, fees.profit) || null;
    const loss = exit(found.loss, fees.loss) || null;
    const paid = fees.entry + (loss ? fees.loss : profit ? fees.profit : 0);
    return {
      dir,
      entry,
      breakEven: entry + (dir * paid) / qty / instrument.tick,
      profit,
      loss,
      ratio: profit && loss && loss.pl < 0 ? profit.pl / -loss.pl : null,
    };
  }

  function exitAt(ticks, fee, { dir, entry }, qty, feeOfEntry, instrument) {
    const away = (ticks - entry) * instrument.tick;
    return { ticks, away, percent: ((ticks - entry) / entry) * 100, pl: dir * away * qty - feeOfEntry - fee };
  }

  // The largest quantity for which the way from entry to stop costs at most `risk` money, and no more than the `affordable`
  // lots: {lots, qty, risks, perUnit, isCapped, text}.
  function sizing(risk, entry, stop, instrument, equity, format, affordable = Infinity) {
    const perUnit = entry === null || stop === null ? null : Math.abs(entry - stop) * instrument.tick;
    if (!perUnit || !(risk > 0)) return { lots: 0, qty: null, risks: 0, perUnit, isCapped: false, text: risk > 0 ? "Give a stop that is away from the entry." : "Give a risk above 0." };
    const wanted = Math.floor(risk / (perUnit * instrument.lot) + FULL);
    const lots = Math.max(0, Math.min(wanted, affordable));
    const isCapped = lots < wanted;
    const units = (count) => format.quantity((count * instrument.lot).toFixed(instrument.qd), instrument.qd);
    const cap = isCapped ? `Capped by buying power: wanted ${units(wanted)}, affordable ${units(lots)}. ` : "";
    const qty = (lots * instrument.lot).toFixed(instrument.qd);
    const risks = lots * instrument.lot * perUnit;
    const share = equity > 0 ? ` (${format.number((risks / equity) * 100, 2)} % of equity)` : "";
    const price = format.number(stop * instrument.tick, instrument.pd);
    if (isCapped && !lots) return { lots, qty: null, risks, perUnit, isCapped, text: cap.trim() };
    if (!lots) return { lots, qty: null, risks, perUnit, isCapped, text: `One lot to the stop at ${price} risks ${format.money(perUnit * instrument.lot)}, more than ${format.money(risk)}.` };
    const unit = format.number(perUnit, Math.max(2, instrument.pd));
    return { lots, qty, risks, perUnit, isCapped, text: `${cap}${format.quantity(qty, instrument.qd)} × ${unit} to the stop at ${price}: at risk are ${format.money(risks)} ${instrument.cur}${share}, before fees.` };
  }

  function riskMoney(risk, equity) {
    const value = model().number(risk.value);
    if (value === null) return null;
    return risk.unit === "percent" ? (equity * value) / 100 : value;
  }

  ts.ticketExits = { MODES, blank, usual, direction, heldOf, entryOf, distance, legTicks, resolved, fault, wish, words, payoff, sizing, riskMoney, decimal };
  if (typeof module !== "undefined") module.exports = ts.ticketExits;
})(typeof window === "undefined" ? globalThis : window);
