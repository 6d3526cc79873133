// The badge on every panel that shows data: whose word it is and, of a live market, how old it is for the chosen symbol.
(function (root) {
  "use strict";
  const ts = (root.tradesim = root.tradesim || {});
  const LIVE = new Set(["live", "delayed", "stale", "resync"]);
  const CONNECTED = new Set(["live", "connecting"]);
  // Which of the two words a panel shows: bid, ask and book, or the trades.
  const WORD = { watchlist: "quote", ladder: "quote", depth: "quote", ticket: "quote", chart: "trades", tape: "trades" };

  // Whole units, so that it counts and does not flicker: `<1 s`, `7 s`, `3 min`, `2 h`.
  function ageText(ms) {
    if (ms === null || ms === undefined) return "";
    const seconds = Math.max(0, ms) / 1000;
    if (seconds < 1) return "<1 s";
    if (seconds < 120) return Math.floor(seconds) + " s";
    return seconds < 7200 ? Math.floor(seconds / 60) + " min" : Math.floor(seconds / 3600) + " h";
  }

  function own(source, title) {
    if (source === "simulated") return "Simulated";
    return source === "replay" ? `Replay ${title || ""}`.trim() : "Connecting";
  }

  function wordOf(feed, word) {
    // Delayed, late and end-of-day words are as old as the moment they are about, however lately they were heard.
    const isTrades = word === "trades" && feed.t;
    return isTrades ? { what: "Trades", by: feed.t, at: feed.to || feed.ta } : { what: "Prices", by: feed.q, at: feed.qo || feed.qa };
  }

  // {tone, name, age, says}: tone is quiet, live, delayed, paused or stale; `says` is the whole sentence.
  function chip(status, connection, feed, word, now) {
    const isConnected = CONNECTED.has(connection.state);
    if (!LIVE.has(status.source)) {
      const name = own(status.source, status.title);
      const isStopped = status.source === "simulated" && status.playing === false;
      if (isConnected && isStopped) return { tone: "paused", name, age: "paused", says: `${name} market; it is paused` };
      return isConnected ? { tone: "quiet", name, age: "", says: `${name} market` } : { tone: "stale", name, age: "not connected", says: `${name} market; the page is not connected` };
    }
    if (!feed || !feed.q) return { tone: "stale", name: "Nobody yet", age: "", says: "No provider has given this symbol yet" };
    const { what, by, at } = wordOf(feed, word);
    const old = at === null || at === undefined ? null : now - at;
    // What the page has not heard of for so long is stale, whatever was said last.
    const isClosed = feed.max === null;
    const limit = isClosed || feed.max === undefined ? Infinity : feed.max * 1000;
    const isStale = feed.k === "stale" || !isConnected || now - feed.qa > limit;
    const age = ageText(old) || "not heard yet";
    const says = `${what} from ${by}, ${old === null ? age : age + " old"}`;
    if (isStale) return { tone: "stale", name: by, age: `stale, ${age}`, says: says + "; stale, not live" };
    if (feed.k === "resync") return { tone: "stale", name: by, age: `resync, ${age}`, says: says + "; being fetched again, not to be trusted yet" };
    if (isClosed) return { tone: "quiet", name: by, age: `closed, ${age}`, says: says + "; the market is closed" };
    return { tone: feed.k, name: by, age, says: feed.k === "delayed" ? says + "; delayed" : says };
  }

  // What is to be said of a symbol now.
  function of(symbol, word) {
    const { status, connection, feeds } = ts.live.state;
    return chip(status, connection, feeds[symbol], word, (ts.live.marketNow() || status.now || 0) + ts.live.silence());
  }

  const chips = { LIVE, ageText, chip, of };
  ts.sourceChip = chips;
  if (typeof module !== "undefined") module.exports = chips;
  if (typeof document === "undefined") return;

  const places = {
    watchlist: (panel, at) => panel.append(at),
    chart: (panel, at) => document.getElementById("chart-stage").append(at),
    ladder: (panel, at) => panel.append(at),
    depth: (panel, at) => panel.append(at),
    tape: (panel, at) => panel.append(at),
    ticket: (_panel, at) => document.getElementById("ticket-one-click").before(at),
  };

  function make(panel) {
    const name = ts.dom.element("span", { class: "source-name" });
    const age = ts.dom.element("span", { class: "source-old" });
    const at = ts.dom.element("div", { class: `source-chip is-in-${panel}`, "data-tone": "quiet" }, ts.dom.element("span", { class: "source-dot", "aria-hidden": "true" }), name, age);
    return { at, name, age };
  }

  function put(element, text) {
    if (element.textContent !== text) element.textContent = text;
  }

  function painter(panel, parts) {
    return () => {
      const found = of(ts.page.symbol, WORD[panel]);
      if (parts.at.dataset.tone !== found.tone) parts.at.dataset.tone = found.tone;
      put(parts.name, found.name);
      put(parts.age, found.age);
      if (parts.at.title !== found.says) parts.at.title = found.says;
    };
  }

  function start() {
    const names = [];
    for (const panel of Object.keys(WORD)) {
      const at = document.getElementById(panel);
      if (!at) continue;
      const name = `${panel}:source`;
      ts.boundary.guard(panel, () => {
        const parts = make(panel);
        places[panel](at, parts.at);
        ts.painter.add(name, painter(panel, parts));
        names.push(name);
      })();
    }
    const repaint = () => names.forEach((name) => ts.painter.dirty(name));
    ts.live.want("source-chip", ["feeds"]);
    for (const kind of ["status", "feeds", "connection"]) ts.live.on(kind, repaint);
    ts.page.onSymbol(repaint);
    root.setInterval(repaint, 500);
    repaint();
  }

  document.addEventListener("DOMContentLoaded", () => ts.page.ready(start));
})(typeof window === "undefined" ? globalThis : window);
