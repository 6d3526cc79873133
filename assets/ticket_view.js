// What the ticket shows: text is written only where it changed, so that a busy book costs nothing here.
(function (root) {
  "use strict";
  const ts = (root.tradesim = root.tradesim || {});
  const FIELD_PLACES = {
    qty: "refusal-qty",
    notional: "refusal-qty",
    limit_price: "refusal-price",
    limit: "refusal-price",
    stop_price: "refusal-stop",
    trail_price: "refusal-stop",
    trail_percent: "refusal-stop",
    take_profit: "refusal-exits",
    stop_loss: "refusal-exits",
  };
  const PLACES = ["refusal", "refusal-qty", "refusal-price", "refusal-stop", "refusal-exits"];
  const HAS_PLACE = {
    "refusal-price": ({ type }) => type === "limit" || type === "stop_limit",
    "refusal-stop": ({ type }) => type !== "limit" && type !== "market",
    "refusal-exits": ({ drawer }) => drawer === "exits",
  };

  // The figures of the estimate as text: what the browser sees in the book, and what the desk said of fee and power.
  // Behind a quote without a book the browser sees nothing: there the desk counts by a rule, and says which.
  function figures(seen, answer, form, instrument, format) {
    if (answer && answer.trades_from) return waitsForSession(answer, format);
    const rule = (answer && answer.rule) || "";
    const found = seen && rule ? { ...seen, ...byRule(answer, seen.lots, instrument) } : seen;
    const isLimit = form.type === "limit";
    const lots = (count) => `${format.quantity(count * instrument.lot, instrument.qd)}`;
    const dash = format.NONE;
    if (!found && answer) return byDesk(answer, instrument, format, lots);
    if (!found) return { value: dash, fee: dash, feeLabel: "Fee", average: dash, slippage: dash, now: dash, queue: dash, power: power(answer, format) };
    return {
      value: format.money(found.value),
      fee: answer && answer.fee !== null && answer.fee !== undefined ? format.money(answer.fee) : "…",
      feeLabel: found.now && found.rests ? "Fee (taker, maker)" : found.now ? "Fee (taker)" : "Fee (maker)",
      average: found.average === null ? dash : format.number(found.average, instrument.pd + 2),
      slippage: found.slippageTicks === null ? dash : `${format.number(found.slippageTicks, 2)} ticks · ${format.money(found.slippageMoney)}`,
      now: rule && found.now === found.lots ? "all, by the impact rule" : fillsNow(found, isLimit, form, lots),
      queue: found.queue === null ? (found.rests ? "beyond the book" : dash) : lots(found.queue),
      power: power(answer, format),
    };
  }

  // Where no quote is shown the desk's word is all there is: what trades does so at the next print, reckoned at the last.
  function byDesk(answer, instrument, format, lots) {
    const dash = format.NONE;
    const about = answer.waits && answer.avg ? format.number(Number(answer.avg), instrument.pd) : null;
    return {
      value: amount(answer.value, format),
      fee: amount(answer.fee, format),
      feeLabel: answer.waits ? "Fee (taker)" : answer.rests ? "Fee (maker)" : "Fee",
      average: about ? `about ${about}` : dash,
      slippage: dash,
      now: about ? "at the next print" : answer.rests ? `none, ${lots(answer.rests)} rests` : dash,
      queue: dash,
      power: power(answer, format),
    };
  }

  // Nothing of it meets the book that is shown: it waits for its session.
  function waitsForSession(answer, format) {
    const dash = format.NONE;
    const moment = `${format.date(answer.trades_from).slice(5)} ${format.time(answer.trades_from).slice(0, 5)}`;
    return { value: amount(answer.value, format), fee: amount(answer.fee, format), feeLabel: "Fee", average: dash, slippage: dash, now: `none before ${moment}`, queue: dash, power: power(answer, format) };
  }

  function byRule(answer, lots, instrument) {
    const ticks = Number(answer.slippage_ticks);
    return {
      now: answer.fills_now,
      rests: answer.rests,
      lost: Math.max(0, lots - answer.fills_now - answer.rests),
      value: Number(answer.value),
      average: Number(answer.avg),
      slippageTicks: ticks,
      slippageMoney: ticks * answer.fills_now * instrument.tick * instrument.lot,
    };
  }

  function fillsNow(found, isLimit, form, lots) {
    if (form.postOnly && isLimit && found.crosses) return "would trade: refused";
    if (form.tif === "fok" && found.lost) return "not whole: killed";
    if (found.lost) return `${lots(found.now)}, ${lots(found.lost)} cancelled`;
    if (!found.now) return `none, ${lots(found.rests)} rests`;
    return found.rests ? `${lots(found.now)}, ${lots(found.rests)} rests` : `all, ${ts.format.counted(found.levels, "level")}`;
  }

  // Of an order that waits for a trigger: what it may come to, and how far away that is.
  function waitingFigures(found, answer, instrument, format) {
    const dash = format.NONE;
    const { value, fee } = answer || {};
    return { value: amount(value, format), fee: amount(fee, format), feeLabel: "Fee (taker)", average: dash, slippage: dash, now: triggerText(found, instrument, format), queue: dash, power: power(answer, format) };
  }

  function triggerText(found, instrument, format) {
    if (!found) return format.NONE;
    if (found.away <= 0) return "at once: reached already";
    const percent = format.number((found.away / found.last) * 100, 2);
    return `${format.number(found.ticks * instrument.tick, instrument.pd)}, ${percent} % away`;
  }

  // What becomes of the position: what closes, and what may open because other orders close it already. `held` is signed.
  function positionText(answer, form, held, instrument, format) {
    if (!answer || answer.refusal) return "";
    const sign = form.side === "buy" ? 1 : -1;
    const opens = Number(answer.opens) || 0;
    const qty = (value) => format.quantity(value, instrument.qd);
    const kind = sign > 0 ? "long" : "short";
    if (held * sign >= 0) return sign < 0 && opens ? (held ? `adds ${qty(opens)} to the short` : `opens a short of ${qty(opens)}`) : "";
    const size = form.unit === "qty" ? (ts.ticketModel || require("./ticket_model.js")).number(form.size) || 0 : null;
    const closes = size === null || !opens ? size : size - opens;
    const closing = closes ? `closes ${qty(closes)}` : opens ? "" : "closes";
    if (!opens) return closing;
    return [closing, `${closing ? "" : "may "}open${closing ? "s" : ""} a ${kind} of ${qty(opens)}`].filter(Boolean).join(", ");
  }

  function amount(text, format) {
    return text === null || text === undefined ? format.NONE : format.money(text);
  }

  function power(answer, format) {
    return amount(answer ? answer.buying_power_after : null, format);
  }

  function capital(text) {
    return text ? text[0].toUpperCase() + text.slice(1) : "";
  }

  // Which place a refusal belongs to: under its field, or above the button.
  function placeOf(refusal, form) {
    const place = refusal && FIELD_PLACES[refusal.field];
    return !place || (HAS_PLACE[place] && !HAS_PLACE[place](form)) ? "refusal" : place;
  }

  ts.ticketView = { figures, waitingFigures, positionText, placeOf, capital };
  if (typeof module !== "undefined") module.exports = ts.ticketView;
  if (typeof document === "undefined") return;

  const shown = new Map();
  const places = new Map();

  function at(name) {
    let found = places.get(name);
    if (!found || !found.isConnected) places.set(name, (found = document.getElementById(`ticket-${name}`)));
    return found;
  }

  function write(name, text) {
    if (shown.get(name) === text && at(name).textContent === text) return;
    shown.set(name, text);
    at(name).textContent = text;
  }

  function mark(name, attribute, value) {
    const element = at(name);
    if (element.getAttribute(attribute) !== value) element.setAttribute(attribute, value);
  }

  // Radio buttons: the chosen one alone is in the tab order.
  function choose(group, value) {
    for (const button of at(group).children) {
      const isOn = button.dataset.value === value;
      button.setAttribute("aria-checked", String(isOn));
      button.tabIndex = isOn ? 0 : -1;
    }
  }

  // A choice that is not there keeps its place, and its title says why.
  function allow(button, why) {
    if (button.dataset.words === undefined) button.dataset.words = button.title;
    const title = why || button.dataset.words;
    if (button.title !== title) button.title = title;
    if (button.getAttribute("aria-disabled") !== String(Boolean(why))) button.setAttribute("aria-disabled", String(Boolean(why)));
  }

  function showRefusal(refusal, form) {
    const place = refusal ? placeOf(refusal, form) : null;
    for (const name of PLACES) write(name, name === place ? capital(refusal.text) + (/[.!?]$/.test(refusal.text) ? "" : ".") : "");
    mark("qty", "aria-invalid", String(place === "refusal-qty"));
    mark("price", "aria-invalid", String(place === "refusal-price"));
    for (const name of ["stop", "trail"]) mark(name, "aria-invalid", String(place === "refusal-stop"));
  }

  function showFigures(texts, isWaiting) {
    write("value", texts.value);
    write("fee", texts.fee);
    write("fee-label", texts.feeLabel);
    write("average", texts.average);
    write("slippage", texts.slippage);
    write("now", texts.now);
    write("now-label", isWaiting ? "Trigger" : "Fills now");
    mark("estimate", "data-kind", isWaiting ? "waits" : "");
    write("queue", texts.queue);
    write("power", texts.power);
  }

  Object.assign(ts.ticketView, { at, write, mark, choose, allow, showRefusal, showFigures });
})(typeof window === "undefined" ? globalThis : window);
