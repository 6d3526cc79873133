// What the market and the kind of order allow: why a choice of the ticket is not there now. Pure; null means it is.
(function (root) {
  "use strict";
  const ts = (root.tradesim = root.tradesim || {});
  const LASTING = new Set(["day", "gtc"]);
  const AT_ONCE = new Set(["ioc", "fok"]);
  const AT_AUCTION = new Set(["opg", "cls"]);
  const LIMITED = new Set(["limit", "stop_limit"]);
  const WAITING = new Set(["stop", "stop_limit", "trailing_stop"]);
  const TYPE_WORDS = { market: "market", limit: "limit", stop: "stop", stop_limit: "stop limit", trailing_stop: "trailing stop" };

  const isLimited = (form) => LIMITED.has(form.type);
  const waits = (form) => WAITING.has(form.type);
  const hasStop = (form) => form.type === "stop" || form.type === "stop_limit";
  const isLasting = (form) => LASTING.has(form.tif);

  const hasExits = (form) => Boolean(form.exits && (form.exits.profit.isOn || form.exits.loss.isOn));
  const isProtecting = (form) => hasExits(form) && form.exits.of === "position";

  // Is the quantity no whole number of lots? Only then do the rules for fractions count.
  function isFraction(form, instrument) {
    const size = form.unit === "qty" ? Number((ts.format || require("./format.js")).digitsOf(form.size) ?? NaN) : NaN;
    if (!Number.isFinite(size) || !instrument) return false;
    const lots = size / instrument.lot;
    return Math.abs(lots - Math.round(lots)) > 1e-9;
  }

  // `session` is the instrument's market state: "always" where there is no day and so no auction.
  function tifRefusal(tif, form, instrument, session) {
    if (isProtecting(form) && !LASTING.has(tif)) return "Exits wait for their price: DAY or GTC";
    if (waits(form) && !LASTING.has(tif)) return `A ${TYPE_WORDS[form.type]} waits for its trigger: DAY or GTC`;
    if (!AT_AUCTION.has(tif)) return null;
    if (session === "always") return `${form.symbol} trades around the clock here: there is no auction`;
    if (hasExits(form)) return "An order with exits does not wait for an auction";
    if (isFraction(form, instrument)) return "An auction takes whole lots only";
    return form.display ? "An order that hides a part does not wait for an auction" : null;
  }

  const OPTIONS = {
    postOnly(form, instrument) {
      if (form.type !== "limit") return "Only a limit order joins the queue";
      if (!isLasting(form)) return "It must be able to rest: DAY or GTC";
      return isFraction(form, instrument) ? "A fraction of a lot is dealt by the desk and has no place in the queue" : null;
    },
    reduceOnly(form) {
      return hasExits(form) && !isProtecting(form) ? "An order with exits opens a position" : null;
    },
    extended(form, _instrument, session) {
      if (session === "always") return `${form.symbol} trades around the clock here`;
      return form.type === "limit" && isLasting(form) ? null : "Extended hours take limit orders, DAY or GTC";
    },
    display(form, instrument) {
      if (!isLimited(form) || !isLasting(form)) return "Only a limit order that is DAY or GTC can hide a part";
      return isFraction(form, instrument) ? "A fraction of a lot is dealt by the desk: there is nothing to hide" : null;
    },
    notional(form) {
      return isProtecting(form) ? "Exits close a quantity" : null;
    },
  };

  function optionRefusal(name, form, instrument, session) {
    return OPTIONS[name](form, instrument, session);
  }

  // What of the form must give way after a change: {tif?, postOnly?, reduceOnly?, extended?, display?}.
  function mended(form, instrument, session) {
    const changes = {};
    if (tifRefusal(form.tif, form, instrument, session)) changes.tif = "day";
    const now = { ...form, ...changes };
    for (const name of ["postOnly", "reduceOnly", "extended"]) if (form[name] && optionRefusal(name, now, instrument, session)) changes[name] = false;
    if (form.display && optionRefusal("display", now, instrument, session)) changes.display = "";
    return changes;
  }

  ts.ticketTerms = { LASTING, AT_ONCE, AT_AUCTION, TYPE_WORDS, isLimited, waits, hasStop, isLasting, hasExits, isProtecting, isFraction, tifRefusal, optionRefusal, mended };
  if (typeof module !== "undefined") module.exports = ts.ticketTerms;
})(typeof window === "undefined" ? globalThis : window);
