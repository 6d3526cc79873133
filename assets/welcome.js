// The first visit: the market moves at once, and a strip below the header says what else there is. It hides nothing.
(function (root) {
  "use strict";
  const ts = (root.tradesim = root.tradesim || {});
  const KEPT = "welcomed";

  // Whether the strip has something to say: to who has not put it away, where the market is the simulated one.
  const isDue = (isWelcomed, isSolo, source) => !isWelcomed && !isSolo && source === "simulated";

  if (typeof module !== "undefined") module.exports = { isDue };
  if (typeof document === "undefined") return;

  const make = (...all) => ts.dom.element(...all);
  const guard = (fn) => ts.boundary.guard("header", fn);
  const strip = () => document.getElementById("welcome");
  const source = () => ts.live.state.status.source;

  function action(text, act) {
    return make("button", { type: "button", class: "quiet-button", onclick: guard(act) }, text);
  }

  function show() {
    if (strip()) return;
    const words = make(
      "p",
      { class: "welcome-words" },
      make("b", {}, "Welcome. This market is simulated and already running: trade in it."),
      " ",
      make("span", { id: "providers-reach", role: "status" }),
    );
    const choices = make(
      "div",
      { class: "welcome-choices" },
      action("Live market…", () => ts.page.emit("open-providers", { pane: "market" })),
      action("Replay a recording…", () => ts.page.emit("open-replay")),
      make("button", { type: "button", id: "welcome-close", class: "icon-button", title: "Put this away; the badge in the header has it all", "aria-label": "Put this away", onclick: guard(leave) }, make("i", { class: "bi bi-x-lg", "aria-hidden": "true" })),
    );
    document.getElementById("header").append(make("aside", { id: "welcome", "aria-label": "Welcome" }, words, choices));
    ts.page.emit("ask-reach");
    root.dispatchEvent(new Event("resize"));
  }

  // For good: the badge in the header leads to the same choices.
  function leave() {
    ts.page.store(KEPT, true);
    if (!strip()) return;
    strip().remove();
    root.dispatchEvent(new Event("resize"));
  }

  function onStatus() {
    if (!source()) return;
    if (isDue(ts.page.stored(KEPT, false), ts.page.isSolo(), source())) show();
    else if (strip()) leave();
  }

  function start() {
    ts.live.on("status", guard(onStatus));
    onStatus();
  }

  ts.welcome = { leave };
  document.addEventListener("DOMContentLoaded", () => ts.page.ready(start));
})(typeof window === "undefined" ? globalThis : window);
