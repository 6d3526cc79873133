// Market data: the dialog that chooses a market, shows how every provider is, and takes keys.
(function (root) {
  "use strict";
  const ts = (root.tradesim = root.tradesim || {});
  const PANEL = "providers";
  const PANES = ["market", "state", "order", "keys"];
  const POLL_MS = 1000;
  const PATIENCE_MS = 10000;
  if (typeof document === "undefined") return;

  const view = { pane: "market", n: 0, askedAt: 0, timer: 0, opener: null, vendors: [], keys: [], chosen: "simulated", symbols: {}, reached: null, isBusy: false, searchTimer: 0, searchN: 0, testing: new Map(), said: new Map(), taping: new Set() };

  const $ = (id) => document.getElementById(`providers-${id}`);
  const make = (...all) => ts.dom.element(...all);
  const words = () => ts.providersRows;
  const set = (store, data) => root.dash_clientside.set_props(`providers-${store}`, { data });
  const guard = (fn) => ts.boundary.guard(PANEL, fn);
  const element = () => $("dialog");
  const vendorOf = (id) => view.vendors.find((vendor) => vendor.id === id);
  const isStandIn = (id) => Boolean((vendorOf(id) || {}).stands_in);
  // What the panes share; `panes` are made when the page stands.
  const dialog = { view, panes: {}, $, make, words, set, guard, element, presentMarket, vendorOf, isStandIn, show, ask, close };

  // Opening and leaving
  function open(pane = "market", opener = null) {
    view.opener = opener && opener.focus ? opener : null;
    view.said.clear();
    view.answer = null;
    if (!element().open) element().showModal();
    view.chosen = presentMarket();
    show(pane);
    $(`${pane}-tab`).focus();
    ask("market");
    if (view.reached) set("reach-asked", { n: (view.n += 1) });
  }

  // The first visit is told which live markets there are from here; assets/welcome.js has the place for it.
  function askReach() {
    view.reached = null;
    paintReach();
    ask("market");
    set("reach-asked", { n: (view.n += 1) });
  }

  function onReached(data) {
    view.reached = data.reached;
    paintReach();
    dialog.panes.market.paintReach();
  }

  function paintReach() {
    const line = $("reach");
    const text = words().reachText(view.reached, view.keys.some((key) => key.held));
    if (line && line.textContent !== text) line.textContent = text;
  }

  function presentMarket() {
    const { source } = ts.live.state.status;
    return source === "replay" || source === "simulated" ? source : "";
  }

  function close() {
    element().close();
  }

  function onClosed() {
    root.clearInterval(view.timer);
    view.timer = 0;
    for (const input of $("keys").querySelectorAll("input")) input.value = "";
    if (view.opener) view.opener.focus();
  }

  function show(pane) {
    view.pane = pane;
    for (const each of PANES) {
      $(each).hidden = each !== pane;
      $(`${each}-tab`).setAttribute("aria-selected", String(each === pane));
    }
    root.clearInterval(view.timer);
    view.timer = pane === "state" ? root.setInterval(guard(askAgain), POLL_MS) : 0;
    if (pane === "state") ask("state");
  }

  // A question that is still open would be thrown away for the next: a slow server would never be heard.
  function askAgain() {
    if (Date.now() - view.askedAt >= PATIENCE_MS) ask("state");
  }

  function ask(what) {
    if (what === "state" && document.hidden) return;
    view.n += 1;
    view.askedAt = Date.now();
    set("asked", { n: view.n, what, symbol: ts.page.symbol });
  }

  function onTabKey(event) {
    const by = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (!by) return;
    event.preventDefault();
    const pane = PANES[(PANES.indexOf(view.pane) + by + PANES.length) % PANES.length];
    show(pane);
    $(`${pane}-tab`).focus();
  }

  function onRows(data) {
    const { market, order, state, keys } = dialog.panes;
    view.askedAt = 0;
    view.keys = data.keys || view.keys;
    paintReach();
    if (!element().open) return;
    if (data.providers) return state.paint(data);
    view.vendors = data.vendors;
    if (!view.isBusy) market.paint();
    order.paint();
    keys.paint();
  }

  const noUpdate = () => root.dash_clientside.no_update;
  const handler = (fn) => (data) => {
    if (data) guard(fn)(data);
    return noUpdate();
  };
  const of = (pane, name) => handler((data) => dialog.panes[pane][name](data));
  root.dash_clientside = root.dash_clientside || {};
  root.dash_clientside.tradesim_providers = {
    on_rows: handler(onRows),
    on_tested: of("state", "onTested"),
    on_recorded: of("state", "onRecorded"),
    on_found: of("market", "onFound"),
    on_reached: handler(onReached),
    on_preferred: of("order", "onPreferred"),
    on_kept: of("keys", "onKept"),
  };

  function start() {
    for (const pane of PANES) dialog.panes[pane] = ts.providersPanes[pane](dialog);
    $("close").addEventListener("click", close);
    element().addEventListener("close", guard(onClosed));
    element().addEventListener("click", (event) => event.target === element() && close());
    $("tabs").addEventListener("keydown", guard(onTabKey));
    for (const pane of PANES) $(`${pane}-tab`).addEventListener("click", guard(() => show(pane)));
    ts.page.on("open-providers", (asked) => open((asked && asked.pane) || "market", asked && asked.opener));
    ts.keys.add("shift+m", "Choose a market; providers and keys", guard(() => open()), { group: "Market" });
    ts.page.on("ask-reach", guard(askReach));
  }

  document.addEventListener("DOMContentLoaded", () => ts.page.ready(start));
})(typeof window === "undefined" ? globalThis : window);
