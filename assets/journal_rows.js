// The journal's rows: which are shown, what the open ones are worth now, and how tags and setups are told apart. Pure.
(function (root) {
  "use strict";
  const ts = (root.tradesim = root.tradesim || {});
  const SETUP = "setup:";
  const GIVE_WAY = ["note", "tags", "setup", "r", "hold", "entry", "exit", "qty", "return"];
  const ALL = { symbol: "", side: "", result: "", tag: "", since: "", until: "" };

  const isOpen = (row) => row.exitAt === null;

  // Tags as the journal keeps them, apart: {setup, tags}.
  function apart(tags) {
    const named = tags.find((tag) => tag.startsWith(SETUP));
    return { setup: named ? named.slice(SETUP.length).trim() : "", tags: tags.filter((tag) => !tag.startsWith(SETUP)) };
  }

  function together({ setup, tags }) {
    return setup.trim() ? [SETUP + setup.trim(), ...tags] : [...tags];
  }

  // `tags` with another one, once, without a comma or spaces around it.
  function withTag(tags, text) {
    const tag = text.replace(/,/g, " ").trim();
    return !tag || tags.includes(tag) ? tags : [...tags, tag];
  }

  // Every word that is said of a trip, for the filter and the table: the order's own tag first.
  function words(row) {
    const own = row.tag && !row.tag.startsWith(SETUP) ? [row.tag] : [];
    return [...new Set([...own, ...apart(row.tags).tags])];
  }

  function resultOf(row) {
    if (isOpen(row)) return "open";
    return row.net > 0 ? "won" : row.net < 0 ? "lost" : "even";
  }

  // `dateOf(ms)` gives YYYY-MM-DD in the market's zone. An open trip counts from the day it was entered.
  function matches(row, filters, dateOf) {
    const { symbol, side, result, tag, since, until } = { ...ALL, ...filters };
    if ((symbol && row.symbol !== symbol) || (side && row.side !== side)) return false;
    if (result && resultOf(row) !== result) return false;
    if (tag && !(tag.startsWith(SETUP) ? row.setup === tag.slice(SETUP.length) : words(row).includes(tag))) return false;
    if (!since && !until) return true;
    const day = dateOf(isOpen(row) ? row.entryAt : row.exitAt);
    return (!since || day >= since) && (!until || day <= until);
  }

  const isFiltered = (filters) => Object.keys(ALL).some((name) => filters[name]);

  // The choices that the rows offer: {symbols, tags, setups}, sorted.
  function offered(rows) {
    const sorted = (all) => [...new Set(all)].filter(Boolean).sort((a, b) => a.localeCompare(b));
    return { symbols: sorted(rows.map((row) => row.symbol)), tags: sorted(rows.flatMap(words)), setups: sorted(rows.map((row) => row.setup)) };
  }

  // An open trip at `mark`, at market time `now`: all that came in less all that went out, the rest at the mark.
  function atMark(row, mark, now) {
    if (!isOpen(row) || mark === null || mark === undefined) return row;
    const sign = row.side === "Long" ? 1 : -1;
    const net = sign * (row.exitQty * (row.exit || 0) - row.qty * row.entry) + row.left * Number(mark) - row.fees;
    return { ...row, mark: Number(mark), net, return: (net / (row.qty * row.entry)) * 100, hold: Math.max(0, Math.floor((now - row.entryAt) / 1000) * 1000) };
  }

  // Open trips are newer than all closed ones.
  function openFirst(one, other) {
    if (one === other) return 0;
    if (one === null || one === undefined) return 1;
    if (other === null || other === undefined) return -1;
    return one - other;
  }

  // 12 min, 3 h 20 min: as the server writes it.
  function held(ms) {
    if (ms === null || ms === undefined) return "–";
    const seconds = Math.floor(ms / 1000);
    if (seconds < 120) return `${seconds} s`;
    const minutes = Math.floor(seconds / 60);
    if (minutes < 120) return `${minutes} min`;
    const hours = Math.floor(minutes / 60);
    if (hours < 48) return `${hours} h${minutes % 60 ? ` ${minutes % 60} min` : ""}`;
    return `${Math.floor(hours / 24)} d${hours % 24 ? ` ${hours % 24} h` : ""}`;
  }

  // Which columns stand in a table `room` px wide: `columns` are [name, least width] of all of them.
  function columnsFor(columns, room) {
    const widths = new Map(columns);
    let wanted = columns.reduce((sum, [, width]) => sum + width, 0);
    const hidden = [];
    for (const name of GIVE_WAY) {
      if (wanted <= room) break;
      hidden.push(name);
      wanted -= widths.get(name);
    }
    return { shown: columns.map(([name]) => name).filter((name) => !hidden.includes(name)), hidden };
  }

  function isSameWords(one, other) {
    return one.note === other.note && one.tags.length === other.tags.length && one.tags.every((tag, at) => tag === other.tags[at]);
  }

  ts.journalRows = { SETUP, isOpen, apart, together, withTag, words, resultOf, matches, isFiltered, offered, atMark, openFirst, held, columnsFor, isSameWords };
  if (typeof module !== "undefined") module.exports = ts.journalRows;
})(typeof window === "undefined" ? globalThis : window);
