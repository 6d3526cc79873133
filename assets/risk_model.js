// Limits as people write them: shown, read back, which change is wider, and how much of one is used.
(function (root) {
  "use strict";
  const ts = (root.tradesim = root.tradesim || {});
  const NULLABLE = new Set(["max_position_value", "max_orders_per_minute", "price_collar", "max_day_loss", "max_drawdown", "max_exposure", "max_concentration", "max_consecutive_losses"]);
  const STRICT_WHEN_LARGE = new Set(["duplicate_window_ms"]);
  const CLOSE = 0.8;
  const UNITS = { money: "", percent: "%", times: "× equity", count: "", number: "", ms: "ms", symbols: "", flag: "", none: "" };

  const grouped = (text) => {
    const [whole, part] = String(text).split(".");
    return whole.replace(/\B(?=(\d{3})+$)/g, ",") + (part ? "." + part : "");
  };
  const trimmed = (number) => String(Number(number.toFixed(8)));

  // The text of a field; empty where there is no limit.
  function shown(value, unit) {
    if (value === null || value === undefined) return "";
    if (unit === "flag") return Boolean(value);
    if (unit === "symbols") return value.join(", ");
    if (unit === "percent") return trimmed(Number(value) * 100);
    return grouped(value);
  }

  // What a field says: {value} as the desk wants it, or {fault}, a sentence.
  function parsed(text, unit, name) {
    if (unit === "flag") return { value: Boolean(text) };
    if (unit === "symbols") return { value: String(text).toUpperCase().split(/[,;\s]+/).filter(Boolean) };
    const typed = String(text).replace(/[\s%×]/g, "");
    if (!typed) return NULLABLE.has(name) ? { value: null } : { fault: "this limit cannot be empty" };
    const plain = (ts.format || require("./format.js")).digitsOf(typed);
    const number = Number(plain);
    if (plain === null) return { fault: `a number of 0 or more is wanted, was ${text}` };
    if ((unit === "count" || unit === "ms") && !Number.isInteger(number)) return { fault: `a whole number is wanted, was ${text}` };
    if (unit === "percent") return number < 100 ? { value: trimmed(number / 100) } : { fault: "a percentage below 100 is wanted" };
    return { value: plain };
  }

  // Whether `next` allows what `former` does not.
  function isWider(name, next, former) {
    if (name === "wash_trades_allowed") return next && !former;
    if (name === "restricted") return former.some((symbol) => !next.includes(symbol));
    if (name === "allowed") return former.length > 0 && (!next.length || next.some((symbol) => !former.includes(symbol)));
    if (next === null || former === null) return next === null && former !== null;
    const [one, other] = [Number(next), Number(former)];
    if (name === "usual_orders_per_second") return one === 0 ? other !== 0 : other !== 0 && one > other;
    return STRICT_WHEN_LARGE.has(name) ? one < other : one > other;
  }

  const isSame = (one, other) => JSON.stringify(one) === JSON.stringify(other) || (one !== null && other !== null && typeof one === "string" && typeof other === "string" && Number(one) === Number(other));

  function amount(value, unit, format) {
    const number = Number(value);
    if (unit === "money") return format.money(number);
    if (unit === "fraction") return format.number(number * 100, 2) + " %";
    if (unit === "times") return format.number(number, 2) + "×";
    return format.number(number, 0);
  }

  // What a number of a limit counts, after it: "400.00 of 500.00 lost today".
  const COUNTS = {
    max_day_loss: "lost today",
    max_drawdown: "below the high",
    max_exposure: "equity is held",
    max_concentration: "equity in one symbol",
    max_consecutive_losses: "lost in a row",
    max_position_value: "in one symbol",
    max_open_orders: "open",
    max_orders_per_minute: "sent in the last minute",
  };

  // How much of a limit is used: {share 0..1, kind, text}; kind is a word's too, never colour alone.
  function meter(use, format) {
    if (!use) return null;
    const used = amount(use.used, use.unit, format);
    const counts = COUNTS[use.name] ? ` ${COUNTS[use.name]}` : "";
    if (use.limit === null) return { share: null, kind: "none", text: `${used}${counts}, no limit` };
    const limit = Number(use.limit);
    const share = limit > 0 ? Number(use.used) / limit : Number(use.used) > 0 ? 1 : 0;
    const kind = share >= 1 ? "bad" : share >= CLOSE ? "warn" : "good";
    const word = { bad: ", passed", warn: ", close", good: "" }[kind];
    return { share: Math.min(1, share), kind, text: `${used} of ${amount(use.limit, use.unit, format)}${counts} · ${format.number(share * 100, 0)} %${word}` };
  }

  // What the limits below are for, and who may change them.
  function scopeNote(isDesk, name, accounts) {
    const asks = "A stricter limit holds at once; a wider one asks you first, and no program may set it.";
    if (!isDesk) return `These hold for ${name} alone. Where the whole desk has a stricter one, that holds. ${asks}`;
    const all = accounts === 1 ? "the one account" : `all ${accounts} accounts`;
    return `These hold for ${all} of this market together: losses and positions are added up, and when one is passed every account is stopped. ${asks}`;
  }

  // Positions by what they are worth, the largest first, with their share of equity.
  function exposure(positions, equity) {
    const rows = positions.filter((each) => Number(each.qty) !== 0 && each.value !== null);
    const total = Number(equity) > 0 ? Number(equity) : null;
    return rows
      .map((each) => ({ symbol: each.symbol, qty: Number(each.qty), value: Number(each.value), share: total ? Math.abs(Number(each.value)) / total : null }))
      .sort((one, other) => Math.abs(other.value) - Math.abs(one.value) || (one.symbol < other.symbol ? -1 : 1));
  }

  // What the guard does to a source, in words.
  function guardState(source, view) {
    const isStopped = view && view.state === "halted" && view.cause.startsWith("runaway");
    if (isStopped && view.message.includes(source.source || "the account ")) return { kind: "bad", text: "Halted: " + view.message };
    if (source.message) return { kind: "warn", text: `Slowed: ${source.message}; wait ${source.wait_s} s (${source.refused} of ${source.patience} refusals before it is halted)` };
    return { kind: "good", text: "Usual" };
  }

  const MEASURES = { orders: "orders", repeats: "repeats", quick_cancels: "quick cancels", refusals: "refusals" };

  // "12 of 250 orders, 3 of 100 refusals": what was done at all; orders always.
  function paces(source, format) {
    return source.paces
      .filter(([measure, count]) => measure === "orders" || count)
      .map(([measure, count, allowed]) => `${format.number(count, 0)} of ${format.number(allowed, 0)} ${MEASURES[measure]}`)
      .join(", ");
  }

  const DAY_TRADES = { off: "no rule applies", legacy_pdt: "at most 3 in five business days below 25,000", intraday_margin: "equity must cover the maintenance margin at each opening order" };

  // Rows of the margin section: [name, text, kind?].
  function marginRows(account, rules, format) {
    const money = (value) => format.money(value);
    const excess = Number(account.equity) - Number(account.maintenance_margin);
    return [
      ["Equity", money(account.equity)],
      ["Initial margin", money(account.initial_margin)],
      ["Maintenance margin", money(account.maintenance_margin)],
      [excess < 0 ? "Missing to maintenance" : "Excess over maintenance", money(Math.abs(excess)), excess < 0 ? "bad" : ""],
      ["Buying power", `${money(account.buying_power)} at ${Number(account.multiplier)}×`],
      ["Reserved by open orders", money(account.reserved)],
      ["Free to take out", money(account.withdrawable)],
      ["Day trades", `${account.day_trades} in five days; ${DAY_TRADES[rules ? rules.day_trade_rule : "off"]}`],
    ];
  }

  ts.riskModel = { UNITS, NULLABLE, shown, parsed, isWider, isSame, meter, scopeNote, exposure, guardState, paces, marginRows };
  if (typeof module !== "undefined") module.exports = ts.riskModel;
})(typeof window === "undefined" ? globalThis : window);
