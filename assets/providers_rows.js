// What is known of providers, in words. Pure: data in, text out.
(function (root) {
  "use strict";
  const ts = (root.tradesim = root.tradesim || {});

  const STATES = {
    off: "Not connected",
    connecting: "Connecting",
    live: "Live",
    quiet: "Quiet",
    stale: "Stale",
    waiting: "Waiting to try again",
    refused: "Refused",
  };
  const KINDS = {
    quote: "quotes",
    trades: "trades",
    book: "order book",
    bars_intraday: "minute bars",
    bars_daily: "daily bars",
    search: "search",
    stream: "stream",
  };
  const TONES = { live: "good", quiet: "good", connecting: "busy", waiting: "busy", stale: "warn", refused: "bad" };

  const kindText = (kind) => KINDS[kind] || kind;

  function listed(kinds) {
    return kinds.length ? kinds.map(kindText).join(", ") : "nothing now";
  }

  // `3.2 s`, `4 min`; an empty text when nothing is known.
  function span(ms) {
    if (ms === null || ms === undefined) return "";
    const seconds = Math.max(0, ms) / 1000;
    if (seconds < 10) return seconds.toFixed(1) + " s";
    if (seconds < 120) return Math.round(seconds) + " s";
    return seconds < 7200 ? Math.round(seconds / 60) + " min" : Math.round(seconds / 3600) + " h";
  }

  // Nothing was refused: there was nothing to ask with.
  function needsKey(row) {
    return !row.can.length && !row.error && Object.values(row.cannot || {}).some((reason) => reason.startsWith("needs a key"));
  }

  function stateText(row, now) {
    if (needsKey(row)) return "Needs a key";
    const said = STATES[row.state] || row.state;
    if (!row.retry || row.retry <= now) return row.attempt ? `${said}, try ${row.attempt}` : said;
    return `${said}, try ${row.attempt + 1} in ${span(row.retry - now)}`;
  }

  function budgetText(budget) {
    const parts = Object.entries(budget || {}).map(([window, left]) => `${left.toLocaleString("en-US")} a ${window}`);
    return parts.length ? parts.join(", ") : "no limit known";
  }

  function facts(row, now) {
    return [
      ["Gives", listed(row.can)],
      ["Last heard", row.heard ? span(now - row.heard) + " ago" : "never"],
      ["Latency", row.latency === null || row.latency === undefined ? "not measured" : Math.round(row.latency) + " ms"],
      ["Questions left", budgetText(row.budget)],
      ["Questions asked", row.requests.toLocaleString("en-US")],
      ["Failures", row.errors.toLocaleString("en-US")],
    ];
  }

  // The same reason for several kinds is told once.
  function withheld(cannot) {
    const kindsByReason = new Map();
    for (const [kind, reason] of Object.entries(cannot || {})) kindsByReason.set(reason, [...(kindsByReason.get(reason) || []), kind]);
    return [...kindsByReason].map(([reason, kinds]) => `${sentence(listed(kinds))}: ${reason}`);
  }

  function sentence(text) {
    return text.charAt(0).toUpperCase() + text.slice(1);
  }

  function switchText(change) {
    const what = sentence(kindText(change.kind));
    if (!change.former) return `${what} from ${change.chosen}: ${change.why}`;
    return `${what} from ${change.chosen || "nobody"} instead of ${change.former}: ${change.why}`;
  }

  // Those in use first, then those that could be, then the rest; each group in the server's order.
  function ordered(rows) {
    const rank = (row) => (row.is_open ? 0 : row.can.length ? 1 : 2);
    return [...rows].sort((a, b) => rank(a) - rank(b));
  }

  function cleanSymbol(text) {
    return String(text).trim().toUpperCase().replace(/\s+/g, "");
  }

  function withSymbol(symbols, text) {
    const symbol = cleanSymbol(text);
    return symbol && !symbols.includes(symbol) ? [...symbols, symbol] : symbols;
  }

  // One place up or down (by -1 or 1) within the list; the same list where that is outside of it.
  function moved(order, id, by) {
    return placed(order, id, order.indexOf(id) + by);
  }

  function placed(order, id, at) {
    const from = order.indexOf(id);
    if (from < 0 || at < 0 || at >= order.length || at === from) return order;
    const rest = order.filter((each) => each !== id);
    return [...rest.slice(0, at), id, ...rest.slice(at)];
  }

  const GROUPS = [["crypto", "Crypto"], ["us_equity", "US shares"], ["forex", "Currencies"]];

  // Those who can stand in for each other, in the server's order: [title, ids].
  function groups(vendors) {
    return GROUPS.map(([kind, title]) => [title, vendors.filter((vendor) => vendor.kind === kind && vendor.symbols.length).map((vendor) => vendor.id)]).filter(([, ids]) => ids.length);
  }

  const amount = (text) => (text === null || text === undefined ? null : Number(text.replace(/,/g, "")));

  // How far each provider is from the middle of all, as a share; null where there is nobody to compare with.
  function differences(words) {
    const values = words.map(({ bid, ask, last }) => (bid && ask ? (amount(bid) + amount(ask)) / 2 : amount(last)));
    const known = values.filter((value) => value !== null).sort((one, other) => one - other);
    if (known.length < 2) return values.map(() => null);
    const half = known.length >> 1;
    const middle = known.length % 2 ? known[half] : (known[half - 1] + known[half]) / 2;
    return values.map((value) => (value === null ? null : value / middle - 1));
  }

  function listOf(titles) {
    return titles.length < 2 ? titles.join("") : `${titles.slice(0, -1).join(", ")} and ${titles[titles.length - 1]}`;
  }

  // What the first visit is told of the network: `reached` is null while it is being asked.
  function reachText(reached, hasKey) {
    const keys = hasKey ? "" : "No provider's key is kept. ";
    if (!reached) return `${keys}Looking which live markets can be reached…`;
    const names = (isOk) => reached.filter((each) => each.ok === isOk).map((each) => each.title);
    const [here, away] = [names(true), names(false)];
    if (!here.length) return `${keys}There seems to be no network: ${listOf(away)} cannot be reached from here. The simulated market and recordings need neither.`;
    const rest = away.length ? `; ${listOf(away)} cannot be reached from here` : "";
    return `${keys}${listOf(here)} can be reached and ${here.length > 1 ? "need" : "needs"} no key${rest}.`;
  }

  const SIZES = [[2 ** 30, "GB"], [2 ** 20, "MB"], [2 ** 10, "kB"]];

  function sizeText(bytes) {
    const [unit, name] = SIZES.find(([size]) => bytes >= size) || [1, "B"];
    return unit === 1 ? `${bytes} B` : `${(bytes / unit).toFixed(1)} ${name}`;
  }

  function clockText(seconds) {
    const [whole, two] = [Math.floor(seconds), (number) => String(number).padStart(2, "0")];
    const minutes = Math.floor(whole / 60) % 60;
    return whole < 3600 ? `${minutes}:${two(whole % 60)}` : `${Math.floor(whole / 3600)}:${two(minutes)}:${two(whole % 60)}`;
  }

  // `Recording · 1.2 MB · 0:42 · 1,204 messages · kraken 2026-….traffic.gz`; empty when nothing was recorded.
  function recordingText(recording) {
    if (!recording) return "";
    const count = (recording.frames + recording.answers).toLocaleString("en-US");
    const facts = `${sizeText(recording.bytes)} · ${clockText(recording.seconds)} · ${count} messages · ${recording.name}`;
    return `${recording.is_on ? "Recording" : "Recorded"} · ${facts}${recording.fault ? ` · ${recording.fault}` : ""}`;
  }

  const rows = { sizeText, clockText, recordingText, moved, placed, groups, differences, reachText, STATES, TONES, kindText, span, needsKey, stateText, budgetText, facts, withheld, switchText, ordered, cleanSymbol, withSymbol };
  ts.providersRows = rows;
  if (typeof module !== "undefined") module.exports = rows;
})(typeof window === "undefined" ? globalThis : window);
