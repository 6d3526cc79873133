// What the ticket knows without the server: sizes, prices, what an order would do in the live book. Ticks and lots.
(function (root) {
  "use strict";
  const ts = (root.tradesim = root.tradesim || {});
  const TIMES = { k: 1e3, m: 1e6 };
  const OWN = { buy: "b", sell: "a" };
  const OTHER = { buy: "a", sell: "b" };
  const NO_WALK = { lots: 0, ticks: 0, levels: 0 };
  const FRACTION = 1e-9;
  const SHORT_SALE = 1.03;
  const digitsOf = (text) => (ts.format || require("./format.js")).digitsOf(text);
  const LIMITED = { limit: true, stop_limit: true };
  const STOPPED = { stop: true, stop_limit: true };

  // "1,000", "0.5", "2k", "1.5m" as a number; null for anything else.
  function number(text) {
    const [, typed, unit] = /^(.*?)([km])?\s*$/is.exec(String(text ?? ""));
    const found = digitsOf(typed);
    if (found === null) return null;
    const value = Number(found) * (unit ? TIMES[unit.toLowerCase()] : 1);
    return Number.isFinite(value) ? value : null;
  }

  // The text that is sent: plain digits, as typed where it already is that, so that no digit is lost on the way.
  function plain(text) {
    const value = number(text);
    return digitsOf(text) ?? (value === null ? String(text ?? "").trim() : String(value));
  }

  // What was found instead of a number.
  function found(text) {
    if (!text) return "was empty";
    return `was “${text}”${String(text).includes(",") ? ": decimals stand behind a point" : ""}`;
  }

  // How many whole steps of `size` are in `value`; null when it is no multiple of it.
  function units(value, size) {
    if (value === null) return null;
    const whole = Math.round(value / size);
    return Math.abs(value / size - whole) < 1e-6 ? whole : null;
  }

  // The smallest part of a quantity that may be ordered: nine decimals where fractions are dealt in.
  const qtyStep = (instrument) => (instrument.fractional ? FRACTION : instrument.lot);

  // Does the book show nobody's price? Some recordings and providers tell of trades alone.
  const isBare = (book) => Boolean(book) && !book.b.length && !book.a.length;

  // The price that a choice of the touch stands for, in ticks; the middle rounds to the own side. Where nothing is
  // quoted it is the last trade's.
  function touchPrice(book, follow, side, last = null) {
    if (!book) return null;
    if (isBare(book)) return last;
    const bid = book.b.length ? book.b[0][0] : null;
    const ask = book.a.length ? book.a[0][0] : null;
    if (follow === "bid") return bid ?? ask;
    if (follow === "ask") return ask ?? bid;
    if (bid === null || ask === null) return bid ?? ask;
    return side === "buy" ? Math.floor((bid + ask) / 2) : Math.ceil((bid + ask) / 2);
  }

  // Arrow keys on the price: from a price off the grid the first step goes to the next price on it.
  function steppedPrice(text, steps, instrument, otherwise) {
    const value = number(text);
    if (value === null) return otherwise;
    const ticks = value / instrument.tick;
    const whole = Math.round(ticks);
    if (Math.abs(ticks - whole) < 1e-6) return Math.max(1, whole + steps);
    return Math.max(1, (steps > 0 ? Math.floor(ticks) : Math.ceil(ticks)) + steps);
  }

  // One step of a quantity is one of its leading digit: 7 -> 8, 100 -> 200, and down 100 -> 90.
  function steppedQty(text, steps, lot) {
    const value = number(text) || 0;
    const from = steps < 0 ? value - lot / 2 : value;
    const size = from <= 0 ? lot : Math.max(lot, 10 ** Math.floor(Math.log10(from) + 1e-9));
    const next = Math.round((value + steps * size) / lot) * lot;
    return Math.max(lot, next);
  }

  // Takes up to `lots` from `levels`, best first, no further than `limit` ticks (null: any price).
  function walk(levels, side, lots, limit) {
    const sign = side === "buy" ? 1 : -1;
    const taken = { ...NO_WALK };
    for (const [price, qty] of levels) {
      if (taken.lots >= lots || (limit !== null && (price - limit) * sign > 0)) break;
      const here = Math.min(qty, lots - taken.lots);
      taken.lots += here;
      taken.ticks += here * price;
      taken.levels += 1;
    }
    return taken;
  }

  function queueAhead(levels, side, limit) {
    const sign = side === "buy" ? 1 : -1;
    for (const [price, qty] of levels) {
      if (price === limit) return qty;
      if ((limit - price) * sign > 0) return 0;
    }
    return levels.length ? null : 0;
  }

  // Lots of the order, whole ones but where fractions are dealt in; money is divided by the limit, else by the touch.
  function lotsWanted(form, instrument, book) {
    const size = number(form.size);
    if (size === null) return null;
    if (form.unit === "qty") return instrument.fractional ? size / instrument.lot : units(size, instrument.lot);
    const touch = book && book[OTHER[form.side]][0];
    const price = form.type === "limit" ? number(form.limit) : touch ? touch[0] * instrument.tick : null;
    if (!price) return null;
    return instrument.fractional ? Math.floor(size / price / FRACTION) * FRACTION / instrument.lot : Math.floor(size / price / instrument.lot + 1e-9);
  }

  // What the order would do now; null where that cannot be known. Money in the instrument's currency.
  function estimate(form, instrument, book) {
    if (STOPPED[form.type] || form.type === "trailing_stop") return null;
    const lots = lotsWanted(form, instrument, book);
    const limit = form.type === "limit" ? units(number(form.limit), instrument.tick) : null;
    if (!book || isBare(book) || !lots || (form.type === "limit" && limit === null)) return null;
    const levels = book[OTHER[form.side]];
    const isResting = form.type === "limit" && (form.tif === "day" || form.tif === "gtc");
    let taken = form.postOnly ? NO_WALK : walk(levels, form.side, lots, limit);
    if (form.tif === "fok" && taken.lots < lots) taken = NO_WALK;
    const rests = isResting ? lots - taken.lots : 0;
    const unit = instrument.tick * instrument.lot;
    const away = taken.lots ? Math.abs(taken.ticks - taken.lots * levels[0][0]) : null;
    return {
      lots,
      now: taken.lots,
      rests,
      lost: lots - taken.lots - rests,
      levels: taken.levels,
      value: (taken.ticks + rests * (limit ?? 0)) * unit,
      average: taken.lots ? (taken.ticks / taken.lots) * instrument.tick : null,
      slippageTicks: away === null ? null : away / taken.lots,
      slippageMoney: away === null ? null : away * unit,
      queue: rests && !wouldCross(form.side, limit, book) ? queueAhead(book[OWN[form.side]], form.side, limit) : rests ? 0 : null,
      crosses: wouldCross(form.side, limit, book),
    };
  }

  function wouldCross(side, limit, book) {
    const best = book[OTHER[side]][0];
    if (!best || limit === null) return false;
    return side === "buy" ? limit >= best[0] : limit <= best[0];
  }

  // The lots that `money` buys from the book, or at a limit price; where nothing is quoted, at the last trade's.
  function lotsFor(money, form, instrument, book, last = null) {
    const unit = instrument.tick * instrument.lot;
    const limit = form.type === "limit" ? units(number(form.limit), instrument.tick) : null;
    const price = limit || (isBare(book) ? last : null);
    if (price) return Math.floor(money / (price * unit) + 1e-9);
    if (!book) return 0;
    let left = money / unit;
    let lots = 0;
    for (const [price, qty] of book[OTHER[form.side]]) {
      const here = Math.min(qty, Math.floor(left / price + 1e-9));
      lots += here;
      left -= here * price;
      if (here < qty) break;
    }
    return lots;
  }

  // What the size in the form comes to: {lots, value}; where nothing is quoted, at the limit or the last trade. Null: not known.
  function worth(form, instrument, book, last) {
    const found = estimate(form, instrument, book);
    if (found && found.value) return found;
    const price = (form.type === "limit" && units(number(form.limit), instrument.tick)) || last;
    if (!isBare(book) || !price) return null;
    const unit = price * instrument.tick * instrument.lot;
    const lots = form.unit === "qty" ? lotsWanted(form, instrument, book) : Math.floor((number(form.size) || 0) / unit + 1e-9);
    return lots ? { lots, value: lots * unit } : null;
  }

  // What of the position the order would close, in units; 0 when it opens or adds to one.
  function closable(form, positions) {
    const position = positions.find((each) => each.symbol === form.symbol);
    const held = position ? Number(position.qty) : 0;
    return (form.side === "sell" ? held > 0 : held < 0) ? Math.abs(held) : 0;
  }

  // Money that an order of the instrument may open with; crypto is bought with cash alone.
  function powerOf(instrument, account) {
    const all = Number(account.buying_power) || 0;
    const power = instrument.cls === "us_equity" ? all : Math.min(Number(account.cash) - Number(account.reserved || 0), all);
    return Math.max(0, power || 0);
  }

  // A share of what can be traded: of the position where the order reduces it, else of the buying power.
  function shareOf(percent, form, instrument, book, account, positions, last = null) {
    const held = closable(form, positions);
    if (held) return Math.floor((held * percent) / 100 / instrument.lot + 1e-9);
    return lotsFor((powerOf(instrument, account) * percent) / 100, form, instrument, book, last);
  }

  // The most lots that buying power lets through at a price of `entry` ticks: what closes the position costs none, what opens
  // costs its value and `fee` (money per unit); a short sale is counted 3 % above the price, as the desk does.
  function affordable(form, instrument, entry, account, positions, fee = 0) {
    if (!(entry > 0)) return Infinity;
    const held = closable(form, positions);
    const price = entry * instrument.tick * (form.side === "sell" ? SHORT_SALE : 1) + fee;
    return Math.floor((held + powerOf(instrument, account) / price) / instrument.lot + 1e-9);
  }

  // What is wrong with the form as typed, before anybody is asked: {field, text}, or null.
  function fault(form, instrument) {
    const size = number(form.size);
    const what = form.unit === "qty" ? "quantity" : "value";
    if (size === null || size <= 0) return { field: "qty", text: `${what} must be a number above 0, ${found(form.size)}` };
    if (form.unit === "qty" && !isWholeSteps(size, instrument)) return { field: "qty", text: `quantity must be a multiple of ${decimal(qtyStep(instrument))}, was ${plain(form.size)}` };
    return termsFault(form, instrument);
  }

  function isWholeSteps(size, instrument) {
    if (!instrument.fractional) return units(size, instrument.lot) !== null;
    return Math.abs(size * 1e9 - Math.round(size * 1e9)) < 1e-3;
  }

  function termsFault(form, instrument) {
    if (STOPPED[form.type]) {
      const wrong = priceFault("stop price", "stop_price", form.stop, instrument);
      if (wrong) return wrong;
    }
    if (form.type === "trailing_stop") return trailFault(form, instrument);
    return LIMITED[form.type] ? priceFault("limit price", "limit_price", form.limit, instrument) : null;
  }

  function priceFault(word, field, text, instrument) {
    const price = number(text);
    if (price === null || price <= 0) return { field, text: `${word} must be a number above 0, ${found(text)}` };
    if (units(price, instrument.tick) === null) return { field, text: `${word} must be a multiple of ${decimal(instrument.tick)}, was ${plain(text)}` };
    return null;
  }

  function trailFault(form, instrument) {
    if (form.trailUnit === "price") return priceFault("trail", "trail_price", form.trail, instrument);
    const percent = number(form.trail);
    if (percent !== null && percent > 0 && percent < 100) return null;
    return { field: "trail_percent", text: `trail must be above 0 and below 100 %, ${found(form.trail)}` };
  }

  function decimal(value) {
    return value < 1e-6 ? value.toFixed(10).replace(/0+$/, "") : String(value);
  }

  // The order as a sentence: what the button says and what is asked. `exits` are the words of its exits, if it has any.
  function sentence(form, instrument, format, exits = []) {
    const verb = form.side === "buy" ? "Buy" : "Sell";
    return [`${verb} ${sizeText(form, instrument, format)} ${form.symbol} ${termsText(form, instrument, format)}`, ...exits].join(", ");
  }

  function sizeText(form, instrument, format) {
    const size = number(form.size);
    if (size === null) return "…";
    if (form.unit === "notional") return `${format.money(size)} ${instrument.cur} of`;
    return isWholeSteps(size, instrument) ? format.quantity(plain(form.size), instrument.qd) : plain(form.size);
  }

  function priceText(text, instrument, format) {
    const price = number(text);
    if (price === null) return "…";
    return units(price, instrument.tick) !== null ? format.number(price, instrument.pd) : plain(text);
  }

  function termsText(form, instrument, format) {
    const limit = () => priceText(form.limit, instrument, format);
    if (form.type === "limit") return `at ${limit()}`;
    if (form.type === "trailing_stop") return `on a stop that trails by ${plain(form.trail) || "…"}${form.trailUnit === "percent" ? " %" : ""}`;
    if (!STOPPED[form.type]) return "at market";
    const stop = `on a stop at ${priceText(form.stop, instrument, format)}`;
    return form.type === "stop" ? stop : `${stop}, limit ${limit()}`;
  }

  // What the everyday order does not say: asked for once more before it is sent.
  function asides(form) {
    return [
      form.tif === "day" ? "" : form.tif.toUpperCase(),
      form.type === "limit" && form.postOnly ? "post only" : "",
      form.reduceOnly ? "reduce only" : "",
      form.extended ? "extended hours" : "",
      form.display ? `shows ${plain(form.display)}` : "",
      form.tag ? `tagged “${form.tag}”` : "",
      form.lotWords ? `closes ${form.lotWords}` : "",
    ].filter(Boolean);
  }

  // The form as it is sent, prices and quantities as decimal text; `exits` are the fields of its exits.
  function wishOf(form, exits = {}) {
    const isLimit = form.type === "limit";
    return {
      symbol: form.symbol,
      side: form.side,
      type: form.type,
      tif: form.tif,
      [form.unit]: plain(form.size),
      ...(LIMITED[form.type] ? { limit: plain(form.limit) } : {}),
      ...(STOPPED[form.type] ? { stop: plain(form.stop) } : {}),
      ...(form.type === "trailing_stop" ? { [form.trailUnit === "percent" ? "trail_percent" : "trail"]: plain(form.trail) } : {}),
      post_only: isLimit && Boolean(form.postOnly),
      ...(form.reduceOnly ? { reduce_only: true } : {}),
      ...(form.extended ? { extended_hours: true } : {}),
      ...(form.display ? { display_qty: plain(form.display) } : {}),
      ...(form.tag ? { tag: form.tag } : {}),
      ...(form.lotWords ? { lots: form.lots } : {}),
      ...exits,
    };
  }

  // Where a stop would wait: {ticks, away (ticks from the last trade, above 0 while it waits), last}; null where not known.
  function trigger(form, instrument, last) {
    if (last === null || last === undefined) return null;
    const sign = form.side === "buy" ? 1 : -1;
    const ticks = STOPPED[form.type] ? units(number(form.stop), instrument.tick) : last + sign * trailTicks(form, instrument, last);
    return ticks === null || !Number.isFinite(ticks) ? null : { ticks, away: (ticks - last) * sign, last };
  }

  function trailTicks(form, instrument, last) {
    const value = number(form.trail);
    if (value === null) return NaN;
    return form.trailUnit === "percent" ? Math.max(1, Math.floor((last * value) / 100)) : Math.round(value / instrument.tick);
  }

  // "sent → durable 4 ms → filled 11 ms"; ms since the click. What was painted before the answer came was durable by then.
  function timingText({ click, receipt, painted }) {
    if (!receipt) return "";
    const whole = (at) => `${Math.max(0, Math.round(at - click))} ms`;
    const durable = painted ? Math.min(receipt, painted) : receipt;
    return `sent → durable ${whole(durable)}${painted ? ` → filled ${whole(painted)}` : ""}`;
  }

  ts.ticketModel = {
    number, plain, units, isBare, touchPrice, steppedPrice, steppedQty, walk, queueAhead, lotsWanted, estimate, worth, wouldCross, lotsFor,
    shareOf, affordable, fault, sentence, asides, wishOf, trigger, timingText,
  };
  if (typeof module !== "undefined") module.exports = ts.ticketModel;
})(typeof window === "undefined" ? globalThis : window);
