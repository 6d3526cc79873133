// What all panels share of the page: chosen symbol, instruments, theme, kept settings, toasts, and when the page is there.
(function (root) {
  "use strict";
  const ts = (root.tradesim = root.tradesim || {});
  const PREFIX = "tradesim:";
  const LATER_MS = 500;

  function listeners() {
    const all = [];
    const on = (fn) => {
      all.push(fn);
      return () => all.splice(all.indexOf(fn), 1);
    };
    on.tell = (...args) => {
      for (const fn of [...all]) contained(fn, args);
    };
    return on;
  }

  // One listener's error is its own; the others still hear.
  function contained(fn, args) {
    try {
      fn(...args);
    } catch (error) {
      if (root.reportError) root.reportError(error);
      else throw error;
    }
  }

  // At once when the server is there, else when it is back.
  function connected(fn) {
    if (!ts.live || ts.live.state.connection.state === "live") {
      fn();
      return;
    }
    const stop = ts.live.on("connection", () => {
      if (ts.live.state.connection.state !== "live") return;
      stop();
      fn();
    });
  }

  function storage(kind = "localStorage") {
    try {
      return root[kind] || null;
    } catch {
      return null;
    }
  }

  // What this window alone keeps; a new window begins with what any window kept last.
  function storedHere(key, otherwise) {
    try {
      const text = storage("sessionStorage").getItem(PREFIX + key);
      return text === null || text === undefined ? stored(key, otherwise) : JSON.parse(text);
    } catch {
      return stored(key, otherwise);
    }
  }

  function storeHere(key, value) {
    store(key, value);
    try {
      storage("sessionStorage").setItem(PREFIX + key, JSON.stringify(value));
    } catch {
      // A browser that keeps nothing forgets it with the page.
    }
  }

  function stored(key, otherwise) {
    try {
      const text = storage() && storage().getItem(PREFIX + key);
      return text === null || text === undefined ? otherwise : JSON.parse(text);
    } catch {
      return otherwise;
    }
  }

  function store(key, value) {
    try {
      if (value === undefined || value === null) storage().removeItem(PREFIX + key);
      else storage().setItem(PREFIX + key, JSON.stringify(value));
      return true;
    } catch {
      return false;
    }
  }

  // What was asked for when the market has it, else what was chosen last, else the market's first.
  function firstSymbol(instruments, ...wishes) {
    return wishes.find((symbol) => symbol && instruments[symbol]) || Object.keys(instruments)[0] || null;
  }

  const symbolHeard = listeners();
  const instrumentsHeard = listeners();
  const themeHeard = listeners();
  const accountHeard = listeners();
  const heard = new Map();
  const colors = new Map();
  const whenReady = [];
  const state = { isReady: false, readyAt: 0 };

  const page = (ts.page = {
    symbol: null,
    // Id of the chosen account; empty for the open market's own.
    account: storedHere("account", ""),
    instruments: {},
    session: null,
    versions: {},
    theme: "dark",
    palette: "usual",
    query: new URLSearchParams(root.location ? root.location.search : ""),
    onSymbol: symbolHeard,
    onInstruments: instrumentsHeard,
    onTheme: themeHeard,
    onAccount: accountHeard,
    store,
    stored,
    // Calls back when the panels are in the document and the instruments are known; at once when they already are.
    ready(fn) {
      if (state.isReady) contained(fn, []);
      else whenReady.push(fn);
    },
    // Calls back a while after that, when the server is there: for what is fetched, takes the browser long to read and nobody waits for.
    later(fn) {
      const wait = () => Math.max(0, state.readyAt + LATER_MS - Date.now());
      page.ready(() => root.setTimeout(() => connected(() => contained(fn, [])), wait()));
    },
    choose(symbol) {
      if (!symbol || symbol === page.symbol || !page.instruments[symbol]) return;
      page.symbol = symbol;
      store("symbol", symbol);
      symbolHeard.tell(symbol);
    },
    chooseAccount(id) {
      if (id === page.account) return;
      page.account = id;
      storeHere("account", id);
      accountHeard.tell(id);
    },
    // Between panels: page.emit("price-chosen", {...}) reaches every page.on("price-chosen", fn).
    on(event, fn) {
      if (!heard.has(event)) heard.set(event, listeners());
      return heard.get(event)(fn);
    },
    emit(event, data) {
      if (heard.has(event)) heard.get(event).tell(data);
    },
    setInstruments(instruments, session) {
      const isOtherMarket = session !== undefined && session !== page.session;
      page.instruments = instruments || {};
      if (isOtherMarket) page.session = session;
      const symbol = firstSymbol(page.instruments, page.symbol, page.query.get("symbol"), stored("symbol", null));
      const isOtherSymbol = symbol !== page.symbol;
      page.symbol = symbol;
      instrumentsHeard.tell(page.instruments, isOtherMarket);
      if (isOtherSymbol) symbolHeard.tell(symbol);
      becomeReady();
    },
    color(name) {
      if (!colors.has(name)) colors.set(name, getComputedStyle(document.documentElement).getPropertyValue("--" + name).trim());
      return colors.get(name);
    },
    toast(kind, text) {
      page.emit("toast", { kind, text });
    },
    prefersLessMotion: () => Boolean(root.matchMedia && root.matchMedia("(prefers-reduced-motion: reduce)").matches),
  });

  function becomeReady() {
    if (state.isReady || !page.symbol) return;
    if (typeof document !== "undefined" && !document.getElementById("desk")) return;
    state.isReady = true;
    state.readyAt = Date.now();
    for (const fn of whenReady.splice(0)) contained(fn, []);
  }

  if (typeof module !== "undefined") module.exports = { firstSymbol, listeners, stored, store, storedHere, page };
  if (typeof document === "undefined") return;

  const systemTheme = root.matchMedia("(prefers-color-scheme: light)");

  // "system" until the person chooses; the page's first theme was set before the first paint, in the document's head.
  function applyTheme() {
    const choice = stored("theme", "system");
    page.theme = choice === "system" ? (systemTheme.matches ? "light" : "dark") : choice;
    page.palette = stored("palette", "usual");
    const html = document.documentElement;
    html.dataset.theme = page.theme;
    html.dataset.bsTheme = page.theme;
    html.dataset.palette = page.palette;
    colors.clear();
    themeHeard.tell(page.theme, page.palette);
    tellLook();
    if (ts.painter) ts.painter.dirtyAll();
  }

  function tellLook() {
    tellDash("look", { theme: page.theme, palette: page.palette });
  }

  page.setTheme = function setTheme(choice) {
    store("theme", choice === "system" ? null : choice);
    applyTheme();
  };
  page.setPalette = function setPalette(choice) {
    store("palette", choice === "usual" ? null : choice);
    applyTheme();
  };

  systemTheme.addEventListener("change", applyTheme);
  root.addEventListener("storage", (event) => {
    if (event.key === PREFIX + "theme" || event.key === PREFIX + "palette") applyTheme();
  });
  applyTheme();

  function showInUrl(symbol) {
    const url = new URL(root.location.href);
    if (url.searchParams.get("symbol") === symbol) return;
    url.searchParams.set("symbol", symbol);
    root.history.replaceState(root.history.state, "", url);
  }

  // Before the page is made its stores are not there.
  function tellDash(store, data) {
    page.ready(() => root.dash_clientside.set_props(store, { data }));
  }

  accountHeard((id) => tellDash("account", id));
  if (page.account) tellDash("account", page.account);

  symbolHeard((symbol) => {
    if (!symbol) return;
    showInUrl(symbol);
    tellDash("symbol", symbol);
  });

  const noUpdate = () => root.dash_clientside.no_update;
  root.dash_clientside = root.dash_clientside || {};
  root.dash_clientside.tradesim_page = {
    on_instruments(instruments, session, versions) {
      page.versions = versions || {};
      page.setInstruments(instruments, session);
      return noUpdate();
    },
    on_symbol(symbol) {
      if (symbol) page.choose(symbol);
      return noUpdate();
    },
    on_fault(fault) {
      if (fault && fault.panel) ts.boundary.fail(fault.panel, { message: fault.message, stack: fault.stack || "" });
      return noUpdate();
    },
    on_notice(notice) {
      if (notice && notice.text) page.toast(notice.kind || "info", notice.text);
      return noUpdate();
    },
  };
})(typeof window === "undefined" ? globalThis : window);
