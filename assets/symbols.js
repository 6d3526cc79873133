// Symbols beyond those of the open market: a live one takes up what its providers list.
(function (root) {
  "use strict";
  const ts = (root.tradesim = root.tradesim || {});
  const WRITTEN = /^[A-Z0-9][A-Z0-9./_-]{0,23}$/;
  const TYPING_MS = 300;
  const SHORTEST = 2;
  const MOST = 12;

  // What of `found` is an answer to `query` and not in the market, then the query itself where it may be a symbol.
  function beyond(query, found, instruments) {
    const rows = found.text === query.trim() ? found.rows : [];
    const listed = rows.map((row) => row.symbol).filter((symbol) => !instruments[symbol]);
    const typed = query.trim().toUpperCase();
    const isNew = WRITTEN.test(typed) && !instruments[typed] && !listed.includes(typed);
    return [...listed.slice(0, MOST), ...(isNew ? [typed] : [])];
  }

  // The name beside a symbol in a list.
  function nameOf(symbol, found, instruments) {
    if (instruments[symbol]) return instruments[symbol].name;
    const row = found.rows.find((each) => each.symbol === symbol);
    return row ? `${row.name} · adds it` : "Ask for it and add it";
  }

  if (typeof module !== "undefined") module.exports = { beyond, nameOf };

  let found = { text: "", rows: [] };
  let asking = null;
  let count = 0;
  const fields = new Set();
  const waiting = new Map();
  const set = (store, data) => root.dash_clientside.set_props("symbols-" + store, { data });
  const isLive = () => ts.sourceChip.LIVE.has(ts.live.state.status.source);

  function onTyped(field) {
    root.clearTimeout(asking);
    const text = field.input.value.trim();
    if (isLive() && text.length >= SHORTEST) asking = root.setTimeout(() => set("typed", { n: ++count, text }), TYPING_MS);
  }

  function onFound(answer) {
    if (!answer || answer.n !== count) return;
    found = { text: answer.text, rows: answer.found };
    for (const field of fields) if (field.input.value.trim() === answer.text) field.refresh();
  }

  function onAdded(answer) {
    const wish = answer && waiting.get(answer.n);
    if (!wish) return;
    wish.isAnswered = true;
    if (!answer.ok) {
      waiting.delete(answer.n);
      ts.page.toast("bad", answer.message);
      wish.resolve(false);
    }
    settle();
  }

  // What was added is there once the page has its steps of price and size.
  function settle() {
    for (const [n, wish] of waiting) {
      if (!wish.isAnswered || !ts.page.instruments[wish.symbol]) continue;
      waiting.delete(n);
      wish.resolve(true);
    }
  }

  ts.symbols = {
    beyond: (query) => (isLive() ? beyond(query, found, ts.page.instruments) : []),
    nameOf: (symbol) => nameOf(symbol, found, ts.page.instruments),
    // A field with a list whose answers come from the providers too, as one types.
    attend(field) {
      fields.add(field);
      field.input.addEventListener("input", () => onTyped(field));
      return field;
    },
    // Resolves with true once `symbol` is an instrument of the market: at once where it is, else after it was added.
    listed(symbol) {
      if (ts.page.instruments[symbol]) return Promise.resolve(true);
      ts.page.toast("info", `Asking for ${symbol}…`);
      const n = `${symbol} ${Date.now()}`;
      return new Promise((resolve) => {
        waiting.set(n, { symbol, resolve, isAnswered: false });
        set("wished", { n, symbol });
      });
    },
  };
  const quiet = (fn) => (data) => {
    fn(data);
    return root.dash_clientside.no_update;
  };
  root.dash_clientside = root.dash_clientside || {};
  root.dash_clientside.tradesim_symbols = { on_found: quiet(onFound), on_added: quiet(onAdded) };
  if (typeof document === "undefined") return;

  // The server's list grew: what the page must know of each comes from there.
  function onStatus() {
    const { session, symbols } = ts.live.state.status;
    const isSame = !symbols || session !== ts.page.session || symbols.join() === Object.keys(ts.page.instruments).join();
    if (!isSame) root.dash_clientside.set_props("listed", { data: symbols });
  }

  document.addEventListener("DOMContentLoaded", () =>
    ts.page.ready(() => {
      ts.page.onInstruments(settle);
      ts.live.on("status", onStatus);
    }),
  );
})(typeof window === "undefined" ? globalThis : window);
