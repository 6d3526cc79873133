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
      ["Questions asked", `${row.requests.toLocaleString("en-US")}, ${row.errors.toLocaleString("en-US")} failed`],
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

  const rows = { STATES, TONES, kindText, span, needsKey, stateText, budgetText, facts, withheld, switchText, ordered, cleanSymbol, withSymbol };
  ts.providersRows = rows;
  if (typeof module !== "undefined") module.exports = rows;
})(typeof window === "undefined" ? globalThis : window);
