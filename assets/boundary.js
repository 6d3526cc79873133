// A panel that fails shows its own sentence, a retry and its details; the page and the other panels live on.
(function (root) {
  "use strict";
  const ts = (root.tradesim = root.tradesim || {});
  const KEPT = 20;

  function messageOf(error) {
    const text = error && error.message ? String(error.message) : String(error);
    return text.replace(/\s+/g, " ").trim() || "no reason given";
  }

  function sentence(title, error) {
    return title + " stopped: " + messageOf(error) + ".";
  }

  // The panel whose script stands highest in the stack, when there is one; `chart_axes.js` is the chart's.
  function panelFromStack(stack, panels) {
    for (const [, name] of String(stack || "").matchAll(/\/([a-z]+)(?:_\w+)?\.js/g)) if (panels.includes(name)) return name;
    return null;
  }

  // The browser says these of itself; nothing is broken.
  function isHarmless(error) {
    const text = messageOf(error);
    return text.startsWith("ResizeObserver loop") || Boolean(error && error.name === "AbortError");
  }

  function makeBoundary({ show, clear, note, repaint, now }) {
    const failures = new Map();
    const retries = new Map();
    const toBreak = new Set();
    const log = [];
    const counts = {};

    function record(panel, error) {
      counts[panel] = (counts[panel] || 0) + 1;
      log.push({ at: now(), panel, message: messageOf(error), stack: String((error && error.stack) || "") });
      if (log.length > KEPT) log.shift();
    }

    function fail(panel, error) {
      record(panel, error);
      if (failures.has(panel)) return;
      failures.set(panel, error);
      show(panel, error);
    }

    function probe(panel) {
      if (toBreak.delete(panel)) throw new Error("broken on purpose, for a test");
    }

    function guard(panel, fn, isPainting = false) {
      return function guarded(...args) {
        try {
          if (isPainting) probe(panel);
          const outcome = fn.apply(this, args);
          if (outcome && typeof outcome.then === "function") return outcome.then((value) => value, (error) => fail(panel, error));
          return outcome;
        } catch (error) {
          fail(panel, error);
          return undefined;
        }
      };
    }

    return {
      log,
      counts,
      fail,
      record,
      guard,
      isFailed: (panel) => failures.has(panel),
      failure: (panel) => failures.get(panel) || null,
      onRetry(panel, fn) {
        retries.set(panel, [...(retries.get(panel) || []), fn]);
      },
      retry(panel) {
        failures.delete(panel);
        clear(panel);
        for (const fn of retries.get(panel) || []) guard(panel, fn)();
        if (!failures.has(panel)) repaint(panel);
      },
      fallback: (panel, text) => note(panel, text || ""),
      break(panel) {
        toBreak.add(panel);
        repaint(panel);
      },
    };
  }

  const screen = {};
  ts.boundary = makeBoundary({
    show: (panel, error) => screen.show && screen.show(panel, error),
    clear: (panel) => screen.clear && screen.clear(panel),
    note: (panel, text) => screen.note && screen.note(panel, text),
    repaint: (panel) => ts.painter && ts.painter.dirtyPanel(panel),
    now: () => Date.now(),
  });

  if (typeof module !== "undefined") module.exports = { makeBoundary, messageOf, sentence, panelFromStack, isHarmless };
  if (typeof document === "undefined") return;

  function titled(panel) {
    const element = document.getElementById(panel);
    return (element && element.getAttribute("aria-label")) || panel.charAt(0).toUpperCase() + panel.slice(1);
  }

  function button(text, onClick) {
    const element = document.createElement("button");
    element.type = "button";
    element.className = "quiet-button";
    element.textContent = text;
    element.addEventListener("click", onClick);
    return element;
  }

  function part(panel, kind) {
    const host = document.getElementById(panel);
    return host && [...host.children].find((child) => child.classList.contains(kind));
  }

  function details(panel, error) {
    const page = ts.page || {};
    return JSON.stringify(
      {
        panel,
        error: messageOf(error),
        stack: String((error && error.stack) || "").split("\n"),
        at: new Date().toISOString(),
        symbol: page.symbol,
        versions: page.versions || {},
        browser: navigator.userAgent,
        connection: ts.live && ts.live.state ? ts.live.state.connection : null,
        counts: ts.boundary.counts,
        recent: ts.boundary.log,
      },
      null,
      2,
    );
  }

  function copyByHand(text) {
    const area = document.createElement("textarea");
    area.value = text;
    document.body.append(area);
    area.select();
    const done = document.execCommand("copy");
    area.remove();
    return done;
  }

  async function copied(text) {
    try {
      await navigator.clipboard.writeText(text);
      return true;
    } catch {
      return copyByHand(text);
    }
  }

  ts.boundary.copy = async function copy(text) {
    const done = await copied(text);
    ts.page.toast(done ? "good" : "bad", done ? "Details copied." : "The browser did not allow copying; the details are in its console.");
    if (!done) console.info(text);
  };

  // The server could not build it and its place already says why; what fails here is only what follows from that.
  function wasNeverBuilt(host) {
    return Boolean(host.querySelector(":scope > .panel-fault[data-by=server]"));
  }

  screen.show = function show(panel, error) {
    const host = document.getElementById(panel);
    if (!host || wasNeverBuilt(host)) return;
    screen.clear(panel);
    const text = document.createElement("p");
    text.textContent = sentence(titled(panel), error);
    const actions = document.createElement("div");
    actions.className = "panel-fault-actions";
    actions.append(button("Retry", () => ts.boundary.retry(panel)), button("Copy details", () => ts.boundary.copy(details(panel, error))));
    const box = document.createElement("div");
    box.className = "panel-fault";
    box.setAttribute("role", "alert");
    box.append(text, actions);
    host.classList.add("is-failed");
    host.append(box);
  };

  screen.clear = function clear(panel) {
    const box = part(panel, "panel-fault");
    if (box) box.remove();
    const host = document.getElementById(panel);
    if (host) host.classList.remove("is-failed");
  };

  screen.note = function note(panel, text) {
    const host = document.getElementById(panel);
    if (!host) return;
    let strip = part(panel, "panel-note");
    if (!text) {
      if (strip) strip.remove();
      return;
    }
    if (!strip) {
      strip = document.createElement("div");
      strip.className = "panel-note";
      strip.setAttribute("role", "status");
      strip.append(document.createElement("span"), button("Retry", () => ts.boundary.retry(panel)));
      host.append(strip);
    }
    strip.firstChild.textContent = text;
  };

  const panels = () => [...document.querySelectorAll(".panel[id]")].map((element) => element.id);

  function onStray(error, where) {
    if (!error || isHarmless(error)) return;
    const panel = panelFromStack((error && error.stack) || where, panels());
    if (panel) ts.boundary.fail(panel, error);
    else ts.boundary.record("page", error);
  }

  root.addEventListener("error", (event) => onStray(event.error, event.filename));
  root.addEventListener("unhandledrejection", (event) => onStray(event.reason, ""));
})(typeof window === "undefined" ? globalThis : window);
