// How numbers and times are written on the page: ticks, lots and milliseconds in, text out.
(function (root) {
  "use strict";
  const ts = (root.tradesim = root.tradesim || {});
  const NONE = "–";
  const MINUS = "−";
  const QUARTER_HOUR = 900_000;
  const TYPED = /^(\d*|[1-9]\d{0,2}(,\d{3})+)(\.\d*)?$/;

  function grouped(whole) {
    let out = whole;
    for (let at = whole.length - 3; at > 0; at -= 3) out = out.slice(0, at) + "," + out.slice(at);
    return out;
  }

  // Digits of a number or of a decimal string, rounded half away from zero when text is longer than `decimals`.
  function fixed(value, decimals) {
    if (typeof value !== "string") return Math.abs(value).toFixed(decimals);
    const [whole, fraction = ""] = value.replace(/^[+-]/, "").split(".");
    if (/[^0-9]/.test(whole + fraction)) return Math.abs(Number(value)).toFixed(decimals);
    const scaled = BigInt((whole || "0") + fraction.slice(0, decimals).padEnd(decimals, "0"));
    const text = String(scaled + (fraction[decimals] >= "5" ? 1n : 0n)).padStart(decimals + 1, "0");
    return decimals ? text.slice(0, -decimals) + "." + text.slice(-decimals) : text;
  }

  // The plain digits of a number that was typed, its thousands separated or not; null for anything else. A comma that
  // separates no thousands may be meant as a decimal point: then it is no number.
  function digitsOf(text) {
    const typed = String(text ?? "").replace(/\s/g, "");
    return TYPED.test(typed) && /\d/.test(typed) ? typed.replace(/,/g, "") : null;
  }

  function isNumber(value) {
    return value !== null && value !== undefined && value !== "" && Number.isFinite(Number(value));
  }

  function number(value, decimals = 2) {
    if (!isNumber(value)) return NONE;
    const digits = fixed(value, decimals);
    const point = digits.indexOf(".");
    const text = point < 0 ? grouped(digits) : grouped(digits.slice(0, point)) + digits.slice(point);
    return Number(value) < 0 && /[1-9]/.test(digits) ? MINUS + text : text;
  }

  function signed(value, decimals = 2) {
    const text = number(value, decimals);
    if (text === NONE || text[0] === MINUS) return text;
    return /[1-9]/.test(text) ? "+" + text : text;
  }

  // The class of a figure's colour, as it is read: what is shown as zero has none.
  function tone(value, decimals = 2) {
    const text = signed(value, decimals);
    return text[0] === "+" ? "up" : text[0] === MINUS ? "down" : "";
  }

  function percent(value, decimals = 2) {
    return isNumber(value) ? signed(value, decimals) + " %" : NONE;
  }

  function age(ms) {
    if (!isNumber(ms)) return NONE;
    const s = Math.max(0, ms) / 1000;
    if (s < 10) return s.toFixed(s < 1 ? 2 : 1) + " s";
    if (s < 120) return Math.floor(s) + " s";
    if (s < 7200) return Math.floor(s / 60) + " min";
    if (s < 172_800) return Math.floor(s / 3600) + " h";
    return Math.floor(s / 86_400) + " days";
  }

  function scaled(value, step, units) {
    let size = Math.abs(value);
    let unit = 0;
    while (size >= step && unit < units.length - 1) {
      size /= step;
      unit += 1;
    }
    const decimals = unit === 0 || size >= 100 ? 0 : size >= 10 ? 1 : 2;
    return (value < 0 ? MINUS : "") + size.toFixed(decimals) + (units[unit] ? " " + units[unit] : "");
  }

  function bytes(count) {
    return isNumber(count) ? scaled(Number(count), 1024, ["B", "KiB", "MiB", "GiB", "TiB"]) : NONE;
  }

  function compact(value) {
    return isNumber(value) ? scaled(Number(value), 1000, ["", "k", "M", "bn", "tn"]) : NONE;
  }

  // "1 order", "1,200 orders"; `many` where it is not `one` with an s.
  function counted(count, one, many = one + "s") {
    return `${number(count, 0)} ${count === 1 ? one : many}`;
  }

  const parts = new Map();
  function formatter(zone, options) {
    const key = zone + JSON.stringify(options);
    if (!parts.has(key)) parts.set(key, new Intl.DateTimeFormat("en-US", { timeZone: zone, ...options }));
    return parts.get(key);
  }

  // Milliseconds that the zone's wall clock is ahead of UTC at `ms`; daylight saving changes on quarter hours only.
  const offsets = new Map();
  function zoneOffset(ms, zone) {
    const key = zone + Math.floor(ms / QUARTER_HOUR);
    let offset = offsets.get(key);
    if (offset === undefined) {
      offset = offsetAt(ms, zone);
      if (offsets.size > 5000) offsets.clear();
      offsets.set(key, offset);
    }
    return offset;
  }

  function offsetAt(ms, zone) {
    const options = { hourCycle: "h23", year: "numeric", month: "numeric", day: "numeric", hour: "numeric", minute: "numeric", second: "numeric" };
    const at = {};
    for (const { type, value } of formatter(zone, options).formatToParts(ms)) at[type] = Number(value);
    const wall = Date.UTC(at.year, at.month - 1, at.day, at.hour, at.minute, at.second);
    return wall - Math.floor(ms / 1000) * 1000;
  }

  function pad(value, width = 2) {
    return String(value).padStart(width, "0");
  }

  function wall(ms, zone) {
    return new Date(Math.floor(ms) + zoneOffset(ms, zone));
  }

  function timeIn(ms, zone, withMs = false) {
    if (!isNumber(ms) || Number(ms) <= 0) return NONE;
    const at = wall(Number(ms), zone);
    const text = pad(at.getUTCHours()) + ":" + pad(at.getUTCMinutes()) + ":" + pad(at.getUTCSeconds());
    return withMs ? text + "." + pad(at.getUTCMilliseconds(), 3) : text;
  }

  function dateIn(ms, zone) {
    if (!isNumber(ms) || Number(ms) <= 0) return NONE;
    const at = wall(Number(ms), zone);
    return at.getUTCFullYear() + "-" + pad(at.getUTCMonth() + 1) + "-" + pad(at.getUTCDate());
  }

  function zoneNameAt(ms, zone) {
    const found = formatter(zone, { timeZoneName: "shortGeneric" }).formatToParts(ms).find((part) => part.type === "timeZoneName");
    return found ? found.value : zone;
  }

  function priceOf(ticks, instrument) {
    return isNumber(ticks) && instrument ? number(Number(ticks) * instrument.tick, instrument.pd) : NONE;
  }

  // Steps of a hundred-millionth: the zeros at the end tell nothing.
  const FINE = 4;
  const trimmed = (text) => (text.includes(".") ? text.replace(/\.?0+$/, "") : text);

  // A fraction of a lot has up to nine decimals, and shows those that it has.
  const FINEST = 9;

  function quantity(value, decimals) {
    const text = number(value, decimals);
    if (decimals > FINE || text === NONE) return trimmed(text);
    const whole = trimmed(number(value, FINEST));
    return whole.length > trimmed(text).length ? whole : text;
  }

  // As `quantity`, rounded where it is longer than a column or a tag is wide; what would round to nothing stays whole.
  const BRIEFEST = 7;

  function brief(value, decimals) {
    const whole = quantity(value, decimals);
    const digits = Math.max(0, BRIEFEST - 1 - String(Math.trunc(Math.abs(Number(value)))).length);
    if (whole.length <= BRIEFEST || digits < decimals) return whole;
    return Math.abs(Number(value)) < 10 ** -digits / 2 ? whole : trimmed(number(value, digits));
  }

  function qtyOf(lots, instrument) {
    return isNumber(lots) && instrument ? quantity(Number(lots) * instrument.lot, instrument.qd) : NONE;
  }

  // As `qtyOf`, for narrow columns: fine steps are rounded to about six digits, and what would round to nothing says so.
  function sizeOf(lots, instrument) {
    if (!isNumber(lots) || !instrument || instrument.qd <= FINE) return qtyOf(lots, instrument);
    const value = Number(lots) * instrument.lot;
    const whole = String(Math.trunc(Math.abs(value))).length;
    const decimals = Math.max(0, Math.min(instrument.qd, 6 - whole));
    if (value > 0 && value < 10 ** -decimals / 2) return "<" + (10 ** -decimals).toFixed(decimals);
    return trimmed(number(value, decimals));
  }

  const instrument = (symbol) => ts.page && ts.page.instruments[symbol];
  const zone = () => (ts.live && ts.live.state && ts.live.state.status.zone) || "America/New_York";

  ts.format = {
    digitsOf,
    counted,
    NONE,
    number,
    signed,
    tone,
    percent,
    age,
    bytes,
    compact,
    timeIn,
    dateIn,
    zoneOffset,
    priceOf,
    quantity,
    brief,
    qtyOf,
    sizeOf,
    price: (ticks, symbol) => priceOf(ticks, instrument(symbol)),
    qty: (lots, symbol) => qtyOf(lots, instrument(symbol)),
    size: (lots, symbol) => sizeOf(lots, instrument(symbol)),
    money: (value) => number(value, 2),
    time: (ms, withMs) => timeIn(ms, zone(), withMs),
    date: (ms) => dateIn(ms, zone()),
    zoneName: (ms = Date.now()) => zoneNameAt(ms, zone()),
  };
  if (typeof module !== "undefined") module.exports = ts.format;
})(typeof window === "undefined" ? globalThis : window);
